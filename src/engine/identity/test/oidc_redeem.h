/* SPDX-License-Identifier: Apache-2.0 */
/* A client at the token and userinfo endpoints, for the tests of the provider. */
#ifndef DINH_ENGINE_IDENTITY_OIDC_REDEEM_H
#define DINH_ENGINE_IDENTITY_OIDC_REDEEM_H

#include "engine/identity/test/oidc_test.h"

struct proof { /* a client's assertion, spoilt as a case wants */
    const char *iss, *sub, *aud, *header;
    long long iat, exp;
    const char *jti;
    const struct key *key;
    bool hs256;
};

static int proofs UNUSED; /* each jti is another */

static inline const char *assertion(struct nation *n, const char *client, struct proof p)
{
    struct arena *a = room(n);
    const struct key *own = text_eq(client, "G24") ? n->g24 : n->rp->n->sign_key;
    const char *aud = arena_printf(a, "%s/oidc/token", n->op->n->url);
    const char *jti = arena_printf(a, "jti-%d", ++proofs);
    const char *payload =
        arena_printf(a,
                     "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"%s\",\"iat\":%lld,\"exp\":%lld,"
                     "\"jti\":\"%s\"}",
                     p.iss ? p.iss : client, p.sub ? p.sub : client, p.aud ? p.aud : aud,
                     now_s() + p.iat, now_s() + (p.exp ? p.exp : 60), p.jti ? p.jti : jti);
    if (p.hs256)
        return swapped_token(a, payload, own);
    if (p.header)
        return odd_token(a, p.header, payload, NULL);
    return jws_sign(a, p.key ? p.key : own, "JWT", payload);
}

static const char *default_assertion UNUSED = ""; /* "": a fresh good one */
static const char *shown UNUSED = "";             /* the DPoP header; "": none */
static const char *shown_also UNUSED = "";        /* a second one */

static inline void show(struct web_client *machine)
{
    if (*shown)
        machine->more[machine->n_more++] = (struct http_header){"DPoP", shown};
    if (*shown_also)
        machine->more[machine->n_more++] = (struct http_header){"dpop", shown_also};
}

static inline int redeem_as(struct nation *n, const char *client, const char *code,
                            const char *name, const char *value)
{
    const char *proof =
        *default_assertion ? default_assertion : assertion(n, client, (struct proof){.iat = 0});
    const char *const pairs[] = {"grant_type",
                                 "authorization_code",
                                 "code",
                                 code,
                                 "redirect_uri",
                                 text_eq(client, "G24") ? BACK_G24 : BACK,
                                 "client_id",
                                 client,
                                 "code_verifier",
                                 VERIFIER,
                                 "client_assertion_type",
                                 "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                                 "client_assertion",
                                 proof};
    const char *body = form_of(room(n), pairs, ARRAY_LEN(pairs), name, value);
    struct web_client machine = web_client_new(room(n), n->op_web);
    machine.accept = "application/json";
    show(&machine);
    body = arena_printf(room(n), "%s%s", body, asked_also);
    web_send(&machine, "POST", "/oidc/token", "application/x-www-form-urlencoded", bytes_of(body));
    n->at_op.text = machine.text; /* what was said last */
    assert_string_equal(web_answer_header(&machine, "Cache-Control"), "no-store");
    assert_true(text_starts(web_answer_header(&machine, "Content-Type"), "application/json"));
    if (machine.status != 200)
        assert_null(strstr(machine.text, "token\""));
    return machine.status;
}

static inline int redeem(struct nation *n, const char *code, const char *name, const char *value)
{
    return redeem_as(n, "H57", code, name, value);
}

static inline const char *told(struct nation *n, const char *member)
{
    json_t *o;
    assert_int_equal(json_in(n->op->c, "answer", bytes_of(n->at_op.text), &o), OK);
    const char *text = arena_text(room(n), json_text_of(o, member, ""));
    json_end(o);
    return text;
}

/* ---- pushed requests ---- */

static inline int push_as(struct nation *n, const char *client, const char *name, const char *value)
{
    const char *aud = arena_printf(room(n), "%s/oidc/par", n->op->n->url);
    const char *proof =
        *default_assertion ? default_assertion : assertion(n, client, (struct proof){.aud = aud});
    const char *const pairs[] = {"response_type",
                                 "code",
                                 "scope",
                                 "openid",
                                 "client_id",
                                 client,
                                 "redirect_uri",
                                 text_eq(client, "G24") ? BACK_G24 : BACK,
                                 "state",
                                 STATE,
                                 "nonce",
                                 NONCE,
                                 "code_challenge_method",
                                 "S256",
                                 "code_challenge",
                                 oidc_challenge(room(n), VERIFIER),
                                 "prompt",
                                 "",
                                 "max_age",
                                 "",
                                 "response_mode",
                                 "",
                                 "client_assertion_type",
                                 "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                                 "client_assertion",
                                 proof};
    const char *body = form_of(room(n), pairs, ARRAY_LEN(pairs), name, value);
    struct web_client machine = web_client_new(room(n), n->op_web);
    machine.accept = "application/json";
    show(&machine);
    body = arena_printf(room(n), "%s%s", body, asked_also);
    web_send(&machine, "POST", "/oidc/par", "application/x-www-form-urlencoded", bytes_of(body));
    n->at_op.text = machine.text;
    assert_string_equal(web_answer_header(&machine, "Cache-Control"), "no-store");
    assert_true(text_starts(web_answer_header(&machine, "Content-Type"), "application/json"));
    assert_true((machine.status == 201) == (strstr(machine.text, "request_uri\"") != NULL));
    return machine.status;
}

/* H57's; with one value put in place of another. */
static inline const char *pushed_with(struct nation *n, const char *name, const char *value)
{
    assert_int_equal(push_as(n, "H57", name, value), 201);
    const char *uri = told(n, "request_uri");
    assert_true(text_starts(uri, OIDC_URN));
    return uri;
}

static inline int visit(struct nation *n, const char *client, const char *uri, const char *also)
{
    struct buf to = buf_new(room(n), 8192);
    buf_printf(&to, "/oidc/authorize?client_id=%s&request_uri=", client);
    buf_url(&to, uri);
    buf_text(&to, also);
    return web_get(&n->at_op, to.ptr);
}

static inline int userinfo(struct nation *n, const char *authorization)
{
    struct web_client machine = web_client_new(room(n), n->op_web);
    show(&machine);
    if (authorization)
        machine.more[machine.n_more++] = (struct http_header){"Authorization", authorization};
    web_get(&machine, "/oidc/userinfo");
    n->at_op.text = machine.text;
    if (machine.status == 401) {
        bool proof = strstr(machine.text, "invalid_dpop_proof") != NULL;
        assert_true(text_starts(web_answer_header(&machine, "WWW-Authenticate"),
                                proof ? "DPoP error=" : "Bearer error="));
    }
    return machine.status;
}

static inline const char *bearer(struct nation *n)
{
    assert_int_equal(redeem(n, fresh_code(n), NULL, NULL), 200);
    return arena_printf(room(n), "Bearer %s", told(n, "access_token"));
}

#endif
