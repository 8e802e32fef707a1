/* SPDX-License-Identifier: Apache-2.0 */
/* Search by words, communes by name, what fills in by itself. */
#include "systems/portal/test/portal_world.h"

/* ---- search ---- */

static void finds(struct portal_world *p, const char *words, bool found)
{
    const struct procedure *all[20];
    size_t n = portal_search(p->w->c, words, all, ARRAY_LEN(all));
    bool birth = false;
    for (size_t i = 0; i < n; i++)
        birth = birth || text_eq(all[i]->code, BIRTH);
    if (birth != found)
        print_error("\"%s\"\n", words);
    assert_int_equal(birth, found);
}

static void search(struct portal_world *p)
{
    static const char *const good_words[] = {"khai sinh", "KHAI SINH",         "Khai  sinh!",
                                             "khaisinh",  "Đăng ký khai sinh", "dang ky khaisinh",
                                             "sinh khai", "khai si",           "birth",
                                             BIRTH,       "thẻ BHYT trẻ em",   "đăng kí khai sinh",
                                             "",          "giay khai sinh"};
    static const char *const bad_words[] = {"đất đai", "khai sinh xe máy", "kết hôn", "sinhkhai",
                                            "👶",       "%'\"<>",           "…",       "_"};
    for (size_t i = 0; i < ARRAY_LEN(good_words); i++)
        finds(p, good_words[i], true);
    for (size_t i = 0; i < ARRAY_LEN(bad_words); i++)
        finds(p, bad_words[i], false);
}

/* ---- communes ---- */

static void places(struct portal_world *p)
{
    struct portal_place found[20];
    struct ctx *c = p->w->c;
    assert_int_equal(portal_places(c, "vy da", found, 20), 1);
    assert_string_equal(found[0].code, "19777");
    assert_string_equal(found[0].name, "Phường Vỹ Dạ, Thành phố Huế, Tỉnh Thừa Thiên Huế");
    assert_int_equal(portal_places(c, "VĨ DẠ, Huế", found, 20), 1);
    assert_int_equal(portal_places(c, found[0].name, found, 20), 1);
    size_t many = portal_places(c, "thuận hòa", found, 20);
    assert_true(many > 1); /* the country has several */
    assert_int_equal(portal_places(c, "thuận hòa", found, 2), 2);
    assert_int_equal(portal_places(c, "thuan hoa hue", found, 20), 1);
    assert_int_equal(portal_places(c, "không có nơi này", found, 20), 0);
    assert_int_equal(portal_places(c, "", found, 20), 0);
}

static void receiver(struct portal_world *p)
{
    struct ctx *c = p->w->c;
    const struct procedure *birth = procedure_find(c, BIRTH);
    void *form = shape_new(c->arena, birth->form);
    bool is_here = true;
    assert_null(portal_receiver(c, birth, form, &is_here));
    assert_false(is_here);
    shape_set_text(birth->form, form, "mother_residence_unit", "19777");
    const struct agency *a = portal_receiver(c, birth, form, &is_here);
    assert_non_null(a);
    assert_string_equal(a->code, "H57.31.08"); /* the committee, not its counter */
    assert_true(is_here);
    shape_set_text(birth->form, form, "mother_residence_unit", "00001"); /* Ha Noi */
    (void)portal_receiver(c, birth, form, &is_here);
    assert_false(is_here);
}

/* ---- what fills in by itself ---- */

static struct portal_draft filled(struct portal_world *p, const char *self, const char *spouse,
                                  const char *relation)
{
    struct portal_draft d = {.procedure = procedure_find(p->w->c, BIRTH)};
    struct portal_known k = {0};
    good(p->w->c, json_in(p->w->c, "self", bytes_of(self), &k.self));
    if (spouse)
        good(p->w->c, json_in(p->w->c, "spouse", bytes_of(spouse), &k.spouse));
    portal_prefill(p->w->c, &k, relation, &d);
    json_end(k.self);
    json_end(k.spouse);
    return d;
}

static const char *text(const struct portal_draft *d, const char *field)
{
    return shape_text(d->procedure->form, d->form, field);
}

static void prefill(struct portal_world *p)
{
    struct portal_draft d = filled(p, mother_record, father_record, "");
    assert_string_equal(text(&d, "requester_name"), "Nguyễn Thị Lan");
    assert_string_equal(text(&d, "mother_name"), "Nguyễn Thị Lan");
    assert_string_equal(text(&d, "mother_birth_date"), "1994-05-12");
    assert_string_equal(text(&d, "father_name"), "Trần Quang Minh");
    assert_string_equal(text(&d, "child_home_town"), "Quảng Trị"); /* the father's */
    assert_string_equal(text(&d, "child_nationality"), "VN");      /* a fallback, not prefilled */
    assert_int_equal(shape_int(d.procedure->form, d.form, "father_declared"), 1);

    /* the father files: he is the father, his wife the mother */
    d = filled(p, father_record, mother_record, "father");
    assert_string_equal(text(&d, "requester_name"), "Trần Quang Minh");
    assert_string_equal(text(&d, "requester_relation"), "father");
    assert_string_equal(text(&d, "mother_name"), "Nguyễn Thị Lan");
    assert_string_equal(text(&d, "father_pin"), FATHER);

    /* a grandmother files: she is nobody's mother here */
    d = filled(p, mother_record, father_record, "grandparent");
    assert_string_equal(text(&d, "requester_name"), "Nguyễn Thị Lan");
    assert_string_equal(text(&d, "mother_name"), "");
    assert_string_equal(text(&d, "father_name"), "");

    /* no spouse known; a value the form doesn't take is left for typing */
    d = filled(p, "{\"pin\":\"" MOTHER "\",\"sex\":\"female\",\"paper_date\":\"2999-01-01\"}", NULL,
               "");
    assert_string_equal(text(&d, "mother_pin"), MOTHER);
    assert_string_equal(text(&d, "father_name"), "");
    assert_string_equal(text(&d, "requester_paper_date"), "");
    assert_int_equal(p->w->c->n_faults, 0);
}

static void share(struct portal_world *p)
{
    struct portal_draft d = filled(p, mother_record, father_record, "mother");
    struct portal_share first = portal_share_of(d.procedure, d.form, d.known);
    assert_true(first.part > 20);
    assert_true(first.whole >= first.part);
    shape_set_text(d.procedure->form, d.form, "mother_name", "Nguyễn Thị Lan Anh");
    struct portal_share then = portal_share_of(d.procedure, d.form, d.known);
    assert_int_equal(then.part, first.part - 1); /* corrected: no longer the register's */
    assert_int_equal(then.whole, first.whole);
    shape_set_text(d.procedure->form, d.form, "child_name", "An Nhiên");
    then = portal_share_of(d.procedure, d.form, d.known);
    assert_int_equal(then.whole, first.whole + 1);
    shape_set_int(d.procedure->form, d.form, "father_declared", 0); /* hidden: not counted */
    then = portal_share_of(d.procedure, d.form, d.known);
    assert_true(then.whole < first.whole);
}

static void words_of_a_date(struct portal_world *p)
{
    struct portal_draft d = filled(p, mother_record, NULL, "mother");
    assert_string_equal(text(&d, "child_birth_date_words"), "");
    shape_set_text(d.procedure->form, d.form, "child_birth_date", "2020-05-17");
    portal_work_out(p->w->c, d.procedure, d.form);
    assert_non_null(strstr(text(&d, "child_birth_date_words"), "mười bảy"));
}

static void test_search(void **state)
{
    (void)state;
    world_test(search);
}
static void test_places(void **state)
{
    (void)state;
    world_test(places);
}
static void test_receiver(void **state)
{
    (void)state;
    world_test(receiver);
}
static void test_prefill(void **state)
{
    (void)state;
    world_test(prefill);
}
static void test_share(void **state)
{
    (void)state;
    world_test(share);
}
static void test_words_of_a_date(void **state)
{
    (void)state;
    world_test(words_of_a_date);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search),   cmocka_unit_test(test_places),
        cmocka_unit_test(test_receiver), cmocka_unit_test(test_prefill),
        cmocka_unit_test(test_share),    cmocka_unit_test(test_words_of_a_date)};
    return cmocka_run_group_tests_name("portal rules", tests, NULL, NULL);
}
