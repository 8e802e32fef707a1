/* SPDX-License-Identifier: Apache-2.0 */
/* What a node behind TLS tells browsers: cookies, headers, what is kept and what goes. */
#include "web/test/support.h"

#define BODY(name) static void name(struct db_world *w, struct web *web, struct web_client *b)
#define USES       (void)w, (void)web, (void)b

static const char *value_of(const struct web_client *b, const char *name)
{
    const char *value = web_answer_header(b, name);
    return value ? value : "";
}

static void guards(const struct web_client *b)
{
    static const char *const wanted[][2] = {
        {"Strict-Transport-Security", "max-age=31536000; includeSubDomains"},
        {"X-Content-Type-Options", "nosniff"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
    };
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        assert_string_equal(value_of(b, wanted[i][0]), wanted[i][1]);
    assert_non_null(strstr(value_of(b, "Content-Security-Policy"), "frame-ancestors 'none'"));
    assert_null(strstr(value_of(b, "Content-Security-Policy"), "unsafe"));
    assert_null(web_answer_header(b, "Access-Control-Allow-Origin"));
    assert_null(web_answer_header(b, "Server"));
    assert_null(web_answer_header(b, "X-Powered-By"));
}

BODY(cookies)
{
    USES;
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303);
    const char *cookie = value_of(b, "Set-Cookie");
    assert_true(text_starts(cookie, "__Host-dinh="));
    assert_string_equal(strchr(cookie, ';'), "; Path=/; HttpOnly; SameSite=Lax; Secure");
    assert_true(strlen(cookie) < 4096);
    assert_null(strstr(cookie, "Domain"));
    assert_null(strstr(cookie, "a1"));
    assert_int_equal(web_get(b, "/ngon-ngu?l=en"), 303);
    assert_string_equal(value_of(b, "Set-Cookie"), "__Host-lang=en; Path=/; Max-Age=31536000; "
                                                   "HttpOnly; SameSite=Lax; Secure");
    b->accept = "application/json"; /* nothing of the secret in a body, for a script to read */
    assert_int_equal(web_get(b, "/phien"), 200);
    assert_false(web_shows(b, arena_text_n(b->arena, cookie + 12, 20)));
    b->cookies = "__Host-lang=en";
    b->accept = "text/html";
    assert_int_equal(web_get(b, "/note"), 200);
    assert_true(web_shows(b, "<html lang=\"en\""));
    b->cookies = "lang=en"; /* another host of the domain may plant that one */
    assert_int_equal(web_get(b, "/note"), 200);
    assert_true(web_shows(b, "<html lang=\"vi\""));
}

BODY(every_answer_is_guarded)
{
    USES;
    static const struct {
        const char *path;
        int status;
    } rows[] = {{"/note", 200},         {"/count", 200},  {"/me", 303},    {"/none", 404},
                {"/item/..", 400},      {"/refuse", 303}, {"/phien", 200}, {"/healthz", 200},
                {"/tep/none.css", 404}, {"/broken", 500}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(web_get(b, rows[i].path), rows[i].status);
        guards(b);
        if (rows[i].status != 303)
            assert_true(*value_of(b, "Content-Type"));
    }
    assert_int_equal(WEB_POST(b, "/note", "body", ""), 422);
    guards(b);
    assert_int_equal(web_send(b, "POST", "/note", "text/xml", bytes_of("<a/>")), 415);
    guards(b);
}

BODY(nothing_of_a_person_is_kept)
{
    USES;
    assert_int_equal(web_get(b, "/note"), 200);
    assert_string_equal(value_of(b, "Cache-Control"), "no-cache");
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303);
    assert_string_equal(value_of(b, "Cache-Control"), "no-store");
    static const char *const paths[] = {"/note", "/me", "/count", "/none", "/phien", "/refuse"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        web_get(b, paths[i]);
        assert_string_equal(value_of(b, "Cache-Control"), "no-store");
    }
    assert_int_equal(web_get(b, "/note"), 200);
    assert_int_equal(WEB_POST(b, "/sign-out", "x", "1"), 303);
    assert_string_equal(value_of(b, "Clear-Site-Data"), "\"storage\"");
    assert_non_null(strstr(value_of(b, "Set-Cookie"), "; Max-Age=0"));
}

/* Our own faults say nothing of what happened inside. */
BODY(faults_are_told_in_general)
{
    USES;
    static const char *const inside[] = {"SELECT", "sqlite", "postgres", "src/", ".c:", "0x"};
    for (int json = 0; json < 2; json++) {
        b->accept = json ? "application/json" : "text/html";
        assert_int_equal(web_get(b, "/broken"), 500);
        for (size_t i = 0; i < ARRAY_LEN(inside); i++)
            assert_false(web_shows(b, inside[i]));
        assert_true(*value_of(b, "X-Request-Id"));
    }
}

static void run(void (*body)(struct db_world *w, struct web *web, struct web_client *b))
{
    site_https = true;
    site_test(body);
}

#define T(name)                                                                                    \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        run(name);                                                                                 \
    }
T(cookies)
T(every_answer_is_guarded)
T(nothing_of_a_person_is_kept)
T(faults_are_told_in_general)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cookies),
        cmocka_unit_test(test_every_answer_is_guarded),
        cmocka_unit_test(test_nothing_of_a_person_is_kept),
        cmocka_unit_test(test_faults_are_told_in_general),
    };
    return cmocka_run_group_tests_name("web behind TLS", tests, NULL, NULL);
}
