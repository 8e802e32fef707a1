/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of this folder only. */
#ifndef DINH_ENGINE_MEASURE_PRIVATE_H
#define DINH_ENGINE_MEASURE_PRIVATE_H

#include "engine/measure/measure.h"

#define MEASURE_NATION "VN"
#define MEASURE_HOME   "G22" /* the agency that counts for the nation */

struct measure_act {
    const char *indicator, *unit, *source;
    int64_t at_us, part, whole;
};
/* The unit right above in the tree of codes: H57.31.08, H57.31, H57, VN, then "". */
const char *measure_parent(struct arena *a, const char *unit);
/* In the write transaction; counts once, on every level. ret_new false: counted before. */
MUST_CHECK enum err measure_count(struct ctx *c, const struct measure_act *act, bool *ret_new);

/* measure_store.c */
MUST_CHECK enum err measure_store_source(struct ctx *c, const struct measure_act *act,
                                         int64_t *ret_rows);
MUST_CHECK enum err measure_store_add(struct ctx *c, const struct measure_act *act,
                                      const char *unit, const char *parent);
MUST_CHECK enum err measure_store_sum(struct ctx *c, const char *indicator, const char *unit,
                                      int from_day, int until_day, struct measure_value *ret);
MUST_CHECK enum err measure_store_below(struct ctx *c, const char *indicator, const char *unit,
                                        int from_day, int until_day, struct measure_value *ret,
                                        size_t max, size_t *ret_n);
MUST_CHECK enum err measure_store_sources(struct ctx *c, const char *indicator, const char *unit,
                                          const char *before, const char **ret, size_t max,
                                          size_t *ret_n);
/* measure_pages.c */
enum err measure_page(struct ctx *c, struct req *r);
enum err measure_unit_page(struct ctx *c, struct req *r);

#endif
