/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions: the cookie holds a secret, the database its hash. Idle 30 minutes for citizens, 15 for
 * officials (who act for a unit); at most 24 and 12 hours. Comes with web/web.h.
 */
#ifndef DINH_WEB_SESSION_H
#define DINH_WEB_SESSION_H

#include "base/ctx.h"

struct req;
struct session {
    const char *id;                    /* SHA-256 of the secret, hex */
    const char *account, *role, *unit; /* "" before sign-in */
    const char *csrf;
    int64_t created_us, seen_us, expires_us;
    int64_t proved_us; /* when the person last proved who they are; for grave acts */
    int64_t assurance;
    const char *note;  /* small JSON the identity engine keeps (pending sign-in); "" */
    const char *agent; /* the browser as it names itself (User-Agent), 200 characters; "" */
    const char *sid;   /* of the sign-in, as other nodes know it; stays when the id changes; "" */
    int64_t ended_us;  /* from elsewhere; 0: it holds */
};
/* New id (rotation) for the same browser, empty note; account "" is a session of nobody yet. Who
   it is of proved it now, unless session_proved() follows. In a write transaction, as all below.
   The answer carries the cookie and isn't remembered by key. */
MUST_CHECK enum err session_start(struct ctx *c, struct req *r, const char *account,
                                  const char *role, const char *unit, int assurance);
MUST_CHECK enum err session_proved(struct ctx *c, struct req *r, int64_t at_us);
MUST_CHECK enum err session_end(struct ctx *c, struct req *r);
MUST_CHECK enum err session_end_all(struct ctx *c, const char *account);
/* One of the account's own; another's or none: ERR_NOT_FOUND. */
MUST_CHECK enum err session_end_one(struct ctx *c, const char *account, const char *id);
MUST_CHECK enum err session_named(struct ctx *c, struct req *r, const char *sid);
/* The name of one of the account's own; "": none. */
MUST_CHECK enum err session_name_of(struct ctx *c, const char *account, const char *id,
                                    const char **ret_sid);
/* Ended from elsewhere: sessions of that name, of that account; "": of any, but not both. Each
   browser finds a page that says so (ERR_SIGNED_OUT), once. */
MUST_CHECK enum err session_end_named(struct ctx *c, const char *account, const char *sid,
                                      int64_t *ret_n);
/* The account's sessions that still hold, last used first. A snapshot will do. */
MUST_CHECK enum err session_list(struct ctx *c, const char *account, struct session *ret,
                                 size_t max, size_t *ret_n);
/* Starts a session of nobody when there is none. */
MUST_CHECK enum err session_note(struct ctx *c, struct req *r, const char *note);
/* Sessions past their end, answers remembered for more than 7 days. web/ does it by itself, once
   an hour behind a request. */
MUST_CHECK enum err web_clean(struct ctx *c, int64_t *ret_removed);
/* What this browser keeps for a year beside its sessions, whoever is signed in; "" when nothing. */
const char *session_device(struct ctx *c, const struct req *r);
void session_device_keep(struct ctx *c, struct req *r, const char *value);
/* The token a form carries, masked anew for each page so that compression tells nothing (BREACH);
   "" without a session. */
const char *session_csrf(struct ctx *c, const struct req *r);

#endif
