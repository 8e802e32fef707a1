/* SPDX-License-Identifier: Apache-2.0 */
/* How a due date came about, one sentence a reason, told from the same rows that made it. */
#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "core/calendar_inside.h"
#include "core/say.h"

#define WORDS_MAX_BYTES (16 * 1024)
#define MAX_NAMES       8

struct telling {
    struct arena *arena;
    const struct calendar *cal;
    enum lang lang;
    struct buf out, weekends;
};

static void sentence(struct telling *t, enum text key, const char *one, const char *two,
                     const char *three)
{
    if (t->out.len)
        buf_char(&t->out, '\n');
    buf_text(&t->out, say(t->arena, t->lang, key, one, two, three));
}

static const char *span_show(struct arena *a, int first, int last)
{
    if (first == last)
        return day_show(a, first);
    return arena_printf(a, "%s\xe2\x80\x93%s", day_show(a, first), day_show(a, last));
}

static const char *day_name(const struct telling *t, int day)
{
    const struct cal_day *row = calendar_row(t->cal, day);
    const struct cal_fixed *fixed = calendar_fixed(t->cal, day);
    if (row)
        return row->label[t->lang];
    return fixed ? fixed->label[t->lang] : "";
}

static bool add_name(const char *names[MAX_NAMES], size_t *n, const char *name)
{
    for (size_t i = 0; i < *n; i++) {
        if (text_eq(names[i], name))
            return false;
    }
    if (*n == MAX_NAMES)
        return false;
    names[(*n)++] = name;
    return true;
}

/* One run of days off: by the names of its holidays; a plain weekend waits for the common list. */
static void tell_run(struct telling *t, int first, int last)
{
    const char *names[MAX_NAMES];
    size_t n = 0;
    for (int day = first; day <= last; day++) {
        const char *name = day_name(t, day);
        if (!text_empty(name))
            add_name(names, &n, name);
    }
    if (n == 0) {
        buf_text(&t->weekends, t->weekends.len ? ", " : "");
        buf_text(&t->weekends, span_show(t->arena, first, last));
        return;
    }
    if (text_empty(day_name(t, first)) || text_empty(day_name(t, last)))
        add_name(names, &n, say(t->arena, t->lang, TX(core_due_weekend), NULL, NULL, NULL));
    struct buf list = buf_new(t->arena, WORDS_MAX_BYTES);
    for (size_t i = 0; i < n; i++) {
        buf_text(&list, i ? ", " : "");
        buf_text(&list, names[i]);
    }
    sentence(t, TX(core_due_skip), span_show(t->arena, first, last), list.ptr, NULL);
}

static void tell_worked(struct telling *t, int day)
{
    const struct cal_day *row = calendar_row(t->cal, day);
    if (row && row->kind == DAY_MAKE_UP)
        sentence(t, TX(core_due_make_up), day_show(t->arena, day), row->label[t->lang], NULL);
    if (row && row->kind == DAY_HALF_OFF)
        sentence(t, TX(core_due_half), day_show(t->arena, day), row->label[t->lang], NULL);
}

static void tell_days(struct telling *t, int first, int last)
{
    for (int day = first; day <= last; day++) {
        if (calendar_is_workday(t->cal, day)) {
            tell_worked(t, day);
            continue;
        }
        int run = day;
        while (day < last && !calendar_is_workday(t->cal, day + 1))
            day++;
        tell_run(t, run, day);
    }
    if (t->weekends.len)
        sentence(t, TX(core_due_skip_weekends), t->weekends.ptr, NULL, NULL);
}

static const char *clock_show(struct arena *a, int minute)
{
    return arena_printf(a, "%02d:%02d", minute / 60, minute % 60);
}

static void tell_reception(struct telling *t, int64_t received_us, struct due_rule rule,
                           int64_t start_us)
{
    struct arena *a = t->arena;
    int day = local_day(received_us);
    int64_t cutoff = local_day_start_us(day) + rule.cutoff_minute * MINUTE_US;
    bool late = rule.cutoff_minute > 0 && received_us >= cutoff;
    if (late && calendar_is_workday(t->cal, day))
        sentence(t, TX(core_due_after_cutoff), time_show(a, received_us),
                 clock_show(a, rule.cutoff_minute), day_show(a, local_day(start_us)));
    else if (local_day(start_us) != day)
        sentence(t, TX(core_due_closed), time_show(a, received_us),
                 day_show(a, local_day(start_us)), NULL);
    else
        sentence(t, TX(core_due_received), time_show(a, received_us), NULL, NULL);
}

const char *calendar_words(struct arena *a, const struct calendar *cal, int64_t received_us,
                           struct due_rule rule, const struct due *d, enum lang lang)
{
    struct telling t = {a, cal, lang, buf_new(a, WORDS_MAX_BYTES), buf_new(a, WORDS_MAX_BYTES)};
    int last = local_day(d->due_us), year = civil_from_us(d->due_us, LOCAL_OFFSET_US).year;
    tell_reception(&t, received_us, rule, d->start_us);
    if (rule.workdays == 0)
        sentence(&t, TX(core_due_same_day), NULL, NULL, NULL);
    else
        sentence(&t, TX(core_due_term), arena_printf(a, "%d", rule.workdays), NULL, NULL);
    tell_days(&t, local_day(received_us), last);
    if (year > cal->announced_until)
        sentence(&t, TX(core_due_provisional), arena_printf(a, "%d", year), NULL, NULL);
    sentence(&t, TX(core_due_result), time_show(a, d->due_us), NULL, NULL);
    return t.out.ptr;
}

const char *calendar_resume_words(struct arena *a, int64_t paused_us, int64_t resumed_us,
                                  int64_t old_due_us, int64_t due_us, enum lang lang)
{
    enum text key = due_us == old_due_us ? TX(core_due_paused_same) : TX(core_due_paused);
    return arena_printf(
        a, "\n%s",
        say(a, lang, key, time_show(a, paused_us), time_show(a, resumed_us), time_show(a, due_us)));
}
