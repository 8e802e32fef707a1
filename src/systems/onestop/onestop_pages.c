/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "core/country.h"
#include "core/scope.h"
#include "gen/html.h"
#include "systems/onestop/onestop_private.h"
#include "systems/onestop/onestop_views.h"
#include "web/json.h"

#define INBOX       "/mot-cua"
#define PAGE        25
#define MAX_ACTIONS 12
#define MAX_HISTORY 60
#define MAX_PAPERS  16
#define MAX_FILES   16

static const char *say(const struct ctx *c, enum text t)
{
    return text_get(t, c->lang);
}

/* ---- the clock of a case, in a word and a colour ---- */

struct clock_word {
    const char *clock, *colour;
    enum text text;
};

static struct clock_word clock_of(const struct ctx *c, const struct casework_case *k)
{
    if (k->closed_us)
        return (struct clock_word){"done", "grey", TX(onestop_clock_done)};
    if (k->paused_us)
        return (struct clock_word){"waiting", "blue", TX(onestop_clock_waiting)};
    if (k->due_us < c->now_us)
        return (struct clock_word){"late", "red", TX(onestop_clock_late)};
    int64_t soon = calendar_add_minutes(c->node->calendar, c->now_us, CASEWORK_SOON_MINUTES);
    if (k->due_us < soon)
        return (struct clock_word){"soon", "orange", TX(onestop_clock_soon)};
    return (struct clock_word){"on_time", "green", TX(onestop_clock_on_time)};
}

static const char *state_label(struct ctx *c, const struct casework_case *k)
{
    const struct procedure *p = procedure_find(c, k->procedure);
    const struct process_state *s = p ? process_state_of(p->process, k->state) : NULL;
    return s ? s->label[c->lang] : k->state;
}

/* ---- inbox ---- */

static struct onestop_row row_of(struct ctx *c, const struct casework_case *k)
{
    struct clock_word w = clock_of(c, k);
    return (struct onestop_row){
        .code = k->code,
        .title = k->title,
        .state = state_label(c, k),
        .due = time_show(c->arena, k->due_us),
        .clock = w.clock,
        .clock_text = say(c, w.text),
        .clock_colour = w.colour,
        .channel = country_name(c->node->country, "channels", k->channel, c->lang)};
}

/* Who only looks on has no turns. */
static struct list queues_of(struct ctx *c, const struct casework_counts *n, const char *current)
{
    const struct onestop_queue all[] = {
        {"mine", say(c, TX(onestop_queue_mine)), n->mine, false},
        {"open", say(c, TX(onestop_queue_open)), n->open, false},
        {"soon", say(c, TX(onestop_queue_soon)), n->soon, false},
        {"overdue", say(c, TX(onestop_queue_overdue)), n->overdue, false},
        {"waiting", say(c, TX(onestop_queue_waiting)), n->waiting, false},
        {"done", say(c, TX(onestop_queue_done)), n->done, false},
    };
    struct onestop_queue *q = ARENA_ARRAY(c->arena, ARRAY_LEN(all), struct onestop_queue);
    size_t from = n->turns ? 0 : 1;
    for (size_t i = from; i < ARRAY_LEN(all); i++) {
        q[i] = all[i];
        q[i].current = text_eq(all[i].name, current);
    }
    return (struct list){q + from, ARRAY_LEN(all) - from};
}

static const char *next_href(struct ctx *c, const char *queue, const char *words, const char *next)
{
    if (!next)
        return NULL;
    struct buf b = buf_new(c->arena, 4096);
    buf_printf(&b, INBOX "?hang=%s&", queue);
    if (!text_empty(words))
        buf_printf(&b, "%s&", web_asked(c, INBOX, "tu", words));
    buf_text(&b, "sau=");
    buf_url(&b, next);
    return b.ptr;
}

enum err onestop_inbox(struct ctx *c, struct req *r)
{
    const char *queue = req_query(r, "hang"), *words = req_query(r, "tu"), *next = NULL;
    struct casework_case cases[PAGE];
    struct casework_counts counts;
    size_t n = 0;
    enum err e = casework_counts(c, &counts);
    if (e)
        return e;
    if (text_empty(queue))
        queue = !text_empty(words) ? "all" : counts.turns ? "mine" : "open";
    struct casework_filter f = {.queue = queue, .words = words, .after = req_query(r, "sau")};
    e = casework_list(c, &f, cases, PAGE, &n, &next);
    if (e)
        return e;
    struct onestop_row *rows = ARENA_ARRAY(c->arena, n + 1, struct onestop_row);
    for (size_t i = 0; i < n; i++)
        rows[i] = row_of(c, &cases[i]);
    struct onestop_inbox_view v = {.words = words,
                                   .queue = queue,
                                   .next = next_href(c, queue, words, next),
                                   .rows = {rows, n},
                                   .queues = queues_of(c, &counts, queue)};
    return answer(c, r, 200, &onestop_inbox_shape, &v, onestop_inbox_html);
}

/* ---- one dossier ---- */

static struct list buttons_of(struct ctx *c, const struct casework_case *k, bool *ret_asks)
{
    const struct process_action *x[MAX_ACTIONS];
    size_t n = casework_actions(c, k, x, MAX_ACTIONS);
    *ret_asks = false;
    struct onestop_button *b = ARENA_ARRAY(c->arena, n + 1, struct onestop_button);
    bool first = true; /* of those that go ahead: the one primary button */
    for (size_t i = 0; i < n; i++) {
        b[i] = (struct onestop_button){
            .name = x[i]->name,
            .label = x[i]->label[c->lang],
            .href = arena_printf(c->arena, "/mot-cua/%s/viec/%s", k->code, x[i]->name),
            .needs_reason = x[i]->needs_reason,
            .sign = x[i]->sign,
            .ends = text_eq(x[i]->form, "03"),
            .first = first && !x[i]->needs_reason};
        first = first && !b[i].first;
        *ret_asks |= text_eq(x[i]->form, "02");
    }
    return (struct list){b, n};
}

static struct list acts_of(struct ctx *c, const struct list *buttons)
{
    struct next_act *a = ARENA_ARRAY(c->arena, buttons->n + 1, struct next_act);
    for (size_t i = 0; i < buttons->n; i++) {
        const struct onestop_button *b = (const struct onestop_button *)buttons->items + i;
        a[i] = (struct next_act){b->name, "POST", b->href, b->label};
    }
    return (struct list){a, buttons->n};
}

static const char *reason_title(struct ctx *c, const struct list *buttons)
{
    struct buf b = buf_new(c->arena, 2048);
    for (size_t i = 0; i < buttons->n; i++) {
        const struct onestop_button *x = (const struct onestop_button *)buttons->items + i;
        if (x->needs_reason)
            buf_printf(&b, "%s%s", b.len ? " · " : "", x->label);
    }
    return b.ptr;
}

static const char *action_label(struct ctx *c, const struct procedure *p, const char *name)
{
    const struct process_action *x = process_action_of(p->process, name);
    return x ? x->label[c->lang] : say(c, TX(onestop_filed));
}

static enum err history_of(struct ctx *c, const struct procedure *p, const char *code,
                           struct list *ret)
{
    struct casework_event e[MAX_HISTORY];
    size_t n = 0;
    enum err err = casework_history(c, code, e, MAX_HISTORY, &n);
    struct onestop_past *past = ARENA_ARRAY(c->arena, n + 1, struct onestop_past);
    for (size_t i = 0; i < n; i++)
        past[i] = (struct onestop_past){.action = e[i].action,
                                        .at = time_show(c->arena, e[i].at_us),
                                        .who = text_eq(e[i].actor_role, "system")
                                                   ? say(c, TX(onestop_by_itself))
                                                   : e[i].actor_name,
                                        .what = action_label(c, p, e[i].action),
                                        .reason = e[i].reason};
    *ret = (struct list){past, n};
    return err;
}

static enum err papers_of(struct ctx *c, const char *code, struct list *ret)
{
    struct casework_document d[MAX_PAPERS];
    size_t n = 0;
    enum err e = casework_documents(c, code, d, MAX_PAPERS, &n);
    struct onestop_link *links = ARENA_ARRAY(c->arena, n + 2, struct onestop_link);
    for (size_t i = 0; i < n; i++)
        links[i] = (struct onestop_link){
            .href = arena_printf(c->arena, "/mot-cua/%s/giay/%s", code, d[i].kind),
            .title = onestop_paper_title(c, d[i].kind)};
    links[n] = (struct onestop_link){
        .href = arena_printf(c->arena, "/mot-cua/%s/giay/" ONESTOP_CONTROL_SHEET, code),
        .title = onestop_paper_title(c, ONESTOP_CONTROL_SHEET)};
    *ret = (struct list){links, n + 1};
    return e;
}

/* The group as it was filled in: no files, nothing left open. */
static const struct shape *filled(struct ctx *c, const struct shape *group, const void *data)
{
    struct shape *s = ARENA_NEW(c->arena, struct shape);
    struct field *fields = ARENA_ARRAY(c->arena, group->n + 1, struct field);
    *s = *group;
    s->n = 0;
    for (size_t i = 0; i < group->n; i++) {
        const struct field *f = &group->fields[i];
        bool open = shape_empty(f, data) && !(f->flags & F_REQUIRED);
        if (f->kind != KIND_FILE && !open)
            fields[s->n++] = *f;
    }
    s->fields = fields;
    return s;
}

static struct list parts_of(struct ctx *c, const struct procedure *p, const struct casework_case *k)
{
    const json_t *groups = json_list_of(p->doc, "groups");
    size_t n = groups ? json_array_size(groups) : 0, kept = 0;
    struct onestop_part *parts = ARENA_ARRAY(c->arena, n + 1, struct onestop_part);
    for (size_t i = 0; i < n; i++) {
        const json_t *g = json_array_get(groups, i);
        const char *lang = c->lang == LANG_EN ? "en" : "vi";
        const struct shape *s = shape_group(c->arena, p->form, json_text_of(g, "name", ""));
        struct onestop_part part = {json_text_of(json_object_get(g, "label"), lang, ""),
                                    filled(c, s, k->form)};
        if (part.shape->n)
            parts[kept++] = part;
    }
    return (struct list){parts, kept};
}

static struct list files_of(struct ctx *c, const struct procedure *p, const struct casework_case *k)
{
    struct onestop_link *links = ARENA_ARRAY(c->arena, MAX_FILES, struct onestop_link);
    size_t n = 0;
    for (size_t i = 0; i < p->form->n && n < MAX_FILES; i++) {
        const struct field *f = &p->form->fields[i];
        if (f->kind != KIND_FILE || text_empty(shape_text(p->form, k->form, f->name)))
            continue;
        links[n++] = (struct onestop_link){
            .href = arena_printf(c->arena, "/mot-cua/%s/tep/%s", k->code, f->name),
            .title = shape_label(f, c->lang)};
    }
    return (struct list){links, n};
}

/* The first of the queue that isn't this one. */
static enum err next_of(struct ctx *c, const char *code, const char **ret_code)
{
    struct casework_filter f = {.queue = "mine"};
    struct casework_case cases[2];
    const char *more;
    size_t n = 0;
    enum err e = casework_list(c, &f, cases, ARRAY_LEN(cases), &n, &more);
    for (size_t i = n; i-- > 0 && !e;)
        if (!text_eq(cases[i].code, code))
            *ret_code = cases[i].code;
    return e;
}

static enum err view_of(struct ctx *c, const char *code, struct onestop_dossier_view *v)
{
    struct casework_case k;
    c->matter = code;
    enum err e = casework_get(c, code, &k);
    if (e)
        return e;
    const struct procedure *p = procedure_find(c, k.procedure);
    struct clock_word w = clock_of(c, &k);
    bool asks;
    *v = (struct onestop_dossier_view){.code = k.code,
                                       .state = state_label(c, &k),
                                       .due = time_show(c->arena, k.due_us),
                                       .clock_text = say(c, w.text),
                                       .clock_colour = w.colour,
                                       .due_words = k.due_words[c->lang],
                                       .procedure = p->name[c->lang],
                                       .unit =
                                           country_agency_name(c->node->country, k.unit, c->lang),
                                       .person = k.person,
                                       .version = k.version,
                                       .over = k.closed_us != 0,
                                       .data = k.form,
                                       .buttons = buttons_of(c, &k, &asks),
                                       .parts = parts_of(c, p, &k),
                                       .files = files_of(c, p, &k)};
    v->done = v->next = v->typed = "";
    v->reason_title = reason_title(c, &v->buttons);
    v->acts = acts_of(c, &v->buttons);
    if (asks)
        onestop_ask_rows(c, p, v);
    e = history_of(c, p, code, &v->history);
    if (!e)
        e = papers_of(c, code, &v->papers);
    return e ? e : next_of(c, code, &v->next);
}

/* The act the address tells of, if it is the last one and theirs: a link can't claim more. */
static const char *done_of(struct ctx *c, const char *action, const struct onestop_dossier_view *v)
{
    const struct onestop_past *last = v->history.items;
    bool theirs =
        v->history.n > 0 && text_eq(last->action, action) && text_eq(last->who, c->actor->name);
    return theirs ? last->what : "";
}

enum err onestop_dossier(struct ctx *c, struct req *r)
{
    struct onestop_dossier_view v;
    enum err e = view_of(c, req_param(r, "code"), &v);
    if (!e)
        v.done = done_of(c, req_query(r, "xong"), &v);
    return e ? e : answer(c, r, 200, &onestop_dossier_shape, &v, onestop_dossier_html);
}

/* What an act does looks at fields of the form: they are named as the form names them. */
static const struct shape *form_of_faults(struct ctx *c)
{
    size_t n = 0;
    const struct procedure *const *all = procedure_all(c, &n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < c->n_faults; k++)
            if (shape_field(all[i]->form, c->faults[k].field))
                return all[i]->form;
    return NULL;
}

/* The reason with the items that were named behind it. */
static enum err words_of(struct ctx *c, const char *code, const struct onestop_decision *in,
                         const char **ret)
{
    struct casework_case k;
    *ret = in->reason;
    if (!in->items.n)
        return OK;
    enum err e = casework_get(c, code, &k);
    return e ? e : onestop_words(c, procedure_find(c, k.procedure), in->reason, &in->items, ret);
}

static enum err decide(struct ctx *c, const char *code, const char *action,
                       const struct onestop_decision *in)
{
    struct casework_case k;
    const char *words;
    enum err e = words_of(c, code, in, &words);
    if (!e)
        e = casework_act(c, code, action, in->version, words, NULL, &k);
    if (e)
        return e;
    const struct procedure *p = procedure_find(c, k.procedure);
    bool asks = text_eq(process_action_of(p->process, action)->form, "02");
    return asks ? onestop_ask(c, code, &in->items) : OK;
}

enum err onestop_act(struct ctx *c, struct req *r)
{
    const char *code = req_param(r, "code");
    c->matter = code;
    enum err e = decide(c, code, req_param(r, "action"), r->in);
    r->labels = e ? form_of_faults(c) : NULL;
    return e ? e
             : answer_redirect(
                   c, r,
                   arena_printf(c->arena, "/mot-cua/%s?xong=%s", code, req_param(r, "action")));
}

/* Items that no button takes any more, as they were typed. */
static const char *typed_items(struct ctx *c, const struct req *r)
{
    struct buf b = buf_new(c->arena, 65536);
    for (size_t i = 0; i < r->n_form; i++) {
        const char *name = r->form[i].name, *value = r->form[i].value;
        if (text_starts(name, "items.") && text_ends(name, ".reason") && !text_empty(value))
            buf_printf(&b, "%s%s", b.len ? "; " : "", value);
    }
    return b.len ? b.ptr : "";
}

enum err onestop_act_again(struct ctx *c, struct req *r)
{
    struct onestop_dossier_view v;
    enum err e = view_of(c, req_param(r, "code"), &v);
    if (e)
        return e;
    if (!v.ask.n && !text_empty(typed_items(c, r)))
        v.typed = typed_items(c, r);
    if (text_empty(v.reason_title) && !text_empty(req_form(r, "reason")))
        v.typed = arena_printf(c->arena, "%s %s", req_form(r, "reason"), v.typed);
    return answer_again(c, r, &onestop_dossier_shape, &v, onestop_dossier_html);
}

/* ---- papers, attachments ---- */

enum err onestop_download(struct ctx *c, struct req *r)
{
    struct file f;
    struct bytes content;
    c->matter = req_param(r, "code");
    enum err e = onestop_paper(c, c->matter, req_param(r, "kind"), &f, &content);
    return e ? e : answer_bytes(c, r, f.type, f.name, content);
}

enum err onestop_attachment(struct ctx *c, struct req *r)
{
    struct casework_case k;
    struct file f;
    struct bytes content;
    c->matter = req_param(r, "code");
    enum err e = casework_get(c, c->matter, &k);
    if (e)
        return e;
    const struct procedure *p = procedure_find(c, k.procedure);
    const struct field *x = shape_field(p->form, req_param(r, "field"));
    const char *id = x && x->kind == KIND_FILE ? shape_text(p->form, k.form, x->name) : "";
    if (text_empty(id))
        return fail(c, ERR_NOT_FOUND, "field", req_param(r, "field"));
    e = file_get(c, id, &f);
    if (!e)
        e = file_content(c, &f, &content);
    return e ? e : answer_bytes(c, r, f.type, f.name, content);
}
