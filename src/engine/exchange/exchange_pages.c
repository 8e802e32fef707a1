/* SPDX-License-Identifier: Apache-2.0 */
/* Heads and proofs for whoever holds a paper or wants to check a node. */
#include "base/text.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/say.h"
#include "core/tree.h"
#include "engine/exchange/exchange_private.h"
#include "engine/exchange/exchange_views.h"
#include "gen/html.h"

#define ALERTS_MAX 20

#define HEAD_OF(s)                                                                                 \
    SHAPE_TEXT(struct s, node, TX(exchange_trail_node), .max = 64),                                \
        SHAPE_INT(struct s, size, TX(exchange_trail_size)),                                        \
        SHAPE_TEXT(struct s, root, TX(exchange_trail_root), .max = 64),                            \
        SHAPE_INT(struct s, at_us, TX(exchange_trail_at)),                                         \
        SHAPE_TEXT(struct s, key, TX(exchange_trail_key), .max = 43),                              \
        SHAPE_TEXT(struct s, signature, TX(exchange_trail_signature), .max = 88)

SHAPE(exchange_holder_shape, struct exchange_holder,
      SHAPE_TEXT(struct exchange_holder, node, TX(exchange_trail_node), .max = 64),
      SHAPE_INT(struct exchange_holder, size, TX(exchange_trail_size)),
      SHAPE_INT(struct exchange_holder, heard_us, TX(exchange_trail_heard)),
      SHAPE_TEXT(struct exchange_holder, problem, TX(exchange_trail_problem), .max = 60));
SHAPE(exchange_alert_shape, struct exchange_alert,
      SHAPE_TEXT(struct exchange_alert, node, TX(exchange_trail_node), .max = 64),
      SHAPE_TEXT(struct exchange_alert, witness, TX(exchange_trail_holder), .max = 64),
      SHAPE_TEXT(struct exchange_alert, kind, TX(exchange_trail_alert), .max = 20),
      SHAPE_INT(struct exchange_alert, held_size, TX(exchange_trail_size)),
      SHAPE_INT(struct exchange_alert, size, TX(exchange_trail_size)),
      SHAPE_INT(struct exchange_alert, at_us, TX(exchange_trail_at)),
      SHAPE_INT(struct exchange_alert, settled_us, TX(exchange_trail_settled)));
SHAPE(exchange_trail_shape, struct exchange_trail_view, HEAD_OF(exchange_trail_view),
      SHAPE_TEXT(struct exchange_trail_view, verdict, TX(exchange_trail_verdict), .max = 10),
      SHAPE_LIST(struct exchange_trail_view, holders, &exchange_holder_shape,
                 TX(exchange_trail_holders)),
      SHAPE_LIST(struct exchange_trail_view, alerts, &exchange_alert_shape,
                 TX(exchange_trail_alerts)));
SHAPE(exchange_proof_shape, struct exchange_proof_view, HEAD_OF(exchange_proof_view),
      SHAPE_INT(struct exchange_proof_view, place, TX(exchange_trail_place)),
      SHAPE_TEXT(struct exchange_proof_view, hash, TX(exchange_trail_hash), .max = 64),
      SHAPE_STRING(struct exchange_proof_view, proof, KIND_LONG_TEXT, TX(exchange_trail_proof),
                   .max = MERKLE_PATH_MAX * 65));

static const char *number(struct ctx *c, int64_t n)
{
    return arena_printf(c->arena, "%lld", (long long)n);
}

/* ---- the newest head, who holds it, what contradicts ---- */

static enum err put_holders(struct ctx *c, struct exchange_trail_view *v)
{
    const struct node *n = c->node;
    struct exchange_holder *rows = ARENA_ARRAY(c->arena, n->n_peers, struct exchange_holder);
    enum err e = OK;
    for (size_t i = 0; i < n->n_peers && !e; i++) {
        struct exchange_peer p;
        e = exchange_store_peer(c, n->peers[i].name, &p);
        if (e)
            return e;
        rows[i] =
            (struct exchange_holder){.node = n->peers[i].name,
                                     .size = p.head_size,
                                     .size_shown = number(c, p.head_size),
                                     .heard_us = p.heard_us,
                                     .heard = p.heard_us ? time_show(c->arena, p.heard_us) : "–",
                                     .problem = p.problem};
    }
    v->holders = (struct list){rows, n->n_peers};
    return e;
}

/* Why it was accepted stays inside: those are an official's own words. */
static const char *alert_words(struct ctx *c, const struct tree_alert *a)
{
    enum text after = !a->settled_us           ? TX(exchange_trail_alert_open)
                      : text_empty(a->account) ? TX(exchange_trail_alert_settled)
                                               : TX(exchange_trail_alert_accepted);
    const char *when = a->settled_us ? time_show(c->arena, a->settled_us) : "";
    const char *what = say(c->arena, c->lang, TX(exchange_trail_alert_is), a->node,
                           arena_printf(c->arena, "%lld (%s)", (long long)a->held.size, a->witness),
                           arena_printf(c->arena, "%lld", (long long)a->shown.size));
    return arena_printf(c->arena, "%s %s", what, say(c->arena, c->lang, after, when, "", ""));
}

static enum err put_alerts(struct ctx *c, struct exchange_trail_view *v)
{
    struct tree_alert *a = ARENA_ARRAY(c->arena, ALERTS_MAX, struct tree_alert);
    struct exchange_alert *rows = ARENA_ARRAY(c->arena, ALERTS_MAX, struct exchange_alert);
    size_t n = 0;
    enum err e = tree_alerts(c, a, ALERTS_MAX, &n);
    for (size_t i = 0; i < n && !e; i++)
        rows[i] = (struct exchange_alert){.node = a[i].node,
                                          .witness = a[i].witness,
                                          .kind = a[i].kind,
                                          .words = alert_words(c, &a[i]),
                                          .held_size = a[i].held.size,
                                          .size = a[i].shown.size,
                                          .at_us = a[i].last_us,
                                          .settled_us = a[i].settled_us};
    v->alerts = (struct list){rows, n};
    return e;
}

static enum err compare(struct ctx *c, struct exchange_trail_view *v)
{
    int64_t size = 0;
    const char *typed = "";
    struct sha256 root;
    enum text words = TX(exchange_trail_unknown);
    v->verdict = "unknown";
    if (tree_short_read(c->arena, v->typed, &size, &typed) && size >= 1 && size <= v->size) {
        enum err e = tree_root(c, size, &root);
        if (e)
            return e;
        bool same = text_starts(sha256_hex(c->arena, root), typed);
        v->verdict = same ? "same" : "other";
        words = same ? TX(exchange_trail_same) : TX(exchange_trail_other);
    }
    v->words = text_get(words, c->lang);
    return OK;
}

enum err exchange_trail_page(struct ctx *c, struct req *r)
{
    struct tree_head h;
    enum err e = tree_newest(c, &h);
    if (e)
        return e;
    struct exchange_trail_view v = {.node = c->node->name,
                                    .size = h.size,
                                    .size_shown = number(c, h.size),
                                    .root = h.root,
                                    .at_us = h.at_us,
                                    .at = h.size ? time_show(c->arena, h.at_us) : "–",
                                    .key = h.key,
                                    .signature = h.signature,
                                    .typed = req_query(r, "dau"),
                                    .verdict = "",
                                    .words = ""};
    if (*v.typed)
        e = compare(c, &v);
    if (!e)
        e = put_holders(c, &v);
    if (!e)
        e = put_alerts(c, &v);
    return e ? e : answer(c, r, 200, &exchange_trail_shape, &v, exchange_trail_html);
}

/* ---- proofs ---- */

static void put_path(struct ctx *c, struct exchange_proof_view *v, const struct tree_proof *p)
{
    struct exchange_step *steps = ARENA_ARRAY(c->arena, p->n, struct exchange_step);
    for (size_t i = 0; i < p->n; i++)
        steps[i].hash = sha256_hex(c->arena, p->path[i]);
    v->path = (struct list){steps, p->n};
    v->proof = tree_proof_text(c->arena, p);
}

static enum err begin(struct ctx *c, struct req *r, const char *param,
                      struct exchange_proof_view *v)
{
    struct tree_head h;
    int64_t place = 0;
    if (!text_to_int(req_param(r, param), &place) || place < 1)
        return fail(c, ERR_NOT_FOUND, "");
    enum err e = tree_newest(c, &h);
    if (e)
        return e;
    *v = (struct exchange_proof_view){.node = c->node->name,
                                      .place = place,
                                      .size = h.size,
                                      .root = h.root,
                                      .at_us = h.at_us,
                                      .at = h.size ? time_show(c->arena, h.at_us) : "",
                                      .key = h.key,
                                      .signature = h.signature,
                                      .proof = ""};
    return OK;
}

/* A record newer than the newest head has no proof yet: the page says so, and has it in a while. */
enum err exchange_inclusion_page(struct ctx *c, struct req *r)
{
    struct exchange_proof_view v;
    struct tree_proof p = {.n = 0};
    enum err e = begin(c, r, "seq", &v);
    if (!e)
        e = audit_hash_of(c, v.place, &v.hash);
    if (!e && v.place > v.size)
        v = (struct exchange_proof_view){v.node,        "", "", "", "", "", .place = v.place,
                                         .hash = v.hash};
    else if (!e)
        e = tree_inclusion(c, v.place, v.size, &p);
    if (e)
        return e;
    v.what = text_get(TX(exchange_trail_record), c->lang);
    v.how = text_get(v.size ? TX(exchange_trail_included) : TX(exchange_trail_not_yet), c->lang);
    put_path(c, &v, &p);
    return answer(c, r, 200, &exchange_proof_shape, &v, exchange_proof_html);
}

enum err exchange_consistency_page(struct ctx *c, struct req *r)
{
    struct exchange_proof_view v;
    struct tree_proof p;
    struct sha256 before;
    enum err e = begin(c, r, "size", &v);
    if (!e && v.place > v.size)
        e = fail(c, ERR_NOT_FOUND, "");
    if (!e)
        e = tree_root(c, v.place, &before);
    if (!e)
        e = tree_consistency(c, v.place, v.size, &p);
    if (e)
        return e;
    v.hash = sha256_hex(c->arena, before);
    v.what = text_get(TX(exchange_trail_before), c->lang);
    v.how = text_get(TX(exchange_trail_continues), c->lang);
    put_path(c, &v, &p);
    return answer(c, r, 200, &exchange_proof_shape, &v, exchange_proof_html);
}
