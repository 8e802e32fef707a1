/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"
#include "gen/texts.h"
#include "net/engine.h"

void http_answer_header(struct http_answer *a, const char *name, const char *value)
{
    ASSERT(a->n_headers < ARRAY_LEN(a->headers));
    a->headers[a->n_headers++] = (struct http_header){name, value};
}

/* ---- an answer becomes the engine's response ---- */

static struct MHD_Response *from_file(struct turn *t, const char *path)
{
    int fd = sys_fault(SYS_OPEN) ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return NULL;
    }
    t->out_bytes = (size_t)st.st_size;
    struct MHD_Response *response = MHD_create_response_from_fd64((uint64_t)st.st_size, fd);
    if (!response)
        close(fd);
    return response;
}

static struct MHD_Response *from_bytes(struct turn *t, struct bytes body)
{
    t->out_bytes = body.len;
    void *ptr = (void *)(uintptr_t)body.ptr; /* the engine reads it only */
    return MHD_create_response_from_buffer(body.len, ptr, MHD_RESPMEM_PERSISTENT);
}

struct MHD_Response *response_of(struct turn *t, const struct http_answer *a)
{
    struct MHD_Response *response = NULL;
    t->status = (unsigned)a->status;
    t->close = a->close;
    t->stream = a->stream;
    if (a->stream)
        response = stream_response(a->stream, t->link);
    else if (a->file)
        response = from_file(t, a->file);
    else
        response = from_bytes(t, a->body);
    if (!response && a->file) {
        t->status = 500;
        return from_bytes(t, (struct bytes){0});
    }
    for (size_t i = 0; response && i < a->n_headers; i++)
        MHD_add_response_header(response, a->headers[i].name, a->headers[i].value);
    return response;
}

static enum MHD_Result send_response(struct turn *t, struct MHD_Response *response)
{
    if (!response)
        return MHD_NO;
    conn_phase(t, t->stream ? PHASE_STREAM : PHASE_ANSWER);
    if (t->close || atomic_load_explicit(&t->server->draining, memory_order_relaxed))
        MHD_add_response_header(response, "Connection", "close");
    atomic_fetch_add_explicit(&t->server->bytes_out, (int64_t)t->out_bytes, memory_order_relaxed);
    enum MHD_Result done = MHD_queue_response(t->link, t->status, response);
    MHD_destroy_response(response);
    return done;
}

enum MHD_Result turn_send(struct turn *t)
{
    if (atomic_load_explicit(&t->state, memory_order_acquire) == TURN_KILLED)
        return turn_refuse(t, ERR_HTTP_STOPPING);
    struct MHD_Response *response = t->response;
    t->response = NULL;
    return send_response(t, response);
}

/* ---- refusals in both languages: a page for browsers, a small problem+json (RFC 9457) for the
   others; then close ---- */

enum { REFUSAL_BYTES = 4096 };
#define PAGE_TYPE    "text/html; charset=utf-8"
#define PROBLEM_TYPE "application/problem+json"
#define PAGE_CSP     "default-src 'none'; style-src 'self'; frame-ancestors 'none'"

struct refusal {
    bool page;
    size_t len;
    char body[REFUSAL_BYTES];
};

/* Before the head is in, nobody has said what they take. */
static bool takes_page(const struct turn *t)
{
    const char *accept = MHD_lookup_connection_value(t->link, MHD_HEADER_KIND, "Accept");
    return accept && strcasestr(accept, "text/html");
}

static int put_page(const struct turn *t, const char *vi, const char *en, char *out)
{
    const char *css = t->server->o.stylesheet ? t->server->o.stylesheet : "";
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

static void refusal_of(const struct turn *t, const struct err_row *row, struct refusal *r)
{
    const char *vi = text_get((enum text)row->text, LANG_VI);
    const char *en = text_get((enum text)row->text, LANG_EN);
    r->page = takes_page(t);
    int n = r->page ? put_page(t, vi, en, r->body)
                    : snprintf(r->body, REFUSAL_BYTES,
                               "{\"type\":\"about:blank\",\"status\":%d,\"code\":\"%s\","
                               "\"title\":\"%s\",\"title_en\":\"%s\"}\n",
                               row->status, row->name, vi, en);
    ASSERT(n > 0 && n < REFUSAL_BYTES);
    r->len = (size_t)n;
}

/* The turn's arena may be the handler's at this moment (a killed turn): it stays untouched. */
enum MHD_Result turn_refuse(struct turn *t, enum err e)
{
    const struct err_row *row = err_row(e);
    struct refusal r;
    refusal_of(t, row, &r);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(r.len, r.body, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", r.page ? PAGE_TYPE : PROBLEM_TYPE);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (r.page)
        MHD_add_response_header(response, "Content-Security-Policy", PAGE_CSP);
    MHD_add_response_header(response, "Connection", "close");
    if (row->status == 405)
        MHD_add_response_header(response, "Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    t->step = STEP_REFUSED;
    t->conn->linger = true;
    conn_phase(t, PHASE_ANSWER);
    enum MHD_Result done = MHD_queue_response(t->link, (unsigned)row->status, response);
    MHD_destroy_response(response);
    return done;
}

/* Where the engine only lets us hang up (amid a body), the refusal goes out beside it. */
enum MHD_Result turn_cut(struct turn *t, enum err e)
{
    const struct err_row *row = err_row(e);
    struct refusal r;
    char all[REFUSAL_BYTES + 512];
    refusal_of(t, row, &r);
    int n = snprintf(all, sizeof all,
                     "HTTP/1.1 %d Refused\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                     "X-Content-Type-Options: nosniff\r\nContent-Security-Policy: " PAGE_CSP "\r\n"
                     "Connection: close\r\n\r\n%s",
                     row->status, r.page ? PAGE_TYPE : PROBLEM_TYPE, r.len, r.body);
    const union MHD_ConnectionInfo *i =
        t->server->tls ? MHD_get_connection_info(t->link, MHD_CONNECTION_INFO_GNUTLS_SESSION)
                       : NULL;
    if (i)
        gnutls_record_send((gnutls_session_t)i->tls_session, all, (size_t)n);
    else
        send(t->conn->fd, all, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
    t->step = STEP_REFUSED;
    t->conn->linger = true;
    return MHD_NO;
}
