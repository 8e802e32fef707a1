/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys as authenticators give them (COSE, RFC 9052, 9053): ES256 and EdDSA (Ed25519). */
#ifndef DINH_CRYPTO_COSE_H
#define DINH_CRYPTO_COSE_H

#include "crypto/cbor.h"

#define COSE_ES256   (-7) /* raw: a point on P-256, uncompressed, 65 bytes */
#define COSE_EDDSA   (-8) /* raw: an Ed25519 key, 32 bytes */
#define COSE_RAW_MAX 65

struct cose_key {
    int64_t alg;
    uint8_t raw[COSE_RAW_MAX];
    size_t len;
};
/* The next item as such a key: each label once, none but those of its kind, a point on the curve.
   False: it is none, ret untouched. */
UNTRUSTED MUST_CHECK bool cose_read(struct cbor *x, struct cose_key *ret);
/* The same from what was kept of one. */
MUST_CHECK bool cose_from_raw(int64_t alg, struct bytes raw, struct cose_key *ret);
/* ES256: a signature in DER over SHA-256 of said; EdDSA: 64 bytes over said. */
UNTRUSTED MUST_CHECK bool cose_verify(const struct cose_key *k, struct bytes said,
                                      struct bytes signature);

#endif
