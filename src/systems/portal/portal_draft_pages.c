/* SPDX-License-Identifier: Apache-2.0 */
/* Drafts: the list, the task list of one, a group a page. */
#include "base/text.h"
#include "core/say.h"
#include "gen/html.h"
#include "systems/portal/portal_views.h"

#define MAX_DRAFTS (2 * PORTAL_MOST_DRAFTS) /* supplements, too */

static const char *tell(const struct ctx *c, enum text t)
{
    return text_get(t, c->lang);
}

static const char *path_of(struct ctx *c, const char *id, const char *rest)
{
    return arena_printf(c->arena, "/ban-nhap/%s%s%s", id, *rest ? "/" : "", rest);
}

const char *portal_draft_path(struct ctx *c, const struct portal_draft *d)
{
    return text_empty(d->supplements) ? path_of(c, d->id, "")
                                      : arena_printf(c->arena, "/ho-so/%s/bo-sung", d->supplements);
}

const char *portal_draft_title(struct ctx *c, const struct portal_draft *d)
{
    return text_empty(d->supplements)
               ? d->procedure->name[c->lang]
               : say(c->arena, c->lang, TX(portal_supplement_of), d->supplements, NULL, NULL);
}

enum err portal_drafts(struct ctx *c, struct req *r)
{
    struct portal_draft d[MAX_DRAFTS];
    size_t n = 0;
    enum err e = portal_store_drafts(c, d, MAX_DRAFTS, &n);
    struct portal_line *lines = ARENA_ARRAY(c->arena, n + 1, struct portal_line);
    for (size_t i = 0; i < n; i++)
        lines[i] =
            (struct portal_line){.title = portal_draft_title(c, &d[i]),
                                 .text = say(c->arena, c->lang, TX(portal_draft_saved),
                                             time_show(c->arena, d[i].saved_us),
                                             day_show(c->arena, local_day(d[i].expires_us)), NULL),
                                 .href = portal_draft_path(c, &d[i])};
    struct portal_drafts_view v = {.rows = {lines, n}};
    return e ? e : answer(c, r, 200, &portal_drafts_shape, &v, portal_drafts_html);
}

/* ---- the task list ---- */

static const char *const state_names[] = {
    [GROUP_TO_DO] = "to_do", [GROUP_KNOWN] = "known", [GROUP_DONE] = "done"};

static const char *state_word(const struct ctx *c, enum portal_state s)
{
    if (s == GROUP_DONE)
        return tell(c, TX(portal_state_done));
    return tell(c, s == GROUP_KNOWN ? TX(portal_state_known) : TX(portal_state_to_do));
}

/* Where a draft that was filed leads to. */
static enum err go_to_dossier(struct ctx *c, struct req *r, const struct portal_draft *d)
{
    return answer_redirect(c, r, arena_printf(c->arena, "/ho-so/%s/da-nop", d->code));
}

static struct list groups_of(struct ctx *c, const char *id, const struct portal_group *g, size_t n)
{
    struct portal_task *t = ARENA_ARRAY(c->arena, n + 1, struct portal_task);
    for (size_t i = 0; i < n; i++)
        t[i] = (struct portal_task){g[i].name, g[i].label, state_names[g[i].state],
                                    state_word(c, g[i].state), path_of(c, id, g[i].name)};
    return (struct list){t, n};
}

static struct list draft_acts(struct ctx *c, const char *id)
{
    struct next_act *a = ARENA_ARRAY(c->arena, 2, struct next_act);
    a[0] = (struct next_act){"review", "GET", path_of(c, id, "xem-lai"),
                             tell(c, TX(portal_draft_review))};
    a[1] = (struct next_act){"drop", "POST", path_of(c, id, "bo"), tell(c, TX(portal_draft_drop))};
    return (struct list){a, 2};
}

enum err portal_draft_page(struct ctx *c, struct req *r)
{
    struct portal_draft d;
    struct portal_group g[PORTAL_GROUPS];
    enum err e = portal_store_draft(c, req_param(r, "id"), &d);
    if (e)
        return e;
    if (!text_empty(d.code))
        return go_to_dossier(c, r, &d);
    size_t n = portal_groups(c, &d, g, PORTAL_GROUPS), done = 0;
    struct page_task *tasks = ARENA_ARRAY(c->arena, n + 1, struct page_task);
    for (size_t i = 0; i < n; i++) {
        tasks[i] = (struct page_task){.title = g[i].label,
                                      .href = path_of(c, d.id, g[i].name),
                                      .state = state_word(c, g[i].state),
                                      .done = g[i].state == GROUP_DONE};
        done += g[i].state == GROUP_DONE;
    }
    struct portal_draft_view v = {.id = d.id,
                                  .name = d.procedure->name[c->lang],
                                  .code = d.procedure->code,
                                  .saved = time_show(c->arena, d.saved_us),
                                  .expires = day_show(c->arena, local_day(d.expires_us)),
                                  .progress = say(c->arena, c->lang, TX(portal_draft_progress),
                                                  arena_printf(c->arena, "%zu", done),
                                                  arena_printf(c->arena, "%zu", n), NULL),
                                  .unreachable = d.unreachable,
                                  .ready = portal_complete(c, d.procedure->form, d.form),
                                  .tasks = tasks,
                                  .n_tasks = n,
                                  .groups = groups_of(c, d.id, g, n),
                                  .acts = draft_acts(c, d.id)};
    return answer(c, r, 200, &portal_draft_shape, &v, portal_draft_html);
}

enum err portal_draft_drop(struct ctx *c, struct req *r)
{
    enum err e = portal_store_draft_drop(c, req_param(r, "id"));
    return e ? e : answer_redirect(c, r, "/ban-nhap");
}

/* ---- a group ---- */

struct at { /* where in a draft a request is */
    struct portal_draft d;
    struct portal_group groups[PORTAL_GROUPS];
    size_t n, i;
    const struct shape *shape;
};

static enum err find(struct ctx *c, struct req *r, struct at *at)
{
    const char *name = req_param(r, "group");
    enum err e = portal_store_draft(c, req_param(r, "id"), &at->d);
    if (e)
        return e;
    at->n = portal_groups(c, &at->d, at->groups, PORTAL_GROUPS);
    for (at->i = 0; at->i < at->n; at->i++)
        if (text_eq(at->groups[at->i].name, name))
            break;
    if (at->i == at->n)
        return fail(c, ERR_NOT_FOUND, "group", name);
    at->shape = shape_group(c->arena, at->d.procedure->form, name);
    return OK;
}

static bool has_files(const struct shape *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->fields[i].kind == KIND_FILE)
            return true;
    return false;
}

/* Confirming sends _version and _dung alone. */
static struct list group_acts(struct ctx *c, const struct portal_group_view *v)
{
    struct next_act *a = ARENA_ARRAY(c->arena, 4, struct next_act);
    size_t n = 0;
    if (v->look_over)
        a[n++] = (struct next_act){"confirm", "POST", v->action, tell(c, TX(portal_known_right))};
    if (v->look_over)
        a[n++] = (struct next_act){"change", "GET", arena_printf(c->arena, "%s?sua=1", v->action),
                                   tell(c, TX(portal_known_wrong))};
    a[n++] = (struct next_act){"save", "POST", v->action, tell(c, TX(portal_group_save))};
    a[n++] = (struct next_act){"keep", "POST", v->save, tell(c, TX(portal_autosave_title))};
    return (struct list){a, n};
}

static struct portal_group_view view_of(struct ctx *c, const struct at *at)
{
    const struct portal_group *g = &at->groups[at->i];
    const struct portal_draft *d = &at->d;
    return (struct portal_group_view){
        .id = d->id,
        .label = g->label,
        .hint = d->unreachable ? "" : g->hint,
        .name = d->procedure->name[c->lang],
        .step =
            say(c->arena, c->lang, TX(portal_group_step), arena_printf(c->arena, "%zu", at->i + 1),
                arena_printf(c->arena, "%zu", at->n), NULL),
        .action = path_of(c, d->id, g->name),
        .save = path_of(c, d->id, arena_printf(c->arena, "luu?nhom=%s", g->name)),
        .version = d->version,
        .upload = has_files(at->shape),
        .unreachable = d->unreachable,
        .look_over = g->state == GROUP_KNOWN,
        .procedure = d->procedure,
        .shape = at->shape,
        .form = d->form,
        .known = d->known};
}

enum err portal_group_page(struct ctx *c, struct req *r)
{
    struct at at;
    enum err e = find(c, r, &at);
    if (e)
        return e;
    if (!text_empty(at.d.code))
        return go_to_dossier(c, r, &at.d);
    struct portal_group_view v = view_of(c, &at);
    v.look_over = v.look_over && text_empty(req_query(r, "sua"));
    v.asked = portal_asks(c, r, v.shape, v.form, v.procedure, v.known);
    v.acts = group_acts(c, &v);
    return answer(c, r, 200, &portal_group_shape, &v,
                  v.look_over ? portal_known_html : portal_group_html);
}

enum err portal_group_again(struct ctx *c, struct req *r)
{
    struct at at;
    enum err e = find(c, r, &at);
    if (e)
        return e;
    struct portal_group_view v = view_of(c, &at);
    return answer_again(c, r, &portal_group_shape, &v, portal_group_html);
}

struct group_reading {
    struct req *r;
    struct at at;
    struct portal_taken taken;
};

static enum err read_group(struct ctx *c, void *arg)
{
    struct group_reading *g = arg;
    return find(c, g->r, &g->at);
}

static bool same_version(struct req *r, const struct portal_draft *d)
{
    return ((const struct portal_save *)r->in)->_version == d->version;
}

/* A draft that changed meanwhile is left alone: the handler says so. */
static enum err keep_files(struct ctx *c, void *arg)
{
    struct group_reading *g = arg;
    enum err e = find(c, g->r, &g->at);
    if (e || !same_version(g->r, &g->at.d) || !text_empty(g->at.d.code))
        return e;
    portal_drop_files(g->r, g->at.shape, g->at.d.form, NULL);
    e = portal_keep_files(c, &g->taken, g->at.shape, &g->at.d);
    e = e ? e : portal_draft_keep(c, &g->at.d);
    g->r->files_kept = e == OK;
    return e;
}

/* Files are looked into and stored before the handler; what is sound of them stays with the draft
   whatever becomes of the other fields, as what is typed does while typing; so goes what is to. */
enum err portal_group_prepare(struct ctx *c, struct req *r)
{
    struct group_reading g = {.r = r};
    if (!r->n_uploads && !portal_file_goes(r))
        return OK;
    enum err e = db_read(c, c->node->db, read_group, &g);
    enum err bad = e ? e : portal_take_files(c, r, g.at.shape, &g.taken);
    bool moves = !e && (g.taken.n || portal_file_goes(r));
    if (moves && (!bad || err_row(bad)->status < 500))
        e = db_write(c, c->node->db, keep_files, &g);
    return e ? e : bad;
}

/* The next group that isn't gone through yet; after the last the review. */
static const char *next_of(struct ctx *c, struct at *at)
{
    at->n = portal_groups(c, &at->d, at->groups, PORTAL_GROUPS);
    for (size_t k = 1; k <= at->n; k++) {
        const struct portal_group *g = &at->groups[(at->i + k) % at->n];
        if (g->state != GROUP_DONE)
            return path_of(c, at->d.id, g->name);
    }
    return path_of(c, at->d.id, "xem-lai");
}

/* What the register filled in was only confirmed: nothing was typed. */
static bool looked_over(struct req *r, const struct at *at)
{
    return at->groups[at->i].state != GROUP_TO_DO && ((const struct portal_save *)r->in)->_dung;
}

enum err portal_group_save(struct ctx *c, struct req *r)
{
    struct at at;
    enum err e = find(c, r, &at);
    if (e)
        return e;
    if (!same_version(r, &at.d) || !text_empty(at.d.code))
        return fail(c, ERR_DRAFT_CHANGED, "");
    e = looked_over(r, &at) ? OK : portal_typed(c, r, at.shape, at.d.form);
    if (e)
        return e;
    portal_work_out(c, at.d.procedure, at.d.form);
    portal_mark_done(c, &at.d, at.groups[at.i].name);
    e = portal_store_draft_save(c, &at.d, true);
    return e ? e : answer_redirect(c, r, next_of(c, &at));
}

/* While typing: what is sound so far, without a word about the rest; the page's own version stays
   good, another tab's doesn't. */
enum err portal_autosave(struct ctx *c, struct req *r)
{
    struct portal_draft d;
    enum err e = portal_store_draft(c, req_param(r, "id"), &d);
    if (e)
        return e;
    if (!same_version(r, &d) || !text_empty(d.code))
        return fail(c, ERR_DRAFT_CHANGED, "");
    const struct shape *s = shape_group(c->arena, d.procedure->form, req_query(r, "nhom"));
    portal_typed_so_far(c, r, s, d.form);
    portal_work_out(c, d.procedure, d.form);
    e = portal_store_draft_save(c, &d, false);
    return e ? e
             : answer_json(
                   c, r, 200,
                   bytes_of(arena_printf(c->arena, "{\"version\":%lld}", (long long)d.version)));
}
