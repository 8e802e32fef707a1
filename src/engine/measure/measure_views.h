/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of this folder show. */
#ifndef DINH_ENGINE_MEASURE_VIEWS_H
#define DINH_ENGINE_MEASURE_VIEWS_H

#include "engine/measure/measure.h"
#include "web/page.h"

struct measure_line { /* one value: of an indicator at a unit in a period */
    const char *indicator, *title, *unit, *unit_name, *period, *period_name, *rate, *target, *href;
    const char *standing; /* "met", "not_met", "" when there is nothing to compare */
    const char *part_shown, *whole_shown; /* 8.125.000 */
    int64_t part, whole, target_year, target_percent;
};
struct measure_link {
    const char *href, *text;
    bool current; /* the period shown */
};
struct measure_view {
    const char *period, *period_name, *previous, *next;
    const char *unit_name; /* whose figures: the nation's, or the agency's that owns this node */
    const char *elsewhere; /* where the nation's stand; "" = here */
    int64_t counted;       /* some row has something to tell */
    struct list rows;      /* struct measure_line */
    struct list periods;   /* struct measure_link: this year, quarter, month, today */
};
struct measure_source_line {
    const char *source, *time;
    int64_t at_us, part, whole;
};
struct measure_target_line {
    int64_t year, percent;
    const char *words, *source;
};
struct measure_unit_view {
    struct measure_line value;
    const char *back, *period_name, *previous, *next;
    const char *part_is, *whole_is, *law; /* what is counted of what, and which text demands it */
    const char *more;                     /* address of the next page of sources; NULL at the end */
    const char *elsewhere;                /* the node that has the figures; "" = this one */
    int64_t sources_shown;                /* the reader may see the acts */
    struct list periods, targets, below, sources;
    /* for JSON: the value's members stand by themselves */
    const char *indicator, *unit, *rate, *period, *standing, *after;
    int64_t part, whole;
};
extern const struct shape measure_view_shape, measure_unit_shape;

#endif
