/* SPDX-License-Identifier: Apache-2.0 */
/* Legal holds: who placed one and about whom is sealed, bound to column and row. */
#include "base/id.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/parts.h"
#include "core/retention.h"
#include "core/scope.h"

#define NEWEST "~"

static const char *aad_of(struct ctx *c, const char *column, const struct hold *h)
{
    return arena_printf(c->arena, "core_hold.%s|%s", column, h->id);
}

#define PLACED(h)                                                                                  \
    (const struct part[])                                                                          \
    {                                                                                              \
        {"name", &(h)->by}, {"person", &(h)->person}, {"law", &(h)->law},                          \
            {"document", &(h)->document}, {"words", &(h)->words},                                  \
    }
#define RELEASED(h)                                                                                \
    (const struct part[])                                                                          \
    {                                                                                              \
        {"name", &(h)->released_by}, {"words", &(h)->why},                                         \
    }

/* ---- rows ---- */

struct rows {
    struct hold *out;
    size_t n;
};

static enum err row_hold(struct ctx *c, const struct db_row *r, void *arg)
{
    struct rows *l = arg;
    struct hold *h = &l->out[l->n];
    *h = (struct hold){.id = row_text(r, 0),
                       .of = row_text(r, 1),
                       .object = row_text(r, 2),
                       .account = row_text(r, 3),
                       .placed_us = row_int(r, 4),
                       .releaser = row_text(r, 5),
                       .released_us = row_int(r, 6)};
    enum err e = parts_open(c, SECRET_ACCESS, aad_of(c, "placed", h), row_blob(r, 7), PLACED(h), 5);
    e = e ? e
          : parts_open(c, SECRET_ACCESS, aad_of(c, "released", h), row_blob(r, 8), RELEASED(h), 2);
    l->n += e == OK;
    return e;
}

#define COLUMNS                                                                                    \
    "SELECT id, class, object, account, placed_us, releaser, released_us, placed, released"        \
    " FROM core_hold"

enum err hold_get(struct ctx *c, const char *id, struct hold *ret)
{
    struct rows l = {.out = ret};
    bool found = false;
    enum err e = db_one(c, &found, row_hold, &l, COLUMNS " WHERE id = $1", P_TEXT(id));
    return e || found ? e : fail(c, ERR_NOT_FOUND, "id", id);
}

enum err hold_list(struct ctx *c, const char *before, struct hold *ret, size_t max, size_t *ret_n)
{
    struct rows l = {.out = ret};
    enum err e = db_each(c, row_hold, &l, COLUMNS " WHERE id < $1 ORDER BY id DESC LIMIT $2",
                         P_TEXT(text_empty(before) ? NEWEST : before), P_INT((int64_t)max));
    *ret_n = e ? 0 : l.n;
    return e;
}

static enum err row_id(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

enum err hold_on(struct ctx *c, int64_t number, const char **ret_id)
{
    bool found;
    *ret_id = "";
    return db_one(c, &found, row_id, ret_id,
                  "SELECT id FROM core_hold WHERE released_us = 0 AND number = $1 UNION ALL"
                  " SELECT h.id FROM core_subject s JOIN core_hold h ON h.person = s.person"
                  " AND h.released_us = 0 WHERE s.number = $1 AND s.person <> ''"
                  " AND s.class <> 'draft' LIMIT 1",
                  P_INT(number));
}

/* ---- placing and lifting ---- */

static enum err tell_trail(struct ctx *c, const char *action, const char *id)
{
    return audit_write(c, &(struct audit_act){action, "hold", id, NULL});
}

static enum err number_of(struct ctx *c, const struct hold *h, int64_t *ret)
{
    *ret = 0;
    if (text_empty(h->of))
        return OK;
    if (text_eq(h->of, subject_class_name[SUBJECT_DRAFT]))
        return fail(c, ERR_BAD_CODE, "of", h->of);
    enum err e = db_int(c, ret,
                        "SELECT number FROM core_subject WHERE class = $1 AND object = $2"
                        " AND destroyed_us = 0",
                        P_TEXT(h->of), P_TEXT(h->object));
    return e || *ret ? e : fail(c, ERR_NOT_FOUND, "object", h->object);
}

enum err hold_place(struct ctx *c, const struct hold *in, const char **ret_id)
{
    struct hold h = *in;
    int64_t number;
    bool whole = text_empty(h.object);
    if (whole)
        h.of = h.object = "";
    if (whole && text_empty(h.person))
        return fail(c, ERR_REQUIRED, "object");
    if (text_empty(h.law))
        return fail(c, ERR_REQUIRED, "law");
    enum err e = number_of(c, &h, &number);
    if (e)
        return e;
    h.id = id_new(c->arena, c->now_us);
    h.by = c->actor->name;
    if (!whole)
        h.person = "";
    struct bytes none = {0},
                 placed = parts_seal(c, SECRET_ACCESS, aad_of(c, "placed", &h), PLACED(&h), 5);
    e = db_exec(c, NULL,
                "INSERT INTO core_hold (id, number, class, object, person, account, placed_us,"
                " releaser, released_us, placed, released)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, '', 0, $8, $9)",
                P_TEXT(h.id), P_INT(number), P_TEXT(h.of), P_TEXT(h.object),
                P_TEXT(whole ? person_token(c, h.person) : ""), P_TEXT(c->actor->account),
                P_INT(c->now_us), P_BLOB(placed), P_BLOB(none));
    if (!e)
        e = tell_trail(c, "core.hold_placed", h.id);
    if (!e)
        *ret_id = h.id;
    return e;
}

enum err hold_release(struct ctx *c, const char *id, const char *why)
{
    struct hold h;
    int64_t rows = 0;
    enum err e = hold_get(c, id, &h);
    if (e)
        return e;
    if (text_eq(h.account, c->actor->account))
        return fail(c, ERR_SECOND_PERSON, "id", id);
    h.released_by = c->actor->name;
    h.why = why;
    struct bytes released =
        parts_seal(c, SECRET_ACCESS, aad_of(c, "released", &h), RELEASED(&h), 2);
    e = db_exec(c, &rows,
                "UPDATE core_hold SET releaser = $2, released_us = $3, released = $4"
                " WHERE id = $1 AND released_us = 0",
                P_TEXT(id), P_TEXT(c->actor->account), P_INT(c->now_us), P_BLOB(released));
    if (!e && rows != 1)
        e = fail(c, ERR_HOLD_STATE, "id", id);
    return e ? e : tell_trail(c, "core.hold_released", id);
}
