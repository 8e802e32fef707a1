/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the keystore. */
#ifndef DINH_CRYPTO_KEYSTORE_INSIDE_H
#define DINH_CRYPTO_KEYSTORE_INSIDE_H

#include "crypto/keystore.h"
#include "crypto/own.h"

#define KEY_FILE_MAX 16384
#define KDF_SECRET   "secret"
#define KDF_ARGON2ID "argon2id"
#define KEY_SALT_LEN 16
#define KEY_STORE    "dinh-keystore"
#define KEY_SEALED   "dinh-key"

/* ERR_KEY_SECRET_FILE. The text is the caller's to wipe. */
MUST_CHECK enum err secret_read(struct ctx *c, const char *from, struct bytes *ret);
/* The way a secret becomes a key: "secret", "argon2id KIB PASSES". */
const char *secret_kdf(struct ctx *c, struct bytes secret);
/* ERR_KEY_SECRET: it is of another kind than kdf wants; ERR_KEY_DAMAGED: kdf is nonsense, or asks
   for more than we would give; ERR_TOO_MANY: no memory for it now. */
MUST_CHECK enum err secret_key(struct ctx *c, const char *store, const char *kdf,
                               struct bytes secret, struct bytes salt, uint8_t ret_key[SHA256_LEN]);

#endif
