/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/keystore.h"

#include <openssl/crypto.h>
#include <string.h>

#include "base/buf.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/keystore_inside.h"

#define ID_LEN 16

static const char *const files[] = {"root.key",  "sign.key",      "tls.key",     "ca.key",
                                    "token.key", "sign.next.key", "tls.next.key"};

struct keystore {
    char *dir, *node, *id; /* id: NULL, all in clear */
    uint8_t master[SHA256_LEN];
};

const char *key_guard_name(enum key_guard g)
{
    static const char *const names[] = {"clear", "partly", "passphrase", "secret"};
    return names[g];
}

static char *copy(const char *text)
{
    size_t n = strlen(text) + 1;
    char *p = sys_malloc(n);
    if (!p)
        BUG("out of memory");
    memcpy(p, text, n);
    return p;
}

static struct keystore *store_new(const struct key_place *p, const char *id)
{
    struct keystore *s = sys_malloc(sizeof *s);
    if (!s)
        BUG("out of memory");
    *s = (struct keystore){.dir = copy(p->dir), .node = copy(p->node), .id = id ? copy(id) : NULL};
    return s;
}

void keystore_end(struct keystore *s)
{
    if (!s)
        return;
    sys_free(s->dir);
    sys_free(s->node);
    sys_free(s->id);
    OPENSSL_cleanse(s, sizeof *s);
    sys_free(s);
}

static const char *path_of(struct ctx *c, const char *dir, const char *name)
{
    return arena_printf(c->arena, "%s/%s", dir, name);
}

static void wipe(struct bytes b)
{
    if (b.len)
        OPENSSL_cleanse((void *)(uintptr_t)b.ptr, b.len);
}

/* ---- text ---- */

/* The value of "name value" as line i; NULL: another line is there. */
static const char *value(const char *const *lines, size_t i, const char *name)
{
    size_t n = strlen(name);
    return text_starts(lines[i], name) && lines[i][n] == ' ' ? lines[i] + n + 1 : NULL;
}

/* The sum over all before it, told apart first: what follows is as somebody wrote it. */
static bool sum_holds(struct ctx *c, const char *text, const char *sum)
{
    const char *hex = sha256_hex(
        c->arena, sha256((struct bytes){(const uint8_t *)text, (size_t)(sum - text) + 1}));
    return text_eq(arena_printf(c->arena, "%s\n", hex), sum + strlen("\nsum "));
}

static bool read_lines(struct ctx *c, const char *const *line, size_t n, bool store,
                       struct key_text *t)
{
    if (n != (store ? 6 : 5) || !(t->node = value(line, 1, "node")))
        return false;
    t->id = t->store = value(line, store ? 2 : 3, store ? "id" : "store");
    t->file = store ? KEYSTORE_FILE : value(line, 2, "file");
    t->kdf = store ? value(line, 3, "kdf") : "";
    t->salt = store ? value(line, 4, "salt") : "";
    const char *key = value(line, n - 1, "key");
    return t->id && t->file && t->kdf && t->salt && key &&
           base64url_decode(c->arena, key, &t->sealed);
}

enum err key_text_read(struct ctx *c, const char *path, const char *what, struct bytes in,
                       struct key_text *ret)
{
    size_t n;
    char *text = arena_text_n(c->arena, (const char *)in.ptr, in.len);
    char *sum = strlen(text) == in.len ? strstr(text, "\nsum ") : NULL;
    if (!sum || !sum_holds(c, text, sum))
        return fail(c, ERR_KEY_DAMAGED, "key", path);
    *sum = '\0';
    const char **lines = text_split(c->arena, text, '\n', &n);
    const char *version = value(lines, 0, what);
    if (!version)
        return fail(c, ERR_KEY_DAMAGED, "key", path);
    if (!text_eq(version, "1"))
        return fail(c, ERR_KEY_NEWER, "key", path);
    struct key_text t = {.head = NULL};
    if (!read_lines(c, lines, n, text_eq(what, KEY_STORE), &t))
        return fail(c, ERR_KEY_DAMAGED, "key", path);
    t.head = arena_text_n(c->arena, text, strlen(text) - strlen(lines[n - 1]));
    *ret = t;
    return OK;
}

/* head, the sealed bytes under it, and the sum. */
static struct bytes text_of(struct ctx *c, const char *head, struct bytes key, struct bytes plain)
{
    struct buf b = buf_new(c->arena, 4 * KEY_FILE_MAX);
    buf_text(&b, head);
    buf_text(&b, "key ");
    buf_base64url(&b, seal(c->arena, key, head, plain));
    buf_char(&b, '\n');
    const char *sum = sha256_hex(c->arena, sha256(buf_bytes(&b)));
    buf_printf(&b, "sum %s\n", sum);
    ASSERT(!buf_full(&b));
    return buf_bytes(&b);
}

/* ---- the keystore ---- */

static enum err store_write(struct ctx *c, const struct keystore *s, struct bytes secret)
{
    uint8_t salt[KEY_SALT_LEN], kek[SHA256_LEN];
    const char *path = path_of(c, s->dir, KEYSTORE_FILE), *kdf = secret_kdf(c, secret);
    sys_random(salt, sizeof salt);
    struct buf head = buf_new(c->arena, 2048);
    buf_printf(&head, KEY_STORE " 1\nnode %s\nid %s\nkdf %s\nsalt ", s->node, s->id, kdf);
    buf_base64url(&head, (struct bytes){salt, sizeof salt});
    buf_char(&head, '\n');
    enum err e = secret_key(c, path, kdf, secret, (struct bytes){salt, sizeof salt}, kek);
    if (e)
        return e;
    struct bytes text = text_of(c, head.ptr, (struct bytes){kek, SHA256_LEN},
                                (struct bytes){s->master, SHA256_LEN});
    OPENSSL_cleanse(kek, sizeof kek);
    return sys_write_file(c, path, text, 0600);
}

static enum err read_private(struct ctx *c, const char *path, struct bytes *ret)
{
    if (!sys_exists(path))
        return fail(c, ERR_KEY_MISSING, "key", path);
    if (!sys_is_private(path))
        return fail(c, ERR_KEY_OPEN, "key", path);
    enum err e = sys_read_file(c, path, KEY_FILE_MAX, ret);
    if (e != ERR_TOO_LONG)
        return e;
    ctx_clear_faults(c);
    return fail(c, ERR_KEY_DAMAGED, "key", path);
}

/* Of which file and node what lies at path is, when it isn't what belongs there. */
static enum err swapped(struct ctx *c, const char *path, const struct key_text *t)
{
    return fail(c, ERR_KEY_SWAPPED, "key", path,
                arena_printf(c->arena, "%s, %s", t->node, t->file));
}

static enum err store_unlock(struct ctx *c, const char *path, const struct key_text *t,
                             struct bytes secret, struct keystore *s)
{
    uint8_t kek[SHA256_LEN];
    struct bytes salt, plain;
    if (!base64url_decode(c->arena, t->salt, &salt) || salt.len != KEY_SALT_LEN)
        return fail(c, ERR_KEY_DAMAGED, "key", path);
    enum err e = secret_key(c, path, t->kdf, secret, salt, kek);
    if (e)
        return e;
    bool good = seal_open(c->arena, (struct bytes){kek, SHA256_LEN}, t->head, t->sealed, &plain);
    OPENSSL_cleanse(kek, sizeof kek);
    if (!good || plain.len != SHA256_LEN)
        return fail(c, ERR_KEY_SECRET, "secret", path);
    memcpy(s->master, plain.ptr, SHA256_LEN);
    wipe(plain);
    return OK;
}

static enum err open_sealed(struct ctx *c, const struct key_place *p, const char *path,
                            struct keystore **ret)
{
    struct bytes in, secret;
    struct key_text t;
    enum err e = read_private(c, path, &in);
    if (!e)
        e = key_text_read(c, path, KEY_STORE, in, &t);
    if (!e && !text_eq(t.node, p->node))
        e = swapped(c, path, &t);
    if (!e && !p->secret)
        e = fail(c, ERR_KEY_SECRET_NONE, "secret", path);
    if (!e)
        e = secret_read(c, p->secret, &secret);
    if (e)
        return e;
    struct keystore *s = store_new(p, t.id);
    e = store_unlock(c, path, &t, secret, s);
    wipe(secret);
    if (e)
        keystore_end(s);
    else
        *ret = s;
    return e;
}

enum err keystore_open(struct ctx *c, const struct key_place *p, struct keystore **ret)
{
    const char *path = path_of(c, p->dir, KEYSTORE_FILE);
    if (sys_exists(path))
        return open_sealed(c, p, path, ret);
    *ret = store_new(p, NULL);
    return OK;
}

static enum err store_begin(struct ctx *c, const struct key_place *p, struct bytes secret,
                            struct keystore **ret)
{
    uint8_t raw[ID_LEN];
    sys_random(raw, sizeof raw);
    struct buf id = buf_new(c->arena, 64);
    buf_base64url(&id, (struct bytes){raw, sizeof raw});
    struct keystore *s = store_new(p, id.ptr);
    sys_random(s->master, SHA256_LEN);
    enum err e = store_write(c, s, secret);
    if (e)
        keystore_end(s);
    else
        *ret = s;
    return e;
}

enum err keystore_new(struct ctx *c, const struct key_place *p, struct keystore **ret)
{
    struct bytes secret;
    enum err e;
    if (p->secret) {
        if ((e = secret_read(c, p->secret, &secret)))
            return e;
        e = store_begin(c, p, secret, ret);
        wipe(secret);
        return e;
    }
    if ((e = sys_unlink(c, path_of(c, p->dir, KEYSTORE_FILE)))) /* of one half made */
        return e;
    *ret = store_new(p, NULL);
    return OK;
}

/* ---- its files ---- */

static bool is_sealed(struct bytes in)
{
    return in.len > strlen(KEY_SEALED " ") &&
           memcmp(in.ptr, KEY_SEALED " ", strlen(KEY_SEALED " ")) == 0;
}

/* In a folder that is sealed a file in clear is one that wasn't reached yet, and looks like it. */
static bool is_clear(struct bytes in)
{
    static const char pem[] = "-----BEGIN ";
    size_t hex = 0;
    while (hex < in.len && strchr("0123456789abcdef", in.ptr[hex]) && in.ptr[hex])
        hex++;
    return hex == (size_t)2 * SHA256_LEN ||
           (in.len > sizeof pem && memcmp(in.ptr, pem, sizeof pem - 1) == 0);
}

static enum err unseal(struct ctx *c, const struct keystore *s, const char *path, const char *name,
                       struct bytes in, struct bytes *ret)
{
    struct key_text t;
    enum err e = key_text_read(c, path, KEY_SEALED, in, &t);
    if (e)
        return e;
    if (!text_eq(t.node, s->node) || !text_eq(t.file, name) || !text_eq(t.store, s->id))
        return swapped(c, path, &t);
    if (!seal_open(c->arena, (struct bytes){s->master, SHA256_LEN}, t.head, t.sealed, ret))
        return fail(c, ERR_KEY_DAMAGED, "key", path);
    return OK;
}

enum err keystore_read(struct ctx *c, const struct keystore *s, const char *name, struct bytes *ret)
{
    struct bytes in;
    const char *path = path_of(c, s->dir, name);
    enum err e = read_private(c, path, &in);
    if (e)
        return e;
    if (is_sealed(in) && !s->id)
        return fail(c, ERR_KEY_MISSING, "key", path_of(c, s->dir, KEYSTORE_FILE));
    if (is_sealed(in))
        return unseal(c, s, path, name, in, ret);
    if (s->id && !is_clear(in))
        return fail(c, ERR_KEY_DAMAGED, "key", path);
    *ret = in;
    return OK;
}

enum err keystore_write(struct ctx *c, const struct keystore *s, const char *name,
                        struct bytes plain)
{
    const char *path = path_of(c, s->dir, name);
    if (!s->id)
        return sys_write_file(c, path, plain, 0600);
    const char *head =
        arena_printf(c->arena, KEY_SEALED " 1\nnode %s\nfile %s\nstore %s\n", s->node, name, s->id);
    struct bytes text = text_of(c, head, (struct bytes){s->master, SHA256_LEN}, plain);
    return sys_write_file(c, path, text, 0600);
}

enum err keystore_key(struct ctx *c, const struct keystore *s, const char *name, struct key **ret)
{
    struct bytes pem;
    enum err e = keystore_read(c, s, name, &pem);
    if (e)
        return e;
    e = own_key_read(c, path_of(c, s->dir, name), pem, ret);
    wipe(pem);
    return e;
}

enum err keystore_save(struct ctx *c, const struct keystore *s, const char *name,
                       const struct key *k)
{
    char *pem = key_pem(c->arena, k);
    enum err e = keystore_write(c, s, name, bytes_of(pem));
    OPENSSL_cleanse(pem, strlen(pem));
    return e;
}

/* ---- how it is guarded ---- */

static enum err count(struct ctx *c, const char *dir, size_t *ret_sealed, size_t *ret_clear)
{
    *ret_sealed = *ret_clear = 0;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct bytes in;
        const char *path = path_of(c, dir, files[i]);
        enum err e = sys_exists(path) ? sys_read_file(c, path, KEY_FILE_MAX, &in) : ERR_NOT_FOUND;
        if (e == ERR_NOT_FOUND)
            continue;
        if (e)
            return e;
        ++*(is_sealed(in) ? ret_sealed : ret_clear);
        wipe(in);
    }
    return OK;
}

enum err keystore_guard(struct ctx *c, const char *dir, enum key_guard *ret)
{
    struct bytes in;
    struct key_text t;
    size_t sealed, clear;
    const char *path = path_of(c, dir, KEYSTORE_FILE);
    enum err e = count(c, dir, &sealed, &clear);
    if (e)
        return e;
    *ret = clear && sealed ? KEYS_PARTLY : KEYS_CLEAR;
    if (!sys_exists(path) || clear)
        return OK;
    e = read_private(c, path, &in);
    if (!e)
        e = key_text_read(c, path, KEY_STORE, in, &t);
    if (!e)
        *ret = text_eq(t.kdf, KDF_SECRET) ? KEYS_SECRET : KEYS_PASSPHRASE;
    return e;
}

static enum err seal_rest(struct ctx *c, const struct keystore *s)
{
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct bytes in;
        const char *path = path_of(c, s->dir, files[i]);
        enum err e = sys_exists(path) ? sys_read_file(c, path, KEY_FILE_MAX, &in) : ERR_NOT_FOUND;
        if (e == ERR_NOT_FOUND)
            continue;
        bool clear = !e && !is_sealed(in);
        if (!e && (e = keystore_read(c, s, files[i], &in)) == OK && clear)
            e = keystore_write(c, s, files[i], in);
        if (e)
            return e;
        wipe(in);
    }
    return OK;
}

enum err keystore_protect(struct ctx *c, const struct key_place *p, const char *new_secret)
{
    struct keystore *s = NULL;
    struct bytes secret;
    enum err e = keystore_open(c, p, &s);
    if (e)
        return e;
    if (!(e = secret_read(c, new_secret, &secret))) {
        if (s->id) {
            e = store_write(c, s, secret);
        } else {
            keystore_end(s);
            s = NULL;
            e = store_begin(c, p, secret, &s);
        }
        wipe(secret);
    }
    if (!e)
        e = seal_rest(c, s);
    keystore_end(s);
    return e;
}
