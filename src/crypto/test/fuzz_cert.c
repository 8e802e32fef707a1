/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate from outside: what parses prints and parses again as the same one. */
#include <string.h>

#include "crypto/test/fuzz_crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx c = {.arena = arena_new(0), .now_us = FUZZ_NOW_US, .request_id = "fuzz"};
    struct cert *x = NULL, *again = NULL;
    if (cert_parse(&c, (struct bytes){data, size}, &x) == OK) {
        ASSERT(cert_parse(&c, bytes_of(cert_pem(c.arena, x)), &again) == OK);
        ASSERT(strcmp(cert_fingerprint(c.arena, x), cert_fingerprint(c.arena, again)) == 0);
        ASSERT(text_is_utf8(bytes_of(cert_subject(c.arena, x, "CN"))));
        ASSERT(cert_public_point(c.arena, x).len == 65);
        cert_check(x, again, c.now_us);
        cert_until_us(x);
    }
    cert_end(x);
    cert_end(again);
    arena_end(c.arena);
    return 0;
}
