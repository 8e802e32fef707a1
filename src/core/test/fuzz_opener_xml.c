/* SPDX-License-Identifier: Apache-2.0 */
/* XML of strangers; one with a document type is never let through. */
#include "core/opener.h"

#include <string.h>

#include "base/sys.h"
#include "test/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct ctx c = {.arena = a, .request_id = "fuzz"};
    ASSERT(opener_xml_load());
    enum err e = opener_xml(&c, (struct bytes){data, size});
    ASSERT(!e == (c.n_faults == 0));
    ASSERT(e || size < 9 || memcmp(data, "<!DOCTYPE", 9) != 0);
    arena_end(a);
    return 0;
}
