/* SPDX-License-Identifier: Apache-2.0 */
/* What a child that was taken over may send: frames of any length, errors of any words. */
#include "test/fuzz.h"

#include <string.h>

#include "base/child.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx c = {.arena = arena_new(0)};
    struct bytes in = {data, size}, one, said;
    while (child_frame(in, 65536, &one) > 0) {
        ASSERT(one.ptr >= data && one.ptr + one.len <= data + size);
        enum err e = child_answer_read(&c, one, &said);
        ASSERT(e || said.len + 1 == one.len);
        for (size_t i = 0; i < c.n_faults; i++)
            ASSERT(text_is_utf8(bytes_of(c.faults[i].field)) && !strchr(c.faults[i].field, '\n'));
        c.n_faults = 0;
        in = (struct bytes){one.ptr + one.len, (size_t)(data + size - one.ptr) - one.len};
    }
    arena_end(c.arena);
    return 0;
}
