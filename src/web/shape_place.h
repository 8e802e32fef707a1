/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the shapes: where a field lies in its object. For the files of web/ only. */
#ifndef DINH_WEB_SHAPE_PLACE_H
#define DINH_WEB_SHAPE_PLACE_H

#include "web/shape.h"

#define SHAPE_MAX_ITEMS 100 /* of a list that sets no max */

const char **text_place(const struct field *f, void *object);
int64_t *int_place(const struct field *f, void *object);
struct list *list_place(const struct field *f, void *object);
const char *field_text(const struct field *f, const void *object); /* never NULL */
int64_t field_int(const struct field *f, const void *object);
const struct list *field_list(const struct field *f, const void *object);
void *list_item(const struct field *f, const struct list *l, size_t i);
/* First and last day that an ISO date, month or year covers. */
void days_of_date(const char *iso, int *ret_first, int *ret_last);
void field_empty(const struct field *f, void *object);

/* shape_check without the shape's own check; prefix stands before the names in faults. */
enum err check_fields(struct ctx *c, const struct shape *s, void *object, const char *prefix);

/* shape_from_json of a document that is parsed already and no deeper than 8. */
MUST_CHECK enum err shape_from_members(struct ctx *c, const struct shape *s, const struct json_t *j,
                                       void *object);

/* One decoding of one object: remembers which fields were given and the first error. */
struct decoding {
    struct ctx *c;
    const struct shape *s;
    void *object;
    const char *prefix; /* "" or "witnesses.0." */
    bool *given;        /* by field; false when the raw value was empty */
    enum err first;
};
struct decoding decoding_new(struct ctx *c, const struct shape *s, void *object,
                             const char *prefix);
void decode_raw(struct decoding *d, const struct field *f, struct bytes raw);
void decode_note(struct decoding *d, enum err e); /* keeps the first */
const char *decode_name(const struct decoding *d, const char *field);
/* Required numbers that weren't given. Items of lists too have gone through it. */
void decode_end(struct decoding *d);

#endif
