/* SPDX-License-Identifier: Apache-2.0 */
/* Before the form: what is known already, what to have at hand; then a draft. */
#include "base/id.h"
#include "base/text.h"
#include "gen/html.h"
#include "systems/portal/portal_views.h"

static enum err procedure_of(struct ctx *c, struct req *r, const struct procedure **ret)
{
    const char *code = req_param(r, "code");
    *ret = procedure_find(c, code);
    if (!*ret)
        return fail(c, ERR_PROCEDURE_UNKNOWN, "code", code);
    if (!portal_online(*ret) || !portal_files_here(c->node))
        return fail(c, ERR_NOT_ONLINE, "code", (*ret)->name[c->lang]);
    return OK;
}

/* Groups that the register fills wholly or in part are named: nobody has to look them up. */
static bool is_filled(const struct procedure *p, const char *group)
{
    for (size_t i = 0; i < p->form->n; i++)
        if (text_eq(p->form->fields[i].group, group) && p->form->fields[i].prefill_register)
            return true;
    return false;
}

static struct list filled_groups(struct ctx *c, const struct procedure *p)
{
    const json_t *rows = json_list_of(p->doc, "groups");
    struct portal_line *lines =
        ARENA_ARRAY(c->arena, json_array_size(rows) + 1, struct portal_line);
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (is_filled(p, json_text_of(row, "name", "")))
            lines[n++].title = portal_label(c, row, "label");
    }
    return (struct list){lines, n};
}

static struct list wanted_files(struct ctx *c, const struct procedure *p)
{
    struct portal_line *lines = ARENA_ARRAY(c->arena, p->form->n + 1, struct portal_line);
    size_t n = 0;
    for (size_t i = 0; i < p->form->n; i++)
        if (p->form->fields[i].kind == KIND_FILE)
            lines[n++].title = shape_label(&p->form->fields[i], c->lang);
    return (struct list){lines, n};
}

/* The question of the relation alone: it may be left open here, later it may not. */
static const struct shape *question_of(struct ctx *c, const struct procedure *p)
{
    const struct field *f = portal_relation_field(p);
    struct field *open = ARENA_NEW(c->arena, struct field);
    struct shape *s = ARENA_NEW(c->arena, struct shape);
    *s = (struct shape){.name = "start", .fields = open, .size = p->form->size};
    if (!f)
        return s;
    *open = *f;
    open->flags &= ~(unsigned)F_REQUIRED;
    s->n = 1;
    return s;
}

enum err portal_start_page(struct ctx *c, struct req *r)
{
    const struct procedure *p;
    enum err e = procedure_of(c, r, &p);
    if (e)
        return e;
    struct next_act begin = {"begin", "POST", arena_printf(c->arena, "/dich-vu/%s/nop", p->code),
                             text_get(TX(portal_start_button), c->lang)};
    struct portal_start_view v = {.code = p->code,
                                  .name = p->name[c->lang],
                                  .person = c->actor->name,
                                  .relation = portal_relation_field(p),
                                  .groups = filled_groups(c, p),
                                  .files = wanted_files(c, p),
                                  .acts = {&begin, 1}};
    v.asked = portal_asks(c, r, question_of(c, p), shape_new(c->arena, p->form), p, NULL);
    return c->n_faults ? answer_again(c, r, &portal_start_shape, &v, portal_start_html)
                       : answer(c, r, 200, &portal_start_shape, &v, portal_start_html);
}

/* What was said of the relation; nothing said: "". */
static enum err relation_of(struct ctx *c, struct req *r, const struct procedure *p,
                            const char **ret)
{
    const struct shape *s = question_of(c, p);
    void *said = shape_new(c->arena, p->form);
    enum err e = portal_typed(c, r, s, said);
    *ret = e || s->n == 0 ? "" : shape_text(s, said, s->fields[0].name);
    return e;
}

static enum err room_work(struct ctx *c, void *arg)
{
    (void)arg;
    return portal_store_draft_room(c);
}

/* Asks the register before any transaction: the draft begins with what it told. */
enum err portal_begin_prepare(struct ctx *c, struct req *r)
{
    struct portal_draft *d = ARENA_NEW(c->arena, struct portal_draft);
    struct portal_known known;
    const char *relation;
    enum err e = procedure_of(c, r, &d->procedure);
    if (!e)
        e = relation_of(c, r, d->procedure, &relation);
    if (!e) /* nobody is asked for nothing */
        e = db_read(c, c->node->db, room_work, NULL);
    if (!e)
        e = portal_ask(c, &known);
    if (e)
        return e;
    portal_prefill(c, &known, relation, d);
    json_end(known.self);
    json_end(known.spouse);
    d->done = d->code = "";
    r->kept = d;
    return OK;
}

enum err portal_begin(struct ctx *c, struct req *r)
{
    struct portal_draft *d = r->kept;
    d->id = id_new(c->arena, c->now_us);
    enum err e = portal_store_draft_room(c);
    e = e ? e : portal_store_draft_add(c, d);
    return e ? e : answer_redirect(c, r, arena_printf(c->arena, "/ban-nhap/%s", d->id));
}
