/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one seam to the world: files, clock, randomness, memory, exit. Production passes straight
 * through; a test arms a fault plan or moves the virtual clock. Sockets live behind net/, database
 * files behind db/, both of which consult sys_fault() at their own points.
 *
 * Plan (environment DINH_FAULT or sys_fault_arm), clauses parted by commas:
 *   KIND:k:ACTION[:sticky]        the k-th call of that kind from now (sticky: and all later ones)
 *   point:NAME:k:ACTION[:sticky]  the k-th time that fault point is passed
 *   clock:jump:SECONDS            at once
 * KIND is a name of enum sys_kind in lower case; ACTION an errno such as EIO or ENOSPC, "crash"
 * (as kill -9), or for points "fail". Without DINH_FAULTS no plan can be armed.
 *
 * DINH_FAULT_FILE names a struct sys_fault_file (base/sys_fault.h) that another process maps: it
 * changes the plan while this one runs, and reads what was counted.
 */
#ifndef DINH_BASE_SYS_H
#define DINH_BASE_SYS_H

#include "base/ctx.h"

enum sys_kind {
    SYS_MALLOC,
    SYS_OPEN,
    SYS_READ,
    SYS_WRITE,
    SYS_FSYNC,
    SYS_RENAME,
    SYS_UNLINK,
    SYS_MKDIR,
    SYS_DB,
    SYS_NET,
    SYS_RANDOM,
    SYS_POINT,
    SYS_KINDS
};
/* ---- clock ---- */
int64_t sys_now_us(void);        /* wall clock, or the virtual one */
int64_t sys_mono_us(void);       /* never goes back; for timeouts and durations */
int64_t sys_clock_back_us(void); /* how far the wall clock fell behind since the first call */
/* Virtual clock: now = real + offset. Shared by processes through a file of 8 bytes (little-endian
   int64 offset in microseconds), mapped, made when absent; NULL goes back to the real clock. */
MUST_CHECK enum err sys_clock_file(struct ctx *c, const char *path);
void sys_clock_set(int64_t now_us); /* this process only: the clock stands at this instant */
void sys_clock_move(int64_t by_us); /* with a clock file: for all processes that share it */
void sys_mono_set(int64_t us);      /* this process only: the monotonic one stands too */
/* ---- randomness ---- */
void sys_random(void *ptr, size_t len); /* getrandom(2); a failure ends the process */
void sys_random_seed(uint64_t seed);    /* tests: deterministic from here on; 0 = real again */

/* ---- files; paths are UTF-8. ERR_IO, ERR_DISK_FULL, ERR_READ_ONLY and, where the file must be
   there, ERR_NOT_FOUND name the path as field and the errno, "EIO", as {2}. What changes a file or
   a folder is on the disk when it gives OK: the power may go then. ---- */
/* Longer than max_bytes: ERR_TOO_LONG. A NUL follows the last byte. */
MUST_CHECK enum err sys_read_file(struct ctx *c, const char *path, size_t max_bytes,
                                  struct bytes *ret);
/* At most max_bytes from offset on; empty at the end. For what is larger than memory. */
MUST_CHECK enum err sys_read_part(struct ctx *c, const char *path, int64_t offset, size_t max_bytes,
                                  struct bytes *ret);
/* Behind the file's end, made when absent. last: from then on the disk has all of it, and its name;
   before that nothing is promised. */
MUST_CHECK enum err sys_append_file(struct ctx *c, const char *path, struct bytes in, int mode,
                                    bool last);
/* Whole or not at all: temporary file, fsync, rename, fsync of the folder. mode holds whatever the
   umask. A crash may leave the temporary file, "NAME.new-" and 16 hex digits: harmless. */
MUST_CHECK enum err sys_write_file(struct ctx *c, const char *path, struct bytes in, int mode);
MUST_CHECK enum err sys_mkdir(struct ctx *c, const char *path, int mode); /* exists: fine */
MUST_CHECK enum err sys_unlink(struct ctx *c, const char *path);          /* absent: fine */
MUST_CHECK enum err sys_rename(struct ctx *c, const char *from, const char *to);
/* What another thread gave that name a moment ago keeps it. */
MUST_CHECK enum err sys_sync_name(struct ctx *c, const char *path);
/* A sync failed: all since then fail, since what the kernel says of the disk may be wrong; the
   process must end. */
bool sys_sync_failed(void);
MUST_CHECK enum err sys_remove_tree(struct ctx *c, const char *path); /* follows no link */
bool sys_exists(const char *path);
bool sys_may_write(const char *path);  /* this process, there */
bool sys_is_private(const char *path); /* open to nobody but its owner; or not there */
MUST_CHECK enum err sys_list(struct ctx *c, const char *dir, const char ***ret_names,
                             size_t *ret_n); /* sorted, without . and .. */
/* One node per data folder, until sys_unlock or the process' end; ERR_CONFLICT when another process
   holds it. */
MUST_CHECK enum err sys_lock_dir(struct ctx *c, const char *dir, int *ret_lock);
void sys_unlock(int lock);
/* ---- faults ---- */
MUST_CHECK bool sys_fault_arm(const char *plan); /* false: the plan doesn't parse; NULL disarms */
/* Counts a call; gives 0, or the errno the plan wants for this one. */
int sys_fault(enum sys_kind kind);
int64_t sys_fault_calls(enum sys_kind kind); /* calls counted since the last arm */

/* A named place where a test may break us: if (FAULT_POINT("outbox.send.after")) return ERR_IO;
   Registers itself in section faultpts; compiled out of release builds (DINH_FAULTS undefined). */
struct fault_point {
    const char *name;
    int64_t hits;
};
bool sys_fault_point(struct fault_point *p);
const struct fault_point *sys_fault_points(size_t *ret_n);
#ifdef DINH_FAULTS
#define FAULT_POINT(point_name)                                                                    \
    __extension__({                                                                                \
        static struct fault_point fp_                                                              \
            __attribute__((section("faultpts"), used, aligned(16))) = {(point_name), 0};           \
        sys_fault_point(&fp_);                                                                     \
    })
#else
#define FAULT_POINT(point_name) false
#endif

void *sys_malloc(size_t bytes); /* only for base/ and pools; NULL when refused */
void *sys_zeroed(size_t bytes); /* the same, all zero; large ones weigh only where written to */
void *sys_realloc(void *ptr, size_t bytes);
void sys_free(void *ptr);
/* What is free in the allocator goes back to the system. Some milliseconds. */
void sys_give_back(void);
/* Before any thread: of what is free at the end of a pool at most 1 MiB is kept. Left alone, the
   allocator keeps twice the largest block it ever mapped, for each pool (mallopt(3)). */
void sys_keep_little(void);

#endif
