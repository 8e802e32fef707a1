/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of TT 01/2018/TT-VPCP and the health card as papers. They speak Vietnamese: they are
   legal documents of this country, whatever language the reader's pages are in. */
#include "base/text.h"
#include "core/audit.h"
#include "core/country.h"
#include "core/paper.h"
#include "systems/civilstatus/civilstatus.h"
#include "systems/onestop/onestop_private.h"

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
    const struct agency *unit = country_agency(c->node->country, s->k.unit);
    return unit ? unit->name[LANG_VI] : s->k.unit;
}

static struct paper *begin(struct ctx *c, const struct onestop_source *s, enum text title)
{
    struct paper *p = paper_new(c->arena, true, vi(title));
    paper_national_header(p, unit_name(c, s), s->k.code);
    paper_heading(p, vi(title), s->procedure->name[LANG_VI]);
    paper_row(p, vi(TX(onestop_row_code)), s->k.code);
    paper_row(p, vi(TX(onestop_row_filer)), form_text(s, "requester_name"));
    paper_row(p, vi(TX(onestop_row_about)), s->k.title);
    return p;
}

/* An official signs what an official did. What the system gives by itself, the receiving agency
   answers for: nobody's name stands there, least of all the citizen's. */
static void sign(struct ctx *c, const struct onestop_source *s, struct paper *p)
{
    bool official = !text_empty(s->owed.actor_name);
    paper_signature(p, vi(official ? TX(onestop_row_signer) : TX(onestop_paper_by_system)),
                    official ? s->owed.actor_name : unit_name(c, s),
                    time_show(c->arena, s->owed.asked_us));
}

/* The head of the audit chain goes out with every receipt: a witness nobody can call back. */
static enum err seal_rows(struct ctx *c, const struct onestop_source *s, struct paper *p)
{
    struct audit_head head = {0, ""};
    enum err e = audit_head(c, &head);
    if (e)
        return e;
    const char *mark = arena_printf(c->arena, "%lld %s", (long long)head.seq, head.hash);
    paper_qr(
        p,
        arena_printf(c->arena, "%s/ho-so/%s\n%s\n%s", c->node->url, s->k.code, c->node->name, mark),
        mark);
    return OK;
}

static enum err draw_receipt(struct ctx *c, const struct onestop_source *s, struct paper *p)
{
    paper_row(p, vi(TX(onestop_row_filed)), time_show(c->arena, s->k.filed_us));
    paper_row(p, vi(TX(onestop_row_due)), time_show(c->arena, s->k.due_us));
    paper_text(p, s->k.due_words[LANG_VI]);
    if (text_empty(s->owed.actor_name))
        paper_text(p, vi(TX(onestop_paper_automatic)));
    return seal_rows(c, s, p);
}

static enum err draw_reasons(struct ctx *c, const struct onestop_source *s, struct paper *p)
{
    paper_text(p, vi(TX(onestop_row_reasons)));
    paper_text(p, s->owed.reason);
    return seal_rows(c, s, p);
}

static enum err draw_apology(struct ctx *c, const struct onestop_source *s, struct paper *p)
{
    paper_text(p, vi(TX(onestop_apology)));
    paper_text(p, s->owed.reason);
    paper_row(p, vi(TX(onestop_row_new_due)), time_show(c->arena, s->k.due_us));
    return seal_rows(c, s, p);
}

static const struct {
    const char *kind;
    enum text title;
    enum err (*draw)(struct ctx *c, const struct onestop_source *s, struct paper *p);
} papers[] = {
    {"receipt", TX(onestop_paper_receipt), draw_receipt},
    {"form_01", TX(onestop_paper_form_01), draw_receipt},
    {"form_02", TX(onestop_paper_form_02), draw_reasons},
    {"form_03", TX(onestop_paper_form_03), draw_reasons},
    {"form_04", TX(onestop_paper_form_04), draw_apology},
    {"birth_certificate", TX(onestop_paper_birth_certificate), NULL},
    {"health_card", TX(onestop_paper_health_card), NULL},
};

const char *onestop_paper_title(struct ctx *c, const char *kind)
{
    for (size_t i = 0; i < ARRAY_LEN(papers); i++)
        if (text_eq(papers[i].kind, kind))
            return text_get(papers[i].title, c->lang);
    return kind;
}

enum err onestop_draw(struct ctx *c, const struct onestop_source *s, struct paper **ret_paper)
{
    for (size_t i = 0; i < ARRAY_LEN(papers); i++) {
        if (!text_eq(papers[i].kind, s->owed.kind) || !papers[i].draw)
            continue;
        struct paper *p = begin(c, s, papers[i].title);
        enum err e = papers[i].draw(c, s, p);
        sign(c, s, p);
        *ret_paper = p;
        return e;
    }
    return fail(c, ERR_NOT_FOUND, "kind", s->owed.kind);
}
