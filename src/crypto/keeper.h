/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper holds the node's keys: the root key, what is derived from it, the private keys of
 * signing and TLS. In a node it is a child (base/child.h) that has nothing but its socket, and the
 * node holds none of them: what needs a key is asked for over that socket, several threads' wishes
 * in one message. Commands that end soon, and tests, keep the keys in their own process.
 *
 * Every wish may be asked twice without harm, so a keeper that was killed is one restart and no
 * wrong or lost answer. One that can't be started again within KEEPER_PATIENCE_US ends the node, as
 * a failed sync does: nothing acknowledged is lost (docs/adr/0010-the-keeper.md).
 */
#ifndef DINH_CRYPTO_KEEPER_H
#define DINH_CRYPTO_KEEPER_H

#include "base/child.h"
#include "crypto/keystore.h"

#define KEEPER_PATIENCE_US 10000000

struct keeper;
enum keeper_key { KEEPER_SIGN, KEEPER_TLS, KEEPER_KEYS };

extern const struct child_wish keeper_wish; /* for children_begin() */

/* The keys of a folder: root.key, sign.key, tls.key. In a child where there is a starter, else in
   this process; only that one reads the secret, which is a file where it is a child, and stays
   there for its next start. keystore_open() and keystore_read() name the files they refuse;
   ERR_KEY_BAD, ERR_KEY_ROOT; ERR_CHILD. The caller ends it. */
MUST_CHECK enum err keeper_open(struct ctx *c, const struct key_place *p, struct keeper **ret);
/* In this process, of a root key alone (32 bytes): for tests. */
struct keeper *keeper_of_root(struct bytes root);
void keeper_end(struct keeper *k);
bool keeper_is_apart(const struct keeper *k);        /* a process of its own */
enum key_guard keeper_guard(const struct keeper *k); /* of its files when it was opened */

/* use: "casework/seal"; at most 200 bytes. aad and formats as in hash.h: seal(), seal_open(),
   blind_token() under key_derive(root, use). */
struct bytes keeper_seal(struct arena *a, const struct keeper *k, const char *use, const char *aad,
                         struct bytes plain);
MUST_CHECK bool keeper_unseal(struct arena *a, const struct keeper *k, const char *use,
                              const char *aad, struct bytes sealed, struct bytes *ret_plain);
char *keeper_token(struct arena *a, const struct keeper *k, const char *use, const char *text);

/* Many at once: one message in place of n. */
struct keeper_item {
    const char *use, *aad;
    struct bytes in, out; /* out: sealed, or opened */
    bool good;            /* opened; sealing is always good */
};
void keeper_seal_all(struct arena *a, const struct keeper *k, struct keeper_item *items, size_t n);
void keeper_unseal_all(struct arena *a, const struct keeper *k, struct keeper_item *items,
                       size_t n);

/* ---- root keys: the newest seals, those before it open until they are destroyed ---- */
#define KEEPER_ROOTS 16
#define KEEPER_HEAD                                                                                \
    5 /* bytes in front of what a successor sealed: 3, its number, big end first                   \
       */
struct keeper_root {
    uint32_t number;    /* 1 the first */
    bool gone;          /* destroyed */
    struct sha256 mark; /* tells one root key from another, and nothing about it */
};
/* Newest first; at most KEEPER_ROOTS. */
size_t keeper_roots(const struct keeper *k, struct keeper_root ret[KEEPER_ROOTS]);
struct sha256 keeper_mark(const struct keeper *k); /* of the newest */
/* The root key that something was sealed under, by its first KEEPER_HEAD bytes; 0: by none. */
uint32_t keeper_sealed_under(struct bytes sealed);
void keeper_head(uint32_t number, uint8_t ret[KEEPER_HEAD]);
/* A new root key beside those there are. uses: of all names (keeper_token()) the node ever made:
   their keys are kept, as names stand where nothing can be written anew (docs/adr/0014).
   ERR_KEY_ROOTS: too many. Nobody may run on the folder. */
MUST_CHECK enum err keeper_rotate(struct ctx *c, const struct key_place *p, const char *const *uses,
                                  size_t n_uses, uint32_t *ret_number);
/* Under an older one that still opens: for what a backup of before must read. False: it's gone. */
MUST_CHECK bool keeper_seal_at(struct arena *a, const struct keeper *k, uint32_t number,
                               const char *use, const char *aad, struct bytes plain,
                               struct bytes *ret_sealed);
/* Destroys all but the newest: what still stands under them never opens again.
   ret_n: how many there were. */
MUST_CHECK enum err keeper_retire(struct ctx *c, const struct key_place *p, size_t *ret_n);
/* A key that signs through the keeper; NULL when it has none. key_pem() and key_save() are not for
   it. The caller ends it, before the keeper. */
struct key *keeper_key(const struct keeper *k, enum keeper_key which);
/* From the next keeper_open() on the keys of these URIs (RFC 7512, with module-path; by enum
   keeper_key, NULL: the file's) are used, with that PIN, kept as the key files are. They are tried
   first: ERR_KEY_TOKEN names URI and reason. */
MUST_CHECK enum err keeper_token_keys(struct ctx *c, const struct key_place *p,
                                      const char *const uri[KEEPER_KEYS], const char *pin);
/* DER over a SHA-256 digest; returns its length. */
size_t keeper_sign(const struct keeper *k, enum keeper_key which, struct sha256 digest,
                   uint8_t ret_der[KEY_DER_MAX]);

/* What the child does with one message; for its fuzz target. ERR_BAD_ENCODING: nonsense. */
UNTRUSTED MUST_CHECK enum err keeper_answer(struct ctx *c, struct bytes in, struct buf *out);

#endif
