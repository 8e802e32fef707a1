/* SPDX-License-Identifier: Apache-2.0 */
#include "net/test/raw.h"

#include <sys/un.h>

static struct ctx *c;
static struct http_server *server;
static int port;

static int setup(void **state)
{
    (void)state;
    c = test_ctx();
    struct http_options o = raw_options();
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

static void test_answers_a_get(void **state)
{
    (void)state;
    struct raw_answer a =
        raw_ask(port, "GET /where?a=1&b=%20 HTTP/1.1\r\nHost: x\r\nX-Test:  v \r\n\r\n");
    assert_int_equal(a.status, 200);
    assert_string_equal(a.body, "GET|a=1&b=%20|127.0.0.1|v");
    assert_false(a.close);
}

static void test_keeps_the_connection_and_its_order(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    for (int i = 0; i < 20; i++) {
        raw_text(fd, "GET /one HTTP/1.1\r\nHost: x\r\n\r\nGET /later?2 HTTP/1.1\r\nHost: x\r\n\r\n"
                     "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nthree");
        assert_string_equal(raw_read(fd, RAW_WAIT_MS).body, "/one");
        assert_string_equal(raw_read(fd, RAW_WAIT_MS).body, "later 2");
        assert_string_equal(raw_read(fd, RAW_WAIT_MS).body, "three");
    }
    close(fd);
}

/* ---- bodies ---- */

static void test_refuses_a_large_body_before_reading(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    raw_text(fd, "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n");
    struct raw_answer a = raw_read(fd, RAW_WAIT_MS);
    assert_int_equal(a.status, 413);
    assert_true(a.close);
    assert_true(raw_closed(fd, RAW_WAIT_MS));
    close(fd);
}

/* The client is still sending when it is refused, and reads the answer all the same. */
static void test_refusal_survives_what_is_on_its_way(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    raw_text(fd, "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n");
    raw_chunks(fd, 1048576, false);
    assert_int_equal(raw_read(fd, RAW_WAIT_MS).status, 413);
    close(fd);
}

static void test_cuts_chunks_at_the_limit(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    raw_text(fd, "POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "6\r\n123456\r\n5\r\n78901\r\n");
    struct raw_answer a = raw_read(fd, RAW_WAIT_MS);
    assert_int_equal(a.status, 413);
    assert_non_null(strstr(a.body, "ERR_BODY_TOO_LARGE"));
    assert_true(raw_closed(fd, RAW_WAIT_MS));
    close(fd);
}

static void test_tells_a_browser_that_it_is_too_large(void **state)
{
    (void)state;
    static const char *const how[] = {
        "Content-Length: 11\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n5\r\n78901\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(how); i++) {
        int fd = raw_connect(port);
        raw_text(fd, "POST /small HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n");
        raw_text(fd, how[i]);
        struct raw_answer a = raw_read(fd, RAW_WAIT_MS);
        assert_int_equal(a.status, 413);
        assert_non_null(strstr(a.head, "text/html"));
        assert_non_null(strstr(a.body, "vượt quá dung lượng cho phép"));
        close(fd);
    }
}

static void test_says_continue_only_when_it_will_read(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    raw_text(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                 "Expect: 100-continue\r\n\r\n");
    assert_int_equal(raw_read(fd, RAW_WAIT_MS).status, 100);
    raw_text(fd, "hello");
    assert_string_equal(raw_read(fd, RAW_WAIT_MS).body, "hello");
    raw_text(fd, "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n"
                 "Expect: 100-continue\r\n\r\n");
    assert_int_equal(raw_read(fd, RAW_WAIT_MS).status, 413);
    close(fd);
}

static void test_head_comes_in_pieces(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    raw_text(fd, "GET /where?a=1&b=2&c=3&d HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 30; i++) {
        char field[512];
        int n = snprintf(field, sizeof field, "X-%d: %0400d\r\n", i, i);
        raw_send(fd, field, (size_t)n);
        usleep(1000);
    }
    raw_text(fd, "X-Test: end\r\n\r\n");
    assert_string_equal(raw_read(fd, RAW_WAIT_MS).body, "GET|a=1&b=2&c=3&d|127.0.0.1|end");
    close(fd);
}

static void test_head_has_no_body(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    raw_text(fd, "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    struct raw_answer a = {0};
    assert_true(raw_head(fd, &a, RAW_WAIT_MS));
    assert_non_null(strcasestr(a.head, "Content-Length: 6\r\n"));
    raw_text(fd, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_string_equal(raw_read(fd, RAW_WAIT_MS).body, "/hello");
    close(fd);
}

/* ---- replies from other threads ---- */

static void *ask_many(void *arg)
{
    int fd = raw_connect(port), wrong = 0;
    const char *path = arg;
    for (int i = 0; i < 200; i++) {
        char text[128], want[64];
        snprintf(text, sizeof text, "GET %s?%d HTTP/1.1\r\nHost: x\r\n\r\n", path, i);
        snprintf(want, sizeof want, "later %d", i);
        raw_text(fd, text);
        wrong += strcmp(raw_read(fd, RAW_WAIT_MS).body, want) != 0;
    }
    close(fd);
    return wrong ? arg : NULL;
}

/* /soon answers at once from another thread: now before, now after the connection is set aside. */
static void test_replies_from_other_threads(void **state)
{
    (void)state;
    pthread_t threads[8];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_create(&threads[i], NULL, ask_many, i % 4 ? "/soon" : "/later");
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *wrong = NULL;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
}

static void test_client_goes_before_the_reply(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        int fd = raw_connect(port);
        raw_text(fd, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
        close(fd);
    }
    usleep(50000);
    assert_int_equal(raw_ask(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
}

/* ---- stop ---- */

struct stopping {
    int64_t grace_us;
    int64_t took_us;
};

static void *stop_in_thread(void *arg)
{
    struct stopping *s = arg;
    int64_t before = sys_mono_us();
    http_server_stop(server, s->grace_us);
    s->took_us = sys_mono_us() - before;
    return NULL;
}

static int ask_held(void)
{
    int fd = raw_connect(port), before = atomic_load(&raw_held);
    atomic_store(&raw_release, false);
    raw_text(fd, "GET /held?x HTTP/1.1\r\nHost: x\r\n\r\n");
    while (atomic_load(&raw_held) == before)
        usleep(1000);
    return fd;
}

static void test_stop_waits_for_open_requests(void **state)
{
    (void)state;
    int fd = ask_held();
    struct stopping s = {.grace_us = 60000000};
    pthread_t thread;
    pthread_create(&thread, NULL, stop_in_thread, &s);
    while (raw_listens(port)) /* until the stop has begun */
        usleep(1000);
    atomic_store(&raw_release, true);
    struct raw_answer a = raw_read(fd, RAW_WAIT_MS);
    assert_string_equal(a.body, "later x");
    assert_true(a.close);
    pthread_join(thread, NULL);
    assert_true(s.took_us < 30000000); /* the grace isn't waited out */
    close(fd);
}

static void test_stop_answers_for_a_handler_that_does_not(void **state)
{
    (void)state;
    int fd = ask_held(), released = atomic_load(&raw_released);
    struct stopping s = {.grace_us = 20000};
    stop_in_thread(&s);
    assert_int_equal(raw_read(fd, RAW_WAIT_MS).status, 503);
    assert_true(s.took_us < 5000000);
    atomic_store(&raw_release, true); /* the server is gone: the reply is dropped, nothing breaks */
    while (atomic_load(&raw_released) == released)
        usleep(1000);
    close(fd);
}

static void test_stop_with_idle_connections(void **state)
{
    (void)state;
    int fd = raw_connect(port), idle = raw_connect(port);
    raw_text(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /unfin");
    assert_int_equal(raw_read(fd, RAW_WAIT_MS).status, 200);
    struct stopping s = {.grace_us = 1000000};
    stop_in_thread(&s);
    assert_true(raw_closed(fd, RAW_WAIT_MS));
    assert_true(raw_closed(idle, RAW_WAIT_MS));
    close(fd);
    close(idle);
}

static void test_a_taken_port_is_an_error(void **state)
{
    (void)state;
    struct http_options o = raw_options();
    o.port = port;
    struct http_server *second = NULL;
    assert_int_equal(http_server_start(c, &o, &second), ERR_NET_LISTEN);
    assert_null(second);
    assert_string_equal(c->faults[0].field, "address");
    o.address = "not an address";
    assert_int_equal(http_server_start(c, &o, &second), ERR_NET_LISTEN);
}

static void test_listens_at_a_unix_socket(void **state)
{
    (void)state;
    struct http_options o = raw_options();
    const char *path = arena_printf(c->arena, "%s/socket", raw_spool());
    o.address = arena_printf(c->arena, "unix:%s", path);
    for (int round = 0; round < 2; round++) {
        struct http_server *s = raw_server(c, &o);
        struct sockaddr_un at = {.sun_family = AF_UNIX};
        snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
        raw_text(fd, "GET /where HTTP/1.1\r\nHost: x\r\nX-Test: u\r\n\r\n");
        assert_string_equal(raw_read(fd, RAW_WAIT_MS).body, "GET||unix|u");
        close(fd);
        http_server_stop(s, 1000000);
        assert_int_not_equal(access(path, F_OK), 0);
    }
    FILE *f = fopen(path, "w"); /* somebody's file stays */
    fclose(f);
    struct http_server *none = NULL;
    assert_int_equal(http_server_start(c, &o, &none), ERR_NET_LISTEN);
    assert_int_equal(access(path, F_OK), 0);
    unlink(path);
}

static void test_limits_connections_of_one_peer(void **state)
{
    (void)state;
    struct http_options o = raw_options();
    o.max_connections_per_peer = 3;
    struct http_server *s = raw_server(c, &o);
    int fds[6], open = 0;
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        fds[i] = raw_connect(http_server_port(s));
        raw_text(fds[i], "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        open += raw_read(fds[i], RAW_WAIT_MS).status == 200;
    }
    assert_int_equal(open, 3);
    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        close(fds[i]);
    http_server_stop(s, 0);
}

static int calling(struct http_server *s)
{
    int fd = raw_connect(http_server_port(s));
    raw_text(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    return fd;
}

/* Who comes before the door is open waits, is not refused, and is answered once it is. */
static void test_callers_wait_at_a_shut_door(void **state)
{
    (void)state;
    struct http_options o = raw_options();
    o.door_shut = true;
    struct http_server *s = raw_server(c, &o);
    int fd = calling(s);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 200), 0);
    assert_int_equal(http_server_stats(s).connections_now, 0);
    assert_true(http_server_answers(s, 20000000)); /* a supervisor comes by the back door */
    assert_int_equal(http_server_open(c, s), OK);
    assert_int_equal(http_server_open(c, s), OK);
    assert_int_equal(raw_read(fd, RAW_WAIT_MS).status, 200);
    close(fd);
    http_server_stop(s, 0);
    s = raw_server(c, &o); /* ended before it opened */
    fd = calling(s);
    http_server_stop(s, 1000000);
    assert_int_equal(raw_read(fd, RAW_WAIT_MS).status, 0);
    close(fd);
}

/* A full house: the next wait in line, none is turned away, each is answered when one has left. */
static void test_full_house_keeps_its_callers(void **state)
{
    (void)state;
    struct http_options o = raw_options();
    o.max_connections = 8;
    struct http_server *s = raw_server(c, &o);
    int fds[16], served = 0;
    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        fds[i] = calling(s);
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        served += raw_read(fds[i], RAW_WAIT_MS).status == 200;
        assert_true(http_server_stats(s).connections_now <= o.max_connections);
        close(fds[i]);
    }
    assert_int_equal(served, ARRAY_LEN(fds));
    http_server_stop(s, 0);
}

#define TEST(f)  cmocka_unit_test_setup_teardown(f, setup, teardown)
#define STOPS(f) cmocka_unit_test_setup_teardown(f, setup, end_arena)

static int end_arena(void **state)
{
    (void)state;
    arena_end(c->arena);
    return 0;
}

/* The only event thread stands still: nothing is answered, and that is told. */
static _Atomic bool stands, standing;

static void stand(void *arg, struct http_request *r)
{
    (void)arg;
    atomic_store(&standing, strcmp(r->path, "/healthz") != 0);
    while (atomic_load(&stands) && strcmp(r->path, "/healthz") != 0)
        usleep(1000);
    raw_say(r, 200, bytes_of("moves"));
}

static void test_tells_whether_the_loop_answers(void **state)
{
    (void)state;
    struct http_options o = raw_options();
    o.threads = 1;
    o.handle = stand;
    struct http_server *s = raw_server(c, &o);
    assert_true(http_server_answers(s, 20000000));
    atomic_store(&stands, true);
    int fd = raw_connect(http_server_port(s));
    raw_text(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    while (!atomic_load(&standing))
        usleep(1000);
    assert_false(http_server_answers(s, 200000));
    atomic_store(&stands, false);
    assert_int_equal(raw_read(fd, RAW_WAIT_MS).status, 200);
    assert_true(http_server_answers(s, 20000000));
    close(fd);
    http_server_stop(s, 1000000);
}

/* A socket opened for us: served, left open at the end, its callers served by the next run. */
static void test_serves_a_socket_of_others(void **state)
{
    (void)state;
    const char *path = arena_printf(c->arena, "%s/given", raw_spool());
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    int given = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(given, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(given, 16), 0);
    struct http_options o = raw_options();
    o.address = arena_printf(c->arena, "unix:%s", path);
    o.listen_fd = given;
    for (int round = 0; round < 3; round++) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0); /* while nobody serves */
        raw_text(fd, "GET /where?u HTTP/1.1\r\nHost: x\r\nX-Test: u\r\n\r\n");
        struct http_server *s = raw_server(c, &o);
        assert_string_equal(raw_read(fd, RAW_WAIT_MS).body, "GET|u|unix|u");
        close(fd);
        http_server_stop(s, 1000000);
    }
    assert_int_equal(access(path, F_OK), 0);
    close(given);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answers_a_get),
        TEST(test_keeps_the_connection_and_its_order),
        TEST(test_refuses_a_large_body_before_reading),
        TEST(test_refusal_survives_what_is_on_its_way),
        TEST(test_cuts_chunks_at_the_limit),
        TEST(test_tells_a_browser_that_it_is_too_large),
        TEST(test_says_continue_only_when_it_will_read),
        TEST(test_head_comes_in_pieces),
        TEST(test_head_has_no_body),
        TEST(test_replies_from_other_threads),
        TEST(test_client_goes_before_the_reply),
        STOPS(test_stop_waits_for_open_requests),
        STOPS(test_stop_answers_for_a_handler_that_does_not),
        STOPS(test_stop_with_idle_connections),
        TEST(test_a_taken_port_is_an_error),
        TEST(test_limits_connections_of_one_peer),
        TEST(test_callers_wait_at_a_shut_door),
        TEST(test_full_house_keeps_its_callers),
        TEST(test_listens_at_a_unix_socket),
        TEST(test_tells_whether_the_loop_answers),
        TEST(test_serves_a_socket_of_others),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(raw_spool());
    return failed;
}
