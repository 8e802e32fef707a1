/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a multipart form; boundary "b", or what stands before the first line feed. */
#include <string.h>

#include "base/text.h"
#include "test/fuzz.h"
#include "web/web_call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx c = {.arena = arena_new(0), .request_id = "fuzz"};
    const char *type = "multipart/form-data; boundary=b";
    const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
    if (line && *data == 't') {
        type = arena_text_n(c.arena, (const char *)data + 1, (size_t)(line - data) - 1);
        size -= (size_t)(line - data) + 1;
        data = line + 1;
    }
    struct http_header *pairs = NULL;
    struct upload uploads[MAX_UPLOADS];
    size_t n = 0, n_uploads = 0;
    if (form_multipart(&c, type, (struct bytes){data, size}, &pairs, &n, uploads, &n_uploads)) {
        ASSERT(c.n_faults > 0);
        n = n_uploads = 0;
    }
    for (size_t i = 0; i < n; i++) {
        ASSERT(text_is_utf8(bytes_of(pairs[i].name)) && text_is_utf8(bytes_of(pairs[i].value)));
        ASSERT(!strchr(pairs[i].value, '\r'));
    }
    for (size_t i = 0; i < n_uploads; i++) {
        ASSERT(*uploads[i].name && !strpbrk(uploads[i].name, "/\\\n\r"));
        ASSERT(uploads[i].content.len <= size);
    }
    arena_end(c.arena);
    return 0;
}
