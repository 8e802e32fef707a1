/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "core/say.h"
#include "engine/measure/measure_private.h"
#include "engine/measure/measure_views.h"
#include "gen/html.h"

#define BELOW_MAX   200
#define SOURCES_MAX 20
#define ROOT        "/chi-so"

#define VALUE_FIELDS(s)                                                                            \
    SHAPE_TEXT(s, indicator, TX(measure_field_indicator), .max = 16),                              \
        SHAPE_TEXT(s, unit, TX(measure_field_unit), .max = 35),                                    \
        SHAPE_TEXT(s, period, TX(measure_period), .max = 10),                                      \
        SHAPE_TEXT(s, rate, TX(measure_field_rate), .max = 20),                                    \
        SHAPE_TEXT(s, standing, TX(measure_standing), .max = 10),                                  \
        SHAPE_INT(s, part, TX(measure_field_part)), SHAPE_INT(s, whole, TX(measure_field_whole))

SHAPE(measure_line_shape, struct measure_line, VALUE_FIELDS(struct measure_line),
      SHAPE_TEXT(struct measure_line, unit_name, TX(measure_field_unit), .max = 200),
      SHAPE_TEXT(struct measure_line, title, TX(measure_field_indicator), .max = 200),
      SHAPE_INT(struct measure_line, target_year, TX(measure_target_year)),
      SHAPE_INT(struct measure_line, target_percent, TX(measure_targets)));
SHAPE(measure_view_shape, struct measure_view,
      SHAPE_TEXT(struct measure_view, period, TX(measure_period), .max = 10),
      SHAPE_TEXT(struct measure_view, elsewhere, TX(measure_elsewhere_link), .max = 500),
      SHAPE_LIST(struct measure_view, rows, &measure_line_shape, TX(measure_title)));
SHAPE(measure_target_shape, struct measure_target_line,
      SHAPE_INT(struct measure_target_line, year, TX(measure_target_year)),
      SHAPE_INT(struct measure_target_line, percent, TX(measure_targets)),
      SHAPE_TEXT(struct measure_target_line, source, TX(measure_law), .max = 200));
SHAPE(measure_source_shape, struct measure_source_line,
      SHAPE_TEXT(struct measure_source_line, source, TX(measure_field_source), .max = 80),
      SHAPE_NUMBER(struct measure_source_line, at_us, KIND_TIME, TX(measure_field_at)),
      SHAPE_INT(struct measure_source_line, part, TX(measure_field_part)),
      SHAPE_INT(struct measure_source_line, whole, TX(measure_field_whole)));
SHAPE(measure_unit_shape, struct measure_unit_view, VALUE_FIELDS(struct measure_unit_view),
      SHAPE_LIST(struct measure_unit_view, targets, &measure_target_shape, TX(measure_targets)),
      SHAPE_LIST(struct measure_unit_view, below, &measure_line_shape, TX(measure_below)),
      SHAPE_NUMBER(struct measure_unit_view, sources_shown, KIND_BOOL, TX(measure_sources)),
      SHAPE_LIST(struct measure_unit_view, sources, &measure_source_shape, TX(measure_sources)),
      SHAPE_TEXT(struct measure_unit_view, elsewhere, TX(measure_elsewhere_link), .max = 500),
      SHAPE_TEXT(struct measure_unit_view, after, TX(measure_sources_after), .max = 120));

/* "12,5%" as people here write it; a whole of 0 has nothing to tell. */
static const char *rate(struct ctx *c, int64_t part, int64_t whole)
{
    if (whole <= 0)
        return "–";
    int64_t tenths = (part * 1000 + whole / 2) / whole;
    return arena_printf(c->arena, "%lld%c%lld%%", (long long)(tenths / 10),
                        c->lang == LANG_VI ? ',' : '.', (long long)(tenths % 10));
}

static const char *number(struct ctx *c, int64_t n)
{
    return arena_printf(c->arena, "%lld", (long long)n);
}

/* 8.125.000 in Vietnamese, 8,125,000 in English. */
static const char *grouped(struct ctx *c, int64_t n)
{
    const char *digits = number(c, n);
    size_t len = strlen(digits);
    struct buf b = buf_new(c->arena, 64);
    for (size_t i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            buf_char(&b, c->lang == LANG_VI ? '.' : ',');
        buf_char(&b, digits[i]);
    }
    return b.ptr;
}

static const char *unit_name(struct ctx *c, const char *unit)
{
    if (text_eq(unit, MEASURE_NATION))
        return text_get(TX(measure_nation), c->lang);
    return country_agency_name(c->node->country, unit, c->lang);
}

static const char *span_name(struct ctx *c, const struct measure_span *s)
{
    struct civil t = civil_from_us(local_day_start_us(s->from_day), LOCAL_OFFSET_US);
    const char *year = number(c, t.year);
    switch (s->period) {
    case MEASURE_YEAR: return say(c->arena, c->lang, TX(measure_period_year), year, NULL, NULL);
    case MEASURE_QUARTER:
        return say(c->arena, c->lang, TX(measure_period_quarter), number(c, (t.month + 2) / 3),
                   year, NULL);
    case MEASURE_MONTH:
        return say(c->arena, c->lang, TX(measure_period_month), number(c, t.month), year, NULL);
    case MEASURE_DAY:
        return say(c->arena, c->lang, TX(measure_period_day), day_show(c->arena, s->from_day), NULL,
                   NULL);
    }
    BUG("period");
}

static const char *address(struct ctx *c, const char *indicator, const char *unit,
                           const struct measure_span *s)
{
    if (!indicator)
        return arena_printf(c->arena, ROOT "?ky=%s", s->code);
    return arena_printf(c->arena, ROOT "/%s/%s?ky=%s", indicator, unit, s->code);
}

static const struct field asked_fields[] = {
    {.name = "ky", .kind = KIND_TEXT, .label_text = TX(measure_period)},
};
static const struct shape measure_asked_shape = {
    .name = "measure_asked", .fields = asked_fields, .n = ARRAY_LEN(asked_fields)};

/* What the address asks for; nothing: this year. */
static enum err span_asked(struct ctx *c, struct req *r, struct measure_span *ret)
{
    const char *code = req_query(r, "ky");
    r->labels = &measure_asked_shape;
    if (text_empty(code))
        *ret = measure_span_of(c->arena, MEASURE_YEAR, local_day(c->now_us));
    else if (!measure_span_read(c->arena, code, ret))
        return fail(c, ERR_BAD_DATE, "ky", code);
    return OK;
}

/* Shorter than the indicator is told in: the period that holds it. */
static struct measure_span widened(struct ctx *c, const struct measure_indicator *x,
                                   const struct measure_span *s)
{
    return s->period < x->finest ? measure_span_of(c->arena, x->finest, s->from_day) : *s;
}

static int year_of(const struct measure_span *s)
{
    return civil_from_us(local_day_start_us(s->from_day), LOCAL_OFFSET_US).year;
}

static const char *standing(const struct measure_indicator *x, const struct measure_target *t,
                            const struct measure_value *v)
{
    if (!t || v->whole <= 0)
        return "";
    int64_t reached = v->part * 100, wanted = t->percent * v->whole;
    return (x->lower_is_better ? reached <= wanted : reached >= wanted) ? "met" : "not_met";
}

static const char *target_words(struct ctx *c, const struct measure_target *t, const char *stands)
{
    enum text key = text_eq(stands, "met")       ? TX(measure_target_met)
                    : text_eq(stands, "not_met") ? TX(measure_target_not_met)
                                                 : TX(measure_target);
    return say(c->arena, c->lang, key, number(c, t->year), number(c, t->percent), NULL);
}

static struct measure_line line_of(struct ctx *c, const struct measure_indicator *x,
                                   const struct measure_span *s, const struct measure_value *v)
{
    const struct measure_target *t = measure_target_for(x, year_of(s));
    struct measure_line line = {.indicator = v->indicator,
                                .title = x->name[c->lang],
                                .unit = v->unit,
                                .unit_name = unit_name(c, v->unit),
                                .period = s->code,
                                .period_name = span_name(c, s),
                                .rate = rate(c, v->part, v->whole),
                                .part_shown = grouped(c, v->part),
                                .whole_shown = grouped(c, v->whole),
                                .standing = standing(x, t, v),
                                .target = "",
                                .href = address(c, v->indicator, v->unit, s),
                                .part = v->part,
                                .whole = v->whole};
    if (t) {
        line.target = target_words(c, t, line.standing);
        line.target_year = t->year;
        line.target_percent = t->percent;
    }
    return line;
}

/* This year, quarter, month and day, as far as the indicator is told in them. */
static struct list periods_of(struct ctx *c, const char *indicator, const char *unit,
                              enum measure_period finest, const struct measure_span *shown)
{
    static const struct {
        enum measure_period period;
        enum text text;
    } all[] = {{MEASURE_YEAR, TX(measure_this_year)},
               {MEASURE_QUARTER, TX(measure_this_quarter)},
               {MEASURE_MONTH, TX(measure_this_month)},
               {MEASURE_DAY, TX(measure_today)}};
    struct measure_link *links = ARENA_ARRAY(c->arena, ARRAY_LEN(all), struct measure_link);
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct measure_span s = measure_span_of(c->arena, all[i].period, local_day(c->now_us));
        if (s.period >= finest)
            links[n++] =
                (struct measure_link){address(c, indicator, unit, &s),
                                      text_get(all[i].text, c->lang), text_eq(s.code, shown->code)};
    }
    return (struct list){links, n};
}

static const char *span_before(struct ctx *c, const char *indicator, const char *unit,
                               const struct measure_span *s)
{
    struct measure_span p = measure_span_of(c->arena, s->period, s->from_day - 1);
    return address(c, indicator, unit, &p);
}

static const char *span_after(struct ctx *c, const char *indicator, const char *unit,
                              const struct measure_span *s)
{
    if (s->until_day > local_day(c->now_us))
        return NULL;
    struct measure_span n = measure_span_of(c->arena, s->period, s->until_day);
    return address(c, indicator, unit, &n);
}

/* Every act is told to the nation's node. Another one knows those of its own agencies only: what it
   would say of others, or of the nation, is a part or nothing. */
static bool told_here(const struct ctx *c, const char *unit)
{
    const char *top = unit;
    if (!c->node->identity_url)
        return true;
    for (const char *up = measure_parent(c->arena, unit); *up && !text_eq(up, MEASURE_NATION);
         up = measure_parent(c->arena, up))
        top = up;
    return node_carries(c->node, top);
}

static const char *elsewhere(const struct ctx *c, const char *path)
{
    return arena_printf(c->arena, "%s%s", c->node->identity_url, path);
}

enum err measure_page(struct ctx *c, struct req *r)
{
    size_t n;
    int64_t counted = 0;
    bool nation = c->node->identity_url == NULL;
    const char *unit = nation ? MEASURE_NATION : c->node->agency;
    struct measure_span s;
    const struct measure_indicator *all = measure_indicators(&n);
    struct measure_line *rows = ARENA_ARRAY(c->arena, n, struct measure_line);
    enum err e = span_asked(c, r, &s);
    for (size_t i = 0; i < n && !e; i++) {
        struct measure_value v;
        struct measure_span told = widened(c, &all[i], &s);
        e = measure_read(c, all[i].code, unit, told.from_day, told.until_day, &v);
        if (e)
            break;
        rows[i] = line_of(c, &all[i], &told, &v);
        counted |= v.whole > 0;
    }
    if (e)
        return e;
    struct measure_view v = {.period = s.code,
                             .period_name = span_name(c, &s),
                             .previous = span_before(c, NULL, NULL, &s),
                             .next = span_after(c, NULL, NULL, &s),
                             .unit_name = unit_name(c, unit),
                             .elsewhere = nation ? "" : elsewhere(c, address(c, NULL, NULL, &s)),
                             .counted = counted,
                             .rows = {rows, nation || counted ? n : 0},
                             .periods = periods_of(c, NULL, NULL, MEASURE_DAY, &s)};
    return answer(c, r, 200, &measure_view_shape, &v, measure_page_html);
}

/* ---- one unit ---- */

static struct list targets_of(struct ctx *c, const struct measure_indicator *x)
{
    struct measure_target_line *rows =
        ARENA_ARRAY(c->arena, x->n_targets, struct measure_target_line);
    for (size_t i = 0; i < x->n_targets; i++) {
        const struct measure_target *t = &x->targets[i];
        rows[i] =
            (struct measure_target_line){t->year, t->percent, target_words(c, t, ""), t->source};
    }
    return (struct list){rows, x->n_targets};
}

static enum err fill_below(struct ctx *c, const struct measure_indicator *x,
                           const struct measure_span *s, struct measure_unit_view *v)
{
    struct measure_value below[BELOW_MAX];
    size_t n = 0;
    enum err e =
        measure_below(c, x->code, v->unit, s->from_day, s->until_day, below, BELOW_MAX, &n);
    struct measure_line *lines = ARENA_ARRAY(c->arena, n + 1, struct measure_line);
    for (size_t i = 0; i < n; i++)
        lines[i] = line_of(c, x, s, &below[i]);
    v->below = (struct list){lines, n};
    return e;
}

static const char *further(struct ctx *c, const struct measure_unit_view *v)
{
    struct buf b = buf_new(c->arena, 1024);
    buf_printf(&b, "%s&sau=", v->value.href);
    buf_url(&b, v->after);
    return b.ptr;
}

/* Only for those who may see the unit's acts: for others the values stand without them. */
static enum err fill_sources(struct ctx *c, struct req *r, const struct measure_span *s,
                             struct measure_unit_view *v)
{
    struct measure_source found[SOURCES_MAX];
    size_t n = 0, before = c->n_faults;
    enum err e = measure_sources(c, v->indicator, v->unit, s->from_day, s->until_day,
                                 req_query(r, "sau"), found, SOURCES_MAX, &n, &v->after);
    if (e == ERR_FORBIDDEN) {
        c->n_faults = before;
        v->after = "";
        return OK;
    }
    struct measure_source_line *rows = ARENA_ARRAY(c->arena, n + 1, struct measure_source_line);
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct measure_source_line){found[i].source, time_show(c->arena, found[i].at_us),
                                               found[i].at_us, found[i].part, found[i].whole};
    v->sources_shown = 1;
    v->sources = (struct list){rows, n};
    if (v->after)
        v->more = further(c, v);
    else
        v->after = "";
    return e;
}

static struct measure_unit_view unit_view(struct ctx *c, const struct measure_indicator *x,
                                          const struct measure_span *s,
                                          const struct measure_value *value)
{
    const char *code = x->code, *unit = value->unit, *above = measure_parent(c->arena, unit);
    struct measure_line line = line_of(c, x, s, value);
    return (struct measure_unit_view){.value = line,
                                      .back = address(c, *above ? code : NULL, above, s),
                                      .period_name = span_name(c, s),
                                      .previous = span_before(c, code, unit, s),
                                      .next = span_after(c, code, unit, s),
                                      .part_is = x->part[c->lang],
                                      .whole_is = x->whole[c->lang],
                                      .law = x->source,
                                      .periods = periods_of(c, code, unit, x->finest, s),
                                      .targets = targets_of(c, x),
                                      .elsewhere = "",
                                      .after = "",
                                      .indicator = code,
                                      .unit = unit,
                                      .rate = line.rate,
                                      .period = s->code,
                                      .standing = line.standing,
                                      .part = value->part,
                                      .whole = value->whole};
}

static enum err fill_figures(struct ctx *c, struct req *r, const struct measure_indicator *x,
                             const struct measure_span *s, const char *unit,
                             struct measure_unit_view *v)
{
    struct measure_value value = {.indicator = x->code, .unit = unit};
    bool here = told_here(c, unit);
    enum err e = here ? measure_read(c, x->code, unit, s->from_day, s->until_day, &value) : OK;
    *v = unit_view(c, x, s, &value);
    if (!here)
        v->elsewhere = elsewhere(c, v->value.href);
    if (!e && here)
        e = fill_below(c, x, s, v);
    return e || !here ? e : fill_sources(c, r, s, v);
}

enum err measure_unit_page(struct ctx *c, struct req *r)
{
    struct measure_span s;
    struct measure_unit_view v;
    const char *unit = req_param(r, "unit");
    const struct measure_indicator *x = measure_indicator_of(req_param(r, "indicator"));
    const struct agency *g = country_agency(c->node->country, unit);
    if (!x)
        return fail(c, ERR_NOT_FOUND, "indicator", req_param(r, "indicator"));
    if (!g && !text_eq(unit, MEASURE_NATION))
        return fail(c, ERR_NOT_FOUND, "unit", unit);
    enum err e = span_asked(c, r, &s);
    if (e)
        return e;
    s = widened(c, x, &s);
    e = fill_figures(c, r, x, &s, g ? g->code : MEASURE_NATION, &v);
    return e ? e : answer(c, r, 200, &measure_unit_shape, &v, measure_unit_html);
}
