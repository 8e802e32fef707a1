/* SPDX-License-Identifier: Apache-2.0 */
/* Proves the message log. A row may hold 16 MiB: each is read into an arena of its own. */
#include <string.h>

#include "base/text.h"
#include "core/audit.h"
#include "engine/exchange/exchange_private.h"

#define PAGE 200
/* Of a detail: what the heads are. */
#define HEADS_LEN (strlen("{\"sha256\":\"") + 2 * SHA256_LEN)

struct proof {
    struct exchange_report *report;
    struct arena *kept; /* the caller's */
    struct node_peer own;
    int64_t n_named; /* by the trail, and there */
    bool resealed;   /* some were sealed anew */
};

static void broken(struct proof *p, const char *id, const char *direction, const char *what)
{
    if (!p->report->bad++)
        p->report->problem = arena_printf(p->kept, "%s (%s): %s", id, direction, what);
}

/* Of whoever isn't known any more, no key holds. */
static const struct node_peer *signer(struct ctx *c, const struct proof *p, const char *member)
{
    static const struct node_peer nobody = {.sign_point_b64 = ""};
    const struct node_peer *peer =
        node_carries(c->node, member) ? &p->own : node_peer_of(c->node, member);
    return peer ? peer : &nobody;
}

/* What the log's columns say is what was signed. */
static bool columns_fit(const struct exchange_record *m, const struct exchange_head *h)
{
    return text_eq(m->id, h->id) && text_eq(m->client, h->client) &&
           text_eq(m->member, h->member) && text_eq(m->service, h->service) &&
           text_eq(m->purpose, h->purpose) && text_eq(m->matter, h->matter);
}

static const char *hash_of(struct ctx *c, struct bytes in)
{
    return sha256_hex(c->arena, sha256(in));
}

static const char *fault_of_request(struct ctx *c, const struct proof *p,
                                    const struct exchange_record *m)
{
    struct exchange_head h = {0};
    if (exchange_prove(c, signer(c, p, m->client), &m->request, &exchange_head_shape, &h,
                       &h.created_us))
        return "request signature";
    if (!text_eq(h.body_sha256, hash_of(c, m->body)))
        return "request body";
    return columns_fit(m, &h) ? NULL : "a column of the request";
}

/* Only what we asked may be open: another node may be down; what we serve is answered in the same
   transaction. */
static const char *fault_of_open(const struct exchange_record *m)
{
    bool empty = text_empty(m->reply.head) && text_empty(m->reply.signature) && !m->answer.len &&
                 !m->answered_us;
    if (!empty)
        return "answer status";
    return text_eq(m->direction, "out") ? NULL : "answer missing";
}

static const char *fault_of_answer(struct ctx *c, const struct proof *p,
                                   const struct exchange_record *m)
{
    struct exchange_answer_head ah = {0};
    if (!m->status)
        return fault_of_open(m);
    if (exchange_prove(c, signer(c, p, m->member), &m->reply, &exchange_answer_head_shape, &ah,
                       &ah.created_us))
        return "answer signature";
    if (!text_eq(ah.body_sha256, hash_of(c, m->answer)))
        return "answer body";
    if (ah.status != m->status)
        return "answer status";
    bool paired =
        text_eq(ah.id, m->id) && text_eq(ah.request_sha256, hash_of(c, bytes_of(m->request.head)));
    return paired ? NULL : "the request the answer is for";
}

static enum err prove(struct ctx *c, struct proof *p, const struct exchange_key *k)
{
    struct exchange_record m;
    bool found;
    enum err e = exchange_store_find(c, k->id, k->direction, &found, &m);
    p->report->messages++;
    if (e == ERR_DISPOSED)
        return OK; /* its bytes are held by the trail's record alone */
    const char *what = e ? "a sealed part doesn't open" : fault_of_request(c, p, &m);
    if (!what)
        what = fault_of_answer(c, p, &m);
    if (what)
        broken(p, k->id, k->direction, what);
    return e == ERR_SEALED ? OK : e;
}

static enum err prove_alone(struct ctx *c, struct proof *p, const struct exchange_key *k)
{
    c->arena = arena_new(0);
    enum err e = prove(c, p, k);
    ctx_clear_faults(c);
    arena_end(c->arena);
    c->arena = p->kept;
    return e ? fail(c, e, "exchange_message", k->id) : OK;
}

static enum err prove_all(struct ctx *c, struct proof *p)
{
    struct exchange_key *keys = ARENA_ARRAY(c->arena, PAGE, struct exchange_key);
    struct exchange_key last = {.at_us = INT64_MIN, .id = "", .direction = ""};
    size_t n = PAGE;
    enum err e = OK;
    while (!e && n == PAGE) {
        e = exchange_store_keys(c, &last, keys, PAGE, &n);
        for (size_t i = 0; i < n && !e; i++)
            e = prove_alone(c, p, &keys[i]);
        if (n)
            last = keys[n - 1];
    }
    return e;
}

/* Records of before rows were told name the heads alone. */
static enum err prove_row(struct ctx *c, struct proof *p, const struct exchange_record *m,
                          const char *detail)
{
    const char *row;
    enum err e = exchange_store_row(c, m->id, m->direction, &row);
    if (!e && !text_eq(detail, exchange_answer_proof(c, m, row)))
        broken(p, m->id, m->direction, "not the answer that the audit trail names");
    return e;
}

/* Nobody opens it any more: the stored bytes are what the record's digest says. */
static enum err prove_disposed(struct ctx *c, struct proof *p, const char *id,
                               const char *direction, const char *detail)
{
    const char *row;
    ctx_clear_faults(c);
    p->n_named++;
    enum err e = exchange_store_row(c, id, direction, &row);
    if (!e && !strstr(detail, row))
        broken(p, id, direction, "not the answer that the audit trail names");
    return e;
}

static struct exchange_key key_of(struct ctx *c, const char *object)
{
    const char *slash = strrchr(object, '/');
    return (struct exchange_key){
        .id = slash ? arena_text_n(c->arena, object, (size_t)(slash - object)) : object,
        .direction = slash ? slash + 1 : ""};
}

/* The record of a sealing anew tells the row from there on; it speaks of the same heads. */
static enum err now_named(struct ctx *c, struct proof *p, const char *object, const char **detail)
{
    const struct exchange_key k = key_of(c, object);
    const char *later = NULL;
    enum err e =
        p->resealed ? audit_last(c, EXCHANGE_RESEALED, "exchange_message", object, &later) : OK;
    if (e || !later)
        return e;
    if (strncmp(later, *detail, HEADS_LEN) != 0)
        broken(p, k.id, k.direction, "sealed anew as another message");
    *detail = later;
    return OK;
}

/* What the trail calls answered is there, with the request and the answer it names. */
static enum err prove_record(struct ctx *c, const char *object, const char *detail, void *arg)
{
    struct proof *p = arg;
    struct exchange_record m;
    bool found = false;
    const struct exchange_key k = key_of(c, object);
    const char *id = k.id, *direction = k.direction;
    enum err e = now_named(c, p, object, &detail);
    if (!e)
        e = exchange_store_heads(c, id, direction, &found, &m);
    if (e == ERR_DISPOSED)
        return prove_disposed(c, p, id, direction, detail);
    if (e == ERR_SEALED) { /* told with the message itself */
        p->n_named++;
        ctx_clear_faults(c);
        return OK;
    }
    if (e)
        return e;
    p->n_named += found;
    if (!found)
        broken(p, id, direction, "the whole message is missing");
    else if (!text_eq(detail, exchange_answer_proof(c, &m, NULL)))
        return prove_row(c, p, &m, detail);
    return OK;
}

/* What was sealed anew was answered before. */
static enum err prove_resealed(struct ctx *c, const char *object, const char *detail, void *arg)
{
    struct proof *p = arg;
    const struct exchange_key k = key_of(c, object);
    const char *before = NULL;
    (void)detail;
    enum err e = audit_last(c, EXCHANGE_ANSWERED, "exchange_message", object, &before);
    if (!e && !before)
        broken(p, k.id, k.direction, "sealed anew, and the audit trail names no answer");
    p->resealed = true;
    return e;
}

/* What is answered has its record. */
static enum err prove_unnamed(struct ctx *c, struct proof *p)
{
    int64_t n;
    enum err e = exchange_store_answered(c, &n);
    if (!e && n != p->n_named)
        broken(p, arena_printf(c->arena, "%lld", (long long)(n - p->n_named)), "answered",
               "the audit trail doesn't name them");
    return e;
}

static enum err prove_rights(struct ctx *c, struct proof *p)
{
    const char *right;
    enum err e = exchange_store_not_allowed(c, &right);
    if (!e && right)
        broken(p, right, "right", "the audit trail doesn't allow it");
    return e;
}

enum err exchange_verify(struct ctx *c, struct exchange_report *ret_report)
{
    struct proof p = {.report = ret_report, .kept = c->arena};
    *ret_report = (struct exchange_report){.problem = ""};
    enum err e = audit_own(c, &p.own);
    if (!e)
        e = prove_all(c, &p);
    if (!e)
        e = prove_rights(c, &p);
    if (!e)
        e = audit_each(c, EXCHANGE_RESEALED, prove_resealed, &p);
    if (!e)
        e = audit_each(c, EXCHANGE_ANSWERED, prove_record, &p);
    return e ? e : prove_unnamed(c, &p);
}
