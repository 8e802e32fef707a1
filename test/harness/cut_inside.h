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

#endif
