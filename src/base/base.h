/* SPDX-License-Identifier: Apache-2.0 */
/* The words every file shares: attributes, checks that stay on in production, byte spans. */
#ifndef DINH_BASE_BASE_H
#define DINH_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
/* A large array that is filled before it is read: the compiler would wipe it at each call. */
#define NO_INIT                __attribute__((uninitialized))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define UNUSED                 __attribute__((unused))
/* Marks a function that sees bytes from outside; tools/check_untrusted wants a fuzz target. */
#define UNTRUSTED
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* A span of bytes the holder doesn't own. ptr may be NULL only when len is 0. */
struct bytes {
    const uint8_t *ptr;
    size_t len;
};

/* An impossible state: writes one line (file, line, why) to stderr and aborts the process. */
#define BUG(why) bug_at(__FILE__, __LINE__, (why))
/* Stays on in production; never reachable from input. */
#define ASSERT(cond) ((cond) ? (void)0 : bug_at(__FILE__, __LINE__, #cond))
_Noreturn void bug_at(const char *file, int line, const char *why);

struct bytes bytes_of(const char *text); /* the text's bytes without its NUL */
/* Compares in time that depends on the lengths only. */
bool bytes_equal_secret(struct bytes a, struct bytes b);

#endif
