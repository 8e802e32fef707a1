/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"

enum { KEY_BYTES = 32, NONCE_BYTES = 12, TAG_BYTES = 16 };

static enum err io_error(int error)
{
    return error == ENOSPC || error == EDQUOT ? ERR_DISK_FULL
           : error == EROFS                   ? ERR_READ_ONLY
                                              : ERR_IO;
}

static enum err new_key(struct spool *s)
{
    uint8_t key[KEY_BYTES];
    gnutls_datum_t given = {key, sizeof key};
    sys_random(key, sizeof key);
    int rc = gnutls_aead_cipher_init(&s->cipher, GNUTLS_CIPHER_AES_256_GCM, &given);
    explicit_bzero(key, sizeof key);
    if (rc)
        s->cipher = NULL;
    return rc ? ERR_INTERNAL : OK;
}

/* Its name goes before its first byte comes. */
static int nameless(struct arena *a, const char *dir)
{
    uint8_t noise[12];
    char name[2 * sizeof noise + 1];
    sys_random(noise, sizeof noise);
    for (size_t i = 0; i < sizeof noise; i++)
        snprintf(name + 2 * i, 3, "%02x", noise[i]);
    const char *path = arena_printf(a, "%s/body-%s", dir ? dir : "/nonexistent", name);
    int error = sys_fault(SYS_OPEN);
    if (error) {
        errno = error;
        return -1;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0)
        unlink(path);
    return fd;
}

enum err spool_begin(struct spool *ret, struct arena *a, const char *dir)
{
    *ret = (struct spool){.fd = nameless(a, dir)};
    return ret->fd < 0 ? io_error(errno) : new_key(ret);
}

void spool_end(struct spool *s)
{
    if (s->fd >= 0)
        close(s->fd);
    if (s->cipher)
        gnutls_aead_cipher_deinit(s->cipher);
    *s = (struct spool){.fd = -1};
}

static void nonce_of(uint64_t piece, uint8_t ret_nonce[NONCE_BYTES])
{
    memset(ret_nonce, 0, NONCE_BYTES);
    memcpy(ret_nonce, &piece, sizeof piece);
}

static enum err put(int fd, const uint8_t *data, size_t len)
{
    while (len) {
        int error = sys_fault(SYS_WRITE);
        ssize_t n = error ? -1 : write(fd, data, len);
        if (n < 0 && !error && errno == EINTR)
            continue;
        if (n < 0)
            return io_error(error ? error : errno);
        data += n;
        len -= (size_t)n;
    }
    return OK;
}

enum err spool_add(struct spool *s, uint8_t *piece, size_t len)
{
    uint8_t nonce[NONCE_BYTES], tag[TAG_BYTES];
    size_t tag_len = sizeof tag;
    giovec_t all = {piece, len};
    if (s->pieces == 0)
        s->piece_len = len;
    nonce_of(s->pieces++, nonce);
    if (gnutls_aead_cipher_encryptv2(s->cipher, nonce, sizeof nonce, NULL, 0, &all, 1, tag,
                                     &tag_len) != 0)
        return ERR_INTERNAL;
    enum err e = put(s->fd, piece, len);
    return e ? e : put(s->fd, tag, sizeof tag);
}

static bool get(int fd, uint8_t *to, size_t len, off_t at)
{
    while (len) {
        int error = sys_fault(SYS_READ);
        ssize_t n = error ? -1 : pread(fd, to, len, at);
        if (n < 0 && !error && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        to += n;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

enum err spool_read(const struct spool *s, uint8_t *to, size_t len)
{
    off_t at = 0;
    for (uint64_t piece = 0; len; piece++) {
        size_t n = len < s->piece_len ? len : s->piece_len;
        uint8_t nonce[NONCE_BYTES], tag[TAG_BYTES];
        giovec_t all = {to, n};
        nonce_of(piece, nonce);
        if (piece == s->pieces || !get(s->fd, to, n, at) ||
            !get(s->fd, tag, sizeof tag, at + (off_t)n) ||
            gnutls_aead_cipher_decryptv2(s->cipher, nonce, sizeof nonce, NULL, 0, &all, 1, tag,
                                         sizeof tag) != 0)
            return ERR_IO;
        to += n;
        len -= n;
        at += (off_t)(n + sizeof tag);
    }
    return OK;
}
