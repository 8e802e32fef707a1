/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict reader behind the lenient engine: what RFC 9112 lets a server refuse and request
 * smuggling needs is refused before a handler runs. The engine hands out pointers into the block
 * of bytes it received (line ends and separators overwritten with NUL); block_exact() proves that
 * those pieces and nothing else made up the block: so a bare CR or LF, a NUL, a folded line or a
 * blank in the wrong place shows although the engine forgave it.
 */
#ifndef DINH_NET_GUARD_H
#define DINH_NET_GUARD_H

#include "net/http.h"

enum { GUARD_MAX_HEAD_BYTES = 16 * 1024, GUARD_MAX_TARGET_BYTES = 8 * 1024 };
/* What the engine may hold of a connection: a head of 16 KiB, its notes on fields and parameters,
   the head of the answer. It wipes all of it for each request, so it isn't larger. */
enum { CONNECTION_BYTES = 20 * 1024, NOTE_BYTES = 64, ANSWER_HEAD_BYTES = 3 * 1024 };

struct head_field { /* as the engine found it, lengths in bytes */
    const char *name, *value;
    size_t name_len, value_len;
};
struct head {
    const char *method, *target, *version; /* target raw: path and query, or absolute form */
    size_t target_len;
    const struct head_field *fields;
    size_t n_fields;
};
struct head_meaning {
    const char *path; /* within target: absolute form is stripped to its path */
    size_t path_len;  /* up to '?' or the end */
    bool chunked;
    bool has_length;
    uint64_t content_length; /* 0 when absent */
    const char *why;         /* a fixed word for the log when refused */
};

/* Did block[0..len) hold exactly: method SP target SP version CRLF (name ":" OWS value CRLF)* CRLF?
   method, target and version point into it as the engine left it; trailing OWS is part of value. */
UNTRUSTED bool block_exact(const char *block, size_t len, const struct head *h);

/* OK, or ERR_HTTP_FRAMING, ERR_HTTP_METHOD, ERR_URI_TOO_LONG; ret_meaning->why is set then. */
UNTRUSTED MUST_CHECK enum err head_check(const struct head *h, struct head_meaning *ret_meaning);

#endif
