/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "gen/html.h"
#include "systems/oversight/oversight_views.h"

#define LIST "/giam-sat"
#define ROWS 25

#define ALERT_FIELDS(v)                                                                            \
    SHAPE_TEXT(struct v, id, TX(oversight_field_id), .max = 26),                                   \
        SHAPE_TEXT(struct v, who, TX(oversight_field_who), .max = 200),                            \
        SHAPE_TEXT(struct v, role, TX(oversight_field_role), .max = 200),                          \
        SHAPE_TEXT(struct v, unit, TX(oversight_field_unit), .max = 300),                          \
        SHAPE_TEXT(struct v, kind, TX(oversight_field_kind), .max = 100),                          \
        SHAPE_TEXT(struct v, n, TX(oversight_field_n), .max = 20),                                 \
        SHAPE_TEXT(struct v, usual, TX(oversight_field_usual), .max = 20),                         \
        SHAPE_TEXT(struct v, most, TX(oversight_field_most), .max = 20),                           \
        SHAPE_TEXT(struct v, at, TX(oversight_field_at), .max = 40),                               \
        SHAPE_TEXT(struct v, state, TX(oversight_field_state), .max = 60)

SHAPE(oversight_alert_row_shape, struct oversight_alert, ALERT_FIELDS(oversight_alert),
      SHAPE_TEXT(struct oversight_alert, href, TX(oversight_field_address), .max = 200));
SHAPE(oversight_alerts_shape, struct oversight_alerts_view,
      SHAPE_TEXT(struct oversight_alerts_view, next, TX(oversight_next), .max = 200),
      SHAPE_LIST(struct oversight_alerts_view, rows, &oversight_alert_row_shape,
                 TX(oversight_alerts_title)));
SHAPE(oversight_alert_shape, struct oversight_alert_view, ALERT_FIELDS(oversight_alert_view),
      SHAPE_TEXT(struct oversight_alert_view, resolved, TX(oversight_field_resolved), .max = 40),
      SHAPE_TEXT(struct oversight_alert_view, words, TX(oversight_field_words), .max = 500));
SHAPE(oversight_reason_shape, struct oversight_reason,
      SHAPE_STRING(struct oversight_reason, reason, KIND_LONG_TEXT, TX(oversight_field_words),
                   .min = 10, .max = 500, .flags = F_REQUIRED));

static const char *kind_of(const struct ctx *c, const char *kind)
{
    static const enum text words[READING_KINDS] = {
        TX(oversight_kind_hour), TX(oversight_kind_day), TX(oversight_kind_places),
        TX(oversight_kind_searches), TX(oversight_kind_cases)};
    for (enum reading_kind k = 0; k < READING_KINDS; k++)
        if (text_eq(reading_kind_name(k), kind))
            return text_get(words[k], c->lang);
    return kind;
}

static const char *number(struct ctx *c, int64_t n)
{
    return arena_printf(c->arena, "%lld", (long long)n);
}

static const char *state_of(const struct ctx *c, const struct reading_alert *a)
{
    enum text t = a->resolved_us  ? TX(oversight_state_resolved)
                  : a->level == 2 ? TX(oversight_state_stopped)
                                  : TX(oversight_state_warned);
    return text_get(t, c->lang);
}

static struct oversight_alert row_of(struct ctx *c, const struct reading_alert *a)
{
    return (struct oversight_alert){.id = a->id,
                                    .who = a->reader,
                                    .role = country_role_name(c->node->country, a->role, c->lang),
                                    .unit = country_agency_name(c->node->country, a->unit, c->lang),
                                    .kind = kind_of(c, a->kind),
                                    .n = number(c, a->n),
                                    .usual = a->usual_hundredths
                                                 ? number(c, (a->usual_hundredths + 50) / 100)
                                                 : text_get(TX(oversight_unknown), c->lang),
                                    .most = number(c, a->most),
                                    .at = time_show(c->arena, a->at_us),
                                    .state = state_of(c, a),
                                    .colour = a->resolved_us  ? "grey"
                                              : a->level == 2 ? "red"
                                                              : "yellow",
                                    .href = arena_printf(c->arena, LIST "/%s", a->id)};
}

enum err oversight_alerts(struct ctx *c, struct req *r)
{
    struct reading_alert a[ROWS + 1];
    struct oversight_alerts_view v = {.next = ""};
    size_t n = 0;
    enum err e = reading_alerts(c, req_query(r, "truoc"), a, ROWS + 1, &n);
    if (e)
        return e;
    size_t shown = n > ROWS ? ROWS : n;
    struct oversight_alert *rows = ARENA_ARRAY(c->arena, shown + 1, struct oversight_alert);
    for (size_t i = 0; i < shown; i++)
        rows[i] = row_of(c, &a[i]);
    if (n > shown)
        v.next = arena_printf(c->arena, LIST "?truoc=%s", a[shown - 1].id);
    v.rows = (struct list){rows, shown};
    return answer(c, r, 200, &oversight_alerts_shape, &v, oversight_alerts_html);
}

static enum err view_of(struct ctx *c, struct req *r, struct oversight_alert_view *v)
{
    struct reading_alert a;
    enum err e = reading_alert_get(c, req_param(r, "id"), &a);
    if (e)
        return e;
    struct oversight_alert x = row_of(c, &a);
    *v = (struct oversight_alert_view){
        .id = x.id,
        .who = x.who,
        .role = x.role,
        .unit = x.unit,
        .kind = x.kind,
        .n = x.n,
        .usual = x.usual,
        .most = x.most,
        .at = x.at,
        .state = x.state,
        .colour = x.colour,
        .resolved = a.resolved_us ? time_show(c->arena, a.resolved_us) : "",
        .words = a.words,
        .may_resolve = !a.resolved_us && !text_eq(a.account, c->actor->account)};
    return OK;
}

enum err oversight_alert(struct ctx *c, struct req *r)
{
    struct oversight_alert_view v;
    enum err e = view_of(c, r, &v);
    return e ? e : answer(c, r, 200, &oversight_alert_shape, &v, oversight_alert_html);
}

enum err oversight_alert_again(struct ctx *c, struct req *r)
{
    struct oversight_alert_view v;
    enum err e = view_of(c, r, &v);
    return e ? e : answer_again(c, r, &oversight_alert_shape, &v, oversight_alert_html);
}

enum err oversight_resolve(struct ctx *c, struct req *r)
{
    const struct oversight_reason *in = r->in;
    enum err e = reading_alert_resolve(c, req_param(r, "id"), in->reason);
    return e ? e : answer_redirect(c, r, arena_printf(c->arena, LIST "/%s", req_param(r, "id")));
}
