/* SPDX-License-Identifier: Apache-2.0 */
/* Answers kept for a second try of the same act hold what the first one showed: they lie sealed.
   The keys are core's, above us: app/ hands over how, at start. Without it they lie as they are. */
#ifndef DINH_WEB_ANSWERS_H
#define DINH_WEB_ANSWERS_H

#include "base/ctx.h"

typedef struct bytes (*web_seal_fn)(struct ctx *c, const char *aad, struct bytes plain);
typedef bool (*web_open_fn)(struct ctx *c, const char *aad, struct bytes sealed,
                            struct bytes *ret_plain);
void web_answers_sealed(web_seal_fn seal, web_open_fn open); /* of all nodes of this process */
extern web_seal_fn web_seal_answer;                          /* inside of web/ */
extern web_open_fn web_open_answer;

#endif
