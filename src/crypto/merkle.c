/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 6962 section 2.1; the check is RFC 9162 section 2.1.3.2. */
#include <string.h>

#include "crypto/evp.h"

static struct sha256 node(struct sha256 left, struct sha256 right)
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

/* Full subtrees wait on a stack, one a set bit of the count; at the end they join from the right:
   the same tree as splitting at the largest power of two. */
struct sha256 merkle_root(const struct sha256 *leaves, size_t n)
{
    struct sha256 stack[64];
    size_t depth = 0;
    if (n == 0)
        return sha256((struct bytes){0});
    for (size_t i = 0; i < n; i++) {
        stack[depth++] = leaves[i];
        for (size_t count = i + 1; (count & 1) == 0; count >>= 1, depth--)
            stack[depth - 2] = node(stack[depth - 2], stack[depth - 1]);
    }
    for (; depth > 1; depth--)
        stack[depth - 2] = node(stack[depth - 2], stack[depth - 1]);
    return stack[0];
}

/* The largest power of two below n; n > 1. */
static size_t split(size_t n)
{
    size_t k = 1;
    while (k < n - k)
        k <<= 1;
    return k;
}

/* From the root down, written backwards: the path begins beside the leaf. */
size_t merkle_path(const struct sha256 *leaves, size_t n, size_t i, struct sha256 ret[64])
{
    struct sha256 down[64];
    size_t depth = 0;
    ASSERT(i < n);
    while (n > 1) {
        size_t k = split(n);
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

bool merkle_check(struct sha256 leaf, size_t i, size_t n, const struct sha256 *path, size_t n_path,
                  struct sha256 root)
{
    if (i >= n || n_path > 64)
        return false;
    size_t fn = i, sn = n - 1;
    struct sha256 r = leaf;
    for (size_t j = 0; j < n_path; j++) {
        if (sn == 0)
            return false;
        if ((fn & 1) || fn == sn) {
            r = node(path[j], r);
            for (; fn != 0 && !(fn & 1); fn >>= 1)
                sn >>= 1;
        } else {
            r = node(r, path[j]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && memcmp(r.b, root.b, SHA256_LEN) == 0;
}
