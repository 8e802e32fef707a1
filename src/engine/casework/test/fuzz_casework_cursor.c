/* SPDX-License-Identifier: Apache-2.0 */
/* The place of a page of the inbox, as it stands in an address. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "engine/casework/casework_private.h"
#include "test/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(1 << 16);
    const char *after = arena_text_n(a, (const char *)data, size < 4096 ? size : 4096), *id, *same;
    int64_t due, again;
    casework_cursor(after, &due, &id);
    ASSERT(text_ends(after, id));
    if (*id) {
        casework_cursor(arena_printf(a, "%" PRId64 ".%s", due, id), &again, &same);
        ASSERT(again == due && text_eq(same, id));
    }
    arena_end(a);
    return 0;
}
