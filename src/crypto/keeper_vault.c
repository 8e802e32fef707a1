/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/crypto.h>
#include <string.h>
#include <sys/mman.h>

#include "base/sys.h"
#include "base/text.h"
#include "crypto/keeper_inside.h"
#include "crypto/token.h"

static struct vault *vault_of(const struct roots *roots)
{
    struct vault *v = sys_malloc(sizeof *v);
    if (!v)
        BUG("out of memory");
    mlock(v, sizeof *v); /* not to swap, where the limits allow it */
    memset(v, 0, sizeof *v);
    pthread_mutex_init(&v->lock, NULL);
    v->roots = *roots;
    return v;
}

struct vault *vault_new(struct bytes root)
{
    struct roots roots;
    roots_begin(&roots, root);
    struct vault *v = vault_of(&roots);
    OPENSSL_cleanse(&roots, sizeof roots);
    return v;
}

void vault_end(struct vault *v)
{
    if (!v)
        return;
    for (size_t i = 0; i < KEEPER_KEYS; i++)
        key_end(v->keys[i]);
    pthread_mutex_destroy(&v->lock);
    OPENSSL_cleanse(v, sizeof *v);
    munlock(v, sizeof *v);
    sys_free(v);
}

/* ---- keys ---- */

static const struct vault_root *root_of(const struct vault *v, uint32_t number)
{
    for (size_t i = 0; i < v->roots.n; i++)
        if (v->roots.list[i].number == number && !v->roots.list[i].gone)
            return &v->roots.list[i];
    return NULL;
}

/* A key of names: one that was kept, else of their own root, else of the only one there was. */
static void derive_name(const struct roots *r, const char *use, uint8_t ret[SHA256_LEN])
{
    for (size_t i = 0; i < r->n_kept; i++)
        if (text_eq(r->kept[i].name, use)) {
            memcpy(ret, r->kept[i].key, SHA256_LEN);
            return;
        }
    root_derive(r->has_names ? r->names : r->list[0].key, use, ret);
}

static void derive(const struct vault *v, uint32_t root, const char *use, uint8_t ret[SHA256_LEN])
{
    if (root)
        root_derive(root_of(v, root)->key, use, ret);
    else
        derive_name(&v->roots, use, ret);
}

/* Derived at its first use; root 0: of names. */
static bool key_of(struct vault *v, uint32_t root, const char *use, uint8_t ret[SHA256_LEN])
{
    size_t len = strlen(use), i = 0;
    if (len > VAULT_USE_MAX || (root && !root_of(v, root)))
        return false;
    pthread_mutex_lock(&v->lock);
    while (i < v->n_uses && (v->uses[i].root != root || !text_eq(v->uses[i].name, use)))
        i++;
    if (i < VAULT_USES && i == v->n_uses) {
        memcpy(v->uses[i].name, use, len + 1);
        v->uses[i].root = root;
        derive(v, root, use, v->uses[i].key);
        v->n_uses++;
    }
    if (i < VAULT_USES)
        memcpy(ret, v->uses[i].key, SHA256_LEN);
    else
        derive(v, root, use, ret);
    pthread_mutex_unlock(&v->lock);
    return true;
}

/* ---- acts ---- */

bool vault_seal(struct arena *a, struct vault *v, uint32_t number, const char *use, const char *aad,
                struct bytes plain, struct bytes *ret)
{
    uint8_t key[SHA256_LEN];
    number = number ? number : v->roots.list[0].number;
    if (!key_of(v, number, use, key))
        return false;
    struct bytes inner = seal(a, (struct bytes){key, SHA256_LEN}, aad, plain);
    OPENSSL_cleanse(key, sizeof key);
    *ret = inner;
    if (number == 1)
        return true;
    uint8_t *out = arena_alloc(a, KEEPER_HEAD + inner.len);
    keeper_head(number, out);
    memcpy(out + KEEPER_HEAD, inner.ptr, inner.len);
    *ret = (struct bytes){out, KEEPER_HEAD + inner.len};
    return true;
}

bool vault_open(struct arena *a, struct vault *v, const char *use, const char *aad,
                struct bytes sealed, struct bytes *ret)
{
    uint8_t key[SHA256_LEN];
    const uint32_t number = keeper_sealed_under(sealed);
    if (!number || !key_of(v, number, use, key))
        return false;
    const size_t head = number == 1 ? 0 : KEEPER_HEAD;
    bool good = seal_open(a, (struct bytes){key, SHA256_LEN}, aad,
                          (struct bytes){sealed.ptr + head, sealed.len - head}, ret);
    OPENSSL_cleanse(key, sizeof key);
    return good;
}

bool vault_token(struct arena *a, struct vault *v, const char *use, const char *text, char **ret)
{
    uint8_t key[SHA256_LEN];
    if (!key_of(v, 0, use, key))
        return false;
    *ret = blind_token(a, (struct bytes){key, SHA256_LEN}, text);
    OPENSSL_cleanse(key, sizeof key);
    return true;
}

/* ---- its files ---- */

static enum err load_root(struct ctx *c, const struct keystore *s, const char *dir,
                          struct vault **ret)
{
    struct roots roots;
    enum err e = roots_read(c, s, dir, &roots);
    if (!e)
        *ret = vault_of(&roots);
    OPENSSL_cleanse(&roots, sizeof roots);
    return e;
}

static enum err load_keys(struct ctx *c, const struct keystore *s, const char *dir, struct vault *v)
{
    static const char *const names[KEEPER_KEYS] = {"sign.key", "tls.key"};
    struct token_wish w;
    enum err e = token_wish_read(c, s, dir, &w);
    for (size_t i = 0; i < KEEPER_KEYS && !e; i++) {
        v->token = v->token || w.uri[i];
        e = w.uri[i] ? token_key(c, w.uri[i], w.pin, &v->keys[i])
                     : keystore_key(c, s, names[i], &v->keys[i]);
    }
    return e;
}

enum err vault_load(struct ctx *c, const struct key_place *p, struct vault **ret)
{
    struct vault *v = NULL;
    struct keystore *s;
    enum err e = keystore_open(c, p, &s);
    if (e)
        return e;
    e = load_root(c, s, p->dir, &v);
    if (!e)
        e = load_keys(c, s, p->dir, v);
    if (!e)
        e = keystore_guard(c, p->dir, &v->guard);
    keystore_end(s);
    if (e)
        vault_end(v);
    else
        *ret = v;
    return e;
}

enum err keeper_token_keys(struct ctx *c, const struct key_place *p,
                           const char *const uri[KEEPER_KEYS], const char *pin)
{
    struct token_wish w = {.uri = {uri[KEEPER_SIGN], uri[KEEPER_TLS]}, .pin = pin};
    struct keystore *s;
    enum err e = keystore_open(c, p, &s);
    if (e)
        return e;
    for (size_t i = 0; i < KEEPER_KEYS && !e; i++) {
        struct key *k = NULL;
        e = uri[i] ? token_key(c, uri[i], pin, &k) : OK;
        key_end(k);
    }
    if (!e)
        e = token_wish_write(c, s, &w);
    keystore_end(s);
    return e;
}
