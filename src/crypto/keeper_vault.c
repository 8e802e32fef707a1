/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/crypto.h>
#include <string.h>
#include <sys/mman.h>

#include "base/sys.h"
#include "base/text.h"
#include "crypto/keeper_inside.h"
#include "crypto/token.h"

struct vault *vault_new(struct bytes root)
{
    struct vault *v = sys_malloc(sizeof *v);
    if (!v)
        BUG("out of memory");
    ASSERT(root.len == SHA256_LEN);
    mlock(v, sizeof *v); /* not to swap, where the limits allow it */
    memset(v, 0, sizeof *v);
    pthread_mutex_init(&v->lock, NULL);
    memcpy(v->root, root.ptr, SHA256_LEN);
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

static void derive(const struct vault *v, const char *use, uint8_t ret[SHA256_LEN])
{
    evp_hkdf((struct bytes){v->root, SHA256_LEN}, (struct bytes){NULL, 0}, bytes_of(use), ret,
             SHA256_LEN);
}

bool vault_key(struct vault *v, const char *use, uint8_t ret[SHA256_LEN])
{
    size_t len = strlen(use), i = 0;
    if (len > VAULT_USE_MAX)
        return false;
    pthread_mutex_lock(&v->lock);
    while (i < v->n_uses && !text_eq(v->uses[i].name, use))
        i++;
    if (i < VAULT_USES && i == v->n_uses) {
        memcpy(v->uses[i].name, use, len + 1);
        derive(v, use, v->uses[i].key);
        v->n_uses++;
    }
    if (i < VAULT_USES)
        memcpy(ret, v->uses[i].key, SHA256_LEN);
    else
        derive(v, use, ret);
    pthread_mutex_unlock(&v->lock);
    return true;
}

struct sha256 vault_mark(struct vault *v)
{
    uint8_t key[SHA256_LEN];
    ASSERT(vault_key(v, "root", key));
    struct sha256 mark = hmac_sha256((struct bytes){key, SHA256_LEN}, bytes_of("root"));
    OPENSSL_cleanse(key, sizeof key);
    return mark;
}

/* ---- its files ---- */

static enum err load_root(struct ctx *c, const struct keystore *s, const char *dir,
                          struct vault **ret)
{
    struct bytes text;
    uint8_t root[SHA256_LEN];
    char hex[2 * SHA256_LEN + 1] = "";
    enum err e = keystore_read(c, s, "root.key", &text);
    if (e)
        return e;
    bool good = text.len >= 2 * SHA256_LEN &&
                (text.len == 2 * SHA256_LEN || text.ptr[2 * SHA256_LEN] == '\n');
    if (good)
        memcpy(hex, text.ptr, 2 * SHA256_LEN);
    if (text.len)
        OPENSSL_cleanse((void *)(uintptr_t)text.ptr, text.len);
    good = good && hex_bytes(hex, root, SHA256_LEN);
    OPENSSL_cleanse(hex, sizeof hex);
    if (!good)
        return fail(c, ERR_KEY_ROOT, "key", arena_printf(c->arena, "%s/root.key", dir));
    *ret = vault_new((struct bytes){root, SHA256_LEN});
    OPENSSL_cleanse(root, sizeof root);
    return OK;
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
