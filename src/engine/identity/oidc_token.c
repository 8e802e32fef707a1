/* SPDX-License-Identifier: Apache-2.0 */
/* The token endpoint: the client proves itself by a signed assertion (RFC 7523), the browser's code
   by its PKCE verifier. A code used twice takes back what the first use gave (RFC 9700 4.5).
   Refusals speak RFC 6749 5.2 and RFC 6750 3: clients are programs. */
#include "base/id.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/secrets.h"
#include "engine/identity/identity_consent.h"
#include "engine/identity/identity_out.h"
#include "engine/identity/oidc_request.h"

#define VERIFIER_MIN 43 /* RFC 7636 4.1 */
#define VERIFIER_MAX 128

/* ---- the client ---- */

struct asking {
    struct oidc_assertion proof;
    struct oidc_holder holder;
    const char *error; /* of RFC 6749 5.2; NULL: the client is who it says */
};

enum err oidc_token_prepare(struct ctx *c, struct req *r)
{
    static const char *const once[] = {"grant_type",
                                       "client_id",
                                       "code",
                                       "redirect_uri",
                                       "client_assertion",
                                       "client_assertion_type",
                                       "code_verifier",
                                       NULL};
    static const char *const paths[] = {"/oidc/token", NULL};
    struct asking *k = ARENA_NEW(c->arena, struct asking);
    *k = (struct asking){.proof = {.client = req_form(r, "client_id")}};
    if (oidc_says_twice(r, once))
        k->error = "invalid_request";
    else if (!text_eq(req_form(r, "grant_type"), "authorization_code"))
        k->error = "unsupported_grant_type";
    else if (!oidc_proves(c, r, paths, &k->proof))
        k->error = "invalid_client";
    else if (!oidc_holder_of(c, r, "/oidc/token", NULL, &k->holder) ||
             (text_empty(k->holder.jkt) && !oidc_client(c, k->proof.client)->bearer_tokens))
        k->error = "invalid_dpop_proof";
    r->kept = k;
    return OK;
}

/* ---- what it is given ---- */

static bool code_fits(struct ctx *c, struct req *r, const struct identity_code *k, const char *jkt)
{
    const char *verifier = req_form(r, "code_verifier");
    size_t n = text_chars(verifier);
    return (text_empty(k->jkt) || text_eq(k->jkt, jkt)) && n >= VERIFIER_MIN && n <= VERIFIER_MAX &&
           text_eq(k->client, req_form(r, "client_id")) &&
           text_eq(k->redirect, req_form(r, "redirect_uri")) &&
           text_eq(k->challenge, oidc_challenge(c->arena, verifier)) &&
           c->now_us - k->made_us <= IDENTITY_CODE_US && c->now_us >= k->made_us - SECOND_US;
}

const char *oidc_subject(struct ctx *c, const char *client, const char *account)
{
    return secret_token(c, SECRET_IDENTITY_SUBJECT,
                        arena_printf(c->arena, "%s %s", client, account));
}

/* A person is another subject to each client (pairwise, OpenID Connect Core 8.1), and the same one
   in the id_token and at the userinfo endpoint (5.3.2). */
static void put_person(struct ctx *c, struct buf *b, const struct identity_account *a,
                       const char *client)
{
    buf_text(b, "{\"sub\":");
    buf_json(b, oidc_subject(c, client, a->id));
    buf_text(b, ",\"name\":");
    buf_json(b, a->name);
    buf_text(b, ",\"vn_pin\":");
    buf_json(b, a->person);
    buf_printf(b, ",\"acr\":\"%d\"", (int)a->assurance);
}

static const char *id_token(struct ctx *c, const struct identity_account *a,
                            const struct identity_code *k)
{
    struct buf b = buf_new(c->arena, 8192);
    int64_t now_s = c->now_us / SECOND_US;
    put_person(c, &b, a, k->client);
    buf_printf(&b, ",\"iss\":\"%s\",\"aud\":\"%s\",\"iat\":%lld,\"exp\":%lld,\"auth_time\":%lld",
               c->node->url, k->client, (long long)now_s,
               (long long)(now_s + IDENTITY_TOKEN_US / SECOND_US),
               (long long)(k->auth_us / SECOND_US));
    buf_text(&b, ",\"nonce\":");
    buf_json(&b, k->nonce);
    if (!text_empty(k->sid))
        buf_printf(&b, ",\"sid\":\"%s\"", oidc_sign_in(c, k->client, k->account, k->sid));
    buf_char(&b, '}');
    return jws_sign(c->arena, c->node->sign_key, "JWT", b.ptr);
}

static enum err give(struct ctx *c, struct req *r, const struct identity_code *k, const char *jkt)
{
    struct identity_row w = {0};
    bool found = false, allowed = false;
    const char *token = secret_new(c->arena);
    enum err e = node_clock_sound(c);
    if (!e)
        e = identity_store_account(c, k->account, &found, &w);
    if (!e)
        e = identity_consent_told(c, k->account, k->client, &allowed);
    if (e)
        return e;
    if (!found || w.a.disabled || !allowed)
        return oidc_refuse(c, r, 400, "invalid_grant");
    struct audit_act act = {.action = "identity.told",
                            .kind = "account",
                            .object = w.a.id,
                            .detail = arena_printf(c->arena, "{\"client\":\"%s\"}", k->client)};
    if ((e = identity_store_token(c, token, k, jkt)) || (e = identity_out_owed(c, k)) ||
        (e = audit_write(c, &act)))
        return e;
    answer_header(r, "Cache-Control", "no-store");
    return answer_json(
        c, r, 200,
        bytes_of(arena_printf(c->arena,
                              "{\"access_token\":\"%s\",\"token_type\":\"%s\","
                              "\"expires_in\":%d,\"id_token\":\"%s\"}",
                              token, text_empty(jkt) ? "Bearer" : "DPoP",
                              (int)(IDENTITY_TOKEN_US / SECOND_US), id_token(c, &w.a, k))));
}

enum err oidc_token(struct ctx *c, struct req *r)
{
    const struct asking *q = r->kept;
    struct identity_code k = {0};
    bool found = false, fresh = false;
    if (q->error)
        return oidc_refuse(c, r, text_eq(q->error, "invalid_client") ? 401 : 400, q->error);
    enum err e = identity_store_assertion(c, &q->proof, &fresh);
    if (e || !fresh)
        return e ? e : oidc_refuse(c, r, 401, "invalid_client");
    if ((e = identity_store_holder(c, &q->holder, &fresh)) || !fresh)
        return e ? e : oidc_refuse(c, r, 400, "invalid_dpop_proof");
    const char *hash = sha256_hex(c->arena, sha256(bytes_of(req_form(r, "code"))));
    if ((e = identity_store_code_take(c, hash, &found, &k)))
        return e;
    if (found && k.used_us && (e = identity_store_revoke(c, k.hash)))
        return e;
    bool good = found && !k.used_us && code_fits(c, r, &k, q->holder.jkt);
    return good ? give(c, r, &k, q->holder.jkt) : oidc_refuse(c, r, 400, "invalid_grant");
}

/* ---- userinfo ---- */

struct opening {
    const char *token;
    struct oidc_holder holder;
    const char *error; /* NULL: there is a token, and its holder shows what it must */
};

enum err oidc_userinfo_prepare(struct ctx *c, struct req *r)
{
    const char *header = req_header(r, "Authorization");
    struct opening *k = ARENA_NEW(c->arena, struct opening);
    *k = (struct opening){.holder = {"", "", 0}};
    r->kept = k;
    if (header && text_starts(header, "DPoP ")) {
        k->token = header + 5;
        if (!oidc_holder_of(c, r, "/oidc/userinfo", k->token, &k->holder) ||
            text_empty(k->holder.jkt))
            k->error = "invalid_dpop_proof";
    } else if (header && text_starts(header, "Bearer ")) {
        k->token = header + 7;
    } else {
        k->error = "invalid_token";
    }
    return OK;
}

enum err oidc_userinfo(struct ctx *c, struct req *r)
{
    const struct opening *k = r->kept;
    struct identity_token t = {0};
    struct identity_row w = {0};
    bool found = false, fresh = false;
    if (k->error)
        return oidc_refuse(c, r, 401, k->error);
    enum err e = identity_store_token_of(c, k->token, &found, &t);
    if (!e && found)
        e = identity_store_account(c, t.account, &found, &w);
    if (e)
        return e;
    if (!found || w.a.disabled || !text_eq(t.jkt, k->holder.jkt))
        return oidc_refuse(c, r, 401, "invalid_token");
    if ((e = identity_store_holder(c, &k->holder, &fresh)) || !fresh)
        return e ? e : oidc_refuse(c, r, 401, "invalid_dpop_proof");
    struct buf b = buf_new(c->arena, 4096);
    put_person(c, &b, &w.a, t.client);
    buf_char(&b, '}');
    answer_header(r, "Cache-Control", "no-store");
    return answer_json(c, r, 200, buf_bytes(&b));
}
