/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory as a lifetime: one arena per request, job or test; everything in it dies together.
 * Allocation doesn't fail: sizes are capped at the edge, and an arena over its cap or a machine out
 * of memory ends the process (BUG), which loses nothing acknowledged. In sanitizer builds each
 * allocation is a malloc of its own, so that AddressSanitizer sees every overrun.
 */
#ifndef DINH_BASE_ARENA_H
#define DINH_BASE_ARENA_H

#include "base/base.h"

struct arena;

/* max_bytes: the cap over all allocations; 0 means 64 MiB. The caller ends it. */
struct arena *arena_new(size_t max_bytes);
void arena_end(struct arena *a);   /* frees all; NULL is fine */
void arena_reset(struct arena *a); /* empties it, keeps its first block */
size_t arena_used(const struct arena *a);

/* Zeroed, aligned to 16. */
void *arena_alloc(struct arena *a, size_t bytes);
/* n * size, checked for overflow. */
void *arena_array(struct arena *a, size_t n, size_t size);
#define ARENA_NEW(a, type)      ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, n, type) ((type *)arena_array((a), (n), sizeof(type)))

char *arena_text(struct arena *a, const char *text);              /* NULL stays NULL */
char *arena_text_n(struct arena *a, const char *ptr, size_t len); /* adds the NUL */
struct bytes arena_bytes(struct arena *a, const void *ptr, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
