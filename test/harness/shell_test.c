/* SPDX-License-Identifier: Apache-2.0 */
#include "test/harness/unit.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "test/harness/shell_test.h"

#define OUT_MAX (1 << 20)

char *test_dir(struct ctx *c)
{
    const char *tmp = getenv("TMPDIR");
    char *dir = arena_printf(c->arena, "%s/dinh-test.XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(dir));
    return dir;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

void test_dir_end(const char *dir)
{
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int test_run(struct ctx *c, const char *command, char **ret_out)
{
    char piece[4096];
    size_t n;
    struct buf out = buf_new(c->arena, OUT_MAX);
    FILE *pipe = popen(arena_printf(c->arena, "{ %s; } 2>&1", command), "r");
    assert_non_null(pipe);
    while ((n = fread(piece, 1, sizeof piece, pipe)) > 0)
        buf_add(&out, piece, n);
    int status = pclose(pipe);
    *ret_out = arena_text(c->arena, out.ptr);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
