/* SPDX-License-Identifier: Apache-2.0 */
/* A process is proved before it is published: the pack's is sound, each fault is found. */
#include "test/harness/unit.h"

#include "engine/casework/test/casework_test.h"

static json_t *copy_of_process(struct node_world *w)
{
    return json_deep_copy(json_object_get(procedure_find(w->c, BIRTH)->doc, "process"));
}

static json_t *named(json_t *process, const char *list, const char *name)
{
    json_t *rows = json_object_get(process, list);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        if (text_eq(json_text_of(row, "name", ""), name))
            return row;
    }
    return NULL;
}

static size_t index_of(const json_t *process, const char *list, const char *name)
{
    const json_t *rows = json_object_get(process, list);
    size_t i = 0;
    while (i < json_array_size(rows) &&
           !text_eq(json_text_of(json_array_get(rows, i), "name", ""), name))
        i++;
    return i;
}

static size_t problems(struct node_world *w, const json_t *process, const char *const *wanted)
{
    struct process_problem found[CASEWORK_MAX_PROBLEMS];
    size_t n = process_problems(w->c, process, found, ARRAY_LEN(found));
    for (; wanted && *wanted; wanted++) {
        bool seen = false;
        for (size_t i = 0; i < n; i++)
            seen = seen ||
                   text_eq(arena_printf(w->c->arena, "%s: %s", found[i].place, found[i].reason),
                           *wanted);
        for (size_t i = 0; i < n && !seen; i++)
            print_error("found %s: %s\n", found[i].place, found[i].reason);
        if (!seen)
            print_error("missing: %s\n", *wanted);
        assert_true(seen);
    }
    return n;
}

static void sound(struct node_world *w, void *arg)
{
    (void)arg;
    size_t n;
    const struct procedure *const *all = procedure_all(w->c, &n);
    assert_true(n >= 1);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(problems(w, json_object_get(all[i]->doc, "process"), NULL), 0);
    assert_null(procedure_find(w->c, "9.999999"));
    assert_non_null(process_state_of(all[0]->process, "submitted"));
    assert_null(process_state_of(all[0]->process, "none"));
    assert_non_null(process_action_of(all[0]->process, "accept"));
}

static void test_casework_check_sound(void **state)
{
    (void)state;
    node_test_on(DB_SQLITE, modules, 1, sound, NULL);
}

struct fault_row {
    const char *list, *row, *member, *value; /* JSON; NULL: the member is taken away */
    const char *wanted[3];                   /* "@" stands for the row's place */
    size_t n;
};

static const struct fault_row fault_rows[] = {
    /* ways */
    {"states", "signing", "owner_role", "\"nobody\"", {"@.owner_role: no owner"}, 1},
    {"states", "signing", "owner_role", NULL, {"@.owner_role: no owner"}, 1},
    {"states",
     "signing",
     "owner_role",
     "\"commune_clerk\"",
     {"@: owner commune_clerk has no action that leads on"},
     1},
    {"states", "signing", "hours", "0", {"@.hours: no deadline (hours)"}, 1},
    {"states", "signing", "hours", NULL, {"@.hours: no deadline (hours)"}, 1},
    {"states", "signing", "label", NULL, {"@.label: no Vietnamese label"}, 1},
    {"states", "signing", "national", "11", {"@.national: national status must be 1 to 10"}, 1},
    {"states", "accepted", "terminal", "true", {"@: ends, yet an action leads on"}, 1},
    {"states",
     "refused",
     "terminal",
     "false",
     {"@: dead end: no action leads on", "@: dead end: no way to an end"},
     3},
    {"states", "signing", "name", "\"accepted\"", {"@.name: two are named accepted"}, 0},
    {"actions",
     "start_review",
     "from",
     "[\"nowhere\"]",
     {"@.from[0]: starts in a state that doesn't exist"},
     3},
    {"actions",
     "start_review",
     "to",
     "\"nowhere\"",
     {"@.to: leads to a state that doesn't exist"},
     2},
    {"actions", "start_review", "role", "\"nobody\"", {"@.role: no role"}, 2},
    {"actions", "start_review", "label", "{}", {"@.label: no Vietnamese label"}, 1},
    {"actions", "start_review", "name", "\"accept\"", {"@.name: two are named accept"}, 1},
    {"actions", "accept", "from", "[]", {"@.from: starts nowhere"}, 2},
    /* the law */
    {"actions", "start_review", "permission", "\"\"", {"@.permission: no permission"}, 1},
    {"actions",
     "start_review",
     "permission",
     "\"onestop.decide\"",
     {"@.permission: civil_status_officer does not have onestop.decide"},
     1},
    {"actions",
     "expire_supplement",
     "permission",
     "\"onestop.stop\"",
     {"@.permission: the system needs none"},
     1},
    {"states", "signing", "clock", "\"stop\"", {"@.clock: the national status means run"}, 1},
    {"states", "refused", "national", "4", {"@.terminal: the national status says otherwise"}, 0},
    {"states", "accepted", "national", "9", {"@.clock: the national status means end"}, 0},
    {"actions", "refuse", "needs_reason", "false", {"@.needs_reason: must give a reason"}, 1},
    {"actions",
     "request_supplement",
     "needs_reason",
     "false",
     {"@.needs_reason: must give a reason"},
     1},
    {"actions", "withdraw", "sign", "true", {"@.sign: only an official signs"}, 1},
    {"states",
     "signing",
     "hours",
     "16",
     {"deadline: the steps may take 32 hours, the deadline gives 24"},
     1},
    {"states", "supplement_requested", "hours", "8", {"@.hours: 7 working days are 56 hours"}, 1},
    {"actions",
     "accept_supplemented",
     "to",
     "\"submitted\"",
     {"@.from[0]: no legal step from national status 4 to 1"},
     0},
};

static const char *at(struct node_world *w, const struct fault_row *r, size_t i, const char *wanted)
{
    if (!wanted || *wanted != '@')
        return wanted;
    return arena_printf(w->c->arena, "%s[%zu]%s", r->list, i, wanted + 1);
}

/* The row's member set to something else gives these lines; n 0: and others that follow. */
static void gives(struct node_world *w, const struct fault_row *r)
{
    json_t *process = copy_of_process(w), *row = named(process, r->list, r->row);
    size_t i = index_of(process, r->list, r->row);
    assert_non_null(row);
    if (r->value)
        assert_int_equal(
            json_object_set_new(row, r->member, json_loads(r->value, JSON_DECODE_ANY, NULL)), 0);
    else
        assert_int_equal(json_object_del(row, r->member), 0);
    const char *const wanted[] = {at(w, r, i, r->wanted[0]), at(w, r, i, r->wanted[1]), NULL};
    size_t n = problems(w, process, wanted);
    if (r->n && n != r->n)
        print_error("%s.%s: %zu problems\n", r->row, r->member, n);
    assert_true(!r->n || n == r->n);
    json_end(process);
}

static void faults(struct node_world *w, void *arg)
{
    (void)arg;
    for (size_t i = 0; i < ARRAY_LEN(fault_rows); i++)
        gives(w, &fault_rows[i]);
}

static void test_casework_check_faults(void **state)
{
    (void)state;
    node_test_on(DB_SQLITE, modules, 1, faults, NULL);
}

static void whole_process(struct node_world *w, void *arg)
{
    (void)arg;
    static const char *const no_days[] = {"deadline: no working days", NULL};
    static const char *const no_start[] = {"initial: no such state", NULL};
    static const char *const no_states[] = {"states: 1 to 40 are needed", NULL};
    static const char *const no_actions[] = {"actions: 1 to 80 are needed", NULL};
    json_t *p = copy_of_process(w);
    json_object_del(p, "deadline");
    assert_int_equal(problems(w, p, no_days), 1);
    json_object_set_new(p, "initial", json_string("none"));
    assert_int_equal(problems(w, p, no_start), 2);
    json_object_del(p, "actions");
    assert_int_equal(problems(w, p, no_actions), 1);
    json_object_set_new(p, "states", json_array());
    assert_int_equal(problems(w, p, no_states), 1);
    assert_int_equal(problems(w, NULL, no_states), 1);
    json_end(p);
}

static void test_casework_check_whole_process(void **state)
{
    (void)state;
    node_test_on(DB_SQLITE, modules, 1, whole_process, NULL);
}

/* A state that only leads round in a circle has no way to an end, though it has a way on. */
static void circle(struct node_world *w, void *arg)
{
    (void)arg;
    json_t *p = copy_of_process(w);
    json_t *state = json_deep_copy(named(p, "states", "accepted"));
    json_object_set_new(state, "name", json_string("a"));
    json_array_append_new(json_object_get(p, "states"), state);
    state = json_deep_copy(state);
    json_object_set_new(state, "name", json_string("b"));
    json_array_append_new(json_object_get(p, "states"), state);
    const char *const ways[][3] = {
        {"in", "submitted", "a"}, {"there", "a", "b"}, {"back", "b", "a"}};
    for (size_t i = 0; i < 3; i++) {
        json_t *x = json_deep_copy(named(p, "actions", "accept"));
        json_object_set_new(x, "name", json_string(ways[i][0]));
        json_object_set_new(x, "from", json_pack("[s]", ways[i][1]));
        json_object_set_new(x, "to", json_string(ways[i][2]));
        json_object_set(x, "role", json_object_get(state, "owner_role"));
        json_array_append_new(json_object_get(p, "actions"), x);
    }
    size_t a = index_of(p, "states", "a"), b = index_of(p, "states", "b");
    const char *const wanted[] = {
        arena_printf(w->c->arena, "states[%zu]: dead end: no way to an end", a),
        arena_printf(w->c->arena, "states[%zu]: dead end: no way to an end", b), NULL};
    assert_int_equal(problems(w, p, wanted), 2);
    json_end(p);
}

static void test_casework_check_circle(void **state)
{
    (void)state;
    node_test_on(DB_SQLITE, modules, 1, circle, NULL);
}

/* A definition with a fault isn't loaded: file, line, reason. */
static void not_loaded(struct node_world *w, void *arg)
{
    (void)arg;
    const char *const texts[] = {
        "{\"code\":\"1.000001\",\"name\":{\"vi\":\"Thử\"},\n\"process\":{}}",
        "{\"code\":\"1.000001\"}",
    };
    const char *const places[] = {"line 2: process.states", "line 1: process.states"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct pack_file f = {.name = "procedures/x.json", .text = bytes_of(texts[i])};
        struct procedure *p;
        ctx_clear_faults(w->c);
        assert_int_equal(json_definition(w->c, f.name, f.text, &f.root), OK);
        assert_int_equal(casework_procedure_load(w->c, w->c->arena, &f, &p), ERR_DEFINITION);
        pack_close(&f);
        assert_fault(w, "procedures/x.json");
        assert_string_equal(w->c->faults[0].args[0], places[i]);
    }
}

static void test_casework_check_not_loaded(void **state)
{
    (void)state;
    node_test_on(DB_SQLITE, modules, 1, not_loaded, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_casework_check_sound),
        cmocka_unit_test(test_casework_check_faults),
        cmocka_unit_test(test_casework_check_whole_process),
        cmocka_unit_test(test_casework_check_circle),
        cmocka_unit_test(test_casework_check_not_loaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
