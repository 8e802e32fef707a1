/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a node's keys folder: root.key, sign.key, tls.key, ca.key. In clear (mode 0600: a
 * demonstration), or sealed under a master key that lies in the file `keystore`, itself sealed
 * under a secret from outside of the data folder. Another secret changes that one file.
 *
 *   dinh-keystore 1                          dinh-key 1
 *   node h57                                 node h57
 *   id ID                                    file sign.key
 *   kdf secret | argon2id KIB PASSES         store ID
 *   salt SALT                                key SEALED, the file's content under the master key
 *   key SEALED, the master key               sum SHA-256 of all before it
 *   sum SHA-256 of all before it
 *
 * SEALED is hash.h's seal() (AES-256-GCM) with all lines above it as additional data; ID, SALT and
 * SEALED are base64url, the sum is hex. The sum needs no key: it tells a damaged file from a wrong
 * secret, and protects from nobody; the seal does.
 */
#ifndef DINH_CRYPTO_KEYSTORE_H
#define DINH_CRYPTO_KEYSTORE_H

#include "crypto/keys.h"

#define KEYSTORE_FILE           "keystore"
#define KEYSTORE_PASSPHRASE_MIN 12 /* characters */

struct key_place {
    const char *dir;    /* .../keys */
    const char *node;   /* its name: sealed files are bound to it */
    const char *secret; /* the secret's file, or "fd:N", an open descriptor; NULL: none given */
};
enum key_guard { KEYS_CLEAR, KEYS_PARTLY, KEYS_PASSPHRASE, KEYS_SECRET };
/* "clear", "partly", "passphrase", "secret" */
const char *key_guard_name(enum key_guard g);

/* ---- the secret: a file of one line ---- */
/* A new one of 256 random bits into a file (0600) that isn't there yet: ERR_NOT_EMPTY. Any other
   line is a passphrase, for which Argon2id (64 MiB, 3 passes) takes its time. */
MUST_CHECK enum err key_secret_make(struct ctx *c, const char *path);
/* It can be read and is one: else ERR_KEY_SECRET_FILE. */
MUST_CHECK enum err key_secret_check(struct ctx *c, const char *from);

/* ---- the store ---- */
struct keystore;
/* A folder with a keystore needs its secret: ERR_KEY_SECRET_NONE; ERR_KEY_SECRET when it is
   another; ERR_KEY_SECRET_FILE when it can't be read or is no secret; ERR_KEY_DAMAGED,
   ERR_KEY_NEWER, ERR_KEY_SWAPPED as for each file. Without a keystore its files are in clear. */
MUST_CHECK enum err keystore_open(struct ctx *c, const struct key_place *p, struct keystore **ret);
/* The same for a fresh folder: with a secret it makes the keystore, without one it is in clear. */
MUST_CHECK enum err keystore_new(struct ctx *c, const struct key_place *p, struct keystore **ret);
void keystore_end(struct keystore *s); /* wipes it; NULL is fine */
/* A file's content. ERR_KEY_MISSING; ERR_KEY_OPEN (others may read it); ERR_KEY_DAMAGED;
   ERR_KEY_NEWER (of a later program); ERR_KEY_SWAPPED: sealed for another file, node or keystore.
 */
MUST_CHECK enum err keystore_read(struct ctx *c, const struct keystore *s, const char *name,
                                  struct bytes *ret_plain);
MUST_CHECK enum err keystore_write(struct ctx *c, const struct keystore *s, const char *name,
                                   struct bytes plain);
MUST_CHECK enum err keystore_key(struct ctx *c, const struct keystore *s, const char *name,
                                 struct key **ret_key);
MUST_CHECK enum err keystore_save(struct ctx *c, const struct keystore *s, const char *name,
                                  const struct key *k);
/* Seals what is in clear, or puts the new secret in the place of p's. Cut off anywhere, either
   secret opens the folder as before and it can be done again. Nobody else may write there. */
MUST_CHECK enum err keystore_protect(struct ctx *c, const struct key_place *p,
                                     const char *new_secret);
/* How the folder is guarded, as its files say; needs no secret. */
MUST_CHECK enum err keystore_guard(struct ctx *c, const char *keys_dir, enum key_guard *ret);

/* One file's text, for its fuzz target: the sealed bytes and what stands above them. */
struct key_text {
    const char *node, *file, *store, *head; /* head: the additional data */
    const char *kdf, *salt, *id;            /* of the keystore */
    struct bytes sealed;
};
/* ERR_KEY_DAMAGED, ERR_KEY_NEWER name path. what: "dinh-key" or "dinh-keystore". */
UNTRUSTED MUST_CHECK enum err key_text_read(struct ctx *c, const char *path, const char *what,
                                            struct bytes in, struct key_text *ret);

#endif
