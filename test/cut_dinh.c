/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh serve`, `init`, `backup` and `restore` on a disk whose power is cut: test/stories/kill.py
   and cuts.py run them. DINH_CUT="AT:SEED:honest" cuts at the AT-th change; in place of "honest"
   stands which syncs the disk forgets: "lies", "lies-files", "lies-folders". AT 0: right after a
   command that was done. Without DINH_CUT the disk is sound, and a command that ends says on stderr
   how many changes it made. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/config.h"
#include "base/id.h"
#include "base/sys.h"
#include "base/text.h"
#include "test/harness/cut.h"

static const struct {
    const char *name;
    int (*run)(struct ctx *c, int argc, char **argv);
} commands[] = {{"serve", cmd_serve},
                {"init", cmd_init},
                {"backup", cmd_backup},
                {"restore", cmd_restore},
                {"keys", cmd_keys}};

static const char *const lies[] = {"honest", "lies", "lies-files", "lies-folders"};

static bool arm(struct arena *a, const char *plan)
{
    size_t n, lie = 0;
    const char **parts = text_split(a, plan, ':', &n);
    int64_t at, seed;
    if (n != 3 || !text_to_int(parts[0], &at) || !text_to_int(parts[1], &seed))
        return false;
    while (lie < ARRAY_LEN(lies) && !text_eq(parts[2], lies[lie]))
        lie++;
    cut_arm(at, (uint64_t)seed, (enum cut_lie)lie);
    return lie < ARRAY_LEN(lies);
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
    int code = 2;
    if (argc > 1 && text_eq(argv[1], "serve")) /* as main() does */
        app_children();
    cut_install();
    config_key_secret(argc > 2 ? option(argc - 2, argv + 2, "key-secret", NULL) : NULL);
    if (argc < 2 || (plan && !arm(c.arena, plan)))
        return code;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (text_eq(argv[1], commands[i].name))
            code = commands[i].run(&c, argc - 2, argv + 2);
    if (plan && code == 0)
        cut_now();
    if (!plan)
        fprintf(stderr, "changes %lld\n", (long long)cut_passed());
    arena_end(c.arena);
    return code;
}
