/* SPDX-License-Identifier: Apache-2.0 */
/* "Ai đã xem dữ liệu của tôi": every line about the person, of this node and of every other one. */
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/log.h"
#include "base/text.h"
#include "core/access.h"
#include "core/country.h"
#include "core/permit.h"
#include "core/retention.h"
#include "core/say.h"
#include "core/scope.h"
#include "engine/exchange/exchange.h"
#include "gen/html.h"
#include "systems/portal/portal_views.h"

#define SERVICE "identity.access"
#define HERE    "/du-lieu-cua-toi"
#define CITIZEN "citizen" /* role of people who act for themselves */

struct gathered {
    const char *before; /* the id after which this page begins; "" = the newest */
    struct portal_reader *rows;
    size_t n, max;
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
                 {"dossier", TX(portal_what_dossier)},
                 {"permit", TX(portal_what_permit)}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (text_eq(words[i].what, what))
            return text_get(words[i].text, c->lang);
    return what;
}

/* "15:30:02 15:29:11 ...": all of one day. */
static const char *times_of(struct ctx *c, const struct access_look *k)
{
    struct buf b = buf_new(c->arena, 1024);
    for (size_t i = 0; i < k->n_times; i++) {
        struct civil t = civil_from_us(k->times[i], LOCAL_OFFSET_US);
        buf_printf(&b, "%s%02d:%02d:%02d", i ? " " : "", t.hour, t.minute, t.second);
    }
    return b.ptr;
}

/* "criminal_procedure 12/QĐ-CSĐT": why it was told later. */
static const char *late_of(struct ctx *c, const char *late)
{
    size_t n = 0;
    if (text_empty(late))
        return "";
    if (text_eq(late, PERMIT_PURPOSE))
        return text_get(TX(portal_access_emergency), c->lang);
    const char **part = text_split(c->arena, late, ' ', &n);
    return say(c->arena, c->lang, TX(portal_access_late),
               name_of(c, "disclosure_bases", n ? part[0] : ""), n > 1 ? part[1] : "", "");
}

/* Officials act for their agency and are named; another citizen isn't. */
static const char *who_of(const struct ctx *c, const struct access_line *l)
{
    if (text_eq(l->reader_role, "system") || text_empty(l->reader_role))
        return text_get(TX(portal_by_itself), c->lang);
    if (text_eq(l->reader_role, CITIZEN) && !l->own)
        return text_get(TX(portal_access_citizen), c->lang);
    return l->reader_name;
}

static void add(struct ctx *c, struct gathered *g, const struct access_look *k, const char *where)
{
    const struct access_line *l = &k->first;
    if (g->n == g->max)
        return;
    bool machine = text_eq(l->reader_role, "system") || text_empty(l->reader_role);
    g->rows[g->n++] = (struct portal_reader){
        .id = l->id,
        .when = time_show(c->arena, k->last_us),
        .since = k->n > 1 ? time_show(c->arena, l->at_us) : "",
        .all = k->n > 1 ? times_of(c, k) : "",
        .who = who_of(c, l),
        .late = late_of(c, l->late),
        .agency = country_agency_name(c->node->country, l->reader_unit, c->lang),
        .role = machine ? "" : country_role_name(c->node->country, l->reader_role, c->lang),
        .what = what_of(c, l->what),
        .purpose = text_empty(l->purpose) ? "" : name_of(c, "purposes", l->purpose),
        .dossier = l->matter,
        .where = where,
        .own = l->own,
        .times = k->n,
        .told = (int64_t)k->n_times};
}

/* ---- this node ---- */

static enum err own_lines(struct ctx *c, struct gathered *g)
{
    struct access_look k[ACCESS_LOOKS + 1];
    size_t n = 0;
    enum err e = access_looks(c, c->actor->person, g->before, k, ARRAY_LEN(k), &n);
    for (size_t i = 0; i < n; i++)
        add(c, g, &k[i], c->node->title[c->lang]);
    return e;
}

/* ---- the others ---- */

static const char *kept(struct ctx *c, const json_t *o, const char *name)
{
    return arena_text(c->arena, json_text_of(o, name, ""));
}

/* A line out of place would let the pages run in a circle. */
static bool in_place(const struct gathered *g, const char *id)
{
    return id_is(id) && (text_empty(g->before) || strcmp(id, g->before) < 0);
}

static struct access_look look_told(struct ctx *c, const json_t *o)
{
    const json_t *times = json_list_of(o, "times");
    struct access_look k = {.first = {.id = kept(c, o, "id"),
                                      .what = kept(c, o, "what"),
                                      .reader_name = kept(c, o, "reader"),
                                      .reader_unit = kept(c, o, "unit"),
                                      .reader_role = kept(c, o, "role"),
                                      .purpose = kept(c, o, "purpose"),
                                      .matter = kept(c, o, "matter"),
                                      .late = kept(c, o, "late"),
                                      .own = json_bool_of(o, "own", false),
                                      .at_us = json_int_of(o, "at_us", 0)},
                            .n = json_int_of(o, "n", 1),
                            .last_us = json_int_of(o, "last_us", 0)};
    for (size_t i = 0; times && i < json_array_size(times) && i < ACCESS_TIMES; i++)
        k.times[k.n_times++] = json_integer_value(json_array_get(times, i));
    return k;
}

static void add_told(struct ctx *c, struct gathered *g, const json_t *lines, const char *where)
{
    for (size_t i = 0; i < json_array_size(lines) && i < ACCESS_LOOKS + 1; i++) {
        struct access_look k = look_told(c, json_array_get(lines, i));
        if (in_place(g, k.first.id))
            add(c, g, &k, where);
    }
}

static enum err ask(struct ctx *c, const struct gathered *g, const char *member, json_t **ret)
{
    struct buf b = buf_new(c->arena, 256);
    struct bytes answer;
    int status;
    buf_text(&b, "{\"person\":");
    buf_json(&b, c->actor->person);
    if (!text_empty(g->before)) {
        buf_text(&b, ",\"before\":");
        buf_json(&b, g->before);
    }
    buf_char(&b, '}');
    enum err e = exchange_call(c, member, SERVICE, buf_bytes(&b), &status, &answer);
    if (!e && status != 200)
        e = fail(c, ERR_EXCHANGE_DENIED, member, SERVICE);
    return e ? e : json_in(c, SERVICE, answer, ret);
}

/* A node that doesn't answer is named; the page doesn't wait for it twice. */
static void ask_peer(struct ctx *c, struct gathered *g, const struct node_peer *peer)
{
    const char *where = country_agency_name(c->node->country, peer->agency, c->lang);
    json_t *o = NULL;
    enum err e = ask(c, g, peer->agency, &o);
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
    const char *after = req_query(r, "sau");
    g->before = id_is(after) ? after : ""; /* no place of ours: from the newest on */
    g->max = (ACCESS_LOOKS + 1) * (c->node->n_peers + 1);
    g->rows = ARENA_ARRAY(c->arena, g->max, struct portal_reader);
    g->away = ARENA_ARRAY(c->arena, c->node->n_peers + 1, struct portal_line);
    for (size_t i = 0; i < c->node->n_peers && !c->node->identity_url; i++)
        ask_peer(c, g, &c->node->peers[i]);
    r->kept = g;
    return OK;
}

static int newest_first(const void *a, const void *b)
{
    const struct portal_reader *x = a, *y = b;
    return strcmp(y->id, x->id);
}

/* What the person looked at themself stands apart. */
static struct list part(struct ctx *c, const struct gathered *g, bool own)
{
    struct portal_reader *rows = ARENA_ARRAY(c->arena, g->n + 1, struct portal_reader);
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++)
        if (g->rows[i].own == own)
            rows[n++] = g->rows[i];
    return (struct list){rows, n};
}

/* Each node told its newest of this page and one more, so the newest of all are among them. */
static const char *cut_page(struct ctx *c, struct gathered *g)
{
    if (g->n)
        qsort(g->rows, g->n, sizeof *g->rows, newest_first);
    if (g->n <= ACCESS_LOOKS)
        return "";
    g->n = ACCESS_LOOKS;
    return arena_printf(c->arena, HERE "?sau=%s", g->rows[g->n - 1].id);
}

static enum err kept_here(struct ctx *c, struct list *ret)
{
    struct retention_kept k[RETENTION_KEPT];
    size_t n = 0;
    enum err e = retention_of_person(c, person_token(c, c->actor->person), k, &n);
    struct portal_line *lines = ARENA_ARRAY(c->arena, n + 1, struct portal_line);
    for (size_t i = 0; i < n; i++)
        lines[i] = (struct portal_line){.title = k[i].told.rule->name[c->lang],
                                        .text = retention_words(c, &k[i].told),
                                        .href = ""};
    *ret = (struct list){lines, n};
    return e;
}

enum err portal_my_data(struct ctx *c, struct req *r)
{
    struct gathered g = *(struct gathered *)r->kept;
    if (c->node->identity_url) /* every node's lines stand together on the national portal */
        return answer_redirect(c, r, arena_printf(c->arena, "%s" HERE, c->node->identity_url));
    enum err e = own_lines(c, &g);
    if (e)
        return e;
    struct portal_access_view v = {
        .away = {g.away, g.n_away}, .older = cut_page(c, &g), .later = !text_empty(g.before)};
    v.rows = part(c, &g, false);
    v.own = part(c, &g, true);
    e = kept_here(c, &v.kept);
    if (e)
        return e;
    return answer(c, r, 200, &portal_access_shape, &v, portal_access_html);
}
