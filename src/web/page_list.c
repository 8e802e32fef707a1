/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "gen/html.h"
#include "web/page_inside.h"
#include "web/shape_place.h"

void page_summary_begin(struct page *p)
{
    put(p, "<dl class=\"govuk-summary-list\">\n");
}

void page_summary_end(struct page *p)
{
    put(p, "</dl>\n");
}

void page_summary_row(struct page *p, const char *label, const char *value, const char *change)
{
    put(p, change ? "<div class=\"govuk-summary-list__row\">"
                  : "<div class=\"govuk-summary-list__row govuk-summary-list__row--no-actions\">");
    put(p, "<dt class=\"govuk-summary-list__key\">");
    put_text(p, label);
    put(p, "</dt><dd class=\"govuk-summary-list__value\">");
    if (text_empty(value))
        put_tx(p, TX(web_nothing));
    else
        put_text(p, value);
    put(p, "</dd>");
    if (change) {
        put(p, "<dd class=\"govuk-summary-list__actions\"><a class=\"govuk-link\" href=\"");
        page_put_link(p, change);
        put(p, "\">");
        put_tx(p, TX(web_change));
        put(p, "<span class=\"govuk-visually-hidden\"> ");
        put_text(p, label);
        put(p, "</span></a></dd>");
    }
    put(p, "</div>\n");
}

static void summary_list(struct page *p, const struct field *f, const void *object)
{
    const struct list *l = field_list(f, object);
    for (size_t i = 0; i < l->n; i++) {
        for (size_t k = 0; k < f->of->n; k++) {
            const struct field *inner = &f->of->fields[k];
            const char *label = arena_printf(p->c->arena, "%s %zu: %s", shape_label(f, p->lang),
                                             i + 1, shape_label(inner, p->lang));
            page_summary_row(p, label, shape_shown(p->c, inner, list_item(f, l, i)), NULL);
        }
    }
}

void page_summary(struct page *p, const struct shape *s, const void *object, const char *change)
{
    page_summary_begin(p);
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        if (!shape_visible(s, f, object) || (f->flags & F_SECRET))
            continue;
        if (f->kind == KIND_LIST) {
            summary_list(p, f, object);
            continue;
        }
        const char *to = change && !(f->flags & F_READ_ONLY)
                             ? arena_printf(p->c->arena, "%s#f-%s", change, f->name)
                             : NULL;
        page_summary_row(p, shape_label(f, p->lang), shape_shown(p->c, f, object), to);
    }
    page_summary_end(p);
}

void page_known(struct page *p, const struct field *f, const void *object, const char *source)
{
    put(p, "<div class=\"govuk-form-group\"><span class=\"govuk-label\">");
    put_text(p, shape_label(f, p->lang));
    put(p, "</span><span class=\"govuk-body\">");
    const char *value = shape_shown(p->c, f, object);
    put_text(p, text_empty(value) ? text_get(TX(web_nothing), p->lang) : value);
    put(p, "</span><span class=\"dinh-source\">");
    put_text(p, tx_fill(p, TX(web_source), source, ""));
    put(p, "</span></div>\n");
}

void page_tasks(struct page *p, const struct page_task *tasks, size_t n)
{
    put(p, "<ul class=\"govuk-task-list\">\n");
    for (size_t i = 0; i < n; i++) {
        const struct page_task *t = &tasks[i];
        put(p, t->href ? "<li class=\"govuk-task-list__item govuk-task-list__item--with-link\">"
                       : "<li class=\"govuk-task-list__item\">");
        put(p, "<div class=\"govuk-task-list__name-and-hint\">");
        if (t->href) {
            put(p, "<a class=\"govuk-link govuk-task-list__link\" href=\"");
            page_put_link(p, t->href);
            buf_printf(p->out, "\" aria-describedby=\"task-%zu\">", i);
        }
        put_text(p, t->title);
        put(p, t->href ? "</a></div>" : "</div>");
        buf_printf(p->out, "<div class=\"govuk-task-list__status%s\" id=\"task-%zu\">",
                   t->href ? "" : " govuk-task-list__status--cannot-start-yet", i);
        if (t->done || !t->href)
            put_text(p, t->state);
        else
            page_tag(p, "blue", t->state);
        put(p, "</div></li>\n");
    }
    put(p, "</ul>\n");
}

static void paging_link(struct page *p, const char *side, const char *href, enum text label)
{
    buf_printf(p->out,
               "<div class=\"govuk-pagination__%s\"><a class=\"govuk-link "
               "govuk-pagination__link\" rel=\"%s\" href=\"",
               side, side);
    page_put_link(p, href);
    put(p, "\"><span class=\"govuk-pagination__link-title\">");
    put_tx(p, label);
    put(p, "</span></a></div>");
}

void page_paging(struct page *p, const char *previous, const char *next)
{
    if (text_empty(previous) && text_empty(next))
        return;
    put(p, "<nav class=\"govuk-pagination\"");
    put_attr(p, "aria-label", text_get(TX(web_paging), p->lang));
    put(p, ">");
    if (!text_empty(previous))
        paging_link(p, "prev", previous, TX(web_previous));
    if (!text_empty(next))
        paging_link(p, "next", next, TX(web_next));
    put(p, "</nav>\n");
}

void page_tag(struct page *p, const char *colour, const char *text)
{
    put(p, "<strong class=\"govuk-tag");
    if (!text_empty(colour)) {
        put(p, " govuk-tag--");
        put_text(p, colour);
    }
    put(p, "\">");
    put_text(p, text);
    put(p, "</strong>");
}

void page_panel(struct page *p, const char *title, const char *body)
{
    put(p,
        "<div class=\"govuk-panel govuk-panel--confirmation\"><h1 class=\"govuk-panel__title\">");
    put_text(p, title);
    put(p, "</h1><div class=\"govuk-panel__body\">");
    put_text(p, body);
    put(p, "</div></div>\n");
}

void page_notice(struct page *p, const char *text)
{
    put(p, "<div class=\"govuk-inset-text\">");
    put_text(p, text);
    put(p, "</div>\n");
}

void page_warning(struct page *p, const char *text)
{
    put(p, "<div class=\"govuk-warning-text\"><span class=\"govuk-warning-text__icon\" "
           "aria-hidden=\"true\">!</span><strong class=\"govuk-warning-text__text\"><span "
           "class=\"govuk-visually-hidden\">");
    put_tx(p, TX(web_warning));
    put(p, "</span> ");
    put_text(p, text);
    put(p, "</strong></div>\n");
}
