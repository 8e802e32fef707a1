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

struct page {
    struct audit_seal seals[PAGE_ROWS];
    size_t n;
};

static enum err read_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct page *p = arg;
    p->seals[p->n++] = (struct audit_seal){.node = row_text(r, 0),
                                           .seq = row_int(r, 1),
                                           .hash = row_text(r, 2),
                                           .at_us = row_int(r, 3),
                                           .signature = row_text(r, 4)};
    return OK;
}

static enum err one_page(struct ctx *c, const char *peer, int64_t after, struct page *p)
{
    p->n = 0;
    return db_each(c, read_row, p,
                   "SELECT peer, seq, hash, at_us, signature FROM core_witness"
                   " WHERE peer = $1 AND seq > $2 ORDER BY seq LIMIT $3",
                   P_TEXT(peer), P_INT(after), P_INT(PAGE_ROWS));
}

enum err audit_each_held(struct ctx *c, const char *peer, audit_seal_fn fn, void *arg)
{
    struct arena *outer = c->arena;
    struct page *p = ARENA_NEW(outer, struct page);
    int64_t seq = 0;
    enum err e = OK;
    p->n = PAGE_ROWS;
    while (!e && p->n == PAGE_ROWS) {
        c->arena = arena_new(0);
        e = one_page(c, peer, seq, p);
        for (size_t i = 0; i < p->n && !e; i++) {
            seq = p->seals[i].seq;
            e = fn(c, &p->seals[i], arg);
        }
        if (e)
            ctx_clear_faults(c); /* their words end with the arena */
        arena_end(c->arena);
        c->arena = outer;
    }
    return e ? fail(c, e, "core_witness", peer) : OK;
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
