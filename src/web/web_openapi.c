/* SPDX-License-Identifier: Apache-2.0 */
/* OpenAPI 3.1 from the route table and the shapes. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "web/web_call.h"

static void put_text_member(struct buf *b, const char *name, const char *value)
{
    buf_json(b, name);
    buf_char(b, ':');
    buf_json(b, value);
}

/* ---- shapes as JSON Schema ---- */

static void put_schema(struct buf *b, const struct shape *s, bool in);

/* Fields that only the handler knows. */
static void put_others(struct buf *b, const struct route *row)
{
    static const char value[] = "{\"type\":[\"string\",\"integer\",\"boolean\",\"null\"]}";
    if (!(row->flags & ROUTE_UPLOAD)) {
        buf_text(b, value);
        return;
    }
    buf_printf(b,
               "{\"anyOf\":[%s,{\"type\":\"object\",\"additionalProperties\":false,"
               "\"required\":[\"name\",\"content\"],",
               value);
    put_text_member(b, "description", text_get(TX(web_openapi_file), LANG_EN));
    buf_text(b, ",\"properties\":{\"name\":{\"type\":\"string\"},\"content\":{\"type\":"
                "\"string\",\"contentEncoding\":\"base64\"}}}]}");
}

static const char *pattern_of(const struct field *f)
{
    switch (f->kind) {
    case KIND_DATE: return "\"type\":\"string\",\"format\":\"date\"";
    case KIND_TIME: return "\"type\":[\"string\",\"null\"],\"format\":\"date-time\"";
    case KIND_EMAIL: return "\"type\":\"string\",\"format\":\"email\"";
    case KIND_PIN: return "\"type\":\"string\",\"pattern\":\"^([0-9]{12})?$\"";
    case KIND_ID:
    case KIND_FILE: return "\"type\":\"string\",\"pattern\":\"^([0-9A-HJKMNP-TV-Z]{26})?$\"";
    case KIND_INT:
    case KIND_MONEY: return "\"type\":\"integer\",\"format\":\"int64\"";
    case KIND_BOOL: return "\"type\":\"boolean\"";
    case KIND_LIST: return "\"type\":\"array\"";
    case KIND_TEXT:
    case KIND_LONG_TEXT:
    case KIND_CODE:
    case KIND_PARTIAL_DATE:
    case KIND_PHONE: break;
    }
    return "\"type\":\"string\"";
}

/* An answer may show a form that isn't filled in yet: its texts have no least length. */
static void put_bounds(struct buf *b, const struct field *f, bool in)
{
    bool number = f->kind == KIND_INT || f->kind == KIND_MONEY;
    bool text = f->kind == KIND_TEXT || f->kind == KIND_LONG_TEXT;
    const char *low = number ? "minimum" : text ? "minLength" : "minItems";
    const char *high = number ? "maximum" : text ? "maxLength" : "maxItems";
    if (!number && !text && f->kind != KIND_LIST)
        return;
    if (f->min && !(text && !in))
        buf_printf(b, ",\"%s\":%" PRId64, low, text && !(f->flags & F_REQUIRED) ? 0 : f->min);
    if (f->max)
        buf_printf(b, ",\"%s\":%" PRId64, high, f->max);
}

static void put_field(struct buf *b, const struct field *f, bool in)
{
    buf_json(b, f->name);
    buf_printf(b, ":{%s,", pattern_of(f));
    put_text_member(b, "title", shape_label(f, LANG_VI));
    put_bounds(b, f, in);
    if (f->flags & F_READ_ONLY)
        buf_text(b, ",\"readOnly\":true");
    if (f->flags & F_SECRET)
        buf_text(b, ",\"writeOnly\":true");
    if (f->flags & F_PERSONAL)
        buf_text(b, ",\"x-personal\":true");
    if (f->catalogue) {
        buf_char(b, ',');
        put_text_member(b, "x-catalogue", f->catalogue);
    }
    if (f->kind == KIND_LIST) {
        buf_text(b, ",\"items\":");
        put_schema(b, f->of, in);
    }
    buf_char(b, '}');
}

/* The members of an object's schema, without its braces. */
static void put_members(struct buf *b, const struct shape *s, bool in)
{
    bool first = true;
    buf_text(b, "\"type\":\"object\",\"properties\":{");
    for (size_t i = 0; i < s->n; i++) {
        if (!in && (s->fields[i].flags & F_SECRET))
            continue;
        if (!first)
            buf_char(b, ',');
        first = false;
        put_field(b, &s->fields[i], in);
    }
    buf_text(b, "},\"required\":[");
    first = true;
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        bool always = in ? (f->flags & F_REQUIRED) && !f->visible_field && !(f->flags & F_READ_ONLY)
                         : !(f->flags & F_SECRET);
        if (!always)
            continue;
        if (!first)
            buf_char(b, ',');
        first = false;
        buf_json(b, f->name);
    }
    buf_char(b, ']');
}

static void put_schema(struct buf *b, const struct shape *s, bool in)
{
    buf_text(b, "{\"additionalProperties\":false,");
    put_members(b, s, in);
    buf_char(b, '}');
}

/* ---- operations ---- */

static void put_parameter(struct buf *b, const char *in, const char *name, size_t n,
                          const char *description)
{
    if (b->ptr[b->len - 1] == '}')
        buf_char(b, ',');
    buf_printf(b, "{\"in\":\"%s\",\"required\":%s,\"schema\":{\"type\":\"string\"},", in,
               strcmp(in, "path") == 0 ? "true" : "false");
    put_text_member(b, "name", arena_text_n(b->arena, name, n));
    if (description) {
        buf_char(b, ',');
        put_text_member(b, "description", description);
    }
    buf_char(b, '}');
}

/* Those of the path, those of the address in the clear; for marked ones what holds them sealed. A
   foreign protocol's own ("*") are told by its standard. */
static void put_parameters(struct buf *b, const struct route *row)
{
    bool marked = false;
    size_t n;
    buf_text(b, "\"parameters\":[");
    for (const char *at = strchr(row->path, '{'); at; at = strchr(at + 1, '{'))
        put_parameter(b, "path", at + 1, strcspn(at + 1, "*}"), NULL);
    for (const char *at = row->query; at && *at; at += n + strspn(at + n, " ")) {
        n = strcspn(at, " ");
        if (*at == '!')
            marked = true;
        else if (*at != '*')
            put_parameter(b, "query", at, n, NULL);
    }
    if (marked)
        put_parameter(b, "query", ASKED_NAME, strlen(ASKED_NAME),
                      text_get(TX(web_openapi_asked), LANG_EN));
    buf_char(b, ']');
}

static void put_content(struct buf *b, const char *type, const struct shape *s, bool in)
{
    buf_printf(b, "\"%s\":{\"schema\":", type);
    put_schema(b, s, in);
    buf_char(b, '}');
}

static void put_fields(struct buf *b, const char *type, const struct route *row)
{
    static const struct shape none = {.name = ""};
    buf_printf(b, "\"%s\":{\"schema\":{", type);
    put_text_member(b, "description", text_get(TX(web_openapi_fields), LANG_EN));
    buf_text(b, ",\"additionalProperties\":");
    put_others(b, row);
    buf_char(b, ',');
    put_members(b, row->in ? row->in : &none, true);
    buf_text(b, "}}");
}

static void put_body(struct buf *b, const struct route *row)
{
    bool more = row->flags & ROUTE_FIELDS;
    const char *form =
        row->flags & ROUTE_UPLOAD ? "multipart/form-data" : "application/x-www-form-urlencoded";
    const char *const types[] = {"application/json", form};
    if (!row->in && !more)
        return;
    buf_text(b, ",\"requestBody\":{\"required\":true,\"content\":{");
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (i > 0)
            buf_char(b, ',');
        if (more)
            put_fields(b, types[i], row);
        else
            put_content(b, types[i], row->in, true);
    }
    buf_text(b, "}}");
}

/* What a client of JSON gets of a row that goes well; acts without a shape lead on. */
static const struct shape *answers_with(const struct route *row)
{
    bool act = strcmp(row->method, "GET") != 0 && !(row->flags & ROUTE_NO_CSRF);
    return row->out || !act ? row->out : &location_shape;
}

/* "get": the method in small letters. */
static void put_method(struct buf *b, const char *method)
{
    buf_char(b, '"');
    for (const char *at = method; *at; at++)
        buf_char(b, (char)(*at - 'A' + 'a'));
    buf_text(b, "\":{");
}

static void put_operation(struct buf *b, const struct web_route *at)
{
    const struct route *row = at->row;
    put_method(b, row->method);
    put_text_member(b, "summary", text_get(row->title, LANG_VI));
    buf_char(b, ',');
    put_text_member(b, "description", text_get(row->title, LANG_EN));
    buf_text(b, ",\"tags\":[");
    buf_json(b, at->module);
    buf_text(b, "],");
    put_text_member(b, "x-permission", row->permission);
    if (row->flags & ROUTE_GRAVE)
        buf_text(b, ",\"x-proof\":\"/phien\"");
    buf_char(b, ',');
    put_parameters(b, row);
    put_body(b, row);
    buf_text(b, ",\"responses\":{\"200\":{\"description\":\"\"");
    if (answers_with(row)) {
        buf_text(b, ",\"content\":{");
        put_content(b, "application/json", answers_with(row), false);
        buf_char(b, '}');
    }
    buf_text(b, "},\"default\":{\"$ref\":\"#/components/responses/problem\"}},\"security\":");
    buf_text(b, strcmp(row->permission, PUBLIC) == 0 ? "[]}" : "[{\"session\":[]}]}");
}

/* "/r1/{rest*}" is written "/r1/{rest}". */
static void put_path(struct buf *b, const char *path)
{
    struct buf plain = buf_new(b->arena, 2000);
    for (const char *at = path; *at; at++) {
        if (*at != '*')
            buf_char(&plain, *at);
    }
    buf_json(b, plain.ptr);
    buf_text(b, ":{");
}

static bool path_is_new(const struct web *w, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(w->rows[k]->path, w->rows[i]->path) == 0)
            return false;
    }
    return true;
}

static const char problem[] =
    "\"problem\":{\"description\":\"RFC 9457\",\"content\":{\"application/problem+json\":"
    "{\"schema\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"code\","
    "\"detail\",\"errors\",\"request_id\",\"retry\"],\"properties\":{\"type\":{\"type\":"
    "\"string\"},\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},\"code\":"
    "{\"type\":\"string\"},\"detail\":{\"type\":\"string\"},\"request_id\":{\"type\":"
    "\"string\"},\"retry\":{\"type\":\"boolean\"},\"errors\":{\"type\":\"array\",\"items\":"
    "{\"type\":\"object\",\"properties\":{\"field\":{\"type\":\"string\"},\"label\":{\"type\":"
    "\"string\"},\"code\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"}}}}}}}}}";

void web_openapi(struct buf *b, const struct web *w)
{
    bool first = true;
    buf_text(b, "{\"openapi\":\"3.1.0\",\"info\":{");
    put_text_member(b, "title", w->o.title[LANG_VI] ? w->o.title[LANG_VI] : "\304\220\303\254nh");
    buf_char(b, ',');
    put_text_member(b, "version", w->o.version ? w->o.version : "0");
    buf_char(b, ',');
    put_text_member(b, "description", text_get(TX(web_openapi_about), LANG_EN));
    buf_text(b, "},\"paths\":{");
    for (size_t i = 0; i < w->n_routes; i++) {
        if (!path_is_new(w, i))
            continue;
        if (!first)
            buf_char(b, ',');
        first = false;
        put_path(b, w->rows[i]->path);
        bool first_method = true;
        for (size_t k = i; k < w->n_routes; k++) {
            if (strcmp(w->rows[k]->path, w->rows[i]->path) != 0)
                continue;
            if (!first_method)
                buf_char(b, ',');
            first_method = false;
            put_operation(b, w->routes[k]);
        }
        buf_char(b, '}');
    }
    buf_text(b, "},\"components\":{\"securitySchemes\":{\"session\":{\"type\":\"apiKey\","
                "\"in\":\"cookie\",");
    put_text_member(b, "name", w->cookie);
    buf_printf(b, "}},\"responses\":{%s}}}", problem);
}
