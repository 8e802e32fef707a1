/* SPDX-License-Identifier: Apache-2.0 */
#include "net/guard.h"

#include <string.h>
#include <strings.h>

static const char *const METHODS[] = {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"};

/* ---- the block of bytes ---- */

static bool all_ows(const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    return from == to;
}

static bool line_ended(const char *at)
{
    return at[0] == '\0' && at[1] == '\0';
}

bool block_exact(const char *block, size_t len, const struct head *h)
{
    const char *end = block + len;
    const char *at = h->method + strlen(h->method) + 1;
    if (h->method != block || h->target != at)
        return false;
    at += h->target_len + 1;
    if (h->version != at)
        return false;
    at += strlen(h->version);
    for (size_t i = 0; i < h->n_fields; i++) {
        const struct head_field *f = &h->fields[i];
        if (end - at < 4 || !line_ended(at) || f->name != at + 2)
            return false;
        at = f->name + f->name_len;
        if (f->value <= at || f->value > end || *at != '\0')
            return false;
        if (!all_ows(at + 1, f->value))
            return false;
        at = f->value + f->value_len;
    }
    return end - at == 4 && line_ended(at) && line_ended(at + 2);
}

/* ---- bytes and names ---- */

static bool is_token(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alnum && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return n > 0;
}

static bool has_control(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return true;
    }
    return false;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool named(const struct head_field *f, const char *name, size_t len)
{
    return f->name_len == len && strncasecmp(f->name, name, len) == 0;
}
#define NAMED(f, literal) named((f), "" literal, sizeof(literal) - 1)

static void trim(const char **s, size_t *n)
{
    while (*n && ((*s)[*n - 1] == ' ' || (*s)[*n - 1] == '\t'))
        (*n)--;
    while (*n && (**s == ' ' || **s == '\t'))
        (*s)++, (*n)--;
}

/* ---- the request line ---- */

static enum err refuse(struct head_meaning *m, enum err e, const char *why)
{
    m->why = why;
    return e;
}

static bool known_method(const char *method)
{
    for (size_t i = 0; i < ARRAY_LEN(METHODS); i++)
        if (strcmp(method, METHODS[i]) == 0)
            return true;
    return false;
}

static bool target_bytes_ok(const char *t, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (t[i] <= 0x20 || t[i] >= 0x7f || t[i] == '#')
            return false;
    return true;
}

static bool escapes_ok(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] != '%')
            continue;
        if (n - i < 3 || !is_hex(p[i + 1]) || !is_hex(p[i + 2]))
            return false;
        if (p[i + 1] == '0' && p[i + 2] == '0')
            return false;
    }
    return true;
}

/* Absolute form (RFC 9112 section 3.2.2): its authority has to be the Host we were told. */
static bool strip_absolute(const struct head_field *host, const char **t, size_t *n)
{
    size_t scheme = 0;
    if (*n > 7 && strncasecmp(*t, "http://", 7) == 0)
        scheme = 7;
    else if (*n > 8 && strncasecmp(*t, "https://", 8) == 0)
        scheme = 8;
    if (!scheme || !host)
        return false;
    const char *value = host->value, *authority = *t + scheme;
    size_t value_len = host->value_len, len = 0;
    trim(&value, &value_len);
    while (len < *n - scheme && authority[len] != '/' && authority[len] != '?')
        len++;
    if (len != value_len || strncasecmp(authority, value, len) != 0)
        return false;
    *t = authority + len;
    *n -= scheme + len;
    return *n && **t == '/';
}

static enum err check_target(const struct head *h, const struct head_field *host,
                             struct head_meaning *m)
{
    const char *t = h->target;
    size_t n = h->target_len;
    if (n > GUARD_MAX_TARGET_BYTES)
        return refuse(m, ERR_URI_TOO_LONG, "target-too-long");
    if (!n || !target_bytes_ok(t, n))
        return refuse(m, ERR_HTTP_FRAMING, "target-bytes");
    if (*t != '/' && !strip_absolute(host, &t, &n))
        return refuse(m, ERR_HTTP_FRAMING, "target-form");
    const char *question = memchr(t, '?', n);
    m->path = t;
    m->path_len = question ? (size_t)(question - t) : n;
    if (!escapes_ok(t, m->path_len))
        return refuse(m, ERR_HTTP_FRAMING, "target-escape");
    return OK;
}

/* ---- the fields ---- */

struct seen {
    const struct head_field *host;
    size_t hosts, lengths, encodings;
};

static bool host_ok(const struct head_field *f)
{
    const char *s = f->value;
    size_t n = f->value_len;
    trim(&s, &n);
    for (size_t i = 0; i < n; i++) {
        bool alnum = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') ||
                     (s[i] >= '0' && s[i] <= '9');
        if (!alnum && !memchr("-._:[]", s[i], 6)) /* nor the zero byte behind them */
            return false;
    }
    return n > 0 && n <= 255;
}

static bool read_length(const struct head_field *f, struct head_meaning *m)
{
    const char *s = f->value;
    size_t n = f->value_len;
    trim(&s, &n);
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        sum = sum * 10 + (uint64_t)(s[i] - '0');
    }
    m->has_length = true;
    m->content_length = sum;
    return n > 0 && n <= 18;
}

static bool value_is(const struct head_field *f, const char *word)
{
    const char *s = f->value;
    size_t n = f->value_len;
    trim(&s, &n);
    return n == strlen(word) && strncasecmp(s, word, n) == 0;
}

static const char *check_field(const struct head_field *f, struct seen *seen,
                               struct head_meaning *m)
{
    if (!is_token(f->name, f->name_len))
        return "field-name";
    if (has_control(f->value, f->value_len))
        return "field-value";
    if (NAMED(f, "Host")) {
        seen->host = f;
        if (++seen->hosts > 1)
            return "second-host";
        if (!host_ok(f))
            return "host-bytes";
    } else if (NAMED(f, "Content-Length")) {
        if (++seen->lengths > 1)
            return "second-content-length";
        if (!read_length(f, m))
            return "content-length";
    } else if (NAMED(f, "Transfer-Encoding")) {
        if (++seen->encodings > 1)
            return "second-transfer-encoding";
        if (!value_is(f, "chunked"))
            return "transfer-encoding";
        m->chunked = true;
    } else if (NAMED(f, "Expect")) {
        if (!value_is(f, "100-continue"))
            return "expect";
    }
    return NULL;
}

enum err head_check(const struct head *h, struct head_meaning *ret_meaning)
{
    struct head_meaning m = {0};
    struct seen seen = {0};
    enum err e = OK;
    const char *why = NULL;
    bool http11 = strcmp(h->version, "HTTP/1.1") == 0;
    if (!http11 && strcmp(h->version, "HTTP/1.0") != 0)
        why = "version";
    if (h->n_fields > HTTP_MAX_HEADERS)
        why = "too-many-fields";
    for (size_t i = 0; i < h->n_fields && !why; i++)
        why = check_field(&h->fields[i], &seen, &m);
    if (!why && http11 && !seen.hosts)
        why = "no-host";
    if (!why && m.chunked && m.has_length)
        why = "length-and-encoding";
    if (!why && m.chunked && !http11)
        why = "encoding-in-1.0";
    if (why)
        e = refuse(&m, ERR_HTTP_FRAMING, why);
    else
        e = check_target(h, seen.host, &m);
    if (!e && !known_method(h->method))
        e = refuse(&m, ERR_HTTP_METHOD, "method");
    *ret_meaning = m;
    return e;
}
