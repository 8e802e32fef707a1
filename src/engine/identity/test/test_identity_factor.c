/* SPDX-License-Identifier: Apache-2.0 */
/* The second factor through the real routes, as browsers see it. The test owns the clock. */
#include "engine/identity/identity_factor.h"
#include "engine/identity/test/identity_test.h"

#define PAGE "/tai-khoan/hai-lop"
#define ASK  "/dang-nhap/ma"

struct desk {
    struct node_world *w;
    struct web *web;
    struct web_client b, other;
    const char *lan; /* the account's id */
};

static struct desk open_desk(struct node_world *w)
{
    struct desk d = {.w = w, .web = pages_open(w, web_test_reply), .lan = citizen(w, "lan", LAN)};
    d.b = web_client_new(w->c->arena, d.web);
    d.other = web_client_new(w->c->arena, d.web);
    d.other.peer = "10.9.9.9";
    return d;
}

struct look {
    const char *account;
    struct identity_factor f;
    bool found;
};

static enum err look(struct ctx *c, void *arg)
{
    struct look *k = arg;
    return identity_store_factor(c, k->account, &k->found, &k->f);
}

/* What the app on the telephone shows, so many steps from now. */
static const char *app_shows(struct node_world *w, const char *account, int steps)
{
    struct look k = {.account = account};
    assert_int_equal(do_read(w, look, &k), OK);
    assert_true(k.found);
    return totp_code(w->c->arena, k.f.seed, w->c->now_us / SECOND_US / TOTP_STEP_S + steps);
}

static bool is_shown(struct desk *d, const char *code)
{
    for (int steps = -1; steps <= 1; steps++)
        if (strcmp(code, app_shows(d->w, d->lan, steps)) == 0)
            return true;
    return false;
}

static const char *wrong_code(struct desk *d)
{
    char *code = arena_text(d->w->c->arena, app_shows(d->w, d->lan, 0));
    while (is_shown(d, code)) /* now, before or after: another last digit each time */
        code[5] = (char)('0' + (code[5] - '0' + 1) % 10);
    return code;
}

/* The recovery codes of a page that shows them. */
static size_t codes_on(struct web_client *b, const char *codes[IDENTITY_RECOVERY])
{
    static const char mark[] = "<span class=\"dinh-code\">";
    size_t n = 0;
    for (const char *at = b->text; (at = strstr(at, mark)) && n < IDENTITY_RECOVERY;) {
        at += strlen(mark);
        codes[n++] = arena_text_n(b->arena, at, strcspn(at, "<"));
    }
    return n;
}

/* Signed in at d->b with a factor set up there; its codes. The step is spent. */
static void set_up(struct desk *d, const char *codes[IDENTITY_RECOVERY])
{
    web_get(&d->b, "/dang-nhap");
    sign_in(&d->b, "lan");
    assert_int_equal(web_get(&d->b, PAGE), 200);
    assert_int_equal(WEB_POST(&d->b, PAGE, "password", PASSWORD), 303);
    assert_int_equal(web_get(&d->b, PAGE), 200);
    assert_int_equal(WEB_POST(&d->b, PAGE "/xac-nhan", "one_time_code", app_shows(d->w, d->lan, 0)),
                     200);
    assert_int_equal(codes_on(&d->b, codes), IDENTITY_RECOVERY);
    clock_by(d->w, TOTP_STEP_S * SECOND_US);
}

/* As far as the question for the code. */
static void half_in(struct web_client *b)
{
    assert_int_equal(try_sign_in(b, "lan", PASSWORD), 303);
    assert_string_equal(web_answer_header(b, "Location"), ASK);
    assert_int_equal(web_get(b, ASK), 200);
}

static int give(struct web_client *b, const char *code)
{
    return WEB_POST(b, ASK, "one_time_code", code);
}

/* ---- setting up ---- */

static void sets_up(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    const char *codes[IDENTITY_RECOVERY];
    (void)arg;
    web_get(&d.b, "/dang-nhap");
    sign_in(&d.b, "lan");
    web_get(&d.other, "/dang-nhap");
    sign_in(&d.other, "lan");
    assert_int_equal(web_get(&d.b, PAGE), 200);
    assert_int_equal(WEB_POST(&d.b, PAGE, "password", "sai"), 422);
    assert_int_equal(WEB_POST(&d.b, PAGE, "password", PASSWORD), 303);
    assert_int_equal(web_get(&d.b, PAGE), 200);
    struct look k = {.account = d.lan};
    assert_int_equal(do_read(w, look, &k), OK);
    const char *key = totp_key(w->c->arena, k.f.seed);
    assert_true(web_shows(&d.b, arena_printf(w->c->arena, "%.4s %.4s", key, key + 4)));
    assert_true(web_shows(&d.b, "<svg "));
    sign_in(&d.b, "lan"); /* one that waits asks for nothing yet */
    assert_int_equal(web_get(&d.b, PAGE), 200);
    assert_int_equal(WEB_POST(&d.b, PAGE "/xac-nhan", "one_time_code", wrong_code(&d)), 422);
    assert_true(web_shows(&d.b, "<svg "));
    const char *before = d.b.cookies;
    assert_int_equal(WEB_POST(&d.b, PAGE "/xac-nhan", "one_time_code", app_shows(w, d.lan, 0)),
                     200);
    assert_int_equal(codes_on(&d.b, codes), IDENTITY_RECOVERY);
    assert_string_not_equal(d.b.cookies, before); /* another session ... */
    assert_true(is_in(&d.b));
    assert_false(is_in(&d.other)); /* ... and no other one */
    assert_int_equal(web_get(&d.b, PAGE), 200);
    assert_false(web_shows(&d.b, "<svg ")); /* never shown again */
    assert_false(web_shows(&d.b, arena_printf(w->c->arena, "%.4s %.4s", key, key + 4)));
    assert_false(web_shows(&d.b, codes[0]));
    web_end(d.web);
}

/* The first one of an account takes its password, once, however long ago they signed in. */
static void begins_by_password(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    web_get(&d.b, "/dang-nhap");
    sign_in(&d.b, "lan");
    everybody_proved_long_ago(w);
    assert_int_equal(web_get(&d.b, PAGE), 200);
    assert_int_equal(WEB_POST(&d.b, PAGE, "password", PASSWORD), 403);
    assert_int_equal(WEB_POST(&d.b, PAGE, PROOF_FIELD, "sai"), 422);
    assert_int_equal(WEB_POST(&d.b, PAGE, PROOF_FIELD, PASSWORD), 303);
    assert_int_equal(web_get(&d.b, PAGE), 200);
    assert_true(web_shows(&d.b, "<svg "));
    web_end(d.web);
}

static void waits_a_quarter_of_an_hour(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    web_get(&d.b, "/dang-nhap");
    sign_in(&d.b, "lan");
    web_get(&d.b, PAGE);
    assert_int_equal(WEB_POST(&d.b, PAGE, "password", PASSWORD), 303);
    clock_by(w, IDENTITY_SETUP_US - MINUTE_US);
    assert_int_equal(web_get(&d.b, PAGE), 200);
    assert_true(web_shows(&d.b, "<svg "));
    clock_by(w, 2 * MINUTE_US);
    assert_int_equal(web_get(&d.b, PAGE), 200);
    assert_false(web_shows(&d.b, "<svg "));
    assert_int_equal(WEB_POST(&d.b, PAGE "/xac-nhan", "one_time_code", app_shows(w, d.lan, 0)),
                     422);
    web_end(d.web);
}

/* ---- signing in ---- */

static void asks_for_both(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    const char *codes[IDENTITY_RECOVERY];
    (void)arg;
    set_up(&d, codes);
    half_in(&d.other);
    assert_false(is_in(&d.other)); /* a password alone is nobody */
    assert_int_equal(web_get(&d.other, "/tai-khoan"), 303);
    web_get(&d.other, ASK);
    assert_int_equal(give(&d.other, wrong_code(&d)), 422);
    const char *before = d.other.cookies, *code = app_shows(w, d.lan, 0);
    assert_int_equal(give(&d.other, arena_printf(w->c->arena, "%.3s %s", code, code + 3)), 303);
    assert_string_equal(web_answer_header(&d.other, "Location"), "/toi");
    assert_string_not_equal(d.other.cookies, before);
    assert_true(is_in(&d.other));
    web_end(d.web);
}

/* Each code works once: not for the same browser, nor another, nor the one before it. */
static void takes_a_code_once(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    const char *codes[IDENTITY_RECOVERY];
    (void)arg;
    set_up(&d, codes);
    half_in(&d.other);
    assert_int_equal(give(&d.other, app_shows(w, d.lan, -1)), 422); /* set it up: spent */
    const char *code = app_shows(w, d.lan, 0), *later = app_shows(w, d.lan, 1);
    assert_int_equal(give(&d.other, code), 303);
    struct web_client third = web_client_new(w->c->arena, d.web);
    half_in(&third);
    assert_int_equal(give(&third, code), 422);
    assert_int_equal(give(&third, later), 303); /* a clock that is early */
    web_end(d.web);
    struct web *again = pages_open(w, web_test_reply); /* the program starts again */
    struct web_client fourth = web_client_new(w->c->arena, again);
    half_in(&fourth);
    assert_int_equal(give(&fourth, later), 422);
    clock_by(w, TOTP_STEP_S * SECOND_US);
    assert_int_equal(give(&fourth, later), 422);
    clock_by(w, TOTP_STEP_S * SECOND_US);
    assert_int_equal(give(&fourth, app_shows(w, d.lan, 0)), 303);
    web_end(again);
}

static void stops_after_five(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    const char *codes[IDENTITY_RECOVERY];
    (void)arg;
    set_up(&d, codes);
    half_in(&d.other);
    for (int i = 0; i < IDENTITY_CODE_TRIES; i++)
        assert_int_equal(give(&d.other, wrong_code(&d)), 422);
    assert_int_equal(give(&d.other, app_shows(w, d.lan, 0)), 429);
    assert_int_equal(give(&d.other, codes[0]), 429); /* nor a recovery code */
    struct web_client third = web_client_new(w->c->arena, d.web);
    half_in(&third); /* the password's tries were forgotten, the codes' weren't */
    assert_int_equal(give(&third, app_shows(w, d.lan, 0)), 429);
    clock_by(w, IDENTITY_WINDOW_US);
    half_in(&third);
    assert_int_equal(give(&third, app_shows(w, d.lan, 0)), 303);
    web_end(d.web);
}

/* Too late, or the password is another one by now: from the beginning. */
static void forgets_a_half(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    const char *codes[IDENTITY_RECOVERY];
    (void)arg;
    set_up(&d, codes);
    assert_int_equal(web_get(&d.other, ASK), 303);
    half_in(&d.other);
    clock_by(w, IDENTITY_SECOND_US);
    assert_int_equal(give(&d.other, app_shows(w, d.lan, 0)), 303);
    assert_string_equal(web_answer_header(&d.other, "Location"), "/dang-nhap");
    assert_false(is_in(&d.other));
    half_in(&d.other);
    struct work k = {.id = d.lan, .yes = true};
    assert_int_equal(do_write(w, disable, &k), OK);
    assert_int_equal(give(&d.other, app_shows(w, d.lan, 0)), 303);
    assert_false(is_in(&d.other));
    web_end(d.web);
}

static void takes_a_recovery_code_once(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    const char *codes[IDENTITY_RECOVERY], *fresh[IDENTITY_RECOVERY];
    (void)arg;
    set_up(&d, codes);
    for (size_t i = 1; i < IDENTITY_RECOVERY; i++)
        assert_string_not_equal(codes[0], codes[i]);
    half_in(&d.other);
    assert_int_equal(give(&d.other, codes[3]), 303);
    assert_true(is_in(&d.other));
    struct web_client third = web_client_new(w->c->arena, d.web);
    half_in(&third);
    assert_int_equal(give(&third, codes[3]), 422);
    assert_int_equal(web_get(&d.other, PAGE), 200);
    assert_true(web_shows(&d.other, "<strong>9</strong>"));
    assert_int_equal(
        WEB_POST(&d.other, PAGE "/ma-du-phong", "password", PASSWORD, "one_time_code", codes[4]),
        200);
    assert_int_equal(codes_on(&d.other, fresh), IDENTITY_RECOVERY);
    assert_int_equal(give(&third, codes[5]), 422); /* the old ones are gone */
    assert_int_equal(give(&third, fresh[5]), 303);
    web_end(d.web);
}

/* ---- taking it away ---- */

static void ends_with_both_only(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    const char *codes[IDENTITY_RECOVERY], *path = PAGE "/bo";
    (void)arg;
    set_up(&d, codes);
    web_get(&d.b, PAGE);
    const char *code = app_shows(w, d.lan, 0);
    assert_int_equal(WEB_POST(&d.b, PAGE, "password", PASSWORD), 422); /* none beside it */
    web_get(&d.b, PAGE);
    assert_int_equal(WEB_POST(&d.b, path, "password", "sai", "one_time_code", code), 422);
    assert_int_equal(WEB_POST(&d.b, path, "password", PASSWORD, "one_time_code", wrong_code(&d)),
                     422);
    assert_int_equal(WEB_POST(&d.b, path, "password", PASSWORD, "one_time_code", code), 303);
    assert_true(is_in(&d.b));
    web_get(&d.other, "/dang-nhap");
    sign_in(&d.other, "lan");
    web_end(d.web);
}

/* An administrator with a reason takes a lost one away; the password alone is what is left. */
static void administrators_end_it(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    const char *codes[IDENTITY_RECOVERY], *at;
    (void)arg;
    post(w, official(w, "quantri"), "administrator", "H57");
    at = arena_printf(w->c->arena, "/quan-tri/tai-khoan/%s/hai-lop", d.lan);
    sign_in(&d.other, "quantri");
    assert_int_equal(web_get(&d.other, "/tai-khoan"), 200);
    assert_int_equal(WEB_POST(&d.other, at, "reason", "mất điện thoại"), 422); /* there is none */
    set_up(&d, codes);
    assert_int_equal(web_get(&d.other, "/tai-khoan"), 200);
    assert_int_equal(WEB_POST(&d.other, at, "reason", ""), 422);
    assert_int_equal(WEB_POST(&d.other, at, "reason", "mất điện thoại"), 303);
    assert_int_equal(web_follow(&d.other), 200);
    assert_true(web_shows(&d.other, "Đã bỏ xác thực hai lớp"));
    assert_false(is_in(&d.b));
    sign_in(&d.b, "lan");
    web_end(d.web);
}

/* Whose role needs one has no right without one, but to set one up. */
static void owes_one(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    const char *can = official(w, "can");
    (void)arg;
    post(w, can, "commune_clerk", "H57.31.08");
    w->n->second_factor = true;
    assert_int_equal(try_sign_in(&d.b, "can", PASSWORD), 303);
    assert_string_equal(web_answer_header(&d.b, "Location"), PAGE);
    assert_int_equal(web_get(&d.b, "/tiep-nhan"), 403);
    assert_int_equal(web_get(&d.b, PAGE), 200);
    assert_int_equal(WEB_POST(&d.b, PAGE, "password", PASSWORD), 303);
    web_get(&d.b, PAGE);
    assert_int_equal(WEB_POST(&d.b, PAGE "/xac-nhan", "one_time_code", app_shows(w, can, 0)), 200);
    assert_int_equal(web_get(&d.b, "/tiep-nhan"), 200);
    sign_in(&d.other, "lan"); /* citizens are offered it */
    w->n->second_factor = false;
    web_end(d.web);
}

#define CASE(body)                                                                                 \
    static void test_identity_##body(void **state)                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(modules, ARRAY_LEN(modules), body, NULL);                                        \
    }
CASE(sets_up)
CASE(begins_by_password)
CASE(waits_a_quarter_of_an_hour)
CASE(asks_for_both)
CASE(takes_a_code_once)
CASE(stops_after_five)
CASE(forgets_a_half)
CASE(takes_a_recovery_code_once)
CASE(ends_with_both_only)
CASE(administrators_end_it)
CASE(owes_one)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_sets_up),
        cmocka_unit_test(test_identity_begins_by_password),
        cmocka_unit_test(test_identity_waits_a_quarter_of_an_hour),
        cmocka_unit_test(test_identity_asks_for_both),
        cmocka_unit_test(test_identity_takes_a_code_once),
        cmocka_unit_test(test_identity_stops_after_five),
        cmocka_unit_test(test_identity_forgets_a_half),
        cmocka_unit_test(test_identity_takes_a_recovery_code_once),
        cmocka_unit_test(test_identity_ends_with_both_only),
        cmocka_unit_test(test_identity_administrators_end_it),
        cmocka_unit_test(test_identity_owes_one),
    };
    return cmocka_run_group_tests_name("identity_factor", tests, NULL, NULL);
}
