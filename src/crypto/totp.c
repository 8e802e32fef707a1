/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/totp.h"

#include <liboath/oath.h>
#include <openssl/crypto.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"

#define DIGITS 6
#define DRIFT  1 /* steps */

char *totp_key(struct arena *a, const uint8_t seed[TOTP_SEED_BYTES])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char *out = arena_alloc(a, TOTP_SEED_BYTES / 5 * 8 + 1);
    size_t n = 0;
    for (size_t i = 0; i < TOTP_SEED_BYTES; i += 5) {
        uint64_t five = 0;
        for (size_t j = 0; j < 5; j++)
            five = five << 8 | seed[i + j];
        for (int shift = 35; shift >= 0; shift -= 5)
            out[n++] = letters[five >> shift & 31];
    }
    out[n] = '\0';
    return out;
}

static void code_of(const uint8_t seed[TOTP_SEED_BYTES], int64_t step, char out[DIGITS + 1])
{
    if (oath_totp_generate((const char *)seed, TOTP_SEED_BYTES, (time_t)(step * TOTP_STEP_S),
                           TOTP_STEP_S, OATH_TOTP_DEFAULT_START_TIME, DIGITS, out) != OATH_OK)
        BUG("liboath makes no code");
}

char *totp_code(struct arena *a, const uint8_t seed[TOTP_SEED_BYTES], int64_t step)
{
    char *out = arena_alloc(a, DIGITS + 1);
    code_of(seed, step, out);
    return out;
}

bool totp_check(const uint8_t seed[TOTP_SEED_BYTES], int64_t now_us, int64_t after,
                const char *typed, int64_t *ret_step)
{
    char code[DIGITS + 1];
    int64_t now = now_us / SECOND_US / TOTP_STEP_S;
    bool right = false;
    if (now_us < 0 || !text_matches_digits(typed, DIGITS))
        return false;
    for (int64_t step = now > DRIFT ? now - DRIFT : 0; step <= now + DRIFT; step++) {
        code_of(seed, step, code);
        if (CRYPTO_memcmp(code, typed, DIGITS) == 0 && step > after && !right) {
            *ret_step = step;
            right = true;
        }
    }
    OPENSSL_cleanse(code, sizeof code);
    return right;
}
