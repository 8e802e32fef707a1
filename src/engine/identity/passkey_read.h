/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a browser hands over of a passkey (WebAuthn Level 2). Nothing of it is believed here but its
 * form: whose it is and whether it may, identity_passkey.c weighs. Between the files of this folder
 * only.
 */
#ifndef DINH_ENGINE_PASSKEY_READ_H
#define DINH_ENGINE_PASSKEY_READ_H

#include "base/ctx.h"
#include "crypto/cose.h"

#define PASSKEY_ANSWER_MAX     8192 /* characters of JSON */
#define PASSKEY_CREDENTIAL_MAX 1023 /* bytes of a credential id (5.8.3) */

struct passkey_answer { /* as our script writes it: base64url of each part; absent: empty */
    const char *id;     /* of the credential, as it came */
    struct bytes credential;
    struct bytes client;                /* clientDataJSON */
    struct bytes attestation;           /* of a new one */
    struct bytes data, signature, user; /* of a use: authenticatorData, signature, userHandle */
};
UNTRUSTED MUST_CHECK bool passkey_answer_read(struct ctx *c, const char *json,
                                              struct passkey_answer *ret);

struct passkey_client { /* clientDataJSON (5.8.1) */
    const char *type, *challenge, *origin;
    bool cross; /* asked for in a frame of another origin */
};
UNTRUSTED MUST_CHECK bool passkey_client_read(struct ctx *c, struct bytes json,
                                              struct passkey_client *ret);

enum {                        /* of struct passkey_data (6.1) */
       PASSKEY_PRESENT = 1,   /* UP: touched */
       PASSKEY_VERIFIED = 4,  /* UV: by finger, face or PIN */
       PASSKEY_ELIGIBLE = 8,  /* BE: may be copied by its maker */
       PASSKEY_BACKED = 16,   /* BS: was */
       PASSKEY_KEY = 64,      /* AT: credential and key follow */
       PASSKEY_EXTENDED = 128 /* ED: a map follows, whatever it says */
};
struct passkey_data {
    struct bytes rp; /* SHA-256 of the relying party's id */
    unsigned flags;
    int64_t counter;
    struct bytes credential; /* with PASSKEY_KEY, else empty */
    struct cose_key key;
};
/* Authenticator data, to its last byte. */
UNTRUSTED MUST_CHECK bool passkey_data_read(struct bytes in, struct passkey_data *ret);
/* Authenticator data out of an attestation object. Its statement is stepped over: we ask for none
   and believe none. */
UNTRUSTED MUST_CHECK bool passkey_attested_read(struct bytes in, struct bytes *ret_data);

#endif
