/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define INITIALS_MAX_BYTES 1024

bool text_eq(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool text_empty(const char *text)
{
    return !text || !*text;
}

bool text_starts(const char *text, const char *prefix)
{
    return text && prefix && strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *text, const char *suffix)
{
    if (!text || !suffix)
        return false;
    size_t len = strlen(text), tail = strlen(suffix);
    return len >= tail && memcmp(text + len - tail, suffix, tail) == 0;
}

bool text_matches_digits(const char *text, size_t n)
{
    return text && strlen(text) == n && strspn(text, "0123456789") == n;
}

bool text_to_int(const char *text, int64_t *ret_value)
{
    if (text_empty(text))
        return false;
    bool negative = *text == '-';
    const char *p = text + negative;
    int64_t value = 0;
    if (!*p)
        return false;
    for (; *p; p++) {
        if (*p < '0' || *p > '9')
            return false;
        int digit = negative ? '0' - *p : *p - '0';
        if (__builtin_mul_overflow(value, 10, &value))
            return false;
        if (__builtin_add_overflow(value, digit, &value))
            return false;
    }
    *ret_value = value;
    return true;
}

const char **text_split(struct arena *a, const char *text, char ch, size_t *ret_n)
{
    size_t n = 0, most = 1;
    for (const char *p = text; p && *p; p++)
        most += *p == ch;
    const char **pieces = ARENA_ARRAY(a, most + 1, const char *);
    while (!text_empty(text)) {
        const char *end = strchr(text, ch);
        size_t len = end ? (size_t)(end - text) : strlen(text);
        pieces[n++] = arena_text_n(a, text, len);
        text = end ? end + 1 : NULL;
    }
    *ret_n = n;
    return pieces;
}

char *text_initials(struct arena *a, const char *name)
{
    struct buf b = buf_new(a, INITIALS_MAX_BYTES);
    size_t n;
    const char **words = text_split(a, name, ' ', &n);
    for (size_t i = 0; i < n; i++) {
        if (i + 1 == n) {
            buf_text(&b, words[i]);
            break;
        }
        size_t len = *words[i] ? 1 : 0;
        if (!len)
            continue; /* two blanks */
        while (((unsigned char)words[i][len] & 0xC0) == 0x80)
            len++;
        buf_add(&b, words[i], len);
        buf_text(&b, ". ");
    }
    return b.ptr;
}
