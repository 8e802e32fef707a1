/* SPDX-License-Identifier: Apache-2.0 */
/* Where the value of each line of a form comes from: the case, its procedure, its history, the
   book. */
#include "base/text.h"
#include "core/country.h"
#include "systems/onestop/onestop_form.h"

#define LIST_BYTES 8192

typedef const char *(*value_fn)(struct ctx *c, const struct form_sheet *x);

static const char *declared(const struct form_sheet *x, const char *field)
{
    const struct shape *s = x->s->procedure->form;
    return shape_field(s, field) ? shape_text(s, x->s->k.form, field) : "";
}

static const json_t *part(const struct form_sheet *x, const char *name)
{
    return json_object_get(json_object_get(x->s->procedure->doc, "parts"), name);
}

static const char *number(struct ctx *c, int64_t n)
{
    return arena_printf(c->arena, "%lld", (long long)n);
}

static bool is_form(const struct form_sheet *x, const char *form)
{
    return text_eq(json_text_of(x->form, "form", ""), form);
}

/* ---- who and what ---- */

static const char *dossier_code(struct ctx *c, const struct form_sheet *x)
{
    (void)c;
    return x->s->k.code;
}
static const char *unit_name(struct ctx *c, const struct form_sheet *x)
{
    (void)c;
    return x->unit;
}
static const char *applicant_name(struct ctx *c, const struct form_sheet *x)
{
    (void)c;
    return declared(x, "requester_name");
}
static const char *applicant_address(struct ctx *c, const struct form_sheet *x)
{
    (void)c;
    return declared(x, "requester_address");
}
static const char *applicant_phone(struct ctx *c, const struct form_sheet *x)
{
    (void)c;
    return declared(x, "requester_phone");
}
static const char *applicant_email(struct ctx *c, const struct form_sheet *x)
{
    (void)c;
    return declared(x, "requester_email");
}
static const char *request(struct ctx *c, const struct form_sheet *x)
{
    return arena_printf(c->arena, "%s: %s", x->s->procedure->name[LANG_VI], x->s->k.title);
}
static const char *sets(struct ctx *c, const struct form_sheet *x)
{
    return number(c, json_integer_value(part(x, "sets")));
}
static const char *result_place(struct ctx *c, const struct form_sheet *x)
{
    const char *way = declared(x, "result_way");
    return text_empty(way) ? "" : country_name(c->node->country, "result_ways", way, LANG_VI);
}
static const char *cooperating(struct ctx *c, const struct form_sheet *x)
{
    const json_t *all = json_list_of(part(x, "agency"), "cooperates");
    struct buf b = buf_new(c->arena, LIST_BYTES);
    for (size_t i = 0; i < json_array_size(all); i++) {
        const char *code = json_string_value(json_array_get(all, i));
        buf_printf(&b, "%s%s", i ? "; " : "", country_agency_name(c->node->country, code, LANG_VI));
    }
    return b.ptr;
}

/* ---- when ---- */

static const char *workdays(struct ctx *c, const struct form_sheet *x)
{
    return number(c, x->s->procedure->deadline.workdays);
}
static const char *received_at(struct ctx *c, const struct form_sheet *x)
{
    return time_show(c->arena, x->s->k.filed_us);
}

/* Until when the citizen is awaited: the hours of the state that the request led to. */
static const char *supply_by(struct ctx *c, const struct form_sheet *x)
{
    const struct process *p = x->s->procedure->process;
    for (size_t i = 0; i < x->n_events; i++) {
        const struct process_action *a = process_action_of(p, x->events[i].action);
        const struct process_state *to = a ? process_state_of(p, a->to) : NULL;
        if (to && text_eq(a->form, "02"))
            return time_show(c->arena, calendar_add_minutes(c->node->calendar, x->events[i].at_us,
                                                            to->hours * 60));
    }
    return "";
}

static const char *due_at(struct ctx *c, const struct form_sheet *x)
{
    if (is_form(x, "02"))
        return supply_by(c, x);
    if (is_form(x, "04")) /* the appointment that isn't kept: the one of the book */
        return x->book.code ? time_show(c->arena, x->book.due_us) : "";
    return time_show(c->arena, x->s->k.due_us);
}
static const char *new_due_at(struct ctx *c, const struct form_sheet *x)
{
    return time_show(c->arena, x->s->k.due_us);
}
static const char *due_words(struct ctx *c, const struct form_sheet *x)
{
    (void)c;
    return x->s->k.due_words[LANG_VI];
}
static const char *book(struct ctx *c, const struct form_sheet *x)
{
    int year = civil_from_us(x->book.received_us, LOCAL_OFFSET_US).year;
    return x->year ? number(c, x->year) : x->book.code ? number(c, year) : "";
}
static const char *book_entry(struct ctx *c, const struct form_sheet *x)
{
    return x->book.code ? number(c, x->book.number) : "";
}

/* ---- why ---- */

static const char *reason(struct ctx *c, const struct form_sheet *x)
{
    (void)c;
    return x->words;
}
static const char *legal_ground(struct ctx *c, const struct form_sheet *x)
{
    const json_t *all = part(x, "legal_basis");
    struct buf b = buf_new(c->arena, LIST_BYTES);
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *law = json_array_get(all, i);
        buf_printf(&b, "%s%s %s", i ? "; " : "",
                   json_text_of(json_object_get(law, "label"), "vi", ""),
                   json_text_of(law, "number", ""));
    }
    return b.ptr;
}

static const struct {
    const char *name;
    value_fn value;
} values[] = {
    {"dossier_code", dossier_code},
    {"counter_name", unit_name},
    {"agency", unit_name},
    {"cooperating", cooperating},
    {"applicant_name", applicant_name},
    {"applicant_address", applicant_address},
    {"applicant_phone", applicant_phone},
    {"applicant_email", applicant_email},
    {"request", request},
    {"sets", sets},
    {"workdays", workdays},
    {"received_at", received_at},
    {"due_at", due_at},
    {"new_due_at", new_due_at},
    {"due_words", due_words},
    {"result_place", result_place},
    {"book", book},
    {"year", book},
    {"book_entry", book_entry},
    {"reason", reason},
    {"legal_ground", legal_ground},
};

const char *onestop_form_value(struct ctx *c, const struct form_sheet *x, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        if (text_eq(values[i].name, name))
            return values[i].value(c, x);
    return "";
}

/* ---- lists and tables ---- */

struct cell {
    const char *name, *value;
};

/* One row, its cells put in the order of the columns. */
static void put(const json_t *columns, const struct cell *row, size_t n, const char **to)
{
    for (size_t i = 0; i < json_array_size(columns); i++) {
        const char *name = json_text_of(json_array_get(columns, i), "name", "");
        to[i] = "";
        for (size_t k = 0; k < n; k++)
            if (text_eq(row[k].name, name))
                to[i] = row[k].value;
    }
}

/* What was filed: the declarations of the procedure, and each file that was attached. */
static size_t components(struct ctx *c, const struct form_sheet *x, const json_t *columns,
                         const char **cells)
{
    const json_t *forms = part(x, "forms");
    const struct shape *s = x->s->procedure->form;
    const char *kind = country_name(c->node->country, "originals", "electronic", LANG_VI);
    size_t n = 0, width = json_array_size(columns);
    for (size_t i = 0; i < json_array_size(forms); i++) {
        const json_t *label = json_object_get(json_array_get(forms, i), "label");
        const struct cell row[] = {
            {"name", json_text_of(label, "vi", "")}, {"kind", kind}, {"count", "1"}};
        put(columns, row, ARRAY_LEN(row), cells + n++ * width);
    }
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        const struct cell row[] = {
            {"name", shape_label(f, LANG_VI)}, {"kind", kind}, {"count", "1"}};
        if (f->kind == KIND_FILE && !text_empty(declared(x, f->name)))
            put(columns, row, ARRAY_LEN(row), cells + n++ * width);
    }
    return n;
}

/* Who acted, and whose turn it was then. */
static const char *turn_of(struct ctx *c, const struct form_sheet *x, const char *state)
{
    const struct process_state *s = process_state_of(x->s->procedure->process, state);
    return s ? country_role_name(c->node->country, s->owner_role, LANG_VI) : "";
}

/* Before, on or after the time that the process gives the step: working minutes against hours. */
static const char *outcome(struct ctx *c, const struct form_sheet *x,
                           const struct casework_event *e, const struct casework_event *before)
{
    const struct process_state *s = process_state_of(x->s->procedure->process, e->from);
    if (!before || !s || s->clock != CLOCK_RUN)
        return "";
    int64_t took = calendar_minutes(c->node->calendar, before->at_us, e->at_us);
    const char *code = took < s->hours * 60 ? "early" : took == s->hours * 60 ? "on_time" : "late";
    return country_name(c->node->country, "step_outcomes", code, LANG_VI);
}

/* The history, oldest first: from whom to whom. */
static size_t steps(struct ctx *c, const struct form_sheet *x, const json_t *columns,
                    const char **cells)
{
    size_t width = json_array_size(columns), n = x->n_events;
    for (size_t i = 0; i < n; i++) {
        const struct casework_event *e = &x->events[n - 1 - i];
        const struct casework_event *next = i + 1 < n ? e - 1 : NULL, *before = i ? e + 1 : NULL;
        const struct cell row[] = {
            {"from_unit", country_role_name(c->node->country, e->actor_role, LANG_VI)},
            {"to_unit", turn_of(c, x, e->to)},
            {"handed_at", time_show(c->arena, e->at_us)},
            {"outcome", outcome(c, x, e, before)},
            {"note", e->reason},
            {"signed_by", next ? next->actor_name : ""}};
        put(columns, row, ARRAY_LEN(row), cells + i * width);
    }
    return n;
}

/* What is to be supplied, one after the other; nothing where only words were written. */
static size_t items(struct ctx *c, const struct form_sheet *x, const json_t *columns,
                    const char **cells)
{
    const struct onestop_asked *asked = x->asked.items;
    (void)c;
    for (size_t i = 0; i < x->asked.n; i++) {
        const struct cell row[] = {{"name", asked[i].label}, {"reason", asked[i].what}};
        put(columns, row, ARRAY_LEN(row), cells + i * json_array_size(columns));
    }
    return x->asked.n;
}

static const char *day(struct ctx *c, int64_t us)
{
    struct civil t = civil_from_us(us, LOCAL_OFFSET_US);
    return us ? arena_printf(c->arena, "%02d/%02d/%04d", t.day, t.month, t.year) : "";
}

/* What the page of the book shows, in the form's columns: those of the person stay empty. */
static size_t entries(struct ctx *c, const struct form_sheet *x, const json_t *columns,
                      const char **cells)
{
    for (size_t i = 0; i < x->n_entries; i++) {
        const struct onestop_book_row *b = &x->entries[i];
        const struct procedure *p = procedure_find(c, b->procedure);
        const json_t *parts = p ? json_object_get(p->doc, "parts") : NULL;
        const struct cell row[] = {
            {"entry", number(c, b->number)},
            {"dossier_code", b->code},
            {"procedure_name", p ? p->name[LANG_VI] : b->procedure},
            {"sets", number(c, json_integer_value(json_object_get(parts, "sets")))},
            {"agency", x->unit},
            {"received_on", day(c, b->received_us)},
            {"due_on", day(c, b->due_us)},
            {"returned_on", day(c, b->returned_us)}};
        put(columns, row, ARRAY_LEN(row), cells + i * json_array_size(columns));
    }
    return x->n_entries;
}

static const struct {
    const char *name;
    size_t (*rows)(struct ctx *c, const struct form_sheet *x, const json_t *columns,
                   const char **cells);
} tables[] = {{"components", components}, {"steps", steps}, {"items", items}, {"entries", entries}};

size_t onestop_form_rows(struct ctx *c, const struct form_sheet *x, const char *name,
                         const json_t *columns, const char ***ret_cells)
{
    size_t most =
        x->s ? FORM_MAX_EVENTS + x->s->procedure->form->n + json_array_size(part(x, "forms"))
             : FORM_MAX_ENTRIES;
    *ret_cells = ARENA_ARRAY(c->arena, most * json_array_size(columns) + 1, const char *);
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        if (text_eq(tables[i].name, name))
            return tables[i].rows(c, x, columns, *ret_cells);
    return 0;
}

bool onestop_form_knows(const char *name, bool list)
{
    for (size_t i = 0; i < ARRAY_LEN(values) && !list; i++)
        if (text_eq(values[i].name, name))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(tables) && list; i++)
        if (text_eq(tables[i].name, name))
            return true;
    return false;
}
