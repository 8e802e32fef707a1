/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers of the X-Road protocol from arbitrary bytes: whatever is taken is made of harmless
   characters, and written out and read again it is the same. */
#include <string.h>

#include "base/text.h"
#include "engine/exchange/xroad.h"
#include "test/fuzz.h"

static void harmless(const char *code)
{
    ASSERT(*code && !strpbrk(code, "/\\%;: \"<>&") && !text_eq(code, ".") && !text_eq(code, ".."));
}

static void path(struct arena *a, const char *text)
{
    struct xroad_id id, again;
    const char *rest;
    if (!xroad_path(a, text, &id, &rest))
        return;
    const char *const codes[] = {id.instance, id.member_class, id.member, id.subsystem, id.service};
    struct buf b = buf_new(a, 1 << 20);
    buf_text(&b, "/r1");
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        harmless(codes[i]);
        buf_char(&b, '/');
        buf_url(&b, codes[i]);
    }
    ASSERT(!*rest || *rest == '/');
    ASSERT(xroad_path(a, b.ptr, &again, &rest) && !*rest);
    ASSERT(text_eq(again.service, id.service) && text_eq(again.instance, id.instance));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct xroad_id id;
    if (size <= 16 * 1024 && !(size && memchr(data, 0, size))) {
        const char *text = arena_text_n(a, (const char *)data, size);
        path(a, text);
        path(a, arena_printf(a, "/r1/%s", text));
        if (xroad_client(a, text, &id)) {
            harmless(id.member);
            ASSERT(!*id.subsystem || strlen(id.subsystem) > 0);
        }
        if (xroad_party(a, text))
            ASSERT(size > 0);
    }
    arena_end(a);
    return 0;
}
