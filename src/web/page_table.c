/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "gen/html.h"
#include "web/page_inside.h"

struct page_table {
    struct page *p;
    enum text title, none;
    const enum text *columns;
    size_t n, at;
    bool has_rows;
};

static void put_column(struct page *p, enum text column)
{
    put(p, "<th scope=\"col\" class=\"govuk-table__header\">");
    put_tx(p, column);
    put(p, "</th>");
}

struct page_table *page_table_begin(struct page *p, enum text title, enum text none,
                                    const enum text *columns, size_t n)
{
    struct page_table *t = ARENA_NEW(p->c->arena, struct page_table);
    enum text *kept = ARENA_ARRAY(p->c->arena, n, enum text);
    memcpy(kept, columns, n * sizeof *kept);
    *t = (struct page_table){.p = p, .title = title, .none = none, .columns = kept, .n = n};
    return t;
}

static void put_head(struct page_table *t)
{
    struct page *p = t->p;
    put(p, "<div class=\"dinh-scroll\" role=\"region\" tabindex=\"0\"");
    put_attr(p, "aria-label", text_get(t->title, p->lang));
    put(p, ">\n<table class=\"govuk-table dinh-dense dinh-stack\">\n"
           "<caption class=\"govuk-visually-hidden\">");
    put_tx(p, t->title);
    put(p, "</caption>\n<thead class=\"govuk-table__head\"><tr class=\"govuk-table__row\">");
    for (size_t i = 0; i < t->n; i++)
        put_column(p, t->columns[i]);
    put(p, "</tr></thead>\n<tbody class=\"govuk-table__body\">\n");
}

static void end_row(struct page_table *t)
{
    ASSERT(t->at == t->n);
    put(t->p, "</tr>\n");
}

void page_row(struct page_table *t)
{
    if (t->has_rows)
        end_row(t);
    else
        put_head(t);
    t->has_rows = true;
    t->at = 0;
    put(t->p, "<tr class=\"govuk-table__row\">");
}

static void begin_cell(struct page_table *t)
{
    ASSERT(t->has_rows && t->at < t->n);
    put(t->p, "<td class=\"govuk-table__cell\"");
    put_attr(t->p, "data-label", text_get(t->columns[t->at++], t->p->lang));
    put(t->p, ">");
}

void page_cell(struct page_table *t, const char *text)
{
    begin_cell(t);
    put_text(t->p, text);
    put(t->p, "</td>");
}

void page_cell_number(struct page_table *t, int64_t number)
{
    page_cell(t, arena_printf(t->p->c->arena, "%lld", (long long)number));
}

void page_cell_link(struct page_table *t, const char *href, const char *text)
{
    if (!href) {
        page_cell(t, text);
        return;
    }
    begin_cell(t);
    put(t->p, "<a class=\"govuk-link\" href=\"");
    page_put_link(t->p, href);
    put(t->p, "\">");
    put_text(t->p, text);
    put(t->p, "</a></td>");
}

void page_cell_tag(struct page_table *t, const char *text, const char *colour, const char *tag)
{
    begin_cell(t);
    put_text(t->p, text);
    if (!text_empty(tag)) {
        put(t->p, " ");
        page_tag(t->p, colour, tag);
    }
    put(t->p, "</td>");
}

void page_table_end(struct page_table *t, const char *next)
{
    if (t->has_rows) {
        end_row(t);
        put(t->p, "</tbody>\n</table>\n</div>\n");
    } else {
        page_notice(t->p, text_get(t->none, t->p->lang));
    }
    page_paging(t->p, NULL, next);
}
