/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, their files, signatures and JWS, each way against somebody else's program. */
#include <pthread.h>
#include <sys/stat.h>

#include "crypto/test/crypto_test.h"

/* RFC 7515 appendix A.3: key and signature. */
#define RFC_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define RFC_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define RFC_SAID                                                                                   \
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"    \
    "LmNvbS9pc19yb290Ijp0cnVlfQ"
#define RFC_SIGNATURE                                                                              \
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

static struct key *new_key(struct ctx *c)
{
    struct key *k = NULL;
    assert_int_equal(key_new(c, &k), OK);
    return k;
}

static void test_verify_rfc7515_vector(void **state)
{
    struct ctx *c = *state;
    struct bytes point, signature, payload;
    assert_true(jwk_point(c->arena, RFC_X, RFC_Y, &point));
    assert_true(base64url_decode(c->arena, RFC_SIGNATURE, &signature));
    assert_true(key_verify(point, bytes_of(RFC_SAID), signature));
    assert_false(key_verify(point, bytes_of(RFC_SAID "x"), signature));
    /* RFC 7638 by an independent computation. */
    assert_string_equal(key_id(c->arena, point), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
    /* Without a kid it isn't one of ours. */
    assert_false(jws_verify(c->arena, RFC_SAID "." RFC_SIGNATURE, point, &payload));
}

static void test_sign_and_verify(void **state)
{
    struct ctx *c = *state;
    struct key *k = new_key(c), *other = new_key(c);
    struct bytes in = bytes_of("Giấy khai sinh số 15/2026"), point = key_public_point(c->arena, k);
    for (int i = 0; i < 200; i++) { /* short r and s turn up too */
        struct bytes s = key_sign(c->arena, k, in);
        assert_int_equal(s.len, 64);
        assert_true(key_verify(point, in, s));
    }
    struct bytes s = key_sign(c->arena, k, in);
    assert_false(key_verify(key_public_point(c->arena, other), in, s));
    assert_false(key_verify(point, bytes_of("Giấy khai sinh số 16/2026"), s));
    assert_false(key_verify(point, in, (struct bytes){s.ptr, 63}));
    for (size_t i = 0; i < s.len; i++) {
        struct bytes bad = arena_bytes(c->arena, s.ptr, s.len);
        ((uint8_t *)(uintptr_t)bad.ptr)[i] ^= 1;
        assert_false(key_verify(point, in, bad));
    }
    key_end(k);
    key_end(other);
    key_end(NULL);
}

static void test_verify_refuses_bad_points(void **state)
{
    struct ctx *c = *state;
    struct key *k = new_key(c);
    struct bytes in = bytes_of("x"), s = key_sign(c->arena, k, in);
    struct bytes point = key_public_point(c->arena, k), ignored;
    uint8_t zeros[64] = {0};
    ((uint8_t *)(uintptr_t)point.ptr)[64] ^= 1; /* off the curve */
    assert_false(key_verify(point, in, s));
    ((uint8_t *)(uintptr_t)point.ptr)[64] ^= 1;
    assert_true(key_verify(point, in, s));
    assert_false(key_verify((struct bytes){point.ptr, 64}, in, s));
    assert_false(key_verify((struct bytes){0}, in, s));
    assert_false(key_verify(point, in, (struct bytes){zeros, 64}));
    ((uint8_t *)(uintptr_t)point.ptr)[0] = 6; /* hybrid form */
    assert_false(key_verify(point, in, s));
    assert_false(jwk_point(c->arena, RFC_X, RFC_X, &ignored));
    assert_false(jwk_point(c->arena, RFC_X, "", &ignored));
    assert_false(jwk_point(c->arena, NULL, RFC_Y, &ignored));
    key_end(k);
}

/* More keys than one thread remembers, used in turn. */
static void test_verify_many_keys(void **state)
{
    struct ctx *c = *state;
    struct key *keys[12];
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        keys[i] = new_key(c);
    for (size_t turn = 0; turn < 3; turn++)
        for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
            struct bytes in = bytes_of("x"), s = key_sign(c->arena, keys[i], in);
            size_t next = (i + 1) % ARRAY_LEN(keys);
            assert_true(key_verify(key_public_point(c->arena, keys[i]), in, s));
            assert_false(key_verify(key_public_point(c->arena, keys[next]), in, s));
        }
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        key_end(keys[i]);
}

static void *sign_in_thread(void *arg)
{
    struct arena *a = arena_new(0);
    const struct key *k = arg;
    struct bytes point = key_public_point(a, k), key = {point.ptr, 32}, plain;
    size_t good = 0;
    for (int i = 0; i < 50; i++) {
        struct bytes in = bytes_of(arena_printf(a, "message %d", i));
        struct bytes sealed = seal(a, key, "place", in);
        good += key_verify(point, in, key_sign(a, k, in)) &&
                seal_open(a, key, "place", sealed, &plain) && plain.len == in.len;
    }
    arena_end(a);
    return (void *)(uintptr_t)good;
}

static void test_one_key_on_four_threads(void **state)
{
    struct ctx *c = *state;
    struct key *k = new_key(c);
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sign_in_thread, k), 0);
    for (size_t i = 0; i < 4; i++) {
        void *good = NULL;
        assert_int_equal(pthread_join(threads[i], &good), 0);
        assert_int_equal((uintptr_t)good, 50);
    }
    key_end(k);
}

static void test_key_file(void **state)
{
    struct ctx *c = *state;
    struct key *k = new_key(c), *back = NULL;
    char *dir = test_dir(c), *path = arena_printf(c->arena, "%s/sign.pem", dir), *out = NULL;
    struct stat st;
    assert_int_equal(key_save(c, k, path), OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(key_load(c, path, &back), OK);
    assert_memory_equal(key_public_point(c->arena, k).ptr, key_public_point(c->arena, back).ptr,
                        65);
    struct bytes in = bytes_of("x");
    assert_true(key_verify(key_public_point(c->arena, k), in, key_sign(c->arena, back, in)));
    assert_int_equal(test_run(c, arena_printf(c->arena, "cat '%s'", path), &out), 0);
    assert_string_equal(out, key_pem(c->arena, back));
    assert_true(text_starts(out, "-----BEGIN PRIVATE KEY-----\n"));
    assert_int_equal(
        test_run(c, arena_printf(c->arena, "openssl pkey -noout -check -in '%s'", path), &out), 0);
    test_dir_end(dir);
    key_end(k);
    key_end(back);
}

#ifdef DINH_FAULTS
/* A full or failing disk leaves no half a key. */
static void test_key_save_faults(void **state)
{
    struct ctx *c = *state;
    struct key *k = new_key(c);
    char *dir = test_dir(c), *path = arena_printf(c->arena, "%s/sign.pem", dir);
    static const char *const plans[] = {"write:1:ENOSPC", "fsync:1:EIO", "rename:1:EIO"};
    static const enum err want[] = {ERR_DISK_FULL, ERR_IO, ERR_IO};
    for (size_t i = 0; i < ARRAY_LEN(plans); i++) {
        assert_true(sys_fault_arm(plans[i]));
        assert_int_equal(key_save(c, k, path), want[i]);
        assert_true(sys_fault_arm(NULL));
        assert_false(sys_exists(path));
    }
    test_dir_end(dir);
    key_end(k);
}
#endif

static void test_key_file_missing(void **state)
{
    struct ctx *c = *state;
    struct key *k = NULL;
    char *dir = test_dir(c), *path = arena_printf(c->arena, "%s/none.pem", dir);
    enum err e = key_load(c, path, &k);
    assert_int_equal(e, ERR_KEY_MISSING);
    assert_string_equal(c->faults[0].args[0], path);
    assert_fault(c, e, ERR_KEY_MISSING, "key");
    /* The text for the administrator has room for the path and says what to do. */
    for (enum lang l = LANG_VI; l <= LANG_EN; l++) {
        const char *text = text_get((enum text)err_row(ERR_KEY_MISSING)->text, l);
        assert_non_null(strstr(text, "{2}"));
        assert_non_null(strstr(text, "dinh init"));
    }
    assert_null(k);
    test_dir_end(dir);
}

static void test_key_file_bad(void **state)
{
    struct ctx *c = *state;
    struct key *k = NULL;
    char *dir = test_dir(c), *out = NULL;
    static const char *const make[] = {
        "printf 'not a key\\n'",
        ":",
        "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -quiet",
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384",
        "openssl genpkey -algorithm ED25519",
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -pass pass:x",
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 | head -c 120",
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 | openssl pkey -pubout",
    };
    for (size_t i = 0; i < ARRAY_LEN(make); i++) {
        char *path = arena_printf(c->arena, "%s/%zu.pem", dir, i);
        char *command = arena_printf(c->arena, "{ %s; } >'%s'", make[i], path);
        assert_int_equal(test_run(c, command, &out), 0);
        assert_fault(c, key_load(c, path, &k), ERR_KEY_BAD, "key");
        assert_null(k);
    }
    test_dir_end(dir);
}

/* ---- JWS ---- */

#define PAYLOAD "{\"sub\":\"046194000123\",\"name\":\"Trần Thị Lụa\"}"

static void test_jws_round_trip(void **state)
{
    struct ctx *c = *state;
    struct key *k = new_key(c), *other = new_key(c);
    struct bytes point = key_public_point(c->arena, k), payload = {0};
    char *jws = jws_sign(c->arena, k, "JWT", PAYLOAD);
    assert_true(jws_verify(c->arena, jws, point, &payload));
    assert_string_equal(arena_text_n(c->arena, (const char *)payload.ptr, payload.len), PAYLOAD);
    assert_false(jws_verify(c->arena, jws, key_public_point(c->arena, other), &payload));
    size_t len = strlen(jws);
    for (size_t i = 0; i < len; i++) {
        char *bad = arena_text(c->arena, jws);
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        assert_false(jws_verify(c->arena, bad, point, &payload));
        bad[i] = '\0';
        assert_false(jws_verify(c->arena, bad, point, &payload));
    }
    key_end(k);
    key_end(other);
}

/* A header of our own choosing over a right signature: only the header is wrong. */
static bool header_passes(struct ctx *c, const struct key *k, const char *header)
{
    struct bytes payload;
    struct buf b = buf_new(c->arena, 4096);
    buf_base64url(&b, bytes_of(header));
    buf_text(&b, ".e30.");
    struct bytes said = {(uint8_t *)b.ptr, b.len - 1};
    buf_base64url(&b, key_sign(c->arena, k, said));
    return jws_verify(c->arena, b.ptr, key_public_point(c->arena, k), &payload);
}

static void test_jws_headers(void **state)
{
    struct ctx *c = *state;
    struct key *k = new_key(c);
    const char *kid = key_id(c->arena, key_public_point(c->arena, k));
#define HEADER(fmt) arena_printf(c->arena, fmt, kid)
    assert_true(header_passes(c, k, HEADER("{\"alg\":\"ES256\",\"kid\":\"%s\"}")));
    assert_false(header_passes(c, k, HEADER("{\"alg\":\"none\",\"kid\":\"%s\"}")));
    assert_false(header_passes(c, k, HEADER("{\"alg\":\"HS256\",\"kid\":\"%s\"}")));
    assert_false(header_passes(c, k, HEADER("{\"alg\":\"ES256\",\"kid\":\"x%s\"}")));
    assert_false(
        header_passes(c, k, HEADER("{\"alg\":\"ES256\",\"kid\":\"%s\",\"crit\":[\"b64\"]}")));
    assert_false(
        header_passes(c, k, HEADER("{\"alg\":\"HS256\",\"alg\":\"ES256\",\"kid\":\"%s\"}")));
    assert_false(header_passes(c, k, HEADER("{\"alg\":[\"ES256\"],\"kid\":\"%s\"}")));
    assert_false(header_passes(c, k, HEADER("[\"ES256\",\"%s\"]")));
    assert_false(header_passes(c, k, HEADER("{\"alg\":\"ES256\",\"kid\":\"%s\"} x")));
    assert_false(header_passes(c, k, "{\"alg\":\"ES256\"}"));
    assert_false(header_passes(c, k, ""));
#undef HEADER
    key_end(k);
}

#define NODE_VERIFY                                                                                \
    "const c=require('crypto'),fs=require('fs'),[jws,jwk]=fs.readFileSync(process.argv[1],'utf8')" \
    ".split('\\n');const p=jws.split('.'),key=c.createPublicKey({key:JSON.parse(jwk),"             \
    "format:'jwk'});const good=c.verify('sha256',p[0]+'.'+p[1],{key,dsaEncoding:'ieee-p1363'},"    \
    "Buffer.from(p[2],'base64url'));console.log(good,Buffer.from(p[0],'base64url')+'',"            \
    "Buffer.from(p[1],'base64url')+'')"

#define NODE_SIGN                                                                                  \
    "const c=require('crypto'),k=c.generateKeyPairSync('ec',{namedCurve:'P-256'}),"                \
    "j=k.publicKey.export({format:'jwk'}),b=s=>Buffer.from(s).toString('base64url');"              \
    "const kid=c.createHash('sha256').update(JSON.stringify({crv:j.crv,kty:j.kty,x:j.x,y:j.y}))"   \
    ".digest('base64url');const s=b(JSON.stringify({alg:'ES256',kid}))+'.'+b('{\"a\":1}');"        \
    "console.log(j.x,j.y,s+'.'+c.sign('sha256',s,{key:k.privateKey,dsaEncoding:'ieee-p1363'})"     \
    ".toString('base64url'))"

static void test_jws_with_node(void **state)
{
    struct ctx *c = *state;
    struct key *k = new_key(c);
    struct bytes point = key_public_point(c->arena, k), payload;
    char *dir = test_dir(c), *out = NULL;
    const char *both = arena_printf(c->arena, "%s\n%s\n", jws_sign(c->arena, k, "JWT", PAYLOAD),
                                    jwk_json(c->arena, point));
    const char *in = test_write(c, dir, "jws", bytes_of(both));
    const char *js = test_write(c, dir, "verify.js", bytes_of(NODE_VERIFY));
    assert_int_equal(test_run(c, arena_printf(c->arena, "node -e \"$(cat %s)\" %s", js, in), &out),
                     0);
    assert_string_equal(out, arena_printf(c->arena,
                                          "true {\"alg\":\"ES256\",\"kid\":\"%s\","
                                          "\"typ\":\"JWT\"} " PAYLOAD "\n",
                                          key_id(c->arena, point)));
    js = test_write(c, dir, "sign.js", bytes_of(NODE_SIGN));
    assert_int_equal(test_run(c, arena_printf(c->arena, "node -e \"$(cat %s)\"", js), &out), 0);
    out[strcspn(out, "\n")] = '\0';
    const char **parts = text_split(c->arena, out, ' ', &(size_t){0});
    assert_true(jwk_point(c->arena, parts[0], parts[1], &point));
    assert_true(jws_verify(c->arena, parts[2], point, &payload));
    assert_int_equal(payload.len, 7);
    assert_memory_equal(payload.ptr, "{\"a\":1}", 7);
    test_dir_end(dir);
    key_end(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRYPTO_TEST(test_verify_rfc7515_vector),
        CRYPTO_TEST(test_sign_and_verify),
        CRYPTO_TEST(test_verify_refuses_bad_points),
        CRYPTO_TEST(test_verify_many_keys),
        CRYPTO_TEST(test_one_key_on_four_threads),
        CRYPTO_TEST(test_key_file),
#ifdef DINH_FAULTS
        CRYPTO_TEST(test_key_save_faults),
#endif
        CRYPTO_TEST(test_key_file_missing),
        CRYPTO_TEST(test_key_file_bad),
        CRYPTO_TEST(test_jws_round_trip),
        CRYPTO_TEST(test_jws_headers),
        CRYPTO_TEST(test_jws_with_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
