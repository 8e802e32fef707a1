/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "crypto/pdf_read.h"

#define DEPTH_MAX 32

struct pdf_cursor pdf_cursor(struct bytes in)
{
    return (struct pdf_cursor){in.ptr, in.ptr + in.len};
}

static bool is_blank(uint8_t ch)
{
    return ch == 0 || ch == '\t' || ch == '\n' || ch == '\f' || ch == '\r' || ch == ' ';
}

static bool is_regular(uint8_t ch)
{
    return !is_blank(ch) && !memchr("()<>[]{}/%", ch, 10);
}

static size_t left(const struct pdf_cursor *c)
{
    return (size_t)(c->end - c->at);
}

void pdf_blank(struct pdf_cursor *c)
{
    while (c->at < c->end && (is_blank(*c->at) || *c->at == '%')) {
        if (*c->at++ != '%')
            continue;
        while (c->at < c->end && *c->at != '\n' && *c->at != '\r')
            c->at++;
    }
}

static bool next_is(const struct pdf_cursor *c, const char *text)
{
    size_t len = strlen(text);
    return left(c) >= len && memcmp(c->at, text, len) == 0;
}

bool pdf_word(struct pdf_cursor *c, const char *word)
{
    struct pdf_cursor try = *c;
    pdf_blank(&try);
    if (!next_is(&try, word))
        return false;
    try.at += strlen(word);
    if (is_regular((uint8_t)*word) && try.at < try.end && is_regular(*try.at))
        return false;
    *c = try;
    return true;
}

bool pdf_number(struct pdf_cursor *c, size_t *ret_number)
{
    struct pdf_cursor try = *c;
    size_t value = 0, digits = 0;
    pdf_blank(&try);
    for (; try.at < try.end && *try.at >= '0' && *try.at <= '9'; try.at++, digits++)
        if (digits < 11)
            value = value * 10 + (size_t)(*try.at - '0');
    if (digits == 0 || digits > 10 || (try.at < try.end && is_regular(*try.at)))
        return false;
    *ret_number = value;
    *c = try;
    return true;
}

static bool skip(struct pdf_cursor *c, int depth);

static bool skip_text(struct pdf_cursor *c)
{
    int open = 0;
    while (c->at < c->end) {
        uint8_t ch = *c->at++;
        if (ch == '\\' && c->at < c->end)
            c->at++;
        if (ch == '(')
            open++;
        if (ch == ')' && --open == 0)
            return true;
    }
    return false;
}

static bool skip_hex(struct pdf_cursor *c)
{
    const uint8_t *close = memchr(c->at, '>', left(c));
    if (!close)
        return false;
    c->at = close + 1;
    return true;
}

static bool skip_list(struct pdf_cursor *c, const char *close, int depth)
{
    while (!pdf_word(c, close))
        if (!skip(c, depth + 1))
            return false;
    return true;
}

static bool skip_regular(struct pdf_cursor *c)
{
    const uint8_t *from = c->at;
    while (c->at < c->end && is_regular(*c->at))
        c->at++;
    return c->at > from;
}

/* "12 0 R" is one value; "12 0" are two. */
static bool skip_reference(struct pdf_cursor *c)
{
    struct pdf_cursor try = *c;
    size_t number = 0, generation = 0;
    if (!pdf_number(&try, &number) || !pdf_number(&try, &generation) || !pdf_word(&try, "R"))
        return false;
    *c = try;
    return true;
}

static bool skip(struct pdf_cursor *c, int depth)
{
    pdf_blank(c);
    if (depth > DEPTH_MAX || c->at == c->end)
        return false;
    if (next_is(c, "<<")) {
        c->at += 2;
        return skip_list(c, ">>", depth);
    }
    switch (*c->at) {
    case '[': c->at++; return skip_list(c, "]", depth);
    case '(': return skip_text(c);
    case '<': return skip_hex(c);
    case '/':
        c->at++;
        skip_regular(c); /* "/" alone is a name too */
        return true;
    default: return skip_reference(c) || skip_regular(c);
    }
}

bool pdf_any(struct pdf_cursor *c, struct bytes *ret_value)
{
    pdf_blank(c);
    const uint8_t *from = c->at;
    if (!skip(c, 0))
        return false;
    *ret_value = (struct bytes){from, (size_t)(c->at - from)};
    return true;
}

bool pdf_pair(struct pdf_cursor *c, struct bytes *ret_key, struct bytes *ret_value)
{
    pdf_blank(c);
    return c->at < c->end && *c->at == '/' && pdf_any(c, ret_key) && pdf_any(c, ret_value);
}

bool pdf_is_dict(struct bytes value)
{
    return value.len >= 4 && value.ptr[0] == '<' && value.ptr[1] == '<';
}

bool pdf_same(struct bytes value, const char *text)
{
    return value.len == strlen(text) && memcmp(value.ptr, text, value.len) == 0;
}

bool pdf_get(struct bytes dict, const char *key, struct bytes *ret_value)
{
    struct pdf_cursor c = pdf_cursor(dict);
    struct bytes name, value;
    if (!pdf_word(&c, "<<"))
        return false;
    while (pdf_pair(&c, &name, &value)) {
        if (!pdf_same(name, key))
            continue;
        *ret_value = value;
        return true;
    }
    return false;
}

bool pdf_get_number(struct bytes dict, const char *key, size_t *ret_number)
{
    struct bytes value;
    if (!pdf_get(dict, key, &value))
        return false;
    struct pdf_cursor c = pdf_cursor(value);
    return pdf_number(&c, ret_number) && c.at == c.end;
}

bool pdf_ref(struct bytes value, size_t *ret_number)
{
    struct pdf_cursor c = pdf_cursor(value);
    size_t number = 0, generation = 0;
    if (!pdf_number(&c, &number) || !pdf_number(&c, &generation) || !pdf_word(&c, "R") ||
        generation != 0)
        return false;
    *ret_number = number;
    return true;
}

bool pdf_array(struct bytes value, struct bytes *ret_inner)
{
    if (value.len < 2 || value.ptr[0] != '[')
        return false;
    *ret_inner = (struct bytes){value.ptr + 1, value.len - 2};
    return true;
}
