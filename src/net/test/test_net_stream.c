/* SPDX-License-Identifier: Apache-2.0 */
#include "net/test/raw.h"

static struct ctx *c;
static struct http_server *server;
static int port;
static struct http_stream *_Atomic made; /* the stream of the last request */

static void handle(void *arg, struct http_request *r)
{
    (void)arg;
    struct http_stream *st = http_stream_new(64 * 1024);
    struct http_answer a = {.status = 200, .stream = st};
    http_answer_header(&a, "Content-Type", "text/event-stream");
    http_answer_header(&a, "Cache-Control", "no-store");
    http_reply(r, &a);
    atomic_store(&made, st);
}

static int setup(void **state)
{
    (void)state;
    c = test_ctx();
    struct http_options o = raw_options();
    o.handle = handle;
    server = raw_server(c, &o);
    port = http_server_port(server);
    atomic_store(&made, NULL);
    return 0;
}

static int end_arena(void **state)
{
    (void)state;
    arena_end(c->arena);
    return 0;
}

static int teardown(void **state)
{
    http_server_stop(server, 1000000);
    return end_arena(state);
}

static struct http_stream *open_stream(int fd)
{
    atomic_store(&made, NULL);
    raw_text(fd, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    struct http_stream *st;
    while (!(st = atomic_load(&made)))
        usleep(1000);
    struct raw_answer a = {0};
    assert_true(raw_head(fd, &a, RAW_WAIT_MS));
    assert_non_null(strcasestr(a.head, "Content-Type: text/event-stream\r\n"));
    return st;
}

/* Reads until `want` came by, or 3 s without a byte. */
static bool comes(int fd, const char *want)
{
    char got[8192] = "";
    size_t n = 0;
    while (n + 1 < sizeof got && raw_more(fd, got + n, 1, RAW_WAIT_MS) == 1) {
        got[++n] = '\0';
        if (strstr(got, want))
            return true;
    }
    return false;
}

static void test_events_arrive_at_once(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    struct http_stream *st = open_stream(fd);
    for (int i = 0; i < 50; i++) {
        char event[64];
        snprintf(event, sizeof event, "event: tick\ndata: %d\n\n", i);
        if (i % 10 == 0)
            usleep(3000); /* now and then the connection sleeps first */
        assert_true(http_stream_push(st, event));
        assert_true(comes(fd, event));
    }
    http_stream_end(st);
    assert_true(comes(fd, "0\r\n\r\n"));
    http_stream_end(open_stream(fd)); /* the connection lives on */
    close(fd);
}

/* What stands between would cut it otherwise: nginx after 75 s without a byte. */
static void test_a_silent_stream_breathes(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    struct http_stream *st = open_stream(fd);
    int64_t began = sys_mono_us();
    assert_true(http_stream_push(st, "data: 1\n\n"));
    assert_true(comes(fd, "data: 1"));
    for (int i = 1; i <= 2; i++) {
        sys_mono_set(began + i * 16 * 1000000);
        assert_true(comes(fd, ":\n\n"));
    }
    sys_mono_set(INT64_MIN); /* it goes on */
    http_stream_end(st);
    assert_true(comes(fd, "0\r\n\r\n"));
    close(fd);
}

static void *push_hundred(void *arg)
{
    for (int i = 0; i < 100; i++)
        if (!http_stream_push(arg, "data: x\n\n"))
            return arg;
    return NULL;
}

static void test_many_threads_push(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    struct http_stream *st = open_stream(fd);
    pthread_t threads[4];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_create(&threads[i], NULL, push_hundred, st);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    http_stream_end(st);
    char all[16384] = "";
    size_t n = 0;
    ssize_t more;
    while ((more = raw_more(fd, all + n, sizeof all - 1 - n, RAW_WAIT_MS)) > 0) {
        n += (size_t)more;
        all[n] = '\0';
        if (strstr(all, "\r\n0\r\n\r\n"))
            break;
    }
    size_t events = 0; /* a chunk's border may fall inside one: the ':' comes once in each */
    for (const char *p = all; (p = strchr(p, ':')); p++)
        events++;
    assert_int_equal(events, 400);
    close(fd);
}

static bool push_fails_within(struct http_stream *st, int ms)
{
    for (int i = 0; i < ms / 10; i++) {
        if (!http_stream_push(st, ":\n\n"))
            return true;
        usleep(10000);
    }
    return false;
}

static void test_a_gone_client_fails_the_push(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    struct http_stream *st = open_stream(fd);
    assert_true(http_stream_push(st, "data: 1\n\n"));
    assert_true(comes(fd, "data: 1"));
    close(fd);
    assert_true(push_fails_within(st, 3000));
    assert_false(http_stream_push(st, ":\n\n"));
    http_stream_end(st);
}

/* Nobody pushes: the sweeper finds out by itself that the client left. */
static void test_a_silent_stream_ends_with_its_client(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    struct http_stream *st = open_stream(fd);
    close(fd);
    for (int i = 0; i < 1000 && http_server_stats(server).connections_now; i++)
        usleep(10000);
    assert_int_equal(http_server_stats(server).connections_now, 0);
    assert_false(http_stream_push(st, ":\n\n"));
    http_stream_end(st);
}

static void test_a_client_that_does_not_read_is_dropped(void **state)
{
    (void)state;
    char kilobyte[1025];
    memset(kilobyte, 'k', 1024);
    kilobyte[1024] = '\0';
    int fd = raw_connect(port);
    struct http_stream *st = open_stream(fd);
    size_t pushed = 0;
    while (pushed < 100000 && http_stream_push(st, kilobyte))
        pushed++;
    assert_in_range(pushed, 64, 99999);
    http_stream_end(st);
    for (int i = 0; i < 1000 && http_server_stats(server).connections_now; i++)
        usleep(10000);
    assert_int_equal(http_server_stats(server).connections_now, 0);
    close(fd);
}

/* The engine rests when what can't be queued comes: the connection ends all the same. */
static void test_an_event_too_large_drops_a_resting_client(void **state)
{
    (void)state;
    static char large[256 * 1024 + 1]; /* the queue holds a quarter */
    memset(large, 'k', sizeof large - 1);
    int fd = raw_connect(port);
    struct http_stream *st = open_stream(fd);
    assert_true(http_stream_push(st, "data: 1\n\n"));
    assert_true(comes(fd, "data: 1"));
    usleep(100000);
    assert_false(http_stream_push(st, large));
    http_stream_end(st);
    for (int i = 0; i < 1000 && http_server_stats(server).connections_now; i++)
        usleep(10000);
    assert_int_equal(http_server_stats(server).connections_now, 0);
    close(fd);
}

static void test_stop_ends_streams(void **state)
{
    (void)state;
    int fd = raw_connect(port);
    struct http_stream *st = open_stream(fd);
    int64_t before = sys_mono_us();
    http_server_stop(server, 60000000);
    assert_true(sys_mono_us() - before < 30000000);
    assert_true(raw_closed(fd, RAW_WAIT_MS));
    assert_false(http_stream_push(st, "data: late\n\n"));
    http_stream_end(st);
    close(fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_events_arrive_at_once),
        TEST(test_a_silent_stream_breathes),
        TEST(test_many_threads_push),
        TEST(test_a_gone_client_fails_the_push),
        TEST(test_a_silent_stream_ends_with_its_client),
        TEST(test_a_client_that_does_not_read_is_dropped),
        TEST(test_an_event_too_large_drops_a_resting_client),
        cmocka_unit_test_setup_teardown(test_stop_ends_streams, setup, end_arena),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(raw_spool());
    return failed;
}
