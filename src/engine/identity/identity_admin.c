/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/identity/identity_admin.h"
#include "base/id.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/country.h"
#include "engine/identity/identity_notice.h"
#include "engine/identity/identity_out.h"
#include "engine/identity/identity_passkey.h"

#define ONCE_GROUPS 3 /* of 5 letters: 75 bits */

/* ---- the law ---- */

enum err identity_admin_reach(struct ctx *c)
{
    return c->actor->reach == REACH_NODE ? OK : fail(c, ERR_FORBIDDEN, "role", c->actor->role);
}

static bool administers(const struct ctx *c, const char *role)
{
    const char *const *may = country_role(c->node->country, role);
    for (; may && *may; may++)
        if (text_eq(*may, IDENTITY_ADMIN))
            return true;
    return false;
}

/* Somebody must be left who can open what was locked. */
static enum err somebody_left(struct ctx *c, const char *not_account, const char *not_grant)
{
    const char *role;
    for (size_t i = 0; (role = country_role_at(c->node->country, i)); i++) {
        int64_t left = 0;
        if (!administers(c, role))
            continue;
        enum err e = identity_store_holders(c, role, not_account, not_grant, &left);
        if (e || left)
            return e;
    }
    return fail(c, ERR_LAST_ADMIN, "account");
}

enum err identity_admin_spares(struct ctx *c, const char *account)
{
    struct identity_grant g[IDENTITY_MAX_POSTS];
    size_t n = 0;
    enum err e = identity_store_posts(c, account, g, ARRAY_LEN(g), &n);
    for (size_t i = 0; i < n && !e; i++)
        if (administers(c, g[i].role))
            return somebody_left(c, account, "");
    return e;
}

enum err identity_admin_spares_grant(struct ctx *c, const char *grant)
{
    struct identity_grant g = {0};
    bool found = false;
    enum err e = identity_store_grant(c, grant, &found, &g);
    if (e || !found || !administers(c, g.role))
        return e;
    return somebody_left(c, "", grant);
}

/* Whom one may act on: anybody of the node but oneself. */
static enum err target(struct ctx *c, const char *account, struct identity_row *w)
{
    bool found = false;
    enum err e = identity_admin_reach(c);
    if (!e)
        e = identity_store_account(c, account, &found, w);
    if (!e && !found)
        e = fail(c, ERR_NOT_FOUND, "account", account);
    if (!e && text_eq(account, c->actor->account))
        e = fail(c, ERR_ADMIN_SELF, "account");
    return e;
}

static enum err official(struct ctx *c, const char *account, struct identity_row *w)
{
    enum err e = target(c, account, w);
    return e || w->a.kind == ACTOR_OFFICIAL ? e : fail(c, ERR_ADMIN_CITIZEN, "account");
}

/* The reason is kept sealed beside the trail, which holds its hash. */
static enum err told(struct ctx *c, const char *action, const char *account, const char *about,
                     const char *reason)
{
    const char *sha256;
    struct identity_act a = {.id = id_new(c->arena, c->now_us),
                             .account = account,
                             .action = action,
                             .about = about,
                             .actor = c->actor->name,
                             .reason = reason,
                             .at_us = c->now_us};
    enum err e = identity_store_act(c, &a, &sha256);
    struct audit_act act = {
        .action = "identity.admin",
        .kind = "account",
        .object = account,
        .detail = arena_printf(
            c->arena, "{\"act\":\"%s\",\"what\":\"%s\",\"about\":\"%s\",\"reason_sha256\":\"%s\"}",
            a.id, action, about, sha256)};
    if (!e) /* what they did is told to whom it was done; their reason isn't */
        e = identity_notice(c, account, "admin",
                            text_eq(action, "factor") ? "admin_factor" : action);
    return e ? e : audit_write(c, &act);
}

/* ---- the acts ---- */

enum err identity_admin_disable(struct ctx *c, const char *account, bool disabled,
                                const char *reason)
{
    struct identity_row w = {0};
    enum err e = target(c, account, &w);
    if (!e)
        e = identity_account_disable(c, account, disabled);
    return e ? e : told(c, disabled ? "disable" : "enable", account, "", reason);
}

enum err identity_admin_sessions(struct ctx *c, const char *account, const char *reason)
{
    struct identity_row w = {0};
    enum err e = target(c, account, &w);
    if (!e)
        e = identity_out_all(c, account);
    return e ? e : told(c, "sessions", account, "", reason);
}

enum err identity_admin_factor(struct ctx *c, const char *account, const char *reason)
{
    struct identity_row w = {0};
    enum err e = target(c, account, &w);
    if (!e && !w.factor)
        e = fail(c, ERR_FACTOR_NONE, "account");
    if (!e)
        e = identity_store_passkeys_drop(c, account);
    if (!e)
        e = identity_factor_remove(c, account);
    if (!e)
        e = identity_out_all(c, account);
    return e ? e : told(c, "factor", account, "", reason);
}

static const char *about(struct ctx *c, const char *role, const char *unit)
{
    return arena_printf(c->arena, "%s@%s", role, unit);
}

enum err identity_admin_give(struct ctx *c, const char *account, const char *role, const char *unit,
                             const char *reason)
{
    struct identity_row w = {0};
    const struct country *k = c->node->country;
    const struct agency *agency = country_agency(k, unit);
    bool held = false;
    enum err e = official(c, account, &w);
    if (!e && (!country_role(k, role) || country_role_reach(k, role) == REACH_SELF))
        e = fail(c, ERR_BAD_CODE, "role", role);
    if (!e && (!agency || !node_carries(c->node, agency->code)))
        e = fail(c, ERR_BAD_CODE, "unit", unit);
    if (!e)
        e = identity_store_holds(c, account, role, agency->code, &held);
    if (!e && held)
        e = fail(c, ERR_POST_HELD, "role");
    if (e)
        return e;
    struct identity_grant g = {
        .account = account, .role = role, .unit = agency->code, .from_us = c->now_us};
    e = identity_grant_add(c, &g);
    return e ? e : told(c, "give", account, about(c, role, g.unit), reason);
}

enum err identity_admin_end(struct ctx *c, const char *account, const char *grant,
                            const char *reason)
{
    struct identity_row w = {0};
    struct identity_grant g = {0};
    bool found = false;
    enum err e = target(c, account, &w);
    if (!e)
        e = identity_store_grant(c, grant, &found, &g);
    if (!e && !(found && text_eq(g.account, account)))
        e = fail(c, ERR_NOT_FOUND, "post", grant);
    if (!e)
        e = identity_grant_end(c, grant);
    return e ? e : told(c, "end", account, about(c, g.role, g.unit), reason);
}

/* ---- a one-time password ---- */

/* Read out on the telephone: no letter that looks like another. */
enum err identity_once_new(struct ctx *c, const char **ret_password, const char **ret_phc)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    uint8_t random[ONCE_GROUPS * 5];
    struct buf b = buf_new(c->arena, 64);
    sys_random(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++) {
        if (i && i % 5 == 0)
            buf_char(&b, '-');
        buf_char(&b, letters[random[i] % 32]);
    }
    *ret_password = b.ptr;
    return password_hash(c, b.ptr, ret_phc);
}

enum err identity_admin_once(struct ctx *c, const char *account, const char *phc,
                             const char *reason)
{
    struct identity_row w = {0};
    enum err e = official(c, account, &w);
    if (!e && text_empty(w.a.username))
        e = fail(c, ERR_NO_PASSWORD, "account");
    if (!e)
        e = identity_store_password(c, account, phc, c->now_us + IDENTITY_ONCE_US);
    if (!e)
        e = identity_out_all(c, account);
    if (!e)
        e = identity_store_try_forget(c, "name", w.a.username);
    return e ? e : told(c, "once", account, "", reason);
}
