/* SPDX-License-Identifier: Apache-2.0 */
/* The page around the content. */
#include "web/page.h"

#include <string.h>

#include "base/text.h"
#include "gen/assets.h"
#include "gen/html.h"
#include "web/error_page.h"
#include "web/page_inside.h"

void put(struct page *p, const char *html)
{
    buf_text(p->out, html);
}

void put_text(struct page *p, const char *text)
{
    if (text)
        buf_html(p->out, text);
}

void put_tx(struct page *p, enum text key)
{
    buf_html(p->out, text_get(key, p->lang));
}

void put_attr(struct page *p, const char *name, const char *value)
{
    buf_char(p->out, ' ');
    buf_text(p->out, name);
    buf_text(p->out, "=\"");
    put_text(p, value);
    buf_char(p->out, '"');
}

const char *tx_fill(struct page *p, enum text key, const char *one, const char *two)
{
    return page_string(p, key, (const char *const[]){one ? one : "", two ? two : "", NULL});
}

static const struct web_options *options(const struct page *p)
{
    return &call_of(p->r)->w->o;
}

const char *page_asset(struct page *p, const char *name)
{
    const struct asset *a = asset_named(name);
    return a ? arena_printf(p->c->arena, "/tep/%s", a->path) : "";
}

bool page_can(struct page *p, const char *permission)
{
    if (strcmp(permission, PUBLIC) == 0)
        return true;
    if (p->c->actor->kind == ACTOR_NOBODY)
        return false;
    return strcmp(permission, SIGNED_IN) == 0 || actor_can(p->c->actor, permission);
}

const char *page_address(struct page *p, const char *path)
{
    const char *base = options(p)->base_url;
    return arena_printf(p->c->arena, "%s%s", base ? base : "", path);
}

void page_layout_wide(struct page *p)
{
    call_of(p->r)->dense = true;
}

/* ---- head ---- */

static const char *site_title(const struct page *p)
{
    const char *title = options(p)->title[p->lang];
    return title ? title : text_get(TX(web_site), p->lang);
}

static void put_head(struct page *p, const char *title)
{
    bool dense = call_of(p->r)->dense || p->c->actor->kind == ACTOR_OFFICIAL;
    buf_printf(p->out,
               "<!DOCTYPE html>\n<html lang=\"%s\" class=\"govuk-template\">\n<head>"
               "<meta charset=\"utf-8\"><title>",
               p->lang == LANG_EN ? "en" : "vi");
    if (p->c->n_faults > 0) {
        put_tx(p, TX(web_fault_prefix));
        buf_char(p->out, ' ');
    }
    put_text(p, title);
    put(p, " - ");
    put_text(p, site_title(p));
    put(p, "</title><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
           "<meta name=\"color-scheme\" content=\"light\"><link rel=\"stylesheet\"");
    put_attr(p, "href", page_asset(p, "dinh.css"));
    put(p, "><link rel=\"icon\" type=\"image/svg+xml\"");
    put_attr(p, "href", page_asset(p, "favicon.svg"));
    put(p, "><link rel=\"manifest\"");
    put_attr(p, "href", page_asset(p, "manifest.webmanifest"));
    put(p, "><script defer");
    put_attr(p, "src", page_asset(p, "dinh.js"));
    buf_printf(p->out, "></script></head>\n<body class=\"govuk-template__body%s\">\n",
               dense ? " dinh-dense" : "");
}

/* ---- header ---- */

static void put_mark(struct page *p)
{
    put(p, "<a class=\"dinh-mark\" href=\"/\"><img");
    put_attr(p, "src", page_asset(p, "roof.svg"));
    put(p, " alt=\"\" width=\"48\" height=\"36\"><span><span class=\"dinh-mark__name\">");
    put_text(p, site_title(p));
    put(p, "</span><span class=\"dinh-mark__owner\">");
    put_text(p, options(p)->owner[p->lang]);
    put(p, "</span></span></a>\n");
}

static void put_language(struct page *p)
{
    bool en = p->lang == LANG_EN;
    put(p, "<li><a");
    struct buf back = buf_new(p->c->arena, 8192);
    buf_printf(&back, "/ngon-ngu?l=%s&next=", en ? "vi" : "en");
    buf_url(&back, p->r->http->path);
    put_attr(p, "href", back.ptr);
    buf_printf(p->out, " hreflang=\"%s\" lang=\"%s\">%s</a></li>\n", en ? "vi" : "en",
               en ? "vi" : "en", en ? "Tiếng Việt" : "English");
}

/* In a tag, with words for who hears the page; 0: nothing. */
static void put_number(struct page *p, int64_t n, enum text words)
{
    if (n <= 0)
        return;
    put(p, " <strong class=\"govuk-tag govuk-tag--yellow\">");
    put_text(p, arena_printf(p->c->arena, "%lld", (long long)n));
    put(p, "<span class=\"govuk-visually-hidden\"> ");
    put_tx(p, words);
    put(p, "</span></strong>");
}

static void put_who(struct page *p)
{
    const struct actor *a = p->c->actor;
    const struct web_options *o = options(p);
    put(p, "<li class=\"dinh-header__who\">");
    if (o->account) {
        put(p, "<a");
        put_attr(p, "href", o->account);
        put(p, ">");
    }
    put_text(p, a->name);
    if (o->account_news && p->c->tx)
        put_number(p, o->account_news(p->c), TX(web_account_news));
    if (o->account)
        put(p, "</a>");
    if (!text_empty(a->unit_name)) {
        put(p, " · ");
        put_text(p, a->unit_name);
    }
    put(p, "</li>\n");
}

static void put_sign_out(struct page *p)
{
    put(p, "<li>");
    page_form(p, options(p)->sign_out);
    put(p, "<button type=\"submit\" class=\"dinh-plain-button\">");
    put_tx(p, TX(web_sign_out));
    put(p, "</button></form></li>\n");
}

static void put_tools(struct page *p)
{
    bool known = p->c->actor->kind != ACTOR_NOBODY;
    put(p, "<ul class=\"dinh-header__tools\">");
    if (known)
        put_who(p);
    put_language(p);
    if (known && options(p)->sign_out) {
        put_sign_out(p);
    } else if (!known && options(p)->sign_in) {
        put(p, "<li><a");
        put_attr(p, "href", options(p)->sign_in);
        put(p, ">");
        put_tx(p, TX(web_sign_in));
        put(p, "</a></li>\n");
    }
    put(p, "</ul>");
}

static bool is_here(const struct page *p, const char *path)
{
    const char *here = p->r->http->path;
    size_t n = strlen(path);
    if (strcmp(path, "/") == 0)
        return strcmp(here, "/") == 0;
    return strncmp(here, path, n) == 0 && (here[n] == 0 || here[n] == '/');
}

/* The entry that fits best: /mot-cua/so isn't /mot-cua as well. */
static const struct menu_row *current_entry(struct page *p)
{
    const struct menu_row *best = NULL;
    for (const struct menu_row *m = call_of(p->r)->w->menu; m; m = m->next)
        if (page_can(p, m->permission) && is_here(p, m->path) &&
            (!best || strlen(m->path) > strlen(best->path)))
            best = m;
    return best;
}

/* How much behind an entry waits for whoever looks; a page outside the database tells nothing. */
static void put_waiting(struct page *p, const struct menu_row *m)
{
    struct ctx *c = p->c;
    put_number(p, m->waits && c->tx ? m->waits(c) : 0, TX(web_menu_waiting));
}

static void put_menu(struct page *p)
{
    const struct menu_row *current = current_entry(p);
    bool any = false;
    for (const struct menu_row *m = call_of(p->r)->w->menu; m; m = m->next) {
        if (!page_can(p, m->permission))
            continue;
        if (!any) {
            put(p, "<nav class=\"dinh-nav\"");
            put_attr(p, "aria-label", text_get(TX(web_menu), p->lang));
            put(p, "><div class=\"govuk-width-container\"><ul>");
        }
        any = true;
        put(p, "<li><a");
        put_attr(p, "href", m->path);
        put(p, m == current ? " aria-current=\"page\">" : ">");
        put_tx(p, m->title);
        put_waiting(p, m);
        put(p, "</a></li>");
    }
    if (any)
        put(p, "</ul></div></nav>\n");
}

bool page_desk(struct page *p)
{
    bool any = false;
    for (const struct menu_row *m = call_of(p->r)->w->menu; m; m = m->next) {
        if (strcmp(m->permission, PUBLIC) == 0 || !page_can(p, m->permission))
            continue;
        if (!any)
            put(p, "<ul class=\"dinh-cards\">\n");
        any = true;
        put(p, "<li class=\"dinh-card\"><h2 class=\"govuk-heading-s\"><a class=\"govuk-link\"");
        put_attr(p, "href", m->path);
        put(p, ">");
        put_tx(p, m->title);
        put(p, "</a></h2></li>\n");
    }
    if (any)
        put(p, "</ul>\n");
    return any;
}

void page_layout_begin(struct page *p, const char *title)
{
    put_head(p, title);
    put(p, "<a href=\"#main\" class=\"govuk-skip-link\" data-module=\"govuk-skip-link\">");
    put_tx(p, TX(web_skip));
    put(p, "</a>\n<header class=\"dinh-header\"><div class=\"govuk-width-container "
           "dinh-header__inner\">");
    put_mark(p);
    put_tools(p);
    put(p, "</div></header>\n");
    put_menu(p);
    if (options(p)->demo) {
        put(p, "<aside class=\"dinh-demo\"><div class=\"govuk-width-container\"><p>");
        put_tx(p, TX(web_demo));
        put(p, "</p></div></aside>\n");
    }
    put(p, "<div class=\"govuk-width-container\"><main class=\"dinh-main\" id=\"main\" "
           "tabindex=\"-1\">\n");
}

/* On paper only: where the page was printed from. */
static void put_address(struct page *p)
{
    const struct http_request *h = p->r->http;
    put(p, "<p class=\"dinh-address\">");
    put_text(p, options(p)->base_url);
    put_text(p, h->path);
    if (!text_empty(h->query)) {
        put(p, "?");
        put_text(p, h->query);
    }
    put(p, "</p>");
}

void page_layout_end(struct page *p)
{
    put(p,
        "\n</main></div>\n<footer class=\"dinh-footer\"><div class=\"govuk-width-container\"><p>");
    put_text(p, options(p)->owner[p->lang]);
    put(p, "</p><p>");
    put_tx(p, TX(web_footer));
    put(p, "</p>");
    put_address(p);
    put(p, "</div></footer>\n</body>\n</html>\n");
}

/* ---- around the content ---- */

void page_back(struct page *p, const char *href)
{
    put(p, "<a class=\"govuk-back-link\" href=\"");
    page_put_link(p, href);
    put(p, "\">");
    put_tx(p, TX(web_back));
    put(p, "</a>\n");
}

/* Nobody can be led to what isn't to be seen. */
static bool is_seen(const struct shape *s, const struct fault *f)
{
    const struct field *x = s && !text_empty(f->field) ? shape_field(s, f->field) : NULL;
    return !text_empty(f->field) && !(x && (x->flags & F_CARRIED));
}

void page_faults(struct page *p, const struct shape *s)
{
    if (p->c->n_faults == 0)
        return;
    put(p, "<div class=\"govuk-error-summary\" data-module=\"govuk-error-summary\" tabindex=\"-1\" "
           "autofocus><div role=\"alert\"><h2 class=\"govuk-error-summary__title\">");
    put_tx(p, TX(web_faults));
    put(p, "</h2><div class=\"govuk-error-summary__body\"><ul class=\"govuk-list "
           "govuk-error-summary__list\">");
    for (size_t i = 0; i < p->c->n_faults; i++) {
        const struct fault *f = &p->c->faults[i];
        bool seen = is_seen(fault_shape(p->r, s, f), f);
        put(p, "<li>");
        if (seen) {
            put(p, "<a href=\"#");
            put_id(p, "f-", f->field);
            put(p, "\">");
        }
        put_text(p, fault_text(p->c, fault_shape(p->r, s, f), f));
        put(p, seen ? "</a></li>" : "</li>");
    }
    put(p, "</ul>");
    page_typed_kept(p);
    put(p, "</div></div></div>\n");
}
