/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/calendar_inside.h"
#include "core/pack.h"

#define CALENDAR_FILE "calendar/holidays.json"

static const char *const weekday_names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                            "friday", "saturday", "sunday"};
static const struct {
    const char *name;
    enum day_kind kind;
} kinds[] = {
    {"holiday", DAY_HOLIDAY},       {"compensatory_off", DAY_COMPENSATORY},
    {"swap_off", DAY_SWAP},         {"make_up_workday", DAY_MAKE_UP},
    {"half_day_off", DAY_HALF_OFF},
};

struct reading {
    struct ctx *c;
    struct arena *arena;
    struct pack_file *file;
    struct calendar *cal;
};

#define PLACE(r, ...) arena_printf((r)->c->arena, __VA_ARGS__)

static enum err fault(struct reading *r, const char *place, const char *reason)
{
    return pack_fault(r->c, r->file, place, reason);
}

static bool two_digits(const char *p, int *ret)
{
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
        return false;
    *ret = (p[0] - '0') * 10 + p[1] - '0';
    return true;
}

/* "07:30" */
static bool minute_of(const char *text, int *ret_minute)
{
    int hour, minute;
    if (!text || strlen(text) != 5 || text[2] != ':' || !two_digits(text, &hour) ||
        !two_digits(text + 3, &minute) || hour > 24 || minute > 59)
        return false;
    *ret_minute = hour * 60 + minute;
    return *ret_minute <= 24 * 60;
}

/* "2020-01-23" */
static bool day_of(const char *text, int *ret_day, int *ret_year)
{
    int century, rest, month, day;
    if (!text || strlen(text) != 10 || text[4] != '-' || text[7] != '-' ||
        !two_digits(text, &century) || !two_digits(text + 2, &rest) ||
        !two_digits(text + 5, &month) || !two_digits(text + 8, &day))
        return false;
    int year = century * 100 + rest;
    if (!date_is_real(year, month, day))
        return false;
    *ret_day = day_from_civil(year, month, day);
    *ret_year = year;
    return true;
}

static enum err read_label(struct reading *r, const json_t *o, const char *place,
                           const char *ret_label[2])
{
    const json_t *label = json_object_get(o, "label");
    const char *vi = json_text_of(label, "vi", ""), *en = json_text_of(label, "en", "");
    if (text_empty(vi) || text_empty(en))
        return fault(r, PLACE(r, "%s.label", place), "needs texts vi and en");
    ret_label[LANG_VI] = arena_text(r->arena, vi);
    ret_label[LANG_EN] = arena_text(r->arena, en);
    return OK;
}

static enum err read_workdays(struct reading *r)
{
    const json_t *list = json_list_of(r->file->root, "workdays");
    if (json_array_size(list) == 0)
        return fault(r, "workdays", "needs at least one day");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        size_t day = 0;
        while (day < ARRAY_LEN(weekday_names) && !text_eq(name, weekday_names[day]))
            day++;
        if (day == ARRAY_LEN(weekday_names))
            return fault(r, PLACE(r, "workdays[%zu]", i), "is no weekday");
        r->cal->workdays[day] = true;
    }
    return OK;
}

static enum err read_hours(struct reading *r)
{
    const json_t *list = json_list_of(r->file->root, "hours");
    size_t n = json_array_size(list);
    if (n == 0 || n > CAL_SPANS)
        return fault(r, "hours", "needs one to four spans");
    for (size_t i = 0; i < n; i++) {
        const json_t *o = json_array_get(list, i);
        struct cal_span *s = &r->cal->hours[i];
        if (!minute_of(json_text_of(o, "from", ""), &s->from) ||
            !minute_of(json_text_of(o, "to", ""), &s->to) || s->to <= s->from ||
            (i > 0 && s->from < r->cal->hours[i - 1].to))
            return fault(r, PLACE(r, "hours[%zu]", i), "needs rising times from and to, hh:mm");
    }
    r->cal->n_hours = n;
    return OK;
}

static enum err read_day(struct reading *r, const json_t *o, const char *place, int year,
                         struct cal_day *ret_day)
{
    struct cal_day d = {0};
    int own_year;
    if (!day_of(json_text_of(o, "date", ""), &d.day, &own_year) || own_year != year)
        return fault(r, PLACE(r, "%s.date", place), "is no date of this year");
    size_t k = 0;
    const char *kind = json_text_of(o, "kind", ""), *off = json_text_of(o, "off", "");
    while (k < ARRAY_LEN(kinds) && !text_eq(kind, kinds[k].name))
        k++;
    if (k == ARRAY_LEN(kinds))
        return fault(r, PLACE(r, "%s.kind", place), "is no kind of day");
    d.kind = kinds[k].kind;
    d.morning_off = text_eq(off, "morning");
    if (d.kind == DAY_HALF_OFF && !d.morning_off && !text_eq(off, "afternoon"))
        return fault(r, PLACE(r, "%s.off", place), "a half day needs off: morning or afternoon");
    enum err e = read_label(r, o, place, d.label);
    if (e)
        return e;
    *ret_day = d;
    return OK;
}

static enum err read_year(struct reading *r, size_t i, const json_t *o)
{
    struct calendar *cal = r->cal;
    int year = (int)json_int_of(o, "year", 0);
    const json_t *list = json_list_of(o, "days");
    if (year < 1900 || year > 2200 || (i > 0 && year != cal->last_year + 1))
        return fault(r, PLACE(r, "years[%zu].year", i), "years must follow one another");
    cal->first_year = i == 0 ? year : cal->first_year;
    cal->last_year = year;
    if (text_eq(json_text_of(o, "status", ""), "announced"))
        cal->announced_until = year;
    for (size_t k = 0; k < json_array_size(list); k++) {
        const char *place = PLACE(r, "years[%zu].days[%zu]", i, k);
        struct cal_day *d = &cal->days[cal->n_days];
        enum err e = read_day(r, json_array_get(list, k), place, year, d);
        if (e)
            return e;
        if (cal->n_days > 0 && d->day <= d[-1].day)
            return fault(r, PLACE(r, "%s.date", place), "days must rise");
        cal->n_days++;
    }
    return OK;
}

static enum err read_years(struct reading *r)
{
    const json_t *list = json_list_of(r->file->root, "years");
    size_t days = 0;
    if (json_array_size(list) == 0)
        return fault(r, "years", "needs at least one year");
    for (size_t i = 0; i < json_array_size(list); i++)
        days += json_array_size(json_list_of(json_array_get(list, i), "days"));
    r->cal->days = ARENA_ARRAY(r->arena, days + 1, struct cal_day);
    for (size_t i = 0; i < json_array_size(list); i++) {
        enum err e = read_year(r, i, json_array_get(list, i));
        if (e)
            return e;
    }
    return OK;
}

/* For years the file doesn't list: holidays of a fixed date. */
static enum err read_fixed(struct reading *r)
{
    const json_t *list = json_list_of(json_object_get(r->file->root, "other_years"), "fixed");
    size_t n = json_array_size(list);
    r->cal->fixed = ARENA_ARRAY(r->arena, n + 1, struct cal_fixed);
    for (size_t i = 0; i < n; i++) {
        const json_t *o = json_array_get(list, i);
        const char *place = PLACE(r, "other_years.fixed[%zu]", i);
        const char *text = json_text_of(o, "month_day", "");
        struct cal_fixed *f = &r->cal->fixed[i];
        if (strlen(text) != 5 || !two_digits(text, &f->month) || !two_digits(text + 3, &f->day) ||
            !date_is_real(2000, f->month, f->day))
            return fault(r, PLACE(r, "%s.month_day", place), "is no month and day, MM-dd");
        enum err e = read_label(r, o, place, f->label);
        if (e)
            return e;
    }
    r->cal->n_fixed = n;
    return OK;
}

static enum err read_all(struct reading *r)
{
    static enum err (*const parts[])(struct reading *) = {read_workdays, read_hours, read_years,
                                                          read_fixed};
    const char *version = json_text_of(r->file->root, "version", "");
    if (text_empty(version))
        return fault(r, "version", "is missing");
    r->cal->version = arena_text(r->arena, version);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        enum err e = parts[i](r);
        if (e)
            return e;
    }
    return OK;
}

enum err calendar_load(struct ctx *c, struct arena *a, const char *dir,
                       const struct calendar **ret_cal)
{
    struct pack_file file;
    enum err e = pack_open(c, dir, CALENDAR_FILE, &file);
    if (e)
        return e;
    struct reading r = {c, a, &file, ARENA_NEW(a, struct calendar)};
    e = read_all(&r);
    pack_close(&file);
    if (e)
        return e;
    *ret_cal = r.cal;
    return OK;
}
