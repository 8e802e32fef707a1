/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one authorisation predicate of lists, searches, counts and exports: rows of the units that
 * the actor's role reaches, or rows of the actor's own person. SCOPE is pasted into the SQL and
 * takes $1, $2 and $3; rows need columns unit (agency code) and owner (personal number token).
 * Every reach is one range over unit, so an index on it serves them all (docs/adr/0006).
 */
#ifndef DINH_CORE_SCOPE_H
#define DINH_CORE_SCOPE_H

#include "db/db.h"

#define SCOPE "((unit >= $1 AND unit < $2) OR owner = $3)"
struct scope {
    const char *unit_from, *unit_until, *owner;
};
/* Officials who hold the permission, by the reach of their role (country pack): REACH_UNIT rows of
   exactly their unit, REACH_BELOW of their unit and all below it, REACH_NODE of every unit of the
   node, REACH_SELF their own person's. Citizens: their own. Systems: their unit and below, all when
   they act for none. Everybody else: nothing. */
struct scope scope_of(struct ctx *c, const char *permission);
/* The units that an official's post reaches, whatever it permits there; nothing for all others. */
struct scope scope_of_post(struct ctx *c);
#define P_SCOPE(s) P_TEXT((s).unit_from), P_TEXT((s).unit_until), P_TEXT((s).owner)
/* May the actor touch this row? The same predicate in C. */
bool scope_allows(const struct scope *s, const char *unit, const char *owner);
/* The token by which rows name a person: equal persons, equal tokens; no number in clear. */
const char *person_token(struct ctx *c, const char *person);

#endif
