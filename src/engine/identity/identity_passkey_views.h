/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of passkeys show, and what their script is told. */
#ifndef DINH_ENGINE_IDENTITY_PASSKEY_VIEWS_H
#define DINH_ENGINE_IDENTITY_PASSKEY_VIEWS_H

#include "engine/identity/identity_passkey.h"
#include "web/page.h"

#define IDENTITY_PASSKEY_ASK   "/dang-nhap/khoa-truy-cap/thach-thuc"
#define IDENTITY_PASSKEYS_PAGE "/tai-khoan/khoa-truy-cap"

struct identity_passkey_in { /* a use: JSON as our script writes it */
    const char *passkey, *next;
};
extern const struct shape identity_passkey_in_shape;
struct identity_passkey_new {
    const char *name, *passkey;
};
extern const struct shape identity_passkey_new_shape;
struct identity_passkey_line {
    const char *id, *name, *made, *used; /* used: "" not yet */
};
struct identity_passkeys_view {
    struct list keys, acts;            /* struct identity_passkey_line, struct next_act */
    struct identity_passkey_new draft; /* what a new one may be called */
    int64_t offered;                   /* yes or no: browsers take passkeys at this address */
    int64_t left;                      /* recovery codes */
    bool removed, full;
};
extern const struct shape identity_passkeys_shape;

struct identity_passkey_asked {
    const char *purpose;
};
extern const struct shape identity_passkey_asked_shape;
struct identity_passkey_id {
    const char *id;
};
struct identity_passkey_told { /* for navigator.credentials */
    const char *challenge, *rp, *rp_name;
    const char *user, *user_name, *display; /* whose a new one is; "" at a use */
    const char *csrf;
    int64_t verify;   /* yes or no: finger, face or PIN is needed */
    struct list keys; /* struct identity_passkey_id: of that account; of a new one: not again */
};
extern const struct shape identity_passkey_told_shape;

#endif
