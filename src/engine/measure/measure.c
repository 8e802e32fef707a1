/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "engine/exchange/exchange.h"
#include "engine/measure/measure_private.h"

#define LAST "\xf4\x8f\xbf\xbf" /* sorts after every code */

const char *measure_parent(struct arena *a, const char *unit)
{
    const char *dot = strrchr(unit, '.');
    if (dot)
        return arena_text_n(a, unit, (size_t)(dot - unit));
    return text_eq(unit, MEASURE_NATION) ? "" : MEASURE_NATION;
}

enum err measure_count(struct ctx *c, const struct measure_act *act, bool *ret_new)
{
    int64_t rows;
    enum err e = measure_store_source(c, act, &rows);
    if (e)
        return e;
    *ret_new = rows == 1;
    if (!*ret_new)
        return OK;
    for (const char *unit = act->unit; *unit && !e; unit = measure_parent(c->arena, unit))
        e = measure_store_add(c, act, unit, measure_parent(c->arena, unit));
    return e;
}

static enum err tell_nation(struct ctx *c, const struct measure_act *act)
{
    struct buf b = buf_new(c->arena, 4096);
    buf_text(&b, "{\"indicator\":");
    buf_json(&b, act->indicator);
    buf_text(&b, ",\"unit\":");
    buf_json(&b, act->unit);
    buf_text(&b, ",\"source\":");
    buf_json(&b, act->source);
    buf_text(&b, ",\"at_us\":");
    buf_json(&b, time_iso(c->arena, act->at_us));
    buf_printf(&b, ",\"part\":%lld,\"whole\":%lld}", (long long)act->part, (long long)act->whole);
    const char *id;
    return exchange_send(c, MEASURE_HOME, "measure.add", "", buf_bytes(&b), &id);
}

enum err measure_add(struct ctx *c, const char *indicator, const char *unit, int64_t at_us,
                     int64_t part, int64_t whole, const char *source)
{
    struct measure_act act = {indicator, unit, source, at_us, part, whole};
    bool fresh;
    enum err e = measure_count(c, &act, &fresh);
    if (e || !fresh || node_carries(c->node, MEASURE_HOME))
        return e;
    return tell_nation(c, &act);
}

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

enum err measure_sources(struct ctx *c, const char *indicator, const char *unit, const char *before,
                         const char **ret_sources, size_t max, size_t *ret_n)
{
    return measure_store_sources(c, indicator, unit, before ? before : LAST, ret_sources, max,
                                 ret_n);
}
