/* SPDX-License-Identifier: Apache-2.0 */
/* What officials decide, and what each decision sets in motion. */
#include "systems/onestop/test/onestop_test.h"

#define WHY "Ảnh giấy chứng sinh bị mờ, xin chụp lại."

static const char *path_of(struct desk *d, const char *code)
{
    return arena_printf(d->w->c->arena, "/mot-cua/%s", code);
}

static bool shows(struct desk *d, const char *text)
{
    return web_shows(&d->o.b, text);
}

/* ---- accept ---- */

static void accepts(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    clerk(d);
    assert_int_equal(press(d, code, "accept", ""), 303);
    assert_int_equal(web_follow(&d->o.b), 200);
    assert_true(shows(d, "Đã tiếp nhận"));
    assert_false(shows(d, "/viec/accept\"")); /* once */
    deliver(d);
    struct work x = looked(d, code);
    assert_string_equal(x.k.state, "accepted");
    assert_true(has_paper(&x, "receipt"));
    assert_true(has_paper(&x, "form_01"));
    assert_int_equal(x.n, 2);
    assert_int_equal(peer.statuses, 2); /* filed, accepted */
    assert_non_null(strstr(peer.status, "\"status\":2"));
    assert_non_null(strstr(peer.status, code));
    clerk(d);
    assert_int_equal(office_get(&d->o, "%s/giay/form_01", path_of(d, code)), 200);
    assert_memory_equal(d->o.b.body.ptr, "%PDF", 4);
    assert_int_equal(office_get(&d->o, "%s/giay/form_03", path_of(d, code)), 404);
    assert_int_equal(press_at(d, code, "accept", "2", ""), 422); /* from an old page */
    assert_int_equal(looked(d, code).k.version, 2);
}

/* ---- a supplement ---- */

static void supplements(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    clerk(d);
    assert_int_equal(press(d, code, "request_supplement", ""), 422);
    assert_true(shows(d, "<title>Lỗi:"));
    assert_true(shows(d, "href=\"#f-reason\""));
    assert_int_equal(press(d, code, "request_supplement", " \t "), 422);
    assert_int_equal(looked(d, code).k.version, 1);
    clerk(d);
    assert_int_equal(press(d, code, "request_supplement", WHY), 303);
    assert_int_equal(web_follow(&d->o.b), 200);
    assert_true(shows(d, WHY));
    assert_true(shows(d, "Chờ người dân bổ sung"));
    deliver(d);
    struct work x = looked(d, code);
    assert_true(has_paper(&x, "form_02"));
    assert_non_null(strstr(peer.status, "\"status\":5"));
    assert_non_null(strstr(peer.status, WHY));
    int64_t due_us = x.k.due_us;

    clock_at(d->w, 20200605, 900); /* a working day later */
    citizen(d, code, "supplement", "");
    x = looked(d, code);
    assert_string_equal(x.k.state, "supplemented");
    assert_true(x.k.due_us > due_us); /* the time that was the citizen's isn't the office's */
    clerk(d);
    assert_int_equal(office_get(&d->o, "/mot-cua"), 200);
    assert_true(shows(d, code)); /* their turn again */
    assert_int_equal(press(d, code, "accept_supplemented", ""), 303);
    assert_int_equal(office_get(&d->o, "/mot-cua/so"), 200);
    assert_true(shows(d, code));
}

/* ---- refused ---- */

static void refuses(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai"), *why = "Trẻ cư trú ở phường khác.";
    clerk(d);
    assert_int_equal(press(d, code, "refuse", ""), 422);
    assert_int_equal(press(d, code, "refuse", why), 303);
    deliver(d);
    struct work x = looked(d, code);
    assert_string_equal(x.k.state, "refused");
    assert_true(x.k.closed_us > 0);
    assert_true(has_paper(&x, "form_03"));
    assert_non_null(strstr(peer.status, why));
    assert_non_null(strstr(peer.status, "\"status\":3"));
    clerk(d);
    assert_int_equal(office_get(&d->o, "%s", path_of(d, code)), 200);
    assert_true(shows(d, "Đã xong"));
    assert_true(shows(d, "đã giải quyết xong"));
    assert_false(shows(d, "chưa đến lượt")); /* nobody's turn comes any more */
    assert_false(shows(d, "/viec/"));
    assert_int_equal(office_get(&d->o, "/mot-cua?hang=open"), 200);
    assert_false(shows(d, code));
    assert_int_equal(office_get(&d->o, "/mot-cua?hang=done"), 200);
    assert_true(shows(d, code));
    assert_int_equal(office_get(&d->o, "/mot-cua/so"), 200);
    assert_false(shows(d, code)); /* never entered */
}

/* ---- signed: register, number, certificate, card ---- */

static enum err read_entry(struct ctx *c, void *arg)
{
    struct work *x = arg;
    struct civilstatus_entry e;
    enum err err = civilstatus_entry_of(c, x->code, &e);
    x->n = err ? 0 : (size_t)e.number;
    return err == ERR_NOT_FOUND ? OK : err;
}

static struct work entry_of(struct desk *d, const char *code)
{
    struct work x = {.code = code};
    as_system(d->w, "onestop");
    good(d->w->c, do_read(d->w, read_entry, &x));
    return x;
}

static enum err read_t04(struct ctx *c, void *arg)
{
    int today = local_day(c->now_us);
    return measure_read(c, "T04", WARD, today, today + 1, arg);
}

static void signs(struct desk *d)
{
    struct measure_value v;
    const char *code = signed_case(d, "Trần Nguyễn An Nhiên");
    assert_string_equal(looked(d, code).k.state, "registering");
    assert_int_equal(entry_of(d, code).n, 1);
    assert_int_equal(peer.pins, 0); /* nothing leaves before the act is kept */
    deliver(d);
    struct work x = looked(d, code);
    assert_string_equal(x.k.state, "done");
    assert_true(has_paper(&x, "birth_certificate"));
    assert_true(has_paper(&x, "health_card"));
    assert_int_equal(peer.pins, 1);
    assert_int_equal(peer.cards, 1);
    assert_non_null(strstr(peer.assign, "\"full_name\":\"Trần Nguyễn An Nhiên\""));
    assert_non_null(strstr(peer.assign, "\"mother_pin\":\"" LAN "\""));
    assert_non_null(strstr(peer.assign, "\"entry_number\":1"));
    assert_non_null(strstr(peer.assign, "\"entry_book\":\"01/2020\""));
    assert_non_null(strstr(peer.issue, "\"pin\":\"046320900009\""));
    assert_non_null(strstr(peer.issue, "\"clinic\":\"46001\""));
    deliver(d); /* again: nothing is sent or made twice */
    assert_int_equal(peer.pins, 1);
    assert_int_equal(peer.cards, 1);
    assert_non_null(strstr(peer.status, "\"status\":9"));

    clerk(d);
    static const char *const papers[] = {"receipt", "form_01", "birth_certificate", "health_card"};
    for (size_t i = 0; i < ARRAY_LEN(papers); i++) {
        assert_int_equal(office_get(&d->o, "%s/giay/%s", path_of(d, code), papers[i]), 200);
        assert_memory_equal(d->o.b.body.ptr, "%PDF", 4);
    }
    assert_string_equal(d->o.b.text, CARD_PAPER); /* the issuer's bytes, not one of ours */
    citizen(d, code, "collect", "");
    good(d->w->c, do_read(d->w, read_t04, &v));
    assert_int_equal(v.part, 1); /* wholly online */
    assert_int_equal(v.whole, 1);
    clerk(d);
    assert_int_equal(office_get(&d->o, "/mot-cua/so"), 200);
    assert_true(shows(d, "09:00 04/06/2020")); /* returned today */
}

static void handed_over(struct desk *d)
{
    struct measure_value v;
    const char *code = signed_case(d, "Trần Thị Mai");
    deliver(d);
    clerk(d);
    assert_int_equal(press(d, code, "hand_over", ""), 303);
    assert_string_equal(looked(d, code).k.state, "returned");
    good(d->w->c, do_read(d->w, read_t04, &v));
    assert_int_equal(v.part, 0); /* filed online, but fetched at the counter */
    assert_int_equal(v.whole, 1);
}

/* ---- who may not ---- */

static void only_the_chairman_signs(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    clerk(d);
    assert_int_equal(press(d, code, "accept", ""), 303);
    officer(d);
    assert_int_equal(press(d, code, "start_review", ""), 303);
    assert_int_equal(press(d, code, "propose", ""), 303);
    struct work before = looked(d, code);
    static const char *const roles[] = {"commune_clerk", "civil_status_officer",
                                        "insurance_officer"};
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        sits(d, roles[i], WARD, "Người khác");
        assert_int_equal(office_get(&d->o, "%s", path_of(d, code)), 200);
        assert_false(shows(d, "/viec/sign\""));
        assert_int_equal(press_at(d, code, "sign", "4", ""), 403);
    }
    sits(d, "commune_chairman", NEXT, "Chủ tịch phường bên");
    assert_int_equal(press_at(d, code, "sign", "4", ""), 404);
    assert_int_equal(looked(d, code).k.version, before.k.version);
    assert_int_equal(entry_of(d, code).n, 0);
    chairman(d);
    assert_int_equal(office_get(&d->o, "%s", path_of(d, code)), 200);
    assert_true(shows(d, "class=\"govuk-button\" data-module=\"govuk-button\">Ký, ")); /* primary */
    assert_int_equal(press(d, code, "send_back", ""), 422);
    assert_int_equal(press(d, code, "send_back", "Sai ngày sinh của mẹ."), 303);
    assert_string_equal(looked(d, code).k.state, "reviewing");
    chairman(d);
    assert_int_equal(press_at(d, code, "pin_assigned", "5", ""), 403); /* the system's own act */
    assert_int_equal(press_at(d, code, "no_such_act", "5", ""), 422);
}

/* ---- the other side's last word ---- */

static void number_refused(struct desk *d)
{
    peer.pin_status = 409;
    peer.pin_answer = "{\"title\":\"Trẻ đã được đăng ký khai sinh\"}";
    const char *code = signed_case(d, "Trần Thị Mai");
    deliver(d);
    assert_string_equal(looked(d, code).k.state, "conflict");
    deliver(d);
    assert_int_equal(peer.pins, 1); /* final: never asked again by itself */
    officer(d);
    assert_int_equal(office_get(&d->o, "%s", path_of(d, code)), 200);
    assert_true(shows(d, "Trẻ đã được đăng ký khai sinh"));
    assert_true(shows(d, "· Hệ thống tự động")); /* not the name of a module */
    assert_int_equal(press(d, code, "stop", "Trẻ đã được đăng ký ở nơi khác."), 303);
    assert_int_equal(entry_of(d, code).n, 0); /* its entry is revoked */
    struct work x = looked(d, code);
    assert_string_equal(x.k.state, "stopped");
    deliver(d);
    x = looked(d, code);
    assert_true(has_paper(&x, "form_03"));
    assert_false(has_paper(&x, "birth_certificate"));
    assert_int_equal(peer.cards, 0);
}

static void asked_again(struct desk *d)
{
    peer.pin_status = 422;
    peer.pin_answer = "not even JSON";
    const char *code = signed_case(d, "Trần Thị Mai");
    deliver(d);
    assert_string_equal(looked(d, code).k.state, "conflict");
    peer_says_yes();
    officer(d);
    assert_int_equal(press(d, code, "retry_pin", "Đã đính chính với Công an."), 303);
    deliver(d);
    assert_string_equal(looked(d, code).k.state, "done");
    assert_int_equal(entry_of(d, code).n, 1); /* one birth, one entry */
}

static void card_refused(struct desk *d)
{
    peer.card_status = 409;
    peer.card_answer = "{\"title\":\"Trẻ đã có thẻ\"}";
    const char *code = signed_case(d, "Trần Thị Mai");
    deliver(d);
    struct work x = looked(d, code);
    assert_string_equal(x.k.state, "done"); /* the birth stands */
    assert_true(has_paper(&x, "birth_certificate"));
    assert_false(has_paper(&x, "health_card"));
}

static enum err late_reply(struct ctx *c, void *arg)
{
    struct work *x = arg;
    bool pin = text_eq(x->value, "population.assign");
    for (size_t i = 0; i < onestop_module.n_replies; i++)
        if (text_eq(onestop_module.replies[i].service, x->value))
            return onestop_module.replies[i].answered(
                c, x->code, "m", 200, bytes_of(pin ? peer.pin_answer : peer.card_answer));
    return ERR_NOT_FOUND;
}

/* An answer that comes when the case was ended by hand meanwhile changes nothing. */
static void late_answer(struct desk *d)
{
    peer.pin_status = 409;
    peer.pin_answer = "{\"title\":\"Trùng\"}";
    const char *code = signed_case(d, "Trần Thị Mai");
    deliver(d);
    officer(d);
    assert_int_equal(press(d, code, "stop", "Trùng hồ sơ."), 303);
    struct work before = looked(d, code);
    peer_says_yes();
    struct work x = {.code = code};
    as_system(d->w, "core");
    for (size_t i = 0; i < onestop_module.n_replies; i++) {
        x.value = onestop_module.replies[i].service;
        good(d->w->c, do_write(d->w, late_reply, &x));
    }
    struct work after = looked(d, code);
    assert_int_equal(after.k.version, before.k.version);
    assert_string_equal(after.k.state, "stopped");
}

/* ---- what the book refuses is named as the form names it ---- */

static void nameless(struct desk *d)
{
    const char *code = filed(d, "");
    clerk(d);
    assert_int_equal(press(d, code, "accept", ""), 303);
    officer(d);
    assert_int_equal(press(d, code, "start_review", ""), 303);
    assert_int_equal(press(d, code, "propose", ""), 303);
    chairman(d);
    assert_int_equal(press(d, code, "sign", ""), 422);
    assert_true(shows(d, "Họ, chữ đệm, tên của trẻ"));
    assert_false(shows(d, "Child_name"));
    d->o.b.accept = "application/json";
    assert_int_equal(press_at(d, code, "sign", "4", ""), 400);
    assert_true(shows(d, "\"label\":\"Họ, chữ đệm, tên của trẻ\""));
    d->o.b.accept = "text/html";
}

/* ---- two at once, withdrawn meanwhile ---- */

static void two_at_once(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    clerk(d);
    assert_int_equal(office_get(&d->o, "%s", path_of(d, code)), 200);
    struct web_client first = d->o.b; /* two colleagues look at the same page */
    clerk(d);
    assert_int_equal(office_get(&d->o, "%s", path_of(d, code)), 200);
    assert_int_equal(press_at(d, code, "request_supplement", "1", "Thiếu giấy tờ của cha."), 303);
    d->o.b = first;
    assert_int_equal(press_at(d, code, "refuse", "1", WHY), 422);
    assert_true(shows(d, "vừa được người khác"));
    assert_true(shows(d, WHY));                     /* what was typed is still there */
    assert_true(shows(d, "Chờ người dân bổ sung")); /* and how things stand now */
    assert_true(shows(d, "Thiếu giấy tờ của cha."));
    struct work x = looked(d, code);
    assert_string_equal(x.k.state, "supplement_requested");
    assert_int_equal(x.k.version, 2);
    d->o.b.accept = "application/json";
    assert_int_equal(press_at(d, code, "refuse", "1", WHY), 409);
    assert_true(shows(d, "\"code\":\"ERR_CASE_CHANGED\""));
    deliver(d);
    x = looked(d, code);
    assert_false(has_paper(&x, "form_03"));
}

static void withdrawn_meanwhile(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    clerk(d);
    assert_int_equal(office_get(&d->o, "%s", path_of(d, code)), 200);
    citizen(d, code, "withdraw", "Về quê cha đăng ký.");
    clerk(d);
    assert_int_equal(press_at(d, code, "refuse", "1", WHY), 422);
    assert_true(shows(d, WHY));
    assert_true(shows(d, "Người dân xin rút hồ sơ"));
    assert_true(shows(d, "Về quê cha đăng ký."));
    assert_int_equal(press(d, code, "confirm_withdrawal", ""), 303);
    assert_string_equal(looked(d, code).k.state, "withdrawn");
    clerk(d);
    assert_int_equal(press_at(d, code, "accept", "3", ""), 422);
    assert_int_equal(looked(d, code).k.version, 3);
}

/* ---- late: the apology, once ---- */

static void apologises(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    clerk(d);
    assert_int_equal(press(d, code, "accept", ""), 303);
    clock_at(d->w, 20200608, 1500);
    clerk(d);
    assert_int_equal(press(d, code, "apologise_accepted", "Mất điện hai ngày."), 303);
    struct work x = looked(d, code);
    assert_true(x.k.due_us > local_us(20200610, 0));
    deliver(d);
    x = looked(d, code);
    assert_true(has_paper(&x, "form_04"));
    clerk(d);
    assert_int_equal(press(d, code, "apologise_accepted", "Lại mất điện."), 422);
    assert_true(shows(d, "Lại mất điện."));
}

/* ---- the page of one dossier ---- */

static int times(struct desk *d, const char *text)
{
    int n = 0;
    for (const char *at = d->o.b.text; (at = strstr(at, text)); at++)
        n++;
    return n;
}

/* Two acts want a reason: one field for both, so that its id stands on the page once. */
static void one_reason_field(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    clerk(d);
    assert_int_equal(office_get(&d->o, "%s", path_of(d, code)), 200);
    assert_int_equal(times(d, "id=\"f-reason\""), 1);
    assert_true(shows(d, "formaction=\"/mot-cua/"));
    assert_true(shows(d, "Yêu cầu bổ sung · Từ chối tiếp nhận"));
    assert_false(shows(d, "<details class=\"govuk-details\" open>"));
    assert_int_equal(press(d, code, "refuse", ""), 422);
    assert_true(shows(d, "<details class=\"govuk-details\" open>")); /* the fault is seen */
    assert_int_equal(times(d, "id=\"f-reason\""), 1);
}

static void the_next_one(struct desk *d)
{
    const char *first = filed(d, "Trần Thị Một"), *second = filed(d, "Trần Thị Hai");
    clerk(d);
    assert_int_equal(office_get(&d->o, "%s?xong=accept", path_of(d, first)), 200);
    assert_false(shows(d, "Đã thực hiện")); /* nobody did */
    assert_int_equal(press(d, first, "accept", ""), 303);
    assert_int_equal(web_follow(&d->o.b), 200);
    assert_true(shows(d, "Đã thực hiện: Tiếp nhận"));
    assert_true(shows(d, "Đã tiếp nhận"));
    assert_true(shows(d, arena_printf(d->w->c->arena, "href=\"/mot-cua/%s\"", second)));
    officer(d);
    assert_int_equal(office_get(&d->o, "%s?xong=accept", path_of(d, first)), 200);
    assert_false(shows(d, "Đã thực hiện")); /* it wasn't this one */
    clerk(d);
    assert_int_equal(press(d, second, "refuse", WHY), 303);
    assert_int_equal(web_follow(&d->o.b), 200);
    assert_true(shows(d, "Không còn hồ sơ nào đến lượt quý vị"));
}

/* ---- a long text, a bad version ---- */

static void odd_input(struct desk *d)
{
    const char *code = filed(d, "Trần Thị Mai");
    char *longest = arena_alloc(d->w->c->arena, 1102);
    memset(longest, 'a', 1101);
    longest[1101] = 0;
    clerk(d);
    assert_int_equal(press(d, code, "refuse", longest), 422);
    assert_true(shows(d, longest));
    assert_int_equal(press(d, code, "refuse", "Dòng một\r\n<b>Dòng hai</b> & \"ba\""), 303);
    assert_int_equal(web_follow(&d->o.b), 200);
    assert_true(shows(d, "&lt;b&gt;Dòng hai&lt;/b&gt; &amp;"));
    static const char *const versions[] = {"0", "-1", "x", "", "99999999999999999999"};
    const char *other = filed(d, "Trần Thị Hai");
    clerk(d);
    assert_int_equal(office_get(&d->o, "%s", path_of(d, other)), 200);
    for (size_t i = 0; i < ARRAY_LEN(versions); i++)
        assert_int_equal(press_at(d, other, "accept", versions[i], ""), 422);
    assert_int_equal(looked(d, other).k.version, 1);
}

DESK_TEST(accepts)
DESK_TEST(supplements)
DESK_TEST(refuses)
DESK_TEST(signs)
DESK_TEST(handed_over)
DESK_TEST(only_the_chairman_signs)
DESK_TEST(number_refused)
DESK_TEST(asked_again)
DESK_TEST(card_refused)
DESK_TEST(late_answer)
DESK_TEST(nameless)
DESK_TEST(two_at_once)
DESK_TEST(withdrawn_meanwhile)
DESK_TEST(apologises)
DESK_TEST(one_reason_field)
DESK_TEST(the_next_one)
DESK_TEST(odd_input)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_onestop_accepts),
                                       cmocka_unit_test(test_onestop_supplements),
                                       cmocka_unit_test(test_onestop_refuses),
                                       cmocka_unit_test(test_onestop_signs),
                                       cmocka_unit_test(test_onestop_handed_over),
                                       cmocka_unit_test(test_onestop_only_the_chairman_signs),
                                       cmocka_unit_test(test_onestop_number_refused),
                                       cmocka_unit_test(test_onestop_asked_again),
                                       cmocka_unit_test(test_onestop_card_refused),
                                       cmocka_unit_test(test_onestop_late_answer),
                                       cmocka_unit_test(test_onestop_nameless),
                                       cmocka_unit_test(test_onestop_two_at_once),
                                       cmocka_unit_test(test_onestop_withdrawn_meanwhile),
                                       cmocka_unit_test(test_onestop_apologises),
                                       cmocka_unit_test(test_onestop_one_reason_field),
                                       cmocka_unit_test(test_onestop_the_next_one),
                                       cmocka_unit_test(test_onestop_odd_input)};
    return cmocka_run_group_tests_name("onestop acts", tests, NULL, NULL);
}
