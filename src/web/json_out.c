/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "web/json.h"

#define JSON_OUT_MAX (64 * 1024 * 1024)

static int add(const char *ptr, size_t len, void *arg)
{
    struct buf *b = arg;
    buf_add(b, ptr, len);
    return buf_full(b) ? -1 : 0;
}

char *json_out(struct arena *a, const json_t *j, bool indented)
{
    struct buf b = buf_new(a, JSON_OUT_MAX);
    size_t flags =
        JSON_ENCODE_ANY | JSON_PRESERVE_ORDER | (indented ? JSON_INDENT(2) : JSON_COMPACT);
    if (json_dump_callback(j, add, &b, flags))
        BUG("a JSON document that can't be written");
    return b.ptr;
}
