/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <string.h>
#include <utf8proc.h>

#include "base/buf.h"
#include "base/utf8.h"

size_t utf8_first(struct bytes in, uint32_t *ret_char)
{
    if (!in.len)
        return 0;
    uint8_t lead = in.ptr[0];
    if (lead < 0x80) {
        *ret_char = lead;
        return 1;
    }
    size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || in.len < size)
        return 0;
    uint32_t ch = lead & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        if ((in.ptr[i] & 0xc0) != 0x80)
            return 0;
        ch = ch << 6 | (in.ptr[i] & 0x3f);
    }
    static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
    if (ch < LEAST[size] || ch > 0x10ffff || (ch >= 0xd800 && ch <= 0xdfff))
        return 0;
    *ret_char = ch;
    return size;
}

static struct bytes after(struct bytes in, size_t size)
{
    return (struct bytes){in.ptr + size, in.len - size};
}

bool text_is_utf8(struct bytes in)
{
    uint32_t ch;
    while (in.len) {
        size_t size = utf8_first(in, &ch);
        if (!size)
            return false;
        in = after(in, size);
    }
    return true;
}

size_t text_chars(const char *text)
{
    size_t n = 0;
    for (; text && *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* Embeddings, overrides and isolates: they make text read otherwise than it is (UAX 9, UTS 36). */
static bool turns_direction(uint32_t ch)
{
    return (ch >= 0x202a && ch <= 0x202e) || (ch >= 0x2066 && ch <= 0x2069);
}

static bool control(uint32_t ch)
{
    return (ch < 0x20 && ch != '\t' && ch != '\n') || (ch >= 0x7f && ch <= 0x9f) ||
           turns_direction(ch);
}

static bool blank(uint32_t ch)
{
    return ch == ' ' || ch == '\t' || ch == '\n' || ch == 0xa0 || (ch >= 0x2000 && ch <= 0x200b) ||
           ch == 0x202f || ch == 0x3000 || ch == 0xfeff;
}

/* More marks on one letter than any script needs; reordering them costs their number squared. */
enum { MAX_MARKS_IN_A_ROW = 30 };

/* Copies with CR LF as LF; gives the 1-based place of the first bad character, 0 when all is good.
 */
static size_t copy_checked(struct bytes in, struct buf *out, bool *ret_ascii)
{
    size_t at = 0, marks = 0;
    bool ascii = true;
    for (size_t size; in.len; in = after(in, size)) {
        uint32_t ch;
        at++;
        size = utf8_first(in, &ch);
        if (!size)
            return at;
        if (ch == '\r' && in.len > 1 && in.ptr[1] == '\n')
            continue;
        if (control(ch))
            return at;
        if (ch >= 0x80) {
            ascii = false;
            const utf8proc_property_t *p = utf8proc_get_property((utf8proc_int32_t)ch);
            marks = p->combining_class ? marks + 1 : 0;
            if (marks > MAX_MARKS_IN_A_ROW)
                return at;
        } else {
            marks = 0;
        }
        buf_add(out, in.ptr, size);
    }
    *ret_ascii = ascii;
    return 0;
}

static bool is_letter(uint32_t ch)
{
    utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)ch);
    return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO;
}

static bool is_mark(uint32_t ch)
{
    utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)ch);
    return k == UTF8PROC_CATEGORY_MN || k == UTF8PROC_CATEGORY_MC;
}

bool text_is_name(const char *text)
{
    struct bytes in = bytes_of(text);
    uint32_t ch, before = 0;
    bool letter = false; /* before is one, or a mark on one */
    for (size_t size; (size = utf8_first(in, &ch)); in = after(in, size), before = ch) {
        bool between = ch == ' ' || ch == '-' || ch == '\'' || ch == '.' || ch == 0x2019;
        bool fits = is_letter(ch) || (letter && (between || is_mark(ch)));
        if (!fits && !(ch == ' ' && before == '.'))
            return false;
        letter = is_letter(ch) || is_mark(ch);
    }
    return !text_empty(text) && in.len == 0;
}

static struct bytes trimmed(struct bytes in)
{
    uint32_t ch;
    for (size_t size; (size = utf8_first(in, &ch)) && blank(ch);)
        in = after(in, size);
    while (in.len) {
        size_t size = 1;
        while (size < in.len && (in.ptr[in.len - size] & 0xc0) == 0x80)
            size++;
        (void)utf8_first((struct bytes){in.ptr + in.len - size, size}, &ch);
        if (!blank(ch))
            break;
        in.len -= size;
    }
    return in;
}

static char *to_nfc(struct arena *a, struct bytes in)
{
    const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    utf8proc_ssize_t n = utf8proc_decompose(in.ptr, (utf8proc_ssize_t)in.len, NULL, 0, how);
    ASSERT(n >= 0); /* well-formed by now */
    /* room for the NUL that utf8proc_reencode adds, in the same memory, in UTF-8 */
    utf8proc_int32_t *chars = ARENA_ARRAY(a, (size_t)n + 1, utf8proc_int32_t);
    n = utf8proc_decompose(in.ptr, (utf8proc_ssize_t)in.len, chars, n, how);
    ASSERT(n >= 0);
    n = utf8proc_reencode(chars, n, how);
    ASSERT(n >= 0);
    return (char *)chars;
}

enum err text_clean(struct ctx *c, const char *field, struct bytes in, size_t max_chars,
                    const char **ret_text)
{
    struct buf copy = buf_new(c->arena, in.len + 1);
    bool ascii = true;
    size_t bad = copy_checked(in, &copy, &ascii);
    if (bad)
        return fail(c, ERR_BAD_UTF8, field, arena_printf(c->arena, "%zu", bad));
    struct bytes kept = trimmed(buf_bytes(&copy));
    const char *text =
        ascii ? arena_text_n(c->arena, (const char *)kept.ptr, kept.len) : to_nfc(c->arena, kept);
    size_t chars = text_chars(text);
    if (chars > max_chars) {
        return fail(c, ERR_TOO_LONG, field, arena_printf(c->arena, "%zu", max_chars),
                    arena_printf(c->arena, "%zu", chars));
    }
    *ret_text = text;
    return OK;
}

char *text_upper_first(struct arena *a, const char *text)
{
    uint32_t ch;
    struct bytes in = bytes_of(text);
    size_t size = utf8_first(in, &ch);
    if (!size)
        return arena_text(a, text ? text : "");
    utf8proc_uint8_t upper[4];
    utf8proc_ssize_t n = utf8proc_encode_char(utf8proc_toupper((utf8proc_int32_t)ch), upper);
    struct buf out = buf_new(a, in.len + 4);
    buf_add(&out, upper, (size_t)n);
    buf_text(&out, text + size);
    return out.ptr;
}
