/* SPDX-License-Identifier: Apache-2.0 */
/* Nobody is known anywhere by merely following a link: asked, remembered, seen, taken back. */
#include "engine/identity/test/oidc_redeem.h"

#define REVIEW "/tai-khoan/cho-phep"

/* Where the provider leads who hasn't agreed yet. */
static bool is_asked(struct nation *n)
{
    return authorize(n, NULL, NULL) == 303 && text_starts(where(&n->at_op), OIDC_CONSENT "?next=");
}

/* Opens the page that asks, and presses; gives the status. */
static int presses(struct nation *n, const char *answer)
{
    const char *to = where(&n->at_op), *next = param_of(room(n), to, "next");
    assert_int_equal(web_get(&n->at_op, to), 200);
    return WEB_POST(&n->at_op, OIDC_CONSENT, "client", "H57", "next", next, "answer", answer);
}

static enum err count_consents(struct ctx *c, void *arg)
{
    return db_int(c, (int64_t *)arg, "SELECT count(*) FROM identity_consent WHERE ended_us = 0");
}

static int64_t consents(struct nation *n)
{
    int64_t found = -1;
    assert_int_equal(do_read(n->op, count_consents, &found), OK);
    return found;
}

static void asks_who_never_agreed(struct nation *n)
{
    static const char *const said[] = {"Ủy ban nhân dân tỉnh Thừa Thiên Huế",
                                       "Họ và tên",
                                       "Số định danh cá nhân",
                                       "Lúc quý vị đăng nhập",
                                       "http://127.0.0.1:8802",
                                       "Trần Thị Lan"};
    takes_back(n, "H57");
    sign_in(&n->at_op, "lan");
    assert_true(is_asked(n));
    assert_int_equal(web_get(&n->at_op, where(&n->at_op)), 200);
    for (size_t i = 0; i < ARRAY_LEN(said); i++)
        assert_true(web_shows(&n->at_op, said[i]));
    assert_int_equal(authorize(n, "prompt", "none"), 303);
    assert_string_equal(param_of(room(n), where(&n->at_op), "error"), "consent_required");
    assert_int_equal(web_get(&n->at_rp, "/dang-nhap/quoc-gia?next=/toi"), 303); /* the link */
    assert_int_equal(web_get(&n->at_op, path_of(where(&n->at_rp))), 303);
    assert_true(text_starts(where(&n->at_op), OIDC_CONSENT "?next="));
    assert_int_equal(presses(n, "allow"), 303);
    assert_int_equal(web_get(&n->at_op, where(&n->at_op)), 303);
    assert_int_equal(web_get(&n->at_rp, path_of(where(&n->at_op))), 303);
    assert_true(is_in(&n->at_rp));
    assert_non_null(fresh_code(n)); /* not asked again */
    takes_back(n, "G24");
    agrees(n, "H57"); /* of one client, not of all */
    assert_int_equal(authorize(n, "client_id", "G24"), 400);
    assert_int_equal(consents(n), 1);
}

static void takes_no_for_an_answer(struct nation *n)
{
    takes_back(n, "H57");
    sign_in(&n->at_op, "lan");
    assert_int_equal(web_get(&n->at_rp, "/dang-nhap/quoc-gia?next=/toi"), 303);
    assert_int_equal(web_get(&n->at_op, path_of(where(&n->at_rp))), 303);
    assert_int_equal(presses(n, "deny"), 303);
    assert_int_equal(web_get(&n->at_op, where(&n->at_op)), 303);
    const char *back = where(&n->at_op);
    assert_true(text_starts(back, BACK "?error=access_denied&state="));
    assert_int_equal(web_get(&n->at_rp, path_of(back)), 303);
    assert_int_equal(web_get(&n->at_rp, where(&n->at_rp)), 200);
    assert_true(web_shows(&n->at_rp, "Quý vị đã chọn không cho cổng này biết mình là ai"));
    assert_false(is_in(&n->at_rp));
    assert_int_equal(consents(n), 1); /* of G24 */
    assert_true(is_asked(n));
}

/* Only a press on our own page counts, by a person, for the client that the page named. */
static void believes_no_other_press(struct nation *n)
{
    takes_back(n, "H57");
    takes_back(n, "G24");
    sign_in(&n->at_op, "lan");
    assert_true(is_asked(n));
    const char *next = param_of(room(n), where(&n->at_op), "next");
    struct web_client forged = n->at_op;
    const char *const pairs[] = {"client", "H57", "next", next, "answer", "allow"};
    const char *body = form_of(room(n), pairs, ARRAY_LEN(pairs), NULL, NULL);
    web_send(&forged, "POST", OIDC_CONSENT, "application/x-www-form-urlencoded", bytes_of(body));
    assert_int_equal(forged.status, 403);
    web_get(&n->at_op, where(&n->at_op));
    assert_int_equal(
        WEB_POST(&n->at_op, OIDC_CONSENT, "client", "G24", "next", next, "answer", "allow"), 422);
    assert_int_equal(WEB_POST(&n->at_op, OIDC_CONSENT, "client", "H57", "next",
                              "https://evil.example/oidc/authorize?client_id=H57", "answer",
                              "allow"),
                     400);
    web_get(&n->at_op, arena_printf(room(n), OIDC_CONSENT "?next=%s", "%2Ftoi"));
    assert_int_equal(n->at_op.status, 400);
    assert_true(is_asked(n));
    assert_int_equal(presses(n, "perhaps"), 422);
    assert_int_equal(consents(n), 0);
    const char *id = official(n->op, "can");
    post(n->op, id, "commune_clerk", "H57.31");
    n->at_op = web_client_new(room(n), n->op_web);
    sign_in(&n->at_op, "can");
    web_get(&n->at_op, arena_printf(room(n), OIDC_CONSENT "?next=%s", "%2Ftoi"));
    assert_int_equal(
        WEB_POST(&n->at_op, OIDC_CONSENT, "client", "H57", "next", next, "answer", "allow"), 403);
    assert_int_equal(consents(n), 0);
}

static void another_persons_consent_is_theirs(struct nation *n)
{
    citizen(n->op, "hoa", "046194900009");
    sign_in(&n->at_op, "hoa");
    assert_true(is_asked(n));
}

/* What it was given ends in the same moment, whatever it holds. */
static void ends_what_the_client_holds(struct nation *n)
{
    sign_in(&n->at_op, "lan");
    const char *token = bearer(n), *code = fresh_code(n);
    assert_int_equal(userinfo(n, token), 200);
    assert_int_equal(web_get(&n->at_op, REVIEW), 200);
    assert_true(web_shows(&n->at_op, "Ủy ban nhân dân tỉnh Thừa Thiên Huế"));
    assert_true(web_shows(&n->at_op, "Lần cuối được biết"));
    assert_int_equal(WEB_POST(&n->at_op, REVIEW, "client", "H57"), 303);
    assert_int_equal(web_get(&n->at_op, where(&n->at_op)), 200);
    assert_true(web_shows(&n->at_op, "Đã rút lại."));
    assert_int_equal(userinfo(n, token), 401);
    assert_int_equal(redeem(n, code, NULL, NULL), 400);
    assert_true(is_asked(n));
    assert_int_equal(consents(n), 1); /* of G24: untouched */
    web_get(&n->at_op, REVIEW);
    assert_int_equal(WEB_POST(&n->at_op, REVIEW, "client", "H57"), 303); /* once more: nothing */
}

static enum err fewer_claims(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "UPDATE identity_consent SET claims = 'name'");
}

static void asks_anew_for_more_and_each_year(struct nation *n)
{
    sign_in(&n->at_op, "lan");
    const char *code = fresh_code(n);
    assert_int_equal(do_write(n->op, fewer_claims, NULL), OK); /* today's ask for more */
    assert_true(is_asked(n));
    assert_int_equal(redeem(n, code, NULL, NULL), 400);
    agrees(n, "H57");
    clock_by(n->op, IDENTITY_CONSENT_US - MINUTE_US);
    n->at_op = web_client_new(room(n), n->op_web);
    sign_in(&n->at_op, "lan");
    assert_non_null(fresh_code(n));
    clock_by(n->op, MINUTE_US);
    assert_true(is_asked(n));
}

/* The other node keeps nothing of it and says where it is kept. */
static void says_where_it_is_kept(struct nation *n)
{
    assert_int_equal(web_get(&n->at_rp, "/dang-nhap/quoc-gia?next=/toi"), 303);
    const char *at = path_of(where(&n->at_rp));
    sign_in(&n->at_op, "lan");
    assert_int_equal(web_get(&n->at_op, at), 303);
    assert_int_equal(web_get(&n->at_rp, path_of(where(&n->at_op))), 303);
    assert_int_equal(web_get(&n->at_rp, REVIEW), 200);
    assert_true(web_shows(&n->at_rp, arena_printf(room(n), "%s" REVIEW, n->op->n->url)));
}

TEST_CASE(asks_who_never_agreed)
TEST_CASE(takes_no_for_an_answer)
TEST_CASE(believes_no_other_press)
TEST_CASE(another_persons_consent_is_theirs)
TEST_CASE(ends_what_the_client_holds)
TEST_CASE(asks_anew_for_more_and_each_year)
TEST_CASE(says_where_it_is_kept)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asks_who_never_agreed),
        cmocka_unit_test(test_takes_no_for_an_answer),
        cmocka_unit_test(test_believes_no_other_press),
        cmocka_unit_test(test_another_persons_consent_is_theirs),
        cmocka_unit_test(test_ends_what_the_client_holds),
        cmocka_unit_test(test_asks_anew_for_more_and_each_year),
        cmocka_unit_test(test_says_where_it_is_kept),
    };
    return cmocka_run_group_tests_name("oidc_consent", tests, NULL, NULL);
}
