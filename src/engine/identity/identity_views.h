/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of this folder show. */
#ifndef DINH_ENGINE_IDENTITY_VIEWS_H
#define DINH_ENGINE_IDENTITY_VIEWS_H

#include "engine/identity/identity.h"
#include "web/page.h"

struct identity_sign_in {
    const char *username, *password, *next;
    const char *national; /* where citizens sign in with the national account; NULL: here */
};
extern const struct shape identity_sign_in_shape;

struct identity_post_view {
    const char *id, *role, *unit;
    bool current;
};
struct identity_account_view {
    const char *name, *role, *unit;
    struct list posts; /* struct identity_post_view */
};
struct identity_choice {
    const char *post;
};
extern const struct shape identity_choice_shape;

#endif
