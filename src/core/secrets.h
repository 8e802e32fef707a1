/* SPDX-License-Identifier: Apache-2.0 */
/* What the keeper does with keys of columns, derived from the node's root key (crypto/keeper.h). */
#ifndef DINH_CORE_SECRETS_H
#define DINH_CORE_SECRETS_H

#include "core/node.h"

enum secret_use {
    SECRET_PERSON,
    SECRET_ACCESS,
    SECRET_OUTBOX,
    SECRET_FILE,
    SECRET_SEARCH,
    SECRET_IDENTITY,         /* accounts: number, name */
    SECRET_IDENTITY_SUBJECT, /* pairwise subjects */
    SECRET_IDENTITY_TRY,     /* whose wrong passwords are counted */
    SECRET_IDENTITY_WORD,    /* tokens of the words of officials' names */
    SECRET_IDENTITY_ASKED,   /* seals on what clients ask, while it goes along in an address */
    SECRET_EXCHANGE,         /* bodies of the message log */
    SECRET_CASE,             /* persons, titles, forms, reasons, facts of cases */
    SECRET_CASE_WORD,        /* tokens of the words of titles */
    SECRET_LOOK,             /* tokens of equal looks at a person's data */
    SECRET_ONESTOP,          /* who signed, reasons, of papers that are owed */
    SECRET_ONESTOP_CHECK,    /* tokens behind papers' QR codes */
    SECRET_PORTAL,           /* drafts, reasons, opinions */
    SECRET_PORTAL_LIVE,      /* tokens of who may listen to a dossier's news */
    SECRET_SUBJECT,          /* what subjects' keys are mixed with; their file */
    SECRET_ANSWER,           /* answers kept for a second try */
    SECRETS
};
/* Blind index under the use: crypto's blind_token(), 22 characters; equal texts, equal tokens. */
char *secret_token(struct ctx *c, enum secret_use use, const char *text);
/* Sealed under the use, bound to "table.column|row|subject". */
struct bytes secret_seal(struct ctx *c, enum secret_use use, const char *aad, struct bytes plain);
/* Under that root key (crypto/keeper.h); false: it is destroyed. */
MUST_CHECK bool secret_seal_at(struct ctx *c, uint32_t number, enum secret_use use, const char *aad,
                               struct bytes plain, struct bytes *ret_sealed);
MUST_CHECK enum err secret_open(struct ctx *c, enum secret_use use, const char *aad,
                                struct bytes sealed, struct bytes *ret_plain);
/* The same without a word of error: false, it doesn't open there. */
MUST_CHECK bool secret_opens(struct ctx *c, enum secret_use use, const char *aad,
                             struct bytes sealed, struct bytes *ret_plain);
/* A text: an empty one gives no bytes, and no bytes give "". */
struct bytes secret_seal_text(struct ctx *c, enum secret_use use, const char *aad,
                              const char *text);
MUST_CHECK enum err secret_open_text(struct ctx *c, enum secret_use use, const char *aad,
                                     struct bytes sealed, const char **ret_text);

/* Uses of all names, for keeper_rotate(): core's and more of them. */
const char *const *secret_names(struct arena *a, const char *const *more, size_t n_more,
                                size_t *ret_n);

/* Are the node's root keys those of its database? The first one to ask is remembered, and each
   successor of one it knows. Write transaction, at start. ERR_KEY_OTHER names the folder: nothing
   may be sealed or named with it; or the database is of before a root key that is destroyed. */
MUST_CHECK enum err secret_check(struct ctx *c);

#endif
