/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of this folder show. */
#ifndef DINH_ENGINE_IDENTITY_VIEWS_H
#define DINH_ENGINE_IDENTITY_VIEWS_H

#include "engine/identity/identity.h"
#include "web/page.h"

struct identity_sign_in {
    const char *username, *password, *next;
    const char *national; /* where citizens sign in with the national account; NULL: here */
    const char *client;   /* the agency whose portal asks, by name; NULL: none */
    bool denied;          /* the person just chose not to be known here */
    bool passkey;         /* browsers take passkeys at this address */
};
extern const struct shape identity_sign_in_shape;
struct identity_sign_out_view {
    const char *name; /* who is signed in */
    struct list acts; /* struct next_act */
};

struct identity_return_view {
    const char *again; /* where the sign-in begins anew */
};

struct identity_post_view {
    const char *id, *role, *unit;
    int64_t current; /* yes or no */
};
struct identity_session_view {
    const char *id, *browser, *began, *seen; /* browser: "Chrome, Android" */
    int64_t current;
};
struct identity_account_view {
    const char *name, *username, *role, *unit;
    int64_t password; /* has one here */
    bool changed;     /* the password, just now */
    bool citizen;
    const char *news;  /* how many notices weren't seen; NULL: none */
    struct list posts; /* struct identity_post_view */
    struct list sessions, acts;
};
extern const struct shape identity_account_shape, identity_sign_out_shape,
    identity_password_page_shape;
struct identity_choice {
    const char *post;
};
extern const struct shape identity_choice_shape;
struct identity_session_choice {
    const char *session;
};
extern const struct shape identity_session_choice_shape;

struct identity_password {
    const char *password, *new_password, *new_password_again;
    const char *username; /* for password managers */
    const char *rule;     /* what a good one is, in words */
    struct list acts;
    bool once; /* the password now is a one-time one */
};
extern const struct shape identity_password_shape;

#endif
