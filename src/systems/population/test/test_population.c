/* SPDX-License-Identifier: Apache-2.0 */
/* The services of the population database, called as the exchange calls them. */
#include "test/harness/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/access.h"
#include "engine/registry/registry.h"
#include "systems/population/population.h"
#include "test/harness/node_test.h"
#include "web/json.h"

#define MOTHER "046194900001"
#define FATHER "046091900002"
#define CASE_1 "H57.31.08-200604-0001"

static const struct module *const modules[] = {&registry_module, &population_module};

static const struct service *service(const char *code)
{
    for (size_t i = 0; i < population_module.n_services; i++)
        if (text_eq(population_module.services[i].code, code))
            return &population_module.services[i];
    assert_string_equal(code, "a service");
    return NULL;
}

/* ---- the world: a mother and a father of one household ---- */

static const char *const parents[] = {
    "{\"pin\":\"" MOTHER "\",\"full_name\":\"Nguyễn Thị Lan\",\"sex\":\"female\","
    "\"birth_date\":\"1994-05-12\",\"ethnic_group\":\"01\",\"nationality\":\"VN\","
    "\"religion\":\"none\",\"blood_group\":\"O+\",\"permanent_unit\":\"19777\","
    "\"permanent_address\":\"12 Nguyễn Sinh Cung\",\"residence_type\":\"permanent\","
    "\"household_number\":\"460197770001\",\"household_head_pin\":\"" FATHER "\","
    "\"spouse_pin\":\"" FATHER "\",\"phone\":\"0905000001\",\"life_status\":\"alive\"}",
    "{\"pin\":\"" FATHER "\",\"full_name\":\"Trần Quang Minh\",\"sex\":\"male\","
    "\"birth_date\":\"1991-11-02\",\"ethnic_group\":\"01\",\"nationality\":\"VN\","
    "\"life_status\":\"alive\"}"};

static enum err add_parents(struct ctx *c, void *arg)
{
    (void)arg;
    const struct registry *r = registry_find(c, "population");
    for (size_t i = 0; i < ARRAY_LEN(parents); i++) {
        void *data = registry_blank(c->arena, r);
        const char *id;
        enum err e = shape_from_json(c, registry_shape(r), bytes_of(parents[i]), data);
        if (!e)
            e = registry_add(c, r, data, c->now_us, "thử", &id);
        if (e)
            return e;
    }
    return OK;
}

/* ---- asking ---- */

struct asked {
    const char *code, *client, *body;
    struct service_call call;
};

static enum err ask_now(struct ctx *c, void *arg)
{
    struct asked *a = arg;
    a->call = (struct service_call){
        .client = a->client, .member = "G01", .body = bytes_of(a->body), .status = 200};
    return service(a->code)->serve(c, &a->call);
}

/* As the exchange does: an agency acts, in a write transaction. */
static enum err ask(struct node_world *w, struct asked *a)
{
    as_official(w, "civil_status_officer", "H57.31.08", "Ngô Đức Thịnh");
    return do_write(w, ask_now, a);
}

static const char *answered(struct node_world *w, const struct asked *a, const char *name)
{
    json_t *o;
    assert_int_equal(json_in(w->c, "answer", a->call.answer, &o), OK);
    const char *text = json_text_of(o, name, NULL);
    text = text ? arena_text(w->c->arena, text) : NULL;
    json_end(o);
    return text;
}

struct birth {
    const char *dossier, *name, *sex, *born, *mother, *father, *unit;
};
#define CHILD                                                                                      \
    {                                                                                              \
        CASE_1, "Trần Nguyễn An Nhiên", "female", "2020-05-17", MOTHER, FATHER, "19777"            \
    }

static struct asked assign(struct node_world *w, struct birth b)
{
    with_purpose(w, "birth_registration", b.dossier);
    return (struct asked){
        .code = "population.assign",
        .client = "H57",
        .body = arena_printf(
            w->c->arena,
            "{\"dossier_code\":\"%s\",\"full_name\":\"%s\",\"sex\":\"%s\",\"birth_date\":\"%s\","
            "\"ethnic_group\":\"01\",\"nationality\":\"VN\",\"home_town\":\"Huế\","
            "\"mother_pin\":\"%s\",\"mother_name\":\"Nguyễn Thị Lan\",\"father_pin\":\"%s\","
            "\"father_name\":\"\",\"birth_registration_unit\":\"%s\",\"entry_number\":1,"
            "\"entry_book\":\"01/2020\"}",
            b.dossier, b.name, b.sex, b.born, b.mother, b.father, b.unit)};
}

static struct asked person(const char *pin, struct node_world *w, const char *purpose)
{
    with_purpose(w, purpose, CASE_1);
    return (struct asked){.code = "population.person",
                          .client = "H57",
                          .body = arena_printf(w->c->arena, "{\"pin\":\"%s\"}", pin)};
}

static enum err assign_now(struct node_world *w, struct birth b, const char **ret_pin)
{
    struct asked a = assign(w, b);
    enum err e = ask(w, &a);
    if (!e)
        *ret_pin = answered(w, &a, "pin");
    return e;
}

static void run(void (*body)(struct node_world *w, void *arg))
{
    node_test_agency("G01");
    node_test(modules, ARRAY_LEN(modules), body, NULL);
}

/* ---- assigning ---- */

static void assigned(struct node_world *w, void *arg)
{
    (void)arg;
    const char *pin, *again, *twin;
    struct birth b = CHILD;
    assert_int_equal(do_write(w, add_parents, NULL), OK);
    assert_int_equal(assign_now(w, b, &pin), OK);
    assert_true(text_matches_digits(pin, 12));
    assert_true(text_starts(pin, "046320")); /* province 46, a woman of the 21st century, 2020 */
    assert_int_equal(assign_now(w, b, &again), OK);
    assert_string_equal(again, pin);
    b.name = "Trần Nguyễn An Bình";
    assert_int_equal(assign_now(w, b, &twin), ERR_DOSSIER_ASSIGNED);
    b.dossier = "H57.31.08-200604-0002";
    b.sex = "male";
    assert_int_equal(assign_now(w, b, &twin), OK);
    assert_true(text_starts(twin, "046220"));

    struct asked a = person(pin, w, "birth_registration");
    assert_int_equal(ask(w, &a), OK);
    assert_string_equal(answered(w, &a, "full_name"), "Trần Nguyễn An Nhiên");
    assert_string_equal(answered(w, &a, "permanent_address"), "12 Nguyễn Sinh Cung");
    assert_string_equal(answered(w, &a, "household_number"), "460197770001");
    assert_string_equal(answered(w, &a, "mother_pin"), MOTHER);
}

static void test_population_assigns_once_a_dossier(void **state)
{
    (void)state;
    run(assigned);
}

static void refused(struct node_world *w, void *arg)
{
    (void)arg;
    const char *pin;
    const struct birth good = CHILD;
    assert_int_equal(do_write(w, add_parents, NULL), OK);
    struct birth b = good;
    assert_int_equal(assign_now(w, b, &pin), OK);
    b.dossier = "H57.31.08-200604-0009";
    b.name = "TRAN NGUYEN AN NHIEN";
    assert_int_equal(assign_now(w, b, &pin), ERR_PERSON_EXISTS);
    b.mother = "";
    assert_int_equal(assign_now(w, b, &pin), ERR_PERSON_EXISTS); /* found by the father */
    b = good;
    b.dossier = "H57.31.08-200604-0010";
    b.name = "Trần Văn Khác";
    b.sex = "undetermined";
    assert_int_equal(assign_now(w, b, &pin), ERR_SEX_UNDETERMINED);
    b.sex = "male";
    b.unit = "99999";
    assert_int_equal(assign_now(w, b, &pin), ERR_BAD_CODE);
    b.unit = "19777";
    b.mother = "046194999999";
    assert_int_equal(assign_now(w, b, &pin), ERR_PARENT_UNKNOWN);
    assert_string_equal(w->c->faults[0].field, "mother_pin");
    b.mother = MOTHER;
    b.born = "2020-06-05"; /* tomorrow */
    assert_int_equal(assign_now(w, b, &pin), ERR_FUTURE);
    b.born = "2020-05-17";
    assert_int_equal(assign_now(w, b, &pin), OK); /* nothing of the refusals stayed */
}

static void test_population_refuses(void **state)
{
    (void)state;
    run(refused);
}

/* ---- reading ---- */

static void told(struct node_world *w, void *arg)
{
    (void)arg;
    assert_int_equal(do_write(w, add_parents, NULL), OK);
    struct asked a = person(MOTHER, w, "prefill");
    assert_int_equal(ask(w, &a), OK);
    assert_string_equal(answered(w, &a, "phone"), "0905000001");
    assert_string_equal(answered(w, &a, "spouse_pin"), FATHER);
    assert_null(answered(w, &a, "religion"));
    assert_null(answered(w, &a, "blood_group"));
    a = person("046194900099", w, "prefill");
    assert_int_equal(ask(w, &a), ERR_PERSON_UNKNOWN);
    assert_int_equal(err_row(ERR_PERSON_UNKNOWN)->status, 404);
    a = person("46194900001", w, "prefill");
    assert_int_not_equal(ask(w, &a), OK);
    a = person(MOTHER, w, "population_management"); /* not for that agency */
    assert_int_equal(ask(w, &a), ERR_PURPOSE);
    a = person(MOTHER, w, "curiosity");
    assert_int_equal(ask(w, &a), ERR_PURPOSE);
    a = person(MOTHER, w, "own_data"); /* said by an official, then by another citizen */
    assert_int_equal(ask(w, &a), ERR_PURPOSE);
    as_citizen(w, FATHER, "Trần Quang Minh");
    assert_int_equal(do_write(w, ask_now, &a), ERR_PURPOSE);
    as_citizen(w, MOTHER, "Nguyễn Thị Lan");
    assert_int_equal(do_write(w, ask_now, &a), OK);
}

static void test_population_tells_what_the_purpose_needs(void **state)
{
    (void)state;
    run(told);
}

static enum err lines_of_mother(struct ctx *c, void *arg)
{
    struct access_line *lines = arg;
    size_t n;
    enum err e = access_of_person(c, MOTHER, "", lines, 50, &n);
    lines[n].person = NULL;
    return e;
}

static void seen(struct node_world *w, void *arg)
{
    (void)arg;
    struct access_line lines[51] = {0};
    const char *pin;
    struct birth b = CHILD;
    assert_int_equal(do_write(w, add_parents, NULL), OK);
    struct asked a = person(MOTHER, w, "curiosity");
    assert_int_equal(ask(w, &a), ERR_PURPOSE);
    a = person(MOTHER, w, "prefill");
    assert_int_equal(ask(w, &a), OK);
    clock_by(w, MINUTE_US);
    assert_int_equal(assign_now(w, b, &pin), OK);
    as_citizen(w, MOTHER, "Nguyễn Thị Lan");
    assert_int_equal(do_read(w, lines_of_mother, lines), OK);
    assert_non_null(lines[0].person);
    assert_string_equal(lines[0].purpose, "birth_registration");
    assert_string_equal(lines[0].matter, CASE_1);
    assert_string_equal(lines[0].reader_unit, "H57.31.08");
    assert_string_equal(lines[1].purpose, "prefill");
    assert_string_equal(lines[1].what, "population");
    assert_null(lines[2].person); /* what was refused was not read */
}

static void test_population_reading_is_seen_by_the_person(void **state)
{
    (void)state;
    run(seen);
}

static void test_population_services_name_their_purposes(void **state)
{
    (void)state;
    for (size_t i = 0; i < population_module.n_services; i++)
        assert_non_null(population_module.services[i].purposes);
    assert_true(service("population.assign")->write);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_population_assigns_once_a_dossier),
        cmocka_unit_test(test_population_refuses),
        cmocka_unit_test(test_population_tells_what_the_purpose_needs),
        cmocka_unit_test(test_population_reading_is_seen_by_the_person),
        cmocka_unit_test(test_population_services_name_their_purposes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
