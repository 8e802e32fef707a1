/* SPDX-License-Identifier: Apache-2.0 */
/* What the administrators' pages show. Names are initials, numbers never here. */
#ifndef DINH_ENGINE_IDENTITY_ADMIN_VIEWS_H
#define DINH_ENGINE_IDENTITY_ADMIN_VIEWS_H

#include "engine/identity/identity_admin.h"
#include "web/page.h"

struct identity_admin_line {
    const char *id, *username, *name, *state, *colour, *href;
};
struct identity_admin_list_view {
    const char *words, *next;
    int64_t citizens; /* else officials */
    struct list rows; /* struct identity_admin_line */
};
extern const struct shape identity_admin_list_shape;
struct identity_seeking {
    const char *tim; /* a name to sign in with, or words of an official's name */
};
extern const struct shape identity_seeking_shape;

struct identity_admin_held {
    const char *id, *role, *unit;
};
struct identity_admin_session {
    const char *browser, *began, *seen;
};
struct identity_admin_past {
    const char *at, *what, *about, *who, *reason;
};
struct identity_admin_view {
    const char *id, *username, *name, *kind, *state, *colour;
    const char *done; /* what was just done; "" */
    int64_t disabled, self;
    bool official, password, factor;
    struct list posts, sessions, past;
};
extern const struct shape identity_admin_shape;

struct identity_reason {
    const char *reason;
};
extern const struct shape identity_reason_shape;
struct identity_appoint {
    const char *role, *unit, *reason;
};
extern const struct shape identity_appoint_shape;
struct identity_appoint_view {
    struct identity_appoint in;
    const char *id, *username;
    struct list roles; /* struct choice: what may be given */
};
extern const struct shape identity_appoint_page_shape;
struct identity_once_view {
    const char *id, *username, *password, *until;
};
extern const struct shape identity_once_shape;

#endif
