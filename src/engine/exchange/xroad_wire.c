/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers and the request hash of the X-Road protocol. */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "engine/exchange/xroad.h"

#define IDS_MAX     5
#define MESSAGE_MAX (64 * 1024)

/* ---- identifiers ---- */

/* One code, decoded once. What could mean a second thing to anybody (slash, percent, dots alone)
   isn't among its characters. */
static const char *code_of(struct arena *a, const char *raw, size_t len)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "'()+,-.=?_";
    struct bytes out;
    if (!url_decode(a, (struct bytes){(const uint8_t *)raw, len}, false, &out) || !out.len)
        return NULL;
    const char *text = arena_text_n(a, (const char *)out.ptr, out.len);
    bool plain = strspn(text, allowed) == out.len;
    return plain && strspn(text, ".") < out.len ? text : NULL;
}

/* Up to max codes parted by slashes; how many there were, 0: one is bad. */
static size_t codes(struct arena *a, const char *raw, const char *ret[IDS_MAX], size_t max,
                    const char **ret_rest)
{
    size_t n = 0;
    while (n < max) {
        size_t len = strcspn(raw, "/");
        ret[n] = code_of(a, raw, len);
        if (!ret[n++])
            return 0;
        raw += len;
        if (!*raw || n == max)
            break;
        raw++;
    }
    *ret_rest = raw;
    return n;
}

bool xroad_path(struct arena *a, const char *raw, struct xroad_id *ret_id, const char **ret_rest)
{
    const char *id[IDS_MAX], *rest;
    if (!text_starts(raw, XROAD_PREFIX))
        return false;
    if (codes(a, raw + strlen(XROAD_PREFIX), id, IDS_MAX, &rest) != IDS_MAX)
        return false;
    *ret_id = (struct xroad_id){id[0], id[1], id[2], id[3], id[4]};
    *ret_rest = rest;
    return true;
}

bool xroad_client(struct arena *a, const char *value, struct xroad_id *ret_id)
{
    const char *id[IDS_MAX], *rest;
    size_t n = codes(a, value, id, 4, &rest);
    if (n < 3 || *rest)
        return false;
    *ret_id = (struct xroad_id){id[0], id[1], id[2], n == 4 ? id[3] : "", ""};
    return true;
}

bool xroad_party(struct arena *a, const char *value)
{
    const char *id[IDS_MAX], *rest;
    return codes(a, value, id, 2, &rest) > 0 && !*rest;
}

/* ---- the hash of a request ---- */

/* Of the hop, not of the message; and what the node itself says. */
static bool is_left_out(const char *name)
{
    static const char *const names[] = {"transfer-encoding",
                                        "keep-alive",
                                        "proxy-authenticate",
                                        "proxy-authorization",
                                        "te",
                                        "trailer",
                                        "upgrade",
                                        "connection",
                                        "user-agent",
                                        "host",
                                        "content-length",
                                        "server",
                                        "expect",
                                        "x-road-request-id",
                                        "x-road-request-hash"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

static struct bytes message_of(struct arena *a, const struct http_request *r,
                               const char *request_id, const char *id)
{
    struct buf m = buf_new(a, MESSAGE_MAX);
    buf_printf(&m, "%s\r\n%s%s%s\r\n", r->method, r->path, text_empty(r->query) ? "" : "?",
               r->query ? r->query : "");
    for (size_t i = 0; i < r->n_headers; i++)
        if (!is_left_out(r->headers[i].name))
            buf_printf(&m, "%s:%s\r\n", r->headers[i].name, r->headers[i].value);
    buf_printf(&m, "x-road-request-id:%s\r\n", request_id);
    if (id)
        buf_printf(&m, "x-road-id:%s\r\n", id);
    return buf_bytes(&m);
}

/* RFC 4648 section 4, from section 5: two letters and the padding differ. */
static const char *base64_of(struct arena *a, struct bytes in)
{
    struct buf b = buf_new(a, 256);
    buf_base64url(&b, in);
    while (b.len % 4)
        buf_char(&b, '=');
    char *out = arena_text(a, b.ptr);
    for (char *p = out; *p; p++)
        *p = *p == '-' ? '+' : *p == '_' ? '/' : *p;
    return out;
}

const char *xroad_request_hash(struct arena *a, const struct http_request *r,
                               const char *request_id, const char *id)
{
    uint8_t both[128];
    sha512(message_of(a, r, request_id, id), both);
    if (r->body.len) {
        sha512(r->body, both + 64);
        sha512((struct bytes){both, sizeof both}, both);
    }
    return base64_of(a, (struct bytes){both, 64});
}
