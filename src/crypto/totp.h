/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of authenticator apps: RFC 6238, six digits each 30 seconds by HMAC-SHA-1, which is what
   the apps take (liboath). */
#ifndef DINH_CRYPTO_TOTP_H
#define DINH_CRYPTO_TOTP_H

#include "base/ctx.h"

#define TOTP_SEED_BYTES 20 /* RFC 4226, 4 R6: 160 bits */
#define TOTP_STEP_S     30

/* The key as it is typed: 32 letters of base32 (RFC 4648). */
char *totp_key(struct arena *a, const uint8_t seed[TOTP_SEED_BYTES]);
/* Are these six digits the code of now, or of one step before or after it (RFC 6238, 5.2: clocks
   drift), and of a step later than after, whose code was taken last? Every step is compared, in
   the same time. */
MUST_CHECK bool totp_check(const uint8_t seed[TOTP_SEED_BYTES], int64_t now_us, int64_t after,
                           const char *typed, int64_t *ret_step);
/* The code of a step, for who holds the seed. */
char *totp_code(struct arena *a, const uint8_t seed[TOTP_SEED_BYTES], int64_t step);

#endif
