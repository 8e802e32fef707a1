/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that come next: sign.next.key and tls.next.key wait beside sign.key and tls.key, guarded
 * as these, until there are certificates for them and the node changes to them. Of commands, in
 * their own process; keys in a token change there.
 */
#ifndef DINH_CRYPTO_KEEPER_NEXT_H
#define DINH_CRYPTO_KEEPER_NEXT_H

#include "crypto/keeper.h"

/* Makes both, unless they wait there already. ERR_KEY_IN_TOKEN: the node signs by a token. */
MUST_CHECK enum err keeper_next_make(struct ctx *c, const struct key_place *p);
/* One that waits. ERR_KEY_MISSING names its file. The caller ends it. */
MUST_CHECK enum err keeper_next(struct ctx *c, const struct key_place *p, enum keeper_key which,
                                struct key **ret);
/* What waits is in use from the next keeper_open() on, what was there is gone for good. The waiting
   files stay until keeper_next_end(), so that it can be done again when it was cut off. */
MUST_CHECK enum err keeper_next_take(struct ctx *c, const struct key_place *p);
MUST_CHECK enum err keeper_next_end(struct ctx *c, const struct key_place *p);

#endif
