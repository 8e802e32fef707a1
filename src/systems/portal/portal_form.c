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

enum err portal_take_files(struct ctx *c, struct req *r, const struct shape *s,
                           struct portal_taken *ret)
{
    enum err first = OK;
    r->labels = s->whole ? s->whole : s;
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        const struct upload *u = f->kind == KIND_FILE ? req_upload(r, f->name) : NULL;
        if (!u || (u->content.len == 0 && text_empty(u->name)))
            continue; /* left as it was */
        struct file *file = ARENA_NEW(c->arena, struct file);
        enum err e = take_one(c, f, u, file);
        first = first ? first : e;
        if (e)
            continue; /* the others are sound all the same */
        ret->rows[ret->n].field = f->name;
        ret->rows[ret->n++].file = file;
    }
    return first && err_row(first)->status < 500 ? ERR_INVALID : first;
}

enum err portal_keep_files(struct ctx *c, const struct portal_taken *t, const struct shape *s,
                           struct portal_draft *d)
{
    enum err e = t && t->n ? portal_draft_subject(c, d) : OK;
    for (size_t i = 0; t && i < t->n && !e; i++) {
        e = file_add(c, t->rows[i].file, d->subject);
        if (!e)
            shape_set_text(s, d->form, t->rows[i].field, t->rows[i].file->id);
    }
    return e;
}

enum err portal_hand_over(struct ctx *c, const struct shape *s, void *form, int64_t subject)
{
    enum err e = OK;
    for (size_t i = 0; i < s->n && !e; i++) {
        const struct field *f = &s->fields[i];
        const char *id = f->kind == KIND_FILE ? shape_text(s, form, f->name) : "", *now = id;
        if (text_empty(id))
            continue;
        e = file_hand_over(c, id, subject, &now);
        if (!e && !text_eq(id, now))
            shape_set_text(s, form, f->name, now);
    }
    return e;
}

static bool goes(const struct http_header *pair)
{
    return text_starts(pair->name, PORTAL_FILE_GOES) && text_eq(pair->value, "1");
}

bool portal_file_goes(const struct req *r)
{
    for (size_t i = 0; i < r->n_form; i++)
        if (goes(&r->form[i]))
            return true;
    return false;
}

void portal_drop_files(const struct req *r, const struct shape *s, void *form, const void *before)
{
    for (size_t i = 0; i < r->n_form; i++) {
        const char *name = goes(&r->form[i]) ? r->form[i].name + strlen(PORTAL_FILE_GOES) : "";
        const struct field *f = shape_field(s, name);
        if (f && f->kind == KIND_FILE)
            shape_set_text(s, form, name, before ? shape_text(s, before, name) : "");
    }
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

/* field_meant_fn: f lies at the same place in the whole form. */
static const char *meant(struct ctx *c, const struct req *r, const struct field *f,
                         const char *typed, const void *form)
{
    if (!portal_is_place(f))
        return typed;
    const struct shape alone = {.name = "", .fields = f, .n = 1};
    const char *chosen = req_form(r, arena_printf(c->arena, PORTAL_CHOSEN "%s", f->name));
    return place_meant(c, f, typed, chosen, shape_text(&alone, form, f->name));
}

enum err portal_typed(struct ctx *c, struct req *r, const struct shape *s, void *form)
{
    return req_fields(c, r, s, form, meant);
}

void portal_typed_so_far(struct ctx *c, const struct req *r, const struct shape *s, void *form)
{
    size_t before = c->n_faults, n;
    const struct http_header *pairs = req_typed(c, r, s, form, meant, &n);
    for (size_t i = 0; i < s->n && r->json.len == 0; i++) {
        const struct field *f = &s->fields[i];
        if (f->kind == KIND_BOOL && !(f->flags & F_READ_ONLY))
            shape_set_int(s, form, f->name, 0); /* an unticked box sends nothing */
    }
    for (size_t i = 0; i < n; i++) {
        const struct field *f = shape_field(s, pairs[i].name);
        if (f && f->kind != KIND_LIST && !(f->flags & F_READ_ONLY) &&
            shape_set_raw(c, f, form, bytes_of(pairs[i].value)) == OK)
            continue;
    }
    c->n_faults = before;
}
