/* SPDX-License-Identifier: Apache-2.0 */
/* Who watches how officials read people's data: alerts, permits of a second person, reviews. What
   is counted and what holds is core/reading.h and core/permit.h; here are its pages. */
#ifndef DINH_SYSTEMS_OVERSIGHT_H
#define DINH_SYSTEMS_OVERSIGHT_H

#include "core/module.h"

extern const struct module oversight_module;

#endif
