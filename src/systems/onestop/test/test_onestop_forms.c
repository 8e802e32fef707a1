/* SPDX-License-Identifier: Apache-2.0 */
/* The papers 01-05 as people read them: every line that the country pack names, whose head, who
   signs. */
#include "systems/onestop/test/onestop_test.h"

#include "core/pack.h"
#include "systems/onestop/onestop_form.h"
#include "test/harness/pdf_test.h"

#define WHY "Ảnh giấy chứng sinh bị mờ, xin chụp lại."
/* pdftotext gives a paragraph's lines one after the other */
static const char *const head[] = {"Ủy ban nhân dân phường Vỹ Dạ BỘ PHẬN TIẾP NHẬN VÀ TRẢ KẾT QUẢ",
                                   "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc",
                                   "Số: 01/BPTNTKQ"};

static void has(const char *text, const char *what)
{
    if (!strstr(text, what))
        print_error("not said: %s\n in: %s\n", what, text);
    assert_non_null(strstr(text, what));
}

static const char *filed_in_full(struct desk *d)
{
    static const char *const more[][2] = {{"requester_address", "12 Nguyễn Sinh Cung"},
                                          {"requester_phone", "0905000001"},
                                          {"requester_email", "lan@example.vn"},
                                          {"result_way", "online"}};
    const struct procedure *p = procedure_find(d->w->c, BIRTH);
    struct work x = {.unit = WARD, .form = form_of(d, "Trần Thị Mai")};
    for (size_t i = 0; i < ARRAY_LEN(more); i++)
        shape_set_text(p->form, (void *)(uintptr_t)x.form, more[i][0], more[i][1]);
    as_citizen(d->w, LAN, "Nguyễn Thị Lan");
    with_purpose(d->w, NULL, NULL);
    good(d->w->c, do_write(d->w, file_now, &x));
    return x.k.code;
}

/* The paper's words, its signature checked. */
static const char *read_paper(struct desk *d, const char *code, const char *kind)
{
    clerk(d);
    assert_int_equal(office_get(&d->o, "/mot-cua/%s/giay/%s", code, kind), 200);
    const char *signature = pdf_signature(d->w->c, d->o.b.body);
    has(signature, "Signature is Valid");
    has(signature, "Signer Certificate Common Name: H57 sign");
    return pdf_words(d->w->c, d->o.b.body);
}

/* Title, source, every line's label and the closing words, all from the pack's own file. */
static void says_its_form(struct desk *d, const char *text, const char *number)
{
    struct ctx *c = d->w->c;
    struct pack_file f;
    good(c, pack_open(c, NULL, arena_printf(c->arena, "forms/%s.json", number), &f));
    const json_t *lines = json_list_of(f.root, "lines"), *closing = json_list_of(f.root, "closing");
    for (size_t i = 0; i < ARRAY_LEN(head); i++)
        has(text, head[i]);
    has(text, json_text_of(json_object_get(f.root, "title"), "vi", NULL));
    has(text, json_text_of(f.root, "source", NULL));
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        if (!text_eq(json_text_of(line, "name", ""), "items")) /* one reason for all */
            has(text, json_text_of(json_object_get(line, "label"), "vi", NULL));
    }
    for (size_t i = 0; i < json_array_size(closing); i++)
        has(text, json_text_of(json_array_get(closing, i), "vi", NULL));
    pack_close(&f);
}

static void form_01(struct desk *d)
{
    const char *code = filed_in_full(d);
    clerk(d);
    assert_int_equal(press(d, code, "accept", ""), 303);
    deliver(d);
    const char *text = read_paper(d, code, "form_01");
    says_its_form(d, text, "01");
    has(text, code);
    has(text, "NGƯỜI NỘP HỒ SƠ Nguyễn Thị Lan");
    has(text, "NGƯỜI TIẾP NHẬN HỒ SƠ (Đã ký số 09:00 04/06/2020) Phan Thị Thu Hà");
    has(text, "Tờ khai đăng ký khai sinh Bản điện tử 1");
    has(text, "Ảnh giấy chứng sinh Bản điện tử 1");
    has(text, "12 Nguyễn Sinh Cung");
    has(text, "09:00 09/06/2020");
    has(text, "Bản điện tử trên Cổng Dịch vụ công");
    has(pdf_code(d->w->c, d->o.b.body), onestop_check_path(d->w->c, code, "form_01"));
}

static void form_02(struct desk *d)
{
    const char *code = filed_in_full(d);
    clerk(d);
    assert_int_equal(press(d, code, "request_supplement", WHY), 303);
    deliver(d);
    const char *text = read_paper(d, code, "form_02");
    says_its_form(d, text, "02");
    has(text, "NGƯỜI HƯỚNG DẪN (Đã ký số 09:00 04/06/2020) Phan Thị Thu Hà");
    has(text, WHY);
    has(text, "Hạn bổ sung 09:00 15/06/2020"); /* seven working days, not the office's own date */
}

static void form_03(struct desk *d)
{
    const char *code = filed_in_full(d);
    clerk(d);
    assert_int_equal(press(d, code, "refuse", "Trẻ cư trú ở phường khác."), 303);
    deliver(d);
    const char *text = read_paper(d, code, "form_03");
    says_its_form(d, text, "03");
    has(text, "NGƯỜI TIẾP NHẬN HỒ SƠ (Đã ký số 09:00 04/06/2020) Phan Thị Thu Hà");
    has(text, "Trẻ cư trú ở phường khác.");
    has(text, "Luật Hộ tịch 60/2014/QH13");
}

/* The head of the agency apologises: the clerk who pressed the button isn't that. */
static void form_04(struct desk *d)
{
    const char *code = filed_in_full(d);
    clerk(d);
    assert_int_equal(press(d, code, "accept", ""), 303);
    clock_at(d->w, 20200608, 1500);
    clerk(d);
    assert_int_equal(press(d, code, "apologise_accepted", "Mất điện hai ngày."), 303);
    deliver(d);
    const char *text = read_paper(d, code, "form_04");
    says_its_form(d, text, "04");
    has(text,
        "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ (Đã ký số 15:00 08/06/2020) Ủy ban nhân dân phường Vỹ Dạ");
    assert_null(strstr(text, "Phan Thị Thu Hà"));
    has(text, "Mất điện hai ngày.");
    has(text, "Thời gian hẹn trả kết quả 09:00 09/06/2020");
    has(text, arena_printf(d->w->c->arena, "Thời gian hẹn lại %s",
                           time_show(d->w->c->arena, looked(d, code).k.due_us)));
}

/* Drawn as things stand, for officials only. */
static void form_05(struct desk *d)
{
    const char *code = filed_in_full(d);
    clerk(d);
    assert_int_equal(office_get(&d->o, "/mot-cua/%s", code), 200);
    assert_true(web_shows(&d->o.b, "/giay/form_05"));
    assert_null(strstr(read_paper(d, code, "form_05"), "Số: ")); /* not handed over yet */
    clock_at(d->w, 20200604, 1000);
    clerk(d);
    assert_int_equal(press(d, code, "accept", ""), 303);
    const char *text = read_paper(d, code, "form_05");
    says_its_form(d, text, "05");
    has(text, "Bộ Công an");
    has(text, "Bảo hiểm xã hội Việt Nam");
    has(text, "10:00");
    has(text, "Trước hạn"); /* an hour of the four */
    has(text, "Ghi chú");   /* narrow columns keep their words whole */
    has(text, "Người nhận");
    assert_null(strstr(text, "Đã ký số"));
    struct work x = looked(d, code);
    assert_false(has_paper(&x, "form_05"));
}

static void lines(struct desk *d)
{
    (void)d;
    assert_true(onestop_form_knows("due_words", false));
    assert_false(onestop_form_knows("due_words", true));
    assert_false(onestop_form_knows("no_such_line", false));
    assert_string_equal(onestop_form_title(onestop_form_of("form_02"), LANG_EN),
                        "Request to supplement the dossier");
    assert_null(onestop_form_of("form_99"));
    assert_null(onestop_form_of("receipt"));
}

DESK_TEST(form_01)
DESK_TEST(form_02)
DESK_TEST(form_03)
DESK_TEST(form_04)
DESK_TEST(form_05)
DESK_TEST(lines)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_onestop_form_01), cmocka_unit_test(test_onestop_form_02),
        cmocka_unit_test(test_onestop_form_03), cmocka_unit_test(test_onestop_form_04),
        cmocka_unit_test(test_onestop_form_05), cmocka_unit_test(test_onestop_lines)};
    return cmocka_run_group_tests_name("onestop forms", tests, NULL, NULL);
}
