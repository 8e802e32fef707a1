/* SPDX-License-Identifier: Apache-2.0 */
/* A list of revoked certificates, of an authority that signed none of them: each is taken apart,
   none is believed. */
#include "crypto/test/fuzz_crypto.h"

static struct cert *authority(struct ctx *c)
{
    static struct cert *ca;
    static struct key *key;
    struct cert_wish w = {.common_name = "fuzz",
                          .ca = true,
                          .from_us = FUZZ_NOW_US - DAY_US,
                          .until_us = FUZZ_NOW_US + DAY_US};
    if (!ca) {
        ASSERT(key_new(c, &key) == OK);
        ASSERT(cert_issue(c, &w, key, NULL, NULL, &ca) == OK);
    }
    return ca;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx c = {.arena = arena_new(0), .now_us = FUZZ_NOW_US, .request_id = "fuzz"};
    struct crl *x = NULL;
    ASSERT(crl_parse(&c, (struct bytes){data, size}, authority(&c), &x) == ERR_CERT_BAD && !x);
    arena_end(c.arena);
    return 0;
}
