/* SPDX-License-Identifier: Apache-2.0 */
/* Whole uploads: an upload that is refused says why; one that is taken comes back byte for byte. */
#include "core/files.h"
#include "test/fuzz.h"
#include "test/harness/shell_test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    struct actor who = {.kind = ACTOR_SYSTEM, .account = "fuzz", .person = ""};
    static const uint8_t root[32] = {1};
    static struct keeper *keeper;
    keeper = keeper ? keeper : keeper_of_root((struct bytes){root, sizeof root});
    struct node n = {.name = "fuzz", .keeper = keeper};
    struct ctx c = {.arena = a, .actor = &who, .node = &n, .request_id = "fuzz"};
    n.data_dir = test_dir(&c);
    struct file f;
    struct bytes content;
    if (file_take(&c, "file", "name", (struct bytes){data, size}, &f)) {
        ASSERT(c.n_faults > 0);
    } else {
        ASSERT(file_content(&c, &f, &content) == OK && content.len == (size_t)f.bytes);
    }
    test_dir_end(n.data_dir);
    arena_end(a);
    return 0;
}
