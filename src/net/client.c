/* SPDX-License-Identifier: Apache-2.0 */
#include "net/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/sys_fault.h"
#include "net/client_pool.h"

enum { CONNECT_TIMEOUT_US = 5 * 1000000, TIMEOUT_US = 30 * 1000000, MAX_ANSWER_BYTES = 16 << 20 };

struct call {
    struct ctx *c;
    const struct client_request *q;
    struct client_answer *answer;
    struct buf body;
    bool malformed;
};

/* ---- the answer comes in ---- */

static size_t on_body(char *ptr, size_t size, size_t n, void *arg)
{
    struct call *call = arg;
    buf_add(&call->body, ptr, size * n);
    return buf_full(&call->body) ? 0 : size * n;
}

static size_t trimmed(const char **ptr, size_t n)
{
    while (n && strchr(" \t\r\n", (*ptr)[n - 1]))
        n--;
    while (n && strchr(" \t", **ptr))
        (*ptr)++, n--;
    return n;
}

static size_t on_header(char *line, size_t size, size_t n, void *arg)
{
    struct call *call = arg;
    struct client_answer *a = call->answer;
    size_t len = size * n;
    if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) { /* the next head, after a 100 */
        a->n_headers = 0;
        return len;
    }
    const char *colon = memchr(line, ':', len);
    if (!colon)
        return len;
    if (memchr(line, '\0', len) || a->n_headers == HTTP_MAX_HEADERS) {
        call->malformed = true;
        return 0;
    }
    const char *value = colon + 1;
    size_t value_len = trimmed(&value, (size_t)(line + len - value));
    a->headers[a->n_headers++] =
        (struct http_header){arena_text_n(call->c->arena, line, (size_t)(colon - line)),
                             arena_text_n(call->c->arena, value, value_len)};
    return len;
}

/* ---- the request goes out ---- */

static long ms(int64_t us, int64_t otherwise_us)
{
    return (long)(((us > 0 ? us : otherwise_us) + 999) / 1000);
}

static bool has_line_break(const char *text)
{
    return strpbrk(text, "\r\n") != NULL;
}

static enum err header_list(struct ctx *c, const struct client_request *q, struct curl_slist **list)
{
    struct curl_slist *made = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; i < q->n_headers; i++) {
        const struct http_header *h = &q->headers[i];
        if (has_line_break(h->name) || has_line_break(h->value)) {
            curl_slist_free_all(made);
            return fail(c, ERR_BAD_ENCODING, h->name);
        }
        char *line = *h->value ? arena_printf(c->arena, "%s: %s", h->name, h->value)
                               : arena_printf(c->arena, "%s;", h->name); /* how it says "empty" */
        made = curl_slist_append(made, line);
    }
    *list = made;
    return OK;
}

static void set_method(CURL *curl, const struct client_request *q)
{
    bool sends = q->body.len || strcmp(q->method, "POST") == 0 || strcmp(q->method, "PUT") == 0 ||
                 strcmp(q->method, "PATCH") == 0;
    if (sends) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, q->body.len ? (const void *)q->body.ptr : "");
    } else if (strcmp(q->method, "HEAD") == 0)
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    else
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, q->method);
}

static size_t answer_limit(const struct client_request *q)
{
    return q->max_answer_bytes ? q->max_answer_bytes : MAX_ANSWER_BYTES;
}

static void set_limits(CURL *curl, const struct client_request *q)
{
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)answer_limit(q));
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     ms(q->connect_timeout_us, CONNECT_TIMEOUT_US));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, ms(q->timeout_us, TIMEOUT_US));
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
}

static void set_call(CURL *curl, struct call *call, struct curl_slist *headers)
{
    curl_easy_setopt(curl, CURLOPT_URL, call->q->url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, call);
    set_method(curl, call->q);
    set_limits(curl, call->q);
}

/* ---- what went wrong ---- */

static bool was_sent(CURL *curl)
{
    long bytes = 0;
    curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &bytes);
    return bytes > 0;
}

static enum err error_of(CURL *curl, CURLcode code, const char *detail)
{
    switch ((int)code) {
    case CURLE_OPERATION_TIMEDOUT: return was_sent(curl) ? ERR_NET_TIMEOUT : ERR_NET_CONNECT;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY: return was_sent(curl) ? ERR_NET_ANSWER : ERR_NET_CONNECT;
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT: return ERR_NET_CONNECT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH: return ERR_NET_TLS;
    case CURLE_WRITE_ERROR:
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_BAD_CONTENT_ENCODING: return ERR_NET_ANSWER;
    default:
        /* TLS 1.3 tells a client after its handshake that its certificate isn't welcome. */
        return strstr(detail, "alert") ? ERR_NET_TLS : ERR_NET_BROKEN;
    }
}

/* What a test's plan makes of this call: refused before it is sent, or lost after it was. */
static enum err planned(int error)
{
    return error == ECONNRESET || error == EPIPE ? ERR_NET_BROKEN
           : error == ETIMEDOUT                  ? ERR_NET_TIMEOUT
                                                 : ERR_NET_CONNECT;
}

static enum err perform(CURL *curl, struct call *call)
{
    char detail[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
    if (call->malformed)
        return ERR_NET_ANSWER;
    if (code != CURLE_OK)
        return error_of(curl, code, detail);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    call->answer->status = (int)status;
    call->answer->body = buf_bytes(&call->body);
    return OK;
}

static client_way way_of_tests;

void client_goes_by(client_way way)
{
    way_of_tests = way;
}

enum err client_send(struct ctx *c, const struct client_request *q,
                     struct client_answer *ret_answer)
{
    if (way_of_tests)
        return way_of_tests(c, q, ret_answer);
    int planned_error = sys_fault(SYS_NET);
    bool twice = planned_error == SYS_FAULT_TWICE;
    enum err plan = planned_error && !twice ? planned(planned_error) : OK;
    if (plan == ERR_NET_CONNECT)
        return fail(c, plan, "url", q->url);
    struct curl_slist *headers = NULL;
    enum err e = header_list(c, q, &headers);
    if (e)
        return e;
    CURL *curl = client_pool_take(q->tls);
    struct client_answer answer = {0};
    struct call call = {.c = c, .q = q, .answer = &answer};
    call.body = buf_new(c->arena, answer_limit(q));
    if (!curl)
        e = ERR_NET_TLS;
    else {
        set_call(curl, &call, headers);
        e = perform(curl, &call);
        if (twice && !e) { /* the network had it twice; the second answer is heard */
            call.body.len = 0;
            e = perform(curl, &call);
        }
        client_pool_settle(curl);
    }
    curl_slist_free_all(headers);
    if (!e)
        e = plan;
    if (e)
        return fail(c, e, "url", q->url);
    *ret_answer = answer;
    return OK;
}

const char *client_answer_header(const struct client_answer *a, const char *name)
{
    for (size_t i = 0; i < a->n_headers; i++)
        if (strcasecmp(a->headers[i].name, name) == 0)
            return a->headers[i].value;
    return NULL;
}
