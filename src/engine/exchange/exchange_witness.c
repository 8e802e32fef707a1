/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes keep each other's seals: who cuts the tail of a trail would have to cut theirs as well. */
#include "base/log.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/settings.h"
#include "engine/exchange/exchange_private.h"

/* ---- ours, to each peer ---- */

struct handing {
    struct audit_seal seal;
    struct exchange_peer peer;
    int64_t pause_us;
};

static enum err read_seal(struct ctx *c, void *arg)
{
    struct handing *h = arg;
    int64_t pause_s;
    enum err e = setting_int(c, "exchange.witness_pause", &pause_s);
    h->pause_us = pause_s * SECOND_US;
    return e ? e : audit_last_seal(c, &h->seal);
}

static enum err read_peer(struct ctx *c, void *arg)
{
    struct handing *h = arg;
    return exchange_store_peer(c, h->peer.name, &h->peer);
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
    bool newer = h->seal.seq > h->peer.seal_seq || h->seal.seq < h->peer.seal_seq;
    return newer && (since < 0 || since >= h->pause_us);
}

/* Refused is heard too: a peer that holds another head for us says so, and keeps our message. */
static enum err hand_over(struct ctx *c, const struct node_peer *peer, struct handing *h)
{
    struct buf body = buf_new(c->arena, 1024);
    int status = 0;
    struct bytes answer;
    shape_to_json(&body, &audit_seal_shape, &h->seal);
    enum err e =
        exchange_call(c, peer->agency, EXCHANGE_WITNESS, buf_bytes(&body), &status, &answer);
    if (!e && status == err_row(ERR_CONFLICT)->status)
        log_error("exchange", "%s holds another head for us than record %lld: cut or forked",
                  peer->name, (long long)h->seal.seq);
    h->peer.tried_us = c->now_us;
    h->peer.heard_us = e ? h->peer.heard_us : c->now_us;
    h->peer.seal_seq = !e && status == 200 ? h->seal.seq : h->peer.seal_seq;
    h->peer.problem = e              ? err_row(e)->name
                      : status < 400 ? ""
                                     : arena_printf(c->arena, "%d", status);
    if (e)
        log_warn("exchange", "witness %s: %s", peer->name, err_row(e)->name);
    ctx_clear_faults(c);
    return db_write(c, c->node->db, keep_peer, h);
}

enum err exchange_witness(struct ctx *c)
{
    struct handing h = {.pause_us = 0};
    enum err e = db_read(c, c->node->db, read_seal, &h);
    for (size_t i = 0; i < c->node->n_peers && !e && h.seal.seq; i++) {
        h.peer.name = c->node->peers[i].name;
        e = db_read(c, c->node->db, read_peer, &h);
        if (!e && is_due(c, &h))
            e = hand_over(c, &c->node->peers[i], &h);
    }
    return e;
}

/* ---- theirs, kept here ---- */

static enum err contradicts(struct ctx *c, const struct audit_seal *s, struct service_call *call)
{
    ctx_clear_faults(c);
    log_error("exchange", "the trail of %s was cut or forked: it signed record %lld anew", s->node,
              (long long)s->seq);
    call->status = err_row(ERR_CONFLICT)->status;
    call->answer = bytes_of("{\"code\":\"ERR_CHAIN\"}");
    return OK;
}

/* Theirs is their own, and only grows. */
enum err exchange_take_seal(struct ctx *c, struct service_call *call)
{
    struct audit_seal s = {0}, last;
    const struct node_peer *peer = node_peer_of(c->node, call->client);
    enum err e = shape_from_json(c, &audit_seal_shape, call->body, &s);
    if (e)
        return e;
    if (!peer || !text_eq(peer->name, s.node))
        return fail(c, ERR_FORBIDDEN, "node", s.node);
    e = audit_witnessed(c, s.node, &last);
    if (!e)
        e = audit_witness(c, &s);
    if (e == ERR_CHAIN || (!e && s.seq < last.seq))
        return contradicts(c, &s, call);
    return e;
}
