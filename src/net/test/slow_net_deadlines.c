/* SPDX-License-Identifier: Apache-2.0 */
/* Slow clients are cut off by absolute deadlines, though they never fall silent. */
#include "net/test/raw.h"

enum { HEAD_US = 600000, BODY_US = 1000000, IDLE_US = 2000000 };

static struct ctx *c;
static struct http_server *server;
static int port;

static int setup(void **state)
{
    (void)state;
    c = test_ctx();
    struct http_options o = raw_options();
    o.head_deadline_us = HEAD_US;
    o.body_deadline_us = BODY_US;
    o.idle_us = IDLE_US;
    server = raw_server(c, &o);
    port = http_server_port(server);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    http_server_stop(server, 1000000);
    arena_end(c->arena);
    return 0;
}

/* What a client does takes steps of 50 ms, and steps are counted: a machine that stands still makes
   none. */
enum { BYTE_US = 50000 };

/* Sends a byte a step until cut off; how many, or -1. */
static int dribble(int fd)
{
    char byte;
    for (int n = 0; n < 6000000 / BYTE_US; n++)
        if (!raw_text(fd, "a") || raw_more(fd, &byte, 1, BYTE_US / 1000) == 0)
            return n;
    return -1;
}

/* Waits until it is closed; how many steps, or -1. */
static int outlasts(int fd)
{
    char byte;
    for (int n = 0; n < 20000000 / BYTE_US; n++)
        if (raw_more(fd, &byte, 1, BYTE_US / 1000) == 0)
            return n;
    return -1;
}

/* Cut off after least_us, and before so many bytes as a slow client sends in most_us. */
static void cut_between(int fd, int64_t began_us, int64_t least_us, int64_t most_us)
{
    int sent = dribble(fd);
    assert_in_range(sent, 0, most_us / BYTE_US);
    assert_true(sys_mono_us() - began_us >= least_us);
    close(fd);
}

static void cuts(const char *begin, int64_t least_us, int64_t most_us)
{
    int64_t began_us = sys_mono_us();
    int fd = raw_connect(port);
    raw_text(fd, begin);
    cut_between(fd, began_us, least_us, most_us);
    assert_int_equal(http_server_stats(server).refused_slow, 1);
}

static void test_slow_head(void **state)
{
    (void)state;
    cuts("GET / HTTP/1.1\r\nHost: x\r\nA: ", HEAD_US - 100000, HEAD_US + 2000000);
}

static void test_slow_request_line(void **state)
{
    (void)state;
    cuts("GET /", HEAD_US - 100000, HEAD_US + 2000000);
}

static void test_slow_body(void **state)
{
    (void)state;
    cuts("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n", BODY_US - 100000,
         BODY_US + 2000000);
}

static void test_slow_second_head(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    raw_text(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(raw_read(fd, RAW_WAIT_MS).status, 200);
    usleep(300000);
    int64_t began_us = sys_mono_us();
    raw_text(fd, "G");
    cut_between(fd, began_us, 300000, HEAD_US + 2000000);
}

/* Takes a byte now and then of 8 MiB: the kernel's buffers fill, then nothing moves. */
static void test_slow_reader(void **state)
{
    (void)state;
    int fd = raw_connect(port), small = 4096;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    raw_text(fd, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
    char byte;
    for (int i = 0; i < 100 && !http_server_stats(server).refused_slow; i++) {
        raw_more(fd, &byte, 1, 50);
        usleep(50000);
    }
    assert_int_equal(http_server_stats(server).refused_slow, 1);
    close(fd);
}

/* 60 bytes each 50 ms; the longest pause between two. */
static int64_t steadily(int fd)
{
    int64_t longest = 0, before = sys_mono_us(), now;
    raw_text(fd, "POST /bytes HTTP/1.1\r\nHost: x\r\nContent-Length: 2400\r\n\r\n");
    for (int i = 0; i < 40; i++, before = now) {
        raw_text(fd, "123456789012345678901234567890123456789012345678901234567890");
        usleep(BYTE_US);
        now = sys_mono_us();
        longest = now - before > longest ? now - before : longest;
    }
    return longest;
}

/* More than the floor of 500 bytes a second: slow, and let be. One that a busy machine held up
   isn't steady. */
static void test_a_steady_body_is_let_be(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    for (int i = 0; i < 10 && steadily(fd) > 300000; i++) {
        close(fd);
        fd = raw_connect(port);
    }
    assert_string_equal(raw_read(fd, RAW_WAIT_MS).body, "2400 memory");
    close(fd);
}

static void test_a_slow_handler_is_let_be(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    atomic_store(&raw_release, false);
    raw_text(fd, "GET /held?x HTTP/1.1\r\nHost: x\r\n\r\n");
    usleep(2 * BODY_US);
    atomic_store(&raw_release, true);
    assert_string_equal(raw_read(fd, RAW_WAIT_MS).body, "later x");
    close(fd);
}

static void test_idle_connection_ends(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    int64_t began_us = sys_mono_us();
    raw_text(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(raw_read(fd, RAW_WAIT_MS).status, 200);
    assert_in_range(outlasts(fd), 0, 2 * IDLE_US / BYTE_US);
    assert_true(sys_mono_us() - began_us >= IDLE_US);
    close(fd);
}

enum { ROOM = 8 };

static bool asked(int fd)
{
    raw_text(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    return raw_read(fd, RAW_WAIT_MS).status == 200;
}

/* Six of eight may idle; a seventh makes it crowded, and those who ask nothing go soon. */
static void test_a_crowd_has_less_time(void **state)
{
    int fd[ROOM];
    (void)state;
    struct http_options o = raw_options();
    o.max_connections = ROOM;
    o.threads = 1;
    o.idle_us = 24000000; /* crowded: 2 s */
    struct http_server *small = raw_server(c, &o);
    for (size_t i = 0; i < ROOM - 2; i++) {
        fd[i] = raw_connect(http_server_port(small));
        assert_true(asked(fd[i]));
    }
    assert_false(raw_closed(fd[0], 4000));
    fd[ROOM - 2] = raw_connect(http_server_port(small));
    assert_true(asked(fd[ROOM - 2]));
    for (size_t i = 0; i < ROOM - 2; i++)
        assert_true(raw_closed(fd[i], RAW_WAIT_MS));
    assert_true(asked(fd[ROOM - 2]) || raw_closed(fd[ROOM - 2], 1000));
    fd[ROOM - 1] = raw_connect(http_server_port(small));
    assert_true(asked(fd[ROOM - 1]));
    for (size_t i = 0; i < ROOM; i++)
        close(fd[i]);
    http_server_stop(small, 1000000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_slow_head),
        TEST(test_slow_request_line),
        TEST(test_slow_body),
        TEST(test_slow_second_head),
        TEST(test_slow_reader),
        TEST(test_a_steady_body_is_let_be),
        TEST(test_a_slow_handler_is_let_be),
        TEST(test_idle_connection_ends),
        TEST(test_a_crowd_has_less_time),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(raw_spool());
    return failed;
}
