/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shape describes a struct once: from it come form and JSON decoding with field-exact errors,
 * JSON and form rendering, OpenAPI, the data dictionary, log masking. A register or a form of the
 * country pack is the same table, loaded at run time over a record: memory laid out by the
 * same offsets. Shapes stay a table: one level of lists, one optional check, no condition beyond
 * "visible when field = value". Storage by kind: text, code, id, file, date, partial date, secret:
 * const char * ("" when empty); int, money, time, bool: int64_t; list: struct list.
 * F_CARRIED: carried by a form, not typed. F_NAME: a text that is a person's name.
 */
#ifndef DINH_WEB_SHAPE_H
#define DINH_WEB_SHAPE_H

#include "base/buf.h"
#include "base/ctx.h"
#include "gen/texts.h"
/* clang-format off */
enum kind {
    KIND_TEXT, KIND_LONG_TEXT, KIND_CODE, KIND_ID, KIND_FILE, KIND_DATE, KIND_PARTIAL_DATE,
    KIND_PHONE, KIND_EMAIL, KIND_PIN, /* PIN: 12-digit personal number */
    KIND_INT, KIND_MONEY, KIND_TIME, KIND_BOOL, KIND_LIST
};
bool kind_is_number(enum kind k); /* stored as int64_t */
enum field_flag { F_REQUIRED = 1, F_READ_ONLY = 2, F_PERSONAL = 4, F_SECRET = 8,
                  F_CARRIED = 16, F_NAME = 32 };

struct list {
    void *items; /* n blocks of of->size bytes */
    size_t n;
};
struct shape;
struct field {
    const char *name;
    enum kind kind;
    unsigned flags;
    int64_t min, max; /* characters, value or items; max 0 = the kind's own cap */
    size_t offset, says_date; /* says_date: 1 + offset of the date that text "x_words" says */
    enum text label_text;       /* compiled shapes: the label's key ... */
    const char *label[2];       /* ... loaded shapes: the label itself, by enum lang */
    const char *hint[2];        /* loaded shapes; NULL = none */
    const char *catalogue;      /* KIND_CODE: core/catalogue.h; NULL = any code */
    const struct shape *of;     /* KIND_LIST */
    const char *visible_field, *visible_value; /* shown when that field has that value */
    const char *group;          /* loaded shapes: the page of the form it stands on */
    const char *prefill_register, *prefill_field; /* where the state already knows it */
    const char *prefill_subject; /* whose record: a name in the definition's "subjects" */
    const char *source_name;    /* name in the partner's message, e.g. "nksHoTen" */
    const char *fallback;       /* value of a new object, as typed; NULL = empty */
    const char *unit_level;     /* catalogue of places: the level to choose, e.g. "commune" */
    const char *accept;         /* KIND_FILE: media types, blank-separated; NULL = any we take */
    int64_t max_bytes;          /* KIND_FILE; 0 = the node's cap */
};
/* clang-format on */
struct shape {
    const char *name;
    const struct field *fields;
    size_t n, size; /* number of fields; bytes of the struct or record */
    enum err (*check)(struct ctx *c, void *object); /* records faults; may be NULL */
    const struct shape *whole; /* of a part made by shape_group(): the shape it is of; or NULL */
    const struct date_orders *orders; /* web/shape_order.h; or NULL */
};
#define SHAPE_TODAY INT64_MAX /* as max of a date: the day of the request in Viet Nam */
const struct field *shape_field(const struct shape *s, const char *name); /* NULL when absent */
void *shape_new(struct arena *a, const struct shape *s); /* all empty: texts "", numbers 0 */
void shape_fallbacks(struct ctx *c, const struct shape *s, void *object); /* sets field.fallback */
/* The fields of one group over the same record; its check is left out. */
const struct shape *shape_group(struct arena *a, const struct shape *s, const char *group);
const char *shape_text(const struct shape *s, const void *object, const char *field);
int64_t shape_int(const struct shape *s, const void *object, const char *field);
void shape_set_text(const struct shape *s, void *object, const char *field, const char *value);
void shape_set_int(const struct shape *s, void *object, const char *field, int64_t value);
const char *shape_label(const struct field *f, enum lang lang);
/* The label of a fault's field, "witnesses.0.name" included; the field's own name when unknown. */
const char *shape_label_of(struct arena *a, const struct shape *s, const char *field,
                           enum lang lang);
bool shape_visible(const struct shape *s, const struct field *f, const void *object);
bool shape_empty(const struct field *f, const void *object); /* number kinds: 0 */
/* The value as a form field holds it (dates dd/MM/yyyy), and as people read it (names of codes,
   1.250.000 ₫, yes/no; "" when empty). */
const char *shape_typed(struct ctx *c, const struct field *f, const void *object);
const char *shape_shown(struct ctx *c, const struct field *f, const void *object);
const char *shape_date_said(const struct field *f, const void *object); /* ISO; NULL: says none */

/* One raw value (as typed) into its place: cleaned, forgiven (dates, numbers, phones in any usual
   form), checked against the kind and bounds. Faults name the field. */
UNTRUSTED MUST_CHECK enum err shape_set_raw(struct ctx *c, const struct field *f, void *object,
                                            struct bytes raw);
/* Required (a required bool must be true), number of items, the shape's check; hidden fields are
   emptied. All faults are recorded, not only the first; gives the first. That a required number
   was given at all only a decoder sees. */
MUST_CHECK enum err shape_check(struct ctx *c, const struct shape *s, void *object);
/* A whole JSON document: depth 8, unknown and doubled names refused by name; a read-only field may
   only repeat what the object holds. Absent members leave the object as it is. Then shape_check. */
UNTRUSTED MUST_CHECK enum err shape_from_json(struct ctx *c, const struct shape *s,
                                              struct bytes json, void *object);
/* The fields of a form: items of a list are "witnesses.0.name" (rows with nothing typed at the end
   fall out), a date may come as name-day, name-month, name-year; names that begin with _ are the
   web's own. Read-only fields are ignored, an absent checkbox is false. Then shape_check. */
struct http_header;
UNTRUSTED MUST_CHECK enum err shape_from_form(struct ctx *c, const struct shape *s,
                                              const struct http_header *form, size_t n,
                                              void *object);
/* The object as JSON, fields in table order, secret fields left out. */
void shape_to_json(struct buf *b, const struct shape *s, const void *object);
/* Back from what shape_to_json() wrote and we kept: every field as it stands, read-only ones too;
   fields the shape no longer has fall out, new ones are empty. Nothing is required or checked. */
MUST_CHECK enum err shape_restore(struct ctx *c, const struct shape *s, struct bytes json,
                                  void *object);
void shape_to_log(struct buf *b, const struct shape *s, const void *object); /* masks personal */

/* A shape from the country pack's "fields" array (country/vn/README.md). file names the document in
   errors: ERR_DEFINITION with file, place and reason. Lives in arena a. */
struct json_t;
MUST_CHECK enum err shape_load(struct ctx *c, struct arena *a, const char *file, const char *name,
                               const struct json_t *fields, const struct shape **ret_shape);

#include "web/choice.h"
#include "web/shape_row.h"

#endif
