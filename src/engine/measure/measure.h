/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is counted: indicators by place and day, updated in the transaction of the act they count,
 * on every level above it (commune, district, province, nation). Law: mandate targets T01-T23;
 * which of them are counted, their names and targets are the country pack's (indicators.json).
 */
#ifndef DINH_ENGINE_MEASURE_H
#define DINH_ENGINE_MEASURE_H

#include "core/module.h"

extern const struct module measure_module;

/* ---- what the country counts ---- */
enum measure_period { MEASURE_DAY, MEASURE_MONTH, MEASURE_QUARTER, MEASURE_YEAR };
struct measure_target {
    int64_t year, percent;
    const char *source; /* text and line it stands in */
};
struct measure_indicator {
    const char *code;                         /* "T04" */
    const char *name[2], *part[2], *whole[2]; /* by enum lang: the name, what is counted of what */
    const char *source;                       /* the text that demands it */
    enum measure_period finest;               /* shorter periods say nothing */
    bool lower_is_better;
    const struct measure_target *targets; /* by year, rising */
    size_t n_targets;
};
const struct measure_indicator *measure_indicators(size_t *ret_n);      /* in the pack's order */
const struct measure_indicator *measure_indicator_of(const char *code); /* NULL: not counted */
/* The target of that year or the next one named, else the last one; NULL when there is none. */
const struct measure_target *measure_target_for(const struct measure_indicator *x, int year);

/* A period of the calendar in Viet Nam, days [from_day, until_day). */
struct measure_span {
    enum measure_period period;
    int from_day, until_day;
    const char *code; /* "2026", "2026-Q3", "2026-07", "2026-07-15" */
};
struct measure_span measure_span_of(struct arena *a, enum measure_period period, int day);
/* From its code; false on anything else. Years 1900-2199. */
UNTRUSTED MUST_CHECK bool measure_span_read(struct arena *a, const char *code,
                                            struct measure_span *ret_span);

/* ---- counting: write transaction ---- */
/* Adds to the indicator at unit and all units above it; source: the act's public code (an act
   counts once: the same source again changes nothing). Travels to the national node by the
   exchange. ERR_NOT_FOUND: the country doesn't count it, or has no such unit. */
MUST_CHECK enum err measure_add(struct ctx *c, const char *indicator, const char *unit,
                                int64_t at_us, int64_t part, int64_t whole, const char *source);
/* What that act adds is this from now on: the difference goes to its day on every level, here and
   at the nation; what it was is kept, the audit trail tells. ERR_NOT_FOUND: not counted. */
MUST_CHECK enum err measure_correct(struct ctx *c, const char *indicator, const char *source,
                                    int64_t part, int64_t whole);

/* ---- reading ---- */
struct measure_value {
    const char *indicator, *unit;
    int64_t part, whole; /* the rate is part / whole; whole 0 = nothing to tell */
};
/* Sum over civil days [from_day, until_day). */
MUST_CHECK enum err measure_read(struct ctx *c, const char *indicator, const char *unit,
                                 int from_day, int until_day, struct measure_value *ret);
/* The units right below, in code order, at most max. */
MUST_CHECK enum err measure_below(struct ctx *c, const char *indicator, const char *unit,
                                  int from_day, int until_day, struct measure_value *ret,
                                  size_t max, size_t *ret_n);
struct measure_source { /* an act counted */
    const char *source;
    int64_t at_us, part, whole;
};
/* The acts done at the unit itself in that time, newest first; after NULL: the first page. The
   actor needs measure.read over the unit, else ERR_FORBIDDEN. ret_next NULL at the end. */
MUST_CHECK enum err measure_sources(struct ctx *c, const char *indicator, const char *unit,
                                    int from_day, int until_day, const char *after,
                                    struct measure_source *ret_sources, size_t max, size_t *ret_n,
                                    const char **ret_next);

#endif
