/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of this folder only. */
#ifndef DINH_ENGINE_IDENTITY_PRIVATE_H
#define DINH_ENGINE_IDENTITY_PRIVATE_H

#include "base/time.h"
#include "engine/identity/identity.h"

#define IDENTITY_MAX_POSTS 16
#define IDENTITY_CODE_US   (60 * SECOND_US) /* RFC 9700: short-lived codes */
#define IDENTITY_TOKEN_US  (10 * MINUTE_US)
#define IDENTITY_WINDOW_US (15 * MINUTE_US)
#define IDENTITY_TRIES     10               /* wrong passwords for a user name in a window */
#define IDENTITY_PEER      100              /* from an address: an office may share one */
#define IDENTITY_NET       300              /* from its network, /24 or /64 */
#define IDENTITY_STREAK    100              /* one after the other: no more (SP 800-63B 3.2.2) */
#define IDENTITY_STREAK_US (30 * DAY_US)    /* without one it is forgotten */
#define IDENTITY_ONCE_US   DAY_US           /* a one-time password may wait so long */
#define IDENTITY_PROOF_US  (30 * MINUTE_US) /* where the role says nothing (proof_minutes) */
#define IDENTITY_ADMIN     "identity.admin"
#define OIDC_CALLBACK      "/dang-nhap/tro-lai"
#define OIDC_DENIED        "tu-choi"             /* beside a request: the person said no */
#define OIDC_SPENT         "invalid_request_uri" /* what was pushed has had its code */
/* Checked when there is no password to check, so that both take the same time; of no password. */
#define IDENTITY_NO_PASSWORD                                                                       \
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA"                                        \
    "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

struct identity_row { /* an account as stored, opened */
    struct identity_account a;
    const char *phc;
    int64_t once_us; /* the password is a one-time one, good until then; 0: one's own */
    bool factor;     /* a second factor is asked for */
};
struct identity_try { /* wrong passwords of a "name" or an "address" */
    int64_t failures, window_us;
    int64_t streak; /* since the last right one */
};
/* identity_store.c */
/* Under the account's own key; id: of the row. */
MUST_CHECK enum err identity_seal(struct ctx *c, const char *account, const char *column,
                                  const char *id, const char *text, struct bytes *ret_sealed);
MUST_CHECK enum err identity_open(struct ctx *c, const char *column, const char *id,
                                  struct bytes in, const char **ret);
MUST_CHECK enum err identity_store_account(struct ctx *c, const char *id, bool *ret_found,
                                           struct identity_row *ret);
MUST_CHECK enum err identity_store_username(struct ctx *c, const char *username, bool *ret_found,
                                            struct identity_row *ret);
MUST_CHECK enum err identity_store_person(struct ctx *c, const char *person, bool *ret_found,
                                          struct identity_row *ret);
MUST_CHECK enum err identity_store_disable(struct ctx *c, const char *id, bool disabled);
MUST_CHECK enum err identity_store_password(struct ctx *c, const char *id, const char *phc,
                                            int64_t once_us);
MUST_CHECK enum err identity_store_grant_end(struct ctx *c, const char *grant_id);
/* identity_store_admin.c */
MUST_CHECK enum err identity_store_words(struct ctx *c, const char *account, const char *username,
                                         const char *name);
MUST_CHECK enum err identity_store_try(struct ctx *c, const char *kind, const char *value,
                                       struct identity_try *ret);
MUST_CHECK enum err identity_store_try_add(struct ctx *c, const char *kind, const char *value,
                                           bool streak);
/* One less: it was a right one. */
MUST_CHECK enum err identity_store_try_back(struct ctx *c, const char *kind, const char *value);
/* Its streak is over, its window isn't. */
MUST_CHECK enum err identity_store_try_ended(struct ctx *c, const char *kind, const char *value);
MUST_CHECK enum err identity_store_try_forget(struct ctx *c, const char *kind, const char *value);
MUST_CHECK enum err identity_store_rename(struct ctx *c, const struct identity_account *a);
MUST_CHECK enum err identity_store_posts(struct ctx *c, const char *account,
                                         struct identity_grant *ret, size_t max, size_t *ret_n);
MUST_CHECK enum err identity_store_holds(struct ctx *c, const char *account, const char *role,
                                         const char *unit, bool *ret_holds);
struct identity_code {
    const char *hash, *client, *redirect, *account, *nonce, *challenge;
    int64_t made_us, used_us;
    int64_t auth_us; /* when the person signed in */
    const char *jkt; /* the key that may redeem it (RFC 9449 10), "": any of the client */
    const char *sid; /* the sign-in it was given in (web/session.h) */
};
struct identity_token { /* whose claims it opens, to whom */
    const char *account, *client;
    const char *jkt; /* the key of its holder, "": of whoever bears it */
};
struct oidc_assertion { /* how a client proves itself (RFC 7523) */
    const char *client, *jti;
    int64_t until_us;
};
MUST_CHECK enum err identity_store_code(struct ctx *c, const struct identity_code *k);
MUST_CHECK enum err identity_store_code_take(struct ctx *c, const char *hash, bool *ret_found,
                                             struct identity_code *ret);
/* jkt: as in identity_token. */
MUST_CHECK enum err identity_store_token(struct ctx *c, const char *token,
                                         const struct identity_code *k, const char *jkt);
MUST_CHECK enum err identity_store_revoke(struct ctx *c, const char *code);
MUST_CHECK enum err identity_store_token_of(struct ctx *c, const char *token, bool *ret_found,
                                            struct identity_token *ret);
/* Used for the first time? Remembered either way. */
MUST_CHECK enum err identity_store_assertion(struct ctx *c, const struct oidc_assertion *a,
                                             bool *ret_fresh);
MUST_CHECK enum err identity_store_clean(struct ctx *c);

const char *identity_username(struct arena *a, const char *typed); /* folded, "" when unusable */
/* Signs the account in: the first post of an official; redirects to next (a path of ours). */
MUST_CHECK enum err identity_enter(struct ctx *c, struct req *r, const struct identity_row *w,
                                   const char *next);
const char *identity_safe_path(struct ctx *c, const char *path); /* "/" unless a path of ours */

/* identity_sign_in.c */
enum err identity_sign_in_page(struct ctx *c, struct req *r);
enum err identity_sign_in_prepare(struct ctx *c, struct req *r);
enum err identity_sign_in(struct ctx *c, struct req *r);
enum err identity_sign_in_again(struct ctx *c, struct req *r);
enum err identity_sign_out_page(struct ctx *c, struct req *r);
enum err identity_sign_out(struct ctx *c, struct req *r);
/* identity_tries.c */
struct identity_guess { /* a password that is about to be tried */
    const char *username, *peer;
    const char *account; /* "" when there is none */
    const char *device;  /* known by an earlier sign-in to that account; NULL: a stranger */
};
/* How often was wrong lately: ERR_LOCKED names the minutes to wait, ERR_GUESSED: no more from
   strange devices. Read or write transaction. */
MUST_CHECK enum err identity_locked(struct ctx *c, const struct identity_guess *g);
/* arg: a struct identity_guess; as above, and one try more. Write transaction, before the look. */
MUST_CHECK enum err identity_guess(struct ctx *c, void *arg);
MUST_CHECK enum err identity_wrong(struct ctx *c, void *arg); /* its record in the trail */
/* It was right: forgotten. Outside any transaction. */
MUST_CHECK enum err identity_right(struct ctx *c, struct identity_guess *g);
/* The same of where it comes from alone: an address and its network. */
MUST_CHECK enum err identity_locked_source(struct ctx *c, const char *peer);
MUST_CHECK enum err identity_guess_source(struct ctx *c, const char *peer);
/* The device this browser proves to be for that account, NULL when none. */
const char *identity_device(struct ctx *c, const struct req *r, const struct identity_row *w);
void identity_device_keep(struct ctx *c, struct req *r, const struct identity_row *w);
/* identity_account.c */
const char *identity_browser(struct ctx *c, const char *agent); /* "Chrome, Android" */
enum err identity_account_page(struct ctx *c, struct req *r);
enum err identity_choose_post(struct ctx *c, struct req *r);
/* The password of who is signed in, from a prepare step; wrong ones count as at the sign-in.
   ERR_PASSWORD_WRONG, ERR_NO_PASSWORD. */
MUST_CHECK enum err identity_password_prove(struct ctx *c, const struct req *r, const char *typed,
                                            struct identity_row *ret);
enum err identity_password_page(struct ctx *c, struct req *r);
enum err identity_password_prepare(struct ctx *c, struct req *r);
enum err identity_password(struct ctx *c, struct req *r);
enum err identity_password_again(struct ctx *c, struct req *r);
enum err identity_end_session(struct ctx *c, struct req *r);
enum err identity_end_sessions(struct ctx *c, struct req *r);
/* oidc_*.c: this node says who people are */
enum err oidc_authorize(struct ctx *c, struct req *r);
enum err oidc_token_prepare(struct ctx *c, struct req *r);
enum err oidc_token(struct ctx *c, struct req *r);
enum err oidc_userinfo_prepare(struct ctx *c, struct req *r);
enum err oidc_userinfo(struct ctx *c, struct req *r);
enum err oidc_discovery(struct ctx *c, struct req *r);
enum err oidc_keys(struct ctx *c, struct req *r);
const struct node_peer *oidc_client(const struct ctx *c, const char *client_id);
const char *oidc_callback(struct ctx *c, const struct node_peer *peer); /* where it is answered */
const char *oidc_challenge(struct arena *a, const char *verifier);      /* RFC 7636 S256 */
/* oidc_party.c: this node asks another who people are */
enum err oidc_start_prepare(struct ctx *c, struct req *r);
enum err oidc_start(struct ctx *c, struct req *r);
enum err oidc_back_prepare(struct ctx *c, struct req *r);
enum err oidc_back(struct ctx *c, struct req *r);

/* oidc_check.c: tokens from outside. */
struct oidc_expected {
    const char *issuer, *client, *nonce;
    struct bytes point; /* the issuer's key, from the federation file: never from the token */
};
/* The key of p's that signed the token, of those that stand; today's when none did. False: the
   federation file has none. */
MUST_CHECK bool oidc_key_of(struct ctx *c, const struct node_peer *p, const char *token,
                            struct bytes *ret_point);
/* OpenID Connect Core 3.1.3.7: signature, iss, aud, exp, iat, nonce. ERR_OIDC_ANSWER. */
UNTRUSTED MUST_CHECK enum err oidc_read_id_token(struct ctx *c, const char *id_token,
                                                 const struct oidc_expected *x,
                                                 struct identity_account *ret);
/* RFC 7523 section 3: signature, iss = sub = client, aud, exp within 10 minutes, jti; false when
   it proves nothing. */
UNTRUSTED MUST_CHECK bool oidc_read_assertion(struct ctx *c, const char *assertion,
                                              struct bytes point, const char *endpoint,
                                              struct oidc_assertion *io);

struct oidc_holder { /* of a key, as a DPoP proof shows */
    const char *jkt; /* SHA-256 thumbprint (RFC 7638); "": nothing is shown */
    const char *jti;
    int64_t until_us; /* believed until */
};
/* RFC 9449 4.3: signature by the key it brings, method, address without query, at most a minute
   old or early, jti; and for token, unless NULL, its hash. False: it proves nothing. */
UNTRUSTED MUST_CHECK bool oidc_read_dpop(struct ctx *c, const char *proof, const char *method,
                                         const char *url, const char *token,
                                         struct oidc_holder *ret);

enum err identity_start(struct ctx *c); /* identity_reseal.c */

#endif
