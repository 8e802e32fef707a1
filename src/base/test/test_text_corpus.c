/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 and base64url at their edges, held against a second, naive reading: every lead byte with
 * every kind of tail, every length, every byte that isn't of the alphabet (RFC 3629, RFC 4648).
 */
#include "test/harness/unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"

static size_t tried;

/* ---- UTF-8 ---- */

/* What RFC 3629 section 4 lets in, read from its table row by row; 0: no character begins here. */
static size_t naive_length(const uint8_t *p, size_t n)
{
    static const struct {
        uint8_t least, most, second_least, second_most;
        size_t len;
    } rows[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (p[0] < rows[i].least || p[0] > rows[i].most || rows[i].len > n)
            continue;
        bool good =
            rows[i].len == 1 || (p[1] >= rows[i].second_least && p[1] <= rows[i].second_most);
        for (size_t k = 2; k < rows[i].len; k++)
            good = good && p[k] >= 0x80 && p[k] <= 0xbf;
        return good ? rows[i].len : 0;
    }
    return 0;
}

static bool naive_utf8(const uint8_t *p, size_t n)
{
    for (size_t at = 0, len; at < n; at += len)
        if (!(len = naive_length(p + at, n - at)))
            return false;
    return true;
}

static void same(struct arena *a, const uint8_t *in, size_t n)
{
    uint8_t *own = arena_alloc(a, n); /* of its exact size */
    memcpy(own, in, n);
    struct bytes b = {own, n};
    struct ctx c = {.arena = a, .request_id = "corpus"};
    const char *clean = NULL;
    bool good = naive_utf8(in, n);
    tried++;
    if (text_is_utf8(b) != good)
        print_error("%02x %02x %02x %02x\n", in[0], n > 1 ? in[1] : 0, n > 2 ? in[2] : 0,
                    n > 3 ? in[3] : 0);
    assert_int_equal(text_is_utf8(b), good);
    if (!good)
        assert_true(text_clean(&c, "x", b, 1000, &clean) != OK);
    else if (text_clean(&c, "x", b, 1000, &clean) == OK)
        assert_true(naive_utf8((const uint8_t *)clean, strlen(clean)));
}

static void test_every_lead_with_every_tail(void **state)
{
    static const uint8_t tails[][3] = {
        {'a', 'b', 'c'},    {0x80, 'b', 'c'},   {0xbf, 'b', 'c'},   {0x80, 0x80, 'c'},
        {0xbf, 0xbf, 'c'},  {0x80, 0x80, 0x80}, {0xbf, 0xbf, 0xbf}, {0x8f, 0xbf, 0xbf},
        {0x90, 0x80, 0x80}, {0x9f, 0xbf, 0x80}, {0xa0, 0x80, 0x80}, {0x7f, 0x80, 0x80},
        {0xc0, 0x80, 0x80}, {0x80, 0x7f, 0x80}, {0x80, 0xc0, 0x80}, {0x80, 0x80, 0xff},
        {0xff, 0x80, 0x80}, {0xa0, 0xa0, 0xc2}, {0x80, 0xe0, 0xa0}, {0xfe, 0xff, 0x80}};
    struct arena *a = arena_new(0);
    (void)state;
    for (int lead = 1; lead < 256; lead++)
        for (size_t t = 0; t < ARRAY_LEN(tails); t++)
            for (size_t n = 1; n <= 4; n++) {
                uint8_t in[4] = {(uint8_t)lead, tails[t][0], tails[t][1], tails[t][2]};
                same(a, in, n);
            }
    arena_end(a);
    assert_true(tried > 20000);
}

/* Named by what they did elsewhere: forms of a slash, a dot, a NUL and of half a pair. */
static void test_what_fooled_others(void **state)
{
    static const char *const bad[] = {"\xc0\xaf",
                                      "\xe0\x80\xaf",
                                      "\xf0\x80\x80\xaf",
                                      "\xf8\x80\x80\x80\xaf", /* / */
                                      "\xfc\x80\x80\x80\x80\xaf",
                                      "\xc0\xae\xc0\xae",
                                      "\xe0\x80\xae",
                                      "\xc0\x80",
                                      "\xe0\x80\x80",
                                      "\xf0\x80\x80\x80",
                                      "\xc1\x9c",
                                      "\xc1\x81",
                                      "\xe0\x9f\xbf",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xed\xa0\x80",
                                      "\xed\xad\xbf",
                                      "\xed\xae\x80",
                                      "\xed\xaf\xbf",
                                      "\xed\xb0\x80",
                                      "\xed\xbe\x80",
                                      "\xed\xbf\xbf",
                                      "\xed\xa0\x80\xed\xb0\x80",
                                      "\xed\xaf\xbf\xed\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xf7\xbf\xbf\xbf",
                                      "\xfe",
                                      "\xff",
                                      "\xfe\xfe\xff\xff",
                                      "\x80",
                                      "\xbf",
                                      "\x80\xbf\x80\xbf",
                                      "a\xcc",
                                      "\xe1\xba",
                                      "\xf0\x9f\x98",
                                      "Tr\xc3",
                                      "\xc3\x28",
                                      "\xe2\x28\xa1",
                                      "\xe2\x82\x28",
                                      "\xf0\x28\x8c\xbc",
                                      "\xf0\x90\x28\xbc"};
    static const char *const good[] = {"a",
                                       "đ",
                                       "ệ",
                                       "Trần Thị Lan",
                                       "\xef\xbf\xbd",
                                       "\xf0\x9f\x98\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xc2\xa0"};
    struct arena *a = arena_new(0);
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(naive_utf8((const uint8_t *)bad[i], strlen(bad[i])));
        same(a, (const uint8_t *)bad[i], strlen(bad[i]));
    }
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_true(naive_utf8((const uint8_t *)good[i], strlen(good[i])));
        same(a, (const uint8_t *)good[i], strlen(good[i]));
    }
    arena_end(a);
}

/* ---- base64url ---- */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int digit(char ch)
{
    const char *at = ch ? strchr(alphabet, ch) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

/* One text for each value: the bits that no byte takes are zero (RFC 4648 section 3.5). */
static bool naive_base64url(const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        if (digit(text[i]) < 0)
            return false;
    if (n % 4 == 1)
        return false;
    int last = n ? digit(text[n - 1]) : 0;
    return !(n % 4 == 2 && (last & 15)) && !(n % 4 == 3 && (last & 3));
}

static void decode(struct arena *a, const char *text)
{
    struct bytes out = {NULL, 0};
    bool good = base64url_decode(a, text, &out);
    tried++;
    if (good != naive_base64url(text))
        print_error("%s\n", text);
    assert_int_equal(good, naive_base64url(text));
    if (!good)
        return;
    struct buf b = buf_new(a, 1000);
    buf_base64url(&b, out);
    assert_string_equal(b.ptr, text); /* back to the very same text */
}

static void test_every_last_character(void **state)
{
    struct arena *a = arena_new(0);
    char text[8];
    (void)state;
    for (int ch = 1; ch < 256; ch++)
        for (size_t n = 1; n <= 4; n++) {
            memset(text, 'A', n);
            text[n - 1] = (char)ch;
            text[n] = '\0';
            decode(a, text);
            text[0] = (char)ch;
            decode(a, text);
        }
    arena_end(a);
}

static void test_odd_base64url(void **state)
{
    static const char *const odd[] = {
        "",         "=",      "==",     "A",      "AA=",     "AA==",    "AAA=",      "AAAA=",
        "AA=A",     "A=AA",   "AA A",   "AA\nAA", "AAAA\n",  "\nAAAA",  " AAAA",     "AAAA ",
        "AA\tAA",   "AA+A",   "AA/A",   "AB",     "AQ",      "Ag",      "AAB",       "AAE",
        "AAI",      "AA",     "AAA",    "_-_-",   "-_",      "__",      "_w",        "_x",
        "AAAAA",    "AAAAAA", "A-A_",   "ÁAAA",   "AA.AA",   "AA,A",    "%41AAA",    "AA%3D",
        "AAAA====", "Zm9v",   "Zm9vYg", "Zm9vYh", "Zm9vYmE", "Zm9vYmF", "Zm9v.Zm9v", "\"Zm9v\"",
        "Zm9v\r\n", "Zm9-",   "Zm9_",   "Zm9+",   "Zm9/"};
    struct arena *a = arena_new(0);
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(odd); i++)
        decode(a, odd[i]);
    arena_end(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_lead_with_every_tail),
        cmocka_unit_test(test_what_fooled_others),
        cmocka_unit_test(test_every_last_character),
        cmocka_unit_test(test_odd_base64url),
    };
    return cmocka_run_group_tests_name("text corpus", tests, NULL, NULL);
}
