/* SPDX-License-Identifier: Apache-2.0 */
/* What the person may do with a filed dossier: withdraw, collect; portal_supplement.c: supplement.
 */
#include "base/text.h"
#include "core/say.h"
#include "gen/html.h"
#include "systems/portal/portal_views.h"

const char *portal_path(struct ctx *c, const char *code, const char *rest)
{
    return arena_printf(c->arena, "/ho-so/%s%s%s", code, *rest ? "/" : "", rest);
}

enum err portal_done(struct ctx *c, struct req *r, const char *code, const char *action)
{
    const char *said = r->wants_json ? "" : arena_printf(c->arena, "?xong=%s", action);
    return answer_redirect(c, r, arena_printf(c->arena, "%s%s", portal_path(c, code, ""), said));
}

bool portal_may(struct ctx *c, const struct casework_case *k, const char *action)
{
    const struct process_action *x[12];
    size_t n = casework_actions(c, k, x, ARRAY_LEN(x));
    for (size_t i = 0; i < n; i++)
        if (text_eq(x[i]->name, action))
            return true;
    return false;
}

enum err portal_own_case(struct ctx *c, struct req *r, const char *action,
                         struct casework_case *ret)
{
    c->matter = req_param(r, "code");
    enum err e = casework_get(c, c->matter, ret);
    if (e)
        return e;
    const struct procedure *p = procedure_find(c, ret->procedure);
    r->labels = p->form;
    if (portal_may(c, ret, action))
        return OK;
    const struct process_state *s = process_state_of(p->process, ret->state);
    return fail(c, ERR_CASE_STATE, action, s ? s->label[c->lang] : ret->state);
}

/* ---- withdraw ---- */

static struct list one_act(struct ctx *c, const char *name, const char *href, enum text title)
{
    struct next_act *a = ARENA_NEW(c->arena, struct next_act);
    *a = (struct next_act){name, "POST", href, text_get(title, c->lang)};
    return (struct list){a, 1};
}

static struct portal_withdraw_view withdraw_view(struct ctx *c, const struct casework_case *k)
{
    return (struct portal_withdraw_view){
        .code = k->code,
        .name = procedure_find(c, k->procedure)->name[c->lang],
        .version = k->version,
        .acts = one_act(c, "withdraw", portal_path(c, k->code, "rut"), TX(portal_withdraw_button))};
}

enum err portal_withdraw_page(struct ctx *c, struct req *r)
{
    struct casework_case k;
    enum err e = portal_own_case(c, r, "withdraw", &k);
    if (e)
        return e == ERR_CASE_STATE ? portal_overtaken(c, r, &k, "withdraw") : e;
    struct portal_withdraw_view v = withdraw_view(c, &k);
    return answer(c, r, 200, &portal_withdraw_shape, &v, portal_withdraw_html);
}

enum err portal_withdraw_again(struct ctx *c, struct req *r)
{
    struct casework_case k;
    enum err e = portal_own_case(c, r, "withdraw", &k);
    if (e)
        return e == ERR_CASE_STATE ? portal_overtaken(c, r, &k, "withdraw") : e;
    struct portal_withdraw_view v = withdraw_view(c, &k);
    return answer_again(c, r, &portal_withdraw_shape, &v, portal_withdraw_html);
}

enum err portal_withdraw(struct ctx *c, struct req *r)
{
    const struct portal_withdrawal *in = r->in;
    struct casework_case k;
    c->matter = req_param(r, "code");
    enum err e = casework_act(c, c->matter, "withdraw", in->version, in->reason, NULL, &k);
    return e ? e : portal_done(c, r, k.code, "withdraw");
}

enum err portal_collect(struct ctx *c, struct req *r)
{
    const struct portal_version *in = r->in;
    struct casework_case k;
    c->matter = req_param(r, "code");
    enum err e = casework_act(c, c->matter, "collect", in->version, "", NULL, &k);
    return e ? e : portal_done(c, r, k.code, "collect");
}
