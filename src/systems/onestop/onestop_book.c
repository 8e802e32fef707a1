/* SPDX-License-Identifier: Apache-2.0 */
/* Sổ theo dõi hồ sơ (form 06): the page, and the paper in parts of a hundred entries. Both show the
   same to the same people: dossiers by their codes, nobody's name. */
#include "base/text.h"
#include "core/country.h"
#include "core/paper.h"
#include "core/say.h"
#include "core/scope.h"
#include "gen/html.h"
#include "systems/onestop/onestop_form.h"
#include "systems/onestop/onestop_views.h"

#define PAGE 25
#define PART FORM_MAX_ENTRIES
#define FORM "form_06"

/* Whose book: the unit of the query, else the actor's own, within reach. */
static enum err book_of(struct ctx *c, struct req *r, struct onestop_book_view *v)
{
    const char *asked = req_query(r, "don-vi");
    const struct agency *g =
        country_agency(c->node->country, text_empty(asked) ? c->actor->unit : asked);
    struct scope mine = scope_of(c, "onestop.book");
    if (!g || !scope_allows(&mine, g->code, ""))
        return fail(c, ERR_NOT_FOUND, "don-vi", asked);
    v->unit = g->name[c->lang];
    v->unit_code = g->code;
    v->choose = c->actor->reach == REACH_BELOW || c->actor->reach == REACH_NODE;
    if (!text_to_int(req_query(r, "nam"), &v->year))
        v->year = civil_from_us(c->now_us, LOCAL_OFFSET_US).year;
    return OK;
}

static const char *number(struct ctx *c, int64_t n)
{
    return arena_printf(c->arena, "%lld", (long long)n);
}

static int64_t parts_of(int64_t last)
{
    return last > 0 ? (last - 1) / PART + 1 : 1;
}

/* The part of the paper in which the first entry of this page stands. */
static void offer_paper(struct ctx *c, struct onestop_book_view *v, int64_t last)
{
    const struct onestop_book_line *first = v->rows.items;
    const char *part = number(c, v->rows.n ? (first->number - 1) / PART + 1 : parts_of(last));
    v->paper = arena_printf(c->arena, "/mot-cua/so/giay?don-vi=%s&nam=%lld&phan=%s", v->unit_code,
                            (long long)v->year, part);
    v->paper_title =
        say(c->arena, c->lang, TX(onestop_book_paper), part, number(c, parts_of(last)), NULL);
}

enum err onestop_book(struct ctx *c, struct req *r)
{
    struct onestop_book_row rows[PAGE + 1];
    int64_t before = 0, last = 0;
    size_t n = 0;
    struct onestop_book_view v = {0};
    if (!text_to_int(req_query(r, "truoc"), &before))
        before = 0;
    enum err e = book_of(c, r, &v);
    if (!e)
        e = onestop_store_book_list(c, v.unit_code, v.year, before, rows, PAGE + 1, &n);
    if (!e)
        e = onestop_store_book_last(c, v.unit_code, v.year, &last);
    if (e)
        return e;
    size_t shown = n > PAGE ? PAGE : n;
    struct onestop_book_line *lines = ARENA_ARRAY(c->arena, shown + 1, struct onestop_book_line);
    for (size_t i = 0; i < shown; i++)
        lines[i] = (struct onestop_book_line){
            .number = rows[i].number,
            .code = rows[i].code,
            .procedure = rows[i].procedure,
            .received = time_show(c->arena, rows[i].received_us),
            .due = time_show(c->arena, rows[i].due_us),
            .returned = rows[i].returned_us ? time_show(c->arena, rows[i].returned_us) : ""};
    v.rows = (struct list){lines, shown};
    offer_paper(c, &v, last);
    if (n > PAGE)
        v.next = arena_printf(c->arena, "/mot-cua/so?don-vi=%s&nam=%lld&truoc=%lld", v.unit_code,
                              (long long)v.year, (long long)rows[shown - 1].number);
    return answer(c, r, 200, &onestop_book_shape, &v, onestop_book_html);
}

/* ---- the paper ---- */

struct part {
    struct req *r;
    struct paper *paper;
    const char *name; /* of the file */
};

/* Outside the book there are no parts; an empty book has one, empty. */
static enum err which(struct ctx *c, struct req *r, int64_t year, int64_t last, int64_t *ret)
{
    const char *asked = req_query(r, "phan");
    *ret = 1;
    if (text_empty(asked) || (text_to_int(asked, ret) && *ret >= 1 && *ret <= parts_of(last)))
        return OK;
    return fail(c, ERR_BOOK_PART, "phan", number(c, year), number(c, parts_of(last)));
}

static const char *part_words(struct ctx *c, int64_t part, int64_t last)
{
    int64_t from = (part - 1) * PART + 1, to = part * PART < last ? part * PART : last;
    if (!last)
        return text_get(TX(onestop_book_empty), LANG_VI);
    return say(c->arena, LANG_VI, TX(onestop_book_part),
               arena_printf(c->arena, "%lld/%lld", (long long)part, (long long)parts_of(last)),
               number(c, from), number(c, to));
}

static enum err read_part(struct ctx *c, void *arg)
{
    struct part *p = arg;
    struct onestop_book_view v = {0};
    struct form_sheet *x = ARENA_NEW(c->arena, struct form_sheet);
    int64_t last = 0, part = 1;
    enum err e = book_of(c, p->r, &v);
    if (!e)
        e = onestop_store_book_last(c, v.unit_code, v.year, &last);
    if (!e)
        e = which(c, p->r, v.year, last, &part);
    if (!e)
        e = onestop_store_book_part(c, v.unit_code, v.year, (part - 1) * PART, x->entries, PART,
                                    &x->n_entries);
    if (e)
        return e;
    x->form = onestop_form_of(FORM);
    x->unit = country_agency_name(c->node->country, v.unit_code, LANG_VI);
    x->year = v.year;
    x->part = part_words(c, part, last);
    p->paper = onestop_form_lay(c, x);
    paper_text(p->paper, text_get(TX(onestop_book_no_names), LANG_VI));
    p->name = arena_printf(c->arena, "so-%s-%lld-%lld.pdf", v.unit_code, (long long)v.year,
                           (long long)part);
    return OK;
}

enum err onestop_book_paper(struct ctx *c, struct req *r)
{
    struct part p = {.r = r};
    struct bytes pdf;
    enum err e = db_read(c, c->node->db, read_part, &p);
    if (!e)
        e = paper_finish(c, p.paper, onestop_paper_title(c, FORM), &pdf);
    return e ? e : answer_bytes(c, r, "application/pdf", p.name, pdf);
}
