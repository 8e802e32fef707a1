/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "web/web_call.h"

#define MAX_ANSWER_BYTES (16 * 1024 * 1024)

/* ---- what a handler asks of its request ---- */

const char *req_param(const struct req *r, const char *name)
{
    size_t i = 0, n = strlen(name);
    for (const char *at = strchr(r->route->path, '{'); at && i < MAX_PARAMS;
         at = strchr(at + 1, '{'), i++) {
        if (strncmp(at + 1, name, n) == 0 && (at[n + 1] == '}' || at[n + 1] == '*'))
            return r->param[i] ? r->param[i] : "";
    }
    return "";
}

const char *req_form(const struct req *r, const char *name)
{
    const char *value = pair_value(r->form, r->n_form, name);
    return value ? value : "";
}

const char *req_header(const struct req *r, const char *name)
{
    return http_header(r->http, name);
}

const struct upload *req_upload(const struct req *r, const char *field)
{
    for (size_t i = 0; i < r->n_uploads; i++) {
        if (text_eq(r->uploads[i].field, field))
            return &r->uploads[i];
    }
    return NULL;
}

/* ---- answers ---- */

void answer_begin(struct req *r, int status, const char *type)
{
    r->answer = (struct http_answer){.status = status};
    if (type)
        http_answer_header(&r->answer, "Content-Type", type);
    call_of(r)->answered = true;
}

void answer_header(struct req *r, const char *name, const char *value)
{
    struct call *k = call_of(r);
    ASSERT(k->n_extra < ARRAY_LEN(k->extra));
    if (!strpbrk(value, "\r\n"))
        k->extra[k->n_extra++] = (struct http_header){name, value};
}

enum err answer_json(struct ctx *c, struct req *r, int status, struct bytes json)
{
    (void)c;
    answer_begin(r, status, "application/json");
    r->answer.body = json;
    return OK;
}

static enum err answer_shape(struct ctx *c, struct req *r, int status, const struct shape *shape,
                             const void *view)
{
    struct buf b = buf_new(c->arena, MAX_ANSWER_BYTES);
    shape_to_json(&b, shape, view);
    return buf_full(&b) ? fail(c, ERR_INTERNAL, "") : answer_json(c, r, status, buf_bytes(&b));
}

static enum err answer_page(struct ctx *c, struct req *r, int status, const void *view,
                            page_fn html)
{
    struct buf b = buf_new(c->arena, MAX_ANSWER_BYTES);
    struct page p = {&b, c->lang, c, r};
    html(&p, view);
    if (buf_full(&b))
        return fail(c, ERR_INTERNAL, "");
    answer_begin(r, status, "text/html; charset=utf-8");
    r->answer.body = buf_bytes(&b);
    return OK;
}

enum err answer(struct ctx *c, struct req *r, int status, const struct shape *shape,
                const void *view, page_fn html)
{
    if (call_of(r)->unacceptable)
        return fail(c, ERR_NOT_ACCEPTABLE, "");
    if (shape && (r->wants_json || !html))
        return answer_shape(c, r, status, shape, view);
    if (html && !r->wants_json)
        return answer_page(c, r, status, view, html);
    return fail(c, ERR_NOT_ACCEPTABLE, "");
}

struct location {
    const char *location;
};
SHAPE(location_shape, struct location, SHAPE_TEXT(struct location, location, TX(web_location)));

enum err answer_redirect(struct ctx *c, struct req *r, const char *to)
{
    if (r->wants_json) {
        struct location l = {to};
        return answer_shape(c, r, 200, &location_shape, &l);
    }
    if (strpbrk(to, "\r\n"))
        return fail(c, ERR_INTERNAL, "");
    answer_begin(r, 303, NULL);
    http_answer_header(&r->answer, "Location", arena_text(c->arena, to));
    return OK;
}

enum err answer_bytes(struct ctx *c, struct req *r, const char *type, const char *download_name,
                      struct bytes in)
{
    answer_begin(r, 200, type);
    r->answer.body = in;
    if (download_name) { /* RFC 6266 with RFC 8187 names */
        struct buf b = buf_new(c->arena, 4096);
        buf_text(&b, "attachment; filename*=UTF-8''");
        buf_url(&b, download_name);
        http_answer_header(&r->answer, "Content-Disposition", b.ptr);
    }
    return OK;
}

enum err answer_stream(struct ctx *c, struct req *r, struct http_stream *s)
{
    (void)c;
    answer_begin(r, 200, "text/event-stream");
    http_answer_header(&r->answer, "X-Accel-Buffering", "no"); /* a front passes each event on */
    r->answer.stream = s;
    return OK;
}

enum err answer_again(struct ctx *c, struct req *r, const struct shape *shape, const void *view,
                      page_fn html)
{
    struct call *k = call_of(r);
    enum err first = c->n_faults ? c->faults[0].err : ERR_INVALID;
    /* in the writer the page would be drawn from what is about to be rolled back */
    bool later = k->stage == STAGE_HANDLER && r->route->again;
    if (r->wants_json || later || !html)
        return first;
    (void)shape;
    enum err e = answer_page(c, r, err_row(first)->status == 429 ? 429 : 422, view, html);
    if (e)
        return e;
    k->refused = true;
    return first;
}
