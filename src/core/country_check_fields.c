/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of fields, of registers and of a procedure's record: what they may lean on. */
#include <string.h>

#include "base/text.h"
#include "core/pack_inside.h"

#define PLACE(x, ...) arena_printf((x)->c->arena, __VA_ARGS__)

static const json_t *named(const json_t *list, const char *member, const char *value)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (text_eq(json_text_of(json_array_get(list, i), member, ""), value))
            return json_array_get(list, i);
    return NULL;
}

/* A member that belongs to one kind of field, and only to it. */
static void belongs(struct country_check *x, const char *place, const json_t *field,
                    const char *member, const char *kind)
{
    bool is = text_eq(json_text_of(field, "kind", ""), kind);
    if (is != (json_object_get(field, member) != NULL))
        country_check_bad(x, place,
                          PLACE(x, "%s belongs to kind %s, and only to it", member, kind));
}

static void check_value(struct country_check *x, const char *place, const json_t *field,
                        const json_t *value)
{
    const char *catalogue = json_text_of(field, "catalogue", NULL);
    const char *text = json_string_value(value);
    if (!value)
        return;
    if (text_eq(json_text_of(field, "kind", ""), "bool") != json_is_boolean(value))
        country_check_bad(x, place, "is no value of this kind");
    else if (catalogue && !(text && country_check_code(x, catalogue, text)))
        country_check_bad(x, place, "is not in its catalogue");
}

static void check_field(struct country_check *x, const char *place, const json_t *fields,
                        const json_t *field)
{
    const json_t *rule = json_object_get(field, "visible_when");
    const json_t *on = named(fields, "name", json_text_of(rule, "field", ""));
    belongs(x, place, field, "catalogue", "code");
    belongs(x, place, field, "fields", "list");
    belongs(x, place, field, "max_bytes", "file");
    check_value(x, PLACE(x, "%s.default", place), field, json_object_get(field, "default"));
    if (rule && on)
        check_value(x, PLACE(x, "%s.visible_when.equals", place), on,
                    json_object_get(rule, "equals"));
    if (json_object_get(field, "unit_level") &&
        !text_eq(json_text_of(field, "catalogue", ""), "admin_units"))
        country_check_bad(x, PLACE(x, "%s.unit_level", place), "belongs to admin_units");
    if (text_eq(json_text_of(field, "kind", ""), "pin") && !json_bool_of(field, "personal", false))
        country_check_bad(x, place, "a personal number is personal");
}

static void check_fields(struct country_check *x, const char *list, const json_t *fields)
{
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *field = json_array_get(fields, i);
        const char *place = PLACE(x, "%s[%zu]", list, i);
        check_field(x, place, fields, field);
        check_fields(x, PLACE(x, "%s.fields", place), json_object_get(field, "fields"));
    }
}

/* ---- registers ---- */

static void must_be(struct country_check *x, const char *member, const char *kind)
{
    const json_t *root = x->f->root;
    const json_t *field =
        named(json_object_get(root, "fields"), "name", json_text_of(root, member, ""));
    if (!text_eq(json_text_of(field, "kind", ""), kind))
        country_check_bad(x, member, PLACE(x, "must be a field of kind %s", kind));
}

static void check_search(struct country_check *x, size_t i, const json_t *field)
{
    static const char *const searchable[] = {"text", "long_text",    "id",  "pin",   "code",
                                             "date", "partial_date", "int", "phone", "email"};
    const char *how = json_text_of(field, "search", "none"),
               *kind = json_text_of(field, "kind", "");
    bool can = !json_bool_of(field, "secret", false), listed = false;
    for (size_t k = 0; k < ARRAY_LEN(searchable); k++)
        listed = listed || text_eq(kind, searchable[k]);
    if (!text_eq(how, "none") && !(can && listed))
        country_check_bad(x, PLACE(x, "fields[%zu].search", i), "this field can't be searched");
    if (text_eq(how, "name") && !text_eq(kind, "text"))
        country_check_bad(x, PLACE(x, "fields[%zu].search", i), "name search is for kind text");
}

static void check_register(struct country_check *x)
{
    const json_t *fields = json_object_get(x->f->root, "fields");
    check_fields(x, "fields", fields);
    must_be(x, "subject", "pin");
    must_be(x, "title", "text");
    for (size_t i = 0; i < json_array_size(fields); i++)
        check_search(x, i, json_array_get(fields, i));
}

/* ---- procedures ---- */

/* One group is one page: its fields stand together, in the order of the groups. */
static void check_groups(struct country_check *x)
{
    const json_t *fields = json_object_get(x->f->root, "fields");
    const json_t *groups = json_object_get(x->f->root, "groups");
    size_t at = 0;
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const char *group = json_text_of(json_array_get(fields, i), "group", "");
        while (at < json_array_size(groups) &&
               !text_eq(json_text_of(json_array_get(groups, at), "name", ""), group))
            at++;
        if (at == json_array_size(groups)) {
            country_check_bad(x, PLACE(x, "fields[%zu]", i),
                              "stands apart from its group, or the groups are in another order");
            return;
        }
    }
}

static bool texts_alike(const char *a, const char *b)
{
    bool text_a = text_eq(a, "text") || text_eq(a, "long_text");
    bool text_b = text_eq(b, "text") || text_eq(b, "long_text");
    return text_eq(a, b) || (text_a && text_b);
}

static void check_prefill(struct country_check *x, size_t i, const json_t *field)
{
    const json_t *rule = json_object_get(field, "prefill");
    struct pack_file f;
    if (!rule)
        return;
    const char *name = PLACE(x, "registers/%s.json", json_text_of(rule, "register", ""));
    const char *place = PLACE(x, "fields[%zu].prefill", i);
    if (pack_open(x->c, country_dir(x->k), name, &f)) {
        x->n++; /* told by itself */
        return;
    }
    const json_t *from =
        named(json_object_get(f.root, "fields"), "name", json_text_of(rule, "field", ""));
    if (!from)
        country_check_bad(x, PLACE(x, "%s.field", place), "is no field of the register");
    else if (!texts_alike(json_text_of(from, "kind", ""), json_text_of(field, "kind", "")) ||
             !text_eq(json_text_of(from, "catalogue", ""), json_text_of(field, "catalogue", "")))
        country_check_bad(x, place, "kind or catalogue differs from the register's field");
    else if (json_bool_of(from, "personal", false) && !json_bool_of(field, "personal", false))
        country_check_bad(x, place, "a personal field must stay personal");
    if (!json_object_get(rule, "subject"))
        country_check_bad(x, place, "says not of whom");
    pack_close(&f);
}

/* One regime is in use; deadlines on paper and in the process agree. */
static void check_regimes(struct country_check *x)
{
    const json_t *root = x->f->root, *regimes = json_object_get(root, "regimes");
    const json_t *ways = json_object_get(json_object_get(root, "parts"), "ways");
    const json_t *deadline = json_object_get(json_object_get(root, "process"), "deadline");
    int64_t days = json_int_of(deadline, "workdays", 0), active = 0;
    for (size_t i = 0; i < json_array_size(regimes); i++) {
        const json_t *r = json_array_get(regimes, i);
        if (!json_bool_of(r, "active", false))
            continue;
        active++;
        if (json_int_of(r, "workdays", 0) != days)
            country_check_bad(x, PLACE(x, "regimes[%zu].workdays", i),
                              "differs from the process's deadline");
    }
    if (active != 1)
        country_check_bad(x, "regimes", "one must be active");
    for (size_t i = 0; i < json_array_size(ways); i++)
        if (json_int_of(json_array_get(ways, i), "workdays", 0) != days)
            country_check_bad(x, PLACE(x, "parts.ways[%zu].workdays", i),
                              "differs from the process's deadline");
}

/* Its indicators are counted; its criteria of satisfaction exist. */
static void check_measured(struct country_check *x)
{
    struct pack_file f;
    const json_t *codes = json_object_get(x->f->root, "indicators");
    if (pack_open(x->c, country_dir(x->k), "indicators.json", &f)) {
        x->n++;
        return;
    }
    for (size_t i = 0; i < json_array_size(codes); i++)
        if (!named(json_object_get(f.root, "indicators"), "code",
                   json_string_value(json_array_get(codes, i))))
            country_check_bad(x, PLACE(x, "indicators[%zu]", i), "is no indicator");
    pack_close(&f);
    const char *wanted = json_text_of(x->f->root, "satisfaction", NULL);
    if (!wanted)
        return;
    if (pack_open(x->c, country_dir(x->k), "catalogues/satisfaction.json", &f)) {
        x->n++;
        return;
    }
    if (!text_eq(json_text_of(f.root, "set", ""), wanted))
        country_check_bad(x, "satisfaction", "is no set of criteria");
    pack_close(&f);
}

/* A paper that a case asks for has its place in the form. */
static void check_papers(struct country_check *x, const json_t *fields)
{
    const json_t *cases = json_object_get(json_object_get(x->f->root, "parts"), "cases");
    struct pack_file f;
    if (pack_open(x->c, country_dir(x->k), "catalogues/components.json", &f)) {
        x->n++;
        return;
    }
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *list = json_object_get(json_array_get(cases, i), "components");
        for (size_t k = 0; k < json_array_size(list); k++) {
            const json_t *row = named(json_object_get(f.root, "rows"), "code",
                                      json_string_value(json_array_get(list, k)));
            const char *field = json_text_of(row, "field", NULL);
            if (field && !text_eq(json_text_of(named(fields, "name", field), "kind", ""), "file"))
                country_check_bad(x, PLACE(x, "parts.cases[%zu].components[%zu]", i, k),
                                  PLACE(x, "%s is no file field of the form", field));
        }
    }
    pack_close(&f);
}

static void check_procedure(struct country_check *x)
{
    const json_t *fields = json_object_get(x->f->root, "fields");
    const char *place = json_text_of(x->f->root, "competent_unit_from", NULL);
    check_fields(x, "fields", fields);
    check_groups(x);
    for (size_t i = 0; i < json_array_size(fields); i++)
        check_prefill(x, i, json_array_get(fields, i));
    check_papers(x, fields);
    check_regimes(x);
    check_measured(x);
    if (place &&
        !text_eq(json_text_of(named(fields, "name", place), "catalogue", ""), "admin_units"))
        country_check_bad(x, "competent_unit_from", "is no field of kind unit");
}

void country_check_record(struct country_check *x, const char *schema)
{
    if (text_eq(schema, "register"))
        check_register(x);
    if (text_eq(schema, "procedure"))
        check_procedure(x);
}
