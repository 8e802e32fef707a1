/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merkle trees of RFC 9162 section 2.1 over SHA-256: a leaf is hashed after a byte 0, a node after
 * a byte 1; n leaves split at the largest power of two below n. Two proofs: a leaf is in a tree
 * (inclusion), and a tree goes on from a smaller one (consistency).
 */
#ifndef DINH_CRYPTO_MERKLE_H
#define DINH_CRYPTO_MERKLE_H

#include "crypto/hash.h"

#define MERKLE_PATH_MAX 65 /* hashes in a proof at most */

struct sha256 merkle_leaf(struct bytes in);
struct sha256 merkle_node(struct sha256 left, struct sha256 right);
struct sha256 merkle_root(const struct sha256 *leaves, size_t n); /* n = 0: hash of nothing */
uint64_t merkle_split(uint64_t n); /* the largest power of two below n; n > 1 */
/* The path of leaf i; ret gets at most 64 hashes. */
size_t merkle_path(const struct sha256 *leaves, size_t n, size_t i, struct sha256 ret[64]);
/* Section 2.1.3.2: is leaf the i-th (from 0) of the n under root? */
bool merkle_check(struct sha256 leaf, uint64_t i, uint64_t n, const struct sha256 *path,
                  size_t n_path, struct sha256 root);
/* Section 2.1.4.2: are the first m leaves of the tree of n those of the tree of m? 0 < m <= n; with
   m = n the path is empty and the roots are equal. */
bool merkle_continues(uint64_t m, struct sha256 root_m, uint64_t n, struct sha256 root_n,
                      const struct sha256 *path, size_t n_path);

/* A tree that grows leaf by leaf, in memory that does not: one hash for each set bit of n. */
struct merkle_tree {
    struct sha256 full[64];
    uint64_t n;
};
void merkle_add(struct merkle_tree *t, struct sha256 leaf);
struct sha256 merkle_tree_root(const struct merkle_tree *t);

#endif
