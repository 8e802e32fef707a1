/* SPDX-License-Identifier: Apache-2.0 */
/* What witnesses hold: a cut tail is seen only from outside. */
#include "base/text.h"
#include "core/audit_inside.h"

#define PAGE_ROWS 500
#define TEXT_OF(member, cap)                                                                       \
    SHAPE_TEXT(struct audit_seal, member, TX(core_field_seal), .max = (cap), .flags = F_REQUIRED)

SHAPE(audit_seal_shape, struct audit_seal, TEXT_OF(node, 64),
      SHAPE_INT(struct audit_seal, seq, TX(core_field_seal), .min = 1, .max = INT64_MAX),
      SHAPE_INT(struct audit_seal, at_us, TX(core_field_seal), .max = INT64_MAX), TEXT_OF(hash, 64),
      TEXT_OF(signature, 88));

struct held {
    struct audit_seal seals[PAGE_ROWS];
    size_t n;
    const char *peer;
    int64_t after;
    audit_seal_fn fn;
    void *arg;
};

static enum err read_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct held *h = arg;
    h->seals[h->n++] = audit_seal_row(r);
    return OK;
}

static enum err one_page(struct ctx *c, void *arg, bool *ret_more)
{
    struct held *h = arg;
    h->n = 0;
    enum err e = db_each(c, read_row, h,
                         "SELECT peer, seq, hash, at_us, signature FROM core_witness"
                         " WHERE peer = $1 AND seq > $2 ORDER BY seq LIMIT $3",
                         P_TEXT(h->peer), P_INT(h->after), P_INT(PAGE_ROWS));
    for (size_t i = 0; i < h->n && !e; i++) {
        h->after = h->seals[i].seq;
        e = h->fn(c, &h->seals[i], h->arg);
    }
    *ret_more = h->n == PAGE_ROWS;
    return e;
}

enum err audit_each_held(struct ctx *c, const char *peer, audit_seal_fn fn, void *arg)
{
    struct held *h = ARENA_NEW(c->arena, struct held);
    h->peer = peer;
    h->fn = fn;
    h->arg = arg;
    enum err e = audit_pages(c, one_page, h);
    if (!e)
        return OK;
    ctx_clear_faults(c);
    return fail(c, e, "core_witness", peer);
}

static void problem(struct audit_report *r, int64_t seq, const char *what)
{
    if (!text_empty(r->problem))
        return;
    r->bad_seq = seq;
    r->problem = what;
}

enum err audit_against(struct ctx *c, const struct audit_seal *s, struct audit_report *report)
{
    struct bytes own = cert_public_point(c->arena, c->node->sign_cert);
    struct audit_head head;
    report->held++;
    if (!text_eq(s->node, c->node->name) || !audit_seal_signed(c->arena, s, own)) {
        problem(report, s->seq, "is named by a witness in a seal that isn't ours");
        return OK;
    }
    enum err e = audit_head(c, &head);
    if (!e)
        e = audit_holds(c, s);
    if (e != ERR_CHAIN)
        return e;
    ctx_clear_faults(c);
    problem(report, s->seq,
            s->seq > head.seq ? "was witnessed and is missing: the tail was cut"
                              : "is not the one that was witnessed");
    return OK;
}
