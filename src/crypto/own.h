/* SPDX-License-Identifier: Apache-2.0 */
/* Inside crypto/ only: what a key and a certificate are made of. */
#ifndef DINH_CRYPTO_OWN_H
#define DINH_CRYPTO_OWN_H

#include <openssl/x509.h>

#include "crypto/evp.h"
#include "crypto/keys.h"

#define POINT_LEN  65
#define KEY_ID_LEN 43

struct keeper;
struct token;
struct key {
    const struct keeper *keeper; /* signs through it; NULL: by itself */
    int which;
    struct token *token; /* signs by a token; NULL: it doesn't */
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *signer; /* initialised once, copied for each signature; never used itself */
    uint8_t point[POINT_LEN];
    char id[KEY_ID_LEN + 1];
};

struct cert {
    X509 *x509;
    uint8_t point[POINT_LEN];
};

/* The uncompressed P-256 point of a key; false for any other kind of key. */
bool own_point(EVP_PKEY *pkey, uint8_t ret[POINT_LEN]);
/* Takes over x509 also when it fails: only P-256 certificates become a struct cert. */
struct cert *own_cert(X509 *x509);
/* PKCS#8 PEM; ERR_KEY_BAD names path. */
MUST_CHECK enum err own_key_read(struct ctx *c, const char *path, struct bytes pem,
                                 struct key **ret_key);
/* A key of the keeper's, by its public point. */
struct key *own_key_of(const struct keeper *k, int which, const uint8_t point[POINT_LEN]);
/* Returns the length of the DER. */
size_t own_sign(const struct key *k, struct sha256 digest, uint8_t ret_der[KEY_DER_MAX]);
/* DER of an ECDSA signature over the digest, as X.509 and CMS want it. */
struct bytes own_sign_der(struct arena *a, const struct key *k, struct sha256 digest);

/* CMS SignedData over content of that digest, content left out. signing_time: CAdES wants the
   attribute, PAdES forbids it (EN 319 142-1 section 6.3). */
MUST_CHECK enum err own_cms(struct ctx *c, const struct key *k, const struct cert *x,
                            const struct cert *ca, struct sha256 digest, bool signing_time,
                            struct bytes *ret_der);

/* What lies in a memory BIO, copied to the arena; frees the BIO. */
struct bytes own_bio_bytes(struct arena *a, BIO *bio);

#endif
