/* SPDX-License-Identifier: Apache-2.0 */
/* Stories: tables of labelled steps that a client plays over HTTP against a running nation, as a
   browser without scripts would: pages, forms, cookies, redirects. A refusal is a step too. */
#ifndef DINH_APP_STORY_H
#define DINH_APP_STORY_H

#include "app/demo.h"

/* Plays the story of that name ("birth", "refused", "withdrawn", "duplicate", "offline",
   "simultaneous", "calendar", "all"; several in turn: "birth,refused"); prints each step with its
   time. OK only when every step and every check held; ERR_STORY names the step that didn't. */
/* ERR_OPTION_VALUE, with the names there are, when one of them is no story's. */
MUST_CHECK enum err story_check(struct ctx *c, const char *name);
MUST_CHECK enum err story_play(struct ctx *c, const char *name, struct nation *na);

#endif
