/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as JSON: taken or refused with line and reason, never deeper than the cap. */
#include "test/fuzz.h"
#include "web/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx c = {.arena = arena_new(0), .request_id = "fuzz"};
    struct bytes in = {data, size};
    json_t *j = NULL;
    if (json_in(&c, "fuzz", in, &j) == OK)
        ASSERT(json_depth(in) <= JSON_DEPTH);
    else
        ASSERT(!j && c.n_faults == 1 && c.faults[0].args[1]);
    json_end(j);
    arena_end(c.arena);
    return 0;
}
