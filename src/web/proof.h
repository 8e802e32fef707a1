/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comes with web/web.h. Grave acts (ROUTE_GRAVE: a POST without files) are done by who proved who
 * they are within the last minutes, at the sign-in or since (ASVS 5.0 7.5.3). Older: ERR_PROVE. A
 * browser gets a page that says why, shows what was typed and asks for password, code or passkey;
 * sent with it as `_proof`, the same act goes on. A program sends {"proof": ..} to POST /phien,
 * then the act again. Each proof gives the session a new id; the old one is dead, its form token
 * stays good.
 *
 * route.about says whom or what a grave act is about, in one line of that page: no more than the
 * act's own page shows to whoever may do it; "" when there is nothing to say. By path and typed
 * fields, in the snapshot that asks who they are. It may be of a person only where the row notes
 * the look. An error below 500 is the act's to tell: then there is no line.
 */
#ifndef DINH_WEB_PROOF_H
#define DINH_WEB_PROOF_H

#include "base/ctx.h"

#define PROOF_FIELD "_proof"

struct req;
enum proof_kind { PROOF_NONE, PROOF_PASSWORD, PROOF_CODE, PROOF_PASSKEY }; /* the last: or a code */
#define PROOF_MAX 8192 /* characters: a passkey comes as JSON */

/* How it is proved: of the identity engine (web_options.proof). */
struct web_proof {
    int64_t (*holds_us)(const struct ctx *c); /* for whom c->actor is */
    /* What the actor's account can prove itself by. In a snapshot. */
    enum err (*kind)(struct ctx *c, enum proof_kind *ret_kind);
    /* Is it right? Counts tries. As a prepare step: outside any transaction, may be slow. */
    enum err (*check)(struct ctx *c, struct req *r, enum proof_kind kind, const char *typed);
    enum err (*proved)(struct ctx *c); /* its record, in the transaction of the new id */
    const char *elsewhere;             /* where PROOF_NONE signs in anew: a path of ours */
    const char *passkey;               /* where its script asks what a browser is to sign */
};

#endif
