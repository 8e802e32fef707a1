/* SPDX-License-Identifier: Apache-2.0 */
/* The forms, registers and people of the built-in country pack go through the shape loader. */
#include "test/harness/unit.h"

#include <string.h>

#include "base/text.h"
#include "gen/assets.h"
#include "web/json.h"
#include "web/shape.h"

static const int64_t time_us_2026 = 1767225600000000; /* 2026-01-01T00:00:00Z */
static struct arena *arena;
static struct ctx ctx;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(0);
    ctx = (struct ctx){.arena = arena, .request_id = "-", .now_us = time_us_2026};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_end(arena);
    return 0;
}

static json_t *open_file(const char *path)
{
    const struct country_file *f = country_file_find(path);
    json_t *doc;
    assert_non_null(f);
    assert_int_equal(json_definition(&ctx, path, (struct bytes){f->raw, f->len}, &doc), OK);
    return doc;
}

static void tell_faults(const char *what)
{
    for (size_t i = 0; i < ctx.n_faults; i++) {
        const struct fault *f = &ctx.faults[i];
        print_message("%s: %s %s %s %s\n", what, f->field, f->args[0] ? f->args[0] : "",
                      f->args[1] ? f->args[1] : "", f->args[2] ? f->args[2] : "");
    }
    ctx.n_faults = 0;
}

static const struct shape *shape_of(const char *path)
{
    json_t *doc = open_file(path);
    const struct shape *s;
    enum err e = shape_load(&ctx, arena, path, path, json_list_of(doc, "fields"), &s);
    tell_faults(path);
    assert_int_equal(e, OK);
    json_end(doc);
    return s;
}

static void test_shape_loads_every_definition_of_the_pack(void **state)
{
    (void)state;
    size_t n = 0;
    for (const struct country_file *f = country_files; f->path; f++) {
        if (!text_starts(f->path, "vn/registers/") && !text_starts(f->path, "vn/procedures/"))
            continue;
        assert_true(shape_of(f->path)->n > 10);
        n++;
    }
    assert_true(n >= 4);
}

static void test_shape_keeps_what_the_birth_form_says(void **state)
{
    (void)state;
    const struct shape *s = shape_of("vn/procedures/1.001193.json");
    const struct field *mother = shape_field(s, "mother_name");
    assert_string_equal(mother->prefill_register, "population");
    assert_string_equal(mother->prefill_field, "full_name");
    assert_string_equal(mother->prefill_subject, "mother");
    assert_string_equal(mother->source_name, "meHoTen");
    assert_int_equal(shape_field(s, "requester_pin")->kind, KIND_PIN);
    assert_int_equal(shape_field(s, "birth_notice_file")->max_bytes, 10485760);
    assert_string_equal(shape_field(s, "birth_unit")->visible_value, "0");
}

static void test_shape_reads_every_person_of_the_demonstration(void **state)
{
    (void)state;
    json_t *doc = open_file("vn/people/demo_people.json"), *person, *fields;
    size_t i, n = 0;
    const char *name;
    json_array_foreach(json_object_get(doc, "people"), i, person)
    {
        json_object_foreach(json_object_get(person, "registers"), name, fields)
        {
            const char *path = arena_printf(arena, "vn/registers/%s.json", name);
            const struct shape *s = shape_of(path);
            const char *text = json_out(arena, fields, false);
            enum err e = shape_from_json(&ctx, s, bytes_of(text), shape_new(arena, s));
            tell_faults(path);
            assert_int_equal(e, OK);
            n++;
        }
    }
    json_end(doc);
    assert_true(n > 57);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape_loads_every_definition_of_the_pack),
        cmocka_unit_test(test_shape_keeps_what_the_birth_form_says),
        cmocka_unit_test(test_shape_reads_every_person_of_the_demonstration),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
