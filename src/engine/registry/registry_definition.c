/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "core/node.h"
#include "db/dynamic.h"
#include "engine/registry/registry_private.h"

#define IDENT_MAX 63 /* bytes of a name in PostgreSQL: longer ones are cut and may collide */

struct defining {
    struct ctx *c;
    struct arena *a;
    const struct pack_file *file;
    const json_t *doc;
    struct registry *r;
};

static const char *keep(const struct defining *d, const char *text)
{
    return arena_text(d->a, text);
}

static enum err bad(const struct defining *d, const char *place, const char *reason)
{
    return pack_fault(d->c, d->file, place, reason);
}

static bool column_of(const struct registry *r, const char *name, size_t *ret)
{
    for (size_t i = 0; name && i < r->shape->n; i++)
        if (text_eq(r->shape->fields[i].name, name))
            return *ret = i, true;
    return false;
}

/* Index names are made of table, letter and this name: <table>_u_<name>. */
static bool name_fits(const struct registry *r, const char *name)
{
    return db_ident(name) && strlen(r->table) + 3 + strlen(name) <= IDENT_MAX;
}

static bool search_of(const char *how, enum registry_search *ret)
{
    static const char *const names[] = {
        [SEARCH_NONE] = "none", [SEARCH_EQUAL] = "equal", [SEARCH_NAME] = "name"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (text_eq(names[i], how))
            return *ret = (enum registry_search)i, true;
    return false;
}

static enum err load_columns(struct defining *d, const json_t *fields)
{
    struct registry *r = d->r;
    r->columns = ARENA_ARRAY(d->a, r->shape->n, struct registry_column);
    for (size_t i = 0; i < r->shape->n; i++) {
        const struct field *f = &r->shape->fields[i];
        const char *how = json_text_of(json_array_get(fields, i), "search", "none");
        const char *place = arena_printf(d->c->arena, "fields[%zu]", i);
        struct registry_column *k = &r->columns[i];
        *k = (struct registry_column){.field = f,
                                      .sealed = (f->flags & (F_PERSONAL | F_SECRET)) != 0};
        if (!name_fits(r, f->name))
            return bad(d, arena_printf(d->c->arena, "%s.name", place), "no name for a column");
        if (f->kind == KIND_LIST)
            return bad(d, arena_printf(d->c->arena, "%s.kind", place), "a register has no lists");
        if (!search_of(how, &k->search))
            return bad(d, arena_printf(d->c->arena, "%s.search", place), "none, equal or name");
    }
    return OK;
}

static bool rule_named(const struct registry *r, const char *name)
{
    for (size_t i = 0; i < r->n_unique; i++)
        if (text_eq(r->unique[i].name, name))
            return true;
    return false;
}

static enum err load_unique(struct defining *d, const json_t *list)
{
    struct registry *r = d->r;
    size_t n = list ? json_array_size(list) : 0;
    if (n > REGISTRY_MAX_UNIQUE)
        return bad(d, "unique", "more than 8");
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(list, i), *fields = json_list_of(row, "fields");
        const char *place = arena_printf(d->c->arena, "unique[%zu]", i);
        struct registry_unique u = {.name = keep(d, json_text_of(row, "name", ""))};
        u.n = fields ? json_array_size(fields) : 0;
        if (!name_fits(r, u.name) || rule_named(r, u.name))
            return bad(d, place, "no name of its own");
        if (!u.n || u.n > ARRAY_LEN(u.fields))
            return bad(d, place, "1 to 6 fields");
        for (size_t k = 0; k < u.n; k++)
            if (!column_of(r, json_string_value(json_array_get(fields, k)), &u.fields[k]))
                return bad(d, place, "no such field");
        r->unique[r->n_unique++] = u;
    }
    return OK;
}

static enum err load_purpose(struct defining *d, const json_t *row, const char *place)
{
    const json_t *clients = json_list_of(row, "clients"), *label = json_object_get(row, "label");
    struct registry_purpose *p = &d->r->purposes[d->r->n_purposes++];
    size_t n = clients ? json_array_size(clients) : 0;
    const char **codes = ARENA_ARRAY(d->a, n + 1, const char *);
    for (size_t i = 0; i < n; i++) {
        codes[i] = keep(d, json_string_value(json_array_get(clients, i)));
        if (text_empty(codes[i]))
            return bad(d, place, "a client without a code");
    }
    p->clients = codes;
    p->code = keep(d, json_text_of(row, "code", ""));
    p->label[LANG_VI] = keep(d, json_text_of(label, "vi", p->code));
    p->label[LANG_EN] = keep(d, json_text_of(label, "en", p->code));
    if (text_empty(p->code) || !n)
        return bad(d, place, "code and clients are needed");
    bool named = matter_kind_named(json_text_of(row, "matter", ""), &p->matter);
    return named ? OK : bad(d, place, "matter is case, paper or none");
}

static enum err load_purposes(struct defining *d, const json_t *list)
{
    size_t n = list ? json_array_size(list) : 0;
    enum err e = n && n <= REGISTRY_MAX_PURPOSES ? OK : bad(d, "purposes", "1 to 24 rows");
    for (size_t i = 0; i < n && !e; i++)
        e = load_purpose(d, json_array_get(list, i), arena_printf(d->c->arena, "purposes[%zu]", i));
    return e;
}

static enum err load_place(struct defining *d)
{
    const char *name = json_text_of(d->doc, "place", "");
    d->r->place = text_empty(name) ? NULL : shape_field(d->r->shape, name);
    return text_empty(name) || d->r->place ? OK : bad(d, "place", "no such field");
}

/* "subjects" is a list; "subject" alone names one. */
static enum err load_subjects(struct defining *d)
{
    struct registry *r = d->r;
    const json_t *list = json_list_of(d->doc, "subjects");
    size_t n = list ? json_array_size(list) : 1;
    if (n > REGISTRY_MAX_SUBJECTS)
        return bad(d, "subjects", "more than 4");
    for (size_t i = 0; i < n; i++) {
        const char *name =
            list ? json_string_value(json_array_get(list, i)) : json_text_of(d->doc, "subject", "");
        size_t *at = &r->subjects[r->n_subjects];
        if (!column_of(r, name, at) || r->shape->fields[*at].kind != KIND_PIN)
            return bad(d, list ? "subjects" : "subject", "no field with a personal number");
        r->n_subjects++;
    }
    return column_of(r, json_text_of(d->doc, "title", ""), &r->title)
               ? load_place(d)
               : bad(d, "title", "no such field");
}

static void name_keys(const struct defining *d)
{
    struct registry *r = d->r;
    r->keeper = d->c->node->keeper;
    r->seal_use = arena_printf(d->a, "registry/%s/seal", r->name);
    r->token_use = arena_printf(d->a, REGISTRY_TOKEN_USE, r->name);
}

static enum err load_name(struct defining *d)
{
    static const struct json_member members[] = {
        {"register", JSON_K_TEXT, true},    {"version", JSON_K_TEXT, true},
        {"valid_from", JSON_K_TEXT, false}, {"valid_to", JSON_K_ANY, false},
        {"owner", JSON_K_TEXT, true},       {"label", JSON_K_OBJECT, true},
        {"source", JSON_K_TEXT, false},     {"key", JSON_K_ANY, false},
        {"subject", JSON_K_TEXT, false},    {"subjects", JSON_K_LIST, false},
        {"title", JSON_K_TEXT, true},       {"numbering", JSON_K_OBJECT, false},
        {"place", JSON_K_TEXT, false},      {"unique", JSON_K_LIST, false},
        {"purposes", JSON_K_LIST, true},    {"fields", JSON_K_LIST, true},
        {"note", JSON_K_ANY, false},
    };
    struct registry *r = d->r;
    const json_t *label = json_object_get(d->doc, "label");
    enum err e = json_members(d->c, d->file->name, "", d->doc, members, ARRAY_LEN(members));
    if (e)
        return e;
    r->name = keep(d, json_text_of(d->doc, "register", ""));
    r->owner = keep(d, json_text_of(d->doc, "owner", ""));
    r->label[LANG_VI] = keep(d, json_text_of(label, "vi", ""));
    r->label[LANG_EN] = keep(d, json_text_of(label, "en", r->label[LANG_VI]));
    if (!db_ident(r->name))
        return bad(d, "register", "no name for a table");
    if (text_empty(r->label[LANG_VI]))
        return bad(d, "label", "no Vietnamese label");
    r->table = arena_printf(d->a, "registry_r_%s", r->name);
    return OK;
}

static enum err load_fields(struct defining *d)
{
    const json_t *fields = json_list_of(d->doc, "fields");
    if (json_array_size(fields) > REGISTRY_MAX_FIELDS)
        return bad(d, "fields", "1 to 120 rows");
    enum err e = shape_load(d->c, d->a, d->file->name, d->r->name, fields, &d->r->shape);
    return e ? e : load_columns(d, fields);
}

enum err registry_define(struct ctx *c, struct arena *a, const struct pack_file *file,
                         struct registry **ret)
{
    struct defining d = {c, a, file, file->root, ARENA_NEW(a, struct registry)};
    enum err e = load_name(&d);
    if (!e)
        e = load_fields(&d);
    if (!e)
        e = load_unique(&d, json_list_of(d.doc, "unique"));
    if (!e)
        e = load_purposes(&d, json_list_of(d.doc, "purposes"));
    if (!e)
        e = load_subjects(&d);
    if (e) {
        pack_lines(c, file);
        return e;
    }
    name_keys(&d);
    registry_build_sql(a, d.r);
    *ret = d.r;
    return OK;
}
