/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of reseal. */
#ifndef DINH_CORE_RESEAL_INSIDE_H
#define DINH_CORE_RESEAL_INSIDE_H

#include "core/reseal.h"

void reseal_own(void); /* core's columns */

#endif
