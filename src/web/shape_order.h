/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comes with web/shape.h. Orders between the dates of a form, data of the country pack like the
 * form itself: "a mother is at least ten years older than her child". shape_check holds them; what
 * may be true of a date known in part (a year) is let through. docs/adr/0006 says why they are a
 * table.
 */
#ifndef DINH_WEB_SHAPE_ORDER_H
#define DINH_WEB_SHAPE_ORDER_H

#include "web/shape.h"

struct date_order {
    const char *field; /* may not lie before (after) the other date moved by years */
    const char *than;  /* a field, or "today": the day of the request in Viet Nam */
    int years;
    bool after;           /* true: not after; false: not before */
    const char *words[2]; /* what to tell, by enum lang: the rule and the remedy */
};
struct date_orders {
    const struct date_order *rows;
    size_t n;
};

/* s with the orders of a definition's list ({"field", "not_before" or "not_after", "years",
   "words"}); list NULL: none. file names the document in errors: ERR_DEFINITION with file, place
   and reason. Lives in arena a. */
struct json_t;
MUST_CHECK enum err shape_with_orders(struct ctx *c, struct arena *a, const char *file,
                                      const struct json_t *list, const struct shape *s,
                                      const struct shape **ret_shape);
/* ERR_DATE_ORDER of each field of s (a group, too) that breaks one; fields already faulted, hidden
   or empty are passed over. Gives the first. */
MUST_CHECK enum err shape_check_orders(struct ctx *c, const struct shape *s, const void *object);

#endif
