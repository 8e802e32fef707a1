/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenID Provider: what a request that was read leads to (sign-in, consent, a code), iss in the
   answer (RFC 9207). Clients are the nodes of the federation. */
#include "base/id.h"
#include "base/text.h"
#include "engine/identity/identity_consent.h"
#include "engine/identity/oidc_request.h"

const char *oidc_challenge(struct arena *a, const char *verifier)
{
    struct sha256 h = sha256(bytes_of(verifier));
    struct buf b = buf_new(a, 100);
    buf_base64url(&b, (struct bytes){h.b, sizeof h.b});
    return b.ptr;
}

const char *oidc_callback(struct ctx *c, const struct node_peer *peer)
{
    return arena_printf(c->arena, "%s" OIDC_CALLBACK, peer->url);
}

/* Where it was asked, to come back to. The wish for a fresh sign-in doesn't come back: it was
   granted, and auth_time in the token proves it. */
static enum err go_and_return(struct ctx *c, struct req *r, const struct oidc_request *q,
                              const char *where)
{
    struct buf to = buf_new(c->arena, 16384);
    buf_printf(&to, "%snext=", where);
    buf_url(&to, oidc_request_path(c, q));
    return answer_redirect(c, r, to.ptr);
}

/* key: "code" or "error". The address is one that was registered. */
static enum err answer_client(struct ctx *c, struct req *r, const struct oidc_request *q,
                              const char *key, const char *value)
{
    struct buf to = buf_new(c->arena, 4096);
    buf_printf(&to, "%s?%s=%s&state=", q->redirect, key, value);
    buf_url(&to, q->state);
    buf_text(&to, "&iss=");
    buf_url(&to, c->node->url);
    return answer_redirect(c, r, to.ptr);
}

static bool too_old(const struct ctx *c, const struct req *r, const struct oidc_request *q)
{
    int64_t age_s = (c->now_us - r->session->created_us) / SECOND_US;
    return text_eq(q->prompt, "login") || (q->max_age_s >= 0 && age_s >= q->max_age_s);
}

/* Requests as objects (OpenID Connect Core 6): what one of them says is not passed over. A name of
   ours is no such object (RFC 9126). */
static const char *not_supported(struct req *r)
{
    if (!text_empty(req_query(r, "request")))
        return "request_not_supported";
    const char *uri = req_query(r, "request_uri");
    return text_empty(uri) || text_starts(uri, OIDC_URN) ? NULL : "request_uri_not_supported";
}

static enum err give_code(struct ctx *c, struct req *r, const struct oidc_request *q)
{
    bool fresh = false;
    enum err e = node_clock_sound(c);
    if (!e)
        e = identity_store_walk(c, q->walk, &fresh);
    if (e || !fresh)
        return e ? e : answer_client(c, r, q, "error", OIDC_SPENT);
    if (text_empty(r->session->sid) && (e = session_named(c, r, secret_new(c->arena))))
        return e;
    const char *code = secret_new(c->arena);
    struct identity_code k = {.hash = sha256_hex(c->arena, sha256(bytes_of(code))),
                              .client = q->client,
                              .redirect = q->redirect,
                              .account = c->actor->account,
                              .nonce = q->nonce,
                              .challenge = q->challenge,
                              .jkt = q->jkt,
                              .sid = r->session->sid,
                              .auth_us = r->session->created_us};
    e = identity_store_code(c, &k);
    return e ? e : answer_client(c, r, q, "code", code);
}

enum err oidc_authorize(struct ctx *c, struct req *r)
{
    struct oidc_request q;
    enum err e = oidc_request_brought(c, r, &q);
    if (e)
        return e;
    const char *unheard = not_supported(r);
    if (unheard)
        return answer_client(c, r, &q, "error", unheard);
    bool again = c->actor->kind == ACTOR_NOBODY || too_old(c, r, &q);
    if (again && text_eq(q.prompt, "none"))
        return answer_client(c, r, &q, "error", "login_required");
    if (again)
        return go_and_return(c, r, &q,
                             c->actor->kind == ACTOR_NOBODY ? "/dang-nhap?" : "/dang-nhap?lai=1&");
    if (c->actor->kind != ACTOR_CITIZEN)
        return fail(c, ERR_OIDC_OFFICIAL, "account");
    if (!text_empty(req_query(r, OIDC_DENIED)))
        return answer_client(c, r, &q, "error", "access_denied");
    bool allowed = false;
    if ((e = identity_consent_holds(c, c->actor->account, q.client, &allowed)))
        return e;
    if (!allowed && text_eq(q.prompt, "none"))
        return answer_client(c, r, &q, "error", "consent_required");
    return allowed ? give_code(c, r, &q) : go_and_return(c, r, &q, OIDC_CONSENT "?");
}

/* Every client must push: then it is said of the whole provider (RFC 9126 5). */
static bool all_push(const struct ctx *c)
{
    for (size_t i = 0; i < c->node->n_peers; i++)
        if (c->node->peers[i].plain_requests)
            return false;
    return true;
}

enum err oidc_discovery(struct ctx *c, struct req *r)
{
    const char *url = c->node->url;
    return answer_json(
        c, r, 200,
        bytes_of(arena_printf(
            c->arena,
            "{\"issuer\":\"%s\",\"authorization_endpoint\":\"%s/oidc/authorize\","
            "\"token_endpoint\":\"%s/oidc/token\",\"userinfo_endpoint\":\"%s/oidc/userinfo\","
            "\"jwks_uri\":\"%s/oidc/jwks\",\"response_types_supported\":[\"code\"],"
            "\"grant_types_supported\":[\"authorization_code\"],"
            "\"subject_types_supported\":[\"pairwise\"],\"scopes_supported\":[\"openid\"],"
            "\"id_token_signing_alg_values_supported\":[\"ES256\"],"
            "\"token_endpoint_auth_methods_supported\":[\"private_key_jwt\"],"
            "\"token_endpoint_auth_signing_alg_values_supported\":[\"ES256\"],"
            "\"code_challenge_methods_supported\":[\"S256\"],"
            "\"claims_supported\":[\"sub\",\"name\",\"vn_pin\",\"acr\",\"auth_time\"],"
            "\"backchannel_logout_supported\":true,"
            "\"backchannel_logout_session_supported\":true,"
            "\"request_parameter_supported\":false,\"request_uri_parameter_supported\":false,"
            "\"prompt_values_supported\":[\"none\",\"login\"],"
            "\"dpop_signing_alg_values_supported\":[\"ES256\"],"
            "\"pushed_authorization_request_endpoint\":\"%s/oidc/par\","
            "\"require_pushed_authorization_requests\":%s,"
            "\"authorization_response_iss_parameter_supported\":true}",
            url, url, url, url, url, url, all_push(c) ? "true" : "false")));
}

enum err oidc_keys(struct ctx *c, struct req *r)
{
    struct arena *a = c->arena;
    const struct cert *next =
        c->node->next_sign_cert; /* told early: who keeps keys knows it then */
    const char *more = next ? jwk_json(a, cert_public_point(a, next)) : "";
    const char *now = jwk_json(a, key_public_point(a, c->node->sign_key));
    return answer_json(
        c, r, 200, bytes_of(arena_printf(a, "{\"keys\":[%s%s%s]}", now, next ? "," : "", more)));
}
