/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of casework share: a birth filed at a ward, and calls with their arguments. */
#ifndef DINH_ENGINE_CASEWORK_TEST_H
#define DINH_ENGINE_CASEWORK_TEST_H

#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "engine/casework/casework_private.h"
#include "test/harness/node_test.h"

#define LAN   "046194900001"
#define MINH  "046091900002"
#define WARD  "H57.31.08" /* 000.08.31.H57 */
#define BIRTH "1.001193"

static const struct module *const modules[] UNUSED = {&casework_module};

struct work { /* arguments and results of one call */
    const char *code, *action, *reason, *unit, *channel, *name, *value;
    const void *form;
    int64_t version;
    struct casework_case k, page[100];
    struct casework_filter filter;
    struct casework_event events[20];
    struct casework_document document, documents[9];
    struct casework_counts counts;
    size_t n, max;
    const char *next;
};

static inline void lan(struct node_world *w)
{
    as_citizen(w, LAN, "Nguyễn Thị Lan");
    with_purpose(w, NULL, NULL);
}

static inline void official(struct node_world *w, const char *role, const char *unit)
{
    as_official(w, role, unit, "Phan Thị Thu Hà");
    with_purpose(w, "birth_registration", NULL);
}

static inline void clerk(struct node_world *w)
{
    official(w, "commune_clerk", WARD);
}

static inline void *form_of(struct node_world *w, const char *child)
{
    const struct procedure *p = procedure_find(w->c, BIRTH);
    void *form = shape_new(w->c->arena, p->form);
    shape_set_text(p->form, form, "child_name", child);
    shape_set_text(p->form, form, "requester_name", "Nguyễn Thị Lan");
    return form;
}

static inline enum err file_it(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_file(c, procedure_find(c, BIRTH), k->unit ? k->unit : WARD,
                         k->channel ? k->channel : "online", k->form, &k->k);
}

static inline enum err get_it(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_get(c, k->code, &k->k);
}

static inline enum err act_on_it(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_act(c, k->code, k->action, k->version, k->reason, k->form, &k->k);
}

static inline enum err list_them(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return casework_list(c, &k->filter, k->page, k->max ? k->max : 100, &k->n, &k->next);
}

/* A case of Lan's, filed now. */
static inline struct casework_case filed(struct node_world *w, const char *child)
{
    struct work k = {.form = form_of(w, child)};
    lan(w);
    assert_int_equal(do_write(w, file_it, &k), OK);
    return k.k;
}

/* By whoever acts now; the version is the one it has. */
static inline enum err acted(struct node_world *w, struct casework_case *k, const char *action,
                             const char *reason)
{
    struct work x = {.code = k->code, .action = action, .version = k->version, .reason = reason};
    enum err e = do_write(w, act_on_it, &x);
    if (!e)
        *k = x.k;
    return e;
}

static inline void assert_fault(struct node_world *w, const char *field)
{
    assert_true(w->c->n_faults > 0);
    assert_string_equal(w->c->faults[0].field, field);
}

#endif
