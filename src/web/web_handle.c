/* SPDX-License-Identifier: Apache-2.0 */
/* What is known before any database: route, method, language, form of the answer, rate. */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/id.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "web/web_dispatch.h"

#define BODY_BYTES (64 * 1024)

struct call *call_of(const struct req *r)
{
    return (struct call *)(uintptr_t)r;
}

/* ---- what the client likes ---- */

int accept_weight(const char *header, const char *type)
{
    size_t n = strlen(type);
    for (const char *at = header; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        at += strspn(at, " \t");
        size_t len = strcspn(at, ",");
        if (strncasecmp(at, type, n) != 0 || !strchr("; \t,", at[n]))
            continue;
        const char *q = memmem(at, len, ";q=", 3);
        if (!q)
            q = memmem(at, len, "; q=", 4);
        q = q ? strchr(q, '=') + 1 : NULL;
        if (!q || *q == '1')
            return 1000;
        if (!*q)
            return 0;
        int tenths = q[0] == '0' && q[1] == '.' && q[2] >= '0' && q[2] <= '9' ? q[2] - '0' : 0;
        return tenths * 100 + (tenths == 0 && q[1] == '.' && q[2] == '0' && q[3] > '0');
    }
    return -1;
}

static bool likes_json(const struct http_request *h)
{
    const char *accept = http_header(h, "Accept");
    int json = accept_weight(accept, "application/json"), html = accept_weight(accept, "text/html");
    int problem = accept_weight(accept, "application/problem+json");
    json = problem > json ? problem : json;
    if (json < 0 && html < 0) { /* no word of either: answer in the form that was sent */
        const char *type = http_header(h, "Content-Type");
        return type && text_starts(type, "application/json");
    }
    return json > html;
}

/* An Accept that names neither of our forms, nor leaves them open by a wildcard. */
static bool takes_nothing(const struct http_request *h)
{
    static const char *const types[] = {"text/html", "application/json", "application/problem+json",
                                        "*/*",       "text/*",           "application/*"};
    const char *accept = http_header(h, "Accept");
    bool any = text_empty(accept);
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        any = any || accept_weight(accept, types[i]) > 0;
    return !any;
}

static enum lang language(struct call *k)
{
    const char *cookie = cookie_value(k->c.arena, k->q.http, lang_cookie(k->w));
    const char *accept = http_header(k->q.http, "Accept-Language");
    if (cookie)
        return strcmp(cookie, "en") == 0 ? LANG_EN : LANG_VI;
    int en = accept_weight(accept, "en"), gb = accept_weight(accept, "en-GB"),
        us = accept_weight(accept, "en-US");
    int vi = accept_weight(accept, "vi"), vn = accept_weight(accept, "vi-VN");
    en = en > gb ? en : gb;
    en = en > us ? en : us;
    return en > (vi > vn ? vi : vn) ? LANG_EN : LANG_VI;
}

/* ---- the way in ---- */

/* Behind a proxy at our own Unix socket, which nobody else may open, the address is the one the
   proxy saw. A header of anybody else's is just a header. */
static void name_client(struct http_request *r)
{
    const char *said = http_header(r, "X-Real-IP");
    unsigned char any[16];
    if (said && strcmp(r->peer, "unix") == 0 &&
        (inet_pton(AF_INET, said, any) == 1 || inet_pton(AF_INET6, said, any) == 1))
        r->peer = said;
}

static struct call *call_new(struct web *w, struct http_request *r)
{
    struct call *k = ARENA_NEW(r->arena, struct call);
    name_client(r);
    address_source(r->peer, k->source);
    k->w = w;
    k->at = &w->other;
    k->began_us = sys_mono_us();
    k->q.http = r;
    k->c = (struct ctx){.arena = r->arena, .now_us = sys_now_us(), .node = w->o.node};
    k->c.request_id = id_new(r->arena, k->c.now_us);
    k->c.lang = language(k);
    k->actor = actor_nobody;
    k->c.actor = &k->actor;
    k->q.wants_json = likes_json(r);
    k->unacceptable = takes_nothing(r);
    const char *secret = cookie_value(r->arena, r, w->cookie);
    if (!text_empty(secret) && strlen(secret) <= 100)
        k->secret_hash = sha256_hex(r->arena, sha256(bytes_of(secret)));
    return k;
}

static enum err find_route(struct call *k)
{
    struct match m;
    if (!route_match(k->c.arena, k->w, k->q.http->path, &m))
        return fail(&k->c, ERR_BAD_PATH, "");
    if (!m.branch)
        return fail(&k->c, ERR_NOT_FOUND, "");
    int method = method_index(k->q.http->method);
    if (method >= 0 && m.branch->method[method]) {
        k->at = m.branch->method[method];
        k->q.route = k->at->row;
        k->c.purpose = k->q.route->purpose;
        memcpy(k->q.param, m.param, sizeof m.param);
        return OK;
    }
    const char *allowed = allowed_methods(k->c.arena, m.branch);
    answer_header(&k->q, "Allow", allowed);
    if (strcmp(k->q.http->method, "OPTIONS") == 0) {
        answer_begin(&k->q, 204, NULL);
        return OK;
    }
    return fail(&k->c, ERR_METHOD, allowed);
}

static enum err check_rate(struct call *k)
{
    int rate = k->q.route->per_minute ? k->q.route->per_minute : k->w->o.per_minute;
    if (rate <= 0)
        return OK;
    int64_t wait = rate_take(k->w->rate, k->source, "", k->q.route->path, rate);
    if (wait == 0)
        return OK;
    const char *seconds = arena_printf(k->c.arena, "%d", (int)wait);
    answer_header(&k->q, "Retry-After", seconds);
    return fail(&k->c, ERR_RATE, seconds);
}

/* Whose threads run it; NULL: this one's. */
static struct pool *pool_of(const struct call *k)
{
    if (k->q.route->flags & ROUTE_HEAVY || k->proof)
        return k->w->heavy;
    bool slow = k->q.route->prepare || k->q.http->body_spooled;
    return slow || db_kind(k->w->o.db) == DB_POSTGRES ? k->w->pool : NULL;
}

void web_handle(void *web, struct http_request *r)
{
    struct web *w = web;
    struct call *k = call_new(w, r);
    enum err e = find_route(k);
    if (!e && !k->answered)
        e = check_rate(k);
    if (!e && !k->answered)
        e = check_address(k);
    if (!e && !k->answered && (k->q.route->flags & ROUTE_NO_DB)) {
        e = k->q.route->handler(&k->c, &k->q);
        if (!e && !k->answered)
            e = fail(&k->c, ERR_INTERNAL, "");
    } else if (!e && !k->answered) {
        if (!r->body_spooled)
            call_body(k);
        struct pool *pool = pool_of(k);
        if (!pool) {
            call_run(k);
            return;
        }
        if (pool_put(pool, k))
            return;
        e = fail(&k->c, ERR_BUSY, "");
    }
    if (e)
        answer_error(k, e);
    call_finish(k, true);
}

size_t web_body_limit(void *web, const struct http_request *r)
{
    struct web *w = web;
    struct match m;
    int method = method_index(r->method);
    if (method < 0 || !route_match(r->arena, w, r->path, &m) || !m.branch ||
        !m.branch->method[method])
        return BODY_BYTES;
    size_t bytes = m.branch->method[method]->row->max_body_bytes;
    return bytes ? bytes : BODY_BYTES;
}
