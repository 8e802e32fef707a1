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

static size_t problems(struct node_world *w, const json_t *process, const char *const *wanted)
{
    const char *lines[CASEWORK_MAX_PROBLEMS];
    size_t n = process_problems(w->c, "x.json", process, lines, ARRAY_LEN(lines));
    for (; wanted && *wanted; wanted++) {
        bool found = false;
        for (size_t i = 0; i < n; i++)
            found = found || text_eq(lines[i], *wanted);
        if (!found)
            print_error("missing: %s (%zu problems, first %s)\n", *wanted, n, n ? lines[0] : "-");
        assert_true(found);
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
    const char *list, *row, *member;
    json_t *value;
    const char *wanted[3];
    size_t n;
};

/* The row's member set to something else gives these lines. */
static void gives(struct node_world *w, const struct fault_row *r)
{
    json_t *process = copy_of_process(w), *row = named(process, r->list, r->row);
    assert_non_null(row);
    assert_int_equal(json_object_set_new(row, r->member, r->value), 0);
    size_t n = problems(w, process, r->wanted);
    if (n != r->n)
        print_error("%s.%s\n", r->row, r->member);
    assert_int_equal(n, r->n);
    json_end(process);
}

static void faults(struct node_world *w, void *arg)
{
    (void)arg;
    const struct fault_row rows[] = {
        {"states",
         "signing",
         "owner_role",
         json_string("nobody"),
         {"x.json: signing: no owner"},
         1},
        {"states",
         "signing",
         "hours",
         json_integer(0),
         {"x.json: signing: no deadline (hours)"},
         1},
        {"states",
         "signing",
         "national",
         json_integer(11),
         {"x.json: signing: national status must be 1 to 10"},
         1},
        {"states",
         "accepted",
         "terminal",
         json_true(),
         {"x.json: accepted: ends, yet an action leads on"},
         1},
        {"states",
         "refused",
         "terminal",
         json_false(),
         {"x.json: refused: dead end: no action leads on",
          "x.json: refused: dead end: no way to an end"},
         3},
        {"actions",
         "start_review",
         "from",
         json_pack("[s]", "nowhere"),
         {"x.json: start_review: starts in a state that doesn't exist",
          "x.json: accepted: dead end: no action leads on"},
         3},
        {"actions",
         "start_review",
         "to",
         json_string("nowhere"),
         {"x.json: start_review: leads to a state that doesn't exist"},
         2},
        {"actions",
         "start_review",
         "role",
         json_string("nobody"),
         {"x.json: start_review: no role"},
         1},
        {"actions",
         "start_review",
         "permission",
         json_string(""),
         {"x.json: start_review: no permission"},
         1},
        {"actions",
         "start_review",
         "name",
         json_string("accept"),
         {"x.json: actions: two are named accept"},
         1},
        {"actions",
         "accept",
         "from",
         json_array(),
         {"x.json: accept: starts nowhere", "x.json: accepted: can't be reached"},
         2},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        gives(w, &rows[i]);
}

static void test_casework_check_faults(void **state)
{
    (void)state;
    node_test_on(DB_SQLITE, modules, 1, faults, NULL);
}

static void whole_process(struct node_world *w, void *arg)
{
    (void)arg;
    static const char *const no_days[] = {"x.json: deadline: no working days", NULL};
    static const char *const no_start[] = {"x.json: initial: no such state", NULL};
    static const char *const no_states[] = {"x.json: states: 1 to 40 are needed", NULL};
    static const char *const no_actions[] = {"x.json: actions: 1 to 80 are needed", NULL};
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
        json_array_append_new(json_object_get(p, "actions"), x);
    }
    static const char *const wanted[] = {"x.json: a: dead end: no way to an end",
                                         "x.json: b: dead end: no way to an end", NULL};
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
    const char *const places[] = {"line 2: process", "line 1: process"};
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
