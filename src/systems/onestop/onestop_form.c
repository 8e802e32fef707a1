/* SPDX-License-Identifier: Apache-2.0 */
#include "systems/onestop/onestop_form.h"

#include <string.h>

#include "base/text.h"
#include "core/country.h"
#include "core/pack.h"
#include "core/paper.h"

#define FORMS_DIR    "forms"
#define KIND_PREFIX  "form_"
#define MAX_FORMS    16
#define NUMBER_PLACE "{nn}"

/* The same for the life of the process. */
static json_t *forms[MAX_FORMS];
static size_t n_forms;

static const char *vi_of(const json_t *o, const char *name)
{
    return json_text_of(json_object_get(o, name), "vi", "");
}

/* ---- reading ---- */

/* The book is of no one dossier: what it can say of itself, and its entries. */
static enum err check_book(struct ctx *c, const struct pack_file *f)
{
    static const char *const known[] = {"book", "year", "agency", "counter_name"};
    const json_t *lines = json_list_of(f->root, "lines");
    const json_t *below = json_object_get(f->root, "table");
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const char *name = json_text_of(json_array_get(lines, i), "name", "");
        size_t k = 0;
        while (k < ARRAY_LEN(known) && !text_eq(known[k], name))
            k++;
        if (k == ARRAY_LEN(known))
            return pack_fault(c, f, arena_printf(c->arena, "lines[%zu].name", i),
                              "nothing is known to stand on this line");
    }
    return !below || text_eq(json_text_of(below, "name", ""), "entries")
               ? OK
               : pack_fault(c, f, "table.name", "nothing is known to fill this table");
}

static enum err check_lines(struct ctx *c, const struct pack_file *f)
{
    const json_t *lines = json_list_of(f->root, "lines"),
                 *table = json_object_get(f->root, "table");
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        bool list = text_eq(json_text_of(line, "kind", ""), "list");
        if (!onestop_form_knows(json_text_of(line, "name", ""), list))
            return pack_fault(c, f, arena_printf(c->arena, "lines[%zu].name", i),
                              "nothing is known to stand on this line");
    }
    if (table && !onestop_form_knows(json_text_of(table, "name", ""), true))
        return pack_fault(c, f, "table.name", "nothing is known to fill this table");
    const char *format = json_text_of(json_object_get(f->root, "number"), "format", NULL);
    if (format && !strstr(format, NUMBER_PLACE))
        return pack_fault(c, f, "number.format", "it has no place for the number");
    bool book = text_eq(json_text_of(f->root, "form", ""), "06");
    return book ? check_book(c, f) : OK;
}

static enum err load(struct ctx *c, struct pack_file *f)
{
    enum err e =
        n_forms < MAX_FORMS ? check_lines(c, f) : pack_fault(c, f, "form", "more than 16 forms");
    if (e)
        return e;
    forms[n_forms++] = f->root; /* ours now: onestop_forms_stop() */
    f->root = NULL;
    return OK;
}

enum err onestop_forms_load(struct ctx *c)
{
    onestop_forms_stop();
    return pack_each(c, country_dir(c->node->country), FORMS_DIR, load);
}

void onestop_forms_stop(void)
{
    for (size_t i = 0; i < n_forms; i++)
        json_end(forms[i]);
    n_forms = 0;
}

const json_t *onestop_form_of(const char *kind)
{
    if (!text_starts(kind, KIND_PREFIX))
        return NULL;
    for (size_t i = 0; i < n_forms; i++)
        if (text_eq(json_text_of(forms[i], "form", ""), kind + strlen(KIND_PREFIX)))
            return forms[i];
    return NULL;
}

const char *onestop_form_title(const json_t *form, enum lang lang)
{
    return json_text_of(json_object_get(form, "title"), lang == LANG_EN ? "en" : "vi", "");
}

static const char *format_of(const json_t *form)
{
    return json_text_of(json_object_get(form, "number"), "format", "");
}

bool onestop_form_numbered(const char *kind)
{
    const json_t *form = onestop_form_of(kind);
    return form && !text_empty(format_of(form));
}

const char *onestop_form_number(struct ctx *c, const json_t *form, int64_t number)
{
    const char *format = format_of(form), *at = strstr(format, NUMBER_PLACE);
    if (!number || !at)
        return "";
    return arena_printf(c->arena, "%.*s%02lld%s", (int)(at - format), format, (long long)number,
                        at + strlen(NUMBER_PLACE));
}

/* ---- drawing ---- */

static void head(struct ctx *c, const struct form_sheet *x)
{
    const json_t *left = json_list_of(json_object_get(x->form, "header"), "left");
    struct buf b = buf_new(c->arena, 4096);
    for (size_t i = 0; i < json_array_size(left); i++) {
        const json_t *row = json_array_get(left, i);
        bool agency = text_eq(json_text_of(row, "name", ""), "agency");
        buf_printf(&b, "%s%s", i ? "\n" : "", agency ? x->unit : vi_of(row, "text"));
    }
    paper_national_header(x->paper, b.ptr,
                          x->s ? onestop_form_number(c, x->form, x->s->owed.number) : "");
    paper_heading(x->paper, vi_of(x->form, "title"),
                  arena_printf(c->arena, "(%s)", json_text_of(x->form, "source", "")));
}

static void table(struct ctx *c, const struct form_sheet *x, const char *name,
                  const json_t *columns)
{
    size_t n = json_array_size(columns);
    const char **cells, **heads = ARENA_ARRAY(c->arena, n + 1, const char *);
    size_t rows = onestop_form_rows(c, x, name, columns, &cells);
    for (size_t i = 0; i < n; i++)
        heads[i] = vi_of(json_array_get(columns, i), "label");
    if (rows && n)
        paper_table(x->paper, heads, n, cells, rows);
}

static void line(struct ctx *c, const struct form_sheet *x, const json_t *l)
{
    const char *name = json_text_of(l, "name", ""), *label = vi_of(l, "label");
    const json_t *columns = json_list_of(l, "fields");
    const char **cells;
    if (columns && onestop_form_rows(c, x, name, columns, &cells)) {
        paper_text(x->paper, label);
        table(c, x, name, columns);
    }
    const char *value = columns ? "" : onestop_form_value(c, x, name);
    if (!text_empty(value))
        paper_row(x->paper, label, value);
}

static enum err look_up(struct ctx *c, struct form_sheet *x)
{
    const char *code = x->s->k.code;
    x->unit = country_agency_name(c->node->country, x->s->k.unit, LANG_VI);
    enum err e = onestop_store_book_of(c, code, &x->book);
    if (!e)
        e = casework_history(c, code, x->events, ARRAY_LEN(x->events), &x->n_events);
    x->words = x->s->owed.reason;
    bool asks = text_eq(json_text_of(x->form, "form", ""), "02");
    return e || !asks ? e : onestop_asked(c, &x->s->k, LANG_VI, &x->words, &x->asked);
}

struct paper *onestop_form_lay(struct ctx *c, struct form_sheet *x)
{
    const json_t *form = x->form, *below = json_object_get(form, "table");
    const json_t *lines = json_list_of(form, "lines"), *closing = json_list_of(form, "closing");
    bool a5 = text_eq(json_text_of(form, "paper", "A5"), "A5");
    x->paper = paper_new(c->arena, a5, vi_of(form, "title"));
    if (text_eq(json_text_of(form, "orientation", ""), "landscape"))
        paper_landscape(x->paper);
    head(c, x);
    for (size_t i = 0; i < json_array_size(lines); i++)
        line(c, x, json_array_get(lines, i));
    if (x->part)
        paper_row(x->paper, text_get(TX(onestop_book_part_label), LANG_VI), x->part);
    if (below)
        table(c, x, json_text_of(below, "name", ""), json_list_of(below, "columns"));
    for (size_t i = 0; i < json_array_size(closing); i++)
        paper_text(x->paper, json_text_of(json_array_get(closing, i), "vi", ""));
    return x->paper;
}

enum err onestop_form_draw(struct ctx *c, const struct onestop_source *s, const json_t *form,
                           struct paper **ret_paper)
{
    struct form_sheet *x = ARENA_NEW(c->arena, struct form_sheet);
    *x = (struct form_sheet){.s = s, .form = form};
    enum err e = look_up(c, x);
    if (!e)
        *ret_paper = onestop_form_lay(c, x);
    return e;
}

/* A clerk's name never stands where the head of the agency signs: the agency itself does. Who
   filed online has signed nothing here: the name alone. */
void onestop_form_sign(struct ctx *c, const struct onestop_source *s, const json_t *form,
                       struct paper *p)
{
    const json_t *signers = json_list_of(form, "signers");
    const char *unit = country_agency_name(c->node->country, s->k.unit, LANG_VI);
    for (size_t i = 0; i < json_array_size(signers); i++) {
        const json_t *row = json_array_get(signers, i);
        const char *who = json_text_of(row, "name", ""), *label = vi_of(row, "label");
        bool person = text_eq(who, "receiver") && !text_empty(s->owed.actor_name);
        if (text_eq(who, "submitter"))
            paper_row(p, label, shape_text(s->procedure->form, s->k.form, "requester_name"));
        else
            paper_signature(p, label, person ? s->owed.actor_name : unit,
                            time_show(c->arena, s->owed.asked_us));
    }
}
