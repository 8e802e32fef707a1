/* SPDX-License-Identifier: Apache-2.0 */
/* Orders between dates and names of persons, as a definition gives them. */
#include "test/harness/unit.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "net/http.h"
#include "web/json.h"
#include "web/shape_order.h"

static const char FIELDS[] =
    "[{\"name\":\"name\",\"kind\":\"text\",\"format\":\"person_name\",\"group\":\"child\","
    "  \"label\":{\"vi\":\"Tên\",\"en\":\"Name\"}},"
    " {\"name\":\"born\",\"kind\":\"date\",\"group\":\"child\","
    "  \"label\":{\"vi\":\"Sinh\",\"en\":\"Born\"}},"
    " {\"name\":\"known\",\"kind\":\"bool\",\"group\":\"mother\","
    "  \"label\":{\"vi\":\"Biết\",\"en\":\"Known\"}},"
    " {\"name\":\"mother\",\"kind\":\"partial_date\",\"group\":\"mother\","
    "  \"visible_when\":{\"field\":\"known\",\"equals\":true},"
    "  \"label\":{\"vi\":\"Mẹ\",\"en\":\"Mother\"}}]";
static const char ORDERS[] = "[{\"field\":\"born\",\"not_before\":\"today\",\"years\":-6,"
                             "  \"words\":{\"vi\":\"dưới 6 tuổi\",\"en\":\"under 6\"}},"
                             " {\"field\":\"mother\",\"not_after\":\"born\",\"years\":-10,"
                             "  \"words\":{\"vi\":\"hơn 10 tuổi\",\"en\":\"10 years older\"}}]";

static struct ctx c;

static json_t *parsed(const char *text)
{
    json_t *j = json_loads(text, 0, NULL);
    assert_non_null(j);
    return j;
}

static enum err load(const char *orders, const struct shape **ret)
{
    const struct shape *s;
    json_t *fields = parsed(FIELDS), *list = parsed(orders);
    assert_int_equal(shape_load(&c, c.arena, "f.json", "f", fields, &s), OK);
    enum err e = shape_with_orders(&c, c.arena, "f.json", list, s, ret);
    json_decref(fields);
    json_decref(list);
    return e;
}

static int begin(void **state)
{
    (void)state;
    c = (struct ctx){.arena = arena_new(0)};
    c.now_us = us_from_civil((struct civil){2020, 3, 15, 5, 0, 0}, 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_end(c.arena);
    return 0;
}

/* "" when the dates hold, else the field that is told. */
static const char *told(const struct shape *s, const char *born, const char *mother)
{
    const struct http_header form[] = {
        {"name", "An"}, {"born", born}, {"known", "1"}, {"mother", mother}};
    ctx_clear_faults(&c);
    enum err e = shape_from_form(&c, s, form, ARRAY_LEN(form), shape_new(c.arena, s));
    assert_int_equal(e != OK, c.n_faults > 0);
    if (!e)
        return "";
    assert_int_equal(c.n_faults, 1);
    assert_int_equal(c.faults[0].err, ERR_DATE_ORDER);
    return c.faults[0].field;
}

static void test_orders_are_held(void **state)
{
    (void)state;
    const struct shape *s;
    assert_int_equal(load(ORDERS, &s), OK);
    assert_string_equal(told(s, "10/03/2020", "01/02/1994"), "");
    assert_string_equal(told(s, "15/03/2014", "1994"), "");
    assert_string_equal(told(s, "14/03/2014", "1994"), "born");
    assert_string_equal(c.faults[0].args[0], "dưới 6 tuổi");
    assert_string_equal(told(s, "10/03/2020", "10/03/2010"), "");
    assert_string_equal(told(s, "10/03/2020", "11/03/2010"), "mother");
    c.lang = LANG_EN;
    assert_string_equal(told(s, "10/03/2020", "2011"), "mother");
    assert_string_equal(c.faults[0].args[0], "10 years older");
    c.lang = LANG_VI;
    assert_string_equal(told(s, "10/03/2020", "2010"), ""); /* it may be so */
    assert_string_equal(told(s, "29/02/2020", "28/02/2010"), "");
    assert_string_equal(told(s, "29/02/2020", "01/03/2010"), "mother");
}

static void test_what_is_hidden_or_missing_breaks_nothing(void **state)
{
    (void)state;
    const struct shape *s;
    assert_int_equal(load(ORDERS, &s), OK);
    const struct http_header hidden[] = {{"born", "10/03/2020"}, {"mother", "2015"}};
    const struct http_header alone[] = {{"known", "1"}, {"mother", "2015"}};
    ctx_clear_faults(&c);
    assert_int_equal(shape_from_form(&c, s, hidden, 2, shape_new(c.arena, s)), OK);
    assert_int_equal(shape_from_form(&c, s, alone, 2, shape_new(c.arena, s)), OK);
}

/* The page of one group holds the orders of its own fields against the whole form. */
static void test_a_group_holds_its_own(void **state)
{
    (void)state;
    const struct shape *s;
    assert_int_equal(load(ORDERS, &s), OK);
    void *object = shape_new(c.arena, s);
    shape_set_text(s, object, "born", "2020-03-10");
    const struct http_header mother[] = {{"known", "1"}, {"mother", "2015"}};
    ctx_clear_faults(&c);
    assert_int_equal(shape_from_form(&c, shape_group(c.arena, s, "mother"), mother, 2, object),
                     ERR_DATE_ORDER);
    const struct http_header child[] = {{"name", "An"}, {"born", "09/03/2020"}};
    ctx_clear_faults(&c);
    assert_int_equal(shape_from_form(&c, shape_group(c.arena, s, "child"), child, 2, object), OK);
    assert_int_equal(shape_check(&c, s, object), ERR_DATE_ORDER);
}

static void test_names_of_persons(void **state)
{
    (void)state;
    const struct shape *s;
    assert_int_equal(load("[]", &s), OK);
    static const char *const good[] = {"Trần Thị Lan", "H'Hen Niê", "Y-Blik Êban", "Ông J. Đỗ",
                                       "Nguyễn",       "王 小明",   "O’Brien",     "Hoa\xcc\x80"};
    static const char *const bad[] = {
        "123456 !!!", "Lan 2", "-Lan",     "Lan--Hoa", "<b>Lan</b>",
        "Lan;",       "👶",     "An @ Huế", "'",        "Lan\xe2\x80\xa8Hoa"};
    const struct field *f = shape_field(s, "name");
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        ctx_clear_faults(&c);
        enum err e = shape_set_raw(&c, f, shape_new(c.arena, s), bytes_of(good[i]));
        assert_string_equal(e ? good[i] : "", "");
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        ctx_clear_faults(&c);
        enum err e = shape_set_raw(&c, f, shape_new(c.arena, s), bytes_of(bad[i]));
        assert_string_equal(e == ERR_NOT_A_NAME ? "" : bad[i], "");
    }
}

#define ROW(text) "[{" text ",\"words\":{\"vi\":\"a\",\"en\":\"b\"}}]"

static void test_faulty_orders_are_refused(void **state)
{
    (void)state;
    const struct shape *s;
    static const char *const rows[] = {
        "{}",
        "[1]",
        ROW("\"field\":\"born\""),
        ROW("\"field\":\"born\",\"not_before\":\"today\",\"not_after\":\"today\""),
        ROW("\"field\":\"name\",\"not_before\":\"today\""),
        ROW("\"field\":\"nothing\",\"not_before\":\"today\""),
        ROW("\"field\":\"born\",\"not_before\":\"known\""),
        ROW("\"field\":\"born\",\"not_before\":\"today\",\"years\":151"),
        ROW("\"field\":\"born\",\"not_before\":\"today\",\"years\":\"6\""),
        ROW("\"field\":\"born\",\"not_before\":\"today\",\"other\":1"),
        "[{\"field\":\"born\",\"not_before\":\"today\"}]",
        "[{\"field\":\"born\",\"not_before\":\"today\",\"words\":{\"vi\":\"a\"}}]",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ctx_clear_faults(&c);
        assert_string_equal(load(rows[i], &s) == ERR_DEFINITION ? "" : rows[i], "");
        assert_string_equal(c.faults[0].field, "f.json");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_orders_are_held, begin, end),
        cmocka_unit_test_setup_teardown(test_what_is_hidden_or_missing_breaks_nothing, begin, end),
        cmocka_unit_test_setup_teardown(test_a_group_holds_its_own, begin, end),
        cmocka_unit_test_setup_teardown(test_names_of_persons, begin, end),
        cmocka_unit_test_setup_teardown(test_faulty_orders_are_refused, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
