/* SPDX-License-Identifier: Apache-2.0 */
/* Between casework_check.c and casework_check_law.c only. */
#ifndef DINH_ENGINE_CASEWORK_CHECK_H
#define DINH_ENGINE_CASEWORK_CHECK_H

#include "engine/casework/casework_private.h"

#define NATIONAL_STATUSES 10

struct national_status { /* a row of catalogues/dossier_status.json */
    const char *clock;
    bool terminal, next[NATIONAL_STATUSES + 1]; /* legal steps */
};
struct check {
    struct ctx *c;
    const json_t *process, *states, *actions;
    struct process_problem *out;
    size_t n, max;
    struct national_status status[NATIONAL_STATUSES + 1]; /* by number */
};
/* place: within the process, "states[3].hours" */
void casework_problem(struct check *k, const char *place, const char *reason);
#define AT(k, ...) arena_printf((k)->c->arena, __VA_ARGS__)
size_t casework_state_at(const struct check *k, const char *name); /* SIZE_MAX: none */
bool casework_leaves(const json_t *action, const char *state);
/* What the law says of states, steps, reasons and times; names and ways are sound already. */
void casework_check_law(struct check *k);

#endif
