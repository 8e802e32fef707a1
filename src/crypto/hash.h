/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes, keyed hashes, passwords, sealing of fields (OpenSSL 3, libargon2). Trees: merkle.h. */
#ifndef DINH_CRYPTO_HASH_H
#define DINH_CRYPTO_HASH_H

#include "base/ctx.h"

#define SHA256_LEN 32
struct sha256 {
    uint8_t b[SHA256_LEN];
};
struct sha256 sha256(struct bytes in);
struct sha256 sha256_two(struct bytes a, struct bytes b); /* of a || b */
struct sha256 hmac_sha256(struct bytes key, struct bytes in);
char *sha256_hex(struct arena *a, struct sha256 h);
bool sha256_from_hex(const char *hex, struct sha256 *ret);
void sha512(struct bytes in, uint8_t ret[64]);

/* Argon2id, RFC 9106: 19 MiB, 2 passes, 1 lane. Slow by intent (some 40 ms): call it in a prepare
   step. Out: the PHC string. */
MUST_CHECK enum err password_hash(struct ctx *c, const char *password, const char **ret_phc);
bool password_check(const char *password, const char *phc);
/* A 32-byte key from a passphrase for what must stay shut for years: Argon2id, 64 MiB, 3 passes.
   salt: 16 bytes or more. */
MUST_CHECK enum err password_key(struct ctx *c, const char *passphrase, struct bytes salt,
                                 struct bytes *ret_key);
/* The same at a cost of the caller's choice. */
MUST_CHECK enum err password_key_at(struct ctx *c, struct bytes passphrase, struct bytes salt,
                                    uint32_t kib, uint32_t passes, uint8_t ret_key[SHA256_LEN]);

/* AES-256-GCM for one field. Out: version byte, 12-byte nonce, ciphertext, 16-byte tag. aad binds
   the place (table, column, row id, subject): a moved ciphertext doesn't open. key is 32 bytes. */
struct bytes seal(struct arena *a, struct bytes key, const char *aad, struct bytes plain);
UNTRUSTED MUST_CHECK bool seal_open(struct arena *a, struct bytes key, const char *aad,
                                    struct bytes sealed, struct bytes *ret_plain);
/* A key for one use derived from the node's root key (HKDF-SHA256, RFC 5869). 32 bytes. */
struct bytes key_derive(struct arena *a, struct bytes root, const char *use);
/* Blind index: 22 characters of base64url over HMAC of the folded text; equal texts, equal tokens.
 */
char *blind_token(struct arena *a, struct bytes key, const char *text);

#endif
