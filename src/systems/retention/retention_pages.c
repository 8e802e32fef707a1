/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "gen/html.h"
#include "systems/retention/retention_views.h"

#define LIST "/luu-giu"
#define ROWS 25

SHAPE(retention_row_shape, struct retention_row,
      SHAPE_TEXT(struct retention_row, id, TX(retention_field_id), .max = 26),
      SHAPE_TEXT(struct retention_row, name, TX(retention_field_name), .max = 300),
      SHAPE_NUMBER(struct retention_row, n, KIND_INT, TX(retention_field_n)),
      SHAPE_TEXT(struct retention_row, at, TX(retention_field_made), .max = 40),
      SHAPE_TEXT(struct retention_row, state, TX(retention_field_state), .max = 60),
      SHAPE_TEXT(struct retention_row, href, TX(retention_field_address), .max = 200));
SHAPE(retention_lists_shape, struct retention_lists_view,
      SHAPE_TEXT(struct retention_lists_view, next, TX(retention_next), .max = 200),
      SHAPE_LIST(struct retention_lists_view, rows, &retention_row_shape,
                 TX(retention_lists_title)));
SHAPE(retention_item_shape, struct retention_item_view,
      SHAPE_TEXT(struct retention_item_view, id, TX(retention_field_id), .max = 26),
      SHAPE_TEXT(struct retention_item_view, object, TX(retention_field_object), .max = 200),
      SHAPE_TEXT(struct retention_item_view, class, TX(retention_field_class), .max = 100),
      SHAPE_TEXT(struct retention_item_view, since, TX(retention_field_since), .max = 40),
      SHAPE_TEXT(struct retention_item_view, due, TX(retention_field_due), .max = 40),
      SHAPE_TEXT(struct retention_item_view, state, TX(retention_field_state), .max = 60),
      SHAPE_TEXT(struct retention_item_view, by, TX(retention_field_by), .max = 200),
      SHAPE_TEXT(struct retention_item_view, words, TX(retention_field_words), .max = 500),
      SHAPE_TEXT(struct retention_item_view, href, TX(retention_field_address), .max = 200));
SHAPE(retention_list_shape, struct retention_list_view,
      SHAPE_TEXT(struct retention_list_view, id, TX(retention_field_id), .max = 26),
      SHAPE_TEXT(struct retention_list_view, name, TX(retention_field_name), .max = 300),
      SHAPE_TEXT(struct retention_list_view, law, TX(retention_field_law), .max = 500),
      SHAPE_TEXT(struct retention_list_view, state, TX(retention_field_state), .max = 60),
      SHAPE_TEXT(struct retention_list_view, made, TX(retention_field_made), .max = 40),
      SHAPE_TEXT(struct retention_list_view, prepared, TX(retention_field_prepared), .max = 300),
      SHAPE_TEXT(struct retention_list_view, words, TX(retention_field_words), .max = 500),
      SHAPE_TEXT(struct retention_list_view, approved, TX(retention_field_approved), .max = 300),
      SHAPE_TEXT(struct retention_list_view, answer, TX(retention_field_answer), .max = 500),
      SHAPE_TEXT(struct retention_list_view, run, TX(retention_field_run), .max = 40),
      SHAPE_TEXT(struct retention_list_view, done, TX(retention_field_done), .max = 40),
      SHAPE_NUMBER(struct retention_list_view, listed, KIND_INT, TX(retention_field_listed)),
      SHAPE_NUMBER(struct retention_list_view, excluded, KIND_INT, TX(retention_field_excluded)),
      SHAPE_NUMBER(struct retention_list_view, destroyed, KIND_INT, TX(retention_field_destroyed)),
      SHAPE_NUMBER(struct retention_list_view, kept, KIND_INT, TX(retention_field_kept)),
      SHAPE_TEXT(struct retention_list_view, next, TX(retention_next), .max = 200),
      SHAPE_LIST(struct retention_list_view, rows, &retention_item_shape,
                 TX(retention_items_title)));
SHAPE(retention_words_shape, struct retention_words,
      SHAPE_STRING(struct retention_words, reason, KIND_LONG_TEXT, TX(retention_field_words),
                   .min = 10, .max = 500, .flags = F_REQUIRED));

struct tag {
    const char *state;
    enum text text;
    const char *colour;
};

static struct tag tag_of(const struct tag *tags, size_t n, const char *state)
{
    for (size_t i = 0; i < n; i++)
        if (text_eq(tags[i].state, state))
            return tags[i];
    BUG("a state nobody told");
}

static struct tag list_tag(const char *state)
{
    static const struct tag tags[] = {{"found", TX(retention_state_found), "blue"},
                                      {"proposed", TX(retention_state_proposed), "yellow"},
                                      {"approved", TX(retention_state_approved), "orange"},
                                      {"done", TX(retention_state_done), "grey"},
                                      {"cancelled", TX(retention_state_cancelled), "grey"}};
    return tag_of(tags, ARRAY_LEN(tags), state);
}

static struct tag item_tag(const char *state)
{
    static const struct tag tags[] = {{"listed", TX(retention_item_listed), "blue"},
                                      {"excluded", TX(retention_item_excluded), "yellow"},
                                      {"destroyed", TX(retention_item_destroyed), "grey"},
                                      {"held", TX(retention_item_held), "red"},
                                      {"changed", TX(retention_item_changed), "green"},
                                      {"gone", TX(retention_item_gone), "grey"}};
    return tag_of(tags, ARRAY_LEN(tags), state);
}

const char *retention_class(const struct ctx *c, const char *of)
{
    static const enum text words[SUBJECT_CLASSES] = {
        [SUBJECT_CASE] = TX(retention_class_case),
        [SUBJECT_DRAFT] = TX(retention_class_draft),
        [SUBJECT_ACCOUNT] = TX(retention_class_account),
        [SUBJECT_RECORD] = TX(retention_class_record),
        [SUBJECT_LOOKS] = TX(retention_class_looks),
        [SUBJECT_MESSAGE] = TX(retention_class_message)};
    for (int k = 1; k < SUBJECT_CLASSES; k++)
        if (text_eq(subject_class_name[k], of))
            return text_get(words[k], c->lang);
    return of;
}

const char *retention_by(struct ctx *c, int64_t us, const char *name)
{
    return us ? arena_printf(c->arena, "%s, %s", name, time_show(c->arena, us)) : "";
}

static const char *name_of(const struct ctx *c, const struct retention_list *l)
{
    const struct retention_rule *r = retention_named(c->node->country, l->rule);
    return r ? r->name[c->lang] : text_get(TX(retention_by_decision), c->lang);
}

enum err retention_lists_page(struct ctx *c, struct req *r)
{
    struct retention_list l[ROWS + 1];
    struct retention_lists_view v = {.next = ""};
    size_t n = 0;
    enum err e = retention_lists(c, req_query(r, "truoc"), l, ROWS + 1, &n);
    if (e)
        return e;
    size_t shown = n > ROWS ? ROWS : n;
    struct retention_row *rows = ARENA_ARRAY(c->arena, shown + 1, struct retention_row);
    for (size_t i = 0; i < shown; i++) {
        struct tag t = list_tag(l[i].state);
        rows[i] = (struct retention_row){.id = l[i].id,
                                         .name = name_of(c, &l[i]),
                                         .n = l[i].n,
                                         .at = time_show(c->arena, l[i].made_us),
                                         .state = text_get(t.text, c->lang),
                                         .colour = t.colour,
                                         .href = arena_printf(c->arena, LIST "/%s", l[i].id)};
    }
    if (n > shown)
        v.next = arena_printf(c->arena, LIST "?truoc=%s", l[shown - 1].id);
    v.rows = (struct list){rows, shown};
    return answer(c, r, 200, &retention_lists_shape, &v, retention_lists_html);
}

/* ---- one list ---- */

static struct retention_item_view item_view(struct ctx *c, const struct retention_item *i)
{
    struct tag t = item_tag(i->state);
    return (struct retention_item_view){
        .id = arena_printf(c->arena, "%lld", (long long)i->number),
        .object = i->object,
        .class = retention_class(c, i->class),
        .since = i->clock_us ? day_show(c->arena, local_day(i->clock_us)) : "",
        .due = day_show(c->arena, local_day(i->due_us)),
        .state = text_get(t.text, c->lang),
        .colour = t.colour,
        .by = i->by,
        .words = i->words,
        .href = arena_printf(c->arena, LIST "/%s/muc/%lld", i->list, (long long)i->number),
        .back = arena_printf(c->arena, LIST "/%s", i->list)};
}

static enum err add_items(struct ctx *c, struct req *r, struct retention_list_view *v, size_t max)
{
    struct retention_item *i = ARENA_ARRAY(c->arena, max + 1, struct retention_item);
    size_t n = 0;
    int64_t after = 0;
    if (!text_to_int(req_query(r, "sau"), &after))
        after = 0;
    enum err e = retention_items(c, v->id, after, i, max + 1, &n);
    size_t shown = n > max ? max : n;
    struct retention_item_view *rows = ARENA_ARRAY(c->arena, shown + 1, struct retention_item_view);
    for (size_t k = 0; k < shown; k++)
        rows[k] = item_view(c, &i[k]);
    if (n > shown)
        v->next =
            arena_printf(c->arena, LIST "/%s?sau=%lld", v->id, (long long)i[shown - 1].number);
    v->rows = (struct list){rows, shown};
    return e;
}

static struct retention_list_view list_view(struct ctx *c, const struct retention_list *l,
                                            const struct retention_counts *n)
{
    struct tag t = list_tag(l->state);
    const struct retention_rule *rule = retention_named(c->node->country, l->rule);
    return (struct retention_list_view){
        .id = l->id,
        .name = name_of(c, l),
        .law = rule ? rule->law[c->lang] : l->law,
        .state = text_get(t.text, c->lang),
        .colour = t.colour,
        .made = time_show(c->arena, l->made_us),
        .prepared = retention_by(c, l->prepared_us, l->prepared_by),
        .words = l->words,
        .approved = retention_by(c, l->approved_us, l->approved_by),
        .answer = l->answer,
        .run = l->run_us ? time_show(c->arena, l->run_us) : "",
        .done = l->done_us ? time_show(c->arena, l->done_us) : "",
        .approver = rule ? country_role_name(c->node->country, rule->approver, c->lang) : "",
        .agency = country_agency_name(c->node->country, c->node->agency, c->lang),
        .next = "",
        .listed = n->listed,
        .excluded = n->excluded,
        .destroyed = n->destroyed,
        .kept = n->kept,
        .may_propose = text_eq(l->state, "found") && actor_can(c->actor, RETENTION_PREPARE),
        .may_approve = retention_may_approve(c, l),
        .may_cancel = retention_may_cancel(c, l),
        .is_mine = text_eq(l->state, "proposed") && text_eq(l->preparer, c->actor->account)};
}

static enum err view_of(struct ctx *c, struct req *r, size_t max, struct retention_list_view *v)
{
    struct retention_list l;
    struct retention_counts n;
    enum err e = retention_get(c, req_param(r, "id"), &l);
    if (!e)
        e = retention_store_counts(c, l.id, &n);
    if (e)
        return e;
    *v = list_view(c, &l, &n);
    return add_items(c, r, v, max);
}

enum err retention_list_page(struct ctx *c, struct req *r)
{
    struct retention_list_view v;
    enum err e = view_of(c, r, ROWS, &v);
    return e ? e : answer(c, r, 200, &retention_list_shape, &v, retention_list_html);
}

enum err retention_list_about(struct ctx *c, struct req *r, const char **ret_line)
{
    struct retention_list l;
    enum err e = retention_get(c, req_param(r, "id"), &l);
    if (!e)
        *ret_line =
            arena_printf(c->arena, "%s · %s", name_of(c, &l), time_show(c->arena, l.made_us));
    return e;
}

enum err retention_list_again(struct ctx *c, struct req *r)
{
    struct retention_list_view v;
    enum err e = view_of(c, r, ROWS, &v);
    return e ? e : answer_again(c, r, &retention_list_shape, &v, retention_list_html);
}

/* All of it on one sheet to print: a list has at most 500. */
enum err retention_record(struct ctx *c, struct req *r)
{
    struct retention_list_view v;
    enum err e = view_of(c, r, RETENTION_ITEMS, &v);
    return e ? e : answer(c, r, 200, &retention_list_shape, &v, retention_record_html);
}

static const char *words_of(const struct req *r)
{
    return ((const struct retention_words *)r->in)->reason;
}

static enum err done(struct ctx *c, struct req *r, enum err e)
{
    return e ? e : answer_redirect(c, r, arena_printf(c->arena, LIST "/%s", req_param(r, "id")));
}

enum err retention_proposed(struct ctx *c, struct req *r)
{
    return done(c, r, retention_propose(c, req_param(r, "id"), words_of(r)));
}

enum err retention_approved(struct ctx *c, struct req *r)
{
    return done(c, r, retention_approve(c, req_param(r, "id"), words_of(r)));
}

enum err retention_cancelled(struct ctx *c, struct req *r)
{
    return done(c, r, retention_cancel(c, req_param(r, "id"), words_of(r)));
}

/* ---- one of a list ---- */

static int64_t number_of(struct req *r)
{
    int64_t number;
    return text_to_int(req_param(r, "number"), &number) ? number : 0; /* 0 is nobody's */
}

static enum err one_view(struct ctx *c, struct req *r, struct retention_item_view *v)
{
    struct retention_list l;
    struct retention_item i;
    enum err e = retention_get(c, req_param(r, "id"), &l);
    if (!e)
        e = retention_item_get(c, l.id, number_of(r), &i);
    if (e)
        return e;
    *v = item_view(c, &i);
    bool may = text_eq(l.state, "found") && actor_can(c->actor, RETENTION_PREPARE);
    v->may_exclude = may && text_eq(i.state, "listed");
    v->may_include = may && text_eq(i.state, "excluded");
    return OK;
}

enum err retention_item_page(struct ctx *c, struct req *r)
{
    struct retention_item_view v;
    enum err e = one_view(c, r, &v);
    return e ? e : answer(c, r, 200, &retention_item_shape, &v, retention_item_html);
}

enum err retention_item_again(struct ctx *c, struct req *r)
{
    struct retention_item_view v;
    enum err e = one_view(c, r, &v);
    return e ? e : answer_again(c, r, &retention_item_shape, &v, retention_item_html);
}

enum err retention_out(struct ctx *c, struct req *r)
{
    return done(c, r, retention_exclude(c, req_param(r, "id"), number_of(r), true, words_of(r)));
}

enum err retention_in(struct ctx *c, struct req *r)
{
    return done(c, r, retention_exclude(c, req_param(r, "id"), number_of(r), false, words_of(r)));
}
