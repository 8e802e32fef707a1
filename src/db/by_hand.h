/* SPDX-License-Identifier: Apache-2.0 */
/* The writer without its thread, for programs that run a node in one (test/sim): what was queued is
   run and committed when they say so, in their thread. */
#ifndef DINH_DB_BY_HAND_H
#define DINH_DB_BY_HAND_H

#include "db/db.h"

/* Before db_open(): databases opened from now on have no writer thread. There db_write() commits
   all that waits, its own work last, before it returns. */
void db_by_hand(void);
/* One batch, with its answers; false: nothing waited. */
bool db_step(struct db *db);

#endif
