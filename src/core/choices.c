/* SPDX-License-Identifier: Apache-2.0 */
#include "core/choices.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "core/node.h"

#define UNITS "admin_units"

static const char *name_of(struct ctx *c, const char *catalogue, const char *code)
{
    const struct country *k = c->node->country;
    const struct code_row *row = country_code(k, catalogue, code);
    if (!row)
        return NULL;
    return strcmp(catalogue, UNITS) == 0 ? country_place(c->arena, k, code) : row->name[c->lang];
}

static bool in_force(const struct code_row *row, const char *today)
{
    return (text_empty(row->from) || strcmp(row->from, today) <= 0) &&
           (text_empty(row->until) || strcmp(row->until, today) >= 0);
}

static const char *today_of(struct ctx *c)
{
    struct civil t = civil_from_us(c->now_us, LOCAL_OFFSET_US);
    return arena_printf(c->arena, "%04d-%02d-%02d", t.year, t.month, t.day);
}

static size_t choices_of(struct ctx *c, const char *catalogue, const char *level,
                         const struct choice **ret_choices)
{
    size_t n = 0, all = 0;
    (void)level;
    if (strcmp(catalogue, UNITS) == 0)
        return 0;
    const struct code_row *rows = country_codes(c->node->country, catalogue, &all);
    struct choice *choices = ARENA_ARRAY(c->arena, all + 1, struct choice);
    const char *today = today_of(c);
    for (size_t i = 0; i < all; i++) {
        if (in_force(&rows[i], today))
            choices[n++] = (struct choice){rows[i].code, rows[i].name[c->lang]};
    }
    *ret_choices = choices;
    return n;
}

static bool is_named(struct ctx *c, const struct code_row *row, const char *folded)
{
    return text_eq(text_fold(c->arena, row->name[LANG_VI]), folded) ||
           text_eq(text_fold(c->arena, row->name[LANG_EN]), folded);
}

static const char *find(struct ctx *c, const char *catalogue, const char *level, const char *typed)
{
    const struct choice *choices = NULL;
    const char *found = NULL, *folded = text_fold(c->arena, typed);
    size_t n = text_empty(folded) ? 0 : choices_of(c, catalogue, level, &choices);
    for (size_t i = 0; i < n; i++) {
        if (!is_named(c, country_code(c->node->country, catalogue, choices[i].code), folded))
            continue;
        if (found)
            return NULL; /* two bear this name */
        found = choices[i].code;
    }
    return found;
}

void choices_use_country(void)
{
    static const struct catalogues country = {name_of, choices_of, find};
    shape_use_catalogues(&country);
}
