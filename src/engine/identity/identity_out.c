/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's side: what is owed, and the word itself. */
#include "engine/identity/identity_out.h"

#include "base/buf.h"
#include "base/id.h"
#include "base/log.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/outbox.h"
#include "core/secrets.h"
#include "engine/identity/oidc_request.h"
#include "net/client.h"
#include "web/json.h"

#define AT_ONCE    64
#define WHAT       "logout_token"
#define FORM       "application/x-www-form-urlencoded"
#define TIMEOUT_US (10 * SECOND_US)
#define ANSWER_MAX (64 * 1024)
#define NO_CONTENT 204 /* taken for 200: 2.8 lets clients' frameworks say so */

/* Another one for each client, as the subject is: clients can't tell that two of them share one. */
const char *oidc_sign_in(struct ctx *c, const char *client, const char *account, const char *sid)
{
    return secret_token(c, SECRET_IDENTITY_SUBJECT,
                        arena_printf(c->arena, "sid %s %s %s", client, account, sid));
}

/* Where that client listens; "": it asked not to be told. */
static const char *address_of(struct ctx *c, const struct node_peer *peer)
{
    return peer->sign_out_url ? peer->sign_out_url
                              : arena_printf(c->arena, "%s" OIDC_OUT_PATH, peer->url);
}

/* ---- what is owed ---- */

static enum err put_word(struct ctx *c, const struct identity_ending *one)
{
    const struct node_peer *peer = oidc_client(c, one->client);
    if (!peer || text_empty(address_of(c, peer)))
        return OK;
    struct buf body = buf_new(c->arena, 2048);
    buf_printf(&body, "{\"account\":\"%s\",\"sub\":\"%s\",\"sid\":\"%s\"}", one->account,
               oidc_subject(c, one->client, one->account),
               oidc_sign_in(c, one->client, one->account, one->sid));
    struct outbox_item item = {.channel = OIDC_OUT_CHANNEL,
                               .from = c->node->agency,
                               .to = one->client,
                               .what = WHAT,
                               .body = buf_bytes(&body)};
    struct audit_act act = {.action = "identity.out",
                            .kind = "account",
                            .object = one->account,
                            .detail = arena_printf(c->arena, "{\"client\":\"%s\"}", one->client)};
    enum err e = outbox_put(c, &item, NULL);
    return e ? e : audit_write(c, &act);
}

static enum err out(struct ctx *c, const struct identity_ending *x)
{
    struct identity_ending owed[AT_ONCE];
    size_t n = AT_ONCE;
    enum err e = identity_store_codes_end(c, x);
    while (!e && n == AT_ONCE) {
        e = identity_store_parties(c, x, owed, AT_ONCE, &n);
        for (size_t i = 0; i < n && !e; i++) {
            e = put_word(c, &owed[i]);
            if (!e)
                e = identity_store_party_gone(c, &owed[i]);
        }
    }
    return e;
}

enum err identity_out_sign_in(struct ctx *c, const char *account, const char *sid)
{
    return text_empty(sid) ? OK : out(c, &(struct identity_ending){account, sid, ""});
}

enum err identity_out_client(struct ctx *c, const char *account, const char *client)
{
    return out(c, &(struct identity_ending){account, "", client});
}

enum err identity_out_all(struct ctx *c, const char *account)
{
    enum err e = session_end_all(c, account);
    return e ? e : out(c, &(struct identity_ending){account, "", ""});
}

enum err identity_out_others(struct ctx *c, const char *sid, const char *account)
{
    const char *other = "";
    if (text_empty(sid))
        return OK;
    enum err e = identity_store_party_other(c, sid, account, &other);
    while (!e && !text_empty(other)) {
        e = identity_out_sign_in(c, other, sid);
        if (!e)
            e = identity_store_party_other(c, sid, account, &other);
    }
    return e;
}

enum err identity_out_owed(struct ctx *c, const struct identity_code *k)
{
    const char *oldest = "";
    if (text_empty(k->sid)) /* a code that a node of an older version gave */
        return OK;
    enum err e = identity_store_party(c, k);
    if (!e)
        e = identity_store_party_oldest(c, k->account, k->client, &oldest);
    if (e || text_empty(oldest))
        return e;
    return out(c, &(struct identity_ending){k->account, oldest, k->client});
}

/* ---- the word ---- */

struct word {
    const char *account, *sub, *sid;
};

static enum err read_word(struct ctx *c, const struct outbox_item *item, struct word *ret)
{
    json_t *o;
    enum err e = json_in(c, WHAT, item->body, &o);
    if (e)
        return e;
    *ret = (struct word){arena_text(c->arena, json_text_of(o, "account", "")),
                         arena_text(c->arena, json_text_of(o, "sub", "")),
                         arena_text(c->arena, json_text_of(o, "sid", ""))};
    json_end(o);
    return OK;
}

/* Each try has a token of its own: the client takes a jti once. */
static const char *token_of(struct ctx *c, const char *client, const struct word *w)
{
    int64_t now_s = c->now_us / SECOND_US;
    return jws_sign(c->arena, c->node->sign_key, OIDC_OUT_TYP,
                    arena_printf(c->arena,
                                 "{\"iss\":\"%s\",\"aud\":\"%s\",\"iat\":%lld,\"exp\":%lld,"
                                 "\"jti\":\"%s\",\"sub\":\"%s\",\"sid\":\"%s\","
                                 "\"events\":{\"" OIDC_OUT_EVENT "\":{}}}",
                                 c->node->url, client, (long long)now_s,
                                 (long long)(now_s + OIDC_OUT_S), id_new(c->arena, c->now_us),
                                 w->sub, w->sid));
}

/* A refusal is tried again too: it may come of a clock, or of a key that isn't known there yet. */
static enum err send_word(struct ctx *c, const struct outbox_item *item, int *ret_status,
                          struct bytes *ret_answer)
{
    static const struct http_header headers[] = {{"Content-Type", FORM},
                                                 {"Accept", "application/json"}};
    const struct node_peer *peer = oidc_client(c, item->to);
    struct client_answer a;
    struct word w;
    if (!peer)
        return fail(c, ERR_CONFIG, "federation.json", item->to);
    enum err e = node_clock_sound(c);
    if (!e)
        e = read_word(c, item, &w);
    if (e)
        return e;
    struct client_request x = {
        .method = "POST",
        .headers = headers,
        .n_headers = ARRAY_LEN(headers),
        .body = bytes_of(arena_printf(c->arena, WHAT "=%s", token_of(c, item->to, &w))),
        .url = address_of(c, peer),
        .timeout_us = TIMEOUT_US,
        .max_answer_bytes = ANSWER_MAX};
    e = client_send(c, &x, &a);
    if (!e && a.status != 200 && a.status != NO_CONTENT)
        e = fail(c, ERR_OIDC_ANSWER, arena_printf(c->arena, "%s %d", WHAT, a.status));
    *ret_status = 200;
    *ret_answer = (struct bytes){(const uint8_t *)"", 0};
    return e;
}

static enum err heard(struct ctx *c, const struct outbox_item *item, int status,
                      struct bytes answer)
{
    (void)status, (void)answer;
    struct word w;
    enum err e = read_word(c, item, &w);
    struct audit_act act = {.action = "identity.out_told",
                            .kind = "account",
                            .detail = arena_printf(c->arena, "{\"client\":\"%s\"}", item->to)};
    if (e)
        return e;
    act.object = w.account;
    return audit_write(c, &act);
}

void identity_out_start(void)
{
    outbox_channel(OIDC_OUT_CHANNEL, send_word, heard);
}
