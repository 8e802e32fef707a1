/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/child_inside.h"
#include "base/sys.h"
#include "base/text.h"

#define FAULT_TEXT_MAX 1024

int child_frame(struct bytes in, size_t max, struct bytes *ret)
{
    if (in.len < CHILD_HEAD_BYTES)
        return 0;
    size_t len = (size_t)in.ptr[0] | (size_t)in.ptr[1] << 8 | (size_t)in.ptr[2] << 16 |
                 (size_t)in.ptr[3] << 24;
    if (len > max)
        return -1;
    if (in.len - CHILD_HEAD_BYTES < len)
        return 0;
    *ret = (struct bytes){in.ptr + CHILD_HEAD_BYTES, len};
    return 1;
}

void child_head(uint8_t ret[CHILD_HEAD_BYTES], size_t len)
{
    for (int i = 0; i < CHILD_HEAD_BYTES; i++)
        ret[i] = (uint8_t)(len >> (8 * i));
}

/* ---- what came ---- */

int child_next(struct child_inbox *in, size_t max, struct bytes *ret)
{
    struct bytes all = {in->ptr + in->from, in->len - in->from};
    if (!in->ptr)
        return 0;
    int got = child_frame(all, max, ret);
    if (got > 0)
        in->from += CHILD_HEAD_BYTES + ret->len;
    return got;
}

static bool grow(struct child_inbox *in, size_t cap)
{
    uint8_t *ptr = sys_malloc(cap);
    if (!ptr)
        return false;
    if (in->len > in->from)
        memcpy(ptr, in->ptr + in->from, in->len - in->from);
    if (in->ptr)
        explicit_bzero(in->ptr, in->cap);
    sys_free(in->ptr);
    *in = (struct child_inbox){ptr, 0, in->len - in->from, cap};
    return true;
}

/* Room for more, and once its length is known for the whole frame. */
static bool make_room(struct child_inbox *in, size_t max)
{
    size_t held = in->len - in->from, want = CHILD_FIRST_BYTES;
    if (held >= CHILD_HEAD_BYTES) {
        const uint8_t *p = in->ptr + in->from;
        size_t len = (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
        if (len > max)
            return false;
        want = len + CHILD_HEAD_BYTES > want ? len + CHILD_HEAD_BYTES : want;
    }
    if (!in->ptr || in->cap < want)
        return grow(in, want);
    if (in->from && in->cap - in->from < want) {
        memmove(in->ptr, in->ptr + in->from, held);
        in->from = 0;
        in->len = held;
    }
    return true;
}

bool child_read(int fd, struct child_inbox *in, size_t max)
{
    if (in->from == in->len)
        in->from = in->len = 0;
    if (!make_room(in, max))
        return false;
    ssize_t n;
    do
        n = read(fd, in->ptr + in->len, in->cap - in->len);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return false;
    in->len += (size_t)n;
    return true;
}

void child_inbox_end(struct child_inbox *in)
{
    if (in->ptr)
        explicit_bzero(in->ptr, in->cap);
    sys_free(in->ptr);
    *in = (struct child_inbox){NULL, 0, 0, 0};
}

void child_inbox_rest(struct child_inbox *in)
{
    if (in->from == in->len && in->cap > CHILD_FIRST_BYTES)
        child_inbox_end(in);
}

/* ---- an answer: 0 and its bytes, or 1, the error's number, field and arguments, each NUL-ended */

/* What the texts of an error may be made of: they end in pages and logs. */
static bool is_plain(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
    return len <= FAULT_TEXT_MAX && text_is_utf8((struct bytes){(const uint8_t *)text, len});
}

static bool read_error(struct bytes in, enum err *ret, const char *words[6])
{
    size_t n = 0;
    if (in.len < 2)
        return false;
    *ret = (enum err)(in.ptr[0] | in.ptr[1] << 8);
    const struct err_row *row = err_row(*ret);
    if (*ret == OK || (row == err_row(ERR_INTERNAL) && *ret != ERR_INTERNAL))
        return false;
    const char *at = (const char *)in.ptr + 2, *end = (const char *)in.ptr + in.len;
    while (at < end) {
        size_t len = strnlen(at, (size_t)(end - at));
        if (n == 5 || at + len == end || !is_plain(at, len))
            return false;
        words[n++] = at;
        at += len + 1;
    }
    words[n] = NULL;
    return true;
}

enum err child_answer_read(struct ctx *c, struct bytes frame, struct bytes *ret)
{
    enum err e;
    const char *words[6];
    if (frame.len < 1 || frame.ptr[0] > 1)
        return fail(c, ERR_CHILD, "");
    struct bytes rest = {frame.ptr + 1, frame.len - 1};
    if (frame.ptr[0] == 0) {
        *ret = rest;
        return OK;
    }
    return read_error(rest, &e, words) ? ctx_fail(c, e, words) : fail(c, ERR_CHILD, "");
}
