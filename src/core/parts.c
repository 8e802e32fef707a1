/* SPDX-License-Identifier: Apache-2.0 */
#include "core/parts.h"

#include "base/buf.h"
#include "web/json.h"

#define BODY_MAX_BYTES (16 * 1024)

struct bytes parts_seal(struct ctx *c, enum secret_use use, const char *aad,
                        const struct part *parts, size_t n)
{
    struct buf b = buf_new(c->arena, BODY_MAX_BYTES);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&b, "%s\"%s\":", i ? "," : "{", parts[i].name);
        buf_json(&b, *parts[i].text ? *parts[i].text : "");
    }
    buf_char(&b, '}');
    ASSERT(!buf_full(&b));
    return secret_seal(c, use, aad, buf_bytes(&b));
}

enum err parts_open(struct ctx *c, enum secret_use use, const char *aad, struct bytes sealed,
                    const struct part *parts, size_t n)
{
    struct bytes plain;
    json_t *j;
    for (size_t i = 0; i < n; i++)
        *parts[i].text = "";
    if (!sealed.len)
        return OK;
    enum err e = secret_open(c, use, aad, sealed, &plain);
    if (!e)
        e = json_in(c, aad, plain, &j);
    if (e)
        return e;
    for (size_t i = 0; i < n; i++)
        *parts[i].text = arena_text(c->arena, json_text_of(j, parts[i].name, ""));
    json_end(j);
    return OK;
}
