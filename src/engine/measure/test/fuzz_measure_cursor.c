/* SPDX-License-Identifier: Apache-2.0 */
/* The place of a page of acts, as it stands in an address: it never widens the period. */
#include <inttypes.h>

#include "base/text.h"
#include "engine/measure/measure_private.h"
#include "test/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(1 << 16);
    const char *after = arena_text_n(a, (const char *)data, size < 4096 ? size : 4096);
    struct measure_keyset all = measure_cursor(18000, 18366, ""), k;
    k = measure_cursor(18000, 18366, after);
    ASSERT(k.from_us == all.from_us && k.until_us == all.until_us);
    ASSERT(text_ends(after, k.source));
    if (*k.source) {
        const char *again = arena_printf(a, "%" PRId64 ".%s", k.at_us, k.source);
        struct measure_keyset same = measure_cursor(18000, 18366, again);
        ASSERT(same.at_us == k.at_us && text_eq(same.source, k.source));
    }
    arena_end(a);
    return 0;
}
