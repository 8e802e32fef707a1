/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all nodes of all seeds compute alike is computed once, before they are born: the definitions
 * of the built-in pack, certificates, whether a signature fits. These are functions of their
 * arguments alone: an altered byte is another argument. Papers are a blank page that is truly
 * signed, but in one seed of SIM_QUICK_DRAWN, where they are drawn (nothing here reads them).
 * The functions stand in for the program's by --wrap (test/meson.build); where that program is a
 * shared library nothing stands in, and all is only slower.
 */
#ifndef DINH_TEST_SIM_QUICK_H
#define DINH_TEST_SIM_QUICK_H

#include "test/sim/sim.h"

#define SIM_QUICK_DRAWN 10

/* In a worker, its nodes read and not yet born. */
MUST_CHECK enum err sim_quick(struct ctx *c, const struct sim *s);
void sim_quick_seed(uint64_t seed); /* which papers nodes of it make, from here on */

#endif
