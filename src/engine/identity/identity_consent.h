/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Consent at the OpenID Provider (OpenID Connect Core 3.1.2.4, OWASP ASVS 5.0 10.7): before a
 * client first learns who a person is, the person is told which agency asks, for what and for how
 * long, and presses a button. What was allowed is not asked again for a year, unless the client
 * asks for other claims; the person sees what they allowed and takes it back, which ends the
 * client's codes and tokens in the same transaction.
 */
#ifndef DINH_ENGINE_IDENTITY_CONSENT_H
#define DINH_ENGINE_IDENTITY_CONSENT_H

#include "engine/identity/identity_private.h"
#include "engine/identity/identity_views.h"

#define IDENTITY_CONSENT_US (365 * DAY_US)
#define IDENTITY_CONSENTS   50                          /* shown of a person, newest first */
#define IDENTITY_CLAIMS     "name vn_pin acr auth_time" /* what the tokens say beside sub */
#define OIDC_CONSENT        "/dang-nhap/dong-y"

struct identity_consent {
    const char *client, *claims;
    int64_t given_us, told_us, times, ended_us; /* ended_us 0: holds */
};
/* May that client be told of the account now? Snapshot or write transaction. */
MUST_CHECK enum err identity_consent_holds(struct ctx *c, const char *account, const char *client,
                                           bool *ret_holds);
/* Allowed from now on; what was allowed before ends. Audited. Write transaction. */
MUST_CHECK enum err identity_consent_give(struct ctx *c, const char *account, const char *client);
/* Ends it, with every code and token of that client for the account; nothing there: nothing
   happens. Audited. Write transaction. */
MUST_CHECK enum err identity_consent_end(struct ctx *c, const char *account, const char *client);
/* The client is being told: counted. False: it may not be. Write transaction. */
MUST_CHECK enum err identity_consent_told(struct ctx *c, const char *account, const char *client,
                                          bool *ret_holds);
MUST_CHECK enum err identity_consents(struct ctx *c, const char *account,
                                      struct identity_consent *ret, size_t max, size_t *ret_n);

/* Which client the path of an authorization request names; NULL: none that is known. */
const struct node_peer *oidc_asked_by(struct ctx *c, const char *path);
enum err identity_consent_page(struct ctx *c, struct req *r); /* GET /dang-nhap/dong-y?next= */
enum err identity_consent_again(struct ctx *c, struct req *r);
enum err identity_consent_answer(struct ctx *c, struct req *r);
enum err identity_consents_page(struct ctx *c, struct req *r); /* GET /tai-khoan/cho-phep */
enum err identity_consent_take_back(struct ctx *c, struct req *r);

struct identity_claim_view {
    const char *name;
};
struct identity_consent_ask {
    const char *client; /* agency code */
    const char *next;   /* the authorization request */
    const char *answer; /* "allow" or "deny" */
    const char *agency, *site, *until;
    struct list claims, acts; /* struct identity_claim_view, struct next_act */
};
extern const struct shape identity_consent_ask_shape, identity_consent_page_shape;
struct identity_consent_line {
    const char *client, *agency, *claims, *since, *until, *told, *ended;
    int64_t times;
};
struct identity_consents_view {
    struct list holds, ended, acts; /* struct identity_consent_line twice, struct next_act */
    const char *elsewhere;          /* where they are kept; NULL: here */
    bool done;                      /* one was taken back just now */
};
extern const struct shape identity_consents_shape;
struct identity_consent_choice {
    const char *client;
};
extern const struct shape identity_consent_choice_shape;

#endif
