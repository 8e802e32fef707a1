/* SPDX-License-Identifier: Apache-2.0 */
/* First line: a cookie's name, or a type or language; the rest: what a client says in Cookie,
   Accept, Accept-Language or Accept-Encoding. */
#include <string.h>

#include "test/fuzz.h"
#include "web/web_call.h"

static void likes(struct arena *a, const char *value, const char *type)
{
    int said = accept_weight(value, type);
    ASSERT(said >= -1 && said <= 1000);
    /* said alone it weighs the most, and what stands before it changes nothing */
    ASSERT(!*type || strpbrk(type, ",; \t") || accept_weight(type, type) == 1000);
    if (said >= 0 && *type && !strpbrk(type, ",; \t"))
        ASSERT(accept_weight(arena_printf(a, ",%s", value), type) == said);
}

static void cookies(struct arena *a, const struct http_request *r, const char *value,
                    const char *name)
{
    const char *found = cookie_value(a, r, name);
    ASSERT(!found || (strstr(value, found) && !strpbrk(found, "; ")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    if (!end || memchr(data, 0, size))
        return 0;
    struct arena *a = arena_new(1 << 20);
    const char *name = arena_text_n(a, (const char *)data, (size_t)(end - data));
    size_t len = size - (size_t)(end + 1 - data);
    const char *value = arena_text_n(a, (const char *)end + 1, len < 16384 ? len : 16384);
    struct http_request r = {.n_headers = 2,
                             .headers = {{"Cookie", value}, {"Accept-Encoding", value}}};
    likes(a, value, name);
    cookies(a, &r, value, name);
    if (takes_gzip(&r))
        ASSERT(strcasestr(value, "gzip"));
    arena_end(a);
    return 0;
}
