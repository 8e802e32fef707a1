/* SPDX-License-Identifier: Apache-2.0 */
/* In and out with a password. Whether a user name exists shows neither in the answer nor in the
   time it takes: every try counts by what was typed, every try pays one Argon2id run. It counts
   before it is looked at: who sends many at once gets no more of them looked at. */
#include "base/buf.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/country.h"
#include "engine/identity/identity_consent.h"
#include "engine/identity/identity_notice.h"
#include "engine/identity/identity_out.h"
#include "engine/identity/identity_passkey.h"
#include "engine/identity/identity_views.h"
#include "gen/html.h"

SHAPE(identity_sign_in_shape, struct identity_sign_in,
      SHAPE_TEXT(struct identity_sign_in, username, TX(identity_field_username), .max = 64,
                 .flags = F_REQUIRED),
      SHAPE_TEXT(struct identity_sign_in, password, TX(identity_field_password), .max = 200,
                 .flags = F_REQUIRED | F_SECRET),
      SHAPE_TEXT(struct identity_sign_in, next, TX(identity_field_next), .max = 4096,
                 .flags = F_CARRIED));

#define OUT struct identity_sign_out_view
SHAPE(identity_sign_out_shape, OUT,
      SHAPE_TEXT(OUT, name, TX(identity_sign_out_who), .flags = F_PERSONAL),
      SHAPE_LIST(OUT, acts, &next_act_shape, TX(web_acts)));

/* ---- the page ---- */

/* For whom the provider asks: people see where they are about to be known. NULL: for nobody. */
static const char *client_of(struct ctx *c, const char *next)
{
    const struct node_peer *peer = oidc_asked_by(c, next);
    const struct agency *g = peer ? country_agency(c->node->country, peer->agency) : NULL;
    return g ? g->name[c->lang] : NULL;
}

static enum err show(struct ctx *c, struct req *r, const char *next, const char *username,
                     bool again)
{
    struct identity_sign_in v = {
        .username = username, .password = "", .next = identity_safe_path(c, next)};
    v.client = client_of(c, v.next);
    v.passkey = passkey_site(c).offered;
    v.denied = !text_empty(req_query(r, OIDC_DENIED));
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

/* Who is signed in goes on, unless a protocol asks that they prove themselves anew. */
enum err identity_sign_in_page(struct ctx *c, struct req *r)
{
    const char *next = req_query(r, "next");
    if (c->actor->kind != ACTOR_NOBODY && text_empty(req_query(r, "lai")))
        return answer_redirect(c, r, identity_safe_path(c, next));
    return show(c, r, next, "", false);
}

enum err identity_sign_in_again(struct ctx *c, struct req *r)
{
    return show(c, r, req_form(r, "next"), req_form(r, "username"), true);
}

/* ---- a try ---- */

struct attempt {
    struct identity_row w;
    struct identity_guess g;
    const struct req *r;
};

static enum err look_up(struct ctx *c, void *arg)
{
    struct attempt *t = arg;
    bool found = false;
    enum err e = identity_store_username(c, t->g.username, &found, &t->w);
    if (!e && !found)
        t->w = (struct identity_row){.a = {.id = ""}, .phc = ""};
    t->g.account = t->w.a.id;
    t->g.device = identity_device(c, t->r, &t->w);
    return e ? e : identity_locked(c, &t->g);
}

/* Outside any transaction: the password hash is slow on purpose. */
enum err identity_sign_in_prepare(struct ctx *c, struct req *r)
{
    const struct identity_sign_in *in = r->in;
    struct attempt *t = ARENA_NEW(c->arena, struct attempt);
    const char *username = identity_username(c->arena, in->username);
    t->g.username = text_empty(username) ? in->username : username;
    t->g.peer = r->http->peer;
    t->r = r;
    enum err e = db_read(c, c->node->db, look_up, t);
    if (!e)
        e = db_write(c, c->node->db, identity_guess, &t->g);
    if (e)
        return e;
    bool late = t->w.once_us && c->now_us >= t->w.once_us;
    bool usable = !text_empty(t->w.a.id) && !t->w.a.disabled && !text_empty(t->w.phc) && !late;
    bool right = password_check(in->password, usable ? t->w.phc : IDENTITY_NO_PASSWORD) && usable;
    if (!right && (e = db_write(c, c->node->db, identity_wrong, &t->g)))
        return e;
    if (!right)
        return fail(c, ERR_CREDENTIALS, "username");
    r->kept = t;
    return identity_right(c, &t->g);
}

/* Between the check and here the account may have been disabled or its password changed. */
enum err identity_sign_in(struct ctx *c, struct req *r)
{
    const struct attempt *t = r->kept;
    const struct identity_sign_in *in = r->in;
    struct identity_row w = {0};
    bool found = false;
    enum err e = identity_store_account(c, t->w.a.id, &found, &w);
    if (!e && (!found || w.a.disabled || !text_eq(w.phc, t->w.phc)))
        e = fail(c, ERR_CREDENTIALS, "username");
    const char *next = w.once_us ? "/tai-khoan/mat-khau" : in->next;
    if (!e && w.factor)
        return identity_second_ask(c, r, &w, next);
    if (!e)
        e = identity_notice_device(c, r, &w);
    if (!e)
        identity_device_keep(c, r, &w);
    return e ? e : identity_enter(c, r, &w, next);
}

/* ---- out ---- */

/* After leaving another node a citizen comes here, where they may still be signed in. */
enum err identity_sign_out_page(struct ctx *c, struct req *r)
{
    bool in = !text_empty(c->actor->name);
    struct next_act out = {"sign_out", "POST", "/dang-xuat",
                           text_get(TX(identity_sign_out), c->lang)};
    struct next_act again = {"sign_in", "GET", "/dang-nhap",
                             text_get(TX(identity_signed_out_again), c->lang)};
    struct identity_sign_out_view v = {c->actor->name, {in ? &out : &again, 1}};
    return answer(c, r, 200, &identity_sign_out_shape, &v, identity_sign_out_html);
}

enum err identity_sign_out(struct ctx *c, struct req *r)
{
    struct audit_act act = {
        .action = "identity.sign_out", .kind = "account", .object = c->actor->account};
    bool elsewhere = c->actor->kind == ACTOR_CITIZEN && c->node->identity_url;
    enum err e = audit_write(c, &act);
    if (!e && r->session)
        e = identity_out_sign_in(c, c->actor->account, r->session->sid);
    if (!e)
        e = session_end(c, r);
    if (e)
        return e;
    const char *here = "/dang-xuat";
    return answer_redirect(
        c, r, elsewhere ? arena_printf(c->arena, "%s/dang-xuat", c->node->identity_url) : here);
}
