/* SPDX-License-Identifier: Apache-2.0 */
/* Following a dossier: where it is, what was done, what the person may do now. */
#include "base/text.h"
#include "core/access.h"
#include "core/country.h"
#include "core/files.h"
#include "core/retention.h"
#include "core/say.h"
#include "gen/html.h"
#include "net/http.h"
#include "systems/onestop/onestop.h"
#include "systems/portal/portal_views.h"

#define MAX_ROWS    50
#define MAX_PAST    60
#define MAX_PAPERS  16
#define MAX_ACTIONS 12

static const char *tell(const struct ctx *c, enum text t)
{
    return text_get(t, c->lang);
}

const char *portal_status_word(const struct ctx *c, int64_t status)
{
    const char *code = arena_printf(c->arena, "%lld", (long long)status);
    return country_name(c->node->country, "dossier_status", code, c->lang);
}

const char *portal_status_colour(int64_t status)
{
    if (status == PORTAL_REFUSED || status == PORTAL_STOPPED)
        return "red";
    if (status == PORTAL_SUPPLEMENT || status == PORTAL_PAYMENT)
        return "orange";
    return status >= PORTAL_DONE ? "green" : "blue";
}

/* ---- the list ---- */

static struct portal_dossier_row row_of_case(struct ctx *c, const struct casework_case *k)
{
    const struct procedure *p = procedure_find(c, k->procedure);
    return (struct portal_dossier_row){.code = k->code,
                                       .title = k->title,
                                       .procedure = p ? p->name[c->lang] : k->procedure,
                                       .status = portal_status_word(c, k->national),
                                       .colour = portal_status_colour(k->national),
                                       .due = k->closed_us ? "" : time_show(c->arena, k->due_us),
                                       .href = arena_printf(c->arena, "/ho-so/%s", k->code)};
}

static struct portal_dossier_row row_of_copy(struct ctx *c, const struct portal_dossier *d)
{
    const struct procedure *p = procedure_find(c, d->procedure);
    return (struct portal_dossier_row){.code = d->code,
                                       .title = d->unit_name,
                                       .procedure = p ? p->name[c->lang] : d->procedure_name,
                                       .status = portal_status_word(c, d->status),
                                       .colour = portal_status_colour(d->status),
                                       .due = d->status >= PORTAL_DONE ||
                                                      d->status == PORTAL_REFUSED ||
                                                      d->status == PORTAL_STOPPED
                                                  ? ""
                                                  : time_show(c->arena, d->due_us),
                                       .href = arena_printf(c->arena, "/ho-so/%s", d->code)};
}

static enum err rows_here(struct ctx *c, size_t max, const char *after,
                          struct portal_dossier_row *rows, size_t *ret_n, const char **ret_next)
{
    struct casework_case *k = ARENA_ARRAY(c->arena, max + 1, struct casework_case);
    struct casework_filter f = {.queue = "all", .after = after};
    enum err e = casework_list(c, &f, k, max, ret_n, ret_next);
    for (size_t i = 0; i < *ret_n; i++)
        rows[i] = row_of_case(c, &k[i]);
    return e;
}

static enum err rows_told(struct ctx *c, size_t max, struct portal_dossier_row *rows, size_t *ret_n)
{
    struct portal_dossier *d = ARENA_ARRAY(c->arena, max + 1, struct portal_dossier);
    enum err e = portal_store_dossiers(c, d, max, ret_n);
    for (size_t i = 0; i < *ret_n; i++)
        rows[i] = row_of_copy(c, &d[i]);
    return e;
}

enum err portal_dossier_rows(struct ctx *c, size_t max, struct list *ret)
{
    struct portal_dossier_row *rows = ARENA_ARRAY(c->arena, max + 1, struct portal_dossier_row);
    const char *next;
    size_t n = 0;
    enum err e = portal_files_here(c->node) ? rows_here(c, max, NULL, rows, &n, &next)
                                            : rows_told(c, max, rows, &n);
    *ret = (struct list){rows, n};
    return e;
}

enum err portal_dossiers(struct ctx *c, struct req *r)
{
    struct portal_dossier_row *rows =
        ARENA_ARRAY(c->arena, MAX_ROWS + 1, struct portal_dossier_row);
    struct portal_dossiers_view v = {.national = !portal_files_here(c->node)};
    const char *after = req_query(r, "sau"), *next = NULL;
    size_t n = 0;
    enum err e = v.national
                     ? rows_told(c, MAX_ROWS, rows, &n)
                     : rows_here(c, MAX_ROWS, text_empty(after) ? NULL : after, rows, &n, &next);
    v.rows = (struct list){rows, n};
    if (next) {
        struct buf b = buf_new(c->arena, 4096);
        buf_text(&b, "/ho-so?sau=");
        buf_url(&b, next);
        v.next = b.ptr;
    }
    return e ? e : answer(c, r, 200, &portal_dossiers_shape, &v, portal_dossiers_html);
}

/* ---- the way a dossier goes ---- */

static const int way[] = {PORTAL_NEW, PORTAL_ACCEPTED, PORTAL_PROCESSING, PORTAL_DONE,
                          PORTAL_RETURNED};

/* How far along the way a status stands; -1: it ended aside. */
static int place_on_way(int64_t status)
{
    switch (status) {
    case PORTAL_NEW:
    case PORTAL_WITHDRAWING: return 0;
    case PORTAL_ACCEPTED: return 1;
    case PORTAL_PROCESSING:
    case PORTAL_SUPPLEMENT:
    case PORTAL_PAYMENT: return 2;
    case PORTAL_DONE: return 3;
    case PORTAL_RETURNED: return 4;
    default: return -1;
    }
}

/* When each step of the way was first reached; 0: not yet. */
struct reached {
    int64_t at_us[ARRAY_LEN(way)];
};

static void reach(struct reached *x, int64_t status, int64_t at_us)
{
    for (size_t i = 0; i < ARRAY_LEN(way); i++)
        if (status == way[i] && (!x->at_us[i] || at_us < x->at_us[i]))
            x->at_us[i] = at_us;
}

static struct list steps_of(struct ctx *c, int64_t status, int64_t filed_us,
                            const struct reached *x)
{
    struct portal_step *s = ARENA_ARRAY(c->arena, ARRAY_LEN(way) + 1, struct portal_step);
    int at = place_on_way(status);
    if (status == PORTAL_SUPPLEMENT && !x->at_us[1])
        at = 1; /* asked before it was accepted */
    if (at < 0) {
        s[0] = (struct portal_step){portal_status_word(c, PORTAL_NEW),
                                    time_show(c->arena, filed_us), true, false};
        s[1] = (struct portal_step){portal_status_word(c, status), "", false, true};
        return (struct list){s, 2};
    }
    for (int i = 0; i < (int)ARRAY_LEN(way); i++) {
        bool now = i == at;
        s[i] = (struct portal_step){
            .title = portal_status_word(c, now && status != way[i] ? status : way[i]),
            .when = i == 0            ? time_show(c->arena, filed_us)
                    : x->at_us[i] > 0 ? time_show(c->arena, x->at_us[i])
                                      : "",
            .done = i < at || (now && status == PORTAL_RETURNED),
            .now = now && status != PORTAL_RETURNED};
    }
    return (struct list){s, ARRAY_LEN(way)};
}

const char *portal_notice_of(struct ctx *c, int64_t status)
{
    switch (status) {
    case PORTAL_NEW: return tell(c, TX(portal_notice_new));
    case PORTAL_REFUSED: return tell(c, TX(portal_notice_refused));
    case PORTAL_SUPPLEMENT: return tell(c, TX(portal_notice_supplement));
    case PORTAL_WITHDRAWING: return tell(c, TX(portal_notice_withdrawing));
    case PORTAL_STOPPED: return tell(c, TX(portal_notice_stopped));
    case PORTAL_DONE: return tell(c, TX(portal_notice_done));
    case PORTAL_RETURNED: return tell(c, TX(portal_notice_returned));
    default: return tell(c, TX(portal_notice_processing));
    }
}

/* ---- a dossier of this node ---- */

static const char *act_word(struct ctx *c, const struct procedure *p, const char *name)
{
    const struct process_action *x = process_action_of(p->process, name);
    return x ? x->label[c->lang] : tell(c, TX(portal_act_filed));
}

struct portal_past portal_past_of(struct ctx *c, const struct procedure *p,
                                  const struct casework_event *e)
{
    const struct agency *unit = country_agency(c->node->country, e->actor_unit);
    const char *who =
        unit ? arena_printf(c->arena, "%s, %s", e->actor_name, unit->name[c->lang]) : e->actor_name;
    bool system = text_eq(e->actor_role, "system");
    return (struct portal_past){.at = time_show(c->arena, e->at_us),
                                .what = act_word(c, p, e->action),
                                .who = system ? tell(c, TX(portal_by_itself)) : who,
                                .reason = e->reason};
}

/* Only while it is the last thing that happened: the address may be opened again later. */
static const char *sent_of(struct ctx *c, const char *said, const struct casework_event *last)
{
    if (!text_eq(last->actor_role, "citizen") || !text_eq(last->action, said))
        return "";
    if (text_eq(said, "supplement"))
        return tell(c, TX(portal_sent_supplement));
    return tell(c, text_eq(said, "withdraw") ? TX(portal_sent_withdraw) : TX(portal_sent_collect));
}

static enum err past_here(struct ctx *c, const struct procedure *p, const struct casework_case *k,
                          const char *said, struct portal_dossier_view *v)
{
    struct reached reached = {0};
    struct casework_event e[MAX_PAST];
    size_t n = 0;
    enum err err = casework_history(c, v->code, e, MAX_PAST, &n);
    struct portal_past *past = ARENA_ARRAY(c->arena, n + 1, struct portal_past);
    for (size_t i = 0; i < n; i++) {
        const struct process_state *to = process_state_of(p->process, e[i].to);
        if (to)
            reach(&reached, to->national, e[i].at_us);
        past[i] = portal_past_of(c, p, &e[i]);
    }
    if (n && !text_eq(e[0].actor_role, "citizen")) /* shown as the agency's words */
        v->reason = e[0].reason;
    v->sent = n ? sent_of(c, said, &e[0]) : "";
    v->past = (struct list){past, n};
    v->steps = steps_of(c, k->national, k->filed_us, &reached);
    return err || k->national != PORTAL_SUPPLEMENT ? err
                                                   : portal_items(c, k, &v->reason, &v->items);
}

/* The receipt is there from the first moment: it is made when somebody asks before the job did. */
static enum err papers_here(struct ctx *c, struct portal_dossier_view *v)
{
    struct casework_document d[MAX_PAPERS];
    size_t n = 0, k = 0;
    bool receipt = false;
    enum err e = casework_documents(c, v->code, d, MAX_PAPERS, &n);
    struct portal_line *lines = ARENA_ARRAY(c->arena, n + 2, struct portal_line);
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            if (d[i].result != (pass == 0))
                continue;
            receipt = receipt || text_eq(d[i].kind, "receipt");
            lines[k++] = (struct portal_line){
                .title = onestop_paper_title(c, d[i].kind),
                .text = time_show(c->arena, d[i].at_us),
                .href = arena_printf(c->arena, "/ho-so/%s/giay/%s", v->code, d[i].kind)};
        }
    }
    if (!receipt)
        lines[k++] =
            (struct portal_line){.title = onestop_paper_title(c, "receipt"),
                                 .text = "",
                                 .href = arena_printf(c->arena, "/ho-so/%s/giay/receipt", v->code)};
    v->papers = (struct list){lines, k};
    return e;
}

static const char *clock_word(struct ctx *c, const struct casework_case *k)
{
    if (k->closed_us)
        return tell(c, TX(portal_clock_ended));
    if (k->paused_us)
        return tell(c, TX(portal_clock_paused));
    if (k->due_us < c->now_us)
        return tell(c, TX(portal_clock_late));
    int64_t minutes = calendar_minutes(c->node->calendar, c->now_us, k->due_us);
    return say(c->arena, c->lang, TX(portal_clock_left),
               arena_printf(c->arena, "%lld", (long long)((minutes + 59) / 60)), NULL, NULL);
}

static void what_may_be_done(struct ctx *c, const struct casework_case *k,
                             struct portal_dossier_view *v)
{
    const struct process_action *x[MAX_ACTIONS];
    size_t n = casework_actions(c, k, x, MAX_ACTIONS);
    for (size_t i = 0; i < n; i++) {
        v->can_supplement |= text_eq(x[i]->name, "supplement");
        v->can_withdraw |= text_eq(x[i]->name, "withdraw");
        v->can_collect |= text_eq(x[i]->name, "collect");
    }
    v->can_file_anew = portal_can_file_anew(c, k);
    v->can_rate = k->closed_us != 0 && !v->rated && !v->can_collect;
}

static struct list acts_of(struct ctx *c, const struct portal_dossier_view *v)
{
    const struct {
        bool may;
        const char *name, *method, *path;
        enum text title;
    } all[] = {{v->can_supplement, "supplement", "GET", "bo-sung", TX(portal_supplement_title)},
               {v->can_withdraw, "withdraw", "GET", "rut", TX(portal_withdraw_title)},
               {v->can_collect, "collect", "POST", "nhan", TX(portal_collect_title)},
               {v->can_file_anew, "file_anew", "POST", "nop-lai", TX(portal_anew_title)},
               {v->can_rate, "rate", "GET", "danh-gia", TX(portal_rate_title)}};
    struct next_act *a = ARENA_ARRAY(c->arena, ARRAY_LEN(all), struct next_act);
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (all[i].may)
            a[n++] = (struct next_act){all[i].name, all[i].method,
                                       arena_printf(c->arena, "/ho-so/%s/%s", v->code, all[i].path),
                                       tell(c, all[i].title)};
    return (struct list){a, n};
}

/* A supplement begun and not sent. */
static enum err unsent_of(struct ctx *c, const struct casework_case *k,
                          struct portal_dossier_view *v)
{
    struct portal_draft d;
    enum err e = v->can_supplement ? portal_supplement_draft(c, k, &d) : OK;
    if (!e && v->can_supplement && d.id)
        v->unsent = say(c->arena, c->lang, TX(portal_supplement_unsent),
                        time_show(c->arena, d.saved_us), NULL, NULL);
    return e;
}

static struct list why_of(struct ctx *c, const char *words)
{
    size_t n;
    const char **sentence = text_split(c->arena, words, '\n', &n);
    struct portal_line *lines = ARENA_ARRAY(c->arena, n + 1, struct portal_line);
    for (size_t i = 0; i < n; i++)
        lines[i].title = sentence[i];
    return (struct list){lines, n};
}

static enum err keep_of(struct ctx *c, struct portal_dossier_view *v)
{
    struct retention_told t;
    enum err e = retention_told(c, SUBJECT_CASE, v->code, &t);
    v->keep = e ? "" : retention_words(c, &t);
    return e;
}

static enum err dossier_here(struct ctx *c, struct req *r)
{
    struct casework_case k;
    struct portal_dossier_view v;
    enum err e = casework_get(c, req_param(r, "code"), &k);
    if (e)
        return e;
    const struct procedure *p = procedure_find(c, k.procedure);
    const struct process_state *s = process_state_of(p->process, k.state);
    v = (struct portal_dossier_view){.code = k.code,
                                     .name = p->name[c->lang],
                                     .title = k.title,
                                     .unit = country_agency_name(c->node->country, k.unit, c->lang),
                                     .status = portal_status_word(c, k.national),
                                     .status_colour = portal_status_colour(k.national),
                                     .state = s ? s->label[c->lang] : "",
                                     .filed = time_show(c->arena, k.filed_us),
                                     .due = time_show(c->arena, k.due_us),
                                     .clock = clock_word(c, &k),
                                     .notice = portal_notice_of(c, k.national),
                                     .reason = "",
                                     .unsent = "",
                                     .sent = "",
                                     .version = k.version,
                                     .why = why_of(c, k.due_words[c->lang])};
    v.live = portal_live_path(c, k.code);
    bool rated = false;
    e = portal_store_rated(c, k.code, &rated);
    v.rated = rated;
    if (!e)
        e = past_here(c, p, &k, req_query(r, "xong"), &v);
    if (!e)
        e = papers_here(c, &v);
    if (!e)
        e = keep_of(c, &v);
    what_may_be_done(c, &k, &v);
    v.acts = acts_of(c, &v);
    e = e ? e : unsent_of(c, &k, &v);
    if (e)
        return e;
    return c->n_faults ? answer_again(c, r, &portal_dossier_shape, &v, portal_dossier_html)
                       : answer(c, r, 200, &portal_dossier_shape, &v, portal_dossier_html);
}

/* ---- a dossier of another node, as it told ---- */

static enum err past_told(struct ctx *c, const struct portal_dossier *d,
                          struct portal_dossier_view *v)
{
    struct reached reached = {0};
    struct portal_event e[MAX_PAST];
    size_t n = 0;
    enum err err = portal_store_events(c, v->code, e, MAX_PAST, &n);
    struct portal_past *past = ARENA_ARRAY(c->arena, n + 1, struct portal_past);
    for (size_t i = 0; i < n; i++) {
        reach(&reached, e[i].status, e[i].at_us);
        past[i] = (struct portal_past){.at = time_show(c->arena, e[i].at_us),
                                       .what = e[i].label[c->lang],
                                       .who = v->unit,
                                       .reason = e[i].reason};
    }
    v->past = (struct list){past, n};
    v->steps = steps_of(c, d->status, d->filed_us, &reached);
    return err;
}

static enum err dossier_told(struct ctx *c, struct req *r)
{
    struct portal_dossier d;
    enum err e = portal_store_dossier(c, req_param(r, "code"), &d);
    if (!e)
        e = access_note(c, d.person, "dossier", d.code, "");
    if (e)
        return e;
    const struct procedure *p = procedure_find(c, d.procedure);
    const struct node_peer *peer = node_peer_of(c->node, d.unit);
    const char *path = arena_printf(c->arena, "/ho-so/%s", d.code);
    struct portal_dossier_view v = {.code = d.code,
                                    .name = p ? p->name[c->lang] : d.procedure_name,
                                    .title = "",
                                    .unit = d.unit_name,
                                    .status = portal_status_word(c, d.status),
                                    .status_colour = portal_status_colour(d.status),
                                    .state = d.label[c->lang],
                                    .filed = time_show(c->arena, d.filed_us),
                                    .due = time_show(c->arena, d.due_us),
                                    .clock = "",
                                    .notice = portal_notice_of(c, d.status),
                                    .reason = d.reason,
                                    .unsent = "",
                                    .sent = "",
                                    .version = d.version,
                                    .there = peer ? portal_there(c->arena, peer, path) : NULL};
    v.live = portal_live_path(c, d.code);
    e = past_told(c, &d, &v);
    if (!e)
        e = keep_of(c, &v);
    return e ? e : answer(c, r, 200, &portal_dossier_shape, &v, portal_dossier_html);
}

enum err portal_dossier(struct ctx *c, struct req *r)
{
    c->matter = req_param(r, "code");
    return portal_files_here(c->node) ? dossier_here(c, r) : dossier_told(c, r);
}

enum err portal_paper(struct ctx *c, struct req *r)
{
    struct file f;
    struct bytes content;
    c->matter = req_param(r, "code");
    enum err e = onestop_paper(c, c->matter, req_param(r, "kind"), &f, &content);
    return e ? e : answer_bytes(c, r, f.type, f.name, content);
}
