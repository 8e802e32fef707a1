/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens of the sign-in between nodes. First byte: 'i' an id_token's payload, 'a' a client
 * assertion's, 'd' a DPoP proof's and 'o' a logout_token's, each signed here by the right key, so
 * that what stands inside is reached; else the whole is a token as it comes. All of it is a form
 * that a client pushed, too.
 */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "engine/identity/identity_out.h"
#include "engine/identity/oidc_request.h"
#include "test/fuzz.h"
#include "web/web_call.h"

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

static void feed_out(struct ctx *c, const char *token, struct bytes point)
{
    const struct oidc_expected x = {
        .issuer = "http://127.0.0.1:8801", .client = "H57", .point = point};
    struct oidc_out t = {0};
    ctx_clear_faults(c);
    if (!oidc_read_out(c, token, &x, &t)) {
        ASSERT(!t.jti && c->n_faults == 0);
        return;
    }
    ASSERT(!text_empty(t.jti) && !(text_empty(t.sub) && text_empty(t.sid)));
    ASSERT(t.until_us > c->now_us && t.until_us <= c->now_us + 10 * MINUTE_US);
}

static void feed_dpop(struct ctx *c, const char *proof)
{
    struct oidc_holder h = {0};
    ctx_clear_faults(c);
    if (!oidc_read_dpop(c, proof, "POST", "http://127.0.0.1:8801/oidc/token", NULL, &h)) {
        ASSERT(!h.jkt && c->n_faults == 0);
        return;
    }
    ASSERT(strlen(h.jkt) == 43 && !text_empty(h.jti) && h.until_us > c->now_us);
    ASSERT(h.until_us <= c->now_us + 3 * MINUTE_US);
    ASSERT(!oidc_read_dpop(c, proof, "GET", "http://127.0.0.1:8801/oidc/token", NULL, &h));
}

static void feed_push(struct ctx *c, const char *form)
{
    static const struct node_peer h57 = {.agency = "H57", .url = "http://127.0.0.1:8802"};
    static const struct node node = {.peers = &h57, .n_peers = 1};
    struct http_header *pairs;
    struct req r = {0};
    struct oidc_request q;
    c->node = &node;
    ctx_clear_faults(c);
    if (form_urlencoded(c, bytes_of(form), &pairs, &r.n_form))
        return;
    r.form = pairs;
    enum err e = oidc_request_read(c, &r, true, &q);
    ASSERT(e == OK || (e == ERR_OIDC_REQUEST && c->n_faults == 1));
    if (e)
        return;
    ASSERT(text_eq(q.client, "H57") && text_eq(q.redirect, "http://127.0.0.1:8802" OIDC_CALLBACK));
    ASSERT(text_chars(q.state) <= 200 && text_chars(q.nonce) <= 200 && q.max_age_s >= -1);
    ASSERT(text_chars(q.challenge) == 43 && text_chars(q.prompt) <= 5);
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
    feed_out(c, *text == 'o' ? jws_sign(a, key, OIDC_OUT_TYP, text + 1) : token, point);
    feed_dpop(c, *text == 'd' ? jws_sign_own(a, key, "dpop+jwt", text + 1) : text);
    feed_push(c, text);
    arena_end(a);
    return 0;
}
