/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of this folder show. */
#ifndef DINH_SYSTEMS_INSURANCE_VIEWS_H
#define DINH_SYSTEMS_INSURANCE_VIEWS_H

#include "systems/insurance/insurance_private.h"
#include "web/page.h"

struct insurance_line {
    const char *at, *name, *born, *card_code, *clinic, *valid_to, *unit, *dossier, *href;
};
struct insurance_choosing { /* the query */
    const char *ngay;
};
struct insurance_day_view {
    const char *day, *next;
    struct list rows;
    struct insurance_choosing asking;
};
extern const struct shape insurance_day_shape, insurance_choosing_shape;

#endif
