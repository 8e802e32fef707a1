/* SPDX-License-Identifier: Apache-2.0 */
/* The job thread: runs each module's jobs at their pace and what was asked by job_wake(). */
#ifndef DINH_CORE_JOBS_H
#define DINH_CORE_JOBS_H

#include "core/module.h"

struct jobs;
MUST_CHECK enum err jobs_start(struct ctx *c, const struct node *n, struct jobs **ret_jobs);
void jobs_stop(struct jobs *j);
void job_wake(const char *name); /* soon, from any thread */
/* Runs every due job once in the caller's thread: for tests that own the clock. */
MUST_CHECK enum err jobs_run_due(struct ctx *c);

/* A counter per (name, scope): 1, 2, 3 ... without gaps, in the write transaction. */
MUST_CHECK enum err counter_next(struct ctx *c, const char *name, const char *scope,
                                 int64_t *ret_value);

#endif
