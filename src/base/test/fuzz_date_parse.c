/* SPDX-License-Identifier: Apache-2.0 */
/* A date that is read can be shown, read again to the same, and said in words. */
#include "test/fuzz.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx c = {.arena = arena_new(0)};
    const char *in = arena_text_n(c.arena, (const char *)data, size), *iso, *again;
    if (date_parse(&c, "f", in, true, &iso) == OK) {
        size_t len = strlen(iso);
        ASSERT(len == 4 || len == 7 || len == 10);
        ASSERT(date_parse(&c, "f", iso, true, &again) == OK && text_eq(iso, again));
        ASSERT(date_parse(&c, "f", date_show(c.arena, iso), true, &again) == OK);
        ASSERT(text_eq(iso, again));
        ASSERT((date_parse(&c, "f", in, false, &again) == OK) == (len == 10));
        ASSERT(strlen(date_words_vi(c.arena, iso)) > len);
        ASSERT(strlen(date_words_en(c.arena, iso)) > len);
    }
    arena_end(c.arena);
    return 0;
}
