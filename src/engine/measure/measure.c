/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/country.h"
#include "core/scope.h"
#include "engine/exchange/exchange.h"
#include "engine/measure/measure_private.h"

const char *measure_parent(struct arena *a, const char *unit)
{
    const char *dot = strrchr(unit, '.');
    if (dot)
        return arena_text_n(a, unit, (size_t)(dot - unit));
    return text_eq(unit, MEASURE_NATION) ? "" : MEASURE_NATION;
}

/* ---- counting ---- */

static enum err known(struct ctx *c, const struct measure_act *act)
{
    if (!measure_indicator_of(act->indicator))
        return fail(c, ERR_NOT_FOUND, "indicator", act->indicator);
    if (!country_agency(c->node->country, act->unit))
        return fail(c, ERR_NOT_FOUND, "unit", act->unit);
    return OK;
}

/* On the unit of the act and every one above it. */
static enum err spread(struct ctx *c, const struct measure_act *act)
{
    enum err e = OK;
    for (const char *unit = act->unit; *unit && !e; unit = measure_parent(c->arena, unit))
        e = measure_store_add(c, act, unit, measure_parent(c->arena, unit));
    return e;
}

static enum err replace(struct ctx *c, const struct measure_act *act, bool *ret_new)
{
    struct measure_act was;
    bool found;
    enum err e = measure_store_source_get(c, act->indicator, act->source, &found, &was);
    if (e)
        return e;
    if (!found || !text_eq(was.unit, act->unit))
        return fail(c, ERR_CONFLICT, "source", act->source);
    *ret_new = act->revision > was.revision;
    if (!*ret_new)
        return OK;
    struct measure_act difference = was;
    difference.part = act->part - was.part;
    difference.whole = act->whole - was.whole;
    if ((e = measure_store_source_set(c, act)))
        return e;
    e = measure_store_correction(c, &was, act);
    return e ? e : spread(c, &difference);
}

enum err measure_count(struct ctx *c, const struct measure_act *act, bool *ret_new)
{
    int64_t rows;
    enum err e = known(c, act);
    if (!e)
        e = measure_store_source(c, act, &rows);
    if (e)
        return e;
    *ret_new = rows == 1;
    if (*ret_new)
        return spread(c, act);
    return act->revision ? replace(c, act, ret_new) : OK;
}

static enum err tell_nation(struct ctx *c, const struct measure_act *act)
{
    if (node_carries(c->node, MEASURE_HOME))
        return OK;
    struct buf b = buf_new(c->arena, 4096);
    buf_text(&b, "{\"indicator\":");
    buf_json(&b, act->indicator);
    buf_text(&b, ",\"unit\":");
    buf_json(&b, act->unit);
    buf_text(&b, ",\"source\":");
    buf_json(&b, act->source);
    buf_text(&b, ",\"at_us\":");
    buf_json(&b, time_iso(c->arena, act->at_us));
    buf_printf(&b, ",\"part\":%" PRId64 ",\"whole\":%" PRId64, act->part, act->whole);
    if (act->revision)
        buf_printf(&b, ",\"revision\":%" PRId64, act->revision);
    buf_text(&b, "}");
    const char *id;
    return exchange_send(c, MEASURE_HOME, "measure.add", "", buf_bytes(&b), &id);
}

enum err measure_add(struct ctx *c, const char *indicator, const char *unit, int64_t at_us,
                     int64_t part, int64_t whole, const char *source)
{
    struct measure_act act = {indicator, unit, source, at_us, part, whole, 0};
    bool fresh;
    enum err e = measure_count(c, &act, &fresh);
    return e || !fresh ? e : tell_nation(c, &act);
}

static enum err audited(struct ctx *c, const struct measure_act *was, const struct measure_act *is)
{
    struct audit_act act = {
        .action = "measure.correct",
        .kind = "indicator",
        .object = arena_printf(c->arena, "%s/%s", is->indicator, is->source),
        .detail = arena_printf(c->arena,
                               "{\"was\":[%" PRId64 ",%" PRId64 "],\"is\":[%" PRId64 ",%" PRId64
                               "],\"revision\":%" PRId64 "}",
                               was->part, was->whole, is->part, is->whole, is->revision)};
    return audit_write(c, &act);
}

enum err measure_correct(struct ctx *c, const char *indicator, const char *source, int64_t part,
                         int64_t whole)
{
    struct measure_act was, is;
    bool found, fresh;
    enum err e = measure_store_source_get(c, indicator, source, &found, &was);
    if (e)
        return e;
    if (!found)
        return fail(c, ERR_NOT_FOUND, "source", source);
    if (was.part == part && was.whole == whole)
        return OK;
    is = was;
    is.part = part;
    is.whole = whole;
    is.revision++;
    if (!(e = measure_count(c, &is, &fresh)))
        e = audited(c, &was, &is);
    return e ? e : tell_nation(c, &is);
}

/* ---- reading ---- */

enum err measure_read(struct ctx *c, const char *indicator, const char *unit, int from_day,
                      int until_day, struct measure_value *ret)
{
    return measure_store_sum(c, indicator, unit, from_day, until_day, ret);
}

enum err measure_below(struct ctx *c, const char *indicator, const char *unit, int from_day,
                       int until_day, struct measure_value *ret, size_t max, size_t *ret_n)
{
    return measure_store_below(c, indicator, unit, from_day, until_day, ret, max, ret_n);
}

struct measure_keyset measure_cursor(int from_day, int until_day, const char *after)
{
    struct measure_keyset k = {local_day_start_us(from_day), local_day_start_us(until_day),
                               INT64_MAX, ""};
    char *end;
    if (text_empty(after))
        return k;
    k.at_us = strtoll(after, &end, 10);
    k.source = *end == '.' ? end + 1 : "";
    return k;
}

enum err measure_sources(struct ctx *c, const char *indicator, const char *unit, int from_day,
                         int until_day, const char *after, struct measure_source *ret_sources,
                         size_t max, size_t *ret_n, const char **ret_next)
{
    struct scope s = scope_of(c, MEASURE_READ);
    struct measure_keyset k = measure_cursor(from_day, until_day, after);
    *ret_n = 0;
    *ret_next = NULL;
    if (!scope_allows(&s, unit, ""))
        return fail(c, ERR_FORBIDDEN, "unit", unit);
    struct measure_source *rows = ARENA_ARRAY(c->arena, max + 1, struct measure_source);
    enum err e = measure_store_sources(c, indicator, unit, &k, rows, max + 1, ret_n);
    if (e)
        return e;
    bool more = *ret_n > max;
    *ret_n = more ? max : *ret_n;
    memcpy(ret_sources, rows, *ret_n * sizeof *rows);
    if (more)
        *ret_next =
            arena_printf(c->arena, "%" PRId64 ".%s", rows[max - 1].at_us, rows[max - 1].source);
    return OK;
}
