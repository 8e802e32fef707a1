/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process is proved before it is published: every state can be reached, every state that doesn't
 * end has a way on and from it an end can be reached, an owner who exists and a time; every action
 * leads between states that exist and is done by a role that exists.
 */
#include "base/text.h"
#include "core/country.h"
#include "engine/casework/casework_private.h"

struct check {
    struct ctx *c;
    const char *file;
    const json_t *states, *actions;
    const char **lines;
    size_t n, max;
};

static void problem(struct check *k, const char *place, const char *why)
{
    if (k->n < k->max)
        k->lines[k->n++] = arena_printf(k->c->arena, "%s: %s: %s", k->file, place, why);
}

/* Of two with one name the second would never be found. */
static void check_names(struct check *k, const json_t *list, const char *what)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_text_of(json_array_get(list, i), "name", "");
        for (size_t j = 0; j < i; j++)
            if (text_eq(json_text_of(json_array_get(list, j), "name", ""), name))
                problem(k, what, arena_printf(k->c->arena, "two are named %s", name));
    }
}

static size_t state_at(const struct check *k, const char *name)
{
    for (size_t i = 0; i < json_array_size(k->states); i++)
        if (text_eq(json_text_of(json_array_get(k->states, i), "name", ""), name))
            return i;
    return SIZE_MAX;
}

static bool leaves(const json_t *action, const char *state)
{
    const json_t *from = json_list_of(action, "from");
    for (size_t i = 0; from && i < json_array_size(from); i++)
        if (text_eq(json_string_value(json_array_get(from, i)), state))
            return true;
    return false;
}

/* An action that leaves the state as it is (an apology, say) is no way on. */
static bool leads_on(const json_t *action, const char *state)
{
    return leaves(action, state) && !text_eq(json_text_of(action, "to", ""), state);
}

static bool role_exists(const struct check *k, const char *role)
{
    return text_eq(role, "system") || text_eq(role, "citizen") ||
           country_role(k->c->node->country, role) != NULL;
}

static void check_state(struct check *k, const json_t *s)
{
    const char *name = json_text_of(s, "name", "");
    int64_t national = json_int_of(s, "national", 0);
    bool terminal = json_bool_of(s, "terminal", false), way_on = false;
    for (size_t i = 0; i < json_array_size(k->actions); i++)
        way_on = way_on || leads_on(json_array_get(k->actions, i), name);
    if (text_empty(name))
        problem(k, "states", "a state without a name");
    if (national < 1 || national > 10)
        problem(k, name, "national status must be 1 to 10");
    if (!role_exists(k, json_text_of(s, "owner_role", "")))
        problem(k, name, "no owner");
    if (!terminal && json_int_of(s, "hours", 0) < 1)
        problem(k, name, "no deadline (hours)");
    if (!terminal && !way_on)
        problem(k, name, "dead end: no action leads on");
    if (terminal && way_on)
        problem(k, name, "ends, yet an action leads on");
    if (text_empty(json_text_of(json_object_get(s, "label"), "vi", "")))
        problem(k, name, "no Vietnamese label");
}

static void check_action(struct check *k, const json_t *x)
{
    const char *name = json_text_of(x, "name", ""), *role = json_text_of(x, "role", "");
    const json_t *from = json_list_of(x, "from");
    bool official = !text_eq(role, "system") && !text_eq(role, "citizen");
    if (text_empty(name))
        problem(k, "actions", "an action without a name");
    if (!from || !json_array_size(from))
        problem(k, name, "starts nowhere");
    for (size_t i = 0; from && i < json_array_size(from); i++)
        if (state_at(k, json_string_value(json_array_get(from, i))) == SIZE_MAX)
            problem(k, name, "starts in a state that doesn't exist");
    if (state_at(k, json_text_of(x, "to", "")) == SIZE_MAX)
        problem(k, name, "leads to a state that doesn't exist");
    if (!role_exists(k, role))
        problem(k, name, "no role");
    if (official && text_empty(json_text_of(x, "permission", "")))
        problem(k, name, "no permission");
    if (text_empty(json_text_of(json_object_get(x, "label"), "vi", "")))
        problem(k, name, "no Vietnamese label");
}

/* Marks what can be reached from the marked states, forwards or backwards along the actions. */
static void spread(const struct check *k, bool *mark, bool forwards)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < json_array_size(k->actions); i++) {
            const json_t *x = json_array_get(k->actions, i), *from = json_list_of(x, "from");
            size_t to = state_at(k, json_text_of(x, "to", ""));
            for (size_t j = 0; from && to != SIZE_MAX && j < json_array_size(from); j++) {
                size_t at = state_at(k, json_string_value(json_array_get(from, j)));
                size_t cause = forwards ? at : to, effect = forwards ? to : at;
                if (at == SIZE_MAX || !mark[cause] || mark[effect])
                    continue;
                mark[effect] = more = true;
            }
        }
    }
}

static void check_reach(struct check *k, const char *initial)
{
    bool reached[CASEWORK_MAX_STATES] = {false}, ends[CASEWORK_MAX_STATES] = {false};
    size_t first = state_at(k, initial);
    if (first == SIZE_MAX) {
        problem(k, "initial", "no such state");
        return;
    }
    reached[first] = true;
    for (size_t i = 0; i < json_array_size(k->states); i++)
        ends[i] = json_bool_of(json_array_get(k->states, i), "terminal", false);
    spread(k, reached, true);
    spread(k, ends, false);
    for (size_t i = 0; i < json_array_size(k->states); i++) {
        const char *name = json_text_of(json_array_get(k->states, i), "name", "");
        if (!reached[i])
            problem(k, name, "can't be reached");
        if (!ends[i])
            problem(k, name, "dead end: no way to an end");
    }
}

size_t process_problems(struct ctx *c, const char *file, const json_t *process,
                        const char **ret_lines, size_t max)
{
    struct check k = {.c = c,
                      .file = file,
                      .lines = ret_lines,
                      .max = max,
                      .states = json_list_of(process, "states"),
                      .actions = json_list_of(process, "actions")};
    const json_t *deadline = json_object_get(process, "deadline");
    size_t n_states = json_array_size(k.states), n_actions = json_array_size(k.actions);
    if (!n_states || n_states > CASEWORK_MAX_STATES) {
        problem(&k, "states", "1 to 40 are needed");
        return k.n;
    }
    if (!n_actions || n_actions > CASEWORK_MAX_ACTIONS) {
        problem(&k, "actions", "1 to 80 are needed");
        return k.n;
    }
    if (json_int_of(deadline, "workdays", 0) < 1)
        problem(&k, "deadline", "no working days");
    for (size_t i = 0; i < json_array_size(k.states); i++)
        check_state(&k, json_array_get(k.states, i));
    for (size_t i = 0; i < json_array_size(k.actions); i++)
        check_action(&k, json_array_get(k.actions, i));
    check_names(&k, k.states, "states");
    check_names(&k, k.actions, "actions");
    check_reach(&k, json_text_of(process, "initial", ""));
    return k.n;
}
