/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "core/parts.h"
#include "systems/retention/retention_private.h"

#define NEWEST "~"

static const char *aad_of(struct ctx *c, const char *column, const char *id)
{
    return arena_printf(c->arena, "retention_list.%s|%s", column, id);
}

static const char *aad_of_item(struct ctx *c, const struct retention_item *i)
{
    return arena_printf(c->arena, "retention_item.words|%s|%lld", i->list, (long long)i->number);
}

#define PREPARED(l)                                                                                \
    (const struct part[])                                                                          \
    {                                                                                              \
        {"name", &(l)->prepared_by}, {"law", &(l)->law}, {"words", &(l)->words},                   \
    }
#define APPROVED(l)                                                                                \
    (const struct part[])                                                                          \
    {                                                                                              \
        {"name", &(l)->approved_by}, {"words", &(l)->answer},                                      \
    }
#define EXCLUDED(i)                                                                                \
    (const struct part[])                                                                          \
    {                                                                                              \
        {"name", &(i)->by}, {"words", &(i)->words},                                                \
    }

/* ---- lists ---- */

struct lists {
    struct retention_list *out;
    size_t n;
};

static enum err row_list(struct ctx *c, const struct db_row *r, void *arg)
{
    struct lists *x = arg;
    struct retention_list *l = &x->out[x->n];
    *l = (struct retention_list){.id = row_text(r, 0),
                                 .rule = row_text(r, 1),
                                 .state = row_text(r, 2),
                                 .n = row_int(r, 3),
                                 .made_us = row_int(r, 4),
                                 .preparer = row_text(r, 5),
                                 .prepared_us = row_int(r, 6),
                                 .approver = row_text(r, 7),
                                 .approved_us = row_int(r, 8),
                                 .run_us = row_int(r, 9),
                                 .done_us = row_int(r, 10)};
    enum err e =
        parts_open(c, SECRET_ACCESS, aad_of(c, "prepared", l->id), row_blob(r, 11), PREPARED(l), 3);
    if (!e)
        e = parts_open(c, SECRET_ACCESS, aad_of(c, "approved", l->id), row_blob(r, 12), APPROVED(l),
                       2);
    x->n += e == OK;
    return e;
}

#define LISTS                                                                                      \
    "SELECT id, rule, state, n, made_us, preparer, prepared_us, approver, approved_us, run_us,"    \
    " done_us, prepared, approved FROM retention_list"

enum err retention_get(struct ctx *c, const char *id, struct retention_list *ret)
{
    struct lists x = {.out = ret};
    bool found = false;
    enum err e = db_one(c, &found, row_list, &x, LISTS " WHERE id = $1", P_TEXT(id));
    return e || found ? e : fail(c, ERR_NOT_FOUND, "id", id);
}

enum err retention_lists(struct ctx *c, const char *before, struct retention_list *ret, size_t max,
                         size_t *ret_n)
{
    struct lists x = {.out = ret};
    enum err e = db_each(c, row_list, &x, LISTS " WHERE id < $1 ORDER BY id DESC LIMIT $2",
                         P_TEXT(text_empty(before) ? NEWEST : before), P_INT((int64_t)max));
    *ret_n = e ? 0 : x.n;
    return e;
}

enum err retention_store_next(struct ctx *c, struct retention_list *ret, bool *ret_found)
{
    struct lists x = {.out = ret};
    return db_one(c, ret_found, row_list, &x,
                  LISTS " WHERE state = 'approved' AND run_us <= $1 ORDER BY run_us, id LIMIT 1",
                  P_INT(c->now_us));
}

static enum err row_yes(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    (void)r;
    *(bool *)arg = true;
    return OK;
}

enum err retention_store_waits(struct ctx *c, const char *rule, bool *ret_yes)
{
    *ret_yes = false;
    return db_each(c, row_yes, ret_yes,
                   "SELECT 1 FROM retention_list WHERE rule = $1 AND state = 'found' LIMIT 1",
                   P_TEXT(rule));
}

enum err retention_store_add(struct ctx *c, const struct retention_list *in)
{
    struct retention_list l = *in;
    struct bytes none = {0};
    struct bytes prepared =
        parts_seal(c, SECRET_ACCESS, aad_of(c, "prepared", l.id), PREPARED(&l), 3);
    return db_exec(c, NULL,
                   "INSERT INTO retention_list (id, rule, state, n, made_us, preparer,"
                   " prepared_us, approver, approved_us, run_us, done_us, prepared, approved)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7, '', 0, 0, 0, $8, $9)",
                   P_TEXT(l.id), P_TEXT(l.rule), P_TEXT(l.state), P_INT(l.n), P_INT(c->now_us),
                   P_TEXT(l.preparer ? l.preparer : ""), P_INT(l.prepared_us), P_BLOB(prepared),
                   P_BLOB(none));
}

enum err retention_store_state(struct ctx *c, const struct retention_list *in, const char *from)
{
    struct retention_list l = *in;
    int64_t rows = 0;
    struct bytes prepared =
        parts_seal(c, SECRET_ACCESS, aad_of(c, "prepared", l.id), PREPARED(&l), 3);
    struct bytes approved =
        parts_seal(c, SECRET_ACCESS, aad_of(c, "approved", l.id), APPROVED(&l), 2);
    enum err e =
        db_exec(c, &rows,
                "UPDATE retention_list SET state = $3, preparer = $4, prepared_us = $5,"
                " approver = $6, approved_us = $7, run_us = $8, done_us = $9, prepared = $10,"
                " approved = $11 WHERE id = $1 AND state = $2",
                P_TEXT(l.id), P_TEXT(from), P_TEXT(l.state), P_TEXT(l.preparer),
                P_INT(l.prepared_us), P_TEXT(l.approver), P_INT(l.approved_us), P_INT(l.run_us),
                P_INT(l.done_us), P_BLOB(prepared), P_BLOB(approved));
    return e || rows == 1 ? e : fail(c, ERR_RETENTION_STATE, "id", l.id);
}

/* ---- items ---- */

struct items {
    struct retention_item *out;
    size_t n;
};

static enum err row_item(struct ctx *c, const struct db_row *r, void *arg)
{
    struct items *x = arg;
    struct retention_item *i = &x->out[x->n++];
    *i = (struct retention_item){.list = row_text(r, 0),
                                 .number = row_int(r, 1),
                                 .class = row_text(r, 2),
                                 .object = row_text(r, 3),
                                 .clock_us = row_int(r, 4),
                                 .due_us = row_int(r, 5),
                                 .state = row_text(r, 6),
                                 .at_us = row_int(r, 7)};
    return parts_open(c, SECRET_ACCESS, aad_of_item(c, i), row_blob(r, 8), EXCLUDED(i), 2);
}

#define ITEMS                                                                                      \
    "SELECT list, number, class, object, clock_us, due_us, state, at_us, words FROM "              \
    "retention_item"

enum err retention_items(struct ctx *c, const char *list, int64_t after, struct retention_item *ret,
                         size_t max, size_t *ret_n)
{
    struct items x = {.out = ret};
    enum err e =
        db_each(c, row_item, &x, ITEMS " WHERE list = $1 AND number > $2 ORDER BY number LIMIT $3",
                P_TEXT(list), P_INT(after), P_INT((int64_t)max));
    *ret_n = e ? 0 : x.n;
    return e;
}

enum err retention_store_listed(struct ctx *c, const char *list, struct retention_item *ret,
                                size_t max, size_t *ret_n)
{
    struct items x = {.out = ret};
    enum err e = db_each(c, row_item, &x,
                         ITEMS " WHERE list = $1 AND state = 'listed' ORDER BY number LIMIT $2",
                         P_TEXT(list), P_INT((int64_t)max));
    *ret_n = e ? 0 : x.n;
    return e;
}

enum err retention_item_get(struct ctx *c, const char *list, int64_t number,
                            struct retention_item *ret)
{
    struct items x = {.out = ret};
    bool found = false;
    enum err e = db_one(c, &found, row_item, &x, ITEMS " WHERE list = $1 AND number = $2",
                        P_TEXT(list), P_INT(number));
    return e || found ? e : fail(c, ERR_NOT_FOUND, "number", list);
}

enum err retention_store_item(struct ctx *c, const struct retention_item *i)
{
    struct bytes none = {0};
    enum err e = db_exec(c, NULL,
                         "INSERT INTO retention_item (list, number, class, object, clock_us,"
                         " due_us, state, open, at_us, words)"
                         " VALUES ($1, $2, $3, $4, $5, $6, 'listed', 1, $7, $8)",
                         P_TEXT(i->list), P_INT(i->number), P_TEXT(i->class), P_TEXT(i->object),
                         P_INT(i->clock_us), P_INT(i->due_us), P_INT(c->now_us), P_BLOB(none));
    return e == ERR_DB_UNIQUE ? fail(c, ERR_RETENTION_LISTED, "object", i->object) : e;
}

enum err retention_store_mark(struct ctx *c, const struct retention_item *in, const char *state,
                              bool open)
{
    struct retention_item i = *in;
    int64_t rows = 0;
    struct bytes words = {0};
    if (!text_empty(i.words))
        words = parts_seal(c, SECRET_ACCESS, aad_of_item(c, &i), EXCLUDED(&i), 2);
    enum err e = db_exec(c, &rows,
                         "UPDATE retention_item SET state = $4, open = $5, at_us = $6, words = $7"
                         " WHERE list = $1 AND number = $2 AND state = $3",
                         P_TEXT(i.list), P_INT(i.number), P_TEXT(i.state), P_TEXT(state),
                         P_BOOL(open), P_INT(c->now_us), P_BLOB(words));
    if (e == ERR_DB_UNIQUE)
        return fail(c, ERR_RETENTION_LISTED, "object", i.object);
    return e || rows == 1 ? e : fail(c, ERR_RETENTION_STATE, "id", i.list);
}

enum err retention_store_close(struct ctx *c, const char *list)
{
    return db_exec(c, NULL, "UPDATE retention_item SET open = 0 WHERE list = $1", P_TEXT(list));
}

static enum err row_counts(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct retention_counts *)arg =
        (struct retention_counts){row_int(r, 0), row_int(r, 1), row_int(r, 2), row_int(r, 3)};
    return OK;
}

enum err retention_store_counts(struct ctx *c, const char *list, struct retention_counts *ret)
{
    bool found;
    return db_one(c, &found, row_counts, ret,
                  "SELECT CAST(coalesce(sum(CASE WHEN state = 'listed' THEN 1 ELSE 0 END), 0)"
                  " AS BIGINT), CAST(coalesce(sum(CASE WHEN state = 'excluded' THEN 1 ELSE 0 END),"
                  " 0) AS BIGINT), CAST(coalesce(sum(CASE WHEN state = 'destroyed' THEN 1 ELSE 0"
                  " END), 0) AS BIGINT), CAST(coalesce(sum(CASE WHEN state IN ('held', 'changed',"
                  " 'gone') THEN 1 ELSE 0 END), 0) AS BIGINT) FROM retention_item WHERE list = $1",
                  P_TEXT(list));
}

/* ---- what is due ---- */

static enum err row_due(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct items *x = arg;
    x->out[x->n++] = (struct retention_item){.number = row_int(r, 0),
                                             .class = row_text(r, 1),
                                             .object = row_text(r, 2),
                                             .clock_us = row_int(r, 3)};
    return OK;
}

enum err retention_store_due(struct ctx *c, const char *of, const char *kind, int64_t before_us,
                             int64_t again_us, struct retention_item *ret, size_t max,
                             size_t *ret_n)
{
    struct items x = {.out = ret};
    enum err e =
        db_each(c, row_due, &x,
                "SELECT s.number, s.class, s.object, s.clock_us FROM core_subject s"
                " WHERE s.class = $1 AND s.kind = $2 AND s.clock_us > 0 AND s.clock_us <= $3"
                " AND s.destroyed_us = 0 AND NOT EXISTS (SELECT 1 FROM retention_item i"
                " WHERE i.number = s.number AND (i.open = 1 OR (i.state IN ('excluded', 'held')"
                " AND i.at_us > $4))) ORDER BY s.clock_us, s.number LIMIT $5",
                P_TEXT(of), P_TEXT(kind), P_INT(before_us), P_INT(again_us), P_INT((int64_t)max));
    *ret_n = e ? 0 : x.n;
    return e;
}

static enum err row_kind(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

enum err retention_store_kind(struct ctx *c, const char *of, const char *behind, bool *ret_found,
                              const char **ret_kind)
{
    *ret_kind = "";
    return db_one(c, ret_found, row_kind, ret_kind,
                  "SELECT kind FROM core_subject WHERE class = $1 AND kind > $2 AND clock_us > 0"
                  " AND destroyed_us = 0 ORDER BY kind LIMIT 1",
                  P_TEXT(of), P_TEXT(behind));
}

enum err retention_store_subject(struct ctx *c, const char *of, const char *object,
                                 struct retention_item *ret)
{
    struct items x = {.out = ret};
    bool found = false;
    enum err e = db_one(c, &found, row_due, &x,
                        "SELECT number, class, object, clock_us FROM core_subject"
                        " WHERE class = $1 AND object = $2 AND destroyed_us = 0",
                        P_TEXT(of), P_TEXT(object));
    return e || found ? e : fail(c, ERR_NOT_FOUND, "object", object);
}

struct now {
    int64_t clock_us;
    bool lives;
};

static enum err row_now(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct now *)arg = (struct now){row_int(r, 0), row_int(r, 1) == 0};
    return OK;
}

enum err retention_store_now(struct ctx *c, int64_t number, int64_t *ret_clock_us, bool *ret_lives)
{
    struct now x = {0, false};
    bool found;
    enum err e =
        db_one(c, &found, row_now, &x,
               "SELECT clock_us, destroyed_us FROM core_subject WHERE number = $1", P_INT(number));
    *ret_clock_us = x.clock_us;
    *ret_lives = x.lives;
    return e;
}
