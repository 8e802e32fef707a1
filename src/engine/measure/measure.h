/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is counted: indicators by place and day, updated in the transaction of the act they count,
 * on every level above it (commune, district, province, nation). Law: mandate targets T01-T23.
 */
#ifndef DINH_ENGINE_MEASURE_H
#define DINH_ENGINE_MEASURE_H

#include "core/module.h"

extern const struct module measure_module;

struct measure_value {
    const char *indicator, *unit;
    int64_t part, whole; /* the rate is part / whole; whole 0 = nothing to tell */
};
/* Adds to the indicator at unit and all units above it; source: the act's id (an act counts once:
   the same source again changes nothing). Travels to the national node by the exchange. */
MUST_CHECK enum err measure_add(struct ctx *c, const char *indicator, const char *unit,
                                int64_t at_us, int64_t part, int64_t whole, const char *source);
/* Sum over civil days [from_day, until_day). */
MUST_CHECK enum err measure_read(struct ctx *c, const char *indicator, const char *unit,
                                 int from_day, int until_day, struct measure_value *ret);
/* The units right below, in code order, at most max. */
MUST_CHECK enum err measure_below(struct ctx *c, const char *indicator, const char *unit,
                                  int from_day, int until_day, struct measure_value *ret,
                                  size_t max, size_t *ret_n);
/* The acts a value was computed from, newest first: the drill-down. */
MUST_CHECK enum err measure_sources(struct ctx *c, const char *indicator, const char *unit,
                                    const char *before, const char **ret_sources, size_t max,
                                    size_t *ret_n);

#endif
