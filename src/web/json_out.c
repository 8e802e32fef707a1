/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "web/json.h"

#define JSON_OUT_MAX (64 * 1024 * 1024)

static int add(const char *ptr, size_t len, void *arg)
{
    struct buf *b = arg;
    buf_add(b, ptr, len);
    return -(int)buf_full(b);
}

char *json_out(struct arena *a, const json_t *j, bool indented)
{
    struct buf b = buf_new(a, JSON_OUT_MAX);
    size_t flags =
        JSON_ENCODE_ANY | JSON_PRESERVE_ORDER | (indented ? JSON_INDENT(2) : JSON_COMPACT);
    int rest = json_dump_callback(j, add, &b, flags);
    ASSERT(rest == 0);
    return b.ptr;
}
