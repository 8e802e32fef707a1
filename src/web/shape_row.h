/* SPDX-License-Identifier: Apache-2.0 */
/* How a compiled shape is written down; comes with web/shape.h. */
#ifndef DINH_WEB_SHAPE_ROW_H
#define DINH_WEB_SHAPE_ROW_H

/* clang-format off */
/* Rows of a compiled shape; the member's C type is checked at compile time. Trailing arguments
   are designated initialisers:
   SHAPE_TEXT(struct x, name, TX_x_name, .max = 100, .flags = F_REQUIRED) */
#define SHAPE_ROW(s, member, ctype, k, text, ...) \
    {.name = #member, .kind = (k), .label_text = (text), \
     .offset = offsetof(s, member) + 0 * sizeof(char[_Generic(((s *)0)->member, ctype: 1)]), \
     __VA_ARGS__}
#define SHAPE_TEXT(s, member, text, ...) \
    SHAPE_ROW(s, member, const char *, KIND_TEXT, text, __VA_ARGS__)
#define SHAPE_STRING(s, member, k, text, ...) \
    SHAPE_ROW(s, member, const char *, k, text, __VA_ARGS__)
#define SHAPE_INT(s, member, text, ...) SHAPE_ROW(s, member, int64_t, KIND_INT, text, __VA_ARGS__)
#define SHAPE_NUMBER(s, member, k, text, ...) SHAPE_ROW(s, member, int64_t, k, text, __VA_ARGS__)
#define SHAPE_LIST(s, member, inner, text, ...) \
    SHAPE_ROW(s, member, struct list, KIND_LIST, text, .of = (inner), __VA_ARGS__)
#define SHAPE(var, s, ...) \
    static const struct field var##_fields[] = {__VA_ARGS__}; \
    const struct shape var = {#s, var##_fields, ARRAY_LEN(var##_fields), sizeof(s), NULL, NULL}
#define SHAPE_CHECKED(var, s, check_fn, ...) \
    static const struct field var##_fields[] = {__VA_ARGS__}; \
    const struct shape var = {#s, var##_fields, ARRAY_LEN(var##_fields), sizeof(s), check_fn, NULL}

#endif
