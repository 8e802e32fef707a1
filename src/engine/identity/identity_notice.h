/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens to an account is told to its owner (OWASP ASVS 5.0 6.3.5, 6.3.7): a sign-in from a
 * new device, wrong passwords before a right one, a right password with a wrong code, a changed
 * password or second factor, what an administrator did. A number stands beside one's name on every
 * page until one has seen them under /tai-khoan/thong-bao. Wrong passwords are told at the next
 * right one: no answer and no write of a wrong try differs by whether there is such an account.
 * Accounts hold no telephone number and no e-mail address, so nothing leaves the house.
 */
#ifndef DINH_ENGINE_IDENTITY_NOTICE_H
#define DINH_ENGINE_IDENTITY_NOTICE_H

#include "engine/identity/identity_private.h"
#include "engine/identity/identity_views.h"

#define IDENTITY_NOTICES       50             /* shown, newest first */
#define IDENTITY_NOTICE_TRIES  3              /* so many wrong ones before a right one are told */
#define IDENTITY_NOTICE_US     (365 * DAY_US) /* then they are gone */
#define IDENTITY_NOTICE_DEVICE "device"       /* about: its browser */
#define IDENTITY_NOTICE_TRIED  "tries"        /* about: how many */
#define IDENTITY_NOTICE_CODE   "code"         /* once a window of tries */

struct identity_notice {
    const char *kind, *about;
    int64_t at_us, seen_us; /* seen_us 0: not yet */
};
/* In the transaction of what happened. about: "" or as above; kind "admin": the act. */
MUST_CHECK enum err identity_notice(struct ctx *c, const char *account, const char *kind,
                                    const char *about);
/* The browser of a sign-in, when the account doesn't know it. Before identity_device_keep(). */
MUST_CHECK enum err identity_notice_device(struct ctx *c, const struct req *r,
                                           const struct identity_row *w);
/* How many wrong ones came before the right one; before they are forgotten. */
MUST_CHECK enum err identity_notice_tries(struct ctx *c, const struct identity_guess *g);
enum err identity_notices_page(struct ctx *c, struct req *r); /* GET /tai-khoan/thong-bao */
enum err identity_notices_seen(struct ctx *c, struct req *r); /* POST: all until now */

struct identity_notice_line {
    const char *text, *about, *at;
    int64_t fresh; /* yes or no: not seen yet */
};
struct identity_notices_view {
    struct list lines, acts; /* struct identity_notice_line, struct next_act */
    int64_t fresh;           /* how many of them */
    int64_t password;        /* has one here */
};
extern const struct shape identity_notices_shape;

#endif
