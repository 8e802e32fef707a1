/* SPDX-License-Identifier: Apache-2.0 */
/* Stories through the router: from the search box to the dossier, refusals included. */
#include "systems/portal/test/portal_world.h"

/* ---- what was attached and typed stays ---- */

static const struct web_file notice = {
    .field = "birth_notice_file", .name = "giấy chứng sinh.jpg", .type = "image/jpeg"};

static void photo_stays(struct portal_world *p)
{
    struct web_client *b = &p->b;
    sign_in(p, "lan");
    const char *draft = begin(p), *path = at(p, "/birth_notice", draft), *v = version_of(p, path);
    const char *const bad[] = {
        "_version", v, "birth_notice_number", "12/2020", "birth_notice_date", "31/2/2020", NULL};
    struct web_file file = notice;
    file.content = photo();
    b->site = "same-origin";
    assert_int_equal(web_post_files(b, path, bad, &file, 1), 422);
    assert_true(web_shows(b, "Đã có tệp"));
    assert_true(web_shows(b, "giấy chứng sinh.jpg"));
    assert_false(web_shows(b, "chưa được lưu"));
    assert_string_equal(web_input(b, "birth_notice_number"), "12/2020");
    const struct web_file odd = {"birth_notice_file", "b.exe", "image/jpeg", bytes_of("MZ")};
    assert_int_equal(web_post_files(b, path, bad, &odd, 1), 422); /* and the sound one stays */
    assert_true(web_shows(b, "giấy chứng sinh.jpg"));
    assert_true(web_shows(b, "b.exe chưa được lưu"));
    assert_int_equal(WEB_POST(b, path, "_version", web_input(b, "_version"), "birth_notice_number",
                              "12/2020", "birth_notice_date", "2/6/2020"),
                     303);
    file.name = "khác.jpg"; /* of an old page: the draft of the other tab is left alone */
    assert_int_equal(web_post_files(b, path, bad, &file, 1), 422);
    assert_false(web_shows(b, "Đã có tệp: khác.jpg"));
    assert_true(web_shows(b, "khác.jpg chưa được lưu"));
}

static void photo_and_sign_in(struct portal_world *p)
{
    struct web_client *b = &p->b;
    sign_in(p, "lan");
    const char *draft = begin(p), *path = at(p, "/birth_notice", draft), *v = version_of(p, path);
    const char *const fields[] = {
        "_version", v, "birth_notice_number", "12/2020", "birth_notice_date", "02/06/2020", NULL};
    struct web_file file = notice;
    file.content = photo();
    b->cookies = b->token = ""; /* the session is over */
    b->site = "same-origin";
    assert_int_equal(web_post_files(b, path, fields, &file, 1), 401);
    assert_string_equal(web_input(b, "birth_notice_number"), "12/2020");
    assert_string_equal(web_input(b, "_tep.birth_notice_file"), "giấy chứng sinh.jpg");
    assert_true(web_shows(b, "Tệp giấy chứng sinh.jpg chưa được lưu"));
    sign_in(p, "lan"); /* in another tab */
    b->token = "";
    b->site = "same-origin";
    assert_int_equal(WEB_POST(b, path, "_version", v, "birth_notice_number", "12/2020",
                              "birth_notice_date", "02/06/2020", "_tep.birth_notice_file",
                              "giấy chứng sinh.jpg"),
                     403);
    assert_true(web_shows(b, "enctype=\"multipart/form-data\""));
    assert_true(web_shows(b, "type=\"file\" id=\"f-birth_notice_file\""));
    assert_string_equal(web_input(b, "birth_notice_number"), "12/2020");
    assert_int_equal(web_post_files(b, path, fields, &file, 1), 303);
}

/* ---- before signing in ---- */

static void anybody(struct portal_world *p)
{
    struct web_client *b = &p->b;
    assert_int_equal(web_get(b, "/"), 200);
    assert_true(web_shows(b, "Quý vị cần làm việc gì?"));
    assert_int_equal(web_get(b, "/tim?q=KHAISINH"), 200);
    assert_true(web_shows(b, "/dich-vu/" BIRTH));
    assert_true(web_shows(b, "Miễn phí"));
    assert_int_equal(web_get(b, "/tim?q=%C4%91%E1%BA%A5t"), 200);
    assert_true(web_shows(b, "Không tìm thấy dịch vụ nào"));
    assert_int_equal(web_get(b, "/tim?q=%F0%9F%91%B6"), 200); /* a picture of a baby */
    assert_true(web_shows(b, "không có chữ hay số nào"));
    assert_false(web_shows(b, "/dich-vu/"));
    b->language = "en";
    assert_int_equal(web_get(b, "/tim?q=%25%27%22%3C%3E"), 200);
    assert_true(web_shows(b, "no letter or number"));
    b->language = "vi";
    assert_int_equal(web_get(b, "/tim?q=+"), 200); /* nothing asked: all */
    assert_true(web_shows(b, "/dich-vu/" BIRTH));
    assert_int_equal(web_get(b, "/tim?q=%3Cscript%3E"), 200);
    assert_false(web_shows(b, "<script>alert"));
    assert_int_equal(web_get(b, "/dich-vu/" BIRTH), 200);
    assert_true(web_shows(b, "Giấy chứng sinh"));
    assert_true(web_shows(b, "03 ngày làm việc"));
    assert_true(web_shows(b, "href=\"/dich-vu/" BIRTH "/nop\""));
    assert_int_equal(web_get(b, "/dich-vu/9.999999"), 404);
    b->accept = "application/json";
    assert_int_equal(web_get(b, "/tim?q=khai+sinh"), 200);
    assert_true(web_shows(b, "\"code\":\"" BIRTH "\""));
    static const char *const closed[] = {"/dich-vu/" BIRTH "/nop", "/ban-nhap", "/ho-so",
                                         "/du-lieu-cua-toi"};
    for (size_t i = 0; i < ARRAY_LEN(closed); i++)
        assert_int_equal(web_get(b, closed[i]), 401);
    sign_in(p, "lan");
    assert_int_equal(web_get(b, "/"), 200);
    assert_true(web_shows(b, "Quý vị chưa có hồ sơ nào"));
}

static void officials_do_not_file(struct portal_world *p)
{
    assert_int_equal(WEB_POST(&p->b, "/thu/vao", "who", "clerk"), 303);
    assert_int_equal(web_get(&p->b, "/dich-vu/" BIRTH "/nop"), 403);
    assert_int_equal(web_get(&p->b, "/ban-nhap"), 403);
}

/* ---- the national node: people go to their province ---- */

static const struct node_peer province = {.agency = "H57",
                                          .name = "h57",
                                          .url = "http://127.0.0.1:8802",
                                          .members = (const char *const[]){"H57", NULL}};

static void national(struct portal_world *p)
{
    static const char *const national_members[] = {"G22", "G01", NULL};
    p->w->n->members = national_members;
    p->w->n->peers = &province;
    p->w->n->n_peers = 1;
    sign_in(p, "lan");
    assert_int_equal(web_get(&p->b, "/dich-vu/" BIRTH), 200);
    assert_true(web_shows(&p->b, "http://127.0.0.1:8802/dang-nhap/quoc-gia?next=%2Fdich-vu%2F" BIRTH
                                 "%2Fnop"));
    assert_int_equal(web_get(&p->b, "/dich-vu/" BIRTH "/nop"), 409);
    assert_int_equal(web_get(&p->b, "/"), 200);
    assert_true(web_shows(&p->b, "/du-lieu-cua-toi"));
    p->w->n->n_peers = 0; /* nobody carries a province: the page says so */
    assert_int_equal(web_get(&p->b, "/dich-vu/" BIRTH), 200);
    assert_true(web_shows(&p->b, "Chưa có tỉnh, thành phố nào nhận"));
}

/* ---- from an empty draft to a dossier ---- */

static void files(struct portal_world *p)
{
    sign_in(p, "lan");
    const char *draft = begin(p);
    assert_int_equal(web_get(&p->b, draft), 200);
    assert_true(web_shows(&p->b, "Cần xem lại"));
    assert_int_equal(web_get(&p->b, at(p, "/mother", draft)), 200);
    assert_true(web_shows(&p->b, "Nguyễn Thị Lan"));
    assert_true(web_shows(&p->b, "Nguồn: Cơ sở dữ liệu quốc gia về dân cư"));
    assert_false(web_shows(&p->b, "name=\"mother_name\"")); /* looked over, not typed */
    assert_int_equal(web_get(&p->b, at(p, "/mother?sua=1", draft)), 200);
    assert_true(web_shows(&p->b, "name=\"mother_name\""));
    assert_true(web_shows(&p->b, "Theo Cơ sở dữ liệu quốc gia về dân cư."));
    fill_all(p, draft);
    assert_true(text_ends(web_answer_header(&p->b, "Location"), "/xem-lai"));
    assert_int_equal(web_get(&p->b, "/"), 200);
    assert_true(web_shows(&p->b, "Đang làm dở"));
    const char *code = file_it(p, draft);
    assert_true(text_starts(code, "000.08.31.H57-200604-"));
    assert_int_equal(web_follow(&p->b), 200);
    assert_true(web_shows(&p->b, code));
    assert_true(web_shows(&p->b, "09:00 09/06/2020")); /* three working days, over a week-end */
    assert_true(web_shows(&p->b, "/giay/receipt"));

    /* pressed again, from another page: the same dossier, no second one */
    assert_int_equal(WEB_POST(&p->b, at(p, "/nop", draft), "x_", ""), 303);
    assert_non_null(strstr(web_answer_header(&p->b, "Location"), code));
    assert_int_equal(web_get(&p->b, draft), 303);
    assert_int_equal(web_get(&p->b, "/ban-nhap"), 200);
    assert_true(web_shows(&p->b, "không có hồ sơ nào đang soạn"));

    const char *page = arena_printf(p->w->c->arena, "/ho-so/%s", code);
    assert_int_equal(web_get(&p->b, page), 200);
    assert_true(web_shows(&p->b, "Mới đăng ký"));
    assert_true(web_shows(&p->b, "Trần Nguyễn An Nhiên"));
    assert_int_equal(web_get(&p->b, "/ho-so"), 200);
    assert_true(web_shows(&p->b, code));
    p->b.accept = "application/json";
    assert_int_equal(web_get(&p->b, page), 200);
    assert_true(web_shows(&p->b, "\"status\":\"Mới đăng ký\""));
    sign_in(p, "minh"); /* another's dossier isn't there for him */
    assert_int_equal(web_get(&p->b, page), 404);
    assert_int_equal(web_get(&p->b, draft), 404);
}

struct counted {
    struct measure_value v;
};
static enum err read_t13(struct ctx *c, void *arg)
{
    struct counted *x = arg;
    int today = local_day(c->now_us);
    return measure_read(c, "T13", "H57.31.08", today, today + 1, &x->v);
}

static void counts_what_filled_itself(struct portal_world *p)
{
    struct counted x = {0};
    sign_in(p, "lan");
    const char *draft = begin(p);
    fill_all(p, draft);
    (void)file_it(p, draft);
    good(p->w->c, do_read(p->w, read_t13, &x));
    assert_true(x.v.part > 15);
    assert_true(x.v.whole > x.v.part);
}

/* ---- the register is silent ---- */

static void register_is_silent(struct portal_world *p)
{
    register_refuses = true;
    sign_in(p, "lan");
    const char *draft = begin(p);
    assert_int_equal(web_get(&p->b, draft), 200);
    assert_true(web_shows(&p->b, "Chưa thể lấy dữ liệu"));
    assert_int_equal(web_get(&p->b, at(p, "/requester", draft)), 200);
    assert_true(web_shows(&p->b, "Nguyễn Thị Lan")); /* the account knows that much */
    fill_all(p, draft);
    (void)file_it(p, draft);
}

/* ---- mistakes keep what was typed ---- */

static void mistakes(struct portal_world *p)
{
    sign_in(p, "lan");
    const char *draft = begin(p), *child = at(p, "/child", draft), *v = version_of(p, child);
    assert_int_equal(WEB_POST(&p->b, child, "_version", v, "child_name", "An Nhiên <b>",
                              "child_sex", "", "child_birth_date", "31/2/2020"),
                     422);
    assert_true(web_shows(&p->b, "An Nhiên &lt;b&gt;"));
    assert_true(web_shows(&p->b, "31/2/2020"));
    assert_true(web_shows(&p->b, "<title>Lỗi:"));
    assert_true(web_shows(&p->b, "href=\"#f-child_birth_date\""));
    assert_int_equal(web_get(&p->b, draft), 200);

    const char *place = at(p, "/birth_place", draft);
    v = version_of(p, place);
    assert_int_equal(WEB_POST(&p->b, place, "_version", v, "birth_facility", "Trạm y tế",
                              "birth_unit", "Thuận Hòa"),
                     422);
    assert_true(web_shows(&p->b, "có nhiều nơi tên “Thuận Hòa”"));
    assert_true(web_shows(&p->b, "Thừa Thiên Huế"));
    assert_true(web_shows(&p->b, "name=\"_chon.birth_unit\""));
    assert_true(web_shows(&p->b, "Trạm y tế"));
    assert_int_equal(WEB_POST(&p->b, place, "_version", v, "birth_facility", "Trạm y tế",
                              "birth_unit", "nơi không có"),
                     422);
    assert_true(web_shows(&p->b, "không tìm thấy nơi nào tên"));
    assert_int_equal(WEB_POST(&p->b, place, "_version", v, "birth_facility", "Trạm y tế",
                              "birth_unit", "Thuận Hòa", "_chon.birth_unit", "19753"),
                     303);
    assert_int_equal(web_get(&p->b, place), 200);
    assert_true(web_shows(&p->b, "Thành phố Huế, Tỉnh Thừa Thiên Huế"));
    assert_true(web_shows(&p->b, "data-suggest=\"/dia-danh\""));
    assert_int_equal(web_get(&p->b, "/dia-danh?tu=vi+da"), 200); /* offered while typing */
    assert_true(web_shows(&p->b, "Phường Vỹ Dạ, Thành phố Huế, Tỉnh Thừa Thiên Huế"));
    assert_int_equal(web_get(&p->b, "/dia-danh?tu=zzzz"), 200);
    assert_true(web_shows(&p->b, "\"rows\":[]"));
    assert_int_equal(web_get(&p->b, "/dia-danh"), 200);
    assert_int_equal(web_get(&p->b, at(p, "/nowhere", draft)), 404);
    assert_int_equal(WEB_POST(&p->b, at(p, "/nop", draft), "x_", ""), 422); /* not yet whole */
    assert_true(web_shows(&p->b, "Còn mục chưa xong"));
}

static void bad_files(struct portal_world *p)
{
    sign_in(p, "lan");
    const char *draft = begin(p), *path = at(p, "/birth_notice", draft);
    const char *v = version_of(p, path);
    const char *const fields[] = {
        "_version", v, "birth_notice_number", "12/2020", "birth_notice_date", "02/06/2020", NULL};
    struct web_file file = {"birth_notice_file", "x.jpg", "image/jpeg", bytes_of("MZ not a photo")};
    assert_int_equal(web_post_files(&p->b, path, fields, &file, 1), 422);
    assert_true(web_shows(&p->b, "12/2020"));
    /* what the form promises is what is taken */
    assert_true(web_shows(&p->b, "accept=\"image/jpeg,image/png,image/heic,application/pdf\""));
    assert_true(web_shows(&p->b, "nhận ảnh JPG, PNG, HEIC"));
    static const uint8_t heic[] = {0, 0, 0, 0x18, 'f', 't', 'y', 'p', 'h', 'e', 'i', 'c',
                                   0, 0, 0, 0,    'm', 'i', 'f', '1', 'h', 'e', 'i', 'c'};
    file = (struct web_file){"birth_notice_file", "IMG_0001.HEIC", "image/heic",
                             (struct bytes){heic, sizeof heic}};
    assert_int_equal(web_post_files(&p->b, path, fields, &file, 1), 422);
    assert_true(web_shows(&p->b, "Tương thích nhất")); /* says what to do */
    /* a file's id is never taken from what is typed */
    assert_int_equal(WEB_POST(&p->b, path, "_version", v, "birth_notice_number", "12/2020",
                              "birth_notice_date", "02/06/2020", "birth_notice_file",
                              "01HXYZ00000000000000000000"),
                     422);
    fill_notice(p, draft);
    assert_int_equal(web_get(&p->b, path), 200);
    assert_true(web_shows(&p->b, "giấy chứng sinh.jpg"));
    v = version_of(p, path); /* without choosing again, the file stays */
    assert_int_equal(WEB_POST(&p->b, path, "_version", v, "birth_notice_number", "13/2020",
                              "birth_notice_date", "02/06/2020"),
                     303);
}

/* ---- two tabs, and a draft kept while typing ---- */

static void two_tabs(struct portal_world *p)
{
    sign_in(p, "lan");
    const char *draft = begin(p), *card = at(p, "/health_card", draft);
    const char *v = version_of(p, card);
    FILL(p, draft, "health_card", "clinic", "46001", "card_address", "12 Nguyễn Sinh Cung");
    assert_int_equal(
        WEB_POST(&p->b, card, "_version", v, "clinic", "46001", "card_address", "Nơi khác"), 422);
    assert_true(web_shows(&p->b, "vừa được lưu ở một trang khác"));
    assert_true(web_shows(&p->b, "Nơi khác"));

    const char *save = at(p, "/luu?nhom=child", draft);
    v = version_of(p, at(p, "/child", draft));
    p->b.accept = "application/json";
    assert_int_equal(WEB_POST(&p->b, save, "_version", v, "child_name", "An Nh", "child_birth_date",
                              "31/2", "mother_name", "not of this page"),
                     200);
    assert_int_equal(WEB_POST(&p->b, save, "_version", "1", "child_name", "Cũ"), 409);
    p->b.accept = "text/html";
    assert_int_equal(web_get(&p->b, at(p, "/child", draft)), 200);
    assert_true(web_shows(&p->b, "An Nh"));
    assert_false(web_shows(&p->b, "31/2"));
    assert_string_equal(web_input(&p->b, "_version"), v); /* typing made no new version */
    assert_int_equal(web_get(&p->b, at(p, "/mother", draft)), 200);
    assert_false(web_shows(&p->b, "not of this page"));
    assert_int_equal(WEB_POST(&p->b, at(p, "/bo", draft), "x_", ""), 303);
    assert_int_equal(web_get(&p->b, draft), 404);
}

/* ---- a mother who lives elsewhere ---- */

static void lives_elsewhere(struct portal_world *p)
{
    sign_in(p, "lan");
    const char *draft = begin(p);
    fill_all(p, draft);
    FILL(p, draft, "mother", "mother_name", "Nguyễn Thị Lan", "mother_pin", MOTHER,
         "mother_birth_date", "1994", "mother_ethnic_group", "01", "mother_nationality", "VN",
         "mother_residence_type", "permanent", "mother_residence_unit", "Phúc Xá, Hà Nội",
         "mother_residence_address", "1 phố Nghĩa Dũng", "mother_paper_type", "citizen_card",
         "mother_paper_number", MOTHER);
    assert_int_equal(web_get(&p->b, at(p, "/xem-lai", draft)), 200);
    assert_true(web_shows(&p->b, "thuộc cơ quan khác"));
    assert_true(web_shows(&p->b, "Hà Nội"));
    assert_int_equal(WEB_POST(&p->b, at(p, "/nop", draft), "x_", ""), 422);
    assert_int_equal(web_get(&p->b, "/ho-so"), 200);
    assert_true(web_shows(&p->b, "chưa có hồ sơ nào"));
}

/* ---- more drafts than anybody needs ---- */

static void drafts_have_a_limit(struct portal_world *p)
{
    const char *draft = NULL;
    sign_in(p, "lan");
    for (int i = 0; i < PORTAL_MOST_DRAFTS; i++)
        draft = begin(p);
    assert_int_equal(web_get(&p->b, "/dich-vu/" BIRTH "/nop"), 200);
    assert_int_equal(WEB_POST(&p->b, "/dich-vu/" BIRTH "/nop", "requester_relation", "mother"),
                     422); /* the page again, with why */
    assert_true(web_shows(&p->b, "Quý vị đang có 50 bản nháp chưa nộp"));
    assert_int_equal(web_get(&p->b, draft), 200);
    assert_int_equal(WEB_POST(&p->b, at(p, "/bo", draft), "x_", ""), 303);
    (void)begin(p);
}

WORLD_TEST(photo_stays)
WORLD_TEST(photo_and_sign_in)
WORLD_TEST(anybody)
WORLD_TEST(officials_do_not_file)
WORLD_TEST(national)
WORLD_TEST(files)
WORLD_TEST(counts_what_filled_itself)
WORLD_TEST(register_is_silent)
WORLD_TEST(mistakes)
WORLD_TEST(bad_files)
WORLD_TEST(two_tabs)
WORLD_TEST(lives_elsewhere)
WORLD_TEST(drafts_have_a_limit)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_photo_stays),
                                       cmocka_unit_test(test_photo_and_sign_in),
                                       cmocka_unit_test(test_anybody),
                                       cmocka_unit_test(test_officials_do_not_file),
                                       cmocka_unit_test(test_national),
                                       cmocka_unit_test(test_files),
                                       cmocka_unit_test(test_counts_what_filled_itself),
                                       cmocka_unit_test(test_register_is_silent),
                                       cmocka_unit_test(test_mistakes),
                                       cmocka_unit_test(test_bad_files),
                                       cmocka_unit_test(test_two_tabs),
                                       cmocka_unit_test(test_lives_elsewhere),
                                       cmocka_unit_test(test_drafts_have_a_limit)};
    return cmocka_run_group_tests_name("portal flow", tests, NULL, NULL);
}
