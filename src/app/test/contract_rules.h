/* SPDX-License-Identifier: Apache-2.0 */
/* What each row must answer to whom: contract_rows.def read against roles.json. */
#ifndef DINH_APP_TEST_CONTRACT_RULES_H
#define DINH_APP_TEST_CONTRACT_RULES_H

#include "app/test/contract_world.h"
#include "gen/assets.h"
#include "systems/onestop/onestop.h"

enum { N = 1 << NATIONAL, P = 1 << PROVINCE, I = 1 << INSURANCE, A = N | P | I };
enum whose { ALL, MOTHER, OTHER, REACHING, WATCHING, IN_H57, IN_G24, CITIZEN, GUEST };
struct rule {
    int nodes;
    const char *method, *path, *address;
    enum whose whose;
    int theirs, others;
};
static const struct rule rules[] = {
#define ROW(...) {__VA_ARGS__},
#include "app/test/contract_rows.def"
#undef ROW
};

static const struct rule *rule_of(const struct route *row)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if ((rules[i].nodes & 1 << world.at) && text_eq(rules[i].method, row->method) &&
            text_eq(rules[i].path, row->path))
            return &rules[i];
    return NULL;
}

/* ---- addresses ---- */

static const char *word(const char *name, size_t n)
{
    const struct {
        const char *name, *value;
    } words[] = {{"done", world.done},
                 {"waiting", world.waiting},
                 {"draft", world.draft},
                 {"year", world.year},
                 {"number", world.number},
                 {"person", world.person},
                 {"card", world.card},
                 {"token", strrchr(onestop_check_path(world.c, world.done, "receipt"), '/') + 1},
                 {"permit", world.permit},
                 {"alert", world.alert},
                 {"list", world.list},
                 {"item", world.item},
                 {"hold", world.hold},
                 {"asset", asset_named("favicon.svg")->path},
                 {"account", who_named("commune_clerk at " WARD)->account}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strlen(words[i].name) == n && strncmp(words[i].name, name, n) == 0)
            return words[i].value;
    print_error("contract_rows.def: $%.*s means nothing\n", (int)n, name);
    assert_true(false);
    return NULL;
}

/* An address with its $words. */
static const char *filled(const char *address)
{
    struct buf b = buf_new(world.c->arena, 4096);
    for (const char *at = address; *at;) {
        size_t n = *at == '$' ? strspn(at + 1, "abcdefghijklmnopqrstuvwxyz") : 0;
        if (n)
            buf_text(&b, word(at + 1, n));
        else
            buf_char(&b, *at);
        at += 1 + n;
    }
    return b.ptr;
}

static const char *address_of(const struct route *row, const struct rule *rule)
{
    return filled(rule && rule->address ? rule->address : row->path);
}

/* The row's path with each parameter replaced, and the query of its object's address. */
static UNUSED const char *address_with(const struct route *row, const struct rule *rule,
                                       const char *value)
{
    const char *query = strchr(address_of(row, rule), '?');
    struct buf b = buf_new(world.c->arena, 64 * 1024);
    for (const char *at = row->path; *at; at++) {
        if (*at == '{') {
            buf_text(&b, value);
            at = strchr(at, '}');
        } else {
            buf_char(&b, *at);
        }
    }
    buf_text(&b, query);
    return b.ptr;
}

static UNUSED bool has_param(const struct route *row)
{
    return strchr(row->path, '{') != NULL;
}

/* ---- who may ---- */

static bool holds(const struct who *x, const struct route *row)
{
    if (row_is(row, PUBLIC))
        return true;
    if (x->kind == ACTOR_NOBODY || row_is(row, MACHINE))
        return false;
    const char *const *all = country_role(world.n->country, x->role);
    for (; all && *all; all++)
        if (text_eq(*all, row->permission))
            return true;
    return row_is(row, SIGNED_IN);
}

static bool reaches_ward(const struct who *x)
{
    if (x->kind != ACTOR_OFFICIAL || text_empty(x->unit))
        return false;
    if (text_eq(x->scope, "node") || text_eq(x->unit, WARD))
        return !text_eq(x->scope, "self");
    return text_eq(x->scope, "unit_and_below") && text_starts(WARD, x->unit) &&
           WARD[strlen(x->unit)] == '.';
}

static bool role_has(const struct who *x, const char *permission)
{
    const char *const *all = country_role(world.n->country, x->role);
    for (; all && *all; all++)
        if (text_eq(*all, permission))
            return true;
    return false;
}

static bool watches_ward(const struct who *x)
{
    bool watches = role_has(x, PERMIT_DECIDE) || role_has(x, READING_WATCH);
    return (watches && reaches_ward(x)) || x == who_named("commune_clerk at " WARD);
}

static bool is_theirs(const struct who *x, enum whose whose)
{
    switch (whose) {
    case ALL: return true;
    case MOTHER: return text_eq(x->person, world.lan);
    case OTHER: return text_eq(x->person, world.hoa);
    case IN_H57: return text_starts(x->unit, "H57");
    case IN_G24: return text_starts(x->unit, "G24");
    case CITIZEN: return x->kind == ACTOR_CITIZEN;
    case GUEST: return x->kind == ACTOR_NOBODY;
    case REACHING: return reaches_ward(x);
    case WATCHING: return watches_ward(x);
    }
    BUG("whose");
}

/* The status a browser must get; reading: of GET, else of POST with a good token. */
static UNUSED int wanted_of(const struct who *x, const struct route *row, const struct rule *rule)
{
    if (row_is(row, MACHINE))
        return 404;
    if (!holds(x, row)) {
        if (x->kind != ACTOR_NOBODY)
            return 403;
        return row_reads(row) ? 303 : 401;
    }
    if (!rule)
        return 200;
    return is_theirs(x, rule->whose) ? rule->theirs : rule->others;
}

/* The same for a client that takes JSON: redirects are told. Every page answers it. */
static UNUSED bool fits_json(const struct who *x, const struct route *row, int wanted, int status)
{
    if (wanted == 303 && !holds(x, row))
        return status == 401;
    if (wanted == 303)
        return status == 200 || status == 303; /* a protocol's redirect stays one */
    return status == wanted;
}

#endif
