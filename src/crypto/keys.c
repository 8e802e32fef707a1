/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/keys.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "base/buf.h"
#include "base/sys.h"
#include "crypto/keeper.h"
#include "crypto/keystore_inside.h"
#include "crypto/own.h"
#include "crypto/token.h"

#define SIGNATURE_LEN 64

bool own_point(EVP_PKEY *pkey, uint8_t ret[POINT_LEN])
{
    char group[32];
    size_t len = 0;
    bool good =
        EVP_PKEY_is_a(pkey, "EC") &&
        EVP_PKEY_get_group_name(pkey, group, sizeof(group), &len) > 0 &&
        strcmp(group, SN_X9_62_prime256v1) == 0 &&
        EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, ret, POINT_LEN, &len) > 0 &&
        len == POINT_LEN && ret[0] == 4;
    ERR_clear_error();
    return good;
}

struct bytes own_bio_bytes(struct arena *a, BIO *bio)
{
    char *ptr = NULL;
    long len = BIO_get_mem_data(bio, &ptr);
    ASSERT(len >= 0);
    struct bytes out = arena_bytes(a, ptr, (size_t)len);
    BIO_free(bio);
    return out;
}

/* {"crv":"P-256","kty":"EC","x":"...","y":"..."}: RFC 7638 fixes members and order. */
static char *thumbprint(struct arena *a, const uint8_t point[POINT_LEN])
{
    struct buf b = buf_new(a, 256), id = buf_new(a, 64);
    buf_text(&b, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"");
    buf_base64url(&b, (struct bytes){point + 1, 32});
    buf_text(&b, "\",\"y\":\"");
    buf_base64url(&b, (struct bytes){point + 33, 32});
    buf_text(&b, "\"}");
    struct sha256 h = sha256(buf_bytes(&b));
    buf_base64url(&id, (struct bytes){h.b, SHA256_LEN});
    ASSERT(id.len == KEY_ID_LEN);
    return id.ptr;
}

/* Takes over pkey; NULL when it isn't P-256. */
static struct key *key_own(struct arena *a, EVP_PKEY *pkey)
{
    uint8_t point[POINT_LEN];
    if (!own_point(pkey, point)) {
        EVP_PKEY_free(pkey);
        return NULL;
    }
    struct key *k = sys_malloc(sizeof(*k));
    ASSERT(k);
    *k = (struct key){.pkey = pkey, .signer = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL)};
    ASSERT(k->signer && EVP_PKEY_sign_init(k->signer) > 0);
    memcpy(k->point, point, POINT_LEN);
    memcpy(k->id, thumbprint(a, point), KEY_ID_LEN + 1);
    return k;
}

enum err key_new(struct ctx *c, struct key **ret_key)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    if (!pkey)
        return fail(c, ERR_INTERNAL, "key");
    *ret_key = key_own(c->arena, pkey);
    ASSERT(*ret_key);
    return OK;
}

void key_end(struct key *k)
{
    if (!k)
        return;
    token_end(k->token);
    EVP_PKEY_CTX_free(k->signer);
    EVP_PKEY_free(k->pkey);
    sys_free(k);
}

/* An encrypted file would otherwise ask on the terminal. */
static int no_passphrase(char *ret, int size, int writing, void *arg)
{
    (void)ret, (void)size, (void)writing, (void)arg;
    return -1;
}

enum err own_key_read(struct ctx *c, const char *path, struct bytes pem, struct key **ret_key)
{
    BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    ASSERT(bio);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    ERR_clear_error();
    struct key *k = pkey ? key_own(c->arena, pkey) : NULL;
    if (!k)
        return fail(c, ERR_KEY_BAD, "key", path);
    *ret_key = k;
    return OK;
}

enum err key_load(struct ctx *c, const char *path, struct key **ret_key)
{
    struct bytes pem;
    if (!sys_exists(path))
        return fail(c, ERR_KEY_MISSING, "key", path);
    enum err e = sys_read_file(c, path, KEY_FILE_MAX, &pem);
    if (e)
        return e;
    e = own_key_read(c, path, pem, ret_key);
    OPENSSL_cleanse((void *)(uintptr_t)pem.ptr, pem.len);
    return e;
}

bool key_is_here(const struct key *k)
{
    return !k->keeper && !k->token;
}

static BIO *pkcs8(const struct key *k)
{
    ASSERT(key_is_here(k));
    BIO *bio = BIO_new(BIO_s_mem());
    ASSERT(bio && PEM_write_bio_PKCS8PrivateKey(bio, k->pkey, NULL, NULL, 0, NULL, NULL) > 0);
    return bio;
}

enum err key_save(struct ctx *c, const struct key *k, const char *path)
{
    char *ptr = NULL;
    BIO *bio = pkcs8(k);
    size_t len = (size_t)BIO_get_mem_data(bio, &ptr);
    enum err e = sys_write_file(c, path, (struct bytes){(uint8_t *)ptr, len}, 0600);
    BIO_free(bio); /* wipes what it held */
    return e;
}

char *key_pem(struct arena *a, const struct key *k)
{
    struct bytes pem = own_bio_bytes(a, pkcs8(k));
    return arena_text_n(a, (const char *)pem.ptr, pem.len);
}

/* Hashes apart from signing: a copied context is as fast as `openssl speed`, a digest-and-sign
   call a fifth slower. */
size_t own_sign(const struct key *k, struct sha256 digest, uint8_t der[KEY_DER_MAX])
{
    size_t len = KEY_DER_MAX;
    if (k->keeper)
        return keeper_sign(k->keeper, (enum keeper_key)k->which, digest, der);
    if (k->token)
        return token_sign(k->token, digest, der);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_dup(k->signer);
    ASSERT(ctx && EVP_PKEY_sign(ctx, der, &len, digest.b, SHA256_LEN) > 0);
    EVP_PKEY_CTX_free(ctx);
    return len;
}

struct bytes own_sign_der(struct arena *a, const struct key *k, struct sha256 digest)
{
    uint8_t der[KEY_DER_MAX];
    return arena_bytes(a, der, own_sign(k, digest, der));
}

struct bytes key_sign(struct arena *a, const struct key *k, struct bytes in)
{
    uint8_t der[KEY_DER_MAX];
    const uint8_t *at = der;
    uint8_t *out = arena_alloc(a, SIGNATURE_LEN);
    size_t len = own_sign(k, sha256(in), der);
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
    ASSERT(sig);
    ASSERT(BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32) == 32);
    ASSERT(BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32) == 32);
    ECDSA_SIG_free(sig);
    return (struct bytes){out, SIGNATURE_LEN};
}

bool key_sign_tls(const void *key, const uint8_t digest[SHA256_LEN], uint8_t der[KEY_DER_MAX],
                  size_t *ret_len)
{
    struct sha256 h;
    memcpy(h.b, digest, SHA256_LEN);
    *ret_len = own_sign(key, h, der);
    return true;
}

struct key *own_key_of(const struct keeper *keeper, int which, const uint8_t point[POINT_LEN])
{
    struct key *k = sys_malloc(sizeof(*k));
    struct arena *a = arena_new(65536);
    EVP_PKEY *pkey = evp_point_key((struct bytes){point, POINT_LEN});
    ASSERT(k && pkey);
    *k = (struct key){.keeper = keeper, .which = which, .pkey = pkey};
    memcpy(k->point, point, POINT_LEN);
    memcpy(k->id, thumbprint(a, point), KEY_ID_LEN + 1);
    arena_end(a);
    return k;
}

struct bytes key_public_point(struct arena *a, const struct key *k)
{
    return arena_bytes(a, k->point, POINT_LEN);
}

/* INTEGER of 32 big-endian bytes: no leading zeros, a zero byte before a set top bit. */
static size_t der_integer(const uint8_t in[32], uint8_t *ret)
{
    size_t skip = 0, at = 2;
    while (skip < 31 && in[skip] == 0)
        skip++;
    ret[0] = 2;
    if (in[skip] & 0x80)
        ret[at++] = 0;
    memcpy(ret + at, in + skip, 32 - skip);
    at += 32 - skip;
    ret[1] = (uint8_t)(at - 2);
    return at;
}

bool key_verify(struct bytes public_point, struct bytes in, struct bytes signature)
{
    uint8_t der[KEY_DER_MAX];
    if (signature.len != SIGNATURE_LEN)
        return false;
    size_t len = 2 + der_integer(signature.ptr, der + 2);
    len += der_integer(signature.ptr + 32, der + len);
    der[0] = 0x30;
    der[1] = (uint8_t)(len - 2);
    return evp_verify(public_point, sha256(in), der, len);
}

char *key_id(struct arena *a, struct bytes public_point)
{
    ASSERT(public_point.len == POINT_LEN);
    return thumbprint(a, public_point.ptr);
}
