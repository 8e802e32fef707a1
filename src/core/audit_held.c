/* SPDX-License-Identifier: Apache-2.0 */
/* What witnesses hold: a cut tail is seen only from outside. */
#include "base/text.h"
#include "core/audit_proof.h"

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
    enum err e = audit_seals_after(c, peer, &h->after);
    if (!e)
        e = audit_pages(c, one_page, h);
    if (!e)
        return OK;
    ctx_clear_faults(c);
    return fail(c, e, "core_witness", peer);
}

/* ---- against our trail ---- */

static bool is_ours(struct ctx *c, const char *node)
{
    return text_eq(node, c->node->name);
}

void audit_outside_begin(struct ctx *c, struct proof *p, const struct audit_outside *outside)
{
    struct audit_outside *kept = ARENA_NEW(c->arena, struct audit_outside);
    struct tree_head *heads =
        ARENA_ARRAY(c->arena, outside ? outside->n_heads : 0, struct tree_head);
    for (size_t i = 0; outside && i < outside->n_heads; i++) {
        const struct tree_head *h = &outside->heads[i];
        if (is_ours(c, h->node) && tree_head_by(c->arena, h, &p->own))
            heads[kept->n_heads++] = *h;
        else
            audit_found(p, "witness", "core_tree_held", h->size, h->at_us,
                        "is named by a witness in a head that isn't ours");
    }
    kept->heads = heads;
    kept->seals = outside ? outside->seals : NULL;
    kept->n_seals = outside ? outside->n_seals : 0;
    p->outside = kept;
}

static void against(struct ctx *c, struct proof *p, const struct audit_seal *s, bool fits)
{
    struct proof_tree *t = &p->tree;
    p->report->held++;
    if (!is_ours(c, s->node) || !audit_seal_by(c->arena, s, &p->own)) {
        audit_found(p, "witness", "core_witness", s->seq, s->at_us,
                    "is named by a witness in a seal that isn't ours");
    } else if (!fits && s->seq > p->seq) {
        if (!p->beyond && !t->rolled)
            audit_found(p, "roll-back", "core_audit", p->seq + 1, s->at_us,
                        "and those after it are missing: a witness holds a seal of them, and this"
                        " whole database is of before, or was cut")
                ->until = s->seq;
        t->rolled = true;
    } else if (!fits && !p->loose && !t->forked) {
        t->forked = true;
        audit_found(p, "fork", "core_audit", s->seq, s->at_us, "is not the one that was witnessed");
    }
}

enum err audit_outside_seals(struct ctx *c, struct proof *p)
{
    const struct audit_outside *o = p->outside;
    enum err e = OK;
    for (size_t i = 0; i < o->n_seals && !e; i++) {
        e = audit_holds(c, &o->seals[i]);
        if (e && e != ERR_CHAIN)
            return e;
        ctx_clear_faults(c);
        against(c, p, &o->seals[i], e == OK);
        e = OK;
    }
    return e;
}
