/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "core/settings.h"
#include "systems/insurance/insurance_private.h"

static enum err keep_record(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

enum err insurance_store_of(struct ctx *c, const char *client, const char *dossier, bool *ret_found,
                            const char **ret_record)
{
    return db_one(c, ret_found, keep_record, ret_record,
                  "SELECT record FROM insurance_card WHERE client = $1 AND dossier = $2",
                  P_TEXT(client), P_TEXT(dossier));
}

enum err insurance_store_add(struct ctx *c, const char *client, const struct insurance_card *k)
{
    return db_exec(c, NULL,
                   "INSERT INTO insurance_card (client, dossier, record, unit, day, at_us)"
                   " VALUES ($1, $2, $3, $4, $5, $6)",
                   P_TEXT(client), P_TEXT(k->dossier), P_TEXT(k->record), P_TEXT(k->unit),
                   P_INT(local_day(c->now_us)), P_INT(c->now_us));
}

struct office_day {
    const char *unit;
    int64_t day;
};

static enum err keep_office(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(struct office_day *)arg = (struct office_day){row_text(r, 0), row_int(r, 1)};
    return OK;
}

enum err insurance_store_matter(struct ctx *c, const char *dossier, bool *ret_found,
                                struct matter_case *ret)
{
    struct office_day k;
    int64_t days = 0;
    enum err e = db_one(c, ret_found, keep_office, &k,
                        "SELECT unit, day FROM insurance_card WHERE dossier = $1"
                        " ORDER BY day DESC, client LIMIT 1",
                        P_TEXT(dossier));
    if (e || !*ret_found)
        return e;
    e = setting_int(c, "insurance.case_days", &days);
    *ret = (struct matter_case){.unit = k.unit, .open = local_day(c->now_us) <= k.day + days};
    return e;
}

struct listing {
    struct insurance_card *out;
    size_t n;
};

static enum err keep_card(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct listing *l = arg;
    l->out[l->n++] =
        (struct insurance_card){row_text(r, 0), row_text(r, 1), row_text(r, 2), row_int(r, 3)};
    return OK;
}

enum err insurance_store_list(struct ctx *c, const char *from, const char *until, int64_t day,
                              const char *before, struct insurance_card *ret, size_t max,
                              size_t *ret_n)
{
    struct listing l = {.out = ret};
    enum err e =
        db_each(c, keep_card, &l,
                "SELECT dossier, record, unit, at_us FROM insurance_card"
                " WHERE unit >= $1 AND unit < $2 AND day = $3 AND record < $4"
                " ORDER BY record DESC LIMIT $5",
                P_TEXT(from), P_TEXT(until), P_INT(day), P_TEXT(before), P_INT((int64_t)max));
    *ret_n = e ? 0 : l.n;
    return e;
}
