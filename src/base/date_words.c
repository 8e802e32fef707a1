/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"

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

struct said {
    int year, month, day; /* 0: not told */
};

static struct said said_of(const char *iso)
{
    size_t len = iso ? strlen(iso) : 0;
    ASSERT(iso_shape(iso, len));
    struct said d = {.year = number_at(iso, 0, 4),
                     .month = len >= 7 ? number_at(iso, 5, 2) : 0,
                     .day = len == 10 ? number_at(iso, 8, 2) : 0};
    ASSERT(d.year >= 1000);
    return d;
}

char *date_words_vi(struct arena *a, const char *iso)
{
    struct said d = said_of(iso);
    struct buf b = buf_new(a, 256);
    if (d.day) {
        buf_text(&b, "ngày ");
        say_below_hundred(&b, d.day);
        buf_char(&b, ' ');
    }
    if (d.month) {
        buf_text(&b, "tháng ");
        if (d.month == 4)
            buf_text(&b, "tư");
        else
            say_below_hundred(&b, d.month);
        buf_char(&b, ' ');
    }
    buf_text(&b, "năm ");
    say_year(&b, d.year);
    return text_upper_first(a, b.ptr);
}

/* ---- in English ---- */

static const char *const BELOW_TWENTY[] = {
    "",         "one",     "two",     "three",     "four",     "five",    "six",
    "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
static const char *const TENS[] = {"",      "",      "twenty",  "thirty", "forty",
                                   "fifty", "sixty", "seventy", "eighty", "ninety"};
static const char *const DAYS[] = {
    "",           "first",     "second",    "third",       "fourth",     "fifth",      "sixth",
    "seventh",    "eighth",    "ninth",     "tenth",       "eleventh",   "twelfth",    "thirteenth",
    "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"};
static const char *const MONTHS[] = {"",        "January",  "February", "March",  "April",
                                     "May",     "June",     "July",     "August", "September",
                                     "October", "November", "December"};

static void say_day_en(struct buf *b, int day)
{
    if (day <= 20)
        buf_text(b, DAYS[day]);
    else if (day == 30)
        buf_text(b, "thirtieth");
    else
        buf_printf(b, "%s-%s", TENS[day / 10], DAYS[day % 10]);
}

static void say_year_en(struct buf *b, int year)
{
    int hundreds = year / 100 % 10, rest = year % 100;
    buf_printf(b, "%s thousand", BELOW_TWENTY[year / 1000]);
    if (hundreds)
        buf_printf(b, " %s hundred", BELOW_TWENTY[hundreds]);
    if (!rest)
        return;
    if (rest < 20)
        buf_printf(b, " and %s", BELOW_TWENTY[rest]);
    else
        buf_printf(b, " and %s%s%s", TENS[rest / 10], rest % 10 ? "-" : "",
                   BELOW_TWENTY[rest % 10]);
}

char *date_words_en(struct arena *a, const char *iso)
{
    struct said d = said_of(iso);
    struct buf b = buf_new(a, 256);
    if (d.day) {
        buf_text(&b, "the ");
        say_day_en(&b, d.day);
        buf_text(&b, " of ");
    }
    if (d.month)
        buf_printf(&b, "%s, ", MONTHS[d.month]);
    say_year_en(&b, d.year);
    return text_upper_first(a, b.ptr);
}
