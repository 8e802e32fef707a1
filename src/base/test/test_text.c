/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test/support.h"

#include "base/text.h"

static struct ctx c;

static int begin(void **state)
{
    (void)state;
    c = ctx_begin();
    return 0;
}

static int end(void **state)
{
    (void)state;
    ctx_end(&c);
    return 0;
}

static const char *cleaned(const char *in)
{
    const char *out = NULL;
    assert_int_equal(text_clean(&c, "f", bytes_of(in), 1000, &out), OK);
    return out;
}

static void test_clean_keeps_good_text(void **state)
{
    (void)state;
    assert_string_equal(cleaned("Nguyễn Thị Đào"), "Nguyễn Thị Đào");
    assert_string_equal(cleaned(""), "");
    assert_string_equal(cleaned("a\tb\nc"), "a\tb\nc");
    assert_string_equal(cleaned("𠮷 chữ Nôm"), "𠮷 chữ Nôm");
    assert_string_equal(cleaned("\xf4\x8f\xbf\xbf"), "\xf4\x8f\xbf\xbf"); /* U+10FFFF */
}

static void test_clean_trims_and_joins_line_ends(void **state)
{
    (void)state;
    assert_string_equal(cleaned("  \t Huế \n "), "Huế");
    assert_string_equal(cleaned("\xef\xbb\xbfHuế\xc2\xa0"), "Huế"); /* mark of order, hard blank */
    assert_string_equal(cleaned("một\r\nhai\r\n"), "một\nhai");
    assert_string_equal(cleaned(" \n\t"), "");
}

static void test_clean_composes(void **state)
{
    (void)state;
    /* e + circumflex + acute, in both orders of marks of different kinds, o + horn + dot below */
    assert_string_equal(cleaned("Hue\xcc\x82\xcc\x81"), "Huế");
    assert_string_equal(cleaned("Hu\xc3\xaa\xcc\x81"), "Huế");
    assert_string_equal(cleaned("Vie\xcc\xa3\xcc\x82t"), "Việt");
    assert_string_equal(cleaned("Vie\xcc\x82\xcc\xa3t"), "Việt");
    assert_string_equal(cleaned("o\xcc\x9b\xcc\xa3"), "ợ");
    assert_string_equal(cleaned("\xe2\x84\xab"), "Å"); /* the ångström sign is a letter */
}

static void refused(const char *bytes, size_t len, const char *place)
{
    const char *out = "untouched";
    assert_int_equal(text_clean(&c, "ten", (struct bytes){(const uint8_t *)bytes, len}, 99, &out),
                     ERR_BAD_UTF8);
    assert_string_equal(out, "untouched");
    assert_string_equal(c.faults[0].args[0], place);
    expect_fault(&c, ERR_BAD_UTF8, "ten");
}

static void test_clean_refuses_bad_utf8(void **state)
{
    (void)state;
    refused("a\xc0\xaf", 3, "2");        /* overlong / */
    refused("\xe0\x80\xaf", 3, "1");     /* overlong in three */
    refused("\xf0\x80\x80\xaf", 4, "1"); /* overlong in four */
    refused("\xc1\xbf", 2, "1");         /* overlong DEL */
    refused("\xed\xa0\x80", 3, "1");     /* surrogate U+D800 */
    refused("\xed\xbf\xbf", 3, "1");     /* surrogate U+DFFF */
    refused("\xf4\x90\x80\x80", 4, "1"); /* above U+10FFFF */
    refused("\xf8\x88\x80\x80\x80", 5, "1");
    refused("\x80", 1, "1");       /* lone continuation */
    refused("Hu\xe1\xba", 4, "3"); /* cut at the end */
    refused("\xe1\xba"
            "a",
            3, "1"); /* cut in the middle */
    refused("\xff", 1, "1");
}

static void test_clean_refuses_controls(void **state)
{
    (void)state;
    refused("a\0b", 3, "2");
    refused("a\x1b[31m", 5, "2");
    refused("\x7f", 1, "1");
    refused("\xc2\x85", 2, "1"); /* C1 next line */
    refused("a\rb", 3, "2");     /* CR alone */
    refused("đ\x01", 3, "2");    /* places count characters, not bytes */
    refused("a\u202egpj.exe", strlen("a\u202egpj.exe"), "2"); /* would read "aexe.jpg" */
    refused("\u2066a\u2069", strlen("\u2066a\u2069"), "1");
}

static void test_clean_bounds_marks_in_a_row(void **state)
{
    (void)state;
    char many[2 * 31 + 2] = "a";
    for (size_t i = 0; i < 30; i++)
        memcpy(many + 1 + 2 * i, "\xcc\x81", 2);
    const char *out;
    assert_int_equal(text_clean(&c, "f", bytes_of(many), 99, &out), OK);
    memcpy(many + 1 + 2 * 30, "\xcc\x81", 3);
    refused(many, strlen(many), "32");
}

static void test_clean_counts_characters_after_composing(void **state)
{
    (void)state;
    const char *out;
    assert_int_equal(text_clean(&c, "f", bytes_of("  Hue\xcc\x82\xcc\x81 "), 3, &out), OK);
    assert_int_equal(text_clean(&c, "ten", bytes_of("Huế!"), 3, &out), ERR_TOO_LONG);
    assert_string_equal(c.faults[0].args[0], "3");
    assert_string_equal(c.faults[0].args[1], "4");
    expect_fault(&c, ERR_TOO_LONG, "ten");
}

static void test_fold(void **state)
{
    (void)state;
    static const char *const PAIRS[][2] = {
        {"Đặng Thị Hoà", "dang thi hoa"},
        {"Đặng Thị Hòa", "dang thi hoa"},
        {"ĐƯỜNG   Lê-Lợi, số 3/4", "duong le loi so 3 4"},
        {"khai sinh", "khai sinh"},
        {"  ", ""},
        {"", ""},
        {"!?a", "a"},
        {"a!?", "a"},
        {"Hue\xcc\x82\xcc\x81", "hue"}, /* decomposed */
        {"Ðặng", "dang"},               /* eth typed for đ */
        {"Ẩn ỡ ự ỹ Ỵ ằ ẵ ặ ẹ ỉ ọ", "an o u y y a a a e i o"},
        {"Straße", "strasse"},
        {"ÅNGSTRÖM", "angstrom"},
        {"李 Ông", "李 ong"},
        {"Москва", "москва"},
        {"\xe1\xbe\xa0", "ω"}, /* its iota is a mark, in either spelling */
        {"a\xcc\x81"
         "b",
         "ab"},
    };
    for (size_t i = 0; i < ARRAY_LEN(PAIRS); i++)
        assert_string_equal(text_fold(c.arena, PAIRS[i][0]), PAIRS[i][1]);
}

static void test_fold_of_every_vietnamese_letter_is_ascii(void **state)
{
    (void)state;
    const char *all = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ"
                      "AÀẢÃÁẠĂẰẲẴẮẶÂẦẨẪẤẬEÈẺẼÉẸÊỀỂỄẾỆIÌỈĨÍỊOÒỎÕÓỌÔỒỔỖỐỘƠỜỞỠỚỢUÙỦŨÚỤƯỪỬỮỨỰYỲỶỸÝỴĐ";
    const char *base = "aaaaaaaaaaaaaaaaaaeeeeeeeeeeeeiiiiiioooooooooooooooooouuuuuuuuuuuuyyyyyyd";
    char want[200];
    snprintf(want, sizeof want, "%s%s", base, base);
    assert_string_equal(text_fold(c.arena, all), want);
}

static void test_fold_survives_bad_bytes(void **state)
{
    (void)state;
    assert_string_equal(text_fold(c.arena, "a\xff\xe1\xba"), "a");
    assert_string_equal(text_fold(c.arena, NULL), "");
}

static void test_upper_first(void **state)
{
    (void)state;
    assert_string_equal(text_upper_first(c.arena, "đường"), "Đường");
    assert_string_equal(text_upper_first(c.arena, "ấp"), "Ấp");
    assert_string_equal(text_upper_first(c.arena, ""), "");
    assert_string_equal(text_upper_first(c.arena, "3 ấp"), "3 ấp");
}

static void test_small_questions(void **state)
{
    (void)state;
    assert_true(text_eq(NULL, NULL));
    assert_false(text_eq(NULL, ""));
    assert_true(text_empty(NULL) && text_empty("") && !text_empty(" "));
    assert_true(text_starts("H57.31", "H57") && !text_starts("H5", "H57"));
    assert_true(text_ends("a.json", ".json") && !text_ends("json", ".json"));
    assert_false(text_ends(NULL, "x") || text_starts(NULL, "x"));
    assert_true(text_matches_digits("046194000123", 12));
    assert_false(text_matches_digits("04619400012x", 12) || text_matches_digits("046", 12));
    assert_int_equal(text_chars("Huế 𠮷"), 5);
    assert_int_equal(text_chars(NULL), 0);
    assert_true(text_is_utf8(bytes_of("Huế")));
    assert_false(text_is_utf8(bytes_of("\xed\xa0\x80")));
}

static void test_to_int(void **state)
{
    (void)state;
    int64_t v = 7;
    assert_true(text_to_int("9223372036854775807", &v) && v == INT64_MAX);
    assert_true(text_to_int("-9223372036854775808", &v) && v == INT64_MIN);
    assert_true(text_to_int("-0", &v) && v == 0);
    v = 7;
    static const char *const BAD[] = {
        "",   "-", "+1", " 1", "1 ", "1.0", "0x1", "9223372036854775808", "-9223372036854775809",
        "--1"};
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        assert_false(text_to_int(BAD[i], &v));
    assert_false(text_to_int(NULL, &v));
    assert_int_equal(v, 7);
}

static void test_split(void **state)
{
    (void)state;
    size_t n;
    const char **p = text_split(c.arena, "a,,b,", ',', &n);
    assert_int_equal(n, 3);
    assert_string_equal(p[0], "a");
    assert_string_equal(p[1], "");
    assert_string_equal(p[2], "b");
    assert_null(p[3]);
    p = text_split(c.arena, "", ',', &n);
    assert_int_equal(n, 0);
    assert_null(p[0]);
    text_split(c.arena, NULL, ',', &n);
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean_keeps_good_text),
        cmocka_unit_test(test_clean_trims_and_joins_line_ends),
        cmocka_unit_test(test_clean_composes),
        cmocka_unit_test(test_clean_refuses_bad_utf8),
        cmocka_unit_test(test_clean_refuses_controls),
        cmocka_unit_test(test_clean_bounds_marks_in_a_row),
        cmocka_unit_test(test_clean_counts_characters_after_composing),
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_fold_of_every_vietnamese_letter_is_ascii),
        cmocka_unit_test(test_fold_survives_bad_bytes),
        cmocka_unit_test(test_upper_first),
        cmocka_unit_test(test_small_questions),
        cmocka_unit_test(test_to_int),
        cmocka_unit_test(test_split),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
