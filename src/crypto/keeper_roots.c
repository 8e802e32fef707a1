/* SPDX-License-Identifier: Apache-2.0 */
/*
 * root.key: 64 hex digits of the newest root key. Once it had predecessors, lines follow:
 *
 *   number N              of the newest
 *   before N HEX          another one that opens what it sealed
 *   gone N HEX            one that is destroyed; its mark
 *   names HEX             the root of the keys of names
 *   kept USE HEX          a key of names that the first root key gave
 *
 * A program of before them takes the first line for all, and finds that its database knows another.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "base/buf.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/keeper_inside.h"

#define TEXT_MAX 15000 /* sealed, it stays below the most that a key file may have */
#define HEX_LEN  ((size_t)2 * SHA256_LEN)
#define WORDS    3

void root_derive(const uint8_t root[SHA256_LEN], const char *use, uint8_t ret[SHA256_LEN])
{
    evp_hkdf((struct bytes){root, SHA256_LEN}, (struct bytes){NULL, 0}, bytes_of(use), ret,
             SHA256_LEN);
}

static struct sha256 mark_of(const uint8_t root[SHA256_LEN])
{
    uint8_t key[SHA256_LEN];
    root_derive(root, "root", key);
    struct sha256 mark = hmac_sha256((struct bytes){key, SHA256_LEN}, bytes_of("root"));
    OPENSSL_cleanse(key, sizeof key);
    return mark;
}

static struct vault_root root_new(uint32_t number, const uint8_t key[SHA256_LEN])
{
    struct vault_root r = {.number = number, .mark = mark_of(key)};
    memcpy(r.key, key, SHA256_LEN);
    return r;
}

void roots_begin(struct roots *ret, struct bytes root)
{
    ASSERT(root.len == SHA256_LEN);
    *ret = (struct roots){.n = 1};
    ret->list[0] = root_new(1, root.ptr);
}

/* ---- reading ---- */

static bool hex_key(const char *text, uint8_t ret[SHA256_LEN])
{
    return strlen(text) == HEX_LEN && hex_bytes(text, ret, SHA256_LEN);
}

static bool read_number(const char *text, uint32_t *ret)
{
    int64_t n;
    if (!text_to_int(text, &n) || n < 1 || n > INT32_MAX)
        return false;
    *ret = (uint32_t)n;
    return true;
}

static bool read_root(const char *const *word, struct roots *r)
{
    uint8_t key[SHA256_LEN];
    uint32_t number;
    bool gone = text_eq(word[0], "gone");
    if (r->n == KEEPER_ROOTS || !read_number(word[1], &number) || !hex_key(word[2], key) ||
        number >= r->list[r->n - 1].number)
        return false;
    if (gone) {
        r->list[r->n] = (struct vault_root){.number = number, .gone = true};
        memcpy(r->list[r->n].mark.b, key, SHA256_LEN);
    } else {
        r->list[r->n] = root_new(number, key);
    }
    r->n++;
    OPENSSL_cleanse(key, sizeof key);
    return true;
}

static bool read_kept(const char *const *word, struct roots *r)
{
    struct vault_use *u = &r->kept[r->n_kept];
    size_t len = strlen(word[1]);
    if (r->n_kept == VAULT_KEPT || len > VAULT_USE_MAX || !hex_key(word[2], u->key))
        return false;
    memcpy(u->name, word[1], len + 1);
    r->n_kept++;
    return true;
}

static bool read_line(const char *const *word, size_t n, struct roots *r)
{
    if (n == 2 && text_eq(word[0], "number"))
        return r->n == 1 && read_number(word[1], &r->list[0].number);
    if (n == 2 && text_eq(word[0], "names"))
        return (r->has_names = hex_key(word[1], r->names));
    if (n == 3 && text_eq(word[0], "kept"))
        return read_kept(word, r);
    return n == 3 && (text_eq(word[0], "before") || text_eq(word[0], "gone")) && read_root(word, r);
}

static bool read_text(struct ctx *c, char *text, struct roots *r)
{
    uint8_t key[SHA256_LEN];
    size_t n, n_words;
    const char **lines = text_split(c->arena, text, '\n', &n);
    bool good = n && hex_key(lines[0], key);
    if (!good)
        return false;
    roots_begin(r, (struct bytes){key, SHA256_LEN});
    OPENSSL_cleanse(key, sizeof key);
    for (size_t i = 1; i < n && good; i++) {
        const char **word = text_split(c->arena, lines[i], ' ', &n_words);
        good = text_empty(lines[i]) || (n_words <= WORDS && read_line(word, n_words, r));
        for (size_t j = 0; j < n_words; j++)
            OPENSSL_cleanse((char *)(uintptr_t)word[j], strlen(word[j]));
        OPENSSL_cleanse((char *)(uintptr_t)lines[i], strlen(lines[i]));
    }
    OPENSSL_cleanse((char *)(uintptr_t)lines[0], strlen(lines[0]));
    return good && (r->list[0].number == 1) == !r->has_names;
}

enum err roots_read(struct ctx *c, const struct keystore *s, const char *dir, struct roots *ret)
{
    struct bytes in;
    enum err e = keystore_read(c, s, ROOT_FILE, &in);
    if (e)
        return e;
    char *text = arena_text_n(c->arena, (const char *)in.ptr, in.len);
    bool good = strlen(text) == in.len && read_text(c, text, ret);
    OPENSSL_cleanse(text, in.len);
    if (in.len)
        OPENSSL_cleanse((void *)(uintptr_t)in.ptr, in.len);
    if (!good)
        return fail(c, ERR_KEY_ROOT, "key", arena_printf(c->arena, "%s/" ROOT_FILE, dir));
    return OK;
}

/* ---- writing ---- */

static void put_hex(struct buf *b, const uint8_t *key)
{
    buf_hex(b, (struct bytes){key, SHA256_LEN});
    buf_char(b, '\n');
}

static enum err roots_write(struct ctx *c, const struct keystore *s, const struct roots *r)
{
    struct buf b = buf_new(c->arena, TEXT_MAX);
    put_hex(&b, r->list[0].key);
    buf_printf(&b, "number %u\nnames ", r->list[0].number);
    put_hex(&b, r->names);
    for (size_t i = 1; i < r->n; i++) {
        const struct vault_root *x = &r->list[i];
        buf_printf(&b, "%s %u ", x->gone ? "gone" : "before", x->number);
        put_hex(&b, x->gone ? x->mark.b : x->key);
    }
    for (size_t i = 0; i < r->n_kept; i++) {
        buf_printf(&b, "kept %s ", r->kept[i].name);
        put_hex(&b, r->kept[i].key);
    }
    enum err e = buf_full(&b) ? fail(c, ERR_KEY_ROOTS, "root.key")
                              : keystore_write(c, s, ROOT_FILE, bytes_of(b.ptr));
    OPENSSL_cleanse(b.ptr, b.len);
    return e;
}

/* ---- a successor ---- */

/* What names the first root key gave goes on: it is the last time that it is asked. */
static bool keep_names(struct roots *r, const char *const *uses, size_t n)
{
    for (size_t i = 0; i < n && !r->has_names; i++) {
        struct vault_use *u = &r->kept[r->n_kept];
        size_t len = strlen(uses[i]);
        if (r->n_kept == VAULT_KEPT || len > VAULT_USE_MAX || strchr(uses[i], ' '))
            return false;
        memcpy(u->name, uses[i], len + 1);
        root_derive(r->list[0].key, uses[i], u->key);
        r->n_kept++;
    }
    if (!r->has_names)
        sys_random(r->names, SHA256_LEN);
    r->has_names = true;
    return true;
}

static bool succeed(struct roots *r)
{
    uint8_t key[SHA256_LEN];
    size_t n = r->n;
    if (n == KEEPER_ROOTS && !r->list[n - 1].gone)
        return false;
    n = n == KEEPER_ROOTS ? n - 1 : n; /* the oldest mark is forgotten */
    memmove(&r->list[1], &r->list[0], n * sizeof r->list[0]);
    sys_random(key, SHA256_LEN);
    r->list[0] = root_new(r->list[1].number + 1, key);
    r->n = n + 1;
    OPENSSL_cleanse(key, sizeof key);
    return true;
}

static size_t destroy(struct roots *r)
{
    size_t n = 0;
    for (size_t i = 1; i < r->n; i++) {
        n += !r->list[i].gone;
        r->list[i].gone = true;
        OPENSSL_cleanse(r->list[i].key, SHA256_LEN);
    }
    return n;
}

/* A write that was killed left its temporary file: with a root key that is to be gone. */
static enum err sweep(struct ctx *c, const char *dir)
{
    const char **names;
    size_t n;
    enum err e = sys_list(c, dir, &names, &n);
    for (size_t i = 0; i < n && !e; i++)
        if (text_starts(names[i], ROOT_FILE "."))
            e = sys_unlink(c, arena_printf(c->arena, "%s/%s", dir, names[i]));
    return e;
}

static enum err with_roots(struct ctx *c, const struct key_place *p, struct keystore **ret_store,
                           struct roots *ret)
{
    enum err e = keystore_open(c, p, ret_store);
    if (e)
        return e;
    if ((e = roots_read(c, *ret_store, p->dir, ret)))
        keystore_end(*ret_store);
    return e;
}

enum err keeper_rotate(struct ctx *c, const struct key_place *p, const char *const *uses,
                       size_t n_uses, uint32_t *ret_number)
{
    struct keystore *s;
    struct roots r;
    enum err e = with_roots(c, p, &s, &r);
    if (e)
        return e;
    e = keep_names(&r, uses, n_uses) && succeed(&r) ? roots_write(c, s, &r)
                                                    : fail(c, ERR_KEY_ROOTS, "root.key");
    if (!e)
        *ret_number = r.list[0].number;
    OPENSSL_cleanse(&r, sizeof r);
    keystore_end(s);
    return e;
}

enum err keeper_retire(struct ctx *c, const struct key_place *p, size_t *ret_n)
{
    struct keystore *s;
    struct roots r;
    enum err e = with_roots(c, p, &s, &r);
    if (e)
        return e;
    *ret_n = destroy(&r);
    if (*ret_n)
        e = roots_write(c, s, &r);
    if (!e)
        e = sweep(c, p->dir);
    OPENSSL_cleanse(&r, sizeof r);
    keystore_end(s);
    return e;
}
