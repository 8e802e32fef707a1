/* SPDX-License-Identifier: Apache-2.0 */
/* The book as a paper (form 06): landscape, in parts, to whom the page is open and with what the
   page shows. */
#include "systems/onestop/test/onestop_test.h"

#include "core/pack.h"
#include "systems/onestop/onestop_form.h"
#include "test/harness/pdf_test.h"

#define PAPER "/mot-cua/so/giay"

static void has(const char *text, const char *what)
{
    if (!strstr(text, what))
        print_error("not said: %s\n in: %s\n", what, text);
    assert_non_null(strstr(text, what));
}

static const char *part(struct desk *d, const char *query)
{
    assert_int_equal(office_get(&d->o, PAPER "%s", query), 200);
    has(pdf_signature(d->w->c, d->o.b.body), "Signature is Valid");
    return pdf_words(d->w->c, d->o.b.body);
}

static enum err fill(struct ctx *c, void *arg)
{
    const struct work *x = arg;
    struct casework_case k = {.unit = WARD, .procedure = BIRTH, .due_us = c->now_us + DAY_US};
    enum err e = OK;
    for (int64_t i = 0; i < x->version && !e; i++) {
        k.code = arena_printf(c->arena, "000.00.31.H57-200604-%04d", (int)i + 1);
        e = onestop_store_book(c, &k);
    }
    return e;
}

static void fill_book(struct desk *d, int64_t n)
{
    struct work x = {.version = n};
    as_system(d->w, "onestop");
    good(d->w->c, do_write(d->w, fill, &x));
}

/* Every label of the pack's own file, and of a dossier what the page shows. */
static void one_dossier(struct desk *d)
{
    struct ctx *c = d->w->c;
    struct pack_file f;
    const char *code = filed(d, "Trần Thị Mai");
    clerk(d);
    assert_int_equal(press(d, code, "accept", ""), 303);
    assert_int_equal(office_get(&d->o, "/mot-cua/so"), 200);
    has(d->o.b.text, "href=\"" PAPER "?don-vi=" WARD "&amp;nam=2020&amp;phan=1\"");
    has(d->o.b.text, "phần 1/1");
    const char *text = part(d, "?don-vi=" WARD "&nam=2020&phan=1");
    good(c, pack_open(c, NULL, "forms/06.json", &f));
    has(text, json_text_of(json_object_get(f.root, "title"), "vi", NULL));
    has(text, json_text_of(f.root, "source", NULL));
    assert_string_equal(json_text_of(f.root, "orientation", ""), "landscape");
    pack_close(&f);
    has(text, "Quyển số 2020");
    has(text, "Phần 1/1: số thứ tự 1 đến 1");
    has(text, "Địa chỉ, số điện thoại");
    has(text, code);
    has(text, "04/06/2020");
    has(text, "09/06/2020");
    assert_null(strstr(text, "Nguyễn Thị Lan")); /* the page doesn't show them either */
    assert_null(strstr(text, "Trần Thị Mai"));
    assert_null(strstr(text, LAN));
    d->o.b.accept = "application/json";
    assert_int_equal(office_get(&d->o, "/mot-cua/so"), 200);
    has(d->o.b.text, "\"paper\":\"" PAPER "?don-vi=" WARD "&nam=2020&phan=1\"");
}

static void in_parts(struct desk *d)
{
    fill_book(d, FORM_MAX_ENTRIES + 1);
    clerk(d);
    assert_int_equal(office_get(&d->o, "/mot-cua/so"), 200);
    has(d->o.b.text, "phan=2\""); /* the newest entries stand there */
    has(d->o.b.text, "phần 2/2");
    assert_int_equal(office_get(&d->o, "/mot-cua/so?truoc=50"), 200);
    has(d->o.b.text, "phan=1\"");
    const char *first = part(d, "?phan=1"), *second;
    has(first, "Phần 1/2: số thứ tự 1 đến 100");
    has(first, "000.00.31.H57-200604-0001");
    has(first, "000.00.31.H57-200604-0100");
    assert_null(strstr(first, "000.00.31.H57-200604-0101"));
    assert_true(strstr(first, "-0001") < strstr(first, "-0002"));
    second = part(d, "?phan=2");
    has(second, "Phần 2/2: số thứ tự 101 đến 101");
    has(second, "000.00.31.H57-200604-0101");
    assert_null(strstr(second, "000.00.31.H57-200604-0100"));
    static const char *const none[] = {"0", "3", "-1", "x", "99999999999999999999"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        assert_int_equal(office_get(&d->o, PAPER "?phan=%s", none[i]), 404);
        has(d->o.b.text, "Sổ năm 2020 có 2 phần");
    }
    d->o.b.language = "en";
    assert_int_equal(office_get(&d->o, PAPER "?phan=3"), 404);
    has(d->o.b.text, "The book of 2020 has 2 part(s)");
    d->o.b.language = "vi";
    has(part(d, "?nam=2019"), "Năm 2019"); /* empty: one part, empty */
}

/* To whom the page is open, and to nobody else. */
static void same_door(struct desk *d)
{
    static const char *const roles[][2] = {
        {"commune_clerk", WARD},     {"commune_clerk", NEXT},       {"commune_chairman", WARD},
        {"supervisor", DISTRICT},    {"commune_clerk", DISTRICT},   {"administrator", "H57"},
        {"insurance_officer", WARD}, {"civil_status_officer", NEXT}};
    static const char *const queries[] = {"", "?don-vi=" WARD, "?don-vi=" NEXT, "?don-vi=khong-co",
                                          "?don-vi=H57"};
    fill_book(d, 1);
    int opened = 0, shut = 0;
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        sits(d, roles[i][0], roles[i][1], "Ai Đó");
        for (size_t k = 0; k < ARRAY_LEN(queries); k++) {
            int page = office_get(&d->o, "/mot-cua/so%s", queries[k]);
            assert_int_equal(office_get(&d->o, PAPER "%s", queries[k]), page);
            opened += page == 200;
            shut += page != 200;
        }
    }
    assert_true(opened >= 8 && shut >= 8);
    d->o.b = web_client_new(d->w->c->arena, d->o.web);
    assert_int_equal(web_get(&d->o.b, PAPER), 303); /* sign in first */
}

DESK_TEST(one_dossier)
DESK_TEST(in_parts)
DESK_TEST(same_door)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_onestop_one_dossier),
                                       cmocka_unit_test(test_onestop_in_parts),
                                       cmocka_unit_test(test_onestop_same_door)};
    return cmocka_run_group_tests_name("onestop book", tests, NULL, NULL);
}
