/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client asks of the provider: read from the browser's address or pushed beforehand
 * (RFC 9126), and how a client proves itself where it asks without a browser (RFC 7523).
 *
 * A pushed request waits for a minute under a name of 256 random bits, is good for one visit, and
 * only for the client that pushed it. The visit may lead to the sign-in and the consent; what was
 * asked then goes along in the address under the node's own seal, so that no word of it can be
 * changed on the way. However often that address is opened, it leads to one code.
 */
#ifndef DINH_ENGINE_IDENTITY_OIDC_REQUEST_H
#define DINH_ENGINE_IDENTITY_OIDC_REQUEST_H

#include "engine/identity/identity_private.h"

#define OIDC_PUSHED_S   60               /* from the push to the browser's visit (RFC 9126 2.2) */
#define OIDC_PUSHED_MAX 1000             /* of a client wait at once; then the oldest give way */
#define OIDC_WALK_US    (30 * MINUTE_US) /* to sign in and to read what is asked */
#define OIDC_URN        "urn:ietf:params:oauth:request_uri:"
#define OIDC_UNTIL      "han"  /* beside a request that goes along: until when, in seconds */
#define OIDC_WALK       "luot" /* which pushed request it was: it leads to one code */
#define OIDC_SEAL       "dau"  /* and the node's seal over all of it */

struct oidc_request { /* checked: the address is the client's registered one */
    const char *client, *redirect, *state, *nonce, *challenge, *prompt;
    const char *jkt;   /* the key that may redeem the code (RFC 9449 10), "": any */
    const char *walk;  /* SHA-256 of the pushed request's name, hex; "": it had none */
    int64_t max_age_s; /* the sign-in may be so old; -1: any age */
    int64_t until_s;   /* it may go along until then; 0: as long as any, from now on */
    bool pushed;
};
/* From the form that a client pushed, or from the address. ERR_OIDC_REQUEST names what is wrong. */
UNTRUSTED MUST_CHECK enum err oidc_request_read(struct ctx *c, struct req *r, bool form,
                                                struct oidc_request *ret);
/* What a browser brings: the name of a pushed request, which is spent with the transaction; one
   that goes along, sealed; or a plain one, where the federation file lets that client.
   ERR_OIDC_REQUEST. Write transaction. */
MUST_CHECK enum err oidc_request_brought(struct ctx *c, struct req *r, struct oidc_request *ret);
/* "/oidc/authorize?...": to come back to. The wish for a fresh sign-in isn't in it. */
const char *oidc_request_path(struct ctx *c, const struct oidc_request *q);

/* POST /oidc/par */
enum err oidc_push_prepare(struct ctx *c, struct req *r);
enum err oidc_push(struct ctx *c, struct req *r);

/* identity_store_pushed.c; hash: SHA-256 of the name, hex. */
MUST_CHECK enum err identity_store_pushed(struct ctx *c, const char *hash,
                                          const struct oidc_request *q);
/* Does that walk get its code now, for the first time? "": always. Remembered. */
MUST_CHECK enum err identity_store_walk(struct ctx *c, const char *walk, bool *ret_fresh);
/* And it is gone; not found: never pushed, used, too old, or of another client. */
MUST_CHECK enum err identity_store_pushed_take(struct ctx *c, const char *hash, const char *client,
                                               bool *ret_found, struct oidc_request *ret);

/* oidc_client.c */
/* A refusal in the words of RFC 6749 5.2 or RFC 6750 3: clients are programs. */
enum err oidc_refuse(struct ctx *c, struct req *r, int status, const char *error);
/* One of these fields of the form twice; names end with NULL. */
bool oidc_says_twice(const struct req *r, const char *const *names);
/* Does the form's assertion prove io->client, for one of these paths of ours ("": the issuer)? It
   fills io; that it is the first use, identity_store_assertion() tells. */
bool oidc_proves(struct ctx *c, struct req *r, const char *const *paths, struct oidc_assertion *io);
/* Whose key the request's DPoP header shows, for that path of ours and, unless NULL, that token;
   ret->jkt "" without a header. False: there is one and it proves nothing. */
bool oidc_holder_of(struct ctx *c, const struct req *r, const char *path, const char *token,
                    struct oidc_holder *ret);
/* Shown for the first time? Remembered either way, as long as it would be believed; nothing shown
   is always new. Write transaction. */
MUST_CHECK enum err identity_store_holder(struct ctx *c, const struct oidc_holder *h,
                                          bool *ret_fresh);

#endif
