/* SPDX-License-Identifier: Apache-2.0 */
/* The job threads: run each module's jobs at their pace and what was asked by job_wake(), a job
   never beside itself. Paces are of sys_now_us(), so that a moved clock moves them. core's own jobs
   are "core.outbox" (1 s), "core.seal" (10 s) and "core.tree" (30 s). */
#ifndef DINH_CORE_JOBS_H
#define DINH_CORE_JOBS_H

#include "core/module.h"

struct jobs;
MUST_CHECK enum err jobs_start(struct ctx *c, const struct node *n, struct jobs **ret_jobs);
void jobs_stop(struct jobs *j);
void job_wake(const char *name); /* soon, from any thread */
/* Runs every due job of c->node once in the caller's thread: for tests that own the clock. The
   first error, after all have run. */
MUST_CHECK enum err jobs_run_due(struct ctx *c);
/* A context in arena a that acts for the module by itself: system actor at the node's agency, now.
 */
void ctx_of_system(struct ctx *ret, struct arena *a, const struct node *n, const char *module);

/* A counter per (name, scope): 1, 2, 3 ... without gaps, in the write transaction. */
MUST_CHECK enum err counter_next(struct ctx *c, const char *name, const char *scope,
                                 int64_t *ret_value);

#endif
