/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CBOR (RFC 8949) as authenticators write it: definite lengths, no tags, no floats; all else is
 * refused. Taken item by item from bytes that stay the caller's, by libcbor's stateless decoder:
 * nothing is allocated, so no length that is told makes us take memory.
 */
#ifndef DINH_CRYPTO_CBOR_H
#define DINH_CRYPTO_CBOR_H

#include "base/base.h"

#define CBOR_ITEMS 256 /* members of a map or list, and items skipped at once */

struct cbor {
    struct bytes in; /* what is left */
};
enum cbor_kind { CBOR_NONE, CBOR_INT, CBOR_BYTES, CBOR_TEXT, CBOR_LIST, CBOR_MAP, CBOR_SIMPLE };
struct cbor_item {
    enum cbor_kind kind;
    int64_t number;     /* CBOR_INT */
    struct bytes bytes; /* CBOR_BYTES, CBOR_TEXT (whose UTF-8 nobody looked at): a part of in */
    size_t n;           /* CBOR_LIST: items that follow; CBOR_MAP: pairs */
};
/* The head of the next item; false at the end and at anything out of place. */
UNTRUSTED MUST_CHECK bool cbor_next(struct cbor *x, struct cbor_item *ret);
/* The same, and it is of that kind. */
MUST_CHECK bool cbor_take(struct cbor *x, enum cbor_kind kind, struct cbor_item *ret);
/* Over the next item with all that it holds. */
UNTRUSTED MUST_CHECK bool cbor_skip(struct cbor *x);

#endif
