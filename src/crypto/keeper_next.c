/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/keeper_next.h"

#include <openssl/crypto.h>
#include <string.h>

#include "base/sys.h"
#include "crypto/token.h"

static const char *const now[KEEPER_KEYS] = {"sign.key", "tls.key"};
static const char *const next[KEEPER_KEYS] = {"sign.next.key", "tls.next.key"};

static const char *path_of(struct ctx *c, const struct key_place *p, const char *name)
{
    return arena_printf(c->arena, "%s/%s", p->dir, name);
}

static enum err in_files(struct ctx *c, const struct keystore *s, const struct key_place *p)
{
    struct token_wish w;
    enum err e = token_wish_read(c, s, p->dir, &w);
    for (size_t i = 0; i < KEEPER_KEYS && !e; i++)
        if (w.uri[i])
            e = fail(c, ERR_KEY_IN_TOKEN, "key", w.uri[i]);
    return e;
}

/* One that is in use already is what a change left that was cut off at its end. */
static enum err waits(struct ctx *c, const struct keystore *s, const struct key_place *p, size_t i,
                      bool *ret)
{
    struct key *a = NULL, *b = NULL;
    *ret = false;
    if (!sys_exists(path_of(c, p, next[i])))
        return OK;
    enum err e = keystore_key(c, s, next[i], &a);
    if (!e)
        e = keystore_key(c, s, now[i], &b);
    if (!e) {
        struct bytes x = key_public_point(c->arena, a), y = key_public_point(c->arena, b);
        *ret = memcmp(x.ptr, y.ptr, x.len) != 0;
    }
    key_end(a);
    key_end(b);
    return e;
}

static enum err make(struct ctx *c, const struct keystore *s, const struct key_place *p, size_t i)
{
    struct key *k;
    bool there;
    enum err e = waits(c, s, p, i, &there);
    if (e || there || (e = key_new(c, &k)))
        return e;
    e = keystore_save(c, s, next[i], k);
    key_end(k);
    return e;
}

enum err keeper_next_make(struct ctx *c, const struct key_place *p)
{
    struct keystore *s;
    enum err e = keystore_open(c, p, &s);
    if (e)
        return e;
    e = in_files(c, s, p);
    for (size_t i = 0; i < KEEPER_KEYS && !e; i++)
        e = make(c, s, p, i);
    keystore_end(s);
    return e;
}

enum err keeper_next(struct ctx *c, const struct key_place *p, enum keeper_key which,
                     struct key **ret)
{
    struct keystore *s;
    enum err e = keystore_open(c, p, &s);
    if (e)
        return e;
    e = keystore_key(c, s, next[which], ret);
    keystore_end(s);
    return e;
}

/* Sealed files are bound to their names: each is sealed anew as what it becomes. */
enum err keeper_next_take(struct ctx *c, const struct key_place *p)
{
    struct keystore *s;
    enum err e = keystore_open(c, p, &s);
    if (e)
        return e;
    e = in_files(c, s, p);
    for (size_t i = 0; i < KEEPER_KEYS && !e; i++) {
        struct bytes pem = {NULL, 0};
        if (!sys_exists(path_of(c, p, next[i])))
            continue;
        e = keystore_read(c, s, next[i], &pem);
        if (!e)
            e = keystore_write(c, s, now[i], pem);
        if (pem.len)
            OPENSSL_cleanse((void *)(uintptr_t)pem.ptr, pem.len);
    }
    keystore_end(s);
    return e;
}

enum err keeper_next_end(struct ctx *c, const struct key_place *p)
{
    enum err e = OK;
    for (size_t i = 0; i < KEEPER_KEYS && !e; i++)
        e = sys_unlink(c, path_of(c, p, next[i]));
    return e;
}
