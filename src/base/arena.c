/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/sys.h"

/* What looks for faults of memory sees through the arena. */
#ifdef DINH_SANITIZE
enum { ONE_BLOCK_EACH = 1 };
#else
enum { ONE_BLOCK_EACH = 0 };
#endif

enum { ALIGN = 16, FIRST_BLOCK = 8 * 1024, LARGEST_BLOCK = 1024 * 1024 };

struct block {
    struct block *next; /* older */
    size_t size, used;  /* of data */
    _Alignas(ALIGN) unsigned char data[];
};

struct arena {
    struct block *newest;
    size_t used, max, next_size;
};

static void *take(size_t bytes)
{
    void *p = sys_malloc(bytes);
    if (!p)
        BUG("out of memory");
    return p;
}

static struct block *block_new(size_t size, struct block *older)
{
    struct block *b = take(sizeof *b + size);
    b->next = older;
    b->size = size;
    b->used = 0;
    return b;
}

struct arena *arena_new(size_t max_bytes)
{
    struct arena *a = take(sizeof *a);
    *a = (struct arena){.max = max_bytes ? max_bytes : (size_t)64 << 20, .next_size = FIRST_BLOCK};
    return a;
}

static void drop_blocks(struct block *b)
{
    while (b) {
        struct block *older = b->next;
        sys_free(b);
        b = older;
    }
}

void arena_end(struct arena *a)
{
    if (!a)
        return;
    drop_blocks(a->newest);
    sys_free(a);
}

void arena_reset(struct arena *a)
{
    a->used = 0;
    a->next_size = FIRST_BLOCK;
    if (ONE_BLOCK_EACH) {
        drop_blocks(a->newest);
        a->newest = NULL;
        return;
    }
    while (a->newest && a->newest->next) {
        struct block *older = a->newest->next;
        sys_free(a->newest);
        a->newest = older;
    }
    if (a->newest)
        a->newest->used = 0;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}

static void *from_own_block(struct arena *a, size_t bytes)
{
    a->newest = block_new(bytes, a->newest);
    a->newest->used = bytes;
    return a->newest->data;
}

static void *from_shared_block(struct arena *a, size_t bytes)
{
    struct block *b = a->newest;
    if (!b || b->size - b->used < bytes) {
        size_t size = a->next_size < bytes ? bytes : a->next_size;
        if (a->next_size < LARGEST_BLOCK)
            a->next_size *= 2;
        b = a->newest = block_new(size, b);
    }
    void *p = b->data + b->used;
    b->used += bytes;
    return p;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    ASSERT(a);
    if (bytes > a->max || a->used > a->max - bytes)
        BUG("arena over its cap");
    a->used += bytes;
    size_t rounded = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    void *p = ONE_BLOCK_EACH ? from_own_block(a, bytes) : from_shared_block(a, rounded);
    memset(p, 0, bytes);
    return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        BUG("arena_array overflows");
    return arena_alloc(a, bytes);
}

char *arena_text_n(struct arena *a, const char *ptr, size_t len)
{
    if (len == SIZE_MAX)
        BUG("arena_text_n overflows");
    char *copy = arena_alloc(a, len + 1);
    if (len)
        memcpy(copy, ptr, len);
    return copy;
}

char *arena_text(struct arena *a, const char *text)
{
    return text ? arena_text_n(a, text, strlen(text)) : NULL;
}

struct bytes arena_bytes(struct arena *a, const void *ptr, size_t len)
{
    uint8_t *copy = arena_alloc(a, len);
    if (len)
        memcpy(copy, ptr, len);
    return (struct bytes){copy, len};
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    ASSERT(len >= 0);
    char *text = arena_alloc(a, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    return text;
}
