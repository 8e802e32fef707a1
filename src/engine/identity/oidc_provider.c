/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenID Provider: OpenID Connect Core 1.0 code flow with PKCE (RFC 7636), iss in the answer
   (RFC 9207), exact redirect addresses (RFC 9700). Clients are the nodes of the federation. */
#include "base/id.h"
#include "base/text.h"
#include "engine/identity/identity_consent.h"

const struct node_peer *oidc_client(const struct ctx *c, const char *client_id)
{
    for (size_t i = 0; i < c->node->n_peers; i++)
        if (text_eq(c->node->peers[i].agency, client_id))
            return &c->node->peers[i];
    return NULL;
}

const char *oidc_challenge(struct arena *a, const char *verifier)
{
    struct sha256 h = sha256(bytes_of(verifier));
    struct buf b = buf_new(a, 100);
    buf_base64url(&b, (struct bytes){h.b, sizeof h.b});
    return b.ptr;
}

struct request {
    const char *client, *redirect, *state, *nonce, *challenge, *prompt;
    int64_t max_age_s; /* the sign-in may be so old; -1: any age */
};

static enum err read_wishes(struct ctx *c, struct req *r, struct request *q)
{
    const char *age = req_query(r, "max_age");
    q->prompt = req_query(r, "prompt");
    q->max_age_s = -1;
    if (!text_eq(q->prompt, "") && !text_eq(q->prompt, "none") && !text_eq(q->prompt, "login"))
        return fail(c, ERR_OIDC_REQUEST, "prompt");
    if (!text_empty(age) && (!text_to_int(age, &q->max_age_s) || q->max_age_s < 0))
        return fail(c, ERR_OIDC_REQUEST, "max_age");
    return OK;
}

static bool has_word(struct ctx *c, const char *list, const char *word)
{
    size_t n = 0;
    const char **words = text_split(c->arena, list, ' ', &n);
    for (size_t i = 0; i < n; i++)
        if (text_eq(words[i], word))
            return true;
    return false;
}

/* Faults here are shown to the person: nothing is sent to an address that wasn't registered. */
static enum err read_request(struct ctx *c, struct req *r, struct request *q)
{
    q->client = req_query(r, "client_id");
    q->redirect = req_query(r, "redirect_uri");
    q->state = req_query(r, "state");
    q->nonce = req_query(r, "nonce");
    q->challenge = req_query(r, "code_challenge");
    const struct node_peer *peer = oidc_client(c, q->client);
    if (!peer)
        return fail(c, ERR_OIDC_REQUEST, "client_id");
    if (!text_eq(q->redirect, arena_printf(c->arena, "%s" OIDC_CALLBACK, peer->url)))
        return fail(c, ERR_OIDC_REQUEST, "redirect_uri");
    if (!text_eq(req_query(r, "response_type"), "code"))
        return fail(c, ERR_OIDC_REQUEST, "response_type");
    const char *mode = req_query(r, "response_mode");
    if (!text_empty(mode) && !text_eq(mode, "query"))
        return fail(c, ERR_OIDC_REQUEST, "response_mode");
    if (!has_word(c, req_query(r, "scope"), "openid"))
        return fail(c, ERR_OIDC_REQUEST, "scope");
    if (!text_eq(req_query(r, "code_challenge_method"), "S256"))
        return fail(c, ERR_OIDC_REQUEST, "code_challenge_method");
    if (text_chars(q->challenge) != 43)
        return fail(c, ERR_OIDC_REQUEST, "code_challenge");
    if (text_chars(q->state) < 16 || text_chars(q->state) > 200)
        return fail(c, ERR_OIDC_REQUEST, "state");
    if (text_chars(q->nonce) < 16 || text_chars(q->nonce) > 200)
        return fail(c, ERR_OIDC_REQUEST, "nonce");
    return read_wishes(c, r, q);
}

/* Where it was asked, to come back to. The wish for a fresh sign-in doesn't come back: it was
   granted, and auth_time in the token proves it. */
static enum err go_and_return(struct ctx *c, struct req *r, const struct request *q,
                              const char *where)
{
    const char *const pairs[] = {"client_id",     q->client, "redirect_uri", q->redirect,
                                 "state",         q->state,  "nonce",        q->nonce,
                                 "response_type", "code",    "scope",        "openid"};
    struct buf here = buf_new(c->arena, 8192), to = buf_new(c->arena, 16384);
    buf_printf(&here, "/oidc/authorize?code_challenge_method=S256&code_challenge=%s", q->challenge);
    for (size_t i = 0; i < ARRAY_LEN(pairs); i += 2) {
        buf_printf(&here, "&%s=", pairs[i]);
        buf_url(&here, pairs[i + 1]);
    }
    buf_printf(&to, "%snext=", where);
    buf_url(&to, here.ptr);
    return answer_redirect(c, r, to.ptr);
}

/* key: "code" or "error". The address is one that was registered. */
static enum err answer_client(struct ctx *c, struct req *r, const struct request *q,
                              const char *key, const char *value)
{
    struct buf to = buf_new(c->arena, 4096);
    buf_printf(&to, "%s?%s=%s&state=", q->redirect, key, value);
    buf_url(&to, q->state);
    buf_text(&to, "&iss=");
    buf_url(&to, c->node->url);
    return answer_redirect(c, r, to.ptr);
}

static bool too_old(const struct ctx *c, const struct req *r, const struct request *q)
{
    int64_t age_s = (c->now_us - r->session->created_us) / SECOND_US;
    return text_eq(q->prompt, "login") || (q->max_age_s >= 0 && age_s >= q->max_age_s);
}

/* Requests as objects (OpenID Connect Core 6): what one of them says is not passed over. */
static const char *not_supported(struct req *r)
{
    if (!text_empty(req_query(r, "request")))
        return "request_not_supported";
    return text_empty(req_query(r, "request_uri")) ? NULL : "request_uri_not_supported";
}

static enum err give_code(struct ctx *c, struct req *r, const struct request *q)
{
    enum err e = node_clock_sound(c);
    if (e)
        return e;
    const char *code = secret_new(c->arena);
    struct identity_code k = {.hash = sha256_hex(c->arena, sha256(bytes_of(code))),
                              .client = q->client,
                              .redirect = q->redirect,
                              .account = c->actor->account,
                              .nonce = q->nonce,
                              .challenge = q->challenge,
                              .auth_us = r->session->created_us};
    e = identity_store_code(c, &k);
    return e ? e : answer_client(c, r, q, "code", code);
}

enum err oidc_authorize(struct ctx *c, struct req *r)
{
    struct request q;
    enum err e = read_request(c, r, &q);
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
            "\"request_parameter_supported\":false,\"request_uri_parameter_supported\":false,"
            "\"prompt_values_supported\":[\"none\",\"login\"],"
            "\"authorization_response_iss_parameter_supported\":true}",
            url, url, url, url, url)));
}

enum err oidc_keys(struct ctx *c, struct req *r)
{
    struct bytes point = key_public_point(c->arena, c->node->sign_key);
    return answer_json(
        c, r, 200, bytes_of(arena_printf(c->arena, "{\"keys\":[%s]}", jwk_json(c->arena, point))));
}
