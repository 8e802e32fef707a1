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

static const char *const DIGITS[] = {"không", "một", "hai", "ba",  "bốn",
                                     "năm",   "sáu", "bảy", "tám", "chín"};

/* 1..99. After mươi: một is mốt, bốn is tư; after mười and mươi: năm is lăm. */
static void say_below_hundred(struct buf *b, int n)
{
    int tens = n / 10, units = n % 10;
    if (tens == 0) {
        buf_text(b, DIGITS[units]);
        return;
    }
    if (tens == 1)
        buf_text(b, "mười");
    else
        buf_printf(b, "%s mươi", DIGITS[tens]);
    if (units == 0)
        return;
    const char *unit = DIGITS[units];
    if (units == 5)
        unit = "lăm";
    else if (tens > 1 && units == 1)
        unit = "mốt";
    else if (tens > 1 && units == 4)
        unit = "tư";
    buf_printf(b, " %s", unit);
}

/* 1000..9999: hundreds are said even when none, as soon as something follows. */
static void say_year(struct buf *b, int year)
{
    int below = year % 1000, rest = year % 100;
    buf_printf(b, "%s nghìn", DIGITS[year / 1000]);
    if (below == 0)
        return;
    buf_printf(b, " %s trăm", DIGITS[below / 100]);
    if (rest == 0)
        return;
    buf_text(b, rest < 10 ? " linh " : " ");
    say_below_hundred(b, rest);
}

static int number_at(const char *iso, size_t from, size_t digits)
{
    int n = 0;
    for (size_t i = 0; i < digits; i++)
        n = n * 10 + (iso[from + i] - '0');
    return n;
}

static bool iso_shape(const char *iso, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool dash = i == 4 || i == 7;
        if (dash ? iso[i] != '-' : iso[i] < '0' || iso[i] > '9')
            return false;
    }
    return len == 10 || len == 7 || len == 4;
}

char *date_words_vi(struct arena *a, const char *iso)
{
    size_t len = iso ? strlen(iso) : 0;
    ASSERT(iso_shape(iso, len));
    int year = number_at(iso, 0, 4), month = len >= 7 ? number_at(iso, 5, 2) : 0;
    ASSERT(year >= 1000);
    struct buf b = buf_new(a, 256);
    if (len == 10) {
        buf_text(&b, "ngày ");
        say_below_hundred(&b, number_at(iso, 8, 2));
        buf_char(&b, ' ');
    }
    if (month) {
        buf_text(&b, "tháng ");
        if (month == 4)
            buf_text(&b, "tư");
        else
            say_below_hundred(&b, month);
        buf_char(&b, ' ');
    }
    buf_text(&b, "năm ");
    say_year(&b, year);
    return text_upper_first(a, b.ptr);
}
