/* SPDX-License-Identifier: Apache-2.0 */
/* One's own passkeys: seen, added, removed. */
#include "base/text.h"
#include "engine/identity/identity_factor_views.h"
#include "engine/identity/identity_out.h"
#include "engine/identity/identity_passkey_views.h"
#include "gen/html.h"

#define NAME_MAX 60

SHAPE(identity_passkey_new_shape, struct identity_passkey_new,
      SHAPE_TEXT(struct identity_passkey_new, name, TX(identity_passkey_name), .max = NAME_MAX,
                 .flags = F_REQUIRED | F_PERSONAL),
      SHAPE_TEXT(struct identity_passkey_new, passkey, TX(identity_passkey_one),
                 .max = PASSKEY_ANSWER_MAX, .flags = F_REQUIRED | F_CARRIED));
#define LINE struct identity_passkey_line
SHAPE(identity_passkey_line_shape, LINE, SHAPE_STRING(LINE, id, KIND_ID, TX(identity_passkey_one)),
      SHAPE_TEXT(LINE, name, TX(identity_passkey_name), .flags = F_PERSONAL),
      SHAPE_TEXT(LINE, made, TX(identity_passkey_made)),
      SHAPE_TEXT(LINE, used, TX(identity_passkey_used)));
#define ALL struct identity_passkeys_view
SHAPE(identity_passkeys_shape, ALL,
      SHAPE_LIST(ALL, keys, &identity_passkey_line_shape, TX(identity_passkey_title)),
      SHAPE_NUMBER(ALL, offered, KIND_BOOL, TX(identity_passkey_offered)),
      SHAPE_NUMBER(ALL, left, KIND_INT, TX(identity_factor_left)),
      SHAPE_LIST(ALL, acts, &next_act_shape, TX(web_acts)));

/* ---- the page ---- */

/* Who signs in elsewhere has nothing to add to a password here. */
static enum err account_of(struct ctx *c, struct identity_row *w)
{
    bool found = false;
    *w = (struct identity_row){0};
    enum err e = identity_store_account(c, c->actor->account, &found, w);
    if (!e && (!found || text_empty(w->phc)))
        e = fail(c, ERR_NO_PASSWORD, "password");
    return e;
}

static enum err lines_of(struct ctx *c, struct list *ret)
{
    struct identity_passkey held[IDENTITY_PASSKEYS];
    size_t n = 0;
    enum err e = identity_store_passkeys(c, c->actor->account, held, &n);
    struct identity_passkey_line *v =
        ARENA_ARRAY(c->arena, IDENTITY_PASSKEYS, struct identity_passkey_line);
    for (size_t i = 0; i < n; i++)
        v[i] = (struct identity_passkey_line){
            .id = held[i].id,
            .name = held[i].name,
            .made = time_show(c->arena, held[i].made_us),
            .used = held[i].used_us ? time_show(c->arena, held[i].used_us) : ""};
    *ret = (struct list){v, n};
    return e;
}

static struct list acts_of(struct ctx *c, const struct identity_passkeys_view *v)
{
    struct next_act *a = ARENA_ARRAY(c->arena, 2, struct next_act);
    size_t n = 0;
    if (!v->full)
        a[n++] = (struct next_act){"add", "POST", IDENTITY_PASSKEYS_PAGE,
                                   text_get(TX(identity_passkey_add), c->lang)};
    if (v->keys.n)
        a[n++] = (struct next_act){"renew", "POST", IDENTITY_PASSKEYS_PAGE "/ma-du-phong",
                                   text_get(TX(identity_recovery_renew), c->lang)};
    return (struct list){a, n};
}

static enum err view_of(struct ctx *c, struct req *r, struct identity_passkeys_view *v)
{
    struct identity_row w;
    const char *agent = req_header(r, "User-Agent");
    *v = (struct identity_passkeys_view){.draft = {identity_browser(c, agent ? agent : ""), ""},
                                         .offered = passkey_site(c).offered,
                                         .removed = !text_empty(req_query(r, "da-bo"))};
    enum err e = account_of(c, &w);
    if (!e)
        e = lines_of(c, &v->keys);
    if (!e)
        e = identity_store_recovery_left(c, w.a.id, &v->left);
    v->full = v->keys.n >= IDENTITY_PASSKEYS;
    v->acts = acts_of(c, v);
    return e;
}

enum err identity_passkeys_page(struct ctx *c, struct req *r)
{
    struct identity_passkeys_view v;
    enum err e = view_of(c, r, &v);
    return e ? e : answer(c, r, 200, &identity_passkeys_shape, &v, identity_passkeys_html);
}

enum err identity_passkeys_again(struct ctx *c, struct req *r)
{
    struct identity_passkeys_view v;
    enum err e = view_of(c, r, &v);
    return e ? e : answer_again(c, r, r->route->in, &v, identity_passkeys_html);
}

/* ---- the acts ---- */

/* Whoever was in with less, or with what was taken away, is out; here another session goes on. */
static enum err anew(struct ctx *c, struct req *r)
{
    const struct actor *a = c->actor;
    enum err e = identity_out_all(c, a->account);
    return e ? e : session_start(c, r, a->account, a->role, a->unit, a->assurance);
}

/* The first of all second factors brings recovery codes, for the day its device is lost. */
enum err identity_passkeys_add(struct ctx *c, struct req *r)
{
    const struct identity_passkey_new *in = r->in;
    struct identity_row w;
    const char *codes[IDENTITY_RECOVERY];
    enum err e = account_of(c, &w);
    if (!e)
        e = identity_passkey_add(c, r, in->name, in->passkey);
    if (!e && !w.factor)
        e = identity_factor_codes(c, w.a.id, codes);
    if (!e)
        e = anew(c, r);
    if (e)
        return e;
    return w.factor ? answer_redirect(c, r, IDENTITY_PASSKEYS_PAGE)
                    : identity_recovery_show(c, r, codes);
}

/* Of who holds passkeys; who has an app alone gets them beside it. */
enum err identity_passkeys_renew(struct ctx *c, struct req *r)
{
    struct identity_row w;
    struct list held = {0};
    const char *codes[IDENTITY_RECOVERY];
    enum err e = account_of(c, &w);
    if (!e)
        e = lines_of(c, &held);
    if (!e && !held.n)
        e = fail(c, ERR_PASSKEY_NONE, "passkey");
    if (!e)
        e = identity_factor_recode(c, w.a.id, codes);
    return e ? e : identity_recovery_show(c, r, codes);
}

enum err identity_passkeys_remove(struct ctx *c, struct req *r)
{
    enum err e = identity_passkey_remove(c, req_param(r, "id"));
    if (!e)
        e = anew(c, r);
    return e ? e : answer_redirect(c, r, IDENTITY_PASSKEYS_PAGE "?da-bo=1");
}
