/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that never leave a token (PKCS#11 2.40 by GnuTLS and p11-kit; URIs of RFC 7512 with the
 * module's path: "pkcs11:token=dinh;object=sign?module-path=/usr/lib/softhsm/libsofthsm2.so").
 * Inside the keeper only. The module is foreign code in its process: one token module a process.
 */
#ifndef DINH_CRYPTO_TOKEN_H
#define DINH_CRYPTO_TOKEN_H

#include "crypto/keystore.h"
#include "crypto/own.h"

#define TOKEN_FILE "token.key" /* of the keystore: a head, "sign URI", "tls URI", "pin PIN" */
#define TOKEN_HEAD "-----BEGIN DINH TOKEN-----"

struct token_wish {
    const char *uri[2], *pin; /* by enum keeper_key; NULL: that key lies in its file */
};
/* What TOKEN_FILE says; nothing where it isn't there. ERR_KEY_BAD. */
MUST_CHECK enum err token_wish_read(struct ctx *c, const struct keystore *s, const char *dir,
                                    struct token_wish *ret);
MUST_CHECK enum err token_wish_write(struct ctx *c, const struct keystore *s,
                                     const struct token_wish *w);
/* The P-256 key pair of that URI; signs until its end. ERR_KEY_TOKEN names the URI and the reason:
   no module, no token, wrong PIN, no such key, another kind of key. */
MUST_CHECK enum err token_key(struct ctx *c, const char *uri, const char *pin, struct key **ret);
/* A token that was there and doesn't sign any more ends the process: its next start tells why. */
size_t token_sign(const struct token *t, struct sha256 digest, uint8_t ret_der[KEY_DER_MAX]);
void token_end(struct token *t);

#endif
