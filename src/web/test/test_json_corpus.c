/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON at its edges: what RFC 8259 lets in is taken, what it doesn't is refused, and where it
 * leaves us free, or where we are stricter (OURS), our answer is written down here. The cases are
 * those that parsers are known to differ in, told anew; loops add every control character, every
 * wrong escape and every cut of a document.
 */
#include "test/harness/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "web/json.h"

struct edge {
    const char *text;
    size_t n;
};
#define E(text)                                                                                    \
    {                                                                                              \
        "" text, sizeof(text) - 1                                                                  \
    }

static const struct edge taken[] = {
    /* lists */
    E("[[]   ]"),
    E("[\"\"]"),
    E("[]"),
    E("[\"a\"]"),
    E("[false]"),
    E("[true]"),
    E("[null]"),
    E("[null, 1, \"1\", {}]"),
    E("[1\n]"),
    E(" [1]"),
    E("[1,null,null,null,2]"),
    E("[2] "),
    E("[ ]"),
    E("[[[[]]]]"),
    E("\t[\r\n1\t]\r\n"),
    E(" [] "),
    E("[]\n"),
    E("[0,0]"),
    E("[[],[],{}]"),
    /* numbers */
    E("[123e65]"),
    E("[0e+1]"),
    E("[0e1]"),
    E("[ 4]"),
    E("[20e1]"),
    E("[-0]"),
    E("[-123]"),
    E("[-1]"),
    E("[1E22]"),
    E("[1E-2]"),
    E("[1E+2]"),
    E("[123e45]"),
    E("[123.456e78]"),
    E("[1e-2]"),
    E("[1e+2]"),
    E("[123]"),
    E("[123.456789]"),
    E("[-0.0]"),
    E("[0.1]"),
    E("[1.0]"),
    E("[10]"),
    E("[100200300]"),
    E("[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]"),
    E("[9223372036854775807]"),
    E("[-9223372036854775808]"),
    E("[1e-400]"),
    E("[0e-999]"),
    E("{\"min\": -1.0e+28, \"max\": 1.0e+28}"),
    /* objects */
    E("{}"),
    E("{\"a\":\"b\"}"),
    E("{\"a\":\"b\",\"c\":\"d\"}"),
    E("{\"\":0}"),
    E("{\"a\":[]}"),
    E("{\n\"a\": \"b\"\n}"),
    E("{\"x\":[{\"id\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}]}"),
    E("{\"a\":{\"a\":{\"a\":1}}}"),
    E("{\"A\":1,\"a\":2}"),
    E("{ }"),
    E("{\"a\" : 1 , \"b\" : 2}"),
    E("{\"ti\\u00eau\":\"\\u0111\\u1ec1\"}"),
    E("{\"\\\"\":1}"),
    E("{\"a b\":1}"),
    /* texts */
    E("[\"\\u0060\\u012a\\u12AB\"]"),
    E("[\"\\uD801\\udc37\"]"),
    E("[\"\\ud83d\\ude39\\ud83d\\udc8d\"]"),
    E("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
    E("[\"\\\\u0000\"]"),
    E("[\"\\\"\"]"),
    E("[\"a/*b*/c/*d//e\"]"),
    E("[\"\\\\a\"]"),
    E("[\"\\\\n\"]"),
    E("[\"\\u0012\"]"),
    E("[\"\\uFFFF\"]"),
    E("[ \"asd\"]"),
    E("[\"\\uDBFF\\uDFFF\"]"),
    E("[\"new\\u00A0line\"]"),
    E("[\"\xf4\x8f\xbf\xbf\"]"),
    E("[\"\xef\xbf\xbf\"]"),
    E("[\"\\u002c\"]"),
    E("[\"\xcf\x80\"]"),
    E("[\"\xf0\x9b\xbf\xbf\"]"),
    E("[\"asd \"]"),
    E("[\"\x7f\"]"),
    E("[\"\\u0821\"]"),
    E("[\"\\u0123\"]"),
    E("[\"\xe2\x80\xa8\"]"),
    E("[\"\xe2\x80\xa9\"]"),
    E("[\"\\u0061\\u30af\\u30EA\\u30b9\"]"),
    E("[\"new\\u000Aline\"]"),
    E("[\"\\uA66D\"]"),
    E("[\"\\u005C\"]"),
    E("[\"\xe2\x8d\x82\xe3\x88\xb4\xe2\x8d\x82\"]"),
    E("[\"\\u0022\"]"),
    E("[\"\\u200B\"]"),
    E("[\"\\u2064\"]"),
    E("[\"\\uFDD0\"]"),
    E("[\"\\uFFFE\"]"),
    E("[\"\\uD83F\\uDFFE\"]"),
    E("[\"\xe2\x82\xac\xf0\x9d\x84\x9e\"]"),
    E("[\"a\x7f"
      "a\"]"),
    E("[\"\xc4\x90\xc3\xacnh\"]"),
    E("[\"\xe0\xa0\x80\"]"),
    E("[\"\xf0\x90\x80\x80\"]"),
    E("[\"\xed\x9f\xbf\"]"),
    E("[\"\xee\x80\x80\"]"),
    E("[\"\xc2\x80\"]"),
};

static const struct edge refused[] = {
    /* lists */
    E("[1 true]"),
    E("[a\xe5]"),
    E("[\"\": 1]"),
    E("[\"\"],"),
    E("[,1]"),
    E("[1,,2]"),
    E("[\"x\",,]"),
    E("[\"x\"]]"),
    E("[\"\",]"),
    E("[\"x\""),
    E("[x"),
    E("[3[4]]"),
    E("[\xff]"),
    E("[1:2]"),
    E("[,]"),
    E("[-]"),
    E("[   , \"\"]"),
    E("[\"a\",\n4\n,1,"),
    E("[1,]"),
    E("[1,,]"),
    E("[\"\va\"\\f]"),
    E("[*]"),
    E("[\"\""),
    E("[1,"),
    E("[1,\n1\n,1"),
    E("[{}"),
    E("[fals]"),
    E("[nul]"),
    E("[tru]"),
    E("[1}"),
    E("[1 2]"),
    E("[;]"),
    E("[True]"),
    E("[NULL]"),
    E("[TRUE]"),
    E("[nan]"),
    E("[truefalse]"),
    E("[null1]"),
    /* numbers */
    E("[-01]"),
    E("[-1.0.]"),
    E("[-2.]"),
    E("[-NaN]"),
    E("[-foo]"),
    E("[- 1]"),
    E("[-012]"),
    E("[-.123]"),
    E("[-1x]"),
    E("[.-1]"),
    E("[.2e-3]"),
    E("[0.1.2]"),
    E("[0.3e+]"),
    E("[0.3e]"),
    E("[0.e1]"),
    E("[0E+]"),
    E("[0E]"),
    E("[0e+]"),
    E("[0e]"),
    E("[1.0e+]"),
    E("[1.0e-]"),
    E("[1.0e]"),
    E("[1 000.0]"),
    E("[1eE2]"),
    E("[2.e+3]"),
    E("[2.e-3]"),
    E("[2.e3]"),
    E("[9.e+]"),
    E("[Inf]"),
    E("[NaN]"),
    E("[\xef\xbc\x91]"),
    E("[1+2]"),
    E("[0x1]"),
    E("[0x42]"),
    E("[Infinity]"),
    E("[-Infinity]"),
    E("[0e+-1]"),
    E("[-123.123foo]"),
    E("[123\xe5]"),
    E("[1e1\xe5]"),
    E("[0\xe5]"),
    E("[1ea]"),
    E("[2.]"),
    E("[.123]"),
    E("[1.2a-3]"),
    E("[1.8011670033376514H-308]"),
    E("[012]"),
    E("[++1234]"),
    E("[+1]"),
    E("[+Inf]"),
    E("[--1]"),
    E("[00]"),
    E("[1_000]"),
    E("[1,000.]"),
    E("[0b1]"),
    E("[0o7]"),
    E("[1.]"),
    E("[.]"),
    E("[e1]"),
    E("[1e]"),
    E("[-e1]"),
    /* objects */
    E("[\"x\", truth]"),
    E("{[: \"x\"}"),
    E("{\"x\", null}"),
    E("{\"x\"::\"b\"}"),
    E("{\"a\":\"a\" 123}"),
    E("{key: 'value'}"),
    E("{\"\xb9\":\"0\",}"),
    E("{\"a\" b}"),
    E("{:\"b\"}"),
    E("{\"a\" \"b\"}"),
    E("{\"a\":"),
    E("{\"a\""),
    E("{1:1}"),
    E("{9999E9999:1}"),
    E("{null:null,null:null}"),
    E("{\"id\":0,,,,,}"),
    E("{'a':0}"),
    E("{\"id\":0,}"),
    E("{\"a\":\"b\"}/**/"),
    E("{\"a\":\"b\"}/**//"),
    E("{\"a\":\"b\"}//"),
    E("{\"a\":\"b\"}/"),
    E("{\"a\":\"b\",,\"c\":\"d\"}"),
    E("{a: \"b\"}"),
    E("{\"a\":\"a"),
    E("{ \"foo\" : \"bar\", \"a\" }"),
    E("{\"a\":\"b\"}#"),
    E("{"),
    E("{]"),
    E("{,"),
    E("{\"asd\":\"asd\""),
    E("{\"a\":1]"),
    E("{\"a\":1;}"),
    E("{\"a\"=1}"),
    E("{true:1}"),
    E("{\"a\":}"),
    E("{[]:1}"),
    E("{\"a\":1}}"),
    E("{\"a\":1 \"b\":2}"),
    E("{,}"),
    /* texts */
    E("[\"\\uD800\\\"]"),
    E("[\"\\uD800\\u\"]"),
    E("[\"\\uD800\\u1\"]"),
    E("[\"\\uD800\\u1x\"]"),
    E("[\xc3\xa9]"),
    E("[\"\\x00\"]"),
    E("[\"\\\\\\\"]"),
    E("[\"\\\t\"]"),
    E("[\"\\\xf0\x9f\x8c\x80\"]"),
    E("[\"\\\"]"),
    E("[\"\\u00A\"]"),
    E("[\"\\uD834\\uDd\"]"),
    E("[\"\\uD800\\uD800\\x\"]"),
    E("[\"\\u\xe5\"]"),
    E("[\"\\a\"]"),
    E("[\"\\uqqqq\"]"),
    E("[\"\\\xe5\"]"),
    E("[\\u0020\"asd\"]"),
    E("[\\n]"),
    E("\""),
    E("['single quote']"),
    E("abc"),
    E("[\"\\"),
    E("[\"a\0a\"]"),
    E("[\"new\nline\"]"),
    E("[\"\t\"]"),
    E("\"\\UA66D\""),
    E("\"\"x"),
    E("[\"\\U0041\"]"),
    E("[\"\\'\"]"),
    E("[\"\\0\"]"),
    E("[\"\\u-123\"]"),
    E("[\"\\u 123\"]"),
    E("[\"\\u+123\"]"),
    E("[\"a\" \"b\"]"),
    E("[\"\r\"]"),
    E("[\"\\u{41}\"]"),
    E("[\xe2\x80\x9c"
      "a\xe2\x80\x9d]"),
    /* what is no UTF-8 */
    E("[\"\xe9\"]"),
    E("[\"\xff\"]"),
    E("[\"\x81\"]"),
    E("[\"\xc0\xaf\"]"),
    E("[\"\xfc\x83\xbf\xbf\xbf\xbf\"]"),
    E("[\"\xfc\x80\x80\x80\x80\x80\"]"),
    E("[\"\xe0\xff\"]"),
    E("[\"\xed\xa0\x80\"]"),
    E("[\"\xf4\xbf\xbf\xbf\"]"),
    E("[\"\xe6\x97\xa5\xd1\x88\xfa\"]"),
    E("[\"\xc0\x80\"]"),
    E("[\"\xe0\x80\xaf\"]"),
    E("[\"\xf0\x80\x80\xaf\"]"),
    E("[\"\xed\xbf\xbf\"]"),
    E("[\"\xf5\x80\x80\x80\"]"),
    E("[\"\xc3\"]"),
    E("[\"\xe2\x82\"]"),
    E("[\"\xf0\x9f\x98\"]"),
    E("[\"\xc3\x28\"]"),
    E("[\"\xfe\"]"),
    E("{\"\xff\":1}"),
    E("\xff\xfe[\0\"\0\xe9\0\"\0]\0"),
    E("\0[\0\"\0\xe9\0\"\0]"),
    E("[\0\"\0\xe9\0\"\0]\0"),
    E("\xef\xbb\xbf{}"),
    E("\xef\xbb\xbf[]"),
    E("\xef\xbb{}"),
    /* the whole */
    E("<.>"),
    E("[<null>]"),
    E("[1]x"),
    E("[1]]"),
    E("[\"asd]"),
    E("a\xc3\xa5"),
    E("[True]"),
    E("1]"),
    E("{\"x\": true,"),
    E("[][]"),
    E("]"),
    E("["),
    E(""),
    E(" "),
    E("[\0]"),
    E("2@"),
    E("{}}"),
    E("{\"\":"),
    E("{\"a\":/*comment*/\"b\"}"),
    E("{\"a\": true} \"x\""),
    E("['"),
    E("[,"),
    E("[{"),
    E("[\"a"),
    E("[\"a\""),
    E("{,"),
    E("{["),
    E("{\"a"),
    E("{'a'"),
    E("[\"\\{[\"\\{[\"\\{[\"\\{"),
    E("\xe9"),
    E("*"),
    E("{\"a\":\"b\"}#{}"),
    E("[\\u000A\"\"]"),
    E("[1"),
    E("[ false, nul"),
    E("[ true, fals"),
    E("[ false, tru"),
    E("{\"asd\":\"asd\""),
    E("\xc3\xa5"),
    E("[\xe2\x81\xa0]"),
    E("\xef\xbb\xbf"),
    E("[\f]"),
    E("[\v]"),
    E("[\xc2\xa0]"),
    E("\xe2\x80\x8b[]"),
    E("// x\n[]"),
    E("/* x */[]"),
    E("[] // x"),
    E("[1,2,...]"),
    E("undefined"),
    E("[undefined]"),
    E("--"),
    E("[]\0"),
};

/* RFC 8259 lets these in; we don't, and why. */
static const struct {
    struct edge e;
    const char *why;
} ours[] = {
    {E("{\"a\":\"b\",\"a\":\"c\"}"), "two readers would act by different ones"},
    {E("{\"a\":\"b\",\"a\":\"b\"}"), "two readers would act by different ones"},
    {E("{\"a\":1,\"\\u0061\":2}"), "the same name, written in two ways"},
    {E("[{\"a\":{\"b\":1,\"b\":2}}]"), "also below"},
    {E("{\"foo\\u0000bar\": 42}"), "a NUL ends a C text"},
    {E("[\"\\u0000\"]"), "a NUL ends a C text"},
    {E("[\"a\\u0000b\"]"), "a NUL ends a C text"},
    {E("false"), "bodies are objects or lists"},
    {E("42"), "bodies are objects or lists"},
    {E("-0.1"), "bodies are objects or lists"},
    {E("null"), "bodies are objects or lists"},
    {E("\"asd\""), "bodies are objects or lists"},
    {E("true"), "bodies are objects or lists"},
    {E("\"\""), "bodies are objects or lists"},
    {E(" 1 "), "bodies are objects or lists"},
    {E("[1e999]"), "not a number here"},
    {E("[-1e+9999]"), "not a number here"},
    {E("[0.4e00669999999999999999999999999999999999999999999999969999999006]"), "too large"},
    {E("[1.5e+9999]"), "too large"},
    {E("[123123e100000]"), "too large"},
    {E("[123123123123123123123123123123]"), "an int64 doesn't hold it"},
    {E("[9223372036854775808]"), "an int64 doesn't hold it"},
    {E("[-123123123123123123123123123123]"), "an int64 doesn't hold it"},
    {E("[-9223372036854775809]"), "an int64 doesn't hold it"},
    {E("[\"\\uDADA\"]"), "half a pair"},
    {E("[\"\\uD888\\u1234\"]"), "half a pair"},
    {E("[\"\\uD800\\n\"]"), "half a pair"},
    {E("[\"\\uDd1ea\"]"), "half a pair"},
    {E("[\"\\uD800\\uD800\\n\"]"), "half a pair"},
    {E("[\"\\ud800\"]"), "half a pair"},
    {E("[\"\\ud800abc\"]"), "half a pair"},
    {E("[\"\\uDd1e\\uD834\"]"), "a pair the wrong way round"},
    {E("[\"\\uDFAA\"]"), "half a pair"},
    {E("{\"\\uDFAA\":0}"), "half a pair in a name"},
};

static size_t tried;

static bool takes(const char *text, size_t n)
{
    struct ctx c = {.arena = arena_new(0), .request_id = "corpus"};
    uint8_t *own = arena_alloc(c.arena, n + 1); /* of its exact size: ASan sees one byte over */
    json_t *j = NULL;
    if (n)
        memcpy(own, text, n);
    enum err e = json_in(&c, "", (struct bytes){own, n}, &j);
    tried++;
    assert_true(e == OK ? j != NULL && c.n_faults == 0
                        : e == ERR_JSON && !j && c.n_faults == 1 && *c.faults[0].args[1]);
    json_end(j);
    arena_end(c.arena);
    return e == OK;
}

static void must(const struct edge *e, bool wanted, const char *list)
{
    if (takes(e->text, e->n) != wanted)
        print_error("%s: %.*s (%zu bytes)\n", list, (int)e->n, e->text, e->n);
    assert_int_equal(takes(e->text, e->n), wanted);
}

static void test_edges(void **state)
{
    (void)state;
    assert_true(ARRAY_LEN(taken) >= 95);
    assert_true(ARRAY_LEN(taken) + ARRAY_LEN(refused) + ARRAY_LEN(ours) >= 318);
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        must(&taken[i], true, "taken");
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        must(&refused[i], false, "refused");
    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        must(&ours[i].e, false, ours[i].why);
}

static void test_every_control_and_every_escape(void **state)
{
    char text[16];
    (void)state;
    for (int ch = 0; ch < 256; ch++) {
        size_t n = (size_t)snprintf(text, sizeof text, "[\"a%cb\"]", ch);
        assert_int_equal(takes(text, n), ch >= 0x20 && ch < 0x80 && ch != '"');
        n = (size_t)snprintf(text, sizeof text, "[\"\\%cb\"]", ch);
        assert_int_equal(takes(text, n), ch > 0 && ch != 'u' && strchr("\"\\/bfnrt", ch));
        n = (size_t)snprintf(text, sizeof text, "[%c1]", ch);
        assert_int_equal(takes(text, n), ch > 0 && strchr(" \t\r\n-123456789", ch));
    }
}

/* A document that was cut anywhere is none, and one with a byte too many neither. */
static void test_every_cut(void **state)
{
    static const char whole[] = "{\"a\":[1,-2.5e3,true,null,\"\\u0111\\n\"],\"b\":{\"c\":\"đ\"}}";
    char more[sizeof whole + 1];
    (void)state;
    assert_true(takes(whole, sizeof whole - 1));
    for (size_t n = 0; n < sizeof whole - 1; n++)
        assert_false(takes(whole, n));
    for (int ch = 0; ch < 256; ch++) {
        size_t n = (size_t)snprintf(more, sizeof more, "%s%c", whole, ch);
        assert_int_equal(takes(more, n), ch > 0 && strchr(" \t\r\n", ch));
    }
}

static char *nested(struct arena *a, const char *open, const char *close, size_t depth)
{
    struct buf b = buf_new(a, 4 * 1024 * 1024);
    for (size_t i = 0; i < depth; i++)
        buf_text(&b, open);
    for (size_t i = 0; i < depth; i++)
        buf_text(&b, close);
    return b.ptr;
}

static void test_depth_has_an_end(void **state)
{
    static const char *const ways[][2] = {{"[", "]"}, {"{\"a\":[", "]}"}, {"[", ""}};
    struct arena *a = arena_new(0);
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        size_t step = i == 1 ? 2 : 1;
        const char *most = nested(a, ways[i][0], ways[i][1], JSON_DEPTH / step);
        const char *more = nested(a, ways[i][0], ways[i][1], JSON_DEPTH / step + 1);
        const char *far = nested(a, ways[i][0], ways[i][1], 100000);
        assert_int_equal(takes(most, strlen(most)), i < 2);
        assert_false(takes(more, strlen(more)));
        assert_false(takes(far, strlen(far)));
    }
    arena_end(a);
}

static void test_many_were_tried(void **state)
{
    (void)state;
    print_message("figure C17 json_documents=%zu\n", tried);
    assert_true(tried > 1200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_every_control_and_every_escape),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_depth_has_an_end),
        cmocka_unit_test(test_many_were_tried),
    };
    return cmocka_run_group_tests_name("json corpus", tests, NULL, NULL);
}
