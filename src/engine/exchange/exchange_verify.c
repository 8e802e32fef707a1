/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "engine/exchange/exchange_private.h"

#define PAGE 200

struct proof {
    struct exchange_report *report;
    int64_t last_us;
    const char *last_id, *own_point;
    size_t n;
};

static void broken(struct ctx *c, struct proof *p, const struct exchange_record *m,
                   const char *what)
{
    ctx_clear_faults(c);
    if (!p->report->bad++)
        p->report->problem = arena_printf(c->arena, "%s (%s): %s", m->id, m->direction, what);
}

static const char *point_of(struct ctx *c, const struct proof *p, const char *member)
{
    if (node_carries(c->node, member))
        return p->own_point;
    const struct node_peer *peer = node_peer_of(c->node, member);
    return peer ? peer->sign_point_b64 : "";
}

/* What the log's columns say is what was signed. */
static bool columns_fit(const struct exchange_record *m, const struct exchange_head *h)
{
    return text_eq(m->id, h->id) && text_eq(m->client, h->client) &&
           text_eq(m->member, h->member) && text_eq(m->service, h->service) &&
           text_eq(m->purpose, h->purpose) && text_eq(m->matter, h->matter);
}

static enum err prove(struct ctx *c, const struct exchange_record *m, void *arg)
{
    struct proof *p = arg;
    struct exchange_head h = {0};
    struct exchange_answer_head ah = {0};
    p->n++;
    p->last_us = m->at_us;
    p->last_id = m->id;
    p->report->messages++;
    if (exchange_check(c, point_of(c, p, m->client), &m->request, &exchange_head_shape, &h))
        broken(c, p, m, "request signature");
    else if (!text_eq(h.body_sha256, sha256_hex(c->arena, sha256(m->body))))
        broken(c, p, m, "request body");
    else if (!columns_fit(m, &h))
        broken(c, p, m, "a column of the request");
    if (!m->status)
        return OK; /* still open */
    if (exchange_check(c, point_of(c, p, m->member), &m->reply, &exchange_answer_head_shape, &ah))
        broken(c, p, m, "answer signature");
    else if (!text_eq(ah.body_sha256, sha256_hex(c->arena, sha256(m->answer))))
        broken(c, p, m, "answer body");
    else if (ah.status != m->status)
        broken(c, p, m, "answer status");
    else if (!text_eq(ah.request_sha256, sha256_hex(c->arena, sha256(bytes_of(m->request.head)))))
        broken(c, p, m, "the request the answer is for");
    return OK;
}

enum err exchange_verify(struct ctx *c, struct exchange_report *ret_report)
{
    struct buf own = buf_new(c->arena, 256);
    buf_base64url(&own, cert_public_point(c->arena, c->node->sign_cert));
    struct proof p = {
        .report = ret_report, .last_us = INT64_MIN, .last_id = "", .own_point = own.ptr, .n = PAGE};
    *ret_report = (struct exchange_report){.problem = ""};
    enum err e = OK;
    while (!e && p.n == PAGE) {
        p.n = 0;
        e = exchange_store_each(c, p.last_us, p.last_id, PAGE, prove, &p);
    }
    return e;
}
