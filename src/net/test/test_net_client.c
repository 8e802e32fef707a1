/* SPDX-License-Identifier: Apache-2.0 */
#include "net/client.h"
#include "net/test/raw.h"

static struct ctx *c;
static struct http_server *server;

static int setup(void **state)
{
    (void)state;
    c = test_ctx();
    struct http_options o = raw_options();
    server = raw_server(c, &o);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    http_server_stop(server, 1000000);
    arena_end(c->arena);
    return 0;
}

static const char *url(int port, const char *path)
{
    return arena_printf(c->arena, "http://127.0.0.1:%d%s", port, path);
}

/* ---- a peer that reads one request and says what the test wants ---- */

struct peer {
    const char *says; /* NULL: nothing, and waits */
    size_t len;
    int fd, port;
    pthread_t thread;
    char got[4096];
};

static void *peer_run(void *arg)
{
    struct peer *p = arg;
    int fd = accept(p->fd, NULL, NULL);
    if (fd < 0)
        return NULL;
    size_t n = 0;
    while (!strstr(p->got, "\r\n\r\n") && raw_more(fd, p->got + n, 1, 3000) == 1)
        n++;
    if (p->says)
        raw_send(fd, p->says, p->len ? p->len : strlen(p->says));
    else
        raw_closed(fd, 5000);
    close(fd);
    return NULL;
}

static void peer_start(struct peer *p)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t len = sizeof a;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(p->fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(p->fd, 1), 0);
    getsockname(p->fd, (struct sockaddr *)&a, &len);
    p->port = ntohs(a.sin_port);
    pthread_create(&p->thread, NULL, peer_run, p);
}

static void peer_stop(struct peer *p)
{
    shutdown(p->fd, SHUT_RDWR);
    pthread_join(p->thread, NULL);
    close(p->fd);
}

static enum err ask_peer(struct peer *p, struct client_answer *ret)
{
    peer_start(p);
    struct client_request q = {.method = "GET",
                               .url = url(p->port, "/x"),
                               .timeout_us = p->says ? 20000000 : 1000000,
                               .max_answer_bytes = 1000};
    memset(ret, 0, sizeof *ret);
    enum err e = client_send(c, &q, ret);
    peer_stop(p);
    return e;
}

static enum err says(const char *bytes)
{
    struct peer p = {.says = bytes};
    struct client_answer a;
    return ask_peer(&p, &a);
}

/* ---- requests and answers ---- */

static void test_sends_and_receives(void **state)
{
    (void)state;
    struct http_header headers[] = {{"X-Test", "v"}, {"X-Empty", ""}};
    struct client_request q = {.method = "GET",
                               .url = url(http_server_port(server), "/where?q"),
                               .headers = headers,
                               .n_headers = 2};
    struct client_answer a;
    assert_int_equal(client_send(c, &q, &a), OK);
    assert_int_equal(a.status, 200);
    assert_int_equal(a.body.len, strlen("GET|q|127.0.0.1|v"));
    assert_memory_equal(a.body.ptr, "GET|q|127.0.0.1|v", a.body.len);
    assert_string_equal(client_answer_header(&a, "content-type"), "text/plain; charset=utf-8");
    assert_null(client_answer_header(&a, "X-None"));
}

static void test_sends_every_method_and_body(void **state)
{
    (void)state;
    static const char *const METHODS[] = {"POST", "PUT", "PATCH", "DELETE", "GET", "OPTIONS"};
    for (size_t i = 0; i < ARRAY_LEN(METHODS); i++) {
        for (size_t len = 0; len <= 200000; len += 100000) {
            uint8_t *body = arena_alloc(c->arena, len + 1);
            memset(body, 'b', len);
            struct client_request q = {.method = METHODS[i],
                                       .body = {body, len},
                                       .url = url(http_server_port(server), "/echo")};
            struct client_answer a;
            assert_int_equal(client_send(c, &q, &a), OK);
            assert_int_equal(a.body.len, len);
            if (len)
                assert_memory_equal(a.body.ptr, body, len);
        }
    }
    struct client_request q = {.method = "HEAD", .url = url(http_server_port(server), "/abc")};
    struct client_answer a;
    assert_int_equal(client_send(c, &q, &a), OK);
    assert_int_equal(a.body.len, 0);
    assert_string_equal(client_answer_header(&a, "Content-Length"), "4");
}

static void test_keeps_connections(void **state)
{
    (void)state;
    struct client_request q = {.method = "GET", .url = url(http_server_port(server), "/")};
    struct client_answer a;
    for (int i = 0; i < 20; i++)
        assert_int_equal(client_send(c, &q, &a), OK);
    assert_int_equal(http_server_stats(server).connections_now, 1);
    assert_int_equal(http_server_stats(server).requests, 20);
}

static void test_sends_exactly_what_was_asked(void **state)
{
    (void)state;
    struct peer p = {.says = "HTTP/1.1 204 No Content\r\n\r\n"};
    struct client_answer a;
    assert_int_equal(ask_peer(&p, &a), OK);
    assert_int_equal(a.status, 204);
    char want[128];
    snprintf(want, sizeof want, "GET /x HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: */*\r\n\r\n",
             p.port);
    assert_string_equal(p.got, want);
}

static void test_follows_nothing(void **state)
{
    (void)state;
    struct peer p = {.says = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                             "Content-Length: 0\r\n\r\n"};
    struct client_answer a;
    assert_int_equal(ask_peer(&p, &a), OK);
    assert_int_equal(a.status, 302);
    assert_string_equal(client_answer_header(&a, "location"), "http://127.0.0.1:1/");
}

static void test_head_after_continue_counts(void **state)
{
    (void)state;
    struct peer p = {.says = "HTTP/1.1 100 Continue\r\nA: 1\r\n\r\n"
                             "HTTP/1.1 200 OK\r\nB: 2\r\nContent-Length: 2\r\n\r\nhi"};
    struct client_answer a;
    assert_int_equal(ask_peer(&p, &a), OK);
    assert_int_equal(a.status, 200);
    assert_null(client_answer_header(&a, "A"));
    assert_string_equal(client_answer_header(&a, "B"), "2");
}

/* ---- what goes wrong, told apart ---- */

static void test_nothing_was_sent(void **state)
{
    (void)state;
    static const char *const URLS[] = {"http://127.0.0.1:1/",
                                       "http://name.invalid/",
                                       "file:///etc/passwd",
                                       "gopher://127.0.0.1/",
                                       "nonsense",
                                       "http://127.0.0.1:99999/",
                                       "",
                                       "ftp://127.0.0.1/"};
    for (size_t i = 0; i < ARRAY_LEN(URLS); i++) {
        struct client_request q = {.method = "GET", .url = URLS[i], .timeout_us = 2000000};
        struct client_answer a;
        ctx_clear_faults(c);
        assert_int_equal(client_send(c, &q, &a), ERR_NET_CONNECT);
        assert_int_equal(c->n_faults, 1);
        assert_string_equal(c->faults[0].args[0], URLS[i]);
    }
}

static void test_outcome_is_unknown(void **state)
{
    (void)state;
    struct peer silent = {.says = NULL};
    struct client_answer a;
    assert_int_equal(ask_peer(&silent, &a), ERR_NET_TIMEOUT);
    assert_int_equal(says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), ERR_NET_BROKEN);
    assert_int_equal(says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe"),
                     ERR_NET_BROKEN);
    struct peer closes = {.says = "", .len = 0};
    assert_int_equal(ask_peer(&closes, &a), ERR_NET_BROKEN);
}

static void test_answer_is_malformed(void **state)
{
    (void)state;
    assert_int_equal(says("SSH-2.0-x\r\n\r\n"), ERR_NET_ANSWER);
    assert_int_equal(says("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
                          "announced longer than the 1,000 bytes that are allowed"),
                     ERR_NET_ANSWER);
    char chunk[2048];
    memset(chunk, 'x', sizeof chunk);
    int head = snprintf(chunk, 80, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n");
    chunk[head] = 'x';
    chunk[sizeof chunk - 1] = '\0';
    assert_int_equal(says(chunk), ERR_NET_ANSWER); /* longer than allowed, unannounced */
    char many[4096];
    size_t n = (size_t)snprintf(many, sizeof many, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i <= HTTP_MAX_HEADERS; i++)
        n += (size_t)snprintf(many + n, sizeof many - n, "H%d: x\r\n", i);
    snprintf(many + n, sizeof many - n, "\r\n");
    assert_int_equal(says(many), ERR_NET_ANSWER);
}

static void test_answer_is_too_large(void **state)
{
    (void)state;
    struct client_request q = {
        .method = "GET", .url = url(http_server_port(server), "/big"), .max_answer_bytes = 100000};
    struct client_answer a = {.status = 7};
    assert_int_equal(client_send(c, &q, &a), ERR_NET_ANSWER);
    assert_int_equal(a.status, 7); /* untouched */
    q.max_answer_bytes = 8 << 20;
    assert_int_equal(client_send(c, &q, &a), OK);
    assert_int_equal(a.body.len, 8 << 20);
}

static void test_no_line_break_in_a_header(void **state)
{
    (void)state;
    struct http_header bad[] = {{"A", "b\r\nC: d"}, {"A\nB", "c"}, {"A", "b\n"}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct client_request q = {.method = "GET",
                                   .url = url(http_server_port(server), "/"),
                                   .headers = &bad[i],
                                   .n_headers = 1};
        struct client_answer a;
        assert_int_equal(client_send(c, &q, &a), ERR_BAD_ENCODING);
    }
    assert_int_equal(http_server_stats(server).requests, 0);
}

/* ---- broken on purpose ---- */

static void planned(const char *plan, enum err want, int64_t want_requests)
{
    struct client_request q = {.method = "GET", .url = url(http_server_port(server), "/")};
    struct client_answer a;
    int64_t before = http_server_stats(server).requests;
    assert_true(sys_fault_arm(plan));
    assert_int_equal(client_send(c, &q, &a), OK);
    assert_int_equal(client_send(c, &q, &a), want);
    assert_int_equal(client_send(c, &q, &a), OK);
    assert_true(sys_fault_arm(NULL));
    assert_int_equal(http_server_stats(server).requests - before, want_requests);
}

static void test_the_kth_call_fails_before_or_after_sending(void **state)
{
    (void)state;
    if (!sys_fault_arm(NULL) || !sys_fault_arm("net:99:EIO"))
        skip();
    planned("net:2:ECONNREFUSED", ERR_NET_CONNECT, 2);
    planned("net:2:ECONNRESET", ERR_NET_BROKEN, 3);
    planned("net:2:ETIMEDOUT", ERR_NET_TIMEOUT, 3);
    planned("net:2:duplicate", OK, 4);
    planned("net:2:delay", OK, 3);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sends_and_receives),        TEST(test_sends_every_method_and_body),
        TEST(test_keeps_connections),         TEST(test_sends_exactly_what_was_asked),
        TEST(test_follows_nothing),           TEST(test_head_after_continue_counts),
        TEST(test_nothing_was_sent),          TEST(test_outcome_is_unknown),
        TEST(test_answer_is_malformed),       TEST(test_answer_is_too_large),
        TEST(test_no_line_break_in_a_header), TEST(test_the_kth_call_fails_before_or_after_sending),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(raw_spool());
    return failed;
}
