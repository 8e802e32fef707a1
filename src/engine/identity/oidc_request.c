/* SPDX-License-Identifier: Apache-2.0 */
/* Authorization requests: OpenID Connect Core 1.0 code flow with PKCE (RFC 7636), exact redirect
   addresses (RFC 9700), pushed (RFC 9126). */
#include "engine/identity/oidc_request.h"

#include <string.h>

#include "base/id.h"
#include "base/text.h"
#include "core/secrets.h"

#define CHALLENGE_CHARS 43 /* SHA-256, base64url */
#define VALUE_MAX       2000

/* ---- read ---- */

static const char *said(struct ctx *c, struct req *r, bool form, const char *name)
{
    const char *clean = "";
    if (!form)
        return req_query(r, name);
    size_t before = c->n_faults;
    if (text_clean(c, name, bytes_of(req_form(r, name)), VALUE_MAX, &clean)) {
        c->n_faults = before;
        return "";
    }
    return clean;
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

static enum err read_wishes(struct ctx *c, struct req *r, bool form, struct oidc_request *q)
{
    const char *age = said(c, r, form, "max_age");
    q->prompt = said(c, r, form, "prompt");
    q->max_age_s = -1;
    if (!text_eq(q->prompt, "") && !text_eq(q->prompt, "none") && !text_eq(q->prompt, "login"))
        return fail(c, ERR_OIDC_REQUEST, "prompt");
    if (!text_empty(age) && (!text_to_int(age, &q->max_age_s) || q->max_age_s < 0))
        return fail(c, ERR_OIDC_REQUEST, "max_age");
    return OK;
}

static enum err read_kind(struct ctx *c, struct req *r, bool form)
{
    const char *mode = said(c, r, form, "response_mode");
    if (!text_eq(said(c, r, form, "response_type"), "code"))
        return fail(c, ERR_OIDC_REQUEST, "response_type");
    if (!text_empty(mode) && !text_eq(mode, "query"))
        return fail(c, ERR_OIDC_REQUEST, "response_mode");
    if (!has_word(c, said(c, r, form, "scope"), "openid"))
        return fail(c, ERR_OIDC_REQUEST, "scope");
    if (!text_eq(said(c, r, form, "code_challenge_method"), "S256"))
        return fail(c, ERR_OIDC_REQUEST, "code_challenge_method");
    return OK;
}

static bool sized(const char *text)
{
    return text_chars(text) >= 16 && text_chars(text) <= 200;
}

enum err oidc_request_read(struct ctx *c, struct req *r, bool form, struct oidc_request *q)
{
    *q = (struct oidc_request){.client = said(c, r, form, "client_id"),
                               .redirect = said(c, r, form, "redirect_uri"),
                               .state = said(c, r, form, "state"),
                               .nonce = said(c, r, form, "nonce"),
                               .challenge = said(c, r, form, "code_challenge"),
                               .jkt = said(c, r, form, "dpop_jkt"),
                               .walk = "",
                               .pushed = form};
    const struct node_peer *peer = oidc_client(c, q->client);
    if (!peer)
        return fail(c, ERR_OIDC_REQUEST, "client_id");
    if (!text_eq(q->redirect, oidc_callback(c, peer)))
        return fail(c, ERR_OIDC_REQUEST, "redirect_uri");
    enum err e = read_kind(c, r, form);
    if (e)
        return e;
    if (text_chars(q->challenge) != CHALLENGE_CHARS)
        return fail(c, ERR_OIDC_REQUEST, "code_challenge");
    if (!text_empty(q->jkt) && text_chars(q->jkt) != CHALLENGE_CHARS)
        return fail(c, ERR_OIDC_REQUEST, "dpop_jkt");
    if (!sized(q->state))
        return fail(c, ERR_OIDC_REQUEST, "state");
    if (!sized(q->nonce))
        return fail(c, ERR_OIDC_REQUEST, "nonce");
    return read_wishes(c, r, form, q);
}

/* ---- on the way ---- */

/* Of one length, whatever they are: how far two seals agree doesn't show in the time. */
static bool same(const char *a, const char *b)
{
    struct sha256 x = sha256(bytes_of(a)), y = sha256(bytes_of(b));
    return memcmp(x.b, y.b, sizeof x.b) == 0;
}

static const char *seal_of(struct ctx *c, const struct oidc_request *q, int64_t until_s)
{
    const char *const parts[] = {q->client,    q->redirect, q->state, q->nonce,
                                 q->challenge, q->jkt,      q->walk};
    struct buf b = buf_new(c->arena, 16384);
    buf_printf(&b, "%lld", (long long)until_s);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        buf_char(&b, ' ');
        buf_json(&b, parts[i]);
    }
    return secret_token(c, SECRET_IDENTITY_ASKED, b.ptr);
}

static bool seal_holds(struct ctx *c, struct req *r, struct oidc_request *q)
{
    int64_t until_s = 0, now_s = c->now_us / SECOND_US;
    bool holds = text_to_int(req_query(r, OIDC_UNTIL), &until_s) && until_s > now_s &&
                 until_s <= now_s + OIDC_WALK_US / SECOND_US && text_empty(q->prompt) &&
                 q->max_age_s < 0 && !text_empty(q->walk) &&
                 same(req_query(r, OIDC_SEAL), seal_of(c, q, until_s));
    q->until_s = holds ? until_s : 0; /* sealed again, it lasts no longer */
    return holds;
}

const char *oidc_request_path(struct ctx *c, const struct oidc_request *q)
{
    const char *const pairs[] = {"client_id",     q->client, "redirect_uri", q->redirect,
                                 "state",         q->state,  "nonce",        q->nonce,
                                 "response_type", "code",    "scope",        "openid"};
    int64_t until_s = q->until_s ? q->until_s : (c->now_us + OIDC_WALK_US) / SECOND_US;
    struct buf to = buf_new(c->arena, 8192);
    buf_printf(&to, "/oidc/authorize?code_challenge_method=S256&code_challenge=%s", q->challenge);
    for (size_t i = 0; i < ARRAY_LEN(pairs); i += 2) {
        buf_printf(&to, "&%s=", pairs[i]);
        buf_url(&to, pairs[i + 1]);
    }
    if (!text_empty(q->jkt)) {
        buf_text(&to, "&dpop_jkt=");
        buf_url(&to, q->jkt);
    }
    if (q->pushed)
        buf_printf(&to, "&" OIDC_WALK "=%s&" OIDC_UNTIL "=%lld&" OIDC_SEAL "=%s", q->walk,
                   (long long)until_s, seal_of(c, q, until_s));
    return to.ptr;
}

/* ---- brought by a browser ---- */

static enum err take(struct ctx *c, struct req *r, const char *uri, struct oidc_request *q)
{
    const struct node_peer *peer = oidc_client(c, req_query(r, "client_id"));
    const char *name = sha256_hex(c->arena, sha256(bytes_of(uri + strlen(OIDC_URN))));
    bool found = false;
    if (!peer)
        return fail(c, ERR_OIDC_REQUEST, "client_id");
    enum err e = identity_store_pushed_take(c, name, peer->agency, &found, q);
    if (e)
        return e;
    q->client = peer->agency;
    q->redirect = oidc_callback(c, peer);
    q->walk = name;
    q->pushed = true;
    return found ? OK : fail(c, ERR_OIDC_REQUEST, "request_uri");
}

/* RFC 9126 4, RFC 9101 6.3: beside the name of a pushed request nothing else is listened to. */
enum err oidc_request_brought(struct ctx *c, struct req *r, struct oidc_request *q)
{
    const char *uri = req_query(r, "request_uri");
    if (text_starts(uri, OIDC_URN) && text_empty(req_query(r, "request")))
        return take(c, r, uri, q);
    enum err e = oidc_request_read(c, r, false, q);
    if (e || oidc_client(c, q->client)->plain_requests)
        return e;
    q->pushed = true;
    q->walk = req_query(r, OIDC_WALK);
    return seal_holds(c, r, q) ? OK : fail(c, ERR_OIDC_REQUEST, "request_uri");
}

/* ---- pushed ---- */

struct pushing {
    struct oidc_assertion proof;
    struct oidc_holder holder;
    const char *error; /* of RFC 6749 5.2; NULL: the client is who it says */
};

enum err oidc_push_prepare(struct ctx *c, struct req *r)
{
    static const char *const once[] = {"client_id",
                                       "redirect_uri",
                                       "response_type",
                                       "response_mode",
                                       "scope",
                                       "state",
                                       "nonce",
                                       "code_challenge",
                                       "prompt",
                                       "max_age",
                                       "code_challenge_method",
                                       "client_assertion",
                                       "request",
                                       "client_assertion_type",
                                       "request_uri",
                                       "dpop_jkt",
                                       NULL};
    static const char *const paths[] = {"", "/oidc/par", "/oidc/token", NULL}; /* RFC 9126 2 */
    struct pushing *k = ARENA_NEW(c->arena, struct pushing);
    *k = (struct pushing){.proof = {.client = req_form(r, "client_id")}};
    if (oidc_says_twice(r, once))
        k->error = "invalid_request";
    else if (!oidc_proves(c, r, paths, &k->proof))
        k->error = "invalid_client";
    else if (!oidc_holder_of(c, r, "/oidc/par", NULL, &k->holder))
        k->error = "invalid_dpop_proof";
    r->kept = k;
    return OK;
}

/* The parameter at fault, in the words of RFC 6749 4.1.2.1 and OpenID Connect Core 6. */
static const char *error_of(const char *field)
{
    return text_eq(field, "response_type") ? "unsupported_response_type"
           : text_eq(field, "scope")       ? "invalid_scope"
                                           : "invalid_request";
}

/* By a name of the key, by a proof of it, or both (RFC 9449 10.1). */
static bool holder_fits(const struct oidc_holder *h, struct oidc_request *q)
{
    bool fits = text_empty(h->jkt) || text_empty(q->jkt) || text_eq(h->jkt, q->jkt);
    if (!text_empty(h->jkt))
        q->jkt = h->jkt;
    return fits;
}

static enum err keep(struct ctx *c, struct req *r, const struct oidc_request *q)
{
    const char *name = secret_new(c->arena);
    enum err e = node_clock_sound(c);
    if (!e)
        e = identity_store_pushed(c, sha256_hex(c->arena, sha256(bytes_of(name))), q);
    if (e)
        return e;
    answer_header(r, "Cache-Control", "no-store");
    return answer_json(
        c, r, 201,
        bytes_of(arena_printf(c->arena, "{\"request_uri\":\"" OIDC_URN "%s\",\"expires_in\":%d}",
                              name, OIDC_PUSHED_S)));
}

enum err oidc_push(struct ctx *c, struct req *r)
{
    const struct pushing *k = r->kept;
    struct oidc_request q;
    bool fresh = false;
    if (k->error)
        return oidc_refuse(c, r, text_eq(k->error, "invalid_client") ? 401 : 400, k->error);
    enum err e = identity_store_assertion(c, &k->proof, &fresh);
    if (e || !fresh)
        return e ? e : oidc_refuse(c, r, 401, "invalid_client");
    if ((e = identity_store_holder(c, &k->holder, &fresh)) || !fresh)
        return e ? e : oidc_refuse(c, r, 400, "invalid_dpop_proof");
    if (!text_empty(req_form(r, "request_uri")))
        return oidc_refuse(c, r, 400, "invalid_request");
    if (!text_empty(req_form(r, "request")))
        return oidc_refuse(c, r, 400, "request_not_supported");
    if (oidc_request_read(c, r, true, &q)) {
        const char *error = error_of(c->faults[0].field);
        ctx_clear_faults(c);
        return oidc_refuse(c, r, 400, error);
    }
    return holder_fits(&k->holder, &q) ? keep(c, r, &q)
                                       : oidc_refuse(c, r, 400, "invalid_dpop_proof");
}
