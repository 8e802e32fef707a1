/* SPDX-License-Identifier: Apache-2.0 */
/* For the tests of net: a server with a few routes, and a client that speaks raw bytes. */
#ifndef DINH_NET_TEST_RAW_H
#define DINH_NET_TEST_RAW_H

#include "test/harness/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sys.h"
#include "net/http_stats.h"

static inline struct ctx *test_ctx(void)
{
    struct arena *a = arena_new(256 << 20);
    struct ctx *c = ARENA_NEW(a, struct ctx);
    c->arena = a;
    return c;
}

/* ---- the server under test ---- */

struct held { /* a request that waits for another thread */
    struct http_request *r;
    int64_t after_us;
};
static _Atomic int raw_held, raw_released;
static _Atomic bool raw_release;

static inline void raw_say(struct http_request *r, int status, struct bytes body)
{
    struct http_answer a = {.status = status, .body = body};
    http_answer_header(&a, "Content-Type", "text/plain; charset=utf-8");
    http_reply(r, &a);
}

static inline void *raw_reply_later(void *arg)
{
    struct held h = *(struct held *)arg;
    sys_free(arg);
    if (h.after_us >= 0)
        usleep((useconds_t)h.after_us);
    else
        while (!atomic_load(&raw_release))
            usleep(1000);
    struct ctx c = {.arena = h.r->arena};
    bool read = http_body(&c, h.r) == OK;
    raw_say(h.r, read ? 200 : 500, bytes_of(arena_printf(h.r->arena, "later %s", h.r->query)));
    atomic_fetch_add(&raw_released, 1);
    return NULL;
}

static inline void raw_later(struct http_request *r, int64_t after_us)
{
    struct held *h = sys_malloc(sizeof *h);
    *h = (struct held){r, after_us};
    pthread_t thread;
    atomic_fetch_add(&raw_held, 1);
    pthread_create(&thread, NULL, raw_reply_later, h);
    pthread_detach(thread);
}

static inline void raw_echo(struct http_request *r)
{
    struct ctx c = {.arena = r->arena};
    enum err e = http_body(&c, r);
    raw_say(r, e ? err_row(e)->status : 200, r->body);
}

static inline void raw_big(struct http_request *r)
{
    size_t n = 8 << 20;
    char *body = arena_alloc(r->arena, n);
    memset(body, 'x', n);
    raw_say(r, 200, (struct bytes){(uint8_t *)body, n});
}

/* A quarter of a megabyte, for which four were worked with. */
static inline void raw_worked(struct http_request *r)
{
    char *waste = arena_alloc(r->arena, 4 << 20), *body = arena_alloc(r->arena, 256 << 10);
    memset(waste, 'w', 4 << 20);
    memset(body, 'x', 256 << 10);
    raw_say(r, 200, (struct bytes){(uint8_t *)body, 256 << 10});
}

static inline void raw_handle(void *arg, struct http_request *r)
{
    (void)arg;
    if (strcmp(r->path, "/echo") == 0)
        raw_echo(r);
    else if (strcmp(r->path, "/later") == 0)
        raw_later(r, 3000);
    else if (strcmp(r->path, "/soon") == 0)
        raw_later(r, 0);
    else if (strcmp(r->path, "/held") == 0)
        raw_later(r, -1);
    else if (strcmp(r->path, "/big") == 0)
        raw_big(r);
    else if (strcmp(r->path, "/worked") == 0)
        raw_worked(r);
    else if (strcmp(r->path, "/cert") == 0)
        raw_say(r, 200, bytes_of(arena_printf(r->arena, "%zu", r->peer_cert.len)));
    else if (strcmp(r->path, "/bytes") == 0)
        raw_say(r, 200,
                bytes_of(arena_printf(r->arena, "%zu %s", r->body_bytes,
                                      r->body_spooled ? "spooled" : "memory")));
    else if (strcmp(r->path, "/where") == 0)
        raw_say(r, 200,
                bytes_of(arena_printf(r->arena, "%s|%s|%s|%s", r->method, r->query, r->peer,
                                      http_header(r, "x-test"))));
    else
        raw_say(r, 200, bytes_of(r->path));
}

static inline size_t raw_limit(void *arg, const struct http_request *r)
{
    (void)arg;
    return strcmp(r->path, "/small") == 0 ? 10 : SIZE_MAX;
}

/* Where bodies are spooled: a folder of this process, removed by main. */
static inline const char *raw_spool(void)
{
    static char dir[] = "/tmp/dinh-net-XXXXXX";
    static bool made;
    if (!made)
        assert_non_null(mkdtemp(dir));
    made = true;
    return dir;
}

static inline struct http_options raw_options(void)
{
    return (struct http_options){.address = "127.0.0.1",
                                 .threads = 2,
                                 .max_body_bytes = 32 << 20,
                                 .max_memory_body_bytes = 64 << 10,
                                 .spool_dir = raw_spool(),
                                 .body_limit = raw_limit,
                                 .handle = raw_handle};
}

static inline struct http_server *raw_server(struct ctx *c, const struct http_options *o)
{
    struct http_server *s = NULL;
    assert_int_equal(http_server_start(c, o, &s), OK);
    return s;
}

/* ---- the raw client ---- */

/* -1: nobody listens there. */
static inline int raw_try(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    close(fd);
    return -1;
}

/* From that address of ours. */
static inline int raw_connect_from(const char *address, int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET}, to = a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(inet_pton(AF_INET, address, &a.sin_addr), 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    to.sin_port = htons((uint16_t)port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static inline int raw_connect(int port)
{
    int fd = raw_try(port);
    assert_true(fd >= 0);
    return fd;
}

static inline bool raw_listens(int port)
{
    int fd = raw_try(port);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static inline bool raw_send(int fd, const void *data, size_t len)
{
    const char *p = data;
    while (len) {
        ssize_t n = send(fd, p, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static inline bool raw_text(int fd, const char *text)
{
    return raw_send(fd, text, strlen(text));
}

struct raw_answer {
    int status; /* 0: none came */
    bool close; /* it said Connection: close */
    size_t body_len;
    char head[8192];
    char body[8192]; /* its beginning */
};

/* For what comes: ends a test that hangs, and judges no speed. */
enum { RAW_WAIT_MS = 20000 };

/* Waits for more bytes: count, 0 at the end, -1 after the time. */
static inline ssize_t raw_more(int fd, char *to, size_t room, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, ms) <= 0)
        return -1;
    ssize_t n = recv(fd, to, room, 0);
    return n < 0 ? 0 : n;
}

static inline bool raw_head(int fd, struct raw_answer *a, int ms)
{
    size_t n = 0;
    while (n + 1 < sizeof a->head) {
        if (raw_more(fd, a->head + n, 1, ms) != 1)
            return false;
        a->head[++n] = '\0';
        if (n >= 4 && memcmp(a->head + n - 4, "\r\n\r\n", 4) == 0)
            return true;
    }
    return false;
}

static inline void raw_body(int fd, struct raw_answer *a, size_t len, int ms)
{
    char piece[65536];
    while (a->body_len < len) {
        size_t want = len - a->body_len < sizeof piece ? len - a->body_len : sizeof piece;
        ssize_t n = raw_more(fd, piece, want, ms);
        if (n <= 0)
            return;
        for (ssize_t i = 0; i < n && a->body_len + (size_t)i + 1 < sizeof a->body; i++)
            a->body[a->body_len + (size_t)i] = piece[i];
        a->body_len += (size_t)n;
    }
}

static inline struct raw_answer raw_read(int fd, int ms)
{
    struct raw_answer a = {0};
    if (!raw_head(fd, &a, ms))
        return a;
    sscanf(a.head, "HTTP/1.1 %d", &a.status);
    a.close = strcasestr(a.head, "\r\nConnection: close") != NULL;
    const char *length = strcasestr(a.head, "\r\nContent-Length: ");
    if (length && a.status >= 200)
        raw_body(fd, &a, strtoul(length + 18, NULL, 10), ms);
    return a;
}

/* Does the server close, with no pause of ms before? What it still says is dropped. */
static inline bool raw_closed(int fd, int ms)
{
    char piece[4096];
    ssize_t n;
    do
        n = raw_more(fd, piece, sizeof piece, ms);
    while (n > 0);
    return n == 0;
}

static inline struct raw_answer raw_ask(int port, const char *request)
{
    int fd = raw_connect(port);
    raw_text(fd, request);
    struct raw_answer a = raw_read(fd, RAW_WAIT_MS);
    close(fd);
    return a;
}

/* A body of b's, until the server takes no more. */
static inline void raw_chunks(int fd, size_t total, bool chunked)
{
    static char piece[64 * 1024];
    memset(piece, 'b', sizeof piece);
    for (size_t sent = 0; sent < total; sent += sizeof piece) {
        char size[16];
        snprintf(size, sizeof size, "%zx\r\n", sizeof piece);
        if (chunked && !raw_text(fd, size))
            return;
        if (!raw_send(fd, piece, sizeof piece))
            return;
        if (chunked && !raw_text(fd, "\r\n"))
            return;
    }
    if (chunked)
        raw_text(fd, "0\r\n\r\n");
}

#endif
