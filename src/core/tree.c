/* SPDX-License-Identifier: Apache-2.0 */
/* Roots and proofs out of few rows: a full subtree of 256^k records is one row. */
#include "core/tree_inside.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

#define SHORT_MIN 16 /* digits of a root that a paper shows at least */

static enum err damaged(struct ctx *c, const char *table, uint64_t place)
{
    return fail(c, ERR_CHAIN, table, arena_printf(c->arena, "%" PRIu64, place));
}

struct reading {
    struct sha256 hashes[TREE_TILE];
    size_t n;
    uint64_t first;
    bool leaves, good;
};

static enum err read_hash(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct reading *x = arg;
    struct sha256 h;
    x->good &= x->n < TREE_TILE && (uint64_t)row_int(r, 0) == x->first + x->n &&
               sha256_from_hex(row_text(r, 1), &h);
    if (x->good)
        x->hashes[x->n++] = x->leaves ? merkle_leaf((struct bytes){h.b, SHA256_LEN}) : h;
    return OK;
}

/* The root over count nodes of a level, from the first; count is a power of two, 256 at most. */
static enum err row_of_nodes(struct ctx *c, int level, uint64_t first, uint64_t count,
                             struct sha256 *ret)
{
    struct reading *x = ARENA_NEW(c->arena, struct reading);
    *x = (struct reading){.leaves = level == 0, .first = first + (level == 0), .good = true};
    struct db_value from = P_INT((int64_t)x->first), until = P_INT((int64_t)(x->first + count));
    enum err e = level == 0 ? db_each(c, read_hash, x,
                                      "SELECT seq, hash FROM core_audit"
                                      " WHERE seq >= $1 AND seq < $2 ORDER BY seq",
                                      from, until)
                            : db_each(c, read_hash, x,
                                      "SELECT position, hash FROM core_tree WHERE position >= $1"
                                      " AND position < $2 AND level = $3 ORDER BY position",
                                      from, until, P_INT(level));
    if (e)
        return e;
    if (!x->good || x->n != count)
        return damaged(c, level ? "core_tree" : "core_audit", x->first + x->n);
    *ret = merkle_root(x->hashes, x->n);
    return OK;
}

/* n is a power of two and divides lo. */
static enum err full(struct ctx *c, uint64_t lo, uint64_t n, struct sha256 *ret)
{
    int level = 0;
    while (level < TREE_LEVELS - 1 && n >> (TREE_BITS * (level + 1)))
        level++;
    return row_of_nodes(c, level, lo >> (TREE_BITS * level), n >> (TREE_BITS * level), ret);
}

/* Of the leaves lo .. hi - 1; lo as the tree splits it. */
static enum err span(struct ctx *c, uint64_t lo, uint64_t hi, struct sha256 *ret)
{
    struct sha256 parts[64], h;
    size_t n = 0;
    while (lo < hi) {
        uint64_t size = hi - lo == 1 ? 1 : merkle_split(hi - lo);
        if (size << 1 == hi - lo)
            size <<= 1;
        enum err e = full(c, lo, size, &parts[n]);
        if (e)
            return e;
        n++;
        lo += size;
    }
    ASSERT(n > 0);
    h = parts[--n];
    while (n > 0)
        h = merkle_node(parts[--n], h);
    *ret = h;
    return OK;
}

/* Every subtree up to the newest head stands; what is newer may still lack its row. */
static enum err within_head(struct ctx *c, int64_t size)
{
    struct tree_head head;
    enum err e = tree_newest(c, &head);
    if (!e && (size < 1 || size > head.size))
        return damaged(c, "core_tree_head", (uint64_t)(size < 0 ? 0 : size));
    return e;
}

enum err tree_root_of(struct ctx *c, int64_t size, struct sha256 *ret_root)
{
    return span(c, 0, (uint64_t)size, ret_root);
}

enum err tree_root(struct ctx *c, int64_t size, struct sha256 *ret_root)
{
    enum err e = within_head(c, size);
    return e ? e : tree_root_of(c, size, ret_root);
}

enum err tree_subtree(struct ctx *c, int level, int64_t position, struct sha256 *ret)
{
    return row_of_nodes(c, level - 1, (uint64_t)position << TREE_BITS, TREE_TILE, ret);
}

static void backwards(struct tree_proof *p)
{
    for (size_t i = 0; i < p->n / 2; i++) {
        struct sha256 h = p->path[i];
        p->path[i] = p->path[p->n - 1 - i];
        p->path[p->n - 1 - i] = h;
    }
}

/* From the root down, turned at the end: a path begins beside the leaf. */
enum err tree_inclusion(struct ctx *c, int64_t seq, int64_t size, struct tree_proof *ret_proof)
{
    struct tree_proof p = {.n = 0};
    enum err e = within_head(c, size);
    if (!e && (seq < 1 || seq > size))
        e = damaged(c, "core_audit", (uint64_t)(seq < 0 ? 0 : seq));
    uint64_t lo = 0, hi = (uint64_t)size, at = (uint64_t)seq - 1;
    while (!e && hi - lo > 1) {
        uint64_t middle = lo + merkle_split(hi - lo);
        if (at < middle) {
            e = span(c, middle, hi, &p.path[p.n++]);
            hi = middle;
        } else {
            e = span(c, lo, middle, &p.path[p.n++]);
            lo = middle;
        }
    }
    if (e)
        return e;
    backwards(&p);
    *ret_proof = p;
    return OK;
}

/* RFC 9162 section 2.1.4.1, walked down the same way. */
enum err tree_consistency(struct ctx *c, int64_t from, int64_t size, struct tree_proof *ret_proof)
{
    struct tree_proof p = {.n = 0};
    enum err e = within_head(c, size);
    if (!e && (from < 1 || from > size))
        e = damaged(c, "core_audit", (uint64_t)(from < 0 ? 0 : from));
    uint64_t lo = 0, hi = (uint64_t)size, m = (uint64_t)from;
    while (!e && hi != m) {
        uint64_t middle = lo + merkle_split(hi - lo);
        if (m <= middle) {
            e = span(c, middle, hi, &p.path[p.n++]);
            hi = middle;
        } else {
            e = span(c, lo, middle, &p.path[p.n++]);
            lo = middle;
        }
    }
    if (!e && lo > 0)
        e = span(c, lo, hi, &p.path[p.n++]);
    if (e)
        return e;
    backwards(&p);
    *ret_proof = p;
    return OK;
}

const char *tree_proof_text(struct arena *a, const struct tree_proof *p)
{
    struct buf b = buf_new(a, MERKLE_PATH_MAX * 65 + 1);
    for (size_t i = 0; i < p->n; i++)
        buf_printf(&b, "%s%s", i ? " " : "", sha256_hex(a, p->path[i]));
    return p->n ? b.ptr : "";
}

bool tree_proof_read(struct arena *a, const char *text, struct tree_proof *ret_proof)
{
    size_t n;
    const char **words = text_split(a, text, ' ', &n);
    struct tree_proof *p = ARENA_NEW(a, struct tree_proof);
    bool good = n <= MERKLE_PATH_MAX;
    for (; good && p->n < n; p->n++)
        good = sha256_from_hex(words[p->n], &p->path[p->n]);
    if (good)
        *ret_proof = *p;
    return good;
}

bool tree_short_read(struct arena *a, const char *text, int64_t *ret_size, const char **ret_root)
{
    size_t n;
    int64_t size;
    const char **words = text_split(a, text, ' ', &n);
    if (n != 2 || !text_to_int(words[0], &size) || size < 1)
        return false;
    size_t digits = strlen(words[1]);
    if (digits < SHORT_MIN || digits > 2 * SHA256_LEN ||
        strspn(words[1], "0123456789abcdef") != digits)
        return false;
    *ret_size = size;
    *ret_root = words[1];
    return true;
}
