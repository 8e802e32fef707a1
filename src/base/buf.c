/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char EMPTY[1] = "";

struct buf buf_new(struct arena *a, size_t max_bytes)
{
    return (struct buf){.arena = a, .ptr = EMPTY, .max = max_bytes};
}

/* Room for len more bytes and the NUL; a piece that doesn't fit is dropped whole, so that a text
   never ends inside a character. */
static bool make_room(struct buf *b, size_t len)
{
    if (b->full || len > b->max || b->len > b->max - len) {
        b->full = true;
        return false;
    }
    if (b->cap > b->len + len)
        return true;
    size_t cap = b->cap ? b->cap * 2 : 64;
    while (cap <= b->len + len)
        cap *= 2;
    if (cap > b->max)
        cap = b->max + 1;
    char *bigger = arena_alloc(b->arena, cap);
    memcpy(bigger, b->ptr, b->len);
    b->ptr = bigger;
    b->cap = cap;
    return true;
}

void buf_add(struct buf *b, const void *ptr, size_t len)
{
    if (!len || !make_room(b, len))
        return;
    memcpy(b->ptr + b->len, ptr, len);
    b->len += len;
    b->ptr[b->len] = '\0';
}

void buf_text(struct buf *b, const char *text)
{
    if (text)
        buf_add(b, text, strlen(text));
}

void buf_char(struct buf *b, char ch)
{
    buf_add(b, &ch, 1);
}

void buf_int(struct buf *b, int64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (value < 0)
        digits[--at] = '-';
    buf_add(b, digits + at, sizeof digits - at);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    ASSERT(len >= 0);
    if (len && make_room(b, (size_t)len)) {
        vsnprintf(b->ptr + b->len, (size_t)len + 1, fmt, again);
        b->len += (size_t)len;
    }
    va_end(again);
}

static const char *html_escape(char ch)
{
    switch (ch) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

void buf_html(struct buf *b, const char *text)
{
    if (!text)
        return;
    const char *plain = text;
    for (; *text; text++) {
        const char *escape = html_escape(*text);
        if (!escape)
            continue;
        buf_add(b, plain, (size_t)(text - plain));
        buf_text(b, escape);
        plain = text + 1;
    }
    buf_add(b, plain, (size_t)(text - plain));
}

static const char *json_escape(unsigned char ch, char hex[7])
{
    switch (ch) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: break;
    }
    if (ch >= 0x20)
        return NULL;
    snprintf(hex, 7, "\\u%04x", ch);
    return hex;
}

void buf_json(struct buf *b, const char *text)
{
    if (!text) {
        buf_text(b, "null");
        return;
    }
    char hex[7];
    const char *plain = text;
    buf_char(b, '"');
    for (; *text; text++) {
        const char *escape = json_escape((unsigned char)*text, hex);
        if (!escape)
            continue;
        buf_add(b, plain, (size_t)(text - plain));
        buf_text(b, escape);
        plain = text + 1;
    }
    buf_add(b, plain, (size_t)(text - plain));
    buf_char(b, '"');
}

static bool url_unreserved(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
           ch == '-' || ch == '.' || ch == '_' || ch == '~';
}

void buf_url(struct buf *b, const char *text)
{
    static const char HEX[] = "0123456789ABCDEF";
    if (!text)
        return;
    for (; *text; text++) {
        unsigned char ch = (unsigned char)*text;
        if (url_unreserved(*text))
            buf_char(b, *text);
        else
            buf_add(b, (char[]){'%', HEX[ch >> 4], HEX[ch & 15]}, 3);
    }
}

void buf_hex(struct buf *b, struct bytes in)
{
    static const char HEX[] = "0123456789abcdef";
    for (size_t i = 0; i < in.len; i++) {
        buf_add(b, (char[]){HEX[in.ptr[i] >> 4], HEX[in.ptr[i] & 15]}, 2);
    }
}

void buf_base64url(struct buf *b, struct bytes in)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t i = 0; i < in.len; i += 3) {
        size_t left = in.len - i < 3 ? in.len - i : 3;
        uint32_t group = (uint32_t)in.ptr[i] << 16;
        if (left > 1)
            group |= (uint32_t)in.ptr[i + 1] << 8;
        if (left > 2)
            group |= in.ptr[i + 2];
        char four[4] = {DIGITS[group >> 18], DIGITS[group >> 12 & 63], DIGITS[group >> 6 & 63],
                        DIGITS[group & 63]};
        buf_add(b, four, left + 1);
    }
}

bool buf_full(const struct buf *b)
{
    return b->full;
}

struct bytes buf_bytes(const struct buf *b)
{
    return (struct bytes){(const uint8_t *)b->ptr, b->len};
}
