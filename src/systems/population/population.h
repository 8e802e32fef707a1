/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The national population database (S11, Luật Căn cước công dân 2014 art. 9-10): answers who a
 * person is and gives the personal number at birth. Reached by its services only, on this node as
 * over the exchange: population.person {"pin"} and population.assign, see README.md.
 */
#ifndef DINH_SYSTEMS_POPULATION_H
#define DINH_SYSTEMS_POPULATION_H

#include "core/module.h"

extern const struct module population_module;

#endif
