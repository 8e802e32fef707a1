/* SPDX-License-Identifier: Apache-2.0 */
/* The one place that asks libc for memory. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "base/sys.h"

#undef malloc
#undef calloc
#undef realloc
#undef free

void *sys_malloc(size_t bytes)
{
    int refused = sys_fault(SYS_MALLOC);
    if (refused) {
        errno = refused;
        return NULL;
    }
    return malloc(bytes ? bytes : 1);
}

void *sys_zeroed(size_t bytes)
{
    int refused = sys_fault(SYS_MALLOC);
    if (refused) {
        errno = refused;
        return NULL;
    }
    return calloc(1, bytes ? bytes : 1);
}

void *sys_realloc(void *ptr, size_t bytes)
{
    int refused = sys_fault(SYS_MALLOC);
    if (refused) {
        errno = refused;
        return NULL;
    }
    return realloc(ptr, bytes ? bytes : 1);
}

void sys_free(void *ptr)
{
    free(ptr);
}

void sys_give_back(void)
{
    malloc_trim(0);
}

void sys_keep_little(void)
{
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
    mallopt(M_MXFAST, 0); /* what lies in a fast bin hides from malloc_trim what it merges with */
}
