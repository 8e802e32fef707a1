/* SPDX-License-Identifier: Apache-2.0 */
/* From found to approved: who may do what, and that it is never one person alone. */
#include "base/buf.h"
#include "base/id.h"
#include "base/text.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/settings.h"
#include "systems/retention/retention_private.h"

#define DETAIL_MAX 1024

static enum err tell(struct ctx *c, const char *what, const struct retention_list *l)
{
    struct buf b = buf_new(c->arena, DETAIL_MAX);
    buf_text(&b, "{\"rule\":");
    buf_json(&b, l->rule);
    buf_printf(&b, ",\"n\":%lld}", (long long)l->n);
    const char *action = arena_printf(c->arena, "retention.%s", what);
    return audit_write(c, &(struct audit_act){action, "retention", l->id, b.ptr});
}

/* What the pack says must stay goes by no decision either. */
static enum err may_end(struct ctx *c, const char *of, const char *object)
{
    struct retention_told t;
    enum subject_class class = 0;
    for (int k = 1; k < SUBJECT_CLASSES; k++)
        if (text_eq(subject_class_name[k], of))
            class = (enum subject_class)k;
    if (!class)
        return fail(c, ERR_BAD_CODE, "of", of);
    enum err e = retention_told(c, class, object, &t);
    if (!e && t.rule && t.rule->end == RETENTION_KEEP)
        e = fail(c, ERR_RETENTION_KEEP, "object", t.rule->law[c->lang]);
    return e;
}

enum err retention_order(struct ctx *c, const char *of, const char *object, const char *law,
                         const char *words, const char **ret_id)
{
    struct retention_item i;
    struct retention_list l = {.id = id_new(c->arena, c->now_us),
                               .rule = "",
                               .state = "found",
                               .n = 1,
                               .preparer = c->actor->account,
                               .prepared_us = c->now_us,
                               .prepared_by = c->actor->name,
                               .law = law,
                               .words = words};
    enum err e = may_end(c, of, object);
    if (!e)
        e = retention_store_subject(c, of, object, &i);
    if (!e && !i.clock_us && text_eq(of, subject_class_name[SUBJECT_CASE]))
        e = fail(c, ERR_RETENTION_USED, "object", object);
    if (e)
        return e;
    i.list = l.id;
    i.due_us = c->now_us;
    e = retention_store_add(c, &l);
    if (!e)
        e = retention_store_item(c, &i);
    if (!e)
        e = tell(c, "ordered", &l);
    if (!e)
        *ret_id = l.id;
    return e;
}

static enum err in_state(struct ctx *c, const struct retention_list *l, const char *state)
{
    return text_eq(l->state, state) ? OK : fail(c, ERR_RETENTION_STATE, "id", l->id);
}

enum err retention_exclude(struct ctx *c, const char *list, int64_t number, bool out,
                           const char *words)
{
    struct retention_list l;
    struct retention_item i;
    enum err e = retention_get(c, list, &l);
    if (!e)
        e = in_state(c, &l, "found");
    if (!e)
        e = retention_item_get(c, list, number, &i);
    if (!e && !text_eq(i.state, out ? "listed" : "excluded"))
        e = fail(c, ERR_RETENTION_STATE, "id", list);
    if (e)
        return e;
    i.by = c->actor->name;
    i.words = words;
    e = retention_store_mark(c, &i, out ? "excluded" : "listed", !out);
    return e ? e : tell(c, out ? "excluded" : "included", &l);
}

enum err retention_propose(struct ctx *c, const char *id, const char *words)
{
    struct retention_list l;
    struct retention_counts n;
    enum err e = retention_get(c, id, &l);
    if (!e)
        e = in_state(c, &l, "found");
    if (!e)
        e = retention_store_counts(c, id, &n);
    if (!e && !n.listed)
        e = fail(c, ERR_RETENTION_EMPTY, "id", id);
    if (e)
        return e;
    l.state = "proposed";
    l.preparer = c->actor->account;
    l.prepared_us = c->now_us;
    l.prepared_by = c->actor->name;
    l.words = words;
    e = retention_store_state(c, &l, "found");
    return e ? e : tell(c, "proposed", &l);
}

static bool has_role(const struct ctx *c, const struct retention_list *l)
{
    const struct retention_rule *r = retention_named(c->node->country, l->rule);
    return !r || text_eq(r->approver, c->actor->role);
}

bool retention_may_approve(const struct ctx *c, const struct retention_list *l)
{
    return actor_can(c->actor, RETENTION_APPROVE) && text_eq(l->state, "proposed") &&
           !text_eq(l->preparer, c->actor->account) && has_role(c, l);
}

enum err retention_approve(struct ctx *c, const char *id, const char *words)
{
    struct retention_list l;
    int64_t hours = 0;
    enum err e = retention_get(c, id, &l);
    if (!e)
        e = in_state(c, &l, "proposed");
    if (!e && text_eq(l.preparer, c->actor->account))
        e = fail(c, ERR_SECOND_PERSON, "id", id);
    if (!e && !has_role(c, &l))
        e = fail(c, ERR_RETENTION_ROLE, "id", id);
    if (!e)
        e = setting_int(c, "retention.wait_hours", &hours);
    if (e)
        return e;
    l.state = "approved";
    l.approver = c->actor->account;
    l.approved_us = c->now_us;
    l.run_us = c->now_us + hours * HOUR_US;
    l.approved_by = c->actor->name;
    l.answer = words;
    e = retention_store_state(c, &l, "proposed");
    return e ? e : tell(c, "approved", &l);
}

bool retention_may_cancel(const struct ctx *c, const struct retention_list *l)
{
    bool waits = text_eq(l->state, "approved") && c->now_us < l->run_us;
    bool asked = text_eq(l->state, "found") || text_eq(l->state, "proposed");
    return (waits || asked) &&
           (actor_can(c->actor, RETENTION_PREPARE) || actor_can(c->actor, RETENTION_APPROVE));
}

enum err retention_cancel(struct ctx *c, const char *id, const char *words)
{
    struct retention_list l;
    enum err e = retention_get(c, id, &l);
    if (!e && !retention_may_cancel(c, &l))
        e = fail(c, ERR_RETENTION_STATE, "id", id);
    if (e)
        return e;
    const char *from = l.state;
    l.state = "cancelled";
    l.approver = c->actor->account;
    l.approved_us = c->now_us;
    l.approved_by = c->actor->name;
    l.answer = words;
    e = retention_store_state(c, &l, from);
    if (!e)
        e = retention_store_close(c, id);
    return e ? e : tell(c, "cancelled", &l);
}
