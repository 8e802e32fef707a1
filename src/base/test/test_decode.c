/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test/support.h"

#include "base/buf.h"
#include "base/text.h"

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

static void expect_bytes(struct bytes got, const char *want, size_t len)
{
    assert_int_equal(got.len, len);
    assert_memory_equal(got.ptr, want, len);
}

static void test_every_length_comes_back(void **state)
{
    (void)state;
    uint8_t raw[100];
    for (size_t len = 0; len < sizeof raw; len++) {
        for (size_t i = 0; i < len; i++)
            raw[i] = (uint8_t)(i * 37 + len * 11);
        struct bytes in = {raw, len}, out;
        struct buf b = buf_new(a, 300), h = buf_new(a, 300);
        buf_base64url(&b, in);
        buf_hex(&h, in);
        assert_true(base64url_decode(a, b.ptr, &out));
        expect_bytes(out, (const char *)raw, len);
        assert_true(hex_decode(a, h.ptr, &out));
        expect_bytes(out, (const char *)raw, len);
    }
}

static void test_base64(void **state)
{
    (void)state;
    struct bytes out;
    assert_true(base64_decode(a, "Zm9vYg==", &out));
    expect_bytes(out, "foob", 4);
    assert_true(base64_decode(a, "+/8=", &out));
    expect_bytes(out, "\xfb\xff", 2);
    assert_true(base64_decode(a, "", &out));
    assert_int_equal(out.len, 0);
    static const char *const BAD[] = {"Zg",   "Zg=",    "Zh==",      "Zm9=", "=",        "====",
                                      "Z===", "Zm9v\n", "Zm9v Zm9v", "-_8=", "Zg==Zg==", "Zm\x80v"};
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        assert_false(base64_decode(a, BAD[i], &out));
    assert_false(base64_decode(a, NULL, &out));
}

static void test_base64url(void **state)
{
    (void)state;
    struct bytes out;
    assert_true(base64url_decode(a, "-_8", &out));
    expect_bytes(out, "\xfb\xff", 2);
    static const char *const BAD[] = {"Z", "Zg==", "Zh", "Zm9", "+/8", "Zm9v.", "Zm9vZ"};
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        assert_false(base64url_decode(a, BAD[i], &out));
}

static void test_hex(void **state)
{
    (void)state;
    struct bytes out;
    assert_true(hex_decode(a, "00fFAa", &out));
    expect_bytes(out, "\x00\xff\xaa", 3);
    assert_false(hex_decode(a, "0", &out));
    assert_false(hex_decode(a, "0g", &out));
    assert_false(hex_decode(a, "g0", &out));
    uint8_t two[2];
    assert_true(hex_bytes("0aF0", two, 2) && two[0] == 0x0A && two[1] == 0xF0);
    assert_false(hex_bytes("0aF", two, 2));
    assert_false(hex_bytes("0aF0b", two, 2));
    assert_false(hex_bytes("0aFg", two, 2));
    assert_false(hex_decode(a, NULL, &out));
}

static void test_url(void **state)
{
    (void)state;
    struct bytes out;
    assert_true(url_decode(a, bytes_of("a%20b+c%2fH%C3%BA"), true, &out));
    expect_bytes(out, "a b c/Hú", 9);
    assert_true(url_decode(a, bytes_of("a+b"), false, &out));
    expect_bytes(out, "a+b", 3);
    assert_true(url_decode(a, bytes_of("%00"), false, &out));
    expect_bytes(out, "\0", 1);
    assert_true(url_decode(a, bytes_of("%252f"), false, &out)); /* decoded once only */
    expect_bytes(out, "%2f", 3);
    static const char *const BAD[] = {"%", "%2", "%2g", "%g2", "a\nb", "%%20"};
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        assert_false(url_decode(a, bytes_of(BAD[i]), true, &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_length_comes_back),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_base64url),
        cmocka_unit_test(test_hex),
        cmocka_unit_test(test_url),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
