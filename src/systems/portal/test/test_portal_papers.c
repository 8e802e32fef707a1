/* SPDX-License-Identifier: Apache-2.0 */
/* What a paper says and what the page says are one: the appointment after a pause of the clock. */
#include "systems/portal/test/portal_acting.h"

#include "test/harness/pdf_test.h"

static const char *filed_by_lan(struct portal_world *p)
{
    sign_in(p, "lan");
    const char *draft = begin(p);
    fill_all(p, draft);
    return file_it(p, draft);
}

static void send_supplement(struct portal_world *p, const char *code)
{
    const char *path = dossier_path(p, code, "/bo-sung");
    assert_int_equal(web_get(&p->b, path), 200);
    const char *v = arena_text(p->w->c->arena, web_input(&p->b, "_version"));
    const char *const fields[] = {
        "_version", v, "birth_notice_number", "99/2020", "birth_notice_date", "2/6/2020", NULL};
    const struct web_file file = {"birth_notice_file", "rõ.jpg", "image/jpeg", photo()};
    assert_int_equal(web_post_files(&p->b, path, fields, &file, 1), 303);
}

static const char *paper_text_of(struct portal_world *p, const char *code, const char *kind)
{
    const char *path = arena_printf(p->w->c->arena, "/ho-so/%s/giay/%s", code, kind);
    assert_int_equal(web_get(&p->b, path), 200);
    return pdf_words(p->w->c, p->b.body);
}

/* Page, JSON and paper tell the same appointment and the same pause. */
static void tell(struct portal_world *p, const char *code, const char *due, const char *vi,
                 const char *en)
{
    const char *page = dossier_path(p, code, "");
    assert_int_equal(web_get(&p->b, page), 200);
    assert_true(web_shows(&p->b, due));
    assert_true(web_shows(&p->b, vi));
    p->b.accept = "application/json";
    assert_int_equal(web_get(&p->b, page), 200);
    assert_true(web_shows(&p->b, arena_printf(p->w->c->arena, "\"due\":\"%s\"", due)));
    assert_true(web_shows(&p->b, vi));
    p->b.accept = "text/html";
    const char *paper = paper_text_of(p, code, "form_01");
    assert_non_null(strstr(paper, due));
    assert_non_null(strstr(paper, vi));
    struct casework_case k = look(p, code);
    assert_string_equal(time_show(p->w->c->arena, k.due_us), due);
    assert_non_null(strstr(k.due_words[LANG_EN], en));
}

/* Filed on Saturday: counted from Monday's opening, due at Thursday's. */
static const char *paused(struct portal_world *p, int asked_day, int asked, int given_day,
                          int given)
{
    clock_at(p->w, 20200606, 900);
    const char *code = filed_by_lan(p);
    assert_string_equal(time_show(p->w->c->arena, look(p, code).due_us), "07:30 11/06/2020");
    clock_at(p->w, asked_day, asked);
    official(p, "commune_clerk", code, "request_supplement", "Ảnh giấy chứng sinh bị mờ.");
    clock_at(p->w, given_day, given);
    sign_in(p, "lan");
    send_supplement(p, code);
    official(p, "commune_clerk", code, "accept_supplemented", "");
    sign_in(p, "lan");
    return code;
}

static void waited(struct portal_world *p)
{
    tell(p, paused(p, 20200608, 900, 20200609, 1000), "08:30 12/06/2020",
         "Tạm dừng tính thời gian từ 09:00 08/06/2020 đến 10:00 09/06/2020; hẹn trả mới: 08:30 "
         "12/06/2020.",
         "The clock stood still from 09:00 08/06/2020 to 10:00 09/06/2020; new appointment: 08:30 "
         "12/06/2020.");
}

static void waited_not_at_all(struct portal_world *p)
{
    tell(p, paused(p, 20200608, 900, 20200608, 900), "07:30 11/06/2020",
         "Tạm dừng tính thời gian từ 09:00 08/06/2020 đến 09:00 08/06/2020; hẹn trả không đổi: "
         "07:30 11/06/2020.",
         "the appointment stays: 07:30 11/06/2020.");
}

/* ---- the receipt ---- */

/* Nobody has received it yet: the system of the agency issues it, and the citizen signs nothing. */
static void receipt(struct portal_world *p)
{
    const char *code = filed_by_lan(p), *text = paper_text_of(p, code, "receipt");
    struct bytes pdf = p->b.body;
    static const char *const said[] = {"Giấy xác nhận đã nộp hồ sơ trực tuyến",
                                       ("HỆ THỐNG TIẾP NHẬN HỒ SƠ TRỰC TUYẾN (Đã ký số 09:00 "
                                        "04/06/2020) Ủy ban nhân dân phường Vỹ Dạ"),
                                       "chưa có cán bộ nào tiếp nhận hồ sơ"};
    for (size_t i = 0; i < ARRAY_LEN(said); i++)
        if (!strstr(text, said[i]))
            assert_string_equal(text, said[i]);
    assert_null(strstr(text, "NGƯỜI TIẾP NHẬN"));
    const char *filer = strstr(text, "Nguyễn Thị Lan");
    assert_non_null(filer);
    assert_null(strstr(filer + 1, "Nguyễn Thị Lan")); /* who filed, once */
    const char *signature = pdf_signature(p->w->c, pdf);
    assert_non_null(strstr(signature, "Signature is Valid"));
    assert_non_null(strstr(signature, "Total document signed"));
    assert_non_null(strstr(signature, "Signer Certificate Common Name: H57 sign"));

    official(p, "commune_clerk", code, "accept", ""); /* a paper of a person bears the person */
    sign_in(p, "lan");
    text = paper_text_of(p, code, "form_01");
    assert_non_null(strstr(text, "NGƯỜI TIẾP NHẬN"));
    assert_non_null(strstr(text, "Phan Thị Thu Hà"));
}

/* The code on the receipt, printed and read, leads anybody to the paper's own page; from there only
   its owner gets to the dossier. */
static void receipt_code(struct portal_world *p)
{
    const char *code = filed_by_lan(p), *to = dossier_path(p, code, "");
    assert_int_equal(web_get(&p->b, dossier_path(p, code, "/giay/receipt")), 200);
    const char *read = pdf_code(p->w->c, p->b.body);
    const char *address = arena_text_n(p->w->c->arena, read, strcspn(read, "#\n"));
    assert_true(text_starts(address, p->w->n->url));
    address += strlen(p->w->n->url);
    assert_int_equal(web_get(&p->b, address), 200);
    assert_int_equal(web_get(&p->b, to), 200);
    sign_in(p, "minh");
    assert_int_equal(web_get(&p->b, to), 404);
    p->b = web_client_new(p->w->c->arena, p->web);
    assert_int_equal(web_get(&p->b, address), 200);
    assert_true(web_shows(&p->b, code));
    assert_true(web_shows(&p->b, arena_printf(p->w->c->arena, "href=\"%s\"", to)));
    assert_int_equal(web_get(&p->b, to), 303); /* sign in first */
}

WORLD_TEST(waited)
WORLD_TEST(waited_not_at_all)
WORLD_TEST(receipt)
WORLD_TEST(receipt_code)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waited), cmocka_unit_test(test_waited_not_at_all),
        cmocka_unit_test(test_receipt), cmocka_unit_test(test_receipt_code)};
    return cmocka_run_group_tests_name("portal papers", tests, NULL, NULL);
}
