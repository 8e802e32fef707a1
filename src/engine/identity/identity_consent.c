/* SPDX-License-Identifier: Apache-2.0 */
/* Asked, seen and taken back by the person. */
#include "engine/identity/identity_consent.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "core/country.h"
#include "gen/html.h"

#define AUTHORIZE "/oidc/authorize?"
#define REVIEW    "/tai-khoan/cho-phep"
#define MAX_CLAIM 8

SHAPE(identity_claim_shape, struct identity_claim_view,
      SHAPE_TEXT(struct identity_claim_view, name, TX(identity_consent_claims)));
#define ASK struct identity_consent_ask
SHAPE(identity_consent_ask_shape, ASK,
      SHAPE_TEXT(ASK, client, TX(identity_consent_client), .max = 40,
                 .flags = F_REQUIRED | F_CARRIED),
      SHAPE_TEXT(ASK, next, TX(identity_field_next), .max = 4096, .flags = F_REQUIRED | F_CARRIED),
      SHAPE_TEXT(ASK, answer, TX(identity_consent_answer), .max = 10, .flags = F_REQUIRED));
SHAPE(identity_consent_page_shape, ASK, SHAPE_TEXT(ASK, client, TX(identity_consent_client)),
      SHAPE_TEXT(ASK, agency, TX(identity_consent_agency)),
      SHAPE_TEXT(ASK, site, TX(identity_consent_site)),
      SHAPE_TEXT(ASK, next, TX(identity_field_next)),
      SHAPE_TEXT(ASK, until, TX(identity_consent_until)),
      SHAPE_LIST(ASK, claims, &identity_claim_shape, TX(identity_consent_claims)),
      SHAPE_LIST(ASK, acts, &next_act_shape, TX(web_acts)));
#define LINE struct identity_consent_line
SHAPE(identity_consent_line_shape, LINE, SHAPE_TEXT(LINE, client, TX(identity_consent_client)),
      SHAPE_TEXT(LINE, agency, TX(identity_consent_agency)),
      SHAPE_TEXT(LINE, claims, TX(identity_consent_claims)),
      SHAPE_TEXT(LINE, since, TX(identity_consent_since)),
      SHAPE_TEXT(LINE, until, TX(identity_consent_until)),
      SHAPE_TEXT(LINE, told, TX(identity_consent_told)),
      SHAPE_NUMBER(LINE, times, KIND_INT, TX(identity_consent_times)),
      SHAPE_TEXT(LINE, ended, TX(identity_consent_ended)));
#define ALL struct identity_consents_view
SHAPE(identity_consents_shape, ALL,
      SHAPE_LIST(ALL, holds, &identity_consent_line_shape, TX(identity_consent_holds)),
      SHAPE_LIST(ALL, ended, &identity_consent_line_shape, TX(identity_consent_past)),
      SHAPE_LIST(ALL, acts, &next_act_shape, TX(web_acts)));
SHAPE(identity_consent_choice_shape, struct identity_consent_choice,
      SHAPE_TEXT(struct identity_consent_choice, client, TX(identity_consent_client), .max = 40,
                 .flags = F_REQUIRED));

/* ---- asked ---- */

const struct node_peer *oidc_asked_by(struct ctx *c, const char *path)
{
    const char *at = text_starts(path, AUTHORIZE) ? strstr(path, "client_id=") : NULL;
    if (!at)
        return NULL;
    at += strlen("client_id=");
    return oidc_client(c, arena_text_n(c->arena, at, strcspn(at, "&")));
}

static const char *claim_name(const struct ctx *c, const char *claim)
{
    static const struct {
        const char *claim;
        enum text name;
    } names[] = {{"name", TX(identity_claim_name)},
                 {"vn_pin", TX(identity_claim_pin)},
                 {"acr", TX(identity_claim_level)},
                 {"auth_time", TX(identity_claim_time)}};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (text_eq(names[i].claim, claim))
            return text_get(names[i].name, c->lang);
    return claim;
}

static struct list claims_of(struct ctx *c, const char *claims)
{
    size_t n = 0;
    const char **words = text_split(c->arena, claims, ' ', &n);
    struct identity_claim_view *v = ARENA_ARRAY(c->arena, n + 1, struct identity_claim_view);
    for (size_t i = 0; i < n; i++)
        v[i].name = claim_name(c, words[i]);
    return (struct list){v, n};
}

static enum err ask(struct ctx *c, struct req *r, const char *next, bool again)
{
    const struct node_peer *peer = oidc_asked_by(c, next);
    if (!peer || !path_is_own(next))
        return fail(c, ERR_OIDC_REQUEST, "client_id");
    struct next_act *act = ARENA_NEW(c->arena, struct next_act);
    *act = (struct next_act){"answer", "POST", OIDC_CONSENT,
                             text_get(TX(identity_consent_allow), c->lang)};
    struct identity_consent_ask v = {
        .client = peer->agency,
        .agency = country_agency_name(c->node->country, peer->agency, c->lang),
        .site = peer->url,
        .next = next,
        .until = day_show(c->arena, local_day(c->now_us + IDENTITY_CONSENT_US)),
        .claims = claims_of(c, IDENTITY_CLAIMS),
        .acts = {act, 1}};
    if (again)
        return answer_again(c, r, &identity_consent_ask_shape, &v, identity_consent_html);
    return answer(c, r, 200, &identity_consent_page_shape, &v, identity_consent_html);
}

enum err identity_consent_page(struct ctx *c, struct req *r)
{
    return ask(c, r, req_query(r, "next"), false);
}

enum err identity_consent_again(struct ctx *c, struct req *r)
{
    return ask(c, r, req_form(r, "next"), true);
}

/* The request is read again from the beginning: nothing of it is believed for having come here. */
enum err identity_consent_answer(struct ctx *c, struct req *r)
{
    const struct identity_consent_ask *in = r->in;
    const struct node_peer *peer = oidc_asked_by(c, in->next);
    bool allow = text_eq(in->answer, "allow");
    if (!allow && !text_eq(in->answer, "deny"))
        return fail(c, ERR_INVALID, "answer");
    if (!peer || !path_is_own(in->next) || !text_eq(peer->agency, in->client))
        return fail(c, ERR_OIDC_REQUEST, "client_id");
    if (!allow)
        return answer_redirect(c, r, arena_printf(c->arena, "%s&" OIDC_DENIED "=1", in->next));
    if (c->actor->kind != ACTOR_CITIZEN)
        return fail(c, ERR_OIDC_OFFICIAL, "account");
    enum err e = identity_consent_give(c, c->actor->account, in->client);
    return e ? e : answer_redirect(c, r, in->next);
}

/* ---- seen, taken back ---- */

static const char *claims_said(struct ctx *c, const char *claims)
{
    struct list l = claims_of(c, claims);
    const struct identity_claim_view *v = l.items;
    struct buf b = buf_new(c->arena, 2048);
    for (size_t i = 0; i < l.n && i < MAX_CLAIM; i++)
        buf_printf(&b, "%s%s", i ? " · " : "", v[i].name);
    return b.ptr;
}

static struct identity_consent_line line_of(struct ctx *c, const struct identity_consent *k)
{
    return (struct identity_consent_line){
        .client = k->client,
        .agency = country_agency_name(c->node->country, k->client, c->lang),
        .claims = claims_said(c, k->claims),
        .since = time_show(c->arena, k->given_us),
        .until = day_show(c->arena, local_day(k->given_us + IDENTITY_CONSENT_US)),
        .told = k->told_us ? time_show(c->arena, k->told_us) : "",
        .times = k->times,
        .ended = k->ended_us ? time_show(c->arena, k->ended_us) : ""};
}

static void lines_of(struct ctx *c, const struct identity_consent *k, size_t n,
                     struct identity_consents_view *v)
{
    struct identity_consent_line *holds =
                                     ARENA_ARRAY(c->arena, n + 1, struct identity_consent_line),
                                 *ended =
                                     ARENA_ARRAY(c->arena, n + 1, struct identity_consent_line);
    for (size_t i = 0; i < n; i++) {
        if (k[i].ended_us)
            ended[v->ended.n++] = line_of(c, &k[i]);
        else
            holds[v->holds.n++] = line_of(c, &k[i]);
    }
    v->holds.items = holds;
    v->ended.items = ended;
}

/* Where this node asks another who people are, the other keeps what they allow. */
enum err identity_consents_page(struct ctx *c, struct req *r)
{
    struct identity_consent k[IDENTITY_CONSENTS];
    struct identity_consents_view v = {.done = !text_empty(req_query(r, "da-rut"))};
    size_t n = 0;
    enum err e = identity_consents(c, c->actor->account, k, ARRAY_LEN(k), &n);
    if (e)
        return e;
    lines_of(c, k, n, &v);
    struct next_act act = {"take_back", "POST", REVIEW,
                           text_get(TX(identity_consent_take_back), c->lang)};
    v.acts = (struct list){&act, v.holds.n ? 1 : 0};
    if (c->node->identity_url)
        v.elsewhere = arena_printf(c->arena, "%s" REVIEW, c->node->identity_url);
    return answer(c, r, 200, &identity_consents_shape, &v, identity_consents_html);
}

enum err identity_consent_take_back(struct ctx *c, struct req *r)
{
    const struct identity_consent_choice *in = r->in;
    enum err e = identity_consent_end(c, c->actor->account, in->client);
    return e ? e : answer_redirect(c, r, REVIEW "?da-rut=1");
}
