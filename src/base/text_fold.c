/* SPDX-License-Identifier: Apache-2.0 */
#include <utf8proc.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"

/* The key being built; gap: something that isn't a letter came since the last one. */
struct folding {
    struct buf out;
    bool gap;
};

static void keep(struct folding *f, const void *letter, size_t size)
{
    if (f->gap && f->out.len)
        buf_char(&f->out, ' ');
    f->gap = false;
    buf_add(&f->out, letter, size);
}

static void fold_ascii(struct folding *f, char ch)
{
    if (ch >= 'A' && ch <= 'Z')
        ch = (char)(ch + ('a' - 'A'));
    if ((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9'))
        keep(f, &ch, 1);
    else
        f->gap = true;
}

/* đ, and the eth and African d that look the same when typed in its place */
static bool looks_like_d(utf8proc_int32_t ch)
{
    return ch == 0x111 || ch == 0xf0 || ch == 0x256;
}

static bool letter_or_digit(utf8proc_int32_t ch)
{
    utf8proc_category_t kind = utf8proc_category(ch);
    return (kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO) ||
           kind == UTF8PROC_CATEGORY_ND;
}

static bool mark(utf8proc_int32_t ch)
{
    utf8proc_category_t kind = utf8proc_category(ch);
    return kind >= UTF8PROC_CATEGORY_MN && kind <= UTF8PROC_CATEGORY_ME;
}

static void fold_letter(struct folding *f, utf8proc_int32_t ch)
{
    utf8proc_uint8_t letter[4];
    if (looks_like_d(ch))
        keep(f, "d", 1);
    else if (ch < 0x80)
        fold_ascii(f, (char)ch);
    else if (!letter_or_digit(ch))
        f->gap = true;
    else
        keep(f, letter, (size_t)utf8proc_encode_char(ch, letter));
}

struct pieces {
    utf8proc_int32_t of[16];
    size_t n;
};

/* The marks go (utf8proc strips them), the rest is left. */
static struct pieces apart(utf8proc_int32_t ch, unsigned how)
{
    struct pieces p = {.n = 0};
    int boundary = 0;
    utf8proc_option_t options = (utf8proc_option_t)(UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK | how);
    utf8proc_ssize_t n = utf8proc_decompose_char(ch, p.of, ARRAY_LEN(p.of), options, &boundary);
    ASSERT(n >= 0 && (size_t)n <= ARRAY_LEN(p.of));
    p.n = (size_t)n;
    return p;
}

/* Marks go before case: a Greek iota below the line is a mark that folding case makes a letter. */
static void fold_other(struct folding *f, utf8proc_int32_t ch)
{
    if (mark(ch))
        return; /* a mark alone is no gap between words */
    struct pieces bare = apart(ch, 0);
    for (size_t i = 0; i < bare.n; i++) {
        struct pieces small = apart(bare.of[i], UTF8PROC_CASEFOLD);
        for (size_t j = 0; j < small.n; j++)
            fold_letter(f, small.of[j]);
    }
}

/* Without compatibility mappings a character gives at most three letters. */
enum { MOST_GROWTH = 6 };

char *text_fold(struct arena *a, const char *text)
{
    struct bytes in = bytes_of(text);
    struct folding f = {.out = buf_new(a, in.len * MOST_GROWTH)};
    while (in.len) {
        uint32_t ch;
        size_t size = utf8_first(in, &ch);
        if (size == 1)
            fold_ascii(&f, (char)ch);
        else if (size)
            fold_other(&f, (utf8proc_int32_t)ch);
        else
            f.gap = true; /* not well-formed: against the contract, yet never out of bounds */
        in.ptr += size ? size : 1;
        in.len -= size ? size : 1;
    }
    return f.out.len ? f.out.ptr : arena_text(a, "");
}
