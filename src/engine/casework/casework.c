/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"
#include "base/text.h"
#include "base/time.h"
#include "core/access.h"
#include "core/audit.h"
#include "core/country.h"
#include "core/jobs.h"
#include "core/scope.h"
#include "core/subject.h"
#include "engine/casework/casework_private.h"

#define READ_PERMISSION "casework.read"
#define MAX_LISTENERS   8

static casework_listener listeners[MAX_LISTENERS];
static size_t n_listeners;

void casework_listen(casework_listener fn)
{
    for (size_t i = 0; i < n_listeners; i++)
        if (listeners[i] == fn)
            return;
    ASSERT(n_listeners < MAX_LISTENERS);
    listeners[n_listeners++] = fn;
}

static enum err tell(struct ctx *c, const struct procedure *p, const struct casework_case *k,
                     const struct process_action *action, const char *reason)
{
    enum err e = OK;
    for (size_t i = 0; i < n_listeners && !e; i++)
        e = listeners[i](c, p, k, action, reason);
    return e;
}

/* ---- sealing ---- */

static const char *place_of(struct ctx *c, const char *place, const char *id)
{
    return arena_printf(c->arena, "casework/%s/%s", place, id);
}

enum err casework_seal(struct ctx *c, int64_t subject, const char *place, const char *id,
                       const char *text, struct bytes *ret_sealed)
{
    return subject_seal_text(c, subject, place_of(c, place, id), text, ret_sealed);
}

enum err casework_open(struct ctx *c, const char *place, const char *id, struct bytes sealed,
                       const char **ret_text)
{
    return subject_open_text(c, SECRET_CASE, place_of(c, place, id), sealed, ret_text);
}

const char *casework_word_token(struct ctx *c, const char *word)
{
    return secret_token(c, SECRET_CASE_WORD, word);
}

static enum err add_words(struct ctx *c, const char *id, const char *text)
{
    size_t n;
    const char **words = text_split(c->arena, text_fold(c->arena, text), ' ', &n);
    enum err e = OK;
    for (size_t i = 0; i < n && !e; i++)
        e = casework_store_word(c, casework_word_token(c, words[i]), id);
    return e;
}

/* ---- filing ---- */

/* TT 01/2018/TT-VPCP art. 19: identifier of the receiving agency, day, serial within the day. */
static enum err new_code(struct ctx *c, const struct agency *unit, const char **ret_code)
{
    struct civil t = civil_from_us(c->now_us, LOCAL_OFFSET_US);
    const char *prefix = text_empty(unit->old_code) ? unit->code : unit->old_code;
    const char *day = arena_printf(c->arena, "%02d%02d%02d", t.year % 100, t.month, t.day);
    int64_t serial;
    enum err e =
        counter_next(c, "casework", arena_printf(c->arena, "%s-%s", unit->code, day), &serial);
    if (!e)
        *ret_code = arena_printf(c->arena, "%s-%s-%04lld", prefix, day, (long long)serial);
    return e;
}

static const char *form_json(struct ctx *c, const struct procedure *p, const void *form)
{
    struct buf b = buf_new(c->arena, 1024 * 1024);
    shape_to_json(&b, p->form, form);
    return b.ptr;
}

/* What a list shows: the short name of the procedure and who or what it is about. */
static const char *title_of(struct ctx *c, const struct procedure *p, const void *form)
{
    const char *field = json_text_of(p->doc, "title_field", "child_name");
    return shape_field(p->form, field) ? shape_text(p->form, form, field)
                                       : arena_text(c->arena, p->name[LANG_VI]);
}

static enum err add_event(struct ctx *c, const struct casework_case *k, const char *action,
                          const char *from, const char *reason, struct bytes old_form)
{
    struct casework_event_row e = {.id = id_new(c->arena, c->now_us),
                                   .case_id = k->id,
                                   .action = action,
                                   .from = from,
                                   .to = k->state,
                                   .unit = c->actor->unit,
                                   .role = c->actor->role,
                                   .at_us = c->now_us,
                                   .version = k->version,
                                   .form = old_form};
    enum err err = casework_seal(c, k->subject, "name", e.id, c->actor->name, &e.name);
    if (!err)
        err = casework_seal(c, k->subject, "reason", e.id, reason, &e.reason);
    if (!err)
        err = casework_store_event(c, &e);
    struct audit_act act = {
        .action = arena_printf(c->arena, "casework.%s", action),
        .kind = "case",
        .object = k->code,
        .detail = arena_printf(c->arena, "{\"from\":\"%s\",\"to\":\"%s\",\"version\":%lld}", from,
                               k->state, (long long)k->version)};
    return err ? err : audit_write(c, &act);
}

static void start_state(struct ctx *c, struct casework_row *w, const struct process_state *s)
{
    w->k.state = s->name;
    w->k.national = s->national;
    w->owner_role = s->owner_role;
    w->phase = s->clock == CLOCK_RUN ? PHASE_RUN : s->clock == CLOCK_STOP ? PHASE_STOP : PHASE_END;
    bool citizen = text_eq(s->owner_role, "citizen");
    w->wait_until_us =
        citizen ? calendar_add_minutes(c->node->calendar, c->now_us, s->hours * 60) : 0;
}

/* Code, subject, and all that is personal sealed under it. */
static enum err name_and_seal(struct ctx *c, const struct procedure *p, const struct agency *unit,
                              struct casework_row *w)
{
    struct casework_case *k = &w->k;
    enum err e = new_code(c, unit, &k->code);
    w->owner = person_token(c, k->person);
    const struct subject_wish wish = {SUBJECT_CASE, k->code, p->code, w->owner};
    if (!e)
        e = subject_make(c, &wish, &k->subject);
    if (!e)
        e = casework_seal(c, k->subject, "person", k->id, k->person, &w->person);
    if (!e)
        e = casework_seal(c, k->subject, "title", k->id, k->title, &w->title);
    if (!e)
        e = casework_seal(c, k->subject, "form", k->id, form_json(c, p, k->form), &w->form);
    return e;
}

enum err casework_file(struct ctx *c, const struct procedure *p, const char *unit,
                       const char *channel, const void *form, struct casework_case *ret_case)
{
    const struct agency *agency = country_agency(c->node->country, unit);
    const struct process_state *first = process_state_of(p->process, p->process->initial);
    if (!agency)
        return fail(c, ERR_UNIT_UNKNOWN, "unit", unit);
    struct due due = calendar_due(c->arena, c->node->calendar, c->now_us, p->deadline);
    struct casework_row w = {.k = {.id = id_new(c->arena, c->now_us),
                                   .procedure = p->code,
                                   .unit = agency->code,
                                   .channel = channel,
                                   .version = 1,
                                   .person = c->actor->person,
                                   .filed_us = c->now_us,
                                   .received_us = due.start_us,
                                   .due_us = due.due_us,
                                   .calendar_version = due.calendar_version,
                                   .due_words = {due.words[0], due.words[1]},
                                   .title = title_of(c, p, form),
                                   .assignee = "",
                                   .form = (void *)(uintptr_t)form}};
    start_state(c, &w, first);
    enum err e = name_and_seal(c, p, agency, &w);
    if (!e)
        e = casework_store_insert(c, &w);
    if (!e)
        e = add_words(c, w.k.id, w.k.title);
    if (!e)
        e = add_words(c, w.k.id, w.k.code);
    if (!e)
        e = add_event(c, &w.k, "file", "", "", (struct bytes){NULL, 0});
    if (!e)
        e = tell(c, p, &w.k, NULL, "");
    if (!e)
        *ret_case = w.k;
    return e;
}

/* ---- reading ---- */

static enum err open_case(struct ctx *c, struct casework_row *w, const struct procedure *p)
{
    const char *json;
    enum err e = casework_open(c, "person", w->k.id, w->person, &w->k.person);
    if (!e)
        e = casework_open(c, "title", w->k.id, w->title, &w->k.title);
    if (!e)
        e = casework_open(c, "form", w->k.id, w->form, &json);
    if (e)
        return e;
    w->k.form = shape_new(c->arena, p->form);
    w->k.assignee = "";
    return shape_restore(c, p->form, bytes_of(json), w->k.form);
}

/* What isn't the actor's doesn't exist for them. */
static enum err within_scope(struct ctx *c, const char *code, bool found,
                             const struct casework_row *w)
{
    struct scope s = scope_of(c, READ_PERMISSION);
    bool system = c->actor->kind == ACTOR_SYSTEM;
    if (!found || !(system || scope_allows(&s, w->k.unit, w->owner)))
        return fail(c, ERR_NOT_FOUND, "code", code);
    return OK;
}

/* Which case it is, for what hangs on it: nothing of it is opened. */
static enum err locate(struct ctx *c, const char *code, struct casework_row *w)
{
    bool found = false;
    enum err e = casework_store_locate(c, code, &found, w);
    return e ? e : within_scope(c, code, found, w);
}

/* The case within the actor's scope, opened. */
static enum err find(struct ctx *c, const char *code, struct casework_row *w,
                     const struct procedure **ret_p)
{
    bool found = false;
    enum err e = casework_store_get(c, code, &found, w);
    if (!e)
        e = within_scope(c, code, found, w);
    if (e)
        return e;
    *ret_p = procedure_find(c, w->k.procedure);
    if (!*ret_p)
        return fail(c, ERR_PROCEDURE_UNKNOWN, "procedure", w->k.procedure);
    return open_case(c, w, *ret_p);
}

enum err casework_get(struct ctx *c, const char *code, struct casework_case *ret_case)
{
    struct casework_row w = {0};
    const struct procedure *p;
    enum err e = find(c, code, &w, &p);
    if (!e && !text_empty(w.k.person))
        e = access_note(c, w.k.person, "dossier", w.k.code, "");
    if (!e)
        *ret_case = w.k;
    return e;
}

/* ---- acting ---- */

static bool starts_in(const struct process_action *x, const char *state)
{
    for (const char *const *f = x->from; *f; f++)
        if (text_eq(*f, state))
            return true;
    return false;
}

static bool actor_may(const struct ctx *c, const struct process_action *x,
                      const struct casework_row *w)
{
    if (text_eq(x->role, "system"))
        return c->actor->kind == ACTOR_SYSTEM;
    if (text_eq(x->role, "citizen"))
        return c->actor->kind == ACTOR_CITIZEN && text_eq(c->actor->person, w->k.person);
    return c->actor->kind == ACTOR_OFFICIAL && text_eq(c->actor->role, x->role) &&
           actor_can(c->actor, x->permission);
}

static enum err check_act(struct ctx *c, const struct procedure *p, const struct casework_row *w,
                          const struct process_action *x, int64_t expected_version,
                          const char *reason)
{
    if (!actor_may(c, x, w))
        return fail(c, ERR_FORBIDDEN, x->name);
    if (w->k.version != expected_version)
        return fail(c, ERR_CASE_CHANGED, "version", w->k.code);
    if (!starts_in(x, w->k.state)) {
        const struct process_state *s = process_state_of(p->process, w->k.state);
        return fail(c, ERR_CASE_STATE, x->name, s ? s->label[c->lang] : w->k.state);
    }
    if (x->needs_reason && text_empty(reason))
        return fail(c, ERR_CASE_REASON, "reason");
    if (text_eq(x->form, "02") && w->supplements >= p->process->max_supplements)
        return fail(c, ERR_SUPPLEMENT_ONCE, x->name);
    if (text_eq(x->form, "04") && w->extensions >= p->process->max_extensions)
        return fail(c, ERR_EXTENSION_ONCE, x->name);
    return OK;
}

/* The new date explains itself, as the one before it did. */
static void resume(struct ctx *c, struct casework_row *w)
{
    int64_t before = w->k.due_us;
    w->k.due_us = calendar_resume(c->node->calendar, before, w->k.paused_us, c->now_us);
    for (enum lang l = LANG_VI; l <= LANG_EN; l++)
        w->k.due_words[l] = arena_printf(
            c->arena, "%s%s", w->k.due_words[l],
            calendar_resume_words(c->arena, w->k.paused_us, c->now_us, before, w->k.due_us, l));
    w->k.paused_us = 0;
}

/* The clock follows the state: stopped while the citizen is awaited, run on afterwards. */
static void move(struct ctx *c, struct casework_row *w, const struct process_state *to)
{
    enum phase before = w->phase;
    start_state(c, w, to);
    if (before == PHASE_RUN && w->phase == PHASE_STOP)
        w->k.paused_us = c->now_us;
    if (before == PHASE_STOP && w->phase == PHASE_RUN)
        resume(c, w);
    if (before != PHASE_END && w->phase == PHASE_END)
        w->k.closed_us = c->now_us;
}

/* A new appointment, once: the whole term again from now (NĐ 61/2018 art. 19). */
static void extend(struct ctx *c, struct casework_row *w, const struct procedure *p)
{
    struct due due = calendar_due(c->arena, c->node->calendar, c->now_us, p->deadline);
    w->extensions++;
    w->k.due_us = due.due_us;
    w->k.due_words[LANG_VI] = due.words[LANG_VI];
    w->k.due_words[LANG_EN] = due.words[LANG_EN];
    w->k.calendar_version = due.calendar_version;
}

static enum err store_act(struct ctx *c, struct casework_row *w, const struct process_action *x,
                          const char *from, const char *reason, struct bytes old_form)
{
    int64_t rows = 0, expected = w->k.version++;
    enum err e = casework_store_update(c, w, expected, &rows);
    if (!e && rows != 1)
        e = fail(c, ERR_CASE_CHANGED, "version", w->k.code);
    return e ? e : add_event(c, &w->k, x->name, from, reason, old_form);
}

/* The new form instead of the old, which the history keeps. */
static enum err change_form(struct ctx *c, const struct procedure *p, struct casework_row *w,
                            const void *new_form, struct bytes *ret_old)
{
    *ret_old = (struct bytes){NULL, 0};
    if (!new_form)
        return OK;
    *ret_old = w->form;
    w->k.form = (void *)(uintptr_t)new_form;
    return casework_seal(c, w->k.subject, "form", w->k.id, form_json(c, p, new_form), &w->form);
}

/* What the action changes in the row itself: counts, state, clock, due date. */
static void change(struct ctx *c, const struct procedure *p, struct casework_row *w,
                   const struct process_action *x)
{
    if (text_eq(x->form, "02"))
        w->supplements++;
    move(c, w, process_state_of(p->process, x->to));
    if (text_eq(x->form, "04"))
        extend(c, w, p);
}

/* Kept from its end on, by how it ended: "1.001193/10" (national dossier status). */
static enum err keep_from_now(struct ctx *c, const struct casework_row *w)
{
    const char *kind = arena_printf(c->arena, "%s/%lld", w->k.procedure, (long long)w->k.national);
    return w->phase == PHASE_END ? subject_clock(c, SUBJECT_CASE, w->k.code, kind)
                                 : subject_unclock(c, SUBJECT_CASE, w->k.code);
}

#define ANY_VERSION (-1)

static enum err act(struct ctx *c, const char *code, const char *action, int64_t expected_version,
                    const char *reason, const void *new_form, struct casework_case *ret_case)
{
    struct casework_row w = {0};
    const struct procedure *p;
    enum err e = find(c, code, &w, &p);
    if (!e && !w.k.subject && !(e = casework_reseal(c, code, &w.k.subject)))
        e = find(c, code, &w, &p);
    if (e)
        return e;
    const struct process_action *x = process_action_of(p->process, action);
    if (!x)
        return fail(c, ERR_NOT_FOUND, "action", action);
    int64_t seen = expected_version == ANY_VERSION ? w.k.version : expected_version;
    if ((e = check_act(c, p, &w, x, seen, reason)))
        return e;
    const char *from = w.k.state;
    bool was_open = w.phase != PHASE_END;
    struct bytes old_form;
    if ((e = change_form(c, p, &w, new_form, &old_form)))
        return e;
    change(c, p, &w, x);
    e = store_act(c, &w, x, from, reason, old_form);
    if (!e && was_open != (w.phase != PHASE_END))
        e = keep_from_now(c, &w);
    if (!e && was_open && w.phase == PHASE_END)
        e = casework_store_done(c, w.k.unit);
    if (!e)
        e = tell(c, p, &w.k, x, reason ? reason : "");
    if (!e)
        *ret_case = w.k;
    return e;
}

enum err casework_act(struct ctx *c, const char *code, const char *action, int64_t expected_version,
                      const char *reason, const void *new_form, struct casework_case *ret_case)
{
    if (expected_version < 1)
        return fail(c, ERR_CASE_CHANGED, "version", code);
    return act(c, code, action, expected_version, reason, new_form, ret_case);
}

enum err casework_act_system(struct ctx *c, const char *code, const char *action,
                             const char *reason, struct casework_case *ret_case)
{
    ASSERT(c->actor->kind == ACTOR_SYSTEM);
    return act(c, code, action, ANY_VERSION, reason, NULL, ret_case);
}

size_t casework_actions(struct ctx *c, const struct casework_case *k,
                        const struct process_action **ret_actions, size_t max)
{
    const struct procedure *p = procedure_find(c, k->procedure);
    struct casework_row w = {.k = *k};
    size_t n = 0;
    for (size_t i = 0; p && i < p->process->n_actions && n < max; i++) {
        const struct process_action *x = &p->process->actions[i];
        if (starts_in(x, k->state) && actor_may(c, x, &w))
            ret_actions[n++] = x;
    }
    return n;
}

/* ---- history, papers, facts ---- */

struct history {
    struct casework_event *out;
    size_t n, max;
};

static enum err open_event(struct ctx *c, const struct casework_event_row *row, void *arg)
{
    struct history *h = arg;
    struct casework_event e = {.id = row->id,
                               .action = row->action,
                               .from = row->from,
                               .to = row->to,
                               .actor_unit = row->unit,
                               .actor_role = row->role,
                               .at_us = row->at_us,
                               .version = row->version};
    enum err err = casework_open(c, "name", row->id, row->name, &e.actor_name);
    if (!err)
        err = casework_open(c, "reason", row->id, row->reason, &e.reason);
    if (!err && h->n < h->max)
        h->out[h->n++] = e;
    return err;
}

enum err casework_history(struct ctx *c, const char *code, struct casework_event *ret_events,
                          size_t max, size_t *ret_n)
{
    struct casework_row w = {0};
    struct history h = {ret_events, 0, max};
    enum err e = locate(c, code, &w);
    if (!e)
        e = casework_store_events(c, w.k.id, (int64_t)max, open_event, &h);
    if (!e)
        *ret_n = h.n;
    return e;
}

enum err casework_document_add(struct ctx *c, const char *code, const struct casework_document *d)
{
    struct casework_row w = {0};
    enum err e = locate(c, code, &w);
    return e ? e : casework_store_document(c, w.k.id, d);
}

enum err casework_documents(struct ctx *c, const char *code, struct casework_document *ret,
                            size_t max, size_t *ret_n)
{
    struct casework_row w = {0};
    enum err e = locate(c, code, &w);
    return e ? e : casework_store_documents(c, w.k.id, ret, max, ret_n);
}

/* No scope and no line in anybody's log: nothing personal is opened. */
enum err casework_handed_out(struct ctx *c, const char *code, const char *kind,
                             struct casework_case *ret_k, struct casework_document *ret)
{
    bool found;
    enum err e = casework_store_handed(c, code, kind, &found, ret_k, ret);
    return e || found ? e : fail(c, ERR_NOT_FOUND, "kind", kind);
}

enum err casework_fact_set(struct ctx *c, const char *code, const char *name, const char *value)
{
    struct casework_row w = {0};
    enum err e = locate(c, code, &w);
    if (e)
        return e;
    struct bytes sealed;
    const char *place = arena_printf(c->arena, "fact/%s", name);
    e = w.k.subject ? OK : casework_reseal(c, code, &w.k.subject);
    if (!e)
        e = casework_seal(c, w.k.subject, place, w.k.id, value, &sealed);
    return e ? e : casework_store_fact_set(c, w.k.id, name, sealed);
}

enum err casework_fact(struct ctx *c, const char *code, const char *name, const char **ret_value)
{
    struct casework_row w = {0};
    struct bytes sealed;
    enum err e = locate(c, code, &w);
    if (!e)
        e = casework_store_fact(c, w.k.id, name, &sealed);
    return e ? e
             : casework_open(c, arena_printf(c->arena, "fact/%s", name), w.k.id, sealed, ret_value);
}
