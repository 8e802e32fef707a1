/* SPDX-License-Identifier: Apache-2.0 */
/* A device that keeps a passkey, made of OpenSSL: what browsers would hand over of it, right or
   twisted. */
#ifndef DINH_ENGINE_PASSKEY_TEST_H
#define DINH_ENGINE_PASSKEY_TEST_H

#include <openssl/evp.h>

#include "base/buf.h"
#include "crypto/cose.h"
#include "crypto/hash.h"
#include "engine/identity/passkey_read.h"
#include "test/harness/unit.h"

#define PASSKEY_RP     "dichvu.example.vn"
#define PASSKEY_ORIGIN "https://dichvu.example.vn:8443"
#define PASSKEY_URL    PASSKEY_ORIGIN

struct device {
    struct arena *arena;
    EVP_PKEY *key;
    int alg;
    uint8_t id[16];
    uint32_t counter;
    const char *user; /* base64url; "" sends none */
    /* what it and its browser say */
    const char *rp, *origin, *type; /* type NULL: as it should be */
    unsigned flags;
    bool cross, spoilt; /* spoilt: the signature is of something else */
    size_t cut;         /* bytes missing at the end of its CBOR */
    const char *tail;   /* bytes behind it; "" */
};

static inline struct device device_new(struct arena *a, int alg, uint8_t mark)
{
    struct device d = {.arena = a,
                       .alg = alg,
                       .user = "",
                       .rp = PASSKEY_RP,
                       .origin = PASSKEY_ORIGIN,
                       .tail = "",
                       .flags = PASSKEY_PRESENT | PASSKEY_VERIFIED};
    memset(d.id, mark, sizeof d.id);
    d.key = alg == COSE_ES256 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256")
                              : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    assert_non_null(d.key);
    return d;
}

static inline void device_end(struct device *d)
{
    EVP_PKEY_free(d->key);
}

static inline const char *base64url_of(struct arena *a, struct bytes in)
{
    struct buf b = buf_new(a, 16 * 1024);
    buf_base64url(&b, in);
    return b.ptr;
}

/* The public key as COSE (RFC 9053 7.1, 7.2). */
static inline void put_cose(struct buf *b, const struct device *d)
{
    uint8_t raw[COSE_RAW_MAX];
    size_t len = sizeof raw;
    if (d->alg == COSE_EDDSA) {
        assert_int_equal(EVP_PKEY_get_raw_public_key(d->key, raw, &len), 1);
        buf_add(b, "\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20", 10);
        buf_add(b, raw, len);
        return;
    }
    assert_int_equal(
        EVP_PKEY_get_octet_string_param(d->key, "encoded-pub-key", raw, sizeof raw, &len), 1);
    assert_int_equal(len, COSE_RAW_MAX);
    buf_add(b, "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", 10);
    buf_add(b, raw + 1, 32);
    buf_add(b, "\x22\x58\x20", 3);
    buf_add(b, raw + 33, 32);
}

static inline struct bytes device_data(const struct device *d, bool made)
{
    struct buf b = buf_new(d->arena, 1024);
    struct sha256 rp = sha256(bytes_of(d->rp));
    const uint8_t n[4] = {(uint8_t)(d->counter >> 24), (uint8_t)(d->counter >> 16),
                          (uint8_t)(d->counter >> 8), (uint8_t)d->counter};
    static const uint8_t aaguid[16];
    buf_add(&b, rp.b, sizeof rp.b);
    buf_char(&b, (char)(d->flags | (made ? PASSKEY_KEY : 0)));
    buf_add(&b, n, sizeof n);
    if (!made)
        return buf_bytes(&b);
    buf_add(&b, aaguid, sizeof aaguid);
    buf_add(&b, "\0\x10", 2);
    buf_add(&b, d->id, sizeof d->id);
    put_cose(&b, d);
    b.len -= d->cut;
    buf_text(&b, d->tail);
    return buf_bytes(&b);
}

/* {"fmt": "none", "attStmt": {}, "authData": data} */
static inline struct bytes attestation_of(const struct device *d)
{
    struct bytes data = device_data(d, true);
    struct buf b = buf_new(d->arena, 1024);
    const uint8_t len[2] = {(uint8_t)(data.len >> 8), (uint8_t)data.len};
    buf_add(&b,
            "\xa3\x63"
            "fmt\x64"
            "none\x67"
            "attStmt\xa0\x68"
            "authData\x59",
            29);
    buf_add(&b, len, sizeof len);
    buf_add(&b, data.ptr, data.len);
    return buf_bytes(&b);
}

static inline struct bytes client_of(const struct device *d, const char *type,
                                     const char *challenge)
{
    return bytes_of(arena_printf(d->arena,
                                 "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\","
                                 "\"crossOrigin\":%s}",
                                 d->type ? d->type : type, challenge, d->origin,
                                 d->cross ? "true" : "false"));
}

static inline struct bytes signature_of(const struct device *d, struct bytes data,
                                        struct bytes client)
{
    struct buf said = buf_new(d->arena, 8192);
    struct sha256 h = sha256(client);
    uint8_t *out = arena_alloc(d->arena, 100);
    size_t len = 100;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    const EVP_MD *hash = d->alg == COSE_ES256 ? EVP_sha256() : NULL;
    buf_add(&said, data.ptr, data.len);
    buf_add(&said, h.b, sizeof h.b);
    if (d->spoilt)
        buf_char(&said, 'x');
    assert_int_equal(EVP_DigestSignInit(md, NULL, hash, NULL, d->key), 1);
    assert_int_equal(EVP_DigestSign(md, out, &len, (const uint8_t *)said.ptr, said.len), 1);
    EVP_MD_CTX_free(md);
    return (struct bytes){out, len};
}

static inline const char *device_id(const struct device *d)
{
    return base64url_of(d->arena, (struct bytes){d->id, sizeof d->id});
}

/* What a page's script sends of a new passkey, and of a use. */
static inline const char *device_makes(const struct device *d, const char *challenge)
{
    struct arena *a = d->arena;
    return arena_printf(a, "{\"id\":\"%s\",\"client\":\"%s\",\"attestation\":\"%s\"}", device_id(d),
                        base64url_of(a, client_of(d, "webauthn.create", challenge)),
                        base64url_of(a, attestation_of(d)));
}

static inline const char *device_signs(const struct device *d, const char *challenge)
{
    struct arena *a = d->arena;
    struct bytes client = client_of(d, "webauthn.get", challenge), data = device_data(d, false);
    return arena_printf(
        a, "{\"id\":\"%s\",\"client\":\"%s\",\"data\":\"%s\",\"signature\":\"%s\",\"user\":\"%s\"}",
        device_id(d), base64url_of(a, client), base64url_of(a, data),
        base64url_of(a, signature_of(d, data, client)), d->user);
}

#endif
