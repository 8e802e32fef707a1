/* SPDX-License-Identifier: Apache-2.0 */
/* The file that a driver of faults shares with the process it breaks: test/stories/faults.py. */
#ifndef DINH_BASE_SYS_FAULT_H
#define DINH_BASE_SYS_FAULT_H

#include "base/sys.h"

/* Beside errnos (base/sys.h) a plan's actions are "delay": the call takes a third of a second more
   and is as if nothing were; and, of net, "duplicate": the caller does it twice. */
#define SYS_FAULT_TWICE EALREADY

/* All int64 are little-endian; hits stay over restarts, the other counts begin with each plan. */
#define SYS_FAULT_PLAN_BYTES 2048
#define SYS_FAULT_POINTS_MAX 64
struct sys_fault_file {
    _Atomic int64_t asked; /* the driver's: negative while it writes `plan`, then a new number */
    _Atomic int64_t armed; /* the number whose plan holds, set at the next call that counts */
    _Atomic int64_t fired; /* calls that the plan made fail */
    _Atomic int64_t calls[SYS_KINDS];
    char plan[SYS_FAULT_PLAN_BYTES]; /* "" disarms */
    struct {
        char name[56];
        _Atomic int64_t hits;
    } points[SYS_FAULT_POINTS_MAX];
};

void sys_sync_lose(void); /* a sync failed; only sys_fault_arm() takes it back: a test's new disk */

#endif
