/* SPDX-License-Identifier: Apache-2.0 */
/* The personal number, PPP G YY NNNNNN (NĐ 137/2015/NĐ-CP art. 13; TT 59/2021/TT-BCA art. 4). */
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "systems/population/population_private.h"

#define DRAWS         64
#define SERIALS       1000000
#define FIRST_CENTURY 1900

const struct code_row *population_province(const struct ctx *c, const char *unit)
{
    const struct code_row *row = country_code(c->node->country, "admin_units", unit);
    while (row && !text_empty(row->parent))
        row = country_code(c->node->country, "admin_units", row->parent);
    return row;
}

/* Century and sex: 0 and 1 in the 20th, 2 and 3 in the 21st ...; even for men. */
static enum err century_digit(struct ctx *c, const char *sex, int year, int *ret)
{
    bool male = text_eq(sex, "male");
    if (!male && !text_eq(sex, "female"))
        return fail(c, ERR_SEX_UNDETERMINED, "sex", sex);
    if (year < FIRST_CENTURY || year >= FIRST_CENTURY + 500)
        return fail(c, ERR_OUT_OF_RANGE, "birth_date", "1900-2399");
    *ret = (year - FIRST_CENTURY) / 100 * 2 + (male ? 0 : 1);
    return OK;
}

/* Uniform: what lies past the last whole million is drawn again. */
static uint32_t serial(void)
{
    const uint32_t fair = UINT32_MAX / SERIALS * SERIALS;
    uint32_t x;
    do {
        sys_random(&x, sizeof x);
    } while (x >= fair);
    return x % SERIALS;
}

static enum err taken(struct ctx *c, const char *pin, bool *ret)
{
    const char *const pairs[] = {"pin", pin, NULL};
    *ret = false;
    enum err e = registry_exists(c, registry_find(c, POPULATION), pairs, ret);
    return e || *ret ? e : population_store_given(c, pin, ret);
}

enum err population_number(struct ctx *c, const char *unit, const char *sex, const char *birth_date,
                           const char **ret_pin)
{
    const struct code_row *province = population_province(c, unit);
    int day = day_from_iso(birth_date), g;
    bool used = true;
    if (!province || day == INT32_MIN)
        return fail(c, ERR_BAD_CODE, "birth_registration_unit", unit);
    const char *prefix = arena_printf(c->arena, "0%s", province->code);
    if (!country_code(c->node->country, "provinces_pin", prefix))
        return fail(c, ERR_BAD_CODE, "birth_registration_unit", unit);
    int year = civil_from_us(local_day_start_us(day), LOCAL_OFFSET_US).year;
    enum err e = century_digit(c, sex, year, &g);
    for (int i = 0; i < DRAWS && !e && used; i++) {
        *ret_pin = arena_printf(c->arena, "%s%d%02d%06u", prefix, g, year % 100, serial());
        e = taken(c, *ret_pin, &used);
    }
    return !e && used ? fail(c, ERR_NUMBERS_FULL, "pin", prefix) : e;
}
