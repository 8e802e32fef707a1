/* SPDX-License-Identifier: Apache-2.0 */
/* What text_clean lets in is what the house relies on: UTF-8, in NFC, trimmed, within bounds;
   cleaning it again changes nothing, and its search key doesn't depend on the spelling. */
#include "test/fuzz.h"

#include <string.h>
#include <utf8proc.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"

enum { MAX_CHARS = 1000 };

static bool utf8proc_agrees(const char *text)
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text;
    utf8proc_int32_t ch = 0;
    for (utf8proc_ssize_t n; *p; p += n) {
        n = utf8proc_iterate(p, -1, &ch);
        if (n <= 0 || (ch < 0x20 && ch != '\t' && ch != '\n') || (ch >= 0x7f && ch <= 0x9f))
            return false;
    }
    return true;
}

static void check_key(struct arena *a, const char *text)
{
    char *key = text_fold(a, text);
    ASSERT(utf8proc_agrees(key));
    ASSERT(!strstr(key, "  ") && !text_starts(key, " ") && !text_ends(key, " "));
    for (const char *p = key; *p; p++)
        ASSERT(*p < 'A' || *p > 'Z');
    ASSERT(text_eq(text_fold(a, key), key));
    utf8proc_uint8_t *apart = utf8proc_NFD((const utf8proc_uint8_t *)text);
    ASSERT(apart && text_eq(text_fold(a, (const char *)apart), key));
    sys_free(apart);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx c = {.arena = arena_new(0)};
    const char *text, *again;
    if (text_clean(&c, "f", (struct bytes){data, size}, MAX_CHARS, &text) == OK) {
        ASSERT(text_chars(text) <= MAX_CHARS && utf8proc_agrees(text));
        ASSERT(text_is_utf8(bytes_of(text)));
        ASSERT(text_clean(&c, "f", bytes_of(text), MAX_CHARS, &again) == OK);
        ASSERT(text_eq(text, again));
        check_key(c.arena, text);
        text_upper_first(c.arena, text);
        log_mask(c.arena, text);
    } else {
        ASSERT(c.n_faults == 1);
    }
    arena_end(c.arena);
    return 0;
}
