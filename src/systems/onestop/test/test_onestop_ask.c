/* SPDX-License-Identifier: Apache-2.0 */
/* A request to supplement, item by item: chosen on the page or sent as JSON, told in every place
   where the reason is, listed on form 02. */
#include "systems/onestop/test/onestop_test.h"

#include "test/harness/pdf_test.h"

#define WORDS "Mong chị gửi trong tuần này."
#define PHOTO_WANTED                                                                               \
    "Ảnh giấy chứng sinh: Chụp lại cho rõ; Người cha: Ghi đủ họ tên; Nội dung khác: Gọi số 0234"
#define ITEMS                                                                                      \
    "items.0.name", "birth_notice_file", "items.0.reason", "Chụp lại cho rõ", "items.1.name",      \
        "father", "items.1.reason", "Ghi đủ họ tên", "items.2.name", "", "items.2.reason",         \
        "Gọi số 0234", "items.3.name", "", "items.3.reason", "", "items.4.name", "",               \
        "items.4.reason", ""

static void has(const char *text, const char *what)
{
    if (!strstr(text, what))
        print_error("not said: %s\n in: %s\n", what, text);
    assert_non_null(strstr(text, what));
}

static const char *path_of(struct desk *d, const char *code, const char *action)
{
    return arena_printf(d->w->c->arena, "/mot-cua/%s/viec/%s", code, action);
}

static const char *page_of(struct desk *d, const char *code)
{
    clerk(d);
    assert_int_equal(office_get(&d->o, "/mot-cua/%s", code), 200);
    return d->o.b.text;
}

static const char *form_02(struct desk *d, const char *code)
{
    deliver(d);
    clerk(d);
    assert_int_equal(office_get(&d->o, "/mot-cua/%s/giay/form_02", code), 200);
    return pdf_words(d->w->c, d->o.b.body);
}

static void item_by_item(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    has(page_of(d, code), "<option value=\"birth_notice_file\">Ảnh giấy chứng sinh</option>");
    has(d->o.b.text, "<option value=\"father\">Người cha</option>");
    assert_int_equal(WEB_POST(&d->o.b, path_of(d, code, "request_supplement"), "version", "1",
                              "reason", WORDS, ITEMS),
                     303);
    has(page_of(d, code), WORDS "; " PHOTO_WANTED);
    assert_false(web_shows(&d->o.b, "items.0.name")); /* once only */
    const char *text = form_02(d, code);
    has(text, "Yêu cầu hoàn thiện hồ sơ gồm những nội dung sau");
    has(text, "Ảnh giấy chứng sinh Chụp lại cho rõ");
    has(text, "Người cha Ghi đủ họ tên");
    has(text, "Nội dung khác Gọi số 0234");
    has(text, "Lý do " WORDS);
    assert_null(strstr(text, "chứng sinh:")); /* told once */
    has(peer.status, PHOTO_WANTED);
}

static void items_alone(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    page_of(d, code);
    assert_int_equal(WEB_POST(&d->o.b, path_of(d, code, "request_supplement"), "version", "1",
                              "reason", "", ITEMS),
                     303);
    has(page_of(d, code), PHOTO_WANTED);
    const char *text = form_02(d, code);
    has(text, "Người cha Ghi đủ họ tên");
    assert_null(strstr(text, "Lý do Hạn")); /* no empty line */
    assert_null(strstr(text, "chứng sinh:"));
}

static void words_alone(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    clerk(d);
    assert_int_equal(press(d, code, "request_supplement", ""), 422);
    assert_int_equal(press(d, code, "request_supplement", WORDS), 303);
    const char *text = form_02(d, code);
    has(text, "Lý do " WORDS);
    assert_null(strstr(text, "gồm những nội dung sau"));
}

static void refused(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    const char *to = path_of(d, code, "request_supplement");
    page_of(d, code);
    assert_int_equal(WEB_POST(&d->o.b, to, "version", "1", "reason", WORDS, "items.0.name",
                              "father", "items.0.reason", ""),
                     422);
    has(d->o.b.text, "href=\"#f-items-0-reason\""); /* which one, and all that was typed */
    has(d->o.b.text, "<option value=\"father\" selected>Người cha</option>");
    has(d->o.b.text, WORDS);
    d->o.b.accept = "application/json";
    struct buf b = buf_new(d->w->c->arena, 65536);
    buf_text(&b, "{\"version\":1,\"items\":[");
    for (size_t i = 0; i < ONESTOP_MAX_ITEMS + 1; i++)
        buf_printf(&b, "%s{\"name\":\"father\",\"reason\":\"Thiếu\"}", i ? "," : "");
    buf_text(&b, "]}");
    assert_int_equal(web_post_json(&d->o.b, to, b.ptr), 422);
    has(d->o.b.text, "\"field\":\"items\"");
    assert_int_equal(web_post_json(&d->o.b, to, "{\"version\":1,\"items\":[{\"what\":\"Thiếu\"}]}"),
                     422);
    assert_string_equal(looked(d, code).k.state, "submitted");
}

/* No more than what the national portal takes: nothing is sent that the other side refuses. */
static void too_long(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    const char *to = path_of(d, code, "request_supplement");
    char words[301] = "";
    struct buf b = buf_new(d->w->c->arena, 65536);
    memset(words, 'a', sizeof words - 1);
    page_of(d, code);
    d->o.b.accept = "application/json";
    buf_text(&b, "{\"version\":1,\"items\":[");
    for (size_t i = 0; i < ONESTOP_MAX_ITEMS; i++)
        buf_printf(&b, "%s{\"name\":\"father\",\"reason\":\"%s\"}", i ? "," : "", words);
    buf_text(&b, "]}");
    assert_int_equal(web_post_json(&d->o.b, to, b.ptr), 400);
    has(d->o.b.text, "ERR_TOO_LONG");
    assert_string_equal(looked(d, code).k.state, "submitted");
}

static void by_json(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    page_of(d, code);
    d->o.b.accept = "application/json";
    assert_int_equal(web_post_json(&d->o.b, path_of(d, code, "request_supplement"),
                                   "{\"version\":1,\"items\":[{\"name\":\"Giấy kết hôn\","
                                   "\"reason\":\"Gửi bản chụp\"}]}"),
                     200);
    has(page_of(d, code), "Giấy kết hôn: Gửi bản chụp");
    has(form_02(d, code), "Giấy kết hôn Gửi bản chụp");
}

/* Another act takes them as its reason: nothing that was typed falls away. */
static void other_acts(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    page_of(d, code);
    assert_int_equal(
        WEB_POST(&d->o.b, path_of(d, code, "refuse"), "version", "1", "reason", "", ITEMS), 303);
    has(page_of(d, code), PHOTO_WANTED);
    struct work x = looked(d, code);
    assert_string_equal(x.k.state, "refused");
}

/* Somebody was quicker: what was typed for a button that is gone is still there. */
static void in_vain(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    page_of(d, code);
    struct web_client first = d->o.b;
    clerk(d);
    assert_int_equal(press(d, code, "refuse", "Trẻ cư trú ở phường khác."), 303);
    d->o.b = first;
    assert_int_equal(WEB_POST(&d->o.b, path_of(d, code, "request_supplement"), "version", "1",
                              "reason", WORDS, ITEMS),
                     422);
    has(d->o.b.text, WORDS);
    has(d->o.b.text, "Chụp lại cho rõ; Ghi đủ họ tên; Gọi số 0234");
}

DESK_TEST(item_by_item)
DESK_TEST(items_alone)
DESK_TEST(words_alone)
DESK_TEST(refused)
DESK_TEST(too_long)
DESK_TEST(by_json)
DESK_TEST(other_acts)
DESK_TEST(in_vain)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_onestop_item_by_item), cmocka_unit_test(test_onestop_items_alone),
        cmocka_unit_test(test_onestop_words_alone),  cmocka_unit_test(test_onestop_refused),
        cmocka_unit_test(test_onestop_too_long),     cmocka_unit_test(test_onestop_by_json),
        cmocka_unit_test(test_onestop_other_acts),   cmocka_unit_test(test_onestop_in_vain)};
    return cmocka_run_group_tests_name("onestop ask", tests, NULL, NULL);
}
