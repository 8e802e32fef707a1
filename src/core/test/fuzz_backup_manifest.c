/* SPDX-License-Identifier: Apache-2.0 */
/* Any JSON as the manifest of a backup: what it names lies in the data folder. */
#include <string.h>

#include "core/backup_inside.h"
#include "test/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx c = {.arena = arena_new(1 << 20), .request_id = "fuzz"};
    json_t *list = NULL;
    if (!json_in(&c, "manifest", (struct bytes){data, size}, &list)) {
        const json_t *files = json_list_of(list, "files");
        for (size_t i = 0; i < json_array_size(files); i++) {
            struct backup_entry f;
            if (!backup_entry_read(json_array_get(files, i), &f))
                continue;
            ASSERT(*f.name && *f.name != '/' && !strstr(f.name, "../"));
            ASSERT(f.first >= 0 && f.parts >= 0 && f.first + f.parts <= 2 * BACKUP_PARTS_MAX);
        }
    }
    json_end(list);
    arena_end(c.arena);
    return 0;
}
