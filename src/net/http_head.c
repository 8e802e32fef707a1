/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "net/engine.h"

struct gather {
    struct head_field fields[HTTP_MAX_HEADERS];
    size_t n;
    bool too_many;
};

static enum MHD_Result gather_one(void *arg, enum MHD_ValueKind kind, const char *name,
                                  size_t name_len, const char *value, size_t value_len)
{
    struct gather *g = arg;
    (void)kind;
    if (g->n == HTTP_MAX_HEADERS) {
        g->too_many = true;
        return MHD_NO;
    }
    g->fields[g->n++] = (struct head_field){name, value, name_len, value_len};
    return MHD_YES;
}

/* The copy of the block that lives with the turn: pieces keep their places in it. */
static void relocate(struct turn *t, const struct head *h, char *copy)
{
    struct http_request *r = &t->r;
    r->method = copy;
    for (size_t i = 0; i < h->n_fields; i++) {
        const struct head_field *f = &h->fields[i];
        char *value = copy + (f->value - h->method);
        size_t len = f->value_len;
        while (len && (value[len - 1] == ' ' || value[len - 1] == '\t'))
            value[--len] = '\0';
        r->headers[i] = (struct http_header){copy + (f->name - h->method), value};
    }
    r->n_headers = h->n_fields;
}

/* t->target is head.target's text: the meaning's path points into it. */
static void split_target(struct turn *t)
{
    const struct head_meaning *m = &t->meaning;
    char *path = t->target + (m->path - t->target);
    bool query = path[m->path_len] == '?';
    path[m->path_len] = '\0';
    t->r.path = path;
    t->r.query = query ? path + m->path_len + 1 : "";
}

static size_t head_bytes(struct turn *t)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(t->link, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return i ? i->header_size : 0;
}

/* Of cookies the engine keeps a copy and a note each. */
static size_t cookie_notes(const struct head_field *f)
{
    if (f->name_len != 6 || strncasecmp(f->name, "cookie", 6) != 0)
        return 0;
    size_t notes = f->value_len + NOTE_BYTES;
    for (size_t i = 0; i < f->value_len; i++)
        notes += f->value[i] == ';' ? NOTE_BYTES : 0;
    return notes;
}

/* Beyond it the answer's own head might find no room. */
static bool fits(const struct turn *t, size_t len, const struct gather *g)
{
    size_t notes = NOTE_BYTES * (g->n + t->n_parameters);
    for (size_t i = 0; i < g->n; i++)
        notes += cookie_notes(&g->fields[i]);
    return len <= GUARD_MAX_HEAD_BYTES && len + notes <= CONNECTION_BYTES - ANSWER_HEAD_BYTES;
}

enum err turn_read_head(struct turn *t, const char *method, const char *version)
{
    struct gather g;
    g.n = 0;
    g.too_many = false;
    MHD_get_connection_values_n(t->link, MHD_HEADER_KIND, gather_one, &g);
    struct head h = {.method = method,
                     .target = t->target_at,
                     .version = version,
                     .target_len = t->target_len,
                     .fields = g.fields,
                     .n_fields = g.n};
    size_t len = head_bytes(t);
    t->r.method = "";
    t->r.path = "";
    t->r.query = "";
    if (g.too_many || !fits(t, len, &g)) {
        t->meaning.why = "head-too-large";
        return ERR_HEADERS_TOO_LARGE;
    }
    if (!block_exact(method, len, &h)) {
        t->meaning.why = "line-ends";
        return t->target_len > GUARD_MAX_TARGET_BYTES ? ERR_URI_TOO_LONG : ERR_HTTP_FRAMING;
    }
    h.target = t->target;
    enum err e = head_check(&h, &t->meaning);
    if (e)
        return e;
    char *copy = arena_alloc(t->r.arena, len);
    memcpy(copy, method, len);
    relocate(t, &h, copy);
    split_target(t);
    atomic_fetch_add_explicit(&t->server->bytes_in, (int64_t)len, memory_order_relaxed);
    return OK;
}

const char *http_header(const struct http_request *r, const char *name)
{
    for (size_t i = 0; i < r->n_headers; i++)
        if (strcasecmp(r->headers[i].name, name) == 0)
            return r->headers[i].value;
    return NULL;
}
