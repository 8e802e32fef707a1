/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in country pack as the program sees it, and packs with faults. */
#include "test/harness/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"
#include "core/country.h"

static struct arena *arena;
static struct ctx ctx;
static const struct country *vn;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(0);
    ctx = (struct ctx){.arena = arena, .request_id = "-"};
    assert_int_equal(country_load(&ctx, arena, NULL, &vn), OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_end(arena);
    return 0;
}

static void test_country_codes_by_catalogue(void **state)
{
    (void)state;
    size_t n;
    assert_string_equal(country_name(vn, "sex", "female", LANG_VI), "Nữ");
    assert_string_equal(country_name(vn, "sex", "female", LANG_EN), "Female");
    assert_string_equal(country_name(vn, "sex", "none such", LANG_VI), "none such");
    assert_null(country_code(vn, "sex", "99"));
    assert_null(country_code(vn, "sex", NULL));
    assert_null(country_code(vn, "no such catalogue", "female"));
    const struct code_row *rows = country_codes(vn, "countries", &n);
    assert_true(n > 190);
    assert_string_equal(rows[0].code, "VN"); /* the order of the file */
    assert_null(country_codes(vn, "no such catalogue", &n));
    assert_int_equal(n, 0);
    assert_string_equal(country_code(vn, "provinces_pin", "002")->until, "2025-06-30");
    assert_string_equal(country_code(vn, "provinces_pin", "001")->until, "");
}

static void test_country_administrative_units(void **state)
{
    (void)state;
    size_t n, communes = 0;
    country_codes(vn, "admin_units", &n);
    assert_int_equal(n, 63 + 705 + 10599);
    const struct code_row *const *provinces = country_children(vn, "", &n);
    assert_int_equal(n, 63);
    assert_string_equal(provinces[0]->code, "01");
    const struct code_row *const *districts = country_children(vn, "46", &n);
    for (size_t i = 0; i < n; i++) {
        size_t m;
        assert_string_equal(districts[i]->parent, "46");
        assert_non_null(country_children(vn, districts[i]->code, &m));
        communes += m;
    }
    assert_true(n >= 9 && communes > 140);
    assert_null(country_children(vn, "99999", &n));
    assert_int_equal(n, 0);
    assert_string_equal(country_place(arena, vn, "19774"),
                        "Phường Kim Long, Thành phố Huế, Tỉnh Thừa Thiên Huế");
    assert_string_equal(country_place(arena, vn, "x"), "");
}

static void test_country_agencies(void **state)
{
    (void)state;
    size_t n;
    const struct agency *hue = country_agency(vn, "H57");
    assert_non_null(hue);
    assert_string_equal(hue->admin_unit, "46");
    assert_ptr_equal(country_agency(vn, hue->old_code), hue);
    const struct agency *commune = country_agency(vn, "H57.31.01");
    assert_non_null(commune);
    assert_string_equal(commune->old_code, "000.01.31.H57");
    assert_ptr_equal(country_agency(vn, "000.01.31.H57"), commune);
    assert_string_equal(country_agency(vn, commune->parent)->parent, "H57");
    assert_non_null(country_code(vn, "admin_units", commune->admin_unit));
    assert_null(country_agency(vn, ""));
    assert_null(country_agency(vn, "H99.99"));
    country_agencies(vn, &n);
    assert_true(n > 200);
}

static void test_country_roles(void **state)
{
    (void)state;
    const char *const *may = country_role(vn, "commune_clerk");
    bool receives = false;
    assert_non_null(may);
    for (size_t i = 0; may[i]; i++) {
        receives = receives || text_eq(may[i], "onestop.receive");
        assert_true(i == 0 || strcmp(may[i - 1], may[i]) < 0);
    }
    assert_true(receives);
    assert_null(country_role(vn, "king"));
    assert_string_equal(country_role_name(vn, "auditor", LANG_EN), "Auditor");
    assert_int_equal(country_role_reach(vn, "citizen"), REACH_SELF);
    assert_int_equal(country_role_reach(vn, "commune_clerk"), REACH_UNIT);
    assert_int_equal(country_role_reach(vn, "supervisor"), REACH_BELOW);
    assert_int_equal(country_role_reach(vn, "auditor"), REACH_NODE);
    assert_int_equal(country_role_reach(vn, "king"), REACH_SELF);
}

#define UNITS_HEAD "code\tparent\tlevel\tkind\tname\tname_en\n"

static void write_file(const char *dir, const char *name, const char *text)
{
    const char *path = arena_printf(arena, "%s/%s", dir, name);
    assert_int_equal(sys_write_file(&ctx, path, bytes_of(text), 0600), OK);
}

/* A pack of one catalogue, units and roles. */
static enum err load(const char *units, const char *sexes, const char *roles)
{
    static const char *const names[] = {"catalogues/admin_units.tsv", "catalogues/sex.json",
                                        "roles.json"};
    char dir[] = "/tmp/dinh-country-XXXXXX";
    const struct country *k = NULL;
    assert_non_null(mkdtemp(dir));
    ctx_clear_faults(&ctx);
    const char *folder = arena_printf(arena, "%s/catalogues", dir);
    assert_int_equal(sys_mkdir(&ctx, folder, 0700), OK);
    write_file(dir, names[0], arena_printf(arena, UNITS_HEAD "%s", units));
    write_file(dir, names[1], sexes);
    write_file(dir, names[2], roles);
    enum err e = country_load(&ctx, arena, dir, &k);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_int_equal(sys_unlink(&ctx, arena_printf(arena, "%s/%s", dir, names[i])), OK);
    rmdir(folder);
    rmdir(dir);
    assert_true((e == OK) == (k != NULL));
    return e;
}

#define GOOD_UNITS "01\t\t1\tcity\tHà Nội\tHa Noi\n001\t01\t2\tdistrict\tBa Đình\tBa Dinh\n"
#define GOOD_SEX                                                                                   \
    "{\"catalogue\": \"sex\",\n\"rows\": [\n"                                                      \
    "{\"code\": \"m\", \"name\": {\"vi\": \"Nam\", \"en\": \"Male\"}},\n"                          \
    "{\"code\": \"f\", \"name\": {\"vi\": \"Nữ\", \"en\": \"Female\"}}]}"
#define GOOD_ROLES "{\"roles\": []}"

static void test_country_faults_name_file_and_line(void **state)
{
    static const struct {
        const char *units, *sex, *roles, *file, *where;
    } rows[] = {
        {"01\t\t1\tcity\tHà Nội\n", GOOD_SEX, GOOD_ROLES, "admin_units.tsv", "line 2"},
        {GOOD_UNITS "002\t77\t2\tx\ta\tb\n", GOOD_SEX, GOOD_ROLES, "admin_units.tsv", "line 4"},
        {GOOD_UNITS "002\t01\t9\tx\ta\tb\n", GOOD_SEX, GOOD_ROLES, "admin_units.tsv", "line 4"},
        {GOOD_UNITS "002\t01\t\tx\ta\tb\n", GOOD_SEX, GOOD_ROLES, "admin_units.tsv", "line 4"},
        {GOOD_UNITS "002\t01\t1\tx\ta\tb\n", GOOD_SEX, GOOD_ROLES, "admin_units.tsv", "line 4"},
        {GOOD_UNITS "002\t\t2\tx\ta\tb\n", GOOD_SEX, GOOD_ROLES, "admin_units.tsv", "line 4"},
        {GOOD_UNITS "01\t\t1\tx\ta\tb\n", GOOD_SEX, GOOD_ROLES, "admin_units.tsv", ""},
        {"01\t\t1\tcity\tHà Nội\tHa Noi", GOOD_SEX, GOOD_ROLES, "admin_units.tsv", ""},
        {GOOD_UNITS, "{\"catalogue\": \"sex\",\n\"rows\": [\n{\"code\": 1}]}", GOOD_ROLES,
         "sex.json", "line 3: rows[0].code"},
        {GOOD_UNITS, "{\"catalogue\": \"sex\",\n\"rows\": [\n{\"code\": \"1\"}]}", GOOD_ROLES,
         "sex.json", "line 3: rows[0].name"},
        {GOOD_UNITS, "{\"catalogue\": \"sexes\"}", GOOD_ROLES, "sex.json", "line 1: catalogue"},
        {GOOD_UNITS, "{\"catalogue\":", GOOD_ROLES, "sex.json", "line"},
        {GOOD_UNITS, GOOD_SEX, "{\"roles\": [\n{\"code\": \"x\"}]}", "roles.json",
         "line 2: roles[0]"},
        {GOOD_UNITS, GOOD_SEX,
         "{\"roles\": [{\"code\": \"x\", \"label\": {\"vi\": \"x\", \"en\": \"x\"},\n"
         "\"scope\": \"world\", \"permissions\": [\"a.b\"]}]}",
         "roles.json", "line 2: roles[0].scope"},
    };
    (void)state;
    assert_int_equal(load(GOOD_UNITS, GOOD_SEX, GOOD_ROLES), OK);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(load(rows[i].units, rows[i].sex, rows[i].roles), ERR_DEFINITION);
        assert_true(text_ends(ctx.faults[0].field, rows[i].file));
        if (!text_starts(ctx.faults[0].args[0], rows[i].where))
            assert_string_equal(ctx.faults[0].args[0], rows[i].where);
    }
    ctx_clear_faults(&ctx);
}

static void test_country_small_in_memory(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    const struct country *k;
    assert_int_equal(country_load(&ctx, a, NULL, &k), OK);
    assert_true(arena_used(a) < 3 * 1024 * 1024);
    arena_end(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_country_codes_by_catalogue),
        cmocka_unit_test(test_country_administrative_units),
        cmocka_unit_test(test_country_agencies),
        cmocka_unit_test(test_country_roles),
        cmocka_unit_test(test_country_faults_name_file_and_line),
        cmocka_unit_test(test_country_small_in_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
