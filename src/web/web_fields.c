/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies whose fields only the handler knows, from forms and from JSON alike. */
#include <string.h>

#include "base/text.h"
#include "web/json.h"
#include "web/shape_place.h"
#include "web/web_call.h"

#define MAX_MEMBERS   1000
#define MAX_NAME      100
#define MEMBERS_DEPTH 8

#define ACT struct next_act
SHAPE(next_act_shape, ACT, SHAPE_TEXT(ACT, name, TX(web_act_name)),
      SHAPE_TEXT(ACT, method, TX(web_act_method)), SHAPE_TEXT(ACT, href, TX(web_act_href)),
      SHAPE_TEXT(ACT, title, TX(web_act_title)));

/* ---- JSON as the fields of a form ---- */

struct reading {
    struct ctx *c;
    bool files;
    struct http_header *pairs;
    size_t n;
    struct upload *uploads;
    size_t n_uploads;
};

/* What isn't a file stays with the document: whoever decodes it names the fault. */
static enum err file_in(struct reading *d, const char *name, const json_t *o)
{
    const char *file = json_text_of(o, "name", NULL), *content = json_text_of(o, "content", NULL);
    struct bytes in = {0};
    if (!d->files || !file || json_object_size(o) != 2 || !base64_decode(d->c->arena, content, &in))
        return OK;
    if (d->n_uploads == MAX_UPLOADS)
        return fail(d->c, ERR_TOO_MANY_FIELDS, arena_printf(d->c->arena, "%d", MAX_UPLOADS));
    d->uploads[d->n_uploads++] =
        (struct upload){name, upload_name(d->c, arena_text(d->c->arena, file)), in, ""};
    return OK;
}

static const char *scalar_in(struct arena *a, const json_t *j)
{
    if (json_is_string(j))
        return arena_text(a, json_string_value(j));
    if (json_is_integer(j))
        return arena_printf(a, "%lld", (long long)json_integer_value(j));
    return json_is_true(j) ? "1" : "";
}

static enum err member_in(struct reading *d, const char *sent, const json_t *j)
{
    const char *name = "";
    size_t before = d->c->n_faults;
    if (!*sent || text_clean(d->c, "", bytes_of(sent), MAX_NAME, &name) || !text_eq(name, sent)) {
        d->c->n_faults = before; /* the name itself is the fault */
        return fail(d->c, ERR_UNKNOWN_FIELD, "?");
    }
    if (json_is_object(j))
        return file_in(d, name, j);
    if (json_is_array(j) || json_is_real(j))
        return OK;
    d->pairs[d->n++] = (struct http_header){name, scalar_in(d->c->arena, j)};
    return OK;
}

enum err form_json(struct ctx *c, struct bytes in, bool files, struct http_header **ret_pairs,
                   size_t *ret_n, struct upload *ret_uploads, size_t *ret_n_uploads)
{
    struct reading d = {.c = c, .files = files, .uploads = ret_uploads};
    const char *name;
    json_t *j = NULL, *value;
    enum err e = json_depth(in) > MEMBERS_DEPTH
                     ? fail(c, ERR_JSON, "", "1", json_deeper(c, MEMBERS_DEPTH))
                     : json_in(c, "", in, &j);
    if (e)
        return e;
    size_t n = json_object_size(j);
    if (!json_is_object(j))
        e = fail(c, ERR_WRONG_KIND, "", json_kind_words(c, "object"));
    else if (n > MAX_MEMBERS)
        e = fail(c, ERR_TOO_MANY_FIELDS, arena_printf(c->arena, "%d", MAX_MEMBERS));
    if (!e) {
        d.pairs = ARENA_ARRAY(c->arena, n + 1, struct http_header);
        json_object_foreach(j, name, value)
        {
            enum err one = member_in(&d, name, value);
            e = e ? e : one;
        }
    }
    json_end(j);
    *ret_pairs = d.pairs;
    *ret_n = d.n;
    *ret_n_uploads = d.n_uploads;
    return e;
}

/* ---- the fields of in ---- */

static void own_members(const struct shape *s, json_t *j)
{
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(j, next, name, value)
    {
        if (!shape_field(s, name))
            json_object_del(j, name);
    }
}

enum err fields_decode(struct ctx *c, const struct req *r, const struct shape *s, void *object)
{
    json_t *j = NULL;
    size_t n = 0;
    if (r->json.len > 0) {
        enum err e = json_in(c, "", r->json, &j);
        if (e)
            return e;
        own_members(s, j);
        e = shape_from_members(c, s, j, object);
        json_end(j);
        return e;
    }
    struct http_header *own = ARENA_ARRAY(c->arena, r->n_form + 1, struct http_header);
    for (size_t i = 0; i < r->n_form; i++)
        if (shape_field(s, r->form[i].name))
            own[n++] = r->form[i];
    return shape_from_form(c, s, own, n, object);
}

/* ---- the handler's own fields ---- */

static bool is_in_s(const struct req *r, const char *name)
{
    return r->route->in && shape_field(r->route->in, name);
}

struct http_header *req_typed(struct ctx *c, const struct req *r, const struct shape *s,
                              const void *object, field_meant_fn meant, size_t *ret_n)
{
    const struct shape *whole = s->whole ? s->whole : s;
    struct http_header *pairs = ARENA_ARRAY(c->arena, r->n_form + 1, struct http_header);
    size_t n = 0;
    for (size_t i = 0; i < r->n_form; i++) {
        const char *name = r->form[i].name, *value = r->form[i].value;
        const struct field *f = shape_field(whole, name);
        if ((f && f->kind == KIND_FILE) || is_in_s(r, name))
            continue;
        if (f && meant && shape_field(s, name))
            value = meant(c, r, f, value, object);
        if (value)
            pairs[n++] = (struct http_header){name, value};
    }
    *ret_n = n;
    return pairs;
}

static void file_member(struct ctx *c, const struct req *r, const struct field *f, const json_t *j,
                        const void *object, const struct shape *s)
{
    const char *id = json_string_value(j);
    bool kept = json_is_null(j) || (id && (!*id || text_eq(id, shape_text(s, object, f->name))));
    if (kept || req_upload(r, f->name))
        return;
    bool whole = json_text_of(j, "name", NULL) && json_text_of(j, "content", NULL);
    if (whole && json_object_size(j) == 2)
        (void)fail(c, ERR_BAD_ENCODING, f->name);
    else
        (void)fail(c, ERR_WRONG_KIND, f->name, "{\"name\", \"content\"}");
}

/* Leaves of the document what shape_from_members() may have. */
static void members_meant(struct ctx *c, const struct req *r, const struct shape *s,
                          const void *object, field_meant_fn meant, json_t *j)
{
    const char *name, *text;
    json_t *value;
    void *next;
    json_object_foreach_safe(j, next, name, value)
    {
        const struct field *f = shape_field(s, name);
        bool own = f && meant && json_is_string(value) && f->kind != KIND_FILE;
        if (f && f->kind == KIND_FILE)
            file_member(c, r, f, value, object, s);
        if (name[0] == '_' || is_in_s(r, name) || (f && f->kind == KIND_FILE))
            json_object_del(j, name);
        else if (own && !(text = meant(c, r, f, json_string_value(value), object)))
            json_object_del(j, name);
        else if (own)
            json_object_set_new(j, name, json_string(text));
    }
}

static enum err fields_from_json(struct ctx *c, struct req *r, const struct shape *s, void *object,
                                 field_meant_fn meant)
{
    json_t *j = NULL;
    enum err e = json_in(c, "", r->json, &j);
    if (e)
        return e;
    members_meant(c, r, s, object, meant, j);
    e = shape_from_members(c, s, j, object);
    json_end(j);
    return e;
}

enum err req_fields(struct ctx *c, struct req *r, const struct shape *s, void *object,
                    field_meant_fn meant)
{
    size_t before = c->n_faults, n = 0;
    enum err e;
    r->labels = s->whole ? s->whole : s;
    if (r->json.len > 0) {
        e = fields_from_json(c, r, s, object, meant);
    } else {
        struct http_header *pairs = req_typed(c, r, s, object, meant, &n);
        e = shape_from_form(c, s, pairs, n, object);
    }
    if (e && err_row(e)->status >= 500)
        return e;
    return e || c->n_faults > before ? ERR_INVALID : OK;
}
