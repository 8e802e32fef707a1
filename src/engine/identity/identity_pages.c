/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "core/audit.h"
#include "core/country.h"
#include "engine/identity/identity_private.h"
#include "engine/identity/identity_views.h"
#include "gen/html.h"

/* Of no password: checked when the name is unknown, so that both take the same time. */
#define NO_PASSWORD                                                                                \
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA"                                        \
    "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

SHAPE(identity_sign_in_shape, struct identity_sign_in,
      SHAPE_TEXT(struct identity_sign_in, username, TX(identity_field_username), .max = 64,
                 .flags = F_REQUIRED),
      SHAPE_TEXT(struct identity_sign_in, password, TX(identity_field_password), .max = 200,
                 .flags = F_REQUIRED | F_SECRET),
      SHAPE_TEXT(struct identity_sign_in, next, TX(identity_field_next), .max = 4096));
SHAPE(identity_choice_shape, struct identity_choice,
      SHAPE_STRING(struct identity_choice, post, KIND_ID, TX(identity_field_post), .max = 26,
                   .flags = F_REQUIRED));

/* ---- sign-in with a password ---- */

static enum err show(struct ctx *c, struct req *r, const char *next, const char *username,
                     bool again)
{
    struct identity_sign_in v = {
        .username = username, .password = "", .next = identity_safe_path(c, next)};
    if (c->node->identity_url) {
        struct buf b = buf_new(c->arena, 16 * 1024);
        buf_text(&b, "/dang-nhap/quoc-gia?next=");
        buf_url(&b, v.next);
        v.national = b.ptr;
    }
    if (again)
        return answer_again(c, r, &identity_sign_in_shape, &v, identity_sign_in_html);
    return answer(c, r, 200, &identity_sign_in_shape, &v, identity_sign_in_html);
}

enum err identity_sign_in_page(struct ctx *c, struct req *r)
{
    const char *next = req_query(r, "next");
    if (c->actor->kind != ACTOR_NOBODY)
        return answer_redirect(c, r, identity_safe_path(c, next));
    return show(c, r, next, "", false);
}

enum err identity_sign_in_again(struct ctx *c, struct req *r)
{
    return show(c, r, req_form(r, "next"), req_form(r, "username"), true);
}

static enum err look_up(struct ctx *c, void *arg)
{
    struct identity_row *w = arg;
    bool found = false;
    const char *username = w->a.username;
    enum err e = identity_store_username(c, username, &found, w);
    if (!e && !found)
        w->a.id = "";
    return e;
}

static enum err count_failure(struct ctx *c, void *arg)
{
    const struct identity_row *w = arg;
    bool fresh = c->now_us - w->window_us > IDENTITY_WINDOW_US;
    struct audit_act act = {.action = "identity.refused", .kind = "account", .object = w->a.id};
    enum err e = identity_store_failures(c, w->a.id, fresh ? 1 : w->failures + 1,
                                         fresh ? c->now_us : w->window_us);
    return e ? e : audit_write(c, &act);
}

static bool locked(const struct ctx *c, const struct identity_row *w)
{
    return w->failures >= IDENTITY_TRIES && c->now_us - w->window_us <= IDENTITY_WINDOW_US;
}

/* Outside any transaction: the password hash is slow on purpose. */
enum err identity_sign_in_prepare(struct ctx *c, struct req *r)
{
    const struct identity_sign_in *in = r->in;
    struct identity_row *w = ARENA_NEW(c->arena, struct identity_row);
    w->a.username = identity_username(c->arena, in->username);
    enum err e = db_read(c, c->node->db, look_up, w);
    if (e)
        return e;
    if (locked(c, w))
        return fail(c, ERR_LOCKED, "username");
    bool usable = !text_empty(w->a.id) && !w->a.disabled && !text_empty(w->phc);
    bool right = password_check(in->password, usable ? w->phc : NO_PASSWORD) && usable;
    if (!right && !text_empty(w->a.id))
        e = db_write(c, c->node->db, count_failure, w);
    if (e)
        return e;
    if (!right)
        return fail(c, ERR_CREDENTIALS, "username");
    r->kept = w;
    return OK;
}

enum err identity_sign_in(struct ctx *c, struct req *r)
{
    const struct identity_row *w = r->kept;
    const struct identity_sign_in *in = r->in;
    enum err e = w->failures ? identity_store_failures(c, w->a.id, 0, 0) : OK;
    return e ? e : identity_enter(c, r, &w->a, in->next);
}

enum err identity_sign_out(struct ctx *c, struct req *r)
{
    struct audit_act act = {
        .action = "identity.sign_out", .kind = "account", .object = c->actor->account};
    enum err e = audit_write(c, &act);
    if (!e)
        e = session_end(c, r);
    return e ? e : answer_redirect(c, r, "/");
}

/* ---- the account and its posts ---- */

static const char *unit_name(const struct ctx *c, const char *unit)
{
    const struct agency *g = country_agency(c->node->country, unit);
    return g ? g->name[c->lang] : unit;
}

enum err identity_account_page(struct ctx *c, struct req *r)
{
    struct identity_grant g[IDENTITY_MAX_POSTS];
    struct identity_post_view posts[IDENTITY_MAX_POSTS];
    size_t n = 0;
    enum err e = identity_store_posts(c, c->actor->account, g, ARRAY_LEN(g), &n);
    if (e)
        return e;
    for (size_t i = 0; i < n; i++)
        posts[i] = (struct identity_post_view){
            .id = g[i].id,
            .role = country_role_name(c->node->country, g[i].role, c->lang),
            .unit = unit_name(c, g[i].unit),
            .current = text_eq(g[i].role, c->actor->role) && text_eq(g[i].unit, c->actor->unit)};
    struct identity_account_view v = {
        .name = c->actor->name,
        .unit = c->actor->unit_name,
        .role = country_role_name(c->node->country, c->actor->role, c->lang),
        .posts = {posts, n}};
    return answer(c, r, 200, NULL, &v, identity_account_html);
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
        e = session_start(c, r, c->actor->account, g[i].role, g[i].unit, c->actor->assurance);
        return e ? e : answer_redirect(c, r, "/");
    }
    return fail(c, ERR_NO_POST, "post");
}
