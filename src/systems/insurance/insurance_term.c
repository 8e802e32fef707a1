/* SPDX-License-Identifier: Apache-2.0 */
/* How long a child's card is good (Luật Bảo hiểm y tế art. 16; QĐ 595/QĐ-BHXH art. 47). */
#include <limits.h>

#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "core/pack.h"
#include "systems/insurance/insurance_private.h"

#define OBJECTS      "catalogues/insurance_objects.json"
#define CHILD_OBJECT "TE"
#define YEAR_MONTHS  12

/* The same for the life of the process. */
static struct insurance_term term;
static char level[8];

const struct insurance_term *insurance_term(void)
{
    return &term;
}

static enum err read_row(struct ctx *c, const struct pack_file *f, size_t i, const json_t *row)
{
    int64_t month = 0, day = 0;
    const char *place = arena_printf(c->arena, "rows[%zu]", i);
    const char *benefit = json_text_of(row, "benefit_level", "");
    const char *until = json_text_of(row, "until_not_before", "");
    size_t n;
    const char **parts = text_split(c->arena, until, '-', &n);
    int64_t months = json_int_of(row, "until_months", 0);
    bool sound = n == 2 && text_to_int(parts[0], &month) && text_to_int(parts[1], &day) &&
                 date_is_real(2001, (int)month, (int)day) && months > 0 && months < 1441;
    if (!sound || text_empty(benefit) || bytes_of(benefit).len >= sizeof level)
        return pack_fault(c, f, place, "benefit_level, until_months, until_not_before wanted");
    snprintf(level, sizeof level, "%s", benefit);
    term = (struct insurance_term){CHILD_OBJECT, level, (int)months, (int)(month * 100 + day)};
    return OK;
}

enum err insurance_load_term(struct ctx *c)
{
    struct pack_file f;
    enum err e = pack_open(c, country_dir(c->node->country), OBJECTS, &f);
    if (e)
        return e;
    const json_t *rows = json_list_of(f.root, "rows");
    bool found = false;
    for (size_t i = 0; rows && i < json_array_size(rows) && !e && !found; i++) {
        const json_t *row = json_array_get(rows, i);
        found = text_eq(json_text_of(row, "code", ""), CHILD_OBJECT);
        if (found)
            e = read_row(c, &f, i, row);
    }
    if (!e && !found)
        e = pack_fault(c, &f, "rows", "no row " CHILD_OBJECT);
    pack_close(&f);
    return e;
}

const char *insurance_valid_to(struct arena *a, const char *born)
{
    int day = day_from_iso(born);
    if (day == INT_MIN)
        return "";
    struct civil t = civil_from_us(local_day_start_us(day), LOCAL_OFFSET_US);
    int months = t.year * YEAR_MONTHS + t.month - 1 + term.months;
    int year = months / YEAR_MONTHS, month = months % YEAR_MONTHS + 1;
    int last = 31;
    while (!date_is_real(year, month, last))
        last--;
    if (month * 100 + t.day <= term.not_before) {
        month = term.not_before / 100;
        last = term.not_before % 100;
    }
    return arena_printf(a, "%04d-%02d-%02d", year, month, last);
}
