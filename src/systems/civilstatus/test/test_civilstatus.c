/* SPDX-License-Identifier: Apache-2.0 */
/* The birth book: numbers, versions, revocation, the certificate and its code. */
#include "test/harness/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/access.h"
#include "core/paper.h"
#include "engine/registry/registry.h"
#include "systems/civilstatus/civilstatus.h"
#include "test/harness/node_test.h"

#define WARD   "H57.31.08"
#define MOTHER "046194900001"
#define FATHER "046091900002"
#define PIN    "046320123456"
#define CASE_1 "H57.31.08-200604-0001"
#define CASE_2 "H57.31.08-200604-0002"

static const struct module *const modules[] = {&registry_module, &casework_module,
                                               &civilstatus_module};

struct act { /* one call in one transaction */
    const char *code, *unit, *child, *born, *pin, *reason;
    struct civilstatus_entry entry;
    struct registry_record record;
    struct paper *paper;
    bool yes;
};

static void *form_of(struct ctx *c, const struct procedure *p, const struct act *a)
{
    static const char *const declared[][2] = {
        {"requester_name", "Nguyễn Thị Lan"},
        {"requester_relation", "mother"},
        {"requester_paper_type", "citizen_card"},
        {"requester_paper_number", MOTHER},
        {"child_sex", "female"},
        {"child_ethnic_group", "01"},
        {"child_nationality", "VN"},
        {"child_home_town", "Xã Hương Thọ, thành phố Huế"},
        {"birth_facility", "Bệnh viện Trung ương Huế"},
        {"birth_unit", "19777"},
        {"mother_name", "Nguyễn Thị Lan"},
        {"mother_pin", MOTHER},
        {"mother_birth_date", "1994-05-12"},
        {"mother_ethnic_group", "01"},
        {"mother_nationality", "VN"},
        {"mother_residence_address", "12 Nguyễn Sinh Cung"},
        {"father_name", "Trần Quang Minh"},
        {"father_pin", FATHER},
        {"father_birth_date", "1991"},
        {"father_nationality", "VN"},
    };
    void *form = shape_new(c->arena, p->form);
    for (size_t i = 0; i < ARRAY_LEN(declared); i++)
        shape_set_text(p->form, form, declared[i][0], declared[i][1]);
    shape_set_text(p->form, form, "child_name", a->child);
    shape_set_text(p->form, form, "child_birth_date", a->born);
    shape_set_int(p->form, form, "father_declared", 1);
    return form;
}

static enum err enter(struct ctx *c, void *arg)
{
    struct act *a = arg;
    const struct procedure *p = procedure_find(c, "1.001193");
    struct casework_case k = {.code = a->code, .unit = a->unit, .form = form_of(c, p, a)};
    return civilstatus_register_birth(c, p, &k, "Tôn Thất Vinh", "Chủ tịch", "", &a->entry);
}

static enum err set_pin(struct ctx *c, void *arg)
{
    struct act *a = arg;
    return civilstatus_set_pin(c, a->code, a->pin);
}

static enum err revoke(struct ctx *c, void *arg)
{
    struct act *a = arg;
    return civilstatus_void(c, a->code, a->reason);
}

static enum err exists(struct ctx *c, void *arg)
{
    struct act *a = arg;
    return civilstatus_exists(c, a->child, a->born, MOTHER, &a->yes);
}

static enum err read_entry(struct ctx *c, void *arg)
{
    struct act *a = arg;
    enum err e = civilstatus_entry_of(c, a->code, &a->entry);
    return e ? e
             : registry_get(c, registry_find(c, "civil_status_birth"), a->entry.record, &a->record);
}

static enum err certificate(struct ctx *c, void *arg)
{
    struct act *a = arg;
    return civilstatus_certificate(c, a->code, &a->paper);
}

static struct act an(struct node_world *w)
{
    with_purpose(w, "birth_registration", CASE_1);
    return (struct act){
        .code = CASE_1, .unit = WARD, .child = "Trần Nguyễn An Nhiên", .born = "2020-05-17"};
}

static const char *field(struct node_world *w, const struct act *a, const char *name)
{
    const struct registry *r = registry_find(w->c, "civil_status_birth");
    return shape_text(registry_shape(r), a->record.data, name);
}

static void run(void (*body)(struct node_world *w, void *arg))
{
    node_test(modules, ARRAY_LEN(modules), body, NULL);
}

/* ---- entering ---- */

static void entered(struct node_world *w, void *arg)
{
    (void)arg;
    struct act a = an(w);
    assert_int_equal(do_write(w, enter, &a), OK);
    assert_int_equal(a.entry.number, 1);
    assert_int_equal(a.entry.year, 2020);
    assert_int_equal(a.entry.page, 1);
    assert_string_equal(a.entry.book, "01/2020");
    assert_int_equal(do_write(w, read_entry, &a), OK);
    assert_string_equal(field(w, &a, "child_name"), "Trần Nguyễn An Nhiên");
    assert_string_equal(field(w, &a, "child_birth_date_words"),
                        "Ngày mười bảy tháng năm năm hai nghìn không trăm hai mươi");
    assert_string_equal(field(w, &a, "registration_kind"), "on_time");
    assert_string_equal(field(w, &a, "registered_on"), "2020-06-04");
    assert_string_equal(field(w, &a, "father_name"), "Trần Quang Minh");
    assert_string_equal(field(w, &a, "signer_name"), "Tôn Thất Vinh");
    struct act again = an(w);
    assert_int_equal(do_write(w, enter, &again), ERR_BIRTH_ENTERED);
    again.code = CASE_2; /* the same child in another dossier, marks left out */
    again.child = "tran nguyen an nhien";
    assert_int_equal(do_write(w, enter, &again), ERR_REGISTERED);
    again.child = "Trần Nguyễn An Bình"; /* a twin */
    assert_int_equal(do_write(w, enter, &again), OK);
    assert_int_equal(again.entry.number, 2); /* refused ones took no number */
}

static void test_civilstatus_enters_a_birth_once(void **state)
{
    (void)state;
    run(entered);
}

static void numbered(struct node_world *w, void *arg)
{
    (void)arg;
    for (int i = 1; i <= 201; i++) {
        struct act a = an(w);
        a.code = arena_printf(w->c->arena, "H57.31.08-200604-%04d", i);
        a.child = arena_printf(w->c->arena, "Trần Thị Số %d", i);
        assert_int_equal(do_write(w, enter, &a), OK);
        assert_int_equal(a.entry.number, i);
        assert_int_equal(a.entry.page, (i - 1) % 200 + 1);
        assert_string_equal(a.entry.book, i <= 200 ? "01/2020" : "02/2020");
    }
    struct act other = an(w);
    other.unit = "H57.31.09";
    other.code = "H57.31.09-200604-0001";
    assert_int_equal(do_write(w, enter, &other), OK);
    assert_int_equal(other.entry.number, 1);
    clock_at(w, 20210104, 900);
    struct act next = an(w);
    next.code = "H57.31.08-210104-0001";
    next.child = "Trần Thị Năm Sau";
    assert_int_equal(do_write(w, enter, &next), OK);
    assert_int_equal(next.entry.number, 1);
    assert_string_equal(next.entry.book, "01/2021");
    assert_int_equal(do_write(w, read_entry, &next), OK);
    assert_string_equal(field(w, &next, "registration_kind"), "late");
}

static void test_civilstatus_numbers_by_commune_and_year(void **state)
{
    (void)state;
    node_test_on(DB_SQLITE, modules, ARRAY_LEN(modules), numbered, NULL);
}

/* ---- the number, revocation ---- */

static void pinned(struct node_world *w, void *arg)
{
    (void)arg;
    struct act a = an(w);
    a.pin = PIN;
    assert_int_equal(do_write(w, set_pin, &a), ERR_NOT_FOUND);
    assert_int_equal(do_write(w, enter, &a), OK);
    assert_int_equal(do_read(w, certificate, &a), ERR_BIRTH_PIN_AWAITED);
    assert_int_equal(do_write(w, set_pin, &a), OK);
    assert_int_equal(do_write(w, set_pin, &a), OK); /* the answer came twice */
    assert_int_equal(do_write(w, read_entry, &a), OK);
    assert_int_equal(a.record.version, 2);
    assert_string_equal(field(w, &a, "child_pin"), PIN);
    a.pin = "046320999999";
    assert_int_equal(do_write(w, set_pin, &a), ERR_BIRTH_PIN);
    a.pin = "1";
    assert_int_equal(do_write(w, set_pin, &a), ERR_BIRTH_PIN);
}

static void test_civilstatus_takes_the_personal_number_once(void **state)
{
    (void)state;
    run(pinned);
}

static void revoked(struct node_world *w, void *arg)
{
    (void)arg;
    struct act a = an(w);
    a.reason = "Trẻ đã được đăng ký khai sinh ở nơi khác";
    assert_int_equal(do_write(w, revoke, &a), OK); /* stopped before it was entered */
    assert_int_equal(do_write(w, enter, &a), OK);
    assert_int_equal(do_read(w, exists, &a), OK);
    assert_true(a.yes);
    assert_int_equal(do_write(w, revoke, &a), OK);
    assert_int_equal(do_write(w, read_entry, &a), ERR_NOT_FOUND);
    assert_int_equal(do_read(w, exists, &a), OK);
    assert_false(a.yes);
    a.code = CASE_2;
    assert_int_equal(do_write(w, enter, &a), OK);
    assert_int_equal(a.entry.number, 2); /* a number is never used again */
}

static void test_civilstatus_revokes_and_keeps_the_number(void **state)
{
    (void)state;
    run(revoked);
}

/* ---- reading ---- */

static enum err lines_of_mother(struct ctx *c, void *arg)
{
    struct access_line *lines = arg;
    size_t n;
    enum err e = access_of_person(c, MOTHER, "", lines, 50, &n);
    lines[n].person = NULL;
    return e;
}

static void read_is_seen(struct node_world *w, void *arg)
{
    (void)arg;
    struct access_line lines[51] = {0};
    struct act a = an(w);
    assert_int_equal(do_write(w, enter, &a), OK);
    with_purpose(w, "prefill", CASE_1);
    assert_int_equal(do_write(w, read_entry, &a), ERR_PURPOSE);
    with_purpose(w, "birth_registration", CASE_1);
    as_official(w, "commune_clerk", "G24.46.01", "Đỗ Thị Kim Oanh");
    assert_int_equal(do_write(w, read_entry, &a), ERR_PURPOSE); /* not for that agency */
    as_official(w, "commune_clerk", WARD, "Phan Thị Thu Hà");
    assert_int_equal(do_write(w, read_entry, &a), OK);
    as_citizen(w, MOTHER, "Nguyễn Thị Lan");
    assert_int_equal(do_read(w, lines_of_mother, lines), OK);
    assert_non_null(lines[0].person);
    assert_string_equal(lines[0].reader_name, "Phan Thị Thu Hà");
    assert_string_equal(lines[0].purpose, "birth_registration");
    assert_string_equal(lines[0].matter, CASE_1);
    assert_null(lines[1].person); /* what was refused was not read */
}

static void test_civilstatus_reading_is_seen_by_the_mother(void **state)
{
    (void)state;
    run(read_is_seen);
}

/* ---- the certificate ---- */

static char *told(struct ctx *c, const char *command)
{
    struct buf b = buf_new(c->arena, 1 << 20);
    char piece[4096];
    size_t n;
    FILE *f = popen(command, "r");
    assert_non_null(f);
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        buf_add(&b, piece, n);
    assert_int_equal(pclose(f), 0);
    return b.ptr;
}

static void certified(struct node_world *w, void *arg)
{
    (void)arg;
    struct act a = an(w);
    struct bytes pdf;
    a.pin = PIN;
    assert_int_equal(do_write(w, enter, &a), OK);
    assert_int_equal(do_write(w, set_pin, &a), OK);
    assert_int_equal(do_read(w, certificate, &a), OK);
    assert_int_equal(paper_finish(w->c, a.paper, "Giấy khai sinh", &pdf), OK);
    const char *path = arena_printf(w->c->arena, "%s/ks.pdf", w->d->dir);
    assert_int_equal(sys_write_file(w->c, path, pdf, 0600), OK);
    char *text = told(w->c, arena_printf(w->c->arena, "pdftotext -layout '%s' -", path));
    static const char *const want[] = {"GIẤY KHAI SINH",
                                       "Trần Nguyễn An Nhiên",
                                       "17/05/2020",
                                       "Nữ",
                                       "Kinh",
                                       "Việt Nam",
                                       "Bệnh viện Trung ương Huế",
                                       "Hương Thọ",
                                       PIN,
                                       "Nguyễn Thị Lan",
                                       "Trần Quang Minh",
                                       "12/05/1994",
                                       "1991",
                                       MOTHER,
                                       "Số 1/2020, quyển số 01/2020, trang 1",
                                       "04/06/2020",
                                       "Tôn Thất Vinh",
                                       "Chủ tịch"};
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        if (!strstr(text, want[i]))
            assert_string_equal(text, want[i]);
    if (w->d->kind == DB_SQLITE)
        told(w->c, arena_printf(w->c->arena, "pdfsig '%s' | grep -q 'Signature is Valid'", path));
}

static void test_civilstatus_certificate_bears_all(void **state)
{
    (void)state;
    run(certified);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_civilstatus_enters_a_birth_once),
        cmocka_unit_test(test_civilstatus_numbers_by_commune_and_year),
        cmocka_unit_test(test_civilstatus_takes_the_personal_number_once),
        cmocka_unit_test(test_civilstatus_revokes_and_keeps_the_number),
        cmocka_unit_test(test_civilstatus_reading_is_seen_by_the_mother),
        cmocka_unit_test(test_civilstatus_certificate_bears_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
