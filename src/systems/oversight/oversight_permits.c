/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "gen/html.h"
#include "systems/oversight/oversight_views.h"

#define LIST       "/phep"
#define ROWS       25
#define MAX_DESKS  4
#define HREF_BYTES 2048

SHAPE(oversight_permit_row_shape, struct oversight_permit,
      SHAPE_TEXT(struct oversight_permit, id, TX(oversight_field_id), .max = 26),
      SHAPE_TEXT(struct oversight_permit, kind, TX(oversight_field_permit), .max = 100),
      SHAPE_TEXT(struct oversight_permit, who, TX(oversight_field_asker), .max = 200),
      SHAPE_TEXT(struct oversight_permit, unit, TX(oversight_field_unit), .max = 300),
      SHAPE_TEXT(struct oversight_permit, at, TX(oversight_field_asked), .max = 40),
      SHAPE_TEXT(struct oversight_permit, state, TX(oversight_field_state), .max = 60),
      SHAPE_TEXT(struct oversight_permit, href, TX(oversight_field_address), .max = 200));
SHAPE(oversight_permits_shape, struct oversight_permits_view,
      SHAPE_TEXT(struct oversight_permits_view, next, TX(oversight_next), .max = 200),
      SHAPE_LIST(struct oversight_permits_view, rows, &oversight_permit_row_shape,
                 TX(oversight_permits_title)));
SHAPE(oversight_desk_shape, struct oversight_desk,
      SHAPE_TEXT(struct oversight_desk, label, TX(oversight_field_desk), .max = 200),
      SHAPE_TEXT(struct oversight_desk, href, TX(oversight_field_address), .max = HREF_BYTES));
SHAPE(oversight_permit_shape, struct oversight_permit_view,
      SHAPE_TEXT(struct oversight_permit_view, id, TX(oversight_field_id), .max = 26),
      SHAPE_TEXT(struct oversight_permit_view, kind, TX(oversight_field_permit), .max = 100),
      SHAPE_TEXT(struct oversight_permit_view, who, TX(oversight_field_asker), .max = 200),
      SHAPE_TEXT(struct oversight_permit_view, role, TX(oversight_field_role), .max = 200),
      SHAPE_TEXT(struct oversight_permit_view, unit, TX(oversight_field_unit), .max = 300),
      SHAPE_TEXT(struct oversight_permit_view, at, TX(oversight_field_asked), .max = 40),
      SHAPE_TEXT(struct oversight_permit_view, state, TX(oversight_field_state), .max = 60),
      SHAPE_TEXT(struct oversight_permit_view, person, TX(oversight_field_person), .max = 12,
                 .flags = F_PERSONAL),
      SHAPE_TEXT(struct oversight_permit_view, what, TX(oversight_field_what), .max = 300),
      SHAPE_TEXT(struct oversight_permit_view, reason, TX(oversight_field_reason), .max = 500),
      SHAPE_TEXT(struct oversight_permit_view, basis, TX(oversight_field_basis), .max = 300),
      SHAPE_TEXT(struct oversight_permit_view, document, TX(oversight_field_document), .max = 80),
      SHAPE_TEXT(struct oversight_permit_view, until, TX(oversight_field_until), .max = 40),
      SHAPE_TEXT(struct oversight_permit_view, told, TX(oversight_field_told), .max = 40),
      SHAPE_TEXT(struct oversight_permit_view, decided, TX(oversight_field_decided), .max = 300),
      SHAPE_TEXT(struct oversight_permit_view, answer, TX(oversight_field_answer), .max = 500),
      SHAPE_TEXT(struct oversight_permit_view, reviewed, TX(oversight_field_reviewed), .max = 300),
      SHAPE_TEXT(struct oversight_permit_view, finding, TX(oversight_field_finding), .max = 500),
      SHAPE_LIST(struct oversight_permit_view, desks, &oversight_desk_shape,
                 TX(oversight_field_desk)));

const char *oversight_kind(const struct ctx *c, const char *kind)
{
    static const enum text words[PERMIT_KINDS] = {
        TX(oversight_permit_emergency), TX(oversight_permit_delay), TX(oversight_permit_export)};
    enum permit_kind k;
    return permit_kind_named(kind, &k) ? text_get(words[k], c->lang) : kind;
}

struct state {
    enum text text;
    const char *colour;
};

static struct state state_of(const struct ctx *c, const struct permit *p)
{
    if (text_eq(p->state, "refused"))
        return (struct state){TX(oversight_state_refused), "red"};
    if (text_eq(p->state, "asked"))
        return (struct state){TX(oversight_state_asked), "yellow"};
    if (p->reviewed_us)
        return p->proper ? (struct state){TX(oversight_state_proper), "grey"}
                         : (struct state){TX(oversight_state_improper), "red"};
    if (c->now_us < p->until_us)
        return (struct state){TX(oversight_state_given), "green"};
    return (struct state){TX(oversight_state_over), "blue"};
}

enum err oversight_permits(struct ctx *c, struct req *r)
{
    struct permit p[ROWS + 1];
    struct oversight_permits_view v = {.next = ""};
    size_t n = 0;
    enum err e = permits(c, req_query(r, "truoc"), p, ROWS + 1, &n);
    if (e)
        return e;
    size_t shown = n > ROWS ? ROWS : n;
    struct oversight_permit *rows = ARENA_ARRAY(c->arena, shown + 1, struct oversight_permit);
    for (size_t i = 0; i < shown; i++) {
        struct state s = state_of(c, &p[i]);
        rows[i] = (struct oversight_permit){
            .id = p[i].id,
            .kind = oversight_kind(c, p[i].kind),
            .who = p[i].name,
            .unit = country_agency_name(c->node->country, p[i].unit, c->lang),
            .at = time_show(c->arena, p[i].asked_us),
            .state = text_get(s.text, c->lang),
            .colour = s.colour,
            .href = arena_printf(c->arena, LIST "/%s", p[i].id)};
    }
    if (n > shown)
        v.next = arena_printf(c->arena, LIST "?truoc=%s", p[shown - 1].id);
    v.rows = (struct list){rows, shown};
    return answer(c, r, 200, &oversight_permits_shape, &v, oversight_permits_html);
}

/* ---- one ---- */

/* Where what was allowed is opened, for the one who was allowed it. */
static struct list desks_of(struct ctx *c, const struct permit *p)
{
    static const struct {
        const char *system, *permission, *path;
        enum text label;
    } desks[] = {
        {"population", "registry.population.read", "/dan-cu", TX(oversight_desk_population)},
        {"insurance", "registry.insurance.read", "/bao-hiem", TX(oversight_desk_insurance)}};
    struct oversight_desk *out = ARENA_ARRAY(c->arena, MAX_DESKS, struct oversight_desk);
    size_t n = 0;
    bool holds = text_eq(p->account, c->actor->account) && text_eq(p->state, "given") &&
                 c->now_us < p->until_us;
    if (holds && text_eq(p->kind, permit_kind_name(PERMIT_EXPORT)) && path_is_own(p->target))
        out[n++] = (struct oversight_desk){text_get(TX(oversight_desk_export), c->lang),
                                           arena_printf(c->arena, "%s&phep=%s", p->target, p->id)};
    for (size_t i = 0; holds && i < ARRAY_LEN(desks); i++) {
        if (!text_eq(p->kind, permit_kind_name(PERMIT_EMERGENCY)) ||
            !node_runs(c->node, desks[i].system) || !actor_can(c->actor, desks[i].permission))
            continue;
        out[n++] = (struct oversight_desk){
            text_get(desks[i].label, c->lang),
            arena_printf(c->arena, "%s?purpose=" PERMIT_PURPOSE "&matter=%s&%s", desks[i].path,
                         p->id, web_asked(c, desks[i].path, "words", p->person))};
    }
    return (struct list){out, n};
}

static const char *by(struct ctx *c, int64_t at_us, const char *name)
{
    return at_us ? arena_printf(c->arena, "%s · %s", time_show(c->arena, at_us), name) : "";
}

static enum err view_of(struct ctx *c, struct req *r, struct oversight_permit_view *v)
{
    struct permit p;
    enum err e = permit_get(c, req_param(r, "id"), &p);
    if (!e)
        e = permit_note(c, &p);
    if (e)
        return e;
    struct state s = state_of(c, &p);
    bool export = text_eq(p.kind, permit_kind_name(PERMIT_EXPORT));
    *v = (struct oversight_permit_view){
        .id = p.id,
        .kind = oversight_kind(c, p.kind),
        .who = p.name,
        .role = country_role_name(c->node->country, p.role, c->lang),
        .unit = country_agency_name(c->node->country, p.unit, c->lang),
        .at = time_show(c->arena, p.asked_us),
        .state = text_get(s.text, c->lang),
        .colour = s.colour,
        .person = p.person,
        .what = export ? p.target : "",
        .reason = p.reason,
        .basis = text_empty(p.basis)
                     ? ""
                     : country_name(c->node->country, "disclosure_bases", p.basis, c->lang),
        .document = p.document,
        .until = p.until_us ? time_show(c->arena, p.until_us) : "",
        .told = p.tell_us ? time_show(c->arena, p.tell_us) : "",
        .decided = by(c, p.decided_us, p.decided_by),
        .answer = p.answer,
        .reviewed = by(c, p.reviewed_us, p.reviewed_by),
        .finding = p.finding,
        .may_decide = permit_may_decide(c, &p),
        .may_review = permit_may_review(c, &p),
        .desks = desks_of(c, &p)};
    return OK;
}

enum err oversight_permit(struct ctx *c, struct req *r)
{
    struct oversight_permit_view v;
    enum err e = view_of(c, r, &v);
    return e ? e : answer(c, r, 200, &oversight_permit_shape, &v, oversight_permit_html);
}

enum err oversight_permit_about(struct ctx *c, struct req *r, const char **ret_line)
{
    struct permit p;
    enum err e = permit_get(c, req_param(r, "id"), &p);
    if (!e)
        *ret_line = arena_printf(c->arena, "%s · %s · %s", oversight_kind(c, p.kind), p.name,
                                 country_agency_name(c->node->country, p.unit, c->lang));
    return e;
}

enum err oversight_permit_again(struct ctx *c, struct req *r)
{
    struct oversight_permit_view v;
    enum err e = view_of(c, r, &v);
    return e ? e : answer_again(c, r, &oversight_permit_shape, &v, oversight_permit_html);
}

static const char *words_of(const struct req *r)
{
    return ((const struct oversight_reason *)r->in)->reason;
}

static enum err done(struct ctx *c, struct req *r, enum err e)
{
    return e ? e : answer_redirect(c, r, arena_printf(c->arena, LIST "/%s", req_param(r, "id")));
}

enum err oversight_allow(struct ctx *c, struct req *r)
{
    return done(c, r, permit_decide(c, req_param(r, "id"), true, words_of(r)));
}

enum err oversight_refuse(struct ctx *c, struct req *r)
{
    return done(c, r, permit_decide(c, req_param(r, "id"), false, words_of(r)));
}

enum err oversight_proper(struct ctx *c, struct req *r)
{
    return done(c, r, permit_review(c, req_param(r, "id"), true, words_of(r)));
}

enum err oversight_improper(struct ctx *c, struct req *r)
{
    return done(c, r, permit_review(c, req_param(r, "id"), false, words_of(r)));
}
