/* SPDX-License-Identifier: Apache-2.0 */
/* The records of one action, page after page: a trail may be longer than any arena. */
#include <inttypes.h>

#include "core/audit.h"

#define PAGE_ROWS 200

struct mention {
    int64_t seq;
    const char *object, *detail;
};
struct page {
    struct mention rows[PAGE_ROWS];
    size_t n;
};

static enum err read_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct page *p = arg;
    p->rows[p->n++] = (struct mention){row_int(r, 0), row_text(r, 1), row_text(r, 2)};
    return OK;
}

static enum err one_page(struct ctx *c, const char *action, int64_t after, struct page *p)
{
    p->n = 0;
    return db_each(c, read_row, p,
                   "SELECT seq, object, detail FROM core_audit WHERE action = $1 AND seq > $2"
                   " ORDER BY seq LIMIT $3",
                   P_TEXT(action), P_INT(after), P_INT(PAGE_ROWS));
}

enum err audit_each(struct ctx *c, const char *action, audit_fn fn, void *arg)
{
    struct arena *outer = c->arena;
    struct page *p = ARENA_NEW(outer, struct page);
    int64_t seq = 0;
    enum err e = OK;
    p->n = PAGE_ROWS;
    while (!e && p->n == PAGE_ROWS) {
        c->arena = arena_new(0);
        e = one_page(c, action, seq, p);
        for (size_t i = 0; i < p->n && !e; i++) {
            seq = p->rows[i].seq;
            e = fn(c, p->rows[i].object, p->rows[i].detail, arg);
        }
        if (e)
            ctx_clear_faults(c); /* their words end with the arena */
        arena_end(c->arena);
        c->arena = outer;
    }
    return e ? fail(c, e, "core_audit", arena_printf(outer, "%" PRId64, seq)) : OK;
}
