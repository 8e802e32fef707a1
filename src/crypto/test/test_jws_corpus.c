/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens as attackers write them (RFC 8725, RFC 7515): each is signed by the very key it is checked
 * with wherever a signature can be made, so that only what its head or its shape says refuses it.
 */
#include "crypto/test/crypto_test.h"

#define PAYLOAD "{\"sub\":\"a\"}"

static size_t tried;

static const char *part(struct arena *a, const char *text)
{
    struct buf b = buf_new(a, 8192);
    buf_base64url(&b, bytes_of(text));
    return b.ptr;
}

static bool passes(struct ctx *c, const char *compact, struct bytes point)
{
    struct bytes payload = {NULL, 0};
    char *own = arena_text(c->arena, compact); /* of its exact size */
    tried++;
    return jws_verify(c->arena, own, point, &payload);
}

/* Signed as it stands, whatever it says. */
static const char *signed_with(struct ctx *c, const struct key *k, const char *header)
{
    struct buf b = buf_new(c->arena, 65536);
    buf_printf(&b, "%s.%s", part(c->arena, header), part(c->arena, PAYLOAD));
    struct bytes signature = key_sign(c->arena, k, buf_bytes(&b));
    buf_char(&b, '.');
    buf_base64url(&b, signature);
    return b.ptr;
}

static const char *const algs[] = {"none",
                                   "None",
                                   "NONE",
                                   "nOnE",
                                   "",
                                   "es256",
                                   "ES256 ",
                                   " ES256",
                                   "ES256K",
                                   "ES384",
                                   "ES512",
                                   "HS256",
                                   "HS384",
                                   "HS512",
                                   "RS256",
                                   "RS384",
                                   "RS512",
                                   "PS256",
                                   "PS384",
                                   "PS512",
                                   "EdDSA",
                                   "Ed25519",
                                   "dir",
                                   "A128KW",
                                   "ECDH-ES",
                                   "ES2560",
                                   "ES\\u0000256",
                                   "ES256\\u0000",
                                   "PBES2-HS256+A128KW",
                                   "RSA1_5",
                                   "RSA-OAEP",
                                   "ES-256"};
static const char *const heads[] = {/* %s: the key's id */
                                    "{\"alg\":null,\"kid\":\"%s\"}",
                                    "{\"alg\":true,\"kid\":\"%s\"}",
                                    "{\"alg\":256,\"kid\":\"%s\"}",
                                    "{\"alg\":[\"ES256\"],\"kid\":\"%s\"}",
                                    "{\"alg\":{\"a\":\"ES256\"},\"kid\":\"%s\"}",
                                    "{\"Alg\":\"ES256\",\"kid\":\"%s\"}",
                                    "{\"ALG\":\"ES256\",\"kid\":\"%s\"}",
                                    "{\"alg\":\"none\",\"alg\":\"ES256\",\"kid\":\"%s\"}",
                                    "{\"alg\":\"ES256\",\"alg\":\"none\",\"kid\":\"%s\"}",
                                    "{\"alg\":\"ES256\",\"kid\":\"%s\",\"crit\":[\"exp\"]}",
                                    "{\"alg\":\"ES256\",\"kid\":\"%s\",\"crit\":[]}",
                                    "{\"alg\":\"ES256\",\"kid\":\"%s\",\"crit\":null}",
                                    "{\"alg\":\"ES256\",\"kid\":\"../../keys/%s\"}",
                                    "{\"alg\":\"ES256\",\"kid\":\"%s' OR '1'='1\"}",
                                    "{\"alg\":\"ES256\",\"kid\":\"|%s\"}",
                                    "{\"alg\":\"ES256\",\"kid\":\"%s\\u0000\"}",
                                    "{\"alg\":\"ES256\",\"kid\":\" %s\"}",
                                    "{\"alg\":\"ES256\",\"kid\":[\"%s\"]}",
                                    "{\"alg\":\"ES256\",\"Kid\":\"%s\"}",
                                    "{\"alg\":\"ES256\",\"kid\":\"x\",\"kid\":\"%s\"}",
                                    "{\"alg\":\"ES256\",\"x5u\":\"https://evil.example/%s\"}",
                                    "{\"alg\":\"ES256\",\"jku\":\"https://evil.example/%s\"}",
                                    "[{\"alg\":\"ES256\",\"kid\":\"%s\"}]",
                                    "{\"alg\":\"ES256\",\"kid\":\"%s\"}{}",
                                    "{\"alg\":\"ES256\",\"kid\":\"%s\",}",
                                    "{\"alg\":\"ES256\" \"kid\":\"%s\"}",
                                    "{\"alg\":\"ES256\",\"kid\":\"%s\"",
                                    "\xef\xbb\xbf{\"alg\":\"ES256\",\"kid\":\"%s\"}",
                                    "{'alg':'ES256','kid':'%s'}",
                                    "\"%s\"",
                                    "null%s",
                                    "%s"};

static void test_heads(void **state)
{
    struct ctx *c = *state;
    struct key *k = NULL;
    assert_int_equal(key_new(c, &k), OK);
    struct bytes point = key_public_point(c->arena, k);
    const char *kid = key_id(c->arena, point);
    assert_true(passes(
        c, signed_with(c, k, arena_printf(c->arena, "{\"alg\":\"ES256\",\"kid\":\"%s\"}", kid)),
        point));
    for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
        const char *head = arena_printf(c->arena, "{\"alg\":\"%s\",\"kid\":\"%s\"}", algs[i], kid);
        assert_false(passes(c, signed_with(c, k, head), point));
        assert_false(passes(
            c, arena_printf(c->arena, "%s.%s.", part(c->arena, head), part(c->arena, PAYLOAD)),
            point));
    }
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        const char *hole = strstr(heads[i], "%s");
        const char *head =
            arena_printf(c->arena, "%.*s%s%s", (int)(hole - heads[i]), heads[i], kid, hole + 2);
        if (passes(c, signed_with(c, k, head), point))
            print_error("%s\n", head);
        assert_false(passes(c, signed_with(c, k, head), point));
    }
    key_end(k);
}

/* A key or certificate that a token brings along is passed over: ours checks, or nobody. */
static void test_keys_brought_along(void **state)
{
    struct ctx *c = *state;
    struct key *ours = NULL, *theirs = NULL;
    assert_int_equal(key_new(c, &ours), OK);
    assert_int_equal(key_new(c, &theirs), OK);
    struct bytes point = key_public_point(c->arena, ours);
    const char *kid = key_id(c->arena, point);
    const char *jwk = jwk_json(c->arena, key_public_point(c->arena, theirs));
    const char *head =
        arena_printf(c->arena, "{\"alg\":\"ES256\",\"kid\":\"%s\",\"jwk\":%s}", kid, jwk);
    assert_false(passes(c, signed_with(c, theirs, head), point));
    assert_true(passes(c, signed_with(c, ours, head), point));
    key_end(ours);
    key_end(theirs);
}

static void test_every_character_and_every_shape(void **state)
{
    struct ctx *c = *state;
    struct key *k = NULL;
    assert_int_equal(key_new(c, &k), OK);
    struct bytes point = key_public_point(c->arena, k);
    const char *good = jws_sign(c->arena, k, "JWT", PAYLOAD);
    size_t n = strlen(good);
    assert_true(passes(c, good, point));
    for (size_t i = 0; i < n; i++) {
        char *spoilt = arena_text(c->arena, good);
        spoilt[i] = spoilt[i] == 'A' ? 'B' : 'A';
        assert_false(passes(c, spoilt, point));
        assert_false(passes(c, arena_text_n(c->arena, good, i), point)); /* cut */
        spoilt[i] = '=';
        assert_false(passes(c, spoilt, point));
    }
    const char *dot = strchr(good, '.'), *last = strrchr(good, '.');
    const char *head = arena_text_n(c->arena, good, (size_t)(dot - good));
    const char *middle = arena_text_n(c->arena, dot + 1, (size_t)(last - dot - 1));
    const char *const shapes[] = {
        "",
        ".",
        "..",
        "...",
        arena_printf(c->arena, "%s.", good),
        arena_printf(c->arena, ".%s", good),
        arena_printf(c->arena, " %s", good),
        arena_printf(c->arena, "%s ", good),
        arena_printf(c->arena, "%s\n", good),
        arena_printf(c->arena, "%s=", good),
        arena_printf(c->arena, "Bearer %s", good),
        arena_printf(c->arena, "%s.%s", head, middle),
        arena_printf(c->arena, "%s.%s.", head, middle),
        arena_printf(c->arena, "%s..%s", head, last + 1),
        arena_printf(c->arena, ".%s.%s", middle, last + 1),
        arena_printf(c->arena, "%s.%s.%s.%s", head, middle, middle, last + 1),
        arena_printf(c->arena, "%s.%s.%s%s", head, middle, last + 1, "AA"),
        arena_printf(c->arena, "%s.%s.%s", middle, head, last + 1),
        arena_printf(c->arena, "{\"payload\":\"%s\"}", middle)};
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
        assert_false(passes(c, shapes[i], point));
    for (size_t len = 0; len < 130; len++) { /* signatures of every length, all zero and all ones */
        uint8_t raw[130];
        for (int ones = 0; ones < 2; ones++) {
            memset(raw, ones ? 0xff : 0, sizeof raw);
            struct buf b = buf_new(c->arena, 4096);
            buf_printf(&b, "%s.%s.", head, middle);
            buf_base64url(&b, (struct bytes){raw, len});
            assert_false(passes(c, b.ptr, point));
        }
    }
    print_message("figure C17 tokens=%zu\n", tried);
    assert_true(tried > 500);
    key_end(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRYPTO_TEST(test_heads),
        CRYPTO_TEST(test_keys_brought_along),
        CRYPTO_TEST(test_every_character_and_every_shape),
    };
    return cmocka_run_group_tests_name("jws corpus", tests, NULL, NULL);
}
