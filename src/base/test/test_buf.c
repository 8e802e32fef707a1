/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test/support.h"

#include "base/buf.h"

static struct arena *a;

static int begin(void **state)
{
    (void)state;
    a = arena_new(0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_end(a);
    return 0;
}

static void test_starts_as_an_empty_text(void **state)
{
    (void)state;
    struct buf b = buf_new(a, 10);
    assert_string_equal(b.ptr, "");
    buf_text(&b, NULL);
    buf_add(&b, "", 0);
    assert_int_equal(buf_bytes(&b).len, 0);
    assert_false(buf_full(&b));
}

static void test_grows_and_stays_terminated(void **state)
{
    (void)state;
    struct buf b = buf_new(a, 100000);
    for (int i = 0; i < 20000; i++) {
        buf_char(&b, (char)('a' + i % 26));
        assert_int_equal(b.ptr[b.len], '\0');
    }
    assert_int_equal(b.len, 20000);
    for (int i = 0; i < 20000; i++)
        assert_int_equal(b.ptr[i], 'a' + i % 26);
}

static void test_cap_is_exact_and_remembered(void **state)
{
    (void)state;
    struct buf b = buf_new(a, 5);
    buf_text(&b, "12345");
    assert_false(buf_full(&b));
    assert_string_equal(b.ptr, "12345");
    buf_char(&b, '6');
    assert_true(buf_full(&b));
    assert_string_equal(b.ptr, "12345");
}

static void test_past_the_cap_no_character_is_cut_and_nothing_follows(void **state)
{
    (void)state;
    struct buf b = buf_new(a, 6);
    buf_text(&b, "Hu");
    buf_text(&b, "ế sáng"); /* doesn't fit: dropped whole */
    buf_text(&b, "x");      /* would fit, yet must not follow a hole */
    assert_string_equal(b.ptr, "Hu");
    assert_true(buf_full(&b));
    struct buf p = buf_new(a, 3);
    buf_printf(&p, "%d", 1234);
    assert_true(buf_full(&p));
    assert_string_equal(p.ptr, "");
    struct buf none = buf_new(a, 0);
    buf_char(&none, 'x');
    assert_true(buf_full(&none));
    assert_string_equal(none.ptr, "");
}

static void test_numbers(void **state)
{
    (void)state;
    struct buf b = buf_new(a, 200);
    buf_int(&b, INT64_MIN);
    buf_char(&b, ' ');
    buf_int(&b, INT64_MAX);
    buf_char(&b, ' ');
    buf_int(&b, 0);
    buf_printf(&b, " %s=%d", "n", -7);
    assert_string_equal(b.ptr, "-9223372036854775808 9223372036854775807 0 n=-7");
}

static void test_html_is_escaped(void **state)
{
    (void)state;
    struct buf b = buf_new(a, 500);
    buf_html(&b, "<a href=\"x\" id='y'>Đặng & con</a>");
    assert_string_equal(b.ptr,
                        "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;Đặng &amp; con&lt;/a&gt;");
    buf_html(&b, NULL);
    buf_html(&b, "");
    assert_false(buf_full(&b));
}

static void test_json_is_quoted(void **state)
{
    (void)state;
    struct buf b = buf_new(a, 500);
    buf_json(&b, "a\"b\\c\n\r\t\x01\x1f/Đ");
    assert_string_equal(b.ptr, "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u001f/Đ\"");
    struct buf n = buf_new(a, 10);
    buf_json(&n, NULL);
    assert_string_equal(n.ptr, "null");
}

static void test_url_hex_base64(void **state)
{
    (void)state;
    struct buf b = buf_new(a, 500);
    buf_url(&b, "AZaz09-._~ /?&=+%Đ");
    assert_string_equal(b.ptr, "AZaz09-._~%20%2F%3F%26%3D%2B%25%C4%90");
    struct buf h = buf_new(a, 50);
    buf_hex(&h, (struct bytes){(const uint8_t *)"\x00\x9f\xff", 3});
    assert_string_equal(h.ptr, "009fff");
    /* RFC 4648 section 10, without padding */
    static const char *const PAIRS[][2] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < ARRAY_LEN(PAIRS); i++) {
        struct buf e = buf_new(a, 50);
        buf_base64url(&e, bytes_of(PAIRS[i][0]));
        assert_string_equal(e.ptr, PAIRS[i][1]);
    }
    struct buf u = buf_new(a, 50);
    buf_base64url(&u, (struct bytes){(const uint8_t *)"\xfb\xff\xfe", 3});
    assert_string_equal(u.ptr, "-__-");
}

static void test_secret_comparison(void **state)
{
    (void)state;
    assert_true(bytes_equal_secret(bytes_of("abc"), bytes_of("abc")));
    assert_false(bytes_equal_secret(bytes_of("abc"), bytes_of("abd")));
    assert_false(bytes_equal_secret(bytes_of("abc"), bytes_of("ab")));
    assert_true(bytes_equal_secret(bytes_of(NULL), bytes_of("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_starts_as_an_empty_text),
        cmocka_unit_test(test_grows_and_stays_terminated),
        cmocka_unit_test(test_cap_is_exact_and_remembered),
        cmocka_unit_test(test_past_the_cap_no_character_is_cut_and_nothing_follows),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_html_is_escaped),
        cmocka_unit_test(test_json_is_quoted),
        cmocka_unit_test(test_url_hex_base64),
        cmocka_unit_test(test_secret_comparison),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
