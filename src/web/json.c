/* SPDX-License-Identifier: Apache-2.0 */
#include "web/json.h"

#include <string.h>

#include "base/text.h"
#include "gen/texts.h"

#define MAX_NAME 100

size_t json_depth(struct bytes in)
{
    size_t depth = 0, deepest = 0;
    bool quoted = false;
    for (size_t i = 0; i < in.len; i++) {
        uint8_t ch = in.ptr[i];
        if (quoted && ch == '\\') {
            i++;
        } else if (ch == '"') {
            quoted = !quoted;
        } else if (!quoted && (ch == '{' || ch == '[')) {
            if (++depth > deepest)
                deepest = depth;
        } else if (!quoted && (ch == '}' || ch == ']') && depth > 0) {
            depth--;
        }
    }
    return deepest;
}

/* The name that came a second time: it ends where the reader stopped, when it counted as we do (a
   zero byte puts it out). */
static const char *doubled(struct ctx *c, struct bytes in, int at)
{
    size_t end = (size_t)at < in.len ? (size_t)at : in.len;
    end -= end > 0;
    size_t from = end, before = c->n_faults;
    const char *name = "";
    while (from > 0 && in.ptr[from - 1] != '"')
        from--;
    if (in.ptr[end] != '"' ||
        text_clean(c, "", (struct bytes){in.ptr + from, end - from}, MAX_NAME, &name)) {
        c->n_faults = before;
        return "?";
    }
    return name;
}

static enum text words_for(enum json_error_code code)
{
    static const struct {
        enum json_error_code code;
        enum text words;
    } rows[] = {{json_error_invalid_utf8, TX(web_json_utf8)},
                {json_error_premature_end_of_input, TX(web_json_end)},
                {json_error_end_of_input_expected, TX(web_json_more)},
                {json_error_null_character, TX(web_json_null)},
                {json_error_null_byte_in_key, TX(web_json_null)},
                {json_error_duplicate_key, TX(web_json_twice)},
                {json_error_numeric_overflow, TX(web_json_number)}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].code == code)
            return rows[i].words;
    }
    return TX(web_json_syntax);
}

static const char *filled(struct ctx *c, enum text text, enum lang lang, const char *one)
{
    const char *words = text_get(text, lang), *hole = strstr(words, "{1}");
    return hole ? arena_printf(c->arena, "%.*s%s%s", (int)(hole - words), words, one, hole + 3)
                : words;
}

static const char *deeper(struct ctx *c, int most, enum lang lang)
{
    return filled(c, TX(web_json_deep), lang, arena_printf(c->arena, "%d", most));
}

const char *json_deeper(struct ctx *c, int most)
{
    return deeper(c, most, c->lang);
}

/* What the reader quotes near the fault may hold personal data: only its reason is told. */
static const char *reason_of(struct ctx *c, struct bytes in, const json_error_t *why,
                             enum lang lang)
{
    enum json_error_code code = json_error_code(why);
    bool twice = code == json_error_duplicate_key;
    return filled(c, words_for(code), lang, twice ? doubled(c, in, why->position) : "");
}

/* The document, or NULL with line and reason. */
static json_t *parse(struct ctx *c, struct bytes in, enum lang lang, const char **ret_line,
                     const char **ret_why)
{
    json_error_t why = {.line = 1};
    if (json_depth(in) > JSON_DEPTH) {
        *ret_line = "1";
        *ret_why = deeper(c, JSON_DEPTH, lang);
        return NULL;
    }
    json_t *j = json_loadb((const char *)in.ptr, in.len, JSON_REJECT_DUPLICATES, &why);
    if (!j) {
        *ret_line = arena_printf(c->arena, "%d", why.line < 1 ? 1 : why.line);
        *ret_why = reason_of(c, in, &why, lang);
    }
    return j;
}

enum err json_in(struct ctx *c, const char *what, struct bytes in, json_t **ret_json)
{
    const char *line = "1", *why = "";
    json_t *j = parse(c, in, c->lang, &line, &why);
    if (!j)
        return fail(c, ERR_JSON, what, line, why);
    *ret_json = j;
    return OK;
}

enum err json_definition(struct ctx *c, const char *file, struct bytes in, json_t **ret_json)
{
    const char *line = "1", *why = "";
    json_t *j = parse(c, in, LANG_EN, &line, &why); /* as all reasons */
    if (!j)
        return json_bad(c, file, arena_printf(c->arena, "line %s", line), why);
    *ret_json = j;
    return OK;
}

void json_end(json_t *j)
{
    json_decref(j);
}

const char *json_text_of(const json_t *o, const char *name, const char *absent)
{
    const char *text = json_string_value(json_object_get(o, name));
    return text ? text : absent;
}

/* Kinds of JSON as bits. */
#define BIT(kind) (1u << (kind))
#define BOOLEAN   (BIT(JSON_TRUE) | BIT(JSON_FALSE))

/* NULL is of no kind. */
static bool is_of(const json_t *j, unsigned bits)
{
    return j && (bits & BIT(json_typeof(j)));
}

int64_t json_int_of(const json_t *o, const char *name, int64_t absent)
{
    const json_t *j = json_object_get(o, name);
    return is_of(j, BIT(JSON_INTEGER)) ? json_integer_value(j) : absent;
}

bool json_bool_of(const json_t *o, const char *name, bool absent)
{
    const json_t *j = json_object_get(o, name);
    return is_of(j, BOOLEAN) ? json_typeof(j) == JSON_TRUE : absent;
}

const json_t *json_list_of(const json_t *o, const char *name)
{
    const json_t *j = json_object_get(o, name);
    return is_of(j, BIT(JSON_ARRAY)) ? j : NULL;
}

enum err json_bad(struct ctx *c, const char *file, const char *place, const char *reason)
{
    return fail(c, ERR_DEFINITION, file, place, reason);
}

static bool is_kind(const json_t *j, enum json_kind kind)
{
    static const unsigned bits[] = {[JSON_K_TEXT] = BIT(JSON_STRING),
                                    [JSON_K_INT] = BIT(JSON_INTEGER),
                                    [JSON_K_BOOL] = BOOLEAN,
                                    [JSON_K_LIST] = BIT(JSON_ARRAY),
                                    [JSON_K_OBJECT] = BIT(JSON_OBJECT),
                                    [JSON_K_ANY] = ~0u};
    return is_of(j, bits[kind]);
}

static const char *kind_name(enum json_kind kind)
{
    static const char *const names[] = {"string", "integer", "boolean", "array", "object", "value"};
    return names[kind];
}

const char *json_kind_words(const struct ctx *c, const char *kind)
{
    static const enum text words[] = {TX(web_json_string), TX(web_json_integer),
                                      TX(web_json_boolean), TX(web_json_array),
                                      TX(web_json_object)};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (text_eq(kind, kind_name((enum json_kind)i)))
            return text_get(words[i], c->lang);
    }
    return kind;
}

static const struct json_member *member(const struct json_member *rows, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    return NULL;
}

static const char *inside(struct ctx *c, const char *place, const char *name)
{
    return text_empty(place) ? name : arena_printf(c->arena, "%s.%s", place, name);
}

enum err json_members(struct ctx *c, const char *file, const char *place, const json_t *o,
                      const struct json_member *rows, size_t n)
{
    json_t *members = (json_t *)(uintptr_t)o;
    if (!is_of(o, BIT(JSON_OBJECT)))
        return json_bad(c, file, place, "not an object");
    for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at)) {
        const char *name = json_object_iter_key(at);
        const json_t *value = json_object_iter_value(at);
        const struct json_member *m = member(rows, n, name);
        if (name[0] == '$' || (m && is_of(value, BIT(JSON_NULL))))
            continue;
        const char *here = inside(c, place, arena_text(c->arena, name));
        if (!m)
            return json_bad(c, file, here, "unknown member");
        if (!is_kind(value, m->kind))
            return json_bad(c, file, here,
                            arena_printf(c->arena, "not of kind %s", kind_name(m->kind)));
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *j = json_object_get(o, rows[i].name);
        if (rows[i].required && !is_of(j, ~BIT(JSON_NULL)))
            return json_bad(c, file, inside(c, place, rows[i].name), "missing");
    }
    return OK;
}
