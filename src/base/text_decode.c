/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"

static int base64_digit(char ch, bool url)
{
    if (ch >= 'A' && ch <= 'Z')
        return ch - 'A';
    if (ch >= 'a' && ch <= 'z')
        return ch - 'a' + 26;
    if (ch >= '0' && ch <= '9')
        return ch - '0' + 52;
    if (ch == (url ? '-' : '+'))
        return 62;
    if (ch == (url ? '_' : '/'))
        return 63;
    return -1;
}

/* len counts digits without padding; the bits that no byte uses must be 0 (one text per value). */
static bool decode64(struct arena *a, const char *text, size_t len, bool url, struct bytes *ret)
{
    if (len % 4 == 1)
        return false;
    uint8_t *out = arena_alloc(a, len / 4 * 3 + 3);
    size_t n = 0;
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < len; i++) {
        int digit = base64_digit(text[i], url);
        if (digit < 0)
            return false;
        bits = (bits << 6 | (uint32_t)digit) & 0xffff;
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        out[n++] = (uint8_t)(bits >> held);
    }
    if (bits & ((1U << held) - 1))
        return false;
    *ret = (struct bytes){out, n};
    return true;
}

bool base64url_decode(struct arena *a, const char *text, struct bytes *ret)
{
    return text && decode64(a, text, strlen(text), true, ret);
}

bool base64_decode(struct arena *a, const char *text, struct bytes *ret)
{
    if (!text)
        return false;
    size_t len = strlen(text);
    if (len % 4 != 0)
        return false;
    for (int i = 0; i < 2 && len && text[len - 1] == '='; i++)
        len--;
    return decode64(a, text, len, false, ret);
}

static int hex_digit(char ch)
{
    if (ch >= '0' && ch <= '9')
        return ch - '0';
    if (ch >= 'a' && ch <= 'f')
        return ch - 'a' + 10;
    if (ch >= 'A' && ch <= 'F')
        return ch - 'A' + 10;
    return -1;
}

static bool hex_byte(const char *two, uint8_t *ret)
{
    int high = hex_digit(two[0]), low = high < 0 ? -1 : hex_digit(two[1]);
    if (low < 0)
        return false;
    *ret = (uint8_t)(high << 4 | low);
    return true;
}

bool hex_bytes(const char *text, uint8_t *ret, size_t n)
{
    if (!text || strlen(text) != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!hex_byte(text + 2 * i, &ret[i]))
            return false;
    }
    return true;
}

bool hex_decode(struct arena *a, const char *text, struct bytes *ret)
{
    if (!text)
        return false;
    size_t len = strlen(text);
    if (len % 2)
        return false;
    uint8_t *out = arena_alloc(a, len / 2);
    if (!hex_bytes(text, out, len / 2))
        return false;
    *ret = (struct bytes){out, len / 2};
    return true;
}

bool url_decode(struct arena *a, struct bytes in, bool plus_is_blank, struct bytes *ret)
{
    uint8_t *out = arena_alloc(a, in.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < in.len; i++) {
        uint8_t ch = in.ptr[i];
        if (ch < 0x20 || ch == 0x7f)
            return false;
        if (ch == '%') {
            if (in.len - i < 3 || !hex_byte((const char *)in.ptr + i + 1, &ch))
                return false;
            i += 2;
        } else if (ch == '+' && plus_is_blank) {
            ch = ' ';
        }
        out[n++] = ch;
    }
    *ret = (struct bytes){out, n};
    return true;
}
