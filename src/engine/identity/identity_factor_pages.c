/* SPDX-License-Identifier: Apache-2.0 */
/* One's own second factor: set up, renewed, taken away. */
#include "base/sys.h"
#include "base/text.h"
#include "core/qr.h"
#include "engine/identity/identity_factor_views.h"
#include "engine/identity/identity_notice.h"
#include "engine/identity/identity_out.h"
#include "gen/html.h"

#define PAGE "/tai-khoan/hai-lop"
#define CODE_OF(s)                                                                                 \
    SHAPE_TEXT(s, one_time_code, TX(identity_field_code), .max = 60, .flags = F_REQUIRED | F_SECRET)
#define PASSWORD_OF(s)                                                                             \
    SHAPE_TEXT(s, password, TX(identity_field_password_now), .max = 200,                           \
               .flags = F_REQUIRED | F_SECRET)

SHAPE(identity_code_shape, struct identity_code_in, CODE_OF(struct identity_code_in));
SHAPE(identity_password_in_shape, struct identity_password_in,
      PASSWORD_OF(struct identity_password_in));
SHAPE(identity_begin_shape, struct identity_password_in,
      SHAPE_TEXT(struct identity_password_in, password, TX(identity_field_password_now), .max = 200,
                 .flags = F_SECRET));
SHAPE(identity_both_shape, struct identity_both_in, PASSWORD_OF(struct identity_both_in),
      CODE_OF(struct identity_both_in));
#define FV struct identity_factor_view
SHAPE(identity_factor_shape, FV, SHAPE_NUMBER(FV, has, KIND_BOOL, TX(identity_factor_title)),
      SHAPE_NUMBER(FV, waits, KIND_BOOL, TX(identity_factor_waits)),
      SHAPE_TEXT(FV, state, TX(identity_admin_state)),
      SHAPE_TEXT(FV, since, TX(identity_factor_since)),
      SHAPE_TEXT(FV, key, TX(identity_factor_key)), SHAPE_TEXT(FV, uri, TX(identity_factor_uri)),
      SHAPE_NUMBER(FV, left, KIND_INT, TX(identity_factor_left)),
      SHAPE_LIST(FV, acts, &next_act_shape, TX(web_acts)));
SHAPE(identity_recovery_line_shape, struct identity_recovery_line,
      SHAPE_TEXT(struct identity_recovery_line, code, TX(identity_field_code)));
SHAPE(identity_recovery_shape, struct identity_recovery_view,
      SHAPE_LIST(struct identity_recovery_view, codes, &identity_recovery_line_shape,
                 TX(identity_recovery_title)));

/* ---- the page ---- */

/* "ABCD EFGH ...": read from a screen, typed into a telephone. */
static const char *in_groups(struct ctx *c, const char *key)
{
    struct buf b = buf_new(c->arena, 80);
    for (size_t i = 0; key[i]; i++) {
        if (i && i % 4 == 0)
            buf_char(&b, ' ');
        buf_char(&b, key[i]);
    }
    return b.ptr;
}

static struct list acts_of(struct ctx *c, const struct identity_factor_view *v)
{
    struct next_act *a = ARENA_ARRAY(c->arena, 3, struct next_act);
    size_t n = 0;
#define ACT(name, href, key)                                                                       \
    a[n++] = (struct next_act)                                                                     \
    {                                                                                              \
        name, "POST", href, text_get(key, c->lang)                                                 \
    }
    if (v->waits)
        ACT("confirm", PAGE "/xac-nhan", TX(identity_factor_confirm));
    if (!v->has)
        ACT("begin", PAGE, TX(identity_factor_begin));
    if (v->has)
        ACT("renew", PAGE "/ma-du-phong", TX(identity_recovery_renew));
    if (v->has)
        ACT("remove", PAGE "/bo", TX(identity_factor_remove));
#undef ACT
    return (struct list){a, n};
}

static void waiting(struct ctx *c, const struct identity_row *w, const struct identity_factor *f,
                    struct identity_factor_view *v)
{
    v->waits = true;
    v->key = totp_key(c->arena, f->seed);
    v->groups = in_groups(c, v->key);
    v->uri = identity_factor_uri(c, w->a.username, f->seed);
    v->qr = qr_path(c->arena, v->uri, &v->qr_side);
}

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

static enum err view_of(struct ctx *c, struct req *r, struct identity_factor_view *v)
{
    struct identity_row w;
    struct identity_factor f;
    bool found = false;
    *v = (struct identity_factor_view){.since = "", .key = "", .groups = "", .uri = "", .qr = ""};
    enum err e = account_of(c, &w);
    if (!e)
        e = identity_store_factor(c, w.a.id, &found, &f);
    if (!e)
        e = identity_store_recovery_left(c, w.a.id, &v->left);
    if (e)
        return e;
    v->has = found && f.confirmed_us;
    v->owed = identity_factor_owed(c, &w, c->actor->role);
    v->done = !text_empty(req_query(r, "da-bo"));
    if (v->has)
        v->since = time_show(c->arena, f.confirmed_us);
    else if (found && c->now_us - f.made_us <= IDENTITY_SETUP_US)
        waiting(c, &w, &f, v);
    v->state = text_get(v->has ? TX(identity_factor_on) : TX(identity_factor_off), c->lang);
    v->acts = acts_of(c, v);
    return OK;
}

enum err identity_factor_page(struct ctx *c, struct req *r)
{
    struct identity_factor_view v;
    enum err e = view_of(c, r, &v);
    return e ? e : answer(c, r, 200, &identity_factor_shape, &v, identity_factor_html);
}

enum err identity_factor_again(struct ctx *c, struct req *r)
{
    struct identity_factor_view v;
    enum err e = view_of(c, r, &v);
    return e ? e : answer_again(c, r, r->route->in, &v, identity_factor_html);
}

/* ---- the password, as at a change of it ---- */

struct asked {
    struct identity_row w;
    const char *account, *peer;
    const char *codes[IDENTITY_RECOVERY];
};

static struct asked *asked_of(struct ctx *c, struct req *r)
{
    struct asked *h = ARENA_NEW(c->arena, struct asked);
    *h = (struct asked){.account = c->actor->account, .peer = r->http->peer};
    r->kept = h;
    return h;
}

/* A grave act besides: who holds passkeys gave more than a password. The page that asks for the
   proof drops the password (it is a secret), so whoever gave one with this request isn't asked
   twice. */
enum err identity_factor_begin_prepare(struct ctx *c, struct req *r)
{
    const struct identity_password_in *in = r->in;
    if (r->proved) {
        asked_of(c, r);
        return OK;
    }
    if (text_empty(in->password)) {
        (void)fail(c, ERR_REQUIRED, "password");
        return ERR_INVALID;
    }
    return identity_password_prove(c, r, in->password, &asked_of(c, r)->w);
}

enum err identity_factor_both_prepare(struct ctx *c, struct req *r)
{
    const struct identity_both_in *in = r->in;
    struct asked *h = asked_of(c, r);
    enum err e = identity_password_prove(c, r, in->password, &h->w);
    return e ? e : identity_factor_prove(c, h->account, h->peer, in->one_time_code);
}

enum err identity_factor_first_prepare(struct ctx *c, struct req *r)
{
    const struct identity_code_in *in = r->in;
    struct asked *h = asked_of(c, r);
    return identity_factor_confirm(c, h->account, h->peer, in->one_time_code, h->codes);
}

/* ---- the acts ---- */

enum err identity_factor_begin(struct ctx *c, struct req *r)
{
    const struct asked *h = r->kept;
    uint8_t seed[TOTP_SEED_BYTES];
    sys_random(seed, sizeof seed);
    enum err e = identity_store_factor_put(c, h->account, seed);
    return e ? e : answer_redirect(c, r, PAGE);
}

/* Whoever was in with the password alone is out; this browser's session gets another id. */
static enum err anew(struct ctx *c, struct req *r)
{
    const struct actor *a = c->actor;
    enum err e = identity_out_all(c, a->account);
    return e ? e : session_start(c, r, a->account, a->role, a->unit, a->assurance);
}

enum err identity_recovery_show(struct ctx *c, struct req *r, const char *const *codes)
{
    struct identity_recovery_line *v =
        ARENA_ARRAY(c->arena, IDENTITY_RECOVERY, struct identity_recovery_line);
    for (size_t i = 0; i < IDENTITY_RECOVERY; i++)
        v[i].code = codes[i];
    struct identity_recovery_view view = {{v, IDENTITY_RECOVERY}};
    return answer(c, r, 200, &identity_recovery_shape, &view, identity_recovery_html);
}

enum err identity_factor_first(struct ctx *c, struct req *r)
{
    struct asked *h = r->kept;
    enum err e = anew(c, r);
    return e ? e : identity_recovery_show(c, r, h->codes);
}

enum err identity_factor_renew(struct ctx *c, struct req *r)
{
    struct asked *h = r->kept;
    enum err e = identity_factor_recode(c, h->account, h->codes);
    return e ? e : identity_recovery_show(c, r, h->codes);
}

enum err identity_factor_end(struct ctx *c, struct req *r)
{
    const struct asked *h = r->kept;
    enum err e = identity_factor_remove(c, h->account);
    if (!e)
        e = identity_notice(c, h->account, "unfactor", "");
    if (!e)
        e = anew(c, r);
    return e ? e : answer_redirect(c, r, PAGE "?da-bo=1");
}
