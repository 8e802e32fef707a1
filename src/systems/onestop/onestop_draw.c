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

static struct paper *begin(struct ctx *c, const struct onestop_source *s, enum text title)
{
    const struct agency *unit = country_agency(c->node->country, s->k.unit);
    struct paper *p = paper_new(c->arena, true, vi(title));
    paper_national_header(p, unit ? unit->name[LANG_VI] : s->k.unit, s->k.code);
    paper_heading(p, vi(title), s->procedure->name[LANG_VI]);
    paper_row(p, vi(TX(onestop_row_code)), s->k.code);
    paper_row(p, vi(TX(onestop_row_filer)), form_text(s, "requester_name"));
    paper_row(p, vi(TX(onestop_row_about)), s->k.title);
    return p;
}

static void sign(struct ctx *c, const struct onestop_source *s, struct paper *p)
{
    paper_signature(p, vi(TX(onestop_row_signer)),
                    text_empty(s->owed.actor_name) ? c->node->title[LANG_VI] : s->owed.actor_name,
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

static enum err draw_card(struct ctx *c, const struct onestop_source *s, struct paper *p)
{
    const char *clinic = form_text(s, "clinic");
    paper_row(p, vi(TX(onestop_row_card)), s->card_code);
    paper_row(p, vi(TX(onestop_row_born)), date_show(c->arena, form_text(s, "child_birth_date")));
    paper_row(p, vi(TX(onestop_row_pin)), s->pin);
    paper_row(p, vi(TX(onestop_row_clinic)),
              country_name(c->node->country, "clinics", clinic, LANG_VI));
    paper_row(p, vi(TX(onestop_row_from)), date_show(c->arena, s->card_from));
    paper_row(p, vi(TX(onestop_row_until)), date_show(c->arena, s->card_until));
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
    {"health_card", TX(onestop_paper_health_card), draw_card},
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
