/* SPDX-License-Identifier: Apache-2.0 */
/* The birth book on screen and on paper, and one entry with its versions. */
#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "core/paper.h"
#include "core/permit.h"
#include "core/say.h"
#include "core/scope.h"
#include "gen/html.h"
#include "systems/civilstatus/civilstatus_private.h"
#include "systems/civilstatus/civilstatus_views.h"

#define BOOK          "/ho-tich/khai-sinh"
#define PAGE_ROWS     25
#define PRINT_ROWS    200 /* a book's worth */
#define PRINT_COLUMNS 7
#define LAST          1000000000
#define FIRST_YEAR    1945
#define LAST_YEAR     2200

/* Which book: unit and year of the query, within the actor's scope. */
struct asked {
    const char *unit;
    int64_t year, before;
};

static enum err ask(struct ctx *c, struct req *r, struct asked *a)
{
    struct scope mine = scope_of(c, BIRTH_READ);
    a->unit = req_query(r, "don-vi");
    if (text_empty(a->unit))
        a->unit = c->actor->unit;
    if (!scope_allows(&mine, a->unit, ""))
        return fail(c, ERR_NOT_FOUND, "don-vi", a->unit);
    if (!text_to_int(req_query(r, "nam"), &a->year) || a->year < FIRST_YEAR || a->year > LAST_YEAR)
        a->year = civil_from_us(c->now_us, LOCAL_OFFSET_US).year;
    if (!text_to_int(req_query(r, "truoc"), &a->before) || a->before < 1)
        a->before = LAST;
    c->matter = arena_printf(c->arena, "%s/%lld", a->unit, (long long)a->year);
    return OK;
}

static const char *text_in(const struct shape *s, const void *data, const char *field)
{
    return shape_text(s, data, field);
}

static enum err line_of(struct ctx *c, const struct civilstatus_entry *x,
                        struct civilstatus_line *ret)
{
    const struct registry *g = registry_find(c, BIRTH_REGISTER);
    const struct shape *s = registry_shape(g);
    struct registry_record k;
    enum err e = registry_get(c, g, x->record, &k);
    if (e)
        return e;
    *ret = (struct civilstatus_line){
        .number = x->number,
        .page = x->page,
        .book = x->book,
        .date = date_show(c->arena, text_in(s, k.data, "registered_on")),
        .child = text_in(s, k.data, "child_name"),
        .born = date_show(c->arena, text_in(s, k.data, "child_birth_date")),
        .mother = text_in(s, k.data, "mother_name"),
        .father = text_in(s, k.data, "father_name"),
        .pin = text_in(s, k.data, "child_pin"),
        .dossier = x->dossier,
        .state = x->revoked ? text_get(TX(civilstatus_book_revoked), c->lang) : "",
        .href = arena_printf(c->arena, BOOK "/%s/%lld/%lld", x->unit, (long long)x->year,
                             (long long)x->number)};
    return OK;
}

static enum err lines_of(struct ctx *c, const struct asked *a, size_t max, struct list *ret,
                         bool *ret_more)
{
    struct civilstatus_entry *x = ARENA_ARRAY(c->arena, max + 1, struct civilstatus_entry);
    struct civilstatus_line *lines = ARENA_ARRAY(c->arena, max + 1, struct civilstatus_line);
    size_t n = 0;
    enum err e = civilstatus_store_list(c, a->unit, a->year, a->before, x, max + 1, &n);
    *ret_more = n > max;
    n = n > max ? max : n;
    for (size_t i = 0; i < n && !e; i++)
        e = line_of(c, &x[i], &lines[i]);
    *ret = (struct list){lines, n};
    return e;
}

/* Who reaches further than one unit chooses among those that keep books. */
static void units_of(struct ctx *c, struct civilstatus_book_view *v)
{
    size_t n;
    const struct agency *all = country_agencies(c->node->country, &n);
    struct scope mine = scope_of(c, BIRTH_READ);
    struct choice *out = ARENA_ARRAY(c->arena, n + 1, struct choice);
    for (size_t i = 0; i < n; i++)
        if (!text_empty(all[i].admin_unit) && scope_allows(&mine, all[i].code, ""))
            out[v->n_units++] = (struct choice){all[i].code, all[i].name[c->lang]};
    v->units = out;
    v->n_units = v->n_units > 1 ? v->n_units : 0;
}

/* The book as a file names many people: what a second official allows (core/permit.h). */
static const char *print_of(struct ctx *c, const struct asked *a)
{
    return arena_printf(c->arena, BOOK "/in?don-vi=%s&nam=%lld", a->unit, (long long)a->year);
}

static const char *ask_to_print(struct ctx *c, const struct asked *a)
{
    struct buf b = buf_new(c->arena, 1024);
    buf_text(&b, "/phep/moi?loai=export&what=");
    buf_url(&b, print_of(c, a));
    return b.ptr;
}

static const char *year_href(struct ctx *c, const struct asked *a, int64_t by)
{
    return arena_printf(c->arena, BOOK "?don-vi=%s&nam=%lld", a->unit, (long long)(a->year + by));
}

enum err civilstatus_book(struct ctx *c, struct req *r)
{
    struct asked a;
    struct civilstatus_book_view v = {0};
    bool more = false;
    enum err e = ask(c, r, &a);
    if (!e)
        e = lines_of(c, &a, PAGE_ROWS, &v.rows, &more);
    if (e)
        return e;
    const struct civilstatus_line *lines = v.rows.items;
    const char *book = arena_printf(c->arena, "?don-vi=%s&nam=%lld", a.unit, (long long)a.year);
    units_of(c, &v);
    v.unit = v.choosing.unit = a.unit;
    v.unit_name = country_agency_name(c->node->country, a.unit, c->lang);
    v.year = a.year;
    v.before = year_href(c, &a, -1);
    v.after = a.year < civil_from_us(c->now_us, LOCAL_OFFSET_US).year ? year_href(c, &a, 1) : "";
    v.print = actor_can(c->actor, PERMIT_ASK) ? ask_to_print(c, &a) : "";
    if (more)
        v.next = arena_printf(c->arena, BOOK "%s&truoc=%lld", book,
                              (long long)lines[v.rows.n - 1].number);
    return answer(c, r, 200, &civilstatus_book_shape, &v, civilstatus_book_html);
}

enum err civilstatus_page(struct ctx *c, struct req *r)
{
    struct scope mine = scope_of(c, BIRTH_READ);
    const char *unit = req_param(r, "unit");
    struct civilstatus_entry x;
    int64_t year, number;
    bool found = false;
    enum err e = OK;
    if (text_to_int(req_param(r, "year"), &year) && text_to_int(req_param(r, "number"), &number) &&
        scope_allows(&mine, unit, ""))
        e = civilstatus_store_at(c, unit, year, number, &found, &x);
    if (!e && !found)
        e = fail(c, ERR_NOT_FOUND, "number", req_param(r, "number"));
    if (e)
        return e;
    const char *place = arena_printf(c->arena, "%lld/%lld", (long long)number, (long long)year);
    c->matter = text_empty(x.dossier) ? place : x.dossier;
    return registry_record_page(
        c, r, registry_find(c, BIRTH_REGISTER), x.record,
        say(c->arena, c->lang, TX(civilstatus_paper_entry_words), place, x.book,
            arena_printf(c->arena, "%lld", (long long)x.page)),
        arena_printf(c->arena, BOOK "?don-vi=%s&nam=%lld", unit, (long long)year));
}

/* ---- on paper ---- */

struct printing {
    struct asked asked;
    const char *permit;
    struct list rows;
    bool more;
};

/* The reading and its access lines are one transaction: no line, no paper. */
static enum err read_book(struct ctx *c, void *arg)
{
    struct printing *p = arg;
    struct permit given;
    enum err e = permit_holds(c, PERMIT_EXPORT, p->permit, print_of(c, &p->asked), &given);
    return e ? e : lines_of(c, &p->asked, PRINT_ROWS, &p->rows, &p->more);
}

static struct paper *draw(struct ctx *c, const struct printing *p)
{
    static const enum text heads_of[PRINT_COLUMNS] = {
        TX(civilstatus_book_number), TX(civilstatus_book_date),   TX(civilstatus_book_child),
        TX(civilstatus_book_born),   TX(civilstatus_book_mother), TX(civilstatus_book_father),
        TX(civilstatus_book_pin)};
    const char **heads = ARENA_ARRAY(c->arena, PRINT_COLUMNS, const char *);
    const char **cells = ARENA_ARRAY(c->arena, p->rows.n * PRINT_COLUMNS + 1, const char *);
    const struct civilstatus_line *x = p->rows.items;
    for (size_t i = 0; i < PRINT_COLUMNS; i++)
        heads[i] = text_get(heads_of[i], LANG_VI);
    for (size_t i = 0; i < p->rows.n; i++) {
        const char *row[PRINT_COLUMNS] = {arena_printf(c->arena, "%lld", (long long)x[i].number),
                                          x[i].date,
                                          x[i].child,
                                          x[i].born,
                                          x[i].mother,
                                          x[i].father,
                                          x[i].pin};
        for (size_t k = 0; k < PRINT_COLUMNS; k++)
            cells[i * PRINT_COLUMNS + k] = row[k];
    }
    const char *title = text_get(TX(civilstatus_book_title), LANG_VI);
    struct paper *paper = paper_new(c->arena, false, title);
    paper_national_header(paper, country_agency_name(c->node->country, p->asked.unit, LANG_VI), "");
    paper_heading(paper, title, arena_printf(c->arena, "%lld", (long long)p->asked.year));
    paper_table(paper, heads, PRINT_COLUMNS, cells, p->rows.n);
    return paper;
}

enum err civilstatus_book_print(struct ctx *c, struct req *r)
{
    struct printing p = {.permit = req_query(r, "phep")};
    struct bytes pdf;
    enum err e = ask(c, r, &p.asked);
    if (!e)
        e = db_write(c, c->node->db, read_book, &p);
    if (!e)
        e = paper_finish(c, draw(c, &p), text_get(TX(civilstatus_book_title), LANG_VI), &pdf);
    if (e)
        return e;
    const char *name =
        arena_printf(c->arena, "so-khai-sinh-%s-%lld.pdf", p.asked.unit, (long long)p.asked.year);
    return answer_bytes(c, r, "application/pdf", name, pdf);
}
