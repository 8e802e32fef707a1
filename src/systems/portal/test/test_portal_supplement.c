/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to a request for supplement: nothing typed or attached is lost, until it is sent. */
#include "systems/portal/test/portal_program.h"

#define WHY   "Ảnh giấy chứng sinh bị mờ."
#define PHOTO "birth_notice_file"
#define FRESH "Tệp mới, chưa gửi: rõ.jpg (1 KB)"
#define BAD   "birth_notice_number", "99/2020", "birth_notice_date", "31/2/2020"
#define GOOD  "birth_notice_number", "99/2020", "birth_notice_date", "2/6/2020"

/* Filed by Lan, sent back by the clerk; she is at the page, whose address this is. */
static const char *asked(struct portal_world *p, const char **ret_code)
{
    sign_in(p, "lan");
    const char *draft = begin(p);
    fill_all(p, draft);
    const char *code = file_it(p, draft), *path = dossier_path(p, code, "/bo-sung");
    official(p, "commune_clerk", code, "request_supplement", WHY);
    p->b.site = "same-origin";
    assert_int_equal(web_get(&p->b, path), 200);
    *ret_code = code;
    return path;
}

static struct web_file clear_photo(void)
{
    return (struct web_file){PHOTO, "rõ.jpg", "image/jpeg", photo()};
}

#define SEND_FILE(p, path, ...)                                                                    \
    web_post_files(&(p)->b, (path), (const char *const[]){"_version", "2", __VA_ARGS__, NULL},     \
                   &(const struct web_file){PHOTO, "rõ.jpg", "image/jpeg", photo()}, 1)

struct filing {
    const char *id;
    struct file f;
};
static enum err read_file(struct ctx *c, void *arg)
{
    struct filing *x = arg;
    return file_get(c, x->id, &x->f);
}

static struct file filed_photo(struct portal_world *p, const char *code)
{
    struct filing x = {.id = form_text(p, code, PHOTO)};
    good(p->w->c, do_read(p->w, read_file, &x));
    return x.f;
}

/* ---- what was typed and attached stays ---- */

static void photo_stays(struct portal_world *p)
{
    struct web_client *b = &p->b;
    const char *code, *path = asked(p, &code);
    assert_true(web_shows(b, "Đã có tệp: giấy chứng sinh.jpg (1 KB)"));
    assert_false(web_shows(b, "name=\"_bo.")); /* what was filed can only be replaced */
    assert_int_equal(SEND_FILE(p, path, BAD), 422);
    assert_true(web_shows(b, FRESH));
    assert_false(web_shows(b, "chưa được lưu"));
    assert_string_equal(web_input(b, "birth_notice_number"), "99/2020");
    assert_string_equal(web_input(b, "birth_notice_date"), "31/2/2020"); /* as typed */
    assert_true(web_shows(b, "href=\"#f-birth_notice_date\""));
    const struct web_file odd = {PHOTO, "b.exe", "image/jpeg", bytes_of("MZ")};
    const char *const bad[] = {"_version", "2", BAD, NULL};
    assert_int_equal(web_post_files(b, path, bad, &odd, 1), 422);
    assert_true(web_shows(b, FRESH)); /* the sound one stays */
    assert_true(web_shows(b, "b.exe chưa được lưu"));

    sign_in(p, "lan"); /* the next day, at another machine */
    assert_int_equal(web_get(b, path), 200);
    assert_true(web_shows(b, FRESH));
    assert_true(web_shows(b, "Bản bổ sung lưu lúc"));
    assert_string_equal(web_input(b, "birth_notice_number"), "99/2020");
    assert_int_equal(web_get(b, dossier_path(p, code, "")), 200);
    assert_true(web_shows(b, "Quý vị đang soạn dở phần bổ sung"));
    assert_int_equal(web_get(b, path), 200);
    assert_int_equal(WEB_POST(b, path, "_version", "2", GOOD), 303);
    assert_string_equal(look(p, code).state, "supplemented");
    assert_string_equal(form_text(p, code, "birth_notice_number"), "99/2020");
    assert_string_equal(form_text(p, code, "child_name"), "Trần Nguyễn An Nhiên");
    assert_string_equal(filed_photo(p, code).name, "rõ.jpg");
    assert_int_equal(web_get(b, "/ban-nhap"), 200);
    assert_false(web_shows(b, code)); /* sent: no draft any more */
}

static void photo_goes(struct portal_world *p)
{
    struct web_client *b = &p->b;
    const char *code, *path = asked(p, &code);
    assert_int_equal(SEND_FILE(p, path, BAD), 422);
    assert_true(web_shows(b, "name=\"_bo." PHOTO "\""));
    const struct web_file other = {PHOTO, "rõ hơn.jpg", "image/jpeg", photo()};
    const char *const bad[] = {"_version", "2", "_bo." PHOTO, "1", BAD, NULL};
    assert_int_equal(web_post_files(b, path, bad, &other, 1), 422); /* replaced */
    assert_true(web_shows(b, "Tệp mới, chưa gửi: rõ hơn.jpg"));
    assert_false(web_shows(b, FRESH));
    assert_int_equal(WEB_POST(b, path, "_version", "2", "_bo." PHOTO, "1", BAD), 422);
    assert_true(web_shows(b, "Đã có tệp: giấy chứng sinh.jpg (1 KB)"));
    assert_string_equal(web_input(b, "birth_notice_number"), "99/2020");
    assert_int_equal(WEB_POST(b, path, "_version", "2", GOOD), 303);
    assert_string_equal(filed_photo(p, code).name, "giấy chứng sinh.jpg");
}

/* The same box on the page of a first filing. */
static void photo_goes_from_a_filing(struct portal_world *p)
{
    struct web_client *b = &p->b;
    sign_in(p, "lan");
    const char *draft = begin(p), *path = at(p, "/birth_notice", draft), *v = version_of(p, path);
    const char *const bad[] = {"_version", v, BAD, NULL};
    const struct web_file file = clear_photo();
    assert_int_equal(web_post_files(b, path, bad, &file, 1), 422);
    assert_true(web_shows(b, "Đã có tệp: rõ.jpg (1 KB)"));
    assert_int_equal(WEB_POST(b, path, "_version", v, "_bo." PHOTO, "1", GOOD), 422);
    assert_false(web_shows(b, "Đã có tệp"));
    assert_true(web_shows(b, "href=\"#f-" PHOTO "\"")); /* one is needed */
    assert_int_equal(WEB_POST(b, path, "_version", v, "_bo.child_name", "1", GOOD), 422);
    assert_int_equal(web_get(b, at(p, "/xem-lai", draft)), 200);
    assert_true(web_shows(b, "Chưa điền")); /* the child's name is to come */
    assert_false(web_shows(b, "Không có"));
    assert_int_equal(web_get(b, at(p, "/birth_place", draft)), 200);
    assert_true(web_shows(b, "data-when=\"birth_abroad\" data-when-value=\"0\""));
    FILL(p, draft, "child", "child_name", "Trần An", "child_sex", "female", "child_birth_date",
         "1/6/2020", "child_ethnic_group", "01", "child_nationality", "VN", "child_home_town",
         "Huế");
}

static const char *keep_path(struct portal_world *p, const char *code)
{
    return dossier_path(p, code, "/bo-sung/luu");
}

static void kept_while_typing(struct portal_world *p)
{
    struct web_client *b = &p->b;
    const char *code, *path = asked(p, &code), *drop = dossier_path(p, code, "/bo-sung/bo");
    assert_true(web_shows(b, "data-autosave=\"/ho-so/"));
    assert_int_equal(WEB_POST(b, drop, "x_", ""), 404); /* nothing is kept yet */
    assert_int_equal(web_get(b, path), 200);
    b->accept = "application/json";
    assert_int_equal(WEB_POST(b, keep_path(p, code), "_version", "2", BAD), 200);
    assert_int_equal(WEB_POST(b, keep_path(p, code), "_version", "1", BAD), 409); /* an old page */
    b->accept = "text/html";
    assert_int_equal(web_get(b, path), 200);
    assert_string_equal(web_input(b, "birth_notice_number"), "99/2020");
    assert_string_equal(web_input(b, "birth_notice_date"), "02/06/2020"); /* the last sound one */
    assert_int_equal(web_get(b, "/"), 200);
    assert_true(web_shows(b, "Bổ sung hồ sơ"));
    assert_int_equal(web_get(b, "/ban-nhap"), 200);
    assert_true(web_shows(b, arena_printf(p->w->c->arena, "href=\"%s\"", path)));
    assert_int_equal(web_get(b, path), 200);
    assert_int_equal(WEB_POST(b, drop, "x_", ""), 303);
    assert_int_equal(web_follow(b), 200);
    assert_string_equal(web_input(b, "birth_notice_number"), "12/2020"); /* as it was filed */
    assert_string_equal(look(p, code).state, "supplement_requested");
}

static void nobody_elses(struct portal_world *p)
{
    struct web_client *b = &p->b;
    const char *code, *path = asked(p, &code);
    assert_int_equal(SEND_FILE(p, path, BAD), 422);
    sign_in(p, "minh");
    assert_int_equal(web_get(b, path), 404);
    assert_int_equal(web_get(b, "/ban-nhap"), 200);
    assert_false(web_shows(b, code));
    assert_int_equal(web_get(b, "/dich-vu/" BIRTH "/nop"), 200); /* a token of his own */
    assert_int_equal(WEB_POST(b, keep_path(p, code), "_version", "2", GOOD), 404);
    assert_int_equal(WEB_POST(b, dossier_path(p, code, "/bo-sung/bo"), "x_", ""), 404);
    assert_int_equal(WEB_POST(b, dossier_path(p, code, "/nop-lai"), "x_", ""), 404);
    assert_int_equal(SEND_FILE(p, path, GOOD), 404);
    sign_in(p, "lan");
    assert_int_equal(web_get(b, path), 200);
    assert_true(web_shows(b, FRESH));
}

/* ---- its end ---- */

static void ends(struct portal_world *p)
{
    struct web_client *b = &p->b;
    const char *code, *path = asked(p, &code);
    assert_int_equal(SEND_FILE(p, path, BAD), 422);
    assert_int_equal(WEB_POST(b, path, "_version", "2", "copies", "ba"), 422);
    assert_true(web_shows(b, "chỉ gồm các chữ số. Hãy nhập lại, ví dụ 2."));
    assert_int_equal(web_get(b, dossier_path(p, code, "/rut")), 200);
    assert_int_equal(WEB_POST(b, dossier_path(p, code, "/rut"), "version", "2", "reason", "Thôi"),
                     303);
    assert_int_equal(web_get(b, "/ban-nhap"), 200);
    assert_false(web_shows(b, code));
}

static enum err run_expire(struct ctx *c, void *arg)
{
    return portal_store_drafts_expire(c, arg);
}

static void expires(struct portal_world *p)
{
    const char *code, *path = asked(p, &code);
    int64_t n = 0;
    assert_int_equal(SEND_FILE(p, path, BAD), 422);
    clock_by(p->w, DRAFT_US);
    good(p->w->c, do_write(p->w, run_expire, &n));
    assert_int_equal(n, 2); /* and the row that leads from the first draft to the dossier */
    sign_in(p, "lan");
    assert_int_equal(web_get(&p->b, path), 200);
    assert_true(web_shows(&p->b, "Đã có tệp: giấy chứng sinh.jpg"));
}

/* ---- somebody was first ---- */

static void sent_elsewhere(struct portal_world *p)
{
    struct web_client *b = &p->b;
    const char *code, *path = asked(p, &code);
    assert_int_equal(SEND_FILE(p, path, GOOD), 303);
    assert_int_equal(SEND_FILE(p, path, GOOD), 409); /* the same again: nothing to keep */
    assert_true(web_shows(b, "Hồ sơ đã thay đổi trước khi quý vị gửi"));
    assert_true(web_shows(b, "Chính quý vị đã làm việc “Gửi bổ sung”"));
    assert_false(web_shows(b, "Những gì quý vị đã nhập"));
    assert_int_equal(web_get(b, "/ban-nhap"), 200);
    assert_false(web_shows(b, code));

    official(p, "commune_clerk", code, "accept_supplemented", "");
    assert_int_equal(web_get(b, dossier_path(p, code, "")), 200);
    const struct web_file other = {PHOTO, "khác.jpg", "image/jpeg", photo()};
    const char *const late[] = {"_version",
                                "2",
                                "birth_notice_number",
                                "77/2020",
                                "birth_notice_date",
                                "31/2/2020",
                                "copies",
                                "ba",
                                NULL};
    assert_int_equal(web_post_files(b, path, late, &other, 1), 409);
    assert_true(web_shows(b, "Tiếp nhận hồ sơ đã bổ sung"));
    assert_true(web_shows(b, "Phan Thị Thu Hà"));
    assert_true(web_shows(b, "Phần bổ sung này chưa được gửi."));
    assert_true(web_shows(b, "77/2020"));
    assert_true(web_shows(b, "31/2/2020")); /* what isn't a day stands as it was typed */
    assert_true(web_shows(b, "khác.jpg (1 KB)"));
    assert_true(web_shows(b, "được giữ đến hết ngày"));
    assert_false(web_shows(b, "birth_notice"));
    assert_false(web_shows(b, "Nộp lại từ hồ sơ này"));
    b->language = "en";
    assert_int_equal(web_get(b, path), 409); /* it can be looked at again */
    assert_true(web_shows(b, "What happened"));
    assert_true(web_shows(b, "77/2020"));
    assert_true(web_shows(b, "khác.jpg (1 KB)"));
    b->language = "vi";
    assert_int_equal(WEB_POST(b, dossier_path(p, code, "/bo-sung/bo"), "x_", ""), 303);
    assert_int_equal(web_get(b, path), 409);
    assert_false(web_shows(b, "77/2020"));
}

static void expire_it(struct portal_world *p, const char *code)
{
    by_itself_for(p, code, "expire_supplement", "Quá hạn bổ sung.");
}

/* The term ran out while she typed: nothing is lost, and the new dossier begins with all of it. */
static void too_late(struct portal_world *p)
{
    struct web_client *b = &p->b;
    const char *code, *path = asked(p, &code);
    expire_it(p, code);
    assert_int_equal(SEND_FILE(p, path, GOOD), 409);
    assert_true(web_shows(b, "Quá hạn bổ sung."));
    assert_true(web_shows(b, "rõ.jpg (1 KB)"));
    assert_true(web_shows(b, "Nộp lại từ hồ sơ này"));
    assert_int_equal(WEB_POST(b, dossier_path(p, code, "/nop-lai"), "x_", ""), 303);
    const char *draft = arena_text(p->w->c->arena, web_answer_header(b, "Location"));
    assert_int_equal(web_get(b, at(p, "/birth_notice", draft)), 200);
    assert_string_equal(web_input(b, "birth_notice_number"), "99/2020");
    assert_true(web_shows(b, "Đã có tệp: rõ.jpg (1 KB)"));
    assert_int_equal(web_get(b, at(p, "/xem-lai", draft)), 200);
    assert_true(web_shows(b, "Còn mục chưa xong")); /* what was declared is declared again */
    FILL(p, draft, "result", "copies", "2", "result_way", "online", "truth_declared", "1");
    const char *anew = file_it(p, draft);
    assert_string_not_equal(anew, code);
    assert_string_equal(form_text(p, anew, "birth_notice_number"), "99/2020");
    assert_string_equal(filed_photo(p, anew).name, "rõ.jpg");
    assert_int_equal(web_get(b, "/ban-nhap"), 200);
    assert_false(web_shows(b, code));
}

static void filed_anew(struct portal_world *p)
{
    struct web_client *b = &p->b;
    sign_in(p, "lan");
    const char *draft = begin(p);
    fill_all(p, draft);
    const char *code = file_it(p, draft), *page = dossier_path(p, code, "");
    assert_int_equal(web_get(b, page), 200);
    assert_false(web_shows(b, "/nop-lai"));
    assert_int_equal(WEB_POST(b, dossier_path(p, code, "/nop-lai"), "x_", ""), 409);
    official(p, "commune_clerk", code, "refuse", WHY);
    assert_int_equal(web_get(b, page), 200);
    assert_true(web_shows(b, "/nop-lai"));
    assert_int_equal(WEB_POST(b, dossier_path(p, code, "/nop-lai"), "x_", ""), 303);
    assert_int_equal(web_follow(b), 200);
    assert_true(web_shows(b, "Đã xong 7 trong 8 phần."));
}

/* ---- the same as JSON ---- */

static const char *member(struct portal_world *p, const char *name)
{
    struct bytes in = photo();
    return arena_printf(p->w->c->arena, "\"" PHOTO "\":{\"name\":\"%s\",\"content\":\"%s\"}", name,
                        base64(p->w->c->arena, in));
}

static const char *shown_photo(void)
{
    return json_text_of(row("fields", "name", PHOTO), "shown", "");
}

static void by_json(struct portal_world *p)
{
    const char *code, *path = asked(p, &code);
    enter(p, "lan");
    get(p, path);
    assert_string_equal(shown_photo(), "giấy chứng sinh.jpg (1 KB)");
    assert_null(row("acts", "name", "drop"));
    refuses(p, path,
            arena_printf(p->w->c->arena, "{\"_version\":2,\"birth_notice_date\":\"2020-02-31\",%s}",
                         member(p, "rõ.jpg")),
            422, "birth_notice_date", "ERR_BAD_DATE");
    get(p, path);
    assert_string_equal(shown_photo(), "rõ.jpg (1 KB)");
    post(p, act(p, "drop", "POST"), "{}");
    get(p, path);
    assert_string_equal(shown_photo(), "giấy chứng sinh.jpg (1 KB)");
    assert_int_equal(web_post_json(&p->b, act(p, "keep", "POST"),
                                   "{\"_version\":2,\"birth_notice_number\":\"5/2020\"}"),
                     200);
    assert_string_equal(post(p, path, "{\"_version\":2}"), dossier_path(p, code, ""));
    assert_string_equal(form_text(p, code, "birth_notice_number"), "5/2020");
    forget();
}

WORLD_TEST(photo_stays)
WORLD_TEST(photo_goes)
WORLD_TEST(photo_goes_from_a_filing)
WORLD_TEST(kept_while_typing)
WORLD_TEST(nobody_elses)
WORLD_TEST(ends)
WORLD_TEST(expires)
WORLD_TEST(sent_elsewhere)
WORLD_TEST(too_late)
WORLD_TEST(filed_anew)
WORLD_TEST(by_json)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_photo_stays),
        cmocka_unit_test(test_photo_goes),
        cmocka_unit_test(test_photo_goes_from_a_filing),
        cmocka_unit_test(test_kept_while_typing),
        cmocka_unit_test(test_nobody_elses),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_expires),
        cmocka_unit_test(test_sent_elsewhere),
        cmocka_unit_test(test_too_late),
        cmocka_unit_test(test_filed_anew),
        cmocka_unit_test(test_by_json),
    };
    return cmocka_run_group_tests_name("portal supplement", tests, NULL, NULL);
}
