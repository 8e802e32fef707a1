/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passkeys (WebAuthn Level 2): a key pair of a person's device, for this node's address alone, so
 * that no false page gets anything of it. What is signed is a challenge of ours: 128 random bits,
 * five minutes, for one purpose, one account, one session; sealed, so that none waits here, and
 * used once. ES256 and EdDSA; attestation is neither asked for nor believed. With finger, face or
 * PIN (UV) a passkey signs in alone; after the password, being touched is enough. Between the files
 * of this folder only.
 */
#ifndef DINH_ENGINE_IDENTITY_PASSKEY_H
#define DINH_ENGINE_IDENTITY_PASSKEY_H

#include "engine/identity/identity_factor.h"
#include "engine/identity/passkey_read.h"

#define IDENTITY_PASSKEYS       10 /* of an account */
#define IDENTITY_CHALLENGE_US   (5 * MINUTE_US)
#define IDENTITY_NOTICE_COPY    "passkey_copy" /* its counter went back */
#define IDENTITY_PASSKEY_ENTER  "enter"        /* purposes: instead of the password ... */
#define IDENTITY_PASSKEY_SECOND "second"       /* ... beside it */
#define IDENTITY_PASSKEY_PROVE  "prove"        /* before a grave act */
#define IDENTITY_PASSKEY_ADD    "add"

struct identity_passkey {
    const char *id, *account, *name;
    const char *credential; /* base64url */
    struct cose_key key;
    int64_t counter, made_us, used_us; /* used 0: not yet */
};

/* ---- identity_store_passkey.c; write transaction unless it only reads ---- */
MUST_CHECK enum err identity_store_passkey(struct ctx *c, struct bytes credential, bool *ret_found,
                                           struct identity_passkey *ret);
/* ret: room for IDENTITY_PASSKEYS; oldest first. */
MUST_CHECK enum err identity_store_passkeys(struct ctx *c, const char *account,
                                            struct identity_passkey *ret, size_t *ret_n);
/* id is made. ERR_PASSKEY_HELD: that credential is somebody's already. */
MUST_CHECK enum err identity_store_passkey_add(struct ctx *c, const struct identity_passkey *k);
/* Its counter went on, or it has none; false: it went back, nothing is written. */
MUST_CHECK enum err identity_store_passkey_used(struct ctx *c, const char *id, int64_t counter,
                                                bool *ret_fresh);
/* One of that account's: another's or none is ERR_NOT_FOUND. */
MUST_CHECK enum err identity_store_passkey_drop(struct ctx *c, const char *account, const char *id);
MUST_CHECK enum err identity_store_passkeys_drop(struct ctx *c, const char *account);

/* ---- identity_passkey.c ---- */
/* Who we are to browsers, by the node's public address. */
struct passkey_site {
    const char *rp;     /* its host: what passkeys are made for */
    const char *origin; /* scheme, host, port: exactly what browsers must name */
    bool offered;       /* browsers take passkeys there: a name, by https or on this machine */
};
struct passkey_site passkey_site(struct ctx *c);
/* What a device keeps an account by, base64url: says nothing of the person (14.6.1). */
const char *identity_passkey_user(struct ctx *c, const char *account);
/* For what the browser signs next. account: "" when nobody is known yet. */
const char *identity_passkey_challenge(struct ctx *c, const struct req *r, const char *purpose,
                                       const char *account);
/* A use of a passkey of that account, or of whose it is when account is "": into ret_account. From
   a prepare step. Counted where it comes from when it is wrong: ERR_PASSKEY_WRONG; ERR_PASSKEY_COPY
   when its counter went back, told to its owner. */
MUST_CHECK enum err identity_passkey_prove(struct ctx *c, const struct req *r, const char *purpose,
                                           const char *account, const char *typed,
                                           const char **ret_account);
/* A new one of who is signed in. ERR_PASSKEY_WRONG, ERR_PASSKEY_HELD, ERR_PASSKEY_MANY. Write
   transaction. */
MUST_CHECK enum err identity_passkey_add(struct ctx *c, const struct req *r, const char *name,
                                         const char *typed);
/* ERR_PASSKEY_LAST: the role needs a second factor and nothing else is left. Write transaction. */
MUST_CHECK enum err identity_passkey_remove(struct ctx *c, const char *id);

/* ---- identity_passkey_pages.c ---- */
enum err identity_passkeys_page(struct ctx *c, struct req *r);
enum err identity_passkeys_again(struct ctx *c, struct req *r);
enum err identity_passkeys_add(struct ctx *c, struct req *r);
enum err identity_passkeys_remove(struct ctx *c, struct req *r);
enum err identity_passkeys_renew(struct ctx *c, struct req *r); /* recovery codes */

/* ---- identity_passkey_sign_in.c ---- */
enum err identity_passkey_options(struct ctx *c,
                                  struct req *r); /* what the script asks a browser */
enum err identity_passkey_enter_prepare(struct ctx *c, struct req *r);
enum err identity_passkey_enter(struct ctx *c, struct req *r);

#endif
