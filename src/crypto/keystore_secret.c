/* SPDX-License-Identifier: Apache-2.0 */
/* The secret from outside of the data folder, and what it opens the keystore with. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/keystore_inside.h"

#define SECRET_MAX       4096
#define SECRET_HEAD      "dinh-secret-1:"
#define SECRET_BYTES     32
#define FD               "fd:"
#define ARGON_KIB        65536
#define ARGON_PASSES     3
#define ARGON_KIB_MAX    1048576
#define ARGON_PASSES_MAX 16

/* A file is read from its start, whoever read it before; a pipe once. */
static ssize_t read_fd(int fd, uint8_t *to, size_t max)
{
    size_t len = 0;
    ssize_t n = 1;
    bool file = lseek(fd, 0, SEEK_CUR) >= 0;
    while (len < max && n > 0) {
        n = file ? pread(fd, to + len, max - len, (off_t)len) : read(fd, to + len, max - len);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            len += (size_t)n;
    }
    return n < 0 ? n : (ssize_t)len;
}

static bool read_descriptor(struct ctx *c, const char *from, struct bytes *ret)
{
    int64_t fd;
    if (!text_to_int(from + strlen(FD), &fd) || fd < 0 || fd > 1023)
        return false;
    uint8_t *text = arena_alloc(c->arena, SECRET_MAX + 1);
    ssize_t n = read_fd((int)fd, text, SECRET_MAX);
    *ret = (struct bytes){text, n < 0 ? 0 : (size_t)n};
    return n >= 0;
}

/* systemd hands credentials over with an access list, which shows as rights of the group. */
static bool is_credential(const char *path)
{
    const char *dir = getenv("CREDENTIALS_DIRECTORY");
    size_t n = dir ? strlen(dir) : 0;
    return n && strncmp(path, dir, n) == 0 && path[n] == '/';
}

static bool read_whole(struct ctx *c, const char *from, struct bytes *ret)
{
    if (text_starts(from, FD))
        return read_descriptor(c, from, ret);
    if (!is_credential(from) && !sys_is_private(from))
        return false;
    size_t before = c->n_faults;
    enum err e = sys_read_file(c, from, SECRET_MAX, ret);
    c->n_faults = before;
    return e == OK;
}

static bool is_machine(struct bytes secret)
{
    return secret.len > strlen(SECRET_HEAD) &&
           memcmp(secret.ptr, SECRET_HEAD, strlen(SECRET_HEAD)) == 0;
}

static bool machine_bytes(struct ctx *c, struct bytes secret, struct bytes *ret)
{
    char *text = arena_text_n(c->arena, (const char *)secret.ptr, secret.len);
    bool good =
        base64url_decode(c->arena, text + strlen(SECRET_HEAD), ret) && ret->len == SECRET_BYTES;
    OPENSSL_cleanse(text, secret.len);
    return good;
}

enum err secret_read(struct ctx *c, const char *from, struct bytes *ret)
{
    struct bytes in = {NULL, 0}, raw;
    bool good = read_whole(c, from, &in);
    while (good && in.len && (in.ptr[in.len - 1] == '\n' || in.ptr[in.len - 1] == '\r'))
        in.len--;
    good = good && in.len && !memchr(in.ptr, '\n', in.len) && text_is_utf8(in);
    if (good && is_machine(in)) {
        good = machine_bytes(c, in, &raw);
        if (good)
            OPENSSL_cleanse((void *)(uintptr_t)raw.ptr, raw.len);
    } else if (good) {
        good = text_chars(arena_text_n(c->arena, (const char *)in.ptr, in.len)) >=
               KEYSTORE_PASSPHRASE_MIN;
    }
    if (!good)
        return fail(c, ERR_KEY_SECRET_FILE, "secret", from);
    *ret = in;
    return OK;
}

enum err key_secret_check(struct ctx *c, const char *from)
{
    struct bytes secret;
    enum err e = secret_read(c, from, &secret);
    if (!e)
        OPENSSL_cleanse((void *)(uintptr_t)secret.ptr, secret.len);
    return e;
}

const char *secret_kdf(struct ctx *c, struct bytes secret)
{
    if (is_machine(secret))
        return KDF_SECRET;
    return arena_printf(c->arena, KDF_ARGON2ID " %d %d", ARGON_KIB, ARGON_PASSES);
}

static bool costs(struct ctx *c, const char *kdf, int64_t *ret_kib, int64_t *ret_passes)
{
    size_t n;
    const char **word = text_split(c->arena, kdf, ' ', &n);
    return n == 3 && text_eq(word[0], KDF_ARGON2ID) && text_to_int(word[1], ret_kib) &&
           text_to_int(word[2], ret_passes) && *ret_kib >= 8 && *ret_kib <= ARGON_KIB_MAX &&
           *ret_passes >= 1 && *ret_passes <= ARGON_PASSES_MAX;
}

static enum err of_passphrase(struct ctx *c, const char *store, const char *kdf,
                              struct bytes secret, struct bytes salt, uint8_t ret[SHA256_LEN])
{
    int64_t kib, passes;
    if (!costs(c, kdf, &kib, &passes))
        return fail(c, ERR_KEY_DAMAGED, "key", store);
    return password_key_at(c, secret, salt, (uint32_t)kib, (uint32_t)passes, ret);
}

enum err secret_key(struct ctx *c, const char *store, const char *kdf, struct bytes secret,
                    struct bytes salt, uint8_t ret[SHA256_LEN])
{
    struct bytes raw;
    if (is_machine(secret) != text_eq(kdf, KDF_SECRET))
        return fail(c, ERR_KEY_SECRET, "secret", store);
    if (!is_machine(secret))
        return of_passphrase(c, store, kdf, secret, salt, ret);
    if (!machine_bytes(c, secret, &raw))
        return fail(c, ERR_KEY_SECRET, "secret", store);
    evp_hkdf(raw, salt, bytes_of(KEY_STORE), ret, SHA256_LEN);
    OPENSSL_cleanse((void *)(uintptr_t)raw.ptr, raw.len);
    return OK;
}

enum err key_secret_make(struct ctx *c, const char *path)
{
    uint8_t raw[SECRET_BYTES];
    if (sys_exists(path))
        return fail(c, ERR_NOT_EMPTY, path);
    sys_random(raw, sizeof raw);
    struct buf b = buf_new(c->arena, 128);
    buf_text(&b, SECRET_HEAD);
    buf_base64url(&b, (struct bytes){raw, sizeof raw});
    buf_char(&b, '\n');
    enum err e = sys_write_file(c, path, buf_bytes(&b), 0600);
    OPENSSL_cleanse(raw, sizeof raw);
    OPENSSL_cleanse(b.ptr, b.len);
    return e;
}
