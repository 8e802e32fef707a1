/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes keep each other's seals and heads: who cuts the tail of a trail would have to cut theirs as
   well. */
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/settings.h"
#include "engine/exchange/exchange_letter.h"

struct handing {
    struct audit_seal seal;
    struct tree_head head;
    struct exchange_peer peer;
    int64_t pause_us, knows;
    const char *proof;
};

/* A node asks each peer once after its start, though it has nothing new: rolled back, it would find
   all as it left it. */
static int64_t started_us;

enum err exchange_witness_start(struct ctx *c)
{
    started_us = c->now_us;
    return OK;
}

static enum err read_own(struct ctx *c, void *arg)
{
    struct handing *h = arg;
    int64_t pause_s;
    enum err e = setting_int(c, "exchange.witness_pause", &pause_s);
    h->pause_us = pause_s * SECOND_US;
    if (!e)
        e = audit_last_seal(c, &h->seal);
    return e ? e : tree_newest(c, &h->head);
}

static enum err read_peer(struct ctx *c, void *arg)
{
    struct handing *h = arg;
    return exchange_store_peer(c, h->peer.name, &h->peer);
}

/* What is newest now, and the time at which it is: a job that waited long for an earlier peer would
   tell of a past, and its letter be refused as too old. Write transaction. */
static enum err read_letter(struct ctx *c, void *arg)
{
    struct handing *h = arg;
    struct tree_head theirs = TREE_NO_HEAD;
    c->now_us = sys_now_us();
    enum err e = read_own(c, h);
    if (!e)
        e = tree_held(c, h->peer.name, &theirs);
    h->knows = theirs.size;
    return e ? e : exchange_letter_proof(c, h->peer.head_size, h->head.size, &h->proof);
}

static enum err keep_peer(struct ctx *c, void *arg)
{
    struct handing *h = arg;
    return exchange_store_peer_set(c, &h->peer);
}

/* A clock that was set back doesn't keep us waiting. */
static bool is_due(const struct ctx *c, const struct handing *h)
{
    int64_t since = c->now_us - h->peer.tried_us;
    bool newer = h->seal.seq != h->peer.seal_seq || h->head.size != h->peer.head_size;
    return (newer && (since < 0 || since >= h->pause_us)) || h->peer.tried_us < started_us;
}

static struct bytes letter_of(struct ctx *c, const struct handing *h)
{
    struct exchange_letter l = {.node = h->seal.node,
                                .seq = h->seal.seq,
                                .at_us = h->seal.at_us,
                                .hash = h->seal.hash,
                                .signature = h->seal.signature,
                                .size = h->head.size,
                                .head_at_us = h->head.at_us,
                                .root = h->head.root,
                                .key = h->head.key,
                                .head_signature = h->head.signature,
                                .from = h->peer.head_size,
                                .proof = h->proof,
                                .knows = h->knows};
    struct buf b = buf_new(c->arena, 16 * 1024);
    shape_to_json(&b, &exchange_letter_shape, &l);
    return buf_bytes(&b);
}

/* Refused is heard too: a peer that holds another head for us says so, and keeps our message. */
static void answered(struct ctx *c, struct handing *h, int status, struct bytes answer)
{
    struct exchange_reply r = {0};
    bool refused = status == err_row(ERR_CONFLICT)->status;
    h->peer.seal_seq = status == 200 ? h->seal.seq : h->peer.seal_seq;
    h->peer.problem = status < 400 ? "" : arena_printf(c->arena, "%d", status);
    if ((status != 200 && !refused) || shape_from_json(c, &exchange_reply_shape, answer, &r))
        return;
    if (refused)
        log_error("exchange", "%s holds another past for us than our record %lld: cut or forked",
                  h->peer.name, (long long)h->seal.seq);
    h->peer.head_size = r.held;
    exchange_hear_reply(c, h->peer.name, h->knows, &r);
}

static enum err hand_over(struct ctx *c, const struct node_peer *peer, struct handing *h)
{
    int status = 0;
    struct bytes answer;
    enum err e = db_write(c, c->node->db, read_letter, h);
    if (e)
        return e;
    e = exchange_call(c, peer->agency, EXCHANGE_WITNESS, letter_of(c, h), &status, &answer);
    h->peer.tried_us = c->now_us;
    h->peer.heard_us = e ? h->peer.heard_us : c->now_us;
    if (e) {
        log_warn("exchange", "witness %s: %s", peer->name, err_row(e)->name);
        h->peer.problem = err_row(e)->name;
    } else {
        answered(c, h, status, answer);
    }
    ctx_clear_faults(c);
    return db_write(c, c->node->db, keep_peer, h);
}

/* A peer that holds another head of ours than we thought says which: the proof begins there. A
   larger one than we have is admitted by it: the peer can't know that this isn't a letter of
   before.
 */
static enum err hand_head(struct ctx *c, const struct node_peer *peer, struct handing *h)
{
    int64_t before = h->peer.head_size;
    enum err e = hand_over(c, peer, h);
    bool again = !e && text_empty(h->peer.problem) && h->peer.head_size != before &&
                 h->peer.head_size != h->head.size;
    return again ? hand_over(c, peer, h) : e;
}

enum err exchange_witness(struct ctx *c)
{
    struct handing h = {.pause_us = 0};
    enum err e = db_read(c, c->node->db, read_own, &h);
    for (size_t i = 0; i < c->node->n_peers && !e && h.seal.seq; i++) {
        h.peer.name = c->node->peers[i].name;
        e = db_read(c, c->node->db, read_peer, &h);
        if (!e && is_due(c, &h))
            e = hand_head(c, &c->node->peers[i], &h);
    }
    return e;
}
