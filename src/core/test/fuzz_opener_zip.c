/* SPDX-License-Identifier: Apache-2.0 */
/* Archives and what office files hold; what is taken is one of the types we know. */
#include "core/opener.h"

#include "base/sys.h"
#include "base/text.h"
#include "core/files.h"
#include "test/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct ctx c = {.arena = a, .request_id = "fuzz"};
    const char *type = NULL;
    ASSERT(opener_xml_load());
    enum err e = opener_zip(&c, (struct bytes){data, size}, &type);
    ASSERT(!e == (c.n_faults == 0));
    ASSERT(e || file_office(bytes_of(type)));
    arena_end(a);
    return 0;
}
