/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of measure share: the acts of a ward and calls with their arguments. */
#ifndef DINH_ENGINE_MEASURE_TEST_H
#define DINH_ENGINE_MEASURE_TEST_H

#include "base/text.h"
#include "base/time.h"
#include "engine/exchange/exchange.h"
#include "engine/measure/measure_private.h"
#include "test/harness/node_test.h"

#define VY_DA "H57.31.08" /* a ward of Huế city */
#define TAY   "H57.31.09" /* another */

static const struct module *const modules[] UNUSED = {&exchange_module, &measure_module};

struct work { /* arguments and results of one call */
    const char *indicator, *unit, *source, *after;
    int64_t at_us, part, whole;
    int from_day, until_day;
    struct measure_value value, below[50];
    struct measure_source sources[50];
    size_t n, max;
    const char *next;
};

static inline enum err add_it(struct ctx *c, void *arg)
{
    const struct work *k = arg;
    return measure_add(c, k->indicator ? k->indicator : "T04", k->unit,
                       k->at_us ? k->at_us : c->now_us, k->part, k->whole, k->source);
}

static inline enum err correct_it(struct ctx *c, void *arg)
{
    const struct work *k = arg;
    return measure_correct(c, k->indicator ? k->indicator : "T04", k->source, k->part, k->whole);
}

static inline enum err read_it(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return measure_read(c, k->indicator ? k->indicator : "T04", k->unit, k->from_day, k->until_day,
                        &k->value);
}

static inline enum err below_it(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return measure_below(c, "T04", k->unit, k->from_day, k->until_day, k->below, 50, &k->n);
}

static inline enum err list_sources(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return measure_sources(c, "T04", k->unit, k->from_day, k->until_day, k->after, k->sources,
                           k->max, &k->n, &k->next);
}

static inline enum err added(struct node_world *w, const char *unit, int64_t part, int64_t whole,
                             const char *source)
{
    struct work k = {.unit = unit, .part = part, .whole = whole, .source = source};
    return do_write(w, add_it, &k);
}

/* The value of T04 at the unit in the period of that code. */
static inline struct measure_value value_in(struct node_world *w, const char *unit,
                                            const char *span)
{
    struct measure_span s;
    assert_true(measure_span_read(w->c->arena, span, &s));
    struct work k = {.unit = unit, .from_day = s.from_day, .until_day = s.until_day};
    assert_int_equal(do_read(w, read_it, &k), OK);
    return k.value;
}

static inline void assert_value(struct node_world *w, const char *unit, const char *span,
                                int64_t part, int64_t whole)
{
    struct measure_value v = value_in(w, unit, span);
    if (v.part != part || v.whole != whole)
        print_error("%s in %s: %lld / %lld\n", unit, span, (long long)v.part, (long long)v.whole);
    assert_int_equal(v.part, part);
    assert_int_equal(v.whole, whole);
}

#endif
