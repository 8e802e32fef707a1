/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"

static bool leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool date_is_real(int year, int month, int day)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
        return false;
    return day <= DAYS[month - 1] + (month == 2 && leap(year));
}

/* Years are counted from March, so that the leap day is a year's last; eras of 400 years have
   146,097 days; 1970-01-01 is day 719,468 after 0000-03-01. */
enum { ERA_YEARS = 400, ERA_DAYS = 146097, EPOCH_DAY = 719468 };

int day_from_civil(int year, int month, int day)
{
    ASSERT(date_is_real(year, month, day));
    int y = month > 2 ? year : year - 1;
    int era = y / ERA_YEARS, of_era = y % ERA_YEARS;
    int of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_DAY;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static struct civil civil_from_day(int64_t day)
{
    int64_t shifted = day + EPOCH_DAY;
    int64_t era = floor_div(shifted, ERA_DAYS);
    int in_era = (int)(shifted - era * ERA_DAYS);
    int of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int in_year = in_era - (365 * of_era + of_era / 4 - of_era / 100);
    int from_march = (5 * in_year + 2) / 153;
    struct civil t = {.day = in_year - (153 * from_march + 2) / 5 + 1};
    t.month = from_march < 10 ? from_march + 3 : from_march - 9;
    t.year = (int)(of_era + era * ERA_YEARS) + (t.month <= 2);
    return t;
}

struct civil civil_from_us(int64_t us, int64_t offset_us)
{
    if (__builtin_add_overflow(us, offset_us, &us))
        BUG("instant out of range");
    int64_t day = floor_div(us, DAY_US);
    int second = (int)((us - day * DAY_US) / SECOND_US);
    struct civil t = civil_from_day(day);
    t.hour = second / 3600;
    t.minute = second / 60 % 60;
    t.second = second % 60;
    return t;
}

int64_t us_from_civil(struct civil t, int64_t offset_us)
{
    int64_t day = day_from_civil(t.year, t.month, t.day);
    return day * DAY_US + t.hour * HOUR_US + t.minute * MINUTE_US + t.second * SECOND_US -
           offset_us;
}

int local_day(int64_t us)
{
    return (int)floor_div(us + LOCAL_OFFSET_US, DAY_US);
}

int64_t local_day_start_us(int day)
{
    return day * DAY_US - LOCAL_OFFSET_US;
}

int weekday(int day)
{
    int from_thursday = day % 7; /* 1970-01-01 was a Thursday */
    return (from_thursday + 7 + 3) % 7;
}

char *time_iso(struct arena *a, int64_t us)
{
    struct civil t = civil_from_us(us, 0);
    int64_t micros = us - floor_div(us, SECOND_US) * SECOND_US;
    return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d.%06" PRId64 "Z", t.year, t.month, t.day,
                        t.hour, t.minute, t.second, micros);
}

char *time_show(struct arena *a, int64_t us)
{
    struct civil t = civil_from_us(us, LOCAL_OFFSET_US);
    return arena_printf(a, "%02d:%02d %02d/%02d/%04d", t.hour, t.minute, t.day, t.month, t.year);
}

char *day_show(struct arena *a, int day)
{
    struct civil t = civil_from_day(day);
    return arena_printf(a, "%02d/%02d/%04d", t.day, t.month, t.year);
}

char *time_compact(struct arena *a, int64_t us)
{
    struct civil t = civil_from_us(us, LOCAL_OFFSET_US);
    return arena_printf(a, "%04d%02d%02d%02d%02d%02d", t.year, t.month, t.day, t.hour, t.minute,
                        t.second);
}

char *money_show(struct arena *a, int64_t vnd)
{
    uint64_t amount = vnd < 0 ? 0 - (uint64_t)vnd : (uint64_t)vnd;
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, amount);
    struct buf b = buf_new(a, 64);
    if (vnd < 0)
        buf_char(&b, '-');
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            buf_char(&b, '.');
        buf_char(&b, digits[i]);
    }
    buf_text(&b, " ₫");
    return b.ptr;
}
