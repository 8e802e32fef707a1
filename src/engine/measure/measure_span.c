/* SPDX-License-Identifier: Apache-2.0 */
/* Periods of the calendar: how they are written in addresses, where they begin and end. */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "engine/measure/measure_private.h"

/* The first day of the month that many months after the first month of the year. */
static int month_start(int year, int months)
{
    return day_from_civil(year + months / 12, months % 12 + 1, 1);
}

static struct measure_span months(int year, int from, int n)
{
    return (struct measure_span){.from_day = month_start(year, from),
                                 .until_day = month_start(year, from + n)};
}

static struct measure_span span_of(enum measure_period period, int year, int month, int day)
{
    struct measure_span s = {0};
    switch (period) {
    case MEASURE_YEAR: s = months(year, 0, 12); break;
    case MEASURE_QUARTER: s = months(year, (month - 1) / 3 * 3, 3); break;
    case MEASURE_MONTH: s = months(year, month - 1, 1); break;
    case MEASURE_DAY:
        s.from_day = day_from_civil(year, month, day);
        s.until_day = s.from_day + 1;
        break;
    }
    s.period = period;
    return s;
}

static const char *code_of(struct arena *a, enum measure_period period, struct civil t)
{
    switch (period) {
    case MEASURE_YEAR: return arena_printf(a, "%04d", t.year);
    case MEASURE_QUARTER: return arena_printf(a, "%04d-Q%d", t.year, (t.month + 2) / 3);
    case MEASURE_MONTH: return arena_printf(a, "%04d-%02d", t.year, t.month);
    case MEASURE_DAY: return arena_printf(a, "%04d-%02d-%02d", t.year, t.month, t.day);
    }
    BUG("period");
}

struct measure_span measure_span_of(struct arena *a, enum measure_period period, int day)
{
    struct civil t = civil_from_us(local_day_start_us(day), LOCAL_OFFSET_US);
    struct measure_span s = span_of(period, t.year, t.month, t.day);
    s.code = code_of(a, period, t);
    return s;
}

/* n digits at p as a number, -1 when they aren't. */
static int digits(const char *p, size_t n)
{
    int value = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return -1;
        value = value * 10 + (p[i] - '0');
    }
    return value;
}

bool measure_span_read(struct arena *a, const char *code, struct measure_span *ret_span)
{
    size_t len = strlen(code);
    int year = digits(code, len < 4 ? len : 4), month = 1, day = 1;
    enum measure_period period = MEASURE_YEAR;
    if (len < 4 || year < 1900 || year > 2199 || (len > 4 && code[4] != '-'))
        return false;
    if (len == 7 && code[5] == 'Q') {
        period = MEASURE_QUARTER;
        int quarter = digits(code + 6, 1);
        if (quarter < 1 || quarter > 4)
            return false;
        month = quarter * 3 - 2;
    } else if (len == 7 || (len == 10 && code[7] == '-')) {
        period = len == 7 ? MEASURE_MONTH : MEASURE_DAY;
        month = digits(code + 5, 2);
        day = len == 7 ? 1 : digits(code + 8, 2);
    } else if (len != 4) {
        return false;
    }
    if (!date_is_real(year, month, day))
        return false;
    *ret_span = span_of(period, year, month, day);
    ret_span->code = arena_text(a, code);
    return true;
}
