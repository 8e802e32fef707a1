/* SPDX-License-Identifier: Apache-2.0 */
/* base64, base64url, hex: a value has one text, so encoding what was decoded gives the input. */
#include "test/fuzz.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/text.h"

static const char *as_base64(struct arena *a, struct bytes in)
{
    struct buf b = buf_new(a, in.len * 2 + 4);
    buf_base64url(&b, in);
    for (size_t i = 0; i < b.len; i++) {
        if (b.ptr[i] == '-')
            b.ptr[i] = '+';
        else if (b.ptr[i] == '_')
            b.ptr[i] = '/';
    }
    while (b.len % 4)
        buf_char(&b, '=');
    return b.ptr;
}

static const char *as_hex(struct arena *a, struct bytes in)
{
    struct buf b = buf_new(a, in.len * 2);
    buf_hex(&b, in);
    return b.ptr;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    const char *in = arena_text_n(a, (const char *)data, size);
    struct bytes out;
    if (base64_decode(a, in, &out))
        ASSERT(text_eq(as_base64(a, out), in));
    if (base64url_decode(a, in, &out)) {
        struct buf b = buf_new(a, size);
        buf_base64url(&b, out);
        ASSERT(text_eq(b.ptr, in));
    }
    if (hex_decode(a, in, &out))
        ASSERT(strcasecmp(as_hex(a, out), in) == 0);
    if (id_is(in))
        ASSERT(strlen(in) == ID_LEN && !strpbrk(in, "ILOUilou"));
    arena_end(a);
    return 0;
}
