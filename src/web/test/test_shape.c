/* SPDX-License-Identifier: Apache-2.0 */
#include "test/harness/unit.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "net/http.h"
#include "web/json.h"
#include "web/shape.h"

struct witness {
    const char *name;
    int64_t age;
};
struct thing {
    const char *name, *story, *colour, *ref, *born, *heard, *phone, *email, *pin, *other, *state;
    const char *secret;
    int64_t copies, fee, at, sure;
    struct list witnesses;
};
#define T struct thing
SHAPE(witness_shape, struct witness,
      SHAPE_TEXT(struct witness, name, TX(web_yes), .max = 10, .flags = F_REQUIRED),
      SHAPE_INT(struct witness, age, TX(web_no), .max = 150));
SHAPE(thing_shape, T,
      SHAPE_TEXT(T, name, TX(web_yes), .min = 2, .max = 10, .flags = F_REQUIRED | F_PERSONAL),
      SHAPE_STRING(T, story, KIND_LONG_TEXT, TX(web_no)),
      SHAPE_STRING(T, colour, KIND_CODE, TX_NONE, .catalogue = "colours"),
      SHAPE_STRING(T, ref, KIND_ID, TX_NONE),
      SHAPE_STRING(T, born, KIND_DATE, TX_NONE, .max = SHAPE_TODAY),
      SHAPE_STRING(T, heard, KIND_PARTIAL_DATE, TX_NONE, .min = 0, .max = 18262 /* 2020-01-01 */),
      SHAPE_STRING(T, phone, KIND_PHONE, TX_NONE), SHAPE_STRING(T, email, KIND_EMAIL, TX_NONE),
      SHAPE_STRING(T, pin, KIND_PIN, TX_NONE, .flags = F_PERSONAL),
      SHAPE_TEXT(T, other, TX_NONE, .flags = F_REQUIRED, .visible_field = "colour",
                 .visible_value = "other"),
      SHAPE_TEXT(T, state, TX_NONE, .flags = F_READ_ONLY),
      SHAPE_TEXT(T, secret, TX_NONE, .flags = F_SECRET),
      SHAPE_INT(T, copies, TX_NONE, .min = 1, .max = 20, .flags = F_REQUIRED),
      SHAPE_NUMBER(T, fee, KIND_MONEY, TX_NONE, .max = 2000000),
      SHAPE_NUMBER(T, at, KIND_TIME, TX_NONE), SHAPE_NUMBER(T, sure, KIND_BOOL, TX_NONE),
      SHAPE_LIST(T, witnesses, &witness_shape, TX(web_no), .min = 1, .max = 2));

static const char *colour_name(struct ctx *c, const char *catalogue, const char *code)
{
    (void)c;
    if (!text_eq(catalogue, "colours"))
        return NULL;
    return text_eq(code, "red") ? "Đỏ" : text_eq(code, "other") ? "Khác" : NULL;
}
static const char *colour_find(struct ctx *c, const char *catalogue, const char *level,
                               const char *typed)
{
    (void)catalogue;
    (void)level;
    return text_eq(text_fold(c->arena, typed), "do") ? "red" : NULL;
}
static const struct catalogues colours = {colour_name, NULL, colour_find};

static int begin(void **state)
{
    static struct ctx c;
    c = (struct ctx){.arena = arena_new(0),
                     .now_us =
                         us_from_civil((struct civil){2025, 11, 21, 9, 0, 0}, LOCAL_OFFSET_US),
                     .request_id = "test"};
    shape_use_catalogues(&colours);
    *state = &c;
    return 0;
}

static int end(void **state)
{
    arena_end(((struct ctx *)*state)->arena);
    return 0;
}

static enum err raw(struct ctx *c, T *t, const char *field, const char *typed)
{
    return shape_set_raw(c, shape_field(&thing_shape, field), t, bytes_of(typed));
}

static void test_forgives_usual_ways_of_typing(void **state)
{
    static const struct {
        const char *field, *typed, *kept;
    } rows[] = {
        {"name", "  Trần   Lan\t", "Trần Lan"},
        {"story", "một\r\nhai", "một\nhai"},
        {"colour", "red", "red"},
        {"colour", "ĐỎ", "red"},
        {"born", "5/3/2020", "2020-03-05"},
        {"born", "", ""},
        {"heard", "1990", "1990"},
        {"heard", "3/1990", "1990-03"},
        {"phone", "+84 905-123.456", "0905123456"},
        {"phone", "(0234) 3822 222", "02343822222"},
        {"phone", "84905123456", "0905123456"},
        {"phone", "+49 30 123456", "+4930123456"},
        {"email", "Lan.Tran@HUE.gov.vn", "Lan.Tran@hue.gov.vn"},
        {"pin", "046 194 000 123", "046194000123"},
        {"pin", "", ""},
        {"ref", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAV"},
    };
    struct ctx *c = *state;
    T *t = shape_new(c->arena, &thing_shape);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(raw(c, t, rows[i].field, rows[i].typed), OK);
        assert_string_equal(shape_text(&thing_shape, t, rows[i].field), rows[i].kept);
    }
}

static void test_reads_numbers_as_people_write_them(void **state)
{
    static const struct {
        const char *field, *typed;
        int64_t kept;
    } rows[] = {
        {"copies", "1", 1},
        {"copies", " 20 ", 20},
        {"fee", "1.250.000 ₫", 1250000},
        {"fee", "1,250,000đ", 1250000},
        {"fee", "1 250 000 VND", 1250000},
        {"fee", "0", 0},
        {"fee",
         "1\xc2\xa0"
         "250\xc2\xa0"
         "000 đồng",
         1250000},
        {"fee", "2000000", 2000000},
        {"sure", "on", 1},
        {"sure", "Có", 1},
        {"sure", "false", 0},
        {"sure", "không", 0},
        {"at", "1970-01-01T00:00:01Z", SECOND_US},
        {"at", "1970-01-01T07:00", 0},
    };
    struct ctx *c = *state;
    T *t = shape_new(c->arena, &thing_shape);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(raw(c, t, rows[i].field, rows[i].typed), OK);
        assert_int_equal(shape_int(&thing_shape, t, rows[i].field), rows[i].kept);
    }
}

static void test_names_the_field_and_the_fault(void **state)
{
    static const struct {
        const char *field, *typed;
        enum err err;
    } rows[] = {
        {"name", "A", ERR_TOO_SHORT},
        {"name", "Mười một chữ", ERR_TOO_LONG},
        {"name", "a\x01", ERR_BAD_UTF8},
        {"name", "\xff\xfe", ERR_BAD_UTF8},
        {"colour", "blue", ERR_BAD_CODE},
        {"ref", "nope", ERR_BAD_CODE},
        {"born", "30/02/2020", ERR_BAD_DATE},
        {"born", "22/11/2025", ERR_FUTURE},
        {"heard", "2/1/2020", ERR_OUT_OF_RANGE},
        {"phone", "123", ERR_BAD_PHONE},
        {"phone", "09051234567890", ERR_BAD_PHONE},
        {"email", "a@b", ERR_BAD_EMAIL},
        {"email", "a b@c.vn", ERR_BAD_EMAIL},
        {"email", "a@@c.vn", ERR_BAD_EMAIL},
        {"pin", "12345678901", ERR_BAD_PIN},
        {"copies", "0", ERR_OUT_OF_RANGE},
        {"copies", "21", ERR_OUT_OF_RANGE},
        {"copies", "1.5", ERR_BAD_NUMBER},
        {"copies", "một", ERR_BAD_NUMBER},
        {"fee", "2000001", ERR_OUT_OF_RANGE},
        {"fee", "-1", ERR_OUT_OF_RANGE},
        {"fee", "1.25.000", ERR_BAD_NUMBER},
        {"fee", "99999999999999999999", ERR_BAD_NUMBER},
        {"fee", "1.250,000", ERR_BAD_NUMBER},
        {"at", "hôm qua", ERR_BAD_DATE},
        {"sure", "maybe", ERR_BAD_CODE},
    };
    struct ctx *c = *state;
    T *t = shape_new(c->arena, &thing_shape);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ctx_clear_faults(c);
        enum err e = raw(c, t, rows[i].field, rows[i].typed);
        if (e != rows[i].err)
            print_error("%s = %s\n", rows[i].field, rows[i].typed);
        assert_int_equal(e, rows[i].err);
        assert_int_equal(c->n_faults, 1);
        assert_string_equal(c->faults[0].field, rows[i].field);
    }
    assert_int_equal(raw(c, t, "born", "21/11/2025"), OK); /* today is not the future */
    assert_int_equal(raw(c, t, "heard", "2020"), OK);      /* a year that reaches over the bound */
}

static enum err json(struct ctx *c, T *t, const char *text)
{
    ctx_clear_faults(c);
    return shape_from_json(c, &thing_shape, bytes_of(text), t);
}

static bool faulted(const struct ctx *c, const char *field, enum err e)
{
    for (size_t i = 0; i < c->n_faults; i++) {
        if (c->faults[i].err == e && text_eq(c->faults[i].field, field))
            return true;
    }
    return false;
}

static void test_json_round_trip(void **state)
{
    struct ctx *c = *state;
    T *t = shape_new(c->arena, &thing_shape), *again = shape_new(c->arena, &thing_shape);
    const char *text = "{\"name\":\"Lan \\\"<b>\",\"copies\":2,\"fee\":5,\"sure\":true,"
                       "\"born\":\"2020-03-05\",\"at\":\"2020-01-01T00:00:00Z\",\"story\":null,"
                       "\"witnesses\":[{\"name\":\"An\",\"age\":7},{\"name\":\"Đào\"}]}";
    assert_int_equal(json(c, t, text), OK);
    assert_int_equal(t->witnesses.n, 2);
    t->secret = "hidden";
    struct buf a = buf_new(c->arena, 10000), b = buf_new(c->arena, 10000);
    shape_to_json(&a, &thing_shape, t);
    assert_null(strstr(a.ptr, "hidden"));
    assert_int_equal(json(c, again, a.ptr), OK);
    shape_to_json(&b, &thing_shape, again);
    assert_string_equal(a.ptr, b.ptr);
    struct buf log = buf_new(c->arena, 10000);
    shape_to_log(&log, &thing_shape, t);
    assert_null(strstr(log.ptr, "Lan"));
    assert_non_null(strstr(log.ptr, "\"copies\":2"));
}

static void test_what_was_kept_is_restored_as_it_stood(void **state)
{
    struct ctx *c = *state;
    T *t = shape_new(c->arena, &thing_shape), *again = shape_new(c->arena, &thing_shape);
    assert_int_equal(json(c, t,
                          "{\"name\":\"Lan\",\"copies\":2,\"sure\":true,"
                          "\"at\":\"2020-01-01T00:00:00Z\",\"witnesses\":[{\"name\":\"An\"}]}"),
                     OK);
    t->state = "open"; /* read-only: no client may write it */
    struct buf a = buf_new(c->arena, 10000), b = buf_new(c->arena, 10000);
    shape_to_json(&a, &thing_shape, t);
    assert_int_equal(shape_restore(c, &thing_shape, buf_bytes(&a), again), OK);
    assert_string_equal(again->state, "open");
    shape_to_json(&b, &thing_shape, again);
    assert_string_equal(a.ptr, b.ptr);
    /* a draft: nothing required, what the shape has lost falls out */
    assert_int_equal(shape_restore(c, &thing_shape, bytes_of("{\"copies\":3,\"gone\":1}"), again),
                     OK);
    assert_string_equal(again->name, "");
    assert_int_equal(again->copies, 3);
    assert_int_equal(again->witnesses.n, 0);
    assert_int_equal(shape_restore(c, &thing_shape, bytes_of("{"), again), ERR_JSON);
}

static void test_json_reports_every_fault_by_name(void **state)
{
    struct ctx *c = *state;
    T *t = shape_new(c->arena, &thing_shape);
    t->state = "open";
    assert_int_not_equal(json(c, t,
                              "{\"name\":5,\"nam\":\"x\",\"state\":\"done\",\"fee\":1.5,"
                              "\"colour\":\"other\",\"witnesses\":[{\"name\":\"\"},7],"
                              "\"pin\":\"1\"}"),
                         OK);
    assert_true(faulted(c, "name", ERR_WRONG_KIND));
    assert_true(faulted(c, "nam", ERR_UNKNOWN_FIELD));
    assert_true(faulted(c, "state", ERR_FIELD_READ_ONLY));
    assert_true(faulted(c, "fee", ERR_WRONG_KIND));
    assert_true(faulted(c, "other", ERR_REQUIRED));
    assert_true(faulted(c, "copies", ERR_REQUIRED));
    assert_true(faulted(c, "witnesses.0.name", ERR_REQUIRED));
    assert_true(faulted(c, "witnesses.1", ERR_WRONG_KIND));
    assert_true(faulted(c, "pin", ERR_BAD_PIN));
    t = shape_new(c->arena, &thing_shape);
    t->state = "open";
    assert_int_equal(json(c, t, "{\"name\":\"Lan\",\"copies\":1,\"state\":\"open\"}"), OK);
    assert_string_equal(t->state, "open");
}

static void test_json_is_strict(void **state)
{
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "{\"name\":\"a\",\"name\":\"b\"}",
        "{\"name\":\"Lan\",\"copies\":1}x",
        "{\"name\":\"\\u0000\"}",
        "{\"copies\":99999999999999999999}",
        "{'name':1}",
        "{\"witnesses\":[[[[[[[[[[]]]]]]]]]]}",
        "{\"witnesses\":[{},{},{}]}",
    };
    struct ctx *c = *state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_not_equal(json(c, shape_new(c->arena, &thing_shape), bad[i]), OK);
    struct buf deep = buf_new(c->arena, 1 << 20);
    for (int i = 0; i < 100000; i++)
        buf_char(&deep, '[');
    json_t *j = NULL;
    assert_int_equal(json_in(c, "x", buf_bytes(&deep), &j), ERR_JSON);
}

static void test_hidden_fields_are_emptied_not_required(void **state)
{
    struct ctx *c = *state;
    T *t = shape_new(c->arena, &thing_shape);
    assert_int_equal(json(c, t,
                          "{\"name\":\"Lan\",\"copies\":1,\"colour\":\"red\","
                          "\"other\":\"x\"}"),
                     OK);
    assert_string_equal(t->other, "");
    assert_int_equal(json(c, t,
                          "{\"name\":\"Lan\",\"copies\":1,\"colour\":\"other\","
                          "\"other\":\"x\"}"),
                     OK);
    assert_string_equal(t->other, "x");
}

static void test_form(void **state)
{
    static const struct http_header form[] = {{"_csrf", "zzz"},         {"name", "Lan"},
                                              {"born-day", "5"},        {"born-month", "3"},
                                              {"born-year", "2020"},    {"copies", "2"},
                                              {"state", "done"},        {"witnesses.0.name", "An"},
                                              {"witnesses.1.name", ""}, {"witnesses.1.age", ""}};
    static const struct http_header wrong[] = {
        {"name", "Lan"},       {"colour", "nope"},       {"extra", "1"},
        {"copies", ""},        {"born-day", "31"},       {"born-month", "2"},
        {"born-year", "2020"}, {"witnesses.0.age", "x"}, {"foo.bar", "1"}};
    struct ctx *c = *state;
    T *t = shape_new(c->arena, &thing_shape);
    t->sure = 1;
    assert_int_equal(shape_from_form(c, &thing_shape, form, ARRAY_LEN(form), t), OK);
    assert_string_equal(t->born, "2020-03-05");
    assert_string_equal(t->state, "");
    assert_int_equal(t->sure, 0);
    assert_int_equal(t->witnesses.n, 1);
    t = shape_new(c->arena, &thing_shape);
    assert_int_not_equal(shape_from_form(c, &thing_shape, wrong, ARRAY_LEN(wrong), t), OK);
    assert_true(faulted(c, "colour", ERR_BAD_CODE));
    assert_true(faulted(c, "extra", ERR_UNKNOWN_FIELD));
    assert_true(faulted(c, "foo.bar", ERR_UNKNOWN_FIELD));
    assert_true(faulted(c, "copies", ERR_REQUIRED));
    assert_true(faulted(c, "born", ERR_BAD_DATE));
    assert_true(faulted(c, "witnesses.0.age", ERR_BAD_NUMBER));
    assert_true(faulted(c, "witnesses.0.name", ERR_REQUIRED));
    assert_string_equal(shape_label_of(c->arena, &thing_shape, "witnesses.0.name", LANG_VI),
                        "Không 1, Có");
}

static void test_shown_for_people(void **state)
{
    struct ctx *c = *state;
    T *t = shape_new(c->arena, &thing_shape);
    assert_int_equal(json(c, t,
                          "{\"name\":\"Lan\",\"copies\":1,\"colour\":\"red\",\"fee\":1250000,"
                          "\"born\":\"2020-03-05\",\"sure\":true}"),
                     OK);
    const struct shape *s = &thing_shape;
    assert_string_equal(shape_shown(c, shape_field(s, "colour"), t), "Đỏ");
    assert_string_equal(shape_shown(c, shape_field(s, "fee"), t), "1.250.000 ₫");
    assert_string_equal(shape_shown(c, shape_field(s, "born"), t), "05/03/2020");
    assert_string_equal(shape_shown(c, shape_field(s, "sure"), t), "Có");
    assert_string_equal(shape_typed(c, shape_field(s, "fee"), t), "1250000");
}

/* ---- shapes of the country pack ---- */

static enum err load(struct ctx *c, const char *fields, const struct shape **ret_shape)
{
    json_t *j = NULL;
    ctx_clear_faults(c);
    enum err e = json_definition(c, "f.json", bytes_of(fields), &j);
    if (!e)
        e = shape_load(c, c->arena, "f.json", "1.001193", j, ret_shape);
    json_end(j);
    return e;
}
#define LABEL "\"label\":{\"vi\":\"Tên\",\"en\":\"Name\"}"

static void test_loaded_shape_works_as_a_compiled_one(void **state)
{
    struct ctx *c = *state;
    const struct shape *s = NULL;
    assert_int_equal(
        load(c,
             "[{\"name\":\"a\",\"kind\":\"text\",\"required\":true," LABEL
             ",\"group\":\"one\"},{\"name\":\"b\",\"kind\":\"bool\",\"default\":true," LABEL "},"
             "{\"name\":\"c\",\"kind\":\"id\",\"format\":\"pin\",\"personal\":true," LABEL
             ",\"visible_when\":{\"field\":\"b\",\"equals\":true},\"prefill\":{\"register\":\"p\","
             "\"field\":\"pin\",\"subject\":\"mother\"}},{\"name\":\"l\",\"kind\":\"list\"," LABEL
             ",\"fields\":[{\"name\":\"x\",\"kind\":\"int\",\"max\":9," LABEL "}]}]",
             &s),
        OK);
    char *r = shape_new(c->arena, s);
    shape_fallbacks(c, s, r);
    assert_int_equal(shape_int(s, r, "b"), 1);
    assert_string_equal(shape_label(shape_field(s, "a"), LANG_EN), "Name");
    assert_int_equal(shape_from_json(c, s,
                                     bytes_of("{\"a\":\"x\",\"c\":\"046194000123\","
                                              "\"l\":[{\"x\":3}]}"),
                                     r),
                     OK);
    assert_string_equal(shape_text(s, r, "c"), "046194000123");
    assert_int_equal(shape_from_json(c, s, bytes_of("{\"b\":false,\"l\":[{\"x\":10}]}"), r),
                     ERR_OUT_OF_RANGE);
    assert_true(faulted(c, "l.0.x", ERR_OUT_OF_RANGE));
    assert_string_equal(shape_text(s, r, "c"), ""); /* hidden now */
    const struct shape *part = shape_group(c->arena, s, "one");
    assert_int_equal(part->n, 1);
    static const struct http_header form[] = {{"a", "y"}, {"b", "1"}};
    assert_int_equal(shape_from_form(c, part, form, 2, r), OK);
    assert_string_equal(shape_text(s, r, "a"), "y");
}

static void test_faulty_definition_names_file_place_and_reason(void **state)
{
    static const struct {
        const char *fields, *place;
    } rows[] = {
        {"[{\"kind\":\"text\"," LABEL "}]", "fields[0].name"},
        {"[{\"name\":\"A\",\"kind\":\"text\"," LABEL "}]", "fields[0].name"},
        {"[{\"name\":\"a\",\"kind\":\"txt\"," LABEL "}]", "fields[0].kind"},
        {"[{\"name\":\"a\",\"kind\":\"text\"}]", "fields[0].label"},
        {"[{\"name\":\"a\",\"kind\":\"text\",\"label\":{\"vi\":\"x\"}}]", "fields[0].label.en"},
        {"[{\"name\":\"a\",\"kind\":\"text\",\"typo\":1," LABEL "}]", "fields[0].typo"},
        {"[{\"name\":\"a\",\"kind\":\"int\",\"min\":5,\"max\":4," LABEL "}]", "fields[0].min"},
        {"[{\"name\":\"a\",\"kind\":\"text\"," LABEL "},{\"name\":\"a\",\"kind\":\"text\"," LABEL
         "}]",
         "fields[1].name"},
        {"[{\"name\":\"a\",\"kind\":\"text\",\"visible_when\":{\"field\":\"a\",\"equals\":\"\"}"
         "," LABEL "}]",
         "fields[0].visible_when.field"},
        {"[{\"name\":\"a\",\"kind\":\"int\",\"max\":4,\"default\":5," LABEL "}]",
         "fields[0].default"},
        {"[{\"name\":\"a\",\"kind\":\"list\"," LABEL "}]", "fields[0].fields"},
        {"[{\"name\":\"a\",\"kind\":\"list\",\"fields\":[{\"name\":\"b\",\"kind\":\"list\"," LABEL
         ",\"fields\":[]}]," LABEL "}]",
         "fields[0].fields[0].fields"},
        {"[]", "fields"},
        {"[\n\n{]", "line 3"},
    };
    struct ctx *c = *state;
    const struct shape *s = NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(load(c, rows[i].fields, &s), ERR_DEFINITION);
        assert_string_equal(c->faults[0].field, "f.json");
        assert_string_equal(c->faults[0].args[0], rows[i].place);
        assert_true(strlen(c->faults[0].args[1]) > 3);
    }
    assert_null(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_forgives_usual_ways_of_typing, begin, end),
        cmocka_unit_test_setup_teardown(test_reads_numbers_as_people_write_them, begin, end),
        cmocka_unit_test_setup_teardown(test_names_the_field_and_the_fault, begin, end),
        cmocka_unit_test_setup_teardown(test_json_round_trip, begin, end),
        cmocka_unit_test_setup_teardown(test_what_was_kept_is_restored_as_it_stood, begin, end),
        cmocka_unit_test_setup_teardown(test_json_reports_every_fault_by_name, begin, end),
        cmocka_unit_test_setup_teardown(test_json_is_strict, begin, end),
        cmocka_unit_test_setup_teardown(test_hidden_fields_are_emptied_not_required, begin, end),
        cmocka_unit_test_setup_teardown(test_form, begin, end),
        cmocka_unit_test_setup_teardown(test_shown_for_people, begin, end),
        cmocka_unit_test_setup_teardown(test_loaded_shape_works_as_a_compiled_one, begin, end),
        cmocka_unit_test_setup_teardown(test_faulty_definition_names_file_place_and_reason, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
