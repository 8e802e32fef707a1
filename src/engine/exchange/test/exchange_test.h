/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the exchange share: two nodes with an authority of their own, H57 that asks and
   the national one (G22, G01) that answers, over real mutual TLS; a module with services. */
#ifndef DINH_ENGINE_EXCHANGE_TEST_H
#define DINH_ENGINE_EXCHANGE_TEST_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "base/text.h"
#include "core/jobs.h"
#include "core/outbox.h"
#include "engine/exchange/exchange_private.h"
#include "net/client.h"
#include "test/harness/node_test.h"
#include "test/harness/port_test.h"
#include "web/json.h"

/* ---- services of the one that answers, replies of the one that asks ---- */

static char seen[4096]; /* bodies that echo.count took, each with a blank after it */
static struct {
    int n, status;
    char answer[1024];
} replied;

static inline enum err serve_say(struct ctx *c, struct service_call *call)
{
    (void)c;
    call->answer = call->body;
    return OK;
}

static inline enum err serve_count(struct ctx *c, struct service_call *call)
{
    int64_t n;
    enum err e = counter_next(c, "echo", "", &n);
    if (e)
        return e;
    size_t len = strlen(seen);
    snprintf(seen + len, sizeof seen - len, "%.*s ", (int)call->body.len,
             (const char *)call->body.ptr);
    call->answer = bytes_of(arena_printf(c->arena, "{\"n\":%d}", (int)n));
    return OK;
}

static inline enum err serve_refuse(struct ctx *c, struct service_call *call)
{
    (void)call;
    return fail(c, ERR_BAD_NUMBER, "pin", "046");
}

static inline enum err serve_broken(struct ctx *c, struct service_call *call)
{
    (void)call;
    return fail(c, ERR_INTERNAL, "echo");
}

/* Whose number comes with it. */
static inline enum err serve_whose(struct ctx *c, struct service_call *call)
{
    call->answer = bytes_of(arena_printf(c->arena, "[%s]", c->actor->person));
    return OK;
}

/* Who it says that acts. */
static inline enum err serve_who(struct ctx *c, struct service_call *call)
{
    struct buf b = buf_new(c->arena, 1024);
    buf_printf(&b, "%s|%s|%s|%s|%s", c->actor->account, c->actor->unit, c->actor->name,
               c->purpose ? c->purpose : "", c->matter ? c->matter : "");
    call->answer = buf_bytes(&b);
    return OK;
}

static inline enum err take_reply(struct ctx *c, const char *matter, const char *id, int status,
                                  struct bytes answer)
{
    (void)c, (void)matter, (void)id;
    replied.n++;
    replied.status = status;
    snprintf(replied.answer, sizeof replied.answer, "%.*s", (int)answer.len,
             (const char *)answer.ptr);
    return OK;
}

static const char *const birth_only[] = {"birth_registration", NULL};
static const struct service services[] = {
    {.code = "echo.say", .member = "G01", .serve = serve_say},
    {.code = "echo.count", .member = "G01", .write = true, .serve = serve_count},
    {.code = "echo.refuse", .member = "G01", .serve = serve_refuse},
    {.code = "echo.broken", .member = "G01", .serve = serve_broken},
    {.code = "echo.who", .member = "G01", .serve = serve_who},
    {.code = "echo.whose", .member = "G01", .serve = serve_whose},
    {.code = "echo.person", .member = "G01", .purposes = birth_only, .serve = serve_say},
};
static const struct reply_handler replies[] = {{"echo.count", take_reply},
                                               {"echo.broken", take_reply}};
static const struct module echo_module = {
    .name = "echo", TABLE(services, services), TABLE(replies, replies)};
static const struct module *const modules[] = {&exchange_module, &echo_module};

/* ---- two nodes ---- */

static struct {
    struct node_world *a, *b; /* h57 asks, national answers */
    struct key *ca_key;
    struct cert *ca;
    int held[2]; /* their ports */
    void (*body)(void);
} two;

static inline struct cert *issue(struct ctx *c, const char *name, const struct key *k, bool tls)
{
    static const char *const dns[] = {"127.0.0.1", NULL};
    struct cert *x;
    struct cert_wish w = {.common_name = name,
                          .dns = tls ? dns : NULL,
                          .tls = tls,
                          .sign = !tls,
                          .from_us = c->now_us - 300 * DAY_US,
                          .until_us = c->now_us + 3600 * DAY_US};
    assert_int_equal(cert_issue(c, &w, k, two.ca_key, two.ca, &x), OK);
    return x;
}

static inline void make_authority(struct ctx *c)
{
    struct cert_wish w = {.common_name = "Authority of the test",
                          .ca = true,
                          .from_us = c->now_us - 365 * DAY_US,
                          .until_us = c->now_us + 3650 * DAY_US};
    assert_int_equal(key_new(c, &two.ca_key), OK);
    assert_int_equal(cert_issue(c, &w, two.ca_key, NULL, NULL, &two.ca), OK);
}

static inline void dress(struct node_world *w, const char *name, const char *agency,
                         const char *const *members)
{
    struct node *n = w->n;
    struct bytes pem = bytes_of(cert_pem(w->c->arena, two.ca));
    cert_end(n->sign_cert);
    cert_end(n->ca_cert);
    assert_int_equal(cert_parse(w->c, pem, &n->ca_cert), OK);
    n->sign_cert = issue(w->c, name, n->sign_key, false);
    assert_int_equal(key_new(w->c, &n->tls_key), OK);
    n->tls_cert = issue(w->c, name, n->tls_key, true);
    n->name = name;
    n->agency = agency;
    n->members = members;
    n->exchange_port = port_held(&two.held[w != two.a]);
    n->exchange_url = arena_printf(w->c->arena, "https://127.0.0.1:%d", n->exchange_port);
    as_system(w, "test");
}

static inline void introduce(struct node_world *w, const struct node_world *to)
{
    struct node_peer *p = ARENA_NEW(w->c->arena, struct node_peer);
    struct buf point = buf_new(w->c->arena, 256);
    buf_base64url(&point, cert_public_point(w->c->arena, to->n->sign_cert));
    *p = (struct node_peer){.agency = to->n->agency,
                            .name = to->n->name,
                            .url = to->n->url,
                            .exchange_url = to->n->exchange_url,
                            .cert_sha256 = cert_fingerprint(w->c->arena, to->n->tls_cert),
                            .sign_point_b64 = point.ptr,
                            .members = to->n->members};
    w->n->peers = p;
    w->n->n_peers = 1;
}

static inline void listen_at(struct node_world *w)
{
    assert_int_equal(exchange_listen(w->c), OK);
    assert_int_equal(exchange_open(w->c), OK);
}

static inline void undress(struct node_world *w)
{
    close(two.held[w != two.a]);
    key_end(w->n->tls_key);
    cert_end(w->n->tls_cert);
}

static inline void second(struct node_world *b, void *arg)
{
    static const char *const asks[] = {"H57", NULL}, *const answers[] = {"G22", "G01", NULL};
    (void)arg;
    two.b = b;
    make_authority(b->c);
    dress(two.a, "h57", "H57", asks);
    dress(b, "national", "G22", answers);
    introduce(two.a, b);
    introduce(b, two.a);
    memset(seen, 0, sizeof seen);
    memset(&replied, 0, sizeof replied);
    two.body();
    exchange_stop();
    undress(two.a);
    undress(b);
    cert_end(two.ca);
    key_end(two.ca_key);
}

static inline void first(struct node_world *a, void *arg)
{
    two.a = a;
    node_test_on(a->d->kind, modules, ARRAY_LEN(modules), second, arg);
}

static inline void on_two_nodes(void (*body)(void))
{
    two.body = body;
    node_test(modules, ARRAY_LEN(modules), first, NULL);
}

/* ---- acts ---- */

struct right {
    const char *client, *service;
    bool allow;
};

static inline enum err set_right(struct ctx *c, void *arg)
{
    const struct right *r = arg;
    return r->allow ? exchange_allow(c, r->client, "G01", r->service)
                    : exchange_deny(c, r->client, "G01", r->service);
}

static inline void allow(const char *service)
{
    struct right r = {"H57", service, true};
    assert_int_equal(do_write(two.b, set_right, &r), OK);
}

static inline void deny(const char *service)
{
    struct right r = {"H57", service, false};
    assert_int_equal(do_write(two.b, set_right, &r), OK);
}

struct asked {
    enum err e;
    int status;
    const char *text; /* of the answer */
};

static inline struct asked ask(const char *member, const char *service, const char *body)
{
    struct asked r = {0};
    struct bytes answer = {NULL, 0};
    struct ctx *c = two.a->c;
    ctx_clear_faults(c);
    c->now_us = sys_now_us();
    r.e = exchange_call(c, member, service, bytes_of(body), &r.status, &answer);
    r.text = arena_text_n(c->arena, (const char *)answer.ptr, answer.len);
    return r;
}

struct sending {
    const char *service, *key, *body, *id;
};

static inline enum err put(struct ctx *c, void *arg)
{
    struct sending *s = arg;
    return exchange_send(c, "G01", s->service, s->key, bytes_of(s->body), &s->id);
}

static inline const char *send_later(const char *service, const char *key, const char *body)
{
    struct sending s = {service, key, body, NULL};
    assert_int_equal(do_write(two.a, put, &s), OK);
    return s.id;
}

static inline enum err run_outbox(void)
{
    two.a->c->now_us = sys_now_us();
    return outbox_run(two.a->c);
}

/* ---- questions ---- */

static inline enum err report_of(struct ctx *c, void *arg)
{
    return exchange_verify(c, arg);
}

static inline struct exchange_report verify(struct node_world *w)
{
    struct exchange_report r;
    assert_int_equal(do_read(w, report_of, &r), OK);
    return r;
}

static inline void sound(struct node_world *w, int messages)
{
    struct exchange_report r = verify(w);
    assert_string_equal(r.problem, "");
    assert_int_equal(r.bad, 0);
    assert_int_equal(r.messages, messages);
}

struct finding {
    const char *id, *direction;
    struct exchange_record m;
    bool found;
};

static inline enum err find(struct ctx *c, void *arg)
{
    struct finding *f = arg;
    return exchange_store_find(c, f->id, f->direction, &f->found, &f->m);
}

static inline struct finding logged(struct node_world *w, const char *id, const char *direction)
{
    struct finding f = {.id = id, .direction = direction};
    assert_int_equal(do_read(w, find, &f), OK);
    return f;
}

#endif
