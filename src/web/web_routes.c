/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of web itself: health, figures, OpenAPI, language, assets, words about errors. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "base/sandbox.h"
#include "base/sys.h"
#include "base/text.h"
#include "gen/assets.h"
#include "gen/html.h"
#include "web/error_page.h"
#include "web/web_call.h"

#define MAX_FIGURES_BYTES (4 * 1024 * 1024)

struct health {
    const char *status, *version, *node, *sandbox, *keys;
    int64_t older_keys, left, stands, alerts, alerts_own;
};
SHAPE(health_shape, struct health, SHAPE_TEXT(struct health, status, TX(web_health_status)),
      SHAPE_TEXT(struct health, version, TX(web_health_version)),
      SHAPE_TEXT(struct health, node, TX(web_health_node)),
      SHAPE_TEXT(struct health, sandbox, TX(web_health_sandbox)),
      SHAPE_TEXT(struct health, keys, TX(web_health_keys)),
      SHAPE_INT(struct health, older_keys, TX(web_health_older_keys)),
      SHAPE_INT(struct health, left, TX(web_health_left)),
      SHAPE_INT(struct health, stands, TX(web_health_stands)),
      SHAPE_INT(struct health, alerts, TX(web_health_alerts)),
      SHAPE_INT(struct health, alerts_own, TX(web_health_alerts_own)));

static enum err sealing_of(struct ctx *c, const struct web *w, struct web_sealing *ret)
{
    *ret = (struct web_sealing){0};
    return w->o.sealing ? w->o.sealing(c, ret) : OK;
}

static enum err alerts_of(struct ctx *c, const struct web *w, struct web_alerts *ret)
{
    *ret = (struct web_alerts){0};
    return w->o.alerts ? w->o.alerts(c, ret) : OK;
}

static enum err get_health(struct ctx *c, struct req *r)
{
    const struct web *w = call_of(r)->w;
    int64_t one = 0;
    enum err e = db_int(c, &one, "SELECT 1");
    if (e || one != 1)
        return e ? e : fail(c, ERR_DB_OPEN, "");
    struct web_sealing s;
    struct web_alerts a;
    if ((e = sealing_of(c, w, &s)) || (e = alerts_of(c, w, &a)))
        return e;
    struct health h = {"ok",
                       w->o.version ? w->o.version : "",
                       w->o.name ? w->o.name : "",
                       sandbox_level(),
                       w->o.keys ? w->o.keys : "",
                       s.older_keys,
                       s.columns - s.done,
                       s.stands,
                       a.open,
                       a.own};
    return answer(c, r, 200, &health_shape, &h, NULL);
}

/* ---- figures ---- */

static void put_process(struct ctx *c, struct buf *b)
{
    struct bytes statm;
    const char **names = NULL;
    size_t n = 0, before = c->n_faults;
    if (sys_read_file(c, "/proc/self/statm", 1000, &statm) == OK) {
        size_t words = 0;
        int64_t pages = 0;
        const char **word = text_split(
            c->arena, arena_text_n(c->arena, (const char *)statm.ptr, statm.len), ' ', &words);
        if (words > 1 && text_to_int(word[1], &pages))
            buf_printf(b,
                       "# TYPE process_resident_memory_bytes gauge\n"
                       "process_resident_memory_bytes %" PRId64 "\n",
                       pages * (int64_t)sysconf(_SC_PAGESIZE));
    }
    if (sys_list(c, "/proc/self/fd", &names, &n) == OK)
        buf_printf(b, "# TYPE process_open_fds gauge\nprocess_open_fds %zu\n", n);
    c->n_faults = before; /* a sandbox may hide /proc */
}

/* Of our own network: loopback, private and link-local addresses (RFC 1918, 4193, 4291), a socket
   of this machine. */
static bool is_near(const char *peer)
{
    unsigned char a[16] = {0};
    if (inet_pton(AF_INET, peer, a) == 1)
        return a[0] == 127 || a[0] == 10 || (a[0] == 192 && a[1] == 168) ||
               (a[0] == 172 && a[1] >= 16 && a[1] < 32);
    if (inet_pton(AF_INET6, peer, a) == 1)
        return text_eq(peer, "::1") || (a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && a[1] >> 6 == 2);
    return text_eq(peer, "unix");
}

static enum err get_metrics(struct ctx *c, struct req *r)
{
    const struct web *w = call_of(r)->w;
    if (!is_near(r->http->peer))
        return fail(c, ERR_NOT_FOUND, "");
    struct buf b = buf_new(c->arena, MAX_FIGURES_BYTES);
    struct web_sealing s;
    struct web_alerts a;
    enum err e = sealing_of(c, w, &s);
    if (e || (e = alerts_of(c, w, &a)))
        return e;
    web_metrics(&b, w);
    if (w->o.sealing)
        web_metrics_sealing(&b, &s);
    if (w->o.alerts)
        web_metrics_alerts(&b, &a);
    buf_printf(&b, "# TYPE dinh_sessions gauge\ndinh_sessions %" PRId64 "\n", session_count(c));
    buf_printf(&b,
               "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds %" PRId64 "\n",
               w->started_us / 1000000);
    put_process(c, &b);
    return answer_bytes(c, r, "text/plain; version=0.0.4; charset=utf-8", NULL, buf_bytes(&b));
}

/* The same for everybody, and large: written once, so that who reads it slowly holds nothing. */
static enum err get_openapi(struct ctx *c, struct req *r)
{
    struct web *w = call_of(r)->w;
    pthread_mutex_lock(&w->lock);
    if (!w->openapi.len) {
        struct buf b = buf_new(c->arena, MAX_FIGURES_BYTES);
        web_openapi(&b, w);
        if (!buf_full(&b))
            w->openapi = arena_bytes(w->arena, (const uint8_t *)b.ptr, b.len);
    }
    pthread_mutex_unlock(&w->lock);
    if (!w->openapi.len)
        return fail(c, ERR_INTERNAL, "");
    enum err e = answer_json(c, r, 200, w->openapi);
    r->answer.body_static = true;
    return e;
}

/* ---- language ---- */

bool path_is_own(const char *path)
{
    if (text_empty(path) || path[0] != '/' || path[1] == '/')
        return false;
    for (const char *at = path; *at; at++)
        if ((unsigned char)*at < 0x21 || *at == 0x7f || *at == '\\')
            return false;
    return true;
}

static enum err get_language(struct ctx *c, struct req *r)
{
    const char *lang = strcmp(req_query(r, "l"), "en") == 0 ? "en" : "vi";
    const char *next = req_query(r, "next");
    const struct web *w = call_of(r)->w;
    answer_header(r, "Set-Cookie",
                  arena_printf(c->arena,
                               "%s=%s; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax%s",
                               lang_cookie(w), lang, w->o.secure_cookies ? "; Secure" : ""));
    return answer_redirect(c, r, path_is_own(next) ? next : "/");
}

/* ---- assets ---- */

static enum err get_asset(struct ctx *c, struct req *r)
{
    const struct asset *a = asset_find(req_param(r, "name"));
    if (!a)
        return fail(c, ERR_NOT_FOUND, "");
    const char *accept = req_header(r, "Accept-Encoding");
    bool packed = a->gz && accept && strstr(accept, "gzip");
    answer_begin(r, 200, a->type);
    http_answer_header(&r->answer, "Cache-Control", "public, max-age=31536000, immutable");
    http_answer_header(&r->answer, "ETag", arena_printf(c->arena, "\"%s\"", a->hash));
    if (a->gz)
        http_answer_header(&r->answer, "Vary", "Accept-Encoding");
    if (packed)
        http_answer_header(&r->answer, "Content-Encoding", "gzip");
    r->answer.body = packed ? (struct bytes){a->gz, a->gz_len} : (struct bytes){a->raw, a->raw_len};
    r->answer.body_static = true;
    return OK;
}

static enum err get_favicon(struct ctx *c, struct req *r)
{
    const struct asset *a = asset_named("favicon.svg");
    return a ? answer_redirect(c, r, arena_printf(c->arena, "/tep/%s", a->path))
             : fail(c, ERR_NOT_FOUND, "");
}

/* ---- words about errors ---- */

struct error_help {
    const char *code, *detail;
    int64_t number, status, retry;
};
#define EH struct error_help
SHAPE(error_help_shape, EH, SHAPE_TEXT(EH, code, TX(web_error_code)),
      SHAPE_TEXT(EH, detail, TX(web_error_detail)), SHAPE_INT(EH, number, TX(web_error_number)),
      SHAPE_INT(EH, status, TX(web_error_status)),
      SHAPE_NUMBER(EH, retry, KIND_BOOL, TX(web_error_later)));

static const struct err_row *row_named(const char *name)
{
    for (unsigned i = 0; i < ERR_ROWS; i++) {
        if (strcmp(err_row_at(i)->name, name) == 0)
            return err_row_at(i);
    }
    return NULL;
}

static enum err get_error(struct ctx *c, struct req *r)
{
    const struct err_row *row = row_named(req_param(r, "name"));
    if (!row)
        return fail(c, ERR_NOT_FOUND, "");
    struct fault f = {(enum err)row->number, "…", {"…", "…", "…", NULL}};
    const char *sentence = fault_text(c, NULL, &f);
    bool later = row->retry == RETRY_LATER;
    if (r->wants_json) {
        struct error_help h = {row->name, sentence, row->number, row->status, later};
        return answer(c, r, 200, &error_help_shape, &h, NULL);
    }
    struct error_help_view v = {row->name, sentence, row->number, row->status, later};
    return answer(c, r, 200, NULL, &v, web_error_help_html);
}

/* ---- the session, for clients of the API ---- */

struct session_view {
    const char *csrf, *name, *unit, *role;
    int64_t signed_in, assurance;
};
#define SV struct session_view
SHAPE(session_shape, SV, SHAPE_TEXT(SV, csrf, TX(web_session_csrf)),
      SHAPE_NUMBER(SV, signed_in, KIND_BOOL, TX(web_session_signed_in)),
      SHAPE_TEXT(SV, name, TX(web_session_name), .flags = F_PERSONAL),
      SHAPE_TEXT(SV, unit, TX(web_session_unit)), SHAPE_TEXT(SV, role, TX(web_session_role)),
      SHAPE_INT(SV, assurance, TX(web_session_assurance)));

static enum err get_session(struct ctx *c, struct req *r)
{
    struct session_view v = {session_csrf(c, r),
                             c->actor->name,
                             c->actor->unit,
                             c->actor->role,
                             c->actor->kind != ACTOR_NOBODY,
                             c->actor->assurance};
    return answer(c, r, 200, &session_shape, &v, NULL);
}

const struct route web_rows[] = {
    {.method = "GET",
     .path = "/healthz",
     .permission = PUBLIC,
     .handler = get_health,
     .out = &health_shape,
     .title = TX(web_route_health)},
    {.method = "GET",
     .path = "/metrics",
     .permission = PUBLIC,
     .handler = get_metrics,
     .title = TX(web_route_metrics)},
    {.method = "GET",
     .path = "/openapi.json",
     .permission = PUBLIC,
     .handler = get_openapi,
     .flags = ROUTE_NO_DB,
     .title = TX(web_route_openapi)},
    {.method = "GET",
     .path = "/ngon-ngu",
     .query = "l next",
     .permission = PUBLIC,
     .handler = get_language,
     .out = &location_shape,
     .flags = ROUTE_NO_DB,
     .title = TX(web_route_language)},
    {.method = "GET",
     .path = "/tep/{name}",
     .permission = PUBLIC,
     .handler = get_asset,
     .flags = ROUTE_NO_DB,
     .title = TX(web_route_asset)},
    {.method = "GET",
     .path = "/favicon.ico",
     .permission = PUBLIC,
     .handler = get_favicon,
     .out = &location_shape,
     .flags = ROUTE_NO_DB,
     .title = TX(web_route_asset)},
    {.method = "GET",
     .path = "/loi/{name}",
     .permission = PUBLIC,
     .handler = get_error,
     .out = &error_help_shape,
     .title = TX(web_route_error)},
    {.method = "GET",
     .path = "/phien",
     .permission = PUBLIC,
     .handler = get_session,
     .out = &session_shape,
     .title = TX(web_route_session)},
    {.method = "POST",
     .path = "/phien",
     .permission = SIGNED_IN,
     .prepare = proof_row,
     .in = &proof_in_shape,
     .out = &location_shape,
     .flags = ROUTE_PREPARED | ROUTE_HEAVY,
     .title = TX(web_proof_title)},
};
const size_t web_n_rows = ARRAY_LEN(web_rows);
