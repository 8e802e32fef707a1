/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refusals in both languages: a page for browsers, a small problem+json (RFC 9457) for the others;
 * then close. Ours and the engine's own: it refuses by itself what it can't hold or read (a head
 * beyond its memory, a malformed Content-Length) and queues an English page for that through its
 * public function. A symbol of the program stands before the library's, so that call ends here.
 */
#include <dlfcn.h>
#include <gnutls/gnutls.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/sys.h"
#include "gen/texts.h"
#include "net/engine.h"

enum { REFUSAL_BYTES = 4096 };
#define PAGE_TYPE    "text/html; charset=utf-8"
#define PROBLEM_TYPE "application/problem+json"
#define RETRY_AFTER  "10"
#define PAGE_CSP     "default-src 'none'; style-src 'self'; frame-ancestors 'none'"

struct refusal {
    const struct err_row *row;
    bool page;
    size_t len;
    char body[REFUSAL_BYTES];
};

/* As far as the head is in: before, nobody has said what they take. */
static bool takes_page(struct MHD_Connection *link)
{
    const char *accept = MHD_lookup_connection_value(link, MHD_HEADER_KIND, "Accept");
    return accept && strcasestr(accept, "text/html");
}

static int put_page(const struct http_server *s, const char *vi, const char *en, char *out)
{
    const char *css = s->o.stylesheet ? s->o.stylesheet : "";
    return snprintf(
        out, REFUSAL_BYTES,
        "<!DOCTYPE html>\n<html lang=\"vi\" class=\"govuk-template\"><head>"
        "<meta charset=\"utf-8\"><title>%s</title><meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\">%s%s%s</head>\n"
        "<body class=\"govuk-template__body\"><div class=\"govuk-width-container\">"
        "<main class=\"govuk-main-wrapper\"><h1 class=\"govuk-heading-l\">%s</h1>\n"
        "<p class=\"govuk-body\">%s %s</p>\n<p class=\"govuk-body\" lang=\"en\">%s %s</p>\n"
        "<p class=\"govuk-body\"><a class=\"govuk-link\" href=\"/\">%s</a></p>\n"
        "</main></div></body></html>\n",
        text_get(TX(net_refused_title), LANG_VI), *css ? "<link rel=\"stylesheet\" href=\"" : "",
        css, *css ? "\">" : "", text_get(TX(net_refused_title), LANG_VI), vi,
        text_get(TX(net_refused_back), LANG_VI), en, text_get(TX(net_refused_back), LANG_EN),
        text_get(TX(net_refused_home), LANG_VI));
}

static void refusal_of(const struct conn *x, struct MHD_Connection *link, enum err e,
                       struct refusal *r)
{
    const struct err_row *row = r->row = err_row(e);
    const char *vi = text_get((enum text)row->text, LANG_VI);
    const char *en = text_get((enum text)row->text, LANG_EN);
    r->page = takes_page(link);
    int n = r->page ? put_page(x->server, vi, en, r->body)
                    : snprintf(r->body, REFUSAL_BYTES,
                               "{\"type\":\"about:blank\",\"status\":%d,\"code\":\"%s\","
                               "\"title\":\"%s\",\"title_en\":\"%s\"}\n",
                               row->status, row->name, vi, en);
    ASSERT(n > 0 && n < REFUSAL_BYTES);
    r->len = (size_t)n;
}

/* ---- ours: answered through the engine, or past it where it only lets us hang up ---- */

typedef enum MHD_Result queue_response(struct MHD_Connection *, unsigned, struct MHD_Response *);

enum MHD_Result engine_queue(struct MHD_Connection *link, unsigned status,
                             struct MHD_Response *response)
{
    static _Atomic(queue_response *) library;
    queue_response *queue = atomic_load_explicit(&library, memory_order_relaxed);
    if (!queue) {
        queue = (queue_response *)dlsym(RTLD_NEXT, "MHD_queue_response");
        ASSERT(queue);
        atomic_store_explicit(&library, queue, memory_order_relaxed);
    }
    return queue(link, status, response);
}

/* The turn's arena may be the handler's at this moment (a killed turn): it stays untouched. */
enum MHD_Result turn_refuse(struct turn *t, enum err e)
{
    struct refusal r;
    refusal_of(t->conn, t->link, e, &r);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(r.len, r.body, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", r.page ? PAGE_TYPE : PROBLEM_TYPE);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (r.page)
        MHD_add_response_header(response, "Content-Security-Policy", PAGE_CSP);
    MHD_add_response_header(response, "Connection", "close");
    if (r.row->status == 503)
        MHD_add_response_header(response, "Retry-After", RETRY_AFTER);
    if (r.row->status == 405)
        MHD_add_response_header(response, "Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    t->step = STEP_REFUSED;
    t->conn->linger = true;
    conn_phase(t, PHASE_ANSWER);
    enum MHD_Result done = engine_queue(t->link, (unsigned)r.row->status, response);
    MHD_destroy_response(response);
    return done;
}

/* Past the engine. */
static void cut(struct conn *x, struct MHD_Connection *link, enum err e)
{
    struct refusal r;
    char all[REFUSAL_BYTES + 512];
    refusal_of(x, link, e, &r);
    int n = snprintf(all, sizeof all,
                     "HTTP/1.1 %d Refused\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                     "X-Content-Type-Options: nosniff\r\nContent-Security-Policy: " PAGE_CSP "\r\n"
                     "%sConnection: close\r\n\r\n%s",
                     r.row->status, r.page ? PAGE_TYPE : PROBLEM_TYPE, r.len,
                     r.row->status == 503 ? "Retry-After: " RETRY_AFTER "\r\n" : "", r.body);
    const union MHD_ConnectionInfo *i =
        x->server->tls ? MHD_get_connection_info(link, MHD_CONNECTION_INFO_GNUTLS_SESSION) : NULL;
    if (i)
        gnutls_record_send((gnutls_session_t)i->tls_session, all, (size_t)n);
    else
        send(x->fd, all, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
    x->linger = true;
}

enum MHD_Result turn_cut(struct turn *t, enum err e)
{
    t->step = STEP_REFUSED;
    cut(t->conn, t->link, e);
    return MHD_NO;
}

/* ---- the engine's own ---- */

static enum err meant_by(const struct conn *x, unsigned status)
{
    bool in_body = x->turn && x->turn->step == STEP_BODY;
    switch (status) {
    case 413: return ERR_BODY_TOO_LARGE;
    case 414: return ERR_URI_TOO_LONG;
    case 431: return ERR_HEADERS_TOO_LARGE;
    case 500: return in_body ? ERR_HTTP_FRAMING /* a chunk's line without end */ : ERR_INTERNAL;
    default: return ERR_HTTP_FRAMING;
    }
}

/* Whatever answers in here calls engine_queue, so this call is the engine's. What it queued stays
   queued, for without it the engine stumbles, but finds the way out shut. */
enum MHD_Result MHD_queue_response(struct MHD_Connection *link, unsigned status,
                                   struct MHD_Response *response)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(link, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct conn *x = i ? i->socket_context : NULL;
    if (x) {
        cut(x, link, meant_by(x, status));
        shutdown(x->fd, SHUT_WR);
    }
    return engine_queue(link, status, response);
}
