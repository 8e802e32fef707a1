/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "core/country_inside.h"

#define PLACE_MAX_BYTES 1024
#define PLACE_LEVELS    8

const struct catalogue *country_catalogue(const struct country *k, const char *name)
{
    size_t low = 0, high = k->n_catalogues;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(name, k->catalogues[mid].name);
        if (order == 0)
            return &k->catalogues[mid];
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

const struct code_row *country_code(const struct country *k, const char *catalogue,
                                    const char *code)
{
    const struct catalogue *found = country_catalogue(k, catalogue);
    size_t low = 0, high = found && code ? found->n : 0;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(code, found->by_code[mid]->code);
        if (order == 0)
            return found->by_code[mid];
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

const struct code_row *country_codes(const struct country *k, const char *catalogue, size_t *ret_n)
{
    const struct catalogue *found = country_catalogue(k, catalogue);
    *ret_n = found ? found->n : 0;
    return found ? found->rows : NULL;
}

const struct code_row *const *country_children(const struct country *k, const char *admin_code,
                                               size_t *ret_n)
{
    const struct catalogue *units = country_catalogue(k, ADMIN_UNITS);
    size_t low = 0, high = units ? units->n : 0;
    *ret_n = 0;
    while (low < high) { /* the first row whose parent is not before admin_code */
        size_t mid = low + (high - low) / 2;
        if (strcmp(units->by_parent[mid]->parent, admin_code) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    size_t n = 0;
    while (units && low + n < units->n && text_eq(units->by_parent[low + n]->parent, admin_code))
        n++;
    *ret_n = n;
    return n ? &units->by_parent[low] : NULL;
}

const char *country_place(struct arena *a, const struct country *k, const char *admin_code)
{
    struct buf out = buf_new(a, PLACE_MAX_BYTES);
    const struct code_row *row = country_code(k, ADMIN_UNITS, admin_code);
    for (int i = 0; row && i < PLACE_LEVELS; i++) {
        buf_text(&out, out.len ? ", " : "");
        buf_text(&out, row->name[LANG_VI]);
        row = country_code(k, ADMIN_UNITS, row->parent);
    }
    return out.ptr;
}

const char *country_name(const struct country *k, const char *catalogue, const char *code,
                         enum lang lang)
{
    const struct code_row *row = country_code(k, catalogue, code);
    return row ? row->name[lang] : code;
}

static const struct agency *by_code(const struct country *k, const char *code)
{
    size_t low = 0, high = k->n_agencies;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(code, k->agencies[mid].code);
        if (order == 0)
            return &k->agencies[mid];
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

static const struct agency *by_old_code(const struct country *k, const char *code)
{
    size_t low = 0, high = k->n_agencies;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(code, k->by_old_code[mid]->old_code);
        if (order == 0)
            return k->by_old_code[mid];
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

const struct agency *country_agency(const struct country *k, const char *code)
{
    if (text_empty(code))
        return NULL;
    const struct agency *found = by_code(k, code);
    return found ? found : by_old_code(k, code);
}

const char *country_agency_name(const struct country *k, const char *code, enum lang lang)
{
    const struct agency *found = country_agency(k, code);
    return found ? found->name[lang] : code;
}

const struct agency *country_agencies(const struct country *k, size_t *ret_n)
{
    *ret_n = k->n_agencies;
    return k->agencies;
}

static const struct country_role *role_of(const struct country *k, const char *role)
{
    for (size_t i = 0; i < k->n_roles; i++) {
        if (text_eq(k->roles[i].code, role))
            return &k->roles[i];
    }
    return NULL;
}

const char *const *country_role(const struct country *k, const char *role)
{
    const struct country_role *found = role_of(k, role);
    return found ? found->permissions : NULL;
}

const char *country_role_at(const struct country *k, size_t i)
{
    return i < k->n_roles ? k->roles[i].code : NULL;
}

enum reach country_role_reach(const struct country *k, const char *role)
{
    const struct country_role *found = role_of(k, role);
    return found ? found->reach : REACH_SELF;
}

int64_t country_role_limit(const struct country *k, const char *role, const char *kind)
{
    const struct country_role *found = role_of(k, role);
    for (size_t i = 0; found && i < ROLE_LIMITS; i++)
        if (text_eq(country_limit_names[i], kind))
            return found->limits[i];
    return 0;
}

bool country_role_factor(const struct country *k, const char *role)
{
    const struct country_role *found = role_of(k, role);
    return found && found->factor;
}

int64_t country_role_proof(const struct country *k, const char *role)
{
    const struct country_role *found = role_of(k, role);
    return found ? found->proof_minutes : 0;
}

const char *country_role_name(const struct country *k, const char *role, enum lang lang)
{
    const struct country_role *found = role_of(k, role);
    return found ? found->name[lang] : role;
}

const char *country_dir(const struct country *k)
{
    return k->dir;
}
