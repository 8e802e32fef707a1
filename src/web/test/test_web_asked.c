/* SPDX-License-Identifier: Apache-2.0 */
/* What is searched for and may tell of a person never stands in an address. */
#include "web/test/support.h"

#include "base/time.h"
#include "web/answers.h"

struct wanted {
    const char *words, *kind;
};
SHAPE(wanted_shape, struct wanted,
      SHAPE_TEXT(struct wanted, words, TX(web_search), .max = 100,
                 .flags = F_REQUIRED | F_PERSONAL),
      SHAPE_TEXT(struct wanted, kind, TX(web_search), .max = 20));

static enum err get_found(struct ctx *c, struct req *r)
{
    const char *text = arena_printf(c->arena, "[%s|%s|%s]", req_query(r, "words"),
                                    req_query(r, "kind"), req_query(r, "after"));
    return answer_bytes(c, r, "text/plain; charset=utf-8", NULL, bytes_of(text));
}

static enum err get_undeclared(struct ctx *c, struct req *r)
{
    return answer_bytes(c, r, "text/plain", NULL, bytes_of(req_query(r, "other")));
}

static const struct route rows[] = {
    {.method = "GET",
     .path = "/people",
     .query = "kind after !words",
     .permission = PUBLIC,
     .handler = get_found},
    {.method = "POST",
     .path = "/people",
     .permission = PUBLIC,
     .prepare = web_ask,
     .in = &wanted_shape,
     .flags = ROUTE_PREPARED},
    {.method = "GET",
     .path = "/places",
     .query = "kind !words",
     .permission = PUBLIC,
     .handler = get_found},
    {.method = "GET",
     .path = "/undeclared",
     .query = "one",
     .permission = PUBLIC,
     .handler = get_undeclared},
};

/* As app/ does by the node's keys: it opens where it was sealed, and nowhere else. */
static struct bytes seal(struct ctx *c, const char *aad, struct bytes plain)
{
    struct buf b = buf_new(c->arena, 16384);
    buf_printf(&b, "%s\n", aad);
    buf_add(&b, plain.ptr, plain.len);
    for (size_t i = 0; i < b.len; i++)
        b.ptr[i] = (char)(b.ptr[i] ^ 0x55);
    return buf_bytes(&b);
}

static bool opens(struct ctx *c, const char *aad, struct bytes sealed, struct bytes *ret)
{
    char *plain = arena_text_n(c->arena, (const char *)sealed.ptr, sealed.len);
    size_t n = strlen(aad);
    for (size_t i = 0; i < sealed.len; i++)
        plain[i] = (char)(plain[i] ^ 0x55);
    if (sealed.len <= n || strncmp(plain, aad, n) != 0 || plain[n] != '\n')
        return false;
    *ret = (struct bytes){(uint8_t *)plain + n + 1, sealed.len - n - 1};
    return true;
}

#define BODY(name) static void name(struct db_world *w, struct web *web, struct web_client *b)

static const char *asked(struct db_world *w, struct web *web, struct web_client *b)
{
    web_answers_sealed(seal, opens);
    assert_int_equal(web_add(w->c, web, "people", rows, ARRAY_LEN(rows)), OK);
    assert_int_equal(web_get(b, "/note"), 200);
    assert_int_equal(WEB_POST(b, "/people", "words", "Nguyễn Thị Lan", "kind", "a b"), 303);
    const char *to = web_answer_header(b, "Location");
    assert_non_null(to);
    assert_null(strstr(to, "Lan"));
    assert_null(strstr(to, "words"));
    assert_true(strncmp(to, "/people?kind=a%20b&hoi=", 23) == 0);
    return to;
}

BODY(words_lie_sealed_in_the_address)
{
    const char *to = asked(w, web, b);
    assert_int_equal(web_get(b, to), 200);
    assert_true(web_shows(b, "[Nguyễn Thị Lan|a b|]"));
    assert_int_equal(web_get(b, to), 200); /* reload, and the way back */
    assert_true(web_shows(b, "[Nguyễn Thị Lan|a b|]"));
    assert_int_equal(web_get(b, arena_printf(w->c->arena, "%s&after=9", to)), 200);
    assert_true(web_shows(b, "[Nguyễn Thị Lan|a b|9]"));
    b->accept = "application/json";
    assert_int_equal(WEB_POST(b, "/people", "words", "x"), 200);
    assert_true(web_shows(b, "{\"location\":\"/people?hoi="));
}

BODY(words_in_the_clear_are_refused)
{
    (void)asked(w, web, b);
    assert_int_equal(web_get(b, "/people?words=lan"), 400);
    assert_true(web_shows(b, "không đặt trong địa chỉ trang"));
    assert_int_equal(web_get(b, "/people?kind=a&w%6Frds=lan"), 400);
    b->accept = "application/json";
    assert_int_equal(web_get(b, "/people?words=lan"), 400);
    assert_true(web_shows(b, "ERR_ADDRESS"));
    assert_int_equal(web_get(b, "/people?kind=a"), 200);
    assert_true(web_shows(b, "[|a|]"));
}

BODY(what_was_asked_is_one_accounts_for_a_while)
{
    const char *to = asked(w, web, b), *sealed = strstr(to, "hoi=");
    struct arena *a = w->c->arena;
    assert_int_equal(web_get(b, arena_printf(a, "/places?%s", sealed)), 200);
    assert_true(web_shows(b, "[||]")); /* of another path */
    assert_int_equal(web_get(b, "/people?hoi=AAAA"), 200);
    assert_true(web_shows(b, "[||]"));
    assert_int_equal(web_get(b, "/people?hoi=%00"), 200);
    assert_true(web_shows(b, "[||]"));
    assert_int_equal(web_get(b, arena_printf(a, "/people?%s&%s", sealed, sealed)), 200);
    assert_true(web_shows(b, "[||]")); /* which one was meant? */
    sys_clock_set(w->c->now_us + 8 * HOUR_US - 1000000);
    assert_int_equal(web_get(b, to), 200);
    assert_true(web_shows(b, "[Nguyễn Thị Lan|a b|]"));
    assert_int_equal(web_get(b, "/note"), 200);
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "an", "unit", "u1"), 303);
    assert_int_equal(web_get(b, to), 200);
    assert_true(web_shows(b, "[|a b|]")); /* another account's */
    b->cookies = "";
    assert_int_equal(web_get(b, to), 200);
    assert_true(web_shows(b, "[Nguyễn Thị Lan|a b|]"));
    sys_clock_set(w->c->now_us + 8 * HOUR_US);
    assert_int_equal(web_get(b, to), 200);
    assert_true(web_shows(b, "[|a b|]")); /* too long ago */
}

BODY(parameters_are_declared)
{
    bool marked = true;
    (void)asked(w, web, b);
    assert_true(query_takes(&rows[0], "after", &marked));
    assert_false(marked);
    assert_true(query_takes(&rows[0], "words", &marked));
    assert_true(marked);
    assert_false(query_takes(&rows[0], "word", &marked));
    assert_false(query_takes(&rows[0], "!words", &marked));
    assert_false(query_takes(&rows[1], "after", &marked));
    assert_null(web_undeclared(web));
    assert_int_equal(web_get(b, "/undeclared?other=x"), 200);
    assert_string_equal(web_undeclared(web), "other");
}

/* Marked ones are never told as part of an address, but what holds them. */
BODY(parameters_are_told_in_openapi)
{
    (void)asked(w, web, b);
    assert_int_equal(web_get(b, "/openapi.json"), 200);
    const char *at = strstr(b->text, "\"/people\":");
    assert_non_null(at);
    const char *told = arena_text_n(b->arena, at, (size_t)(strstr(at, "\"post\"") - at));
    static const char *const names[] = {"kind", "after", ASKED_NAME};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_non_null(strstr(told, arena_printf(b->arena,
                                                  "{\"in\":\"query\",\"required\":false,\"schema\":"
                                                  "{\"type\":\"string\"},\"name\":\"%s\"",
                                                  names[i])));
    assert_null(strstr(told, "words\""));
}

#define T(name)                                                                                    \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        site_test(name);                                                                           \
    }
T(words_lie_sealed_in_the_address)
T(words_in_the_clear_are_refused)
T(what_was_asked_is_one_accounts_for_a_while)
T(parameters_are_declared)
T(parameters_are_told_in_openapi)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_lie_sealed_in_the_address),
        cmocka_unit_test(test_words_in_the_clear_are_refused),
        cmocka_unit_test(test_what_was_asked_is_one_accounts_for_a_while),
        cmocka_unit_test(test_parameters_are_declared),
        cmocka_unit_test(test_parameters_are_told_in_openapi),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
