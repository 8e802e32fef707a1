/* SPDX-License-Identifier: Apache-2.0 */
/* The public page behind a paper's QR code: whoever holds the paper may ask whether it is ours.
   Nothing is looked up before the token holds, and every refusal is the same: the address tells
   nobody which dossiers there are. */
#include "base/text.h"
#include "core/audit.h"
#include "core/country.h"
#include "core/say.h"
#include "core/secrets.h"
#include "gen/html.h"
#include "systems/onestop/onestop_form.h"
#include "systems/onestop/onestop_views.h"

static const char *token_of(struct ctx *c, const char *code, const char *kind)
{
    return secret_token(c, SECRET_ONESTOP_CHECK, arena_printf(c->arena, "%s/%s", code, kind));
}

const char *onestop_check_path(struct ctx *c, const char *code, const char *kind)
{
    return arena_printf(c->arena, "/giay/%s/%s/%s", code, kind, token_of(c, code, kind));
}

static enum err look(struct ctx *c, struct onestop_check_view *v)
{
    struct casework_case k = {0};
    struct casework_document d = {0};
    struct file f = {0};
    int64_t at_us = 0, number = 0;
    enum err e = casework_handed_out(c, v->code, v->kind, &k, &d);
    if (!e)
        e = onestop_store_asked(c, v->code, v->kind, &at_us, &number);
    if (!e)
        e = file_get(c, d.file, &f);
    if (e)
        return e;
    v->unit = k.unit;
    v->unit_name = country_agency_name(c->node->country, k.unit, c->lang);
    v->national = k.national;
    v->status = country_name(c->node->country, "dossier_status",
                             arena_printf(c->arena, "%lld", (long long)k.national), c->lang);
    v->at = time_show(c->arena, at_us);
    v->number = onestop_form_number(c, onestop_form_of(v->kind), number);
    v->sha256 = f.sha256;
    return OK;
}

/* Its first record in the trail, and the signed head that covers it: in a while, when it is new. */
static enum err look_trail(struct ctx *c, struct onestop_check_view *v)
{
    struct tree_head h;
    enum err e = audit_first(c, "case", v->code, &v->record);
    if (!e)
        e = tree_newest(c, &h);
    if (e)
        return e;
    bool covered = v->record && v->record <= h.size;
    v->head_size = covered ? h.size : 0;
    v->head_root = covered ? h.root : "";
    v->proof = arena_printf(c->arena, "/kiem-chung/%lld", (long long)v->record);
    v->trail =
        say(c->arena, c->lang, covered ? TX(onestop_check_trail_at) : TX(onestop_check_trail_later),
            arena_printf(c->arena, "%lld", (long long)v->record), onestop_head_shown(c, &h), NULL);
    return OK;
}

enum err onestop_check(struct ctx *c, struct req *r)
{
    const char *code = req_param(r, "code"), *kind = req_param(r, "kind");
    struct onestop_check_view v = {.code = code,
                                   .kind = kind,
                                   .title = onestop_paper_title(c, kind),
                                   .keeper = c->node->title[c->lang],
                                   .follow = arena_printf(c->arena, "/ho-so/%s", code)};
    struct bytes token = bytes_of(token_of(c, code, kind));
    bool ours = bytes_equal_secret(token, bytes_of(req_param(r, "token")));
    enum err e = ours ? look(c, &v) : ERR_NOT_FOUND;
    if (!e)
        e = look_trail(c, &v);
    if (e == ERR_NOT_FOUND) {
        ctx_clear_faults(c);
        return fail(c, ERR_PAPER_UNKNOWN, "");
    }
    return e ? e : answer(c, r, 200, &onestop_check_shape, &v, onestop_check_html);
}
