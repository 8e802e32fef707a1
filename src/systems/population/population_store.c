/* SPDX-License-Identifier: Apache-2.0 */
#include "core/scope.h"
#include "systems/population/population_private.h"

static enum err keep_record(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

enum err population_store_assignment(struct ctx *c, const char *client, const char *dossier,
                                     bool *ret_found, const char **ret_record)
{
    return db_one(c, ret_found, keep_record, ret_record,
                  "SELECT record FROM population_assignment WHERE client = $1 AND dossier = $2",
                  P_TEXT(client), P_TEXT(dossier));
}

enum err population_store_assign(struct ctx *c, const char *client, const char *dossier,
                                 const char *pin, const char *record)
{
    return db_exec(c, NULL,
                   "INSERT INTO population_assignment (client, dossier, number, record, at_us)"
                   " VALUES ($1, $2, $3, $4, $5)",
                   P_TEXT(client), P_TEXT(dossier), P_TEXT(person_token(c, pin)), P_TEXT(record),
                   P_INT(c->now_us));
}

enum err population_store_given(struct ctx *c, const char *pin, bool *ret_given)
{
    int64_t n = 0;
    enum err e = db_int(c, &n, "SELECT count(*) FROM population_assignment WHERE number = $1",
                        P_TEXT(person_token(c, pin)));
    *ret_given = n > 0;
    return e;
}
