/* SPDX-License-Identifier: Apache-2.0 */
/* Grave acts: who they are, proved again. */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "gen/html.h"
#include "web/error_page.h"
#include "web/web_call.h"

#define HOLDS_US (15 * MINUTE_US) /* where nobody says */
#define AHEAD_US MINUTE_US        /* other nodes of one database have clocks of their own */

struct proof_in {
    const char *proof;
};
SHAPE(proof_in_shape, struct proof_in,
      SHAPE_TEXT(struct proof_in, proof, TX(web_proof_either), .max = PROOF_MAX,
                 .flags = F_REQUIRED | F_SECRET));
struct proof_asked { /* as the page names it: the web's own, never shown again or carried */
    const char *_proof;
};
SHAPE(proof_password_shape, struct proof_asked,
      SHAPE_TEXT(struct proof_asked, _proof, TX(web_proof_password), .max = 200,
                 .flags = F_REQUIRED | F_SECRET));
SHAPE(proof_code_shape, struct proof_asked,
      SHAPE_TEXT(struct proof_asked, _proof, TX(web_proof_code), .max = 200, .flags = F_REQUIRED));

static bool is_fresh(const struct call *k)
{
    const struct web_proof *p = k->w->o.proof;
    int64_t age_us = k->c.now_us - k->session.proved_us;
    return k->q.session && age_us >= -AHEAD_US && age_us < (p ? p->holds_us(&k->c) : HOLDS_US);
}

static enum err find_about(struct call *k)
{
    const struct route *row = k->q.route;
    const char *line = "";
    enum err e = row->about ? row->about(&k->c, &k->q, &line) : OK;
    k->proof_about = e ? "" : line;
    if (e && err_row(e)->status >= 500)
        return e;
    ctx_clear_faults(&k->c);
    return OK;
}

enum err guard_proof(struct call *k)
{
    if (!(k->q.route->flags & ROUTE_GRAVE) || is_fresh(k))
        return OK;
    k->proof_kind = PROOF_NONE;
    enum err e = find_about(k);
    if (!e && k->w->o.proof)
        e = k->w->o.proof->kind(&k->c, &k->proof_kind);
    return e ? e : fail(&k->c, ERR_PROVE, "");
}

/* ---- what was typed ---- */

static enum err weigh(struct call *k, const char *typed)
{
    const struct http_header pair = {"proof", typed};
    struct proof_in in = {.proof = ""};
    if (shape_from_form(&k->c, &proof_in_shape, &pair, 1, &in))
        return ERR_INVALID;
    enum err e = k->w->o.proof->check(&k->c, &k->q, k->proof_kind, in.proof);
    return e ? e : session_renew(k);
}

enum err proof_take(struct call *k, const char *typed)
{
    if (k->proof_kind == PROOF_NONE)
        return ERR_PROVE;
    ctx_clear_faults(&k->c);
    k->proving = true;
    enum err e = weigh(k, typed);
    for (size_t i = 0; i < k->c.n_faults; i++)
        k->c.faults[i].field = PROOF_FIELD;
    k->proving = e != OK;
    return e;
}

static enum err kind_work(struct ctx *c, void *arg)
{
    struct call *k = arg;
    return k->w->o.proof->kind(c, &k->proof_kind);
}

enum err proof_row(struct ctx *c, struct req *r)
{
    struct call *k = call_of(r);
    const struct proof_in *in = r->in;
    enum err e = k->w->o.proof ? db_read(c, k->w->o.db, kind_work, k) : OK;
    if (!e && k->proof_kind == PROOF_NONE)
        e = fail(c, ERR_PROVE, "");
    e = e ? e : weigh(k, in->proof);
    return e ? e : answer_redirect(c, r, "/phien");
}

/* ---- the page ---- */

bool proof_asked(const struct call *k, enum err e)
{
    bool wrong = k->proving && err_row(e)->status < 500;
    return k->form_body && k->q.route && (k->q.route->flags & ROUTE_GRAVE) &&
           (e == ERR_PROVE || wrong);
}

static const char *address_of(const struct call *k)
{
    const struct http_request *h = k->q.http;
    return text_empty(h->query) ? h->path : arena_printf(k->c.arena, "%s?%s", h->path, h->query);
}

void proof_field(struct page *p, const struct proof_view *v)
{
    struct field f = v->shape->fields[0];
    if (v->code) /* as the browser knows it */
        f.name = "one_time_code";
    page_field_as(p, &f, NULL, PROOF_FIELD);
}

void proof_page(struct call *k, enum err e)
{
    bool first = e == ERR_PROVE;
    size_t told = k->c.n_faults;
    struct proof_view v = {.act = text_get(k->q.route->title, k->c.lang),
                           .about = text_empty(k->proof_about) ? NULL : k->proof_about,
                           .action = address_of(k),
                           .shape = &proof_password_shape,
                           .code = k->proof_kind >= PROOF_CODE,
                           .can = k->proof_kind != PROOF_NONE,
                           .typed = page_was_typed(&k->q),
                           .sign_in = k->w->o.proof ? k->w->o.proof->elsewhere : NULL};
    if (k->proof_kind == PROOF_PASSKEY)
        v.passkey = k->w->o.proof->passkey;
    if (v.code)
        v.shape = &proof_code_shape;
    struct buf b = buf_new(k->c.arena, 4 * 1024 * 1024);
    struct page p = {&b, k->c.lang, &k->c, &k->q};
    k->c.n_faults = first ? 0 : told; /* being asked is nobody's mistake */
    web_proof_html(&p, &v);
    k->c.n_faults = told;
    answer_begin(&k->q, err_row(e)->status, "text/html; charset=utf-8");
    k->q.answer.body = buf_bytes(&b);
}
