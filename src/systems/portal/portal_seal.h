/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed columns of the portal's tables: for its stores only. */
#ifndef DINH_SYSTEMS_PORTAL_SEAL_H
#define DINH_SYSTEMS_PORTAL_SEAL_H

#include "systems/portal/portal_private.h"

/* Empty text: no bytes. */
MUST_CHECK enum err portal_seal(struct ctx *c, int64_t subject, const char *id, const char *part,
                                const char *text, struct bytes *ret_sealed);
MUST_CHECK enum err portal_open(struct ctx *c, const char *id, const char *part,
                                struct bytes sealed, const char **ret_text);
const char *portal_owner(struct ctx *c); /* the actor's token */

#endif
