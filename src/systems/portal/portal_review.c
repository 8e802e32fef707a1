/* SPDX-License-Identifier: Apache-2.0 */
/* Check your answers, file, and what happens next. */
#include "base/text.h"
#include "core/country.h"
#include "core/say.h"
#include "engine/measure/measure.h"
#include "gen/html.h"
#include "systems/portal/portal_views.h"

static struct list parts_of(struct ctx *c, const struct portal_draft *d)
{
    struct portal_group g[PORTAL_GROUPS];
    size_t n = portal_groups(c, d, g, PORTAL_GROUPS);
    struct portal_part *parts = ARENA_ARRAY(c->arena, n + 1, struct portal_part);
    for (size_t i = 0; i < n; i++)
        parts[i] = (struct portal_part){
            .name = g[i].name,
            .label = g[i].label,
            .change = arena_printf(c->arena, "/ban-nhap/%s/%s?sua=1", d->id, g[i].name),
            .shape = shape_group(c->arena, d->procedure->form, g[i].name)};
    return (struct list){parts, n};
}

/* Each fault leads to its field's page. */
static struct list problems_of(struct ctx *c, const struct portal_draft *d)
{
    const struct shape *s = d->procedure->form;
    struct portal_line *lines = ARENA_ARRAY(c->arena, c->n_faults + 1, struct portal_line);
    for (size_t i = 0; i < c->n_faults; i++) {
        const struct fault *f = &c->faults[i];
        const struct field *x = shape_field(s, f->field);
        const char *label = x ? shape_label(x, c->lang) : f->field;
        lines[i].title =
            say(c->arena, c->lang, (enum text)err_row(f->err)->text, label, f->args[0], f->args[1]);
        lines[i].text = f->field;
        if (x)
            lines[i].href =
                arena_printf(c->arena, "/ban-nhap/%s/%s?sua=1#f-%s", d->id, x->group, x->name);
    }
    return (struct list){lines, c->n_faults};
}

/* Filing is open when nothing else is; the draft itself always. */
static struct list acts_of(struct ctx *c, const struct portal_review_view *v)
{
    struct next_act *a = ARENA_ARRAY(c->arena, 2, struct next_act);
    size_t n = 0;
    if (v->problems.n == 0 && text_empty(v->elsewhere))
        a[n++] =
            (struct next_act){"file", "POST", arena_printf(c->arena, "/ban-nhap/%s/nop", v->id),
                              text_get(TX(portal_file_button), c->lang)};
    a[n++] = (struct next_act){"change", "GET", arena_printf(c->arena, "/ban-nhap/%s", v->id),
                               text_get(TX(portal_review_change), c->lang)};
    return (struct list){a, n};
}

static struct portal_review_view view_of(struct ctx *c, const struct portal_draft *d)
{
    bool here;
    const struct agency *unit = portal_receiver(c, d->procedure, d->form, &here);
    const char *from = json_text_of(d->procedure->doc, "competent_unit_from", "");
    const char *place =
        shape_field(d->procedure->form, from) ? shape_text(d->procedure->form, d->form, from) : "";
    return (struct portal_review_view){
        .id = d->id,
        .name = d->procedure->name[c->lang],
        .unit = here ? unit->name[c->lang] : "",
        .elsewhere =
            here || text_empty(place) ? "" : country_place(c->arena, c->node->country, place),
        .form = d->form,
        .parts = parts_of(c, d),
        .problems = problems_of(c, d)};
}

enum err portal_review(struct ctx *c, struct req *r)
{
    struct portal_draft d;
    enum err e = portal_store_draft(c, req_param(r, "id"), &d);
    if (e)
        return e;
    if (!text_empty(d.code))
        return answer_redirect(c, r, arena_printf(c->arena, "/ho-so/%s/da-nop", d.code));
    /* what is still open shows at once; nothing is refused by looking */
    e = shape_check(c, d.procedure->form, portal_copy(c->arena, d.procedure->form, d.form));
    struct portal_review_view v = view_of(c, &d);
    if (e)
        ctx_clear_faults(c);
    v.asked = portal_asks(c, r, d.procedure->form, d.form, d.procedure, d.known);
    v.acts = acts_of(c, &v);
    return answer(c, r, 200, &portal_review_shape, &v, portal_review_html);
}

enum err portal_file_again(struct ctx *c, struct req *r)
{
    struct portal_draft d;
    enum err e = portal_store_draft(c, req_param(r, "id"), &d);
    if (e)
        return e;
    struct portal_review_view v = view_of(c, &d);
    return answer_again(c, r, &portal_review_shape, &v, portal_review_html);
}

/* ---- filing ---- */

static enum err count_share(struct ctx *c, const struct portal_draft *d,
                            const struct casework_case *k)
{
    struct portal_share share = portal_share_of(d->procedure, d->form, d->known);
    return measure_add(c, "T13", k->unit, c->now_us, share.part, share.whole, k->code);
}

/* One draft becomes one dossier, however often the button is pressed. */
enum err portal_file(struct ctx *c, struct req *r)
{
    struct portal_draft d;
    struct casework_case k;
    bool here;
    enum err e = portal_store_draft(c, req_param(r, "id"), &d);
    if (e)
        return e;
    if (!text_empty(d.code))
        return answer_redirect(c, r, arena_printf(c->arena, "/ho-so/%s/da-nop", d.code));
    portal_work_out(c, d.procedure, d.form);
    r->labels = d.procedure->form;
    if (shape_check(c, d.procedure->form, d.form))
        return ERR_INVALID;
    const struct agency *unit = portal_receiver(c, d.procedure, d.form, &here);
    if (!here)
        return fail(c, ERR_UNIT_ELSEWHERE,
                    json_text_of(d.procedure->doc, "competent_unit_from", ""));
    e = casework_file(c, d.procedure, unit->code, "online", d.form, &k);
    if (!e)
        e = portal_hand_over(c, d.procedure->form, d.form, k.subject);
    if (!e)
        e = count_share(c, &d, &k);
    if (!e)
        e = portal_store_draft_filed(c, d.id, k.code);
    return e ? e : answer_redirect(c, r, arena_printf(c->arena, "/ho-so/%s/da-nop", k.code));
}

static struct list why_of(struct ctx *c, const char *words)
{
    size_t n;
    const char **sentence = text_split(c->arena, words, '\n', &n);
    struct portal_line *lines = ARENA_ARRAY(c->arena, n + 1, struct portal_line);
    for (size_t i = 0; i < n; i++)
        lines[i].title = sentence[i];
    return (struct list){lines, n};
}

enum err portal_filed(struct ctx *c, struct req *r)
{
    struct casework_case k;
    c->matter = req_param(r, "code");
    enum err e = casework_get(c, c->matter, &k);
    if (e)
        return e;
    struct portal_filed_view v = {.code = k.code,
                                  .due = time_show(c->arena, k.due_us),
                                  .unit = country_agency_name(c->node->country, k.unit, c->lang),
                                  .receipt =
                                      arena_printf(c->arena, "/ho-so/%s/giay/receipt", k.code),
                                  .follow = arena_printf(c->arena, "/ho-so/%s", k.code),
                                  .why = why_of(c, k.due_words[c->lang])};
    return answer(c, r, 200, &portal_filed_shape, &v, portal_filed_html);
}
