/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/keytree.h"

#include <string.h>

#include "base/sys.h"
#include "crypto/evp.h"

#define MAGIC      "DKT1"
#define MAGIC_LEN  4
#define NODE_BYTES (1 + 8 + SHA256_LEN)
#define NAME       "dinh-keytree"
#define CHILDREN   16

static int64_t width(int level)
{
    return INT64_C(1) << (4 * (KEYTREE_LEVELS - level));
}

static struct sha256 child_seed(const struct sha256 *seed, int level, int child)
{
    uint8_t head[sizeof NAME + 1];
    memcpy(head, NAME, sizeof NAME - 1);
    head[sizeof NAME - 1] = (uint8_t)level;
    head[sizeof NAME] = (uint8_t)child;
    return sha256_two((struct bytes){head, sizeof head}, (struct bytes){seed->b, SHA256_LEN});
}

struct keytree keytree_new(struct arena *a)
{
    struct keytree t = {ARENA_NEW(a, struct keytree_node), 1};
    sys_random(t.nodes[0].seed.b, SHA256_LEN);
    return t;
}

/* The node that the number lies under; NULL when it is out. */
static const struct keytree_node *above(const struct keytree *t, int64_t number)
{
    size_t from = 0, until = t->n;
    while (from < until) {
        size_t mid = from + (until - from) / 2;
        const struct keytree_node *x = &t->nodes[mid];
        if (number < x->start)
            until = mid;
        else if (number - x->start >= width(x->level))
            from = mid + 1;
        else
            return x;
    }
    return NULL;
}

bool keytree_holds(const struct keytree *t, int64_t number)
{
    return above(t, number) != NULL;
}

bool keytree_key(const struct keytree *t, int64_t number, struct sha256 *ret_key)
{
    const struct keytree_node *x = above(t, number);
    if (!x)
        return false;
    struct sha256 seed = x->seed;
    for (int level = x->level + 1; level <= KEYTREE_LEVELS; level++)
        seed = child_seed(&seed, level, (int)(number / width(level) % CHILDREN));
    *ret_key = seed;
    OPENSSL_cleanse(&seed, sizeof seed);
    return true;
}

/* ---- taking out ---- */

struct cut {
    struct arena *a;
    struct keytree out;
    size_t room;
    const int64_t *numbers;
};

static void keep(struct cut *k, const struct keytree_node *x)
{
    if (k->out.n == k->room) {
        size_t room = 2 * k->room + 64;
        struct keytree_node *more = ARENA_ARRAY(k->a, room, struct keytree_node);
        if (k->out.n) {
            memcpy(more, k->out.nodes, k->out.n * sizeof *more);
            OPENSSL_cleanse(k->out.nodes, k->out.n * sizeof *more);
        }
        k->out.nodes = more;
        k->room = room;
    }
    k->out.nodes[k->out.n++] = *x;
}

/* What is left of x without numbers[from ..], all of which lie under it up to *end. */
static size_t cut_node(struct cut *k, const struct keytree_node *x, size_t from, size_t until)
{
    int64_t last = x->start + width(x->level) - 1;
    if (from == until || k->numbers[from] > last) {
        keep(k, x);
        return from;
    }
    for (int i = 0; i < CHILDREN && x->level < KEYTREE_LEVELS; i++) {
        struct keytree_node child = {.start = x->start + i * width(x->level + 1),
                                     .level = x->level + 1,
                                     .seed = child_seed(&x->seed, x->level + 1, i)};
        from = cut_node(k, &child, from, until);
        OPENSSL_cleanse(&child, sizeof child);
    }
    while (from < until && k->numbers[from] <= last)
        from++;
    return from;
}

struct keytree keytree_without(struct arena *a, const struct keytree *t, const int64_t *numbers,
                               size_t n)
{
    struct cut k = {.a = a, .numbers = numbers};
    size_t at = 0;
    for (size_t i = 0; i < t->n; i++) {
        while (at < n && numbers[at] < t->nodes[i].start)
            at++; /* out already */
        at = cut_node(&k, &t->nodes[i], at, n);
    }
    return k.out;
}

bool keytree_gap(const struct keytree *t, int64_t from, int64_t *ret_from, int64_t *ret_last)
{
    const struct keytree_node *x;
    while (from <= KEYTREE_MAX && (x = above(t, from)) != NULL)
        from = x->start + width(x->level);
    if (from > KEYTREE_MAX)
        return false;
    *ret_from = from;
    *ret_last = KEYTREE_MAX;
    for (size_t i = 0; i < t->n; i++)
        if (t->nodes[i].start > from) {
            *ret_last = t->nodes[i].start - 1;
            break;
        }
    return true;
}

/* ---- as bytes ---- */

struct bytes keytree_bytes(struct arena *a, const struct keytree *t)
{
    size_t len = MAGIC_LEN + t->n * NODE_BYTES;
    uint8_t *out = arena_alloc(a, len), *p = out + MAGIC_LEN;
    memcpy(out, MAGIC, MAGIC_LEN);
    for (size_t i = 0; i < t->n; i++) {
        *p++ = (uint8_t)t->nodes[i].level;
        for (int shift = 56; shift >= 0; shift -= 8)
            *p++ = (uint8_t)((uint64_t)t->nodes[i].start >> shift);
        memcpy(p, t->nodes[i].seed.b, SHA256_LEN);
        p += SHA256_LEN;
    }
    return (struct bytes){out, len};
}

static bool read_node(const uint8_t *p, int64_t behind, struct keytree_node *x)
{
    uint64_t start = 0;
    for (int i = 1; i <= 8; i++)
        start = start << 8 | p[i];
    x->level = p[0];
    x->start = (int64_t)start;
    memcpy(x->seed.b, p + 9, SHA256_LEN);
    return x->level <= KEYTREE_LEVELS && start <= KEYTREE_MAX && x->start >= behind &&
           x->start % width(x->level) == 0;
}

bool keytree_read(struct arena *a, struct bytes in, struct keytree *ret)
{
    if (in.len < MAGIC_LEN || memcmp(in.ptr, MAGIC, MAGIC_LEN) != 0 ||
        (in.len - MAGIC_LEN) % NODE_BYTES != 0)
        return false;
    struct keytree t = {NULL, (in.len - MAGIC_LEN) / NODE_BYTES};
    int64_t behind = 0;
    t.nodes = ARENA_ARRAY(a, t.n + 1, struct keytree_node);
    for (size_t i = 0; i < t.n; i++) {
        if (!read_node(in.ptr + MAGIC_LEN + i * NODE_BYTES, behind, &t.nodes[i]))
            return false;
        behind = t.nodes[i].start + width(t.nodes[i].level);
    }
    *ret = t;
    return true;
}
