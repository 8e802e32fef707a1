/* SPDX-License-Identifier: Apache-2.0 */
/* multipart/form-data at its edges (RFC 7578, RFC 2046 5.1): two readers must not see two forms. */
#include "test/harness/unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "web/web_call.h"

#define TYPE "multipart/form-data; boundary=b"
#define HEAD "Content-Disposition: form-data; name=\"a\""

static size_t tried;

/* What came out, as one text: "a=1;" a field, "a<name:4>;" a file; "-" when it was refused. */
static const char *seen(struct arena *a, const char *type, const char *body, size_t n)
{
    struct ctx c = {.arena = a, .request_id = "corpus"};
    struct http_header *pairs = NULL;
    struct upload up[MAX_UPLOADS];
    size_t n_pairs = 0, n_up = 0;
    uint8_t *own = arena_alloc(a, n + 1);
    struct buf b = buf_new(a, 100000);
    memcpy(own, body, n);
    tried++;
    if (form_multipart(&c, type, (struct bytes){own, n}, &pairs, &n_pairs, up, &n_up)) {
        assert_true(c.n_faults > 0);
        return "-";
    }
    for (size_t i = 0; i < n_pairs; i++)
        buf_printf(&b, "%s=%s;", pairs[i].name, pairs[i].value);
    for (size_t i = 0; i < n_up; i++)
        buf_printf(&b, "%s<%s:%zu>;", up[i].field, up[i].name, up[i].content.len);
    return b.ptr;
}

static void must(const char *type, const char *body, size_t n, const char *wanted)
{
    struct arena *a = arena_new(0);
    const char *got = seen(a, type, body, n);
    if (strcmp(got, wanted) != 0)
        print_error("%s | %.*s\n", type, (int)n, body);
    assert_string_equal(got, wanted);
    arena_end(a);
}

#define ONE(head, value) "--b\r\n" head "\r\n\r\n" value "\r\n--b--\r\n"

static void test_heads_of_parts(void **state)
{
    static const struct {
        const char *body, *wanted;
    } rows[] = {
        {ONE(HEAD, "1"), "a=1;"},
        {ONE("content-disposition: form-data; name=\"a\"", "1"), "a=1;"},
        {ONE("CONTENT-DISPOSITION: FORM-DATA; NAME=\"a\"", "1"), "a=1;"},
        {ONE("Content-Disposition:form-data;name=\"a\"", "1"), "a=1;"},
        {ONE(HEAD "\r\nContent-Type: text/plain", "1"), "a=1;"},
        {ONE("Content-Type: text/plain\r\n" HEAD, "1"), "a=1;"},
        {ONE(HEAD, ""), "a=;"},
        {ONE(HEAD, "1\r\n2"), "a=1\n2;"},
        {ONE(HEAD, "--b"), "a=--b;"},
        {ONE(HEAD, "\r\n--"), "a=\n--;"},
        {ONE("Content-Disposition: form-data; name=\"a\"; filename=\"x.jpg\"", "1234"),
         "a<x.jpg:4>;"},
        {ONE("Content-Disposition: form-data; filename=\"x.jpg\"; name=\"a\"", "1234"),
         "a<x.jpg:4>;"},
        {ONE("Content-Disposition: form-data; name=\"a\"; filename=\"../../x.jpg\"", "1"),
         "a<x.jpg:1>;"},
        {ONE("Content-Disposition: form-data; name=\"a\"; filename=\"C:\\x.jpg\"", "1"),
         "a<x.jpg:1>;"},
        {ONE("Content-Disposition: form-data; name=\"a\"; filename=\"/etc/passwd\"", "1"),
         "a<passwd:1>;"},
        {ONE("Content-Disposition: form-data; name=\"a\"; x=\"; name=\"", "1"), "a=1;"},
        /* refused */
        {ONE("", "1"), "-"},
        {ONE("X: y", "1"), "-"},
        {ONE("Content-Type: text/plain", "1"), "-"},
        {ONE("Content-Disposition: form-data", "1"), "-"},
        {ONE("Content-Disposition: form-data; name=", "1"), "-"},
        {ONE("Content-Disposition: form-data; name=\"a", "1"), "-"},
        {ONE("Content-Disposition: form-data; name=a\"", "1"), "-"},
        {ONE("Content-Disposition: form-data; name=\"\xff\"", "1"), "-"},
        {ONE("Content-Disposition: form-data; name=\"\xc0\xaf\"", "1"), "-"},
        {ONE(HEAD, "\xff"), "-"},
        {ONE(HEAD, "\xed\xa0\x80"), "-"},
        {ONE(HEAD, "\x01"), "a=\x01;"}, /* the field's own reading refuses it */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        must(TYPE, rows[i].body, strlen(rows[i].body), rows[i].wanted);
}

static void test_frames(void **state)
{
    static const struct {
        const char *body, *wanted;
    } rows[] = {
        {"--b\r\n" HEAD "\r\n\r\n1\r\n--b\r\n" HEAD "\r\n\r\n2\r\n--b--\r\n", "a=1;a=2;"},
        {"--b\r\n" HEAD "\r\n\r\n1\r\n--b--", "a=1;"},
        {"--b--", ""}, /* a form without fields */
        /* refused: not closed, closed twice, another mark, bare line ends */
        {"", "-"},
        {"--b", "-"},

        {"--b\r\n", "-"},
        {"--b\r\n--b--\r\n", "-"},
        {"b\r\n" HEAD "\r\n\r\n1\r\n--b--\r\n", "-"},
        {"-b\r\n" HEAD "\r\n\r\n1\r\n--b--\r\n", "-"},
        {"--b\r\n" HEAD "\r\n\r\n1", "-"},
        {"--b\r\n" HEAD "\r\n\r\n1\r\n", "-"},
        {"--b\r\n" HEAD "\r\n\r\n1\r\n--b", "-"},
        {"--b\r\n" HEAD "\r\n\r\n1\r\n--b-", "-"},
        {"--b\r\n" HEAD "\r\n\r\n1\r\n--c--\r\n", "-"},
        {"--b\r\n" HEAD "\r\n\r\n1\n--b--\r\n", "-"},
        {"--b\n" HEAD "\n\n1\n--b--\n", "-"},
        {"--b\r\n" HEAD "\n\n1\r\n--b--\r\n", "-"},
        {"--b\r\n" HEAD "\r\n1\r\n--b--\r\n", "-"},
        {"--b\r\n" HEAD, "-"},
        {"--b\r\n\r\n1\r\n--b--\r\n", "-"},
        {"--bx\r\n" HEAD "\r\n\r\n1\r\n--b--\r\n", "-"},
        {"--b\r\n" HEAD "\r\n\r\n1\r\n--bx\r\n", "-"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        must(TYPE, rows[i].body, strlen(rows[i].body), rows[i].wanted);
}

static void test_boundaries(void **state)
{
    static const char body[] = ONE(HEAD, "1");
    static const struct {
        const char *type, *wanted;
    } rows[] = {
        {"multipart/form-data; boundary=b", "a=1;"},
        {"multipart/form-data; boundary=\"b\"", "a=1;"},
        {"multipart/form-data;boundary=b", "a=1;"},
        {"multipart/form-data; charset=utf-8; boundary=b", "a=1;"},
        {"multipart/form-data; boundary=b; charset=utf-8", "a=1;"},
        {"multipart/form-data; BOUNDARY=b", "a=1;"},
        {"multipart/form-data", "-"},
        {"multipart/form-data; boundary=", "-"},
        {"multipart/form-data; boundary=\"\"", "-"},
        {"multipart/form-data; boundary=\"b", "-"},
        {"multipart/form-data; xboundary=b", "-"},
        {"multipart/form-data; boundary=c", "-"},
        {"multipart/form-data; boundary=B", "-"},
        {"multipart/form-data; boundary=bb", "-"},
        {"multipart/form-data; boundary=--b", "-"},
        {"multipart/form-data; "
         "boundary=0123456789012345678901234567890123456789012345678901234567890"
         "1234567890",
         "-"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        must(rows[i].type, body, sizeof body - 1, rows[i].wanted);
}

/* Cut anywhere, a form is none; any byte changed, it is the same form, another, or none: never more
   than was sent. */
static void test_every_cut_and_every_byte(void **state)
{
    static const char whole[] = "--b\r\n" HEAD "\r\n\r\n1\r\n--b\r\n"
                                "Content-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n"
                                "Content-Type: image/png\r\n\r\n1234\r\n--b--\r\n";
    char spoilt[sizeof whole];
    (void)state;
    must(TYPE, whole, sizeof whole - 1, "a=1;f<x:4>;");
    for (size_t n = 0; n < sizeof whole - 3; n++)
        must(TYPE, whole, n, "-");
    for (size_t i = 0; i < sizeof whole - 1; i++) {
        static const char bytes[] = {'\0', '\r', '\n', '"', '-', ';', '\xff', 'b'};
        for (size_t k = 0; k < sizeof bytes; k++) {
            struct arena *a = arena_new(0);
            memcpy(spoilt, whole, sizeof whole);
            spoilt[i] = bytes[k];
            const char *got = seen(a, TYPE, spoilt, sizeof whole - 1);
            assert_true(strlen(got) < 120);
            arena_end(a);
        }
    }
    print_message("figure C17 forms=%zu\n", tried);
    assert_true(tried > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heads_of_parts),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_boundaries),
        cmocka_unit_test(test_every_cut_and_every_byte),
    };
    return cmocka_run_group_tests_name("multipart corpus", tests, NULL, NULL);
}
