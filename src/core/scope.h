/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one authorisation predicate of lists, searches, counts and exports: rows of units at or below
 * the actor's unit, or rows of the actor's own person. SCOPE is pasted into the SQL and takes $1,
 * $2 and $3; rows need columns unit (agency code) and owner (personal number token).
 */
#ifndef DINH_CORE_SCOPE_H
#define DINH_CORE_SCOPE_H

#include "db/db.h"

#define SCOPE "((unit >= $1 AND unit < $2) OR owner = $3)"
struct scope {
    const char *unit_from, *unit_until, *owner;
};
/* Officials: their unit's subtree when they hold the permission; citizens: their own; else nothing.
 */
struct scope scope_of(struct ctx *c, const char *permission);
#define P_SCOPE(s) P_TEXT((s).unit_from), P_TEXT((s).unit_until), P_TEXT((s).owner)
/* May the actor touch this row? The same predicate in C. */
bool scope_allows(const struct scope *s, const char *unit, const char *owner);
/* The token by which rows name a person: equal persons, equal tokens; no number in clear. */
const char *person_token(struct ctx *c, const char *person);

#endif
