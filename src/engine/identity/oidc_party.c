/* SPDX-License-Identifier: Apache-2.0 */
/* The relying party: starts at /dang-nhap/quoc-gia, comes back to /dang-nhap/tro-lai. What was
   asked (state, nonce, verifier, where to go on) waits in the browser's own session.

   A way back may come twice (a double click, the back button) or too late (a restart, a second
   tab): its code is used or lost and what was asked is gone. Nothing of such an answer is believed;
   the sign-in begins again, once. That it is the second time stands in the state, which comes back
   even where no cookie does: a browser that keeps none would go round for ever. */
#include "base/id.h"
#include "base/text.h"
#include "engine/identity/identity_out.h"
#include "engine/identity/identity_views.h"
#include "gen/html.h"
#include "net/client.h"
#include "web/json.h"

#define START       "/dang-nhap/quoc-gia"
#define SECOND_TIME "lai." /* before a state: no state of ours has a dot */
#define STATE_CHARS 16     /* shorter is nobody's */

#define FORM    "application/x-www-form-urlencoded"
#define URI_MAX 500

struct asked {
    const char *state, *nonce, *verifier, *next;
    const char *uri; /* the provider's name of what was pushed; NULL: nothing was */
    bool anew;       /* who is signed in there is asked again all the same */
};

const struct node_peer *oidc_provider(const struct ctx *c)
{
    for (size_t i = 0; i < c->node->n_peers; i++)
        if (text_eq(c->node->peers[i].url, c->node->identity_url))
            return &c->node->peers[i];
    return NULL;
}

static const char *note_of(struct ctx *c, const struct asked *q)
{
    struct buf b = buf_new(c->arena, 8192);
    buf_printf(&b, "{\"state\":\"%s\",\"nonce\":\"%s\",\"verifier\":\"%s\",\"next\":", q->state,
               q->nonce, q->verifier);
    buf_json(&b, q->next);
    buf_text(&b, "}");
    return b.ptr;
}

/* What this browser asked for; all "" when it asked for nothing. */
static void read_note(struct ctx *c, const struct req *r, struct asked *q)
{
    json_t *o;
    *q = (struct asked){"", "", "", "/", NULL, false};
    if (!r->session || text_empty(r->session->note))
        return;
    if (json_in(c, "session", bytes_of(r->session->note), &o)) {
        ctx_clear_faults(c);
        return;
    }
    q->state = arena_text(c->arena, json_text_of(o, "state", ""));
    q->nonce = arena_text(c->arena, json_text_of(o, "nonce", ""));
    q->verifier = arena_text(c->arena, json_text_of(o, "verifier", ""));
    q->next = arena_text(c->arena, json_text_of(o, "next", "/"));
    json_end(o);
}

/* ---- at the provider, without the browser ---- */

static const char *assertion(struct ctx *c, const char *path)
{
    int64_t now_s = c->now_us / SECOND_US;
    return jws_sign(c->arena, c->node->sign_key, "JWT",
                    arena_printf(c->arena,
                                 "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"%s%s\","
                                 "\"iat\":%lld,\"exp\":%lld,\"jti\":\"%s\"}",
                                 c->node->agency, c->node->agency, c->node->identity_url, path,
                                 (long long)now_s, (long long)(now_s + 60),
                                 id_new(c->arena, c->now_us)));
}

/* The code, and what it is redeemed for, are this node's alone: who steals them lacks its key
   (RFC 9449). */
static const char *dpop(struct ctx *c, const char *url)
{
    return jws_sign_own(c->arena, c->node->sign_key, "dpop+jwt",
                        arena_printf(c->arena,
                                     "{\"htm\":\"POST\",\"htu\":\"%s\",\"iat\":%lld,"
                                     "\"jti\":\"%s\"}",
                                     url, (long long)(c->now_us / SECOND_US),
                                     id_new(c->arena, c->now_us)));
}

/* name, value, ...; who asks and the proof of it are put before. */
static enum err post(struct ctx *c, const char *path, const char *const *pairs, size_t n,
                     struct client_answer *ret)
{
    struct buf body = buf_new(c->arena, 16384);
    buf_printf(&body, "client_id=%s&client_assertion_type=", c->node->agency);
    buf_url(&body, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    buf_printf(&body, "&client_assertion=%s", assertion(c, path));
    for (size_t i = 0; i < n; i += 2) {
        buf_printf(&body, "&%s=", pairs[i]);
        buf_url(&body, pairs[i + 1]);
    }
    const char *url = arena_printf(c->arena, "%s%s", c->node->identity_url, path);
    const struct http_header headers[] = {
        {"Content-Type", FORM}, {"Accept", "application/json"}, {"DPoP", dpop(c, url)}};
    struct client_request x = {.method = "POST",
                               .headers = headers,
                               .n_headers = ARRAY_LEN(headers),
                               .body = buf_bytes(&body),
                               .url = url,
                               .timeout_us = 10 * SECOND_US,
                               .max_answer_bytes = 64 * 1024};
    return client_send(c, &x, ret);
}

static const char *callback(struct ctx *c)
{
    return arena_printf(c->arena, "%s" OIDC_CALLBACK, c->node->url);
}

/* ---- asks ---- */

static enum err read_pushed(struct ctx *c, struct bytes body, struct asked *q)
{
    json_t *o;
    if (json_in(c, "par", body, &o)) {
        ctx_clear_faults(c);
        return fail(c, ERR_OIDC_ANSWER, "request_uri");
    }
    q->uri = arena_text(c->arena, json_text_of(o, "request_uri", ""));
    json_end(o);
    bool fits = !text_empty(q->uri) && text_chars(q->uri) <= URI_MAX;
    return fits ? OK : fail(c, ERR_OIDC_ANSWER, "request_uri");
}

/* What is asked goes to the provider first, and the browser carries a name of it (RFC 9126):
   nothing of it can be read or changed on the way. */
static enum err push(struct ctx *c, struct asked *q)
{
    const char *const pairs[] = {"response_type",
                                 "code",
                                 "scope",
                                 "openid",
                                 "redirect_uri",
                                 callback(c),
                                 "state",
                                 q->state,
                                 "nonce",
                                 q->nonce,
                                 "code_challenge_method",
                                 "S256",
                                 "code_challenge",
                                 oidc_challenge(c->arena, q->verifier),
                                 "prompt",
                                 "login"};
    struct client_answer a;
    enum err e = post(c, "/oidc/par", pairs, ARRAY_LEN(pairs) - (q->anew ? 0 : 2), &a);
    if (e)
        return e;
    return a.status == 201 ? read_pushed(c, a.body, q) : fail(c, ERR_OIDC_ANSWER, "par");
}

enum err oidc_start_prepare(struct ctx *c, struct req *r)
{
    if (!c->node->identity_url || !oidc_provider(c))
        return fail(c, ERR_NOT_FOUND, "identity_url");
    const char *mark = text_empty(req_query(r, "lai")) ? "" : SECOND_TIME;
    struct asked *q = ARENA_NEW(c->arena, struct asked);
    *q = (struct asked){.state = arena_printf(c->arena, "%s%s", mark, secret_new(c->arena)),
                        .nonce = secret_new(c->arena),
                        .verifier = secret_new(c->arena),
                        .next = identity_safe_path(c, req_query(r, "next")),
                        .anew = !text_empty(req_query(r, "moi"))};
    r->kept = q;
    return c->actor->kind == ACTOR_CITIZEN && !q->anew ? OK : push(c, q);
}

enum err oidc_start(struct ctx *c, struct req *r)
{
    const struct asked *q = r->kept;
    if ((c->actor->kind == ACTOR_CITIZEN && !q->anew) || !q->uri)
        return answer_redirect(c, r, q->next);
    enum err e = session_note(c, r, note_of(c, q));
    if (e)
        return e;
    struct buf to = buf_new(c->arena, 4096);
    buf_printf(&to, "%s/oidc/authorize?client_id=%s&request_uri=", c->node->identity_url,
               c->node->agency);
    buf_url(&to, q->uri);
    return answer_redirect(c, r, to.ptr);
}

/* ---- is answered ---- */

/* RFC 6749 5.2: the code isn't good, or no longer. */
static bool code_is_spent(struct ctx *c, const struct client_answer *a)
{
    json_t *o;
    if (a->status != 400)
        return false;
    if (json_in(c, "token", a->body, &o)) {
        ctx_clear_faults(c);
        return false;
    }
    bool spent = text_eq(json_text_of(o, "error", ""), "invalid_grant");
    json_end(o);
    return spent;
}

static enum err redeem(struct ctx *c, struct req *r, const struct asked *q, bool *ret_spent,
                       struct client_answer *ret)
{
    const char *const pairs[] = {"grant_type",         "authorization_code", "code",
                                 req_query(r, "code"), "redirect_uri",       callback(c),
                                 "code_verifier",      q->verifier};
    enum err e = post(c, "/oidc/token", pairs, ARRAY_LEN(pairs), ret);
    *ret_spent = !e && code_is_spent(c, ret);
    if (!e && !*ret_spent && ret->status != 200)
        e = fail(c, ERR_OIDC_ANSWER, "token");
    return e;
}

static enum err read_answer(struct ctx *c, struct bytes body, const struct asked *q,
                            struct identity_account *ret)
{
    json_t *o;
    struct oidc_expected x = {
        .issuer = c->node->identity_url, .client = c->node->agency, .nonce = q->nonce};
    if (json_in(c, "token", body, &o)) {
        ctx_clear_faults(c);
        return fail(c, ERR_OIDC_ANSWER, "token");
    }
    const char *token = arena_text(c->arena, json_text_of(o, "id_token", ""));
    json_end(o);
    if (!oidc_key_of(c, oidc_provider(c), token, &x.point))
        return fail(c, ERR_OIDC_ANSWER, "sign_point");
    return oidc_read_id_token(c, token, &x, ret);
}

enum outcome { SIGNED_IN_NOW, BEGIN_AGAIN, GIVE_UP, DENIED };
struct came_back {
    struct identity_account account;
    const char *next;
    enum outcome outcome;
};

/* Of no use, and nothing else is wrong with it. */
static void lost(struct req *r, struct came_back *s)
{
    s->outcome = text_starts(req_query(r, "state"), SECOND_TIME) ? GIVE_UP : BEGIN_AGAIN;
}

/* The state was ours; iss is the provider that was asked (RFC 9207). */
static enum err check_answer(struct ctx *c, struct req *r, struct came_back *s)
{
    if (!text_eq(req_query(r, "iss"), c->node->identity_url))
        return fail(c, ERR_OIDC_REQUEST, "iss");
    bool bare = text_empty(req_query(r, "code"));
    bool no = text_eq(req_query(r, "error"), "access_denied") && bare;
    s->outcome = no ? DENIED : SIGNED_IN_NOW;
    if (no)
        return OK;
    if (text_eq(req_query(r, "error"), OIDC_SPENT) && bare) { /* a double click there */
        lost(r, s);
        return OK;
    }
    if (!text_empty(req_query(r, "error")) || text_empty(req_query(r, "code")))
        return fail(c, ERR_OIDC_REQUEST, "code");
    return OK;
}

enum err oidc_back_prepare(struct ctx *c, struct req *r)
{
    struct asked q;
    struct client_answer a;
    struct came_back *s = ARENA_NEW(c->arena, struct came_back);
    bool spent = false;
    if (!c->node->identity_url || !oidc_provider(c))
        return fail(c, ERR_NOT_FOUND, "identity_url");
    if (text_chars(req_query(r, "state")) < STATE_CHARS)
        return fail(c, ERR_OIDC_REQUEST, "state");
    read_note(c, r, &q);
    s->next = q.next;
    r->kept = s;
    if (!text_eq(q.state, req_query(r, "state"))) {
        lost(r, s);
        return OK;
    }
    enum err e = check_answer(c, r, s);
    if (e || s->outcome != SIGNED_IN_NOW)
        return e;
    e = redeem(c, r, &q, &spent, &a);
    if (!e && spent)
        lost(r, s);
    else if (!e)
        e = read_answer(c, a.body, &q, &s->account);
    return e;
}

/* The person's account on this node: made at the first visit, its name kept current. */
static enum err shadow(struct ctx *c, struct identity_account *a)
{
    struct identity_row w = {0};
    bool found = false;
    enum err e = identity_store_person(c, a->person, &found, &w);
    if (e)
        return e;
    if (!found)
        e = identity_account_add(c, a, NULL, &a->id);
    if (e || !found)
        return e;
    if (w.a.disabled)
        return fail(c, ERR_FORBIDDEN, "account");
    a->id = w.a.id;
    bool same = text_eq(w.a.name, a->name) && w.a.assurance == a->assurance;
    return same ? OK : identity_store_rename(c, a);
}

/* No cookie is set here: another answer may have signed this browser in meanwhile. */
static enum err begin_again(struct ctx *c, struct req *r, const struct came_back *s)
{
    struct buf to = buf_new(c->arena, 16384);
    if (c->actor->kind != ACTOR_NOBODY)
        return answer_redirect(c, r, s->next);
    buf_text(&to, START "?lai=1&next=");
    buf_url(&to, s->next);
    return answer_redirect(c, r, to.ptr);
}

static enum err give_up(struct ctx *c, struct req *r, const struct came_back *s)
{
    if (c->actor->kind != ACTOR_NOBODY)
        return answer_redirect(c, r, s->next);
    if (r->wants_json)
        return fail(c, ERR_OIDC_AGAIN, "code");
    struct buf to = buf_new(c->arena, 16384);
    buf_text(&to, "/dang-nhap?next=");
    buf_url(&to, s->next);
    struct identity_return_view v = {.again = to.ptr};
    return answer(c, r, 409, NULL, &v, identity_return_html);
}

/* The person said no at the provider. */
static enum err denied(struct ctx *c, struct req *r, const struct came_back *s)
{
    struct buf to = buf_new(c->arena, 16384);
    buf_text(&to, "/dang-nhap?" OIDC_DENIED "=1&next=");
    buf_url(&to, s->next);
    return answer_redirect(c, r, to.ptr);
}

enum err oidc_back(struct ctx *c, struct req *r)
{
    struct came_back *s = r->kept;
    struct identity_row w = {.a = s->account};
    if (s->outcome == BEGIN_AGAIN)
        return begin_again(c, r, s);
    if (s->outcome == GIVE_UP)
        return give_up(c, r, s);
    if (s->outcome == DENIED)
        return denied(c, r, s);
    enum err e = shadow(c, &w.a);
    e = e ? e : identity_store_subject(c, &w.a);
    e = e ? e : identity_enter(c, r, &w, s->next);
    e = e ? e : session_named(c, r, w.a.sid);
    return e ? e : session_proved(c, r, s->account.proved_us); /* there, perhaps hours ago */
}
