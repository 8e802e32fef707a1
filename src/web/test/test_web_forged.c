/* SPDX-License-Identifier: Apache-2.0 */
/* Acts that another site makes a browser send, and tokens that aren't ours. */
#include "web/test/support.h"

#define BODY(name) static void name(struct db_world *w, struct web *web, struct web_client *b)
#define USES       (void)w, (void)web, (void)b
#define NOTE       "body", "một ghi chú", "born", "5/3/2020", "copies", "2"

BODY(forged_requests)
{
    USES;
    static const struct {
        const char *origin, *site;
        int status;
    } rows[] = {
        {NULL, NULL, 303},
        {"http://localhost:8801", NULL, 303},
        {NULL, "same-origin", 303},
        {NULL, "none", 303},
        {"http://localhost:8801", "same-origin", 303},
        {"http://evil.example", NULL, 403},
        {"null", NULL, 403},
        {NULL, "cross-site", 403},
        {NULL, "same-site", 403},
        {"http://localhost:8802", NULL, 403},
        {"https://localhost:8801", NULL, 403},
        {"http://localhost:8801", "cross-site", 403},
        {"localhost:8801", NULL, 403},
        {"ftp://localhost:8801", NULL, 403},
        {"http://LOCALHOST:8801", NULL, 303},
    };
    for (int signed_in = 0; signed_in < 2; signed_in++) {
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            b->origin = rows[i].origin;
            b->site = rows[i].site;
            assert_int_equal(WEB_POST(b, "/note", NOTE), rows[i].status);
        }
        b->origin = b->site = NULL;
        assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303);
        assert_int_equal(web_get(b, "/note"), 200); /* gives the token */
    }
    const char *good = b->token;
    b->token = "";
    assert_int_equal(WEB_POST(b, "/note", NOTE), 403);
    assert_true(web_shows(b, "tải lại trang"));
    b->token = "AAAA";
    assert_int_equal(WEB_POST(b, "/note", NOTE), 403);
    b->token = "AAAA";
    assert_int_equal(web_post_json(b, "/note", "{\"body\":\"a\",\"copies\":1}"), 403);
    b->token = good;
    assert_int_equal(web_post_json(b, "/note", "{\"body\":\"a\",\"copies\":1}"), 200);
    assert_int_equal(web_get(b, "/note"), 200);
    assert_string_not_equal(b->token, good); /* masked anew, and both are good */
    assert_int_equal(WEB_POST(b, "/note", NOTE), 303);
}

BODY(stale_form_can_be_sent_again)
{
    USES;
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303);
    b->token = "";
    b->site = "cross-site";
    assert_int_equal(WEB_POST(b, "/plain", NOTE), 403);
    assert_null(web_input(b, "body")); /* another site's words are not offered */
    b->site = "same-origin";
    b->token = "";
    assert_int_equal(WEB_POST(b, "/plain", NOTE), 403);
    assert_string_equal(web_input(b, "body"), "một ghi chú");
    assert_int_equal(WEB_POST(b, "/plain", "body", web_input(b, "body"), "copies", "1"), 303);
}

/* Who isn't signed in is told so before anything else is looked at; another site's words don't
   come along. */
BODY(nobodys_form)
{
    USES;
    b->origin = "http://localhost:8801";
    WEB_POST(b, "/sign-out", NOTE);
    assert_string_equal(web_input(b, "body"), "một ghi chú");
    b->origin = "http://evil.example";
    WEB_POST(b, "/sign-out", NOTE);
    assert_null(web_input(b, "body"));
}

/* An old client names no host: no origin is ours then, but the one we were told. */
BODY(without_a_host)
{
    USES;
    b->host = NULL;
    b->origin = "http://localhost:8801";
    assert_int_equal(WEB_POST(b, "/note", NOTE), 303);
    b->origin = "http://LOCALHOST:8801";
    assert_int_equal(WEB_POST(b, "/note", NOTE), 403);
}

static enum err set_token(struct ctx *c, void *arg)
{
    return db_exec(c, NULL, "UPDATE web_session SET csrf = $1", P_TEXT(arg));
}

/* What was sent isn't a token of ours, or what is stored isn't one. */
BODY(tokens_of_other_shapes)
{
    USES;
    char is_long[300];
    memset(is_long, 'A', sizeof is_long - 1);
    is_long[sizeof is_long - 1] = '\0';
    const char *const sent[] = {"", "!", "AAAA", is_long};
    const char *const stored[] = {"!", "AAAA"};
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303);
    assert_int_equal(web_get(b, "/note"), 200);
    const char *good = b->token;
    assert_int_equal(WEB_POST(b, "/note", NOTE), 303);
    for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
        b->token = sent[i];
        assert_int_equal(web_post_json(b, "/note", "{\"body\":\"a\",\"copies\":1}"), 403);
    }
    for (size_t i = 0; i < ARRAY_LEN(stored); i++) {
        assert_int_equal(db_write(w->c, w->db, set_token, (void *)(uintptr_t)stored[i]), OK);
        b->token = good;
        assert_int_equal(web_post_json(b, "/note", "{\"body\":\"a\",\"copies\":1}"), 403);
    }
}

#define T(name)                                                                                    \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        site_test(name);                                                                           \
    }
T(forged_requests)
T(stale_form_can_be_sent_again)
T(nobodys_form)
T(without_a_host)
T(tokens_of_other_shapes)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forged_requests),
        cmocka_unit_test(test_stale_form_can_be_sent_again),
        cmocka_unit_test(test_nobodys_form),
        cmocka_unit_test(test_without_a_host),
        cmocka_unit_test(test_tokens_of_other_shapes),
    };
    return cmocka_run_group_tests_name("forged acts", tests, NULL, NULL);
}
