/* SPDX-License-Identifier: Apache-2.0 */
/* The inbox, the open dossier and the book: what a desk sees, and what it must not. */
#include "systems/onestop/test/onestop_test.h"

/* ---- only one's own unit, whichever way one asks ---- */

static void only_own(struct desk *d)
{
    const char *mine = filed(d, "Trần Thị Mai"), *theirs = filed_at(d, NEXT, "Lê Thị Mai");
    static const char *const ways[] = {"/mot-cua",
                                       "/mot-cua?hang=all",
                                       "/mot-cua?hang=open",
                                       "/mot-cua?hang=mine",
                                       "/mot-cua?hang=nothing-of-ours",
                                       "/mot-cua?tu=mai",
                                       "/mot-cua?tu=M%C3%81I",
                                       "/mot-cua?tu=mai&hang=open",
                                       "/mot-cua?sau=0.",
                                       "/mot-cua?sau=-9223372036854775808.0",
                                       "/mot-cua?hang=%27%20OR%201=1%20--"};
    clerk(d);
    for (size_t json = 0; json < 2; json++) {
        d->o.b.accept = json ? "application/json" : "text/html";
        for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
            bool words = strstr(ways[i], "tu=");
            assert_int_equal((words ? office_search : office_get)(&d->o, "%s", ways[i]), 200);
            assert_true(web_shows(&d->o.b, mine));
            assert_false(web_shows(&d->o.b, theirs));
        }
        assert_int_equal(office_search(&d->o, "/mot-cua?tu=le+thi+mai"), 200);
        assert_false(web_shows(&d->o.b, theirs));
        assert_int_equal(office_get(&d->o, "/mot-cua/%s", theirs), 404); /* as if it weren't */
        assert_int_equal(office_get(&d->o, "/mot-cua/%s/giay/receipt", theirs), 404);
        assert_int_equal(office_get(&d->o, "/mot-cua/%s/tep/birth_notice_file", theirs), 404);
    }
    d->o.b.accept = "text/html";
    assert_int_equal(office_get(&d->o, "/mot-cua"), 200);
    assert_true(web_shows(&d->o.b, "<span class=\"dinh-count\">1</span>")); /* counted alike */
    assert_false(web_shows(&d->o.b, "<span class=\"dinh-count\">2</span>"));
    assert_int_equal(press_at(d, theirs, "accept", "1", ""), 404);
    assert_int_equal(looked(d, theirs).k.version, 1);
    sits(d, "supervisor", DISTRICT, "Hoàng Văn Sơn"); /* above both wards; never has a turn */
    assert_int_equal(office_get(&d->o, "/mot-cua"), 200);
    assert_true(web_shows(&d->o.b, mine));
    assert_false(web_shows(&d->o.b, "Đến lượt tôi"));
    assert_int_equal(office_get(&d->o, "/mot-cua?hang=all"), 200);
    assert_true(web_shows(&d->o.b, mine));
    assert_true(web_shows(&d->o.b, theirs));
    sits(d, "commune_clerk", DISTRICT, "Hoàng Văn Bảy"); /* above too, but reaches one unit */
    assert_int_equal(office_get(&d->o, "/mot-cua?hang=all"), 200);
    assert_false(web_shows(&d->o.b, mine));
    assert_int_equal(office_get(&d->o, "/mot-cua/%s", mine), 404);
    assert_int_equal(press_at(d, mine, "accept", "1", ""), 404);
    sits(d, "administrator", "H57", "Lê Quản Trị");
    assert_int_equal(office_get(&d->o, "/mot-cua"), 403);
    assert_int_equal(office_get(&d->o, "/mot-cua/%s", mine), 403);
    assert_int_equal(office_get(&d->o, "/mot-cua/so"), 403);
}

/* ---- order, pages, search ---- */

static void in_order(struct desk *d)
{
    const char *first = NULL, *last = NULL;
    for (int i = 0; i < 27; i++) {
        last = filed(d, arena_printf(d->w->c->arena, "Trần Thị Số %d", i));
        first = first ? first : last;
        clock_by(d->w, MINUTE_US);
    }
    clerk(d);
    assert_int_equal(office_get(&d->o, "/mot-cua"), 200);
    assert_true(web_shows(&d->o.b, first)); /* the oldest appointment on top */
    assert_false(web_shows(&d->o.b, last));
    assert_true(web_shows(&d->o.b, "27</span>")); /* counted over all pages */
    const char *next = strstr(d->o.b.text, "rel=\"next\" href=\"");
    assert_non_null(next);
    next += strlen("rel=\"next\" href=\"");
    const char *path = arena_text_n(d->w->c->arena, next, strcspn(next, "\""));
    struct buf plain = buf_new(d->w->c->arena, 4096);
    for (const char *at = path; *at; at++) {
        buf_char(&plain, *at);
        at += strncmp(at, "&amp;", 5) == 0 ? 4 : 0;
    }
    assert_int_equal(office_get(&d->o, "%s", plain.ptr), 200);
    assert_false(web_shows(&d->o.b, first));
    assert_true(web_shows(&d->o.b, last));
    assert_false(web_shows(&d->o.b, "rel=\"next\""));

    static const char *const searches[] = {"tran+so", "TR%E1%BA%A6N", "so+tran+thi"};
    for (size_t i = 0; i < ARRAY_LEN(searches); i++) {
        assert_int_equal(office_search(&d->o, "/mot-cua?tu=%s", searches[i]), 200);
        assert_true(web_shows(&d->o.b, first));
    }
    assert_int_equal(office_search(&d->o, "/mot-cua?tu=%s", last), 200);
    assert_true(web_shows(&d->o.b, last));
    assert_false(web_shows(&d->o.b, first));
    assert_int_equal(office_search(&d->o, "/mot-cua?tu=khong+ai"), 200);
    assert_true(web_shows(&d->o.b, "Không có hồ sơ nào"));
    assert_int_equal(office_search(&d->o, "/mot-cua?tu=%%3Cscript%%3Ealert(1)"), 200);
    assert_false(web_shows(&d->o.b, "<script>alert"));
}

/* ---- nobody's name stands in a list; opening is the read that is logged ---- */

static enum err count_lines(struct ctx *c, void *arg)
{
    struct access_line lines[50];
    size_t n = 0;
    enum err e = access_of_person(c, LAN, "", lines, 50, &n);
    for (size_t i = 0; i < n && !e; i++) {
        assert_string_equal(lines[i].reader_name, "Phan Thị Thu Hà");
        assert_string_equal(lines[i].reader_unit, WARD);
        assert_string_equal(lines[i].purpose, "case_handling");
        assert_true(text_starts(lines[i].matter, "000.08.31.H57-200604-"));
    }
    *(size_t *)arg = n;
    return e;
}

static size_t lines_of_lan(struct desk *d)
{
    size_t n = 0;
    good(d->w->c, do_read(d->w, count_lines, &n));
    return n;
}

static void opening_is_logged(struct desk *d)
{
    const char *code = filed(d, "Trần Nguyễn An Nhiên");
    clerk(d);
    assert_int_equal(office_get(&d->o, "/mot-cua"), 200);
    assert_true(web_shows(&d->o.b, "T. N. A. Nhiên"));
    assert_false(web_shows(&d->o.b, "Trần Nguyễn An Nhiên"));
    assert_int_equal(lines_of_lan(d), 0);
    assert_int_equal(office_get(&d->o, "/mot-cua/%s", code), 200);
    assert_true(web_shows(&d->o.b, "Trần Nguyễn An Nhiên"));
    assert_true(web_shows(&d->o.b, "Người mẹ</h3>")); /* by the groups of the form */
    assert_true(web_shows(&d->o.b, "/tep/birth_notice_file\""));
    assert_false(web_shows(&d->o.b, PHOTO));               /* an id tells an official nothing */
    assert_false(web_shows(&d->o.b, "Nhóm dân tộc khác")); /* nor does what was left open */
    assert_int_equal(lines_of_lan(d), 1);
    d->o.b.accept = "application/json";
    assert_int_equal(office_get(&d->o, "/mot-cua/%s", code), 200);
    assert_int_equal(lines_of_lan(d), 2); /* a machine reads no more quietly */
    d->o.b.accept = "text/html";
    sits(d, "commune_clerk", NEXT, "Trịnh Thị Tò Mò");
    assert_int_equal(office_get(&d->o, "/mot-cua/%s", code), 404);
    assert_int_equal(lines_of_lan(d), 2); /* nothing was read */
}

/* ---- the marks of the clock ---- */

static void marked(struct desk *d, int ymd, int hhmm, const char *queue, const char *clock,
                   const char *words)
{
    clock_at(d->w, ymd, hhmm);
    clerk(d);
    d->o.b.accept = "application/json";
    assert_int_equal(office_get(&d->o, "/mot-cua?hang=%s", queue), 200);
    assert_true(web_shows(&d->o.b, arena_printf(d->w->c->arena, "\"clock\":\"%s\"", clock)));
    d->o.b.accept = "text/html";
    assert_int_equal(office_get(&d->o, "/mot-cua?hang=%s", queue), 200);
    assert_true(web_shows(&d->o.b, words));
}

static void clock_marks(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai"); /* Thursday 09:00, due Tuesday 09:00 */
    marked(d, 20200604, 905, "open", "on_time", "Còn hạn");
    assert_int_equal(office_get(&d->o, "/mot-cua?hang=soon"), 200);
    assert_false(web_shows(&d->o.b, code));
    marked(d, 20200608, 900, "open", "on_time", "Còn hạn");
    marked(d, 20200608, 1000, "soon", "soon", "Sắp đến hạn"); /* eight working hours before */
    assert_int_equal(office_get(&d->o, "/mot-cua?hang=overdue"), 200);
    assert_false(web_shows(&d->o.b, code));
    marked(d, 20200609, 901, "overdue", "late", "Quá hạn");
    assert_int_equal(office_get(&d->o, "/mot-cua?hang=soon"), 200);
    assert_false(web_shows(&d->o.b, code));
    assert_int_equal(press(d, code, "request_supplement", "Ảnh giấy chứng sinh mờ."), 303);
    marked(d, 20200610, 900, "waiting", "waiting", "Tạm dừng tính thời hạn");
    assert_int_equal(office_get(&d->o, "/mot-cua?hang=overdue"), 200);
    assert_false(web_shows(&d->o.b, code)); /* the clock stands while the citizen is awaited */
}

/* ---- JSON says what the page says ---- */

static const char *member(struct desk *d, const char *name)
{
    const char *at = strstr(d->o.b.text, arena_printf(d->w->c->arena, "\"%s\":\"", name));
    assert_non_null(at);
    at += strlen(name) + 4;
    return arena_text_n(d->w->c->arena, at, strcspn(at, "\""));
}

static void json_equals_page(struct desk *d)
{
    static const char *const fields[] = {"code", "title", "state", "due"};
    static const char *const of_one[] = {"code", "state", "due", "due_words"};
    const char *said[4], *one[4];
    const char *code = filed(d, "Trần Thị Mai");
    clerk(d);
    d->o.b.accept = "application/json";
    assert_int_equal(office_get(&d->o, "/mot-cua"), 200);
    for (size_t i = 0; i < 4; i++)
        said[i] = member(d, fields[i]);
    assert_int_equal(office_get(&d->o, "/mot-cua/%s", code), 200);
    for (size_t i = 0; i < 4; i++)
        one[i] = member(d, of_one[i]);
    assert_true(web_shows(&d->o.b, "\"version\":1"));
    static const char *const buttons[] = {"accept", "request_supplement", "refuse"};
    for (size_t i = 0; i < ARRAY_LEN(buttons); i++)
        assert_true(
            web_shows(&d->o.b, arena_printf(d->w->c->arena, "\"name\":\"%s\"", buttons[i])));
    assert_false(web_shows(&d->o.b, "\"name\":\"sign\""));
    assert_false(web_shows(&d->o.b, LAN)); /* the form stays on the page */

    d->o.b.accept = "text/html";
    assert_int_equal(office_get(&d->o, "/mot-cua"), 200);
    for (size_t i = 0; i < 4; i++)
        assert_true(web_shows(&d->o.b, said[i]));
    assert_int_equal(office_get(&d->o, "/mot-cua/%s", code), 200);
    for (size_t i = 0; i < 3; i++)
        assert_true(web_shows(&d->o.b, one[i]));
    for (size_t i = 0; i < ARRAY_LEN(buttons); i++)
        assert_true(web_shows(
            &d->o.b, arena_printf(d->w->c->arena, "/mot-cua/%s/viec/%s\"", code, buttons[i])));
    assert_false(web_shows(&d->o.b, "/viec/sign\""));
}

/* ---- the book (form 06) ---- */

static void the_book(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai"), *waits = filed(d, "Trần Thị Đợi");
    const char *theirs = filed_at(d, NEXT, "Lê Thị Mai");
    clerk(d);
    assert_int_equal(office_get(&d->o, "/mot-cua/so"), 200);
    assert_true(web_shows(&d->o.b, "chưa có hồ sơ nào"));
    assert_int_equal(press(d, code, "accept", ""), 303);
    sits(d, "commune_clerk", NEXT, "Trịnh Thị Tư");
    assert_int_equal(press(d, theirs, "accept", ""), 303);
    clerk(d);
    assert_int_equal(office_get(&d->o, "/mot-cua/so"), 200);
    const char *current = strstr(d->o.b.text, "aria-current=\"page\"");
    assert_non_null(current); /* one entry of the menu is where one is */
    assert_null(strstr(current + 1, "aria-current=\"page\""));
    for (size_t json = 0; json < 2; json++) {
        d->o.b.accept = json ? "application/json" : "text/html";
        assert_int_equal(office_get(&d->o, "/mot-cua/so"), 200);
        assert_true(web_shows(&d->o.b, code));
        assert_true(web_shows(&d->o.b, "09:00 09/06/2020"));
        assert_false(web_shows(&d->o.b, waits));
        assert_false(web_shows(&d->o.b, theirs));
        assert_int_equal(office_get(&d->o, "/mot-cua/so?nam=2019"), 200);
        assert_false(web_shows(&d->o.b, code));
        assert_int_equal(office_get(&d->o, "/mot-cua/so?nam=x&truoc=y"), 200);
        assert_true(web_shows(&d->o.b, code));
    }
}

/* ---- a program at the desk ---- */

static bool tells(struct desk *d, const char *before, const char *code, const char *after)
{
    return web_shows(&d->o.b,
                     arena_printf(d->w->c->arena, "%s/mot-cua/%s/%s\"", before, code, after));
}

static void decides_by_json(struct desk *d)
{
    struct web_client *b = &d->o.b;
    const char *code = filed(d, "Trần Thị Mai");
    clerk(d);
    b->accept = "application/json";
    assert_int_equal(office_get(&d->o, "/phien"), 200);
    const char *token = strstr(b->text, "\"csrf\":\"") + strlen("\"csrf\":\"");
    b->token = arena_text_n(d->w->c->arena, token, strcspn(token, "\""));
    assert_int_equal(office_get(&d->o, "/mot-cua/%s", code), 200);
    assert_true(tells(d, "\"href\":\"", code, "tep/birth_notice_file"));
    assert_true(tells(d, "\"method\":\"POST\",\"href\":\"", code, "viec/accept"));
    assert_true(web_shows(b, "\"needs_reason\":true"));
    const char *ask = arena_printf(d->w->c->arena, "/mot-cua/%s/viec/request_supplement", code);
    assert_int_equal(web_post_json(b, ask, "{\"version\":1,\"reason\":\"\"}"), 422);
    assert_true(web_shows(b, "\"field\":\"reason\""));
    assert_int_equal(web_post_json(b, ask, "{\"version\":1,\"reason\":\"Ảnh mờ.\"}"), 200);
    assert_true(web_shows(b, "\"location\":\"/mot-cua/"));
    assert_string_equal(looked(d, code).k.state, "supplement_requested");
    assert_int_equal(office_get(&d->o, "/mot-cua/%s", code), 200);
    assert_true(web_shows(b, "\"reason\":\"Ảnh mờ.\"")); /* the history */
    assert_true(web_shows(b, "\"acts\":[]"));
}

/* Whoever reaches a unit may open its book, whoever doesn't never learns that there is one. */
static void books_within_reach(struct desk *d)
{
    static const struct {
        const char *role, *unit, *ask;
        int status;
        bool shows;
    } rows[] = {
        {"commune_clerk", WARD, "?don-vi=" WARD, 200, true},
        {"commune_clerk", WARD, "?don-vi=000.08.31.H57", 200, true}, /* the old code */
        {"commune_clerk", NEXT, "?don-vi=" WARD, 404, false},
        {"commune_clerk", DISTRICT, "?don-vi=" WARD, 404, false},
        {"commune_chairman", WARD, "?don-vi=" NEXT, 404, false},
        {"supervisor", DISTRICT, "?don-vi=" WARD, 200, true},
        {"supervisor", DISTRICT, "", 200, false}, /* the district's own book */
        {"supervisor", DISTRICT, "?don-vi=H57", 404, false},
        {"supervisor", NEXT, "?don-vi=" WARD, 404, false},
        {"auditor", "H57", "?don-vi=" WARD, 200, true},
        {"auditor", "G24", "?don-vi=" WARD, 200, true}, /* the whole node */
        {"auditor", "H57", "?don-vi=nowhere", 404, false},
    };
    const char *code = filed(d, "Trần Thị Mai");
    clerk(d);
    assert_int_equal(press(d, code, "accept", ""), 303);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        sits(d, rows[i].role, rows[i].unit, "Ai đó");
        assert_int_equal(office_get(&d->o, "/mot-cua/so%s", rows[i].ask), rows[i].status);
        assert_int_equal(web_shows(&d->o.b, code), rows[i].shows);
    }
}

DESK_TEST(only_own)
DESK_TEST(in_order)
DESK_TEST(opening_is_logged)
DESK_TEST(clock_marks)
DESK_TEST(json_equals_page)
DESK_TEST(the_book)
DESK_TEST(decides_by_json)
DESK_TEST(books_within_reach)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_onestop_only_own),
                                       cmocka_unit_test(test_onestop_in_order),
                                       cmocka_unit_test(test_onestop_opening_is_logged),
                                       cmocka_unit_test(test_onestop_clock_marks),
                                       cmocka_unit_test(test_onestop_json_equals_page),
                                       cmocka_unit_test(test_onestop_the_book),
                                       cmocka_unit_test(test_onestop_decides_by_json),
                                       cmocka_unit_test(test_onestop_books_within_reach)};
    return cmocka_run_group_tests_name("onestop desk", tests, NULL, NULL);
}
