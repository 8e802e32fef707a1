/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a raw path: what a parameter gets never leaves its segment. */
#include <string.h>

#include "base/text.h"
#include "test/fuzz.h"
#include "web/web_call.h"

static enum err nothing(struct ctx *c, struct req *r)
{
    (void)c;
    (void)r;
    return OK;
}

static const struct route rows[] = {
    {.method = "GET", .path = "/", .permission = PUBLIC, .handler = nothing},
    {.method = "GET", .path = "/a/{x}", .permission = PUBLIC, .handler = nothing},
    {.method = "GET", .path = "/a/b", .permission = PUBLIC, .handler = nothing},
    {.method = "GET", .path = "/a/{x}/{y}/c", .permission = PUBLIC, .handler = nothing},
    {.method = "GET", .path = "/r1/{x}/{rest*}", .permission = PUBLIC, .handler = nothing},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx c = {.arena = arena_new(0), .request_id = "fuzz"};
    struct web w = {.arena = c.arena};
    struct match m;
    ASSERT(web_add(&c, &w, "fuzz", rows, ARRAY_LEN(rows)) == OK);
    const char *path = arena_text_n(c.arena, (const char *)data, size);
    ASSERT(!path_is_own(path) || (path[0] == '/' && path[1] != '/' && !strpbrk(path, "\\\t\r\n ")));
    if (route_match(c.arena, &w, path, &m) && m.branch) {
        for (size_t i = 0; i < MAX_PARAMS && m.param[i]; i++) {
            ASSERT(!strstr(m.param[i], "..") || strlen(m.param[i]) > 2);
            ASSERT(!strchr(m.param[i], '\\') && text_is_utf8(bytes_of(m.param[i])));
            ASSERT(m.branch->rest || !strchr(m.param[i], '/'));
        }
    }
    arena_end(c.arena);
    return 0;
}
