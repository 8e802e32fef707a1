/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Working days and legal deadlines: Mon-Fri, 8 hours, dated holidays, make-up days, half days; day
 * 0 is the day of reception before the cut-off, else the next working day (NĐ 61/2018; facts 6.4).
 * The calendar is data (country/vn/calendar) with a version that a due date remembers, so that a
 * later change never moves a printed appointment.
 */
#ifndef DINH_CORE_CALENDAR_H
#define DINH_CORE_CALENDAR_H

#include "base/ctx.h"

struct calendar;
/* calendar/holidays.json of the country pack: dir NULL is the pack built into the program. Lives in
   arena a. ERR_DEFINITION names file, line, place and reason. */
MUST_CHECK enum err calendar_load(struct ctx *c, struct arena *a, const char *dir,
                                  const struct calendar **ret_cal);
const char *calendar_version(const struct calendar *cal);
bool calendar_is_workday(const struct calendar *cal, int day);
int calendar_next_workday(const struct calendar *cal, int day); /* day itself when it is one */
/* Whole working minutes in [from, until); 0 when until is not after from. */
int64_t calendar_minutes(const struct calendar *cal, int64_t from_us, int64_t until_us);
/* The earliest instant by which so many working minutes have passed; from itself for 0. */
int64_t calendar_add_minutes(const struct calendar *cal, int64_t from_us, int64_t minutes);

struct due_rule {
    int workdays;      /* n ngày làm việc */
    int cutoff_minute; /* of the day, 15:00 = 900; 0 = none */
    bool end_of_day;   /* due when the office closes, else at the time of reception */
};
struct due {
    int64_t start_us, due_us;
    const char *calendar_version;
    const char *words[2]; /* by enum lang: how the date came about, one sentence a reason */
};
/* n days after the instant of day 0 at which counting began; a half day counts half. words:
   received after 15:00, skipped weekends, skipped Tết 23/01-29/01, make-up day counted ..., one
   sentence a line. Each date explains itself. */
struct due calendar_due(struct arena *a, const struct calendar *cal, int64_t received_us,
                        struct due_rule rule);
/* The same due date pushed back by a pause of the clock, by its whole working minutes: the time
   that was left at the pause is left at the resumption. None: the very same date, so an opening
   stays an opening. A date already missed at the pause stays. */
int64_t calendar_resume(const struct calendar *cal, int64_t due_us, int64_t paused_us,
                        int64_t resumed_us);
/* What a pause did, one sentence with its line break in front, to follow the words of the due date
   of before: from when, until when, and the appointment that now holds, new or the same. */
const char *calendar_resume_words(struct arena *a, int64_t paused_us, int64_t resumed_us,
                                  int64_t old_due_us, int64_t due_us, enum lang lang);

#endif
