/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test/support.h"

#include <limits.h>

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

static void test_forms_people_write(void **state)
{
    (void)state;
    static const char *const SAME[] = {"17/05/2020", "17/5/2020",   "17-5-2020",   "17.05.2020",
                                       "2020-05-17", "2020/05/17",  "2020-5-17",   "20200517",
                                       "17052020",   "17 / 5/2020", " 17/05/2020 "};
    for (size_t i = 0; i < ARRAY_LEN(SAME); i++) {
        for (int partial = 0; partial < 2; partial++) {
            const char *iso;
            assert_int_equal(date_parse(&c, "f", SAME[i], partial, &iso), OK);
            assert_string_equal(iso, "2020-05-17");
        }
    }
}

static void test_bounds_and_leap_years(void **state)
{
    (void)state;
    static const char *const PAIRS[][2] = {
        {"29/02/2024", "2024-02-29"}, {"1/1/1850", "1850-01-01"}, {"31/12/2200", "2200-12-31"},
        {"29/2/2000", "2000-02-29"},  {"20011220", "2001-12-20"}, {"20122001", "2001-12-20"}};
    for (size_t i = 0; i < ARRAY_LEN(PAIRS); i++) {
        const char *iso;
        assert_int_equal(date_parse(&c, "f", PAIRS[i][0], false, &iso), OK);
        assert_string_equal(iso, PAIRS[i][1]);
    }
}

static void test_partial(void **state)
{
    (void)state;
    static const char *const PAIRS[][2] = {{"05/2020", "2020-05"}, {"5/2020", "2020-05"},
                                           {"2020-05", "2020-05"}, {"2020", "2020"},
                                           {"5-2020", "2020-05"},  {"2020/5", "2020-05"}};
    for (size_t i = 0; i < ARRAY_LEN(PAIRS); i++) {
        const char *iso = NULL;
        assert_int_equal(date_parse(&c, "f", PAIRS[i][0], true, &iso), OK);
        assert_string_equal(iso, PAIRS[i][1]);
        assert_int_equal(date_parse(&c, "ngay", PAIRS[i][0], false, &iso), ERR_BAD_DATE);
        expect_fault(&c, ERR_BAD_DATE, "ngay");
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",
        " ",
        "29/02/2023",
        "29/02/1900",
        "31/04/2020",
        "00/05/2020",
        "17/13/2020",
        "17/00/2020",
        "17/05/20",
        "17/05/1849",
        "1/1/2201",
        "05/17/2020",
        "17/05-2020",
        "17//2020",
        "/05/2020",
        "17/05/2020/",
        "17/05/2020x",
        "17/05/02020",
        "x",
        "2020517",
        "13/2020",
        "0/2020",
        "202",
        "20205",
        "1849",
        "2201",
        "99999999",
        "999999999999999999999999",
        "-2020",
        "2020-05-17T00:00",
        "１７/０５/２０２０",
        "ngày 17 tháng 5 năm 2020, tức ngày 25 tháng 4 năm Canh Tý",
    };
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++) {
        const char *iso = "untouched";
        assert_int_equal(date_parse(&c, "ngay", BAD[i], true, &iso), ERR_BAD_DATE);
        assert_string_equal(iso, "untouched");
        expect_fault(&c, ERR_BAD_DATE, "ngay");
    }
    const char *iso;
    assert_int_equal(date_parse(&c, "ngay", NULL, true, &iso), ERR_BAD_DATE);
    expect_fault(&c, ERR_BAD_DATE, "ngay");
}

static void test_shown(void **state)
{
    (void)state;
    assert_string_equal(date_show(c.arena, "2020-05-17"), "17/05/2020");
    assert_string_equal(date_show(c.arena, "2020-05"), "05/2020");
    assert_string_equal(date_show(c.arena, "2020"), "2020");
    assert_string_equal(date_show(c.arena, ""), "");
    assert_string_equal(date_show(c.arena, NULL), "");
}

static void test_in_words(void **state)
{
    (void)state;
    static const char *const PAIRS[][2] = {
        {"2020-05-17", "Ngày mười bảy tháng năm năm hai nghìn không trăm hai mươi"},
        {"1995-04-01", "Ngày một tháng tư năm một nghìn chín trăm chín mươi lăm"},
        {"2005-01-04", "Ngày bốn tháng một năm hai nghìn không trăm linh năm"},
        {"2024-11-21", "Ngày hai mươi mốt tháng mười một năm hai nghìn không trăm hai mươi tư"},
        {"2021-12-31", "Ngày ba mươi mốt tháng mười hai năm hai nghìn không trăm hai mươi mốt"},
        {"2014-10-14", "Ngày mười bốn tháng mười năm hai nghìn không trăm mười bốn"},
        {"2015-03-15", "Ngày mười lăm tháng ba năm hai nghìn không trăm mười lăm"},
        {"2025-06-25", "Ngày hai mươi lăm tháng sáu năm hai nghìn không trăm hai mươi lăm"},
        {"2004-02-24", "Ngày hai mươi tư tháng hai năm hai nghìn không trăm linh bốn"},
        {"2011-09-11", "Ngày mười một tháng chín năm hai nghìn không trăm mười một"},
        {"2000-08-05", "Ngày năm tháng tám năm hai nghìn"},
        {"1900-07-30", "Ngày ba mươi tháng bảy năm một nghìn chín trăm"},
        {"1901-07-10", "Ngày mười tháng bảy năm một nghìn chín trăm linh một"},
        {"1910-07-20", "Ngày hai mươi tháng bảy năm một nghìn chín trăm mười"},
        {"2144-01-02", "Ngày hai tháng một năm hai nghìn một trăm bốn mươi tư"},
        {"2055-01-03", "Ngày ba tháng một năm hai nghìn không trăm năm mươi lăm"},
        {"1991-01-06", "Ngày sáu tháng một năm một nghìn chín trăm chín mươi mốt"},
        {"2020-05", "Tháng năm năm hai nghìn không trăm hai mươi"},
        {"1986-04", "Tháng tư năm một nghìn chín trăm tám mươi sáu"},
        {"1975", "Năm một nghìn chín trăm bảy mươi lăm"},
    };
    for (size_t i = 0; i < ARRAY_LEN(PAIRS); i++)
        assert_string_equal(date_words_vi(c.arena, PAIRS[i][0]), PAIRS[i][1]);
}

static void test_date_in_english_words(void **state)
{
    (void)state;
    static const char *const PAIRS[][2] = {
        {"2020-05-17", "The seventeenth of May, two thousand and twenty"},
        {"2026-11-22", "The twenty-second of November, two thousand and twenty-six"},
        {"2000-08-30", "The thirtieth of August, two thousand"},
        {"1991-01-31", "The thirty-first of January, one thousand nine hundred and ninety-one"},
        {"1901-07-12", "The twelfth of July, one thousand nine hundred and one"},
        {"2119-02-20", "The twentieth of February, two thousand one hundred and nineteen"},
        {"1986-04", "April, one thousand nine hundred and eighty-six"},
        {"1900", "One thousand nine hundred"},
    };
    for (size_t i = 0; i < ARRAY_LEN(PAIRS); i++)
        assert_string_equal(date_words_en(c.arena, PAIRS[i][0]), PAIRS[i][1]);
}

static void test_day_of_a_whole_date(void **state)
{
    (void)state;
    static const char *const NONE[] = {"", "2020", "2020-05", "2020-02-30", "17-05-2020", "x"};
    assert_int_equal(day_from_iso("1970-01-02"), 1);
    assert_int_equal(day_from_iso("2020-05-17"), day_from_civil(2020, 5, 17));
    for (size_t i = 0; i < ARRAY_LEN(NONE); i++)
        assert_int_equal(day_from_iso(NONE[i]), INT_MIN);
    assert_int_equal(day_from_iso(NULL), INT_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms_people_write),
        cmocka_unit_test(test_bounds_and_leap_years),
        cmocka_unit_test(test_partial),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_shown),
        cmocka_unit_test(test_in_words),
        cmocka_unit_test(test_date_in_english_words),
        cmocka_unit_test(test_day_of_a_whole_date),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
