/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to a request for supplement: a draft until it is sent, as a first filing is. */
#include "base/text.h"
#include "core/say.h"
#include "gen/html.h"
#include "systems/portal/portal_views.h"

#define MAX_PAST 60

static const char *tell(const struct ctx *c, enum text t)
{
    return text_get(t, c->lang);
}

enum err portal_supplement_draft(struct ctx *c, const struct casework_case *k,
                                 struct portal_draft *ret)
{
    bool found = false;
    const struct procedure *p = procedure_find(c, k->procedure);
    enum err e = portal_store_supplement(c, k->code, &found, ret);
    if (!e && !found)
        *ret = (struct portal_draft){.procedure = p,
                                     .supplements = k->code,
                                     .done = "",
                                     .code = "",
                                     .form = portal_copy(c->arena, p->form, k->form),
                                     .known = shape_new(c->arena, p->form)};
    return e;
}

/* ---- the page ---- */

static bool any_file(const struct shape *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->fields[i].kind == KIND_FILE)
            return true;
    return false;
}

static bool differs(struct ctx *c, const struct shape *s, const void *one, const void *other)
{
    for (size_t i = 0; i < s->n; i++)
        if (!portal_same(c, s, &s->fields[i], one, other))
            return true;
    return false;
}

static bool has_fault(const struct ctx *c, const struct shape *s)
{
    for (size_t i = 0; i < c->n_faults; i++)
        if (shape_field(s, c->faults[i].field))
            return true;
    return false;
}

static struct portal_group_view group_of(struct ctx *c, const struct casework_case *k,
                                         const struct portal_draft *d, const json_t *row)
{
    const struct procedure *p = d->procedure;
    const char *name = json_text_of(row, "name", "");
    struct portal_group_view v = {.id = name,
                                  .label = portal_label(c, row, "label"),
                                  .procedure = p,
                                  .shape = shape_group(c->arena, p->form, name),
                                  .form = d->form,
                                  .filed = k->form,
                                  .known = shape_new(c->arena, p->form)};
    v.upload = any_file(v.shape);
    v.open = v.upload || has_fault(c, v.shape) || differs(c, v.shape, d->form, k->form);
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
    return err ? err : portal_items(c, k, &v->reason, &v->items);
}

static struct list parts_of(struct ctx *c, const struct portal_supplement_view *v)
{
    struct portal_part *parts = ARENA_ARRAY(c->arena, v->n_groups + 1, struct portal_part);
    for (size_t i = 0; i < v->n_groups; i++)
        parts[i] = (struct portal_part){.name = v->groups[i].id,
                                        .label = v->groups[i].label,
                                        .change = portal_path(c, v->code, "bo-sung"),
                                        .shape = v->groups[i].shape};
    return (struct list){parts, v->n_groups};
}

static struct list acts_of(struct ctx *c, const struct portal_supplement_view *v)
{
    struct next_act *a = ARENA_ARRAY(c->arena, 3, struct next_act);
    size_t n = 0;
    a[n++] = (struct next_act){"supplement", "POST", portal_path(c, v->code, "bo-sung"),
                               tell(c, TX(portal_supplement_button))};
    a[n++] = (struct next_act){"keep", "POST", v->save, tell(c, TX(portal_autosave_title))};
    if (!text_empty(v->saved))
        a[n++] = (struct next_act){"drop", "POST", portal_path(c, v->code, "bo-sung/bo"),
                                   tell(c, TX(portal_supplement_drop))};
    return (struct list){a, n};
}

/* k is filled in with ERR_CASE_STATE too. */
static enum err supplement_view(struct ctx *c, struct req *r, struct casework_case *k,
                                struct portal_supplement_view *v)
{
    struct portal_draft d;
    enum err e = portal_own_case(c, r, "supplement", k);
    e = e ? e : portal_supplement_draft(c, k, &d);
    if (e)
        return e;
    const json_t *rows = json_list_of(d.procedure->doc, "groups");
    *v = (struct portal_supplement_view){.code = k->code,
                                         .name = d.procedure->name[c->lang],
                                         .save = portal_path(c, k->code, "bo-sung/luu"),
                                         .saved = "",
                                         .version = k->version};
    if (d.id)
        v->saved =
            say(c->arena, c->lang, TX(portal_supplement_kept), time_show(c->arena, d.saved_us),
                day_show(c->arena, local_day(d.expires_us)), NULL);
    v->n_groups = json_array_size(rows);
    v->groups = ARENA_ARRAY(c->arena, v->n_groups + 1, struct portal_group_view);
    for (size_t i = 0; i < v->n_groups; i++)
        v->groups[i] = group_of(c, k, &d, json_array_get(rows, i));
    v->parts = parts_of(c, v);
    v->asked = portal_asks(c, r, d.procedure->form, d.form, d.procedure, NULL);
    v->acts = acts_of(c, v);
    return asked_of(c, k, d.procedure, v);
}

enum err portal_supplement_page(struct ctx *c, struct req *r)
{
    struct casework_case k;
    struct portal_supplement_view v;
    enum err e = supplement_view(c, r, &k, &v);
    if (e == ERR_CASE_STATE)
        return portal_overtaken(c, r, &k, "supplement");
    return e ? e : answer(c, r, 200, &portal_supplement_shape, &v, portal_supplement_html);
}

enum err portal_supplement_again(struct ctx *c, struct req *r)
{
    struct casework_case k;
    struct portal_supplement_view v;
    enum err e = supplement_view(c, r, &k, &v);
    if (e == ERR_CASE_STATE)
        return portal_overtaken(c, r, &k, "supplement");
    return e ? e : answer_again(c, r, &portal_supplement_shape, &v, portal_supplement_html);
}

/* ---- kept ---- */

static bool was_sent(const struct req *r, const struct shape *s)
{
    for (size_t i = 0; i < r->n_form; i++)
        if (shape_field(s, r->form[i].name))
            return true;
    return false;
}

/* Only the groups that were sent: what doesn't stand on a page isn't an unticked box. */
static void typed_so_far(struct ctx *c, const struct req *r, const struct procedure *p, void *form)
{
    const json_t *rows = json_list_of(p->doc, "groups");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *name = json_text_of(json_array_get(rows, i), "name", "");
        const struct shape *s = shape_group(c->arena, p->form, name);
        if (was_sent(r, s))
            portal_typed_so_far(c, r, s, form);
    }
    portal_work_out(c, p, form);
}

struct keeping {
    struct req *r;
    bool typed; /* what is typed is kept too, not only what is attached */
    struct casework_case k;
    struct portal_draft d;
    struct portal_taken taken;
};

static enum err open_draft(struct ctx *c, void *arg)
{
    struct keeping *g = arg;
    c->matter = req_param(g->r, "code");
    enum err e = casework_get(c, c->matter, &g->k);
    return e ? e : portal_supplement_draft(c, &g->k, &g->d);
}

/* What is there already, and nothing more, needs no draft: a button pressed twice leaves none. */
static enum err keep(struct ctx *c, void *arg)
{
    struct keeping *g = arg;
    enum err e = open_draft(c, g);
    if (e)
        return e;
    const struct shape *form = g->d.procedure->form;
    if (g->typed)
        typed_so_far(c, g->r, g->d.procedure, g->d.form);
    portal_drop_files(g->r, form, g->d.form, g->k.form);
    e = portal_keep_files(c, &g->taken, form, &g->d);
    bool wanted = g->d.kept || differs(c, form, g->d.form, g->k.form);
    if (!e)
        e = wanted ? portal_draft_keep(c, &g->d) : portal_store_draft_forget(c, &g->d);
    g->r->files_kept = e == OK && g->taken.n;
    return e;
}

/* Before anything is judged, also when the dossier has moved on: nobody types or chooses twice. A
   program says itself what it wants kept. */
enum err portal_supplement_prepare(struct ctx *c, struct req *r)
{
    struct keeping g = {.r = r, .typed = !r->json.len};
    enum err e = db_read(c, c->node->db, open_draft, &g);
    enum err bad = e ? e : portal_take_files(c, r, g.d.procedure->form, &g.taken);
    if (!e && (!bad || err_row(bad)->status < 500))
        e = db_write(c, c->node->db, keep, &g);
    return e ? e : bad;
}

enum err portal_supplement_save(struct ctx *c, struct req *r)
{
    struct keeping g = {.r = r, .typed = true};
    enum err e = portal_own_case(c, r, "supplement", &g.k);
    if (e)
        return e;
    int64_t version = ((const struct portal_save *)r->in)->_version;
    if (version != g.k.version)
        return fail(c, ERR_DRAFT_CHANGED, "");
    e = keep(c, &g);
    return e ? e
             : answer_json(
                   c, r, 200,
                   bytes_of(arena_printf(c->arena, "{\"version\":%lld}", (long long)version)));
}

enum err portal_supplement_drop(struct ctx *c, struct req *r)
{
    struct keeping g = {.r = r};
    enum err e = open_draft(c, &g);
    if (!e && !g.d.id)
        return fail(c, ERR_NOT_FOUND, "code", g.k.code);
    e = e ? e : portal_store_supplement_end(c, g.k.code);
    bool open = portal_may(c, &g.k, "supplement");
    return e ? e : answer_redirect(c, r, portal_path(c, g.k.code, open ? "bo-sung" : ""));
}

/* ---- sent ---- */

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
    struct portal_draft d;
    enum err e = portal_own_case(c, r, "supplement", &k);
    e = e ? e : portal_supplement_draft(c, &k, &d);
    e = e ? e : typed_groups(c, r, d.procedure, d.form);
    e = e ? e : casework_act(c, k.code, "supplement", in->_version, "", d.form, &k);
    return e ? e : portal_done(c, r, k.code, "supplement");
}

/* A draft ends when it is sent, when the person wants the dossier no more, and with the result. */
enum err portal_supplement_over(struct ctx *c, const struct casework_case *k,
                                const struct process_action *action)
{
    bool over =
        action && (text_eq(action->name, "supplement") || text_eq(action->name, "withdraw"));
    const struct procedure *p = procedure_find(c, k->procedure);
    enum err e = over && p && k->form ? portal_hand_over(c, p->form, k->form, k->subject) : OK;
    if (!e && (over || k->national >= PORTAL_DONE))
        e = portal_store_supplement_end(c, k->code);
    return e;
}
