/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/merkle.h"

#include <string.h>

struct sha256 merkle_node(struct sha256 left, struct sha256 right)
{
    uint8_t in[1 + 2 * SHA256_LEN];
    in[0] = 1;
    memcpy(in + 1, left.b, SHA256_LEN);
    memcpy(in + 1 + SHA256_LEN, right.b, SHA256_LEN);
    return sha256((struct bytes){in, sizeof(in)});
}

struct sha256 merkle_leaf(struct bytes in)
{
    static const uint8_t zero = 0;
    return sha256_two((struct bytes){&zero, 1}, in);
}

static bool same(struct sha256 a, struct sha256 b)
{
    return memcmp(a.b, b.b, SHA256_LEN) == 0;
}

/* Full subtrees wait, one a set bit of the count, the largest first. */
void merkle_add(struct merkle_tree *t, struct sha256 leaf)
{
    size_t depth = (size_t)__builtin_popcountll(t->n);
    for (uint64_t count = t->n++; count & 1; count >>= 1)
        leaf = merkle_node(t->full[--depth], leaf);
    t->full[depth] = leaf;
}

/* They join from the right: the same tree as splitting at the largest power of two. */
struct sha256 merkle_tree_root(const struct merkle_tree *t)
{
    size_t depth = (size_t)__builtin_popcountll(t->n);
    if (depth == 0)
        return sha256((struct bytes){0});
    struct sha256 root = t->full[--depth];
    while (depth > 0)
        root = merkle_node(t->full[--depth], root);
    return root;
}

struct sha256 merkle_root(const struct sha256 *leaves, size_t n)
{
    struct merkle_tree t;
    t.n = 0;
    for (size_t i = 0; i < n; i++)
        merkle_add(&t, leaves[i]);
    return merkle_tree_root(&t);
}

uint64_t merkle_split(uint64_t n)
{
    ASSERT(n > 1);
    return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* From the root down, written backwards: the path begins beside the leaf. */
size_t merkle_path(const struct sha256 *leaves, size_t n, size_t i, struct sha256 ret[64])
{
    struct sha256 down[64];
    size_t depth = 0;
    ASSERT(i < n);
    while (n > 1) {
        size_t k = merkle_split(n);
        if (i < k) {
            down[depth++] = merkle_root(leaves + k, n - k);
            n = k;
        } else {
            down[depth++] = merkle_root(leaves, k);
            leaves += k;
            i -= k;
            n -= k;
        }
    }
    for (size_t j = 0; j < depth; j++)
        ret[j] = down[depth - 1 - j];
    return depth;
}

bool merkle_check(struct sha256 leaf, uint64_t i, uint64_t n, const struct sha256 *path,
                  size_t n_path, struct sha256 root)
{
    if (i >= n || n_path > 64)
        return false;
    uint64_t fn = i, sn = n - 1;
    struct sha256 r = leaf;
    for (size_t j = 0; j < n_path; j++) {
        if (sn == 0)
            return false;
        if ((fn & 1) || fn == sn) {
            r = merkle_node(path[j], r);
            for (; fn != 0 && !(fn & 1); fn >>= 1)
                sn >>= 1;
        } else {
            r = merkle_node(r, path[j]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && same(r, root);
}

/* Both roots grow from what they share: the old one's last full subtree, which is the path's first
   hash, or the old root itself when that tree is full. */
struct growing {
    uint64_t fn, sn;
    struct sha256 old, new;
};

static bool step(struct growing *g, struct sha256 next)
{
    if (g->sn == 0)
        return false;
    if ((g->fn & 1) || g->fn == g->sn) {
        g->old = merkle_node(next, g->old);
        g->new = merkle_node(next, g->new);
        for (; g->fn != 0 && !(g->fn & 1); g->fn >>= 1)
            g->sn >>= 1;
    } else {
        g->new = merkle_node(g->new, next);
    }
    g->fn >>= 1;
    g->sn >>= 1;
    return true;
}

bool merkle_continues(uint64_t m, struct sha256 root_m, uint64_t n, struct sha256 root_n,
                      const struct sha256 *path, size_t n_path)
{
    if (m == 0 || m > n)
        return false;
    if (m == n)
        return n_path == 0 && same(root_m, root_n);
    bool full = (m & (m - 1)) == 0;
    if (n_path > MERKLE_PATH_MAX || n_path + full < 1)
        return false;
    struct growing g = {.fn = m - 1, .sn = n - 1, .old = full ? root_m : path[0]};
    g.new = g.old;
    for (; g.fn & 1; g.fn >>= 1)
        g.sn >>= 1;
    bool good = true;
    for (size_t i = !full; i < n_path && good; i++)
        good = step(&g, path[i]);
    return good && g.sn == 0 && same(g.old, root_m) && same(g.new, root_n);
}
