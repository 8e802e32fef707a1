/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a proof between two heads: what is read prints as it came; and as a head from a
   paper. */
#include <string.h>

#include "core/tree.h"
#include "test/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(8 << 20);
    struct tree_proof p;
    char *text = arena_text_n(a, (const char *)data, size < 65536 ? size : 65536);
    if (tree_proof_read(a, text, &p)) {
        const char *again = tree_proof_text(a, &p);
        size_t n = strlen(again);
        ASSERT(p.n <= MERKLE_PATH_MAX && strncmp(again, text, n) == 0);
        ASSERT(!text[n] || (text[n] == ' ' && !text[n + 1]));
    }
    int64_t places;
    const char *root;
    if (tree_short_read(a, text, &places, &root))
        ASSERT(places > 0 && strlen(root) >= 16 && strlen(root) <= 64);
    arena_end(a);
    return 0;
}
