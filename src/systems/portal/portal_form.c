/* SPDX-License-Identifier: Apache-2.0 */
/* What people typed or attached, into the form. */
#include <string.h>

#include "base/text.h"
#include "core/country.h"
#include "core/files.h"
#include "systems/portal/portal_private.h"

/* ---- files ---- */

static bool accepts(const struct field *f, const char *type)
{
    size_t n = strlen(type);
    for (const char *at = f->accept; at && *at; at = strchr(at, ' ') ? strchr(at, ' ') + 1 : "")
        if (strncmp(at, type, n) == 0 && (at[n] == ' ' || at[n] == 0))
            return true;
    return !f->accept;
}

static enum err take_one(struct ctx *c, const struct field *f, const struct upload *u,
                         struct file *ret)
{
    enum err e = file_take(c, f->name, u->name, u->content, ret);
    if (e)
        return e;
    if (!accepts(f, ret->type))
        return fail(c, ERR_FILE_TYPE, f->name, ret->type);
    if (f->max_bytes && (int64_t)u->content.len > f->max_bytes)
        return fail(c, ERR_FILE_SIZE, f->name,
                    arena_printf(c->arena, "%lld", (long long)(f->max_bytes >> 20)));
    return OK;
}

enum err portal_take_files(struct ctx *c, const struct req *r, const struct shape *s,
                           struct portal_taken *ret)
{
    enum err first = OK;
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        const struct upload *u = f->kind == KIND_FILE ? req_upload(r, f->name) : NULL;
        if (!u || (u->content.len == 0 && text_empty(u->name)))
            continue; /* left as it was */
        struct file *file = ARENA_NEW(c->arena, struct file);
        enum err e = take_one(c, f, u, file);
        first = first ? first : e;
        ret->rows[ret->n].field = f->name;
        ret->rows[ret->n++].file = file;
    }
    return first;
}

enum err portal_keep_files(struct ctx *c, const struct portal_taken *t, const struct shape *s,
                           void *form)
{
    enum err e = OK;
    for (size_t i = 0; t && i < t->n && !e; i++) {
        e = file_add(c, t->rows[i].file);
        if (!e)
            shape_set_text(s, form, t->rows[i].field, t->rows[i].file->id);
    }
    return e;
}

/* ---- communes ---- */

static bool same_words(struct ctx *c, const char *a, const char *b)
{
    return text_eq(portal_fold(c->arena, a), portal_fold(c->arena, b));
}

/* The code that was meant; NULL and a fault when none or several fit. */
static const char *place_meant(struct ctx *c, const struct field *f, const char *typed,
                               const char *chosen, const char *before)
{
    struct portal_place p[2];
    const struct country *k = c->node->country;
    if (!text_empty(chosen) && country_code(k, f->catalogue, chosen))
        return chosen;
    if (text_empty(typed) || country_code(k, f->catalogue, typed))
        return typed;
    if (!text_empty(before) && same_words(c, typed, country_place(c->arena, k, before)))
        return before;
    size_t n = portal_places(c, typed, p, ARRAY_LEN(p));
    if (n == 1 || (n == 2 && same_words(c, typed, p[0].name)))
        return p[0].code;
    (void)fail(c, n ? ERR_PLACE_MANY : ERR_PLACE_UNKNOWN, f->name, typed);
    return NULL;
}

/* ---- fields ---- */

struct typing {
    struct http_header *pairs;
    size_t n;
    enum err first;
};

static void typed_place(struct ctx *c, const struct req *r, const struct field *f,
                        const char *typed, const void *form, const struct shape *s,
                        struct typing *t)
{
    const char *chosen = req_form(r, arena_printf(c->arena, PORTAL_CHOSEN "%s", f->name));
    const char *code = place_meant(c, f, typed, chosen, shape_text(s, form, f->name));
    if (code)
        t->pairs[t->n++] = (struct http_header){f->name, code};
    else if (!t->first)
        t->first = c->faults[c->n_faults - 1].err;
}

/* The pairs as a decoder takes them: files out, communes as codes. */
static struct typing typing_of(struct ctx *c, const struct req *r, const struct shape *s,
                               const void *form)
{
    const struct shape *whole = s->whole ? s->whole : s;
    struct typing t = {ARENA_ARRAY(c->arena, r->n_form + 1, struct http_header), 0, OK};
    for (size_t i = 0; i < r->n_form; i++) {
        const struct field *f = shape_field(whole, r->form[i].name);
        if (f && f->kind == KIND_FILE)
            continue;
        if (f && portal_is_place(f) && shape_field(s, f->name))
            typed_place(c, r, f, r->form[i].value, form, whole, &t);
        else
            t.pairs[t.n++] = r->form[i];
    }
    return t;
}

enum err portal_typed(struct ctx *c, const struct req *r, const struct shape *s, void *form)
{
    struct typing t = typing_of(c, r, s, form);
    enum err e = shape_from_form(c, s, t.pairs, t.n, form);
    return e ? e : t.first;
}

void portal_typed_so_far(struct ctx *c, const struct req *r, const struct shape *s, void *form)
{
    size_t before = c->n_faults;
    struct typing t = typing_of(c, r, s, form);
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        if (f->kind == KIND_BOOL && !(f->flags & F_READ_ONLY))
            shape_set_int(s, form, f->name, 0); /* an unticked box sends nothing */
    }
    for (size_t i = 0; i < t.n; i++) {
        const struct field *f = shape_field(s, t.pairs[i].name);
        if (f && f->kind != KIND_LIST && !(f->flags & F_READ_ONLY) &&
            shape_set_raw(c, f, form, bytes_of(t.pairs[i].value)) == OK)
            continue;
    }
    c->n_faults = before;
}
