/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing text or byte buffer in an arena, with a cap. Past the cap it keeps what it has, drops
 * the piece and all later ones, and remembers: check buf_full() once at the end, not after each
 * call.
 */
#ifndef DINH_BASE_BUF_H
#define DINH_BASE_BUF_H

#include "base/arena.h"

struct buf {
    struct arena *arena;
    char *ptr; /* always NUL-terminated */
    size_t len, cap, max;
    bool full;
};

struct buf buf_new(struct arena *a, size_t max_bytes);
void buf_add(struct buf *b, const void *ptr, size_t len);
void buf_text(struct buf *b, const char *text); /* NULL adds nothing */
void buf_char(struct buf *b, char ch);
void buf_int(struct buf *b, int64_t value);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_html(struct buf *b, const char *text); /* escapes & < > " ' */
void buf_json(struct buf *b, const char *text); /* a quoted JSON string (RFC 8259); NULL: null */
void buf_url(struct buf *b, const char *text);  /* percent-encodes all but RFC 3986 unreserved */
void buf_hex(struct buf *b, struct bytes in);
void buf_base64url(struct buf *b, struct bytes in); /* RFC 4648 section 5, no padding */
bool buf_full(const struct buf *b);
struct bytes buf_bytes(const struct buf *b);

#endif
