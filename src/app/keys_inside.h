/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of `dinh keys`, and for who shows what they wrote (`dinh peers show`). */
#ifndef DINH_APP_KEYS_INSIDE_H
#define DINH_APP_KEYS_INSIDE_H

#include "app/config.h"

#define KEYS_BEFORE "before.json" /* in keys/: {"before": [{sign_cert, until}]}, oldest first */

/* DIR/keys/NAME.ENDING */
const char *keys_path(struct ctx *c, const char *dir, const char *name, const char *ending);
/* ERR_NOT_FOUND, ERR_KEY_CERT. The caller ends it. */
MUST_CHECK enum err keys_cert(struct ctx *c, const char *path, struct cert **ret);
/* The node's own keys, with the name that they are bound to. */
MUST_CHECK enum err keys_place(struct ctx *c, const char *dir, struct key_place *ret);

/* ---- keys_certs.c ---- */
/* Of the keys in use, or of those that come next. */
enum keys_turn { KEYS_NOW, KEYS_NEXT, KEYS_TURNS };
/* "sign", "tls.next" */
const char *keys_name(enum keeper_key which, enum keys_turn turn);
struct keys_points { /* public keys; empty where none waits */
    struct bytes of[KEYS_TURNS][KEEPER_KEYS];
};
MUST_CHECK enum err keys_points(struct ctx *c, const struct key_place *p, struct keys_points *ret);
/* Is it that key's, from that authority, and does it hold now? */
bool keys_fit(struct ctx *c, struct bytes point, const struct cert *x, const struct cert *ca);
/* What a certificate of this node says of it. */
struct cert_wish keys_wish(struct ctx *c, const json_t *node, enum keeper_key which);
/* TO/sign.csr or TO/tls.csr over that key; tells its path. */
MUST_CHECK enum err keys_request(struct ctx *c, const char *to, const struct cert_wish *w,
                                 const struct key *k);
MUST_CHECK enum err keys_put(struct ctx *c, const char *dir, const char *name,
                             const struct cert *x);
/* The certificates of --sign and --tls into the place of the keys they belong to. ret_turn: whose.
 */
MUST_CHECK enum err keys_install(struct ctx *c, const char *dir, int argc, char **argv,
                                 enum keys_turn *ret_turn);

/* ---- keys_next.c ---- */
/* Keys that come next, made unless they wait already, and requests for them; a node alone, whose
   authority is its own, has its certificates at once. */
MUST_CHECK enum err keys_next(struct ctx *c, const char *dir, const char *to);
/* The node changes to them: they were installed, and nobody runs on the folder. Cut off anywhere,
   it is done again. */
MUST_CHECK enum err keys_change(struct ctx *c, const char *dir);

#endif
