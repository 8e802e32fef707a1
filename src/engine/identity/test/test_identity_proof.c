/* SPDX-License-Identifier: Apache-2.0 */
/* Password or code again before grave acts, through the real routes. The test owns the clock. */
#include "core/country.h"
#include "engine/identity/identity_factor.h"
#include "engine/identity/test/identity_test.h"

#define LIST   "/quan-tri/tai-khoan"
#define REASON "Theo quyết định số 12"
#define OLD_US (11 * MINUTE_US) /* an administrator's proof holds 10, idle they may be 15 */

struct office { /* an administrator at one browser, a clerk at another */
    struct node_world *w;
    struct web *web;
    struct web_client admin, clerk;
    const char *admin_id, *clerk_id;
};

static struct office open_office(struct node_world *w)
{
    struct office o = {.w = w, .web = pages_open(w, web_test_reply)};
    o.admin = web_client_new(w->c->arena, o.web);
    o.clerk = web_client_new(w->c->arena, o.web);
    o.clerk.peer = "10.9.9.9";
    o.admin_id = official(w, "quantri");
    (void)post(w, o.admin_id, "administrator", "H57");
    o.clerk_id = official(w, "canbo");
    (void)post(w, o.clerk_id, "commune_clerk", "H57.31.08");
    sign_in(&o.admin, "quantri");
    sign_in(&o.clerk, "canbo");
    return o;
}

static const char *lock_of(struct office *o)
{
    return arena_printf(o->w->c->arena, LIST "/%s/khoa", o->clerk_id);
}

static const char *account_of(struct office *o)
{
    return arena_printf(o->w->c->arena, LIST "/%s", o->clerk_id);
}

/* The administrator presses the button that locks the clerk's account. */
static int press(struct office *o)
{
    assert_int_equal(web_get(&o->admin, account_of(o)), 200);
    return WEB_POST(&o->admin, lock_of(o), "reason", REASON);
}

/* The page asks, tells which act and keeps what was typed. */
static void asks(struct office *o)
{
    assert_true(web_shows(&o->admin, "Xác nhận đó là quý vị"));
    assert_true(web_shows(&o->admin, "Khóa tài khoản"));
    assert_true(web_shows(&o->admin, "<strong>canbo · L. V. Cán</strong>")); /* whose */
    assert_string_equal(web_input(&o->admin, "reason"), REASON);
    assert_non_null(web_input(&o->admin, PROOF_FIELD));
}

/* Sends the page that asks as a browser does. */
static int answer_it(struct office *o, const char *proof)
{
    return WEB_POST(&o->admin, lock_of(o), "reason", web_input(&o->admin, "reason"), PROOF_FIELD,
                    proof);
}

struct counted {
    const char *action;
    int64_t n;
};

static enum err count(struct ctx *c, void *arg)
{
    struct counted *k = arg;
    return db_int(c, &k->n, "SELECT count(*) FROM core_audit WHERE action = $1", P_TEXT(k->action));
}

static int64_t times(struct node_world *w, const char *action)
{
    struct counted k = {.action = action};
    assert_int_equal(do_read(w, count, &k), OK);
    return k.n;
}

/* ---- asked, and not asked ---- */

static void asks_nobody_who_just_came(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    clock_by(w, 9 * MINUTE_US);
    assert_int_equal(press(&o), 303);
    assert_false(is_in(&o.clerk));
    assert_int_equal(times(w, "identity.proved"), 0);
    web_end(o.web);
}

static void does_not_act_on_an_old_proof(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    clock_by(w, OLD_US);
    assert_int_equal(press(&o), 403);
    asks(&o);
    assert_false(web_shows(&o.admin, "Lỗi:")); /* nobody's mistake */
    assert_true(is_in(&o.clerk));
    assert_int_equal(WEB_POST(&o.admin, account_of(&o), "reason", REASON), 405);
    assert_int_equal(press(&o), 403); /* asked again and again */
    assert_true(is_in(&o.clerk));
    assert_int_equal(web_get(&o.admin, account_of(&o)), 200); /* all else goes on */
    const char *sign_out = arena_printf(w->c->arena, LIST "/%s/phien", o.clerk_id);
    assert_int_equal(WEB_POST(&o.admin, sign_out, "reason", REASON), 303);
    web_end(o.web);
}

/* ---- the proof ---- */

static void acts_with_the_password(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    clock_by(w, OLD_US);
    assert_int_equal(press(&o), 403);
    struct web_client stolen = o.admin;
    assert_int_equal(answer_it(&o, PASSWORD), 303);
    assert_string_equal(web_answer_header(&o.admin, "Location"),
                        arena_printf(w->c->arena, "%s?xong=disable", account_of(&o)));
    assert_false(is_in(&o.clerk));
    assert_string_not_equal(o.admin.cookies, stolen.cookies); /* C24: another id ... */
    assert_true(is_in(&o.admin));
    assert_false(is_in(&stolen)); /* ... and the old one is dead */
    assert_int_equal(times(w, "identity.proved"), 1);
    assert_int_equal(web_get(&o.admin, account_of(&o)), 200);
    assert_true(web_shows(&o.admin, REASON)); /* nothing was lost */
    const char *open = arena_printf(w->c->arena, LIST "/%s/mo", o.clerk_id);
    assert_int_equal(WEB_POST(&o.admin, open, "reason", REASON), 303); /* proved is proved */
    clock_by(w, OLD_US);
    assert_int_equal(web_get(&o.admin, account_of(&o)), 200);
    assert_int_equal(press(&o), 403);
    web_end(o.web);
}

/* The act's answer is remembered by its key, without the cookie of the proof. */
static void acts_once(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    clock_by(w, OLD_US);
    assert_int_equal(press(&o), 403);
    o.admin.key = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    assert_int_equal(answer_it(&o, PASSWORD), 303);
    const char *cookies = o.admin.cookies;
    clock_by(w, OLD_US);
    o.admin.key = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    assert_int_equal(WEB_POST(&o.admin, lock_of(&o), "reason", REASON), 303); /* the same answer */
    assert_string_equal(web_answer_header(&o.admin, "Idempotency-Replayed"), "true");
    assert_string_equal(o.admin.cookies, cookies);
    assert_int_equal(times(w, "identity.disable"), 1);
    web_end(o.web);
}

static void does_not_act_on_a_wrong_one(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    clock_by(w, OLD_US);
    assert_int_equal(press(&o), 403);
    assert_int_equal(answer_it(&o, ""), 422);
    asks(&o);
    const char *before = o.admin.cookies;
    for (int i = 0; i < IDENTITY_TRIES; i++) {
        assert_int_equal(answer_it(&o, "không phải mật khẩu này"), 422);
        asks(&o);
        assert_true(web_shows(&o.admin, "Lỗi:"));
        assert_false(web_shows(&o.admin, "không phải mật khẩu này"));
    }
    assert_int_equal(answer_it(&o, PASSWORD), 429); /* the limiter of the sign-in */
    asks(&o);
    assert_string_equal(o.admin.cookies, before);
    assert_int_equal(times(w, "identity.refused"), IDENTITY_TRIES);
    assert_int_equal(times(w, "identity.proved"), 0);
    assert_true(is_in(&o.clerk));
    web_end(o.web);
}

/* An act that is refused for its own sake keeps the proof that came with it. */
static void keeps_the_proof_of_a_refused_act(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    clock_by(w, OLD_US);
    web_get(&o.admin, account_of(&o));
    assert_int_equal(WEB_POST(&o.admin, lock_of(&o), "reason", ""), 403);
    assert_int_equal(WEB_POST(&o.admin, lock_of(&o), "reason", "", PROOF_FIELD, PASSWORD), 422);
    assert_true(web_shows(&o.admin, "Lý do"));
    assert_true(is_in(&o.clerk));
    assert_int_equal(press(&o), 303);
    assert_false(is_in(&o.clerk));
    web_end(o.web);
}

struct look {
    const char *account;
    struct identity_factor f;
};

static enum err put_factor(struct ctx *c, void *arg)
{
    struct look *k = arg;
    uint8_t seed[TOTP_SEED_BYTES];
    bool found;
    sys_random(seed, sizeof seed);
    enum err e = identity_store_factor_put(c, k->account, seed);
    e = e ? e : identity_store_factor_confirm(c, k->account);
    return e ? e : identity_store_factor(c, k->account, &found, &k->f);
}

static void asks_for_a_code(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    struct look k = {.account = o.admin_id};
    assert_int_equal(do_write(w, put_factor, &k), OK);
    clock_by(w, OLD_US);
    assert_int_equal(press(&o), 403);
    asks(&o);
    assert_true(web_shows(&o.admin, "autocomplete=\"one-time-code\""));
    assert_int_equal(answer_it(&o, PASSWORD), 422);
    assert_true(is_in(&o.clerk));
    const char *code = totp_code(w->c->arena, k.f.seed, w->c->now_us / SECOND_US / TOTP_STEP_S);
    assert_int_equal(answer_it(&o, code), 303);
    assert_false(is_in(&o.clerk));
    clock_by(w, OLD_US);
    assert_int_equal(press(&o), 403);
    assert_int_equal(answer_it(&o, code), 422); /* good once */
    web_end(o.web);
}

/* ---- programs ---- */

static void asks_programs(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    const char *body = "{\"reason\":\"" REASON "\"}";
    clock_by(w, OLD_US);
    web_get(&o.admin, account_of(&o));
    o.admin.key = "01ARZ3NDEKTSV4RRFFQ69G5FAW";
    assert_int_equal(web_post_json(&o.admin, lock_of(&o), body), 403);
    assert_true(web_shows(&o.admin, "\"code\":\"ERR_PROVE\""));
    assert_int_equal(web_post_json(&o.admin, "/phien", "{\"proof\":\"sai\"}"), 422);
    assert_true(web_shows(&o.admin, "\"code\":\"ERR_PASSWORD_WRONG\""));
    assert_int_equal(web_post_json(&o.admin, lock_of(&o), body), 403);
    assert_true(is_in(&o.clerk));
    struct web_client stolen = o.admin;
    assert_int_equal(web_post_json(&o.admin, "/phien", "{\"proof\":\"" PASSWORD "\"}"), 200);
    assert_false(is_in(&stolen));
    assert_int_equal(web_post_json(&o.admin, lock_of(&o), body), 200); /* the same token */
    assert_false(is_in(&o.clerk));
    web_end(o.web);
}

/* ---- another post, other roles ---- */

static void another_post_is_no_proof(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    const char *second = post(w, o.admin_id, "auditor", "H57"), *first;
    struct work k = {.id = o.admin_id};
    assert_int_equal(do_read(w, find_posts, &k), OK);
    first = text_eq(k.posts[0].id, second) ? k.posts[1].id : k.posts[0].id;
    clock_by(w, OLD_US);
    web_get(&o.admin, "/tai-khoan");
    assert_int_equal(WEB_POST(&o.admin, "/tai-khoan/chuc-danh", "post", second), 303);
    web_get(&o.admin, "/tai-khoan");
    assert_int_equal(WEB_POST(&o.admin, "/tai-khoan/chuc-danh", "post", first), 303);
    assert_int_equal(press(&o), 403);
    assert_true(is_in(&o.clerk));
    web_end(o.web);
}

static void holds_as_the_role_says(struct node_world *w, void *arg)
{
    (void)arg;
    struct actor a = {.role = "administrator"};
    struct ctx c = *w->c;
    c.node = w->n;
    c.actor = &a;
    assert_int_equal(identity_proof.holds_us(&c), 10 * MINUTE_US);
    a.role = "records_leader";
    assert_int_equal(identity_proof.holds_us(&c), 10 * MINUTE_US);
    a.role = "commune_chairman";
    assert_int_equal(identity_proof.holds_us(&c), IDENTITY_PROOF_US);
    a.role = "citizen";
    assert_int_equal(identity_proof.holds_us(&c), IDENTITY_PROOF_US);
}

#define CASE(body)                                                                                 \
    static void test_identity_##body(void **state)                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(modules, ARRAY_LEN(modules), body, NULL);                                        \
    }
CASE(asks_nobody_who_just_came)
CASE(does_not_act_on_an_old_proof)
CASE(acts_with_the_password)
CASE(acts_once)
CASE(does_not_act_on_a_wrong_one)
CASE(keeps_the_proof_of_a_refused_act)
CASE(asks_for_a_code)
CASE(asks_programs)
CASE(another_post_is_no_proof)
CASE(holds_as_the_role_says)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_asks_nobody_who_just_came),
        cmocka_unit_test(test_identity_does_not_act_on_an_old_proof),
        cmocka_unit_test(test_identity_acts_with_the_password),
        cmocka_unit_test(test_identity_acts_once),
        cmocka_unit_test(test_identity_does_not_act_on_a_wrong_one),
        cmocka_unit_test(test_identity_keeps_the_proof_of_a_refused_act),
        cmocka_unit_test(test_identity_asks_for_a_code),
        cmocka_unit_test(test_identity_asks_programs),
        cmocka_unit_test(test_identity_another_post_is_no_proof),
        cmocka_unit_test(test_identity_holds_as_the_role_says),
    };
    return cmocka_run_group_tests_name("identity_proof", tests, NULL, NULL);
}
