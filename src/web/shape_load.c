/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes from the "fields" array of the country pack. */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "web/fields.h"
#include "web/json.h"
#include "web/shape_place.h"

#define MAX_FIELDS 400

static const struct json_member field_members[] = {
    {"name", JSON_K_TEXT, true},
    {"kind", JSON_K_TEXT, true},
    {"label", JSON_K_OBJECT, true},
    {"hint", JSON_K_OBJECT, false},
    {"required", JSON_K_BOOL, false},
    {"read_only", JSON_K_BOOL, false},
    {"personal", JSON_K_BOOL, false},
    {"secret", JSON_K_BOOL, false},
    {"min", JSON_K_ANY, false},
    {"max", JSON_K_ANY, false},
    {"format", JSON_K_TEXT, false},
    {"catalogue", JSON_K_TEXT, false},
    {"fields", JSON_K_LIST, false},
    {"visible_when", JSON_K_OBJECT, false},
    {"group", JSON_K_TEXT, false},
    {"prefill", JSON_K_OBJECT, false},
    {"source_name", JSON_K_TEXT, false},
    {"default", JSON_K_ANY, false},
    {"unit_level", JSON_K_TEXT, false},
    {"accept", JSON_K_LIST, false},
    {"max_bytes", JSON_K_INT, false},
    /* read by engine/registry */
    {"index", JSON_K_ANY, false},
    {"search", JSON_K_ANY, false},
    {"unique", JSON_K_ANY, false},
    {"token", JSON_K_ANY, false},
};
static const struct json_member words_members[] = {{"vi", JSON_K_TEXT, true},
                                                   {"en", JSON_K_TEXT, true}};
static const struct json_member visible_members[] = {{"field", JSON_K_TEXT, true},
                                                     {"equals", JSON_K_ANY, true}};
static const struct json_member prefill_members[] = {
    {"register", JSON_K_TEXT, true}, {"field", JSON_K_TEXT, true}, {"subject", JSON_K_TEXT, false}};

/* One definition being read. */
struct load {
    struct ctx *c;
    struct arena *a;
    const char *file, *place;
};

static enum err bad(const struct load *l, const char *member, const char *reason)
{
    return json_bad(l->c, l->file, arena_printf(l->c->arena, "%s.%s", l->place, member), reason);
}

static enum err members(const struct load *l, const char *member, const json_t *o,
                        const struct json_member *rows, size_t n)
{
    const char *at = *member ? arena_printf(l->c->arena, "%s.%s", l->place, member) : l->place;
    return json_members(l->c, l->file, at, o, rows, n);
}

static const char *text_in(const struct load *l, const json_t *o, const char *name)
{
    return arena_text(l->a, json_text_of(o, name, NULL));
}

static bool is_name(const char *text)
{
    return *text >= 'a' && *text <= 'z' && strlen(text) <= 60 &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_")] == 0;
}

static enum err words(const struct load *l, const json_t *o, const char *member,
                      const char *ret_words[2])
{
    const json_t *w = json_object_get(o, member);
    if (!w || json_is_null(w))
        return OK;
    enum err e = members(l, member, w, words_members, ARRAY_LEN(words_members));
    if (e)
        return e;
    ret_words[LANG_VI] = text_in(l, w, "vi");
    ret_words[LANG_EN] = text_in(l, w, "en");
    return OK;
}

/* ---- kind, flags, bounds ---- */

static enum err format_of(const struct load *l, const char *format, enum kind *ret_kind)
{
    static const struct {
        const char *name;
        enum kind kind;
    } rows[] = {
        {"pin", KIND_PIN}, {"phone", KIND_PHONE}, {"email", KIND_EMAIL}, {"long", KIND_LONG_TEXT}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(format, rows[i].name) == 0) {
            *ret_kind = rows[i].kind;
            return OK;
        }
    }
    return bad(l, "format", "unknown format");
}

/* A text that is the name of a person: a flag, not a kind. */
static bool is_name_format(const json_t *o)
{
    return strcmp(json_text_of(o, "format", ""), "person_name") == 0 &&
           strcmp(json_text_of(o, "kind", ""), "text") == 0;
}

static const char *const kind_names[] = {[KIND_TEXT] = "text",
                                         [KIND_LONG_TEXT] = "long_text",
                                         [KIND_CODE] = "code",
                                         [KIND_ID] = "id",
                                         [KIND_FILE] = "file",
                                         [KIND_DATE] = "date",
                                         [KIND_PARTIAL_DATE] = "partial_date",
                                         [KIND_PHONE] = "phone",
                                         [KIND_EMAIL] = "email",
                                         [KIND_PIN] = "pin",
                                         [KIND_INT] = "int",
                                         [KIND_MONEY] = "money",
                                         [KIND_TIME] = "time",
                                         [KIND_BOOL] = "bool",
                                         [KIND_LIST] = "list"};

const char *kind_name(enum kind k)
{
    return kind_names[k];
}

static enum err kind_of(const struct load *l, const json_t *o, enum kind *ret_kind)
{
    const char *kind = json_text_of(o, "kind", ""), *format = json_text_of(o, "format", NULL);
    for (size_t i = 0; i < ARRAY_LEN(kind_names); i++) {
        if (strcmp(kind, kind_names[i]) == 0) {
            *ret_kind = (enum kind)i;
            return format && !is_name_format(o) ? format_of(l, format, ret_kind) : OK;
        }
    }
    return bad(l, "kind", "unknown kind");
}

static unsigned flags_of(const json_t *o)
{
    return (json_bool_of(o, "required", false) ? (unsigned)F_REQUIRED : 0) |
           (json_bool_of(o, "read_only", false) ? (unsigned)F_READ_ONLY : 0) |
           (json_bool_of(o, "personal", false) ? (unsigned)F_PERSONAL : 0) |
           (json_bool_of(o, "secret", false) ? (unsigned)F_SECRET : 0) |
           (is_name_format(o) ? (unsigned)F_NAME : 0);
}

/* A number; for dates an ISO date, or "today" as max. */
static enum err bound(const struct load *l, const json_t *o, const char *member, enum kind kind,
                      int64_t *ret_bound)
{
    const json_t *j = json_object_get(o, member);
    bool date = kind == KIND_DATE || kind == KIND_PARTIAL_DATE;
    if (!j || json_is_null(j))
        return OK;
    if (date && text_eq(json_string_value(j), "today") && strcmp(member, "max") == 0) {
        *ret_bound = SHAPE_TODAY;
        return OK;
    }
    if (date && json_is_string(j)) {
        const char *t = json_string_value(j);
        int64_t y = 0, m = 0, d = 0;
        bool ok = strlen(t) == 10 && text_to_int(arena_text_n(l->a, t, 4), &y) &&
                  text_to_int(arena_text_n(l->a, t + 5, 2), &m) && text_to_int(t + 8, &d) &&
                  date_is_real((int)y, (int)m, (int)d);
        *ret_bound = ok ? day_from_civil((int)y, (int)m, (int)d) : 0;
        return ok ? OK : bad(l, member, "not a date");
    }
    if (date || !json_is_integer(j))
        return bad(l, member, "not a bound of this kind");
    *ret_bound = json_integer_value(j);
    return OK;
}

static enum err bounds(const struct load *l, const json_t *o, struct field *f)
{
    enum err e = bound(l, o, "min", f->kind, &f->min);
    if (!e)
        e = bound(l, o, "max", f->kind, &f->max);
    if (!e && f->max != 0 && f->min > f->max)
        e = bad(l, "min", "more than max");
    if (!e && !kind_is_number(f->kind) && f->kind != KIND_DATE && f->kind != KIND_PARTIAL_DATE &&
        (f->min < 0 || f->max < 0 || f->max > 100000))
        e = bad(l, "max", "out of range");
    return e;
}

/* ---- the other members ---- */

/* A JSON scalar as it would be typed. */
static const char *raw_of(const struct load *l, const json_t *j)
{
    if (json_is_string(j))
        return arena_text(l->a, json_string_value(j));
    if (json_is_boolean(j))
        return json_is_true(j) ? "1" : "0";
    if (!json_is_integer(j))
        return NULL;
    struct buf b = buf_new(l->a, 32);
    buf_int(&b, json_integer_value(j));
    return b.ptr;
}

static enum err visible(const struct load *l, const json_t *o, struct field *f)
{
    const json_t *v = json_object_get(o, "visible_when");
    if (!v || json_is_null(v))
        return OK;
    enum err e = members(l, "visible_when", v, visible_members, ARRAY_LEN(visible_members));
    if (e)
        return e;
    f->visible_field = text_in(l, v, "field");
    f->visible_value = raw_of(l, json_object_get(v, "equals"));
    return f->visible_value ? OK : bad(l, "visible_when.equals", "not a text, integer or boolean");
}

static enum err prefill(const struct load *l, const json_t *o, struct field *f)
{
    const json_t *p = json_object_get(o, "prefill");
    if (!p || json_is_null(p))
        return OK;
    enum err e = members(l, "prefill", p, prefill_members, ARRAY_LEN(prefill_members));
    f->prefill_register = text_in(l, p, "register");
    f->prefill_field = text_in(l, p, "field");
    f->prefill_subject = text_in(l, p, "subject");
    return e;
}

static enum err accept(const struct load *l, const json_t *o, struct field *f)
{
    const json_t *list = json_list_of(o, "accept");
    struct buf b = buf_new(l->a, 1000);
    size_t i;
    json_t *j;
    json_array_foreach(list, i, j)
    {
        if (!json_is_string(j))
            return bad(l, "accept", "not a list of texts");
        buf_printf(&b, "%s%s", b.len ? " " : "", json_string_value(j));
    }
    f->accept = b.len ? b.ptr : NULL;
    f->max_bytes = json_int_of(o, "max_bytes", 0);
    return OK;
}

static enum err fallback(const struct load *l, const json_t *o, struct field *f)
{
    const json_t *j = json_object_get(o, "default");
    if (!j || json_is_null(j))
        return OK;
    f->fallback = raw_of(l, j);
    if (!f->fallback || f->kind == KIND_LIST)
        return bad(l, "default", "not a text, integer or boolean");
    struct field alone = *f;
    size_t before = l->c->n_faults;
    int64_t room[2] = {0, 0}; /* every scalar fits */
    alone.offset = 0;
    alone.catalogue = NULL; /* catalogues may not be read yet */
    if (shape_set_raw(l->c, &alone, room, bytes_of(f->fallback))) {
        l->c->n_faults = before;
        return bad(l, "default", "not a value of this field");
    }
    return OK;
}

static enum err load_list(struct ctx *c, struct arena *a, const char *file, const char *name,
                          const char *list, const json_t *fields, const struct shape **ret_shape);

static enum err inner(const struct load *l, const json_t *o, struct field *f)
{
    const json_t *fields = json_list_of(o, "fields");
    if ((f->kind == KIND_LIST) != (fields != NULL))
        return bad(l, "fields", "belongs to kind list, and only to it");
    if (!fields)
        return OK;
    if (strchr(l->place, '.'))
        return bad(l, "fields", "a list within a list");
    return load_list(l->c, l->a, l->file, f->name, arena_printf(l->a, "%s.fields", l->place),
                     fields, &f->of);
}

static enum err field_in(const struct load *l, const json_t *o, struct field *f)
{
    enum err e = members(l, "", o, field_members, ARRAY_LEN(field_members));
    if (e)
        return e;
    f->name = text_in(l, o, "name");
    f->group = text_in(l, o, "group");
    f->catalogue = text_in(l, o, "catalogue");
    f->source_name = text_in(l, o, "source_name");
    f->unit_level = text_in(l, o, "unit_level");
    f->flags = flags_of(o);
    if (!is_name(f->name))
        return bad(l, "name", "not of the form [a-z][a-z0-9_]*, at most 60");
    e = kind_of(l, o, &f->kind);
    e = e ? e : words(l, o, "label", f->label);
    e = e ? e : words(l, o, "hint", f->hint);
    e = e ? e : bounds(l, o, f);
    e = e ? e : visible(l, o, f);
    e = e ? e : prefill(l, o, f);
    e = e ? e : accept(l, o, f);
    e = e ? e : inner(l, o, f);
    return e ? e : fallback(l, o, f);
}

/* The field it depends on stands before it (so there is no circle) and its value can be met. */
static enum err depends(const struct load *l, const struct shape *s, const struct field *f)
{
    if (!f->visible_field)
        return OK;
    const struct field *on = shape_field(s, f->visible_field);
    if (!on || on >= f)
        return bad(l, "visible_when.field", "no such field before this one");
    if (on->kind == KIND_LIST || (kind_is_number(on->kind) && on->kind != KIND_BOOL))
        return bad(l, "visible_when.field", "must be a text, code or bool");
    if (on->kind == KIND_BOOL && !text_eq(f->visible_value, "0") && !text_eq(f->visible_value, "1"))
        return bad(l, "visible_when.equals", "must be true or false");
    return OK;
}

static enum err row_in(const struct load *l, const json_t *o, struct shape *s, struct field *f)
{
    enum err e = field_in(l, o, f);
    if (e)
        return e;
    if (shape_field(s, f->name))
        return bad(l, "name", "a second field of this name");
    f->offset = s->size;
    s->size += f->kind == KIND_LIST ? sizeof(struct list) : 8;
    s->n++;
    return depends(l, s, f);
}

static enum err rows_in(struct load *l, const char *list, const json_t *fields, struct shape *s,
                        struct field *rows)
{
    for (size_t i = 0; i < json_array_size(fields); i++) {
        l->place = arena_printf(l->c->arena, "%s[%zu]", list, i);
        enum err e = row_in(l, json_array_get(fields, i), s, &rows[i]);
        if (e)
            return e;
    }
    return OK;
}

/* "child_birth_date_words": the date child_birth_date in words. */
static void words_of_dates(struct arena *a, const struct shape *s, struct field *rows)
{
    static const char tail[] = "_words";
    for (size_t i = 0; i < s->n; i++) {
        struct field *f = &rows[i];
        if (f->kind != KIND_TEXT || !text_ends(f->name, tail))
            continue;
        const char *of = arena_text_n(a, f->name, strlen(f->name) - strlen(tail));
        const struct field *date = shape_field(s, of);
        if (date && (date->kind == KIND_DATE || date->kind == KIND_PARTIAL_DATE))
            f->says_date = 1 + date->offset;
    }
}

static enum err load_list(struct ctx *c, struct arena *a, const char *file, const char *name,
                          const char *list, const json_t *fields, const struct shape **ret_shape)
{
    size_t n = json_array_size(fields);
    if (!json_is_array(fields) || n == 0 || n > MAX_FIELDS)
        return json_bad(c, file, list, "not a list of 1 to 400 fields");
    struct load l = {c, a, file, list};
    struct shape *s = ARENA_NEW(a, struct shape);
    struct field *rows = ARENA_ARRAY(a, n, struct field);
    *s = (struct shape){.name = arena_text(a, name), .fields = rows};
    enum err e = rows_in(&l, list, fields, s, rows);
    if (e)
        return e;
    words_of_dates(a, s, rows);
    *ret_shape = s;
    return OK;
}

enum err shape_load(struct ctx *c, struct arena *a, const char *file, const char *name,
                    const struct json_t *fields, const struct shape **ret_shape)
{
    return load_list(c, a, file, name, "fields", fields, ret_shape);
}
