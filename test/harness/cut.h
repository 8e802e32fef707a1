/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk whose power can be cut, under every file of a node: databases through SQLite's VFS
 * (cut_vfs.c), all others through the calls that base/sys makes (cut_files.c; the program is linked
 * with --wrap for each of cut_wrapped in test/meson.build).
 *
 * It remembers what was changed since each file's and each folder's last sync. At the cut every
 * 512-byte sector written since then is kept or lost by the toss of a coin, a file's length comes
 * out anywhere between what was synced and what was written, and of each folder's changes (names
 * made, moved, removed) only the first few have happened, a number drawn by lot. The process ends
 * at once. Between folders there is no order.
 *
 * A disk that lies forgets nothing at a sync: a test that still loses nothing on it proves nothing.
 * Use it as the negative control.
 */
#ifndef DINH_TEST_HARNESS_CUT_H
#define DINH_TEST_HARNESS_CUT_H

#include <stdbool.h>
#include <stdint.h>

enum cut_lie {
    CUT_HONEST,
    CUT_LIES,         /* no sync counts */
    CUT_LIES_FILES,   /* those of the content of files that are no database */
    CUT_LIES_FOLDERS, /* those of folders */
};

/* Call it before the process opens its first database. */
void cut_install(void);
/* Locks are within the process: no other one has its databases open. Before the first is opened. */
void cut_alone(void);
/* Of all open databases only what SQLite knows of them stays. A process that is born now opens each
   one's files when it uses it, whatever they hold by then, and finds a log without its index. */
void cut_sleep(void);
/* Cuts at the at-th write, sync or change of a folder from now (0: never). seed decides what
   survives. */
void cut_arm(int64_t at, uint64_t seed, enum cut_lie lie);
/* All that was changed so far is on the disk: in a process made by one that changed files. */
void cut_forget(void);
int64_t cut_passed(void); /* of those, since it was armed */
_Noreturn void cut_now(void);
/* The exit status of a process whose power was cut. */
#define CUT_STATUS 88

#endif
