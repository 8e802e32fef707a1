/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "engine/casework/casework_private.h"
#include "web/shape_order.h"

static const char *text_in(struct arena *a, const json_t *o, const char *name)
{
    return arena_text(a, json_text_of(o, name, ""));
}

static void labels_in(struct arena *a, const json_t *o, const char *name, const char *ret[2])
{
    const json_t *label = json_object_get(o, name);
    ret[LANG_VI] = text_in(a, label, "vi");
    ret[LANG_EN] = arena_text(a, json_text_of(label, "en", ret[LANG_VI]));
}

static const char *const *texts_in(struct arena *a, const json_t *o, const char *name)
{
    const json_t *list = json_list_of(o, name);
    size_t n = list ? json_array_size(list) : 0;
    const char **out = ARENA_ARRAY(a, n + 1, const char *);
    for (size_t i = 0; i < n; i++)
        out[i] = arena_text(a, json_string_value(json_array_get(list, i)));
    return out;
}

static enum clock clock_of(const char *name)
{
    if (text_eq(name, "stop"))
        return CLOCK_STOP;
    return text_eq(name, "end") ? CLOCK_END : CLOCK_RUN;
}

static void load_state(struct arena *a, const json_t *o, struct process_state *s)
{
    s->name = text_in(a, o, "name");
    labels_in(a, o, "label", s->label);
    s->owner_role = text_in(a, o, "owner_role");
    s->national = json_int_of(o, "national", 0);
    s->hours = json_int_of(o, "hours", 0);
    s->terminal = json_bool_of(o, "terminal", false);
    s->clock = clock_of(json_text_of(o, "clock", "run"));
}

static void load_action(struct arena *a, const json_t *o, struct process_action *x)
{
    x->name = text_in(a, o, "name");
    labels_in(a, o, "label", x->label);
    x->role = text_in(a, o, "role");
    x->permission = text_in(a, o, "permission");
    x->to = text_in(a, o, "to");
    x->form = text_in(a, o, "form");
    x->from = texts_in(a, o, "from");
    x->effects = texts_in(a, o, "effects");
    x->needs_reason = json_bool_of(o, "needs_reason", false);
    x->sign = json_bool_of(o, "sign", false);
}

static const struct process *process_load(struct arena *a, const json_t *o)
{
    struct process *p = ARENA_NEW(a, struct process);
    const json_t *states = json_list_of(o, "states"), *actions = json_list_of(o, "actions");
    p->code = text_in(a, o, "code");
    p->initial = text_in(a, o, "initial");
    p->max_supplements = json_int_of(json_object_get(o, "supplement"), "max_requests", 1);
    p->max_extensions = json_int_of(o, "max_extensions", 1);
    for (size_t i = 0; i < json_array_size(states); i++)
        load_state(a, json_array_get(states, i), &p->states[p->n_states++]);
    for (size_t i = 0; i < json_array_size(actions); i++)
        load_action(a, json_array_get(actions, i), &p->actions[p->n_actions++]);
    return p;
}

static struct due_rule deadline_of(const json_t *o)
{
    const char *cutoff = json_text_of(o, "cutoff", "");
    int64_t hour = 0, minute = 0;
    char h[3] = {0};
    if (text_chars(cutoff) == 5) {
        h[0] = cutoff[0], h[1] = cutoff[1];
        if (!text_to_int(h, &hour) || !text_to_int(cutoff + 3, &minute))
            hour = minute = 0;
    }
    return (struct due_rule){.workdays = (int)json_int_of(o, "workdays", 0),
                             .cutoff_minute = (int)(hour * 60 + minute),
                             .end_of_day =
                                 text_eq(json_text_of(o, "due_at", "same_time"), "end_of_day")};
}

enum err casework_procedure_load(struct ctx *c, struct arena *a, const struct pack_file *f,
                                 struct procedure **ret)
{
    struct procedure *p = ARENA_NEW(a, struct procedure);
    json_t *doc = f->root;
    const json_t *process = json_object_get(doc, "process");
    struct process_problem problems[CASEWORK_MAX_PROBLEMS];
    size_t n = process_problems(c, process, problems, ARRAY_LEN(problems));
    for (size_t i = 0; i < n; i++)
        (void)pack_fault(c, f, arena_printf(c->arena, "process.%s", problems[i].place),
                         problems[i].reason);
    if (n)
        return ERR_DEFINITION;
    p->code = text_in(a, doc, "code");
    p->file = arena_text(a, f->name);
    p->doc = doc;
    labels_in(a, doc, "name", p->name);
    if (text_empty(p->code) || text_empty(p->name[LANG_VI]))
        return pack_fault(c, f, "code", "code and Vietnamese name are needed");
    p->process = process_load(a, process);
    p->deadline = deadline_of(json_object_get(process, "deadline"));
    enum err e = shape_load(c, a, f->name, p->code, json_list_of(doc, "fields"), &p->form);
    if (!e)
        e = shape_with_orders(c, a, f->name, json_object_get(doc, "orders"), p->form, &p->form);
    if (e)
        pack_lines(c, f);
    else
        *ret = p;
    return e;
}

const struct process_state *process_state_of(const struct process *p, const char *name)
{
    for (size_t i = 0; i < p->n_states; i++)
        if (text_eq(p->states[i].name, name))
            return &p->states[i];
    return NULL;
}

const struct process_action *process_action_of(const struct process *p, const char *name)
{
    for (size_t i = 0; i < p->n_actions; i++)
        if (text_eq(p->actions[i].name, name))
            return &p->actions[i];
    return NULL;
}
