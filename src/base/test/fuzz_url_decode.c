/* SPDX-License-Identifier: Apache-2.0 */
/* What was decoded, encoded and decoded again is the same. */
#include "test/fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"

static void check(struct arena *a, struct bytes in, bool plus_is_blank)
{
    struct bytes out, again;
    if (!url_decode(a, in, plus_is_blank, &out))
        return;
    ASSERT(out.len <= in.len);
    const char *text = arena_text_n(a, (const char *)out.ptr, out.len);
    size_t len = strlen(text); /* buf_url takes texts: up to a NUL */
    struct buf b = buf_new(a, in.len * 3 + 1);
    buf_url(&b, text);
    ASSERT(!buf_full(&b) && url_decode(a, buf_bytes(&b), plus_is_blank, &again));
    ASSERT(again.len == len && memcmp(again.ptr, text, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    check(a, (struct bytes){data, size}, true);
    check(a, (struct bytes){data, size}, false);
    arena_end(a);
    return 0;
}
