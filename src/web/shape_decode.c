/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "net/http.h"
#include "web/json.h"
#include "web/shape_place.h"

#define SHAPE_DEPTH 8

struct decoding decoding_new(struct ctx *c, const struct shape *s, void *object, const char *prefix)
{
    return (struct decoding){c, s, object, prefix, ARENA_ARRAY(c->arena, s->n ? s->n : 1, bool),
                             OK};
}

void decode_note(struct decoding *d, enum err e)
{
    if (!d->first)
        d->first = e;
}

const char *decode_name(const struct decoding *d, const char *field)
{
    return *d->prefix ? arena_printf(d->c->arena, "%s%s", d->prefix, field) : field;
}

void decode_raw(struct decoding *d, const struct field *f, struct bytes raw)
{
    struct field named = *f;
    named.name = decode_name(d, f->name);
    d->given[f - d->s->fields] = raw.len > 0;
    enum err e = shape_set_raw(d->c, &named, d->object, raw);
    if (e)
        field_empty(f, d->object);
    decode_note(d, e);
}

void decode_end(struct decoding *d)
{
    for (size_t i = 0; i < d->s->n; i++) {
        const struct field *f = &d->s->fields[i];
        bool number = kind_is_number(f->kind) && f->kind != KIND_BOOL;
        if (number && (f->flags & F_REQUIRED) && !(f->flags & F_READ_ONLY) && !d->given[i] &&
            shape_visible(d->s, f, d->object))
            decode_note(d, fail(d->c, ERR_REQUIRED, decode_name(d, f->name)));
    }
}

static struct list *list_make(struct ctx *c, const struct field *f, void *object, size_t n)
{
    struct list *l = list_place(f, object);
    l->items = arena_array(c->arena, n ? n : 1, f->of->size);
    l->n = n;
    for (size_t i = 0; i < n; i++) {
        void *item = list_item(f, l, i);
        for (size_t k = 0; k < f->of->n; k++)
            field_empty(&f->of->fields[k], item);
    }
    return l;
}

static size_t most_items(const struct field *f)
{
    return f->max > 0 ? (size_t)f->max : SHAPE_MAX_ITEMS;
}

static enum err too_many_items(struct ctx *c, const char *name, const struct field *f)
{
    return fail(c, ERR_OUT_OF_RANGE, name, arena_printf(c->arena, "%d", (int)f->min),
                arena_printf(c->arena, "%zu", most_items(f)));
}

/* ---- JSON ---- */

static enum err json_fields(struct ctx *c, const struct shape *s, const json_t *o, void *object,
                            const char *prefix);

static const char *json_word(const struct field *f)
{
    if (f->kind == KIND_LIST)
        return "array";
    if (f->kind == KIND_BOOL)
        return "boolean";
    return f->kind == KIND_INT || f->kind == KIND_MONEY ? "integer" : "string";
}

static void json_list(struct decoding *d, const struct field *f, const json_t *j)
{
    const char *name = decode_name(d, f->name);
    if (json_array_size(j) > most_items(f)) {
        decode_note(d, too_many_items(d->c, name, f));
        return;
    }
    const struct list *l = list_make(d->c, f, d->object, json_array_size(j));
    for (size_t i = 0; i < l->n; i++) {
        const json_t *item = json_array_get(j, i);
        const char *here = arena_printf(d->c->arena, "%s.%zu", name, i);
        if (json_is_object(item))
            decode_note(d, json_fields(d->c, f->of, item, list_item(f, l, i),
                                       arena_printf(d->c->arena, "%s.", here)));
        else
            decode_note(d, fail(d->c, ERR_WRONG_KIND, here, json_kind_words(d->c, "object")));
    }
}

static void json_value(struct decoding *d, const struct field *f, const json_t *j)
{
    if (f->kind == KIND_LIST && json_is_array(j)) {
        json_list(d, f, j);
    } else if (f->kind != KIND_LIST && json_is_string(j)) {
        decode_raw(d, f,
                   (struct bytes){(const uint8_t *)json_string_value(j), json_string_length(j)});
    } else if (f->kind == KIND_BOOL && json_is_boolean(j)) {
        decode_raw(d, f, bytes_of(json_is_true(j) ? "1" : "0"));
    } else if ((f->kind == KIND_INT || f->kind == KIND_MONEY) && json_is_integer(j)) {
        struct buf b = buf_new(d->c->arena, 32);
        buf_int(&b, json_integer_value(j));
        decode_raw(d, f, buf_bytes(&b));
    } else {
        decode_note(d, fail(d->c, ERR_WRONG_KIND, decode_name(d, f->name),
                            json_kind_words(d->c, json_word(f))));
    }
}

static bool same_value(const struct field *f, const void *a, const void *b)
{
    if (f->kind == KIND_LIST)
        return false;
    if (kind_is_number(f->kind))
        return field_int(f, a) == field_int(f, b);
    return text_eq(field_text(f, a), field_text(f, b));
}

/* A read-only field may be sent back as it was read. */
static void json_read_only(struct decoding *d, const struct field *f, const json_t *j)
{
    struct decoding other = *d;
    other.object = shape_new(d->c->arena, d->s);
    size_t before = d->c->n_faults;
    json_value(&other, f, j);
    if (!other.first && same_value(f, d->object, other.object))
        return;
    d->c->n_faults = before;
    decode_note(d, fail(d->c, ERR_FIELD_READ_ONLY, decode_name(d, f->name)));
}

static void json_member_in(struct decoding *d, const char *name, const json_t *j)
{
    const struct field *f = shape_field(d->s, name);
    if (!f) {
        const char *clean = "";
        if (text_clean(d->c, "", bytes_of(name), 100, &clean)) {
            d->c->n_faults--; /* the name itself is the fault */
            clean = "?";
        }
        decode_note(d, fail(d->c, ERR_UNKNOWN_FIELD, decode_name(d, clean)));
    } else if (f->flags & F_READ_ONLY) {
        json_read_only(d, f, j);
    } else if (json_is_null(j)) {
        field_empty(f, d->object);
    } else {
        d->given[f - d->s->fields] = true; /* though it may be wrong: one fault, one error */
        json_value(d, f, j);
    }
}

static enum err json_fields(struct ctx *c, const struct shape *s, const json_t *o, void *object,
                            const char *prefix)
{
    const char *name;
    json_t *value;
    struct decoding d = decoding_new(c, s, object, prefix);
    json_object_foreach((json_t *)(uintptr_t)o, name, value) json_member_in(&d, name, value);
    decode_end(&d);
    return d.first;
}

enum err shape_from_members(struct ctx *c, const struct shape *s, const json_t *j, void *object)
{
    if (!json_is_object(j))
        return fail(c, ERR_WRONG_KIND, "", json_kind_words(c, "object"));
    enum err e = json_fields(c, s, j, object, "");
    enum err second = shape_check(c, s, object);
    return e ? e : second;
}

enum err shape_from_json(struct ctx *c, const struct shape *s, struct bytes json, void *object)
{
    json_t *j = NULL;
    if (json_depth(json) > SHAPE_DEPTH)
        return fail(c, ERR_JSON, "", "1", json_deeper(c, SHAPE_DEPTH));
    enum err e = json_in(c, "", json, &j);
    if (e)
        return e;
    e = shape_from_members(c, s, j, object);
    json_end(j);
    return e;
}

/* ---- forms ---- */

struct form {
    const struct http_header *pairs;
    size_t n;
    bool *used;
};

static const char *form_value(struct form *form, const char *name)
{
    const char *found = NULL;
    for (size_t i = 0; i < form->n; i++) {
        if (!form->used[i] && strcmp(form->pairs[i].name, name) == 0) {
            form->used[i] = true;
            /* a hidden "0" before its checkbox: the last one counts */
            found = form->pairs[i].value;
        }
    }
    return found;
}

static const char *date_parts(struct decoding *d, struct form *form, const char *name)
{
    struct arena *a = d->c->arena;
    const char *day = form_value(form, arena_printf(a, "%s-day", name));
    const char *month = form_value(form, arena_printf(a, "%s-month", name));
    const char *year = form_value(form, arena_printf(a, "%s-year", name));
    if (!day && !month && !year)
        return NULL;
    if (text_empty(day) && text_empty(month))
        return year ? year : "";
    if (text_empty(day))
        return arena_printf(a, "%s/%s", month, year ? year : "");
    return arena_printf(a, "%s/%s/%s", day, month ? month : "", year ? year : "");
}

static void form_fields(struct decoding *d, struct form *form);

/* Items 0 .. the highest one with something typed. */
static size_t items_in_form(struct decoding *d, const struct form *form, const char *name)
{
    size_t most = 0, len = strlen(name);
    for (size_t i = 0; i < form->n; i++) {
        const char *at = form->pairs[i].name;
        int64_t k = 0;
        if (strncmp(at, name, len) != 0 || at[len] != '.' || text_empty(form->pairs[i].value))
            continue;
        size_t digits = strspn(at + len + 1, "0123456789");
        if (digits == 0 || digits > 6 || at[len + 1 + digits] != '.')
            continue;
        if (text_to_int(arena_text_n(d->c->arena, at + len + 1, digits), &k) &&
            (size_t)k + 1 > most)
            most = (size_t)k + 1;
    }
    return most;
}

static void form_list(struct decoding *d, const struct field *f, struct form *form)
{
    const char *name = decode_name(d, f->name);
    size_t n = items_in_form(d, form, name);
    if (n > most_items(f)) {
        decode_note(d, too_many_items(d->c, name, f));
        n = most_items(f);
    }
    struct list *l = list_make(d->c, f, d->object, n);
    for (size_t i = 0; i < n; i++) {
        struct decoding item = decoding_new(d->c, f->of, list_item(f, l, i),
                                            arena_printf(d->c->arena, "%s.%zu.", name, i));
        form_fields(&item, form);
        decode_note(d, item.first);
    }
}

static void form_fields(struct decoding *d, struct form *form)
{
    for (size_t i = 0; i < d->s->n; i++) {
        const struct field *f = &d->s->fields[i];
        const char *name = decode_name(d, f->name);
        if (f->kind == KIND_LIST) {
            if (!(f->flags & F_READ_ONLY))
                form_list(d, f, form);
            continue;
        }
        const char *value = form_value(form, name);
        if (!value && (f->kind == KIND_DATE || f->kind == KIND_PARTIAL_DATE))
            value = date_parts(d, form, name);
        if (f->flags & F_READ_ONLY)
            continue;
        if (value)
            decode_raw(d, f, bytes_of(value));
        else if (f->kind == KIND_BOOL)
            field_empty(f, d->object);
    }
    decode_end(d);
}

/* "_key" is the web's, "witnesses.7.name" with nothing typed an empty row of a list. */
static bool may_stay_unread(struct ctx *c, const struct shape *s, const char *name)
{
    const struct shape *whole = s->whole ? s->whole : s;
    const char *dot = strchr(name, '.');
    if (name[0] == '_' || (s->whole && shape_field(whole, name)))
        return true;
    const struct field *list =
        dot ? shape_field(whole, arena_text_n(c->arena, name, (size_t)(dot - name))) : NULL;
    return list && list->kind == KIND_LIST;
}

enum err shape_from_form(struct ctx *c, const struct shape *s, const struct http_header *form,
                         size_t n, void *object)
{
    struct form pairs = {form, n, ARENA_ARRAY(c->arena, n ? n : 1, bool)};
    struct decoding d = decoding_new(c, s, object, "");
    form_fields(&d, &pairs);
    for (size_t i = 0; i < n; i++) {
        if (!pairs.used[i] && !may_stay_unread(c, s, form[i].name))
            decode_note(&d, fail(c, ERR_UNKNOWN_FIELD, form[i].name));
    }
    enum err e = shape_check(c, s, object);
    return d.first ? d.first : e;
}
