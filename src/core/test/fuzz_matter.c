/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of documents: what is taken begins with a digit, and holds a slash and a hyphen. */
#include <string.h>

#include "core/matter.h"
#include "test/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (memchr(data, 0, size))
        return 0;
    struct arena *a = arena_new(0);
    const char *text = arena_text_n(a, (const char *)data, size);
    if (matter_is_paper(text))
        ASSERT(text[0] >= '0' && text[0] <= '9' && strchr(text, '/') && strchr(text, '-'));
    arena_end(a);
    return 0;
}
