/* SPDX-License-Identifier: Apache-2.0 */
/* What two nodes tell each other as witnesses, and what of the other's words is kept. */
#include "engine/exchange/exchange_letter.h"

#include "base/log.h"
#include "base/text.h"

#define TEXT_OF(s, member, cap, ...)                                                               \
    SHAPE_TEXT(struct s, member, TX(core_field_head), .max = (cap), __VA_ARGS__)
#define INT_OF(s, member) SHAPE_INT(struct s, member, TX(core_field_head), .max = INT64_MAX)
#define PROOF_OF(s)                                                                                \
    SHAPE_STRING(struct s, proof, KIND_LONG_TEXT, TX(core_field_head), .max = MERKLE_PATH_MAX * 65)

SHAPE(exchange_letter_shape, struct exchange_letter,
      TEXT_OF(exchange_letter, node, 64, .flags = F_REQUIRED),
      SHAPE_INT(struct exchange_letter, seq, TX(core_field_seal), .min = 1, .max = INT64_MAX),
      INT_OF(exchange_letter, at_us), TEXT_OF(exchange_letter, hash, 64, .flags = F_REQUIRED),
      TEXT_OF(exchange_letter, signature, 88, .flags = F_REQUIRED), INT_OF(exchange_letter, size),
      INT_OF(exchange_letter, head_at_us), TEXT_OF(exchange_letter, root, 64),
      TEXT_OF(exchange_letter, key, 43), TEXT_OF(exchange_letter, head_signature, 88),
      INT_OF(exchange_letter, from), PROOF_OF(exchange_letter), INT_OF(exchange_letter, knows));

SHAPE(exchange_reply_shape, struct exchange_reply, INT_OF(exchange_reply, held),
      INT_OF(exchange_reply, held_at_us), TEXT_OF(exchange_reply, held_root, 64),
      TEXT_OF(exchange_reply, held_key, 43), TEXT_OF(exchange_reply, held_signature, 88),
      INT_OF(exchange_reply, size), INT_OF(exchange_reply, at_us),
      TEXT_OF(exchange_reply, root, 64), TEXT_OF(exchange_reply, key, 43),
      TEXT_OF(exchange_reply, signature, 88), PROOF_OF(exchange_reply));

/* A trail whose own tree is damaged proves nothing; saying so is the other side's part. */
enum err exchange_letter_proof(struct ctx *c, int64_t from, int64_t size, const char **ret_proof)
{
    struct tree_proof p = {.n = 0};
    enum err e = from > 0 && from < size ? tree_consistency(c, from, size, &p) : OK;
    if (e == ERR_CHAIN) {
        log_error("exchange", "our tree doesn't prove its own head of %lld records",
                  (long long)size);
        ctx_clear_faults(c);
        p.n = 0;
        e = OK;
    }
    if (!e)
        *ret_proof = tree_proof_text(c->arena, &p);
    return e;
}

/* ---- theirs, kept here ---- */

/* Theirs is their own. One that goes back may have come late: whether it did, the head tells. */
static enum err take_seal(struct ctx *c, const struct exchange_letter *l, bool *bad)
{
    struct audit_seal s = {l->node, l->seq, l->at_us, l->hash, l->signature};
    enum err e = audit_witness(c, &s);
    if (e == ERR_CHAIN) {
        log_error("exchange", "the trail of %s was cut or forked: it signed record %lld anew",
                  s.node, (long long)s.seq);
        ctx_clear_faults(c);
        *bad = true;
        return OK;
    }
    return e;
}

static enum err take_head(struct ctx *c, const struct exchange_letter *l, bool *bad)
{
    struct tree_head h = {l->node, l->size, l->head_at_us, l->root, l->key, l->head_signature};
    enum tree_verdict v = TREE_TAKEN;
    enum err e = h.size ? tree_take(c, &h, l->from, l->proof, &v) : OK;
    *bad |= v != TREE_TAKEN && v != TREE_NEED;
    return e;
}

static enum err write_reply(struct ctx *c, const struct exchange_letter *l,
                            struct service_call *call)
{
    struct tree_head held, own;
    const char *proof = "";
    enum err e = tree_held(c, l->node, &held);
    if (!e)
        e = tree_newest(c, &own);
    if (!e)
        e = exchange_letter_proof(c, l->knows, own.size, &proof);
    if (e)
        return e;
    struct exchange_reply r = {.held = held.size,
                               .held_at_us = held.at_us,
                               .held_root = held.root,
                               .held_key = held.key,
                               .held_signature = held.signature,
                               .size = own.size,
                               .at_us = own.at_us,
                               .root = own.root,
                               .key = own.key,
                               .signature = own.signature,
                               .proof = proof};
    struct buf b = buf_new(c->arena, 16 * 1024);
    shape_to_json(&b, &exchange_reply_shape, &r);
    call->answer = buf_bytes(&b);
    return OK;
}

enum err exchange_take_letter(struct ctx *c, struct service_call *call)
{
    struct exchange_letter l = {0};
    const struct node_peer *peer = node_peer_of(c->node, call->client);
    bool bad = false;
    enum err e = shape_from_json(c, &exchange_letter_shape, call->body, &l);
    if (e)
        return e;
    if (!peer || !text_eq(peer->name, l.node))
        return fail(c, ERR_FORBIDDEN, "node", l.node);
    e = take_seal(c, &l, &bad);
    if (!e)
        e = take_head(c, &l, &bad);
    if (!e)
        e = write_reply(c, &l, call);
    if (!e && bad)
        call->status = err_row(ERR_CONFLICT)->status;
    return e;
}

/* ---- what they answered ---- */

struct hearing {
    const char *peer;
    int64_t knows;
    const struct exchange_reply *r;
};

static enum err hear_held(struct ctx *c, void *arg)
{
    const struct hearing *x = arg;
    const struct exchange_reply *r = x->r;
    struct tree_head ours = {c->node->name, r->held,     r->held_at_us,
                             r->held_root,  r->held_key, r->held_signature};
    enum tree_verdict v;
    return tree_shown(c, x->peer, &ours, &v);
}

static enum err hear_head(struct ctx *c, void *arg)
{
    const struct hearing *x = arg;
    const struct exchange_reply *r = x->r;
    struct tree_head theirs = {x->peer, r->size, r->at_us, r->root, r->key, r->signature};
    enum tree_verdict v;
    return tree_take(c, &theirs, x->knows, r->proof, &v);
}

static void heard(struct ctx *c, const char *peer, const char *what, enum err e)
{
    if (e)
        log_warn("exchange", "%s of %s: %s", what, peer, err_row(e)->name);
    ctx_clear_faults(c);
}

void exchange_hear_reply(struct ctx *c, const char *peer, int64_t knows,
                         const struct exchange_reply *r)
{
    struct hearing x = {peer, knows, r};
    if (r->held > 0)
        heard(c, peer, "our head as held", db_write(c, c->node->db, hear_held, &x));
    if (r->size && r->size != knows) /* made after it was told what we hold: smaller is gone back */
        heard(c, peer, "head", db_write(c, c->node->db, hear_head, &x));
}
