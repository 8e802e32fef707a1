/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys by number out of one seed, any of which can be destroyed for good: the tree of Goldreich,
 * Goldwasser and Micali (J. ACM 33(4), 1986), punctured as Green and Miers do (IEEE S&P 2015). A
 * node's 16 children are SHA-256("dinh-keytree" || level || child || seed); leaves are the keys.
 * The tree is kept as the fewest nodes from which the living leaves follow. Taking a leaf out
 * leaves the brothers along its path, and nothing from which the leaf follows: whoever has the new
 * tree, all that was ever sealed and all the time in the world hasn't got that key.
 *
 * Numbers 0 to KEYTREE_MAX. A lonely leaf taken out costs at most 150 nodes of 41 bytes; leaves
 * that stand together and go together cost next to nothing.
 */
#ifndef DINH_CRYPTO_KEYTREE_H
#define DINH_CRYPTO_KEYTREE_H

#include "crypto/hash.h"

#define KEYTREE_LEVELS 10
#define KEYTREE_MAX    ((INT64_C(1) << (4 * KEYTREE_LEVELS)) - 1)

struct keytree_node {
    int64_t start; /* its first leaf; it has 16^(KEYTREE_LEVELS - level) */
    int level;     /* 0: the root */
    struct sha256 seed;
};
struct keytree { /* secret; nodes in order, none within another */
    struct keytree_node *nodes;
    size_t n;
};
/* A whole tree from random bytes. */
struct keytree keytree_new(struct arena *a);
/* False: taken out, or no such number. */
bool keytree_key(const struct keytree *t, int64_t number, struct sha256 *ret_key);
bool keytree_holds(const struct keytree *t, int64_t number);
/* A tree without those leaves; numbers rising. What is out stays out. */
struct keytree keytree_without(struct arena *a, const struct keytree *t, const int64_t *numbers,
                               size_t n);
/* The first stretch at or behind *from whose leaves are out; false: none. */
bool keytree_gap(const struct keytree *t, int64_t from, int64_t *ret_from, int64_t *ret_last);
struct bytes keytree_bytes(struct arena *a, const struct keytree *t);
bool keytree_read(struct arena *a, struct bytes in, struct keytree *ret); /* false: no tree */

#endif
