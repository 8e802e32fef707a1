/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process is proved before it is published: every state can be reached, every state that doesn't
 * end has a way on and from it an end can be reached, an owner who exists and a time; every action
 * leads between states that exist and is done by a role that exists.
 */
#include "engine/casework/casework_check.h"
#include "base/text.h"
#include "core/country.h"

void casework_problem(struct check *k, const char *place, const char *reason)
{
    if (k->n < k->max)
        k->out[k->n] = (struct process_problem){place, reason};
    k->n++;
}

/* Of two with one name the second would never be found. */
static void check_names(struct check *k, const json_t *list, const char *what)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_text_of(json_array_get(list, i), "name", "");
        if (text_empty(name))
            casework_problem(k, AT(k, "%s[%zu]", what, i), "has no name");
        for (size_t j = 0; j < i; j++)
            if (text_eq(json_text_of(json_array_get(list, j), "name", ""), name))
                casework_problem(k, AT(k, "%s[%zu].name", what, i),
                                 AT(k, "two are named %s", name));
    }
}

size_t casework_state_at(const struct check *k, const char *name)
{
    for (size_t i = 0; i < json_array_size(k->states); i++)
        if (text_eq(json_text_of(json_array_get(k->states, i), "name", ""), name))
            return i;
    return SIZE_MAX;
}

bool casework_leaves(const json_t *action, const char *state)
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
    return casework_leaves(action, state) && !text_eq(json_text_of(action, "to", ""), state);
}

static bool role_exists(const struct check *k, const char *role)
{
    return text_eq(role, "system") || text_eq(role, "citizen") ||
           country_role(k->c->node->country, role) != NULL;
}

/* The owner can move the case on by themselves: nobody waits for one who has no button. */
static void check_owner(struct check *k, const char *place, const char *name, const char *owner)
{
    bool can = false;
    for (size_t i = 0; i < json_array_size(k->actions); i++) {
        const json_t *x = json_array_get(k->actions, i);
        can = can || (leads_on(x, name) && text_eq(json_text_of(x, "role", ""), owner));
    }
    if (!can)
        casework_problem(k, place, AT(k, "owner %s has no action that leads on", owner));
}

static void check_state(struct check *k, size_t at, const json_t *s)
{
    const char *name = json_text_of(s, "name", ""), *owner = json_text_of(s, "owner_role", "");
    const char *place = AT(k, "states[%zu]", at);
    int64_t national = json_int_of(s, "national", 0);
    bool terminal = json_bool_of(s, "terminal", false), way_on = false;
    for (size_t i = 0; i < json_array_size(k->actions); i++)
        way_on = way_on || leads_on(json_array_get(k->actions, i), name);
    if (national < 1 || national > NATIONAL_STATUSES)
        casework_problem(k, AT(k, "%s.national", place), "national status must be 1 to 10");
    if (!role_exists(k, owner))
        casework_problem(k, AT(k, "%s.owner_role", place), "no owner");
    else if (!terminal && way_on)
        check_owner(k, place, name, owner);
    if (!terminal && json_int_of(s, "hours", 0) < 1)
        casework_problem(k, AT(k, "%s.hours", place), "no deadline (hours)");
    if (!terminal && !way_on)
        casework_problem(k, place, "dead end: no action leads on");
    if (terminal && way_on)
        casework_problem(k, place, "ends, yet an action leads on");
    if (text_empty(json_text_of(json_object_get(s, "label"), "vi", "")))
        casework_problem(k, AT(k, "%s.label", place), "no Vietnamese label");
}

static void check_action(struct check *k, size_t at, const json_t *x)
{
    const char *place = AT(k, "actions[%zu]", at);
    const json_t *from = json_list_of(x, "from");
    if (!from || !json_array_size(from))
        casework_problem(k, AT(k, "%s.from", place), "starts nowhere");
    for (size_t i = 0; from && i < json_array_size(from); i++)
        if (casework_state_at(k, json_string_value(json_array_get(from, i))) == SIZE_MAX)
            casework_problem(k, AT(k, "%s.from[%zu]", place, i),
                             "starts in a state that doesn't exist");
    if (casework_state_at(k, json_text_of(x, "to", "")) == SIZE_MAX)
        casework_problem(k, AT(k, "%s.to", place), "leads to a state that doesn't exist");
    if (!role_exists(k, json_text_of(x, "role", "")))
        casework_problem(k, AT(k, "%s.role", place), "no role");
    if (text_empty(json_text_of(json_object_get(x, "label"), "vi", "")))
        casework_problem(k, AT(k, "%s.label", place), "no Vietnamese label");
}

/* Marks what can be reached from the marked states, forwards or backwards along the actions. */
static void spread(const struct check *k, bool *mark, bool forwards)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < json_array_size(k->actions); i++) {
            const json_t *x = json_array_get(k->actions, i), *from = json_list_of(x, "from");
            size_t to = casework_state_at(k, json_text_of(x, "to", ""));
            for (size_t j = 0; from && to != SIZE_MAX && j < json_array_size(from); j++) {
                size_t at = casework_state_at(k, json_string_value(json_array_get(from, j)));
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
    size_t first = casework_state_at(k, initial);
    if (first == SIZE_MAX) {
        casework_problem(k, "initial", "no such state");
        return;
    }
    reached[first] = true;
    for (size_t i = 0; i < json_array_size(k->states); i++)
        ends[i] = json_bool_of(json_array_get(k->states, i), "terminal", false);
    spread(k, reached, true);
    spread(k, ends, false);
    for (size_t i = 0; i < json_array_size(k->states); i++) {
        if (!reached[i])
            casework_problem(k, AT(k, "states[%zu]", i), "can't be reached");
        if (!ends[i])
            casework_problem(k, AT(k, "states[%zu]", i), "dead end: no way to an end");
    }
}

size_t process_problems(struct ctx *c, const json_t *process, struct process_problem *ret,
                        size_t max)
{
    struct check k = {.c = c,
                      .process = process,
                      .out = ret,
                      .max = max,
                      .states = json_list_of(process, "states"),
                      .actions = json_list_of(process, "actions")};
    size_t n_states = json_array_size(k.states), n_actions = json_array_size(k.actions);
    if (!n_states || n_states > CASEWORK_MAX_STATES)
        casework_problem(&k, "states", "1 to 40 are needed");
    else if (!n_actions || n_actions > CASEWORK_MAX_ACTIONS)
        casework_problem(&k, "actions", "1 to 80 are needed");
    if (k.n)
        return k.n;
    if (json_int_of(json_object_get(process, "deadline"), "workdays", 0) < 1)
        casework_problem(&k, "deadline", "no working days");
    check_names(&k, k.states, "states");
    check_names(&k, k.actions, "actions");
    for (size_t i = 0; i < n_states; i++)
        check_state(&k, i, json_array_get(k.states, i));
    for (size_t i = 0; i < n_actions; i++)
        check_action(&k, i, json_array_get(k.actions, i));
    check_reach(&k, json_text_of(process, "initial", ""));
    if (!k.n)
        casework_check_law(&k);
    return k.n < max ? k.n : max;
}
