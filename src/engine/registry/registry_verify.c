/* SPDX-License-Identifier: Apache-2.0 */
/* Registers against the trail: each version is as it was entered (docs/audit-format.md, 5). */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "core/audit.h"
#include "db/dynamic.h"
#include "engine/registry/registry_private.h"

#define PAGE_ROWS 50

struct version {
    const char *id, *says;
    int64_t number;
};
struct proof {
    struct registry_report *report;
    struct arena *kept; /* the caller's */
    const struct registry *r;
    struct version rows[PAGE_ROWS], last;
    size_t n;
};

/* A later version takes the mark of the newest away: it is proved by itself. */
const char *registry_says(struct ctx *c, const struct registry *r, const struct db_value *values)
{
    const char **names = ARENA_ARRAY(c->arena, r->n_stored, const char *);
    struct db_value *kept = ARENA_ARRAY(c->arena, r->n_stored, struct db_value);
    size_t n = 0;
    int64_t version = 0;
    for (size_t i = 0; i < r->n_stored; i++) {
        const char *name = r->stored[i].name;
        if (text_eq(name, "current"))
            continue;
        if (text_eq(name, "version"))
            version = values[i].i;
        names[n] = name;
        kept[n++] = values[i];
    }
    return arena_printf(c->arena, "{\"version\":%" PRId64 ",\"row\":\"%s\"}", version,
                        audit_row_sha256(c->arena, names, kept, n));
}

static enum err read_version(struct ctx *c, const struct db_row *row, void *arg)
{
    struct proof *p = arg;
    struct db_value *values = ARENA_ARRAY(c->arena, p->r->n_stored, struct db_value);
    for (size_t i = 0; i < p->r->n_stored; i++)
        values[i] = audit_row_value(row, (int)i, p->r->stored[i].type);
    p->rows[p->n++] =
        (struct version){row_text(row, 0), registry_says(c, p->r, values), row_int(row, 1)};
    return OK;
}

static void problem(struct proof *p, const char *id, const char *what)
{
    if (text_empty(p->report->problem))
        p->report->problem = arena_printf(p->kept, "%s %s: %s", p->r->name, id, what);
}

static enum err prove(struct ctx *c, struct proof *p, const struct version *v)
{
    bool named;
    enum err e = audit_says(c, p->r->name, v->id, v->says, &named);
    if (!e && !named) /* entered before the trail told digests */
        e = audit_says(c, p->r->name, v->id,
                       arena_printf(c->arena, "{\"version\":%" PRId64 "}", v->number), &named);
    if (!e && !named)
        problem(p, v->id,
                arena_printf(c->arena, "version %" PRId64 " is not what the audit trail says of it",
                             v->number));
    p->report->versions++;
    return e;
}

static enum err one_page(struct ctx *c, struct proof *p)
{
    const struct db_value at[] = {P_TEXT(p->last.id), P_INT(p->last.number), P_INT(PAGE_ROWS)};
    p->n = 0;
    enum err e = db_each_dynamic(c, read_version, p, p->r->sql_rows, at, ARRAY_LEN(at));
    for (size_t i = 0; i < p->n && !e; i++)
        e = prove(c, p, &p->rows[i]);
    if (p->n)
        p->last = (struct version){.id = arena_text(p->kept, p->rows[p->n - 1].id),
                                   .number = p->rows[p->n - 1].number};
    return e;
}

/* In memory of its own: a register may be longer than any arena. */
static enum err page_alone(struct ctx *c, struct proof *p)
{
    c->arena = arena_new(0);
    enum err e = one_page(c, p);
    ctx_clear_faults(c);
    arena_end(c->arena);
    c->arena = p->kept;
    return e ? fail(c, e, p->r->table, p->last.id) : OK;
}

static enum err keep_id(struct ctx *c, const struct db_row *row, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(row, 0);
    return OK;
}

static enum err must_be_none(struct ctx *c, struct proof *p, const char *sql, const char *what)
{
    const char *id = NULL;
    enum err e = db_each_dynamic(c, keep_id, &id, sql, NULL, 0);
    if (id)
        problem(p, id, what);
    return e;
}

static enum err prove_register(struct ctx *c, struct proof *p)
{
    enum err e = OK;
    p->last = (struct version){.id = "", .number = 0};
    do
        e = page_alone(c, p);
    while (!e && p->n == PAGE_ROWS);
    if (!e)
        e = must_be_none(c, p, p->r->sql_missing, "a version that the audit trail names is gone");
    return e ? e
             : must_be_none(c, p, p->r->sql_not_current,
                            "not just its newest version is marked as the current one");
}

enum err registry_verify(struct ctx *c, struct registry_report *ret_report)
{
    struct proof p = {.report = ret_report, .kept = c->arena};
    size_t n;
    enum err e = OK;
    const struct registry *const *all = registry_all(&n);
    *ret_report = (struct registry_report){.problem = ""};
    for (size_t i = 0; i < n && !e; i++) {
        p.r = all[i];
        e = prove_register(c, &p);
    }
    return e;
}
