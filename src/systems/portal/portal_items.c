/* SPDX-License-Identifier: Apache-2.0 */
/* What a request to supplement asks for, item by item: told beside the official's own words. */
#include "base/text.h"
#include "systems/onestop/onestop.h"
#include "systems/portal/portal_views.h"

enum err portal_items(struct ctx *c, const struct casework_case *k, const char **words,
                      struct list *ret)
{
    struct list asked;
    enum err e = onestop_asked(c, k, c->lang, words, &asked);
    if (e)
        return e;
    const struct onestop_asked *x = asked.items;
    struct portal_line *lines = ARENA_ARRAY(c->arena, asked.n + 1, struct portal_line);
    for (size_t i = 0; i < asked.n; i++)
        lines[i] = (struct portal_line){.title = x[i].label, .text = x[i].what, .href = ""};
    *ret = (struct list){lines, asked.n};
    return OK;
}

static void put(struct page *p, const char *html, const char *text)
{
    buf_text(p->out, html);
    buf_html(p->out, text);
}

void portal_draw_items(struct page *p, const struct list *items)
{
    const struct portal_line *x = items->items;
    if (!items->n)
        return;
    put(p, "<ul class=\"govuk-list govuk-list--bullet\">\n", "");
    for (size_t i = 0; i < items->n; i++) {
        put(p, "<li><strong>", x[i].title);
        put(p, "</strong>: ", x[i].text);
        put(p, "</li>\n", "");
    }
    put(p, "</ul>\n", "");
}
