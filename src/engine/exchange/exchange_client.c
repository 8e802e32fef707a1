/* SPDX-License-Identifier: Apache-2.0 */
/* The consumer's side: log, sign, send, check the answer's signature, log. */
#include "base/id.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/outbox.h"
#include "engine/exchange/exchange_private.h"
#include "net/client.h"

#define CONNECT_US (2 * SECOND_US)
#define ANSWER_US  (20 * SECOND_US)

const char *exchange_client_of(struct ctx *c, const char *unit)
{
    size_t n = 0;
    while (unit && unit[n] && unit[n] != '.')
        n++;
    const char *agency = n ? arena_text_n(c->arena, unit, n) : c->node->agency;
    return node_carries(c->node, agency) ? agency : c->node->agency;
}

static const char *hash_hex(struct ctx *c, struct bytes in)
{
    return sha256_hex(c->arena, sha256(in));
}

void exchange_head_of(struct ctx *c, const char *member, const char *service, struct bytes body,
                      struct exchange_head *h)
{
    const struct actor *a = c->actor;
    *h = (struct exchange_head){.id = id_new(c->arena, c->now_us),
                                .client = exchange_client_of(c, a->unit),
                                .member = member,
                                .service = service,
                                .purpose = c->purpose ? c->purpose : "",
                                .matter = c->matter ? c->matter : "",
                                .reader = a->name ? a->name : "",
                                .reader_unit = a->unit ? a->unit : "",
                                .reader_role = a->role ? a->role : "",
                                .reader_person = a->kind == ACTOR_CITIZEN ? a->person : "",
                                .body_sha256 = hash_hex(c, body),
                                .created_us = c->now_us};
}

static struct exchange_record record_of(const struct exchange_head *h, const char *direction,
                                        struct exchange_signed request, struct bytes body)
{
    return (struct exchange_record){.id = h->id,
                                    .direction = direction,
                                    .client = h->client,
                                    .member = h->member,
                                    .service = h->service,
                                    .purpose = h->purpose,
                                    .matter = h->matter,
                                    .at_us = h->created_us,
                                    .request = request,
                                    .body = body};
}

/* ---- a member on this node ---- */

struct local {
    const struct exchange_head *head;
    struct exchange_record *record;
    int status;
    struct bytes answer;
};

static enum err serve_local(struct ctx *c, void *arg)
{
    struct local *l = arg;
    struct exchange_record old;
    bool found = false;
    enum err e = exchange_store_find(c, l->head->id, "local", &found, &old);
    if (!e && found) { /* the outbox asks again after a crash: the first answer stands */
        l->status = (int)old.status;
        l->answer = old.answer;
        return OK;
    }
    if (!e)
        e = exchange_store_open(c, l->record);
    if (!e)
        e = exchange_serve(c, l->head, l->record->body, &l->status, &l->answer);
    if (e)
        return e;
    struct exchange_answer_head ah = {.id = l->head->id,
                                      .status = l->status,
                                      .request_sha256 =
                                          hash_hex(c, bytes_of(l->record->request.head)),
                                      .body_sha256 = hash_hex(c, l->answer),
                                      .created_us = c->now_us};
    l->record->reply = exchange_sign(c, &exchange_answer_head_shape, &ah);
    l->record->status = l->status;
    l->record->answered_us = c->now_us;
    l->record->answer = l->answer;
    return exchange_log_answer(c, l->record);
}

static enum err deliver_local(struct ctx *c, const struct exchange_head *h, struct bytes body,
                              int *ret_status, struct bytes *ret_answer)
{
    struct exchange_record m =
        record_of(h, "local", exchange_sign(c, &exchange_head_shape, h), body);
    struct local l = {.head = h, .record = &m};
    enum err e = db_write(c, c->node->db, serve_local, &l);
    if (e)
        return e;
    *ret_status = l.status;
    *ret_answer = l.answer;
    return OK;
}

/* ---- a member on another node ---- */

struct opening {
    struct exchange_record *m, old;
    bool answered; /* before: we were killed between their answer and the outbox */
};

static enum err log_open(struct ctx *c, void *arg)
{
    struct opening *o = arg;
    bool found = false;
    enum err e = exchange_store_find(c, o->m->id, o->m->direction, &found, &o->old);
    o->answered = !e && found && o->old.status;
    return e || o->answered ? e : exchange_store_open(c, o->m);
}

static enum err log_answer(struct ctx *c, void *arg)
{
    return exchange_log_answer(c, arg);
}

/* Of a peer that changes its certificate, only the one that stands. */
static void use_standing(struct ctx *c, const struct node_peer *peer, struct client_tls *io)
{
    size_t before = c->n_faults;
    if (peer->next_cert_sha256 && exchange_status_peer(c, peer, EXCHANGE_NEXT))
        io->or_pin_sha256_hex = NULL;
    else if (peer->next_cert_sha256 && exchange_status_peer(c, peer, EXCHANGE_NOW))
        io->pin_sha256_hex = peer->next_cert_sha256;
    c->n_faults = before;
}

static enum err ask(struct ctx *c, const struct node_peer *peer, const struct exchange_record *m,
                    struct client_answer *ret)
{
    struct buf head = buf_new(c->arena, 16 * 1024);
    buf_base64url(&head, bytes_of(m->request.head));
    const struct http_header headers[] = {{"Content-Type", "application/json"},
                                          {"Dinh-Head", head.ptr},
                                          {"Dinh-Signature", m->request.signature}};
    struct client_tls tls = {.ca_pem = cert_pem(c->arena, c->node->ca_cert),
                             .cert_pem = cert_pem(c->arena, c->node->tls_cert),
                             .key = {key_sign_tls, c->node->tls_key},
                             .tls13_only = true,
                             .crl_pem = exchange_status_crl(c),
                             .pin_sha256_hex = peer->cert_sha256,
                             .or_pin_sha256_hex = peer->next_cert_sha256};
    use_standing(c, peer, &tls);
    struct client_request q = {.method = "POST",
                               .url =
                                   arena_printf(c->arena, "%s" EXCHANGE_PATH, peer->exchange_url),
                               .headers = headers,
                               .n_headers = ARRAY_LEN(headers),
                               .body = m->body,
                               .connect_timeout_us = CONNECT_US,
                               .timeout_us = ANSWER_US,
                               .max_answer_bytes = EXCHANGE_MAX_BODY,
                               .tls = &tls};
    if (client_send(c, &q, ret)) {
        ctx_clear_faults(c);
        return fail(c, ERR_EXCHANGE_DOWN, m->member, peer->name);
    }
    return OK;
}

/* Without a signed head: the node refused to read the message; mutual TLS says that it is they. */
static enum err refused(struct ctx *c, const struct node_peer *peer,
                        const struct exchange_record *m, const struct client_answer *a)
{
    enum err e = exchange_refusal(c, a->status, a->body);
    if (e == ERR_EXCHANGE_DENIED)
        return fail(c, e, m->service, m->client);
    if (e == ERR_EXCHANGE_EXPIRED)
        return fail(c, e, "created_us", m->id);
    if (e == ERR_EXCHANGE_REFUSED)
        return fail(c, e, m->member, arena_printf(c->arena, "%d", a->status));
    return fail(c, e, m->member, peer->name);
}

static enum err check_answer(struct ctx *c, const struct node_peer *peer, struct exchange_record *m,
                             const struct client_answer *a)
{
    const char *head = client_answer_header(a, "Dinh-Head");
    const char *signature = client_answer_header(a, "Dinh-Signature");
    struct exchange_answer_head ah = {0};
    struct bytes json;
    if (!head || !signature || !base64url_decode(c->arena, head, &json))
        return refused(c, peer, m, a);
    m->reply = (struct exchange_signed){arena_text_n(c->arena, (const char *)json.ptr, json.len),
                                        signature};
    enum err e = exchange_check(c, peer, &m->reply, &exchange_answer_head_shape, &ah);
    if (e)
        return e;
    bool same = text_eq(ah.id, m->id) && text_eq(ah.body_sha256, hash_hex(c, a->body)) &&
                text_eq(ah.request_sha256, hash_hex(c, bytes_of(m->request.head)));
    if (!same)
        return fail(c, ERR_SIGNATURE, "Dinh-Head");
    m->status = ah.status;
    m->answered_us = c->now_us;
    m->answer = a->body;
    return OK;
}

enum err exchange_deliver(struct ctx *c, const struct exchange_head *h, struct bytes body,
                          int *ret_status, struct bytes *ret_answer)
{
    if (body.len > EXCHANGE_MAX_BODY)
        return fail(c, ERR_BODY_TOO_LARGE, "body");
    if (node_carries(c->node, h->member))
        return deliver_local(c, h, body, ret_status, ret_answer);
    const struct node_peer *peer = node_peer_of(c->node, h->member);
    if (!peer)
        return fail(c, ERR_EXCHANGE_UNKNOWN, "member", h->member);
    if (exchange_status_peer(
            c, peer,
            EXCHANGE_NOW | EXCHANGE_NEXT)) { /* waits in the outbox for a peer that is one again */
        ctx_clear_faults(c);
        return fail(c, ERR_EXCHANGE_DOWN, h->member, peer->name);
    }
    struct exchange_record m = record_of(h, "out", exchange_sign(c, &exchange_head_shape, h), body);
    struct opening o = {.m = &m};
    struct client_answer a;
    enum err e = db_write(c, c->node->db, log_open, &o);
    if (!e && o.answered) {
        *ret_status = (int)o.old.status;
        *ret_answer = o.old.answer;
        return OK;
    }
    if (!e && FAULT_POINT("exchange.ask.before"))
        e = fail(c, ERR_EXCHANGE_DOWN, m.member, peer->name);
    if (!e)
        e = ask(c, peer, &m, &a);
    if (!e && FAULT_POINT("exchange.ask.after")) /* answered, and the answer is lost */
        e = fail(c, ERR_EXCHANGE_DOWN, m.member, peer->name);
    if (!e)
        e = check_answer(c, peer, &m, &a);
    if (!e)
        e = db_write(c, c->node->db, log_answer, &m);
    if (e)
        return e;
    *ret_status = (int)m.status;
    *ret_answer = m.answer;
    return OK;
}

enum err exchange_call(struct ctx *c, const char *member, const char *service, struct bytes body,
                       int *ret_status, struct bytes *ret_answer)
{
    struct exchange_head h;
    exchange_head_of(c, member, service, body, &h);
    return exchange_deliver(c, &h, body, ret_status, ret_answer);
}

/* ---- through the outbox ---- */

enum err exchange_send(struct ctx *c, const char *member, const char *service,
                       const char *order_key, struct bytes body, const char **ret_id)
{
    struct outbox_item item = {.channel = "exchange",
                               .to = member,
                               .what = service,
                               .matter = c->matter ? c->matter : "",
                               .purpose = c->purpose ? c->purpose : "",
                               .order_key = order_key ? order_key : "",
                               .body = body};
    if (body.len > EXCHANGE_MAX_BODY)
        return fail(c, ERR_BODY_TOO_LARGE, "body");
    return outbox_put(c, &item, ret_id);
}
