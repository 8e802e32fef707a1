/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes, passwords, seals and trees against published vectors and against tampering. */
#include "crypto/evp.h"
#include "crypto/merkle.h"
#include "crypto/test/crypto_test.h"

static void test_sha256_vectors(void **state)
{
    struct ctx *c = *state;
    /* FIPS 180-4 examples */
    assert_hash_hex(c, sha256(bytes_of("abc")),
                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_hash_hex(c, sha256((struct bytes){0}),
                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_hash_hex(c, sha256_two(bytes_of("a"), bytes_of("bc")),
                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_hash_hex(c, sha256_two((struct bytes){0}, bytes_of("abc")),
                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_sha256_hex_round_trip(void **state)
{
    struct ctx *c = *state;
    struct sha256 h = sha256(bytes_of("đình")), back;
    char *hex = sha256_hex(c->arena, h);
    assert_true(sha256_from_hex(hex, &back));
    assert_memory_equal(h.b, back.b, SHA256_LEN);
    hex[3] = 'g';
    assert_false(sha256_from_hex(hex, &back));
    hex[3] = '\0';
    assert_false(sha256_from_hex(hex, &back));
    assert_false(sha256_from_hex(NULL, &back));
}

#define XROAD_MESSAGE                                                                              \
    "POST\r\n/r1/DEV/COM/1234/TestService/mock1?a=1\r\nContent-Type:application/json\r\n"          \
    "X-Road-Client:DEV/COM/4321/TestClient\r\n"                                                    \
    "x-road-request-id:f92591a3-6bf0-49b1-987b-0dd78c034cc3\r\n"                                   \
    "x-road-id:DEV-5ea48ae9-15c1-465a-be15-9b6ef2c7ef4a\r\n"

/* The request hash of the message protocol: SHA-512(M), with a body SHA-512(SHA-512(M) ||
 * SHA-512(B)). */
static void test_sha512_request_hash(void **state)
{
    struct ctx *c = *state;
    uint8_t both[128], last[64];
    struct bytes want;
    sha512(bytes_of(XROAD_MESSAGE), both);
    assert_true(base64_decode(c->arena,
                              "u3Ael75+8rKgZ5/K9qxpkosEpNH8t9TiVqFt7W5QDzz+t6w3Wq+5B94jXxqsT59g4"
                              "Wsaflj8dLVdn5Be+7lPxA==",
                              &want));
    assert_int_equal(want.len, 64);
    assert_memory_equal(both, want.ptr, 64);
    sha512(bytes_of("{\"data\": 1.0, \"service\": \"random\"}"), both + 64);
    sha512((struct bytes){both, sizeof(both)}, last);
    assert_true(base64_decode(c->arena,
                              "Q2+PRtPjj9AltgS32MVhx5f8VD6nJ0qaIsiDBMrS6bMB4Kj+TThw7N4Hvt8q8DfBNX"
                              "5Sy+aY5MbP4VD9IAqzmw==",
                              &want));
    assert_memory_equal(last, want.ptr, 64);
}

struct hmac_case {
    const char *key, *data, *want;
};

/* RFC 4231, cases 1-4, 6 and 7. */
static const struct hmac_case hmac_cases[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
     "dddddddddddddddddddddddddddddddd",
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"0102030405060708090a0b0c0d0e0f10111213141516171819",
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
};

static void test_hmac_rfc4231(void **state)
{
    struct ctx *c = *state;
    uint8_t long_key[131];
    for (size_t i = 0; i < ARRAY_LEN(hmac_cases); i++) {
        const struct hmac_case *k = &hmac_cases[i];
        struct bytes key = test_hex(c, k->key), data = test_hex(c, k->data);
        assert_hash_hex(c, hmac_sha256(key, data), k->want);
    }
    memset(long_key, 0xaa, sizeof(long_key));
    struct bytes key = {long_key, sizeof(long_key)};
    assert_hash_hex(c,
                    hmac_sha256(key, bytes_of("Test Using Larger Than Block-Size Key - Hash Key "
                                              "First")),
                    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    assert_hash_hex(c,
                    hmac_sha256(key, bytes_of("This is a test using a larger than block-size key "
                                              "and a larger than block-size data. The key needs "
                                              "to be hashed before being used by the HMAC "
                                              "algorithm.")),
                    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

/* An empty key is a key, not the last one again. */
static void test_hmac_empty_key(void **state)
{
    struct ctx *c = *state;
    hmac_sha256(bytes_of("another"), bytes_of("x"));
    assert_hash_hex(c, hmac_sha256((struct bytes){0}, (struct bytes){0}),
                    "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* RFC 5869, A.1 and A.3. */
static void test_hkdf_rfc5869(void **state)
{
    struct ctx *c = *state;
    uint8_t out[42];
    struct bytes ikm = test_hex(c, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
    evp_hkdf(ikm, test_hex(c, "000102030405060708090a0b0c"), test_hex(c, "f0f1f2f3f4f5f6f7f8f9"),
             out, sizeof(out));
    assert_bytes_hex(c, (struct bytes){out, sizeof(out)},
                     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                     "34007208d5b887185865");
    evp_hkdf(ikm, (struct bytes){0}, (struct bytes){0}, out, sizeof(out));
    assert_bytes_hex(c, (struct bytes){out, sizeof(out)},
                     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                     "9d201395faa4b61a96c8");
}

static void test_key_derive_differs_by_use(void **state)
{
    struct ctx *c = *state;
    struct bytes root = bytes_of("0123456789abcdef0123456789abcdef");
    struct bytes a = key_derive(c->arena, root, "seal"), b = key_derive(c->arena, root, "blind");
    struct bytes again = key_derive(c->arena, root, "seal");
    assert_int_equal(a.len, 32);
    assert_memory_not_equal(a.ptr, b.ptr, 32);
    assert_memory_equal(a.ptr, again.ptr, 32);
}

static void test_password(void **state)
{
    struct ctx *c = *state;
    const char *one = NULL, *two = NULL;
    assert_int_equal(password_hash(c, "mật khẩu của mẹ", &one), OK);
    assert_int_equal(password_hash(c, "mật khẩu của mẹ", &two), OK);
    assert_true(text_starts(one, "$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_string_not_equal(one, two);
    assert_true(password_check("mật khẩu của mẹ", one));
    assert_false(password_check("mật khẩu của mé", one));
    assert_false(password_check("", one));
    /* The reference implementation's own vector. */
    assert_true(password_check("password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$"
                                           "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"));
}

/* A stored hash must not make us spend a machine's memory or an hour. */
static void test_password_refuses_costly_and_odd(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "$argon2id$v=19$",
        "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=65536,t=4000000,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GR",
        "$argon2id$v=19$m=65536,t=2,p=64$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=99999999999999999999,t=2,p=1$c29tZXNhbHQ$CTFh",
        "password",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(password_check("password", bad[i]));
    assert_false(password_check(NULL, bad[2]));
    assert_false(password_check("password", NULL));
}

#define AAD "people.person.name/0001"

static void test_seal_round_trip(void **state)
{
    struct ctx *c = *state;
    struct bytes key = bytes_of("0123456789abcdef0123456789abcdef"), plain, empty = {0};
    struct bytes one = seal(c->arena, key, AAD, bytes_of("Trần Thị Lụa"));
    struct bytes two = seal(c->arena, key, AAD, bytes_of("Trần Thị Lụa"));
    assert_int_equal(one.len, strlen("Trần Thị Lụa") + 29);
    assert_memory_not_equal(one.ptr, two.ptr, 13); /* the nonce is new each time */
    assert_true(seal_open(c->arena, key, AAD, one, &plain));
    assert_string_equal(arena_text_n(c->arena, (const char *)plain.ptr, plain.len), "Trần Thị Lụa");
    struct bytes nothing = seal(c->arena, key, "", empty);
    assert_true(seal_open(c->arena, key, "", nothing, &plain));
    assert_int_equal(plain.len, 0);
}

static void test_seal_refuses_tampering(void **state)
{
    struct ctx *c = *state;
    struct bytes key = bytes_of("0123456789abcdef0123456789abcdef"), plain = {0};
    struct bytes other = bytes_of("0123456789abcdef0123456789abcdeF");
    struct bytes sealed = seal(c->arena, key, AAD, bytes_of("046194000123"));
    for (size_t i = 0; i < sealed.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            struct bytes copy = arena_bytes(c->arena, sealed.ptr, sealed.len);
            ((uint8_t *)(uintptr_t)copy.ptr)[i] ^= (uint8_t)(1 << bit);
            assert_false(seal_open(c->arena, key, AAD, copy, &plain));
        }
    for (size_t len = 0; len < sealed.len; len++)
        assert_false(seal_open(c->arena, key, AAD, (struct bytes){sealed.ptr, len}, &plain));
    assert_false(seal_open(c->arena, key, "people.person.name/0002", sealed, &plain));
    assert_false(seal_open(c->arena, key, "", sealed, &plain));
    assert_false(seal_open(c->arena, other, AAD, sealed, &plain));
    assert_null(plain.ptr);
    assert_true(seal_open(c->arena, key, AAD, sealed, &plain));
}

/* Test case 16 of the GCM specification, behind our version byte. */
static void test_seal_opens_gcm_vector(void **state)
{
    struct ctx *c = *state;
    struct bytes plain, aad = test_hex(c, "feedfacedeadbeeffeedfacedeadbeefabaddad2");
    struct bytes key = test_hex(c, "feffe9928665731c6d6a8f9467308308"
                                   "feffe9928665731c6d6a8f9467308308");
    struct bytes sealed = test_hex(
        c,
        "01cafebabefacedbaddecaf888522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1"
        "aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d55"
        "1b");
    char *aad_text = arena_text_n(c->arena, (const char *)aad.ptr, aad.len);
    assert_true(seal_open(c->arena, key, aad_text, sealed, &plain));
    assert_bytes_hex(
        c, plain,
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c959568095"
        "32fcf0e2449a6b525b16aedf5aa0de657ba637b39");
}

static void test_blind_token(void **state)
{
    struct ctx *c = *state;
    struct bytes key = bytes_of("0123456789abcdef0123456789abcdef");
    char *one = blind_token(c->arena, key, "Đặng Thị Hòa");
    assert_int_equal(strlen(one), 22);
    assert_string_equal(one, blind_token(c->arena, key, "đặng  thị hoà"));
    assert_string_equal(one, blind_token(c->arena, key, "dang thi hoa"));
    assert_string_not_equal(one, blind_token(c->arena, key, "dang thi hoai"));
    assert_string_not_equal(
        one, blind_token(c->arena, bytes_of("another key of thirty-two bytes."), "dang thi hoa"));
}

/* Leaves and roots of the Certificate Transparency reference tree. */
static const char *const tree_leaves[] = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
};
static const char *const tree_roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static void test_merkle_roots(void **state)
{
    struct ctx *c = *state;
    struct sha256 leaves[8];
    for (size_t i = 0; i < 8; i++)
        leaves[i] = merkle_leaf(i == 0 ? (struct bytes){0} : test_hex(c, tree_leaves[i]));
    for (size_t n = 0; n <= 8; n++)
        assert_hash_hex(c, merkle_root(leaves, n), tree_roots[n]);
}

static void test_merkle_paths(void **state)
{
    (void)state;
    struct sha256 leaves[40], path[64];
    for (uint8_t i = 0; i < 40; i++)
        leaves[i] = merkle_leaf((struct bytes){&i, 1});
    for (size_t n = 1; n <= 40; n++) {
        struct sha256 root = merkle_root(leaves, n);
        for (size_t i = 0; i < n; i++) {
            size_t len = merkle_path(leaves, n, i, path);
            assert_true(merkle_check(leaves[i], i, n, path, len, root));
            assert_false(merkle_check(leaves[(i + 1) % 40], i, n, path, len, root));
            assert_false(merkle_check(leaves[i], n, n, path, len, root));
            assert_false(merkle_check(leaves[i], i, n, path, len + 1, root));
            if (len > 0) {
                assert_false(merkle_check(leaves[i], i, n, path, len - 1, root));
                assert_false(merkle_check(leaves[i], i ^ 1, n, path, len, root));
                path[len - 1].b[31] ^= 1;
                assert_false(merkle_check(leaves[i], i, n, path, len, root));
            }
        }
    }
}

/* Section 2.1.4.1 written plainly, over leaves in memory. */
static size_t subproof(const struct sha256 *leaves, size_t m, size_t n, bool known,
                       struct sha256 *ret)
{
    if (m == n) {
        if (!known)
            *ret = merkle_root(leaves, n);
        return known ? 0 : 1;
    }
    size_t k = merkle_split(n), len;
    if (m <= k) {
        len = subproof(leaves, m, k, known, ret);
        ret[len] = merkle_root(leaves + k, n - k);
    } else {
        len = subproof(leaves + k, m - k, n - k, false, ret);
        ret[len] = merkle_root(leaves, k);
    }
    return len + 1;
}

static void assert_continues(const struct sha256 *leaves, size_t m, size_t n)
{
    struct sha256 path[MERKLE_PATH_MAX + 1], a = merkle_root(leaves, m), b = merkle_root(leaves, n);
    size_t len = subproof(leaves, m, n, true, path);
    assert_true(merkle_continues(m, a, n, b, path, len));
    assert_false(merkle_continues(m, b, n, a, path, len) && m != n);
    assert_false(merkle_continues(0, a, n, b, path, len));
    assert_false(merkle_continues(m, a, m - 1, b, path, len));
    if (m == n)
        return;
    assert_false(merkle_continues(m, a, n, b, path, len - 1));
    path[len] = a;
    assert_false(merkle_continues(m, a, n, b, path, len + 1));
    for (size_t i = 0; i < len; i++) {
        path[i].b[7] ^= 1;
        assert_false(merkle_continues(m, a, n, b, path, len));
        path[i].b[7] ^= 1;
    }
    struct sha256 other = a;
    other.b[0] ^= 1; /* another past */
    assert_false(merkle_continues(m, other, n, b, path, len));
}

static void test_merkle_continues(void **state)
{
    (void)state;
    struct sha256 leaves[40];
    for (uint8_t i = 0; i < 40; i++)
        leaves[i] = merkle_leaf((struct bytes){&i, 1});
    for (size_t n = 1; n <= 40; n++)
        for (size_t m = 1; m <= n; m++)
            assert_continues(leaves, m, n);
}

static void test_merkle_tree_grows(void **state)
{
    (void)state;
    struct sha256 leaves[70], root;
    struct merkle_tree t;
    t.n = 0;
    for (uint8_t i = 0; i < 70; i++) {
        root = merkle_tree_root(&t);
        struct sha256 wanted = merkle_root(leaves, i);
        assert_memory_equal(root.b, wanted.b, SHA256_LEN);
        leaves[i] = merkle_leaf((struct bytes){&i, 1});
        merkle_add(&t, leaves[i]);
    }
    assert_int_equal(merkle_split(2), 1);
    assert_int_equal(merkle_split(5), 4);
    assert_int_equal(merkle_split(8), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRYPTO_TEST(test_sha256_vectors),
        CRYPTO_TEST(test_sha256_hex_round_trip),
        CRYPTO_TEST(test_sha512_request_hash),
        CRYPTO_TEST(test_hmac_rfc4231),
        CRYPTO_TEST(test_hmac_empty_key),
        CRYPTO_TEST(test_hkdf_rfc5869),
        CRYPTO_TEST(test_key_derive_differs_by_use),
        CRYPTO_TEST(test_password),
        CRYPTO_TEST(test_password_refuses_costly_and_odd),
        CRYPTO_TEST(test_seal_round_trip),
        CRYPTO_TEST(test_seal_refuses_tampering),
        CRYPTO_TEST(test_seal_opens_gcm_vector),
        CRYPTO_TEST(test_blind_token),
        CRYPTO_TEST(test_merkle_roots),
        CRYPTO_TEST(test_merkle_paths),
        CRYPTO_TEST(test_merkle_continues),
        CRYPTO_TEST(test_merkle_tree_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
