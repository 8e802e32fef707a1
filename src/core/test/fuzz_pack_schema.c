/* SPDX-License-Identifier: Apache-2.0 */
/* Any JSON as a document of a country pack, held against its schema. First byte: which. */
#include "core/pack_inside.h"
#include "test/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const schemas[] = {"calendar", "catalogue",  "country",  "procedure",
                                          "register", "indicators", "agencies", "roles"};
    if (!size)
        return 0;
    struct ctx c = {.arena = arena_new(64 << 20), .request_id = "fuzz"};
    struct pack_file f = {.name = "f.json", .text = {data + 1, size - 1}};
    if (!json_in(&c, f.name, f.text, &f.root)) {
        size_t n = pack_schema_faults(&c, &f, schemas[data[0] % ARRAY_LEN(schemas)]);
        ASSERT((n > 0) == (c.n_faults > 0));
    }
    json_end(f.root);
    arena_end(c.arena);
    return 0;
}
