/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sandbox.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/sandbox_inside.h"

static bool holds[SANDBOX_PARTS]; /* written before there are threads, or by the main one */

void sandbox_mark(enum sandbox_part part)
{
    holds[part] = true;
}

bool sandbox_holds(enum sandbox_part part)
{
    return holds[part];
}

const char *sandbox_level(void)
{
    if (!holds[SANDBOX_CALLS])
        return "off";
    for (int i = 0; i < SANDBOX_PARTS; i++)
        if (!holds[i])
            return "reduced";
    return "full";
}

int sandbox_private(void)
{
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return errno;
    sandbox_mark(SANDBOX_PRIVATE);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return errno;
    sandbox_mark(SANDBOX_NO_PRIVILEGES);
    return 0;
}

static enum err refused(struct ctx *c, const char *step, int error)
{
    const char *name = strerrorname_np(error);
    return fail(c, ERR_SANDBOX, step, name ? name : "?");
}

enum err sandbox_reach(struct ctx *c, const struct sandbox_plan *p)
{
    int error = sandbox_private();
    if (error)
        return refused(c, "prctl", error);
    error = sandbox_landlock(p);
    return error ? refused(c, "landlock", error) : OK;
}

enum err sandbox_calls(struct ctx *c)
{
    int error = sandbox_filter_node();
    return error ? refused(c, "seccomp", error) : OK;
}

bool sandbox_child(const char *const *more)
{
    static const struct sandbox_plan nothing = {.n_paths = 0};
    return sandbox_private() == 0 && sandbox_landlock(&nothing) == 0 &&
           sandbox_filter_child(more) == 0;
}
