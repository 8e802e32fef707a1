/* SPDX-License-Identifier: Apache-2.0 */
/* The person came second: what happened meanwhile, what was typed, what to do now. And a dossier
   that ended without a result, filed anew. */
#include "base/id.h"
#include "base/text.h"
#include "core/country.h"
#include "core/say.h"
#include "gen/html.h"
#include "systems/portal/portal_views.h"

static const char *tell(const struct ctx *c, enum text t)
{
    return text_get(t, c->lang);
}

/* ---- what was typed ---- */

/* The last one that was sent: of a box its hidden one comes first. */
static const char *sent(const struct req *r, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < r->n_form; i++)
        if (text_eq(r->form[i].name, name))
            value = r->form[i].value;
    return value;
}

/* As typed where it isn't sound; else what the draft holds where that differs from what was filed;
   NULL: nothing new there. */
static const char *typed_there(struct ctx *c, const struct req *r, const struct field *f,
                               const struct portal_draft *d, const void *filed)
{
    const struct shape *whole = d->procedure->form;
    const char *typed = f->kind == KIND_FILE || portal_is_place(f) ? NULL : sent(r, f->name);
    size_t before = c->n_faults;
    if (!text_empty(typed) && !(f->flags & (F_READ_ONLY | F_SECRET)) &&
        shape_set_raw(c, f, shape_new(c->arena, whole), bytes_of(typed))) {
        c->n_faults = before;
        return typed;
    }
    c->n_faults = before;
    return portal_same(c, whole, f, d->form, filed) ? NULL : portal_shown(c, f, d->form, whole);
}

static struct list changes_of(struct ctx *c, const struct req *r, const struct portal_draft *d,
                              const void *filed)
{
    const struct shape *s = d->procedure->form;
    struct portal_line *lines = ARENA_ARRAY(c->arena, s->n + 1, struct portal_line);
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        const char *now = f->kind == KIND_LIST ? NULL : typed_there(c, r, f, d, filed);
        if (now && !(f->flags & F_READ_ONLY))
            lines[n++] =
                (struct portal_line){.title = shape_label(f, c->lang),
                                     .text = text_empty(now) ? tell(c, TX(portal_empty)) : now};
    }
    return (struct list){lines, n};
}

static struct list reason_of(struct ctx *c, const struct req *r)
{
    const char *reason = sent(r, "reason");
    struct portal_line *line = ARENA_NEW(c->arena, struct portal_line);
    *line = (struct portal_line){.title = tell(c, TX(portal_withdraw_reason)), .text = reason};
    return (struct list){line, text_empty(reason) ? 0 : 1};
}

/* ---- the page ---- */

static bool is_post(const struct req *r)
{
    return text_eq(r->route->method, "POST");
}

/* Who only looks has been overtaken by nobody. */
static const char *heading_of(struct ctx *c, const struct req *r, const char *action)
{
    if (is_post(r))
        return tell(c, TX(portal_overtaken_title));
    return tell(c, text_eq(action, "withdraw") ? TX(portal_overtaken_no_withdrawal)
                                               : TX(portal_overtaken_no_supplement));
}

static enum err what_happened(struct ctx *c, const struct req *r, const struct casework_case *k,
                              struct portal_overtaken_view *v)
{
    struct casework_event e;
    size_t n = 0;
    const struct procedure *p = procedure_find(c, k->procedure);
    enum err err = casework_history(c, k->code, &e, 1, &n);
    if (err || n == 0)
        return err;
    v->what = portal_past_of(c, p, &e);
    v->own = is_post(r) && text_eq(e.actor_role, "citizen");
    return OK;
}

static void supplementing(struct ctx *c, struct req *r, const struct casework_case *k,
                          const struct portal_draft *d, struct portal_overtaken_view *v)
{
    v->typed = changes_of(c, r, d, k->form);
    v->can_drop = d->id != NULL;
    v->unsent = is_post(r) ? tell(c, TX(portal_overtaken_supplement)) : "";
    if (d->id)
        v->kept = say(c->arena, c->lang, TX(portal_overtaken_kept),
                      day_show(c->arena, local_day(d->expires_us)), NULL, NULL);
    if (v->can_file_anew)
        v->next = tell(c, TX(portal_overtaken_anew));
    else if (k->national < PORTAL_DONE && v->typed.n)
        v->next = tell(c, TX(portal_overtaken_wait));
}

static void withdrawing(struct ctx *c, struct req *r, const struct casework_case *k,
                        struct portal_overtaken_view *v)
{
    v->typed = reason_of(c, r);
    v->unsent = is_post(r) ? tell(c, TX(portal_overtaken_withdraw)) : "";
    if (!k->closed_us && k->national != PORTAL_WITHDRAWING)
        v->next = say(c->arena, c->lang, TX(portal_overtaken_ask),
                      country_agency_name(c->node->country, k->unit, c->lang), NULL, NULL);
}

enum err portal_overtaken(struct ctx *c, struct req *r, const struct casework_case *k,
                          const char *action)
{
    struct portal_draft d;
    struct portal_overtaken_view v = {.code = k->code,
                                      .name = procedure_find(c, k->procedure)->name[c->lang],
                                      .title = k->title,
                                      .status = portal_status_word(c, k->national),
                                      .colour = portal_status_colour(k->national),
                                      .notice = portal_notice_of(c, k->national),
                                      .next = "",
                                      .kept = "",
                                      .can_file_anew = portal_can_file_anew(c, k)};
    if (r->wants_json)
        return ERR_CASE_STATE;
    v.heading = heading_of(c, r, action);
    v.late = is_post(r);
    enum err e = what_happened(c, r, k, &v);
    if (!e && text_eq(action, "supplement") && !(e = portal_supplement_draft(c, k, &d)))
        supplementing(c, r, k, &d, &v);
    if (text_eq(action, "withdraw"))
        withdrawing(c, r, k, &v);
    if (e)
        return e;
    ctx_clear_faults(c);
    if (!is_post(r))
        return answer(c, r, 409, NULL, &v, portal_overtaken_html);
    e = answer_again(c, r, NULL, &v, portal_overtaken_html);
    r->answer.status = 409;
    return e;
}

/* ---- filed anew ---- */

bool portal_can_file_anew(struct ctx *c, const struct casework_case *k)
{
    const struct procedure *p = procedure_find(c, k->procedure);
    bool ended = k->national == PORTAL_REFUSED || k->national == PORTAL_STOPPED;
    return ended && p && portal_online(p) && portal_files_here(c->node);
}

/* What is declared is declared again. */
static void undeclare(const struct shape *s, void *form)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->fields[i].kind == KIND_BOOL && (s->fields[i].flags & F_REQUIRED))
            shape_set_int(s, form, s->fields[i].name, 0);
}

static const char *groups_done(struct ctx *c, const struct procedure *p, const void *form)
{
    const json_t *rows = json_list_of(p->doc, "groups");
    struct portal_draft d = {.done = ""};
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *name = json_text_of(json_array_get(rows, i), "name", "");
        if (portal_complete(c, shape_group(c->arena, p->form, name), form))
            portal_mark_done(c, &d, name);
    }
    return d.done;
}

/* A draft of a new dossier with all that was filed, and what was to supplement it: nobody types it
   twice. */
enum err portal_file_anew(struct ctx *c, struct req *r)
{
    struct casework_case k;
    struct portal_draft d;
    c->matter = req_param(r, "code");
    enum err e = casework_get(c, c->matter, &k);
    if (e)
        return e;
    if (!portal_can_file_anew(c, &k))
        return fail(c, ERR_CASE_STATE, "", portal_status_word(c, k.national));
    if ((e = portal_supplement_draft(c, &k, &d)))
        return e;
    undeclare(d.procedure->form, d.form);
    d.id = NULL;
    d.subject = 0;
    d.supplements = "";
    d.done = groups_done(c, d.procedure, d.form);
    e = portal_draft_subject(c, &d);
    e = e ? e : portal_hand_over(c, d.procedure->form, d.form, d.subject);
    e = e ? e : portal_store_draft_add(c, &d);
    e = e ? e : portal_store_supplement_end(c, k.code);
    return e ? e : answer_redirect(c, r, portal_draft_path(c, &d));
}
