/* SPDX-License-Identifier: Apache-2.0 */
#include "systems/population/population_private.h"

static const char *const numbers[] = {"pin", NULL};
static const char *const columns[] = {"pin", "birth_date", "sex", "permanent_address", NULL};
static const struct registry_desk desk = {
    .path = "/dan-cu", .numbers = numbers, .columns = columns};

enum err population_desk_prepare(struct ctx *c, struct req *r)
{
    return registry_desk_prepare(c, r, registry_find(c, POPULATION));
}

enum err population_search_page(struct ctx *c, struct req *r)
{
    return registry_desk_search(c, r, registry_find(c, POPULATION), &desk);
}

enum err population_search_again(struct ctx *c, struct req *r)
{
    return registry_desk_again(c, r, registry_find(c, POPULATION), &desk);
}

enum err population_record_page(struct ctx *c, struct req *r)
{
    return registry_desk_record(c, r, registry_find(c, POPULATION), &desk);
}
