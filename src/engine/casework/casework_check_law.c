/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process against the law: the national table of statuses and their legal steps
 * (catalogues/dossier_status.json), who gives reasons and signs, one request for a supplement,
 * and steps that together keep the deadline (NĐ 61/2018/NĐ-CP, TT 01/2018/TT-VPCP).
 */
#include "base/text.h"
#include "core/country.h"
#include "engine/casework/casework_check.h"

#define HOURS_A_DAY 8
#define MAX_WALKS   200000 /* ways through a process; an honest one has some hundreds */
#define STATUS_FILE "catalogues/dossier_status.json"

enum { RECEIVED = 1, REFUSED = 3, SUPPLEMENT = 5, WITHDRAWING = 7, STOPPED = 8 };

static bool read_statuses(struct check *k)
{
    struct pack_file f;
    if (pack_open(k->c, country_dir(k->c->node->country), STATUS_FILE, &f))
        return false;
    const json_t *rows = json_list_of(f.root, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i), *to = json_list_of(row, "to");
        int64_t number = 0, next = 0;
        if (!text_to_int(json_text_of(row, "code", ""), &number) || number < 1 ||
            number > NATIONAL_STATUSES)
            continue;
        struct national_status *s = &k->status[number];
        s->clock = arena_text(k->c->arena, json_text_of(row, "clock", ""));
        s->terminal = json_bool_of(row, "terminal", false);
        for (size_t j = 0; j < json_array_size(to); j++)
            if (text_to_int(json_string_value(json_array_get(to, j)), &next) && next > 0 &&
                next <= NATIONAL_STATUSES)
                s->next[next] = true;
    }
    pack_close(&f);
    return true;
}

static const json_t *state(const struct check *k, size_t i)
{
    return json_array_get(k->states, i);
}

static int64_t national_of(const struct check *k, const char *name)
{
    return json_int_of(state(k, casework_state_at(k, name)), "national", RECEIVED);
}

static void check_states(struct check *k)
{
    for (size_t i = 0; i < json_array_size(k->states); i++) {
        const struct national_status *s =
            &k->status[json_int_of(state(k, i), "national", RECEIVED)];
        if (!text_eq(json_text_of(state(k, i), "clock", ""), s->clock))
            casework_problem(k, AT(k, "states[%zu].clock", i),
                             AT(k, "the national status means %s", s->clock));
        if (json_bool_of(state(k, i), "terminal", false) != s->terminal)
            casework_problem(k, AT(k, "states[%zu].terminal", i),
                             "the national status says otherwise");
    }
}

/* ---- actions ---- */

static void check_steps(struct check *k, const char *place, const json_t *x)
{
    const json_t *from = json_list_of(x, "from");
    int64_t to = national_of(k, json_text_of(x, "to", ""));
    for (size_t i = 0; i < json_array_size(from); i++) {
        int64_t here = national_of(k, json_string_value(json_array_get(from, i)));
        if (here != to && !k->status[here].next[to])
            casework_problem(k, AT(k, "%s.from[%zu]", place, i),
                             AT(k, "no legal step from national status %lld to %lld",
                                (long long)here, (long long)to));
    }
}

static void check_permission(struct check *k, const char *place, const json_t *x)
{
    const char *role = json_text_of(x, "role", ""), *wanted = json_text_of(x, "permission", "");
    const char *const *has = country_role(k->c->node->country, role);
    bool system = text_eq(role, "system"), found = false;
    if (system && *wanted)
        casework_problem(k, AT(k, "%s.permission", place), "the system needs none");
    if (system)
        return;
    for (; has && *has; has++)
        found = found || text_eq(*has, wanted);
    if (text_empty(wanted))
        casework_problem(k, AT(k, "%s.permission", place), "no permission");
    else if (!found)
        casework_problem(k, AT(k, "%s.permission", place),
                         AT(k, "%s does not have %s", role, wanted));
}

/* Who is refused, asked for more, stopped or kept waiting is told why. */
static void check_reason(struct check *k, const char *place, const json_t *x)
{
    const char *form = json_text_of(x, "form", "");
    const json_t *from = json_list_of(x, "from");
    int64_t to = national_of(k, json_text_of(x, "to", ""));
    bool withdrawn = true; /* the citizen's own wish */
    for (size_t i = 0; i < json_array_size(from); i++)
        withdrawn =
            withdrawn && national_of(k, json_string_value(json_array_get(from, i))) == WITHDRAWING;
    bool must = text_eq(form, "02") || text_eq(form, "03") || text_eq(form, "04") ||
                to == REFUSED || to == SUPPLEMENT || to == WITHDRAWING ||
                (to == STOPPED && !withdrawn);
    if (must && !json_bool_of(x, "needs_reason", false))
        casework_problem(k, AT(k, "%s.needs_reason", place), "must give a reason");
}

static void check_actions(struct check *k)
{
    for (size_t i = 0; i < json_array_size(k->actions); i++) {
        const json_t *x = json_array_get(k->actions, i);
        const char *place = AT(k, "actions[%zu]", i), *role = json_text_of(x, "role", "");
        check_steps(k, place, x);
        check_permission(k, place, x);
        check_reason(k, place, x);
        if (json_bool_of(x, "sign", false) && (text_eq(role, "citizen") || text_eq(role, "system")))
            casework_problem(k, AT(k, "%s.sign", place), "only an official signs");
    }
}

/* ---- times ---- */

struct walks {
    const struct check *k;
    bool seen[CASEWORK_MAX_STATES];
    size_t n;
};

/* Most working hours with a running clock on a way that enters no state twice. */
static int64_t longest(struct walks *w, size_t at)
{
    const json_t *s = state(w->k, at);
    const char *name = json_text_of(s, "name", "");
    int64_t own = text_eq(json_text_of(s, "clock", ""), "run") ? json_int_of(s, "hours", 0) : 0;
    int64_t most = 0;
    w->seen[at] = true;
    for (size_t i = 0; i < json_array_size(w->k->actions) && w->n < MAX_WALKS; i++) {
        const json_t *x = json_array_get(w->k->actions, i);
        size_t to = casework_state_at(w->k, json_text_of(x, "to", ""));
        if (w->seen[to] || !casework_leaves(x, name))
            continue;
        w->n++;
        int64_t rest = longest(w, to);
        most = rest > most ? rest : most;
    }
    w->seen[at] = false;
    return own + most;
}

static void check_deadline(struct check *k)
{
    struct walks w = {.k = k};
    int64_t days = json_int_of(json_object_get(k->process, "deadline"), "workdays", 0);
    int64_t most = longest(&w, casework_state_at(k, json_text_of(k->process, "initial", "")));
    int64_t acknowledge = json_int_of(k->process, "acknowledge_hours", 0), first = 0;
    if (w.n >= MAX_WALKS)
        casework_problem(k, "actions", "too tangled: its longest way can't be proved");
    else if (most > days * HOURS_A_DAY)
        casework_problem(k, "deadline",
                         AT(k, "the steps may take %lld hours, the deadline gives %lld",
                            (long long)most, (long long)(days * HOURS_A_DAY)));
    for (size_t i = 0; i < json_array_size(k->states); i++)
        if (json_int_of(state(k, i), "national", 0) == RECEIVED)
            first += json_int_of(state(k, i), "hours", 0);
    if (acknowledge && first > acknowledge)
        casework_problem(k, "acknowledge_hours",
                         AT(k, "reception takes %lld hours", (long long)first));
}

/* ---- the one request for a supplement ---- */

static void reach(const struct check *k, size_t at, bool *seen)
{
    const char *name = json_text_of(state(k, at), "name", "");
    for (size_t i = 0; i < json_array_size(k->actions); i++) {
        const json_t *x = json_array_get(k->actions, i);
        size_t to = casework_state_at(k, json_text_of(x, "to", ""));
        if (!casework_leaves(x, name) || seen[to])
            continue;
        seen[to] = true;
        reach(k, to, seen);
    }
}

static bool asks_again(const struct check *k, size_t at)
{
    bool seen[CASEWORK_MAX_STATES] = {false};
    reach(k, at, seen);
    for (size_t i = 0; i < json_array_size(k->states); i++)
        if (seen[i] && json_int_of(state(k, i), "national", 0) == SUPPLEMENT)
            return true;
    return false;
}

static void check_supplement(struct check *k)
{
    const json_t *rule = json_object_get(k->process, "supplement");
    int64_t max = json_int_of(rule, "max_requests", 0), days = json_int_of(rule, "workdays", 0);
    bool asked = false;
    for (size_t i = 0; i < json_array_size(k->states); i++) {
        if (json_int_of(state(k, i), "national", 0) != SUPPLEMENT)
            continue;
        asked = true;
        if (json_int_of(state(k, i), "hours", 0) != days * HOURS_A_DAY)
            casework_problem(k, AT(k, "states[%zu].hours", i),
                             AT(k, "%lld working days are %lld hours", (long long)days,
                                (long long)(days * HOURS_A_DAY)));
        if (max == 1 && asks_again(k, i))
            casework_problem(k, AT(k, "states[%zu]", i), "a second supplement could be asked for");
    }
    if (asked != (max > 0))
        casework_problem(k, "supplement", "does not fit the states");
}

void casework_check_law(struct check *k)
{
    if (!read_statuses(k)) {
        casework_problem(k, "states", "the table of national statuses can't be read");
        return;
    }
    check_states(k);
    check_actions(k);
    check_deadline(k);
    check_supplement(k);
}
