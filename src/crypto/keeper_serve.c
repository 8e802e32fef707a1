/* SPDX-License-Identifier: Apache-2.0 */
/* In the child. A wish: what (1 byte), the use (1 byte length, text), the place (4 bytes length,
   text), and the rest is what it is about. */
#include <openssl/crypto.h>
#include <string.h>

#include "base/log.h"
#include "base/sandbox.h"
#include "base/text.h"
#include "crypto/keeper_wire.h"

static struct vault *vault; /* this process' only one */

struct wish {
    enum keeper_act act;
    const char *use, *aad;
    struct bytes in;
};

static bool read_wish(struct ctx *c, struct bytes in, struct wish *w)
{
    if (in.len < 2)
        return false;
    size_t use = in.ptr[1], at = 2 + use;
    if (in.len < at + 4)
        return false;
    const uint8_t *p = in.ptr + at;
    size_t aad = (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
    at += 4;
    if (use > VAULT_USE_MAX || aad > KEEPER_AAD_MAX || in.len - at < aad ||
        memchr(in.ptr + 2, 0, use) || memchr(in.ptr + at, 0, aad))
        return false;
    w->act = in.ptr[0];
    w->use = arena_text_n(c->arena, (const char *)in.ptr + 2, use);
    w->aad = arena_text_n(c->arena, (const char *)in.ptr + at, aad);
    w->in = (struct bytes){in.ptr + at + aad, in.len - at - aad};
    return true;
}

static enum err nonsense(struct ctx *c)
{
    return fail(c, ERR_BAD_ENCODING, "keeper");
}

static enum err sign(struct ctx *c, const struct wish *w, struct buf *out)
{
    struct sha256 digest;
    uint8_t der[KEY_DER_MAX];
    size_t which = w->in.len == SHA256_LEN + 1 ? w->in.ptr[0] : KEEPER_KEYS;
    if (which >= KEEPER_KEYS || !vault->keys[which])
        return nonsense(c);
    memcpy(digest.b, w->in.ptr + 1, SHA256_LEN);
    buf_add(out, der, own_sign(vault->keys[which], digest, der));
    return OK;
}

static void put_bytes(struct buf *out, struct bytes in)
{
    buf_add(out, in.ptr, in.len);
}

static enum err with_key(struct ctx *c, const struct wish *w, struct bytes key, struct buf *out)
{
    struct bytes plain = {NULL, 0};
    switch (w->act) {
    case KEEPER_ACT_SEAL: put_bytes(out, seal(c->arena, key, w->aad, w->in)); return OK;
    case KEEPER_ACT_OPEN:
        buf_char(out, seal_open(c->arena, key, w->aad, w->in, &plain) ? 1 : 0);
        put_bytes(out, plain);
        return OK;
    case KEEPER_ACT_TOKEN:
        if (w->in.len && memchr(w->in.ptr, 0, w->in.len))
            return nonsense(c);
        buf_text(out, blind_token(c->arena, key,
                                  arena_text_n(c->arena, (const char *)w->in.ptr, w->in.len)));
        return OK;
    case KEEPER_ACT_MARK:
    case KEEPER_ACT_SIGN: break;
    }
    return nonsense(c);
}

enum err keeper_answer(struct ctx *c, struct bytes in, struct buf *out)
{
    struct wish w;
    uint8_t key[SHA256_LEN];
    if (!vault || !read_wish(c, in, &w))
        return nonsense(c);
    if (w.act == KEEPER_ACT_SIGN)
        return sign(c, &w, out);
    if (w.act == KEEPER_ACT_MARK) {
        struct sha256 mark = vault_mark(vault);
        put_bytes(out, (struct bytes){mark.b, SHA256_LEN});
        return OK;
    }
    if (!vault_key(vault, w.use, key))
        return nonsense(c);
    enum err e = with_key(c, &w, (struct bytes){key, SHA256_LEN}, out);
    OPENSSL_cleanse(key, sizeof key);
    return e;
}

void keeper_serve_vault(struct vault *v)
{
    vault = v;
}

/* What OpenSSL makes at its first call is made before nothing can be opened any more. */
static void warm(struct ctx *c)
{
    uint8_t der[KEY_DER_MAX], key[SHA256_LEN];
    struct bytes out;
    ASSERT(vault_key(vault, "root", key));
    struct bytes k = {key, SHA256_LEN};
    ASSERT(seal_open(c->arena, k, "", seal(c->arena, k, "", k), &out));
    for (size_t i = 0; i < KEEPER_KEYS; i++)
        if (vault->keys[i])
            (void)own_sign(vault->keys[i], sha256(k), der);
    (void)blind_token(c->arena, k, "Đình");
    OPENSSL_cleanse(key, sizeof key);
}

struct bytes keeper_hello(struct arena *a, const struct key_place *p)
{
    const char *secret = p->secret ? p->secret : "";
    size_t dir = strlen(p->dir) + 1, node = strlen(p->node) + 1, len = dir + node + strlen(secret);
    char *out = arena_alloc(a, len + 1);
    memcpy(out, p->dir, dir);
    memcpy(out + dir, p->node, node);
    memcpy(out + dir + node, secret, strlen(secret) + 1);
    return (struct bytes){(uint8_t *)out, len};
}

/* Answer: how its files are guarded, 1 byte; the public point of each key, 65 bytes. */
static enum err begin(struct ctx *c, struct bytes hello, struct buf *out)
{
    char *text = arena_alloc(c->arena, hello.len + 1);
    memcpy(text, hello.ptr, hello.len);
    text[hello.len] = '\0';
    struct key_place p = {.dir = text, .node = text + strlen(text) + 1};
    ASSERT((size_t)(p.node - text) < hello.len);
    const char *secret = p.node + strlen(p.node) + 1;
    p.secret = *secret ? secret : NULL;
    enum err e = vault_load(c, &p, &vault);
    if (e)
        return e;
    buf_char(out, (char)vault->guard);
    for (size_t i = 0; i < KEEPER_KEYS; i++)
        put_bytes(out, key_public_point(c->arena, vault->keys[i]));
    warm(c);
    return OK;
}

/* A token's module is foreign code that has files and sockets of its own: no more is taken from it
   than core dumps, privileges and TCP. */
static bool confine(void)
{
    static const struct sandbox_path all = {"/", SANDBOX_WRITE};
    static const struct sandbox_plan plan = {.paths = &all, .n_paths = 1};
    if (!vault->token)
        return sandbox_child(NULL);
    struct ctx c = {.arena = arena_new(65536)};
    bool good = sandbox_reach(&c, &plan) == OK;
    arena_end(c.arena);
    return good;
}

const struct child_wish keeper_wish = {.name = "keeper",
                                       .max_request_bytes = KEEPER_MAX_BYTES,
                                       .max_answer_bytes = KEEPER_MAX_BYTES,
                                       .begin_us = KEEPER_PATIENCE_US,
                                       .deadline_us = KEEPER_DEADLINE_US,
                                       .batch = 32,
                                       .again = 3,
                                       .begin = begin,
                                       .confine = confine,
                                       .answer = keeper_answer};
