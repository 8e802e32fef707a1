/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comes with web/web.h. Bodies of ROUTE_FIELDS rows: fields of a shape that only the handler knows
 * (a form of the country pack), from a browser's form and from JSON by the same names. And what a
 * page leads on to, for clients of JSON.
 */
#ifndef DINH_WEB_FIELDS_H
#define DINH_WEB_FIELDS_H

#include "web/shape.h"

struct req;
struct http_header;

/* What a typed text stands for (a commune's name: its code), in c->arena; NULL: it is refused, the
   fault recorded. object holds what was there before. */
typedef const char *(*field_meant_fn)(struct ctx *c, const struct req *r, const struct field *f,
                                      const char *typed, const void *object);
/* The body's fields into the object: of a form as shape_from_form() takes them, of JSON as
   shape_from_json() does. Left out: fields of the row's in, names that begin with _ (the web's own)
   and files, which come as uploads; JSON may repeat the id of a file that is there. meant: or NULL.
   All faults are recorded and named by s from here on; gives ERR_INVALID when there are any. */
MUST_CHECK enum err req_fields(struct ctx *c, struct req *r, const struct shape *s, void *object,
                               field_meant_fn meant);
/* The same texts before any decoding, for who takes what is sound and leaves the rest. What is
   refused falls out. */
struct http_header *req_typed(struct ctx *c, const struct req *r, const struct shape *s,
                              const void *object, field_meant_fn meant, size_t *ret_n);

/* An act that is possible next. Its body: the row of that path in /openapi.json. */
struct next_act {
    const char *name;   /* the same in every language: "file" */
    const char *method; /* "GET", "POST" */
    const char *href, *title;
};
extern const struct shape next_act_shape;
const char *kind_name(enum kind k); /* as the country pack writes it: "partial_date" */

#endif
