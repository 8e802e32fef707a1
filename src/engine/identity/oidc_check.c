/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens from outside. The key comes from the federation file and the algorithm is ES256: nothing a
   token says of itself decides how it is checked (RFC 8725 3.1). */
#include <string.h>

#include "base/text.h"
#include "engine/identity/identity_out.h"
#include "web/json.h"

#define SKEW_S      60  /* a token may be from so far in the future */
#define ASSERTION_S 600 /* and an assertion be good for so long */
#define JTI_MAX     200
#define NAME_MAX    200
#define DPOP_S      60 /* how old or early a proof may be */

static const char *member(struct ctx *c, const json_t *o, const char *name)
{
    return arena_text(c->arena, json_text_of(o, name, ""));
}

struct signer {
    const char *token;
    struct bytes *point;
};

static bool has_signed(struct arena *a, struct bytes point, const void *what)
{
    const struct signer *s = what;
    struct bytes payload;
    if (!jws_verify(a, s->token, point, &payload))
        return false;
    *s->point = point;
    return true;
}

bool oidc_key_of(struct ctx *c, const struct node_peer *p, const char *token,
                 struct bytes *ret_point)
{
    const struct signer s = {token, ret_point};
    if (!base64url_decode(c->arena, p->sign_point_b64, ret_point))
        return false;
    if (p->n_keys)
        (void)node_peer_signed(c->arena, p, NODE_KEY_STANDS, has_signed, &s);
    return true;
}

/* The payload as a JSON object, or NULL; the caller ends it. */
static json_t *payload_of(struct ctx *c, const char *token, struct bytes point)
{
    struct bytes payload;
    json_t *o = NULL;
    size_t before = c->n_faults;
    if (!jws_verify(c->arena, token, point, &payload))
        return NULL;
    if (json_in(c, "token", payload, &o)) {
        c->n_faults = before;
        return NULL;
    }
    return o;
}

static bool in_time(const struct ctx *c, const json_t *o)
{
    int64_t now_s = c->now_us / SECOND_US;
    return json_int_of(o, "exp", 0) > now_s && json_int_of(o, "iat", INT64_MAX) <= now_s + SKEW_S;
}

/* From that issuer, for that client alone. */
static bool is_between(const json_t *o, const struct oidc_expected *x)
{
    return text_eq(json_text_of(o, "iss", ""), x->issuer) &&
           text_eq(json_text_of(o, "aud", ""), x->client);
}

/* Absent, or a name of a usual length: never another kind of value, which would read as absent. */
static bool may_name(const json_t *o, const char *name)
{
    const json_t *at = json_object_get(o, name);
    const char *text = json_string_value(at);
    return !at || (!text_empty(text) && text_chars(text) <= JTI_MAX);
}

static bool claims_fit(const struct ctx *c, const json_t *o, const struct oidc_expected *x)
{
    const char *name = json_text_of(o, "name", "");
    return !text_empty(x->nonce) && is_between(o, x) &&
           text_eq(json_text_of(o, "nonce", ""), x->nonce) && in_time(c, o) &&
           !text_empty(json_text_of(o, "sub", "")) && may_name(o, "sub") && may_name(o, "sid") &&
           text_matches_digits(json_text_of(o, "vn_pin", ""), 12) && !text_empty(name) &&
           text_chars(name) <= NAME_MAX;
}

/* auth_time; one of the future, or none, proves nothing. */
static int64_t proved_of(const struct ctx *c, const json_t *o)
{
    int64_t at_s = json_int_of(o, "auth_time", 0);
    return at_s > 0 && at_s <= c->now_us / SECOND_US + SKEW_S ? at_s * SECOND_US : 0;
}

enum err oidc_read_id_token(struct ctx *c, const char *id_token, const struct oidc_expected *x,
                            struct identity_account *ret)
{
    json_t *o = payload_of(c, id_token, x->point);
    int64_t acr = 0;
    if (!o)
        return fail(c, ERR_OIDC_ANSWER, "id_token");
    bool fits = claims_fit(c, o, x) && text_to_int(json_text_of(o, "acr", ""), &acr) && acr >= 0 &&
                acr <= 3;
    if (fits)
        *ret = (struct identity_account){.kind = ACTOR_CITIZEN,
                                         .username = "",
                                         .person = member(c, o, "vn_pin"),
                                         .name = member(c, o, "name"),
                                         .assurance = acr,
                                         .subject = member(c, o, "sub"),
                                         .sid = member(c, o, "sid"),
                                         .proved_us = proved_of(c, o)};
    json_end(o);
    return fits ? OK : fail(c, ERR_OIDC_ANSWER, "id_token");
}

bool oidc_read_assertion(struct ctx *c, const char *assertion, struct bytes point,
                         const char *endpoint, struct oidc_assertion *io)
{
    json_t *o = payload_of(c, assertion, point);
    if (!o)
        return false;
    int64_t exp_s = json_int_of(o, "exp", 0), now_s = c->now_us / SECOND_US;
    const char *jti = json_text_of(o, "jti", "");
    bool fits = text_eq(json_text_of(o, "iss", ""), io->client) &&
                text_eq(json_text_of(o, "sub", ""), io->client) &&
                text_eq(json_text_of(o, "aud", ""), endpoint) && in_time(c, o) &&
                exp_s <= now_s + ASSERTION_S && !text_empty(jti) && text_chars(jti) <= JTI_MAX;
    if (fits) {
        io->jti = arena_text(c->arena, jti);
        io->until_us = exp_s * SECOND_US;
    }
    json_end(o);
    return fits;
}

/* OpenID Connect Back-Channel Logout 1.0, 2.4: that kind of event, and no nonce, so that no
   id_token reads as one. */
static bool tells_of_an_end(const struct ctx *c, const json_t *o, const struct oidc_expected *x)
{
    int64_t exp_s = json_int_of(o, "exp", 0), iat_s = json_int_of(o, "iat", 0);
    int64_t now_s = c->now_us / SECOND_US;
    const char *jti = json_text_of(o, "jti", "");
    const json_t *events = json_object_get(o, "events");
    bool named = json_object_get(o, "sub") || json_object_get(o, "sid");
    return is_between(o, x) && in_time(c, o) && iat_s >= now_s - ASSERTION_S &&
           exp_s <= now_s + ASSERTION_S && !text_empty(jti) && text_chars(jti) <= JTI_MAX &&
           !json_object_get(o, "nonce") &&
           json_is_object(json_object_get(events, OIDC_OUT_EVENT)) && named && may_name(o, "sub") &&
           may_name(o, "sid");
}

bool oidc_read_out(struct ctx *c, const char *token, const struct oidc_expected *x,
                   struct oidc_out *ret)
{
    struct bytes payload;
    json_t *o = NULL;
    size_t before = c->n_faults;
    if (!jws_verify_typ(c->arena, token, OIDC_OUT_TYP, x->point, &payload))
        return false;
    if (json_in(c, "logout_token", payload, &o)) {
        c->n_faults = before;
        return false;
    }
    bool good = tells_of_an_end(c, o, x);
    if (good)
        *ret = (struct oidc_out){.sub = member(c, o, "sub"),
                                 .sid = member(c, o, "sid"),
                                 .jti = member(c, o, "jti"),
                                 .until_us = json_int_of(o, "exp", 0) * SECOND_US};
    json_end(o);
    return good;
}

static bool is_of(struct ctx *c, const json_t *o, const char *method, const char *url,
                  const char *token)
{
    const char *htu = json_text_of(o, "htu", ""), *jti = json_text_of(o, "jti", "");
    int64_t iat_s = json_int_of(o, "iat", 0), now_s = c->now_us / SECOND_US;
    return text_eq(json_text_of(o, "htm", ""), method) &&
           text_eq(arena_text_n(c->arena, htu, strcspn(htu, "?#")), url) &&
           iat_s >= now_s - DPOP_S && iat_s <= now_s + DPOP_S && !text_empty(jti) &&
           text_chars(jti) <= JTI_MAX &&
           (!token || text_eq(json_text_of(o, "ath", ""), oidc_challenge(c->arena, token)));
}

bool oidc_read_dpop(struct ctx *c, const char *proof, const char *method, const char *url,
                    const char *token, struct oidc_holder *ret)
{
    struct bytes point, payload;
    json_t *o = NULL;
    size_t before = c->n_faults;
    if (!jws_verify_own(c->arena, proof, "dpop+jwt", &point, &payload))
        return false;
    if (json_in(c, "dpop", payload, &o)) {
        c->n_faults = before;
        return false;
    }
    bool good = is_of(c, o, method, url, token);
    if (good)
        *ret =
            (struct oidc_holder){.jkt = key_id(c->arena, point),
                                 .jti = member(c, o, "jti"),
                                 .until_us = (json_int_of(o, "iat", 0) + DPOP_S + 1) * SECOND_US};
    json_end(o);
    return good;
}
