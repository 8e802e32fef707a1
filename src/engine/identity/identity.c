/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "core/audit.h"
#include "core/country.h"
#include "engine/identity/identity_admin.h"
#include "engine/identity/identity_factor.h"
#include "engine/identity/identity_notice.h"
#include "engine/identity/identity_out.h"

#define USERNAME_MAX 64

const char *identity_username(struct arena *a, const char *typed)
{
    char *out = arena_text(a, typed ? typed : "");
    for (char *p = out; *p; p++) {
        unsigned char ch = (unsigned char)*p;
        if (!isalnum(ch) && ch != '.' && ch != '-' && ch != '_' && ch != '@')
            return "";
        *p = (char)tolower(ch);
    }
    return text_chars(out) <= USERNAME_MAX ? out : "";
}

/* Only a path on this node: one slash at the start, no scheme, no backslash. */
const char *identity_safe_path(struct ctx *c, const char *path)
{
    return path_is_own(path) ? arena_text(c->arena, path) : "/";
}

enum err identity_actor_of(struct ctx *c, const struct session *s, struct actor *ret_actor)
{
    struct identity_row w = {0};
    bool found = false, holds = true;
    *ret_actor = actor_nobody;
    if (text_empty(s->account))
        return OK;
    enum err e = identity_store_account(c, s->account, &found, &w);
    if (!e && found && w.a.kind == ACTOR_OFFICIAL)
        e = identity_store_holds(c, s->account, s->role, s->unit, &holds);
    if (e || !found || w.a.disabled || !holds)
        return e;
    bool citizen = w.a.kind == ACTOR_CITIZEN;
    const char *role = citizen ? "citizen" : s->role;
    bool shut = w.once_us || identity_factor_owed(c, &w, role);
    *ret_actor = (struct actor){
        .kind = w.a.kind,
        .account = w.a.id,
        .person = w.a.person,
        .name = w.a.name,
        .unit = citizen ? "" : s->unit,
        .unit_name = citizen ? "" : country_agency_name(c->node->country, s->unit, c->lang),
        .role = role,
        /* a one-time password opens the door, and no drawer; so does one factor of two */
        .permissions = shut ? NULL : country_role(c->node->country, role),
        .reach = country_role_reach(c->node->country, role),
        .assurance = (int)s->assurance};
    return OK;
}

enum err identity_account_disable(struct ctx *c, const char *id, bool disabled)
{
    struct audit_act act = {.action = disabled ? "identity.disable" : "identity.enable",
                            .kind = "account",
                            .object = id};
    enum err e = disabled ? identity_admin_spares(c, id) : OK;
    if (!e)
        e = identity_store_disable(c, id, disabled);
    if (!e)
        e = identity_out_all(c, id);
    return e ? e : audit_write(c, &act);
}

enum err identity_official(struct ctx *c, const char *username, const char **ret_id)
{
    bool found;
    struct identity_row w;
    enum err e = identity_store_username(c, username, &found, &w);
    if (!e && (!found || w.a.disabled || w.a.kind != ACTOR_OFFICIAL))
        e = fail(c, ERR_NOT_FOUND, "username", username);
    if (!e)
        *ret_id = w.a.id;
    return e;
}

enum err identity_grant_end(struct ctx *c, const char *grant_id)
{
    enum err e = identity_admin_spares_grant(c, grant_id);
    return e ? e : identity_store_grant_end(c, grant_id);
}

/* ---- passwords ---- */

enum err identity_password_set(struct ctx *c, const char *id, const char *phc)
{
    struct audit_act act = {.action = "identity.password", .kind = "account", .object = id};
    enum err e = identity_store_password(c, id, phc, 0);
    if (!e)
        e = identity_out_all(c, id);
    if (!e)
        e = identity_notice(c, id, "password", "");
    return e ? e : audit_write(c, &act);
}

const struct actor *identity_system(struct arena *a, const char *module, const char *unit)
{
    struct actor *x = ARENA_NEW(a, struct actor);
    *x = (struct actor){.kind = ACTOR_SYSTEM,
                        .account = module,
                        .person = "",
                        .name = module,
                        .unit = unit,
                        .unit_name = unit,
                        .role = "system",
                        .assurance = 3};
    return x;
}

enum err identity_enter(struct ctx *c, struct req *r, const struct identity_row *w,
                        const char *next)
{
    const struct identity_account *a = &w->a;
    struct identity_grant post[IDENTITY_MAX_POSTS];
    size_t n = 0;
    const char *role = "citizen", *unit = "";
    enum err sound = node_clock_sound(c);
    if (sound)
        return sound;
    if (a->kind == ACTOR_OFFICIAL) {
        enum err e = identity_store_posts(c, a->id, post, ARRAY_LEN(post), &n);
        if (e)
            return e;
        if (!n)
            return fail(c, ERR_NO_POST, "username");
        role = post[0].role;
        unit = post[0].unit;
    }
    if (!w->once_us && identity_factor_owed(c, w, role))
        next = "/tai-khoan/hai-lop";
    const char *sid = r->session ? r->session->sid : "";
    enum err e = identity_out_others(c, sid, a->id);
    if (!e)
        e = session_start(c, r, a->id, role, unit, (int)a->assurance);
    if (!e && !text_empty(sid)) /* the same browser, asked again */
        e = session_named(c, r, sid);
    struct audit_act act = {.action = "identity.sign_in", .kind = "account", .object = a->id};
    if (!e)
        e = audit_write(c, &act);
    return e ? e : answer_redirect(c, r, identity_safe_path(c, next));
}
