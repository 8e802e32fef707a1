/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of this folder show. */
#ifndef DINH_ENGINE_MEASURE_VIEWS_H
#define DINH_ENGINE_MEASURE_VIEWS_H

#include "engine/measure/measure.h"
#include "web/page.h"

struct measure_line { /* one value: of an indicator at a unit */
    const char *indicator, *title, *unit, *unit_name, *rate, *href;
    int64_t part, whole;
};
struct measure_view {
    struct list rows; /* struct measure_line */
};
struct measure_source_view {
    const char *source;
};
struct measure_unit_view {
    const char *indicator, *title, *unit, *unit_name, *rate;
    int64_t part, whole;
    struct list below, sources;
};
extern const struct shape measure_line_shape, measure_view_shape, measure_unit_shape;

#endif
