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

static enum err seal_it(struct ctx *c, const struct wish *w, struct buf *out)
{
    struct bytes sealed;
    if (!vault_seal(c->arena, vault, 0, w->use, w->aad, w->in, &sealed))
        return nonsense(c);
    put_bytes(out, sealed);
    return OK;
}

static enum err seal_at(struct ctx *c, const struct wish *w, struct buf *out)
{
    const uint8_t *p = w->in.ptr;
    struct bytes sealed = {NULL, 0};
    if (w->in.len < 4)
        return nonsense(c);
    uint32_t number = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    bool good = number && vault_seal(c->arena, vault, number, w->use, w->aad,
                                     (struct bytes){p + 4, w->in.len - 4}, &sealed);
    buf_char(out, good ? 1 : 0);
    put_bytes(out, sealed);
    return OK;
}

static enum err open_it(struct ctx *c, const struct wish *w, struct buf *out)
{
    struct bytes plain = {NULL, 0};
    buf_char(out, vault_open(c->arena, vault, w->use, w->aad, w->in, &plain) ? 1 : 0);
    put_bytes(out, plain);
    return OK;
}

static enum err name_it(struct ctx *c, const struct wish *w, struct buf *out)
{
    char *token;
    if ((w->in.len && memchr(w->in.ptr, 0, w->in.len)) ||
        !vault_token(c->arena, vault, w->use,
                     arena_text_n(c->arena, (const char *)w->in.ptr, w->in.len), &token))
        return nonsense(c);
    buf_text(out, token);
    return OK;
}

static enum err tell_roots(struct buf *out)
{
    for (size_t i = 0; i < vault->roots.n; i++) {
        const struct vault_root *r = &vault->roots.list[i];
        uint8_t head[KEEPER_HEAD];
        keeper_head(r->number, head);
        head[0] = r->gone;
        buf_add(out, head, sizeof head);
        buf_add(out, r->mark.b, SHA256_LEN);
    }
    return OK;
}

enum err keeper_answer(struct ctx *c, struct bytes in, struct buf *out)
{
    struct wish w;
    if (!vault || !read_wish(c, in, &w))
        return nonsense(c);
    switch (w.act) {
    case KEEPER_ACT_SEAL: return seal_it(c, &w, out);
    case KEEPER_ACT_SEAL_AT: return seal_at(c, &w, out);
    case KEEPER_ACT_OPEN: return open_it(c, &w, out);
    case KEEPER_ACT_TOKEN: return name_it(c, &w, out);
    case KEEPER_ACT_SIGN: return sign(c, &w, out);
    case KEEPER_ACT_ROOTS: return tell_roots(out);
    }
    return nonsense(c);
}

void keeper_serve_vault(struct vault *v)
{
    vault = v;
}

/* What OpenSSL makes at its first call is made before nothing can be opened any more. */
static void warm(struct ctx *c)
{
    uint8_t der[KEY_DER_MAX];
    struct bytes out, word = bytes_of("Đình");
    char *token;
    ASSERT(vault_seal(c->arena, vault, 0, "root", "", word, &out));
    ASSERT(vault_open(c->arena, vault, "root", "", out, &word));
    for (size_t i = 0; i < KEEPER_KEYS; i++)
        if (vault->keys[i])
            (void)own_sign(vault->keys[i], sha256(word), der);
    ASSERT(vault_token(c->arena, vault, "root", "Đình", &token));
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
