/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an urlencoded form; what was read, written again, must be read as the same. */
#include <string.h>

#include "base/text.h"
#include "test/fuzz.h"
#include "web/web_call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx c = {.arena = arena_new(0), .request_id = "fuzz"};
    struct http_header *pairs = NULL, *again = NULL;
    size_t n = 0, m = 0;
    if (form_urlencoded(&c, (struct bytes){data, size}, &pairs, &n) == OK) {
        struct buf b = buf_new(c.arena, 8 << 20);
        for (size_t i = 0; i < n; i++) {
            if (i > 0)
                buf_char(&b, '&');
            buf_url(&b, pairs[i].name);
            buf_char(&b, '=');
            buf_url(&b, pairs[i].value);
        }
        ASSERT(form_urlencoded(&c, buf_bytes(&b), &again, &m) == OK && m == n);
        for (size_t i = 0; i < n; i++)
            ASSERT(text_eq(pairs[i].name, again[i].name) &&
                   text_eq(pairs[i].value, again[i].value));
    }
    arena_end(c.arena);
    return 0;
}
