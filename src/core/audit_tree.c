/* SPDX-License-Identifier: Apache-2.0 */
/* The tree along the records: its kept subtrees, our heads, and those that witnesses hold. */
#include <string.h>

#include "base/text.h"
#include "core/audit_proof.h"

static struct sha256 root_now(const struct proof_tree *t)
{
    struct sha256 root;
    bool any = false;
    for (size_t level = 0; level < TREE_LEVELS; level++) {
        const struct merkle_tree *m = &t->levels[level];
        for (size_t i = (size_t)__builtin_popcountll(m->n); i > 0; i--) {
            root = any ? merkle_node(m->full[i - 1], root) : m->full[i - 1];
            any = true;
        }
    }
    ASSERT(any);
    return root;
}

static void climb(struct proof_tree *t, struct sha256 h)
{
    for (int level = 0; level < TREE_LEVELS; level++) {
        merkle_add(&t->levels[level], h);
        if (t->levels[level].n < TREE_TILE || level + 1 == TREE_LEVELS)
            return;
        h = t->levels[level].full[0];
        t->levels[level].n = 0;
        ASSERT(t->n_full < ARRAY_LEN(t->full));
        t->full[t->n_full].level = level + 1;
        t->full[t->n_full].position = t->done[level + 1]++;
        t->full[t->n_full++].hash = h;
    }
}

/* ---- heads ---- */

static bool root_fits(struct ctx *c, struct proof *p, const struct tree_head *h)
{
    return text_eq(h->root, sha256_hex(c->arena, root_now(&p->tree)));
}

static void meet_own(struct ctx *c, struct proof *p)
{
    struct proof_tree *t = &p->tree;
    for (; t->next_own < t->n_own && t->own[t->next_own].size <= p->seq; t->next_own++) {
        const struct tree_head *h = &t->own[t->next_own];
        if (p->loose || t->rewritten || h->size != p->seq || root_fits(c, p, h))
            continue;
        t->rewritten = true;
        audit_found(p, "rewrite", "core_tree_head", h->size, h->at_us,
                    "is not the last of the records that its signed head covers");
    }
}

/* Between the last head that fits and the first that doesn't lies the place where pasts part. */
static void meet_held(struct ctx *c, struct proof *p)
{
    struct proof_tree *t = &p->tree;
    const struct audit_outside *o = p->outside;
    for (; t->next_held < o->n_heads && o->heads[t->next_held].size <= p->seq; t->next_held++) {
        const struct tree_head *h = &o->heads[t->next_held];
        p->report->held++;
        if (h->size == p->seq && root_fits(c, p, h)) {
            t->agreed = h->size;
            continue;
        }
        if (p->loose || t->forked)
            continue;
        t->forked = true;
        struct audit_finding *f =
            audit_found(p, "fork", "core_audit", t->agreed + 1, h->at_us,
                        "begins another past than the one a witness holds a signed head of");
        f->until = h->size;
    }
}

void audit_tree_add(struct ctx *c, struct proof *p, const char *hash)
{
    struct sha256 h = {{0}};
    (void)!sha256_from_hex(hash, &h); /* a hash that is none was found broken already */
    climb(&p->tree, merkle_leaf((struct bytes){h.b, SHA256_LEN}));
    meet_own(c, p);
    meet_held(c, p);
}

/* ---- a page's heads ---- */

static bool head_holds(struct ctx *c, struct proof *p, const struct tree_head *h, const char *cert,
                       const char *pem)
{
    struct bytes point = audit_cert_point(c, p, cert, pem, h->at_us);
    return point.len && text_eq(h->node, c->node->name) && tree_head_signed(c->arena, h, point);
}

static enum err read_own(struct ctx *c, const struct db_row *r, void *arg)
{
    struct proof *p = arg;
    struct proof_tree *t = &p->tree;
    struct tree_head h = tree_head_row(r);
    if (!head_holds(c, p, &h, row_text(r, 6), row_text(r, 7)))
        audit_found(p, "seal", "core_tree_head", h.size, h.at_us,
                    "has a head whose signature does not hold");
    p->report->heads++;
    t->newest = h.size;
    t->newest_us = h.at_us;
    t->own[t->n_own++] = h;
    return OK;
}

/* Heads of the records that this page may hold; more than a page's are of no record. */
enum err audit_tree_page(struct ctx *c, struct proof *p)
{
    p->tree.n_own = p->tree.next_own = p->tree.n_full = 0;
    return db_each(c, read_own, p,
                   "SELECT h.node, h.size, h.root, h.at_us, h.signing_key, h.signature, h.cert,"
                   " x.pem FROM core_tree_head h LEFT JOIN core_cert x ON x.fingerprint = h.cert"
                   " WHERE h.size > $1 AND h.size <= $2 ORDER BY h.size LIMIT 512",
                   P_INT(p->seq), P_INT(p->seq + PROOF_PAGE));
}

/* ---- kept subtrees ---- */

static enum err row_hash(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

enum err audit_tree_full(struct ctx *c, struct proof *p)
{
    enum err e = OK;
    for (size_t i = 0; i < p->tree.n_full && !e; i++) {
        bool found;
        const char *kept = "";
        int level = p->tree.full[i].level;
        int64_t position = p->tree.full[i].position;
        e = db_one(c, &found, row_hash, &kept,
                   "SELECT hash FROM core_tree WHERE level = $1 AND position = $2", P_INT(level),
                   P_INT(position));
        if (e || !found || p->loose || text_eq(kept, sha256_hex(c->arena, p->tree.full[i].hash)))
            continue;
        audit_found(p, "tree", "core_tree", (position + 1) << (TREE_BITS * level), 0,
                    "ends a kept subtree that is another");
    }
    return e;
}

/* ---- after the last record ---- */

static void past(struct proof *p, int64_t seq, int64_t at_us)
{
    if (seq <= p->seq || seq <= p->beyond)
        return;
    p->beyond = seq;
    p->beyond_us = at_us;
}

/* What the database still says of records that aren't there tells a cut tail from a whole file of
   before. */
enum err audit_tree_end(struct ctx *c, struct proof *p)
{
    const struct audit_outside *o = p->outside;
    struct tree_head newest;
    struct audit_seal seal;
    int64_t tiles;
    enum err e = tree_newest(c, &newest);
    if (!e)
        e = audit_last_seal(c, &seal);
    if (!e)
        e = db_int(c, &tiles, "SELECT MAX(position) + 1 FROM core_tree WHERE level = 1");
    if (e)
        return e;
    past(p, newest.size, newest.at_us);
    past(p, seal.seq, seal.at_us);
    past(p, tiles * TREE_TILE, 0);
    if (p->beyond) {
        audit_found(p, "truncation", "core_audit", p->seq + 1, p->beyond_us,
                    "and those after it are missing: the tail was cut, this database still tells"
                    " of it")
            ->until = p->beyond;
    }
    p->report->held += (int64_t)(o->n_heads - p->tree.next_held);
    if (!p->beyond && p->tree.next_held < o->n_heads) {
        p->tree.rolled = true;
        const struct tree_head *last = &o->heads[o->n_heads - 1];
        audit_found(p, "roll-back", "core_audit", p->seq + 1, last->at_us,
                    "and those after it are missing: a witness holds a signed head of them, and"
                    " this whole database is of before, or was cut")
            ->until = last->size;
    }
    return OK;
}
