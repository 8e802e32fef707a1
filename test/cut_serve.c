/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh serve` on a disk whose power is cut: test/stories/kill.py runs nodes by it.
   DINH_CUT="AT:SEED:honest" cuts at the AT-th write or sync; "lies" in place of "honest" is the
   disk that forgets its syncs. Without DINH_CUT the disk is sound. */
#include <signal.h>
#include <stdlib.h>

#include "app/app.h"
#include "base/id.h"
#include "base/sys.h"
#include "base/text.h"
#include "test/harness/cut_vfs.h"

static bool arm(struct arena *a, const char *plan)
{
    size_t n;
    const char **parts = text_split(a, plan, ':', &n);
    int64_t at, seed;
    if (n != 3 || !text_to_int(parts[0], &at) || !text_to_int(parts[1], &seed))
        return false;
    cut_vfs_arm(at, (uint64_t)seed, text_eq(parts[2], "honest"));
    return true;
}

int main(int argc, char **argv)
{
    static const struct actor operator_ = {.kind = ACTOR_SYSTEM,
                                           .account = "operator",
                                           .person = "",
                                           .name = "operator",
                                           .unit = "",
                                           .unit_name = "",
                                           .role = "operator"};
    signal(SIGPIPE, SIG_IGN);
    struct ctx c = {.arena = arena_new(0), .now_us = sys_now_us(), .actor = &operator_};
    c.request_id = id_new(c.arena, c.now_us);
    const char *plan = getenv("DINH_CUT");
    cut_vfs_install();
    if (argc < 2 || !text_eq(argv[1], "serve") || (plan && !arm(c.arena, plan)))
        return 2;
    int code = cmd_serve(&c, argc - 2, argv + 2);
    arena_end(c.arena);
    return code;
}
