/* SPDX-License-Identifier: Apache-2.0 */
/* Photos of phones through the libraries that the opener loads: what comes out is a JPEG. */
#include "core/opener.h"

#include <string.h>

#include "base/sys.h"
#include "test/fuzz.h"

#define MAX_BYTES (4 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct ctx c = {.arena = a, .request_id = "fuzz"};
    struct buf out = buf_new(a, MAX_BYTES);
    if (!opener_heic_load() || opener_heic(&c, (struct bytes){data, size}, &out))
        ASSERT(out.len == 0 || c.n_faults > 0);
    else
        ASSERT(out.len > 4 && memcmp(out.ptr, "\xff\xd8\xff", 3) == 0);
    arena_end(a);
    return 0;
}
