/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in by jansson with strict flags: no doubled names, depth and size capped, numbers int64. */
#ifndef DINH_WEB_JSON_H
#define DINH_WEB_JSON_H

#include <jansson.h>

#include "base/ctx.h"

#define JSON_DEPTH 32

/* Parsed document; the caller frees it with json_end. what names it in errors: ERR_JSON with what
   as its field ("": what was sent), then line and reason in words, a doubled name among them. */
UNTRUSTED MUST_CHECK enum err json_in(struct ctx *c, const char *what, struct bytes in,
                                      json_t **ret_json);
/* The same for our own definition files (country pack): ERR_DEFINITION names file, line, reason. */
MUST_CHECK enum err json_definition(struct ctx *c, const char *file, struct bytes in,
                                    json_t **ret_json);
void json_end(json_t *j);                         /* NULL is fine */
const char *json_deeper(struct ctx *c, int most); /* the reason of a document deeper than that */
/* Braces and brackets open at once at the deepest place; text inside strings doesn't count. */
UNTRUSTED size_t json_depth(struct bytes in);

/* Members by name; absent or null: the default. Check kinds once with json_members() first: a wrong
   kind reads as absent here. Texts live as long as the document. */
const char *json_text_of(const json_t *o, const char *name, const char *absent);
int64_t json_int_of(const json_t *o, const char *name, int64_t absent);
bool json_bool_of(const json_t *o, const char *name, bool absent);
const json_t *json_list_of(const json_t *o, const char *name); /* NULL when absent or no list */
/* The document as text in the arena, members in order; indented when people read it. */
char *json_out(struct arena *a, const json_t *j, bool indented);

/* "integer", "array" ... as people read it, with JSON's own word. */
const char *json_kind_words(const struct ctx *c, const char *kind);

/* What an object of a definition file may hold. */
enum json_kind { JSON_K_TEXT, JSON_K_INT, JSON_K_BOOL, JSON_K_LIST, JSON_K_OBJECT, JSON_K_ANY };
struct json_member {
    const char *name;
    enum json_kind kind;
    bool required; /* present and not null */
};
/* Unknown member, wrong kind, missing one: ERR_DEFINITION with file, place ("fields[3].kind") and
   reason. Members that begin with "$" are comments. */
MUST_CHECK enum err json_members(struct ctx *c, const char *file, const char *place,
                                 const json_t *o, const struct json_member *rows, size_t n);
/* return json_bad(c, file, place, "reason"): the reason is a technical term, shown as it is. */
enum err json_bad(struct ctx *c, const char *file, const char *place, const char *reason);

#endif
