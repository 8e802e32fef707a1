/* SPDX-License-Identifier: Apache-2.0 */
/* An instant that is read is written and read again to the same microsecond. */
#include "test/fuzz.h"

#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx c = {.arena = arena_new(0)};
    const char *in = arena_text_n(c.arena, (const char *)data, size);
    int64_t us, again;
    if (time_parse(&c, "f", in, &us) == OK) {
        struct civil t = civil_from_us(us, 0);
        if (t.year >= 1 && t.year <= 9999) { /* an offset may carry it over the edge */
            ASSERT(time_parse(&c, "f", time_iso(c.arena, us), &again) == OK && us == again);
            ASSERT(local_day_start_us(local_day(us)) <= us);
        }
    }
    arena_end(c.arena);
    return 0;
}
