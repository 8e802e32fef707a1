/* SPDX-License-Identifier: Apache-2.0 */
#include "core/scope.h"

#include <string.h>

#include "base/text.h"
#include "core/node.h"
#include "core/secrets.h"
#include "crypto/hash.h"

#define NOBODY "-" /* no row's owner: rows of nobody hold "" */
#define ALL    "~" /* after every agency code */

static struct scope subtree(struct ctx *c, const char *unit)
{
    /* '/' follows '.': "H57.31/" is behind every code below H57.31 and before H57.32. */
    return (struct scope){unit, arena_printf(c->arena, "%s/", unit), NOBODY};
}

struct scope scope_of(struct ctx *c, const char *permission)
{
    const struct actor *a = c->actor;
    struct scope none = {"", "", NOBODY};
    if (!a)
        return none;
    switch (a->kind) {
    case ACTOR_NOBODY: return none;
    case ACTOR_CITIZEN:
        if (!text_empty(a->person))
            none.owner = person_token(c, a->person);
        return none;
    case ACTOR_SYSTEM:
        return text_empty(a->unit) ? (struct scope){"", ALL, NOBODY} : subtree(c, a->unit);
    case ACTOR_OFFICIAL:
    case ACTOR_AGENCY:
        if (text_empty(a->unit) || !actor_can(a, permission))
            return none;
        return subtree(c, a->unit);
    }
    BUG("actor kind");
}

bool scope_allows(const struct scope *s, const char *unit, const char *owner)
{
    if (strcmp(unit, s->unit_from) >= 0 && strcmp(unit, s->unit_until) < 0)
        return true;
    return text_eq(owner, s->owner);
}

const char *person_token(struct ctx *c, const char *person)
{
    return text_empty(person) ? "" : blind_token(c->arena, secret_key(c, SECRET_PERSON), person);
}
