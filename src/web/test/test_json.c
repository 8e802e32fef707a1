/* SPDX-License-Identifier: Apache-2.0 */
/* Reading documents: why one is refused, what a member holds, what a definition's rows ask for. */
#include "test/harness/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "gen/texts.h"
#include "web/json.h"

struct room {
    struct arena *arena;
    struct ctx c;
};

static struct ctx *begin(struct room *r)
{
    r->arena = arena_new(0);
    r->c = (struct ctx){.arena = r->arena, .lang = LANG_EN};
    return &r->c;
}

static json_t *read_json(struct ctx *c, const char *text)
{
    json_t *j = NULL;
    assert_int_equal(json_in(c, "t", bytes_of(text), &j), OK);
    return j;
}

/* ---- why it is refused ---- */

static void refused(struct ctx *c, const char *text, size_t len, const char *line, const char *why)
{
    json_t *j = NULL;
    size_t before = c->n_faults;
    assert_int_equal(json_in(c, "t", (struct bytes){(const uint8_t *)text, len}, &j), ERR_JSON);
    assert_null(j);
    assert_int_equal(c->n_faults, before + 1);
    assert_string_equal(c->faults[before].args[0], line);
    if (!strstr(c->faults[before].args[1], why))
        print_error("%.*s: %s\n", (int)len, text, c->faults[before].args[1]);
    assert_non_null(strstr(c->faults[before].args[1], why));
    ctx_clear_faults(c);
}
#define REFUSED(c, text, line, why) refused((c), (text), sizeof(text) - 1, (line), (why))

static void test_reasons_are_told(void **state)
{
    (void)state;
    struct room r;
    struct ctx *c = begin(&r);
    char name[2 * 120 + 20];
    REFUSED(c, "{\"a\":\"\xff\"}", "1", "UTF-8");
    REFUSED(c, "{\"a\":", "1", text_get(TX(web_json_end), LANG_EN));
    REFUSED(c, "{} x", "1", text_get(TX(web_json_more), LANG_EN));
    REFUSED(c, "[\"a\\u0000\"]", "1", text_get(TX(web_json_null), LANG_EN));
    REFUSED(c, "{\"a\\u0000\":1}", "1", text_get(TX(web_json_null), LANG_EN));
    REFUSED(c, "[99999999999999999999]", "1", text_get(TX(web_json_number), LANG_EN));
    REFUSED(c, "{\n\n,}", "3", text_get(TX(web_json_syntax), LANG_EN));
    REFUSED(c, "", "1", text_get(TX(web_json_end), LANG_EN));
    REFUSED(c, "{\"tên\":1,\n\"tên\":2}", "2", "tên");
    REFUSED(c, "{\"\":1,\"\":2}", "1", "“”");
    memset(name, 'n', sizeof name);
    size_t n = (size_t)snprintf(name, sizeof name, "{\"%0120d\":1,\"%0120d\":2}", 1, 1);
    refused(c, name, n, "1", "?");                                  /* too long a name to repeat */
    REFUSED(c, "{\"a\":[12,true,null\0,\"110\"],\"a\":}", "1", ""); /* found by fuzzing */
    /* the reader counts no zero byte behind a number: as it tells, it stops before any name */
    static const char uncounted[] =
        "[1\0,1\0,1\0,1\0,1\0,1\0,1\0,1\0,1\0,1\0,1\0,1\0,1\0,1\0,1\0,1\0,"
        "{\"a\":1,\"a\":2}]";
    REFUSED(c, uncounted, "1", "“?”");
    char deep[2 * (JSON_DEPTH + 1)];
    memset(deep, '[', JSON_DEPTH + 1);
    memset(deep + JSON_DEPTH + 1, ']', JSON_DEPTH + 1);
    refused(c, deep, sizeof deep, "1", arena_printf(c->arena, "%d", JSON_DEPTH));
    assert_non_null(strstr(json_deeper(c, 64), "64"));
    json_t *j = NULL;
    assert_int_equal(json_definition(c, "f.json", bytes_of("{\n]"), &j), ERR_DEFINITION);
    assert_string_equal(c->faults[0].args[0], "line 2");
    arena_end(r.arena);
}

/* ---- what a member holds ---- */

static void test_members_by_kind(void **state)
{
    (void)state;
    struct room r;
    struct ctx *c = begin(&r);
    json_t *o = read_json(c, "{\"t\":\"x\",\"i\":-7,\"y\":true,\"n\":false,\"l\":[1],\"z\":null}");
    assert_string_equal(json_text_of(o, "t", "-"), "x");
    assert_string_equal(json_text_of(o, "i", "-"), "-");
    assert_int_equal(json_int_of(o, "i", 5), -7);
    assert_int_equal(json_int_of(o, "t", 5), 5);
    assert_int_equal(json_int_of(o, "none", 5), 5);
    assert_true(json_bool_of(o, "y", false));
    assert_false(json_bool_of(o, "n", true));
    assert_true(json_bool_of(o, "z", true));
    assert_int_equal(json_array_size(json_list_of(o, "l")), 1);
    assert_null(json_list_of(o, "t"));
    assert_null(json_list_of(NULL, "l"));
    assert_string_equal(json_out(r.arena, o, false),
                        "{\"t\":\"x\",\"i\":-7,\"y\":true,\"n\":false,\"l\":[1],\"z\":null}");
    assert_non_null(strstr(json_out(r.arena, o, true), "\n  \"i\": -7"));
    json_end(o);
    arena_end(r.arena);
}

/* ---- what a definition's rows ask for ---- */

static const struct json_member rows[] = {{.name = "t", .kind = JSON_K_TEXT, .required = true},
                                          {.name = "i", .kind = JSON_K_INT},
                                          {.name = "b", .kind = JSON_K_BOOL},
                                          {.name = "l", .kind = JSON_K_LIST},
                                          {.name = "o", .kind = JSON_K_OBJECT},
                                          {.name = "a", .kind = JSON_K_ANY}};

static void test_rows_of_a_definition(void **state)
{
    (void)state;
    static const struct {
        const char *json, *place, *at, *why;
    } cases[] = {
        {"{\"t\":\"x\",\"i\":1,\"b\":true,\"l\":[],\"o\":{},\"a\":1,\"$comment\":1}", "", NULL,
         NULL},
        {"{\"t\":\"x\",\"i\":null,\"b\":false}", "", NULL, NULL},
        {"[]", "p", "p", "not an object"},
        {"{\"t\":\"x\",\"u\":1}", "p", "p.u", "unknown member"},
        {"{\"t\":\"x\",\"u\":null}", "", "u", "unknown member"},
        {"{\"t\":1}", "", "t", "not of kind string"},
        {"{\"t\":\"x\",\"i\":\"1\"}", "", "i", "not of kind integer"},
        {"{\"t\":\"x\",\"b\":0}", "", "b", "not of kind boolean"},
        {"{\"t\":\"x\",\"l\":{}}", "", "l", "not of kind array"},
        {"{\"t\":\"x\",\"o\":[]}", "", "o", "not of kind object"},
        {"{}", "p", "p.t", "missing"},
        {"{\"t\":null}", "", "t", "missing"},
    };
    struct room r;
    struct ctx *c = begin(&r);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_t *o = read_json(c, cases[i].json);
        enum err e = json_members(c, "f.json", cases[i].place, o, rows, ARRAY_LEN(rows));
        assert_int_equal(e, cases[i].why ? ERR_DEFINITION : OK);
        if (e) {
            assert_string_equal(c->faults[0].args[0], cases[i].at);
            assert_string_equal(c->faults[0].args[1], cases[i].why);
        }
        ctx_clear_faults(c);
        json_end(o);
    }
    assert_int_equal(json_members(c, "f.json", "", NULL, rows, ARRAY_LEN(rows)), ERR_DEFINITION);
    assert_string_equal(json_kind_words(c, "array"), text_get(TX(web_json_array), LANG_EN));
    assert_string_equal(json_kind_words(c, "value"), "value");
    arena_end(r.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reasons_are_told),
        cmocka_unit_test(test_members_by_kind),
        cmocka_unit_test(test_rows_of_a_definition),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
