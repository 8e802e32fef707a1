/* SPDX-License-Identifier: Apache-2.0 */
#include "core/reseal.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/jobs.h"

#define COLUMNS_MAX 64
#define NAMES_MAX   64
#define NAME_MAX    200
#define ROWS        200
#define BYTES       (4 * 1024 * 1024)
#define PLACE_MAX   1024
#define AGAIN_US    HOUR_US /* what stands is counted again */
#define WHOLE       ""      /* the row of all columns */

struct reseal_page {
    const char *a, *b; /* it begins after */
    size_t room, n;
    struct {
        const char *a, *b;
        uint32_t root;
    } rows[ROWS];
};
static const struct reseal_column *columns[COLUMNS_MAX];
static size_t n_columns;
static char names[NAMES_MAX][NAME_MAX + 1];
static const char *name_list[NAMES_MAX];
static size_t n_names;
static atomic_uint done_under; /* the root key under which nothing is left to do */
static atomic_llong again_us;  /* unless something stood then: counted again from here on */

void reseal_columns(const struct reseal_column *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = 0;
        while (at < n_columns && columns[at] != &list[i])
            at++;
        ASSERT(at < COLUMNS_MAX);
        columns[at] = &list[i];
        n_columns = at == n_columns ? n_columns + 1 : n_columns;
    }
    atomic_store(&done_under, 0);
}

void reseal_name(const char *use)
{
    size_t at = 0;
    ASSERT(strlen(use) <= NAME_MAX);
    while (at < n_names && !text_eq(names[at], use))
        at++;
    if (at < n_names)
        return;
    ASSERT(n_names < NAMES_MAX);
    memcpy(names[at], use, strlen(use) + 1);
    name_list[n_names++] = names[at];
}

const char *const *reseal_names(size_t *ret_n)
{
    *ret_n = n_names;
    return name_list;
}

/* ---- for the tables ---- */

enum err reseal_take(struct ctx *c, const struct db_row *r, void *arg)
{
    struct reseal_page *p = arg;
    (void)c;
    ASSERT(p->n < ROWS);
    p->rows[p->n].a = row_text(r, 0);
    p->rows[p->n].b = row_text(r, 1);
    p->rows[p->n++].root = keeper_sealed_under(row_blob(r, 2));
    return OK;
}

enum err reseal_take_value(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    ((struct reseal_row *)arg)->value = row_blob(r, 0);
    return OK;
}

static struct db_value number_of(const char *digits)
{
    int64_t n = INT64_MIN;
    return text_to_int(digits, &n) ? P_INT(n) : P_INT(INT64_MIN);
}

struct db_value reseal_after_a(const struct reseal_page *p)
{
    return P_TEXT(p->a);
}

struct db_value reseal_after_text(const struct reseal_page *p)
{
    return P_TEXT(p->b);
}

struct db_value reseal_after_number(const struct reseal_page *p)
{
    return number_of(p->b);
}

struct db_value reseal_room(const struct reseal_page *p)
{
    return P_INT((int64_t)p->room);
}

struct db_value reseal_text(const struct reseal_row *r)
{
    return P_TEXT(r->b);
}

struct db_value reseal_number(const struct reseal_row *r)
{
    return number_of(r->b);
}

struct db_value reseal_version(uint8_t byte)
{
    static const uint8_t all[] = {0, 1, 2, 3};
    ASSERT(byte < sizeof all);
    return P_BLOB(((struct bytes){&all[byte], 1}));
}

/* ---- one step ---- */

struct state {
    const char *a, *b;
    int64_t root, anew, done, stands;
};
struct step {
    uint32_t root;
    const struct reseal_column *column; /* looked at; NULL: none is left */
    struct state state;                 /* of it, or of all */
    bool again;                         /* what stands is looked at anew first */
};

static enum err take_state(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct state *)arg = (struct state){.root = row_int(r, 0),
                                          .a = row_text(r, 1),
                                          .b = row_text(r, 2),
                                          .anew = row_int(r, 3),
                                          .done = row_int(r, 4)};
    return OK;
}

static enum err state_of(struct ctx *c, const char *name, uint32_t root, struct state *ret)
{
    bool found;
    *ret = (struct state){.a = "", .b = ""};
    enum err e = db_one(
        c, &found, take_state, ret,
        "SELECT root, after_a, after_b, anew, done FROM core_reseal WHERE name = $1", P_TEXT(name));
    if (!e && (!found || ret->root != root))
        *ret = (struct state){.a = "", .b = ""};
    return e;
}

static enum err keep_state(struct ctx *c, const char *name, uint32_t root, const struct state *s)
{
    return db_exec(
        c, NULL,
        "INSERT INTO core_reseal (name, root, after_a, after_b, anew, done, stands, at_us)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO UPDATE SET"
        " root = excluded.root, after_a = excluded.after_a, after_b = excluded.after_b,"
        " anew = excluded.anew, done = excluded.done, stands = excluded.stands,"
        " at_us = excluded.at_us",
        P_TEXT(name), P_INT(root), P_TEXT(s->a), P_TEXT(s->b), P_INT(s->anew), P_INT(s->done),
        P_INT(s->stands), P_INT(c->now_us));
}

static const char *place_of(struct ctx *c, const struct reseal_column *x, const char *a,
                            const char *b)
{
    struct buf out = buf_new(c->arena, PLACE_MAX);
    for (const char *p = x->place; *p; p++) {
        if (text_starts(p, "{1}") || text_starts(p, "{2}")) {
            buf_text(&out, p[1] == '1' ? a : b);
            p += 2;
        } else {
            buf_char(&out, *p);
        }
    }
    ASSERT(!buf_full(&out));
    return out.ptr;
}

static enum err one(struct ctx *c, const struct reseal_column *x, struct reseal_row *row)
{
    struct bytes plain;
    if (x->anew)
        return x->anew(c, row);
    const char *place = place_of(c, x, row->a, row->b);
    enum err e = x->get(c, row);
    if (!e)
        e = secret_open(c, x->use, place, row->value, &plain);
    struct subject_wish whose = {.kind = ""};
    if (!e && x->whose)
        e = x->whose(c, row, &whose);
    if (!e && x->whose)
        e = subject_seal_late(c, &whose, place, plain, &row->value);
    else if (!e)
        row->value = secret_seal(c, x->use, place, plain);
    return e ? e : x->put(c, row);
}

static enum err column_step(struct ctx *c, const struct reseal_column *x, uint32_t root,
                            struct state *s)
{
    struct reseal_page *p = ARENA_NEW(c->arena, struct reseal_page);
    *p = (struct reseal_page){.a = s->a, .b = s->b, .room = ROWS};
    enum err e = x->heads(c, p);
    size_t bytes = 0, i;
    for (i = 0; i < p->n && bytes < BYTES && !e; i++) {
        struct reseal_row row = {.a = p->rows[i].a, .b = p->rows[i].b};
        s->a = row.a;
        s->b = row.b;
        if (!p->rows[i].root || p->rows[i].root == root)
            continue;
        e = one(c, x, &row);
        bytes += row.value.len;
        s->anew++;
    }
    s->done = i < ROWS && i == p->n;
    return e;
}

/* The first that isn't looked through; none: t->column is NULL. */
static enum err choose(struct ctx *c, struct step *t)
{
    enum err e = OK;
    t->column = NULL;
    for (size_t i = 0; i < n_columns && !e && !t->column; i++) {
        e = state_of(c, columns[i]->name, t->root, &t->state);
        if (!e && !t->state.done)
            t->column = columns[i];
    }
    return e;
}

static enum err look_again(struct ctx *c, uint32_t root)
{
    return db_exec(c, NULL, "UPDATE core_reseal SET done = 0 WHERE root = $1 AND stands > 0",
                   P_INT(root));
}

static enum err stands_now(struct ctx *c, uint32_t root, int64_t *ret)
{
    return db_int(c, ret,
                  "SELECT CAST(coalesce(sum(stands), 0) AS BIGINT) FROM core_reseal"
                  " WHERE root = $1",
                  P_INT(root));
}

/* What is only counted is left for a snapshot of its own: the writer doesn't wait for it. */
static enum err step_work(struct ctx *c, void *arg)
{
    struct step *t = arg;
    enum err e = t->again ? look_again(c, t->root) : OK;
    if (!e)
        e = choose(c, t);
    if (!e && t->column && t->column->heads) {
        e = column_step(c, t->column, t->root, &t->state);
        if (!e)
            e = keep_state(c, t->column->name, t->root, &t->state);
    }
    struct state all = {.a = "", .b = "", .done = t->column == NULL};
    if (!e)
        e = keep_state(c, WHOLE, t->root, &all);
    if (!e && !t->column)
        e = stands_now(c, t->root, &t->state.stands);
    return e;
}

static enum err count_work(struct ctx *c, void *arg)
{
    struct step *t = arg;
    uint8_t head[KEEPER_HEAD];
    keeper_head(t->root, head);
    return t->column->count(c, (struct bytes){head, sizeof head}, &t->state.stands);
}

static enum err counted_work(struct ctx *c, void *arg)
{
    struct step *t = arg;
    t->state.done = 1;
    return keep_state(c, t->column->name, t->root, &t->state);
}

static void nothing_left(const struct step *t, int64_t now_us)
{
    atomic_store(&again_us, t->state.stands ? now_us + AGAIN_US : INT64_MAX);
    atomic_store(&done_under, t->root);
    log_info("core", "nothing is left to seal anew under root key %u", t->root);
    if (t->state.stands)
        log_warn("core",
                 "%" PRId64 " fields stay under an older root key: `dinh diagnose` names"
                 " them",
                 t->state.stands);
}

static void say_step(const struct step *t)
{
    if (t->state.done && t->state.anew)
        log_info("core", "%s: %" PRId64 " sealed anew under root key %u", t->column->name,
                 t->state.anew, t->root);
}

static size_t older_of(const struct node *n, uint32_t *ret_newest)
{
    struct keeper_root roots[KEEPER_ROOTS];
    size_t n_roots = keeper_roots(n->keeper, roots), older = 0;
    for (size_t i = 1; i < n_roots; i++)
        older += !roots[i].gone;
    *ret_newest = roots[0].number;
    return older;
}

enum err reseal_step(struct ctx *c)
{
    struct step t = {.column = NULL};
    size_t older = older_of(c->node, &t.root);
    t.again = atomic_load(&done_under) == t.root;
    if (!older || (t.again && c->now_us < atomic_load(&again_us)))
        return OK;
    enum err e = db_write(c, c->node->db, step_work, &t);
    if (!e && FAULT_POINT("reseal.step.after"))
        return fail(c, ERR_IO, "reseal.step.after");
    if (!e)
        atomic_store(&done_under, 0);
    if (!e && t.column && !t.column->heads && !(e = db_read(c, c->node->db, count_work, &t)))
        e = db_write(c, c->node->db, counted_work, &t);
    if (e)
        return e;
    if (!t.column) {
        nothing_left(&t, c->now_us);
        return OK;
    }
    say_step(&t);
    job_wake("core.reseal"); /* each step has memory of its own */
    return OK;
}

/* ---- what is left ---- */

static enum err take_progress(struct ctx *c, const struct db_row *r, void *arg)
{
    struct reseal_progress *p = arg;
    (void)c;
    p->whole = row_int(r, 0) != 0;
    p->done = row_int(r, 1);
    p->anew = row_int(r, 2);
    p->stands = row_int(r, 3);
    p->at_us = row_int(r, 4);
    return OK;
}

enum err reseal_progress(struct ctx *c, struct reseal_progress *ret)
{
    bool found;
    *ret = (struct reseal_progress){.columns = (int64_t)n_columns};
    ret->older = (int64_t)older_of(c->node, &ret->root);
    if (ret->older)
        return db_one(c, &found, take_progress, ret,
                      "SELECT CAST(coalesce(sum(CASE WHEN name = $2 THEN done ELSE 0 END), 0)"
                      " AS BIGINT), CAST(coalesce(sum(CASE WHEN name = $2 THEN 0 ELSE done END), 0)"
                      " AS BIGINT), CAST(coalesce(sum(anew), 0) AS BIGINT),"
                      " CAST(coalesce(sum(stands), 0) AS BIGINT),"
                      " CAST(coalesce(max(at_us), 0) AS BIGINT) FROM core_reseal WHERE root = $1",
                      P_INT(ret->root), P_TEXT(WHOLE));
    ret->done = ret->columns;
    ret->whole = true;
    return OK;
}

static enum err take_standing(struct ctx *c, const struct db_row *r, void *arg)
{
    struct buf *b = arg;
    (void)c;
    buf_printf(b, "%s%s %" PRId64, b->len ? ", " : "", row_text(r, 0), row_int(r, 1));
    return OK;
}

enum err reseal_standing(struct ctx *c, const char **ret)
{
    uint32_t root;
    struct buf b = buf_new(c->arena, COLUMNS_MAX * NAME_MAX);
    enum err e = older_of(c->node, &root) == 0
                     ? OK
                     : db_each(c, take_standing, &b,
                               "SELECT name, stands FROM core_reseal WHERE root = $1 AND stands > 0"
                               " ORDER BY name",
                               P_INT(root));
    *ret = b.ptr;
    return e;
}

enum err reseal_check(struct ctx *c)
{
    struct keeper_root roots[KEEPER_ROOTS];
    uint8_t head[KEEPER_HEAD];
    int64_t n = 0;
    enum err e = OK;
    size_t n_roots = keeper_roots(c->node->keeper, roots), i;
    keeper_head(roots[0].number, head);
    for (i = 0; n_roots > 1 && i < n_columns && !e && !n; i++)
        e = columns[i]->count(c, (struct bytes){head, sizeof head}, &n);
    if (e || !n)
        return e;
    return fail(c, ERR_KEY_STANDS, columns[i - 1]->name, arena_printf(c->arena, "%" PRId64, n));
}
