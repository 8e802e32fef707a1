/* SPDX-License-Identifier: Apache-2.0 */
#include "systems/civilstatus/civilstatus_private.h"

enum err civilstatus_store_add(struct ctx *c, const struct civilstatus_entry *x)
{
    return db_exec(c, NULL,
                   "INSERT INTO civilstatus_entry (unit, year, number, book, page, dossier,"
                   " record, revoked, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)",
                   P_TEXT(x->unit), P_INT(x->year), P_INT(x->number), P_TEXT(x->book),
                   P_INT(x->page), P_TEXT(x->dossier), P_TEXT(x->record), P_INT(c->now_us));
}

static struct civilstatus_entry entry_of(const struct db_row *r)
{
    return (struct civilstatus_entry){.unit = row_text(r, 0),
                                      .year = row_int(r, 1),
                                      .number = row_int(r, 2),
                                      .book = row_text(r, 3),
                                      .page = row_int(r, 4),
                                      .dossier = row_text(r, 5),
                                      .record = row_text(r, 6),
                                      .revoked = row_int(r, 7) != 0};
}

static enum err keep_one(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct civilstatus_entry *)arg = entry_of(r);
    return OK;
}

enum err civilstatus_store_of(struct ctx *c, const char *dossier, bool *ret_found,
                              struct civilstatus_entry *ret)
{
    return db_one(c, ret_found, keep_one, ret,
                  "SELECT unit, year, number, book, page, dossier, record, revoked"
                  " FROM civilstatus_entry WHERE dossier = $1 AND revoked = 0",
                  P_TEXT(dossier));
}

enum err civilstatus_store_at(struct ctx *c, const char *unit, int64_t year, int64_t number,
                              bool *ret_found, struct civilstatus_entry *ret)
{
    return db_one(c, ret_found, keep_one, ret,
                  "SELECT unit, year, number, book, page, dossier, record, revoked"
                  " FROM civilstatus_entry WHERE unit = $1 AND year = $2 AND number = $3",
                  P_TEXT(unit), P_INT(year), P_INT(number));
}

enum err civilstatus_store_revoke(struct ctx *c, const char *record)
{
    return db_exec(c, NULL, "UPDATE civilstatus_entry SET revoked = 1 WHERE record = $1",
                   P_TEXT(record));
}

struct listing {
    struct civilstatus_entry *out;
    size_t n;
};

static enum err keep_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct listing *l = arg;
    l->out[l->n++] = entry_of(r);
    return OK;
}

enum err civilstatus_store_list(struct ctx *c, const char *unit, int64_t year, int64_t before,
                                struct civilstatus_entry *ret, size_t max, size_t *ret_n)
{
    struct listing l = {.out = ret};
    enum err e = db_each(c, keep_row, &l,
                         "SELECT unit, year, number, book, page, dossier, record, revoked"
                         " FROM civilstatus_entry WHERE unit = $1 AND year = $2 AND number < $3"
                         " ORDER BY number DESC LIMIT $4",
                         P_TEXT(unit), P_INT(year), P_INT(before), P_INT((int64_t)max));
    *ret_n = e ? 0 : l.n;
    return e;
}
