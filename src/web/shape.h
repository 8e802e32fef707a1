/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shape describes a struct once: from it come form and JSON decoding with field-exact errors,
 * JSON and form rendering, OpenAPI, the data dictionary, log masking. A register or a form of the
 * country pack is the same table, loaded at run time over a record: a block of memory laid out by
 * the same offsets. Shapes stay a table: one level of lists, one optional check, no condition beyond
 * "visible when field = value".
 *
 * Storage by kind: text, code, id, file, date, partial date, secret: const char * ("" when empty);
 * int, money, time, bool: int64_t; list: struct list.
 */
#ifndef DINH_WEB_SHAPE_H
#define DINH_WEB_SHAPE_H

#include "base/buf.h"
#include "base/ctx.h"
#include "gen/texts.h"

enum kind {
    KIND_TEXT, KIND_LONG_TEXT, KIND_CODE, KIND_ID, KIND_FILE, KIND_DATE, KIND_PARTIAL_DATE,
    KIND_PHONE, KIND_EMAIL, KIND_PIN, /* PIN: 12-digit personal number */
    KIND_INT, KIND_MONEY, KIND_TIME, KIND_BOOL, KIND_LIST
};
enum field_flag { F_REQUIRED = 1, F_READ_ONLY = 2, F_PERSONAL = 4, F_SECRET = 8 };

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
    size_t offset;
    enum text label_text;       /* compiled shapes: the label's key ... */
    const char *label[2];       /* ... loaded shapes: the label itself, by enum lang */
    const char *hint[2];        /* loaded shapes; NULL = none */
    const char *catalogue;      /* KIND_CODE: core/catalogue.h; NULL = any code */
    const struct shape *of;     /* KIND_LIST */
    const char *visible_field, *visible_value; /* shown when that field has that value */
    const char *group;          /* loaded shapes: the page of the form it stands on */
    const char *prefill_register, *prefill_field; /* where the state already knows it */
    const char *source_name;    /* name in the partner's message, e.g. "nksHoTen" */
};
struct shape {
    const char *name;
    const struct field *fields;
    size_t n, size; /* number of fields; bytes of the struct or record */
    enum err (*check)(struct ctx *c, void *object); /* records faults; may be NULL */
};

/* Rows of a compiled shape; the member's C type is checked at compile time. Trailing arguments are
   designated initialisers: SHAPE_TEXT(struct x, name, TX_x_name, .max = 100, .flags = F_REQUIRED) */
#define SHAPE_ROW(s, member, ctype, k, text, ...) \
    {.name = #member, .kind = (k), .label_text = (text), \
     .offset = offsetof(s, member) + 0 * sizeof(char[_Generic(((s *)0)->member, ctype: 1)]), \
     __VA_ARGS__}
#define SHAPE_TEXT(s, member, text, ...) \
    SHAPE_ROW(s, member, const char *, KIND_TEXT, text, __VA_ARGS__)
#define SHAPE_STRING(s, member, k, text, ...) SHAPE_ROW(s, member, const char *, k, text, __VA_ARGS__)
#define SHAPE_INT(s, member, text, ...) SHAPE_ROW(s, member, int64_t, KIND_INT, text, __VA_ARGS__)
#define SHAPE_NUMBER(s, member, k, text, ...) SHAPE_ROW(s, member, int64_t, k, text, __VA_ARGS__)
#define SHAPE_LIST(s, member, inner, text, ...) \
    SHAPE_ROW(s, member, struct list, KIND_LIST, text, .of = (inner), __VA_ARGS__)
#define SHAPE(var, s, ...) \
    static const struct field var##_fields[] = {__VA_ARGS__}; \
    const struct shape var = {#s, var##_fields, ARRAY_LEN(var##_fields), sizeof(s), NULL}

const struct field *shape_field(const struct shape *s, const char *name); /* NULL when absent */
void *shape_new(struct arena *a, const struct shape *s); /* all empty: texts "", numbers 0 */
const char *shape_text(const struct shape *s, const void *object, const char *field);
int64_t shape_int(const struct shape *s, const void *object, const char *field);
void shape_set_text(const struct shape *s, void *object, const char *field, const char *value);
void shape_set_int(const struct shape *s, void *object, const char *field, int64_t value);
const char *shape_label(const struct field *f, enum lang lang);

/* One raw value (as typed) into its place: cleaned, forgiven (dates, numbers, phones in any usual
   form), checked against the kind and bounds. Faults name the field. */
UNTRUSTED MUST_CHECK enum err shape_set_raw(struct ctx *c, const struct field *f, void *object,
                                            struct bytes raw);
/* Required, bounds across fields, visibility, the shape's check. All faults are recorded, not only
   the first; gives the first. */
MUST_CHECK enum err shape_check(struct ctx *c, const struct shape *s, void *object);
/* A whole JSON document: depth 8, unknown and doubled names refused by name. Then shape_check. */
UNTRUSTED MUST_CHECK enum err shape_from_json(struct ctx *c, const struct shape *s,
                                              struct bytes json, void *object);
/* The object as JSON, fields in table order, secret fields left out. */
void shape_to_json(struct buf *b, const struct shape *s, const void *object);
/* The same with personal fields masked: for logs. */
void shape_to_log(struct buf *b, const struct shape *s, const void *object);

/* A shape from the country pack's "fields" array (country/vn/README.md). file names the document in
   errors: ERR_DEFINITION with file, place and reason. Lives in arena a. */
struct json_t;
MUST_CHECK enum err shape_load(struct ctx *c, struct arena *a, const char *file, const char *name,
                               const struct json_t *fields, const struct shape **ret_shape);

#endif
