/* SPDX-License-Identifier: Apache-2.0 */
/* The node-to-node listener: TLS names the peer, the signature names the member. */
#include "base/id.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "engine/exchange/xroad.h"

static struct http_server *server;

struct incoming {
    struct ctx c;
    struct http_request *http;
    exchange_reply reply_with;
    struct exchange_head head;
    struct exchange_record record;
    struct exchange_signed reply;
    int status;
    int64_t wait_s; /* over its quota: when to come back */
    bool next;      /* by the certificate that its peer is about to change to */
    struct bytes answer;
};

static const char *header_base64(struct incoming *in, const char *name)
{
    const char *text = http_header(in->http, name);
    struct bytes out;
    if (!text || !base64url_decode(in->c.arena, text, &out))
        return NULL;
    return arena_text_n(in->c.arena, (const char *)out.ptr, out.len);
}

/* Not revoked, and known to be so. */
static enum err check_cert(struct incoming *in)
{
    struct cert *x;
    if (cert_parse(&in->c, in->http->peer_cert, &x)) {
        ctx_clear_faults(&in->c);
        return OK; /* nobody's whom we know: refused by whoever asks who it is */
    }
    enum err e = exchange_status_cert(&in->c, x);
    cert_end(x);
    return e;
}

static const struct node_peer *peer_by_cert(struct incoming *in)
{
    struct cert *x;
    if (cert_parse(&in->c, in->http->peer_cert, &x))
        return NULL;
    const char *print = cert_fingerprint(in->c.arena, x);
    cert_end(x);
    const struct node *n = in->c.node;
    for (size_t i = 0; i < n->n_peers; i++) {
        const struct node_peer *p = &n->peers[i];
        in->next = p->next_cert_sha256 && text_eq(p->next_cert_sha256, print);
        if (in->next || text_eq(p->cert_sha256, print))
            return p;
    }
    return NULL;
}

static bool peer_carries(const struct node_peer *p, const char *client)
{
    for (const char *const *m = p->members; *m; m++)
        if (text_eq(*m, client))
            return true;
    return false;
}

static enum err check_head(struct incoming *in, const struct node_peer *peer)
{
    struct ctx *c = &in->c;
    const struct exchange_head *h = &in->head;
    int64_t age = c->now_us - h->created_us;
    if (!peer_carries(peer, h->client))
        return fail(c, ERR_EXCHANGE_DENIED, h->service, h->client);
    if (age > EXCHANGE_VALID_US || age < -EXCHANGE_VALID_US)
        return fail(c, ERR_EXCHANGE_EXPIRED, "created_us", h->id);
    enum err e = http_body(c, in->http);
    if (e)
        return e;
    if (!text_eq(h->body_sha256, sha256_hex(c->arena, sha256(in->http->body))))
        return fail(c, ERR_SIGNATURE, "body_sha256");
    if (text_empty(h->id))
        return fail(c, ERR_EXCHANGE_HEAD, "id");
    return OK;
}

static enum err read_head(struct incoming *in)
{
    struct ctx *c = &in->c;
    const struct node_peer *peer = peer_by_cert(in);
    const char *signature = http_header(in->http, "Dinh-Signature");
    struct exchange_signed *s = &in->record.request;
    if (!peer)
        return fail(c, ERR_EXCHANGE_DENIED, "certificate");
    enum err e = exchange_status_peer(c, peer, in->next ? EXCHANGE_NEXT : EXCHANGE_NOW);
    if (e)
        return e;
    *s = (struct exchange_signed){header_base64(in, "Dinh-Head"), signature};
    if (!s->head || !s->signature)
        return fail(c, ERR_EXCHANGE_HEAD, "Dinh-Head");
    e = exchange_check(c, peer, s, &exchange_head_shape, &in->head);
    if (!e)
        e = check_head(in, peer);
    if (!e && (in->wait_s = exchange_quota_wait(in->head.client)))
        e = fail(c, ERR_RATE, arena_printf(c->arena, "%lld", (long long)in->wait_s));
    return e;
}

/* All but the time: a message sent again has a head of its own, signed then. */
static bool same_message(const struct exchange_head *a, const struct exchange_head *b)
{
    return text_eq(a->client, b->client) && text_eq(a->member, b->member) &&
           text_eq(a->service, b->service) && text_eq(a->purpose, b->purpose) &&
           text_eq(a->matter, b->matter) && text_eq(a->body_sha256, b->body_sha256) &&
           text_eq(a->reader, b->reader) && text_eq(a->reader_unit, b->reader_unit) &&
           text_eq(a->reader_role, b->reader_role) && text_eq(a->reader_person, b->reader_person);
}

/* The same message again gets the same answer; another one under its id is refused. */
static enum err answer_again_or_serve(struct ctx *c, void *arg)
{
    struct incoming *in = arg;
    const struct exchange_head *h = &in->head;
    struct exchange_record old = {0}, *m = &in->record;
    bool found = false;
    enum err e = exchange_store_find(c, h->id, "in", &found, &old);
    if (e)
        return e;
    if (found) {
        struct exchange_head first = {.reader_person = ""};
        e = shape_from_json(c, &exchange_head_shape, bytes_of(old.request.head), &first);
        if (!e && !same_message(&first, h))
            e = fail(c, ERR_EXCHANGE_REPLAY, "id", h->id);
        in->status = (int)old.status;
        in->answer = old.answer;
        return e;
    }
    *m = (struct exchange_record){.id = h->id,
                                  .direction = "in",
                                  .client = h->client,
                                  .member = h->member,
                                  .service = h->service,
                                  .purpose = h->purpose,
                                  .matter = h->matter,
                                  .at_us = c->now_us,
                                  .request = m->request,
                                  .body = in->http->body};
    if ((e = exchange_store_open(c, m)))
        return e;
    return exchange_serve(c, h, in->http->body, &in->status, &in->answer);
}

static enum err serve(struct ctx *c, void *arg)
{
    struct incoming *in = arg;
    struct exchange_signed request = in->record.request;
    c->access = NULL;
    enum err e = answer_again_or_serve(c, in);
    if (e)
        return e;
    struct exchange_answer_head ah = {.id = in->head.id,
                                      .status = in->status,
                                      .request_sha256 =
                                          sha256_hex(c->arena, sha256(bytes_of(request.head))),
                                      .body_sha256 = sha256_hex(c->arena, sha256(in->answer)),
                                      .created_us = c->now_us};
    in->reply = exchange_sign(c, &exchange_answer_head_shape, &ah);
    if (text_empty(in->record.id))
        return OK; /* answered again: the first record stands */
    in->record.reply = in->reply;
    in->record.status = in->status;
    in->record.answered_us = c->now_us;
    in->record.answer = in->answer;
    return exchange_log_answer(c, &in->record);
}

void exchange_guard(struct http_answer *a)
{
    http_answer_header(a, "Cache-Control", "no-store");
    http_answer_header(a, "X-Content-Type-Options", "nosniff");
    http_answer_header(a, "Content-Security-Policy",
                       "default-src 'none'; frame-ancestors 'none'; sandbox");
}

static void refuse(struct incoming *in, enum err e)
{
    struct http_answer a = {.status = err_row(e)->status};
    struct buf b = buf_new(in->c.arena, 1024);
    buf_printf(&b, "{\"status\":%d,\"code\":\"%s\"}", a.status, err_row(e)->name);
    exchange_guard(&a);
    http_answer_header(&a, "Content-Type", "application/problem+json");
    a.body = buf_bytes(&b);
    if (in->wait_s)
        http_answer_header(&a, "Retry-After",
                           arena_printf(in->c.arena, "%lld", (long long)in->wait_s));
    log_warn("exchange", "refused %s from %s", err_row(e)->name, in->http->peer);
    in->reply_with(in->http, &a);
}

static void done(void *arg, enum err e)
{
    struct incoming *in = arg;
    if (!e && FAULT_POINT("exchange.serve.done")) /* done here, and they don't hear of it */
        e = ERR_IO;
    if (e) {
        refuse(in, e);
        return;
    }
    struct http_answer a = {.status = 200, .body = in->answer};
    struct buf head = buf_new(in->c.arena, 16 * 1024);
    buf_base64url(&head, bytes_of(in->reply.head));
    exchange_guard(&a);
    http_answer_header(&a, "Content-Type", "application/json");
    http_answer_header(&a, "Dinh-Head", head.ptr);
    http_answer_header(&a, "Dinh-Signature", in->reply.signature);
    in->reply_with(in->http, &a);
}

void exchange_take(const struct node *n, struct http_request *http, exchange_reply reply)
{
    static const struct actor nobody = {.kind = ACTOR_AGENCY,
                                        .account = "exchange",
                                        .person = "",
                                        .name = "",
                                        .unit = "",
                                        .unit_name = "",
                                        .role = ""};
    struct incoming *in = ARENA_NEW(http->arena, struct incoming);
    in->http = http;
    in->reply_with = reply;
    in->head.reader_person = "";
    in->c = (struct ctx){.arena = http->arena, .now_us = sys_now_us(), .actor = &nobody, .node = n};
    in->c.request_id = id_new(http->arena, in->c.now_us);
    enum err e = check_cert(in);
    if (!e && text_starts(http->path, XROAD_PREFIX)) {
        xroad_take(&in->c, http);
        return;
    }
    bool known = text_eq(http->method, "POST") && text_eq(http->path, EXCHANGE_PATH);
    if (!e)
        e = known ? read_head(in) : ERR_NOT_FOUND;
    if (!e)
        e = db_write_later(&in->c, n->db, serve, in, done);
    if (e)
        refuse(in, e);
}

static void handle(void *arg, struct http_request *http)
{
    exchange_take(arg, http, http_reply);
}

static size_t body_limit(void *arg, const struct http_request *r)
{
    (void)arg, (void)r;
    return EXCHANGE_MAX_BODY;
}

enum err exchange_listen(struct ctx *c)
{
    const struct node *home = c->node;
    struct http_options o = {.name = "exchange",
                             .address = home->exchange_address,
                             .port = home->exchange_port,
                             .door_shut = true,
                             .threads = 2,
                             .max_body_bytes = EXCHANGE_MAX_BODY,
                             .spool_dir = arena_printf(c->arena, "%s/spool", home->data_dir),
                             .max_connections = 1024,
                             .max_connections_per_peer = 512,
                             .tls_cert_pem = cert_pem(c->arena, home->tls_cert),
                             .tls_key = {key_sign_tls, home->tls_key},
                             .client_ca_pem = cert_pem(c->arena, home->ca_cert),
                             .body_limit = body_limit,
                             .handle = handle,
                             .arg = (void *)(uintptr_t)home};
    return http_server_start(c, &o, &server);
}

enum err exchange_open(struct ctx *c)
{
    return server ? http_server_open(c, server) : OK;
}

void exchange_stop(void)
{
    if (server)
        http_server_stop(server, 2 * SECOND_US);
    server = NULL;
}
