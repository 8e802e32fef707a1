/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a JSON body of fields and files. */
#include <string.h>

#include "base/text.h"
#include "test/fuzz.h"
#include "web/web_call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx c = {.arena = arena_new(0), .request_id = "fuzz"};
    struct http_header *pairs = NULL;
    struct upload uploads[MAX_UPLOADS];
    size_t n = 0, n_uploads = 0;
    enum err e =
        form_json(&c, (struct bytes){data, size}, size % 2 == 0, &pairs, &n, uploads, &n_uploads);
    ASSERT(!e == (c.n_faults == 0));
    ASSERT(n_uploads <= MAX_UPLOADS && (size % 2 == 0 || n_uploads == 0));
    for (size_t i = 0; i < n; i++) {
        ASSERT(*pairs[i].name && strlen(pairs[i].name) <= 100 * 4);
        ASSERT(text_is_utf8(bytes_of(pairs[i].name)) && text_is_utf8(bytes_of(pairs[i].value)));
    }
    for (size_t i = 0; i < n_uploads; i++) {
        ASSERT(*uploads[i].name && !strpbrk(uploads[i].name, "/\\\n\r"));
        ASSERT(uploads[i].content.len <= size);
    }
    arena_end(c.arena);
    return 0;
}
