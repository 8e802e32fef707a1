/* SPDX-License-Identifier: Apache-2.0 */
/* Home, search, the page of a service. */
#include "base/text.h"
#include "core/country.h"
#include "core/say.h"
#include "gen/html.h"
#include "systems/portal/portal_views.h"

#define HOME_ROWS   5
#define SEARCH_ROWS 50
#define SUGGESTIONS 7
#define MAX_PEERS   80

static const char *tell(const struct ctx *c, enum text t)
{
    return text_get(t, c->lang);
}

/* ---- words of a procedure ---- */

static const json_t *part_of(const struct procedure *p, const char *name)
{
    return json_object_get(json_object_get(p->doc, "parts"), name);
}

static const char *level_of(struct ctx *c, const struct procedure *p)
{
    int64_t level = json_int_of(p->doc, "level", 1);
    if (level >= 4)
        return tell(c, TX(portal_level_whole));
    return tell(c, level == 3 ? TX(portal_level_part) : TX(portal_level_information));
}

/* The fee of the online way. */
static const char *fee_of(struct ctx *c, const struct procedure *p)
{
    const json_t *ways = part_of(p, "ways");
    for (size_t i = 0; i < json_array_size(ways); i++) {
        const json_t *way = json_array_get(ways, i);
        int64_t vnd = json_int_of(way, "fee_vnd", 0);
        if (text_eq(json_text_of(way, "channel", ""), "online"))
            return vnd ? money_show(c->arena, vnd) : tell(c, TX(portal_free));
    }
    return "";
}

static const char *short_deadline(struct ctx *c, const struct procedure *p)
{
    return say(c->arena, c->lang, TX(portal_workdays),
               arena_printf(c->arena, "%d", p->deadline.workdays), NULL, NULL);
}

static struct portal_row row_of(struct ctx *c, const struct procedure *p)
{
    return (struct portal_row){.code = p->code,
                               .name = p->name[c->lang],
                               .summary = portal_label(c, p->doc, "summary"),
                               .level = level_of(c, p),
                               .deadline = short_deadline(c, p),
                               .fee = fee_of(c, p),
                               .href = arena_printf(c->arena, "/dich-vu/%s", p->code),
                               .online = portal_online(p)};
}

/* ---- home ---- */

/* A card for each procedure that belongs to an event of life. */
static struct list events_of(struct ctx *c)
{
    size_t n, k = 0;
    const struct procedure *const *all = procedure_all(c, &n);
    struct portal_line *lines = ARENA_ARRAY(c->arena, n + 1, struct portal_line);
    for (size_t i = 0; i < n; i++) {
        if (text_empty(json_text_of(all[i]->doc, "life_event", "")))
            continue;
        const char *name = portal_label(c, all[i]->doc, "short_name");
        lines[k++] =
            (struct portal_line){.title = text_empty(name) ? all[i]->name[c->lang] : name,
                                 .text = portal_label(c, all[i]->doc, "summary"),
                                 .href = arena_printf(c->arena, "/dich-vu/%s", all[i]->code)};
    }
    return (struct list){lines, k};
}

static enum err drafts_of(struct ctx *c, struct list *ret)
{
    struct portal_draft d[HOME_ROWS];
    size_t n = 0;
    enum err e = portal_store_drafts(c, d, HOME_ROWS, &n);
    struct portal_line *lines = ARENA_ARRAY(c->arena, n + 1, struct portal_line);
    for (size_t i = 0; i < n; i++)
        lines[i] = (struct portal_line){.title = portal_draft_title(c, &d[i]),
                                        .text = time_show(c->arena, d[i].saved_us),
                                        .href = portal_draft_path(c, &d[i])};
    *ret = (struct list){lines, n};
    return e;
}

enum err portal_home(struct ctx *c, struct req *r)
{
    bool citizen = c->actor->kind == ACTOR_CITIZEN, here = portal_files_here(c->node);
    struct portal_home_view v = {.person = c->actor->name,
                                 .national = !here,
                                 .official = c->actor->kind == ACTOR_OFFICIAL,
                                 .sign_in =
                                     here ? "/dang-nhap/quoc-gia?next=%2F" : "/dang-nhap?next=%2F",
                                 .events = events_of(c)};
    enum err e = citizen ? portal_dossier_rows(c, HOME_ROWS, &v.dossiers) : OK;
    if (!e && citizen)
        e = drafts_of(c, &v.drafts);
    return e ? e : answer(c, r, 200, &portal_home_shape, &v, portal_home_html);
}

/* ---- search ---- */

enum err portal_find(struct ctx *c, struct req *r)
{
    const struct procedure *found[SEARCH_ROWS];
    const char *words = req_query(r, "q");
    size_t n = portal_search(c, words, found, SEARCH_ROWS);
    struct portal_row *rows = ARENA_ARRAY(c->arena, n + 1, struct portal_row);
    for (size_t i = 0; i < n; i++)
        rows[i] = row_of(c, found[i]);
    struct portal_search_view v = {.words = words, .rows = {rows, n}};
    v.count = say(c->arena, c->lang, TX(portal_search_count), arena_printf(c->arena, "%zu", n),
                  words, NULL);
    bool no_word = !*portal_fold(c->arena, words);
    v.none =
        n ? "" : text_get(no_word ? TX(portal_search_no_word) : TX(portal_search_none), c->lang);
    return answer(c, r, 200, &portal_search_shape, &v, portal_search_html);
}

enum err portal_suggest(struct ctx *c, struct req *r)
{
    struct portal_place places[SUGGESTIONS];
    const char *words = req_query(r, "tu");
    size_t n = portal_places(c, words, places, SUGGESTIONS);
    struct portal_suggestion *rows = ARENA_ARRAY(c->arena, n + 1, struct portal_suggestion);
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct portal_suggestion){places[i].name, places[i].code};
    struct portal_suggest_view v = {.rows = {rows, n}};
    return answer(c, r, 200, &portal_suggest_shape, &v, NULL);
}

/* ---- one service ---- */

/* A line for each row of a part: its label, or itself when it is one. */
static struct list lines_of(struct ctx *c, const json_t *rows, const char *text)
{
    size_t n = json_array_size(rows);
    struct portal_line *lines = ARENA_ARRAY(c->arena, n + 1, struct portal_line);
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(rows, i);
        const char *vi = json_text_of(row, "vi", ""), *en = json_text_of(row, "en", vi);
        const char *label = portal_label(c, row, "label");
        lines[i].title = text_empty(label) ? (c->lang == LANG_EN ? en : vi) : label;
        lines[i].text = text ? json_text_of(row, text, "") : "";
    }
    return (struct list){lines, n};
}

/* What to have at hand: the components of the first, usual case. */
static struct list papers_of(struct ctx *c, const struct procedure *p)
{
    const json_t *usual = json_array_get(part_of(p, "cases"), 0);
    const json_t *codes = json_list_of(usual, "components");
    size_t n = json_array_size(codes);
    struct portal_line *lines = ARENA_ARRAY(c->arena, n + 1, struct portal_line);
    for (size_t i = 0; i < n; i++)
        lines[i].title = country_name(c->node->country, "components",
                                      json_string_value(json_array_get(codes, i)), c->lang);
    return (struct list){lines, n};
}

static struct list buttons_of(struct ctx *c, const struct procedure *p)
{
    const struct node_peer *peer[MAX_PEERS];
    const char *path = arena_printf(c->arena, "/dich-vu/%s/nop", p->code);
    struct portal_line *one = ARENA_NEW(c->arena, struct portal_line);
    one->title = tell(c, TX(portal_file_button));
    one->href = path;
    if (portal_files_here(c->node))
        return (struct list){one, 1};
    size_t n = portal_provinces(c->node, peer, MAX_PEERS);
    struct portal_line *lines = ARENA_ARRAY(c->arena, n + 1, struct portal_line);
    for (size_t i = 0; i < n; i++) {
        const struct agency *a = country_agency(c->node->country, peer[i]->agency);
        lines[i].title = n == 1 || !a ? one->title : a->name[c->lang];
        lines[i].href = portal_there(c->arena, peer[i], path);
    }
    return (struct list){lines, n};
}

enum err portal_service(struct ctx *c, struct req *r)
{
    const struct procedure *p = procedure_find(c, req_param(r, "code"));
    if (!p)
        return fail(c, ERR_PROCEDURE_UNKNOWN, "code", req_param(r, "code"));
    const json_t *parts = json_object_get(p->doc, "parts");
    struct portal_service_view v = {
        .code = p->code,
        .name = p->name[c->lang],
        .summary = portal_label(c, p->doc, "summary"),
        .deadline = portal_label(c, parts, "deadline"),
        .agency = portal_label(c, json_object_get(parts, "agency"), "decides"),
        .level = level_of(c, p),
        .online = portal_online(p),
        .papers = papers_of(c, p),
        .fees = lines_of(c, part_of(p, "fees"), NULL),
        .steps = lines_of(c, part_of(p, "steps"), NULL),
        .legal = lines_of(c, part_of(p, "legal_basis"), "number"),
        .subjects = lines_of(c, part_of(p, "subjects"), NULL),
        .results = lines_of(c, part_of(p, "results"), NULL),
        .needs = lines_of(c, part_of(p, "requirements"), NULL),
        .buttons = portal_online(p) ? buttons_of(c, p) : (struct list){NULL, 0}};
    return answer(c, r, 200, &portal_service_shape, &v, portal_service_html);
}
