/* SPDX-License-Identifier: Apache-2.0 */
/* Where the codes of KIND_CODE are looked up; comes with web/shape.h. */
#ifndef DINH_WEB_CHOICE_H
#define DINH_WEB_CHOICE_H

#include "base/ctx.h"

/* Set once at start (core gives the country's catalogues). */
struct choice {
    const char *code, *label;
};
struct catalogues {
    /* The code's name, or NULL when the catalogue doesn't have it. */
    const char *(*name)(struct ctx *c, const char *catalogue, const char *code);
    /* The choices of a field, in order, in c->arena; level is field.unit_level or NULL. */
    size_t (*choices)(struct ctx *c, const char *catalogue, const char *level,
                      const struct choice **ret_choices);
    /* The code that a name typed by a person means, or NULL when none or more than one; may be
       NULL. Lets people type a commune's name where the choices are too many to show. */
    const char *(*find)(struct ctx *c, const char *catalogue, const char *level, const char *typed);
};
void shape_use_catalogues(const struct catalogues *k);
const struct catalogues *shape_catalogues(void); /* NULL before that */

#endif
