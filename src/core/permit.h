/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an official may only do when a second one allows it:
 *   emergency  read one person's records at once, for half an hour, without a case of one's own
 *              (NĐ 13/2023/NĐ-CP art. 17.1: to save life or health); the person is told later
 *   delay      tell a person later that one reads their data: a legal basis of the catalogue
 *              disclosure_bases, the document's number, an end date (NĐ 13/2023 art. 13.4, 17)
 *   export     take a list of personal data out as a file
 * Asked with a reason; decided by somebody else who holds PERMIT_DECIDE over the asker's unit;
 * emergencies and exports are reviewed afterwards by a third. Everything is in the trail.
 */
#ifndef DINH_CORE_PERMIT_H
#define DINH_CORE_PERMIT_H

#include "core/node.h"

#define PERMIT_ASK     "oversight.ask"
#define PERMIT_DECIDE  "oversight.decide"
#define PERMIT_PURPOSE "emergency" /* of the reads, in the catalogue of purposes */

enum permit_kind { PERMIT_EMERGENCY, PERMIT_DELAY, PERMIT_EXPORT, PERMIT_KINDS };
const char *permit_kind_name(enum permit_kind k);
bool permit_kind_named(const char *name, enum permit_kind *ret_kind);

struct permit {
    const char *id, *kind, *state; /* state: asked, given, refused */
    const char *account, *unit, *role, *target, *decider, *reviewer;
    int64_t asked_us, until_us, tell_us, decided_us, reviewed_us;
    bool proper;
    const char *name;                /* of who asks */
    const char *person;              /* personal number; "" of an export */
    const char *reason;              /* in the asker's words */
    const char *basis, *document;    /* of a delay */
    const char *decided_by, *answer; /* name and words of who decided */
    const char *reviewed_by, *finding;
};
struct permit_ask {
    enum permit_kind kind;
    const char *person, *what; /* what: of an export, as its page names it */
    const char *reason, *basis, *document;
    int64_t until_us; /* of a delay */
};
/* All in a write transaction but permits, permit_get, permit_holds and permit_delay. */
/* ERR_REQUIRED, ERR_BAD_CODE (no such basis), ERR_MATTER_PAPER, ERR_PERMIT_DATE name the field. */
MUST_CHECK enum err permit_ask(struct ctx *c, const struct permit_ask *x, const char **ret_id);
/* ERR_SECOND_PERSON: by who asked; ERR_NOT_FOUND: not of a unit the actor decides for;
   ERR_PERMIT_STATE: decided already, or asked more than a day ago. */
MUST_CHECK enum err permit_decide(struct ctx *c, const char *id, bool yes, const char *words);
/* Of what was given, by one who neither asked nor decided. */
MUST_CHECK enum err permit_review(struct ctx *c, const char *id, bool proper, const char *words);
/* Own ones, those to decide, those to review, newest first; before "" or the last id shown. */
MUST_CHECK enum err permits(struct ctx *c, const char *before, struct permit *ret, size_t max,
                            size_t *ret_n);
MUST_CHECK enum err permit_get(struct ctx *c, const char *id, struct permit *ret);
/* Who reads a permit about somebody reads that person's number: a line for them, told no sooner
   than what the permit allows. Nothing of exports and of who asked, who typed it. */
MUST_CHECK enum err permit_note(struct ctx *c, const struct permit *p);
/* How many wait for the actor to decide; 0 for who decides none. In a transaction. */
int64_t permits_waiting(struct ctx *c);
bool permit_may_decide(struct ctx *c, const struct permit *p);
bool permit_may_review(struct ctx *c, const struct permit *p);

/* Is that permit the actor's, given, in its time, and for this (a personal number, an export)?
   ERR_PERMIT says what to do. target NULL: for anything. */
MUST_CHECK enum err permit_holds(struct ctx *c, enum permit_kind kind, const char *id,
                                 const char *target, struct permit *ret);
/* The delay in force for the actor's reads of that person; ret_id "" when there is none. */
MUST_CHECK enum err permit_delay(struct ctx *c, const char *person_token, struct permit *ret);

#endif
