/* SPDX-License-Identifier: Apache-2.0 */
/* `dinh user`: the administrator's way in before anybody can sign in. */
#include <stdio.h>
#include <string.h>

#include "app/config.h"
#include "base/text.h"
#include "core/country.h"
#include "engine/identity/identity.h"

#define PASSWORD_MIN 10
#define PASSWORD_MAX 200
#define USERNAME_LETTERS                                                                           \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@" /* who signs in types */

struct wish {
    struct identity_account account;
    struct identity_grant grant;
    const char *phc;
};

static enum err add(struct ctx *c, void *arg)
{
    struct wish *w = arg;
    const char *id;
    enum err e = identity_account_add(c, &w->account, w->phc, &id);
    if (e)
        return e;
    w->grant.account = id;
    return identity_grant_add(c, &w->grant);
}

/* The password comes on standard input, so that it stands in no process list and no history. */
static enum err read_password(struct ctx *c, const char *username, const char **ret_phc)
{
    char line[PASSWORD_MAX + 2];
    fprintf(stderr, "%s", text_get(TX(app_user_password), c->lang));
    if (!fgets(line, sizeof line, stdin))
        return fail(c, ERR_REQUIRED, "password");
    const char *clean;
    enum err e = text_clean(c, "password", bytes_of(line), PASSWORD_MAX, &clean);
    if (e)
        return e;
    if (text_chars(clean) < PASSWORD_MIN)
        return fail(c, ERR_PASSWORD_SHORT, "password", "10");
    e = identity_password_good(c, "password", username, clean);
    return e ? e : password_hash(c, clean, ret_phc);
}

enum err app_check_username(struct ctx *c, const char *option, const char *username)
{
    if (*username && !username[strspn(username, USERNAME_LETTERS)])
        return OK;
    return fail(c, ERR_OPTION_VALUE, option, username, "a-z 0-9 . - _ @ (1 … 64)");
}

/* The unit may be given in the old form of its code; kept is the new one. */
static enum err check_wish(struct ctx *c, struct wish *w)
{
    const struct agency *unit = country_agency(c->node->country, w->grant.unit);
    enum err e = app_check_username(c, "--username", w->account.username);
    if (e)
        return e;
    if (!country_role(c->node->country, w->grant.role))
        return fail(c, ERR_BAD_CODE, "role", w->grant.role);
    if (!unit)
        return fail(c, ERR_BAD_CODE, "unit", w->grant.unit);
    w->grant.unit = unit->code;
    return OK;
}

/* ---- the first administrator ---- */

static enum err add_once(struct ctx *c, void *arg)
{
    struct wish *w = arg;
    enum err e = add(c, w);
    return e ? e : identity_admin_once(c, w->grant.account, w->phc, "dinh init");
}

enum err app_first_administrator(struct ctx *c, const char *data_dir, const char *username,
                                 const char **ret_password)
{
    struct wish w = {.account = {.username = username,
                                 .person = "",
                                 .kind = ACTOR_OFFICIAL,
                                 .name = username,
                                 .assurance = 2},
                     .grant = {.role = "administrator", .from_us = c->now_us}};
    struct node *n;
    struct actor *all = ARENA_NEW(c->arena, struct actor);
    *all = *c->actor;
    all->reach = REACH_NODE; /* nobody else is there yet */
    c->actor = all;
    enum err e = node_open(c, data_dir, &n);
    if (e)
        return e;
    w.grant.unit = n->agency;
    e = check_wish(c, &w);
    if (!e)
        e = identity_once_new(c, ret_password, &w.phc);
    if (!e)
        e = db_write(c, n->db, add_once, &w);
    node_close(n);
    return e;
}

int cmd_user(struct ctx *c, int argc, char **argv)
{
    const char *dir = option(argc, argv, "data", NULL);
    const char *username = option(argc, argv, "username", "");
    if (!dir || argc < 1 || !text_eq(argv[0], "add") || !*username)
        return app_say_usage(c, TX(app_user_usage));
    struct wish w = {
        .account = {.username = username,
                    .person = "",
                    .kind = ACTOR_OFFICIAL,
                    .name = option(argc, argv, "name", username),
                    .assurance = 2},
        .grant = {.role = option(argc, argv, "role", "administrator"), .from_us = c->now_us}};
    struct node *n;
    if (node_open(c, dir, &n))
        return app_say_faults(c);
    w.grant.unit = option(argc, argv, "unit", n->agency);
    enum err e = check_wish(c, &w);
    if (!e)
        e = read_password(c, username, &w.phc);
    if (!e)
        e = db_write(c, n->db, add, &w);
    node_close(n);
    if (!e)
        printf("%s\n", text_get(TX(app_user_added), c->lang));
    return e ? app_say_faults(c) : 0;
}
