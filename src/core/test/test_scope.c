/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one predicate of lists, against an oracle that shares nothing with it: the oracle reads
 * roles.json itself, cuts codes at their dots and counts the pieces. Every role of the pack, at
 * every unit, over every row: own unit, child, grandchild, sibling, parent, another tree, codes
 * that only look alike, one's own person's rows and another's.
 */
#include "test/harness/unit.h"

#include <string.h>

#include "base/text.h"
#include "core/country.h"
#include "core/pack.h"
#include "core/scope.h"
#include "test/harness/node_test.h"
#include "web/json.h"

#define MOTHER "046194000123"
#define FATHER "046090000456"

static const char *const units[] = {
    "H57",       "H57.31", "H57.31.08", "H57.31.08.01", "H57.31.08.01.X1", "H57.31.09", "H57.32",
    "H57.32.01", "H5",     "H57.3",     "H57.310",      "H57.31.080",      "H57.31.0",  "H57.31A",
    "H57.31.A",  "H58",    "G24",       "G24.46.01",    "Z99.ZZ.999",      ""};
static const char *const owners[] = {MOTHER, FATHER, ""};

/* ---- the oracle ---- */

/* How many pieces of a begin b; all of a's must, or the answer is -1. */
static int pieces_below(struct arena *a, const char *above, const char *unit)
{
    size_t n = 0, m = 0;
    const char **x = text_split(a, above, '.', &n), **y = text_split(a, unit, '.', &m);
    for (size_t i = 0; i < n; i++)
        if (i >= m || !text_eq(x[i], y[i]))
            return -1;
    return (int)(m - n);
}

struct acting {
    const char *scope, *unit, *person;
    bool may;
};

static bool oracle(struct arena *a, const struct acting *who, const char *unit, const char *owner)
{
    if (!who->may)
        return false;
    if (text_eq(who->scope, "self"))
        return *owner && text_eq(owner, who->person);
    if (!*who->unit)
        return false;
    if (text_eq(who->scope, "node"))
        return true;
    int below = pieces_below(a, who->unit, unit);
    return text_eq(who->scope, "unit") ? below == 0 : below >= 0;
}

/* ---- rows in the database ---- */

static enum err add_rows(struct ctx *c, void *arg)
{
    (void)arg;
    enum err e = OK;
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        for (size_t k = 0; k < ARRAY_LEN(owners) && !e; k++)
            e = db_exec(c, NULL,
                        "INSERT INTO core_search (module, object, word, unit, owner)"
                        " VALUES ('t', $1, 'w', $2, $3)",
                        P_TEXT(arena_printf(c->arena, "%zu.%zu", i, k)), P_TEXT(units[i]),
                        P_TEXT(person_token(c, owners[k])));
    return e;
}

struct seen {
    const char *permission;
    struct scope scope;
    bool sql[ARRAY_LEN(units)][ARRAY_LEN(owners)];
};

static enum err see_row(struct ctx *c, const struct db_row *r, void *arg)
{
    struct seen *s = arg;
    size_t n;
    const char **at = text_split(c->arena, row_text(r, 0), '.', &n);
    int64_t i = 0, k = 0;
    assert_true(n == 2 && text_to_int(at[0], &i) && text_to_int(at[1], &k));
    s->sql[i][k] = true;
    return OK;
}

static enum err see(struct ctx *c, void *arg)
{
    struct seen *s = arg;
    s->scope = scope_of(c, s->permission);
    return db_each(c, see_row, s, "SELECT object FROM core_search WHERE " SCOPE, P_SCOPE(s->scope));
}

/* How many of the rows the predicate, in SQL or in C, answers otherwise than the oracle. */
static size_t differences(struct node_world *w, const struct acting *who, const char *permission)
{
    struct seen s = {.permission = permission};
    size_t n = 0;
    assert_int_equal(do_read(w, see, &s), OK);
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        for (size_t k = 0; k < ARRAY_LEN(owners); k++) {
            bool wanted = oracle(w->c->arena, who, units[i], owners[k]);
            bool c = scope_allows(&s.scope, units[i], person_token(w->c, owners[k]));
            n += s.sql[i][k] != wanted || c != wanted;
        }
    return n;
}

/* ---- every role ---- */

static void acts(struct node_world *w, const char *role, const char *unit, const char *person,
                 enum reach *reach)
{
    struct actor *a = ARENA_NEW(w->c->arena, struct actor);
    as_official(w, role, unit, "Trần");
    *a = *w->c->actor;
    a->person = person;
    if (reach)
        a->reach = *reach;
    w->c->actor = a;
}

static json_t *roles_of(struct node_world *w)
{
    struct bytes raw;
    json_t *doc;
    assert_int_equal(pack_read(w->c, NULL, "roles.json", &raw), OK);
    assert_int_equal(json_in(w->c, "roles.json", raw, &doc), OK);
    return doc;
}

static void body_matrix(struct node_world *w, void *arg)
{
    (void)arg;
    json_t *doc = roles_of(w), *role;
    size_t i, roles = 0, scopes = 0;
    const char *seen = "";
    assert_int_equal(do_write(w, add_rows, NULL), OK);
    json_array_foreach(json_object_get(doc, "roles"), i, role)
    {
        const char *code = json_text_of(role, "code", ""), *scope = json_text_of(role, "scope", "");
        const char *may =
            json_string_value(json_array_get(json_object_get(role, "permissions"), 0));
        roles++;
        if (!strstr(seen, arena_printf(w->c->arena, "<%s>", scope))) {
            seen = arena_printf(w->c->arena, "%s<%s>", seen, scope);
            scopes++;
        }
        for (size_t k = 0; k < ARRAY_LEN(units); k++) {
            struct acting who = {scope, units[k], MOTHER, true};
            acts(w, code, units[k], MOTHER, NULL);
            assert_int_equal(differences(w, &who, may), 0);
            who.may = false;
            assert_int_equal(differences(w, &who, "nobody.may"), 0);
        }
    }
    json_end(doc);
    assert_true(roles >= 9);
    assert_int_equal(scopes, 4); /* every scope there is was tried */
}

/* The oracle must be able to say no: with a wider or narrower reach than the pack's it does. */
static void body_control(struct node_world *w, void *arg)
{
    (void)arg;
    static const char *const scopes[] = {"self", "unit", "unit_and_below", "node"};
    assert_int_equal(do_write(w, add_rows, NULL), OK);
    for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
        for (size_t k = 0; k < ARRAY_LEN(scopes); k++) {
            struct acting who = {scopes[i], "H57.31", MOTHER, true};
            enum reach reach = (enum reach)k;
            acts(w, "supervisor", "H57.31", MOTHER, &reach);
            assert_int_equal(differences(w, &who, "onestop.inbox") == 0, i == k);
        }
}

/* ---- who acts otherwise than by a role ---- */

static enum err see_of_post(struct ctx *c, void *arg)
{
    *(struct scope *)arg = scope_of_post(c);
    return OK;
}

static bool sees(const struct scope *s, const char *unit, const char *owner)
{
    return scope_allows(s, unit, owner);
}

static void body_others(struct node_world *w, void *arg)
{
    (void)arg;
    const char *mother = person_token(w->c, MOTHER);
    const struct actor *before = w->c->actor;
    struct actor a = {.kind = ACTOR_NOBODY, .person = MOTHER, .unit = "H57"};
    w->c->actor = NULL;
    struct scope s = scope_of(w->c, "onestop.inbox"), post = scope_of_post(w->c);
    assert_false(sees(&s, "H57", "") || sees(&s, "", mother) || sees(&post, "H57", ""));
    w->c->actor = &a;
    s = scope_of(w->c, "onestop.inbox");
    assert_false(sees(&s, "H57", "") || sees(&s, "", mother));
    a.kind = ACTOR_CITIZEN;
    s = scope_of(w->c, "onestop.inbox");
    assert_true(sees(&s, "", mother));
    assert_false(sees(&s, "H57", "") || sees(&s, "", person_token(w->c, FATHER)));
    a.person = "";
    s = scope_of(w->c, "onestop.inbox");
    assert_false(sees(&s, "", "") || sees(&s, "", mother));
    a.kind = ACTOR_SYSTEM; /* of one unit; the node's own jobs have none */
    s = scope_of(w->c, "any");
    assert_true(sees(&s, "H57", "") && sees(&s, "H57.31.08", ""));
    assert_false(sees(&s, "H58", ""));
    a.unit = "";
    s = scope_of(w->c, "any");
    assert_true(sees(&s, "H57", "") && sees(&s, "H58", ""));
    a = (struct actor){.kind = ACTOR_AGENCY, .unit = "H57", .reach = REACH_NODE};
    s = scope_of(w->c, "any");
    assert_false(sees(&s, "H57", "")); /* nothing was granted to it */
    w->c->actor = before;
}

/* What a post reaches, whatever it may: for lists of one's own desk. */
static void body_post(struct node_world *w, void *arg)
{
    (void)arg;
    struct actor a = {.kind = ACTOR_CITIZEN, .person = MOTHER, .unit = "H57", .reach = REACH_NODE};
    const struct actor *before = w->c->actor;
    struct scope s;
    w->c->actor = &a;
    assert_int_equal(do_read(w, see_of_post, &s), OK);
    assert_false(sees(&s, "H57", ""));
    a.kind = ACTOR_OFFICIAL;
    a.reach = REACH_SELF;
    s = scope_of_post(w->c);
    assert_false(sees(&s, "H57", "") || sees(&s, "", person_token(w->c, MOTHER)));
    a.reach = REACH_UNIT;
    s = scope_of_post(w->c);
    assert_true(sees(&s, "H57", ""));
    assert_false(sees(&s, "H57.31", ""));
    a.reach = REACH_BELOW;
    s = scope_of_post(w->c);
    assert_true(sees(&s, "H57", "") && sees(&s, "H57.31", ""));
    assert_false(sees(&s, "H58", ""));
    a.unit = ""; /* no office: nothing */
    s = scope_of_post(w->c);
    assert_false(sees(&s, "H57", "") || sees(&s, "", ""));
    w->c->actor = before;
}

static void test_scope_of_others(void **state)
{
    (void)state;
    node_test(NULL, 0, body_others, NULL);
}

static void test_scope_of_a_post(void **state)
{
    (void)state;
    node_test(NULL, 0, body_post, NULL);
}

static void test_scope_is_that_of_the_role(void **state)
{
    (void)state;
    node_test(NULL, 0, body_matrix, NULL);
}

static void test_scope_otherwise_is_noticed(void **state)
{
    (void)state;
    node_test(NULL, 0, body_control, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scope_is_that_of_the_role),
        cmocka_unit_test(test_scope_otherwise_is_noticed),
        cmocka_unit_test(test_scope_of_others),
        cmocka_unit_test(test_scope_of_a_post),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
