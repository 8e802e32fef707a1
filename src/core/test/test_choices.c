/* SPDX-License-Identifier: Apache-2.0 */
/* Catalogues of the built-in country as the choices of a form. */
#include "test/harness/unit.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/choices.h"
#include "core/country.h"
#include "core/node.h"

static void test_choices_of_the_country(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct node node = {.name = "test"};
    struct ctx c = {.arena = a, .request_id = "-", .node = &node};
    const struct choice *rows = NULL;
    c.now_us = us_from_civil((struct civil){2025, 11, 22, 9, 0, 0}, LOCAL_OFFSET_US);
    assert_int_equal(country_load(&c, a, NULL, &node.country), OK);
    choices_use_country();
    const struct catalogues *k = shape_catalogues();
    assert_string_equal(k->name(&c, "sex", "female"), "Nữ");
    assert_null(k->name(&c, "sex", "none"));
    assert_true(k->choices(&c, "sex", NULL, &rows) >= 2);
    assert_int_equal(k->choices(&c, "admin_units", "commune", &rows), 0);
    assert_non_null(strstr(k->name(&c, "admin_units", "46"), "Huế"));
    assert_string_equal(k->find(&c, "sex", NULL, "NU"), "female");
    assert_string_equal(k->find(&c, "countries", NULL, "viet nam"), "VN");
    assert_null(k->find(&c, "countries", NULL, ""));
    assert_null(k->find(&c, "admin_units", "commune", "Thuận Thành"));
    size_t now = k->choices(&c, "provinces_pin", NULL, &rows);
    c.now_us = us_from_civil((struct civil){2025, 6, 1, 9, 0, 0}, LOCAL_OFFSET_US);
    assert_true(k->choices(&c, "provinces_pin", NULL, &rows) > now); /* some ended that summer */
    shape_use_catalogues(NULL);
    arena_end(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_choices_of_the_country)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
