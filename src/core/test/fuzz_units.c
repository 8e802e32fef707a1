/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the table of administrative units, its head put before them: what is taken has a
   code, both names and a parent that is there. */
#include "base/buf.h"
#include "core/country_inside.h"
#include "test/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char head[] = "code\tparent\tlevel\tkind\tname\tname_en\n";
    struct ctx c = {.arena = arena_new(8 << 20), .request_id = "fuzz"};
    struct buf b = buf_new(c.arena, 1 << 20);
    struct country country = {0};
    struct country_reading r = {.c = &c, .arena = c.arena, .country = &country};
    struct catalogue units = {0};
    buf_text(&b, head);
    buf_add(&b, data, size < 65536 ? size : 65536);
    if (country_parse_units(&r, buf_bytes(&b), &units)) {
        ASSERT(c.n_faults > 0);
    } else {
        for (size_t i = 0; i < units.n; i++)
            ASSERT(*units.rows[i].code && *units.rows[i].name[0] && *units.rows[i].name[1]);
    }
    arena_end(c.arena);
    return 0;
}
