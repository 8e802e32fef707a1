/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk whose power can be cut. SQLite's default VFS once installed, it remembers what was
 * overwritten since each file's last sync. At the cut every 512-byte sector written since then is
 * kept or lost by the toss of a coin, and the process ends at once.
 *
 * A disk that lies (sync = false) forgets nothing at a sync: a test that still loses nothing on it
 * proves nothing. Use it as the negative control.
 */
#ifndef DINH_TEST_HARNESS_CUT_VFS_H
#define DINH_TEST_HARNESS_CUT_VFS_H

#include <stdbool.h>
#include <stdint.h>

/* Call it before the process opens its first database. */
void cut_vfs_install(void);
/* Cuts at the at-th write or sync from now. seed decides which sectors survive. */
void cut_vfs_arm(int64_t at, uint64_t seed, bool sync);
/* The exit status of a process whose power was cut. */
#define CUT_STATUS 88

#endif
