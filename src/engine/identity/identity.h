/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who: people, officials, roles scoped to units, sessions' live actor, sign-in. One node of the
 * nation is the OpenID Provider (national identity, S03 NIXA); the others are relying parties by
 * the code flow with PKCE. Officials sign in on their own node. Law: Luật Căn cước 26/2023/QH15,
 * NĐ 69/2024/NĐ-CP (electronic identity; before 1 July 2024 NĐ 59/2022/NĐ-CP), RFC 6749, 7636,
 * 9207, 9700; OpenID Connect Core 1.0.
 */
#ifndef DINH_ENGINE_IDENTITY_H
#define DINH_ENGINE_IDENTITY_H

#include "core/module.h"

extern const struct module identity_module;

struct identity_account {
    const char *id, *username, *name;
    const char *person;   /* personal number; "" for officials without one here */
    enum actor_kind kind; /* ACTOR_CITIZEN or ACTOR_OFFICIAL */
    int64_t assurance;
    int64_t proved_us;         /* of a token from outside: when its provider asked them; else 0 */
    const char *subject, *sid; /* of a token from outside: the provider's names for them and for
                                  the sign-in; NULL or "" when it gave none */
    bool disabled;
};
struct identity_grant { /* a post: one role at one unit, for a time */
    const char *id, *account, *role, *unit;
    int64_t from_us, until_us; /* until 0 = open */
};
/* phc: from password_hash(), made in a prepare step; NULL = no local password (signs in elsewhere).
   A user name that exists: ERR_USERNAME_TAKEN. Write transaction. */
MUST_CHECK enum err identity_account_add(struct ctx *c, const struct identity_account *a,
                                         const char *phc, const char **ret_id);
MUST_CHECK enum err identity_grant_add(struct ctx *c, const struct identity_grant *g);
/* A password to be told by word of mouth: good for a day, gives no right but to choose one's own.
   From a prepare step. */
MUST_CHECK enum err identity_once_new(struct ctx *c, const char **ret_password,
                                      const char **ret_phc);
/* Sets it; sessions end. Officials who sign in here only: ERR_ADMIN_CITIZEN, ERR_NO_PASSWORD. */
MUST_CHECK enum err identity_admin_once(struct ctx *c, const char *account, const char *phc,
                                        const char *reason);
/* In force from the next request on; not there or ended already: nothing happens. The last post
   from which accounts are administered on this node: ERR_LAST_ADMIN. */
MUST_CHECK enum err identity_grant_end(struct ctx *c, const char *grant_id);
/* A disabled account can't sign in; its sessions end at once and don't come back with it. Unknown:
   ERR_NOT_FOUND; the last administrator: ERR_LAST_ADMIN. Write transaction. */
MUST_CHECK enum err identity_account_disable(struct ctx *c, const char *id, bool disabled);
/* The account of an official of this node by the name they sign in with. ERR_NOT_FOUND: nobody's, a
   citizen's, or disabled. Read snapshot. */
MUST_CHECK enum err identity_official(struct ctx *c, const char *username, const char **ret_id);
/* Ends all its sessions, the caller's too. phc as above. Write transaction. */
MUST_CHECK enum err identity_password_set(struct ctx *c, const char *id, const char *phc);
/* ERR_PASSWORD_WEAK naming field: under 10 characters, the user name in it, few different
   characters, keys in a row ("1234567890"), one of the usual ones (gen/usual.h), or little beside
   words of ours. */
MUST_CHECK enum err identity_password_good(struct ctx *c, const char *field, const char *username,
                                           const char *password);
/* web_options.actor_of: the live actor of a session; a grant that ended or an account disabled
   takes effect here. A role holds at its unit and reaches as far as the country pack says
   (core/scope.h): one at H57.31 never reaches H57.32. */
enum err identity_actor_of(struct ctx *c, const struct session *s, struct actor *ret_actor);
/* web_options.account_news: what happened to the actor's account that they haven't seen. */
int64_t identity_news(struct ctx *c);
/* web_options.proof: by a code where there is a second factor, else by the password. */
extern const struct web_proof identity_proof;
/* The actor a module acts as in jobs and replies. */
const struct actor *identity_system(struct arena *a, const char *module, const char *unit);

#endif
