/* SPDX-License-Identifier: Apache-2.0 */
/* In the node: what stands in its database, a line each. "bad" lines are wrong by themselves. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/tree.h"
#include "engine/exchange/exchange.h"
#include "engine/registry/registry.h"
#include "test/sim/sim.h"

#define LINES_BYTES (16 << 20)
#define ALERTS      8

struct telling {
    struct buf b;
    const char *held, *what;
};

static enum err row_line(struct ctx *c, const struct db_row *r, void *arg)
{
    struct telling *t = arg;
    (void)c;
    buf_text(&t->b, t->what);
    for (int i = 0; i < row_columns(r); i++) {
        buf_char(&t->b, ' ');
        buf_text(&t->b, *row_text(r, i) ? row_text(r, i) : "-");
    }
    buf_char(&t->b, '\n');
    return OK;
}

#define EACH(t, kind, sql) ((t)->what = (kind), db_each(c, row_line, (t), sql))

static enum err tell_cases(struct ctx *c, struct telling *t)
{
    enum err e = EACH(t, "case",
                      "SELECT code, state, CAST(version AS TEXT) FROM casework_case ORDER BY code");
    if (!e)
        e = EACH(t, "event",
                 "SELECT k.code, CAST(e.version AS TEXT), e.action, e.from_state, e.to_state"
                 " FROM casework_event e JOIN casework_case k ON k.id = e.case_id"
                 " ORDER BY k.code, e.version, e.id");
    if (!e && node_runs(c->node, "portal"))
        e = EACH(t, "draft", "SELECT id, code FROM portal_draft ORDER BY id");
    if (!e && node_runs(c->node, "portal"))
        e = EACH(
            t, "portal",
            "SELECT code, CAST(version AS TEXT) FROM portal_dossier_event ORDER BY code, version");
    if (!e && node_runs(c->node, "civilstatus"))
        e = EACH(t, "entry",
                 "SELECT dossier, CAST(number AS TEXT) FROM civilstatus_entry WHERE revoked = 0"
                 " ORDER BY number");
    if (!e && node_runs(c->node, "population"))
        e = EACH(t, "assigned",
                 "SELECT dossier, number FROM population_assignment ORDER BY dossier");
    if (!e && node_runs(c->node, "insurance"))
        e = EACH(t, "card", "SELECT dossier, record FROM insurance_card ORDER BY dossier");
    return e;
}

static enum err tell_messages(struct ctx *c, struct telling *t)
{
    enum err e = EACH(t, "message",
                      "SELECT id, direction, CAST(status AS TEXT), service FROM exchange_message"
                      " ORDER BY id, direction");
    return e ? e
             : EACH(t, "waiting",
                    "SELECT id, what, CAST(state AS TEXT) FROM core_outbox WHERE state IN (0, 3)"
                    " ORDER BY id");
}

/* ---- heads and seals that this node holds of others ---- */

static struct telling *telling;

static enum err seal_line(struct ctx *c, const struct audit_seal *s, void *arg)
{
    struct buf b = buf_new(c->arena, 4096);
    shape_to_json(&b, &audit_seal_shape, s);
    buf_printf(&telling->b, "held %s %s\n", (const char *)arg, b.ptr);
    return OK;
}

static enum err head_line(struct ctx *c, const struct tree_head *h, void *arg)
{
    struct buf b = buf_new(c->arena, 4096);
    shape_to_json(&b, &tree_head_shape, h);
    buf_printf(&telling->b, "held %s %s\n", (const char *)arg, b.ptr);
    return OK;
}

static enum err tell_held(struct ctx *c, struct telling *t)
{
    enum err e = OK;
    telling = t;
    for (size_t i = 0; i < c->node->n_peers && !e; i++) {
        const char *peer = c->node->peers[i].name;
        e = audit_each_held(c, peer, seal_line, (void *)(uintptr_t)peer);
        e = e ? e : tree_each_held(c, peer, head_line, (void *)(uintptr_t)peer);
    }
    return e;
}

/* ---- what must be sound ---- */

static int by_size(const void *x, const void *y)
{
    const struct tree_head *a = x, *b = y;
    return a->size < b->size ? -1 : a->size > b->size;
}

static enum err read_held(struct ctx *c, const char *text, struct audit_outside *ret)
{
    size_t n, n_seals = 0, n_heads = 0;
    const char **line = text_split(c->arena, text, '\n', &n);
    struct audit_seal *seals = ARENA_ARRAY(c->arena, n + 1, struct audit_seal);
    struct tree_head *heads = ARENA_ARRAY(c->arena, n + 1, struct tree_head);
    enum err e = OK;
    for (size_t i = 0; i < n && !e; i++) {
        if (!*line[i])
            continue;
        if (strstr(line[i], "\"size\":"))
            e = shape_from_json(c, &tree_head_shape, bytes_of(line[i]), &heads[n_heads++]);
        else
            e = shape_from_json(c, &audit_seal_shape, bytes_of(line[i]), &seals[n_seals++]);
    }
    qsort(heads, n_heads, sizeof *heads, by_size);
    *ret = (struct audit_outside){seals, heads, n_seals, n_heads};
    return e;
}

static enum err prove(struct ctx *c, struct telling *t)
{
    struct audit_outside outside;
    struct audit_report audit;
    struct exchange_report exchange;
    struct registry_report registry;
    struct tree_alert alerts[ALERTS];
    size_t n = 0;
    enum err e = read_held(c, t->held, &outside);
    if (!e)
        e = audit_verify(c, &outside, &audit);
    if (!e)
        e = exchange_verify(c, &exchange);
    if (!e)
        e = registry_verify(c, &registry);
    if (!e)
        e = tree_alerts(c, alerts, ALERTS, &n);
    if (e)
        return e;
    for (size_t i = 0; i < audit.n_findings && i < AUDIT_FINDINGS; i++)
        buf_printf(&t->b, "bad trail: %s at %lld: %s\n", audit.findings[i].kind,
                   (long long)audit.findings[i].seq, audit.findings[i].problem);
    if (!text_empty(audit.problem))
        buf_printf(&t->b, "bad trail: %s\n", audit.problem);
    if (!text_empty(exchange.problem))
        buf_printf(&t->b, "bad exchange: %s\n", exchange.problem);
    if (!text_empty(registry.problem))
        buf_printf(&t->b, "bad register: %s\n", registry.problem);
    for (size_t i = 0; i < n; i++)
        buf_printf(&t->b, "alert %s of %s at %s\n", alerts[i].kind, alerts[i].node,
                   alerts[i].witness);
    buf_printf(&t->b, "proved %lld records %lld heads %lld held %lld messages\n",
               (long long)audit.records, (long long)audit.heads, (long long)audit.held,
               (long long)exchange.messages);
    return OK;
}

static enum err tell_all(struct ctx *c, void *arg)
{
    struct telling *t = arg;
    t->b = buf_new(c->arena, LINES_BYTES);
    enum err e = tell_cases(c, t);
    if (!e)
        e = tell_messages(c, t);
    if (!e)
        e = tell_held(c, t);
    return e || !*t->held ? e : prove(c, t);
}

enum err sim_tell(struct ctx *c, const char *held, const char **ret_lines)
{
    struct telling t = {.held = held};
    enum err e = db_read(c, c->node->db, tell_all, &t);
    if (!e)
        *ret_lines = t.b.ptr;
    return e;
}
