/* SPDX-License-Identifier: Apache-2.0 */
/* A PDF is looked through whatever it holds; one with a script in clear is never let through. */
#include "core/opener.h"

#include <string.h>

#include "base/sys.h"
#include "test/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct ctx c = {.arena = a, .request_id = "fuzz"};
    enum err e = opener_pdf(&c, (struct bytes){data, size});
    ASSERT(!e == (c.n_faults == 0));
    ASSERT(e || !memmem(data, size, "/JavaScript ", 12));
    arena_end(a);
    return 0;
}
