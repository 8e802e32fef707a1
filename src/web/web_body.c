/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "base/id.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "web/web_call.h"

#define MAX_PAIRS 1000
#define MAX_NAME  100
#define MAX_KEY   200

const char *pair_value(const struct http_header *pairs, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(pairs[i].name, name) == 0)
            return pairs[i].value;
    }
    return NULL;
}

/* Text as typed, with CR LF as LF; NULL when it holds a NUL or isn't UTF-8. */
static const char *as_typed(struct arena *a, struct bytes in)
{
    if (!text_is_utf8(in) || memchr(in.len ? (const void *)in.ptr : "x", 0, in.len))
        return NULL;
    char *out = arena_text_n(a, (const char *)in.ptr, in.len);
    size_t n = 0;
    for (size_t i = 0; i < in.len; i++) {
        if (out[i] != '\r')
            out[n++] = out[i];
        else if (out[i + 1] != '\n')
            out[n++] = '\n';
    }
    out[n] = 0;
    return out;
}

static enum err pair_in(struct ctx *c, struct bytes one, struct http_header *ret_pair)
{
    const uint8_t *eq = one.len ? memchr(one.ptr, '=', one.len) : NULL;
    size_t n = eq ? (size_t)(eq - one.ptr) : one.len;
    struct bytes name, value = {0};
    if (!url_decode(c->arena, (struct bytes){one.ptr, n}, true, &name))
        return fail(c, ERR_BAD_FORM, "");
    ret_pair->name = as_typed(c->arena, name);
    if (!ret_pair->name || name.len > MAX_NAME)
        return fail(c, ERR_BAD_FORM, "");
    if (eq && !url_decode(c->arena, (struct bytes){eq + 1, one.len - n - 1}, true, &value))
        return fail(c, ERR_BAD_ENCODING, ret_pair->name);
    ret_pair->value = as_typed(c->arena, value);
    return ret_pair->value ? OK : fail(c, ERR_BAD_ENCODING, ret_pair->name);
}

enum err form_urlencoded(struct ctx *c, struct bytes in, struct http_header **ret_pairs,
                         size_t *ret_n)
{
    size_t most = 1, n = 0;
    for (size_t i = 0; i < in.len; i++)
        most += in.ptr[i] == '&';
    if (most > MAX_PAIRS)
        return fail(c, ERR_TOO_MANY_FIELDS, arena_printf(c->arena, "%d", MAX_PAIRS));
    struct http_header *pairs = ARENA_ARRAY(c->arena, most, struct http_header);
    for (size_t from = 0; from < in.len;) {
        const uint8_t *end = memchr(in.ptr + from, '&', in.len - from);
        size_t to = end ? (size_t)(end - in.ptr) : in.len;
        if (to > from) {
            enum err e = pair_in(c, (struct bytes){in.ptr + from, to - from}, &pairs[n++]);
            if (e)
                return e;
        }
        from = to + 1;
    }
    *ret_pairs = pairs;
    *ret_n = n;
    return OK;
}

/* ---- the body of a call ---- */

static bool is_type(const char *header, const char *type)
{
    size_t n = strlen(type);
    return header && strncasecmp(header, type, n) == 0 && (!header[n] || strchr("; \t", header[n]));
}

static void hash_part(struct buf *b, const char *name, struct bytes value)
{
    struct sha256 h = sha256(value);
    buf_json(b, name);
    buf_add(b, h.b, sizeof h.b);
}

/* What the form says, whatever its encoding, order of encoding, token or proof. */
static const char *form_hash(struct call *k)
{
    struct buf b = buf_new(k->c.arena, 1 << 20);
    for (size_t i = 0; i < k->q.n_form; i++) {
        if (strcmp(k->q.form[i].name, "_csrf") != 0 && strcmp(k->q.form[i].name, PROOF_FIELD) != 0)
            hash_part(&b, k->q.form[i].name, bytes_of(k->q.form[i].value));
    }
    for (size_t i = 0; i < k->q.n_uploads; i++)
        hash_part(&b, k->q.uploads[i].field, k->q.uploads[i].content);
    return sha256_hex(k->c.arena, sha256(buf_bytes(&b)));
}

static enum err read_form(struct call *k, const char *type, struct bytes body, bool *ret_form)
{
    struct http_header *pairs = NULL;
    bool plain = is_type(type, "application/x-www-form-urlencoded");
    bool multi = is_type(type, "multipart/form-data") && (k->q.route->flags & ROUTE_UPLOAD);
    enum err e = OK;
    *ret_form = plain || multi || (!type && body.len == 0);
    if (plain)
        e = form_urlencoded(&k->c, body, &pairs, &k->q.n_form);
    if (multi)
        e = form_multipart(&k->c, type, body, &pairs, &k->q.n_form, k->q.uploads, &k->q.n_uploads);
    k->q.form = pairs;
    return e;
}

static enum err read_json(struct call *k, struct bytes body)
{
    struct http_header *pairs = NULL;
    k->q.json = body;
    enum err e = form_json(&k->c, body, k->q.route->flags & ROUTE_UPLOAD, &pairs, &k->q.n_form,
                           k->q.uploads, &k->q.n_uploads);
    k->q.form = pairs;
    return e;
}

static enum err decode(struct call *k, const char *type, struct bytes body, bool form)
{
    const struct shape *s = k->q.route->in;
    bool more = k->q.route->flags & ROUTE_FIELDS;
    if (more && !form && k->q.json.len == 0)
        return fail(&k->c, ERR_MEDIA_TYPE, type ? type : "?");
    if (!s)
        return OK;
    k->q.in = shape_new(k->c.arena, s);
    if (more)
        return fields_decode(&k->c, &k->q, s, k->q.in);
    if (form)
        return shape_from_form(&k->c, s, k->q.form, k->q.n_form, k->q.in);
    if (is_type(type, "application/json"))
        return shape_from_json(&k->c, s, body, k->q.in);
    return fail(&k->c, ERR_MEDIA_TYPE, type ? type : "?");
}

static enum err read_key(struct call *k)
{
    const char *key = req_header(&k->q, "Idempotency-Key");
    if (!key)
        key = pair_value(k->q.form, k->q.n_form, "_key");
    if (text_empty(key) || (k->q.route->flags & (ROUTE_NO_KEY | ROUTE_PREPARED)))
        return OK;
    return text_clean(&k->c, "Idempotency-Key", bytes_of(key), MAX_KEY, &k->q.key);
}

static enum err read_body(struct call *k)
{
    const char *type = req_header(&k->q, "Content-Type");
    bool form = false;
    enum err e = http_body(&k->c, k->q.http);
    struct bytes body = k->q.http->body;
    e = e ? e : read_form(k, type, body, &form);
    k->form_body = form;
    if (!e && (k->q.route->flags & ROUTE_FIELDS) && is_type(type, "application/json"))
        e = read_json(k, body);
    if (k->q.route->flags & ROUTE_GRAVE)
        k->proof = pair_value(k->q.form, k->q.n_form, PROOF_FIELD);
    e = e ? e : read_key(k);
    if (!e && k->q.key)
        k->body_hash = form ? form_hash(k) : sha256_hex(k->c.arena, sha256(body));
    return e ? e : decode(k, type, body, form);
}

void call_body(struct call *k)
{
    if (strcmp(k->q.http->method, "GET") == 0 || strcmp(k->q.http->method, "HEAD") == 0)
        return;
    k->body_err = read_body(k);
    k->n_body_faults = k->c.n_faults;
    k->body_faults = ARENA_ARRAY(k->c.arena, k->c.n_faults + 1, struct fault);
    for (size_t i = 0; i < k->c.n_faults; i++)
        k->body_faults[i] = k->c.faults[i];
    ctx_clear_faults(&k->c);
}
