/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the sandbox. Each step gives 0, or the errno; what the kernel lacks is 0. */
#ifndef DINH_BASE_SANDBOX_INSIDE_H
#define DINH_BASE_SANDBOX_INSIDE_H

#include "base/sandbox.h"

void sandbox_mark(enum sandbox_part part);
int sandbox_private(void);                             /* dumps, memory, privileges */
int sandbox_landlock(const struct sandbox_plan *plan); /* marks what holds */
int sandbox_filter_node(void);
int sandbox_filter_child(const char *const *more);

#endif
