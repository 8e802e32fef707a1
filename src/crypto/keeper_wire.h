/* SPDX-License-Identifier: Apache-2.0 */
/* Between the keeper's two sides. */
#ifndef DINH_CRYPTO_KEEPER_WIRE_H
#define DINH_CRYPTO_KEEPER_WIRE_H

#include "crypto/keeper_inside.h"

#define KEEPER_AAD_MAX     65536
#define KEEPER_MAX_BYTES   ((size_t)48 << 20)
#define KEEPER_DEADLINE_US 5000000

enum keeper_act {
    KEEPER_ACT_SEAL = 1,
    KEEPER_ACT_OPEN, /* answer: 1 and the plain text, or 0 */
    KEEPER_ACT_TOKEN,
    KEEPER_ACT_SIGN,    /* key's number, digest */
    KEEPER_ACT_SEAL_AT, /* root key's number (4), text; answer as of OPEN */
    KEEPER_ACT_ROOTS    /* answer: gone (1), number (4), mark, each */
};

/* The child's first message: folder, node and where the secret is; never the secret. */
struct bytes keeper_hello(struct arena *a, const struct key_place *p);

/* What was said to the same wish in the last five seconds, if it was small; from any thread. */
struct keeper_lately;
struct keeper_lately *lately_new(void);
void lately_end(struct keeper_lately *l);
bool lately_said(struct keeper_lately *l, struct bytes wish, struct arena *a, struct bytes *ret);
void lately_keep(struct keeper_lately *l, struct bytes wish, struct bytes said);

void keeper_serve_vault(struct vault *v); /* what keeper_answer() answers with; for its fuzz */

#endif
