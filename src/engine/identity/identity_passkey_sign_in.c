/* SPDX-License-Identifier: Apache-2.0 */
/* In by a passkey alone; and what the script of any page asks a browser for. */
#include "base/text.h"
#include "engine/identity/identity_notice.h"
#include "engine/identity/identity_passkey_views.h"

SHAPE(identity_passkey_in_shape, struct identity_passkey_in,
      SHAPE_TEXT(struct identity_passkey_in, passkey, TX(identity_passkey_one),
                 .max = PASSKEY_ANSWER_MAX, .flags = F_REQUIRED | F_SECRET),
      SHAPE_TEXT(struct identity_passkey_in, next, TX(identity_field_next), .max = 4096,
                 .flags = F_CARRIED));
SHAPE(identity_passkey_asked_shape, struct identity_passkey_asked,
      SHAPE_TEXT(struct identity_passkey_asked, purpose, TX(identity_passkey_purpose), .max = 20,
                 .flags = F_REQUIRED));
SHAPE(identity_passkey_id_shape, struct identity_passkey_id,
      SHAPE_TEXT(struct identity_passkey_id, id, TX(identity_passkey_one)));
#define TOLD struct identity_passkey_told
SHAPE(identity_passkey_told_shape, TOLD,
      SHAPE_TEXT(TOLD, challenge, TX(identity_passkey_challenge)),
      SHAPE_TEXT(TOLD, rp, TX(identity_passkey_rp)),
      SHAPE_TEXT(TOLD, rp_name, TX(identity_passkey_rp_name)),
      SHAPE_TEXT(TOLD, user, TX(identity_passkey_user)),
      SHAPE_TEXT(TOLD, user_name, TX(identity_field_username)),
      SHAPE_TEXT(TOLD, display, TX(identity_account_name), .flags = F_PERSONAL),
      SHAPE_TEXT(TOLD, csrf, TX(identity_passkey_csrf)),
      SHAPE_NUMBER(TOLD, verify, KIND_BOOL, TX(identity_passkey_verify)),
      SHAPE_LIST(TOLD, keys, &identity_passkey_id_shape, TX(identity_passkey_title)));

/* ---- asked ---- */

/* Whose passkeys that purpose is about: "" anybody's, NULL nobody's. */
static const char *whose(struct ctx *c, const struct req *r, const char *purpose)
{
    if (text_eq(purpose, IDENTITY_PASSKEY_ENTER))
        return "";
    if (text_eq(purpose, IDENTITY_PASSKEY_SECOND))
        return identity_second_of(c, r);
    bool known = text_eq(purpose, IDENTITY_PASSKEY_PROVE) || text_eq(purpose, IDENTITY_PASSKEY_ADD);
    return known && c->actor->kind != ACTOR_NOBODY ? c->actor->account : NULL;
}

static enum err keys_of(struct ctx *c, const char *account, struct list *ret)
{
    struct identity_passkey held[IDENTITY_PASSKEYS];
    size_t n = 0;
    enum err e = identity_store_passkeys(c, account, held, &n);
    struct identity_passkey_id *ids =
        ARENA_ARRAY(c->arena, IDENTITY_PASSKEYS, struct identity_passkey_id);
    for (size_t i = 0; i < n; i++)
        ids[i].id = held[i].credential;
    *ret = (struct list){ids, n};
    return e;
}

static enum err of_user(struct ctx *c, const char *account, struct identity_passkey_told *v)
{
    struct identity_row w = {0};
    bool found = false;
    enum err e = identity_store_account(c, account, &found, &w);
    if (e || !found)
        return e;
    v->user = identity_passkey_user(c, account);
    v->user_name = w.a.username;
    v->display = w.a.name;
    return OK;
}

/* A browser without a session gets one of nobody, so that the challenge is its own. */
enum err identity_passkey_options(struct ctx *c, struct req *r)
{
    const struct identity_passkey_asked *in = r->in;
    const char *account = whose(c, r, in->purpose), *title = c->node->title[c->lang];
    struct passkey_site site = passkey_site(c);
    if (!account)
        return fail(c, ERR_SIGN_IN, "");
    enum err e = r->session ? OK : session_start(c, r, "", "", "", 0);
    if (e)
        return e;
    struct identity_passkey_told v = {.rp = site.rp,
                                      .rp_name = title ? title : site.rp,
                                      .user = "",
                                      .user_name = "",
                                      .display = "",
                                      .csrf = session_csrf(c, r),
                                      .verify = !text_eq(in->purpose, IDENTITY_PASSKEY_SECOND)};
    v.challenge = identity_passkey_challenge(c, r, in->purpose, account);
    e = keys_of(c, account, &v.keys);
    if (!e && text_eq(in->purpose, IDENTITY_PASSKEY_ADD))
        e = of_user(c, account, &v);
    return e ? e : answer(c, r, 200, &identity_passkey_told_shape, &v, NULL);
}

/* ---- in ---- */

enum err identity_passkey_enter_prepare(struct ctx *c, struct req *r)
{
    const struct identity_passkey_in *in = r->in;
    const char *account = "";
    enum err e = identity_passkey_prove(c, r, IDENTITY_PASSKEY_ENTER, "", in->passkey, &account);
    r->kept = arena_text(c->arena, account);
    return e;
}

enum err identity_passkey_enter(struct ctx *c, struct req *r)
{
    const struct identity_passkey_in *in = r->in;
    struct identity_row w = {0};
    bool found = false;
    enum err e = identity_store_account(c, r->kept, &found, &w);
    if (!e && (!found || w.a.disabled))
        e = fail(c, ERR_PASSKEY_WRONG, "passkey");
    if (!e)
        e = identity_notice_device(c, r, &w);
    if (!e)
        identity_device_keep(c, r, &w);
    return e ? e : identity_enter(c, r, &w, w.once_us ? "/tai-khoan/mat-khau" : in->next);
}
