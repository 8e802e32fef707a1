/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of the second factor show. */
#ifndef DINH_ENGINE_IDENTITY_FACTOR_VIEWS_H
#define DINH_ENGINE_IDENTITY_FACTOR_VIEWS_H

#include "engine/identity/identity_factor.h"
#include "web/page.h"

struct identity_code_in { /* a code alone */
    const char *one_time_code;
};
extern const struct shape identity_code_shape;
struct identity_password_in { /* the password alone */
    const char *password;
};
extern const struct shape identity_password_in_shape;
extern const struct shape identity_begin_shape; /* the same, or none beside a proof */
struct identity_both_in {
    const char *password, *one_time_code;
};
extern const struct shape identity_both_shape;

struct identity_factor_view {
    const char *state, *since;      /* since: day and time it was set up; "" */
    const char *key, *groups, *uri; /* of one that waits for its first code; else "" */
    const char *qr;                 /* path of its QR code, of qr_side modules */
    int64_t has, waits, left;       /* left: recovery codes */
    int qr_side;
    bool owed, done; /* needed and missing; taken away just now */
    struct list acts;
};
extern const struct shape identity_factor_shape;
struct identity_recovery_line {
    const char *code;
};
struct identity_recovery_view {
    struct list codes; /* struct identity_recovery_line */
};
extern const struct shape identity_recovery_shape;
/* Answers with them, the only time they are shown. codes: IDENTITY_RECOVERY of them. */
MUST_CHECK enum err identity_recovery_show(struct ctx *c, struct req *r, const char *const *codes);
struct identity_second_view {
    int64_t minutes; /* within which a code must come */
    int64_t passkey; /* yes or no: one may come instead */
};
extern const struct shape identity_second_shape;

#endif
