/* SPDX-License-Identifier: Apache-2.0 */
/* The last steps of every answer: headers, packing, log line, figures, reply. */
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "web/web_call.h"

#define PACK_FROM_BYTES 1024
#define PACK_LEVEL      3

static const char *answer_value(const struct http_answer *a, const char *name)
{
    for (size_t i = 0; i < a->n_headers; i++) {
        const char *one = a->headers[i].name;
        if ((one[0] | 0x20) == (name[0] | 0x20) && strcasecmp(one, name) == 0)
            return a->headers[i].value;
    }
    return NULL;
}

static void set_once(struct http_answer *a, const char *name, const char *value)
{
    if (!answer_value(a, name))
        http_answer_header(a, name, value);
}

/* ---- packing ---- */

bool takes_gzip(const struct http_request *h)
{
    const char *accept = http_header(h, "Accept-Encoding");
    const char *at = accept ? strcasestr(accept, "gzip") : NULL;
    return at && strncmp(at + 4, ";q=0", 4) != 0;
}

static bool is_text(const struct http_answer *a)
{
    static const char *const types[] = {"text/html", "application/json", "application/problem+json",
                                        "text/plain", "image/svg+xml"};
    const char *type = answer_value(a, "Content-Type");
    for (size_t i = 0; type && i < ARRAY_LEN(types); i++) {
        if (text_starts(type, types[i]))
            return true;
    }
    return false;
}

static pthread_key_t packer_key;
static pthread_once_t packer_once = PTHREAD_ONCE_INIT;

static void packer_end(void *arg)
{
    deflateEnd(arg);
    sys_free(arg);
}

static void packer_key_new(void)
{
    if (pthread_key_create(&packer_key, packer_end) != 0)
        BUG("no key for packers");
}

/* One a thread: making its tables anew costs more than packing a page. */
static z_stream *packer(void)
{
    pthread_once(&packer_once, packer_key_new);
    z_stream *z = pthread_getspecific(packer_key);
    if (z)
        return deflateReset(z) == Z_OK ? z : NULL;
    z = sys_malloc(sizeof *z);
    if (!z)
        return NULL;
    *z = (z_stream){0};
    if (deflateInit2(z, PACK_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
        pthread_setspecific(packer_key, z) != 0) {
        sys_free(z);
        return NULL;
    }
    return z;
}

static bool deflate_into(struct arena *a, struct bytes in, struct bytes *ret_out)
{
    z_stream *z = packer();
    if (!z)
        return false;
    size_t cap = deflateBound(z, in.len);
    uint8_t *out = arena_alloc(a, cap);
    z->next_in = (Bytef *)(uintptr_t)in.ptr;
    z->avail_in = (uInt)in.len;
    z->next_out = out;
    z->avail_out = (uInt)cap;
    bool done = deflate(z, Z_FINISH) == Z_STREAM_END;
    *ret_out = (struct bytes){out, z->total_out};
    return done && ret_out->len < in.len;
}

static void pack(struct call *k)
{
    struct http_answer *a = &k->q.answer;
    struct bytes packed;
    if (a->body.len < PACK_FROM_BYTES || !is_text(a) || answer_value(a, "Content-Encoding"))
        return;
    set_once(a, "Vary", "Accept, Accept-Encoding, Accept-Language, Cookie");
    if (!takes_gzip(k->q.http) || !deflate_into(k->c.arena, a->body, &packed))
        return;
    a->body = packed;
    a->body_static = false;
    http_answer_header(a, "Content-Encoding", "gzip");
}

/* ---- headers ---- */

static void guard_headers(struct call *k)
{
    struct http_answer *a = &k->q.answer;
    const char *type = answer_value(a, "Content-Type");
    bool page = type && text_starts(type, "text/html");
    set_once(a, "X-Content-Type-Options", "nosniff");
    set_once(a, "Content-Security-Policy",
             page ? k->w->csp : "default-src 'none'; frame-ancestors 'none'; sandbox");
    set_once(a, "Cross-Origin-Resource-Policy", "same-origin");
    if (page) { /* what only a document obeys */
        set_once(a, "Referrer-Policy", "same-origin");
        set_once(a, "Cross-Origin-Opener-Policy", "same-origin");
        set_once(a, "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()");
    }
    if (k->w->o.secure_cookies)
        set_once(a, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
    set_once(a, "Cache-Control", k->secret_hash || k->q.session ? "no-store" : "no-cache");
    set_once(a, "X-Request-Id", k->c.request_id);
    if (a->status == 401)
        set_once(a, "WWW-Authenticate", "Session");
    if (a->status == 503)
        set_once(a, "Retry-After", "60");
    if (k->replayed)
        set_once(a, "Idempotency-Replayed", "true");
}

static void note(const struct call *k, int64_t us)
{
    const struct http_answer *a = &k->q.answer;
    struct buf line = buf_new(k->c.arena, 2048);
    buf_text(&line, "method=");
    buf_text(&line, k->q.http->method);
    buf_text(&line, " route=");
    buf_text(&line, k->at->row ? k->at->row->path : "-");
    buf_text(&line, " status=");
    buf_int(&line, a->status);
    buf_text(&line, " us=");
    buf_int(&line, us);
    buf_text(&line, " bytes=");
    buf_int(&line, (int64_t)a->body.len);
    buf_text(&line, " account=");
    buf_text(&line, text_empty(k->actor.account) ? "-" : log_mask(k->c.arena, k->actor.account));
    if (a->status >= 400 && k->c.n_faults) {
        buf_text(&line, " error=");
        buf_text(&line, err_row(k->c.faults[0].err)->name);
    }
    log_text(a->status >= 500 ? LOG_ERROR_ : LOG_INFO_, "web", k->c.request_id, buf_bytes(&line));
}

void call_finish(struct call *k, bool may_compress)
{
    struct http_answer *a = &k->q.answer;
    for (size_t i = 0; i < k->n_extra; i++)
        http_answer_header(a, k->extra[i].name, k->extra[i].value);
    if (k->set_cookie)
        http_answer_header(a, "Set-Cookie", k->set_cookie);
    if (may_compress && !a->stream && !a->file)
        pack(k);
    guard_headers(k);
    int64_t us = sys_mono_us() - k->began_us;
    figures_add(k->at, a->status, us);
    note(k, us);
    k->w->o.reply(k->q.http, a); /* the request, and with it this call, may be gone now */
}
