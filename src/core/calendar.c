/* SPDX-License-Identifier: Apache-2.0 */
#include "core/calendar_inside.h"

#include "base/time.h"

const char *calendar_version(const struct calendar *cal)
{
    return cal->version;
}

const struct cal_day *calendar_row(const struct calendar *cal, int day)
{
    size_t low = 0, high = cal->n_days;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (cal->days[mid].day == day)
            return &cal->days[mid];
        if (cal->days[mid].day < day)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

const struct cal_fixed *calendar_fixed(const struct calendar *cal, int day)
{
    struct civil t = civil_from_us(local_day_start_us(day), LOCAL_OFFSET_US);
    if (t.year >= cal->first_year && t.year <= cal->last_year)
        return NULL;
    for (size_t i = 0; i < cal->n_fixed; i++) {
        if (cal->fixed[i].month == t.month && cal->fixed[i].day == t.day)
            return &cal->fixed[i];
    }
    return NULL;
}

size_t calendar_hours(const struct calendar *cal, int day, struct cal_span ret[CAL_SPANS])
{
    const struct cal_day *row = calendar_row(cal, day);
    bool make_up = row && row->kind == DAY_MAKE_UP, half = row && row->kind == DAY_HALF_OFF;
    if (row && !make_up && !half)
        return 0;
    if (!make_up && (!cal->workdays[weekday(day)] || calendar_fixed(cal, day)))
        return 0;
    size_t n = 0;
    for (size_t i = 0; i < cal->n_hours; i++) {
        bool morning = cal->hours[i].from < 12 * 60;
        if (!half || morning != row->morning_off)
            ret[n++] = cal->hours[i];
    }
    return n;
}

bool calendar_is_workday(const struct calendar *cal, int day)
{
    struct cal_span spans[CAL_SPANS];
    return calendar_hours(cal, day, spans) > 0;
}

int calendar_next_workday(const struct calendar *cal, int day)
{
    while (!calendar_is_workday(cal, day))
        day++;
    return day;
}

/* Working time of one day within [from, until). */
static int64_t worked_us(const struct calendar *cal, int day, int64_t from_us, int64_t until_us)
{
    struct cal_span spans[CAL_SPANS];
    size_t n = calendar_hours(cal, day, spans);
    int64_t start = local_day_start_us(day), sum = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t begin = start + spans[i].from * MINUTE_US, end = start + spans[i].to * MINUTE_US;
        begin = begin > from_us ? begin : from_us;
        end = end < until_us ? end : until_us;
        sum += end > begin ? end - begin : 0;
    }
    return sum;
}

static int64_t between_us(const struct calendar *cal, int64_t from_us, int64_t until_us)
{
    int64_t sum = 0;
    for (int day = local_day(from_us); from_us < until_us && day <= local_day(until_us); day++)
        sum += worked_us(cal, day, from_us, until_us);
    return sum;
}

/* The earliest instant by which `left` of working time has passed since from. */
static int64_t add_us(const struct calendar *cal, int64_t from_us, int64_t left_us)
{
    if (left_us <= 0)
        return from_us;
    for (int day = local_day(from_us);; day++) {
        struct cal_span spans[CAL_SPANS];
        size_t n = calendar_hours(cal, day, spans);
        int64_t start = local_day_start_us(day);
        for (size_t i = 0; i < n; i++) {
            int64_t begin = start + spans[i].from * MINUTE_US,
                    end = start + spans[i].to * MINUTE_US;
            begin = begin > from_us ? begin : from_us;
            if (end <= begin)
                continue;
            if (end - begin >= left_us)
                return begin + left_us;
            left_us -= end - begin;
        }
    }
}

int64_t calendar_minutes(const struct calendar *cal, int64_t from_us, int64_t until_us)
{
    return between_us(cal, from_us, until_us) / MINUTE_US;
}

int64_t calendar_add_minutes(const struct calendar *cal, int64_t from_us, int64_t minutes)
{
    return add_us(cal, from_us, minutes * MINUTE_US);
}

int64_t calendar_next_instant(const struct calendar *cal, int64_t us)
{
    return add_us(cal, us, 1) - 1;
}

int64_t calendar_close_us(const struct calendar *cal, int day)
{
    struct cal_span spans[CAL_SPANS];
    size_t n = calendar_hours(cal, day, spans);
    ASSERT(n > 0);
    return local_day_start_us(day) + spans[n - 1].to * MINUTE_US;
}

int64_t calendar_resume(const struct calendar *cal, int64_t due_us, int64_t paused_us,
                        int64_t resumed_us)
{
    int64_t waited = calendar_minutes(cal, paused_us, resumed_us);
    if (due_us <= paused_us || waited == 0)
        return due_us;
    int64_t later = calendar_add_minutes(cal, due_us, waited);
    /* an appointment within office hours stays in them: an opening, not the close before it */
    return calendar_next_instant(cal, due_us) == due_us ? calendar_next_instant(cal, later) : later;
}

/* Day 0 begins at the reception before the cut-off, else when the next working day opens. */
static int64_t start_us(const struct calendar *cal, int64_t received_us, int cutoff_minute)
{
    int day = local_day(received_us);
    int64_t cutoff = local_day_start_us(day) + cutoff_minute * MINUTE_US;
    if (cutoff_minute > 0 && received_us >= cutoff)
        return calendar_next_instant(cal, local_day_start_us(day + 1));
    return calendar_next_instant(cal, received_us);
}

struct due calendar_due(struct arena *a, const struct calendar *cal, int64_t received_us,
                        struct due_rule rule)
{
    int minutes_a_day = 0;
    for (size_t i = 0; i < cal->n_hours; i++)
        minutes_a_day += cal->hours[i].to - cal->hours[i].from;
    struct due d = {.calendar_version = cal->version};
    d.start_us = start_us(cal, received_us, rule.cutoff_minute);
    int64_t due_us = calendar_add_minutes(cal, d.start_us, (int64_t)rule.workdays * minutes_a_day);
    /* n days after an opening is an opening, not the close of the day before. */
    due_us = calendar_next_instant(cal, due_us);
    d.due_us = rule.end_of_day ? calendar_close_us(cal, local_day(due_us)) : due_us;
    d.words[LANG_VI] = calendar_words(a, cal, received_us, rule, &d, LANG_VI);
    d.words[LANG_EN] = calendar_words(a, cal, received_us, rule, &d, LANG_EN);
    return d;
}
