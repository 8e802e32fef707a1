/* SPDX-License-Identifier: Apache-2.0 */
/* Which indicators the country counts, and their targets: indicators.json. */
#include "base/text.h"
#include "core/country.h"
#include "engine/measure/measure_private.h"

#define INDICATORS_FILE "indicators.json"
#define MAX_INDICATORS  64

static struct measure_indicator indicators[MAX_INDICATORS];
static size_t n_indicators;

const struct measure_indicator *measure_indicators(size_t *ret_n)
{
    *ret_n = n_indicators;
    return indicators;
}

const struct measure_indicator *measure_indicator_of(const char *code)
{
    for (size_t i = 0; i < n_indicators; i++)
        if (text_eq(indicators[i].code, code))
            return &indicators[i];
    return NULL;
}

const struct measure_target *measure_target_for(const struct measure_indicator *x, int year)
{
    for (size_t i = 0; i < x->n_targets; i++)
        if (x->targets[i].year >= year)
            return &x->targets[i];
    return x->n_targets ? &x->targets[x->n_targets - 1] : NULL;
}

static void words_in(struct arena *a, const json_t *o, const char *name, const char *ret[2])
{
    const json_t *words = json_object_get(o, name);
    ret[LANG_VI] = arena_text(a, json_text_of(words, "vi", ""));
    ret[LANG_EN] = arena_text(a, json_text_of(words, "en", ""));
}

static enum measure_period period_of(const char *name)
{
    static const char *const names[] = {"day", "month", "quarter", "year"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (text_eq(names[i], name))
            return (enum measure_period)i;
    return MEASURE_DAY;
}

static enum err read_targets(struct ctx *c, const struct pack_file *f, const char *place,
                             const json_t *o, struct measure_indicator *x)
{
    const json_t *rows = json_list_of(o, "targets");
    struct measure_target *t = ARENA_ARRAY(c->arena, json_array_size(rows), struct measure_target);
    x->targets = t;
    x->n_targets = json_array_size(rows);
    for (size_t i = 0; i < x->n_targets; i++) {
        const json_t *row = json_array_get(rows, i);
        t[i] = (struct measure_target){json_int_of(row, "year", 0), json_int_of(row, "value", 0),
                                       arena_text(c->arena, json_text_of(row, "source", ""))};
        if (i && t[i].year <= t[i - 1].year)
            return pack_fault(c, f, arena_printf(c->arena, "%s.targets[%zu].year", place, i),
                              "years must rise");
    }
    return OK;
}

static enum err read_indicator(struct ctx *c, const struct pack_file *f, size_t i, const json_t *o)
{
    struct measure_indicator x = {.code = arena_text(c->arena, json_text_of(o, "code", "")),
                                  .source = arena_text(c->arena, json_text_of(o, "source", "")),
                                  .finest = period_of(json_text_of(o, "period", "")),
                                  .lower_is_better =
                                      text_eq(json_text_of(o, "better", ""), "lower")};
    const char *place = arena_printf(c->arena, "indicators[%zu]", i);
    const json_t *from = json_object_get(o, "counted_from");
    bool distinct = text_eq(json_text_of(o, "kind", ""), "distinct");
    if (measure_indicator_of(x.code) || n_indicators == MAX_INDICATORS)
        return pack_fault(c, f, arena_printf(c->arena, "%s.code", place),
                          "occurs twice, or is the 65th");
    if (!text_eq(json_text_of(o, "unit", ""), "percent"))
        return pack_fault(c, f, arena_printf(c->arena, "%s.unit", place),
                          "only percent is counted");
    if (distinct != (json_object_get(from, "distinct") != NULL))
        return pack_fault(c, f, arena_printf(c->arena, "%s.counted_from", place),
                          "does not fit the kind");
    words_in(c->arena, o, "label", x.name);
    words_in(c->arena, o, "numerator", x.part);
    words_in(c->arena, o, "denominator", x.whole);
    enum err e = read_targets(c, f, place, o, &x);
    if (!e)
        indicators[n_indicators++] = x;
    return e;
}

enum err measure_pack_load(struct ctx *c, const struct pack_file *f)
{
    const json_t *rows = json_list_of(f->root, "indicators");
    enum err e = OK;
    n_indicators = 0;
    for (size_t i = 0; i < json_array_size(rows) && !e; i++)
        e = read_indicator(c, f, i, json_array_get(rows, i));
    return e;
}

enum err measure_start(struct ctx *c)
{
    struct pack_file f;
    enum err e = pack_open(c, country_dir(c->node->country), INDICATORS_FILE, &f);
    if (e)
        return e;
    e = measure_pack_load(c, &f);
    pack_close(&f);
    return e;
}
