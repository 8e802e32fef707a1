/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "engine/measure/measure_private.h"
#include "engine/measure/measure_views.h"

SHAPE(measure_act_shape, struct measure_act,
      SHAPE_TEXT(struct measure_act, indicator, TX(measure_field_indicator), .max = 16,
                 .flags = F_REQUIRED),
      SHAPE_TEXT(struct measure_act, unit, TX(measure_field_unit), .max = 35, .flags = F_REQUIRED),
      SHAPE_TEXT(struct measure_act, source, TX(measure_field_source), .max = 80,
                 .flags = F_REQUIRED),
      SHAPE_NUMBER(struct measure_act, at_us, KIND_TIME, TX(measure_field_at), .flags = F_REQUIRED),
      SHAPE_INT(struct measure_act, part, TX(measure_field_part), .min = 0, .max = 1000000),
      SHAPE_INT(struct measure_act, whole, TX(measure_field_whole), .min = 0, .max = 1000000),
      SHAPE_INT(struct measure_act, revision, TX(measure_field_revision), .min = 0,
                .max = 1000000));

/* An agency may count only for itself and the units below it. */
static bool own_unit(const char *client, const char *unit)
{
    size_t n = 0;
    while (client[n] && client[n] == unit[n])
        n++;
    return !client[n] && (!unit[n] || unit[n] == '.');
}

static enum err serve_add(struct ctx *c, struct service_call *call)
{
    struct measure_act act = {0};
    bool fresh;
    enum err e = shape_from_json(c, &measure_act_shape, call->body, &act);
    if (e)
        return e;
    if (!own_unit(call->client, act.unit))
        return fail(c, ERR_FORBIDDEN, "unit", act.unit);
    if ((e = measure_count(c, &act, &fresh)))
        return e;
    call->answer = bytes_of(fresh ? "{\"counted\":true}" : "{\"counted\":false}");
    return OK;
}

static const struct service services[] = {
    {.code = "measure.add",
     .title = TX(measure_service_add),
     .member = MEASURE_HOME,
     .write = true,
     .serve = serve_add},
};
static const struct route routes[] = {
    {.method = "GET",
     .path = "/chi-so",
     .query = "ky",
     .permission = PUBLIC,
     .handler = measure_page,
     .out = &measure_view_shape,
     .title = TX(measure_title)},
    {.method = "GET",
     .path = "/chi-so/{indicator}/{unit}",
     .query = "ky sau",
     .permission = PUBLIC,
     .handler = measure_unit_page,
     .out = &measure_unit_shape,
     .title = TX(measure_title)},
};
static const struct permission permissions[] = {{MEASURE_READ, TX(measure_permission_read)}};
static const struct menu_item menu[] = {{"/chi-so", PUBLIC, TX(measure_title), MENU_LAST}};
static const char *const needs[] = {"exchange", NULL};

const struct module measure_module = {.name = "measure",
                                      .needs = needs,
                                      TABLE(routes, routes),
                                      TABLE(menu, menu),
                                      TABLE(permissions, permissions),
                                      TABLE(services, services),
                                      .start = measure_start};
