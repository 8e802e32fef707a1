/* SPDX-License-Identifier: Apache-2.0 */
/* Acts that are sent twice are done once; what a prepare step sees; a full line of workers. */
#include "web/test/support.h"

#include <pthread.h>

#include "web/json.h"

#define NOTE       "body", "một ghi chú", "copies", "2"
#define BODY(name) static void name(struct db_world *w, struct web *web, struct web_client *b)

BODY(same_key_same_body)
{
    (void)web;
    b->key = "k1";
    assert_int_equal(WEB_POST(b, "/note", NOTE), 303);
    assert_null(web_answer_header(b, "Idempotency-Replayed"));
    b->key = "k1";
    assert_int_equal(WEB_POST(b, "/note", NOTE), 303);
    assert_string_equal(web_answer_header(b, "Location"), "/note");
    assert_string_equal(web_answer_header(b, "Idempotency-Replayed"), "true");
    assert_int_equal(site_count(w, "note"), 1);
    assert_int_equal(WEB_POST(b, "/note", NOTE), 303); /* a fresh key: another act */
    assert_int_equal(site_count(w, "note"), 2);
}

BODY(same_key_other_body)
{
    (void)web;
    b->key = "k1";
    assert_int_equal(WEB_POST(b, "/note", NOTE), 303);
    b->key = "k1";
    assert_int_equal(WEB_POST(b, "/note", "body", "khác", "copies", "2"), 409);
    b->key = "k1";
    assert_int_equal(WEB_POST(b, "/plain", NOTE), 409);
    b->key = "k1";
    assert_int_equal(web_post_json(b, "/note", "{\"body\":\"a\",\"copies\":1}"), 409);
    assert_true(web_shows(b, "ERR_KEY_REUSED"));
    assert_int_equal(site_count(w, "note"), 1);
}

BODY(refused_act_keeps_no_answer)
{
    (void)web;
    site.handler_err = ERR_CONFLICT;
    b->key = "k1";
    assert_int_equal(WEB_POST(b, "/plain", NOTE), 409);
    site.handler_err = OK;
    b->key = "k1";
    assert_int_equal(WEB_POST(b, "/plain", NOTE), 303);
    assert_int_equal(site_count(w, "note"), 1);
}

BODY(keys_belong_to_their_owner)
{
    (void)web;
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303);
    assert_int_equal(web_get(b, "/note"), 200);
    b->key = "k1";
    assert_int_equal(WEB_POST(b, "/note", NOTE), 303);
    struct web_client other = web_client_new(b->arena, b->web);
    assert_int_equal(WEB_POST(&other, "/sign-in", "who", "a2"), 303);
    assert_int_equal(web_get(&other, "/note"), 200);
    other.key = "k1";
    assert_int_equal(WEB_POST(&other, "/note", NOTE), 303);
    assert_int_equal(site_count(w, "note"), 2);
}

BODY(sign_in_is_not_remembered)
{
    (void)w;
    (void)web;
    b->key = "k1";
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303);
    const char *first = b->cookies;
    b->cookies = "";
    b->key = "k1";
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303);
    assert_non_null(web_answer_header(b, "Set-Cookie"));
    assert_string_not_equal(first, b->cookies);
}

BODY(prepare_runs_once_a_key)
{
    (void)web;
    b->key = "k1";
    assert_int_equal(WEB_POST(b, "/prepared", NOTE), 303);
    b->key = "k1";
    assert_int_equal(WEB_POST(b, "/prepared", NOTE), 303);
    assert_int_equal(site.prepared, 1);
    assert_int_equal(site_count(w, "note"), 1);
    assert_int_equal(WEB_POST(b, "/prepared", "body", ""), 422); /* wrong body: no slow step */
    assert_int_equal(site.prepared, 1);
}

#define TOGETHER 16
static void *press(void *arg)
{
    struct web_client *b = arg;
    b->key = "the same";
    WEB_POST(b, "/note", NOTE);
    return NULL;
}

BODY(pressed_many_times_at_once)
{
    pthread_t thread[TOGETHER];
    struct web_client client[TOGETHER];
    int replayed = 0;
    for (size_t i = 0; i < TOGETHER; i++) {
        client[i] = web_client_new(arena_new(0), web);
        assert_int_equal(pthread_create(&thread[i], NULL, press, &client[i]), 0);
    }
    for (size_t i = 0; i < TOGETHER; i++) {
        pthread_join(thread[i], NULL);
        assert_int_equal(client[i].status, 303);
        replayed += web_answer_header(&client[i], "Idempotency-Replayed") != NULL;
        arena_end(client[i].arena);
    }
    (void)b;
    assert_int_equal(replayed, TOGETHER - 1);
    assert_int_equal(site_count(w, "note"), 1);
}

static enum err clean_work(struct ctx *c, void *arg)
{
    return web_clean(c, arg);
}

BODY(old_answers_and_sessions_go)
{
    (void)web;
    int64_t removed = 0;
    b->key = "k1";
    assert_int_equal(WEB_POST(b, "/note", NOTE), 303);
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303);
    assert_int_equal(db_write(w->c, w->db, clean_work, &removed), OK);
    assert_int_equal(removed, 0);
    w->c->now_us += 7 * DAY_US + SECOND_US;
    assert_int_equal(db_write(w->c, w->db, clean_work, &removed), OK);
    assert_int_equal(removed, 2);
    b->key = "k1";
    b->cookies = "";
    assert_int_equal(WEB_POST(b, "/note", NOTE), 303);
    assert_int_equal(site_count(w, "note"), 2);
}

/* ---- what can't start ---- */

static enum err nothing(struct ctx *c, struct req *r)
{
    return answer_json(c, r, 200, bytes_of("{}"));
}

BODY(faulty_rows_are_refused)
{
    (void)b;
    static const struct route rows[] = {
        {.method = "GET", .path = "/x", .handler = nothing},
        {.method = "POST", .path = "/x", .permission = PUBLIC, .handler = nothing},
        {.method = "GET", .path = "/note", .permission = PUBLIC, .handler = nothing},
        {.method = "GET", .path = "x", .permission = PUBLIC, .handler = nothing},
        {.method = "FETCH", .path = "/x", .permission = PUBLIC, .handler = nothing},
        {.method = "GET", .path = "/x", .permission = PUBLIC},
        {.method = "GET",
         .path = "/x",
         .permission = SIGNED_IN,
         .handler = nothing,
         .flags = ROUTE_NO_DB},
        {.method = "GET", .path = "/{a*}/x", .permission = PUBLIC, .handler = nothing},
        {.method = "GET", .path = "/item/{other}", .permission = PUBLIC, .handler = nothing},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        ctx_clear_faults(w->c);
        assert_int_equal(web_add(w->c, web, "x", &rows[i], 1), ERR_CONFIG);
        assert_non_null(strstr(w->c->faults[0].field, rows[i].path));
    }
}

BODY(openapi_is_json)
{
    (void)web;
    assert_int_equal(web_get(b, "/openapi.json"), 200);
    assert_true(web_shows(b, "\"/item/{a}/x/{rest}\":{\"get\":{"));
    assert_true(web_shows(b, "\"openapi\":\"3.1.0\""));
    assert_true(web_shows(b,
                          "\"copies\":{\"type\":\"integer\",\"format\":\"int64\",\"title\":\"Năm\","
                          "\"minimum\":1,\"maximum\":9}"));
    json_t *j = NULL;
    assert_int_equal(json_in(w->c, "openapi", b->body, &j), OK);
    assert_true(json_object_size(json_object_get(j, "paths")) > 15);
    json_end(j);
}

#define T(name)                                                                                    \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        site_test(name);                                                                           \
    }
T(same_key_same_body)
T(same_key_other_body)
T(refused_act_keeps_no_answer)
T(keys_belong_to_their_owner)
T(sign_in_is_not_remembered)
T(prepare_runs_once_a_key)
T(pressed_many_times_at_once)
T(old_answers_and_sessions_go)
T(faulty_rows_are_refused)
T(openapi_is_json)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_key_same_body),
        cmocka_unit_test(test_same_key_other_body),
        cmocka_unit_test(test_refused_act_keeps_no_answer),
        cmocka_unit_test(test_keys_belong_to_their_owner),
        cmocka_unit_test(test_sign_in_is_not_remembered),
        cmocka_unit_test(test_prepare_runs_once_a_key),
        cmocka_unit_test(test_pressed_many_times_at_once),
        cmocka_unit_test(test_old_answers_and_sessions_go),
        cmocka_unit_test(test_faulty_rows_are_refused),
        cmocka_unit_test(test_openapi_is_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
