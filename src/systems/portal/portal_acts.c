/* SPDX-License-Identifier: Apache-2.0 */
/* What the person may do with a filed dossier: supplement, withdraw, collect. */
#include "base/text.h"
#include "core/say.h"
#include "gen/html.h"
#include "systems/portal/portal_views.h"

#define MAX_PAST 60

static const char *path_of(struct ctx *c, const char *code, const char *rest)
{
    return arena_printf(c->arena, "/ho-so/%s%s%s", code, *rest ? "/" : "", rest);
}

/* Is this action among those the person may do now? */
static bool may(struct ctx *c, const struct casework_case *k, const char *action)
{
    const struct process_action *x[12];
    size_t n = casework_actions(c, k, x, ARRAY_LEN(x));
    for (size_t i = 0; i < n; i++)
        if (text_eq(x[i]->name, action))
            return true;
    return false;
}

static enum err own_case(struct ctx *c, struct req *r, const char *action,
                         struct casework_case *ret)
{
    c->matter = req_param(r, "code");
    enum err e = casework_get(c, c->matter, ret);
    if (e)
        return e;
    const struct procedure *p = procedure_find(c, ret->procedure);
    r->labels = p->form;
    if (may(c, ret, action))
        return OK;
    const struct process_state *s = process_state_of(p->process, ret->state);
    return fail(c, ERR_CASE_STATE, action, s ? s->label[c->lang] : ret->state);
}

/* ---- supplement ---- */

static bool any_file(const struct shape *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->fields[i].kind == KIND_FILE)
            return true;
    return false;
}

static struct portal_group_view group_of(struct ctx *c, const struct casework_case *k,
                                         const struct procedure *p, const json_t *row)
{
    struct portal_group_view v = {.id = json_text_of(row, "name", ""),
                                  .label = portal_label(c, row, "label"),
                                  .procedure = p,
                                  .shape =
                                      shape_group(c->arena, p->form, json_text_of(row, "name", "")),
                                  .form = k->form,
                                  .known = shape_new(c->arena, p->form)};
    v.upload = any_file(v.shape);
    return v;
}

/* The official's words, the reason of the last act; and the day its term ends: the state's own
   working hours from then. */
static enum err asked_of(struct ctx *c, const struct casework_case *k, const struct procedure *p,
                         struct portal_supplement_view *v)
{
    struct casework_event e[MAX_PAST];
    size_t n = 0;
    enum err err = casework_history(c, k->code, e, MAX_PAST, &n);
    const struct process_state *s = process_state_of(p->process, k->state);
    v->reason = n ? e[0].reason : "";
    v->until = n && s ? time_show(c->arena, calendar_add_minutes(c->node->calendar, e[0].at_us,
                                                                 s->hours * 60))
                      : "";
    return err;
}

static struct list parts_of(struct ctx *c, const struct portal_supplement_view *v)
{
    struct portal_part *parts = ARENA_ARRAY(c->arena, v->n_groups + 1, struct portal_part);
    for (size_t i = 0; i < v->n_groups; i++)
        parts[i] = (struct portal_part){.name = v->groups[i].id,
                                        .label = v->groups[i].label,
                                        .change = path_of(c, v->code, "bo-sung"),
                                        .shape = v->groups[i].shape};
    return (struct list){parts, v->n_groups};
}

static struct list one_act(struct ctx *c, const char *name, const char *href, enum text title)
{
    struct next_act *a = ARENA_NEW(c->arena, struct next_act);
    *a = (struct next_act){name, "POST", href, text_get(title, c->lang)};
    return (struct list){a, 1};
}

static enum err supplement_view(struct ctx *c, struct req *r, struct portal_supplement_view *v)
{
    struct casework_case k;
    enum err e = own_case(c, r, "supplement", &k);
    if (e)
        return e;
    const struct procedure *p = procedure_find(c, k.procedure);
    const json_t *rows = json_list_of(p->doc, "groups");
    *v = (struct portal_supplement_view){.code = k.code, .version = k.version};
    v->n_groups = json_array_size(rows);
    v->groups = ARENA_ARRAY(c->arena, v->n_groups + 1, struct portal_group_view);
    for (size_t i = 0; i < v->n_groups; i++)
        v->groups[i] = group_of(c, &k, p, json_array_get(rows, i));
    v->parts = parts_of(c, v);
    v->asked = portal_asks(c, r, p->form, k.form, p, NULL);
    v->acts = one_act(c, "supplement", path_of(c, k.code, "bo-sung"), TX(portal_supplement_button));
    return asked_of(c, &k, p, v);
}

enum err portal_supplement_page(struct ctx *c, struct req *r)
{
    struct portal_supplement_view v;
    enum err e = supplement_view(c, r, &v);
    return e ? e : answer(c, r, 200, &portal_supplement_shape, &v, portal_supplement_html);
}

enum err portal_supplement_again(struct ctx *c, struct req *r)
{
    struct portal_supplement_view v;
    enum err e = supplement_view(c, r, &v);
    return e ? e : answer_again(c, r, &portal_supplement_shape, &v, portal_supplement_html);
}

struct case_reading {
    struct req *r;
    const struct procedure *procedure;
};

static enum err read_case(struct ctx *c, void *arg)
{
    struct case_reading *g = arg;
    struct casework_case k;
    enum err e = own_case(c, g->r, "supplement", &k);
    if (!e)
        g->procedure = procedure_find(c, k.procedure);
    return e;
}

enum err portal_supplement_prepare(struct ctx *c, struct req *r)
{
    struct case_reading g = {.r = r};
    struct portal_taken *t = ARENA_NEW(c->arena, struct portal_taken);
    r->kept = t;
    if (!r->n_uploads)
        return OK;
    enum err e = db_read(c, c->node->db, read_case, &g);
    return e ? e : portal_take_files(c, r, g.procedure->form, t);
}

static bool was_sent(const struct req *r, const struct shape *s)
{
    for (size_t i = 0; i < r->n_form; i++)
        if (shape_field(s, r->form[i].name))
            return true;
    return false;
}

/* The form for who sends only what changes: a number that isn't sent was given when it was filed.
 */
static const struct shape *changes_of(struct arena *a, const struct shape *form)
{
    struct shape *s = ARENA_NEW(a, struct shape);
    struct field *fields = ARENA_ARRAY(a, form->n + 1, struct field);
    for (size_t i = 0; i < form->n; i++) {
        fields[i] = form->fields[i];
        if (fields[i].kind == KIND_INT || fields[i].kind == KIND_MONEY)
            fields[i].flags &= ~(unsigned)F_REQUIRED;
    }
    *s = *form;
    s->fields = fields;
    return s;
}

/* Groups that were sent are read; the others stay as they were filed. JSON names what it changes.
 */
static enum err typed_groups(struct ctx *c, struct req *r, const struct procedure *p, void *form)
{
    const json_t *rows = json_list_of(p->doc, "groups");
    enum err first = r->json.len ? portal_typed(c, r, changes_of(c->arena, p->form), form) : OK;
    for (size_t i = 0; i < json_array_size(rows) && !r->json.len; i++) {
        const char *name = json_text_of(json_array_get(rows, i), "name", "");
        const struct shape *s = shape_group(c->arena, p->form, name);
        enum err e = was_sent(r, s) ? portal_typed(c, r, s, form) : OK;
        first = first ? first : e;
    }
    portal_work_out(c, p, form);
    r->labels = p->form;
    if (!first && shape_check(c, p->form, form))
        return ERR_INVALID;
    return first;
}

enum err portal_supplement(struct ctx *c, struct req *r)
{
    const struct portal_save *in = r->in;
    struct casework_case k;
    enum err e = own_case(c, r, "supplement", &k);
    if (e)
        return e;
    const struct procedure *p = procedure_find(c, k.procedure);
    void *form = portal_copy(c->arena, p->form, k.form);
    e = portal_keep_files(c, r->kept, p->form, form);
    if (!e)
        e = typed_groups(c, r, p, form);
    if (e)
        return e;
    e = casework_act(c, k.code, "supplement", in->_version, "", form, &k);
    return e ? e : answer_redirect(c, r, path_of(c, k.code, ""));
}

/* ---- withdraw ---- */

static enum err withdraw_view(struct ctx *c, struct req *r, struct portal_withdraw_view *v)
{
    struct casework_case k;
    enum err e = own_case(c, r, "withdraw", &k);
    if (e)
        return e;
    *v = (struct portal_withdraw_view){
        .code = k.code,
        .name = procedure_find(c, k.procedure)->name[c->lang],
        .version = k.version,
        .acts = one_act(c, "withdraw", path_of(c, k.code, "rut"), TX(portal_withdraw_button))};
    return OK;
}

enum err portal_withdraw_page(struct ctx *c, struct req *r)
{
    struct portal_withdraw_view v;
    enum err e = withdraw_view(c, r, &v);
    return e ? e : answer(c, r, 200, &portal_withdraw_shape, &v, portal_withdraw_html);
}

enum err portal_withdraw_again(struct ctx *c, struct req *r)
{
    struct portal_withdraw_view v;
    enum err e = withdraw_view(c, r, &v);
    return e ? e : answer_again(c, r, &portal_withdraw_shape, &v, portal_withdraw_html);
}

enum err portal_withdraw(struct ctx *c, struct req *r)
{
    const struct portal_withdrawal *in = r->in;
    struct casework_case k;
    c->matter = req_param(r, "code");
    enum err e = casework_act(c, c->matter, "withdraw", in->version, in->reason, NULL, &k);
    return e ? e : answer_redirect(c, r, path_of(c, k.code, ""));
}

enum err portal_collect(struct ctx *c, struct req *r)
{
    const struct portal_version *in = r->in;
    struct casework_case k;
    c->matter = req_param(r, "code");
    enum err e = casework_act(c, c->matter, "collect", in->version, "", NULL, &k);
    return e ? e : answer_redirect(c, r, path_of(c, k.code, ""));
}
