/* SPDX-License-Identifier: Apache-2.0 */
/* The administrators' pages: the accounts of the node, one of them, what is done to it. */
#include "base/text.h"
#include "core/country.h"
#include "engine/identity/identity_admin_views.h"
#include "gen/html.h"

#define LIST      "/quan-tri/tai-khoan"
#define PAGE_ROWS 25
#define SESSIONS  20
#define PAST      20
#define CITIZENS  "nguoi-dan"
#define REASON_OF(s)                                                                               \
    SHAPE_STRING(s, reason, KIND_LONG_TEXT, TX(identity_field_reason), .min = 5, .max = 500,       \
                 .flags = F_REQUIRED)

SHAPE(identity_admin_line_shape, struct identity_admin_line,
      SHAPE_TEXT(struct identity_admin_line, id, TX(identity_field_account), .max = 26),
      SHAPE_TEXT(struct identity_admin_line, username, TX(identity_field_username), .max = 64),
      SHAPE_TEXT(struct identity_admin_line, name, TX(identity_admin_initials), .max = 200),
      SHAPE_TEXT(struct identity_admin_line, state, TX(identity_admin_state), .max = 60),
      SHAPE_TEXT(struct identity_admin_line, href, TX(identity_admin_address), .max = 200));
SHAPE(identity_admin_list_shape, struct identity_admin_list_view,
      SHAPE_TEXT(struct identity_admin_list_view, next, TX(identity_admin_next), .max = 4096),
      SHAPE_LIST(struct identity_admin_list_view, rows, &identity_admin_line_shape,
                 TX(identity_admin_title)));
SHAPE(identity_seeking_shape, struct identity_seeking,
      SHAPE_TEXT(struct identity_seeking, tim, TX(identity_admin_words), .max = 100,
                 .flags = F_PERSONAL));
SHAPE(identity_admin_held_shape, struct identity_admin_held,
      SHAPE_TEXT(struct identity_admin_held, id, TX(identity_field_post), .max = 26),
      SHAPE_TEXT(struct identity_admin_held, role, TX(identity_account_role), .max = 200),
      SHAPE_TEXT(struct identity_admin_held, unit, TX(identity_account_unit), .max = 200));
SHAPE(identity_admin_session_shape, struct identity_admin_session,
      SHAPE_TEXT(struct identity_admin_session, browser, TX(identity_admin_browser), .max = 200),
      SHAPE_TEXT(struct identity_admin_session, began, TX(identity_sessions_began), .max = 40),
      SHAPE_TEXT(struct identity_admin_session, seen, TX(identity_sessions_seen), .max = 40));
SHAPE(identity_admin_past_shape, struct identity_admin_past,
      SHAPE_TEXT(struct identity_admin_past, at, TX(identity_admin_at), .max = 40),
      SHAPE_TEXT(struct identity_admin_past, what, TX(identity_admin_what), .max = 200),
      SHAPE_TEXT(struct identity_admin_past, about, TX(identity_admin_about), .max = 500),
      SHAPE_TEXT(struct identity_admin_past, who, TX(identity_admin_who), .max = 200),
      SHAPE_TEXT(struct identity_admin_past, reason, TX(identity_field_reason), .max = 500));
SHAPE(identity_admin_shape, struct identity_admin_view,
      SHAPE_TEXT(struct identity_admin_view, id, TX(identity_field_account), .max = 26),
      SHAPE_TEXT(struct identity_admin_view, username, TX(identity_field_username), .max = 64),
      SHAPE_TEXT(struct identity_admin_view, name, TX(identity_admin_initials), .max = 200),
      SHAPE_TEXT(struct identity_admin_view, kind, TX(identity_admin_kind), .max = 60),
      SHAPE_TEXT(struct identity_admin_view, state, TX(identity_admin_state), .max = 60),
      SHAPE_NUMBER(struct identity_admin_view, disabled, KIND_BOOL, TX(identity_admin_locked)),
      SHAPE_NUMBER(struct identity_admin_view, self, KIND_BOOL, TX(identity_admin_own)),
      SHAPE_LIST(struct identity_admin_view, posts, &identity_admin_held_shape,
                 TX(identity_admin_posts)),
      SHAPE_LIST(struct identity_admin_view, sessions, &identity_admin_session_shape,
                 TX(identity_sessions_title)),
      SHAPE_LIST(struct identity_admin_view, past, &identity_admin_past_shape,
                 TX(identity_admin_past)));
SHAPE(identity_reason_shape, struct identity_reason, REASON_OF(struct identity_reason));
SHAPE(identity_appoint_shape, struct identity_appoint,
      SHAPE_STRING(struct identity_appoint, role, KIND_CODE, TX(identity_account_role), .max = 60,
                   .flags = F_REQUIRED),
      SHAPE_TEXT(struct identity_appoint, unit, TX(identity_field_unit), .max = 35,
                 .flags = F_REQUIRED),
      REASON_OF(struct identity_appoint));
SHAPE(identity_role_shape, struct choice,
      SHAPE_TEXT(struct choice, code, TX(identity_admin_role_code), .max = 60),
      SHAPE_TEXT(struct choice, label, TX(identity_account_role), .max = 200));
SHAPE(identity_appoint_page_shape, struct identity_appoint_view,
      SHAPE_TEXT(struct identity_appoint_view, id, TX(identity_field_account), .max = 26),
      SHAPE_TEXT(struct identity_appoint_view, username, TX(identity_field_username), .max = 64),
      SHAPE_LIST(struct identity_appoint_view, roles, &identity_role_shape,
                 TX(identity_admin_roles)));
SHAPE(identity_once_shape, struct identity_once_view,
      SHAPE_TEXT(struct identity_once_view, username, TX(identity_field_username), .max = 64),
      SHAPE_TEXT(struct identity_once_view, password, TX(identity_admin_once), .max = 60),
      SHAPE_TEXT(struct identity_once_view, until, TX(identity_admin_until), .max = 40));

static const char *say(const struct ctx *c, enum text t)
{
    return text_get(t, c->lang);
}

/* ---- the list ---- */

static const char *state_of(const struct ctx *c, bool disabled, bool once)
{
    return say(c, disabled ? TX(identity_admin_is_locked)
                  : once   ? TX(identity_admin_is_once)
                           : TX(identity_admin_is_open));
}

static const char *next_page(struct ctx *c, const struct identity_asking *q, const char *last)
{
    struct buf b = buf_new(c->arena, 2000);
    buf_printf(&b, LIST "?truoc=%s", last);
    if (q->kind == ACTOR_CITIZEN)
        buf_text(&b, "&loai=" CITIZENS);
    if (!text_empty(q->words))
        buf_printf(&b, "&%s", web_asked(c, LIST, "tim", q->words));
    return b.ptr;
}

enum err identity_admin_list(struct ctx *c, struct req *r)
{
    struct identity_account a[PAGE_ROWS + 1];
    size_t n = 0;
    bool citizens = text_eq(req_query(r, "loai"), CITIZENS);
    struct identity_asking q = {.kind = citizens ? ACTOR_CITIZEN : ACTOR_OFFICIAL,
                                .words = req_query(r, "tim"),
                                .before = req_query(r, "truoc")};
    struct identity_admin_list_view v = {.words = q.words, .citizens = citizens};
    enum err e = identity_admin_reach(c);
    if (!e)
        e = identity_store_list(c, &q, a, PAGE_ROWS + 1, &n);
    if (e)
        return e;
    if (n > PAGE_ROWS)
        v.next = next_page(c, &q, a[PAGE_ROWS - 1].id);
    n = n > PAGE_ROWS ? PAGE_ROWS : n;
    struct identity_admin_line *lines = ARENA_ARRAY(c->arena, n + 1, struct identity_admin_line);
    for (size_t i = 0; i < n; i++)
        lines[i] =
            (struct identity_admin_line){.id = a[i].id,
                                         .username = a[i].username,
                                         .name = text_initials(c->arena, a[i].name),
                                         .state = state_of(c, a[i].disabled, false),
                                         .colour = a[i].disabled ? "red" : "green",
                                         .href = arena_printf(c->arena, LIST "/%s", a[i].id)};
    v.rows = (struct list){lines, n};
    return answer(c, r, 200, &identity_admin_list_shape, &v, identity_admin_list_html);
}

/* ---- one account ---- */

static enum err posts_of(struct ctx *c, const char *account, struct list *ret)
{
    struct identity_grant g[IDENTITY_MAX_POSTS];
    size_t n = 0;
    enum err e = identity_store_posts(c, account, g, ARRAY_LEN(g), &n);
    struct identity_admin_held *v = ARENA_ARRAY(c->arena, n + 1, struct identity_admin_held);
    for (size_t i = 0; i < n; i++)
        v[i] = (struct identity_admin_held){
            g[i].id, country_role_name(c->node->country, g[i].role, c->lang),
            country_agency_name(c->node->country, g[i].unit, c->lang)};
    *ret = (struct list){v, n};
    return e;
}

static enum err sessions_of(struct ctx *c, const char *account, struct list *ret)
{
    struct session s[SESSIONS];
    size_t n = 0;
    enum err e = session_list(c, account, s, SESSIONS, &n);
    struct identity_admin_session *v = ARENA_ARRAY(c->arena, n + 1, struct identity_admin_session);
    for (size_t i = 0; i < n; i++)
        v[i] = (struct identity_admin_session){identity_browser(c, s[i].agent),
                                               time_show(c->arena, s[i].created_us),
                                               time_show(c->arena, s[i].seen_us)};
    *ret = (struct list){v, n};
    return e;
}

static const char *what_of(const struct ctx *c, const char *action)
{
    static const struct {
        const char *action;
        enum text text;
    } rows[] = {
        {"disable", TX(identity_admin_did_disable)},   {"enable", TX(identity_admin_did_enable)},
        {"give", TX(identity_admin_did_give)},         {"end", TX(identity_admin_did_end)},
        {"sessions", TX(identity_admin_did_sessions)}, {"once", TX(identity_admin_did_once)},
        {"factor", TX(identity_admin_did_factor)}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (text_eq(rows[i].action, action))
            return say(c, rows[i].text);
    return action;
}

/* "commune_clerk@H57.31.08" as people read it. */
static const char *about_of(struct ctx *c, const char *about)
{
    size_t n = 0;
    const char **part = text_split(c->arena, about, '@', &n);
    return n == 2 ? arena_printf(c->arena, "%s · %s",
                                 country_role_name(c->node->country, part[0], c->lang),
                                 country_agency_name(c->node->country, part[1], c->lang))
                  : "";
}

static enum err past_of(struct ctx *c, struct req *r, struct identity_admin_view *v)
{
    struct identity_act a[PAST];
    size_t n = 0;
    enum err e = identity_store_acts(c, v->id, a, PAST, &n);
    struct identity_admin_past *past = ARENA_ARRAY(c->arena, n + 1, struct identity_admin_past);
    for (size_t i = 0; i < n; i++)
        past[i] =
            (struct identity_admin_past){time_show(c->arena, a[i].at_us), what_of(c, a[i].action),
                                         about_of(c, a[i].about), a[i].actor, a[i].reason};
    v->past = (struct list){past, n};
    /* the address tells of the last act; it can't claim another */
    bool done = n && text_eq(a[0].action, req_query(r, "xong"));
    v->done = done ? past[0].what : "";
    return e;
}

/* The account that the address names. */
static enum err account_of(struct ctx *c, const struct req *r, struct identity_row *ret)
{
    const char *id = req_param(r, "id");
    bool found = false;
    *ret = (struct identity_row){0};
    enum err e = identity_admin_reach(c);
    if (!e)
        e = identity_store_account(c, id, &found, ret);
    return e || found ? e : fail(c, ERR_NOT_FOUND, "id", id);
}

enum err identity_admin_about(struct ctx *c, struct req *r, const char **ret_line)
{
    struct identity_row w;
    enum err e = account_of(c, r, &w);
    if (e)
        return e;
    bool official = w.a.kind == ACTOR_OFFICIAL;
    *ret_line = arena_printf(c->arena, "%s · %s",
                             official ? w.a.username : say(c, TX(identity_admin_citizens)),
                             text_initials(c->arena, w.a.name));
    return OK;
}

enum err identity_admin_about_post(struct ctx *c, struct req *r, const char **ret_line)
{
    struct identity_grant g = {0};
    const char *who = "";
    bool found = false;
    enum err e = identity_admin_about(c, r, &who);
    if (!e)
        e = identity_store_grant(c, req_param(r, "post"), &found, &g);
    if (e)
        return e;
    bool theirs = found && text_eq(g.account, req_param(r, "id"));
    *ret_line = theirs ? arena_printf(c->arena, "%s · %s · %s", who,
                                      country_role_name(c->node->country, g.role, c->lang),
                                      country_agency_name(c->node->country, g.unit, c->lang))
                       : who;
    return OK;
}

static enum err view_of(struct ctx *c, struct req *r, struct identity_admin_view *v)
{
    struct identity_row w;
    enum err e = account_of(c, r, &w);
    if (e)
        return e;
    bool official = w.a.kind == ACTOR_OFFICIAL;
    *v = (struct identity_admin_view){
        .id = w.a.id,
        .username = w.a.username,
        .name = text_initials(c->arena, w.a.name),
        .kind = say(c, official ? TX(identity_admin_officials) : TX(identity_admin_citizens)),
        .state = state_of(c, w.a.disabled, w.once_us != 0),
        .colour = w.a.disabled ? "red"
                  : w.once_us  ? "yellow"
                               : "green",
        .disabled = w.a.disabled,
        .self = text_eq(w.a.id, c->actor->account),
        .official = official,
        .factor = w.factor,
        .password = official && !text_empty(w.a.username)};
    e = posts_of(c, w.a.id, &v->posts);
    if (!e)
        e = sessions_of(c, w.a.id, &v->sessions);
    return e ? e : past_of(c, r, v);
}

enum err identity_admin_account(struct ctx *c, struct req *r)
{
    struct identity_admin_view v;
    enum err e = view_of(c, r, &v);
    return e ? e : answer(c, r, 200, &identity_admin_shape, &v, identity_admin_html);
}

enum err identity_admin_again(struct ctx *c, struct req *r)
{
    struct identity_admin_view v;
    enum err e = view_of(c, r, &v);
    return e ? e : answer_again(c, r, &identity_admin_shape, &v, identity_admin_html);
}

/* ---- acts ---- */

static enum err done(struct ctx *c, struct req *r, enum err e, const char *action)
{
    return e ? e
             : answer_redirect(
                   c, r, arena_printf(c->arena, LIST "/%s?xong=%s", req_param(r, "id"), action));
}

static const char *reason_of(const struct req *r)
{
    return ((const struct identity_reason *)r->in)->reason;
}

enum err identity_admin_lock(struct ctx *c, struct req *r)
{
    enum err e = identity_admin_disable(c, req_param(r, "id"), true, reason_of(r));
    return done(c, r, e, "disable");
}

enum err identity_admin_open(struct ctx *c, struct req *r)
{
    enum err e = identity_admin_disable(c, req_param(r, "id"), false, reason_of(r));
    return done(c, r, e, "enable");
}

enum err identity_admin_sign_out(struct ctx *c, struct req *r)
{
    enum err e = identity_admin_sessions(c, req_param(r, "id"), reason_of(r));
    return done(c, r, e, "sessions");
}

enum err identity_admin_unfactor(struct ctx *c, struct req *r)
{
    enum err e = identity_admin_factor(c, req_param(r, "id"), reason_of(r));
    return done(c, r, e, "factor");
}

enum err identity_admin_take(struct ctx *c, struct req *r)
{
    enum err e = identity_admin_end(c, req_param(r, "id"), req_param(r, "post"), reason_of(r));
    return done(c, r, e, "end");
}

/* ---- a post ---- */

static enum err form_of(struct ctx *c, struct req *r, struct identity_appoint_view *v)
{
    struct identity_row w;
    const struct country *k = c->node->country;
    const char *role;
    size_t n = 0;
    enum err e = account_of(c, r, &w);
    if (e)
        return e;
    while (country_role_at(k, n))
        n++;
    struct choice *roles = ARENA_ARRAY(c->arena, n + 1, struct choice);
    *v = (struct identity_appoint_view){
        .in = {"", "", ""}, .id = w.a.id, .username = w.a.username, .roles = {roles, 0}};
    for (size_t i = 0; (role = country_role_at(k, i)); i++)
        if (country_role_reach(k, role) != REACH_SELF)
            roles[v->roles.n++] = (struct choice){role, country_role_name(k, role, c->lang)};
    return OK;
}

enum err identity_admin_post(struct ctx *c, struct req *r)
{
    struct identity_appoint_view v;
    enum err e = form_of(c, r, &v);
    return e ? e : answer(c, r, 200, &identity_appoint_page_shape, &v, identity_appoint_html);
}

enum err identity_admin_post_again(struct ctx *c, struct req *r)
{
    struct identity_appoint_view v;
    enum err e = form_of(c, r, &v);
    return e ? e : answer_again(c, r, &identity_appoint_shape, &v, identity_appoint_html);
}

enum err identity_admin_appoint(struct ctx *c, struct req *r)
{
    const struct identity_appoint *in = r->in;
    enum err e = identity_admin_give(c, req_param(r, "id"), in->role, in->unit, in->reason);
    return done(c, r, e, "give");
}

/* ---- a one-time password ---- */

struct once {
    const char *password, *phc;
};

enum err identity_admin_password_prepare(struct ctx *c, struct req *r)
{
    struct once *o = ARENA_NEW(c->arena, struct once);
    r->kept = o;
    return identity_once_new(c, &o->password, &o->phc);
}

enum err identity_admin_password(struct ctx *c, struct req *r)
{
    const struct once *o = r->kept;
    struct identity_row w = {0};
    const char *id = req_param(r, "id");
    bool found = false;
    enum err e = identity_admin_once(c, id, o->phc, reason_of(r));
    if (!e)
        e = identity_store_account(c, id, &found, &w);
    if (e)
        return e;
    struct identity_once_view v = {.id = id,
                                   .username = w.a.username,
                                   .password = o->password,
                                   .until = time_show(c->arena, w.once_us)};
    return answer(c, r, 200, &identity_once_shape, &v, identity_once_html);
}
