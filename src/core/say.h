/* SPDX-License-Identifier: Apache-2.0 */
/* A text with its {1}, {2}, {3} filled; for plain text, not for HTML. */
#ifndef DINH_CORE_SAY_H
#define DINH_CORE_SAY_H

#include "base/ctx.h"
#include "gen/texts.h"

/* An argument may be NULL: nothing stands in its place. */
const char *say(struct arena *a, enum lang lang, enum text key, const char *one, const char *two,
                const char *three);

#endif
