/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts about trails, and how they are answered: by an administrator who accepts the restored past
   of a peer; about our own trail, by the witness that holds a head of it again. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "core/audit_inside.h"
#include "core/tree_inside.h"

#define ROOT_DIGITS   16
#define ALERTS_JUDGED 64
#define DETAIL_BYTES  4096

/* Answered since it was last raised. */
#define SETTLED                                                                                    \
    " (SELECT 1 FROM core_tree_settled s WHERE s.node = a.node AND s.witness = a.witness"          \
    " AND s.kind = a.kind AND s.held_size = a.held_size AND s.held_root = a.held_root"             \
    " AND s.times = a.times)"

/* ---- alerts ---- */

struct listing {
    struct tree_alert *alerts;
    size_t n;
};

static struct tree_head head_at(const struct db_row *r, const char *node, int col)
{
    return (struct tree_head){.node = node,
                              .size = row_int(r, col),
                              .root = row_text(r, col + 1),
                              .at_us = row_int(r, col + 2),
                              .key = row_text(r, col + 3),
                              .signature = row_text(r, col + 4)};
}

static enum err read_alert(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct listing *x = arg;
    const char *node = row_text(r, 0);
    x->alerts[x->n++] = (struct tree_alert){.node = node,
                                            .witness = row_text(r, 1),
                                            .kind = row_text(r, 2),
                                            .held = head_at(r, node, 3),
                                            .shown = head_at(r, node, 8),
                                            .first_us = row_int(r, 13),
                                            .last_us = row_int(r, 14),
                                            .times = row_int(r, 15),
                                            .settled_us = row_int(r, 16),
                                            .account = row_text(r, 17),
                                            .reason = row_text(r, 18)};
    return OK;
}

enum err tree_alerts(struct ctx *c, struct tree_alert *ret_alerts, size_t max, size_t *ret_n)
{
    struct listing x = {.alerts = ret_alerts};
    enum err e = db_each(c, read_alert, &x,
                         "SELECT a.node, a.witness, a.kind, a.held_size, a.held_root, a.held_at_us,"
                         " a.held_key, a.held_signature, a.size, a.root, a.at_us, a.signing_key,"
                         " a.signature, a.first_us, a.last_us, a.times, s.settled_us, y.account,"
                         " y.reason FROM core_tree_alert a"
                         " LEFT JOIN core_tree_settled s ON s.node = a.node"
                         " AND s.witness = a.witness AND s.kind = a.kind"
                         " AND s.held_size = a.held_size AND s.held_root = a.held_root"
                         " AND s.times = a.times"
                         " LEFT JOIN core_tree_accept y ON y.node = s.node AND y.number = s.number"
                         " ORDER BY a.last_us DESC, a.node, a.witness, a.held_size LIMIT $1",
                         P_INT((int64_t)max));
    if (!e)
        *ret_n = x.n;
    return e;
}

enum err tree_alerts_open(struct ctx *c, int64_t *ret_open, int64_t *ret_own)
{
    enum err e =
        db_int(c, ret_open, "SELECT count(*) FROM core_tree_alert a WHERE NOT EXISTS" SETTLED);
    return e ? e
             : db_int(c, ret_own,
                      "SELECT count(*) FROM core_tree_alert a WHERE a.node = $1 AND NOT"
                      " EXISTS" SETTLED,
                      P_TEXT(c->node->name));
}

static enum err settle(struct ctx *c, const char *node, const char *witness, int64_t number,
                       int64_t *ret_settled)
{
    return db_exec(c, ret_settled,
                   "INSERT INTO core_tree_settled (node, witness, kind, held_size, held_root,"
                   " times, number, settled_us)"
                   " SELECT a.node, a.witness, a.kind, a.held_size, a.held_root, a.times,"
                   " CAST($3 AS BIGINT), CAST($4 AS BIGINT) FROM core_tree_alert a"
                   " WHERE a.node = $1 AND a.witness = $2 AND NOT EXISTS"
                   " (SELECT 1 FROM core_tree_settled s WHERE s.node = a.node"
                   " AND s.witness = a.witness AND s.kind = a.kind"
                   " AND s.held_size = a.held_size AND s.held_root = a.held_root"
                   " AND s.times = a.times)",
                   P_TEXT(node), P_TEXT(witness), P_INT(number), P_INT(c->now_us));
}

enum err tree_cleared(struct ctx *c, const char *witness)
{
    int64_t settled = 0;
    enum err e = settle(c, c->node->name, witness, 0, &settled);
    if (e || !settled)
        return e;
    log_warn("core", "%s holds a head of our trail as it is now: what it held before is settled",
             witness);
    return audit_write(c, &(struct audit_act){"core.tree_cleared", "trail", witness, NULL});
}

/* ---- the accepted past ---- */

enum err tree_accepted(struct ctx *c, const char *peer, int64_t *ret_number)
{
    return db_int(c, ret_number,
                  "SELECT COALESCE(MAX(number), 0) FROM core_tree_accept WHERE node = $1",
                  P_TEXT(peer));
}

enum err tree_keep_anew(struct ctx *c, const struct tree_head *h, int64_t number)
{
    return db_exec(c, NULL,
                   "INSERT INTO core_tree_anew (peer, number, size, root, at_us, signing_key,"
                   " signature, received_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
                   " ON CONFLICT (peer, number, size) DO NOTHING",
                   P_TEXT(h->node), P_INT(number), P_INT(h->size), P_TEXT(h->root), P_INT(h->at_us),
                   P_TEXT(h->key), P_TEXT(h->signature), P_INT(c->now_us));
}

const char *tree_accept_detail(struct arena *a, const struct tree_acceptance *x, int64_t above)
{
    struct buf b = buf_new(a, DETAIL_BYTES);
    buf_printf(&b, "{\"size\":%" PRId64 ",\"root\":", x->size);
    buf_json(&b, x->root);
    buf_printf(&b, ",\"above\":%" PRId64 ",\"by\":", above);
    buf_json(&b, x->account);
    buf_text(&b, ",\"reason\":");
    buf_json(&b, x->reason);
    buf_text(&b, "}");
    return b.ptr;
}

/* The open alert of ours that shows that head, or why there is none: with what is shown. */
static enum err shown_by(struct ctx *c, const struct tree_acceptance *x, struct tree_head *ret)
{
    struct tree_alert *a = ARENA_ARRAY(c->arena, ALERTS_JUDGED, struct tree_alert);
    struct buf shown = buf_new(c->arena, DETAIL_BYTES);
    size_t n = 0;
    enum err e = tree_alerts(c, a, ALERTS_JUDGED, &n);
    for (size_t i = 0; i < n && !e; i++) {
        const struct tree_head *h = &a[i].shown;
        if (a[i].settled_us || !text_eq(a[i].node, x->node) ||
            !text_eq(a[i].witness, c->node->name))
            continue;
        if (h->size == x->size && strlen(x->root) >= ROOT_DIGITS && text_starts(h->root, x->root)) {
            *ret = *h;
            return tree_head_of_peer(c, h) ? OK : fail(c, ERR_SIGNATURE, "head", x->node);
        }
        buf_printf(&shown, "%s%" PRId64 " %.*s", shown.len ? " | " : "", h->size, ROOT_DIGITS,
                   h->root);
    }
    if (e)
        return e;
    return fail(c, ERR_TREE_NOT_SHOWN, x->node,
                arena_printf(c->arena, "%" PRId64 " %s", x->size, x->root),
                shown.len ? shown.ptr : "–");
}

/* Seals and heads of before speak of no record after this. */
static enum err spoken_of(struct ctx *c, const char *node, int64_t *ret_above)
{
    int64_t sealed, headed, anew;
    enum err e = db_int(c, &sealed,
                        "SELECT COALESCE(MAX(seq), 0) FROM core_witness"
                        " WHERE peer = $1",
                        P_TEXT(node));
    if (!e)
        e = db_int(c, &headed, "SELECT COALESCE(MAX(size), 0) FROM core_tree_held WHERE peer = $1",
                   P_TEXT(node));
    if (!e)
        e = db_int(c, &anew, "SELECT COALESCE(MAX(size), 0) FROM core_tree_anew WHERE peer = $1",
                   P_TEXT(node));
    headed = !e && anew > headed ? anew : headed;
    if (!e)
        *ret_above = sealed > headed ? sealed : headed;
    return e;
}

static enum err record(struct ctx *c, const struct tree_acceptance *x, int64_t number)
{
    int64_t above;
    enum err e = spoken_of(c, x->node, &above);
    if (!e)
        e = db_exec(c, NULL,
                    "INSERT INTO core_tree_accept (node, number, size, root, above, account,"
                    " reason, accepted_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                    P_TEXT(x->node), P_INT(number), P_INT(x->size), P_TEXT(x->root), P_INT(above),
                    P_TEXT(x->account), P_TEXT(x->reason), P_INT(c->now_us));
    if (e)
        return e;
    const char *object = arena_printf(c->arena, "%s/%" PRId64, x->node, number);
    return audit_write(c, &(struct audit_act){TREE_ACCEPT, "trail", object,
                                              tree_accept_detail(c->arena, x, above)});
}

enum err tree_accept(struct ctx *c, const struct tree_acceptance *a)
{
    int64_t number;
    struct tree_head h;
    struct tree_acceptance x = *a;
    enum err e = shown_by(c, a, &h);
    if (!e)
        e = tree_accepted(c, a->node, &number);
    if (e)
        return e;
    x.root = h.root;
    number++;
    e = record(c, &x, number);
    if (!e)
        e = tree_keep_anew(c, &h, number);
    return e ? e : settle(c, a->node, c->node->name, number, NULL);
}
