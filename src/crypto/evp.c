/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/evp.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <pthread.h>
#include <string.h>

static struct evp_methods methods;
static pthread_once_t methods_once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_key;

/* Only what the contexts hold: the struct itself is the thread's. */
static void thread_end(void *ptr)
{
    struct evp_thread *t = ptr;
    EVP_MD_CTX_free(t->md);
    EVP_CIPHER_CTX_free(t->cipher);
    EVP_MAC_CTX_free(t->hmac_sha256);
    for (size_t i = 0; i < EVP_VERIFIERS; i++)
        EVP_PKEY_CTX_free(t->verifiers[i].ctx);
    *t = (struct evp_thread){0};
}

static void methods_fetch(void)
{
    methods = (struct evp_methods){
        .sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL),
        .sha512 = EVP_MD_fetch(NULL, "SHA2-512", NULL),
        .aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL),
        .hmac = EVP_MAC_fetch(NULL, "HMAC", NULL),
        .hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL),
    };
    ASSERT(methods.sha256 && methods.sha512 && methods.aes_256_gcm);
    ASSERT(methods.hmac && methods.hkdf);
    ASSERT(pthread_key_create(&thread_key, thread_end) == 0);
}

const struct evp_methods *evp_methods(void)
{
    ASSERT(pthread_once(&methods_once, methods_fetch) == 0);
    return &methods;
}

static EVP_MAC_CTX *hmac_new(void)
{
    char digest[] = "SHA2-256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(evp_methods()->hmac);
    ASSERT(ctx && EVP_MAC_CTX_set_params(ctx, params));
    return ctx;
}

struct evp_thread *evp_thread(void)
{
    static _Thread_local struct evp_thread t;
    if (!t.md) {
        evp_methods();
        t.md = EVP_MD_CTX_new();
        t.cipher = EVP_CIPHER_CTX_new();
        t.hmac_sha256 = hmac_new();
        ASSERT(t.md && t.cipher);
        ASSERT(pthread_setspecific(thread_key, &t) == 0);
    }
    return &t;
}

/* OSSL_PARAM takes non-const pointers for what it only reads. */
static OSSL_PARAM octets(const char *name, struct bytes in)
{
    static uint8_t nothing;
    void *ptr = in.len ? (void *)(uintptr_t)in.ptr : &nothing;
    return OSSL_PARAM_construct_octet_string(name, ptr, in.len);
}

void evp_hkdf(struct bytes root, struct bytes salt, struct bytes info, uint8_t *ret, size_t len)
{
    char digest[] = "SHA2-256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        octets(OSSL_KDF_PARAM_KEY, root),
        octets(OSSL_KDF_PARAM_INFO, info),
        octets(OSSL_KDF_PARAM_SALT, salt),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(evp_methods()->hkdf);
    ASSERT(ctx && EVP_KDF_derive(ctx, ret, len, params) > 0);
    EVP_KDF_CTX_free(ctx);
}

EVP_PKEY *evp_point_key(struct bytes point)
{
    if (point.len != 65 || point.ptr[0] != 4)
        return NULL;
    char group[] = "P-256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        octets(OSSL_PKEY_PARAM_PUB_KEY, point),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    ASSERT(ctx && EVP_PKEY_fromdata_init(ctx) > 0);
    if (EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return key;
}

static EVP_PKEY_CTX *verifier_new(struct bytes point)
{
    EVP_PKEY *key = evp_point_key(point);
    if (!key)
        return NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    ASSERT(ctx && EVP_PKEY_verify_init(ctx) > 0);
    EVP_PKEY_free(key);
    return ctx;
}

/* The one for this point, or the longest unused place filled with it; NULL: not a point. */
static EVP_PKEY_CTX *verifier_get(struct bytes point)
{
    struct evp_thread *t = evp_thread();
    struct evp_verifier *oldest = &t->verifiers[0];
    for (size_t i = 0; i < EVP_VERIFIERS; i++) {
        struct evp_verifier *v = &t->verifiers[i];
        if (v->ctx && memcmp(v->point, point.ptr, sizeof(v->point)) == 0) {
            v->used = ++t->uses;
            return v->ctx;
        }
        if (v->used < oldest->used)
            oldest = v;
    }
    EVP_PKEY_CTX *ctx = verifier_new(point);
    if (!ctx)
        return NULL;
    EVP_PKEY_CTX_free(oldest->ctx);
    *oldest = (struct evp_verifier){.ctx = ctx, .used = ++t->uses};
    memcpy(oldest->point, point.ptr, sizeof(oldest->point));
    return ctx;
}

bool evp_verify(struct bytes point, struct sha256 digest, const uint8_t *der, size_t der_len)
{
    EVP_PKEY_CTX *ctx = point.len == 65 ? verifier_get(point) : NULL;
    if (!ctx)
        return false;
    bool good = EVP_PKEY_verify(ctx, der, der_len, digest.b, SHA256_LEN) == 1;
    ERR_clear_error();
    return good;
}
