/* SPDX-License-Identifier: Apache-2.0 */
/* A field of a shape as a form component. */
#include <string.h>

#include "base/text.h"
#include "web/page_inside.h"
#include "web/shape_place.h"

#define FEW_CHOICES  6
#define MANY_CHOICES 400

static const char *label_of(struct page *p, const struct field *f)
{
    const char *label = shape_label(f, p->lang);
    bool optional = !(f->flags & F_REQUIRED) && f->kind != KIND_BOOL;
    return optional ? tx_fill(p, TX(web_optional), label, "") : label;
}

static void put_label(struct page *p, const struct field *f, const char *name)
{
    put(p, "<label class=\"govuk-label\" for=\"");
    put_id(p, "f-", name);
    put(p, "\">");
    put_text(p, label_of(p, f));
    put(p, "</label>");
}

static void put_name_id(struct page *p, const char *name)
{
    put(p, " id=\"");
    put_id(p, "f-", name);
    put(p, "\"");
    put_attr(p, "name", name);
}

struct look { /* of a one-line input */
    const char *type, *mode, *complete, *width;
};

static struct look look_of(const struct field *f)
{
    switch (f->kind) {
    case KIND_DATE:
    case KIND_PARTIAL_DATE: return (struct look){"text", "numeric", NULL, "10"};
    case KIND_PHONE: return (struct look){"tel", "tel", "tel", "20"};
    case KIND_EMAIL: return (struct look){"email", "email", "email", NULL};
    case KIND_PIN: return (struct look){"text", "numeric", NULL, "20"};
    case KIND_INT: return (struct look){"text", "numeric", NULL, "10"};
    case KIND_MONEY: return (struct look){"text", "numeric", NULL, "10"};
    case KIND_TIME: return (struct look){"datetime-local", NULL, NULL, "20"};
    case KIND_TEXT:
    case KIND_LONG_TEXT:
    case KIND_CODE:
    case KIND_ID:
    case KIND_FILE:
    case KIND_BOOL:
    case KIND_LIST: break;
    }
    if (strcmp(f->name, "one_time_code") == 0) /* good once: seen while it is typed */
        return (struct look){"text", NULL, "one-time-code", "20"};
    if (f->flags & F_SECRET) {
        bool fresh = strncmp(f->name, "new_", 4) == 0;
        return (struct look){"password", NULL, fresh ? "new-password" : "current-password", NULL};
    }
    if (strcmp(f->name, "username") == 0)
        return (struct look){"text", NULL, "username", NULL};
    return (struct look){"text", NULL, NULL, f->max > 0 && f->max <= 20 ? "20" : NULL};
}

/* A script shows the button; pressed, it shows what was typed. */
static void put_reveal(struct page *p, const char *name)
{
    put(p, "<button type=\"button\" class=\"govuk-button govuk-button--secondary dinh-reveal\" "
           "data-reveal=\"");
    put_id(p, "f-", name);
    put(p, "\" aria-pressed=\"false\" hidden>");
    put_tx(p, TX(web_show_password));
    put(p, "</button>");
}

static void put_input(struct page *p, const struct field *f, const char *name, const char *value)
{
    struct look look = look_of(f);
    const char *hint = field_hint(p, f);
    group_begin(p, name);
    put_label(p, f, name);
    group_hint_and_fault(p, f, name, shape_label(f, p->lang), hint);
    put(p, "<input class=\"govuk-input");
    if (look.width)
        buf_printf(p->out, " govuk-input--width-%s", look.width);
    put(p, ctx_fault_of(p->c, name) ? " govuk-input--error\"" : "\"");
    put_name_id(p, name);
    put_attr(p, "type", look.type);
    if (look.mode)
        put_attr(p, "inputmode", look.mode);
    if (look.complete)
        put_attr(p, "autocomplete", look.complete);
    if (f->flags & F_SECRET || strcmp(f->name, "username") == 0)
        put(p, " autocapitalize=\"none\" spellcheck=\"false\"");
    if (!(f->flags & F_SECRET))
        put_attr(p, "value", value);
    put_described(p, name, hint);
    put(p, ">");
    if (strcmp(look.type, "password") == 0)
        put_reveal(p, name);
    put(p, "</div>\n");
}

static void put_textarea(struct page *p, const struct field *f, const char *name, const char *value)
{
    const char *hint = field_hint(p, f);
    group_begin(p, name);
    put_label(p, f, name);
    group_hint_and_fault(p, f, name, shape_label(f, p->lang), hint);
    put(p, ctx_fault_of(p->c, name) ? "<textarea class=\"govuk-textarea govuk-textarea--error\""
                                    : "<textarea class=\"govuk-textarea\"");
    put(p, " rows=\"5\"");
    put_name_id(p, name);
    put_described(p, name, hint);
    put(p, ">\n"); /* the parser drops the first line feed */
    put_text(p, value);
    put(p, "</textarea></div>\n");
}

static void put_file(struct page *p, const struct field *f, const char *name)
{
    const char *hint = field_hint(p, f);
    group_begin(p, name);
    put_label(p, f, name);
    group_hint_and_fault(p, f, name, shape_label(f, p->lang), hint);
    put(p, "<input class=\"govuk-file-upload\" type=\"file\"");
    put_name_id(p, name);
    if (f->accept) {
        put(p, " accept=\"");
        for (const char *at = f->accept; *at; at++)
            buf_char(p->out, *at == ' ' ? ',' : *at);
        put(p, "\"");
    }
    put_described(p, name, hint);
    put(p, "></div>\n");
}

/* opens: a block that shows while it is ticked; NULL without one. */
static void put_checkbox(struct page *p, const struct field *f, const char *name, const char *value,
                         const char *opens)
{
    bool on = strcmp(value, "1") == 0 || strcmp(value, "on") == 0;
    const char *hint = field_hint(p, f);
    group_begin(p, name);
    group_hint_and_fault(p, f, name, shape_label(f, p->lang), NULL);
    put(p, "<div class=\"govuk-checkboxes\" data-module=\"govuk-checkboxes\"><div "
           "class=\"govuk-checkboxes__item\"><input class=\"govuk-checkboxes__input\" "
           "type=\"checkbox\" value=\"1\"");
    put_name_id(p, name);
    if (opens) {
        put(p, " data-aria-controls=\"");
        put_id(p, "c-", opens);
        put(p, "\"");
    }
    put_described(p, name, hint);
    put(p, on ? " checked>" : ">");
    put(p, "<label class=\"govuk-label govuk-checkboxes__label\" for=\"");
    put_id(p, "f-", name);
    put(p, "\">");
    put_text(p, label_of(p, f));
    put(p, "</label>");
    if (!text_empty(hint)) {
        put(p, "<div class=\"govuk-hint govuk-checkboxes__hint\" id=\"");
        put_id(p, "h-", name);
        put(p, "\">");
        put_text(p, hint);
        put(p, "</div>");
    }
    /* an unticked box sends nothing: a form over several pages must still tell it was there */
    put(p, "</div></div></div>\n");
}

void page_radios(struct page *p, const struct field *f, const void *object, const char *name,
                 const struct choice *choices, size_t n)
{
    const char *value = field_value(p, f, object, name), *hint = field_hint(p, f);
    group_begin(p, name);
    put(p, "<fieldset class=\"govuk-fieldset\"");
    put_described(p, name, hint);
    put(p, "><legend class=\"govuk-fieldset__legend\">");
    put_text(p, label_of(p, f));
    put(p, "</legend>");
    group_hint_and_fault(p, f, name, shape_label(f, p->lang), hint);
    put(p, "<div class=\"govuk-radios\" data-module=\"govuk-radios\">");
    for (size_t i = 0; i < n; i++) {
        const char *tail = i ? arena_printf(p->c->arena, "%s-%zu", name, i) : name;
        put(p, "<div class=\"govuk-radios__item\"><input class=\"govuk-radios__input\" "
               "type=\"radio\" id=\"");
        put_id(p, "f-", tail);
        put(p, "\"");
        put_attr(p, "name", name);
        put_attr(p, "value", choices[i].code);
        put(p, strcmp(value, choices[i].code) == 0 ? " checked>" : ">");
        put(p, "<label class=\"govuk-label govuk-radios__label\" for=\"");
        put_id(p, "f-", tail);
        put(p, "\">");
        put_text(p, choices[i].label);
        put(p, "</label></div>");
    }
    put(p, "</div></fieldset></div>\n");
}

void page_select(struct page *p, const struct field *f, const void *object, const char *name,
                 const struct choice *choices, size_t n)
{
    const char *value = field_value(p, f, object, name), *hint = field_hint(p, f);
    bool known = false;
    group_begin(p, name);
    put_label(p, f, name);
    group_hint_and_fault(p, f, name, shape_label(f, p->lang), hint);
    put(p, ctx_fault_of(p->c, name) ? "<select class=\"govuk-select govuk-select--error\""
                                    : "<select class=\"govuk-select\"");
    put_name_id(p, name);
    put_described(p, name, hint);
    put(p, "><option value=\"\">");
    put_tx(p, TX(web_choose));
    put(p, "</option>");
    for (size_t i = 0; i < n; i++) {
        bool on = strcmp(value, choices[i].code) == 0;
        known = known || on;
        put(p, "<option");
        put_attr(p, "value", choices[i].code);
        put(p, on ? " selected>" : ">");
        put_text(p, choices[i].label);
        put(p, "</option>");
    }
    if (!known && *value) { /* a code that has left the catalogue, or was sent by hand */
        put(p, "<option selected");
        put_attr(p, "value", value);
        put(p, ">");
        put_text(p, value);
        put(p, "</option>");
    }
    put(p, "</select></div>\n");
}

/* Few: radios; more: a list; a country's communes: typed by name. */
static void put_code(struct page *p, const struct field *f, const void *object, const char *name)
{
    const struct catalogues *k = shape_catalogues();
    const struct choice *choices = NULL;
    size_t n = k && k->choices && f->catalogue
                   ? k->choices(p->c, f->catalogue, f->unit_level, &choices)
                   : 0;
    const char *value = field_value(p, f, object, name);
    if (n > 0 && n <= FEW_CHOICES) {
        page_radios(p, f, object, name, choices, n);
    } else if (n > 0 && n <= MANY_CHOICES) {
        page_select(p, f, object, name, choices, n);
    } else {
        const char *known = k && f->catalogue ? k->name(p->c, f->catalogue, value) : NULL;
        put_input(p, f, name, known ? known : value);
    }
}

static void put_date_part(struct page *p, const char *name, const char *part, enum text label,
                          const char *value, const char *width)
{
    const char *full = arena_printf(p->c->arena, "%s-%s", name, part);
    bool first = strcmp(part, "day") == 0; /* the error summary leads to f-NAME */
    put(p, "<div class=\"govuk-date-input__item\"><div class=\"govuk-form-group\"><label "
           "class=\"govuk-label govuk-date-input__label\" for=\"");
    put_id(p, "f-", first ? name : full);
    put(p, "\">");
    put_tx(p, label);
    put(p, "</label><input type=\"text\" inputmode=\"numeric\" id=\"");
    put_id(p, "f-", first ? name : full);
    buf_printf(p->out, "\" class=\"govuk-input govuk-date-input__input govuk-input--width-%s%s\"",
               width, ctx_fault_of(p->c, name) ? " govuk-input--error" : "");
    put_attr(p, "name", full);
    const char *typed = pair_value(p->r->form, p->r->n_form, full);
    put_attr(p, "value", p->c->n_faults && typed ? typed : value);
    put(p, "></div></div>");
}

void page_date3(struct page *p, const struct field *f, const void *object, const char *name)
{
    const char *iso = object ? field_text(f, object) : "", *hint = field_hint(p, f);
    size_t len = strlen(iso);
    struct arena *a = p->c->arena;
    group_begin(p, name);
    put(p, "<fieldset class=\"govuk-fieldset\" role=\"group\"");
    put_described(p, name, hint);
    put(p, "><legend class=\"govuk-fieldset__legend\">");
    put_text(p, label_of(p, f));
    put(p, "</legend>");
    group_hint_and_fault(p, f, name, shape_label(f, p->lang), hint);
    put(p, "<div class=\"govuk-date-input\">");
    put_date_part(p, name, "day", TX(web_day), len == 10 ? iso + 8 : "", "2");
    put_date_part(p, name, "month", TX(web_month), len >= 7 ? arena_text_n(a, iso + 5, 2) : "",
                  "2");
    put_date_part(p, name, "year", TX(web_year), len >= 4 ? arena_text_n(a, iso, 4) : "", "4");
    put(p, "</div></fieldset></div>\n");
}

static void field_with(struct page *p, const struct field *f, const void *object, const char *name,
                       const char *opens)
{
    switch (f->kind) {
    case KIND_LONG_TEXT: put_textarea(p, f, name, field_value(p, f, object, name)); return;
    case KIND_CODE: put_code(p, f, object, name); return;
    case KIND_FILE: put_file(p, f, name); return;
    case KIND_BOOL: put_checkbox(p, f, name, field_value(p, f, object, name), opens); return;
    case KIND_LIST: return; /* page_rows */
    case KIND_TEXT:
    case KIND_ID:
    case KIND_DATE:
    case KIND_PARTIAL_DATE:
    case KIND_PHONE:
    case KIND_EMAIL:
    case KIND_PIN:
    case KIND_INT:
    case KIND_MONEY:
    case KIND_TIME: put_input(p, f, name, field_value(p, f, object, name)); return;
    }
    BUG("kind");
}

void page_field_as(struct page *p, const struct field *f, const void *object, const char *name)
{
    field_with(p, f, object, name, NULL);
}

void page_field(struct page *p, const struct shape *s, const void *object, const char *name)
{
    const struct field *f = shape_field(s, name);
    if (!f)
        BUG(name);
    field_with(p, f, object, name, NULL);
}

/* ---- all fields, with what opens what ---- */

static bool opened_by(const struct shape *s, const struct field *f, const struct field *box)
{
    return f < s->fields + s->n && box->kind == KIND_BOOL && f->visible_field &&
           strcmp(f->visible_field, box->name) == 0 && strcmp(f->visible_value, "1") == 0;
}

/* A block that a script folds away while it isn't asked for. Without scripts all fields stand
   there: the words say when to fill them in. */
static bool put_only_when(struct page *p, const struct shape *s, const struct field *f)
{
    const struct shape *whole = s->whole ? s->whole : s;
    const struct field *on = f->visible_field ? shape_field(whole, f->visible_field) : NULL;
    if (!on)
        return false;
    const struct catalogues *k = shape_catalogues();
    const char *value = f->visible_value;
    if (on->kind == KIND_BOOL)
        value = text_get(strcmp(value, "1") == 0 ? TX(web_yes) : TX(web_no), p->lang);
    else if (on->catalogue && k && k->name(p->c, on->catalogue, value))
        value = k->name(p->c, on->catalogue, value);
    put(p, "<div");
    put_attr(p, "data-when", on->name);
    put_attr(p, "data-when-value", f->visible_value);
    put(p, "><p class=\"govuk-hint\" data-when-words>");
    put_text(p, tx_fill(p, TX(web_only_when), shape_label(on, p->lang), value));
    put(p, "</p>");
    return true;
}

static bool draws_none(struct page *p, const struct field *f, const void *object, void *arg)
{
    (void)p, (void)f, (void)object, (void)arg;
    return false;
}

void page_fields(struct page *p, const struct shape *s, const void *object)
{
    page_fields_by(p, s, object, draws_none, NULL);
}

void page_fields_by(struct page *p, const struct shape *s, const void *object, page_draw_fn draw,
                    void *arg)
{
    const struct field *end = s->fields + s->n, *box = NULL;
    for (const struct field *f = s->fields; f < end; f++) {
        if (box && !opened_by(s, f, box)) {
            put(p, "</div>\n");
            box = NULL;
        }
        if (f->flags & F_READ_ONLY)
            continue;
        bool when = f->visible_field && !box && put_only_when(p, s, f);
        bool opens = f + 1 < end && f->kind == KIND_BOOL && opened_by(s, f + 1, f);
        if (!draw(p, f, object, arg))
            field_with(p, f, object, f->name, opens ? f->name : NULL);
        if (when)
            put(p, "</div>\n");
        if (opens && !box) {
            box = f;
            put(p, "<div class=\"govuk-checkboxes__conditional\" id=\"");
            put_id(p, "c-", f->name);
            put(p, "\">\n");
        }
    }
    if (box)
        put(p, "</div>\n");
}

void page_rows(struct page *p, const struct shape *s, const void *object, const char *list,
               size_t rows)
{
    const struct field *f = shape_field(s, list);
    const struct list *l = f && object ? field_list(f, object) : NULL;
    if (!f)
        BUG(list);
    for (size_t i = 0; i < rows; i++) {
        const void *item = l && i < l->n ? list_item(f, l, i) : NULL;
        put(p, "<fieldset class=\"govuk-fieldset\"><legend class=\"govuk-fieldset__legend "
               "govuk-fieldset__legend--s\">");
        put_text(p, arena_printf(p->c->arena, "%s %zu", shape_label(f, p->lang), i + 1));
        put(p, "</legend>");
        for (size_t k = 0; k < f->of->n; k++) {
            const struct field *inner = &f->of->fields[k];
            page_field_as(p, inner, item,
                          arena_printf(p->c->arena, "%s.%zu.%s", list, i, inner->name));
        }
        put(p, "</fieldset>\n");
    }
}
