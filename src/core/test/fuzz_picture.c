/* SPDX-License-Identifier: Apache-2.0 */
/* Uploaded bytes: what is told to be sound stays sound, and nothing is left to strip. */
#include <string.h>

#include "base/text.h"
#include "core/files.h"
#include "core/picture.h"
#include "test/fuzz.h"

static void check(struct arena *a, struct bytes in, const char *type,
                  bool (*strip)(struct arena *, struct bytes, struct bytes *))
{
    struct bytes once, twice;
    if (!strip(a, in, &once))
        return;
    ASSERT(text_eq(file_sniff(once), type));
    ASSERT(strip(a, once, &twice) && twice.len == once.len);
    ASSERT(memcmp(once.ptr, twice.ptr, once.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = {data, size};
    struct arena *a = arena_new(0);
    const char *type = file_sniff(in);
    if (text_eq(type, "image/jpeg"))
        check(a, in, type, jpeg_strip);
    if (text_eq(type, "image/png"))
        check(a, in, type, png_strip);
    arena_end(a);
    return 0;
}
