/* SPDX-License-Identifier: Apache-2.0 */
/* First line: a place; the rest: the JSON text in which it is looked for. */
#include <string.h>

#include "core/pack.h"
#include "test/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    if (!end)
        return 0;
    struct arena *a = arena_new(1 << 20);
    size_t len = (size_t)(end - data);
    const char *place = arena_text_n(a, (const char *)data, len < 4096 ? len : 4096);
    struct bytes json = {end + 1, size - len - 1};
    int lines = 1;
    for (size_t i = 0; i < json.len; i++)
        lines += json.ptr[i] == '\n';
    int line = pack_line(json, place);
    ASSERT(line >= 1 && line <= lines);
    arena_end(a);
    return 0;
}
