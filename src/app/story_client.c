/* SPDX-License-Identifier: Apache-2.0 */
#include "app/story_client.h"

#include <string.h>

#include "app/story_html.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "net/client.h"

#define MAX_REDIRECTS 10
#define BOUNDARY      "dinh-story-boundary-7f3a9c"

static const char *origin_of(struct ctx *c, const char *url)
{
    const char *host = strstr(url, "://"), *slash = host ? strchr(host + 3, '/') : NULL;
    return slash ? arena_text_n(c->arena, url, (size_t)(slash - url)) : arena_text(c->arena, url);
}

static const char *absolute(struct browser *b, const char *url)
{
    if (url[0] != '/')
        return url;
    return arena_printf(b->c->arena, "%s%s", origin_of(b->c, b->url), url);
}

/* ---- cookies ---- */

static const char *cookie_header(struct browser *b, const char *origin)
{
    struct buf out = buf_new(b->c->arena, 16 * 1024);
    for (size_t i = 0; i < b->n_cookies; i++)
        if (text_eq(b->cookies[i].origin, origin) && *b->cookies[i].value)
            buf_printf(&out, "%s%s=%s", out.len ? "; " : "", b->cookies[i].name,
                       b->cookies[i].value);
    return out.ptr;
}

static void cookie_set(struct browser *b, const char *origin, const char *header)
{
    const char *eq = strchr(header, '='), *end = strchr(header, ';');
    if (!eq)
        return;
    if (!end)
        end = header + strlen(header);
    const char *name = arena_text_n(b->c->arena, header, (size_t)(eq - header));
    const char *value = arena_text_n(b->c->arena, eq + 1, (size_t)(end - eq - 1));
    size_t i = 0;
    while (i < b->n_cookies &&
           !(text_eq(b->cookies[i].origin, origin) && text_eq(b->cookies[i].name, name)))
        i++;
    ASSERT(i < BROWSER_COOKIES);
    b->cookies[i].origin = origin;
    b->cookies[i].name = name;
    b->cookies[i].value = value;
    if (i == b->n_cookies)
        b->n_cookies++;
}

/* ---- one exchange, then its redirects ---- */

struct sending {
    const char *method, *accept, *type;
    struct bytes body;
};

static enum err send_once(struct browser *b, const char *url, const struct sending *s,
                          struct client_answer *ret)
{
    const char *origin = origin_of(b->c, url), *cookies = cookie_header(b, origin);
    struct http_header h[6] = {{"Accept", s->accept}, {"Accept-Language", "vi"}};
    size_t n = 2;
    if (*cookies)
        h[n++] = (struct http_header){"Cookie", cookies};
    if (s->type) {
        h[n++] = (struct http_header){"Content-Type", s->type};
        h[n++] = (struct http_header){"Origin", origin};
    }
    struct client_request q = {.method = s->method,
                               .url = url,
                               .headers = h,
                               .n_headers = n,
                               .body = s->body,
                               .timeout_us = 30 * SECOND_US,
                               .max_answer_bytes = 16 * 1024 * 1024};
    b->requests++;
    enum err e = client_send(b->c, &q, ret);
    for (size_t i = 0; !e && i < ret->n_headers; i++)
        if (strcasecmp(ret->headers[i].name, "Set-Cookie") == 0)
            cookie_set(b, origin, ret->headers[i].value);
    return e;
}

static enum err go(struct browser *b, const char *url, struct sending s)
{
    struct client_answer a = {0};
    url = absolute(b, url);
    for (int i = 0; i <= MAX_REDIRECTS; i++) {
        enum err e = send_once(b, url, &s, &a);
        if (e)
            return e;
        b->url = url;
        const char *to = client_answer_header(&a, "Location");
        if (a.status < 300 || a.status > 399 || !to)
            break;
        url = absolute(b, to);
        s = (struct sending){.method = "GET", .accept = s.accept};
    }
    b->status = a.status;
    b->raw = a.body;
    b->page = arena_text_n(b->c->arena, (const char *)a.body.ptr, a.body.len);
    const char *type = client_answer_header(&a, "Content-Type");
    b->type = type ? type : "";
    return OK;
}

enum err browser_get(struct browser *b, const char *url)
{
    return go(b, url, (struct sending){.method = "GET", .accept = "text/html"});
}

enum err browser_get_json(struct browser *b, const char *url)
{
    return go(b, url, (struct sending){.method = "GET", .accept = "application/json"});
}

/* ---- forms ---- */

static bool given(const char *const *pairs, const char *name)
{
    for (size_t i = 0; pairs && pairs[i]; i += 2)
        if (text_eq(pairs[i], name))
            return true;
    return false;
}

/* The form's own fields that no pair replaces, then the pairs. */
static enum err fields_of(struct browser *b, const char *action, const char *const *pairs,
                          struct form *ret)
{
    struct form f;
    form_read(b->c->arena, b->page, action, &f);
    if (!f.found)
        return fail(b->c, ERR_NOT_FOUND, "form", action, b->url);
    *ret = (struct form){.found = true, .multipart = f.multipart};
    for (size_t i = 0; i < f.n; i++)
        if (!given(pairs, f.fields[i].name))
            ret->fields[ret->n++] = f.fields[i];
    for (size_t i = 0; pairs && pairs[i] && ret->n < FORM_MAX_FIELDS; i += 2)
        ret->fields[ret->n++] = (struct form_field){pairs[i], pairs[i + 1]};
    return OK;
}

static enum err send_urlencoded(struct browser *b, const char *action, const struct form *f)
{
    struct buf body = buf_new(b->c->arena, 256 * 1024);
    for (size_t i = 0; i < f->n; i++) {
        if (i)
            buf_char(&body, '&');
        buf_url(&body, f->fields[i].name);
        buf_char(&body, '=');
        buf_url(&body, f->fields[i].value);
    }
    return go(b, action,
              (struct sending){.method = "POST",
                               .accept = "text/html",
                               .type = "application/x-www-form-urlencoded",
                               .body = buf_bytes(&body)});
}

static enum err send_multipart(struct browser *b, const char *action, const struct form *f,
                               const char *field, const char *file_name, struct bytes content)
{
    struct buf body = buf_new(b->c->arena, content.len + 256 * 1024);
    for (size_t i = 0; i < f->n; i++)
        buf_printf(&body,
                   "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
                   f->fields[i].name, f->fields[i].value);
    if (field) {
        buf_printf(&body,
                   "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\";"
                   " filename=\"%s\"\r\nContent-Type: application/octet-stream\r\n\r\n",
                   field, file_name);
        buf_add(&body, content.ptr, content.len);
        buf_text(&body, "\r\n");
    }
    buf_text(&body, "--" BOUNDARY "--\r\n");
    return go(b, action,
              (struct sending){.method = "POST",
                               .accept = "text/html",
                               .type = "multipart/form-data; boundary=" BOUNDARY,
                               .body = buf_bytes(&body)});
}

enum err browser_submit(struct browser *b, const char *action, const char *const *pairs)
{
    struct form f;
    enum err e = fields_of(b, action, pairs, &f);
    if (e)
        return e;
    if (f.multipart)
        return send_multipart(b, action, &f, NULL, NULL, (struct bytes){NULL, 0});
    return send_urlencoded(b, action, &f);
}

enum err browser_upload(struct browser *b, const char *action, const char *const *pairs,
                        const char *field, const char *file_name, struct bytes content)
{
    struct form f;
    enum err e = fields_of(b, action, pairs, &f);
    return e ? e : send_multipart(b, action, &f, field, file_name, content);
}

/* ---- looking ---- */

bool browser_sees(const struct browser *b, const char *text)
{
    return b->page && strstr(b->page, text) != NULL;
}

const char *browser_value(struct browser *b, const char *action, const char *name)
{
    struct form f;
    form_read(b->c->arena, b->page, action, &f);
    for (size_t i = 0; i < f.n; i++)
        if (text_eq(f.fields[i].name, name))
            return f.fields[i].value;
    return "";
}

const char *browser_between(struct browser *b, const char *before, const char *after)
{
    const char *from = b->page ? strstr(b->page, before) : NULL;
    const char *to = from ? strstr(from + strlen(before), after) : NULL;
    if (!to)
        return "";
    from += strlen(before);
    return html_text(b->c->arena, from, (size_t)(to - from));
}

const char *browser_link(struct browser *b, const char *prefix)
{
    const char *key = arena_printf(b->c->arena, "href=\"%s", prefix);
    const char *at = b->page ? strstr(b->page, key) : NULL;
    if (!at)
        return "";
    const char *from = at + strlen("href=\""), *to = strchr(from, '"');
    return to ? html_text(b->c->arena, from, (size_t)(to - from)) : "";
}
