/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "web/answers.h"
#include "web/web_call.h"

#define ASKED_FOR_US (8 * HOUR_US)
#define ASKED_BYTES  4096
#define HREF_BYTES   8000

bool query_takes(const struct route *row, const char *name, bool *ret_marked)
{
    size_t n = strlen(name);
    *ret_marked = false;
    for (const char *at = row->query; at && *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        bool marked = *at == '!';
        if ((len == 1 && *at == '*') || (len - marked == n && strncmp(at + marked, name, n) == 0)) {
            *ret_marked = marked;
            return true;
        }
        at += len;
    }
    return false;
}

/* ---- the sealed part of an address ---- */

static const char *place_of(struct ctx *c, const char *path)
{
    return arena_printf(c->arena, "web_query|%s|%s", path, c->actor->account);
}

/* Until when, then the pairs as a query. */
static const char *sealed(struct ctx *c, const char *path, const char *pairs)
{
    ASSERT(web_seal_answer); /* app/ hands it over before the first request */
    struct buf b = buf_new(c->arena, ASKED_BYTES * 2);
    const char *plain =
        arena_printf(c->arena, "%lld %s", (long long)(c->now_us + ASKED_FOR_US), pairs);
    buf_base64url(&b, web_seal_answer(c, place_of(c, path), bytes_of(plain)));
    return b.ptr;
}

static const char *opened(struct ctx *c, const char *path, const char *text)
{
    struct bytes in, plain;
    if (text_empty(text) || !web_open_answer || strlen(text) > 2 * ASKED_BYTES ||
        !base64url_decode(c->arena, text, &in) ||
        !web_open_answer(c, place_of(c, path), in, &plain))
        return "";
    const char *said = arena_text_n(c->arena, (const char *)plain.ptr, plain.len);
    const char *pairs = strchr(said, ' ');
    int64_t until = 0;
    bool good = pairs && text_to_int(arena_text_n(c->arena, said, (size_t)(pairs - said)), &until);
    return good && c->now_us < until ? pairs + 1 : "";
}

/* An odd query reads as none. */
static const struct http_header *pairs_of(struct call *k, const char *text, size_t *ret_n)
{
    struct http_header *pairs = NULL;
    size_t before = k->c.n_faults;
    if (form_urlencoded(&k->c, bytes_of(text), &pairs, ret_n)) {
        k->c.n_faults = before;
        *ret_n = 0;
    }
    return pairs ? pairs : k->q.http->headers;
}

/* Given twice, nobody knows which was meant: one program would act by the first, another by the
   last (RFC 6749 3.1). */
static const char *only_value(const struct http_header *pairs, size_t n, const char *name)
{
    const char *value = pair_value(pairs, n, name);
    for (size_t i = 0; i < n; i++)
        if (value != pairs[i].value && strcmp(pairs[i].name, name) == 0)
            return NULL;
    return value;
}

static const char *cleaned(struct call *k, const char *name, const char *value, size_t max)
{
    const char *clean = "";
    size_t before = k->c.n_faults;
    if (value && text_clean(&k->c, name, bytes_of(value), max, &clean)) {
        k->c.n_faults = before;
        clean = "";
    }
    return clean;
}

static void tell_undeclared(struct call *k, const char *name)
{
    const char *none = NULL;
    if (atomic_compare_exchange_strong(&k->w->undeclared, &none, name))
        log_warn("web", "%s %s reads a parameter it doesn't declare: %s", k->q.route->method,
                 k->q.route->path, name);
}

static void read_query(struct call *k)
{
    k->query = pairs_of(k, k->q.http->query, &k->n_query);
    const char *asked =
        cleaned(k, ASKED_NAME, only_value(k->query, k->n_query, ASKED_NAME), 2 * ASKED_BYTES);
    k->asked = pairs_of(k, opened(&k->c, k->q.route->path, asked), &k->n_asked);
}

const char *req_query(struct req *r, const char *name)
{
    struct call *k = call_of(r);
    bool marked;
    if (!query_takes(r->route, name, &marked))
        tell_undeclared(k, name);
    if (!k->query)
        read_query(k);
    return marked ? cleaned(k, name, only_value(k->asked, k->n_asked, name), 2000)
                  : cleaned(k, name, only_value(k->query, k->n_query, name), 2000);
}

enum err check_address(struct call *k)
{
    size_t n = 0;
    bool marked;
    if (!k->q.route->query || !strchr(k->q.route->query, '!'))
        return OK;
    const struct http_header *pairs = pairs_of(k, k->q.http->query, &n);
    for (size_t i = 0; i < n; i++)
        if (query_takes(k->q.route, pairs[i].name, &marked) && marked)
            return fail(&k->c, ERR_ADDRESS, pairs[i].name);
    return OK;
}

/* ---- asking ---- */

static void add_pair(struct buf *b, const char *name, const char *value)
{
    if (b->len)
        buf_char(b, '&');
    buf_url(b, name);
    buf_char(b, '=');
    buf_url(b, value);
}

static const char *address(struct ctx *c, const char *path, const struct buf *open,
                           const struct buf *hidden)
{
    struct buf b = buf_new(c->arena, HREF_BYTES);
    buf_text(&b, path);
    if (open->len || hidden->len)
        buf_char(&b, '?');
    buf_add(&b, open->ptr, open->len);
    if (hidden->len)
        buf_printf(&b, "%s" ASKED_NAME "=%s", open->len ? "&" : "", sealed(c, path, hidden->ptr));
    return b.ptr;
}

enum err web_ask(struct ctx *c, struct req *r)
{
    const struct call *k = call_of(r);
    const struct shape *s = r->route->in;
    struct match m;
    bool found = route_match(c->arena, k->w, r->route->path, &m) && m.branch;
    const struct web_route *to = found ? m.branch->method[method_index("GET")] : NULL;
    if (!to || !s)
        return fail(c, ERR_NOT_FOUND, "");
    struct buf open = buf_new(c->arena, ASKED_BYTES), hidden = buf_new(c->arena, ASKED_BYTES);
    for (size_t i = 0; i < s->n; i++) {
        const char *value = shape_typed(c, &s->fields[i], r->in);
        bool marked;
        if (!text_empty(value) && query_takes(to->row, s->fields[i].name, &marked))
            add_pair(marked ? &hidden : &open, s->fields[i].name, value);
    }
    return answer_redirect(c, r, address(c, r->route->path, &open, &hidden));
}

const char *web_asked(struct ctx *c, const char *path, const char *name, const char *value)
{
    struct buf pair = buf_new(c->arena, ASKED_BYTES);
    add_pair(&pair, name, value);
    return arena_printf(c->arena, ASKED_NAME "=%s", sealed(c, path, pair.ptr));
}

const char *web_undeclared(const struct web *w)
{
    return atomic_load(&w->undeclared);
}
