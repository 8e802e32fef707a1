/* SPDX-License-Identifier: Apache-2.0 */
#include "systems/population/population_private.h"

static const char *const person_purposes[] = {"prefill",  "birth_registration", "assign_pin",
                                              "own_data", "health_card",        NULL};
static const char *const assign_purposes[] = {"birth_registration", "assign_pin", NULL};

static const struct service services[] = {
    {.code = "population.person",
     .title = TX(population_service_person),
     .member = POPULATION_HOME,
     .purposes = person_purposes,
     .serve = population_person},
    {.code = "population.assign",
     .title = TX(population_service_assign),
     .member = POPULATION_HOME,
     .write = true,
     .purposes = assign_purposes,
     .serve = population_assign},
};
static const struct route routes[] = {
    {.method = "GET",
     .path = "/dan-cu",
     .query = "purpose matter after !words",
     .permission = POPULATION_READ,
     .prepare = population_desk_prepare,
     .handler = population_search_page,
     .out = &registry_desk_shape,
     .title = TX(population_title)},
    {.method = "POST",
     .path = "/dan-cu",
     .permission = POPULATION_READ,
     .prepare = web_ask,
     .in = &registry_asking_shape,
     .out = &location_shape,
     .flags = ROUTE_PREPARED,
     .again = population_search_again,
     .title = TX(registry_desk_search)},
    {.method = "GET",
     .path = "/dan-cu/{id}",
     .query = "purpose matter",
     .permission = POPULATION_READ,
     .prepare = population_desk_prepare,
     .handler = population_record_page,
     .out = &registry_record_shape,
     .title = TX(population_record)},
};
static const struct menu_item menu[] = {{"/dan-cu", POPULATION_READ, TX(population_title)}};
static const struct permission permissions[] = {
    {POPULATION_READ, TX(population_permission_read)},
    {"registry.population.write", TX(population_permission_write)},
};

static enum err start(struct ctx *c)
{
    return registry_find(c, POPULATION) ? OK : fail(c, ERR_CONFIG, "population", POPULATION);
}

static const char *const needs[] = {"registry", NULL};

const struct module population_module = {.name = "population",
                                         .needs = needs,
                                         TABLE(routes, routes),
                                         TABLE(menu, menu),
                                         TABLE(permissions, permissions),
                                         TABLE(services, services),
                                         .start = start};
