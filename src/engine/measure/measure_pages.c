/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "engine/measure/measure_private.h"
#include "engine/measure/measure_views.h"
#include "gen/html.h"

#define BELOW_MAX   100
#define SOURCES_MAX 20

SHAPE(measure_line_shape, struct measure_line,
      SHAPE_TEXT(struct measure_line, indicator, TX(measure_field_indicator), .max = 16),
      SHAPE_TEXT(struct measure_line, unit, TX(measure_field_unit), .max = 35),
      SHAPE_TEXT(struct measure_line, unit_name, TX(measure_field_unit), .max = 200),
      SHAPE_TEXT(struct measure_line, rate, TX(measure_field_rate), .max = 20),
      SHAPE_INT(struct measure_line, part, TX(measure_field_part)),
      SHAPE_INT(struct measure_line, whole, TX(measure_field_whole)));
SHAPE(measure_view_shape, struct measure_view,
      SHAPE_LIST(struct measure_view, rows, &measure_line_shape, TX(measure_title)));
SHAPE(measure_source_shape, struct measure_source_view,
      SHAPE_TEXT(struct measure_source_view, source, TX(measure_field_source), .max = 80));
SHAPE(measure_unit_shape, struct measure_unit_view,
      SHAPE_TEXT(struct measure_unit_view, indicator, TX(measure_field_indicator), .max = 16),
      SHAPE_TEXT(struct measure_unit_view, unit, TX(measure_field_unit), .max = 35),
      SHAPE_TEXT(struct measure_unit_view, rate, TX(measure_field_rate), .max = 20),
      SHAPE_INT(struct measure_unit_view, part, TX(measure_field_part)),
      SHAPE_INT(struct measure_unit_view, whole, TX(measure_field_whole)),
      SHAPE_LIST(struct measure_unit_view, below, &measure_line_shape, TX(measure_below)),
      SHAPE_LIST(struct measure_unit_view, sources, &measure_source_shape, TX(measure_sources)));

/* "12,5%" as people here write it; a whole of 0 has nothing to tell. */
static const char *rate(struct ctx *c, int64_t part, int64_t whole)
{
    if (whole <= 0)
        return "–";
    int64_t tenths = (part * 1000 + whole / 2) / whole;
    return arena_printf(c->arena, "%lld%c%lld%%", (long long)(tenths / 10),
                        c->lang == LANG_VI ? ',' : '.', (long long)(tenths % 10));
}

static const char *unit_name(struct ctx *c, const char *unit)
{
    const struct agency *g = country_agency(c->node->country, unit);
    if (text_eq(unit, MEASURE_NATION))
        return text_get(TX(measure_nation), c->lang);
    return g ? g->name[c->lang] : unit;
}

static const struct indicator *indicator_of(const struct ctx *c, const char *code)
{
    (void)c;
    for (size_t i = 0; i < measure_module.n_indicators; i++)
        if (text_eq(measure_module.indicators[i].code, code))
            return &measure_module.indicators[i];
    return NULL;
}

static struct measure_line line_of(struct ctx *c, const struct measure_value *v)
{
    const struct indicator *x = indicator_of(c, v->indicator);
    return (struct measure_line){.indicator = v->indicator,
                                 .title = x ? text_get(x->title, c->lang) : v->indicator,
                                 .unit = v->unit,
                                 .unit_name = unit_name(c, v->unit),
                                 .rate = rate(c, v->part, v->whole),
                                 .href =
                                     arena_printf(c->arena, "/chi-so/%s/%s", v->indicator, v->unit),
                                 .part = v->part,
                                 .whole = v->whole};
}

/* This calendar year up to and with today. */
static void year_of(const struct ctx *c, int *ret_from, int *ret_until)
{
    struct civil t = civil_from_us(c->now_us, LOCAL_OFFSET_US);
    *ret_from = day_from_civil(t.year, 1, 1);
    *ret_until = local_day(c->now_us) + 1;
}

enum err measure_page(struct ctx *c, struct req *r)
{
    int from, until;
    const struct module *m = &measure_module;
    struct measure_line *rows = ARENA_ARRAY(c->arena, m->n_indicators, struct measure_line);
    year_of(c, &from, &until);
    for (size_t i = 0; i < m->n_indicators; i++) {
        struct measure_value v;
        enum err e = measure_read(c, m->indicators[i].code, MEASURE_NATION, from, until, &v);
        if (e)
            return e;
        rows[i] = line_of(c, &v);
    }
    struct measure_view v = {.rows = {rows, m->n_indicators}};
    return answer(c, r, 200, &measure_view_shape, &v, measure_page_html);
}

static enum err fill_lists(struct ctx *c, struct measure_unit_view *v, int from, int until)
{
    struct measure_value below[BELOW_MAX];
    const char *sources[SOURCES_MAX];
    size_t n = 0, n_sources = 0;
    enum err e = measure_below(c, v->indicator, v->unit, from, until, below, BELOW_MAX, &n);
    if (!e)
        e = measure_sources(c, v->indicator, v->unit, NULL, sources, SOURCES_MAX, &n_sources);
    struct measure_line *lines = ARENA_ARRAY(c->arena, n + 1, struct measure_line);
    struct measure_source_view *acts =
        ARENA_ARRAY(c->arena, n_sources + 1, struct measure_source_view);
    for (size_t i = 0; i < n; i++)
        lines[i] = line_of(c, &below[i]);
    for (size_t i = 0; i < n_sources; i++)
        acts[i].source = sources[i];
    v->below = (struct list){lines, n};
    v->sources = (struct list){acts, n_sources};
    return e;
}

enum err measure_unit_page(struct ctx *c, struct req *r)
{
    int from, until;
    struct measure_value value;
    const char *code = req_param(r, "indicator"), *unit = req_param(r, "unit");
    const struct indicator *x = indicator_of(c, code);
    if (!x)
        return fail(c, ERR_NOT_FOUND, "indicator", code);
    year_of(c, &from, &until);
    enum err e = measure_read(c, code, unit, from, until, &value);
    if (e)
        return e;
    struct measure_unit_view v = {.indicator = code,
                                  .title = text_get(x->title, c->lang),
                                  .unit = unit,
                                  .unit_name = unit_name(c, unit),
                                  .rate = rate(c, value.part, value.whole),
                                  .part = value.part,
                                  .whole = value.whole};
    e = fill_lists(c, &v, from, until);
    return e ? e : answer(c, r, 200, &measure_unit_shape, &v, measure_unit_html);
}
