/* SPDX-License-Identifier: Apache-2.0 */
/* Routes, forms of answers, errors, guards and sessions, through the whole way of a request. */
#include "web/test/support.h"

#define NOTE       "body", "một ghi chú", "born", "5/3/2020", "copies", "2"
#define BODY(name) static void name(struct db_world *w, struct web *web, struct web_client *b)
#define USES       (void)w, (void)web, (void)b

BODY(routes)
{
    USES;
    static const struct {
        const char *path;
        int status;
        const char *text;
    } rows[] = {
        {"/item/new", 200, "||"},
        {"/item/7", 200, "7||"},
        {"/item/a%20b?q=%C4%91%20%26", 200, "a b||đ &"},
        {"/item/%C4%90%C3%ACnh/x/one/two", 200, "Đình|one/two|"},
        {"/item/7/x", 200, "7||"},
        {"/item/7/y", 404, NULL},
        {"/item", 404, NULL},
        {"/item/new/", 400, NULL},
        {"/item//7", 400, NULL},
        {"/item/..", 400, NULL},
        {"/item/%2e%2e", 400, NULL},
        {"/item/a%2fb", 400, NULL},
        {"/item/a%00", 400, NULL},
        {"/item/%ff", 400, NULL},
        {"/item/%zz", 400, NULL},
        {"/item/a%5cb", 400, NULL},
        {"/machine", 404, NULL},
        {"/broken", 500, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (web_get(b, rows[i].path) != rows[i].status)
            print_error("%s: %d\n", rows[i].path, b->status);
        assert_int_equal(b->status, rows[i].status);
        if (rows[i].text)
            assert_string_equal(b->text, rows[i].text);
    }
    assert_int_equal(web_send(b, "DELETE", "/note", NULL, (struct bytes){0}), 405);
    assert_string_equal(web_answer_header(b, "Allow"), "GET, HEAD, POST, OPTIONS");
    assert_int_equal(web_send(b, "OPTIONS", "/note", NULL, (struct bytes){0}), 204);
    assert_int_equal(web_send(b, "HEAD", "/count", NULL, (struct bytes){0}), 200);
    b->peer_cert = bytes_of("der");
    assert_int_equal(web_get(b, "/machine"), 200);
}

BODY(forms_of_answers)
{
    USES;
    assert_int_equal(web_get(b, "/note"), 200);
    assert_true(web_shows(b, "<h") || web_shows(b, "<form"));
    assert_int_equal(web_get(b, "/count"), 200); /* JSON is all it has */
    assert_string_equal(b->text, "{\"n\":0}");
    b->accept = "application/json;q=0.9, text/html;q=0.8";
    assert_int_equal(web_get(b, "/note"), 200);
    assert_non_null(strstr(b->text, "{\"body\":\"\""));
    assert_int_equal(web_get(b, "/nowhere"), 404);
    assert_string_equal(web_answer_header(b, "Content-Type"), "application/problem+json");
    assert_true(web_shows(b, "\"type\":\"/loi/ERR_NOT_FOUND\""));
    assert_true(web_shows(b, "\"status\":404"));
    b->accept = "text/html";
    b->language = "en-GB, en;q=0.9, vi;q=0.5";
    assert_int_equal(web_get(b, "/nowhere"), 404);
    assert_true(web_shows(b, "lang=\"en\""));
    assert_true(web_shows(b, "Not found"));
    assert_int_equal(web_get(b, "/ngon-ngu?l=vi&next=/nowhere"), 303);
    assert_int_equal(web_follow(b), 404);
    assert_true(web_shows(b, "Không tìm thấy"));
    static const char *const away[] = {"//evil.example",       "/%09/evil.example",
                                       "/%5cevil.example",     "https://evil.example",
                                       "/a%0d%0aSet-Cookie:x", "/%20/evil.example",
                                       "%09//evil.example",    "/a%5c..%5c/evil.example",
                                       "/%7f/evil.example",    "javascript:alert(1)"};
    for (size_t i = 0; i < ARRAY_LEN(away); i++) {
        const char *path = arena_printf(w->c->arena, "/ngon-ngu?l=vi&next=%s", away[i]);
        assert_int_equal(web_get(b, path), 303);
        assert_string_equal(web_answer_header(b, "Location"), "/");
    }
}

/* 406 is for who takes neither HTML nor JSON, and for nobody else; an act isn't undone by it. */
BODY(what_is_accepted)
{
    USES;
    static const struct {
        const char *accept, *type;
        int status;
    } rows[] = {{"", "text/html", 200},
                {"*/*", "text/html", 200},
                {"text/*;q=0.3", "text/html", 200},
                {"image/png, */*;q=0.1", "text/html", 200},
                {"application/xml, application/json;q=0.2", "application/json", 200},
                {"application/problem+json", "application/json", 200},
                {"application/xml", "text/html", 406},
                {"image/png", "text/html", 406},
                {"text/html;q=0, application/json;q=0", "text/html", 406},
                {"text/htmlx", "text/html", 406}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        b->accept = rows[i].accept;
        web_get(b, "/note");
        if (b->status != rows[i].status)
            print_error("Accept: %s: %d\n", rows[i].accept, b->status);
        assert_int_equal(b->status, rows[i].status);
        assert_true(text_starts(web_answer_header(b, "Content-Type"), rows[i].type));
    }
    assert_true(web_shows(b, "chỉ có dạng HTML hoặc JSON"));
    assert_int_equal(web_get(b, "/item/new"), 200); /* neither: as it is */
    assert_int_equal(WEB_POST(b, "/plain", NOTE), 303);
    assert_int_equal(site_count(w, "note"), 1);
}

BODY(packed_pages)
{
    USES;
    b->more[b->n_more++] = (struct http_header){"Accept-Encoding", "gzip, br"};
    assert_int_equal(web_get(b, "/note"), 200);
    assert_string_equal(web_answer_header(b, "Content-Encoding"), "gzip");
    assert_true(b->body.len > 2 && b->body.ptr[0] == 0x1f && b->body.ptr[1] == 0x8b);
    assert_non_null(strstr(web_answer_header(b, "Vary"), "Accept-Encoding"));
    assert_int_equal(web_get(b, "/count"), 200); /* too small to gain */
    assert_null(web_answer_header(b, "Content-Encoding"));
}

/* Home, then where work waits, then as the modules brought them, then what is looked at at last. */
BODY(menu_order)
{
    USES;
    static const char *const order[] = {"<ul><li><a href=\"/\"", "/openapi.json\"", "\"/note\"",
                                        "\"/session\""};
    assert_int_equal(web_get(b, "/note"), 200);
    const char *at = strstr(b->text, "<nav class=\"dinh-nav\"");
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        assert_non_null(at);
        at = strstr(at, order[i]);
    }
    assert_non_null(at);
}

BODY(guard_headers)
{
    USES;
    assert_int_equal(web_get(b, "/note"), 200);
    const char *csp = web_answer_header(b, "Content-Security-Policy");
    assert_non_null(strstr(csp, "default-src 'self'"));
    assert_non_null(strstr(csp, "frame-ancestors 'none'"));
    assert_string_equal(web_answer_header(b, "X-Content-Type-Options"), "nosniff");
    assert_string_equal(web_answer_header(b, "Referrer-Policy"), "same-origin");
    assert_string_equal(web_answer_header(b, "Cross-Origin-Opener-Policy"), "same-origin");
    assert_null(web_answer_header(b, "Strict-Transport-Security"));
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303);
    const char *cookie = web_answer_header(b, "Set-Cookie");
    assert_int_equal(strncmp(cookie, "dinh8801=", 9), 0); /* the port keeps nodes of a host apart */
    assert_non_null(strstr(cookie, "; Path=/; HttpOnly; SameSite=Lax"));
    assert_int_equal(web_get(b, "/me"), 200);
    assert_string_equal(web_answer_header(b, "Cache-Control"), "no-store");
    assert_int_equal(web_get(b, "/count"), 200); /* no document: what only those obey is left out */
    assert_non_null(strstr(web_answer_header(b, "Content-Security-Policy"), "default-src 'none'"));
    assert_string_equal(web_answer_header(b, "X-Content-Type-Options"), "nosniff");
    assert_null(web_answer_header(b, "Cross-Origin-Opener-Policy"));
}

BODY(refused_form_keeps_what_was_typed)
{
    USES;
    assert_int_equal(WEB_POST(b, "/note", "body", "<b>quá dài quá dài quá dài</b>", "born", "x/y",
                              "copies", "11"),
                     422);
    assert_true(web_shows(b, "<title>Lỗi: Ghi chú"));
    assert_true(web_shows(b, "govuk-error-summary"));
    assert_true(web_shows(b, "href=\"#f-body\""));
    assert_true(web_shows(b, "value=\"&lt;b&gt;quá dài quá dài quá dài&lt;/b&gt;\""));
    assert_true(web_shows(b, "value=\"x/y\""));
    assert_true(web_shows(b, "value=\"11\""));
    assert_true(web_shows(b, "aria-describedby=\"e-copies\""));
    assert_int_equal(site_count(w, "note"), 0);
    /* the same without a form page of its own: an error page with the faults */
    assert_int_equal(WEB_POST(b, "/plain", "copies", "11"), 422);
    assert_true(web_shows(b, "Lỗi:"));
    assert_true(web_shows(b, "Tìm còn trống"));
    assert_int_equal(WEB_POST(b, "/note", NOTE), 303);
    assert_int_equal(site_count(w, "note"), 1);
}

BODY(refused_act_is_rolled_back_and_shown_on_its_form)
{
    USES;
    site.handler_err = ERR_OUT_OF_RANGE;
    assert_int_equal(WEB_POST(b, "/note", NOTE), 422);
    assert_true(web_shows(b, "href=\"#f-body\""));
    assert_true(web_shows(b, "value=\"một ghi chú\""));
    assert_int_equal(site_count(w, "note"), 0);
    assert_int_equal(WEB_POST(b, "/plain", NOTE), 400);
    site.handler_err = ERR_CONFLICT;
    assert_int_equal(web_post_json(b, "/note", "{\"body\":\"a\",\"copies\":1}"), 409);
    assert_true(web_shows(b, "\"retry\":true"));
    site.handler_err = ERR_IO;
    assert_int_equal(WEB_POST(b, "/note", NOTE), 503);
    assert_int_equal(site_count(w, "note"), 0);
}

BODY(problem_names_each_field)
{
    USES;
    assert_int_equal(web_post_json(b, "/note", "{\"copies\":0,\"zz\":1,\"born\":\"2020-02-30\"}"),
                     422);
    assert_true(
        web_shows(b, "\"field\":\"copies\",\"label\":\"Năm\",\"code\":\"ERR_OUT_OF_RANGE\""));
    assert_true(web_shows(b, "\"field\":\"zz\""));
    assert_true(web_shows(b, "\"field\":\"body\""));
    assert_true(web_shows(b, "Năm phải nằm trong khoảng từ 1 đến 9"));
    assert_true(web_shows(b, "\"request_id\":\""));
    assert_int_equal(web_post_json(b, "/note", "{\"body\":"), 400);
    assert_true(web_shows(b, "ERR_JSON"));
    assert_true(web_shows(
        b, "Nội dung gửi lên không phải là JSON hợp lệ: dòng 1, nội dung bị cắt giữa chừng."));
    static const struct {
        const char *json, *said;
    } odd[] = {
        {"{\"body\":\"a\",\n\"body\":\"b\"}", "dòng 2, có hai lần cùng một tên “body”"},
        {"{\"tên rất rất rất dài của một mục\":1,\"tên rất rất rất dài của một mục\":1}",
         "“tên rất rất rất dài của một mục”"},
        {"{\"body\":\"a\"} x", "chữ thừa"},
        {"{\"copies\":99999999999999999999}", "số quá lớn"},
        {"{body:1}", "cú pháp không đúng"},
        {"[]", "Nội dung gửi lên không đúng kiểu, cần kiểu đối tượng (object)"},
        {"{\"body\":\"a\",\"copies\":true}", "Năm không đúng kiểu, cần kiểu số nguyên (integer)"}};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        assert_true(web_post_json(b, "/note", odd[i].json) >= 400);
        if (!web_shows(b, odd[i].said))
            print_error("%s\n%s\n", odd[i].json, b->text);
        assert_true(web_shows(b, odd[i].said));
        assert_false(web_shows(b, "truct "));
        assert_false(web_shows(b, "duplicate"));
    }
    assert_false(web_shows(b, "ERR_REQUIRED")); /* one fault, one error */
    assert_int_equal(web_send(b, "POST", "/note", "text/xml", bytes_of("<a/>")), 415);
    assert_int_equal(web_get(b, "/loi/ERR_JSON"), 200);
    assert_true(web_shows(b, "1400"));
    assert_int_equal(web_get(b, "/loi/ERR_NONE"), 404);
}

/* A form without a page of its own: what was typed stands on the error's page; said only then. */
BODY(what_was_typed_is_shown)
{
    USES;
    b->site = "same-origin";
    site.handler_err = ERR_CONFLICT;
    assert_int_equal(WEB_POST(b, "/plain", "body", "Trần <Lan>", "copies", "3"), 409);
    assert_true(web_shows(b, "vẫn còn"));
    assert_true(web_shows(b, "Trần &lt;Lan&gt;"));
    assert_true(web_shows(b, ">3</dd>"));
    b->site = "cross-site";
    assert_int_equal(WEB_POST(b, "/plain", "body", "Trần <Lan>", "copies", "3"), 403);
    assert_false(web_shows(b, "Lan"));
    b->site = "same-origin";
    b->accept = "application/json";
    assert_int_equal(WEB_POST(b, "/plain", "body", "a", "copies", "3"), 409);
    assert_false(web_shows(b, "vẫn còn"));
    b->accept = "text/html";
    site.handler_err = OK;
    assert_int_equal(WEB_POST(b, "/note", "body", "a", "copies", "30"), 422);
    assert_true(web_shows(b, "vẫn còn"));
    assert_int_equal(WEB_POST(b, "/note", "body", "", "copies", ""), 422);
    assert_false(web_shows(b, "vẫn còn"));
}

BODY(permissions)
{
    USES;
    assert_int_equal(web_get(b, "/me?a=1"), 303);
    assert_string_equal(web_answer_header(b, "Location"), "/dang-nhap?next=%2Fme%3Fa%3D1");
    b->accept = "application/json";
    assert_int_equal(web_get(b, "/decide"), 401);
    b->accept = "text/html";
    assert_int_equal(WEB_POST(b, "/sign-out", "x", "1"), 401);
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303);
    assert_int_equal(web_get(b, "/decide"), 200);
    assert_int_equal(web_get(b, "/refuse"), 403);
    assert_int_equal(web_get(b, "/note"), 200);
    assert_true(web_shows(b, "Trần &lt;Lan&gt;"));
    assert_true(web_shows(b, "href=\"/note\""));
    assert_false(web_shows(b, "href=\"/refuse\""));
    site.gone = true; /* the account ended: at once */
    assert_int_equal(web_get(b, "/decide"), 303);
}

BODY(sessions)
{
    USES;
    int actors = site.actors;
    assert_int_equal(web_get(b, "/note"), 200);
    assert_int_equal(site.actors, actors);
    b->cookies = "dinh8801=planted-by-an-attacker";
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303);
    const char *first = b->cookies;
    assert_null(strstr(first, "planted"));
    assert_int_equal(web_get(b, "/me"), 200);
    assert_int_equal(web_get(b, "/note"), 200);
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303); /* again: a new id */
    assert_string_not_equal(first, b->cookies);
    const char *second = b->cookies;
    b->cookies = first;
    assert_int_equal(web_get(b, "/me"), 303); /* the old one is dead */
    b->cookies = second;
    assert_int_equal(web_get(b, "/note"), 200);
    assert_int_equal(WEB_POST(b, "/sign-out", "x", "1"), 303);
    b->cookies = second;
    assert_int_equal(web_get(b, "/me"), 303);
}

/* In tx order: the touch of a session's last use comes behind its answer; a write waits for it. */
static void settle_touch(struct web_client *b)
{
    struct web_client other = web_client_new(b->arena, b->web);
    assert_int_equal(WEB_POST(&other, "/plain", NOTE), 303);
}

static void use_until(struct web_client *b, int64_t step_us, int64_t until_us)
{
    for (int64_t t = 0; t < until_us; t += step_us) {
        sys_clock_move(step_us);
        assert_int_equal(web_get(b, "/me"), 200);
        settle_touch(b);
    }
}

BODY(session_ends)
{
    USES;
    static const struct {
        const char *unit;
        int64_t idle_us, longest_us;
    } rows[] = {{"", 30 * MINUTE_US, 24 * HOUR_US}, {"H57", 15 * MINUTE_US, 12 * HOUR_US}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1", "unit", rows[i].unit), 303);
        sys_clock_move(rows[i].idle_us - SECOND_US);
        assert_int_equal(web_get(b, "/me"), 200);
        settle_touch(b);
        sys_clock_move(rows[i].idle_us - SECOND_US); /* its use was written down */
        assert_int_equal(web_get(b, "/me"), 200);
        settle_touch(b);
        sys_clock_move(rows[i].idle_us + SECOND_US);
        assert_int_equal(web_get(b, "/me"), 303);
        b->cookies = "";
        assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1", "unit", rows[i].unit), 303);
        use_until(b, rows[i].idle_us / 2, rows[i].longest_us - rows[i].idle_us);
        sys_clock_move(rows[i].idle_us / 2);
        assert_int_equal(web_get(b, "/me"), 200);
        settle_touch(b);
        sys_clock_move(rows[i].idle_us / 2);
        assert_int_equal(web_get(b, "/me"), 303);
        b->cookies = "";
    }
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303);
    sys_clock_move(-2 * HOUR_US); /* a clock set back doesn't lengthen a session */
    assert_int_equal(web_get(b, "/me"), 303);
}

BODY(read_of_a_person_needs_its_line)
{
    USES;
    site.note_access = true;
    assert_int_equal(web_get(b, "/note"), 200);
    assert_int_equal(site_count(w, "access"), 1);
    site.access_err = ERR_DISK_FULL;
    assert_int_equal(web_get(b, "/note"), 503);
    assert_false(web_shows(b, "<form method=\"post\" novalidate action=\"/note\""));
    assert_int_equal(site_count(w, "access"), 1);
}

BODY(rates)
{
    USES;
    for (int i = 0; i < 3; i++)
        assert_int_equal(web_get(b, "/slow-down"), 200);
    assert_int_equal(web_get(b, "/slow-down"), 429);
    assert_non_null(web_answer_header(b, "Retry-After"));
    assert_true(web_shows(b, "giây"));
    b->peer = "10.0.0.9";
    assert_int_equal(web_get(b, "/slow-down"), 200);
    b->peer = "2001:db8::1"; /* with 2^64 others */
    for (int i = 0; i < 3; i++)
        assert_int_equal(web_get(b, "/slow-down"), 200);
    b->peer = "2001:db8::2";
    assert_int_equal(web_get(b, "/slow-down"), 429);
    b->peer = "2001:db8:0:1::1";
    assert_int_equal(web_get(b, "/slow-down"), 200);
}

BODY(uploads)
{
    USES;
    struct web_file file = {"photo", "C:\\\\ảnh/../giấy.jpg", "image/jpeg",
                            bytes_of("\xff\xd8\0x")};
    file.content.len = 4;
    assert_int_equal(
        web_post_files(b, "/upload", (const char *const[]){"body", "chào", NULL}, &file, 1), 200);
    assert_string_equal(b->text, "giấy.jpg 4 chào");
    file = (struct web_file){"photo", "", "application/octet-stream", {0}};
    assert_int_equal(web_post_files(b, "/upload", NULL, &file, 1), 200);
    assert_string_equal(b->text, "none");
    assert_int_equal(web_post_files(b, "/note", NULL, NULL, 0), 415); /* not where none belong */
    uint8_t *big = arena_alloc(b->arena, 200000);
    file = (struct web_file){"photo", "a", "image/png", {big, 200000}};
    assert_int_equal(web_post_files(b, "/upload", NULL, &file, 1), 413);
}

BODY(own_rows)
{
    USES;
    assert_int_equal(web_get(b, "/healthz"), 200);
    assert_string_equal(b->text, "{\"status\":\"ok\",\"version\":\"1\",\"node\":\"thu\","
                                 "\"sandbox\":\"off\",\"keys\":\"clear\",\"older_keys\":1,"
                                 "\"left\":28,\"stands\":3,\"alerts\":5,\"alerts_own\":2}");
    assert_int_equal(web_get(b, "/metrics"), 200);
    assert_true(web_shows(b, "dinh_http_requests_total{module=\"web\",method=\"GET\","
                             "route=\"/healthz\",status=\"200\"} 1\n"));
    assert_true(web_shows(b, "process_resident_memory_bytes "));
    assert_true(web_shows(b, "dinh_db_writer_queue "));
    assert_true(web_shows(b, "\ndinh_root_keys_older 1\n"));
    assert_true(web_shows(b, "\ndinh_reseal_columns 40\n"));
    assert_true(web_shows(b, "\ndinh_reseal_columns_done 12\n"));
    assert_true(web_shows(b, "\ndinh_reseal_fields 450\n"));
    assert_true(web_shows(b, "\ndinh_reseal_stands 3\n"));
    assert_true(web_shows(b, "\ndinh_trail_alerts{of=\"own\"} 2\n"));
    assert_true(web_shows(b, "\ndinh_trail_alerts{of=\"peer\"} 3\n"));
    assert_int_equal(web_get(b, "/phien"), 200);
    assert_true(web_shows(b, "\"signed_in\":false"));
    assert_int_equal(web_get(b, "/tep/none.css"), 404);
}

BODY(contract)
{
    (void)w;
    (void)web;
    site.calm = true;
    assert_true(web_contract_nobody(b) >= 20);
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303);
    assert_int_equal(web_get(b, "/note"), 200);
    assert_true(web_contract_acts(b) >= 5);
    site.stranger = true;
    assert_int_equal(web_contract_stranger(b), 2);
}

#define T(name)                                                                                    \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        site_test(name);                                                                           \
    }
T(routes)
T(forms_of_answers)
T(what_is_accepted)
T(packed_pages)
T(menu_order)
T(guard_headers)
T(refused_form_keeps_what_was_typed)
T(refused_act_is_rolled_back_and_shown_on_its_form)
T(problem_names_each_field)
T(what_was_typed_is_shown)
T(permissions)
T(sessions)
T(session_ends)
T(read_of_a_person_needs_its_line)
T(rates)
T(uploads)
T(own_rows)
T(contract)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_forms_of_answers),
        cmocka_unit_test(test_what_is_accepted),
        cmocka_unit_test(test_packed_pages),
        cmocka_unit_test(test_menu_order),
        cmocka_unit_test(test_guard_headers),
        cmocka_unit_test(test_refused_form_keeps_what_was_typed),
        cmocka_unit_test(test_refused_act_is_rolled_back_and_shown_on_its_form),
        cmocka_unit_test(test_problem_names_each_field),
        cmocka_unit_test(test_what_was_typed_is_shown),
        cmocka_unit_test(test_permissions),
        cmocka_unit_test(test_sessions),
        cmocka_unit_test(test_session_ends),
        cmocka_unit_test(test_read_of_a_person_needs_its_line),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_uploads),
        cmocka_unit_test(test_own_rows),
        cmocka_unit_test(test_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
