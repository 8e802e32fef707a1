/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/time.h"

/* Reads exactly n digits, then the byte that must follow (0: none). */
static bool take_digits(const char **p, size_t n, char then, int *ret)
{
    int value = 0;
    for (size_t i = 0; i < n; i++, (*p)++) {
        if (**p < '0' || **p > '9')
            return false;
        value = value * 10 + (**p - '0');
    }
    if (then && *(*p)++ != then)
        return false;
    *ret = value;
    return true;
}

static bool take_fraction(const char **p, int64_t *ret_us)
{
    *ret_us = 0;
    if (**p != '.')
        return true;
    int64_t place = SECOND_US;
    const char *first = ++*p;
    for (; **p >= '0' && **p <= '9'; (*p)++) {
        place /= 10; /* digits past the microsecond are cut off */
        *ret_us += (**p - '0') * place;
    }
    return *p > first;
}

static bool take_offset(const char **p, int64_t *ret_us)
{
    char sign = *(*p)++;
    *ret_us = 0;
    if (sign == 'Z' || sign == 'z')
        return true;
    if (sign != '+' && sign != '-')
        return false;
    int hours, minutes;
    if (!take_digits(p, 2, ':', &hours) || !take_digits(p, 2, 0, &minutes))
        return false;
    if (hours > 23 || minutes > 59)
        return false;
    *ret_us = (hours * HOUR_US + minutes * MINUTE_US) * (sign == '-' ? -1 : 1);
    return true;
}

static bool take_clock(const char **p, struct civil *t)
{
    if (!take_digits(p, 2, ':', &t->hour) || !take_digits(p, 2, ':', &t->minute))
        return false;
    if (!take_digits(p, 2, 0, &t->second))
        return false;
    return t->hour < 24 && t->minute < 60 && t->second <= 60;
}

static bool parse(const char *p, int64_t *ret_us)
{
    struct civil t = {.year = 0};
    int64_t fraction, offset;
    if (!take_digits(&p, 4, '-', &t.year) || !take_digits(&p, 2, '-', &t.month))
        return false;
    if (!take_digits(&p, 2, 0, &t.day) || !date_is_real(t.year, t.month, t.day))
        return false;
    if (*p != 'T' && *p != 't' && *p != ' ')
        return false;
    p++;
    if (!take_clock(&p, &t) || !take_fraction(&p, &fraction))
        return false;
    if (!*p || !take_offset(&p, &offset) || *p)
        return false;
    int64_t us = us_from_civil(t, offset);
    /* a leap second ends a day in UTC, and nothing else has a 60th second */
    if (t.second == 60 && us % DAY_US != 0)
        return false;
    *ret_us = us + fraction;
    return true;
}

enum err time_parse(struct ctx *c, const char *field, const char *in, int64_t *ret_us)
{
    return in && parse(in, ret_us) ? OK : fail(c, ERR_BAD_DATE, field);
}
