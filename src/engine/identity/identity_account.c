/* SPDX-License-Identifier: Apache-2.0 */
/* One's own account: posts, password, the browsers that are signed in. */
#include <string.h>

#include "base/text.h"
#include "core/audit.h"
#include "core/country.h"
#include "engine/identity/identity_out.h"
#include "engine/identity/identity_views.h"
#include "gen/html.h"

#define MAX_SESSIONS 50

SHAPE(identity_choice_shape, struct identity_choice,
      SHAPE_STRING(struct identity_choice, post, KIND_ID, TX(identity_field_post), .max = 26,
                   .flags = F_REQUIRED));
SHAPE(identity_session_choice_shape, struct identity_session_choice,
      SHAPE_TEXT(struct identity_session_choice, session, TX(identity_field_session), .min = 64,
                 .max = 64, .flags = F_REQUIRED));
SHAPE(identity_password_shape, struct identity_password,
      SHAPE_TEXT(struct identity_password, password, TX(identity_field_password_now), .max = 200,
                 .flags = F_REQUIRED | F_SECRET),
      SHAPE_TEXT(struct identity_password, new_password, TX(identity_field_password_new),
                 .max = 200, .flags = F_REQUIRED | F_SECRET),
      SHAPE_TEXT(struct identity_password, new_password_again, TX(identity_field_password_again),
                 .max = 200, .flags = F_REQUIRED | F_SECRET));

#define PV struct identity_post_view
SHAPE(identity_post_shape, PV, SHAPE_STRING(PV, id, KIND_ID, TX(identity_field_post)),
      SHAPE_TEXT(PV, role, TX(identity_account_role)),
      SHAPE_TEXT(PV, unit, TX(identity_account_unit)),
      SHAPE_NUMBER(PV, current, KIND_BOOL, TX(identity_field_current)));
#define SV struct identity_session_view
SHAPE(identity_session_shape, SV, SHAPE_TEXT(SV, id, TX(identity_field_session)),
      SHAPE_TEXT(SV, browser, TX(identity_field_browser)),
      SHAPE_TEXT(SV, began, TX(identity_sessions_began)),
      SHAPE_TEXT(SV, seen, TX(identity_sessions_seen)),
      SHAPE_NUMBER(SV, current, KIND_BOOL, TX(identity_sessions_this)));
#define AV struct identity_account_view
SHAPE(identity_account_shape, AV,
      SHAPE_TEXT(AV, name, TX(identity_account_name), .flags = F_PERSONAL),
      SHAPE_TEXT(AV, username, TX(identity_field_username)),
      SHAPE_TEXT(AV, role, TX(identity_account_role)),
      SHAPE_TEXT(AV, unit, TX(identity_account_unit)),
      SHAPE_NUMBER(AV, password, KIND_BOOL, TX(identity_field_has_password)),
      SHAPE_LIST(AV, posts, &identity_post_shape, TX(identity_account_posts)),
      SHAPE_LIST(AV, sessions, &identity_session_shape, TX(identity_sessions_title)),
      SHAPE_LIST(AV, acts, &next_act_shape, TX(web_acts)));
#define PW struct identity_password
SHAPE(identity_password_page_shape, PW, SHAPE_TEXT(PW, username, TX(identity_field_username)),
      SHAPE_TEXT(PW, rule, TX(identity_field_rule)),
      SHAPE_LIST(PW, acts, &next_act_shape, TX(web_acts)));

/* ---- the account, its posts and sessions ---- */

static enum err posts_of(struct ctx *c, struct list *ret)
{
    struct identity_grant g[IDENTITY_MAX_POSTS];
    size_t n = 0;
    enum err e = identity_store_posts(c, c->actor->account, g, ARRAY_LEN(g), &n);
    struct identity_post_view *v = ARENA_ARRAY(c->arena, n + 1, struct identity_post_view);
    for (size_t i = 0; i < n; i++)
        v[i] = (struct identity_post_view){
            .id = g[i].id,
            .role = country_role_name(c->node->country, g[i].role, c->lang),
            .unit = country_agency_name(c->node->country, g[i].unit, c->lang),
            .current = text_eq(g[i].role, c->actor->role) && text_eq(g[i].unit, c->actor->unit)};
    *ret = (struct list){v, n};
    return e;
}

struct known { /* a word of a User-Agent and what people call it */
    const char *word, *name;
};

static const char *first_known(const char *agent, const struct known *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strstr(agent, list[i].word))
            return list[i].name;
    return "";
}

/* "Chrome, Android": enough to tell one's telephone from the office. Order matters: they all claim
   to be each other. */
const char *identity_browser(struct ctx *c, const char *agent)
{
    static const struct known browsers[] = {{"Edg", "Edge"},         {"OPR/", "Opera"},
                                            {"coc_coc", "Cốc Cốc"},  {"SamsungBrowser", "Samsung"},
                                            {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"},
                                            {"Safari/", "Safari"}};
    static const struct known systems[] = {{"Android", "Android"}, {"iPhone", "iPhone"},
                                           {"iPad", "iPad"},       {"Windows", "Windows"},
                                           {"Mac OS X", "macOS"},  {"Linux", "Linux"}};
    const char *name = first_known(agent, browsers, ARRAY_LEN(browsers));
    const char *on = first_known(agent, systems, ARRAY_LEN(systems));
    if (!*name)
        return text_get(TX(identity_session_unknown), c->lang);
    return *on ? arena_printf(c->arena, "%s, %s", name, on) : name;
}

static enum err sessions_of(struct ctx *c, const struct req *r, struct list *ret)
{
    struct session *s = ARENA_ARRAY(c->arena, MAX_SESSIONS, struct session);
    size_t n = 0;
    enum err e = session_list(c, c->actor->account, s, MAX_SESSIONS, &n);
    struct identity_session_view *v = ARENA_ARRAY(c->arena, n + 1, struct identity_session_view);
    for (size_t i = 0; i < n; i++)
        v[i] = (struct identity_session_view){.id = s[i].id,
                                              .browser = identity_browser(c, s[i].agent),
                                              .began = time_show(c->arena, s[i].created_us),
                                              .seen = time_show(c->arena, s[i].seen_us),
                                              .current = text_eq(s[i].id, r->session->id)};
    *ret = (struct list){v, n};
    return e;
}

/* Another post only for who holds several, another password for who has one. */
static struct list acts_of(struct ctx *c, const struct identity_account_view *v)
{
    struct next_act *a = ARENA_ARRAY(c->arena, 9, struct next_act);
    size_t n = 0;
#define ACT(name, method, href, key)                                                               \
    a[n++] = (struct next_act)                                                                     \
    {                                                                                              \
        name, method, href, text_get(TX(key), c->lang)                                             \
    }
    if (v->password)
        ACT("password", "GET", "/tai-khoan/mat-khau", identity_password_title);
    if (v->password)
        ACT("second_factor", "GET", "/tai-khoan/hai-lop", identity_factor_title);
    if (v->password)
        ACT("passkeys", "GET", "/tai-khoan/khoa-truy-cap", identity_passkey_title);
    ACT("notices", "GET", "/tai-khoan/thong-bao", identity_notice_title);
    if (v->citizen)
        ACT("consents", "GET", "/tai-khoan/cho-phep", identity_consent_review);
    if (v->posts.n > 1)
        ACT("choose_post", "POST", "/tai-khoan/chuc-danh", identity_account_choose);
    if (v->sessions.n > 1)
        ACT("end_session", "POST", "/tai-khoan/phien", identity_sessions_end);
    ACT("end_all", "POST", "/tai-khoan/phien/tat-ca", identity_sessions_end_all);
    ACT("sign_out", "POST", "/dang-xuat", identity_sign_out);
#undef ACT
    return (struct list){a, n};
}

enum err identity_account_page(struct ctx *c, struct req *r)
{
    struct identity_row w = {0};
    bool found = false;
    struct identity_account_view v = {
        .name = c->actor->name,
        .unit = c->actor->unit_name,
        .changed = !text_empty(req_query(r, "da-doi")),
        .citizen = c->actor->kind == ACTOR_CITIZEN,
        .role = country_role_name(c->node->country, c->actor->role, c->lang)};
    enum err e = identity_store_account(c, c->actor->account, &found, &w);
    v.username = found ? w.a.username : "";
    v.password = found && !text_empty(w.phc);
    if (!e)
        e = posts_of(c, &v.posts);
    if (!e)
        e = sessions_of(c, r, &v.sessions);
    int64_t news = e ? 0 : identity_news(c);
    v.news = news ? arena_printf(c->arena, "%lld", (long long)news) : NULL;
    v.acts = acts_of(c, &v);
    return e ? e : answer(c, r, 200, &identity_account_shape, &v, identity_account_html);
}

enum err identity_choose_post(struct ctx *c, struct req *r)
{
    const struct identity_choice *in = r->in;
    struct identity_grant g[IDENTITY_MAX_POSTS];
    size_t n = 0;
    enum err e = identity_store_posts(c, c->actor->account, g, ARRAY_LEN(g), &n);
    if (e)
        return e;
    for (size_t i = 0; i < n; i++) {
        if (!text_eq(g[i].id, in->post))
            continue;
        struct audit_act act = {
            .action = "identity.post", .kind = "account", .object = c->actor->account};
        int64_t proved_us = r->session->proved_us; /* another post is no proof */
        e = session_start(c, r, c->actor->account, g[i].role, g[i].unit, c->actor->assurance);
        if (!e)
            e = session_proved(c, r, proved_us);
        if (!e)
            e = audit_write(c, &act);
        return e ? e : answer_redirect(c, r, "/");
    }
    return fail(c, ERR_NO_POST, "post");
}

enum err identity_end_session(struct ctx *c, struct req *r)
{
    const struct identity_session_choice *in = r->in;
    const char *sid;
    enum err e = session_name_of(c, c->actor->account, in->session, &sid);
    if (!e)
        e = session_end_one(c, c->actor->account, in->session);
    if (!e)
        e = identity_out_sign_in(c, c->actor->account, sid);
    return e ? e : answer_redirect(c, r, "/tai-khoan");
}

enum err identity_end_sessions(struct ctx *c, struct req *r)
{
    struct audit_act act = {
        .action = "identity.sign_out_all", .kind = "account", .object = c->actor->account};
    enum err e = audit_write(c, &act);
    if (!e)
        e = identity_out_all(c, c->actor->account);
    if (!e)
        e = session_end(c, r);
    return e ? e : answer_redirect(c, r, "/dang-xuat");
}

/* ---- another password ---- */

enum err identity_password_page(struct ctx *c, struct req *r)
{
    struct identity_row w = {0};
    bool found = false;
    enum err e = identity_store_account(c, c->actor->account, &found, &w);
    if (!e && (!found || text_empty(w.phc)))
        e = fail(c, ERR_NO_PASSWORD, "password");
    struct next_act save = {"save", "POST", "/tai-khoan/mat-khau",
                            text_get(TX(identity_password_button), c->lang)};
    struct identity_password v = {.password = "",
                                  .username = found ? w.a.username : "",
                                  .rule = text_get(TX(identity_password_rule), c->lang),
                                  .acts = {&save, 1}};
    v.once = w.once_us != 0;
    return e ? e : answer(c, r, 200, &identity_password_page_shape, &v, identity_password_html);
}

enum err identity_password_again(struct ctx *c, struct req *r)
{
    struct identity_password v = {.password = "", .username = ""};
    return answer_again(c, r, &identity_password_shape, &v, identity_password_html);
}

struct tried {
    struct identity_row w;
    struct identity_guess g;
    const struct req *r;
};

static enum err look_up(struct ctx *c, void *arg)
{
    struct tried *h = arg;
    bool found = false;
    enum err e = identity_store_account(c, c->actor->account, &found, &h->w);
    if (!e && (!found || text_empty(h->w.phc)))
        e = fail(c, ERR_NO_PASSWORD, "password");
    if (e)
        return e;
    h->g = (struct identity_guess){.username = h->w.a.username,
                                   .peer = h->r->http->peer,
                                   .account = h->w.a.id,
                                   .device = identity_device(c, h->r, &h->w)};
    return identity_locked(c, &h->g);
}

/* A stolen session must not learn the password by trying: wrong ones count as at the sign-in. */
enum err identity_password_prove(struct ctx *c, const struct req *r, const char *typed,
                                 struct identity_row *ret)
{
    struct tried h = {.r = r};
    enum err e = db_read(c, c->node->db, look_up, &h);
    if (!e)
        e = db_write(c, c->node->db, identity_guess, &h.g);
    if (!e && !password_check(typed, h.w.phc)) {
        e = db_write(c, c->node->db, identity_wrong, &h.g);
        return e ? e : fail(c, ERR_PASSWORD_WRONG, "password");
    }
    *ret = h.w;
    return e ? e : identity_right(c, &h.g);
}

struct change {
    struct identity_row w;
    const char *phc;
};

enum err identity_password_prepare(struct ctx *c, struct req *r)
{
    const struct identity_password *in = r->in;
    struct change *h = ARENA_NEW(c->arena, struct change);
    enum err e = identity_password_prove(c, r, in->password, &h->w);
    if (!e && !text_eq(in->new_password, in->new_password_again))
        e = fail(c, ERR_PASSWORD_AGAIN, "new_password_again");
    if (!e)
        e = identity_password_good(c, "new_password", h->w.a.username, in->new_password);
    if (!e)
        e = password_hash(c, in->new_password, &h->phc);
    r->kept = h;
    return e;
}

enum err identity_password(struct ctx *c, struct req *r)
{
    const struct change *h = r->kept;
    const struct actor *a = c->actor;
    int64_t proved_us = r->session->proved_us;
    struct identity_row w = {0};
    bool found = false;
    enum err e = identity_store_account(c, a->account, &found, &w);
    if (!e && (!found || !text_eq(w.phc, h->w.phc)))
        e = fail(c, ERR_PASSWORD_WRONG, "password");
    if (!e)
        e = identity_password_set(c, a->account, h->phc);
    w.phc = h->phc;
    if (!e)
        identity_device_keep(c, r, &w);
    if (!e)
        e = session_start(c, r, a->account, a->role, a->unit, a->assurance);
    if (!e && w.factor) /* it takes more than a password to prove who they are */
        e = session_proved(c, r, proved_us);
    return e ? e : answer_redirect(c, r, "/tai-khoan?da-doi=1");
}
