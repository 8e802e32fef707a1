/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "web/web_call.h"

static const char *const methods[METHODS] = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

int method_index(const char *method)
{
    if (strcmp(method, "HEAD") == 0)
        return 0;
    for (int i = 0; i < METHODS; i++) {
        if (strcmp(method, methods[i]) == 0)
            return i;
    }
    return -1;
}

const char *method_name(int index)
{
    return methods[index];
}

/* ---- building ---- */

static bool is_param(const char *segment)
{
    return segment[0] == '{';
}

static struct branch *grow(struct web *w, struct branch *parent, const char *segment)
{
    bool param = is_param(segment), rest = param && text_ends(segment, "*}");
    for (struct branch *b = parent->child; b; b = b->next) {
        if (param ? !b->segment && b->rest == rest : b->segment && !strcmp(b->segment, segment))
            return b;
    }
    struct branch *b = ARENA_NEW(w->arena, struct branch);
    b->segment = param ? NULL : arena_text(w->arena, segment);
    b->rest = rest;
    /* literal segments first, then a parameter, then the rest: the order of matching */
    struct branch **at = &parent->child;
    while (*at && ((*at)->segment || (rest && !(*at)->rest)) && !(b->segment && !(*at)->segment))
        at = &(*at)->next;
    b->next = *at;
    *at = b;
    return b;
}

static enum err refuse(struct ctx *c, const struct route *row, const char *why)
{
    return fail(c, ERR_CONFIG,
                arena_printf(c->arena, "%s %s", row->method ? row->method : "?",
                             row->path ? row->path : "?"),
                why);
}

static enum err check_row(struct ctx *c, const struct route *row)
{
    if (!row->method || !row->path || row->path[0] != '/' || method_index(row->method) < 0 ||
        strcmp(row->method, "HEAD") == 0)
        return refuse(c, row, "method or path");
    if (!row->permission)
        return refuse(c, row, "no permission");
    bool unsafe = strcmp(row->method, "GET") != 0;
    if (unsafe && !(row->flags & (ROUTE_WRITE | ROUTE_PREPARED)))
        return refuse(c, row, "neither ROUTE_WRITE nor ROUTE_PREPARED");
    if (!unsafe && (row->flags & ROUTE_WRITE) && !(row->flags & ROUTE_PROTOCOL))
        return refuse(c, row, "GET with ROUTE_WRITE");
    if ((row->flags & ROUTE_NO_DB) && strcmp(row->permission, PUBLIC) != 0)
        return refuse(c, row, "ROUTE_NO_DB and not PUBLIC");
    if ((row->flags & ROUTE_GRAVE) &&
        (!(row->flags & ROUTE_WRITE) || (row->flags & (ROUTE_UPLOAD | ROUTE_NO_CSRF))))
        return refuse(c, row, "ROUTE_GRAVE without a form of its own, or with files");
    if ((row->flags & ROUTE_PREPARED) ? !row->prepare : !row->handler)
        return refuse(c, row, "no handler");
    return OK;
}

static void keep_row(struct web *w, struct web_route *at)
{
    if (w->n_routes == w->cap_routes) {
        size_t cap = w->cap_routes ? 2 * w->cap_routes : 64;
        struct web_route **routes = ARENA_ARRAY(w->arena, cap, struct web_route *);
        const struct route **rows = ARENA_ARRAY(w->arena, cap, const struct route *);
        for (size_t i = 0; i < w->n_routes; i++) {
            routes[i] = w->routes[i];
            rows[i] = w->rows[i];
        }
        w->routes = routes;
        w->rows = rows;
        w->cap_routes = cap;
    }
    w->routes[w->n_routes] = at;
    w->rows[w->n_routes++] = at->row;
}

static enum err add_row(struct ctx *c, struct web *w, const char *module, const struct route *row)
{
    enum err e = check_row(c, row);
    if (e)
        return e;
    size_t n = 0, params = 0;
    const char **segments = text_split(c->arena, row->path + 1, '/', &n);
    struct branch *b = &w->root;
    for (size_t i = 0; i < n; i++) {
        b = grow(w, b, segments[i]);
        params += is_param(segments[i]);
        if (b->rest && i + 1 < n)
            return refuse(c, row, "a rest in the middle");
    }
    if (params > MAX_PARAMS)
        return refuse(c, row, "too many parameters");
    struct web_route **place = &b->method[method_index(row->method)];
    if (*place)
        return refuse(c, row, "a second row of this path");
    struct web_route *at = ARENA_NEW(w->arena, struct web_route);
    at->row = row;
    at->module = module;
    *place = at;
    keep_row(w, at);
    return OK;
}

enum err web_add(struct ctx *c, struct web *w, const char *module, const struct route *rows,
                 size_t n)
{
    for (size_t i = 0; i < n; i++) {
        enum err e = add_row(c, w, module, &rows[i]);
        if (e)
            return e;
    }
    return OK;
}

const struct route *const *web_routes(const struct web *w, size_t *ret_n)
{
    *ret_n = w->n_routes;
    return w->rows;
}

/* ---- matching ---- */

/* A decoded segment that can mean only itself: no slash, no control, no dot segment. */
static const char *clean_segment(struct arena *a, const char *ptr, size_t len)
{
    struct bytes out;
    if (!url_decode(a, (struct bytes){(const uint8_t *)ptr, len}, false, &out) || out.len == 0 ||
        !text_is_utf8(out))
        return NULL;
    for (size_t i = 0; i < out.len; i++) {
        uint8_t ch = out.ptr[i];
        if (ch < 0x20 || ch == 0x7f || ch == '/' || ch == '\\')
            return NULL;
    }
    const char *text = arena_text_n(a, (const char *)out.ptr, out.len);
    return strcmp(text, ".") == 0 || strcmp(text, "..") == 0 ? NULL : text;
}

/* false: malformed. */
static bool split_path(struct arena *a, const char *raw, const char **segments, size_t *ret_n)
{
    size_t n = 0;
    for (const char *at = raw; *at == '/' && at[1]; n++) {
        size_t len = strcspn(at + 1, "/");
        if (n == MAX_SEGMENTS)
            return false;
        segments[n] = clean_segment(a, at + 1, len);
        if (!segments[n])
            return false;
        at += 1 + len;
        if (*at == '/' && !at[1])
            return false; /* a slash at the end: another address */
    }
    *ret_n = n;
    return raw[0] == '/';
}

struct walk {
    struct arena *a;
    const char **segments;
    size_t n;
    struct match *found;
};

static const char *join(struct arena *a, const char **segments, size_t n)
{
    struct buf b = buf_new(a, 65536);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_char(&b, '/');
        buf_text(&b, segments[i]);
    }
    return b.ptr;
}

static bool leads_somewhere(const struct branch *b)
{
    for (size_t i = 0; i < METHODS; i++) {
        if (b->method[i])
            return true;
    }
    return false;
}

static const struct branch *walk(const struct walk *k, const struct branch *b, size_t i,
                                 size_t params)
{
    if (i == k->n && leads_somewhere(b))
        return b;
    for (const struct branch *x = b->child; x; x = x->next) {
        if (x->rest) {
            k->found->param[params] = join(k->a, k->segments + i, k->n - i);
            return x;
        }
        if (i == k->n || (x->segment && strcmp(x->segment, k->segments[i]) != 0))
            continue;
        if (!x->segment)
            k->found->param[params] = k->segments[i];
        const struct branch *got = walk(k, x, i + 1, params + !x->segment);
        if (got)
            return got;
    }
    return NULL;
}

bool route_match(struct arena *a, const struct web *w, const char *raw_path,
                 struct match *ret_match)
{
    const char *segments[MAX_SEGMENTS];
    struct walk k = {a, segments, 0, ret_match};
    *ret_match = (struct match){0};
    if (!split_path(a, raw_path, segments, &k.n))
        return false;
    ret_match->branch = walk(&k, &w->root, 0, 0);
    return true;
}

const char *allowed_methods(struct arena *a, const struct branch *b)
{
    struct buf out = buf_new(a, 200);
    for (int i = 0; i < METHODS; i++) {
        if (b->method[i])
            buf_printf(&out, "%s%s", out.len ? ", " : "", i == 0 ? "GET, HEAD" : methods[i]);
    }
    if (!b->method[5])
        buf_text(&out, ", OPTIONS");
    return out.ptr;
}
