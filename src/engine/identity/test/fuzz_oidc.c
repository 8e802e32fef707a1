/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens of the sign-in between nodes. First byte: 'i' an id_token's payload and 'a' a client
 * assertion's, both signed here by the right key, so that what stands inside is reached; else the
 * whole is a token as it comes.
 */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "engine/identity/identity_private.h"
#include "test/fuzz.h"

#define NOW_S 1591236000 /* 2020-06-04 09:00 in Viet Nam */

static void feed_id_token(struct ctx *c, const char *token, struct bytes point)
{
    const struct oidc_expected x = {
        .issuer = "http://127.0.0.1:8801", .client = "H57", .nonce = "nonce-1", .point = point};
    struct identity_account a = {0};
    ctx_clear_faults(c);
    enum err e = oidc_read_id_token(c, token, &x, &a);
    ASSERT(e == OK || e == ERR_OIDC_ANSWER);
    if (e) {
        ASSERT(!a.person && c->n_faults == 1);
        return;
    }
    ASSERT(text_matches_digits(a.person, 12) && !text_empty(a.name));
    ASSERT(a.kind == ACTOR_CITIZEN && a.assurance >= 0 && a.assurance <= 3 && !a.disabled);
}

static void feed_assertion(struct ctx *c, const char *token, struct bytes point)
{
    struct oidc_assertion a = {.client = "H57"};
    if (oidc_read_assertion(c, token, point, "http://127.0.0.1:8801/oidc/token", &a)) {
        ASSERT(!text_empty(a.jti) && a.until_us > c->now_us);
        ASSERT(a.until_us <= c->now_us + 10 * MINUTE_US);
    } else {
        ASSERT(!a.jti && !a.until_us);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct key *key;
    struct arena *a = arena_new(0);
    struct ctx *c = ARENA_NEW(a, struct ctx);
    *c = (struct ctx){.arena = a, .now_us = NOW_S * SECOND_US};
    if (!key)
        ASSERT(key_new(c, &key) == OK);
    struct bytes point = key_public_point(a, key);
    const char *text = arena_text_n(a, (const char *)data, size);
    const char *token = text;
    if (*text == 'i' || *text == 'a')
        token = jws_sign(a, key, "JWT", text + 1);
    feed_id_token(c, token, point);
    feed_assertion(c, token, point);
    arena_end(a);
    return 0;
}
