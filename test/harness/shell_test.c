/* SPDX-License-Identifier: Apache-2.0 */
#include "test/harness/unit.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "test/harness/shell_test.h"

#define OUT_MAX      (1 << 20)
#define MEMORY_BYTES (1ul << 30)

/* In memory where it has room: nothing of a test outlives it, and a test waits longer for a disk's
   syncs than for all else. */
static const char *place(void)
{
    const char *tmp = getenv("TMPDIR");
    struct statvfs at;
    if (tmp && *tmp)
        return tmp;
    bool room = access("/dev/shm", W_OK) == 0 && statvfs("/dev/shm", &at) == 0 &&
                at.f_bavail * at.f_frsize > MEMORY_BYTES;
    return room ? "/dev/shm" : "/tmp";
}

char *test_dir(struct ctx *c)
{
    char *dir = arena_printf(c->arena, "%s/dinh-test.XXXXXX", place());
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
