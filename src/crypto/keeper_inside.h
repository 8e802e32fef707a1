/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the keeper: where the keys lie. */
#ifndef DINH_CRYPTO_KEEPER_INSIDE_H
#define DINH_CRYPTO_KEEPER_INSIDE_H

#include <pthread.h>

#include "crypto/keeper.h"
#include "crypto/own.h"

#define VAULT_USES    128
#define VAULT_USE_MAX 200
#define VAULT_KEPT    96
#define ROOT_FILE     "root.key"

struct vault_use {
    uint32_t root; /* derived from; 0: a key of names, which no root key changes */
    char name[VAULT_USE_MAX + 1];
    uint8_t key[SHA256_LEN];
};
struct vault_root {
    uint32_t number; /* 1, 2 ...; 0: none */
    bool gone;       /* destroyed: what is left is its mark */
    uint8_t key[SHA256_LEN];
    struct sha256 mark;
};
/* What root.key holds: newest first. Once there was a successor, keys of names have a root of
   their own, and those that the first one gave are kept (docs/adr/0014). */
struct roots {
    struct vault_root list[KEEPER_ROOTS];
    size_t n;
    bool has_names;
    uint8_t names[SHA256_LEN];
    struct vault_use kept[VAULT_KEPT];
    size_t n_kept;
};
struct vault {
    pthread_mutex_t lock; /* of uses; in the child nobody waits for it */
    struct roots roots;
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
/* False: the name is too long. As the acts of keeper.h. */
bool vault_seal(struct arena *a, struct vault *v, uint32_t number, const char *use, const char *aad,
                struct bytes plain, struct bytes *ret_sealed); /* 0: newest */
bool vault_open(struct arena *a, struct vault *v, const char *use, const char *aad,
                struct bytes sealed, struct bytes *ret_plain);
bool vault_token(struct arena *a, struct vault *v, const char *use, const char *text,
                 char **ret_token);

/* keeper_roots.c: root.key. Wipe what was read. */
MUST_CHECK enum err roots_read(struct ctx *c, const struct keystore *s, const char *dir,
                               struct roots *ret);
void roots_begin(struct roots *ret, struct bytes root); /* of a first one */
void root_derive(const uint8_t root[SHA256_LEN], const char *use, uint8_t ret[SHA256_LEN]);

#endif
