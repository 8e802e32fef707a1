/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "app/diagnose.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"

#define MIB          INT64_C(1048576)
#define FREE_LOOK    (1024 * MIB)
#define FREE_BROKEN  (64 * MIB)
#define SYNCS        16
#define SYNC_LOOK_US INT64_C(20000) /* the median; a disk that is well needs a tenth */
#define FILES_LOOK   4608           /* 4,096 connections, and what else is open */
#define MEMORY_LOOK  (256 * MIB)

#ifdef DINH_SANITIZE
#define BUILD_KIND  "test build"
#define BUILD_STATE FINDING_LOOK
#else
#define BUILD_KIND  "release"
#define BUILD_STATE FINDING_OK
#endif

void diagnose_program(struct diagnosis *d)
{
    struct utsname u = {.release = "?"};
    int version = sandbox_landlock_version();
    bool calls = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
    diagnose_found(d, TOPIC_VERSION, BUILD_STATE,
                   "dinh " APP_VERSION ", " BUILD_KIND ", " __VERSION__);
    uname(&u);
    diagnose_found(d, TOPIC_KERNEL, version >= 6 && calls ? FINDING_OK : FINDING_LOOK,
                   arena_printf(d->c->arena, "%s %s, Landlock %d, seccomp %s", u.sysname, u.release,
                                version, calls ? "yes" : "no"));
}

/* ---- sandbox ---- */

static enum finding_state judged(enum sandbox_act a, enum sandbox_answer answer)
{
    if (answer == SANDBOX_DENIED)
        return FINDING_OK;
    bool known = sandbox_beyond_kernel(a) || sandbox_beyond_build(a);
    return answer == SANDBOX_ALLOWED && known ? FINDING_LOOK : FINDING_BROKEN;
}

/* Tried with the plan of this node, or of one that has nothing but its folder. */
void diagnose_sandbox(struct diagnosis *d)
{
    static const char *const words[] = {"denied", "ALLOWED", "unknown"};
    enum sandbox_answer got[SANDBOX_ACTS];
    const struct sandbox_path own = {d->dir, SANDBOX_WRITE};
    struct sandbox_plan plan = {.paths = &own, .n_paths = 1};
    enum finding_state worst = FINDING_OK;
    struct buf b = buf_new(d->c->arena, 4096);
    if (d->n)
        plan = app_sandbox_plan(d->c, d->n);
    fflush(stdout);
    sandbox_prove(d->c, &plan, got);
    for (enum sandbox_act a = 0; a < SANDBOX_ACTS; a++) {
        enum finding_state s = judged(a, got[a]);
        worst = s > worst ? s : worst;
        buf_printf(&b, "%s%s %s", a ? ", " : "", sandbox_act_name(a), words[got[a]]);
    }
    diagnose_found(d, TOPIC_SANDBOX, worst, b.ptr);
}

/* ---- disk ---- */

static void disk(struct diagnosis *d)
{
    struct statvfs s;
    if (statvfs(d->dir, &s) != 0) {
        diagnose_found(d, TOPIC_DISK, FINDING_BROKEN, strerrorname_np(errno));
        return;
    }
    int64_t left = (int64_t)s.f_bavail * (int64_t)s.f_frsize;
    int64_t all = (int64_t)s.f_blocks * (int64_t)s.f_frsize;
    enum finding_state state = left < FREE_BROKEN                         ? FINDING_BROKEN
                               : left < FREE_LOOK || left < all / 20      ? FINDING_LOOK
                               : s.f_files && s.f_favail < s.f_files / 20 ? FINDING_LOOK
                                                                          : FINDING_OK;
    diagnose_found(
        d, TOPIC_DISK, state,
        arena_printf(d->c->arena, "%" PRId64 " MiB free of %" PRId64, left / MIB, all / MIB));
}

static int by_size(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The errno, or 0 and how long each write with its sync took. */
static int syncs(int fd, int64_t took_us[SYNCS])
{
    static const char block[4096];
    for (int i = 0; i < SYNCS; i++) {
        int64_t begun = sys_mono_us();
        if (pwrite(fd, block, sizeof block, (off_t)i * (off_t)sizeof block) < 0 ||
            fdatasync(fd) != 0)
            return errno;
        took_us[i] = sys_mono_us() - begun;
    }
    qsort(took_us, SYNCS, sizeof *took_us, by_size);
    return 0;
}

static void disk_sync(struct diagnosis *d)
{
    int64_t took_us[SYNCS] = {0};
    int fd = open(d->dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600); /* leaves nothing behind */
    int error = fd < 0 ? errno : syncs(fd, took_us);
    if (fd >= 0)
        close(fd);
    if (error) {
        diagnose_found(d, TOPIC_SYNC, FINDING_BROKEN, strerrorname_np(error));
        return;
    }
    int64_t middle = took_us[SYNCS / 2];
    diagnose_found(d, TOPIC_SYNC, middle > SYNC_LOOK_US ? FINDING_LOOK : FINDING_OK,
                   arena_printf(d->c->arena, "%" PRId64 " us, at worst %" PRId64 " us", middle,
                                took_us[SYNCS - 1]));
}

/* ---- limits ---- */

/* kB of a line of /proc/meminfo as bytes; -1 when it isn't there. */
static int64_t memory_left(struct ctx *c)
{
    struct bytes in;
    int64_t kb = -1;
    if (sys_read_file(c, "/proc/meminfo", 64 * 1024, &in)) {
        ctx_clear_faults(c);
        return -1;
    }
    const char *line =
        strstr(arena_text_n(c->arena, (const char *)in.ptr, in.len), "MemAvailable:");
    if (line && sscanf(line + strlen("MemAvailable:"), "%" SCNd64, &kb) != 1)
        kb = -1;
    return kb < 0 ? -1 : kb * 1024;
}

static void limits(struct diagnosis *d)
{
    struct rlimit files = {0, 0};
    int64_t memory = memory_left(d->c);
    getrlimit(RLIMIT_NOFILE, &files);
    bool few = files.rlim_cur < FILES_LOOK || (memory >= 0 && memory < MEMORY_LOOK);
    diagnose_found(d, TOPIC_LIMITS, few ? FINDING_LOOK : FINDING_OK,
                   arena_printf(d->c->arena, "files %" PRIu64 ", memory %" PRId64 " MiB",
                                (uint64_t)files.rlim_cur, memory < 0 ? -1 : memory / MIB));
}

void diagnose_machine(struct diagnosis *d)
{
    disk(d);
    disk_sync(d);
    limits(d);
}
