/* SPDX-License-Identifier: Apache-2.0 */
/* The receipt, and each form of the pack with its signature and code. They speak Vietnamese: they
   are legal documents of this country, whatever language the reader's pages are in. */
#include "base/text.h"
#include "core/audit.h"
#include "core/country.h"
#include "core/paper.h"
#include "core/say.h"
#include "systems/onestop/onestop_form.h"

static const char *vi(enum text t)
{
    return text_get(t, LANG_VI);
}

static const char *form_text(const struct onestop_source *s, const char *field)
{
    return shape_field(s->procedure->form, field) ? shape_text(s->procedure->form, s->k.form, field)
                                                  : "";
}

static const char *unit_name(struct ctx *c, const struct onestop_source *s)
{
    return country_agency_name(c->node->country, s->k.unit, LANG_VI);
}

const char *onestop_head_shown(struct ctx *c, const struct tree_head *h)
{
    return h->size ? arena_printf(c->arena, "%lld %.16s", (long long)h->size, h->root) : "–";
}

/* The signed head that other nodes hold: size and the root's first half. */
static enum err head_row(struct ctx *c, struct paper *p)
{
    struct tree_head h;
    enum err e = tree_newest(c, &h);
    if (!e && h.size)
        paper_text(p, say(c->arena, LANG_VI, TX(onestop_paper_head), onestop_head_shown(c, &h),
                          NULL, NULL));
    return e;
}

/* The code leads to the paper's public page. After the #, which browsers keep to themselves, the
   head of the audit chain goes out with every receipt: a witness nobody can call back. */
static enum err seal_rows(struct ctx *c, const struct onestop_source *s, struct paper *p)
{
    struct audit_head head = {0, ""};
    enum err e = audit_head(c, &head);
    if (e)
        return e;
    long long seq = (long long)head.seq;
    const char *path = onestop_check_path(c, s->k.code, s->owed.kind);
    paper_qr(p,
             arena_printf(c->arena, "%s%s#%s.%lld.%s", c->node->url, path, c->node->name, seq,
                          head.hash),
             say(c->arena, LANG_VI, TX(onestop_paper_check),
                 arena_printf(c->arena, "%lld %s", seq, head.hash), NULL, NULL));
    return head_row(c, p);
}

/* What the system gives by itself, the receiving agency answers for: nobody's name stands there,
   least of all the citizen's. */
static enum err draw_receipt(struct ctx *c, const struct onestop_source *s,
                             struct paper **ret_paper)
{
    const char *title = vi(TX(onestop_paper_receipt));
    struct paper *p = *ret_paper = paper_new(c->arena, true, title);
    paper_national_header(p, unit_name(c, s), s->k.code);
    paper_heading(p, title, s->procedure->name[LANG_VI]);
    paper_row(p, vi(TX(onestop_row_code)), s->k.code);
    paper_row(p, vi(TX(onestop_row_filer)), form_text(s, "requester_name"));
    paper_row(p, vi(TX(onestop_row_about)), s->k.title);
    paper_row(p, vi(TX(onestop_row_filed)), time_show(c->arena, s->k.filed_us));
    paper_row(p, vi(TX(onestop_row_due)), time_show(c->arena, s->k.due_us));
    paper_text(p, s->k.due_words[LANG_VI]);
    paper_text(p, vi(TX(onestop_paper_automatic)));
    paper_signature(p, vi(TX(onestop_paper_by_system)), unit_name(c, s),
                    time_show(c->arena, s->owed.asked_us));
    return seal_rows(c, s, p);
}

static const struct {
    const char *kind;
    enum text title;
} papers[] = {
    {"receipt", TX(onestop_paper_receipt)},
    {"birth_certificate", TX(onestop_paper_birth_certificate)},
    {"health_card", TX(onestop_paper_health_card)},
};

const char *onestop_paper_title(struct ctx *c, const char *kind)
{
    const json_t *form = onestop_form_of(kind);
    for (size_t i = 0; i < ARRAY_LEN(papers) && !form; i++)
        if (text_eq(papers[i].kind, kind))
            return text_get(papers[i].title, c->lang);
    return form ? onestop_form_title(form, c->lang) : kind;
}

static enum err draw_form(struct ctx *c, const struct onestop_source *s, const json_t *form,
                          struct paper **ret_paper)
{
    enum err e = onestop_form_draw(c, s, form, ret_paper);
    if (e)
        return e;
    onestop_form_sign(c, s, form, *ret_paper);
    return json_bool_of(form, "qr", false) ? seal_rows(c, s, *ret_paper) : OK;
}

enum err onestop_draw(struct ctx *c, const struct onestop_source *s, struct paper **ret_paper)
{
    const json_t *form = onestop_form_of(s->owed.kind);
    if (form)
        return draw_form(c, s, form, ret_paper);
    if (text_eq(s->owed.kind, "receipt"))
        return draw_receipt(c, s, ret_paper);
    return fail(c, ERR_NOT_FOUND, "kind", s->owed.kind);
}
