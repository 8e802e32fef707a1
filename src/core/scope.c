/* SPDX-License-Identifier: Apache-2.0 */
#include "core/scope.h"

#include <string.h>

#include "base/text.h"
#include "core/node.h"
#include "core/secrets.h"
#include "crypto/hash.h"

#define NOBODY "-" /* no row's owner: rows of nobody hold "" */
#define ALL    "~" /* after every agency code */

/* No text stands between a code and the code with a 0x01 behind it: the range holds that one. */
static struct scope one_unit(struct ctx *c, const char *unit)
{
    return (struct scope){unit, arena_printf(c->arena, "%s\x01", unit), NOBODY};
}

static struct scope subtree(struct ctx *c, const char *unit)
{
    /* '/' follows '.': "H57.31/" is behind every code below H57.31 and before H57.32. */
    return (struct scope){unit, arena_printf(c->arena, "%s/", unit), NOBODY};
}

static struct scope own_rows(struct ctx *c, const char *person)
{
    return (struct scope){"", "", text_empty(person) ? NOBODY : person_token(c, person)};
}

/* Officials act in office: what is theirs as a person isn't theirs at the desk. */
static struct scope of_role(struct ctx *c, const struct actor *a)
{
    if (a->reach == REACH_SELF)
        return own_rows(c, a->person);
    if (text_empty(a->unit))
        return (struct scope){"", "", NOBODY};
    if (a->reach == REACH_UNIT)
        return one_unit(c, a->unit);
    if (a->reach == REACH_BELOW)
        return subtree(c, a->unit);
    ASSERT(a->reach == REACH_NODE);
    return (struct scope){"", ALL, NOBODY};
}

struct scope scope_of(struct ctx *c, const char *permission)
{
    const struct actor *a = c->actor;
    struct scope none = {"", "", NOBODY};
    if (!a || a->kind == ACTOR_NOBODY)
        return none;
    if (a->kind == ACTOR_CITIZEN)
        return own_rows(c, a->person);
    if (a->kind == ACTOR_SYSTEM)
        return text_empty(a->unit) ? (struct scope){"", ALL, NOBODY} : subtree(c, a->unit);
    return actor_can(a, permission) ? of_role(c, a) : none;
}

struct scope scope_of_post(struct ctx *c)
{
    const struct actor *a = c->actor;
    bool official = a && a->kind == ACTOR_OFFICIAL && a->reach != REACH_SELF;
    return official ? of_role(c, a) : (struct scope){"", "", NOBODY};
}

bool scope_allows(const struct scope *s, const char *unit, const char *owner)
{
    if (strcmp(unit, s->unit_from) >= 0 && strcmp(unit, s->unit_until) < 0)
        return true;
    return text_eq(owner, s->owner);
}

const char *person_token(struct ctx *c, const char *person)
{
    return text_empty(person) ? "" : secret_token(c, SECRET_PERSON, person);
}
