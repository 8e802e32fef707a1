/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second factor: an authenticator app (RFC 6238) whose key is made here, shown until its first
 * code was right and never again; ten recovery codes of 120 bits, each good once. Five wrong codes
 * within 15 minutes: none is looked at until the window is over. A code is spent in the transaction
 * that finds it right. Between the files of this folder only.
 */
#ifndef DINH_ENGINE_IDENTITY_FACTOR_H
#define DINH_ENGINE_IDENTITY_FACTOR_H

#include "crypto/totp.h"
#include "engine/identity/identity_private.h"

#define IDENTITY_CODE_TRIES 5
#define IDENTITY_RECOVERY   10
#define IDENTITY_SETUP_US   (15 * MINUTE_US) /* a key may wait so long for its first code */
#define IDENTITY_SECOND_US  (10 * MINUTE_US) /* a right password for its code */

struct identity_factor {
    uint8_t seed[TOTP_SEED_BYTES];
    int64_t step, made_us, confirmed_us; /* confirmed 0: waits for its first code */
};

/* ---- identity_store_factor.c; write transaction unless it only reads ---- */
MUST_CHECK enum err identity_store_factor(struct ctx *c, const char *account, bool *ret_found,
                                          struct identity_factor *ret);
/* In the place of one that waits; one that is confirmed stays: ERR_FACTOR_HELD. */
MUST_CHECK enum err identity_store_factor_put(struct ctx *c, const char *account,
                                              const uint8_t seed[TOTP_SEED_BYTES]);
/* The code of that step is taken; false: that one or a later one was before. */
MUST_CHECK enum err identity_store_factor_step(struct ctx *c, const char *account, int64_t step,
                                               bool *ret_fresh);
MUST_CHECK enum err identity_store_factor_confirm(struct ctx *c, const char *account);
/* Is a second factor asked for? By what is there now: an app, passkeys. Recovery codes go with the
   last of them. */
MUST_CHECK enum err identity_store_factor_settle(struct ctx *c, const char *account);
MUST_CHECK enum err identity_store_factor_drop(struct ctx *c, const char *account);
/* Those there were are gone. */
MUST_CHECK enum err identity_store_recovery(struct ctx *c, const char *account,
                                            const char *const *codes, size_t n);
MUST_CHECK enum err identity_store_recovery_take(struct ctx *c, const char *account,
                                                 const char *code, bool *ret_fresh);
MUST_CHECK enum err identity_store_recovery_left(struct ctx *c, const char *account,
                                                 int64_t *ret_n);

/* ---- identity_factor.c ---- */
/* The role needs a second factor on this node and the account has none: no right but to set one
   up. */
bool identity_factor_owed(const struct ctx *c, const struct identity_row *w, const char *role);
/* Wrong codes lately: ERR_CODES_LOCKED names the minutes. Any transaction. */
MUST_CHECK enum err identity_factor_locked(struct ctx *c, const char *account, const char *peer);
/* A code of the app or a recovery code, spent when it is right, counted when it is wrong. From a
   prepare step. ERR_CODE_WRONG, ERR_CODES_LOCKED. */
MUST_CHECK enum err identity_factor_prove(struct ctx *c, const char *account, const char *peer,
                                          const char *typed);
/* The first code of a key that waits: it is confirmed, the recovery codes are made. From prepare as
   above; ERR_FACTOR_NONE when none waits. */
MUST_CHECK enum err identity_factor_confirm(struct ctx *c, const char *account, const char *peer,
                                            const char *typed, const char **ret_codes);
/* Ten new ones into ret_codes, the old ones gone. Write transaction. */
MUST_CHECK enum err identity_factor_codes(struct ctx *c, const char *account,
                                          const char **ret_codes);
/* The same for who has some: told to the owner, in the trail. */
MUST_CHECK enum err identity_factor_recode(struct ctx *c, const char *account,
                                           const char **ret_codes);
MUST_CHECK enum err identity_factor_remove(struct ctx *c, const char *account);
/* "otpauth://totp/..." as the apps read it (Key Uri Format). */
const char *identity_factor_uri(struct ctx *c, const char *username,
                                const uint8_t seed[TOTP_SEED_BYTES]);

/* ---- identity_factor_pages.c ---- */
enum err identity_factor_page(struct ctx *c, struct req *r);
enum err identity_factor_again(struct ctx *c, struct req *r);
enum err identity_factor_begin_prepare(struct ctx *c, struct req *r);
enum err identity_factor_begin(struct ctx *c, struct req *r);
enum err identity_factor_first_prepare(struct ctx *c, struct req *r);
enum err identity_factor_first(struct ctx *c, struct req *r);
enum err identity_factor_both_prepare(struct ctx *c, struct req *r); /* password and code */
enum err identity_factor_end(struct ctx *c, struct req *r);
enum err identity_factor_renew(struct ctx *c, struct req *r);

/* ---- identity_second.c: the sign-in's second step ---- */
/* The password was right: what is known waits in the browser's session, which is nobody's yet. */
MUST_CHECK enum err identity_second_ask(struct ctx *c, struct req *r, const struct identity_row *w,
                                        const char *next);
/* Whose password was right in this browser; NULL: nobody's. */
const char *identity_second_of(struct ctx *c, const struct req *r);
enum err identity_second_page(struct ctx *c, struct req *r);
enum err identity_second_again(struct ctx *c, struct req *r);
enum err identity_second_prepare(struct ctx *c, struct req *r);
enum err identity_second_passkey(struct ctx *c, struct req *r); /* prepare, by a passkey */
enum err identity_second(struct ctx *c, struct req *r);

#endif
