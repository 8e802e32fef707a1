/* SPDX-License-Identifier: Apache-2.0 */
/* Other nodes' heads, each proved to go on from the one before; what doesn't is evidence. */
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "core/audit_inside.h"
#include "core/tree_inside.h"

#define PAGE_ROWS 500

const char *tree_verdict_name(enum tree_verdict v)
{
    switch (v) {
    case TREE_FORK: return "fork";
    case TREE_ROLLED_BACK: return "rolled_back";
    case TREE_UNPROVED: return "unproved";
    case TREE_TAKEN:
    case TREE_NEED: return "";
    }
    BUG("verdict");
}

static bool head_holds(struct arena *a, struct bytes point, const void *head)
{
    return tree_head_signed(a, head, point);
}

bool tree_head_by(struct arena *a, const struct tree_head *h, const struct node_peer *p)
{
    return node_peer_signed(a, p, h->at_us, head_holds, h);
}

bool tree_head_of_peer(struct ctx *c, const struct tree_head *h)
{
    struct sha256 root;
    const struct node_peer *peer = audit_peer(c->node, h->node);
    return peer && h->size > 0 && sha256_from_hex(h->root, &root) &&
           tree_head_by(c->arena, h, peer);
}

static enum err row_head(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct tree_head *)arg = tree_head_row(r);
    return OK;
}

enum err tree_held(struct ctx *c, const char *peer, struct tree_head *ret_head)
{
    bool found;
    struct tree_head h = TREE_NO_HEAD;
    enum err e = db_one(c, &found, row_head, &h,
                        "SELECT peer, size, root, at_us, signing_key, signature"
                        " FROM core_tree_anew WHERE peer = $1 ORDER BY number DESC, size DESC"
                        " LIMIT 1",
                        P_TEXT(peer));
    if (!e && !found)
        e = db_one(c, &found, row_head, &h,
                   "SELECT peer, size, root, at_us, signing_key, signature"
                   " FROM core_tree_held WHERE peer = $1 ORDER BY size DESC LIMIT 1",
                   P_TEXT(peer));
    if (!e)
        *ret_head = h;
    return e;
}

static enum err keep(struct ctx *c, const struct tree_head *h)
{
    int64_t number;
    enum err e = tree_accepted(c, h->node, &number);
    if (e || number)
        return e ? e : tree_keep_anew(c, h, number);
    return db_exec(c, NULL,
                   "INSERT INTO core_tree_held (peer, size, root, at_us, signing_key, signature,"
                   " received_us) VALUES ($1, $2, $3, $4, $5, $6, $7)"
                   " ON CONFLICT (peer, size) DO NOTHING",
                   P_TEXT(h->node), P_INT(h->size), P_TEXT(h->root), P_INT(h->at_us),
                   P_TEXT(h->key), P_TEXT(h->signature), P_INT(c->now_us));
}

/* Of one's own trail louder: with what is missing. */
static void tell(struct ctx *c, const char *kind, const char *witness, const struct tree_head *held,
                 const struct tree_head *shown)
{
    log_error("core",
              "the trail of %s is another (%s): %s holds its head of %lld records, now %lld",
              held->node, kind, witness, (long long)held->size, (long long)shown->size);
    if (text_eq(held->node, c->node->name) && held->size > shown->size)
        log_error("core",
                  "THIS NODE WAS ROLLED BACK: records %lld to %lld of its trail, the last signed at"
                  " %s, are missing here",
                  (long long)shown->size + 1, (long long)held->size,
                  time_iso(c->arena, held->at_us));
}

static enum err accuse(struct ctx *c, enum tree_verdict verdict, const char *witness,
                       const struct tree_head *held, const struct tree_head *shown)
{
    const char *kind = tree_verdict_name(verdict);
    tell(c, kind, witness, held, shown);
    return db_exec(c, NULL,
                   "INSERT INTO core_tree_alert (node, witness, kind, held_size, held_root,"
                   " held_at_us, held_key, held_signature, size, root, at_us, signing_key,"
                   " signature, first_us, last_us, times) VALUES ($1, $2, $3, $4, $5, $6, $7, $8,"
                   " $9, $10, $11, $12, $13, $14, $14, 1)"
                   " ON CONFLICT (node, witness, kind, held_size, held_root) DO UPDATE"
                   " SET last_us = $14, times = core_tree_alert.times + 1",
                   P_TEXT(held->node), P_TEXT(witness), P_TEXT(kind), P_INT(held->size),
                   P_TEXT(held->root), P_INT(held->at_us), P_TEXT(held->key),
                   P_TEXT(held->signature), P_INT(shown->size), P_TEXT(shown->root),
                   P_INT(shown->at_us), P_TEXT(shown->key), P_TEXT(shown->signature),
                   P_INT(c->now_us));
}

static bool goes_on(struct ctx *c, const struct tree_head *held, const struct tree_head *h,
                    const char *proof)
{
    struct tree_proof p;
    struct sha256 before, after;
    return tree_proof_read(c->arena, proof, &p) && sha256_from_hex(held->root, &before) &&
           sha256_from_hex(h->root, &after) &&
           merkle_continues((uint64_t)held->size, before, (uint64_t)h->size, after, p.path, p.n);
}

static enum tree_verdict judge(struct ctx *c, const struct tree_head *held,
                               const struct tree_head *h, int64_t from, const char *proof)
{
    if (held->size == 0)
        return TREE_TAKEN;
    if (h->size < held->size)
        return from < held->size ? TREE_NEED : TREE_ROLLED_BACK;
    if (h->size == held->size)
        return text_eq(h->root, held->root) ? TREE_TAKEN : TREE_FORK;
    if (from != held->size)
        return TREE_NEED;
    return goes_on(c, held, h, proof) ? TREE_TAKEN : TREE_UNPROVED;
}

enum err tree_take(struct ctx *c, const struct tree_head *h, int64_t from, const char *proof,
                   enum tree_verdict *ret_verdict)
{
    struct tree_head held;
    if (!tree_head_of_peer(c, h))
        return fail(c, ERR_SIGNATURE, "head", h->node);
    enum err e = tree_held(c, h->node, &held);
    if (e)
        return e;
    enum tree_verdict v = judge(c, &held, h, from, proof);
    if (v == TREE_TAKEN)
        e = keep(c, h);
    else if (v != TREE_NEED)
        e = accuse(c, v, c->node->name, &held, h);
    if (!e)
        *ret_verdict = v;
    return e;
}

/* Ours, shown by a peer: a head we don't have any more, or one of another past. */
enum err tree_shown(struct ctx *c, const char *peer, const struct tree_head *h,
                    enum tree_verdict *ret_verdict)
{
    struct tree_head own;
    struct sha256 root;
    enum tree_verdict v = TREE_TAKEN;
    struct node_peer self;
    enum err e = audit_own(c, &self);
    if (!e)
        e = text_eq(h->node, c->node->name) && h->size > 0 && tree_head_by(c->arena, h, &self)
                ? tree_newest(c, &own)
                : fail(c, ERR_SIGNATURE, "head", h->node);
    if (!e && h->size > own.size)
        v = TREE_ROLLED_BACK;
    else if (!e && !(e = tree_root(c, h->size, &root)) &&
             !text_eq(h->root, sha256_hex(c->arena, root)))
        v = TREE_FORK;
    if (!e)
        e = v == TREE_TAKEN ? tree_cleared(c, peer) : accuse(c, v, peer, h, &own);
    if (!e)
        *ret_verdict = v;
    return e;
}

/* ---- lists ---- */

struct held {
    struct tree_head heads[PAGE_ROWS];
    size_t n;
    const char *peer;
    int64_t after, number;
    tree_head_fn fn;
    void *arg;
};

static enum err read_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct held *x = arg;
    x->heads[x->n++] = tree_head_row(r);
    return OK;
}

static enum err one_page(struct ctx *c, void *arg, bool *ret_more)
{
    struct held *x = arg;
    enum err e;
    x->n = 0;
    if (x->number)
        e = db_each(c, read_row, x,
                    "SELECT peer, size, root, at_us, signing_key, signature"
                    " FROM core_tree_anew WHERE peer = $1 AND size > $2 AND number = $4"
                    " ORDER BY size LIMIT $3",
                    P_TEXT(x->peer), P_INT(x->after), P_INT(PAGE_ROWS), P_INT(x->number));
    else
        e = db_each(c, read_row, x,
                    "SELECT peer, size, root, at_us, signing_key, signature"
                    " FROM core_tree_held WHERE peer = $1 AND size > $2"
                    " ORDER BY size LIMIT $3",
                    P_TEXT(x->peer), P_INT(x->after), P_INT(PAGE_ROWS));
    for (size_t i = 0; i < x->n && !e; i++) {
        x->after = x->heads[i].size;
        e = x->fn(c, &x->heads[i], x->arg);
    }
    *ret_more = x->n == PAGE_ROWS;
    return e;
}

enum err tree_each_held(struct ctx *c, const char *peer, tree_head_fn fn, void *arg)
{
    struct held *x = ARENA_NEW(c->arena, struct held);
    x->peer = peer;
    x->fn = fn;
    x->arg = arg;
    enum err e = tree_accepted(c, peer, &x->number);
    if (!e)
        e = audit_pages(c, one_page, x);
    if (!e)
        return OK;
    ctx_clear_faults(c);
    return fail(c, e, "core_tree_held", peer);
}
