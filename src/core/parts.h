/* SPDX-License-Identifier: Apache-2.0 */
/* A few texts sealed together as one JSON value of a column: who, why, in which words. */
#ifndef DINH_CORE_PARTS_H
#define DINH_CORE_PARTS_H

#include "core/secrets.h"

struct part {
    const char *name, **text;
};
/* NULL is sealed as "". */
struct bytes parts_seal(struct ctx *c, enum secret_use use, const char *aad,
                        const struct part *parts, size_t n);
/* Sets each text, "" where it is missing or nothing was sealed. ERR_SEALED. */
MUST_CHECK enum err parts_open(struct ctx *c, enum secret_use use, const char *aad,
                               struct bytes sealed, const struct part *parts, size_t n);

#endif
