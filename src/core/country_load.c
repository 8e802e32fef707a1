/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/country_inside.h"

static int catalogue_order(const void *a, const void *b)
{
    return strcmp(((const struct catalogue *)a)->name, ((const struct catalogue *)b)->name);
}

static int code_order(const void *a, const void *b)
{
    const struct code_row *const *x = a, *const *y = b;
    return strcmp((*x)->code, (*y)->code);
}

static int parent_order(const void *a, const void *b)
{
    const struct code_row *const *x = a, *const *y = b;
    int order = strcmp((*x)->parent, (*y)->parent);
    if (order)
        return order;
    return *x < *y ? -1 : *x > *y;
}

const char *country_index(struct arena *a, struct catalogue *ret)
{
    ret->by_code = ARENA_ARRAY(a, ret->n + 1, const struct code_row *);
    ret->by_parent = ARENA_ARRAY(a, ret->n + 1, const struct code_row *);
    for (size_t i = 0; i < ret->n; i++)
        ret->by_code[i] = ret->by_parent[i] = &ret->rows[i];
    qsort(ret->by_code, ret->n, sizeof(struct code_row *), code_order);
    qsort(ret->by_parent, ret->n, sizeof(struct code_row *), parent_order);
    for (size_t i = 1; i < ret->n; i++) {
        if (text_eq(ret->by_code[i]->code, ret->by_code[i - 1]->code))
            return ret->by_code[i]->code;
    }
    return NULL;
}

static const char *kept(struct country_reading *r, const json_t *o, const char *name)
{
    const char *text = json_text_of(o, name, "");
    return *text ? arena_text(r->arena, text) : "";
}

static enum err bad(struct country_reading *r, size_t row, const char *member, const char *reason)
{
    const char *place = arena_printf(r->c->arena, "rows[%zu].%s", row, member);
    return pack_fault(r->c, r->file, place, reason);
}

static bool read_names(struct country_reading *r, const json_t *o, const char *ret_name[2])
{
    const char *vi = json_text_of(o, "vi", ""), *en = json_text_of(o, "en", "");
    if (text_empty(vi) || text_empty(en))
        return false;
    ret_name[LANG_VI] = arena_text(r->arena, vi);
    ret_name[LANG_EN] = text_eq(vi, en) ? ret_name[LANG_VI] : arena_text(r->arena, en);
    return true;
}

static enum err read_row(struct country_reading *r, size_t i, const json_t *o, struct code_row *ret)
{
    ret->code = kept(r, o, "code");
    if (text_empty(ret->code))
        return bad(r, i, "code", "is missing or no text");
    if (!read_names(r, json_object_get(o, "name"), ret->name))
        return bad(r, i, "name", "needs texts vi and en");
    ret->parent = kept(r, o, "parent");
    ret->from = kept(r, o, "valid_from");
    ret->until = kept(r, o, "valid_to");
    return OK;
}

static enum err read_rows(struct country_reading *r, struct catalogue *ret)
{
    const json_t *rows = json_list_of(r->file->root, "rows");
    if (json_array_size(rows) == 0)
        return pack_fault(r->c, r->file, "rows", "needs at least one row");
    ret->n = json_array_size(rows);
    ret->rows = ARENA_ARRAY(r->arena, ret->n, struct code_row);
    for (size_t i = 0; i < ret->n; i++) {
        enum err e = read_row(r, i, json_array_get(rows, i), &ret->rows[i]);
        if (e)
            return e;
    }
    const char *twice = country_index(r->arena, ret);
    if (twice)
        return pack_fault(r->c, r->file, "rows",
                          arena_printf(r->c->arena, "the code %s occurs twice", twice));
    return OK;
}

enum err country_read_catalogue(struct country_reading *r, const char *file, struct catalogue *ret)
{
    struct pack_file f;
    enum err e = pack_open(r->c, r->country->dir, file, &f);
    if (e)
        return e;
    r->file = &f;
    ret->name = kept(r, f.root, "catalogue");
    const char *wanted = arena_printf(r->c->arena, "catalogues/%s.json", ret->name);
    if (!text_eq(file, wanted))
        e = pack_fault(r->c, &f, "catalogue", "is not the name of the file");
    if (!e)
        e = read_rows(r, ret);
    if (!e && text_eq(ret->name, AGENCIES))
        e = country_read_agencies(r);
    pack_close(&f);
    return e;
}

static enum err read_catalogues(struct country_reading *r)
{
    const char **names;
    size_t n;
    struct country *k = r->country;
    enum err e = pack_list(r->c, k->dir, "catalogues", &names, &n);
    if (e)
        return e;
    k->catalogues = ARENA_ARRAY(r->arena, n + 1, struct catalogue);
    for (size_t i = 0; i < n && !e; i++) {
        const char *file = arena_printf(r->c->arena, "catalogues/%s", names[i]);
        struct catalogue *next = &k->catalogues[k->n_catalogues];
        if (text_ends(file, ".tsv"))
            e = country_read_units(r, next);
        else
            e = country_read_catalogue(r, file, next);
        k->n_catalogues++;
    }
    if (!e)
        qsort(k->catalogues, k->n_catalogues, sizeof(struct catalogue), catalogue_order);
    return e;
}

/* An agency's place must be on the map. */
static enum err check_places(struct country_reading *r)
{
    const struct country *k = r->country;
    for (size_t i = 0; i < k->n_agencies; i++) {
        const struct agency *a = &k->agencies[i];
        if (!text_empty(a->admin_unit) && !country_code(k, ADMIN_UNITS, a->admin_unit))
            return json_bad(r->c, "catalogues/agencies.json", a->code,
                            "its unit is not in admin_units.tsv");
        if (!text_empty(a->parent) && !country_agency(k, a->parent))
            return json_bad(r->c, "catalogues/agencies.json", a->code, "its parent is missing");
    }
    return OK;
}

enum err country_load(struct ctx *c, struct arena *a, const char *dir,
                      const struct country **ret_country)
{
    struct country *k = ARENA_NEW(a, struct country);
    struct country_reading r = {.c = c, .arena = a, .country = k};
    k->dir = arena_text(a, dir);
    enum err e = read_catalogues(&r);
    if (!e)
        e = country_read_roles(&r);
    if (!e)
        e = country_read_retention(&r);
    if (!e)
        e = check_places(&r);
    if (!e)
        *ret_country = k;
    return e;
}
