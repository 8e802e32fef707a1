/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of this folder show. */
#ifndef DINH_SYSTEMS_CIVILSTATUS_VIEWS_H
#define DINH_SYSTEMS_CIVILSTATUS_VIEWS_H

#include "systems/civilstatus/civilstatus.h"
#include "web/page.h"

struct civilstatus_line { /* of the book */
    int64_t number, page;
    const char *book, *date, *child, *born, *mother, *father, *pin, *dossier, *href, *state;
};
struct civilstatus_choosing { /* whose book */
    const char *unit;
};
struct civilstatus_book_view {
    const char *unit, *unit_name, *next, *print;
    const char *before, *after; /* the books of the years beside it; "" = none yet */
    int64_t year;
    struct list rows;
    struct civilstatus_choosing choosing;
    const struct choice *units; /* to choose from; 0: there is only one's own */
    size_t n_units;
};
extern const struct shape civilstatus_book_shape, civilstatus_choosing_shape;

#endif
