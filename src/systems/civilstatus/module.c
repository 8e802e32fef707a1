/* SPDX-License-Identifier: Apache-2.0 */
#include "systems/civilstatus/civilstatus_private.h"
#include "systems/civilstatus/civilstatus_views.h"

SHAPE(civilstatus_line_shape, struct civilstatus_line,
      SHAPE_INT(struct civilstatus_line, number, TX(civilstatus_book_number)),
      SHAPE_TEXT(struct civilstatus_line, book, TX(civilstatus_book_book), .max = 20),
      SHAPE_INT(struct civilstatus_line, page, TX(civilstatus_book_page)),
      SHAPE_TEXT(struct civilstatus_line, date, TX(civilstatus_book_date), .max = 20),
      SHAPE_TEXT(struct civilstatus_line, child, TX(civilstatus_book_child), .max = 100),
      SHAPE_TEXT(struct civilstatus_line, born, TX(civilstatus_book_born), .max = 20),
      SHAPE_TEXT(struct civilstatus_line, mother, TX(civilstatus_book_mother), .max = 100),
      SHAPE_TEXT(struct civilstatus_line, father, TX(civilstatus_book_father), .max = 100),
      SHAPE_TEXT(struct civilstatus_line, pin, TX(civilstatus_book_pin), .max = 12),
      SHAPE_TEXT(struct civilstatus_line, dossier, TX(civilstatus_book_dossier), .max = 60),
      SHAPE_TEXT(struct civilstatus_line, state, TX(civilstatus_book_state), .max = 100),
      SHAPE_TEXT(struct civilstatus_line, href, TX(civilstatus_book_entry), .max = 200));
SHAPE(civilstatus_choosing_shape, struct civilstatus_choosing,
      SHAPE_STRING(struct civilstatus_choosing, unit, KIND_CODE, TX(civilstatus_book_unit),
                   .max = 35, .flags = F_REQUIRED));
SHAPE(civilstatus_book_shape, struct civilstatus_book_view,
      SHAPE_TEXT(struct civilstatus_book_view, unit, TX(civilstatus_book_unit), .max = 35),
      SHAPE_INT(struct civilstatus_book_view, year, TX(civilstatus_book_year)),
      SHAPE_TEXT(struct civilstatus_book_view, next, TX(civilstatus_book_next), .max = 200),
      SHAPE_LIST(struct civilstatus_book_view, rows, &civilstatus_line_shape,
                 TX(civilstatus_book_title)));

static const struct route routes[] = {
    {.method = "GET",
     .path = "/ho-tich/khai-sinh",
     .query = "don-vi nam truoc",
     .permission = BIRTH_READ,
     .handler = civilstatus_book,
     .out = &civilstatus_book_shape,
     .title = TX(civilstatus_book_title),
     .purpose = BIRTH_PURPOSE},
    {.method = "GET",
     .path = "/ho-tich/khai-sinh/in",
     .query = "don-vi nam truoc phep",
     .permission = BIRTH_READ,
     .prepare = civilstatus_book_print,
     .flags = ROUTE_PREPARED | ROUTE_HEAVY,
     .title = TX(civilstatus_book_print),
     .purpose = BIRTH_PURPOSE},
    {.method = "GET",
     .path = "/ho-tich/khai-sinh/{unit}/{year}/{number}",
     .permission = BIRTH_READ,
     .handler = civilstatus_page,
     .out = &registry_record_shape,
     .title = TX(civilstatus_book_entry),
     .purpose = BIRTH_PURPOSE},
};
static const struct menu_item menu[] = {
    {"/ho-tich/khai-sinh", BIRTH_READ, TX(civilstatus_book_title)},
};
static const struct permission permissions[] = {
    {BIRTH_READ, TX(civilstatus_permission_read)},
    {"registry.civil_status_birth.write", TX(civilstatus_permission_write)},
};

static enum err start(struct ctx *c)
{
    if (!registry_find(c, BIRTH_REGISTER))
        return fail(c, ERR_CONFIG, "civilstatus", BIRTH_REGISTER);
    return civilstatus_load_numbering(c);
}

static const char *const needs[] = {"registry", "casework", NULL};

const struct module civilstatus_module = {.name = "civilstatus",
                                          .needs = needs,
                                          TABLE(routes, routes),
                                          TABLE(menu, menu),
                                          TABLE(permissions, permissions),
                                          .start = start};
