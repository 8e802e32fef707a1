/* SPDX-License-Identifier: Apache-2.0 */
/* The second step of a sign-in. Between the steps the browser's session is nobody's; whose password
   was right stands in its note, on our side, for ten minutes. */
#include "base/buf.h"
#include "base/text.h"
#include "engine/identity/identity_factor_views.h"
#include "engine/identity/identity_notice.h"
#include "engine/identity/identity_passkey_views.h"
#include "gen/html.h"
#include "web/json.h"

#define PAGE "/dang-nhap/ma"

SHAPE(identity_second_shape, struct identity_second_view,
      SHAPE_NUMBER(struct identity_second_view, minutes, KIND_INT, TX(identity_second_minutes)),
      SHAPE_NUMBER(struct identity_second_view, passkey, KIND_BOOL, TX(identity_passkey_one)));

struct pending {
    const char *account, *next;
    const char *password; /* hash of the PHC string: another password since ends it */
    int64_t at_us;
};

static const char *mark_of(struct ctx *c, const struct identity_row *w)
{
    return sha256_hex(c->arena, sha256(bytes_of(w->phc)));
}

enum err identity_second_ask(struct ctx *c, struct req *r, const struct identity_row *w,
                             const char *next)
{
    struct buf b = buf_new(c->arena, 16 * 1024);
    buf_printf(&b, "{\"second\":\"%s\",\"password\":\"%s\",\"at\":%lld,\"next\":", w->a.id,
               mark_of(c, w), (long long)c->now_us);
    buf_json(&b, identity_safe_path(c, next));
    buf_text(&b, "}");
    const char *sid = r->session ? r->session->sid : "";
    enum err e = session_start(c, r, "", "", "", 0);
    if (!e) /* the sign-in before goes on, once the code came */
        e = session_named(c, r, sid);
    if (!e)
        e = session_note(c, r, b.ptr);
    return e ? e : answer_redirect(c, r, PAGE);
}

static bool pending_of(struct ctx *c, const struct req *r, struct pending *ret)
{
    json_t *o;
    if (!r->session || text_empty(r->session->note) || !text_empty(r->session->account))
        return false;
    if (json_in(c, "session", bytes_of(r->session->note), &o)) {
        ctx_clear_faults(c);
        return false;
    }
    *ret = (struct pending){.account = arena_text(c->arena, json_text_of(o, "second", "")),
                            .next = arena_text(c->arena, json_text_of(o, "next", "/")),
                            .password = arena_text(c->arena, json_text_of(o, "password", "")),
                            .at_us = json_int_of(o, "at", 0)};
    json_end(o);
    int64_t age_us = c->now_us - ret->at_us;
    return !text_empty(ret->account) && age_us >= 0 && age_us < IDENTITY_SECOND_US;
}

const char *identity_second_of(struct ctx *c, const struct req *r)
{
    struct pending p;
    return pending_of(c, r, &p) ? p.account : NULL;
}

static enum err view_of(struct ctx *c, const struct pending *p, struct identity_second_view *v)
{
    struct identity_passkey held[IDENTITY_PASSKEYS];
    size_t n = 0;
    int64_t left_us = p->at_us + IDENTITY_SECOND_US - c->now_us;
    enum err e = identity_store_passkeys(c, p->account, held, &n);
    *v = (struct identity_second_view){.minutes = (left_us + MINUTE_US - 1) / MINUTE_US,
                                       .passkey = n && passkey_site(c).offered};
    return e;
}

enum err identity_second_page(struct ctx *c, struct req *r)
{
    struct pending p;
    if (!pending_of(c, r, &p))
        return answer_redirect(c, r, "/dang-nhap");
    struct identity_second_view v;
    enum err e = view_of(c, &p, &v);
    return e ? e : answer(c, r, 200, &identity_second_shape, &v, identity_second_html);
}

enum err identity_second_again(struct ctx *c, struct req *r)
{
    struct pending p = {.account = "", .at_us = c->now_us - IDENTITY_SECOND_US};
    struct identity_second_view v;
    (void)pending_of(c, r, &p);
    enum err e = view_of(c, &p, &v);
    return e ? e : answer_again(c, r, r->route->in, &v, identity_second_html);
}

static struct pending *first_step(struct ctx *c, struct req *r)
{
    struct pending *p = ARENA_NEW(c->arena, struct pending);
    r->kept = pending_of(c, r, p) ? p : NULL;
    return r->kept;
}

enum err identity_second_prepare(struct ctx *c, struct req *r)
{
    const struct identity_code_in *in = r->in;
    const struct pending *p = first_step(c, r);
    return p ? identity_factor_prove(c, p->account, r->http->peer, in->one_time_code) : OK;
}

enum err identity_second_passkey(struct ctx *c, struct req *r)
{
    const struct identity_passkey_in *in = r->in;
    const struct pending *p = first_step(c, r);
    const char *account;
    return p ? identity_passkey_prove(c, r, IDENTITY_PASSKEY_SECOND, p->account, in->passkey,
                                      &account)
             : OK;
}

/* Without a first step, or too late: from the beginning. */
enum err identity_second(struct ctx *c, struct req *r)
{
    const struct pending *p = r->kept;
    struct identity_row w = {0};
    bool found = false;
    if (!p)
        return answer_redirect(c, r, "/dang-nhap");
    enum err e = identity_store_account(c, p->account, &found, &w);
    if (!e && (!found || w.a.disabled || !text_eq(mark_of(c, &w), p->password)))
        return answer_redirect(c, r, "/dang-nhap");
    if (!e)
        e = identity_notice_device(c, r, &w);
    if (!e)
        identity_device_keep(c, r, &w);
    return e ? e : identity_enter(c, r, &w, p->next);
}
