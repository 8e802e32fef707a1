/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside crypto/ only: OpenSSL's methods, fetched once (a fetch by name costs more than a hash),
 * and working contexts, one set a thread, freed when the thread ends. A method that OpenSSL doesn't
 * give is a broken installation and ends the process.
 */
#ifndef DINH_CRYPTO_EVP_H
#define DINH_CRYPTO_EVP_H

#include <openssl/evp.h>

#include "crypto/hash.h"

struct evp_methods {
    EVP_MD *sha256, *sha512;
    EVP_CIPHER *aes_256_gcm;
    EVP_MAC *hmac;
    EVP_KDF *hkdf;
};
const struct evp_methods *evp_methods(void);

#define EVP_VERIFIERS 8
/* Public keys lately used by this thread, ready to check: building one costs half a check. */
struct evp_verifier {
    uint8_t point[65];
    EVP_PKEY_CTX *ctx; /* NULL: empty */
    uint64_t used;
};

struct evp_thread {
    EVP_MD_CTX *md;
    EVP_CIPHER_CTX *cipher;
    EVP_MAC_CTX *hmac_sha256;
    struct evp_verifier verifiers[EVP_VERIFIERS];
    uint64_t uses;
};
struct evp_thread *evp_thread(void); /* this thread's */

/* HKDF-SHA256, RFC 5869, any salt and info; fills len bytes, at most 255 * 32. */
void evp_hkdf(struct bytes root, struct bytes salt, struct bytes info, uint8_t *ret, size_t len);

/* A P-256 key from its uncompressed point, or NULL when it isn't one. The caller frees it. */
EVP_PKEY *evp_point_key(struct bytes point);
/* A point that checks out is on the curve. */
bool evp_verify(struct bytes point, struct sha256 digest, const uint8_t *der, size_t der_len);

#endif
