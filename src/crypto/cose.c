/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cose.h"

#include <openssl/err.h>
#include <string.h>

#include "crypto/evp.h"

#define ED25519_LEN 32
#define HALF_LEN    32 /* of a point */
#define KTY_OKP     1
#define KTY_EC2     2
#define CRV_P256    1
#define CRV_ED25519 6

enum { LABEL_KTY = 1, LABEL_ALG = 3, LABEL_CRV = -1, LABEL_X = -2, LABEL_Y = -3 };

struct labels {
    int64_t kty, alg, crv; /* 0: not there */
    struct bytes x, y;     /* empty: not there */
};

/* A label that came already is filled. */
static bool take_label(struct cbor *c, struct labels *l)
{
    struct cbor_item label, value;
    if (!cbor_take(c, CBOR_INT, &label) || !cbor_next(c, &value))
        return false;
    bool half = value.kind == CBOR_BYTES && value.bytes.len == HALF_LEN;
    struct bytes *bytes = label.number == LABEL_X && half   ? &l->x
                          : label.number == LABEL_Y && half ? &l->y
                                                            : NULL;
    int64_t *number = label.number == LABEL_KTY   ? &l->kty
                      : label.number == LABEL_ALG ? &l->alg
                      : label.number == LABEL_CRV ? &l->crv
                                                  : NULL;
    if (bytes && !bytes->len) {
        *bytes = value.bytes;
        return true;
    }
    if (!number || *number || value.kind != CBOR_INT)
        return false;
    *number = value.number;
    return true;
}

bool cose_from_raw(int64_t alg, struct bytes raw, struct cose_key *ret)
{
    if (raw.len != (alg == COSE_ES256 ? COSE_RAW_MAX : ED25519_LEN))
        return false;
    EVP_PKEY *key = alg == COSE_ES256 ? evp_point_key(raw)
                    : alg == COSE_EDDSA
                        ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw.ptr, raw.len)
                        : NULL;
    bool good = key != NULL;
    EVP_PKEY_free(key);
    ERR_clear_error();
    if (!good)
        return false;
    *ret = (struct cose_key){.alg = alg, .len = raw.len};
    memcpy(ret->raw, raw.ptr, raw.len);
    return true;
}

static bool from_labels(const struct labels *l, struct cose_key *ret)
{
    uint8_t raw[COSE_RAW_MAX] = {4};
    if (!l->x.len)
        return false;
    if (l->kty == KTY_OKP && l->alg == COSE_EDDSA && l->crv == CRV_ED25519 && !l->y.len)
        return cose_from_raw(COSE_EDDSA, l->x, ret);
    if (l->kty != KTY_EC2 || l->alg != COSE_ES256 || l->crv != CRV_P256 || !l->y.len)
        return false;
    memcpy(raw + 1, l->x.ptr, HALF_LEN);
    memcpy(raw + 1 + HALF_LEN, l->y.ptr, HALF_LEN);
    return cose_from_raw(COSE_ES256, (struct bytes){raw, sizeof raw}, ret);
}

bool cose_read(struct cbor *x, struct cose_key *ret)
{
    struct cbor_item map;
    struct labels l = {0};
    if (!cbor_take(x, CBOR_MAP, &map))
        return false;
    for (size_t i = 0; i < map.n; i++)
        if (!take_label(x, &l))
            return false;
    return from_labels(&l, ret);
}

static bool verify_ed25519(const struct cose_key *k, struct bytes said, struct bytes signature)
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, k->raw, k->len);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool good = key && md && EVP_DigestVerifyInit(md, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestVerify(md, signature.ptr, signature.len, said.ptr, said.len) == 1;
    EVP_MD_CTX_free(md);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return good;
}

bool cose_verify(const struct cose_key *k, struct bytes said, struct bytes signature)
{
    if (k->alg == COSE_EDDSA)
        return verify_ed25519(k, said, signature);
    struct bytes point = {k->raw, k->len};
    return k->alg == COSE_ES256 && evp_verify(point, sha256(said), signature.ptr, signature.len);
}
