/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an administrator of the node does to accounts: lock and open, give and end posts, end
 * sessions, a one-time password. Each act names its reason, is told on the account and in the audit
 * trail, and holds from that person's next request. Nobody acts on their own account
 * (ERR_ADMIN_SELF), and somebody who administers is always left (ERR_LAST_ADMIN). Names stand as
 * initials, personal numbers nowhere: an administrator has no right to read people's data.
 * Between the files of this folder only.
 */
#ifndef DINH_ENGINE_IDENTITY_ADMIN_H
#define DINH_ENGINE_IDENTITY_ADMIN_H

#include "engine/identity/identity_private.h"

/* ---- identity_admin.c: in a write transaction unless said ---- */

/* The role of the actor reaches the whole node, or ERR_FORBIDDEN. Any transaction. */
MUST_CHECK enum err identity_admin_reach(struct ctx *c);
/* Would an administrator be left without that account, without that post? Any transaction. */
MUST_CHECK enum err identity_admin_spares(struct ctx *c, const char *account);
MUST_CHECK enum err identity_admin_spares_grant(struct ctx *c, const char *grant);
MUST_CHECK enum err identity_admin_disable(struct ctx *c, const char *account, bool disabled,
                                           const char *reason);
MUST_CHECK enum err identity_admin_sessions(struct ctx *c, const char *account, const char *reason);
/* Officials only (ERR_ADMIN_CITIZEN); a role of the pack, a unit this node carries (ERR_BAD_CODE),
   not held already (ERR_POST_HELD). */
MUST_CHECK enum err identity_admin_give(struct ctx *c, const char *account, const char *role,
                                        const char *unit, const char *reason);
MUST_CHECK enum err identity_admin_end(struct ctx *c, const char *account, const char *grant,
                                       const char *reason);
/* A lost second factor: sessions end. None there: ERR_FACTOR_NONE. */
MUST_CHECK enum err identity_admin_factor(struct ctx *c, const char *account, const char *reason);
/* One-time passwords: identity.h. */

/* ---- identity_store_admin.c ---- */

struct identity_asking {
    enum actor_kind kind; /* ACTOR_OFFICIAL or ACTOR_CITIZEN */
    const char *words;    /* begin of a user name, or words of an official's name; "" = all */
    const char *before;   /* keyset: id of the last one shown; "" = newest first */
};
/* Without phc and personal number. */
MUST_CHECK enum err identity_store_list(struct ctx *c, const struct identity_asking *q,
                                        struct identity_account *ret, size_t max, size_t *ret_n);
/* Words of officials' accounts that were made before words were kept. */
MUST_CHECK enum err identity_words_fill(struct ctx *c);
MUST_CHECK enum err identity_store_grant(struct ctx *c, const char *id, bool *ret_found,
                                         struct identity_grant *ret);
/* Posts in that role now, of accounts that may sign in, but of that account and that post. */
MUST_CHECK enum err identity_store_holders(struct ctx *c, const char *role, const char *not_account,
                                           const char *not_grant, int64_t *ret_n);
struct identity_act {
    const char *id, *account, *action, *about, *actor, *reason;
    int64_t at_us;
};
/* ret_sha256: of what is kept of the reason, for the audit trail. */
MUST_CHECK enum err identity_store_act(struct ctx *c, const struct identity_act *a,
                                       const char **ret_sha256);
MUST_CHECK enum err identity_store_acts(struct ctx *c, const char *account,
                                        struct identity_act *ret, size_t max, size_t *ret_n);

/* ---- identity_admin_pages.c ---- */
enum err identity_admin_list(struct ctx *c, struct req *r);
enum err identity_admin_account(struct ctx *c, struct req *r);
enum err identity_admin_again(struct ctx *c, struct req *r);
/* For the page before a grave act: the account as its page shows it; and one of its posts. */
enum err identity_admin_about(struct ctx *c, struct req *r, const char **ret_line);
enum err identity_admin_about_post(struct ctx *c, struct req *r, const char **ret_line);
enum err identity_admin_lock(struct ctx *c, struct req *r);
enum err identity_admin_open(struct ctx *c, struct req *r);
enum err identity_admin_sign_out(struct ctx *c, struct req *r);
enum err identity_admin_unfactor(struct ctx *c, struct req *r);
enum err identity_admin_take(struct ctx *c, struct req *r);
enum err identity_admin_post(struct ctx *c, struct req *r);
enum err identity_admin_post_again(struct ctx *c, struct req *r);
enum err identity_admin_appoint(struct ctx *c, struct req *r);
enum err identity_admin_password_prepare(struct ctx *c, struct req *r);
enum err identity_admin_password(struct ctx *c, struct req *r);

#endif
