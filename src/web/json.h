/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in by jansson with strict flags: no doubled names, depth and size capped, numbers int64. */
#ifndef DINH_WEB_JSON_H
#define DINH_WEB_JSON_H

#include <jansson.h>

#include "base/ctx.h"

/* Parsed document, freed with the arena's end by the caller through json_end. what names it in
   errors (ERR_JSON: line and reason). */
UNTRUSTED MUST_CHECK enum err json_in(struct ctx *c, const char *what, struct bytes in,
                                      json_t **ret_json);
void json_end(json_t *j); /* NULL is fine */
/* Members by name; a wrong kind gives ERR_DEFINITION naming file and member; absent: the default. */
const char *json_text_of(const json_t *o, const char *name, const char *absent);
int64_t json_int_of(const json_t *o, const char *name, int64_t absent);
bool json_bool_of(const json_t *o, const char *name, bool absent);
const json_t *json_list_of(const json_t *o, const char *name); /* NULL when absent or no list */
/* The document as text in the arena, members in order; indented when people read it. */
char *json_out(struct arena *a, const json_t *j, bool indented);

#endif
