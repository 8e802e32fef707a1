/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of this folder only. */
#ifndef DINH_ENGINE_IDENTITY_PRIVATE_H
#define DINH_ENGINE_IDENTITY_PRIVATE_H

#include "base/time.h"
#include "engine/identity/identity.h"

#define IDENTITY_MAX_POSTS 16
#define IDENTITY_CODE_US   (60 * SECOND_US) /* RFC 9700: short-lived codes */
#define IDENTITY_TOKEN_US  (10 * MINUTE_US)
#define IDENTITY_TRIES     10 /* wrong passwords in a window */
#define IDENTITY_WINDOW_US (15 * MINUTE_US)
#define OIDC_CALLBACK      "/dang-nhap/tro-lai"

struct identity_row { /* an account as stored, opened */
    struct identity_account a;
    const char *phc;
    int64_t failures, window_us;
};
/* identity_store.c */
MUST_CHECK enum err identity_store_account(struct ctx *c, const char *id, bool *ret_found,
                                           struct identity_row *ret);
MUST_CHECK enum err identity_store_username(struct ctx *c, const char *username, bool *ret_found,
                                            struct identity_row *ret);
MUST_CHECK enum err identity_store_person(struct ctx *c, const char *person, bool *ret_found,
                                          struct identity_row *ret);
MUST_CHECK enum err identity_store_failures(struct ctx *c, const char *id, int64_t failures,
                                            int64_t window_us);
MUST_CHECK enum err identity_store_rename(struct ctx *c, const struct identity_account *a);
MUST_CHECK enum err identity_store_posts(struct ctx *c, const char *account,
                                         struct identity_grant *ret, size_t max, size_t *ret_n);
MUST_CHECK enum err identity_store_holds(struct ctx *c, const char *account, const char *role,
                                         const char *unit, bool *ret_holds);
struct identity_code {
    const char *hash, *client, *redirect, *account, *nonce, *challenge;
    int64_t made_us, used_us;
};
MUST_CHECK enum err identity_store_code(struct ctx *c, const struct identity_code *k);
MUST_CHECK enum err identity_store_code_take(struct ctx *c, const char *hash, bool *ret_found,
                                             struct identity_code *ret);
MUST_CHECK enum err identity_store_token(struct ctx *c, const char *token, const char *code,
                                         const char *account);
MUST_CHECK enum err identity_store_revoke(struct ctx *c, const char *code);
MUST_CHECK enum err identity_store_token_account(struct ctx *c, const char *token, bool *ret_found,
                                                 const char **ret_account);
MUST_CHECK enum err identity_store_clean(struct ctx *c);

const char *identity_username(struct arena *a, const char *typed); /* folded, "" when unusable */
/* Signs the account in: the first post of an official; redirects to next (a path of ours). */
MUST_CHECK enum err identity_enter(struct ctx *c, struct req *r, const struct identity_account *a,
                                   const char *next);
const char *identity_safe_path(struct ctx *c, const char *path); /* "/" unless a path of ours */

/* identity_pages.c */
enum err identity_sign_in_page(struct ctx *c, struct req *r);
enum err identity_sign_in_prepare(struct ctx *c, struct req *r);
enum err identity_sign_in(struct ctx *c, struct req *r);
enum err identity_sign_in_again(struct ctx *c, struct req *r);
enum err identity_sign_out(struct ctx *c, struct req *r);
enum err identity_account_page(struct ctx *c, struct req *r);
enum err identity_choose_post(struct ctx *c, struct req *r);
/* oidc_provider.c, oidc_token.c: this node says who people are */
enum err oidc_authorize(struct ctx *c, struct req *r);
enum err oidc_token_prepare(struct ctx *c, struct req *r);
enum err oidc_token(struct ctx *c, struct req *r);
enum err oidc_userinfo(struct ctx *c, struct req *r);
enum err oidc_discovery(struct ctx *c, struct req *r);
enum err oidc_keys(struct ctx *c, struct req *r);
const struct node_peer *oidc_client(const struct ctx *c, const char *client_id);
const char *oidc_challenge(struct arena *a, const char *verifier); /* RFC 7636 S256 */
/* oidc_party.c: this node asks another who people are */
enum err oidc_start(struct ctx *c, struct req *r);
enum err oidc_back_prepare(struct ctx *c, struct req *r);
enum err oidc_back(struct ctx *c, struct req *r);

#endif
