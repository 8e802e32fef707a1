/* SPDX-License-Identifier: Apache-2.0 */
/* Figures at a browser and for programs: periods, targets in words, down to the acts, who sees
   them; the pack's definitions. */
#include "test/harness/unit.h"

#include <stdio.h>
#include <string.h>

#include "engine/measure/test/measure_test.h"
#include "test/harness/office_test.h"

#define BOTH(body) node_test(modules, ARRAY_LEN(modules), (body), NULL)

static void anyone(struct office *o)
{
    o->b.cookies = "";
}

static void clerk(struct office *o, const char *unit)
{
    office_as(o, "commune_clerk", unit, "Phan Thị Thu Hà");
}

/* ---- figures ---- */

static void figures(struct node_world *w, void *arg)
{
    (void)arg;
    for (int i = 0; i < 8; i++)
        assert_int_equal(
            added(w, i % 2 ? VY_DA : TAY, i < 5, 1, arena_printf(w->c->arena, "a%d", i)), OK);
    struct office o = office_open(w);
    anyone(&o);
    assert_int_equal(office_get(&o, "/chi-so"), 200); /* public */
    assert_true(web_shows(&o.b, "Hồ sơ thủ tục hành chính xử lý hoàn toàn trên môi trường mạng"));
    assert_true(web_shows(&o.b, "62,5%"));
    assert_true(web_shows(&o.b, "Năm 2020"));
    assert_true(web_shows(&o.b, "20% vào năm 2020 (đã đạt)"));
    assert_true(web_shows(&o.b, "80% vào năm 2025")); /* T01, nothing to compare yet */
    assert_int_equal(office_get(&o, "/chi-so?ky=hom-qua"), 400);
    assert_true(web_shows(&o.b, "Kỳ không phải là ngày"));
    assert_int_equal(office_get(&o, "/chi-so?ky=2020-06-03"), 200);
    assert_true(web_shows(&o.b, "Ngày 03/06/2020"));
    assert_true(web_shows(&o.b, ">Ngày 03/06/2020</td>")); /* not the code 2020-06-03 */
    assert_true(web_shows(&o.b, "rel=\"prev\""));
    assert_false(web_shows(&o.b, "62,5%"));
    assert_int_equal(office_get(&o, "/chi-so/T04/VN"), 200);
    assert_true(web_shows(&o.b, "Cả nước"));
    assert_true(web_shows(&o.b, "(5 / 8)"));
    assert_true(web_shows(&o.b, "80% vào năm 2030"));
    assert_true(web_shows(&o.b, "/chi-so/T04/H57?ky=2020"));
    assert_int_equal(office_get(&o, "/chi-so/T04/H57.31?ky=2020-06"), 200);
    assert_true(web_shows(&o.b, "/chi-so/T04/" VY_DA "?ky=2020-06"));
    assert_true(web_shows(&o.b, "/chi-so/T04/H57?ky=2020-06")); /* back up */
    assert_true(web_shows(&o.b, "/chi-so/T04/H57.31?ky=2020-05"));
    assert_false(web_shows(&o.b, "/chi-so/T04/H57.31?ky=2020-07"));     /* to come */
    assert_int_equal(office_get(&o, "/chi-so/T04/000.08.31.H57"), 200); /* the old code */
    assert_true(web_shows(&o.b, "T04 · "));
    o.b.language = "en";
    assert_int_equal(office_get(&o, "/chi-so/T04/VN?ky=2020-Q2"), 200);
    assert_true(web_shows(&o.b, "Quarter 2 of 2020"));
    assert_true(web_shows(&o.b, "62.5%"));
    office_close(&o);
}

static void test_measure_pages_show_figures_and_targets(void **state)
{
    (void)state;
    BOTH(figures);
}

static void targets(struct node_world *w, void *arg)
{
    (void)arg;
    static const struct {
        int year;
        int64_t part;
        const char *words;
    } rows[] = {{2020, 1, "20% vào năm 2020 (chưa đạt)"}, {2021, 5, "60% vào năm 2025 (chưa đạt)"},
                {2025, 6, "60% vào năm 2025 (đã đạt)"},   {2026, 6, "80% vào năm 2030 (chưa đạt)"},
                {2030, 8, "80% vào năm 2030 (đã đạt)"},   {2033, 7, "80% vào năm 2030 (chưa đạt)"}};
    struct office o = office_open(w);
    anyone(&o);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        clock_at(w, rows[i].year * 10000 + 301, 900);
        assert_int_equal(added(w, VY_DA, rows[i].part, 10, arena_printf(w->c->arena, "y%zu", i)),
                         OK);
        assert_int_equal(office_get(&o, "/chi-so/T04/VN?ky=%d", rows[i].year), 200);
        if (!web_shows(&o.b, rows[i].words))
            print_error("%d: %s\n", rows[i].year, rows[i].words);
        assert_true(web_shows(&o.b, rows[i].words));
    }
    clock_at(w, 20340301, 900);
    assert_int_equal(added(w, VY_DA, 1234567, 8125000, "many"), OK);
    assert_int_equal(office_get(&o, "/chi-so/T04/VN"), 200);
    assert_true(web_shows(&o.b, "(1.234.567 / 8.125.000)"));
    o.b.language = "en";
    assert_int_equal(office_get(&o, "/chi-so/T04/VN"), 200);
    assert_true(web_shows(&o.b, "(1,234,567 / 8,125,000)"));
    office_close(&o);
}

static void test_measure_pages_say_how_a_target_stands(void **state)
{
    (void)state;
    BOTH(targets);
}

/* T03 is told by the year: a shorter period gives the year that holds it. */
static void coarse(struct node_world *w, void *arg)
{
    (void)arg;
    struct work k = {.indicator = "T03", .unit = "H57", .part = 0, .whole = 1, .source = "offered"};
    assert_int_equal(do_write(w, add_it, &k), OK);
    clock_at(w, 20201101, 900);
    struct office o = office_open(w);
    anyone(&o);
    assert_int_equal(office_get(&o, "/chi-so/T03/H57?ky=2020-11-01"), 200);
    assert_true(web_shows(&o.b, "Năm 2020"));
    assert_true(web_shows(&o.b, "(0 / 1)"));
    assert_false(web_shows(&o.b, "Tháng này"));
    assert_int_equal(office_get(&o, "/chi-so/T04/H57?ky=2020-11-01"), 200);
    assert_true(web_shows(&o.b, "Tháng này"));
    office_close(&o);
}

static void test_measure_pages_offer_what_says_something(void **state)
{
    (void)state;
    BOTH(coarse);
}

static void lost(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = office_open(w);
    anyone(&o);
    assert_int_equal(office_get(&o, "/chi-so/T99/VN"), 404);
    assert_int_equal(office_get(&o, "/chi-so/T04/H99"), 404);
    assert_int_equal(office_get(&o, "/chi-so/T04/VN?ky=2020-13"), 400);
    assert_int_equal(office_get(&o, "/chi-so?ky=gestern"), 400);
    assert_int_equal(office_get(&o, "/chi-so/T04/VN"), 200); /* nothing counted: said so */
    assert_true(web_shows(&o.b, "Chưa có việc nào để tính."));
    office_close(&o);
}

static void test_measure_pages_lost_ways(void **state)
{
    (void)state;
    BOTH(lost);
}

/* ---- a node that isn't the nation's ---- */

static void own_only(struct node_world *w, void *arg)
{
    static const char *const insurance[] = {"G24", NULL};
    (void)arg;
    assert_int_equal(added(w, VY_DA, 1, 1, "a1"), OK);
    w->n->identity_url = "http://127.0.0.1:8801";
    struct office o = office_open(w);
    anyone(&o);
    assert_int_equal(office_get(&o, "/chi-so"), 200); /* the province's figures */
    assert_true(web_shows(&o.b, "/chi-so/T04/H57?ky=2020"));
    assert_true(web_shows(&o.b, "100,0%"));
    assert_true(web_shows(&o.b, "http://127.0.0.1:8801/chi-so?ky=2020"));
    assert_false(web_shows(&o.b, "Không có số liệu này ở nút này"));
    assert_int_equal(office_get(&o, "/chi-so/T04/" VY_DA), 200);
    assert_true(web_shows(&o.b, "(1 / 1)"));
    assert_int_equal(office_get(&o, "/chi-so/T04/VN"), 200); /* a part of them isn't them */
    assert_false(web_shows(&o.b, "(1 / 1)"));
    assert_true(web_shows(&o.b, "Không có số liệu này ở nút này"));
    assert_true(web_shows(&o.b, "http://127.0.0.1:8801/chi-so/T04/VN?ky=2020"));
    w->n->agency = "G24";
    w->n->members = insurance;
    assert_int_equal(office_get(&o, "/chi-so"), 200); /* nothing counted: no row of 0 */
    assert_true(web_shows(&o.b, "Không có số liệu này ở nút này"));
    assert_false(web_shows(&o.b, "<table"));
    assert_int_equal(office_get(&o, "/chi-so/T04/" VY_DA), 200);
    assert_false(web_shows(&o.b, "(1 / 1)"));
    o.b.accept = "application/json";
    assert_int_equal(office_get(&o, "/chi-so/T04/VN"), 200);
    assert_true(web_shows(&o.b, "\"elsewhere\":\"http://127.0.0.1:8801/chi-so/T04/VN?ky=2020\""));
    office_close(&o);
}

static void test_measure_pages_tell_what_the_node_knows(void **state)
{
    (void)state;
    BOTH(own_only);
}

/* ---- down to the acts ---- */

static void who_sees(struct node_world *w, void *arg)
{
    (void)arg;
    assert_int_equal(added(w, VY_DA, 1, 1, "000.08.31.H57-200604-0001"), OK);
    static const struct {
        const char *role, *unit;
        bool sees;
    } rows[] = {{"commune_clerk", VY_DA, true},
                {"commune_clerk", TAY, false},         /* another ward */
                {"commune_clerk", "H57.31.0", false},  /* begins alike */
                {"supervisor", "H57.31", true},        /* above it */
                {"commune_chairman", "H57.31", false}, /* reaches one unit */
                {"auditor", "G24", true},              /* the whole node */
                {"insurance_officer", "G24", false},
                {"citizen", VY_DA, false}};
    struct office o = office_open(w);
    for (size_t i = 0; i <= ARRAY_LEN(rows); i++) {
        o.b.accept = "text/html";
        if (i < ARRAY_LEN(rows))
            office_as(&o, rows[i].role, rows[i].unit, "Ai đó");
        else
            anyone(&o);
        bool sees = i < ARRAY_LEN(rows) && rows[i].sees;
        assert_int_equal(office_get(&o, "/chi-so/T04/" VY_DA), 200);
        assert_true(web_shows(&o.b, "(1 / 1)")); /* the figure is everybody's */
        assert_int_equal(web_shows(&o.b, "000.08.31.H57-200604-0001"), sees);
        o.b.accept = "application/json";
        assert_int_equal(office_get(&o, "/chi-so/T04/" VY_DA), 200);
        assert_int_equal(web_shows(&o.b, "000.08.31.H57-200604-0001"), sees);
        assert_int_equal(web_shows(&o.b, "\"sources_shown\":true"), sees);
    }
    office_close(&o);
}

static void test_measure_pages_acts_are_for_the_units_officials(void **state)
{
    (void)state;
    BOTH(who_sees);
}

static void json(struct node_world *w, void *arg)
{
    (void)arg;
    assert_int_equal(added(w, VY_DA, 1, 3, "000.08.31.H57-200604-0001"), OK);
    struct office o = office_open(w);
    clerk(&o, VY_DA);
    o.b.accept = "application/json";
    assert_int_equal(office_get(&o, "/chi-so?ky=2020-06"), 200);
    json_t *j, *row;
    assert_int_equal(json_in(w->c, "list", o.b.body, &j), OK);
    row = json_array_get(json_object_get(j, "rows"), 2);
    assert_string_equal(json_text_of(row, "indicator", ""), "T04");
    assert_string_equal(json_text_of(row, "period", ""), "2020-06");
    assert_string_equal(json_text_of(row, "standing", ""), "met");
    assert_int_equal(json_int_of(row, "target_percent", 0), 20);
    assert_int_equal(json_int_of(row, "whole", 0), 3);
    json_end(j);
    assert_int_equal(office_get(&o, "/chi-so/T04/%s", VY_DA), 200);
    assert_int_equal(json_in(w->c, "unit", o.b.body, &j), OK);
    assert_string_equal(json_text_of(j, "unit", ""), VY_DA);
    assert_int_equal(json_int_of(j, "part", 0), 1);
    assert_int_equal(json_array_size(json_object_get(j, "targets")), 3);
    row = json_array_get(json_object_get(j, "sources"), 0);
    assert_string_equal(json_text_of(row, "at_us", ""), "2020-06-04T02:00:00.000000Z");
    assert_int_equal(json_int_of(row, "whole", 0), 3);
    json_end(j);
    office_close(&o);
}

static void test_measure_pages_for_programs(void **state)
{
    (void)state;
    BOTH(json);
}

/* Every act of the period is on exactly one page, newest first, those of one instant in the order
   of their bytes: whatever the database thinks of letters. */
static void paged(struct node_world *w, void *arg)
{
    (void)arg;
    static const char *const odd[] = {"a-2", "A.1", "a.1",  "A-1", "Z", "z", "đ", "d",  "Đ",  "a 1",
                                      "a/1", "_",   "0001", "a1",  "ă", "e", "+", "~1", "a-1"};
    struct work k = {.unit = VY_DA, .part = 1, .whole = 1};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        k.source = odd[i];
        assert_int_equal(do_write(w, add_it, &k), OK);
    }
    for (int i = 0; i < 30; i++) {
        clock_by(w, 60 * SECOND_US);
        k.source = arena_printf(w->c->arena, "later-%d", i);
        assert_int_equal(do_write(w, add_it, &k), OK);
    }
    as_official(w, "commune_clerk", VY_DA, "Phan Thị Thu Hà");
    k.from_day = local_day(w->c->now_us);
    k.until_day = k.from_day + 1;
    k.max = 7;
    size_t seen = 0, pages = 0;
    int64_t last_us = INT64_MAX;
    const char *last = "";
    do {
        assert_int_equal(do_read(w, list_sources, &k), OK);
        for (size_t i = 0; i < k.n; i++) {
            const struct measure_source *s = &k.sources[i];
            assert_true(s->at_us < last_us || (s->at_us == last_us && strcmp(s->source, last) < 0));
            last_us = s->at_us;
            last = s->source;
        }
        seen += k.n;
        k.after = k.next;
    } while (k.next && ++pages < 20);
    assert_int_equal(seen, 30 + ARRAY_LEN(odd));
    assert_int_equal(pages, 6); /* the last is full: no empty one follows */
    k.after = "nonsense";       /* an odd cursor is an empty page, no fault */
    assert_int_equal(do_read(w, list_sources, &k), OK);
    k.from_day++;
    k.until_day++;
    k.after = NULL;
    assert_int_equal(do_read(w, list_sources, &k), OK);
    assert_int_equal(k.n, 0); /* tomorrow's */
}

static void test_measure_pages_through_the_acts(void **state)
{
    (void)state;
    BOTH(paged);
}

static void further(struct node_world *w, void *arg)
{
    (void)arg;
    for (int i = 1; i <= 25; i++) {
        clock_by(w, SECOND_US);
        assert_int_equal(added(w, VY_DA, 1, 1, arena_printf(w->c->arena, "hồ sơ %02d/&", i)), OK);
    }
    struct office o = office_open(w);
    clerk(&o, VY_DA);
    assert_int_equal(office_get(&o, "/chi-so/T04/" VY_DA), 200);
    assert_true(web_shows(&o.b, "hồ sơ 25/&amp;"));
    assert_true(web_shows(&o.b, "hồ sơ 06/&amp;"));
    assert_false(web_shows(&o.b, "hồ sơ 05/&amp;"));
    const char *sau = strstr(o.b.text, "&amp;sau=");
    assert_non_null(sau);
    sau += strlen("&amp;sau=");
    assert_int_equal(office_get(&o, "/chi-so/T04/" VY_DA "?sau=%.*s", (int)strcspn(sau, "\""), sau),
                     200);
    assert_true(web_shows(&o.b, "hồ sơ 05/&amp;"));
    assert_false(web_shows(&o.b, "hồ sơ 06/&amp;"));
    assert_true(web_shows(&o.b, "hồ sơ 01/&amp;"));
    office_close(&o);
}

static void test_measure_pages_lead_to_further_acts(void **state)
{
    (void)state;
    BOTH(further);
}

/* ---- the pack ---- */

static void definitions(struct node_world *w, void *arg)
{
    (void)w, (void)arg;
    size_t n;
    const struct measure_indicator *all = measure_indicators(&n);
    assert_true(n >= 4);
    for (size_t i = 0; i < n; i++) {
        assert_ptr_equal(measure_indicator_of(all[i].code), &all[i]);
        assert_true(all[i].n_targets > 0);
    }
    const struct measure_indicator *t04 = measure_indicator_of("T04");
    assert_int_equal(measure_target_for(t04, 2019)->percent, 20);
    assert_int_equal(measure_target_for(t04, 2021)->year, 2025);
    assert_int_equal(measure_target_for(t04, 2040)->year, 2030);
    assert_int_equal(measure_indicator_of("T03")->finest, MEASURE_YEAR);
    assert_null(measure_indicator_of("T99"));
}

static void test_measure_pages_know_the_pack(void **state)
{
    (void)state;
    node_test_on(DB_SQLITE, modules, ARRAY_LEN(modules), definitions, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_measure_pages_show_figures_and_targets),
        cmocka_unit_test(test_measure_pages_say_how_a_target_stands),
        cmocka_unit_test(test_measure_pages_offer_what_says_something),
        cmocka_unit_test(test_measure_pages_lost_ways),
        cmocka_unit_test(test_measure_pages_acts_are_for_the_units_officials),
        cmocka_unit_test(test_measure_pages_tell_what_the_node_knows),
        cmocka_unit_test(test_measure_pages_for_programs),
        cmocka_unit_test(test_measure_pages_through_the_acts),
        cmocka_unit_test(test_measure_pages_lead_to_further_acts),
        cmocka_unit_test(test_measure_pages_know_the_pack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
