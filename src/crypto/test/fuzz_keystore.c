/* SPDX-License-Identifier: Apache-2.0 */
/* A key file that somebody may have put there: refused with a word, or read as it stands. */
#include <string.h>

#include "base/text.h"
#include "crypto/keystore.h"
#include "crypto/test/fuzz_crypto.h"

static void one(struct ctx *c, const char *what, struct bytes in)
{
    struct key_text t;
    c->n_faults = 0;
    enum err e = key_text_read(c, "x", what, in, &t);
    ASSERT(e == OK || e == ERR_KEY_DAMAGED || e == ERR_KEY_NEWER);
    if (!e)
        ASSERT(text_starts(t.head, what) && t.node && t.file && t.store && t.kdf && t.salt);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx c = {.arena = arena_new(0)};
    struct bytes in = {data, size};
    one(&c, "dinh-key", in);
    one(&c, "dinh-keystore", in);
    char *body = arena_alloc(c.arena, size + 80); /* behind the sum */
    memcpy(body, data, size);
    memcpy(body + size, "\nsum ", 5);
    const char *hex = sha256_hex(c.arena, sha256((struct bytes){(uint8_t *)body, size + 1}));
    memcpy(body + size + 5, hex, 64);
    body[size + 69] = '\n';
    one(&c, "dinh-key", (struct bytes){(uint8_t *)body, size + 70});
    one(&c, "dinh-keystore", (struct bytes){(uint8_t *)body, size + 70});
    arena_end(c.arena);
    return 0;
}
