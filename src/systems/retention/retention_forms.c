/* SPDX-License-Identifier: Apache-2.0 */
/* The rules, what is ordered by a decision, legal holds. */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "gen/html.h"
#include "systems/retention/retention_views.h"

#define HOLDS     "/luu-giu/giu"
#define ROWS      25
#define PIN_SHOWN 4

SHAPE(retention_rule_shape, struct retention_rule_view,
      SHAPE_TEXT(struct retention_rule_view, name, TX(retention_field_name), .max = 300),
      SHAPE_TEXT(struct retention_rule_view, term, TX(retention_field_term), .max = 60),
      SHAPE_TEXT(struct retention_rule_view, from, TX(retention_field_from), .max = 100),
      SHAPE_TEXT(struct retention_rule_view, end, TX(retention_field_end), .max = 100),
      SHAPE_TEXT(struct retention_rule_view, approver, TX(retention_field_approver), .max = 200),
      SHAPE_TEXT(struct retention_rule_view, law, TX(retention_field_law), .max = 500));
SHAPE(retention_rules_shape, struct retention_rules_view,
      SHAPE_LIST(struct retention_rules_view, rows, &retention_rule_shape,
                 TX(retention_rules_title)));
SHAPE(retention_ordering_shape, struct retention_ordering,
      SHAPE_STRING(struct retention_ordering, of, KIND_CODE, TX(retention_field_class), .max = 20,
                   .flags = F_REQUIRED),
      SHAPE_TEXT(struct retention_ordering, object, TX(retention_field_object), .max = 200,
                 .flags = F_REQUIRED),
      SHAPE_TEXT(struct retention_ordering, law, TX(retention_field_decision), .min = 5, .max = 300,
                 .flags = F_REQUIRED),
      SHAPE_STRING(struct retention_ordering, reason, KIND_LONG_TEXT, TX(retention_field_words),
                   .min = 10, .max = 500, .flags = F_REQUIRED));
SHAPE(retention_order_shape, struct retention_order_view,
      SHAPE_TEXT(struct retention_order_view, about, TX(retention_order_title), .max = 1000));
SHAPE(retention_holding_shape, struct retention_holding,
      SHAPE_STRING(struct retention_holding, of, KIND_CODE, TX(retention_field_class), .max = 20),
      SHAPE_TEXT(struct retention_holding, object, TX(retention_field_object), .max = 200),
      SHAPE_STRING(struct retention_holding, person, KIND_PIN, TX(retention_field_person),
                   .flags = F_PERSONAL),
      SHAPE_TEXT(struct retention_holding, law, TX(retention_field_basis), .min = 5, .max = 300,
                 .flags = F_REQUIRED),
      SHAPE_TEXT(struct retention_holding, document, TX(retention_field_document), .max = 80,
                 .flags = F_REQUIRED),
      SHAPE_STRING(struct retention_holding, reason, KIND_LONG_TEXT, TX(retention_field_words),
                   .min = 10, .max = 500, .flags = F_REQUIRED));
SHAPE(retention_holding_view_shape, struct retention_holding_view,
      SHAPE_TEXT(struct retention_holding_view, about, TX(retention_hold_new), .max = 1000));
SHAPE(retention_hold_shape, struct retention_hold_view,
      SHAPE_TEXT(struct retention_hold_view, id, TX(retention_field_id), .max = 26),
      SHAPE_TEXT(struct retention_hold_view, what, TX(retention_field_held), .max = 300),
      SHAPE_TEXT(struct retention_hold_view, law, TX(retention_field_basis), .max = 300),
      SHAPE_TEXT(struct retention_hold_view, document, TX(retention_field_document), .max = 80),
      SHAPE_TEXT(struct retention_hold_view, words, TX(retention_field_words), .max = 500),
      SHAPE_TEXT(struct retention_hold_view, placed, TX(retention_field_placed), .max = 300),
      SHAPE_TEXT(struct retention_hold_view, released, TX(retention_field_released), .max = 300),
      SHAPE_TEXT(struct retention_hold_view, why, TX(retention_field_answer), .max = 500),
      SHAPE_TEXT(struct retention_hold_view, state, TX(retention_field_state), .max = 60),
      SHAPE_TEXT(struct retention_hold_view, href, TX(retention_field_address), .max = 200));
SHAPE(retention_holds_shape, struct retention_holds_view,
      SHAPE_TEXT(struct retention_holds_view, next, TX(retention_next), .max = 200),
      SHAPE_LIST(struct retention_holds_view, rows, &retention_hold_shape,
                 TX(retention_holds_title)));

/* ---- the rules ---- */

static struct retention_rule_view rule_view(struct ctx *c, const struct retention_rule *r)
{
    static const enum text ends[] = {TX(retention_end_destroy), TX(retention_end_archive),
                                     TX(retention_end_keep)};
    bool term = r->years || r->days, keep = r->end == RETENTION_KEEP;
    const char *n = arena_printf(c->arena, "%d", r->years ? r->years : r->days);
    const char *unit =
        text_get(r->years ? TX(retention_unit_years) : TX(retention_unit_days), c->lang);
    enum text from = r->year_after ? TX(retention_from_year) : TX(retention_from_end);
    enum text none = keep ? TX(retention_forever) : TX(retention_with_case);
    return (struct retention_rule_view){
        .name = r->name[c->lang],
        .term = term ? arena_printf(c->arena, "%s %s", n, unit) : text_get(none, c->lang),
        .from = term ? text_get(from, c->lang) : "",
        .end = text_get(ends[r->end], c->lang),
        .approver = keep ? "" : country_role_name(c->node->country, r->approver, c->lang),
        .law = r->law[c->lang]};
}

enum err retention_rules_page(struct ctx *c, struct req *r)
{
    struct retention_rules_view v;
    size_t n;
    const struct retention_rule *rules = retention_rules(c->node->country, &n);
    struct retention_rule_view *rows = ARENA_ARRAY(c->arena, n + 1, struct retention_rule_view);
    for (size_t i = 0; i < n; i++)
        rows[i] = rule_view(c, &rules[i]);
    v.rows = (struct list){rows, n};
    return answer(c, r, 200, &retention_rules_shape, &v, retention_rules_html);
}

/* ---- by a decision ---- */

void retention_choose(struct page *p, const struct shape *s, const void *object, bool drafts)
{
    struct choice choices[SUBJECT_CLASSES];
    size_t n = 0;
    for (int k = 1; k < SUBJECT_CLASSES; k++)
        if (drafts || k != SUBJECT_DRAFT)
            choices[n++] = (struct choice){subject_class_name[k],
                                           retention_class(p->c, subject_class_name[k])};
    page_radios(p, shape_field(s, "of"), object, "of", choices, n);
}

static struct retention_order_view order_view(const struct ctx *c)
{
    return (struct retention_order_view){
        .in = {.of = "case", .object = "", .law = "", .reason = ""},
        .about = text_get(TX(retention_order_about), c->lang)};
}

enum err retention_order_page(struct ctx *c, struct req *r)
{
    struct retention_order_view v = order_view(c);
    return answer(c, r, 200, &retention_order_shape, &v, retention_order_html);
}

enum err retention_order_again(struct ctx *c, struct req *r)
{
    struct retention_order_view v = order_view(c);
    return answer_again(c, r, &retention_ordering_shape, &v, retention_order_html);
}

enum err retention_ordered(struct ctx *c, struct req *r)
{
    const struct retention_ordering *in = r->in;
    const char *id;
    enum err e = retention_order(c, in->of, in->object, in->law, in->reason, &id);
    return e ? e : answer_redirect(c, r, arena_printf(c->arena, "/luu-giu/%s", id));
}

/* ---- holds ---- */

/* A person is told apart by the last digits: who lifts a hold has its document. */
static const char *what_of(struct ctx *c, const struct hold *h)
{
    size_t n = strlen(h->person);
    if (!text_empty(h->object))
        return arena_printf(c->arena, "%s %s", retention_class(c, h->of), h->object);
    return arena_printf(c->arena, "%s ****%s", text_get(TX(retention_all_of), c->lang),
                        n > PIN_SHOWN ? h->person + n - PIN_SHOWN : "");
}

static struct retention_hold_view hold_view(struct ctx *c, const struct hold *h)
{
    bool holds = !h->released_us;
    enum text state = holds ? TX(retention_hold_on) : TX(retention_hold_off);
    return (struct retention_hold_view){.id = h->id,
                                        .what = what_of(c, h),
                                        .law = h->law,
                                        .document = h->document,
                                        .words = h->words,
                                        .placed = retention_by(c, h->placed_us, h->by),
                                        .released = retention_by(c, h->released_us, h->released_by),
                                        .why = h->why,
                                        .state = text_get(state, c->lang),
                                        .colour = holds ? "red" : "grey",
                                        .href = arena_printf(c->arena, HOLDS "/%s", h->id),
                                        .may_release = holds &&
                                                       actor_can(c->actor, RETENTION_APPROVE) &&
                                                       !text_eq(h->account, c->actor->account)};
}

enum err retention_holds_page(struct ctx *c, struct req *r)
{
    struct hold h[ROWS + 1];
    struct retention_holds_view v = {.next = ""};
    size_t n = 0;
    enum err e = hold_list(c, req_query(r, "truoc"), h, ROWS + 1, &n);
    if (e)
        return e;
    size_t shown = n > ROWS ? ROWS : n;
    struct retention_hold_view *rows = ARENA_ARRAY(c->arena, shown + 1, struct retention_hold_view);
    for (size_t i = 0; i < shown; i++)
        rows[i] = hold_view(c, &h[i]);
    if (n > shown)
        v.next = arena_printf(c->arena, HOLDS "?truoc=%s", h[shown - 1].id);
    v.rows = (struct list){rows, shown};
    return answer(c, r, 200, &retention_holds_shape, &v, retention_holds_html);
}

enum err retention_hold_page(struct ctx *c, struct req *r)
{
    struct hold h;
    enum err e = hold_get(c, req_param(r, "id"), &h);
    if (e)
        return e;
    struct retention_hold_view v = hold_view(c, &h);
    return answer(c, r, 200, &retention_hold_shape, &v, retention_hold_html);
}

enum err retention_hold_about(struct ctx *c, struct req *r, const char **ret_line)
{
    struct hold h;
    enum err e = hold_get(c, req_param(r, "id"), &h);
    if (!e)
        *ret_line = arena_printf(c->arena, "%s · %s", h.document, time_show(c->arena, h.placed_us));
    return e;
}

enum err retention_hold_again(struct ctx *c, struct req *r)
{
    struct hold h;
    enum err e = hold_get(c, req_param(r, "id"), &h);
    if (e)
        return e;
    struct retention_hold_view v = hold_view(c, &h);
    return answer_again(c, r, &retention_hold_shape, &v, retention_hold_html);
}

enum err retention_released(struct ctx *c, struct req *r)
{
    const char *id = req_param(r, "id");
    enum err e = hold_release(c, id, ((const struct retention_words *)r->in)->reason);
    return e ? e : answer_redirect(c, r, arena_printf(c->arena, HOLDS "/%s", id));
}

static struct retention_holding_view holding_view(const struct ctx *c)
{
    return (struct retention_holding_view){
        .in = {.of = "case", .object = "", .person = "", .law = "", .document = "", .reason = ""},
        .about = text_get(TX(retention_hold_about), c->lang)};
}

enum err retention_holding_page(struct ctx *c, struct req *r)
{
    struct retention_holding_view v = holding_view(c);
    return answer(c, r, 200, &retention_holding_view_shape, &v, retention_holding_html);
}

enum err retention_holding_again(struct ctx *c, struct req *r)
{
    struct retention_holding_view v = holding_view(c);
    return answer_again(c, r, &retention_holding_shape, &v, retention_holding_html);
}

enum err retention_held(struct ctx *c, struct req *r)
{
    const struct retention_holding *in = r->in;
    const struct hold h = {.of = in->of,
                           .object = in->object,
                           .person = in->person,
                           .law = in->law,
                           .document = in->document,
                           .words = in->reason};
    const char *id;
    enum err e = hold_place(c, &h, &id);
    return e ? e : answer_redirect(c, r, arena_printf(c->arena, HOLDS "/%s", id));
}
