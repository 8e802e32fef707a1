/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of the disk share. Private to them. */
#ifndef DINH_TEST_HARNESS_CUT_INSIDE_H
#define DINH_TEST_HARNESS_CUT_INSIDE_H

#include <pthread.h>

#include "test/harness/cut.h"

#define CUT_SECTOR 512

extern bool cut_installed;
extern pthread_mutex_t cut_mutex; /* held over each change, and over the calls below */
void cut_tick(void);              /* before each change: the power may go here */
uint64_t cut_dice(uint64_t below);
enum cut_lie cut_lie(void);
extern void (*cut_files_forget)(void);
extern void (*cut_files_lose)(void); /* NULL where the program isn't linked with the wraps */

/* ---- cut_alone.c: what a connection holds of a database that no other process has open ---- */
extern bool cut_is_alone;
struct cut_place {
    struct cut_place *next;
    const char *name;
    int level;             /* of the file: SQLITE_LOCK_... */
    unsigned shared, held; /* of the index of the log: a bit a lock, held: by it only */
    bool asleep;           /* opened before this process was born, not used since */
};
void cut_place_begin(struct cut_place *p, const char *name);
void cut_place_end(struct cut_place *p);
int cut_place_lock(struct cut_place *p, int level);
int cut_place_unlock(struct cut_place *p, int level);
bool cut_place_reserved(const struct cut_place *p);
int cut_place_map(const struct cut_place *p, int page, int size, bool extend, void volatile **ret);
int cut_place_share(struct cut_place *p, int offset, int n, int flags);
void cut_place_unmap(struct cut_place *p, bool gone);
void cut_places_sleep(void);

#endif
