/* SPDX-License-Identifier: Apache-2.0 */
#include "core/say.h"

#include "base/buf.h"

#define SAY_MAX_BYTES (64 * 1024)

const char *say(struct arena *a, enum lang lang, enum text key, const char *one, const char *two,
                const char *three)
{
    const char *args[] = {one, two, three};
    struct buf out = buf_new(a, SAY_MAX_BYTES);
    for (const char *p = text_get(key, lang); *p; p++) {
        if (p[0] == '{' && p[1] >= '1' && p[1] <= '3' && p[2] == '}') {
            buf_text(&out, args[p[1] - '1']);
            p += 2;
        } else {
            buf_char(&out, *p);
        }
    }
    return out.ptr;
}
