/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guard by itself, without an engine before it: each of its rules on both sides, and blocks of
 * bytes as no client can make the engine leave them, which it refuses all the same.
 */
#include "test/harness/unit.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "net/guard.h"

struct one {
    const char *method, *target, *version;
    const char *fields[8]; /* name, value, ... */
    enum err wanted;
    const char *why;
};

static struct head head_of(const struct one *o, struct head_field *fields)
{
    struct head h = {o->method, o->target, o->version, strlen(o->target), fields, 0};
    for (size_t i = 0; i + 1 < ARRAY_LEN(o->fields) && o->fields[i]; i += 2)
        fields[h.n_fields++] = (struct head_field){o->fields[i], o->fields[i + 1],
                                                   strlen(o->fields[i]), strlen(o->fields[i + 1])};
    return h;
}

static void must(const struct one *o)
{
    struct head_field fields[4];
    struct head h = head_of(o, fields);
    struct head_meaning m;
    enum err e = head_check(&h, &m);
    if (e != o->wanted || !text_eq(m.why ? m.why : "", o->why ? o->why : ""))
        print_error("%s %s: %s\n", o->method, o->target, m.why ? m.why : "taken");
    assert_int_equal(e, o->wanted);
    assert_string_equal(m.why ? m.why : "", o->why ? o->why : "");
}

#define ASK(...) "GET", __VA_ARGS__
#define F        ERR_HTTP_FRAMING
#define HOST     "Host", "a.vn"
#define LEN(value)                                                                                 \
    "POST", "/", "HTTP/1.1",                                                                       \
    {                                                                                              \
        HOST, "Content-Length", value                                                              \
    }
#define CODED(value)                                                                               \
    "POST", "/", "HTTP/1.1",                                                                       \
    {                                                                                              \
        HOST, "Transfer-Encoding", value                                                           \
    }
#define NAME(name)     ASK("/", "HTTP/1.1", {HOST, name, "x"})
#define VALUE(value)   ASK("/", "HTTP/1.1", {HOST, "X", value})
#define AT_HOST(value) ASK("/", "HTTP/1.1", {"Host", value})

static const struct one targets[] = {
    {ASK("/", "HTTP/1.1", {HOST}), OK, NULL},
    {ASK("/a?b=c?d", "HTTP/1.1", {HOST}), OK, NULL},
    {ASK("/%41%5a%7f%aF%Fa%30", "HTTP/1.1", {HOST}), OK, NULL},
    {ASK("/?%zz", "HTTP/1.1", {HOST}), OK, NULL}, /* a query's escapes are read with its fields */
    {ASK("/%01", "HTTP/1.1", {HOST}), OK, NULL},
    {ASK("http://a.vn/", "HTTP/1.1", {HOST}), OK, NULL},
    {ASK("HTTP://A.VN/x", "HTTP/1.1", {HOST}), OK, NULL},
    {ASK("https://a.vn/x", "HTTP/1.1", {HOST}), OK, NULL},
    {ASK("https://a.vn/x", "HTTP/1.1", {"Host", " \ta.vn \t"}), OK, NULL},
    {ASK("", "HTTP/1.1", {HOST}), F, "target-bytes"},
    {ASK("/a b", "HTTP/1.1", {HOST}), F, "target-bytes"},
    {ASK("/a\x7f", "HTTP/1.1", {HOST}), F, "target-bytes"},
    {ASK("/đ", "HTTP/1.1", {HOST}), F, "target-bytes"},
    {ASK("/a#b", "HTTP/1.1", {HOST}), F, "target-bytes"},
    {ASK("/%", "HTTP/1.1", {HOST}), F, "target-escape"},
    {ASK("/%4", "HTTP/1.1", {HOST}), F, "target-escape"},
    {ASK("/%g1", "HTTP/1.1", {HOST}), F, "target-escape"},
    {ASK("/%1g", "HTTP/1.1", {HOST}), F, "target-escape"},
    {ASK("/%:1", "HTTP/1.1", {HOST}), F, "target-escape"},
    {ASK("/%1`", "HTTP/1.1", {HOST}), F, "target-escape"},
    {ASK("/%@1", "HTTP/1.1", {HOST}), F, "target-escape"},
    {ASK("/%1!", "HTTP/1.1", {HOST}), F, "target-escape"},
    {ASK("/%00", "HTTP/1.1", {HOST}), F, "target-escape"},
    {ASK("*", "HTTP/1.1", {HOST}), F, "target-form"},
    {ASK("a.vn:443", "HTTP/1.1", {HOST}), F, "target-form"},
    {ASK("ftp://a.vn/", "HTTP/1.1", {HOST}), F, "target-form"},
    {ASK("http://", "HTTP/1.1", {HOST}), F, "target-form"},
    {ASK("https://", "HTTP/1.1", {HOST}), F, "target-form"},
    {ASK("http://a.vn", "HTTP/1.1", {HOST}), F, "target-form"},
    {ASK("http://a.vn?x", "HTTP/1.1", {HOST}), F, "target-form"},
    {ASK("http://b.vn/", "HTTP/1.1", {HOST}), F, "target-form"},
    {ASK("http://a.vn:80/", "HTTP/1.1", {HOST}), F, "target-form"},
    {ASK("http://a.vn/", "HTTP/1.0", {NULL}), F, "target-form"},
    {"BREW", "/", "HTTP/1.1", {HOST}, ERR_HTTP_METHOD, "method"},
    {"get", "/", "HTTP/1.1", {HOST}, ERR_HTTP_METHOD, "method"},
    {"DELETE", "/", "HTTP/1.1", {HOST}, OK, NULL},
};

static const struct one fields[] = {
    {ASK("/", "HTTP/1.0", {NULL}), OK, NULL},
    {ASK("/", "HTTP/1.1", {NULL}), F, "no-host"},
    {ASK("/", "HTTP/1.2", {HOST}), F, "version"},
    {ASK("/", "HTTP/2.0", {HOST}), F, "version"},
    {ASK("/", "http/1.1", {HOST}), F, "version"},
    {ASK("/", "", {HOST}), F, "version"},
    {ASK("/", "HTTP/1.1", {HOST, "host", "a.vn"}), F, "second-host"},
    {AT_HOST(""), F, "host-bytes"},
    {AT_HOST(" "), F, "host-bytes"},
    {AT_HOST("a b"), F, "host-bytes"},
    {AT_HOST("a@b"), F, "host-bytes"},
    {AT_HOST("a/b"), F, "host-bytes"},
    {AT_HOST("a,b"), F, "host-bytes"},
    {AT_HOST("{"), F, "host-bytes"},
    {AT_HOST("`"), F, "host-bytes"},
    {AT_HOST("[::1]:8801"), OK, NULL},
    {AT_HOST("aZ09-_.:"), OK, NULL},
    {NAME("X-a!#$%&'*+.^_`|~9z"), OK, NULL},
    {NAME(""), F, "field-name"},
    {NAME("X "), F, "field-name"},
    {NAME("X\t"), F, "field-name"},
    {NAME("X("), F, "field-name"},
    {NAME("X@"), F, "field-name"},
    {NAME("X["), F, "field-name"},
    {NAME("X{"), F, "field-name"},
    {NAME("Đ"), F, "field-name"},
    {VALUE("a\tb"), OK, NULL},
    {VALUE("đ"), OK, NULL},
    {VALUE("a\x01"), F, "field-value"},
    {VALUE("a\x1f"), F, "field-value"},
    {VALUE("a\x7f"), F, "field-value"},
    {VALUE("a\rb"), F, "field-value"},
    {VALUE("a\nb"), F, "field-value"},
    {LEN("0"), OK, NULL},
    {LEN(" \t12 \t"), OK, NULL},
    {LEN("999999999999999999"), OK, NULL},
    {LEN("9999999999999999999"), F, "content-length"},
    {LEN(""), F, "content-length"},
    {LEN(" "), F, "content-length"},
    {LEN("+1"), F, "content-length"},
    {LEN("-1"), F, "content-length"},
    {LEN("1 1"), F, "content-length"},
    {LEN("1,1"), F, "content-length"},
    {LEN("0x1"), F, "content-length"},
    {LEN("1:"), F, "content-length"},
    {LEN("1a"), F, "content-length"},
    {"POST",
     "/",
     "HTTP/1.1",
     {HOST, "Content-Length", "1", "content-length", "1"},
     F,
     "second-content-length"},
    {CODED("chunked"), OK, NULL},
    {CODED(" Chunked\t"), OK, NULL},
    {CODED("gzip, chunked"), F, "transfer-encoding"},
    {CODED("chunked, chunked"), F, "transfer-encoding"},
    {CODED("identity"), F, "transfer-encoding"},
    {CODED("chunkec"), F, "transfer-encoding"},
    {CODED(""), F, "transfer-encoding"},
    {CODED("\"chunked\""), F, "transfer-encoding"},
    {"POST",
     "/",
     "HTTP/1.1",
     {HOST, "Transfer-Encoding", "chunked", "Transfer-Encoding", "chunked"},
     F,
     "second-transfer-encoding"},
    {"POST",
     "/",
     "HTTP/1.1",
     {HOST, "Content-Length", "1", "Transfer-Encoding", "chunked"},
     F,
     "length-and-encoding"},
    {"POST", "/", "HTTP/1.0", {HOST, "Transfer-Encoding", "chunked"}, F, "encoding-in-1.0"},
    {"POST", "/", "HTTP/1.1", {HOST, "Expect", "100-continue"}, OK, NULL},
    {"POST", "/", "HTTP/1.1", {HOST, "Expect", "200-ok"}, F, "expect"},
};

static void test_targets(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(targets); i++)
        must(&targets[i]);
}

static void test_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        must(&fields[i]);
}

static void test_sizes(void **state)
{
    struct arena *a = arena_new(0);
    char *target = arena_alloc(a, GUARD_MAX_TARGET_BYTES + 2), *host = arena_alloc(a, 300);
    struct head_field many[HTTP_MAX_HEADERS + 1];
    struct head_meaning m;
    (void)state;
    memset(target, 'a', GUARD_MAX_TARGET_BYTES + 1);
    target[0] = '/';
    memset(host, 'a', 256);
    for (size_t i = 0; i < ARRAY_LEN(many); i++)
        many[i] = (struct head_field){"X", "y", 1, 1};
    many[0] = (struct head_field){"Host", host, 4, 255};
    struct head h = {"GET", target, "HTTP/1.1", GUARD_MAX_TARGET_BYTES, many, HTTP_MAX_HEADERS};
    assert_int_equal(head_check(&h, &m), OK);
    h.target_len++;
    assert_int_equal(head_check(&h, &m), ERR_URI_TOO_LONG);
    h.target_len = 1;
    h.n_fields++;
    assert_int_equal(head_check(&h, &m), ERR_HTTP_FRAMING);
    assert_string_equal(m.why, "too-many-fields");
    h.n_fields = 1;
    many[0].value_len = 256;
    assert_int_equal(head_check(&h, &m), ERR_HTTP_FRAMING);
    assert_string_equal(m.why, "host-bytes");
    many[0] = (struct head_field){"Host", "a\0b", 4, 3}; /* a NUL is no letter of a host or name */
    assert_int_equal(head_check(&h, &m), ERR_HTTP_FRAMING);
    many[0] = (struct head_field){"Ho\0t", "a", 4, 1};
    assert_int_equal(head_check(&h, &m), ERR_HTTP_FRAMING);
    assert_string_equal(m.why, "field-name");
    arena_end(a);
}

/* ---- the block ---- */

#define BLOCK "GET\0/a\0HTTP/1.1\0\0Host\0a.vn\0\0X\0\t y\0\0\0"

struct block {
    char bytes[sizeof BLOCK];
    struct head_field fields[2];
    struct head h;
    size_t len;
};

static struct block *block_new(struct arena *a)
{
    struct block *b = ARENA_NEW(a, struct block);
    memcpy(b->bytes, BLOCK, sizeof BLOCK);
    b->fields[0] = (struct head_field){b->bytes + 17, b->bytes + 22, 4, 4};
    b->fields[1] = (struct head_field){b->bytes + 28, b->bytes + 32, 1, 1};
    b->h = (struct head){b->bytes, b->bytes + 4, b->bytes + 7, 2, b->fields, 2};
    b->len = sizeof BLOCK; /* the literal's own NUL is the last */
    return b;
}

static bool holds(const struct block *b)
{
    return block_exact(b->bytes, b->len, &b->h);
}

static void test_blocks(void **state)
{
    struct arena *a = arena_new(0);
    (void)state;
    assert_true(holds(block_new(a)));
    for (size_t i = 0; i < sizeof BLOCK;
         i++) { /* each byte between the pieces is what it must be */
        struct block *b = block_new(a);
        if (b->bytes[i] != '\0' || b->bytes + i + 1 == b->h.version) /* the target has its length */
            continue;
        b->bytes[i] = 'x';
        if (holds(b))
            print_error("a byte at %zu\n", i);
        assert_false(holds(b));
    }
    for (int by = -1; by <= 1; by += 2) { /* each piece begins where the one before ends */
        for (int piece = 0; piece < 7; piece++) {
            struct block *b = block_new(a);
            const char **all[] = {&b->h.target,        &b->h.version,      &b->fields[0].name,
                                  &b->fields[0].value, &b->fields[1].name, &b->fields[1].value};
            if (piece < 6)
                *all[piece] += by;
            else
                b->len += (size_t)by;
            assert_false(holds(b));
        }
    }
    struct block *b = block_new(a);
    b->h.method = b->bytes + 1;
    assert_false(holds(b));
    b = block_new(a);
    b->fields[1].value = b->bytes + sizeof BLOCK + 1;
    assert_false(holds(b));
    b = block_new(a);
    b->fields[1].value = b->fields[1].name;
    assert_false(holds(b));
    b = block_new(a);
    b->len = 18;
    assert_false(holds(b));
    arena_end(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_blocks),
    };
    return cmocka_run_group_tests_name("net guard", tests, NULL, NULL);
}
