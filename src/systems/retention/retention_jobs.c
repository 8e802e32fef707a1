/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the node does by itself: it finds what is due and makes lists of it, and destroys what was
 * approved once the waiting time is over. Both in small transactions: killed anywhere, a list is
 * there whole or not at all, and a subject is destroyed and marked so, or neither.
 */
#include "base/id.h"
#include "base/text.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/jobs.h"
#include "systems/retention/retention_private.h"

#define AT_ONCE  50
#define AGAIN_US (365 * DAY_US) /* excluded or held: not proposed anew before */

/* ---- finding ---- */

struct finding {
    const char *of, *behind, *kind;
    const struct retention_rule *rule;
    bool found;
};

static enum err next_kind(struct ctx *c, void *arg)
{
    struct finding *f = arg;
    return retention_store_kind(c, f->of, f->behind, &f->found, &f->kind);
}

static enum err add_list(struct ctx *c, const struct finding *f, const struct retention_item *items,
                         size_t n)
{
    const struct retention_list l = {.id = id_new(c->arena, c->now_us),
                                     .rule = f->rule->code,
                                     .state = "found",
                                     .n = (int64_t)n};
    enum err e = retention_store_add(c, &l);
    for (size_t i = 0; i < n && !e; i++) {
        struct retention_item x = items[i];
        x.list = l.id;
        x.due_us = retention_due(f->rule, x.clock_us);
        e = retention_store_item(c, &x);
    }
    return e ? e
             : audit_write(c, &(struct audit_act){"retention.found", "retention", l.id,
                                                  arena_printf(c->arena, "{\"n\":%zu}", n)});
}

/* One list of a rule waits to be looked at, at most. */
static enum err list_due(struct ctx *c, void *arg)
{
    const struct finding *f = arg;
    struct retention_item *items = ARENA_ARRAY(c->arena, RETENTION_ITEMS, struct retention_item);
    size_t n = 0;
    bool waits;
    enum err e = retention_store_waits(c, f->rule->code, &waits);
    if (e || waits)
        return e;
    e = retention_store_due(c, f->of, f->kind, retention_due_before(f->rule, c->now_us),
                            c->now_us - AGAIN_US, items, RETENTION_ITEMS, &n);
    return e || n == 0 ? e : add_list(c, f, items, n);
}

static enum err find_kind(struct ctx *c, struct finding *f)
{
    f->rule = retention_rule(c->node->country, f->of, f->kind);
    bool ends = f->rule && f->rule->end == RETENTION_DESTROY;
    return ends ? db_write(c, c->node->db, list_due, f) : OK;
}

enum err retention_find(struct ctx *c)
{
    enum err e = OK;
    for (int k = 1; k < SUBJECT_CLASSES && !e; k++) {
        struct finding f = {.of = subject_class_name[k], .kind = "", .found = true};
        while (!e && f.found) {
            e = find_kind(c, &f);
            f.behind = f.kind;
            if (!e)
                e = db_read(c, c->node->db, next_kind, &f);
        }
    }
    return e;
}

/* ---- destroying ---- */

/* Whose key goes, and who stays after all. */
static enum err end_one(struct ctx *c, const struct retention_list *l, struct retention_item *i)
{
    int64_t clock_us;
    bool lives;
    const char *hold;
    enum err e = retention_store_now(c, i->number, &clock_us, &lives);
    if (!e)
        e = hold_on(c, i->number, &hold);
    if (e)
        return e;
    if (!lives)
        return retention_store_mark(c, i, "gone", false);
    if (*hold)
        return retention_store_mark(c, i, "held", false);
    if (clock_us != i->clock_us) /* in use again */
        return retention_store_mark(c, i, "changed", false);
    const struct retention_rule *r = retention_named(c->node->country, l->rule);
    const char *why =
        arena_printf(c->arena, "retention list %s; %s", l->id, r ? r->law[LANG_VI] : "decision");
    e = subject_destroy(c, i->number, why);
    return e ? e : retention_store_mark(c, i, "destroyed", false);
}

static enum err finish(struct ctx *c, struct retention_list *l)
{
    struct retention_counts n;
    enum err e = retention_store_counts(c, l->id, &n);
    l->state = "done";
    l->done_us = c->now_us;
    if (!e)
        e = retention_store_state(c, l, "approved");
    const char *detail = arena_printf(c->arena, "{\"destroyed\":%lld,\"kept\":%lld}",
                                      (long long)n.destroyed, (long long)(n.kept + n.excluded));
    return e ? e
             : audit_write(c, &(struct audit_act){"retention.done", "retention", l->id, detail});
}

/* Some of what is left of a list; behind the last of it the list is done, in the same transaction.
 */
static enum err run_some(struct ctx *c, void *arg)
{
    bool *found = arg;
    struct retention_list l;
    struct retention_item *items = ARENA_ARRAY(c->arena, AT_ONCE, struct retention_item);
    size_t n = 0;
    enum err e = retention_store_next(c, &l, found);
    if (e || !*found)
        return e;
    e = retention_store_listed(c, l.id, items, AT_ONCE, &n);
    for (size_t i = 0; i < n && !e; i++)
        e = end_one(c, &l, &items[i]);
    return e || n == AT_ONCE ? e : finish(c, &l);
}

enum err retention_run(struct ctx *c)
{
    bool found = true, any = false;
    enum err e = OK;
    while (!e && found) {
        e = db_write(c, c->node->db, run_some, &found);
        any = any || found;
    }
    if (any)
        job_wake("core.subjects");
    return e;
}
