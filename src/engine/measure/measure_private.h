/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of this folder only. */
#ifndef DINH_ENGINE_MEASURE_PRIVATE_H
#define DINH_ENGINE_MEASURE_PRIVATE_H

#include "core/pack.h"
#include "engine/measure/measure.h"

#define MEASURE_NATION "VN"
#define MEASURE_HOME   "G22" /* the agency that counts for the nation */
#define MEASURE_READ   "measure.read"

struct measure_act {
    const char *indicator, *unit, *source;
    int64_t at_us, part, whole, revision; /* revision: corrections of the act so far */
};
/* The unit right above in the tree of codes: H57.31.08, H57.31, H57, VN, then "". */
const char *measure_parent(struct arena *a, const char *unit);
/* In the write transaction; counts once, on every level; a higher revision replaces what the act
   added. ret_new false: known already. ERR_CONFLICT: the source is another unit's. */
MUST_CHECK enum err measure_count(struct ctx *c, const struct measure_act *act, bool *ret_new);

/* measure_pack.c: reads indicators.json into the memory of c; ERR_DEFINITION names file and line */
MUST_CHECK enum err measure_pack_load(struct ctx *c, const struct pack_file *f);
MUST_CHECK enum err measure_start(struct ctx *c);

/* measure_store.c */
MUST_CHECK enum err measure_store_source(struct ctx *c, const struct measure_act *act,
                                         int64_t *ret_rows);
MUST_CHECK enum err measure_store_source_get(struct ctx *c, const char *indicator,
                                             const char *source, bool *ret_found,
                                             struct measure_act *ret);
MUST_CHECK enum err measure_store_source_set(struct ctx *c, const struct measure_act *act);
MUST_CHECK enum err measure_store_correction(struct ctx *c, const struct measure_act *was,
                                             const struct measure_act *is);
MUST_CHECK enum err measure_store_add(struct ctx *c, const struct measure_act *act,
                                      const char *unit, const char *parent);
MUST_CHECK enum err measure_store_sum(struct ctx *c, const char *indicator, const char *unit,
                                      int from_day, int until_day, struct measure_value *ret);
MUST_CHECK enum err measure_store_below(struct ctx *c, const char *indicator, const char *unit,
                                        int from_day, int until_day, struct measure_value *ret,
                                        size_t max, size_t *ret_n);
struct measure_keyset { /* acts of [from_us, until_us), those before (at_us, source) */
    int64_t from_us, until_us, at_us;
    const char *source;
};
/* The place of a page: "microseconds.source" of the last act shown; "" or NULL: the newest. */
UNTRUSTED struct measure_keyset measure_cursor(int from_day, int until_day, const char *after);
MUST_CHECK enum err measure_store_sources(struct ctx *c, const char *indicator, const char *unit,
                                          const struct measure_keyset *k,
                                          struct measure_source *ret, size_t max, size_t *ret_n);
/* measure_pages.c */
enum err measure_page(struct ctx *c, struct req *r);
enum err measure_unit_page(struct ctx *c, struct req *r);

#endif
