/* SPDX-License-Identifier: Apache-2.0 */
/* The birth book at a browser: by unit and year, one entry, on paper; the code of a certificate. */
#include "test/harness/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/access.h"
#include "core/permit.h"
#include "engine/registry/registry.h"
#include "systems/civilstatus/civilstatus_private.h"
#include "test/harness/office_test.h"

#define MOTHER "046194900001"

static const struct module *const modules[] = {&registry_module, &casework_module,
                                               &civilstatus_module};

struct birth {
    const char *code, *unit, *child;
    struct civilstatus_entry entry;
    struct registry_record record;
};

static enum err enter(struct ctx *c, void *arg)
{
    static const char *const declared[][2] = {{"requester_name", "Nguyễn Thị Lan"},
                                              {"requester_relation", "mother"},
                                              {"child_sex", "female"},
                                              {"child_birth_date", "2020-05-17"},
                                              {"child_ethnic_group", "01"},
                                              {"child_nationality", "VN"},
                                              {"child_home_town", "Huế"},
                                              {"birth_facility", "Trạm y tế"},
                                              {"mother_name", "Nguyễn Thị Lan"},
                                              {"mother_pin", MOTHER}};
    struct birth *b = arg;
    const struct procedure *p = procedure_find(c, "1.001193");
    void *form = shape_new(c->arena, p->form);
    for (size_t i = 0; i < ARRAY_LEN(declared); i++)
        shape_set_text(p->form, form, declared[i][0], declared[i][1]);
    shape_set_text(p->form, form, "child_name", b->child);
    struct casework_case k = {.code = b->code, .unit = b->unit, .form = form};
    return civilstatus_register_birth(c, p, &k, "Tôn Thất Vinh", "Chủ tịch", "", &b->entry);
}

static enum err read_record(struct ctx *c, void *arg)
{
    struct birth *b = arg;
    return registry_get(c, registry_find(c, BIRTH_REGISTER), b->entry.record, &b->record);
}

static struct birth entered(struct node_world *w, const char *unit, int i)
{
    struct birth b = {.code = arena_printf(w->c->arena, "%s-200604-%04d", unit, i),
                      .unit = unit,
                      .child = arena_printf(w->c->arena, "Trần Thị Số %d", i)};
    as_system(w, "onestop");
    with_purpose(w, BIRTH_PURPOSE, b.code);
    assert_int_equal(do_write(w, enter, &b), OK);
    return b;
}

static enum err count_lines(struct ctx *c, void *arg)
{
    struct access_line lines[50];
    return access_of_person(c, MOTHER, "", lines, 50, arg);
}

struct asking {
    const char *what, *id;
};

static enum err ask_export(struct ctx *c, void *arg)
{
    struct asking *x = arg;
    struct permit_ask p = {.kind = PERMIT_EXPORT, .what = x->what, .reason = "Lưu sổ giấy"};
    return permit_ask(c, &p, &x->id);
}

static enum err allow_export(struct ctx *c, void *arg)
{
    return permit_decide(c, ((struct asking *)arg)->id, true, "Đồng ý");
}

/* A permit for the ward's book of 2020, asked for by them, given by the chairman's superior. */
static const char *allowed(struct office *o, const char *role, const char *unit)
{
    struct asking x = {.what = "/ho-tich/khai-sinh/in?don-vi=H57.31.08&nam=2020"};
    as_official(o->w, role, unit, "Ai đó");
    assert_int_equal(do_write(o->w, ask_export, &x), OK);
    as_official(o->w, "insurance_leader", "H57", "Người duyệt");
    assert_int_equal(do_write(o->w, allow_export, &x), OK);
    office_as(o, role, unit, "Ai đó");
    return x.id;
}

static void shown(struct node_world *w, void *arg)
{
    (void)arg;
    size_t lines = 0;
    for (int i = 1; i <= 27; i++)
        entered(w, "H57.31.08", i);
    entered(w, "H57.31.09", 100);
    struct office o = office_open(w);
    office_as(&o, "insurance_officer", "G24.46.01", "Đỗ Thị Kim Oanh");
    assert_int_equal(office_get(&o, "/ho-tich/khai-sinh"), 403);
    office_as(&o, "commune_clerk", "H57.31.08", "Phan Thị Thu Hà");
    assert_int_equal(do_read(w, count_lines, &lines), OK);
    assert_int_equal(lines, 0);
    assert_int_equal(office_get(&o, "/ho-tich/khai-sinh"), 200);
    assert_true(web_shows(&o.b, "Trần Thị Số 27"));
    assert_false(web_shows(&o.b, "Trần Thị Số 2<"));
    assert_false(web_shows(&o.b, "Trần Thị Số 100")); /* another commune's */
    assert_int_equal(do_read(w, count_lines, &lines), OK);
    assert_int_equal(lines, 25);
    assert_int_equal(office_get(&o, "/ho-tich/khai-sinh?nam=2020&truoc=3"), 200);
    assert_true(web_shows(&o.b, "Trần Thị Số 2"));
    assert_true(web_shows(&o.b, "Xem sổ năm 2019"));
    assert_false(web_shows(&o.b, "Xem sổ năm 2021")); /* it hasn't come */
    assert_int_equal(office_get(&o, "/ho-tich/khai-sinh?nam=2019"), 200);
    assert_true(web_shows(&o.b, "Xem sổ năm 2020"));
    assert_false(web_shows(&o.b, "Trần Thị"));
    assert_int_equal(office_get(&o, "/ho-tich/khai-sinh?nam=-9223372036854775808"), 200);
    assert_int_equal(office_get(&o, "/ho-tich/khai-sinh?don-vi=H57.31.09"), 404);
    assert_int_equal(office_get(&o, "/ho-tich/khai-sinh/H57.31.08/2020/27"), 200);
    assert_true(web_shows(&o.b, "Số 27/2020, quyển số 01/2020, trang 27"));
    assert_int_equal(office_get(&o, "/ho-tich/khai-sinh/H57.31.09/2020/1"), 404);
    assert_int_equal(office_get(&o, "/ho-tich/khai-sinh/H57.31.08/2020/99"), 404);
    assert_int_equal(office_get(&o, "/ho-tich/khai-sinh/in?nam=2020"), 403); /* alone */
    assert_true(web_shows(&o.b, "cần một người khác cho phép"));
    const char *permit = allowed(&o, "commune_clerk", "H57.31.08");
    assert_int_equal(office_get(&o, "/ho-tich/khai-sinh/in?nam=2019&phep=%s", permit), 403);
    assert_int_equal(office_get(&o, "/ho-tich/khai-sinh/in?nam=2020&phep=%s", permit), 200);
    assert_memory_equal(o.b.body.ptr, "%PDF-", 5);
    static const struct {
        const char *role, *unit;
        int status;
    } rows[] = {{"commune_clerk", "H57.31", 404},
                {"commune_chairman", "H57.31", 404},
                {"civil_status_officer", "H57.31.0", 404},
                {"supervisor", "H57.31.08", 200},
                {"supervisor", "H57.31", 200},
                {"supervisor", "H57", 200},
                {"supervisor", "H57.31.09", 404},
                {"supervisor", "H57.32", 404}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) { /* as far as the role reaches, on every way */
        office_as(&o, rows[i].role, rows[i].unit, "Ai đó");
        assert_int_equal(office_get(&o, "/ho-tich/khai-sinh/H57.31.08/2020/27"), rows[i].status);
        assert_int_equal(office_get(&o, "/ho-tich/khai-sinh?don-vi=H57.31.08"), rows[i].status);
        permit = allowed(&o, rows[i].role, rows[i].unit);
        assert_int_equal(office_get(&o, "/ho-tich/khai-sinh/in?don-vi=H57.31.08&phep=%s", permit),
                         rows[i].status);
    }
    office_as(&o, "supervisor", "H57.31", "Hoàng Văn Sơn"); /* chooses by name whose book */
    assert_int_equal(office_get(&o, "/ho-tich/khai-sinh"), 200);
    assert_true(web_shows(&o.b, "<option value=\"H57.31.08\">Ủy ban nhân dân phường Vỹ Dạ<"));
    assert_false(web_shows(&o.b, "<option value=\"H57.32"));
    office_as(&o, "commune_clerk", "H57.31.08", "Phan Thị Thu Hà");
    assert_int_equal(office_get(&o, "/ho-tich/khai-sinh"), 200);
    assert_false(web_shows(&o.b, "<option"));
    office_close(&o);
}

/* What the law has in Vietnamese an English page tells in English; an official's words stay. */
static void translated(struct node_world *w, void *arg)
{
    (void)arg;
    entered(w, "H57.31.08", 1);
    struct office o = office_open(w);
    office_as(&o, "commune_clerk", "H57.31.08", "Phan Thị Thu Hà");
    assert_int_equal(office_get(&o, "/ho-tich/khai-sinh/H57.31.08/2020/1"), 200);
    assert_true(web_shows(&o.b, "Đăng ký khai sinh<"));
    assert_true(web_shows(&o.b, "Ngày mười bảy tháng năm năm hai nghìn không trăm hai mươi"));
    o.b.language = "en";
    assert_int_equal(office_get(&o, "/ho-tich/khai-sinh/H57.31.08/2020/1"), 200);
    assert_true(web_shows(&o.b, "Birth registration<"));
    assert_true(web_shows(&o.b, "The seventeenth of May, two thousand and twenty<"));
    assert_false(web_shows(&o.b, "Ngày mười bảy"));
    office_close(&o);
}

static void test_civilstatus_entry_in_english(void **state)
{
    (void)state;
    node_test(modules, ARRAY_LEN(modules), translated, NULL);
}

static void test_civilstatus_book_is_shown_within_the_unit(void **state)
{
    (void)state;
    node_test(modules, ARRAY_LEN(modules), shown, NULL);
}

static void coded(struct node_world *w, void *arg)
{
    (void)arg;
    struct ctx *c = w->c;
    struct birth b = entered(w, "H57.31.08", 1);
    assert_int_equal(do_read(w, read_record, &b), OK);
    const struct shape *s = registry_shape(registry_find(c, BIRTH_REGISTER));
    struct bytes key = cert_public_point(c->arena, w->n->sign_cert);
    const char *code = civilstatus_code(c, &b.entry, s, b.record.data);
    assert_true(text_starts(code, "KS1;H57.31.08;1/2020;01/2020;1;;Trần Thị Số 1;2020-05-17;"));
    assert_true(civilstatus_code_holds(c->arena, code, key));
    char *other = arena_text(c->arena, code);
    *strstr(other, "1/2020") = '2';
    assert_false(civilstatus_code_holds(c->arena, other, key));
    assert_false(civilstatus_code_holds(c->arena, "KS1;x", key));
    assert_false(civilstatus_code_holds(c->arena, "KS1;x;AAAA", key));
    assert_false(civilstatus_code_holds(c->arena, "", key));
}

static void test_civilstatus_code_proves_itself(void **state)
{
    (void)state;
    node_test_on(DB_SQLITE, modules, ARRAY_LEN(modules), coded, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_civilstatus_book_is_shown_within_the_unit),
        cmocka_unit_test(test_civilstatus_entry_in_english),
        cmocka_unit_test(test_civilstatus_code_proves_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
