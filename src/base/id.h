/* SPDX-License-Identifier: Apache-2.0 */
/* Sortable ids: 26 characters of Crockford base32 (no I L O U), 48 bits of milliseconds and 80
   random bits; within one process strictly rising. */
#ifndef DINH_BASE_ID_H
#define DINH_BASE_ID_H

#include "base/arena.h"

#define ID_LEN 26

char *id_new(struct arena *a, int64_t now_us);
UNTRUSTED bool id_is(const char *text); /* exactly 26 characters of the alphabet */
/* A secret for sessions and tokens: 256 random bits, 43 characters of base64url. */
char *secret_new(struct arena *a);

#endif
