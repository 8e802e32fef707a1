/* SPDX-License-Identifier: Apache-2.0 */
/* The code of a birth certificate as a stranger's camera reads it. Nobody here holds the key that
   is asked for: nothing may pass. */
#include "crypto/test/fuzz_crypto.h"
#include "systems/civilstatus/civilstatus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct bytes point;
    const char *text = arena_text_n(a, (const char *)data, size);
    ASSERT(jwk_point(a, FUZZ_KEY_X, FUZZ_KEY_Y, &point));
    ASSERT(!civilstatus_code_holds(a, text, point));
    arena_end(a);
    return 0;
}
