/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "core/jobs.h"
#include "core/subject.h"
#include "systems/onestop/onestop_private.h"

static const char *place(struct ctx *c, const char *code, const char *kind, const char *part)
{
    return arena_printf(c->arena, "onestop/%s/%s/%s", code, kind, part);
}

enum err onestop_store_owe(struct ctx *c, const char *code, const char *kind, const char *reason,
                           bool *ret_new)
{
    int64_t rows = 0;
    bool official = c->actor->kind == ACTOR_OFFICIAL; /* nobody else signs for the agency */
    const struct subject_wish wish = {SUBJECT_CASE, code, "", ""};
    struct bytes name, why;
    int64_t subject;
    enum err e = subject_of(c, &wish, &subject);
    if (!e)
        e = subject_seal_text(c, subject, place(c, code, kind, "name"),
                              official ? c->actor->name : "", &name);
    if (!e)
        e = subject_seal_text(c, subject, place(c, code, kind, "reason"), reason, &why);
    if (!e)
        e = db_exec(c, &rows,
                    "INSERT INTO onestop_paper (code, kind, asked_us, actor_name, reason, made)"
                    " VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT DO NOTHING",
                    P_TEXT(code), P_TEXT(kind), P_INT(c->now_us), P_BLOB(name), P_BLOB(why));
    *ret_new = rows > 0;
    return e;
}

enum err onestop_store_number(struct ctx *c, const char *code, const char *kind, const char *unit)
{
    int64_t number, year = civil_from_us(c->now_us, LOCAL_OFFSET_US).year;
    enum err e = counter_next(c, arena_printf(c->arena, "onestop.%s", kind),
                              arena_printf(c->arena, "%s-%lld", unit, (long long)year), &number);
    return e ? e
             : db_exec(c, NULL,
                       "UPDATE onestop_paper SET unit = $3, year = $4, number = $5"
                       " WHERE code = $1 AND kind = $2",
                       P_TEXT(code), P_TEXT(kind), P_TEXT(unit), P_INT(year), P_INT(number));
}

struct owed_list {
    struct onestop_owed *out;
    size_t n, max;
};

static enum err read_owed(struct ctx *c, const struct db_row *r, void *arg)
{
    struct owed_list *l = arg;
    if (l->n == l->max)
        return OK;
    struct onestop_owed o = {.code = row_text(r, 0),
                             .kind = row_text(r, 1),
                             .asked_us = row_int(r, 2),
                             .number = row_int(r, 5)};
    enum err e = subject_open_text(c, SECRET_ONESTOP, place(c, o.code, o.kind, "name"),
                                   row_blob(r, 3), &o.actor_name);
    if (!e)
        e = subject_open_text(c, SECRET_ONESTOP, place(c, o.code, o.kind, "reason"), row_blob(r, 4),
                              &o.reason);
    if (e == ERR_DISPOSED) { /* nobody waits for it any more */
        ctx_clear_faults(c);
        return OK;
    }
    if (!e)
        l->out[l->n++] = o;
    return e;
}

enum err onestop_store_owed(struct ctx *c, const char *code, struct onestop_owed *ret, size_t max,
                            size_t *ret_n)
{
    struct owed_list l = {ret, 0, max};
    enum err e =
        db_each(c, read_owed, &l,
                "SELECT code, kind, asked_us, actor_name, reason, number FROM onestop_paper"
                " WHERE made = 0 AND ($1 = '' OR code = $1) ORDER BY asked_us LIMIT $2",
                P_TEXT(code ? code : ""), P_INT((int64_t)max));
    if (!e)
        *ret_n = l.n;
    return e;
}

enum err onestop_store_made(struct ctx *c, const char *code, const char *kind)
{
    return db_exec(c, NULL, "UPDATE onestop_paper SET made = 1 WHERE code = $1 AND kind = $2",
                   P_TEXT(code), P_TEXT(kind));
}

struct asked {
    int64_t us, number;
};

static enum err read_asked(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct asked *)arg = (struct asked){row_int(r, 0), row_int(r, 1)};
    return OK;
}

enum err onestop_store_asked(struct ctx *c, const char *code, const char *kind, int64_t *ret_us,
                             int64_t *ret_number)
{
    struct asked a = {0};
    bool found;
    enum err e = db_one(c, &found, read_asked, &a,
                        "SELECT asked_us, number FROM onestop_paper WHERE code = $1 AND kind = $2",
                        P_TEXT(code), P_TEXT(kind));
    *ret_us = a.us;
    *ret_number = a.number;
    return e;
}

enum err onestop_store_book(struct ctx *c, const struct casework_case *k)
{
    int64_t number, year = civil_from_us(c->now_us, LOCAL_OFFSET_US).year;
    const char *scope = arena_printf(c->arena, "%s-%lld", k->unit, (long long)year);
    enum err e = counter_next(c, "onestop.book", scope, &number);
    if (e)
        return e;
    return db_exec(c, NULL,
                   "INSERT INTO onestop_book (unit, year, number, code, procedure, received_us,"
                   " due_us, returned_us) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)"
                   " ON CONFLICT DO NOTHING",
                   P_TEXT(k->unit), P_INT(year), P_INT(number), P_TEXT(k->code),
                   P_TEXT(k->procedure), P_INT(c->now_us), P_INT(k->due_us));
}

enum err onestop_store_book_returned(struct ctx *c, const char *code)
{
    return db_exec(c, NULL,
                   "UPDATE onestop_book SET returned_us = $2 WHERE code = $1 AND returned_us = 0",
                   P_TEXT(code), P_INT(c->now_us));
}

struct book_list {
    struct onestop_book_row *out;
    size_t n, max;
};

static enum err read_book(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct book_list *l = arg;
    if (l->n < l->max)
        l->out[l->n++] = (struct onestop_book_row){.number = row_int(r, 0),
                                                   .code = row_text(r, 1),
                                                   .procedure = row_text(r, 2),
                                                   .received_us = row_int(r, 3),
                                                   .due_us = row_int(r, 4),
                                                   .returned_us = row_int(r, 5)};
    return OK;
}

enum err onestop_store_book_list(struct ctx *c, const char *unit, int64_t year, int64_t before,
                                 struct onestop_book_row *ret, size_t max, size_t *ret_n)
{
    struct book_list l = {ret, 0, max};
    enum err e =
        db_each(c, read_book, &l,
                "SELECT number, code, procedure, received_us, due_us, returned_us"
                " FROM onestop_book WHERE unit = $1 AND year = $2 AND number < $3"
                " ORDER BY number DESC LIMIT $4",
                P_TEXT(unit), P_INT(year), P_INT(before ? before : INT64_MAX), P_INT((int64_t)max));
    if (!e)
        *ret_n = l.n;
    return e;
}

enum err onestop_store_book_part(struct ctx *c, const char *unit, int64_t year, int64_t after,
                                 struct onestop_book_row *ret, size_t max, size_t *ret_n)
{
    struct book_list l = {ret, 0, max};
    enum err e = db_each(c, read_book, &l,
                         "SELECT number, code, procedure, received_us, due_us, returned_us"
                         " FROM onestop_book WHERE unit = $1 AND year = $2 AND number > $3"
                         " ORDER BY number LIMIT $4",
                         P_TEXT(unit), P_INT(year), P_INT(after), P_INT((int64_t)max));
    if (!e)
        *ret_n = l.n;
    return e;
}

enum err onestop_store_book_last(struct ctx *c, const char *unit, int64_t year, int64_t *ret_number)
{
    return db_int(c, ret_number,
                  "SELECT COALESCE(max(number), 0) FROM onestop_book"
                  " WHERE unit = $1 AND year = $2",
                  P_TEXT(unit), P_INT(year));
}

enum err onestop_store_book_of(struct ctx *c, const char *code, struct onestop_book_row *ret)
{
    struct book_list l = {ret, 0, 1};
    bool found;
    *ret = (struct onestop_book_row){0};
    return db_one(c, &found, read_book, &l,
                  "SELECT number, code, procedure, received_us, due_us, returned_us"
                  " FROM onestop_book WHERE code = $1",
                  P_TEXT(code));
}
