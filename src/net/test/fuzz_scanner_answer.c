/* SPDX-License-Identifier: Apache-2.0 */
/* A scanner's answer: clean is only what says so whole; what was found bears a name for a log. */
#include <string.h>

#include "net/scanner.h"
#include "test/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    const char *name = NULL;
    enum scan_says says = scanner_answer(a, (struct bytes){data, size}, &name);
    ASSERT(name && strlen(name) <= 100);
    ASSERT((says == SCAN_FOUND) == (*name != '\0'));
    for (const char *p = name; *p; p++)
        ASSERT(*p > ' ' && *p < 127 && *p != '"' && *p != '<' && *p != '\\');
    bool ok = size >= 11 && memcmp(data, "stream: OK\0", 11) == 0;
    ASSERT((says == SCAN_CLEAN) == ok);
    arena_end(a);
    return 0;
}
