/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that nobody reads: what they hold is counted, limited, and given back. */
#include "net/test/raw.h"

#include <netinet/tcp.h>

enum { READERS = 12, ANSWER = 256 << 10, MEGABYTE = 1 << 20 };

static struct ctx *c;
static struct http_server *server;
static int port;

static int serve(int64_t max_answer_bytes)
{
    struct http_options o = raw_options();
    o.max_answer_bytes = max_answer_bytes;
    c = test_ctx();
    server = raw_server(c, &o);
    port = http_server_port(server);
    return 0;
}

static int setup(void **state)
{
    (void)state;
    return serve(0);
}

static int setup_narrow(void **state)
{
    (void)state;
    return serve(20 * MEGABYTE);
}

static int teardown(void **state)
{
    (void)state;
    http_server_stop(server, 1000000);
    arena_end(c->arena);
    return 0;
}

static int64_t held(void)
{
    return http_server_stats(server).held;
}

/* Asks, and reads nothing; its kernel takes little. */
static int asks(const char *path)
{
    char head[128];
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){2304}, sizeof(int));
    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &(int){536}, sizeof(int));
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
    raw_text(fd, head);
    return fd;
}

static bool soon(bool (*is)(int64_t bytes), int64_t bytes, int ms)
{
    for (int i = 0; i < ms / 2 && !is(bytes); i++)
        usleep(2000);
    return is(bytes);
}

static bool holds(int64_t bytes)
{
    return held() >= bytes;
}

static bool answered(int64_t bytes)
{
    return http_server_stats(server).bytes_out >= bytes;
}

static bool holds_less(int64_t bytes)
{
    return held() < bytes;
}

static void test_only_the_answer_waits(void **state)
{
    int fd[READERS];
    (void)state;
    for (size_t i = 0; i < READERS; i++)
        fd[i] = asks("/worked");
    assert_true(soon(answered, (int64_t)READERS * ANSWER, RAW_WAIT_MS));
    assert_true(held() >= (int64_t)READERS * ANSWER);
    assert_true(held() < (int64_t)READERS * 2 * ANSWER);
    struct raw_answer a = raw_read(fd[0], RAW_WAIT_MS);
    assert_int_equal(a.status, 200);
    assert_int_equal(a.body_len, ANSWER);
    assert_int_equal(strspn(a.body, "x"), sizeof a.body - 1);
    raw_text(fd[0], "GET /where?again HTTP/1.1\r\nHost: x\r\nX-Test: 1\r\n\r\n");
    assert_string_equal(raw_read(fd[0], RAW_WAIT_MS).body, "GET|again|127.0.0.1|1");
    for (size_t i = 0; i < READERS; i++)
        close(fd[i]);
    assert_true(soon(holds_less, ANSWER, RAW_WAIT_MS));
}

/* Two of eight megabytes are a crowd, three are too many: told so, until those who don't read are
   cut off, long before their thirty seconds. Who reads isn't. */
static void test_a_crowd_that_does_not_read(void **state)
{
    (void)state;
    int64_t began = sys_mono_us();
    int fd[3], reads;
    for (size_t i = 0; i < ARRAY_LEN(fd); i++) {
        fd[i] = asks("/big");
        assert_true(soon(holds, (int64_t)(i + 1) * 8 * MEGABYTE, RAW_WAIT_MS));
    }
    struct raw_answer a = raw_ask(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(a.status, 503);
    assert_non_null(strstr(a.body, "ERR_HTTP_CROWDED"));
    assert_non_null(strstr(a.head, "Retry-After: "));
    assert_true(soon(holds_less, 8 * MEGABYTE, 15000));
    assert_true(sys_mono_us() - began < 20000000);
    assert_int_equal(http_server_stats(server).refused_slow, 3);
    assert_int_equal(http_server_stats(server).refused_room, 1);
    reads = asks("/big");
    assert_int_equal(raw_read(reads, RAW_WAIT_MS).body_len, 8 * MEGABYTE);
    close(reads);
    for (size_t i = 0; i < ARRAY_LEN(fd); i++)
        close(fd[i]);
}

static void test_figures_tell_of_named_servers(void **state)
{
    struct http_options o = raw_options();
    struct http_stats all[HTTP_SERVERS_MAX];
    struct http_server *s[HTTP_SERVERS_MAX + 1];
    char name[] = "0";
    (void)state; /* setup's has no name */
    assert_int_equal(http_all_stats(all, ARRAY_LEN(all)), 0);
    for (size_t i = 0; i < ARRAY_LEN(s); i++, name[0]++) {
        o.name = name;
        s[i] = raw_server(c, &o);
    }
    assert_int_equal(raw_ask(http_server_port(s[1]), "GET / HTTP/1.1\r\nHost: x\r\n\r\n").status,
                     200);
    assert_int_equal(http_all_stats(all, ARRAY_LEN(all)), HTTP_SERVERS_MAX);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        assert_string_equal(all[i].name, ((char[]){(char)('0' + i), '\0'}));
        assert_int_equal(all[i].requests, i == 1);
    }
    for (size_t i = 0; i < ARRAY_LEN(s); i++)
        http_server_stop(s[i], 0);
    assert_int_equal(http_all_stats(all, ARRAY_LEN(all)), 0);
}

#define TEST(f, how) cmocka_unit_test_setup_teardown(f, how, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_only_the_answer_waits, setup),
        TEST(test_a_crowd_that_does_not_read, setup_narrow),
        TEST(test_figures_tell_of_named_servers, setup),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(raw_spool());
    return failed;
}
