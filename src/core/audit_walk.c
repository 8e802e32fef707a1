/* SPDX-License-Identifier: Apache-2.0 */
/* The trail page after page, and the records of one action so. */
#include <inttypes.h>

#include "core/audit_inside.h"

#define PAGE_ROWS 200

static void keep_faults(struct ctx *c, struct arena *a)
{
    for (size_t i = 0; i < c->n_faults; i++) {
        c->faults[i].field = arena_text(a, c->faults[i].field);
        for (size_t k = 0; k < ARRAY_LEN(c->faults[i].args); k++)
            c->faults[i].args[k] = arena_text(a, c->faults[i].args[k]);
    }
}

enum err audit_pages(struct ctx *c, audit_page_fn page, void *arg)
{
    struct arena *outer = c->arena;
    bool more = true;
    enum err e = OK;
    while (!e && more) {
        c->arena = arena_new(0);
        e = page(c, arg, &more);
        if (e)
            keep_faults(c, outer);
        arena_end(c->arena);
        c->arena = outer;
    }
    return e;
}

/* ---- the records of one action ---- */

struct mention {
    int64_t seq;
    const char *object, *detail;
};
struct walk {
    struct mention rows[PAGE_ROWS];
    size_t n;
    const char *action;
    int64_t after;
    audit_fn fn;
    void *arg;
};

static enum err read_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct walk *w = arg;
    w->rows[w->n++] = (struct mention){row_int(r, 0), row_text(r, 1), row_text(r, 2)};
    return OK;
}

static enum err one_page(struct ctx *c, void *arg, bool *ret_more)
{
    struct walk *w = arg;
    w->n = 0;
    enum err e = db_each(c, read_row, w,
                         "SELECT seq, object, detail FROM core_audit WHERE action = $1 AND seq > $2"
                         " ORDER BY seq LIMIT $3",
                         P_TEXT(w->action), P_INT(w->after), P_INT(PAGE_ROWS));
    for (size_t i = 0; i < w->n && !e; i++) {
        w->after = w->rows[i].seq;
        e = w->fn(c, w->rows[i].object, w->rows[i].detail, w->arg);
    }
    *ret_more = w->n == PAGE_ROWS;
    return e;
}

enum err audit_each(struct ctx *c, const char *action, audit_fn fn, void *arg)
{
    struct walk *w = ARENA_NEW(c->arena, struct walk);
    w->action = action;
    w->fn = fn;
    w->arg = arg;
    enum err e = audit_pages(c, one_page, w);
    if (!e)
        return OK;
    ctx_clear_faults(c);
    return fail(c, e, "core_audit", arena_printf(c->arena, "%" PRId64, w->after));
}

/* ---- one record ---- */

static enum err read_hash(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

enum err audit_hash_of(struct ctx *c, int64_t seq, const char **ret_hash)
{
    bool found;
    enum err e = db_one(c, &found, read_hash, ret_hash,
                        "SELECT hash FROM core_audit WHERE seq = $1", P_INT(seq));
    return e || found ? e : fail(c, ERR_NOT_FOUND, "");
}

enum err audit_first(struct ctx *c, const char *kind, const char *object, int64_t *ret_seq)
{
    return db_int(c, ret_seq, "SELECT MIN(seq) FROM core_audit WHERE kind = $1 AND object = $2",
                  P_TEXT(kind), P_TEXT(object));
}
