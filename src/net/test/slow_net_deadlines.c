/* SPDX-License-Identifier: Apache-2.0 */
/* Slow clients are cut off by absolute deadlines, though they never fall silent. */
#include "net/test/raw.h"

enum { HEAD_US = 600000, BODY_US = 1000000 };

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
    o.idle_us = 2000000;
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

/* Sends a byte each 50 ms until cut off; how long that took, or -1 after 6 s. */
static int64_t dribble(int fd)
{
    int64_t start = sys_mono_us();
    while (sys_mono_us() - start < 6000000) {
        if (!raw_text(fd, "a"))
            return sys_mono_us() - start;
        char byte;
        if (raw_more(fd, &byte, 1, 50) == 0)
            return sys_mono_us() - start;
    }
    return -1;
}

static void cuts(const char *begin, int64_t least_us, int64_t most_us)
{
    int fd = raw_connect(port);
    raw_text(fd, begin);
    int64_t took = dribble(fd);
    close(fd);
    if (took < least_us || took > most_us)
        print_error("took %lld us\n", (long long)took);
    assert_in_range(took, least_us, most_us);
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
    assert_int_equal(raw_read(fd, 3000).status, 200);
    usleep(300000);
    raw_text(fd, "G");
    int64_t took = dribble(fd);
    assert_in_range(took, 300000, HEAD_US + 2000000);
    close(fd);
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

/* 60 bytes each 50 ms are more than the floor of 500 a second: slow, and let be. */
static void test_a_steady_body_is_let_be(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    raw_text(fd, "POST /bytes HTTP/1.1\r\nHost: x\r\nContent-Length: 2400\r\n\r\n");
    for (int i = 0; i < 40; i++) {
        raw_text(fd, "123456789012345678901234567890123456789012345678901234567890");
        usleep(50000);
    }
    assert_string_equal(raw_read(fd, 3000).body, "2400 memory");
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
    assert_string_equal(raw_read(fd, 3000).body, "later x");
    close(fd);
}

static void test_idle_connection_ends(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    raw_text(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(raw_read(fd, 3000).status, 200);
    assert_false(raw_closed(fd, 1000));
    assert_true(raw_closed(fd, 3000));
    close(fd);
}

enum { ROOM = 8 };

static bool asked(int fd)
{
    raw_text(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    return raw_read(fd, 3000).status == 200;
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
        assert_true(raw_closed(fd[i], 10000));
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
