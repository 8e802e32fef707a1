/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/keeper.h"

#include <openssl/crypto.h>
#include <string.h>
#include <time.h>

#include "base/sys.h"
#include "base/text.h"
#include "crypto/keeper_wire.h"

#define AGAIN_NS  20000000
#define ITEMS_MAX 256

#define SEALED_BY_SUCCESSOR 3 /* 1: seal() itself; 2: core/subject.h */

struct keeper {
    struct child *child; /* with: */
    struct keeper_lately *lately;
    /* or else: */
    struct vault *vault;
    uint8_t points[KEEPER_KEYS][POINT_LEN];
    bool has[KEEPER_KEYS];
    enum key_guard guard;
};

static struct keeper *keeper_new(void)
{
    struct keeper *k = sys_malloc(sizeof *k);
    if (!k)
        BUG("out of memory");
    *k = (struct keeper){.child = NULL};
    return k;
}

struct keeper *keeper_of_root(struct bytes root)
{
    struct keeper *k = keeper_new();
    k->vault = vault_new(root);
    return k;
}

static enum err open_apart(struct ctx *c, const struct key_place *p, struct keeper *k)
{
    struct bytes said;
    enum err e = child_start(c, &keeper_wish, keeper_hello(c->arena, p), &k->child, &said);
    if (e)
        return e;
    ASSERT(said.len == sizeof k->points + 1 && said.ptr[0] <= KEYS_SECRET);
    k->guard = said.ptr[0];
    memcpy(k->points, said.ptr + 1, sizeof k->points);
    k->lately = lately_new();
    k->has[KEEPER_SIGN] = k->has[KEEPER_TLS] = true;
    return OK;
}

static enum err open_here(struct ctx *c, const struct key_place *p, struct keeper *k)
{
    enum err e = vault_load(c, p, &k->vault);
    k->guard = e ? KEYS_CLEAR : k->vault->guard;
    for (size_t i = 0; i < KEEPER_KEYS && !e; i++) {
        memcpy(k->points[i], k->vault->keys[i]->point, POINT_LEN);
        k->has[i] = true;
    }
    return e;
}

enum err keeper_open(struct ctx *c, const struct key_place *p, struct keeper **ret)
{
    struct keeper *k = keeper_new();
    enum err e = children_can() ? open_apart(c, p, k) : open_here(c, p, k);
    if (e)
        keeper_end(k);
    else
        *ret = k;
    return e;
}

void keeper_end(struct keeper *k)
{
    if (!k)
        return;
    child_end(k->child);
    lately_end(k->lately);
    vault_end(k->vault);
    sys_free(k);
}

bool keeper_is_apart(const struct keeper *k)
{
    return k->child != NULL;
}

enum key_guard keeper_guard(const struct keeper *k)
{
    return k->guard;
}

/* ---- over the socket ---- */

static struct bytes wish(struct arena *a, enum keeper_act act, const char *use, const char *aad,
                         struct bytes in)
{
    size_t n_use = strlen(use), n_aad = strlen(aad), len = 6 + n_use + n_aad + in.len;
    ASSERT(n_use <= VAULT_USE_MAX && n_aad <= KEEPER_AAD_MAX && len <= KEEPER_MAX_BYTES);
    uint8_t *p = arena_alloc(a, len), *at = p;
    *at++ = (uint8_t)act;
    *at++ = (uint8_t)n_use;
    memcpy(at, use, n_use);
    at += n_use;
    for (int i = 0; i < 4; i++)
        *at++ = (uint8_t)(n_aad >> (8 * i));
    memcpy(at, aad, n_aad);
    if (in.len)
        memcpy(at + n_aad, in.ptr, in.len);
    return (struct bytes){p, len};
}

/* Asked again until it answers: every wish may be. A node whose keeper doesn't come back can do
   nothing any more and ends. */
static void ask_all(struct arena *a, const struct keeper *k, const struct bytes *in, size_t n,
                    struct bytes *ret)
{
    const struct timespec wait = {.tv_nsec = AGAIN_NS};
    struct ctx c = {.arena = a};
    enum err e;
    int64_t until = 0;
    while ((e = child_ask_all(&c, k->child, in, n, ret)) == ERR_CHILD) {
        if (!until)
            until = sys_mono_us() + KEEPER_PATIENCE_US;
        if (sys_mono_us() > until)
            BUG("the keeper of the keys can't be started again: see the lines above");
        c.n_faults = 0;
        nanosleep(&wait, NULL);
    }
    ASSERT(e == OK); /* it refuses only nonsense */
}

static struct bytes ask(struct arena *a, const struct keeper *k, enum keeper_act act,
                        const char *use, const char *aad, struct bytes in)
{
    struct bytes out, one = wish(a, act, use, aad, in);
    bool same = act == KEEPER_ACT_OPEN || act == KEEPER_ACT_TOKEN || act == KEEPER_ACT_ROOTS;
    if (same && lately_said(k->lately, one, a, &out))
        return out;
    ask_all(a, k, &one, 1, &out);
    if (same)
        lately_keep(k->lately, one, out);
    return out;
}

static bool opened(struct bytes said, struct bytes *ret)
{
    ASSERT(said.len >= 1);
    if (said.ptr[0] != 1)
        return false;
    *ret = (struct bytes){said.ptr + 1, said.len - 1};
    return true;
}

/* ---- the acts ---- */

struct bytes keeper_seal(struct arena *a, const struct keeper *k, const char *use, const char *aad,
                         struct bytes plain)
{
    struct bytes out;
    if (k->child)
        return ask(a, k, KEEPER_ACT_SEAL, use, aad, plain);
    ASSERT(vault_seal(a, k->vault, 0, use, aad, plain, &out));
    return out;
}

bool keeper_seal_at(struct arena *a, const struct keeper *k, uint32_t number, const char *use,
                    const char *aad, struct bytes plain, struct bytes *ret)
{
    if (!k->child)
        return vault_seal(a, k->vault, number, use, aad, plain, ret);
    uint8_t *in = arena_alloc(a, 4 + plain.len);
    for (int i = 0; i < 4; i++)
        in[i] = (uint8_t)(number >> (24 - 8 * i));
    if (plain.len)
        memcpy(in + 4, plain.ptr, plain.len);
    bool good =
        opened(ask(a, k, KEEPER_ACT_SEAL_AT, use, aad, (struct bytes){in, 4 + plain.len}), ret);
    OPENSSL_cleanse(in, 4 + plain.len);
    return good;
}

bool keeper_unseal(struct arena *a, const struct keeper *k, const char *use, const char *aad,
                   struct bytes sealed, struct bytes *ret_plain)
{
    if (k->child)
        return opened(ask(a, k, KEEPER_ACT_OPEN, use, aad, sealed), ret_plain);
    return vault_open(a, k->vault, use, aad, sealed, ret_plain);
}

char *keeper_token(struct arena *a, const struct keeper *k, const char *use, const char *text)
{
    char *token;
    if (k->child) {
        struct bytes out = ask(a, k, KEEPER_ACT_TOKEN, use, "", bytes_of(text));
        return arena_text_n(a, (const char *)out.ptr, out.len);
    }
    ASSERT(vault_token(a, k->vault, use, text, &token));
    return token;
}

static void all(struct arena *a, const struct keeper *k, enum keeper_act act,
                struct keeper_item *items, size_t n)
{
    struct bytes *in = ARENA_ARRAY(a, n, struct bytes), *out = ARENA_ARRAY(a, n, struct bytes);
    for (size_t i = 0; i < n; i++)
        in[i] = wish(a, act, items[i].use, items[i].aad, items[i].in);
    ask_all(a, k, in, n, out);
    for (size_t i = 0; i < n; i++) {
        items[i].good = act != KEEPER_ACT_OPEN || opened(out[i], &items[i].out);
        if (act != KEEPER_ACT_OPEN)
            items[i].out = out[i];
    }
}

void keeper_seal_all(struct arena *a, const struct keeper *k, struct keeper_item *items, size_t n)
{
    for (size_t i = 0; k->child && i < n; i += ITEMS_MAX)
        all(a, k, KEEPER_ACT_SEAL, items + i, n - i < ITEMS_MAX ? n - i : ITEMS_MAX);
    for (size_t i = 0; !k->child && i < n; i++) {
        items[i].out = keeper_seal(a, k, items[i].use, items[i].aad, items[i].in);
        items[i].good = true;
    }
}

void keeper_unseal_all(struct arena *a, const struct keeper *k, struct keeper_item *items, size_t n)
{
    for (size_t i = 0; k->child && i < n; i += ITEMS_MAX)
        all(a, k, KEEPER_ACT_OPEN, items + i, n - i < ITEMS_MAX ? n - i : ITEMS_MAX);
    for (size_t i = 0; !k->child && i < n; i++)
        items[i].good = keeper_unseal(a, k, items[i].use, items[i].aad, items[i].in, &items[i].out);
}

/* ---- root keys ---- */

void keeper_head(uint32_t number, uint8_t ret[KEEPER_HEAD])
{
    ret[0] = SEALED_BY_SUCCESSOR;
    for (int i = 1; i < KEEPER_HEAD; i++)
        ret[i] = (uint8_t)(number >> (8 * (KEEPER_HEAD - 1 - i)));
}

uint32_t keeper_sealed_under(struct bytes sealed)
{
    uint32_t number = 0;
    if (sealed.len && sealed.ptr[0] == 1)
        return 1;
    if (sealed.len < KEEPER_HEAD || sealed.ptr[0] != SEALED_BY_SUCCESSOR)
        return 0;
    for (int i = 1; i < KEEPER_HEAD; i++)
        number = number << 8 | sealed.ptr[i];
    return number > 1 ? number : 0;
}

static size_t roots_here(const struct roots *r, struct keeper_root ret[KEEPER_ROOTS])
{
    for (size_t i = 0; i < r->n; i++)
        ret[i] = (struct keeper_root){r->list[i].number, r->list[i].gone, r->list[i].mark};
    return r->n;
}

size_t keeper_roots(const struct keeper *k, struct keeper_root ret[KEEPER_ROOTS])
{
    const size_t each = KEEPER_HEAD + SHA256_LEN;
    if (!k->child)
        return roots_here(&k->vault->roots, ret);
    struct arena *a = arena_new(65536);
    struct bytes said = ask(a, k, KEEPER_ACT_ROOTS, "", "", (struct bytes){NULL, 0});
    size_t n = said.len / each;
    ASSERT(n && n <= KEEPER_ROOTS && said.len % each == 0);
    for (size_t i = 0; i < n; i++) {
        const uint8_t *p = said.ptr + i * each;
        ret[i] = (struct keeper_root){.gone = p[0] != 0};
        for (int j = 1; j < KEEPER_HEAD; j++)
            ret[i].number = ret[i].number << 8 | p[j];
        memcpy(ret[i].mark.b, p + KEEPER_HEAD, SHA256_LEN);
    }
    arena_end(a);
    return n;
}

struct sha256 keeper_mark(const struct keeper *k)
{
    struct keeper_root all[KEEPER_ROOTS];
    keeper_roots(k, all);
    return all[0].mark;
}

/* ---- signing ---- */

struct key *keeper_key(const struct keeper *k, enum keeper_key which)
{
    return k->has[which] ? own_key_of(k, (int)which, k->points[which]) : NULL;
}

size_t keeper_sign(const struct keeper *k, enum keeper_key which, struct sha256 digest,
                   uint8_t der[KEY_DER_MAX])
{
    uint8_t in[1 + SHA256_LEN] = {(uint8_t)which};
    if (!k->child)
        return own_sign(k->vault->keys[which], digest, der);
    memcpy(in + 1, digest.b, SHA256_LEN);
    struct arena *a = arena_new(65536);
    struct bytes out = ask(a, k, KEEPER_ACT_SIGN, "", "", (struct bytes){in, sizeof in});
    ASSERT(out.len > 0 && out.len <= KEY_DER_MAX);
    memcpy(der, out.ptr, out.len);
    arena_end(a);
    return out.len;
}
