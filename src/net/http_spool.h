/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A body that is larger than its place in memory: in a file without a name, sealed (AES-256-GCM)
 * piece by piece under a key of its own that only memory ever holds. After a power cut nobody opens
 * what is left on the disk. Inside of the HTTP server.
 */
#ifndef DINH_NET_HTTP_SPOOL_H
#define DINH_NET_HTTP_SPOOL_H

#include <gnutls/crypto.h>

#include "base/ctx.h"

struct spool {
    int fd; /* < 0: none */
    gnutls_aead_cipher_hd_t cipher;
    uint64_t pieces; /* written; a piece's number is its nonce */
    size_t piece_len;
};

/* ERR_IO, ERR_DISK_FULL, ERR_READ_ONLY, ERR_INTERNAL; ret is ended by spool_end() even then. */
MUST_CHECK enum err spool_begin(struct spool *ret, struct arena *a, const char *dir);
/* The next piece; all but the last of one length. Its bytes in memory are sealed where they lie. */
MUST_CHECK enum err spool_add(struct spool *s, uint8_t *piece, size_t len);
/* All of it, len bytes. From any thread, when nothing is added any more. ERR_IO also when it isn't
   what was added. */
MUST_CHECK enum err spool_read(const struct spool *s, uint8_t *to, size_t len);
void spool_end(struct spool *s);

#endif
