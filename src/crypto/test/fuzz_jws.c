/* SPDX-License-Identifier: Apache-2.0 */
/* A token from outside, and the coordinates of a key. Nobody but the key's holder makes one that
   verifies: what passes must be in the corpus, word for word. */
#include <string.h>

#include "crypto/test/fuzz_crypto.h"

static struct bytes known_point(void)
{
    static struct arena *kept;
    static struct bytes point;
    if (!kept) {
        kept = arena_new(0);
        ASSERT(jwk_point(kept, FUZZ_KEY_X, FUZZ_KEY_Y, &point));
    }
    return point;
}

static void coordinates(struct arena *a, const char *text)
{
    struct bytes point;
    size_t half = strlen(text) / 2;
    if (jwk_point(a, arena_text_n(a, text, half), text + half, &point)) {
        ASSERT(point.len == 65 && strlen(key_id(a, point)) == 43);
        ASSERT(!key_verify(point, bytes_of("x"), (struct bytes){point.ptr, 64}));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct bytes point, payload;
    const char *text = arena_text_n(a, (const char *)data, size);
    if (jws_verify(a, text, known_point(), &payload))
        ASSERT(payload.len == 9 && memcmp(payload.ptr, "{\"a\":\"b\"}", 9) == 0);
    if (jws_verify_own(a, text, "dpop+jwt", &point, &payload))
        ASSERT(point.len == 65 && payload.len <= size);
    coordinates(a, text);
    arena_end(a);
    return 0;
}
