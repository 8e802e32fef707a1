/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzz targets of crypto/ share: a fresh context, and one key for the whole run. */
#ifndef DINH_CRYPTO_FUZZ_H
#define DINH_CRYPTO_FUZZ_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/keys.h"
#include "test/fuzz.h"

#define FUZZ_NOW_US (INT64_C(1790000000) * SECOND_US)

/* The private key of RFC 7515 appendix A.3: the corpus holds things it signed. */
#define FUZZ_KEY_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define FUZZ_KEY_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"

#endif
