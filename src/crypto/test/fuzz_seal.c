/* SPDX-License-Identifier: Apache-2.0 */
/* A sealed field from a database somebody may have edited: only what we sealed opens. */
#include <string.h>

#include "crypto/test/fuzz_crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct bytes key = bytes_of("0123456789abcdef0123456789abcdef"), in = {data, size}, out = {0};
    if (seal_open(a, key, "t.c/1", in, &out)) /* the one in the corpus */
        ASSERT(out.len == 12 && memcmp(out.ptr, "046194000123", 12) == 0);
    struct bytes sealed = seal(a, key, "t.c/2", in);
    ASSERT(sealed.len == size + 29);
    ASSERT(!seal_open(a, key, "t.c/1", sealed, &out));
    ASSERT(seal_open(a, key, "t.c/2", sealed, &out) && out.len == size);
    ASSERT(size == 0 || memcmp(out.ptr, data, size) == 0);
    arena_end(a);
    return 0;
}
