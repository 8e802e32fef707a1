/* SPDX-License-Identifier: Apache-2.0 */
/* An error becomes a page or a problem document (RFC 9457). */
#include <string.h>

#include "base/text.h"
#include "gen/html.h"
#include "web/error_page.h"
#include "web/page.h"
#include "web/web_call.h"

#define MAX_SENTENCE 4000

const char *fault_text(struct ctx *c, const struct shape *s, const struct fault *f)
{
    const char *text = text_get((enum text)err_row(f->err)->text, c->lang);
    const char *label = s && f->field ? shape_label_of(c->arena, s, f->field, c->lang) : f->field;
    if (text_empty(label))
        label = text_get(TX(web_what_was_sent), c->lang);
    struct buf b = buf_new(c->arena, MAX_SENTENCE);
    for (const char *at = text; *at; at++) {
        bool hole = at[0] == '{' && at[1] >= '1' && at[1] <= '5' && at[2] == '}';
        if (!hole) {
            buf_char(&b, *at);
            continue;
        }
        size_t n = (size_t)(at[1] - '1');
        buf_text(&b, n == 0 ? label : f->args[n - 1]);
        at += 2;
    }
    return text_upper_first(c->arena, b.ptr);
}

static enum text title_of(enum err e)
{
    int status = err_row(e)->status;
    if (e == ERR_SIGNED_OUT)
        return TX(web_title_signed_out);
    switch (status) {
    case 400:
    case 422: return TX(web_title_invalid);
    case 401: return TX(web_title_sign_in);
    case 403: return TX(web_title_forbidden);
    case 404: return TX(web_title_not_found);
    case 409: return TX(web_title_conflict);
    case 413: return TX(web_title_too_large);
    case 429: return TX(web_title_rate);
    case 502:
    case 503: return TX(web_title_busy);
    default: return status >= 500 ? TX(web_title_internal) : TX(web_title_refused);
    }
}

/* The fault that speaks for the whole: the one of this error, one of no field (a body that is no
   object), or one made for it. */
static struct fault main_fault(const struct ctx *c, enum err e)
{
    for (size_t i = 0; i < c->n_faults; i++) {
        if (c->faults[i].err == e)
            return c->faults[i];
    }
    for (size_t i = 0; i < c->n_faults && e == ERR_INVALID; i++) {
        if (text_empty(c->faults[i].field))
            return c->faults[i];
    }
    return (struct fault){.err = e, .field = ""};
}

static const struct shape *shape_in(const struct call *k)
{
    return k->q.route ? k->q.route->in : NULL;
}

const struct shape *fault_shape(const struct req *r, const struct shape *s, const struct fault *f)
{
    bool own = s && f->field && shape_field(s, f->field);
    return own || !r->labels ? s : r->labels;
}

static const struct shape *shape_of(const struct call *k, const struct fault *f)
{
    return fault_shape(&k->q, shape_in(k), f);
}

/* ---- problem+json ---- */

static void put_member(struct buf *b, const char *name, const char *value)
{
    buf_printf(b, ",\"%s\":", name);
    buf_json(b, value);
}

static void put_fault(struct buf *b, struct call *k, const struct fault *f)
{
    const struct shape *s = shape_of(k, f);
    buf_text(b, "{\"field\":");
    buf_json(b, f->field);
    put_member(b, "label", s ? shape_label_of(k->c.arena, s, f->field, k->c.lang) : f->field);
    put_member(b, "code", err_row(f->err)->name);
    put_member(b, "detail", fault_text(&k->c, s, f));
    buf_char(b, '}');
}

static void put_problem(struct buf *b, struct call *k, enum err e)
{
    const struct err_row *row = err_row(e);
    struct fault whole = main_fault(&k->c, e);
    bool first = true;
    buf_printf(b, "{\"type\":\"/loi/%s\"", row->name);
    put_member(b, "title", text_get(title_of(e), k->c.lang));
    buf_printf(b, ",\"status\":%d", row->status);
    put_member(b, "code", row->name);
    put_member(b, "detail", fault_text(&k->c, shape_of(k, &whole), &whole));
    buf_text(b, ",\"errors\":[");
    for (size_t i = 0; i < k->c.n_faults; i++) {
        if (text_empty(k->c.faults[i].field) || row->status >= 500)
            continue;
        if (!first)
            buf_char(b, ',');
        first = false;
        put_fault(b, k, &k->c.faults[i]);
    }
    buf_char(b, ']');
    put_member(b, "request_id", k->c.request_id);
    buf_printf(b, ",\"retry\":%s}", row->retry == RETRY_LATER ? "true" : "false");
}

/* ---- the page ---- */

static bool has_secret(const struct shape *s)
{
    for (size_t i = 0; s && i < s->n; i++) {
        if (s->fields[i].flags & F_SECRET)
            return true;
    }
    return false;
}

/* A form whose fields can be carried in a page: no passwords. Its files must be chosen again. */
static bool is_browser_form(const struct call *k)
{
    return k->form_body && k->q.n_form > 0 && !has_secret(shape_in(k));
}

/* Typed fields go with the page, so that a form may be sent again after signing in or reloading.
   Only when the browser says that it came from a page of ours. */
static bool may_resend(const struct call *k, enum err e)
{
    return (e == ERR_SIGN_IN || e == ERR_SIGNED_OUT || e == ERR_CSRF || e == ERR_BUSY ||
            e == ERR_KEY_REUSED || err_row(e)->status == 503) &&
           is_browser_form(k) && from_our_page(k);
}

/* A form that can't be drawn any more, or has no page of its own: nobody types it twice. Another
   site's words are not shown in our name. */
static bool may_show_typed(const struct call *k)
{
    return k->form_body && !has_secret(shape_in(k)) && from_our_page(k) && page_was_typed(&k->q);
}

static bool goes_to_sign_in(const struct call *k, enum err e)
{
    return e == ERR_SIGN_IN && k->w->o.sign_in && strcmp(k->q.http->method, "GET") == 0;
}

/* The page of the sign-in, to lead back here. */
static const char *sign_in_path(const struct call *k)
{
    struct buf b = buf_new(k->c.arena, 20000);
    struct buf back = buf_new(k->c.arena, 10000);
    buf_text(&back, k->q.http->path);
    if (!text_empty(k->q.http->query))
        buf_printf(&back, "?%s", k->q.http->query);
    buf_printf(&b, "%s%cnext=", k->w->o.sign_in, strchr(k->w->o.sign_in, '?') ? '&' : '?');
    buf_url(&b, back.ptr);
    return b.ptr;
}

static void to_sign_in(struct call *k)
{
    answer_begin(&k->q, 303, NULL);
    http_answer_header(&k->q.answer, "Location", sign_in_path(k));
}

/* Where the page of that error leads on; NULL: signing in doesn't help. */
static const char *leads_to(const struct call *k, enum err e)
{
    if ((e != ERR_SIGN_IN && e != ERR_SIGNED_OUT) || !k->w->o.sign_in)
        return NULL;
    bool here = e == ERR_SIGNED_OUT && strcmp(k->q.http->method, "GET") == 0;
    return here ? sign_in_path(k) : k->w->o.sign_in;
}

static void to_page(struct call *k, enum err e)
{
    const struct err_row *row = err_row(e);
    struct fault whole = main_fault(&k->c, e);
    struct error_view v = {
        .title = text_get(title_of(e), k->c.lang),
        .detail = fault_text(&k->c, shape_of(k, &whole), &whole),
        .request_id = row->status >= 500 ? k->c.request_id : NULL,
        .sign_in = leads_to(k, e),
        .action = k->q.http->path,
        .resend = may_resend(k, e),
    };
    v.files = v.resend && k->q.session && page_had_files(&k->q);
    v.typed = !v.resend && may_show_typed(k);
    size_t n = row->status >= 500 ? 0 : k->c.n_faults;
    const char **lines = ARENA_ARRAY(k->c.arena, n + 1, const char *);
    for (size_t i = 0; i < n; i++) {
        if (!text_empty(k->c.faults[i].field) && k->c.faults[i].err != whole.err)
            lines[v.n_lines++] = fault_text(&k->c, shape_of(k, &k->c.faults[i]), &k->c.faults[i]);
    }
    v.lines = lines;
    struct buf b = buf_new(k->c.arena, 4 * 1024 * 1024);
    struct page p = {&b, k->c.lang, &k->c, &k->q};
    web_error_html(&p, &v);
    answer_begin(&k->q, row->status, "text/html; charset=utf-8");
    k->q.answer.body = buf_bytes(&b);
}

void answer_error(struct call *k, enum err e)
{
    bool machine = k->q.http->peer_cert.len > 0;
    if (k->c.n_faults == 0 && fail(&k->c, e, ""))
        k->c.faults[0].field = "";
    if (k->q.wants_json || machine || (k->q.route && (k->q.route->flags & ROUTE_NO_CSRF))) {
        struct buf b = buf_new(k->c.arena, 1024 * 1024);
        put_problem(&b, k, e);
        answer_begin(&k->q, err_row(e)->status, "application/problem+json");
        k->q.answer.body = buf_bytes(&b);
    } else if (proof_asked(k, e)) {
        proof_page(k, e);
    } else if (goes_to_sign_in(k, e)) {
        to_sign_in(k);
    } else {
        to_page(k, e);
    }
    if (e == ERR_BUSY) /* a line moves on sooner than what else a 503 waits for */
        http_answer_header(&k->q.answer, "Retry-After", "5");
}
