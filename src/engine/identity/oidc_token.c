/* SPDX-License-Identifier: Apache-2.0 */
/* The token endpoint: the client proves itself by a signed assertion (RFC 7523), the browser's code
   by its PKCE verifier. A code used twice takes back what the first use gave (RFC 9700 4.5). */
#include "base/id.h"
#include "base/text.h"
#include "engine/identity/identity_private.h"
#include "web/json.h"

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

static bool assertion_fits(struct ctx *c, const json_t *o, const char *client)
{
    const char *endpoint = arena_printf(c->arena, "%s/oidc/token", c->node->url);
    int64_t now_s = c->now_us / SECOND_US, exp = json_int_of(o, "exp", 0);
    return text_eq(json_text_of(o, "iss", ""), client) &&
           text_eq(json_text_of(o, "sub", ""), client) &&
           text_eq(json_text_of(o, "aud", ""), endpoint) && exp > now_s && exp < now_s + 600;
}

static enum err check_client(struct ctx *c, struct req *r, const char *client)
{
    const struct node_peer *peer = oidc_client(c, client);
    struct bytes point, payload;
    json_t *o;
    if (!peer || !text_eq(req_form(r, "client_assertion_type"), ASSERTION_TYPE) ||
        !base64url_decode(c->arena, peer->sign_point_b64, &point) ||
        !jws_verify(c->arena, req_form(r, "client_assertion"), point, &payload))
        return fail(c, ERR_OIDC_CLIENT, "client_assertion");
    if (json_in(c, "client_assertion", payload, &o)) {
        ctx_clear_faults(c);
        return fail(c, ERR_OIDC_CLIENT, "client_assertion");
    }
    bool fits = assertion_fits(c, o, client);
    json_end(o);
    return fits ? OK : fail(c, ERR_OIDC_CLIENT, "client_assertion");
}

enum err oidc_token_prepare(struct ctx *c, struct req *r)
{
    if (!text_eq(req_form(r, "grant_type"), "authorization_code"))
        return fail(c, ERR_OIDC_REQUEST, "grant_type");
    return check_client(c, r, req_form(r, "client_id"));
}

static bool code_fits(struct ctx *c, struct req *r, const struct identity_code *k)
{
    return text_eq(k->client, req_form(r, "client_id")) &&
           text_eq(k->redirect, req_form(r, "redirect_uri")) &&
           text_eq(k->challenge, oidc_challenge(c->arena, req_form(r, "code_verifier"))) &&
           c->now_us - k->made_us <= IDENTITY_CODE_US && c->now_us >= k->made_us - SECOND_US;
}

/* A person is another subject to each client (pairwise, OpenID Connect Core 8.1). */
static const char *subject(struct ctx *c, const char *client, const char *account)
{
    struct bytes key = key_derive(c->arena, c->node->root_key, "identity/subject");
    return blind_token(c->arena, key, arena_printf(c->arena, "%s %s", client, account));
}

static const char *claims(struct ctx *c, const struct identity_account *a, const char *client,
                          const char *nonce)
{
    struct buf b = buf_new(c->arena, 4096);
    int64_t now_s = c->now_us / SECOND_US;
    buf_printf(&b, "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"%s\",\"iat\":%lld,\"exp\":%lld",
               c->node->url, subject(c, client, a->id), client, (long long)now_s,
               (long long)(now_s + IDENTITY_TOKEN_US / SECOND_US));
    buf_text(&b, ",\"nonce\":");
    buf_json(&b, nonce);
    buf_text(&b, ",\"name\":");
    buf_json(&b, a->name);
    buf_text(&b, ",\"vn_pin\":");
    buf_json(&b, a->person);
    buf_printf(&b, ",\"acr\":\"%d\"}", (int)a->assurance);
    return b.ptr;
}

static enum err give(struct ctx *c, struct req *r, const struct identity_code *k)
{
    struct identity_row w = {0};
    bool found = false;
    const char *token = secret_new(c->arena);
    enum err e = identity_store_account(c, k->account, &found, &w);
    if (!e && (!found || w.a.disabled))
        e = fail(c, ERR_OIDC_CODE, "code");
    if (!e)
        e = identity_store_token(c, token, k->hash, k->account);
    if (e)
        return e;
    const char *id_token =
        jws_sign(c->arena, c->node->sign_key, "JWT", claims(c, &w.a, k->client, k->nonce));
    answer_header(r, "Cache-Control", "no-store");
    return answer_json(
        c, r, 200,
        bytes_of(arena_printf(c->arena,
                              "{\"access_token\":\"%s\",\"token_type\":\"Bearer\","
                              "\"expires_in\":%d,\"id_token\":\"%s\"}",
                              token, (int)(IDENTITY_TOKEN_US / SECOND_US), id_token)));
}

static enum err refuse(struct ctx *c, struct req *r)
{
    (void)r;
    answer_header(r, "Cache-Control", "no-store");
    return answer_json(c, r, 400, bytes_of("{\"error\":\"invalid_grant\"}"));
}

enum err oidc_token(struct ctx *c, struct req *r)
{
    struct identity_code k = {0};
    bool found = false;
    const char *hash = sha256_hex(c->arena, sha256(bytes_of(req_form(r, "code"))));
    enum err e = identity_store_code_take(c, hash, &found, &k);
    if (e)
        return e;
    if (found && k.used_us) {
        e = identity_store_revoke(c, k.hash);
        return e ? e : refuse(c, r);
    }
    return found && code_fits(c, r, &k) ? give(c, r, &k) : refuse(c, r);
}

enum err oidc_userinfo(struct ctx *c, struct req *r)
{
    const char *header = req_header(r, "Authorization"), *account = "";
    struct identity_row w = {0};
    bool found = false;
    if (!header || !text_starts(header, "Bearer "))
        return fail(c, ERR_SIGN_IN, "Authorization");
    enum err e = identity_store_token_account(c, header + 7, &found, &account);
    if (!e && found)
        e = identity_store_account(c, account, &found, &w);
    if (e)
        return e;
    if (!found || w.a.disabled)
        return fail(c, ERR_SIGN_IN, "Authorization");
    return answer_json(c, r, 200, bytes_of(claims(c, &w.a, "userinfo", "")));
}
