/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"

enum { FIRST_YEAR = 1850, LAST_YEAR = 2200, MAX_WRITTEN = 40 };

/* A date as written: up to three groups of digits and the one separator between them. */
struct written {
    int value[3];
    size_t digits[3];
    size_t n;
};

static bool separator(char ch)
{
    return ch == '/' || ch == '-' || ch == '.';
}

static bool split_written(const char *in, struct written *w)
{
    char between = 0;
    *w = (struct written){.n = 1};
    for (; *in; in++) {
        size_t at = w->n - 1;
        if (*in >= '0' && *in <= '9') {
            if (++w->digits[at] > 8)
                return false;
            w->value[at] = w->value[at] * 10 + (*in - '0');
            continue;
        }
        if (!separator(*in) || (between && *in != between) || !w->digits[at])
            return false;
        between = *in;
        if (++w->n > 3)
            return false;
    }
    return w->digits[w->n - 1] > 0;
}

static bool good_year(int year)
{
    return year >= FIRST_YEAR && year <= LAST_YEAR;
}

static char *iso_day(struct arena *a, int year, int month, int day)
{
    if (!good_year(year) || !date_is_real(year, month, day))
        return NULL;
    return arena_printf(a, "%04d-%02d-%02d", year, month, day);
}

static char *iso_month(struct arena *a, int year, int month)
{
    if (!good_year(year) || month < 1 || month > 12)
        return NULL;
    return arena_printf(a, "%04d-%02d", year, month);
}

/* yyyyMMdd or ddMMyyyy: never both, as no century of ours is a month. */
static char *eight_digits(struct arena *a, int v)
{
    char *iso = iso_day(a, v / 10000, v / 100 % 100, v % 100);
    return iso ? iso : iso_day(a, v % 10000, v / 10000 % 100, v / 1000000);
}

static bool at_most_two(const struct written *w, size_t i)
{
    return w->digits[i] <= 2;
}

static char *whole(struct arena *a, const struct written *w)
{
    const int *v = w->value;
    if (w->n == 1 && w->digits[0] == 8)
        return eight_digits(a, v[0]);
    if (w->n != 3 || !at_most_two(w, 1))
        return NULL;
    if (w->digits[0] == 4 && at_most_two(w, 2))
        return iso_day(a, v[0], v[1], v[2]);
    if (w->digits[2] == 4 && at_most_two(w, 0))
        return iso_day(a, v[2], v[1], v[0]);
    return NULL;
}

static char *part(struct arena *a, const struct written *w)
{
    const int *v = w->value;
    if (w->n == 1 && w->digits[0] == 4) {
        return good_year(v[0]) ? arena_printf(a, "%04d", v[0]) : NULL;
    }
    if (w->n != 2)
        return NULL;
    if (w->digits[0] == 4 && at_most_two(w, 1))
        return iso_month(a, v[0], v[1]);
    if (w->digits[1] == 4 && at_most_two(w, 0))
        return iso_month(a, v[1], v[0]);
    return NULL;
}

enum err date_parse(struct ctx *c, const char *field, const char *in, bool partial,
                    const char **ret_iso)
{
    char squeezed[MAX_WRITTEN + 1];
    size_t len = 0;
    for (; in && *in; in++) { /* people write "17 / 5 / 2020" */
        if (*in == ' ' || *in == '\t')
            continue;
        if (len == MAX_WRITTEN)
            return fail(c, ERR_BAD_DATE, field);
        squeezed[len++] = *in;
    }
    squeezed[len] = '\0';
    struct written w;
    if (!split_written(squeezed, &w))
        return fail(c, ERR_BAD_DATE, field);
    char *iso = whole(c->arena, &w);
    if (!iso && partial)
        iso = part(c->arena, &w);
    if (!iso)
        return fail(c, ERR_BAD_DATE, field);
    *ret_iso = iso;
    return OK;
}

int day_from_iso(const char *iso)
{
    struct written w;
    bool whole_date = iso && split_written(iso, &w) && w.n == 3 && w.digits[0] == 4;
    if (!whole_date || !date_is_real(w.value[0], w.value[1], w.value[2]))
        return INT_MIN;
    return day_from_civil(w.value[0], w.value[1], w.value[2]);
}

char *date_show(struct arena *a, const char *iso)
{
    size_t len = iso ? strlen(iso) : 0;
    if (len == 10)
        return arena_printf(a, "%.2s/%.2s/%.4s", iso + 8, iso + 5, iso);
    if (len == 7)
        return arena_printf(a, "%.2s/%.4s", iso + 5, iso);
    return arena_text(a, iso ? iso : "");
}
