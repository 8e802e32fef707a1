/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

_Noreturn void bug_at(const char *file, int line, const char *why)
{
    log_flush();
    fprintf(stderr, "BUG %s:%d: %s\n", file, line, why);
    fflush(stderr);
    abort();
}

struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, text ? strlen(text) : 0};
}

bool bytes_equal_secret(struct bytes a, struct bytes b)
{
    if (a.len != b.len)
        return false;
    volatile uint8_t differ = 0;
    for (size_t i = 0; i < a.len; i++)
        differ = (uint8_t)(differ | (a.ptr[i] ^ b.ptr[i]));
    return differ == 0;
}
