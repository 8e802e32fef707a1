/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the registry share: the insurer's register and calls with their arguments. */
#ifndef DINH_ENGINE_REGISTRY_TEST_H
#define DINH_ENGINE_REGISTRY_TEST_H

#include "base/text.h"
#include "engine/registry/registry_private.h"
#include "test/harness/node_test.h"

#define LAN  "046194900001"
#define MINH "046091900002"

static const struct module *const modules[] UNUSED = {&registry_module};
static const struct registry *insurance UNUSED;

/* ---- the world ---- */

static inline enum err start_again(struct ctx *c, void *arg)
{
    (void)arg;
    return registry_module.start(c);
}

/* The test node carries the insurer too: its register has every kind of rule. */
static inline void insurer(struct node_world *w)
{
    static const char *const members[] = {"H57", "G24", NULL};
    w->n->members = members;
    w->n->agency = "G24";
    assert_int_equal(do_write(w, start_again, NULL), OK);
    insurance = registry_find(w->c, "insurance");
    assert_non_null(insurance);
    as_official(w, "insurance_officer", "G24", "Lê Văn Bảo");
    with_purpose(w, "health_card", "case-1");
}

static int card; /* each has another */

static inline void *person(struct node_world *w, const char *number, const char *pin,
                           const char *name)
{
    const struct shape *s = registry_shape(insurance);
    void *d = registry_blank(w->c->arena, insurance);
    const char *const values[] = {"social_number", number,
                                  "pin",           pin,
                                  "full_name",     name,
                                  "sex",           "female",
                                  "birth_date",    "1994-05-12",
                                  "object",        "DN",
                                  "benefit_level", "4",
                                  "card_code",     arena_printf(w->c->arena, "DN%013d", ++card),
                                  "clinic",        "46001",
                                  "valid_from",    "2017-01-01",
                                  "status",        "active",
                                  "issued_on",     "2017-01-01",
                                  "issued_at",     "G24",
                                  "guardian_pin",  text_eq(pin, MINH) ? LAN : "",
                                  "address",       "12 Nguyễn Sinh Cung"};
    for (size_t i = 0; i < ARRAY_LEN(values); i += 2)
        shape_set_text(s, d, values[i], values[i + 1]);
    return d;
}

struct work { /* arguments and results of one call */
    void *data;
    const char *id, *words, *field, *after;
    int64_t version, valid_us, known_us, n;
    struct registry_record record, page[60];
    size_t max, n_page;
    bool yes;
};

static inline enum err add(struct ctx *c, void *arg)
{
    struct work *k = arg;
    int64_t from = k->valid_us ? k->valid_us : c->now_us;
    return registry_add(c, insurance, k->data, from, "đăng ký mới", &k->id);
}

static inline enum err change(struct ctx *c, void *arg)
{
    struct work *k = arg;
    int64_t from = k->valid_us ? k->valid_us : c->now_us;
    return registry_change(c, insurance, k->id, k->version, k->data, from, "cải chính");
}

static inline enum err cancel(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return registry_cancel(c, insurance, k->id, "thu hồi");
}

static inline enum err get(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return registry_get(c, insurance, k->id, &k->record);
}

static inline enum err get_at(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return registry_get_at(c, insurance, k->id, k->valid_us, k->known_us, &k->record);
}

static inline enum err by(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return registry_by(c, insurance, k->field, k->words, &k->record);
}

static inline enum err search(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return registry_search(c, insurance, k->words, k->after, k->page, k->max, &k->n_page);
}

static inline enum err count(struct ctx *c, void *arg)
{
    return registry_count(c, insurance, &((struct work *)arg)->n);
}

static inline const char *added(struct node_world *w, const char *number, const char *pin,
                                const char *name)
{
    struct work k = {.data = person(w, number, pin, name)};
    assert_int_equal(do_write(w, add, &k), OK);
    return k.id;
}

static inline const char *name_of(const struct registry_record *r)
{
    return shape_text(registry_shape(insurance), r->data, "full_name");
}

static inline void assert_fault(struct node_world *w, const char *field)
{
    assert_true(w->c->n_faults > 0);
    assert_string_equal(w->c->faults[0].field, field);
}

static inline enum err all_versions(struct ctx *c, void *arg)
{
    struct work *k = arg;
    return registry_versions(c, insurance, k->id, k->page, k->max, &k->n_page);
}

#endif
