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
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1.of-sign-in"), 303);
    const char *cookie = value_of(b, "Set-Cookie");
    assert_true(text_starts(cookie, "__Host-dinh="));
    assert_string_equal(strchr(cookie, ';'), "; Path=/; HttpOnly; SameSite=Lax; Secure");
    assert_true(strlen(cookie) < 4096);
    assert_null(strstr(cookie, "Domain"));
    assert_null(strstr(cookie, "a1.of")); /* a full stop: never in the random part by chance */
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

/* What a person called a file is told to the next one's browser, and nothing but the name. */
BODY(downloads)
{
    USES;
    static const struct {
        const char *name, *told;
    } rows[] = {
        {"a.pdf", "a.pdf"},
        {"gi%E1%BA%A5y%20ch%E1%BB%A9ng%20sinh.pdf", "gi%E1%BA%A5y%20ch%E1%BB%A9ng%20sinh.pdf"},
        {"a%22;%20filename=%22b.html", "a%22%3B%20filename%3D%22b.html"},
        {"..%2F..%2Fetc%2Fpasswd", "..%2F..%2Fetc%2Fpasswd"},
        {"a%0d%0aSet-Cookie:%20x=1", "a%0ASet-Cookie%3A%20x%3D1"},
        {"%3Cscript%3E", "%3Cscript%3E"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(web_get(b, arena_printf(b->arena, "/file?name=%s", rows[i].name)), 200);
        const char *said = value_of(b, "Content-Disposition");
        assert_true(text_starts(said, "attachment; filename*=UTF-8''"));
        assert_string_equal(said + strlen("attachment; filename*=UTF-8''"), rows[i].told);
        assert_string_equal(value_of(b, "Content-Type"), "application/pdf");
        assert_string_equal(value_of(b, "Content-Security-Policy"),
                            "default-src 'none'; frame-ancestors 'none'; sandbox");
        assert_string_equal(value_of(b, "Set-Cookie"), "");
        guards(b);
    }
}

BODY(figures_stay_inside)
{
    USES;
    static const struct {
        const char *peer;
        int status;
    } rows[] = {
        {"127.0.0.1", 200},  {"10.1.2.3", 200},    {"172.16.0.9", 200},  {"192.168.1.1", 200},
        {"::1", 200},        {"fd00::7", 200},     {"fe80::1", 200},     {"unix", 200},
        {"11.1.2.3", 404},   {"172.32.0.9", 404},  {"192.169.1.1", 404}, {"2001:db8::1", 404},
        {"172.15.0.9", 404}, {"203.0.113.9", 404}, {"::", 404},          {"", 404}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        b->peer = rows[i].peer;
        if (web_get(b, "/metrics") != rows[i].status)
            print_error("%s\n", rows[i].peer);
        assert_int_equal(b->status, rows[i].status);
        assert_int_equal(web_shows(b, "dinh_sessions"), rows[i].status == 200);
    }
    b->peer = "unix"; /* our proxy tells for whom it asks */
    b->more[b->n_more++] = (struct http_header){"X-Real-IP", "203.0.113.9"};
    assert_int_equal(web_get(b, "/metrics"), 404);
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
T(downloads)
T(figures_stay_inside)
T(faults_are_told_in_general)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cookies),
        cmocka_unit_test(test_every_answer_is_guarded),
        cmocka_unit_test(test_nothing_of_a_person_is_kept),
        cmocka_unit_test(test_downloads),
        cmocka_unit_test(test_figures_stay_inside),
        cmocka_unit_test(test_faults_are_told_in_general),
    };
    return cmocka_run_group_tests_name("web behind TLS", tests, NULL, NULL);
}
