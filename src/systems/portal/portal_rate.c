/* SPDX-License-Identifier: Apache-2.0 */
/* NĐ 61/2018/NĐ-CP art. 31: nine criteria of 0, 1 or 2 points, once a dossier; feeds T01. */
#include "base/text.h"
#include "core/country.h"
#include "core/pack.h"
#include "engine/measure/measure.h"
#include "gen/html.h"
#include "systems/portal/portal_views.h"

#define CRITERIA_FILE "catalogues/satisfaction.json"
#define SATISFIED     "good" /* this grade or better */

struct criteria {
    struct portal_criterion *rows;
    size_t n;
    int64_t satisfied; /* least score of a satisfied person */
};

static const char *copied(struct ctx *c, const json_t *o, const char *name)
{
    return arena_text(c->arena, portal_label(c, o, name));
}

static struct portal_criterion criterion_of(struct ctx *c, const json_t *row)
{
    const json_t *answers = json_list_of(row, "answers");
    struct portal_criterion x = {
        .code = arena_printf(c->arena, "tieu_chi_%s", json_text_of(row, "code", "")),
        .title = copied(c, row, "name"),
        .n_answers = json_array_size(answers)};
    x.answers = ARENA_ARRAY(c->arena, x.n_answers + 1, struct choice);
    for (size_t i = 0; i < x.n_answers; i++) {
        const json_t *a = json_array_get(answers, i);
        x.answers[i] =
            (struct choice){arena_printf(c->arena, "%lld", (long long)json_int_of(a, "score", 0)),
                            copied(c, a, "label")};
    }
    return x;
}

static int64_t satisfied_from(const json_t *doc)
{
    const json_t *grades = json_list_of(doc, "grades");
    for (size_t i = 0; i < json_array_size(grades); i++)
        if (text_eq(json_text_of(json_array_get(grades, i), "code", ""), SATISFIED))
            return json_int_of(json_array_get(grades, i), "min", 0);
    return 0;
}

static enum err criteria_load(struct ctx *c, struct criteria *ret)
{
    struct pack_file f;
    enum err e = pack_open(c, country_dir(c->node->country), CRITERIA_FILE, &f);
    if (e)
        return e;
    const json_t *rows = json_list_of(f.root, "rows");
    ret->n = json_array_size(rows);
    ret->rows = ARENA_ARRAY(c->arena, ret->n + 1, struct portal_criterion);
    for (size_t i = 0; i < ret->n; i++)
        ret->rows[i] = criterion_of(c, json_array_get(rows, i));
    ret->satisfied = satisfied_from(f.root);
    pack_close(&f);
    return OK;
}

/* Only what is over is rated, and once. */
static enum err rateable(struct ctx *c, struct req *r, struct casework_case *ret)
{
    bool rated = false;
    c->matter = req_param(r, "code");
    enum err e = casework_get(c, c->matter, ret);
    if (!e)
        e = portal_store_rated(c, ret->code, &rated);
    if (e)
        return e;
    if (rated)
        return fail(c, ERR_RATED, "code", ret->code);
    const struct procedure *p = procedure_find(c, ret->procedure);
    const struct process_state *s = process_state_of(p->process, ret->state);
    return ret->closed_us ? OK
                          : fail(c, ERR_CASE_STATE, "code", s ? s->label[c->lang] : ret->state);
}

static struct list answers_of(struct ctx *c, const struct criteria *all)
{
    size_t n = 0, k = 0;
    for (size_t i = 0; i < all->n; i++)
        n += all->rows[i].n_answers;
    struct portal_answer *rows = ARENA_ARRAY(c->arena, n + 1, struct portal_answer);
    for (size_t i = 0; i < all->n; i++)
        for (size_t j = 0; j < all->rows[i].n_answers; j++) {
            const struct choice *x = &all->rows[i].answers[j];
            rows[k++] = (struct portal_answer){all->rows[i].code, x->code, x->label};
        }
    return (struct list){rows, k};
}

static enum err view_of(struct ctx *c, struct req *r, struct portal_rate_view *v)
{
    struct casework_case k;
    struct criteria all;
    enum err e = rateable(c, r, &k);
    if (!e)
        e = criteria_load(c, &all);
    if (e)
        return e;
    struct next_act *act = ARENA_NEW(c->arena, struct next_act);
    *act = (struct next_act){"rate", "POST", arena_printf(c->arena, "/ho-so/%s/danh-gia", k.code),
                             text_get(TX(portal_rate_button), c->lang)};
    *v = (struct portal_rate_view){.code = k.code,
                                   .name = procedure_find(c, k.procedure)->name[c->lang],
                                   .criteria = {all.rows, all.n},
                                   .answers = answers_of(c, &all),
                                   .acts = {act, 1}};
    return OK;
}

enum err portal_rate_page(struct ctx *c, struct req *r)
{
    struct portal_rate_view v;
    enum err e = view_of(c, r, &v);
    return e ? e : answer(c, r, 200, &portal_rate_page_shape, &v, portal_rate_html);
}

enum err portal_rate_again(struct ctx *c, struct req *r)
{
    struct portal_rate_view v;
    enum err e = view_of(c, r, &v);
    return e ? e : answer_again(c, r, &portal_rate_page_shape, &v, portal_rate_html);
}

/* One of the answers given; nothing else counts. */
static bool is_offered(struct ctx *c, const struct portal_criterion *x, int64_t points)
{
    const char *code = arena_printf(c->arena, "%lld", (long long)points);
    for (size_t i = 0; i < x->n_answers; i++)
        if (text_eq(x->answers[i].code, code))
            return true;
    return false;
}

static enum err read_answers(struct ctx *c, struct req *r, const struct criteria *all,
                             struct portal_rating *ret)
{
    const struct shape *s = r->labels;
    void *points = shape_new(c->arena, s);
    struct buf b = buf_new(c->arena, 4096);
    enum err e = portal_typed(c, r, s, points);
    ret->score = 0;
    for (size_t i = 0; i < all->n && !e; i++) {
        const struct portal_criterion *x = &all->rows[i];
        int64_t n = shape_int(s, points, x->code);
        if (!is_offered(c, x, n))
            e = fail(c, ERR_REQUIRED, x->code);
        ret->score += n;
        buf_printf(&b, "%s%s=%lld", b.len ? " " : "", x->code, (long long)n);
    }
    ret->answers = b.ptr;
    ret->comment = ((const struct portal_opinion *)r->in)->comment;
    return e;
}

enum err portal_rate(struct ctx *c, struct req *r)
{
    struct casework_case k;
    struct criteria all;
    struct portal_rating x;
    enum err e = criteria_load(c, &all);
    if (e)
        return e;
    const struct list rows = {all.rows, all.n};
    r->labels = portal_rate_shape(c->arena, &rows);
    e = rateable(c, r, &k);
    if (!e)
        e = read_answers(c, r, &all, &x);
    if (e)
        return e;
    x.code = k.code;
    x.unit = k.unit;
    x.procedure = k.procedure;
    e = portal_store_rating(c, &x);
    if (!e)
        e = measure_add(c, "T01", k.unit, c->now_us, x.score >= all.satisfied, 1, k.code);
    return e ? e : answer_redirect(c, r, arena_printf(c->arena, "/ho-so/%s?danh-gia=1", k.code));
}
