/* SPDX-License-Identifier: Apache-2.0 */
/* A PDF from outside: what can be signed keeps its bytes and can be signed again. */
#include <string.h>

#include "crypto/test/fuzz_crypto.h"

static struct key *key;
static struct cert *cert;

static void signer_once(struct ctx *c)
{
    struct cert_wish w = {.common_name = "fuzz",
                          .sign = true,
                          .from_us = FUZZ_NOW_US,
                          .until_us = FUZZ_NOW_US + DAY_US};
    if (!key)
        ASSERT(key_new(c, &key) == OK && cert_issue(c, &w, key, NULL, NULL, &cert) == OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx c = {.arena = arena_new(0), .now_us = FUZZ_NOW_US, .request_id = "fuzz"};
    struct bytes in = {data, size}, once, twice;
    signer_once(&c);
    if (pdf_sign(&c, key, cert, NULL, "Đức", "x", in, &once) == OK) {
        ASSERT(once.len > size && memcmp(once.ptr, data, size) == 0);
        ASSERT(pdf_sign(&c, key, cert, NULL, "", "", once, &twice) == OK);
        ASSERT(memcmp(twice.ptr, once.ptr, once.len) == 0);
    }
    arena_end(c.arena);
    return 0;
}
