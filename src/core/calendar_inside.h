/* SPDX-License-Identifier: Apache-2.0 */
/* What a calendar is made of; only the calendar_*.c files include this. */
#ifndef DINH_CORE_CALENDAR_INSIDE_H
#define DINH_CORE_CALENDAR_INSIDE_H

#include "core/calendar.h"

enum day_kind { DAY_HOLIDAY, DAY_COMPENSATORY, DAY_SWAP, DAY_MAKE_UP, DAY_HALF_OFF };
struct cal_day {
    int day;
    enum day_kind kind;
    bool morning_off; /* of a half day; else the afternoon is off */
    const char *label[2];
};
struct cal_fixed { /* the same date each year, for years without an announcement */
    int month, day;
    const char *label[2];
};
struct cal_span { /* minutes of the day, [from, to) */
    int from, to;
};
#define CAL_SPANS 4
struct calendar {
    const char *version;
    bool workdays[7]; /* Monday first */
    struct cal_span hours[CAL_SPANS];
    size_t n_hours;
    struct cal_day *days; /* sorted */
    size_t n_days;
    struct cal_fixed *fixed;
    size_t n_fixed;
    int first_year, last_year; /* of the dated days */
    int announced_until;       /* last year whose days are announced, not computed */
};
/* The dated row of a day, or NULL. */
const struct cal_day *calendar_row(const struct calendar *cal, int day);
/* The yearly holiday of a day in a year without dated days, or NULL. */
const struct cal_fixed *calendar_fixed(const struct calendar *cal, int day);
/* The office hours of that day, none on a day off. */
size_t calendar_hours(const struct calendar *cal, int day, struct cal_span ret[CAL_SPANS]);
/* The first working instant at or after us. */
int64_t calendar_next_instant(const struct calendar *cal, int64_t us);
int64_t calendar_close_us(const struct calendar *cal, int day); /* of a working day */
/* Words of a due date, in one language. */
const char *calendar_words(struct arena *a, const struct calendar *cal, int64_t received_us,
                           struct due_rule rule, const struct due *d, enum lang lang);

#endif
