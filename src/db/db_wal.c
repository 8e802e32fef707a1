/* SPDX-License-Identifier: Apache-2.0 */
/* The log of a database that was left in a hurry. SQLite takes it up to the first frame whose sum
   is wrong and drops the rest, rightly so when the power went while that was written. But what was
   synced is acknowledged: a bad frame with another transaction behind its own wasn't torn, it was
   damaged, and acknowledged acts would vanish without a word. Format: sqlite.org/fileformat2.html,
   4.1-4.3. The last transaction of a log can't be told from a torn one. */
#include <string.h>

#include "base/sys.h"
#include "db/db_sqlite.h"

enum { HEAD = 32, FRAME_HEAD = 24, PAGE = 4096, FRAME = FRAME_HEAD + PAGE, AT_ONCE = 32 };

struct walk {
    uint32_t salt[2], sum[2];
    bool big_endian;   /* the words that are summed */
    int64_t n, bad;    /* frames seen; the first bad one, or -1 */
    bool after_commit; /* the frame before ended a transaction; of these pages: */
    uint32_t page, page_sum[2];
    bool damaged;
};

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t word(const struct walk *w, const uint8_t *p)
{
    uint32_t big = be32(p);
    return w->big_endian ? big : __builtin_bswap32(big);
}

static void add(const struct walk *w, uint32_t sum[2], const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i += 8) {
        sum[0] += word(w, p + i) + sum[1];
        sum[1] += word(w, p + i + 4) + sum[0];
    }
}

/* Whether each frame follows the one before it, whatever that one is worth. Where a sector may be
   spoilt by a write into it, SQLite fills up the last one of a transaction with its last frame once
   more: that copy ends no transaction of its own, and may be torn with what comes behind it. */
static void step(struct walk *w, const uint8_t *f)
{
    uint32_t sum[2] = {w->sum[0], w->sum[1]}, page_sum[2] = {0, 0};
    bool ours = be32(f + 8) == w->salt[0] && be32(f + 12) == w->salt[1];
    add(w, sum, f, 8);
    add(w, sum, f + FRAME_HEAD, PAGE);
    w->sum[0] = be32(f + 16);
    w->sum[1] = be32(f + 20);
    bool follows = ours && sum[0] == w->sum[0] && sum[1] == w->sum[1];
    bool again = ours && w->after_commit && be32(f + 4) != 0 && be32(f) == w->page;
    add(w, page_sum, f + FRAME_HEAD, PAGE);
    bool copy = again && memcmp(page_sum, w->page_sum, sizeof page_sum) == 0;
    if (!follows && w->bad < 0)
        w->bad = w->n;
    if (follows && w->bad >= 0 && w->after_commit && !copy)
        w->damaged = true;
    w->after_commit = ours && be32(f + 4) != 0 && (follows || !again);
    w->page = be32(f);
    memcpy(w->page_sum, page_sum, sizeof page_sum);
    w->n++;
}

/* False: no log of ours to walk. A header whose sum is wrong though its frames are of its time was
   synced before them. */
static bool begin(struct walk *w, const uint8_t *head, const uint8_t *first)
{
    uint32_t sum[2] = {0, 0};
    *w = (struct walk){.salt = {be32(head + 16), be32(head + 20)}, .bad = -1};
    w->big_endian = be32(head) & 1;
    add(w, sum, head, HEAD - 8);
    if (sum[0] == be32(head + 24) && sum[1] == be32(head + 28)) {
        memcpy(w->sum, sum, sizeof sum);
        return be32(head + 8) == PAGE;
    }
    w->damaged = w->salt[0] == be32(first + 8) || w->salt[1] == be32(first + 12);
    return false;
}

static enum err walk_part(struct ctx *c, const char *path, struct walk *w, bool *ret_more)
{
    struct bytes in;
    int64_t at = HEAD + w->n * FRAME;
    enum err e = sys_read_part(c, path, at, (size_t)AT_ONCE * FRAME, &in);
    for (size_t i = 0; !e && i + FRAME <= in.len; i += FRAME)
        step(w, in.ptr + i);
    *ret_more = !e && !w->damaged && in.len == (size_t)AT_ONCE * FRAME;
    return e;
}

static enum err walk(struct ctx *c, const char *path, struct walk *w)
{
    struct bytes in;
    struct arena *outer = c->arena;
    enum err e = sys_read_part(c, path, 0, HEAD + FRAME_HEAD, &in);
    *w = (struct walk){.bad = -1};
    bool more = !e && in.len == HEAD + FRAME_HEAD && begin(w, in.ptr, in.ptr + HEAD);
    while (more) {
        c->arena = arena_new(0);
        e = walk_part(c, path, w, &more);
        arena_end(c->arena);
        c->arena = outer;
    }
    if (e)
        ctx_clear_faults(c); /* they lay in the memory of the part */
    return e ? fail(c, e, path, "read") : OK;
}

/* Twice, since another process may be writing to it: what it was at meanwhile is whole then. */
enum err lite_wal_check(struct ctx *c, const char *database)
{
    struct walk w, again;
    const char *path = arena_printf(c->arena, "%s-wal", database);
    if (!sys_exists(path))
        return OK;
    enum err e = walk(c, path, &w);
    if (e || !w.damaged)
        return e;
    e = walk(c, path, &again);
    if (e || !again.damaged || again.bad != w.bad)
        return e;
    int64_t at = w.bad < 0 ? 0 : HEAD + w.bad * FRAME;
    return fail(c, ERR_DB_CORRUPT, "database", path,
                arena_printf(c->arena, "byte %lld: acknowledged acts that lie behind can't be read",
                             (long long)at));
}
