/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "gen/html.h"
#include "web/page_inside.h"

#define OTHER_FIELDS_BYTES (1024 * 1024)

static void form_open(struct page *p, const char *action)
{
    put(p, "<form method=\"post\" novalidate action=\"");
    page_put_link(p, action);
    buf_char(p->out, '"');
}

static void form_marks(struct page *p)
{
    put(p, ">");
    page_hidden(p, "_csrf", session_csrf(p->c, p->r));
    page_hidden(p, "_key", id_new(p->c->arena, p->c->now_us));
    put(p, "\n");
}

void page_form(struct page *p, const char *action)
{
    form_open(p, action);
    form_marks(p);
}

/* What the row behind the form takes, less its other fields; 0 when there is no such row. */
static size_t most_bytes(struct page *p, const char *action)
{
    struct match m;
    const struct web *w = call_of(p->r)->w;
    const char *path = arena_text_n(p->c->arena, action, strcspn(action, "?#"));
    bool found = route_match(p->c->arena, w, path, &m) && m.branch;
    const struct web_route *to = found ? m.branch->method[method_index("POST")] : NULL;
    size_t most = to ? to->row->max_body_bytes : 0;
    return most > OTHER_FIELDS_BYTES ? most - OTHER_FIELDS_BYTES : 0;
}

static void put_most(struct page *p, size_t bytes)
{
    put_attr(p, "data-most", arena_printf(p->c->arena, "%zu", bytes));
    put_attr(p, "data-too-large",
             tx_fill(p, TX(web_too_large), "{1}", arena_printf(p->c->arena, "%zu", bytes >> 20)));
}

static void put_save(struct page *p, const char *save)
{
    put(p, " data-autosave=\"");
    page_put_link(p, save);
    put(p, "\"");
}

static void put_save_state(struct page *p)
{
    put(p, "<p class=\"dinh-saved\" role=\"status\" data-autosave-state");
    put_attr(p, "data-saving", text_get(TX(web_saving), p->lang));
    put_attr(p, "data-saved", text_get(TX(web_saved), p->lang));
    put_attr(p, "data-failed", text_get(TX(web_not_saved), p->lang));
    put(p, "></p>\n");
}

static void form_upload(struct page *p, const char *action, const char *save)
{
    size_t most = most_bytes(p, action);
    form_open(p, action);
    put(p, " enctype=\"multipart/form-data\" data-upload");
    if (most)
        put_most(p, most);
    if (save)
        put_save(p, save);
    form_marks(p);
    put(p, "<progress class=\"dinh-progress\" hidden");
    put_attr(p, "aria-label", text_get(TX(web_uploading), p->lang));
    put(p, "></progress>\n");
    if (save)
        put_save_state(p);
}

void page_form_upload(struct page *p, const char *action)
{
    form_upload(p, action, NULL);
}

void page_form_upload_saved(struct page *p, const char *action, const char *save)
{
    form_upload(p, action, save);
}

void page_form_saved(struct page *p, const char *action, const char *save)
{
    form_open(p, action);
    put_save(p, save);
    form_marks(p);
    put_save_state(p);
}

void page_form_end(struct page *p)
{
    put(p, "</form>\n");
}

void page_hidden(struct page *p, const char *name, const char *value)
{
    put(p, "<input type=\"hidden\"");
    put_attr(p, "name", name);
    put_attr(p, "value", value);
    put(p, ">");
}

void page_button(struct page *p, const char *label)
{
    page_button_as(p, "", NULL, NULL, label);
}

static void button_open(struct page *p, const char *look)
{
    put(p, "<button type=\"submit\" class=\"govuk-button");
    if (!text_empty(look)) {
        put(p, " govuk-button--");
        put_text(p, look);
    }
    put(p, "\" data-module=\"govuk-button\"");
}

static void button_end(struct page *p, const char *label)
{
    put(p, ">");
    put_text(p, label);
    put(p, "</button>\n");
}

void page_button_as(struct page *p, const char *look, const char *name, const char *value,
                    const char *label)
{
    button_open(p, look);
    if (name) {
        put_attr(p, "name", name);
        put_attr(p, "value", value);
    }
    button_end(p, label);
}

void page_button_to(struct page *p, const char *look, const char *action, const char *label)
{
    button_open(p, look);
    put(p, " formaction=\"");
    page_put_link(p, action);
    put(p, "\"");
    button_end(p, label);
}

static void search_open(struct page *p, const char *method, const char *action)
{
    put(p, "<form role=\"search\" class=\"dinh-search\"");
    put_attr(p, "method", method);
    put(p, " action=\"");
    page_put_link(p, action);
    buf_char(p->out, '"');
}

static void search_box(struct page *p, const char *name, const char *value, const char *label)
{
    put(p, "<div class=\"govuk-form-group\"><label class=\"govuk-label\" for=\"");
    put_id(p, "f-", name);
    put(p, "\">");
    put_text(p, label);
    put(p, "</label><input class=\"govuk-input\" type=\"search\" id=\"");
    put_id(p, "f-", name);
    put(p, "\"");
    put_attr(p, "name", name);
    put_attr(p, "value", value);
    put(p, "></div>");
    page_button(p, text_get(TX(web_search), p->lang));
    put(p, "</form>\n");
}

void page_search(struct page *p, const char *action, const char *name, const char *value,
                 const char *label)
{
    search_open(p, "get", action);
    put(p, ">");
    search_box(p, name, value, label);
}

void page_search_asked(struct page *p, const char *action, const char *name, const char *value,
                       const char *label)
{
    search_open(p, "post", action);
    form_marks(p);
    search_box(p, name, value, label);
}

/* ---- what every field has ---- */

void put_id(struct page *p, const char *prefix, const char *name)
{
    put(p, prefix);
    for (const char *at = name; *at; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') || *at == '_' ||
                     (*at >= 'A' && *at <= 'Z');
        buf_char(p->out, plain ? *at : '-');
    }
}

const char *field_value(struct page *p, const struct field *f, const void *object, const char *name)
{
    const char *typed = p->c->n_faults ? pair_value(p->r->form, p->r->n_form, name) : NULL;
    if (typed || !object)
        return typed ? typed : "";
    bool number = f->kind == KIND_INT || f->kind == KIND_MONEY;
    return number && shape_empty(f, object) && !f->fallback ? "" : shape_typed(p->c, f, object);
}

const char *field_hint(struct page *p, const struct field *f)
{
    const char *hint = !text_empty(f->hint[p->lang]) ? f->hint[p->lang] : f->hint[LANG_VI];
    if (!hint && f->kind == KIND_DATE)
        return text_get(TX(web_hint_date), p->lang);
    if (!hint && f->kind == KIND_PARTIAL_DATE)
        return text_get(TX(web_hint_partial_date), p->lang);
    return hint;
}

void group_begin(struct page *p, const char *name)
{
    put(p, ctx_fault_of(p->c, name) ? "<div class=\"govuk-form-group govuk-form-group--error\">"
                                    : "<div class=\"govuk-form-group\">");
}

void group_hint_and_fault(struct page *p, const struct field *f, const char *name,
                          const char *label, const char *hint)
{
    const struct fault *fault = ctx_fault_of(p->c, name);
    (void)f;
    if (!text_empty(hint)) {
        put(p, "<div class=\"govuk-hint\" id=\"");
        put_id(p, "h-", name);
        put(p, "\">");
        put_text(p, hint);
        put(p, "</div>");
    }
    if (!fault)
        return;
    struct fault named = *fault;
    named.field = label;
    put(p, "<p class=\"govuk-error-message\" id=\"");
    put_id(p, "e-", name);
    put(p, "\"><span class=\"govuk-visually-hidden\">");
    put_tx(p, TX(web_fault_prefix));
    put(p, "</span> ");
    put_text(p, fault_text(p->c, NULL, &named));
    put(p, "</p>");
}

void put_described(struct page *p, const char *name, const char *hint)
{
    bool fault = ctx_fault_of(p->c, name) != NULL;
    if (text_empty(hint) && !fault)
        return;
    put(p, " aria-describedby=\"");
    if (!text_empty(hint))
        put_id(p, "h-", name);
    if (!text_empty(hint) && fault)
        buf_char(p->out, ' ');
    if (fault)
        put_id(p, "e-", name);
    put(p, fault ? "\" aria-invalid=\"true\"" : "\"");
}
