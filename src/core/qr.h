/* SPDX-License-Identifier: Apache-2.0 */
/* A QR code (ISO/IEC 18004) for a page: what the d of one SVG path draws, a unit a module. */
#ifndef DINH_CORE_QR_H
#define DINH_CORE_QR_H

#include "base/arena.h"

#define QR_QUIET_MODULES 4 /* of white around; within the side */
/* Text of at most 500 bytes. */
const char *qr_path(struct arena *a, const char *text, int *ret_side);

#endif
