/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings: declared in a module's table (name, unit, bounds, fallback), kept in the database,
 * changed with a record in the trail. Read where they are used: one look-up by key, always current
 * on every node that shares the database.
 */
#ifndef DINH_CORE_SETTINGS_H
#define DINH_CORE_SETTINGS_H

#include "core/module.h"

/* The declaration, NULL when neither core nor a module of this node has it. */
const struct setting *setting_find(const struct node *n, const char *name);
/* The value in force, in an open transaction or outside. An undeclared name is our bug. */
MUST_CHECK enum err setting_text(struct ctx *c, const char *name, const char **ret_value);
MUST_CHECK enum err setting_int(struct ctx *c, const char *name, int64_t *ret_value);
/* Write transaction. Of unit "text": at most max characters (0: 200); of any other: a whole number
   from min to max. ERR_SETTING names it and the bounds; ERR_NOT_FOUND: not declared. */
MUST_CHECK enum err setting_change(struct ctx *c, const char *name, const char *value);

#endif
