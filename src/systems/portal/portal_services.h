/* SPDX-License-Identifier: Apache-2.0 */
/* What portal offers to other agencies; for module.c and tests. */
#ifndef DINH_SYSTEMS_PORTAL_SERVICES_H
#define DINH_SYSTEMS_PORTAL_SERVICES_H

#include "core/module.h"

enum err portal_serve_status(struct ctx *c, struct service_call *call);

#endif
