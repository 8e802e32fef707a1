/* SPDX-License-Identifier: Apache-2.0 */
#include "systems/insurance/insurance_views.h"

SHAPE(insurance_line_shape, struct insurance_line,
      SHAPE_TEXT(struct insurance_line, at, TX(insurance_day_at), .max = 30),
      SHAPE_TEXT(struct insurance_line, name, TX(insurance_field_name), .max = 100),
      SHAPE_TEXT(struct insurance_line, born, TX(insurance_field_born), .max = 20),
      SHAPE_TEXT(struct insurance_line, card_code, TX(insurance_day_card), .max = 15),
      SHAPE_TEXT(struct insurance_line, clinic, TX(insurance_field_clinic), .max = 200),
      SHAPE_TEXT(struct insurance_line, valid_to, TX(insurance_day_valid_to), .max = 20),
      SHAPE_TEXT(struct insurance_line, unit, TX(insurance_day_unit), .max = 35),
      SHAPE_TEXT(struct insurance_line, dossier, TX(insurance_field_dossier), .max = 60),
      SHAPE_TEXT(struct insurance_line, href, TX(insurance_record), .max = 300));
SHAPE(insurance_choosing_shape, struct insurance_choosing,
      SHAPE_TEXT(struct insurance_choosing, ngay, TX(insurance_day_ask), .max = 20,
                 .flags = F_REQUIRED));
SHAPE(insurance_day_shape, struct insurance_day_view,
      SHAPE_TEXT(struct insurance_day_view, day, TX(insurance_day_day), .max = 20),
      SHAPE_TEXT(struct insurance_day_view, next, TX(insurance_day_next), .max = 300),
      SHAPE_LIST(struct insurance_day_view, rows, &insurance_line_shape, TX(insurance_day_title)));

/* What H57 and its like come with: the linked birth registration (NĐ 63/2024/NĐ-CP). */
static const char *const issue_purposes[] = {"birth_registration", NULL};

static const struct service services[] = {
    {.code = "insurance.issue",
     .title = TX(insurance_service_issue),
     .member = INSURANCE_HOME,
     .write = true,
     .purposes = issue_purposes,
     .serve = insurance_issue},
};
static const struct route routes[] = {
    {.method = "GET",
     .path = "/bao-hiem",
     .query = "purpose matter after !words",
     .permission = INSURANCE_READ,
     .prepare = insurance_desk_prepare,
     .handler = insurance_search_page,
     .out = &registry_desk_shape,
     .title = TX(insurance_title)},
    {.method = "POST",
     .path = "/bao-hiem",
     .permission = INSURANCE_READ,
     .prepare = web_ask,
     .in = &registry_asking_shape,
     .out = &location_shape,
     .flags = ROUTE_PREPARED,
     .again = insurance_search_again,
     .title = TX(registry_desk_search)},
    {.method = "GET",
     .path = "/the-bao-hiem",
     .query = "ngay truoc",
     .permission = INSURANCE_READ,
     .handler = insurance_day_page,
     .out = &insurance_day_shape,
     .title = TX(insurance_day_title),
     .purpose = INSURANCE_PURPOSE},
    {.method = "GET",
     .path = "/bao-hiem/{id}",
     .query = "purpose matter",
     .permission = INSURANCE_READ,
     .prepare = insurance_desk_prepare,
     .handler = insurance_record_page,
     .out = &registry_record_shape,
     .title = TX(insurance_record)},
};
static const struct menu_item menu[] = {
    {"/the-bao-hiem", INSURANCE_READ, TX(insurance_day_title)},
    {"/bao-hiem", INSURANCE_READ, TX(insurance_title)},
};
static const struct permission permissions[] = {
    {INSURANCE_READ, TX(insurance_permission_read)},
    {"registry.insurance.write", TX(insurance_permission_write)},
};

static const struct setting settings[] = {
    {"insurance.case_days", "days", "30", 0, 3650, TX(insurance_setting_case_days)},
};

static enum err start(struct ctx *c)
{
    matter_found_by(insurance_store_matter);
    if (!registry_find(c, INSURANCE))
        return fail(c, ERR_CONFIG, "insurance", INSURANCE);
    return insurance_load_term(c);
}

static const char *const needs[] = {"registry", NULL};

const struct module insurance_module = {.name = "insurance",
                                        .needs = needs,
                                        TABLE(routes, routes),
                                        TABLE(menu, menu),
                                        TABLE(permissions, permissions),
                                        TABLE(services, services),
                                        TABLE(settings, settings),
                                        .start = start};
