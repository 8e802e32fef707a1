/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must be refused (RFC 9112, and what request smuggling lives on): each case is sent to a real
 * server with a second request right behind it. The answer is 4xx (or 5xx for a version we don't
 * speak), the connection closes, and no handler saw either request.
 */
#include "net/test/frames.h"
#include "net/test/raw.h"

#include <dlfcn.h>
#include <microhttpd.h>
#include <netinet/tcp.h>

#include "test/harness/port_test.h"

static _Atomic int handled;
static _Atomic bool unmeasured;

/* Stands before the engine's own. */
const union MHD_ConnectionInfo *MHD_get_connection_info(struct MHD_Connection *link,
                                                        enum MHD_ConnectionInfoType what, ...)
{
    __typeof__(&MHD_get_connection_info) engine;
    void *call = dlsym(RTLD_NEXT, "MHD_get_connection_info");
    memcpy(&engine, &call, sizeof engine);
    bool none = what == MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE && atomic_load(&unmeasured);
    return none ? NULL : engine(link, what);
}

static void count(void *arg, struct http_request *r)
{
    (void)arg;
    atomic_fetch_add(&handled, 1);
    raw_say(r, 200, r->body);
}

static struct ctx *c;
static struct http_server *server;

static int port_kept; /* 0: any */

static int setup(void **state)
{
    (void)state;
    c = test_ctx();
    struct http_options o = raw_options();
    o.handle = count;
    o.port = port_kept;
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

static bool refused(const struct frame *f)
{
    int before = atomic_load(&handled), fd = raw_connect(http_server_port(server));
    raw_send(fd, f->bytes, f->len);
    struct raw_answer a = raw_read(fd, RAW_WAIT_MS);
    bool closed = raw_closed(fd, RAW_WAIT_MS);
    close(fd);
    int seen = atomic_load(&handled) - before;
    bool told = (a.status >= 400 && a.status < 500) || a.status == 505;
    bool ok = (told || (f->silent && a.status == 0)) && closed && seen == 0;
    if (!ok)
        print_error("%s: status %d, closed %d, handled %d\n", f->name, a.status, closed, seen);
    return ok;
}

static void test_refuses_and_closes(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < ARRAY_LEN(BAD_FRAMES); i++)
        wrong += !refused(&BAD_FRAMES[i]);
    assert_true(ARRAY_LEN(BAD_FRAMES) >= 100);
    print_message("figure C16 bad_frames=%zu wrong=%zu\n", ARRAY_LEN(BAD_FRAMES), wrong);
    assert_int_equal(wrong, 0);
}

/* ---- what looks odd and is right ---- */

/* In one write, then a byte at a time: framing doesn't depend on where packets end. */
static bool accepted(const char *name, const char *bytes, const char *body, bool slowly)
{
    int fd = raw_connect(http_server_port(server)), on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (size_t i = 0, n = strlen(bytes), step = slowly ? 1 : n; i < n; i += step) {
        raw_send(fd, bytes + i, step);
        if (slowly)
            usleep(200);
    }
    struct raw_answer a = raw_read(fd, RAW_WAIT_MS);
    close(fd);
    bool ok = a.status == 200 && strcmp(a.body, body) == 0;
    if (!ok)
        print_error("%s: status %d, body '%s'\n", name, a.status, a.body);
    return ok;
}

static void test_accepts_what_is_right(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < ARRAY_LEN(GOOD_FRAMES); i++) {
        wrong += !accepted(GOOD_FRAMES[i].name, GOOD_FRAMES[i].bytes, GOOD_FRAMES[i].body, false);
        wrong += !accepted(GOOD_FRAMES[i].name, GOOD_FRAMES[i].bytes, GOOD_FRAMES[i].body, true);
    }
    assert_int_equal(wrong, 0);
}

/* A bad request is refused wherever the packets end, too. */
static void test_refuses_byte_by_byte(void **state)
{
    (void)state;
    static const char *const BYTES[] = {"GET / HTTP/1.1\r\n" H "A: b\rC: d\r\n\r\n",
                                        "GET / HTTP/1.1\r\n" H "\n",
                                        "GET / HTTP/1.1\r\n" H "A: b\r\n c\r\n\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(BYTES); i++) {
        int fd = raw_connect(http_server_port(server));
        for (const char *p = BYTES[i]; *p; p++) {
            raw_send(fd, p, 1);
            usleep(200);
        }
        assert_int_equal(raw_read(fd, RAW_WAIT_MS).status, 400);
        assert_true(raw_closed(fd, RAW_WAIT_MS));
        close(fd);
    }
}

/* An engine that doesn't tell how long a head was: it can't be read again, and isn't believed. */
static void test_refuses_what_it_cannot_read_again(void **state)
{
    (void)state;
    const char *good = "GET / HTTP/1.1\r\n" H "\r\n";
    int before = atomic_load(&handled);
    atomic_store(&unmeasured, true);
    struct raw_answer a = raw_ask(http_server_port(server), good);
    atomic_store(&unmeasured, false);
    assert_int_equal(a.status, 400);
    assert_true(a.close);
    assert_int_equal(atomic_load(&handled), before);
    assert_int_equal(raw_ask(http_server_port(server), good).status, 200);
}

/* The one thing the engine hides from the guard (ADR 0002): it overwrites line ends with NUL, so a
   NUL with a bare LF reads as CRLF. The field ends there in every reading; nothing is smuggled. */
static void test_nul_with_a_bare_lf_reads_as_a_line_end(void **state)
{
    (void)state;
    static const char BYTES[] = "POST / HTTP/1.1\r\n" H "A: b\0\nContent-Length: 5\r\n\r\nhello";
    int fd = raw_connect(http_server_port(server));
    raw_send(fd, BYTES, sizeof BYTES - 1);
    assert_string_equal(raw_read(fd, RAW_WAIT_MS).body, "hello");
    close(fd);
}

/* Between chunks the engine takes a bare LF for a line end, unseen by us. */
static void test_chunks_may_end_lines_with_lf(void **state)
{
    (void)state;
    const char *lf = "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n";
    assert_string_equal(raw_ask(http_server_port(server), lf).body, "hello");
}

static struct raw_answer ask_long(const char *before, size_t n, const char *after)
{
    char *text = sys_malloc(n + 256);
    size_t len = (size_t)snprintf(text, 128, "%s", before);
    memset(text + len, 'a', n);
    snprintf(text + len + n, 128, "%s", after);
    struct raw_answer a = raw_ask(http_server_port(server), text);
    sys_free(text);
    return a;
}

static void test_refuses_oversize(void **state)
{
    (void)state;
    const char *value = "GET / HTTP/1.1\r\n" H "A: ", *end = "\r\n\r\n";
    assert_int_equal(ask_long(value, 15000, end).status, 200);
    assert_int_equal(ask_long(value, 17000, end).status, 431);
    assert_int_equal(ask_long(value, 200000, end).status, 431);
    const char *version = " HTTP/1.1\r\n" H "\r\n";
    assert_int_equal(ask_long("GET /", 8000, version).status, 200);
    assert_int_equal(ask_long("GET /", 9000, version).status, 414);
    assert_int_equal(ask_long("GET /", 100000, version).status, 414);
    const char *bare = " HTTP/1.1\r\n" H "A: b\n\r\n"; /* two faults: the long one is told */
    assert_int_equal(ask_long("GET /", 8000, bare).status, 400);
    assert_int_equal(ask_long("GET /", 9000, bare).status, 414);
}

static struct raw_answer ask_parameters(size_t n)
{
    char text[8192] = "GET /?a=1";
    size_t len = strlen(text);
    for (size_t i = 1; i < n; i++)
        len += (size_t)snprintf(text + len, 16, "&a%zu=1", i);
    snprintf(text + len, sizeof text - len, " HTTP/1.1\r\n" H "A: %04000d\r\n\r\n", 0);
    return raw_ask(http_server_port(server), text);
}

static void test_refuses_too_many_parameters(void **state)
{
    (void)state;
    assert_int_equal(ask_parameters(100).status, 200);
    assert_int_equal(ask_parameters(101).status, 414);
    struct raw_answer a = ask_parameters(500);
    assert_int_equal(a.status, 414);
    assert_true(a.close);
}

static void test_refuses_too_many_fields(void **state)
{
    (void)state;
    char text[4096];
    for (size_t fields = 62; fields <= 66; fields += 2) {
        size_t len = (size_t)snprintf(text, sizeof text, "GET / HTTP/1.1\r\n" H);
        for (size_t i = 1; i < fields; i++)
            len += (size_t)snprintf(text + len, sizeof text - len, "A%zu: b\r\n", i);
        snprintf(text + len, sizeof text - len, "\r\n");
        int status = raw_ask(http_server_port(server), text).status;
        assert_int_equal(status, fields <= HTTP_MAX_HEADERS ? 200 : 431);
    }
}

/* Where the engine's memory ends nobody is left without a word, and no word is said twice. */
static void assert_answered(struct raw_answer a)
{
    assert_true(a.status == 200 || a.status == 414 || a.status == 431);
    if (a.status == 200)
        return;
    bool page = strstr(a.body, "Chưa thể nhận yêu cầu này");
    assert_true(page || strstr(a.body, "\"code\":\"ERR_"));
    assert_null(strstr(a.body, "HTTP/1.1"));
    assert_true(a.close);
}

static size_t put_head(char *text, size_t parameters, size_t fields)
{
    size_t len = (size_t)sprintf(text, "GET /?a=1");
    for (size_t i = 1; i < parameters; i++)
        len += (size_t)sprintf(text + len, "&a%zu=1", i);
    len += (size_t)sprintf(text + len, " HTTP/1.1\r\n" H "Accept: text/html\r\n");
    for (size_t i = 0; i < fields; i++)
        len += (size_t)sprintf(text + len, "A%zu: b\r\n", i);
    return len;
}

static void test_answers_heads_of_every_size(void **state)
{
    (void)state;
    static const size_t parameters[] = {1, 100, 101, 180, 400}, fields[] = {0, 60};
    static const char *const names[] = {"B: ", "Cookie: a=1; b=2; "};
    char *text = sys_malloc(64 << 10);
    for (size_t way = 0; way < 5 * 2 * 2; way++)
        for (size_t more = 500; more < 48000; more += more < 22000 ? 500 : 9000) {
            size_t len = put_head(text, parameters[way % 5], fields[way / 5 % 2]);
            len += (size_t)sprintf(text + len, "%s", names[way / 10]);
            for (size_t i = 0; i < more; i++)
                text[len++] = "c=dddddd; "[i % 10];
            text[len] = '\0';
            memcpy(text + len, "\r\n\r\n", 5);
            assert_answered(raw_ask(http_server_port(server), text));
        }
    for (size_t target = 8000; target < 48000; target += 1000) {
        size_t len = put_head(text, 100, 0) - strlen(" HTTP/1.1\r\n" H "Accept: text/html\r\n");
        memset(text + len, 'x', target);
        memcpy(text + len + target, " HTTP/1.1\r\n" H "\r\n", sizeof " HTTP/1.1\r\n" H "\r\n");
        assert_answered(raw_ask(http_server_port(server), text));
    }
    sys_free(text);
}

static void test_says_the_engines_refusals_in_our_words(void **state)
{
    (void)state;
    static const char PAGE[] = "Accept: text/html\r\n";
    static const struct {
        const char *first, *last;
        int status;
    } rows[] = {
        {"POST / HTTP/1.1\r\n" H, "Content-Length: 5a\r\n\r\nhello", 400},
        {"POST / HTTP/1.1\r\n" H, "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        {"GET / HTTP/1.1\r\n" H, "nocolon\r\n\r\n", 400},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int page = 0; page < 2; page++) {
            char text[512];
            snprintf(text, sizeof text, "%s%s%s", rows[i].first, page ? PAGE : "", rows[i].last);
            struct raw_answer a = raw_ask(http_server_port(server), text);
            assert_int_equal(a.status, rows[i].status);
            assert_non_null(strstr(a.head, page ? "text/html" : "application/problem+json"));
            assert_non_null(strstr(a.body, "Hãy cập nhật trình duyệt"));
            assert_non_null(strstr(a.body, "Update the browser"));
            assert_null(strstr(a.body, "HTTP/1.1"));
        }
    struct raw_answer a = raw_ask(http_server_port(server), "GET / HTTP/3.9\r\n" H "\r\n");
    assert_int_equal(a.status, 400);
    assert_non_null(strstr(a.body, "Update the browser"));
}

static _Atomic bool hammering;

static void *hammer(void *address)
{
    static const char bad[] = "POST / HTTP/1.1\r\n" H "Content-Length: 5a\r\n\r\n";
    while (atomic_load(&hammering)) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(fd, address, sizeof(struct sockaddr_in)) == 0)
            raw_send(fd, bad, sizeof bad - 1);
        close(fd);
    }
    return NULL;
}

static void test_stops_while_it_refuses(void **state)
{
    int held; /* so that the hammer meets nobody else */
    port_kept = port_held(&held);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(setup(state), 0);
        struct sockaddr_in at = {.sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)http_server_port(server)),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        pthread_t thread;
        atomic_store(&hammering, true);
        pthread_create(&thread, NULL, hammer, &at);
        usleep(5000);
        assert_int_equal(teardown(state), 0);
        atomic_store(&hammering, false);
        pthread_join(thread, NULL);
    }
    port_kept = 0;
    close(held);
}

static void test_counts_what_it_refused(void **state)
{
    (void)state;
    struct raw_answer a = raw_ask(http_server_port(server), "GET /%zz HTTP/1.1\r\n" H "\r\n");
    assert_int_equal(a.status, 400);
    assert_true(a.close);
    assert_non_null(strstr(a.head, "application/problem+json"));
    assert_non_null(strstr(a.body, "\"code\":\"ERR_HTTP_FRAMING\""));
    assert_non_null(strstr(a.body, "Yêu cầu không đúng chuẩn HTTP"));
    assert_non_null(strstr(a.body, "does not follow the HTTP standard"));
    assert_int_equal(http_server_stats(server).refused_framing, 1);
    const char *by_the_engine = "POST / HTTP/1.1\r\n" H "Content-Length: 5a\r\n\r\nhello";
    assert_int_equal(raw_ask(http_server_port(server), by_the_engine).status, 400);
    for (int i = 0; i < 5000 && http_server_stats(server).refused_framing < 2; i++)
        usleep(2000);
    assert_int_equal(http_server_stats(server).refused_framing, 2);
}

/* A browser is told in words, with what to do, in both languages; a program as a problem. */
static void test_tells_browsers_on_a_page(void **state)
{
    (void)state;
    static const char *const heads[] = {"GET /%zz HTTP/1.1\r\n" H,
                                        "POST / HTTP/1.1\r\n" H "Content-Length: 99999999999\r\n",
                                        "BREW / HTTP/1.1\r\n" H};
    static const int status[] = {400, 413, 405};
    char text[12000];
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        snprintf(text, sizeof text, "%sAccept: text/html,*/*;q=0.8\r\n\r\n", heads[i]);
        struct raw_answer a = raw_ask(http_server_port(server), text);
        assert_int_equal(a.status, status[i]);
        assert_non_null(strstr(a.head, "text/html; charset=utf-8"));
        assert_non_null(strstr(a.head, "default-src 'none'"));
        assert_non_null(
            strstr(a.body, "<h1 class=\"govuk-heading-l\">Chưa thể nhận yêu cầu này</h1>"));
        assert_non_null(strstr(a.body, "Quay lại của trình duyệt"));
        assert_non_null(strstr(a.body, "Back button"));
        assert_null(strstr(a.body, "about:blank"));
        snprintf(text, sizeof text, "%sAccept: application/json\r\n\r\n", heads[i]);
        a = raw_ask(http_server_port(server), text);
        assert_int_equal(a.status, status[i]);
        assert_non_null(strstr(a.head, "application/problem+json"));
    }
    size_t n = (size_t)snprintf(text, sizeof text, "GET /");
    memset(text + n, 'a', 8300);
    snprintf(text + n + 8300, sizeof text - n - 8300,
             " HTTP/1.1\r\n" H "Accept: text/html\r\n\r\n");
    struct raw_answer a = raw_ask(http_server_port(server), text);
    assert_int_equal(a.status, 414);
    assert_non_null(strstr(a.body, "<h1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_refuses_and_closes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_accepts_what_is_right, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refuses_byte_by_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refuses_what_it_cannot_read_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nul_with_a_bare_lf_reads_as_a_line_end, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_chunks_may_end_lines_with_lf, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refuses_oversize, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refuses_too_many_parameters, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refuses_too_many_fields, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tells_browsers_on_a_page, setup, teardown),
        cmocka_unit_test_setup_teardown(test_answers_heads_of_every_size, setup, teardown),
        cmocka_unit_test_setup_teardown(test_says_the_engines_refusals_in_our_words, setup,
                                        teardown),
        cmocka_unit_test(test_stops_while_it_refuses),
        cmocka_unit_test_setup_teardown(test_counts_what_it_refused, setup, teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(raw_spool());
    return failed;
}
