/* SPDX-License-Identifier: Apache-2.0 */
/* The calendar of the country pack against the closures that really were (facts 6.3), the rule of
   the due date, its words, and the properties that hold for any calendar. */
#include "test/harness/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/calendar.h"

static struct arena *arena;
static struct ctx ctx;
static const struct calendar *cal;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(0);
    ctx = (struct ctx){.arena = arena, .request_id = "-"};
    assert_int_equal(calendar_load(&ctx, arena, NULL, &cal), OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_end(arena);
    return 0;
}

/* 20200604 is 4 June 2020 */
static int day_at(int ymd)
{
    return day_from_civil(ymd / 10000, ymd / 100 % 100, ymd % 100);
}

static int64_t at(int ymd, int hhmm)
{
    return local_day_start_us(day_at(ymd)) + (hhmm / 100 * 60 + hhmm % 100) * MINUTE_US;
}

static void test_calendar_knows_every_closure(void **state)
{
    static const struct {
        int first, last;
        bool works;
    } rows[] = {
        {20190105, 20190105, true},  {20190204, 20190208, false}, {20190415, 20190415, false},
        {20190429, 20190501, false}, {20190504, 20190504, true},  {20190902, 20190902, false},
        {20190903, 20190903, true},  {20200101, 20200101, false}, {20200122, 20200122, true},
        {20200123, 20200129, false}, {20200130, 20200130, true},  {20200402, 20200402, false},
        {20200430, 20200503, false}, {20200504, 20200504, true},  {20200902, 20200902, false},
        {20200901, 20200901, true},  {20200903, 20200903, true},  {20210210, 20210216, false},
        {20210421, 20210421, false}, {20210430, 20210503, false}, {20210902, 20210903, false},
        {20220103, 20220103, false}, {20220131, 20220204, false}, {20220411, 20220411, false},
        {20220502, 20220503, false}, {20220901, 20220902, false}, {20230102, 20230102, false},
        {20230120, 20230126, false}, {20230502, 20230503, false}, {20230901, 20230904, false},
        {20240208, 20240214, false}, {20240418, 20240418, false}, {20240429, 20240501, false},
        {20240504, 20240504, true},  {20240902, 20240903, false}, {20250127, 20250131, false},
        {20250407, 20250407, false}, {20250426, 20250426, true},  {20250502, 20250502, false},
        {20250901, 20250902, false}, {20260102, 20260102, false}, {20260110, 20260110, true},
        {20260216, 20260220, false}, {20260427, 20260427, false}, {20260822, 20260822, true},
        {20260831, 20260902, false}, {20260903, 20260903, true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (int day = day_at(rows[i].first); day <= day_at(rows[i].last); day++) {
            if (calendar_is_workday(cal, day) != rows[i].works)
                assert_string_equal(day_show(arena, day), "right");
        }
    }
}

static void test_calendar_year_without_announcement(void **state)
{
    (void)state;
    assert_false(calendar_is_workday(cal, day_at(20460101)));
    assert_false(calendar_is_workday(cal, day_at(20460430)));
    assert_true(calendar_is_workday(cal, day_at(20460502)));
    assert_int_equal(calendar_next_workday(cal, day_at(20200123)), day_at(20200130));
    assert_int_equal(calendar_next_workday(cal, day_at(20200604)), day_at(20200604));
}

static void test_calendar_due_dates(void **state)
{
    static const struct {
        int received, time, days, cutoff;
        bool end;
        int due, due_time;
    } rows[] = {
        {20200604, 900, 3, 900, true, 20200609, 1730},  /* Thursday; over a weekend */
        {20200604, 900, 3, 900, false, 20200609, 900},  /* the same time three days later */
        {20200604, 1459, 1, 900, true, 20200605, 1730}, /* a minute before the cut-off */
        {20200604, 1500, 1, 900, true, 20200608, 1730}, /* at the cut-off: day 0 is Friday */
        {20200604, 1610, 3, 900, true, 20200610, 1730},
        {20200604, 1610, 3, 0, true, 20200609, 1730},    /* no cut-off */
        {20200604, 1610, 3, 900, false, 20200610, 730},  /* counting began when Friday opened */
        {20200605, 1610, 1, 900, true, 20200609, 1730},  /* late on Friday: day 0 is Monday */
        {20200606, 1000, 1, 900, true, 20200609, 1730},  /* received on Saturday */
        {20200604, 1200, 1, 900, false, 20200605, 1330}, /* in the lunch break */
        {20200604, 600, 1, 900, false, 20200605, 730},   /* before the office opens */
        {20200122, 1000, 1, 900, true, 20200130, 1730},  /* over Tết */
        {20200122, 1530, 1, 900, true, 20200131, 1730},  /* after the cut-off, over Tết */
        {20190426, 1000, 2, 900, true, 20190503, 1730},  /* 29/4 swapped off */
        {20190502, 1000, 2, 900, true, 20190504, 1730},  /* Saturday 4/5 is worked instead */
        {20190503, 1600, 1, 900, true, 20190506, 1730},  /* day 0 is the worked Saturday */
        {20200604, 900, 0, 900, true, 20200604, 1730},   /* the same day */
        {20200604, 1600, 0, 900, true, 20200605, 1730},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct due_rule rule = {rows[i].days, rows[i].cutoff, rows[i].end};
        struct due d = calendar_due(arena, cal, at(rows[i].received, rows[i].time), rule);
        assert_string_equal(time_show(arena, d.due_us),
                            time_show(arena, at(rows[i].due, rows[i].due_time)));
        assert_string_equal(d.calendar_version, calendar_version(cal));
    }
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        assert_string_equal(text, part);
}

static void test_calendar_words_explain(void **state)
{
    (void)state;
    struct due_rule rule = {3, 900, true};
    struct due d = calendar_due(arena, cal, at(20200121, 1610), rule);
    assert_int_equal(d.due_us, at(20200203, 1730));
    assert_has(d.words[LANG_VI], "16:10 21/01/2020, sau 15:00");
    assert_has(d.words[LANG_VI], "3 ngày làm việc");
    assert_has(d.words[LANG_VI], "Không tính 23/01/2020–29/01/2020: Tết Nguyên đán");
    assert_has(d.words[LANG_VI], "cuối tuần: 01/02/2020–02/02/2020");
    assert_has(d.words[LANG_VI], "17:30 03/02/2020");
    assert_has(d.words[LANG_EN], "after 15:00");
    assert_has(d.words[LANG_EN], "Not counted 23/01/2020–29/01/2020: Lunar New Year");
    d = calendar_due(arena, cal, at(20190502, 1000), rule);
    assert_has(d.words[LANG_VI], "Có tính ngày 04/05/2019");
    assert_null(strstr(d.words[LANG_VI], "sau 15:00"));
    d = calendar_due(arena, cal, at(20300628, 1000), rule);
    assert_has(d.words[LANG_VI], "năm 2030 chưa được công bố");
}

static void test_calendar_pause_keeps_what_was_left(void **state)
{
    (void)state;
    int64_t due = at(20200609, 1730);
    /* paused Friday 10:00 with 5.5 + 16 hours left, resumed the next Thursday at 14:00 */
    int64_t later = calendar_resume(cal, due, at(20200605, 1000), at(20200611, 1400));
    assert_int_equal(calendar_minutes(cal, at(20200605, 1000), due),
                     calendar_minutes(cal, at(20200611, 1400), later));
    assert_int_equal(later, at(20200616, 930));
    assert_int_equal(calendar_resume(cal, due, at(20200610, 900), at(20200611, 900)), due);
}

static void test_calendar_pause_without_working_time_moves_nothing(void **state)
{
    (void)state;
    int64_t opening = at(20201126, 730); /* three days after a Monday's opening */
    assert_int_equal(calendar_resume(cal, opening, at(20201123, 900), at(20201123, 900)), opening);
    assert_int_equal(calendar_resume(cal, opening, at(20201120, 1900), at(20201122, 900)), opening);
    /* a whole day later is the next opening, not the close of the same day */
    assert_int_equal(calendar_resume(cal, opening, at(20201123, 900), at(20201124, 900)),
                     at(20201127, 730));
    assert_int_equal(calendar_resume(cal, at(20201126, 1730), at(20201123, 900), at(20201124, 900)),
                     at(20201127, 1730));
}

/* Whatever the times: a pause of n working minutes moves the date by n working minutes. */
static void test_calendar_pause_moves_by_what_was_waited(void **state)
{
    (void)state;
    int64_t first = at(20190101, 0), span = at(20260101, 0) - first;
    int zero = 0;
    sys_random_seed(20200605);
    for (int i = 0; i < 3000; i++) {
        uint64_t r[3];
        sys_random(r, sizeof r);
        int64_t received = first + (int64_t)(r[0] % (uint64_t)span);
        struct due d = calendar_due(arena, cal, received, (struct due_rule){3, 900, i % 2 == 0});
        int64_t paused = received + (int64_t)(r[1] % (uint64_t)(d.due_us - received));
        int64_t resumed = paused + (int64_t)(r[2] % (uint64_t)((i % 3 ? 10 : 300) * HOUR_US / 10));
        int64_t waited = calendar_minutes(cal, paused, resumed);
        int64_t later = calendar_resume(cal, d.due_us, paused, resumed);
        zero += waited == 0;
        assert_true(waited > 0 || later == d.due_us);
        assert_int_equal(calendar_minutes(cal, d.due_us, later), waited);
        assert_int_equal(calendar_minutes(cal, later, d.due_us), 0); /* never earlier */
    }
    assert_true(zero > 100);
    sys_random_seed(0);
}

static void test_calendar_properties(void **state)
{
    (void)state;
    int64_t first = at(20190101, 0), span = at(20270101, 0) - first;
    sys_random_seed(20200604);
    for (int i = 0; i < 3000; i++) {
        uint64_t r[2];
        sys_random(r, sizeof r);
        int64_t from = first + (int64_t)(r[0] % (uint64_t)span), n = (int64_t)(r[1] % 20000);
        int64_t until = calendar_add_minutes(cal, from, n);
        assert_true(until >= from);
        assert_int_equal(calendar_minutes(cal, from, until), n);
        assert_true(calendar_add_minutes(cal, from, n + 1) > until);
        if (n > 0)
            assert_int_equal(calendar_minutes(cal, from, until - 1), n - 1);
        assert_true(calendar_add_minutes(cal, from + HOUR_US, n) >= until);
    }
    sys_random_seed(0);
}

static void test_calendar_due_is_monotonic(void **state)
{
    (void)state;
    struct due_rule rule = {5, 900, true};
    int64_t before = 0;
    for (int64_t t = at(20200115, 0); t < at(20200215, 0); t += 37 * MINUTE_US) {
        struct due d = calendar_due(arena, cal, t, rule);
        assert_true(d.due_us >= before && d.start_us >= t && d.due_us > d.start_us);
        before = d.due_us;
    }
}

/* A half day and faults, in a calendar of the test's own. */
static enum err load_text(const char *json, const struct calendar **ret)
{
    char dir[] = "/tmp/dinh-calendar-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *folder = arena_printf(arena, "%s/calendar", dir);
    char *path = arena_printf(arena, "%s/holidays.json", folder);
    ctx_clear_faults(&ctx);
    assert_int_equal(sys_mkdir(&ctx, folder, 0700), OK);
    assert_int_equal(sys_write_file(&ctx, path, bytes_of(json), 0600), OK);
    enum err e = calendar_load(&ctx, arena, dir, ret);
    assert_int_equal(sys_unlink(&ctx, path), OK);
    rmdir(folder);
    rmdir(dir);
    return e;
}

static const char *own(const char *days)
{
    return arena_printf(
        arena,
        "{\"version\": \"t\", \"workdays\": [\"monday\", \"tuesday\"],\n"
        "\"hours\": [{\"from\": \"08:00\", \"to\": \"12:00\"},\n"
        " {\"from\": \"13:00\", \"to\": \"17:00\"}],\n"
        "\"years\": [{\"year\": 2020, \"status\": \"announced\", \"days\": [\n%s]}]}",
        days);
}

#define LABEL "\"label\": {\"vi\": \"Nghỉ chiều\", \"en\": \"Afternoon off\"}"

static void test_calendar_half_day(void **state)
{
    (void)state;
    const struct calendar *half;
    const char *days = "{\"date\": \"2020-06-02\", \"kind\": \"half_day_off\","
                       " \"off\": \"afternoon\", " LABEL "}";
    assert_int_equal(load_text(own(days), &half), OK);
    assert_int_equal(calendar_minutes(half, at(20200602, 0), at(20200603, 0)), 240);
    /* Monday 10:00 and one day: six hours of it on Monday, two on Tuesday morning */
    struct due d = calendar_due(arena, half, at(20200601, 1000), (struct due_rule){1, 0, false});
    assert_int_equal(d.due_us, at(20200602, 1000));
    /* Monday 14:00: three hours, four on the half Tuesday, one on the next Monday */
    d = calendar_due(arena, half, at(20200601, 1400), (struct due_rule){1, 0, false});
    assert_int_equal(d.due_us, at(20200608, 900));
    assert_has(d.words[LANG_VI], "Ngày 02/06/2020 chỉ tính nửa ngày: Nghỉ chiều.");
}

static void test_calendar_faults_name_the_line(void **state)
{
    static const struct {
        const char *day, *where, *reason;
    } rows[] = {
        {"{\"date\": \"2020-02-30\", \"kind\": \"holiday\", " LABEL "}",
         "line 5: years[0].days[0].date", "date"},
        {"{\"date\": \"2020-06-02\", \"kind\": \"party\", " LABEL "}",
         "line 5: years[0].days[0].kind", "kind"},
        {"{\"date\": \"2020-06-02\", \"kind\": \"holiday\"}", "line 5: years[0].days[0].label",
         "vi and en"},
        {"{\"date\": \"2020-06-02\", \"kind\": \"half_day_off\", " LABEL "}", ".off", "half day"},
        {"{\"date\": \"2020-06-02\",", "line", ""},
    };
    (void)state;
    const struct calendar *none = NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(load_text(own(rows[i].day), &none), ERR_DEFINITION);
        assert_null(none);
        const struct fault *f = &ctx.faults[0];
        assert_has(f->field, "calendar/holidays.json");
        assert_has(f->args[0], rows[i].where);
        assert_has(f->args[1], rows[i].reason);
    }
    ctx_clear_faults(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calendar_knows_every_closure),
        cmocka_unit_test(test_calendar_year_without_announcement),
        cmocka_unit_test(test_calendar_due_dates),
        cmocka_unit_test(test_calendar_words_explain),
        cmocka_unit_test(test_calendar_pause_keeps_what_was_left),
        cmocka_unit_test(test_calendar_pause_without_working_time_moves_nothing),
        cmocka_unit_test(test_calendar_pause_moves_by_what_was_waited),
        cmocka_unit_test(test_calendar_properties),
        cmocka_unit_test(test_calendar_due_is_monotonic),
        cmocka_unit_test(test_calendar_half_day),
        cmocka_unit_test(test_calendar_faults_name_the_line),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
