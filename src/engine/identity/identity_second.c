/* SPDX-License-Identifier: Apache-2.0 */
/* The second step of a sign-in. Between the steps the browser's session is nobody's; whose password
   was right stands in its note, on our side, for ten minutes. */
#include "base/buf.h"
#include "base/text.h"
#include "engine/identity/identity_factor_views.h"
#include "engine/identity/identity_notice.h"
#include "gen/html.h"
#include "web/json.h"

#define PAGE "/dang-nhap/ma"

SHAPE(identity_second_shape, struct identity_second_view,
      SHAPE_NUMBER(struct identity_second_view, minutes, KIND_INT, TX(identity_second_minutes)));

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

static struct identity_second_view view_of(const struct ctx *c, const struct pending *p)
{
    int64_t left_us = p->at_us + IDENTITY_SECOND_US - c->now_us;
    return (struct identity_second_view){(left_us + MINUTE_US - 1) / MINUTE_US};
}

enum err identity_second_page(struct ctx *c, struct req *r)
{
    struct pending p;
    if (!pending_of(c, r, &p))
        return answer_redirect(c, r, "/dang-nhap");
    struct identity_second_view v = view_of(c, &p);
    return answer(c, r, 200, &identity_second_shape, &v, identity_second_html);
}

enum err identity_second_again(struct ctx *c, struct req *r)
{
    struct pending p = {.at_us = c->now_us - IDENTITY_SECOND_US};
    (void)pending_of(c, r, &p);
    struct identity_second_view v = view_of(c, &p);
    return answer_again(c, r, &identity_code_shape, &v, identity_second_html);
}

enum err identity_second_prepare(struct ctx *c, struct req *r)
{
    const struct identity_code_in *in = r->in;
    struct pending *p = ARENA_NEW(c->arena, struct pending);
    if (!pending_of(c, r, p))
        return OK;
    r->kept = p;
    return identity_factor_prove(c, p->account, r->http->peer, in->one_time_code);
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
