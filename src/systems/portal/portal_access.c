/* SPDX-License-Identifier: Apache-2.0 */
/* "Ai đã xem dữ liệu của tôi": every line about the person, of this node and of every other one. */
#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "core/access.h"
#include "core/country.h"
#include "engine/exchange/exchange.h"
#include "gen/html.h"
#include "systems/portal/portal_views.h"

#define SERVICE   "identity.access"
#define MAX_LINES 50
#define MAX_ROWS  500
#define MAX_PEERS 80

struct gathered {
    struct portal_reader *rows;
    size_t n;
    struct portal_line *away;
    size_t n_away;
};

static const char *name_of(const struct ctx *c, const char *catalogue, const char *code)
{
    return country_name(c->node->country, catalogue, code, c->lang);
}

static const char *what_of(const struct ctx *c, const char *what)
{
    static const struct {
        const char *what;
        enum text text;
    } words[] = {{"population", TX(portal_what_population)},
                 {"civil_status_birth", TX(portal_what_birth)},
                 {"insurance", TX(portal_what_insurance)},
                 {"dossier", TX(portal_what_dossier)}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (text_eq(words[i].what, what))
            return text_get(words[i].text, c->lang);
    return what;
}

struct raw_line { /* as a node tells it */
    const char *what, *reader, *unit, *role, *purpose, *matter;
    int64_t at_us;
};

static void add(struct ctx *c, struct gathered *g, const struct raw_line *l, const char *where)
{
    if (g->n == MAX_ROWS)
        return;
    const struct agency *unit = country_agency(c->node->country, l->unit);
    bool own = text_eq(l->role, "citizen") && text_eq(l->reader, c->actor->name);
    bool machine = text_eq(l->role, "system") || text_empty(l->role);
    g->rows[g->n++] = (struct portal_reader){
        .when = time_show(c->arena, l->at_us),
        .who = machine ? text_get(TX(portal_by_itself), c->lang) : l->reader,
        .agency = unit ? unit->name[c->lang] : l->unit,
        .role = machine ? "" : country_role_name(c->node->country, l->role, c->lang),
        .what = what_of(c, l->what),
        .purpose = text_empty(l->purpose) ? "" : name_of(c, "purposes", l->purpose),
        .dossier = l->matter,
        .where = where,
        .own = own,
        .times = 1,
        .at_us = l->at_us};
}

/* ---- this node ---- */

static enum err own_lines(struct ctx *c, struct gathered *g)
{
    struct access_line l[MAX_LINES];
    size_t n = 0;
    enum err e = access_of_person(c, c->actor->person, "", l, MAX_LINES, &n);
    for (size_t i = 0; i < n; i++) {
        const struct raw_line raw = {l[i].what,        l[i].reader_name, l[i].reader_unit,
                                     l[i].reader_role, l[i].purpose,     l[i].matter,
                                     l[i].at_us};
        add(c, g, &raw, c->node->title[c->lang]);
    }
    return e;
}

/* ---- the others ---- */

static const char *kept(struct ctx *c, const json_t *o, const char *name)
{
    return arena_text(c->arena, json_text_of(o, name, ""));
}

static void add_told(struct ctx *c, struct gathered *g, const json_t *lines, const char *where)
{
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *o = json_array_get(lines, i);
        const struct raw_line raw = {kept(c, o, "what"),        kept(c, o, "reader"),
                                     kept(c, o, "unit"),        kept(c, o, "role"),
                                     kept(c, o, "purpose"),     kept(c, o, "matter"),
                                     json_int_of(o, "at_us", 0)};
        add(c, g, &raw, where);
    }
}

static enum err ask(struct ctx *c, const char *member, json_t **ret)
{
    struct buf b = buf_new(c->arena, 256);
    struct bytes answer;
    int status;
    buf_text(&b, "{\"person\":");
    buf_json(&b, c->actor->person);
    buf_char(&b, '}');
    enum err e = exchange_call(c, member, SERVICE, buf_bytes(&b), &status, &answer);
    if (!e && status != 200)
        e = fail(c, ERR_EXCHANGE_DENIED, member, SERVICE);
    return e ? e : json_in(c, SERVICE, answer, ret);
}

/* A node that doesn't answer is named; the page doesn't wait for it twice. */
static void ask_peer(struct ctx *c, struct gathered *g, const struct node_peer *peer)
{
    const struct agency *a = country_agency(c->node->country, peer->agency);
    const char *where = a ? a->name[c->lang] : peer->agency;
    json_t *o = NULL;
    enum err e = ask(c, peer->agency, &o);
    if (e) {
        log_warn("portal", "access lines of %s: %s", peer->agency, err_row(e)->name);
        ctx_clear_faults(c);
        g->away[g->n_away++].title = where;
    } else {
        add_told(c, g, json_list_of(o, "lines"), where);
    }
    json_end(o);
}

enum err portal_my_data_prepare(struct ctx *c, struct req *r)
{
    struct gathered *g = ARENA_NEW(c->arena, struct gathered);
    g->rows = ARENA_ARRAY(c->arena, MAX_ROWS, struct portal_reader);
    g->away = ARENA_ARRAY(c->arena, c->node->n_peers + 1, struct portal_line);
    for (size_t i = 0; i < c->node->n_peers && !c->node->identity_url; i++)
        ask_peer(c, g, &c->node->peers[i]);
    r->kept = g;
    return OK;
}

static int newest_first(const void *a, const void *b)
{
    const struct portal_reader *x = a, *y = b;
    return x->at_us < y->at_us ? 1 : x->at_us > y->at_us ? -1 : 0;
}

static bool alike(const struct portal_reader *a, const struct portal_reader *b)
{
    return text_eq(a->who, b->who) && text_eq(a->agency, b->agency) && text_eq(a->what, b->what) &&
           text_eq(a->purpose, b->purpose) && text_eq(a->dossier, b->dossier) &&
           text_eq(a->where, b->where);
}

/* The line of the same minute that tells the same; NULL: none. Rows run from the newest. */
static struct portal_reader *alike_of(struct portal_reader *rows, size_t n,
                                      const struct portal_reader *x)
{
    while (n-- && rows[n].at_us - x->at_us < MINUTE_US)
        if (alike(&rows[n], x))
            return &rows[n];
    return NULL;
}

/* What the person looked at themself stands apart; the same look within a minute is one line. */
static void part(struct ctx *c, const struct gathered *g, bool own, struct list *ret)
{
    struct portal_reader *rows = ARENA_ARRAY(c->arena, g->n + 1, struct portal_reader);
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) {
        if (g->rows[i].own != own)
            continue;
        struct portal_reader *same = alike_of(rows, n, &g->rows[i]);
        if (same)
            same->times++;
        else
            rows[n++] = g->rows[i];
    }
    *ret = (struct list){rows, n};
}

enum err portal_my_data(struct ctx *c, struct req *r)
{
    struct gathered g = *(struct gathered *)r->kept;
    if (c->node->identity_url) /* every node's lines stand together on the national portal */
        return answer_redirect(c, r,
                               arena_printf(c->arena, "%s/du-lieu-cua-toi", c->node->identity_url));
    enum err e = own_lines(c, &g);
    if (e)
        return e;
    qsort(g.rows, g.n, sizeof *g.rows, newest_first);
    struct portal_access_view v = {.away = {g.away, g.n_away}};
    part(c, &g, false, &v.rows);
    part(c, &g, true, &v.own);
    return answer(c, r, 200, &portal_access_shape, &v, portal_access_html);
}
