/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test/support.h"

#include "base/time.h"

static struct ctx c;

static int begin(void **state)
{
    (void)state;
    c = ctx_begin();
    return 0;
}

static int end(void **state)
{
    (void)state;
    ctx_end(&c);
    return 0;
}

static void test_real_dates(void **state)
{
    (void)state;
    assert_true(date_is_real(2024, 2, 29) && date_is_real(2000, 2, 29));
    assert_false(date_is_real(2023, 2, 29) || date_is_real(1900, 2, 29));
    assert_false(date_is_real(2020, 4, 31) || date_is_real(2020, 0, 1) ||
                 date_is_real(2020, 13, 1));
    assert_false(date_is_real(2020, 1, 0) || date_is_real(0, 1, 1) || date_is_real(10000, 1, 1));
}

static void test_days_against_a_count(void **state)
{
    (void)state;
    assert_int_equal(day_from_civil(1970, 1, 1), 0);
    assert_int_equal(day_from_civil(1969, 12, 31), -1);
    assert_int_equal(day_from_civil(2000, 3, 1), 11017);
    /* walk 700 years day by day: no gap, no double, the weekday turns */
    int day = day_from_civil(1700, 1, 1), dow = weekday(day);
    assert_int_equal(dow, 4); /* 1700-01-01 was a Friday */
    for (int y = 1700; y < 2400; y++) {
        for (int m = 1; m <= 12; m++) {
            for (int d = 1; date_is_real(y, m, d); d++, day++, dow = (dow + 1) % 7) {
                struct civil t = civil_from_us(day * DAY_US, 0);
                assert_true(day_from_civil(y, m, d) == day && weekday(day) == dow);
                assert_true(t.year == y && t.month == m && t.day == d);
            }
        }
    }
}

static void test_civil_round_trip(void **state)
{
    (void)state;
    static const int64_t SOME[] = {
        0, -1, -DAY_US, 1589700600123456, 4102444799999999, -3786825600000001, 951782400000000};
    for (size_t i = 0; i < ARRAY_LEN(SOME); i++) {
        struct civil t = civil_from_us(SOME[i], LOCAL_OFFSET_US);
        int64_t second = us_from_civil(t, LOCAL_OFFSET_US);
        assert_true(second <= SOME[i] && SOME[i] - second < SECOND_US);
    }
}

static void test_local_day_turns_at_five_pm_utc(void **state)
{
    (void)state;
    int day = day_from_civil(2020, 5, 18);
    int64_t midnight = local_day_start_us(day);
    assert_string_equal(time_iso(c.arena, midnight), "2020-05-17T17:00:00.000000Z");
    assert_int_equal(local_day(midnight), day);
    assert_int_equal(local_day(midnight - 1), day - 1);
    assert_int_equal(local_day(-1 - LOCAL_OFFSET_US), -1);
}

static void test_shown(void **state)
{
    (void)state;
    int64_t us;
    assert_int_equal(time_parse(&c, "t", "2020-05-17T08:30:09.123456Z", &us), OK);
    assert_string_equal(time_iso(c.arena, us), "2020-05-17T08:30:09.123456Z");
    assert_string_equal(time_show(c.arena, us), "15:30 17/05/2020");
    assert_string_equal(time_compact(c.arena, us), "20200517153009");
    assert_string_equal(time_iso(c.arena, -1), "1969-12-31T23:59:59.999999Z");
    assert_string_equal(day_show(c.arena, day_from_civil(2020, 5, 7)), "07/05/2020");
}

static void test_money(void **state)
{
    (void)state;
    assert_string_equal(money_show(c.arena, 1250000), "1.250.000 ₫");
    assert_string_equal(money_show(c.arena, 0), "0 ₫");
    assert_string_equal(money_show(c.arena, 999), "999 ₫");
    assert_string_equal(money_show(c.arena, 1000), "1.000 ₫");
    assert_string_equal(money_show(c.arena, -123456), "-123.456 ₫");
    assert_string_equal(money_show(c.arena, INT64_MIN), "-9.223.372.036.854.775.808 ₫");
}

static void test_rfc3339_read(void **state)
{
    (void)state;
    static const char *const PAIRS[][2] = {
        {"2020-05-17T15:30:00+07:00", "2020-05-17T08:30:00.000000Z"},
        {"2020-05-17t08:30:00z", "2020-05-17T08:30:00.000000Z"},
        {"2020-05-17 08:30:00.5Z", "2020-05-17T08:30:00.500000Z"},
        {"2020-05-17T08:30:00.1234569Z", "2020-05-17T08:30:00.123456Z"},
        {"2020-01-01T00:00:00-03:30", "2020-01-01T03:30:00.000000Z"},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"},
        {"2017-01-01T06:59:60+07:00", "2017-01-01T00:00:00.000000Z"},
        {"1850-01-01T00:00:00-00:00", "1850-01-01T00:00:00.000000Z"},
    };
    for (size_t i = 0; i < ARRAY_LEN(PAIRS); i++) {
        int64_t us;
        assert_int_equal(time_parse(&c, "t", PAIRS[i][0], &us), OK);
        assert_string_equal(time_iso(c.arena, us), PAIRS[i][1]);
    }
}

static void test_rfc3339_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",
        "2020-05-17",
        "2020-05-17T08:30Z",
        "2020-05-17T08:30:00",
        "2020-05-17T24:00:00Z",
        "2020-05-17T08:60:00Z",
        "2020-05-17T08:30:60Z",
        "2020-02-30T08:30:00Z",
        "2020-05-17T08:30:00.Z",
        "2020-05-17T08:30:00Zx",
        "2020-05-17T08:30:00+7:00",
        "2020-05-17T08:30:00+24:00",
        "2020-05-17T08:30:00+07:60",
        "2020-05-17T08:30:00+0700",
        "0000-01-01T00:00:00Z",
        "2020-5-17T08:30:00Z",
        " 2020-05-17T08:30:00Z",
        "2020-05-17X08:30:00Z",
        "2020-05-17T08:30:61Z",
    };
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        int64_t us = 42;
        assert_int_equal(time_parse(&c, "luc", BAD[i], &us), ERR_BAD_DATE);
        assert_int_equal(us, 42);
        expect_fault(&c, ERR_BAD_DATE, "luc");
    }
    int64_t us;
    assert_int_equal(time_parse(&c, "luc", NULL, &us), ERR_BAD_DATE);
    expect_fault(&c, ERR_BAD_DATE, "luc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_dates),
        cmocka_unit_test(test_days_against_a_count),
        cmocka_unit_test(test_civil_round_trip),
        cmocka_unit_test(test_local_day_turns_at_five_pm_utc),
        cmocka_unit_test(test_shown),
        cmocka_unit_test(test_money),
        cmocka_unit_test(test_rfc3339_read),
        cmocka_unit_test(test_rfc3339_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
