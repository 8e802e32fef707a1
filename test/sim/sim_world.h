/* SPDX-License-Identifier: Apache-2.0 */
/* The nation as every seed finds it: made once, its folders copied for each. */
#ifndef DINH_TEST_SIM_WORLD_H
#define DINH_TEST_SIM_WORLD_H

#include "test/sim/sim_book.h"

struct sim_world {
    const char *dir;             /* of the template */
    const char *from[SIM_NODES]; /* its nodes' folders */
    struct sim_draft drafts[SIM_DRAFTS];
    size_t n_drafts;
};
/* With drafts filled in, witnesses at ease. */
enum err sim_world_make(struct ctx *c, const char *dir, bool loud, struct sim_world *ret);
/* A worker's own folders, read once: nodes without databases. */
enum err sim_world_copy(struct ctx *c, const struct sim_world *w, const char *dir, struct sim *s);
/* The databases and files as they were. */
void sim_world_again(const struct sim_world *w, struct sim *s);

#endif
