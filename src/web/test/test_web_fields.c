/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies whose fields only the handler knows: forms and JSON by the same names. */
#include "web/test/support.h"

#define BODY(name) static void name(struct db_world *w, struct web *web, struct web_client *b)
#define USES       (void)w, (void)web, (void)b

BODY(form_and_json)
{
    USES;
    assert_int_equal(
        WEB_POST(b, "/fields", "body", "một", "born", "5/3/2020", "copies", "2", "n", "7"), 200);
    assert_string_equal(b->text, "một|2020-03-05|2|7|- 0");
    assert_int_equal(web_post_json(b, "/fields",
                                   "{\"body\":\"một\",\"born\":\"2020-03-05\","
                                   "\"copies\":2,\"n\":7,\"_x\":true}"),
                     200);
    assert_string_equal(b->text, "một|2020-03-05|2|7|- 0");
    assert_int_equal(web_post_json(b, "/fields", "{\"body\":\"hai\",\"copies\":\"4\"}"), 200);
    assert_string_equal(b->text, "hai||4|0|- 0");
    assert_int_equal(web_post_json(b, "/fields",
                                   "{\"body\":\"a\",\"copies\":1,\"photo\":{\"name\":"
                                   "\"../x/y.jpg\",\"content\":\"aGFp\"}}"),
                     422); /* a file, but the note has no such field */
    assert_true(web_shows(b, "\"field\":\"photo\""));
    const struct web_file photo = {"photo", "y.jpg", "image/jpeg", bytes_of("hai")};
    const char *const fields[] = {"body", "a", "copies", "1", NULL};
    assert_int_equal(web_post_files(b, "/fields", fields, &photo, 1), 200);
    assert_string_equal(b->text, "a||1|0|y.jpg 3");
}

BODY(wrong_bodies)
{
    USES;
    static const struct {
        const char *json;
        int status;
        const char *field, *code, *label;
    } rows[] = {
        {"{\"copies\":2}", 422, "body", "ERR_REQUIRED", "Tìm"},
        {"{\"body\":\"a\"}", 422, "copies", "ERR_REQUIRED", "Năm"},
        {"{\"body\":\"a\",\"copies\":12}", 422, "copies", "ERR_OUT_OF_RANGE", "Năm"},
        {"{\"body\":\"a\",\"copies\":true}", 422, "copies", "ERR_WRONG_KIND", "Năm"},
        {"{\"body\":1,\"copies\":2}", 422, "body", "ERR_WRONG_KIND", "Tìm"},
        {"{\"body\":\"a\",\"copies\":1.5}", 422, "copies", "ERR_WRONG_KIND", "Năm"},
        {"{\"body\":[\"a\"],\"copies\":2}", 422, "body", "ERR_WRONG_KIND", "Tìm"},
        {"{\"body\":\"a\",\"copies\":2,\"n\":\"x\"}", 422, "n", "ERR_BAD_NUMBER", "Tìm"},
        {"{\"body\":\"a\",\"copies\":2,\"other\":1}", 422, "other", "ERR_UNKNOWN_FIELD", "other"},
        {"{\"a\\u0001\":1}", 422, "?", "ERR_UNKNOWN_FIELD", "?"},
        {"{\"body\":{\"name\":\"a\",\"content\":\"%\"}}", 422, "body", "ERR_WRONG_KIND", "Tìm"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        web_post_json(b, "/fields", rows[i].json);
        bool named = web_shows(b, arena_printf(w->c->arena, "{\"field\":\"%s\"", rows[i].field)) &&
                     web_shows(b, rows[i].code);
        if (rows[i].label &&
            !web_shows(b, arena_printf(w->c->arena, "\"field\":\"%s\",\"label\":\"%s\"",
                                       rows[i].field, rows[i].label)))
            named = false;
        if (b->status != rows[i].status || !named)
            print_error("%s: %d %s\n", rows[i].json, b->status, b->text);
        assert_int_equal(b->status, rows[i].status);
        assert_true(named);
    }
    assert_int_equal(web_post_json(b, "/fields", "{\"body\":"), 400);
    assert_int_equal(web_post_json(b, "/fields", "{\"a\":1,\"a\":2}"), 400);
    assert_int_equal(web_post_json(b, "/fields", "{\"a\":[[[[[[[[]]]]]]]]}"), 400); /* deep */
    assert_int_equal(web_post_json(b, "/fields", "7"), 400);
    assert_int_equal(web_post_json(b, "/fields", "[]"), 422);
    b->accept = "application/json";
    assert_int_equal(web_send(b, "POST", "/fields", "text/plain", bytes_of("a=1")), 415);
    assert_int_equal(web_send(b, "POST", "/fields", "application/json", (struct bytes){0}), 400);
}

BODY(sent_twice)
{
    USES;
    b->key = "k1";
    assert_int_equal(web_post_json(b, "/fields", "{\"body\":\"a\",\"copies\":1}"), 200);
    b->key = "k1";
    assert_int_equal(web_post_json(b, "/fields", "{\"body\":\"a\",\"copies\":1}"), 200);
    b->key = "k1";
    assert_int_equal(web_post_json(b, "/fields", "{\"body\":\"b\",\"copies\":1}"), 409);
}

BODY(told_in_openapi)
{
    USES;
    assert_int_equal(web_get(b, "/openapi.json"), 200);
    const char *at = strstr(b->text, "\"/fields\":");
    assert_non_null(at);
    const char *end = strstr(at, "\"responses\"");
    const char *body = arena_text_n(w->c->arena, at, (size_t)(end - at));
    assert_non_null(strstr(body, "\"application/json\":{\"schema\""));
    assert_non_null(strstr(body, "\"multipart/form-data\":{\"schema\""));
    assert_non_null(strstr(body, "\"contentEncoding\":\"base64\""));
    assert_non_null(strstr(body, "\"properties\":{\"n\":"));
    assert_null(
        strstr(body, "\"additionalProperties\":false,\"type\":\"object\",\"properties\":{\"n\""));
}

#define T(name)                                                                                    \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        site_test(name);                                                                           \
    }
T(form_and_json)
T(wrong_bodies)
T(sent_twice)
T(told_in_openapi)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form_and_json),
        cmocka_unit_test(test_wrong_bodies),
        cmocka_unit_test(test_sent_twice),
        cmocka_unit_test(test_told_in_openapi),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
