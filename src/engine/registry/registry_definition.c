/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "core/node.h"
#include "db/dynamic.h"
#include "engine/registry/registry_private.h"

static const char *keep(struct arena *a, const char *text)
{
    return arena_text(a, text);
}

static bool column_of(const struct registry *r, const char *name, size_t *ret)
{
    for (size_t i = 0; name && i < r->shape->n; i++)
        if (text_eq(r->shape->fields[i].name, name))
            return *ret = i, true;
    return false;
}

static enum err load_columns(struct ctx *c, struct arena *a, const char *file, const json_t *fields,
                             struct registry *r)
{
    r->columns = ARENA_ARRAY(a, r->shape->n, struct registry_column);
    for (size_t i = 0; i < r->shape->n; i++) {
        const struct field *f = &r->shape->fields[i];
        const char *how = json_text_of(json_array_get(fields, i), "search", "none");
        if (!db_ident(f->name) || f->kind == KIND_LIST)
            return fail(c, ERR_DEFINITION, file, f->name, "name or kind");
        r->columns[i] =
            (struct registry_column){.field = f,
                                     .sealed = (f->flags & (F_PERSONAL | F_SECRET)) != 0,
                                     .search = text_eq(how, "equal")  ? SEARCH_EQUAL
                                               : text_eq(how, "name") ? SEARCH_NAME
                                                                      : SEARCH_NONE};
    }
    return OK;
}

static enum err load_unique(struct ctx *c, struct arena *a, const char *file, const json_t *list,
                            struct registry *r)
{
    size_t n = list ? json_array_size(list) : 0;
    if (n > REGISTRY_MAX_UNIQUE)
        return fail(c, ERR_DEFINITION, file, "unique", "more than 8");
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(list, i), *fields = json_list_of(row, "fields");
        struct registry_unique *u = &r->unique[r->n_unique++];
        u->name = keep(a, json_text_of(row, "name", ""));
        u->n = fields ? json_array_size(fields) : 0;
        bool sound = db_ident(u->name) && u->n > 0 && u->n <= ARRAY_LEN(u->fields);
        for (size_t k = 0; sound && k < u->n; k++)
            sound = column_of(r, json_string_value(json_array_get(fields, k)), &u->fields[k]);
        if (!sound)
            return fail(c, ERR_DEFINITION, file, "unique", u->name);
    }
    return OK;
}

static enum err load_purposes(struct ctx *c, struct arena *a, const char *file, const json_t *list,
                              struct registry *r)
{
    size_t n = list ? json_array_size(list) : 0;
    if (!n || n > REGISTRY_MAX_PURPOSES)
        return fail(c, ERR_DEFINITION, file, "purposes", "1 to 24 rows");
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(list, i), *clients = json_list_of(row, "clients");
        struct registry_purpose *p = &r->purposes[r->n_purposes++];
        size_t m = clients ? json_array_size(clients) : 0;
        const char **codes = ARENA_ARRAY(a, m + 1, const char *);
        for (size_t k = 0; k < m; k++)
            codes[k] = keep(a, json_string_value(json_array_get(clients, k)));
        p->clients = codes;
        p->code = keep(a, json_text_of(row, "code", ""));
        p->label[LANG_VI] = keep(a, json_text_of(json_object_get(row, "label"), "vi", p->code));
        p->label[LANG_EN] = keep(a, json_text_of(json_object_get(row, "label"), "en", p->code));
        if (text_empty(p->code))
            return fail(c, ERR_DEFINITION, file, "purposes", "code");
    }
    return OK;
}

/* "subjects" is a list; the older "subject" names one. */
static enum err load_subjects(struct ctx *c, const char *file, const json_t *doc,
                              struct registry *r)
{
    const json_t *list = json_list_of(doc, "subjects");
    size_t n = list ? json_array_size(list) : 1;
    if (n > REGISTRY_MAX_SUBJECTS)
        return fail(c, ERR_DEFINITION, file, "subjects", "more than 4");
    for (size_t i = 0; i < n; i++) {
        const char *name =
            list ? json_string_value(json_array_get(list, i)) : json_text_of(doc, "subject", "");
        if (!column_of(r, name, &r->subjects[r->n_subjects++]))
            return fail(c, ERR_DEFINITION, file, "subjects", name ? name : "");
    }
    if (!column_of(r, json_text_of(doc, "title", ""), &r->title))
        return fail(c, ERR_DEFINITION, file, "title");
    return OK;
}

static void derive_keys(struct ctx *c, struct arena *a, struct registry *r)
{
    r->seal_key = key_derive(a, c->node->root_key, arena_printf(a, "registry/%s/seal", r->name));
    r->token_key = key_derive(a, c->node->root_key, arena_printf(a, "registry/%s/token", r->name));
}

enum err registry_define(struct ctx *c, struct arena *a, const char *file, const json_t *doc,
                         struct registry **ret)
{
    struct registry *r = ARENA_NEW(a, struct registry);
    const json_t *fields = json_list_of(doc, "fields"), *label = json_object_get(doc, "label");
    r->name = keep(a, json_text_of(doc, "register", ""));
    r->owner = keep(a, json_text_of(doc, "owner", ""));
    r->label[LANG_VI] = keep(a, json_text_of(label, "vi", ""));
    r->label[LANG_EN] = keep(a, json_text_of(label, "en", ""));
    if (!db_ident(r->name))
        return fail(c, ERR_DEFINITION, file, "register", r->name);
    if (!fields || json_array_size(fields) > REGISTRY_MAX_FIELDS)
        return fail(c, ERR_DEFINITION, file, "fields", "1 to 120 rows");
    r->table = arena_printf(a, "registry_r_%s", r->name);
    enum err e = shape_load(c, a, file, r->name, fields, &r->shape);
    if (!e)
        e = load_columns(c, a, file, fields, r);
    if (!e)
        e = load_unique(c, a, file, json_list_of(doc, "unique"), r);
    if (!e)
        e = load_purposes(c, a, file, json_list_of(doc, "purposes"), r);
    if (!e)
        e = load_subjects(c, file, doc, r);
    if (e)
        return e;
    derive_keys(c, a, r);
    registry_build_sql(a, r);
    *ret = r;
    return OK;
}
