/* SPDX-License-Identifier: Apache-2.0 */
/* A period's code as it stands in an address. */
#include "engine/measure/measure.h"
#include "test/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(1 << 16);
    const char *code = arena_text_n(a, (const char *)data, size < 64 ? size : 64);
    struct measure_span s;
    if (measure_span_read(a, code, &s)) {
        ASSERT(s.from_day < s.until_day && s.until_day - s.from_day <= 366);
        struct measure_span same = measure_span_of(a, s.period, s.from_day);
        ASSERT(same.from_day == s.from_day && same.until_day == s.until_day);
    }
    arena_end(a);
    return 0;
}
