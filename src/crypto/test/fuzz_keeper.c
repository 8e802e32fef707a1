/* SPDX-License-Identifier: Apache-2.0 */
/* What a node that was taken over may ask of the keeper: it answers or refuses, and no answer holds
   the root key or what is derived from it. */
#include "crypto/test/fuzz_crypto.h"

#include <string.h>

#include "crypto/keeper_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t root[32] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    static struct vault *vault;
    struct ctx c = {.arena = arena_new(0)};
    if (!vault) {
        vault = vault_new((struct bytes){root, sizeof root});
        ASSERT(key_new(&c, &vault->keys[KEEPER_SIGN]) == OK);
        keeper_serve_vault(vault);
    }
    struct buf out = buf_new(c.arena, 1 << 20);
    enum err e = keeper_answer(&c, (struct bytes){data, size}, &out);
    ASSERT(e == OK || e == ERR_BAD_ENCODING);
    ASSERT(e == OK || out.len == 0);
    ASSERT(out.len < sizeof root || !memmem(out.ptr, out.len, root, sizeof root));
    for (size_t i = 0; i < vault->n_uses; i++)
        ASSERT(out.len < 32 || !memmem(out.ptr, out.len, vault->uses[i].key, 32));
    arena_end(c.arena);
    return 0;
}
