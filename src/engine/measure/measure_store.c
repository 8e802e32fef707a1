/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "engine/measure/measure_private.h"

enum err measure_store_source(struct ctx *c, const struct measure_act *act, int64_t *ret_rows)
{
    return db_exec(
        c, ret_rows,
        "INSERT INTO measure_source (indicator, source, unit, at_us, part, whole, revision)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        P_TEXT(act->indicator), P_TEXT(act->source), P_TEXT(act->unit), P_INT(act->at_us),
        P_INT(act->part), P_INT(act->whole), P_INT(act->revision));
}

static enum err read_act(struct ctx *c, const struct db_row *row, void *arg)
{
    (void)c;
    struct measure_act *act = arg;
    act->unit = row_text(row, 0);
    act->at_us = row_int(row, 1);
    act->part = row_int(row, 2);
    act->whole = row_int(row, 3);
    act->revision = row_int(row, 4);
    return OK;
}

enum err measure_store_source_get(struct ctx *c, const char *indicator, const char *source,
                                  bool *ret_found, struct measure_act *ret)
{
    *ret = (struct measure_act){.indicator = indicator, .source = source};
    return db_one(c, ret_found, read_act, ret,
                  "SELECT unit, at_us, part, whole, revision FROM measure_source"
                  " WHERE indicator = $1 AND source = $2",
                  P_TEXT(indicator), P_TEXT(source));
}

enum err measure_store_source_set(struct ctx *c, const struct measure_act *act)
{
    return db_exec(c, NULL,
                   "UPDATE measure_source SET part = $3, whole = $4, revision = $5"
                   " WHERE indicator = $1 AND source = $2",
                   P_TEXT(act->indicator), P_TEXT(act->source), P_INT(act->part), P_INT(act->whole),
                   P_INT(act->revision));
}

enum err measure_store_correction(struct ctx *c, const struct measure_act *was,
                                  const struct measure_act *is)
{
    return db_exec(c, NULL,
                   "INSERT INTO measure_correction (indicator, source, revision, at_us, was_part,"
                   " was_whole, part, whole) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                   P_TEXT(is->indicator), P_TEXT(is->source), P_INT(is->revision), P_INT(c->now_us),
                   P_INT(was->part), P_INT(was->whole), P_INT(is->part), P_INT(is->whole));
}

enum err measure_store_add(struct ctx *c, const struct measure_act *act, const char *unit,
                           const char *parent)
{
    return db_exec(c, NULL,
                   "INSERT INTO measure_value (indicator, unit, parent, day, part, whole)"
                   " VALUES ($1, $2, $3, $4, $5, $6)"
                   " ON CONFLICT (indicator, unit, day) DO UPDATE SET"
                   " part = measure_value.part + excluded.part,"
                   " whole = measure_value.whole + excluded.whole",
                   P_TEXT(act->indicator), P_TEXT(unit), P_TEXT(parent),
                   P_INT(local_day(act->at_us)), P_INT(act->part), P_INT(act->whole));
}

static enum err read_sum(struct ctx *c, const struct db_row *row, void *arg)
{
    (void)c;
    struct measure_value *v = arg;
    v->part = row_int(row, 0);
    v->whole = row_int(row, 1);
    return OK;
}

enum err measure_store_sum(struct ctx *c, const char *indicator, const char *unit, int from_day,
                           int until_day, struct measure_value *ret)
{
    bool found;
    *ret = (struct measure_value){.indicator = indicator, .unit = unit};
    return db_one(c, &found, read_sum, ret,
                  "SELECT CAST(sum(part) AS BIGINT), CAST(sum(whole) AS BIGINT)"
                  " FROM measure_value"
                  " WHERE indicator = $1 AND unit = $2 AND day >= $3 AND day < $4",
                  P_TEXT(indicator), P_TEXT(unit), P_INT(from_day), P_INT(until_day));
}

struct listing {
    struct measure_value *values;
    struct measure_source *sources;
    const char *indicator;
    size_t n, max;
};

static enum err read_below(struct ctx *c, const struct db_row *row, void *arg)
{
    (void)c;
    struct listing *l = arg;
    if (l->n == l->max)
        return OK;
    l->values[l->n++] = (struct measure_value){.indicator = l->indicator,
                                               .unit = row_text(row, 0),
                                               .part = row_int(row, 1),
                                               .whole = row_int(row, 2)};
    return OK;
}

enum err measure_store_below(struct ctx *c, const char *indicator, const char *unit, int from_day,
                             int until_day, struct measure_value *ret, size_t max, size_t *ret_n)
{
    struct listing l = {.values = ret, .indicator = indicator, .max = max};
    enum err e = db_each(c, read_below, &l,
                         "SELECT unit, CAST(sum(part) AS BIGINT), CAST(sum(whole) AS BIGINT)"
                         " FROM measure_value"
                         " WHERE indicator = $1 AND parent = $2 AND day >= $3 AND day < $4"
                         " GROUP BY unit ORDER BY unit LIMIT $5",
                         P_TEXT(indicator), P_TEXT(unit), P_INT(from_day), P_INT(until_day),
                         P_INT((int64_t)max));
    if (!e)
        *ret_n = l.n;
    return e;
}

static enum err read_source(struct ctx *c, const struct db_row *row, void *arg)
{
    (void)c;
    struct listing *l = arg;
    if (l->n < l->max)
        l->sources[l->n++] = (struct measure_source){.source = row_text(row, 0),
                                                     .at_us = row_int(row, 1),
                                                     .part = row_int(row, 2),
                                                     .whole = row_int(row, 3)};
    return OK;
}

enum err measure_store_sources(struct ctx *c, const char *indicator, const char *unit,
                               const struct measure_keyset *k, struct measure_source *ret,
                               size_t max, size_t *ret_n)
{
    struct listing l = {.sources = ret, .max = max};
    enum err e = db_each(c, read_source, &l,
                         "SELECT source, at_us, part, whole FROM measure_source"
                         " WHERE indicator = $1 AND unit = $2 AND at_us >= $3 AND at_us < $4"
                         " AND (at_us < $5 OR (at_us = $5 AND source < $6))"
                         " ORDER BY at_us DESC, source DESC LIMIT $7",
                         P_TEXT(indicator), P_TEXT(unit), P_INT(k->from_us), P_INT(k->until_us),
                         P_INT(k->at_us), P_TEXT(k->source), P_INT((int64_t)max));
    if (!e)
        *ret_n = l.n;
    return e;
}
