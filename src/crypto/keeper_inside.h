/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the keeper: where the keys lie. */
#ifndef DINH_CRYPTO_KEEPER_INSIDE_H
#define DINH_CRYPTO_KEEPER_INSIDE_H

#include <pthread.h>

#include "crypto/keeper.h"
#include "crypto/own.h"

#define VAULT_USES    128
#define VAULT_USE_MAX 200

struct vault_use {
    char name[VAULT_USE_MAX + 1];
    uint8_t key[SHA256_LEN];
};
struct vault {
    pthread_mutex_t lock; /* of uses; in the child nobody waits for it */
    uint8_t root[SHA256_LEN];
    struct vault_use uses[VAULT_USES];
    size_t n_uses;
    struct key *keys[KEEPER_KEYS]; /* NULL: none */
    enum key_guard guard;
    bool token; /* some lie in a token */
};
struct vault *vault_new(struct bytes root);
void vault_end(struct vault *v); /* wipes it; NULL is fine */
/* As keeper_open(). */
MUST_CHECK enum err vault_load(struct ctx *c, const struct key_place *p, struct vault **ret);
/* Derived at its first use. False: the name is too long. */
bool vault_key(struct vault *v, const char *use, uint8_t ret[SHA256_LEN]);
struct sha256 vault_mark(struct vault *v);

#endif
