/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a sign-in, told without a browser (OpenID Connect Back-Channel Logout 1.0).
 *
 * The provider keeps which client got an id_token of which sign-in. When the sign-in ends, the
 * client's codes and tokens of it end in the same transaction, which also puts the word to the
 * client into the outbox: it survives a crash and is tried for seven days. A sign-in that is idle
 * ends quietly. The relying party ends exactly the sessions that came of that sign-in.
 */
#ifndef DINH_ENGINE_IDENTITY_OUT_H
#define DINH_ENGINE_IDENTITY_OUT_H

#include "engine/identity/identity_private.h"

#define OIDC_OUT_PATH     "/oidc/backchannel-logout" /* where our own nodes listen */
#define OIDC_OUT_TYP      "logout+jwt"
#define OIDC_OUT_EVENT    "http://schemas.openid.net/event/backchannel-logout"
#define OIDC_OUT_CHANNEL  "sign-out"
#define OIDC_OUT_S        120          /* a logout_token is good for so long (2.4) */
#define IDENTITY_PARTY_US (8 * DAY_US) /* our clients' sessions last one day, others' this long */
#define IDENTITY_PARTIES  32 /* sign-ins of an account at a client; then the oldest ends */

/* ---- at the provider; all of them: write transaction ---- */
/* That sign-in of the account is over; sid "": nobody was told of it. */
MUST_CHECK enum err identity_out_sign_in(struct ctx *c, const char *account, const char *sid);
/* All of them, for that client alone. */
MUST_CHECK enum err identity_out_client(struct ctx *c, const char *account, const char *client);
/* All of them, with the account's sessions on this node. */
MUST_CHECK enum err identity_out_all(struct ctx *c, const char *account);
/* This browser is the account's now: the sign-in is over for whoever else had it. */
MUST_CHECK enum err identity_out_others(struct ctx *c, const char *sid, const char *account);
/* The client of that code is given an id_token: it will be told. */
MUST_CHECK enum err identity_out_owed(struct ctx *c, const struct identity_code *k);
void identity_out_start(void); /* the outbox's channel */

/* What the client calls the person (pairwise), and that sign-in of theirs. */
const char *oidc_subject(struct ctx *c, const char *client, const char *account);
const char *oidc_sign_in(struct ctx *c, const char *client, const char *account, const char *sid);

/* ---- at the relying party: POST OIDC_OUT_PATH ---- */
struct oidc_out {
    const char *sub, *sid; /* "" when it names none; one is there */
    const char *jti;
    int64_t until_us;
};
/* 2.6: signature by x->point, typ, iss, aud, iat and exp within 10 minutes, jti, event, no nonce.
   False: it tells nothing. oidc_check.c */
UNTRUSTED MUST_CHECK bool oidc_read_out(struct ctx *c, const char *token,
                                        const struct oidc_expected *x, struct oidc_out *ret);
enum err oidc_out_prepare(struct ctx *c, struct req *r);
enum err oidc_out_hear(struct ctx *c, struct req *r);
const struct node_peer *oidc_provider(const struct ctx *c); /* oidc_party.c; NULL: unknown */

/* ---- identity_store_out.c ---- */
struct identity_ending { /* which; sid, client "": any */
    const char *account, *sid, *client;
};
MUST_CHECK enum err identity_store_party(struct ctx *c, const struct identity_code *k);
/* At most max of those that are owed a word. */
MUST_CHECK enum err identity_store_parties(struct ctx *c, const struct identity_ending *x,
                                           struct identity_ending *ret, size_t max, size_t *ret_n);
MUST_CHECK enum err identity_store_party_gone(struct ctx *c, const struct identity_ending *one);
/* The oldest sign-in at that client, "" while there are no more than IDENTITY_PARTIES. */
MUST_CHECK enum err identity_store_party_oldest(struct ctx *c, const char *account,
                                                const char *client, const char **ret_sid);
/* Another account of that sign-in, "" when none. */
MUST_CHECK enum err identity_store_party_other(struct ctx *c, const char *sid, const char *account,
                                               const char **ret_account);
/* Codes not redeemed are used up, tokens gone. */
MUST_CHECK enum err identity_store_codes_end(struct ctx *c, const struct identity_ending *x);
/* The provider's name for the account here, if it changed; and back, "" when unknown. */
MUST_CHECK enum err identity_store_subject(struct ctx *c, const struct identity_account *a);
MUST_CHECK enum err identity_store_of_subject(struct ctx *c, const char *subject,
                                              const char **ret_account);

#endif
