/* SPDX-License-Identifier: Apache-2.0 */
/* Agencies (QCVN 102:2016, QĐ 20/2020/QĐ-TTg) and roles. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/country_inside.h"

static int agency_order(const void *a, const void *b)
{
    return strcmp(((const struct agency *)a)->code, ((const struct agency *)b)->code);
}

static int old_code_order(const void *a, const void *b)
{
    const struct agency *const *x = a, *const *y = b;
    return strcmp((*x)->old_code, (*y)->old_code);
}

static int text_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *kept(struct country_reading *r, const json_t *o, const char *name)
{
    return arena_text(r->arena, json_text_of(o, name, ""));
}

/* A committee governs its unit; a province's government has the province alone. */
static const char *place_of(struct country_reading *r, const json_t *o)
{
    const char *unit = json_text_of(o, "unit", "");
    bool province = text_eq(json_text_of(o, "kind", ""), "province");
    return *unit || !province ? kept(r, o, "unit") : kept(r, o, "province");
}

enum err country_read_agencies(struct country_reading *r)
{
    struct country *k = r->country;
    const json_t *rows = json_list_of(r->file->root, "rows");
    size_t n = json_array_size(rows);
    k->agencies = ARENA_ARRAY(r->arena, n, struct agency);
    k->by_old_code = ARENA_ARRAY(r->arena, n, const struct agency *);
    for (size_t i = 0; i < n; i++) {
        const json_t *o = json_array_get(rows, i), *name = json_object_get(o, "name");
        k->agencies[i] = (struct agency){.code = kept(r, o, "code"),
                                         .old_code = kept(r, o, "old_code"),
                                         .name = {kept(r, name, "vi"), kept(r, name, "en")},
                                         .parent = kept(r, o, "parent"),
                                         .admin_unit = place_of(r, o)};
    }
    k->n_agencies = n;
    qsort(k->agencies, n, sizeof(struct agency), agency_order);
    for (size_t i = 0; i < n; i++)
        k->by_old_code[i] = &k->agencies[i];
    qsort(k->by_old_code, n, sizeof(struct agency *), old_code_order);
    return OK;
}

static bool read_reach(const char *scope, enum reach *ret)
{
    static const char *const names[] = {[REACH_SELF] = "self",
                                        [REACH_UNIT] = "unit",
                                        [REACH_BELOW] = "unit_and_below",
                                        [REACH_NODE] = "node"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (text_eq(scope, names[i])) {
            *ret = (enum reach)i;
            return true;
        }
    }
    return false;
}

#define MOST_PROOF_MINUTES 720

const char *const country_limit_names[ROLE_LIMITS] = {"hour", "day", "places", "searches"};

static void read_limits(const json_t *o, struct country_role *ret)
{
    const json_t *reads = json_object_get(o, "reads");
    for (size_t i = 0; i < ROLE_LIMITS; i++)
        ret->limits[i] = json_int_of(reads, country_limit_names[i], 0);
}

static enum err read_role(struct country_reading *r, size_t i, const json_t *o,
                          struct country_role *ret)
{
    const json_t *list = json_list_of(o, "permissions"), *label = json_object_get(o, "label");
    size_t n = json_array_size(list);
    const char **names = ARENA_ARRAY(r->arena, n + 1, const char *);
    *ret = (struct country_role){.code = kept(r, o, "code"),
                                 .name = {kept(r, label, "vi"), kept(r, label, "en")},
                                 .permissions = names};
    const char *place = arena_printf(r->c->arena, "roles[%zu]", i);
    if (text_empty(ret->code) || text_empty(ret->name[LANG_VI]) || text_empty(ret->name[LANG_EN]))
        return pack_fault(r->c, r->file, place, "needs code and label");
    if (!read_reach(json_text_of(o, "scope", ""), &ret->reach))
        return pack_fault(r->c, r->file, arena_printf(r->c->arena, "%s.scope", place),
                          "is none of self, unit, unit_and_below, node");
    const char *factor = json_text_of(o, "second_factor", "offered");
    ret->factor = text_eq(factor, "required");
    if (!ret->factor && !text_eq(factor, "offered"))
        return pack_fault(r->c, r->file, arena_printf(r->c->arena, "%s.second_factor", place),
                          "is neither required nor offered");
    ret->proof_minutes = json_int_of(o, "proof_minutes", 0);
    if (ret->proof_minutes < 0 || ret->proof_minutes > MOST_PROOF_MINUTES)
        return pack_fault(r->c, r->file, arena_printf(r->c->arena, "%s.proof_minutes", place),
                          "is out of range");
    for (size_t j = 0; j < n; j++) {
        const char *name = json_string_value(json_array_get(list, j));
        if (text_empty(name))
            return pack_fault(r->c, r->file,
                              arena_printf(r->c->arena, "%s.permissions[%zu]", place, j),
                              "is no text");
        names[j] = arena_text(r->arena, name);
    }
    qsort(names, n, sizeof(char *), text_order);
    read_limits(o, ret);
    return OK;
}

enum err country_read_roles(struct country_reading *r)
{
    struct pack_file f;
    struct country *k = r->country;
    enum err e = pack_open(r->c, k->dir, "roles.json", &f);
    if (e)
        return e;
    r->file = &f;
    const json_t *rows = json_list_of(f.root, "roles");
    size_t n = json_array_size(rows);
    k->roles = ARENA_ARRAY(r->arena, n + 1, struct country_role);
    for (size_t i = 0; i < n && !e; i++)
        e = read_role(r, i, json_array_get(rows, i), &k->roles[i]);
    k->n_roles = n;
    pack_close(&f);
    return e;
}
