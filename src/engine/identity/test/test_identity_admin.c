/* SPDX-License-Identifier: Apache-2.0 */
/* The administrators' pages through the real routes: what they show, what each act does to the
   person it is about, and what nobody may do. */
#include "engine/identity/test/identity_test.h"

#include "core/subject.h"
#include "engine/identity/identity_admin.h"

#define LIST   "/quan-tri/tai-khoan"
#define REASON "Theo quyết định số 12"

static const char *const nothing[] = {NULL};

struct office { /* an administrator at one browser, a clerk at another */
    struct node_world *w;
    struct web *web;
    struct web_client admin, clerk;
    const char *admin_id, *clerk_id, *clerk_post;
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
    o.clerk_post = post(w, o.clerk_id, "commune_clerk", "H57.31.08");
    sign_in(&o.admin, "quantri");
    sign_in(&o.clerk, "canbo");
    return o;
}

static const char *at(struct office *o, const char *id, const char *act)
{
    return arena_printf(o->w->c->arena, LIST "/%s%s%s", id, *act ? "/" : "", act);
}

/* Presses a button of the account's page; the status. */
static int press(struct office *o, const char *id, const char *act, const char *reason)
{
    web_get(&o->admin, at(o, id, ""));
    return WEB_POST(&o->admin, at(o, id, act), "reason", reason);
}

static const char *led_to(struct office *o)
{
    const char *to = web_answer_header(&o->admin, "Location");
    return to ? to : "";
}

static const char *ha_phan(struct node_world *w)
{
    struct work k = {.account = {.username = "ha.phan",
                                 .person = "",
                                 .name = "Phan Thị Thu Hà",
                                 .kind = ACTOR_OFFICIAL},
                     .phc = ""};
    assert_int_equal(do_write(w, add_account, &k), OK);
    return k.id;
}

/* ---- what they show ---- */

static void shows_accounts_without_names(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    const char *lan = citizen(w, "lan", LAN), *ha = ha_phan(w);
    for (int json = 0; json < 2; json++) {
        o.admin.accept = json ? "application/json" : "text/html";
        assert_int_equal(web_get(&o.admin, LIST), 200);
        assert_true(web_shows(&o.admin, "canbo"));
        assert_true(web_shows(&o.admin, "P. T. T. Hà"));
        assert_false(web_shows(&o.admin, "Phan Thị Thu Hà"));
        assert_int_equal(web_get(&o.admin, at(&o, ha, "")), 200);
        assert_true(web_shows(&o.admin, "P. T. T. Hà"));
        assert_false(web_shows(&o.admin, "Phan Thị Thu Hà"));
        assert_int_equal(web_get(&o.admin, LIST), 200);
        assert_false(web_shows(&o.admin, lan)); /* citizens stand on a list of their own */
        assert_int_equal(web_get(&o.admin, LIST "?loai=nguoi-dan"), 200);
        assert_true(web_shows(&o.admin, lan));
        assert_false(web_shows(&o.admin, "canbo"));
        assert_false(web_shows(&o.admin, "Trần Thị Lan"));
        assert_int_equal(web_get(&o.admin, at(&o, lan, "")), 200);
        assert_true(web_shows(&o.admin, "T. T. Lan"));
        assert_false(web_shows(&o.admin, "Trần Thị Lan"));
        assert_false(web_shows(&o.admin, LAN));
        assert_int_equal(web_get(&o.admin, at(&o, o.clerk_id, "")), 200);
        assert_true(web_shows(&o.admin, "H57.31.08") || web_shows(&o.admin, "Vỹ Dạ"));
        assert_int_equal(web_get(&o.admin, at(&o, "khong-co", "")), 404);
    }
    web_end(o.web);
}

static size_t found(struct office *o, const char *words)
{
    struct buf b = buf_new(o->w->c->arena, 4096);
    buf_text(&b, LIST "?tim=");
    buf_url(&b, words);
    o->admin.accept = "application/json";
    assert_int_equal(web_search(&o->admin, b.ptr), 200);
    o->admin.accept = "text/html";
    size_t n = 0;
    for (const char *p = o->admin.text; (p = strstr(p, "\"username\":")); p++)
        n++;
    return n;
}

static void finds_with_and_without_marks(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    (void)ha_phan(w);
    (void)citizen(w, "lan", LAN);
    static const struct {
        const char *words;
        size_t n;
    } rows[] = {{"ha.phan", 1}, {"HA.P", 1}, {"Phan Hà", 1}, {"phan ha", 1},  {"thu", 1},
                {"canbo", 1},   {"can", 2},  {"Cán", 2},     {"le van", 2},   {"phan can", 0},
                {"lan", 0},     {"Trần", 0}, {LAN, 0},       {"%", 0},        {"khong ai", 0},
                {"", 3},        {"  ", 3},   {"quantri", 1}, {"a' OR 1=1", 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t n = found(&o, rows[i].words);
        if (n != rows[i].n)
            print_error("%s: %zu\n", rows[i].words, n);
        assert_int_equal(n, rows[i].n);
    }
    web_end(o.web);
}

static void pages_by_key(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    struct work k = {.account = {.person = "", .name = "Người Đông", .kind = ACTOR_OFFICIAL}};
    for (int i = 0; i < 60; i++) {
        k.account.username = arena_printf(w->c->arena, "nguoi%02d", i);
        assert_int_equal(do_write(w, add_account, &k), OK);
    }
    const char *next = LIST "?tim=nguoi";
    size_t seen = 0, pages = 0;
    int64_t first = -1;
    o.admin.accept = "application/json";
    while (next && pages < 9) {
        struct db_stats before = db_stats(w->n->db);
        assert_int_equal(pages ? web_get(&o.admin, next) : web_search(&o.admin, next), 200);
        int64_t cost = db_stats(w->n->db).statements - before.statements;
        first = first < 0 ? cost : first;
        assert_true(cost <= first + 1); /* a page costs what a page costs */
        for (int i = 0; i < 60; i++)
            seen += web_shows(&o.admin, arena_printf(w->c->arena, "\"nguoi%02d\"", i));
        const char *link = strstr(o.admin.text, "\"next\":\"/");
        next = link ? arena_text_n(w->c->arena, link + 8, strcspn(link + 8, "\"")) : NULL;
        pages++;
    }
    assert_int_equal(seen, 60);
    assert_int_equal(pages, 3);
    web_end(o.web);
}

static enum err forget_words(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "DELETE FROM identity_word");
}

static enum err fill_words(struct ctx *c, void *arg)
{
    (void)arg;
    return identity_words_fill(c);
}

/* Accounts made before words were kept are found after the next start. */
static void finds_old_accounts(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    assert_int_equal(do_write(w, forget_words, NULL), OK);
    assert_int_equal(found(&o, "van can"), 0);
    assert_int_equal(do_write(w, fill_words, NULL), OK);
    assert_int_equal(found(&o, "van can"), 2);
    web_end(o.web);
}

/* ---- what they do ---- */

static void locks_and_opens(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    assert_true(is_in(&o.clerk));
    assert_int_equal(press(&o, o.clerk_id, "khoa", ""), 422); /* a reason first */
    assert_true(web_shows(&o.admin, "Lý do"));
    assert_true(is_in(&o.clerk));
    assert_int_equal(press(&o, o.clerk_id, "khoa", REASON), 303);
    assert_string_equal(led_to(&o), arena_printf(w->c->arena, LIST "/%s?xong=disable", o.clerk_id));
    assert_int_equal(web_follow(&o.admin), 200);
    assert_true(web_shows(&o.admin, "Đã xong: Khóa tài khoản"));
    assert_true(web_shows(&o.admin, REASON)); /* told on the account */
    assert_false(is_in(&o.clerk));            /* at the next request */
    assert_int_equal(try_sign_in(&o.clerk, "canbo", PASSWORD), 422);
    assert_int_equal(web_get(&o.admin, arena_printf(w->c->arena, LIST "/%s?xong=give", o.clerk_id)),
                     200);
    assert_false(web_shows(&o.admin, "Đã xong")); /* an address can't claim another act */
    assert_int_equal(press(&o, o.clerk_id, "mo", REASON), 303);
    assert_false(is_in(&o.clerk)); /* sessions don't come back with it */
    sign_in(&o.clerk, "canbo");
    web_end(o.web);
}

static void gives_and_ends_posts(struct node_world *w, void *arg)
{
    (void)arg;
    static const struct {
        const char *role, *unit, *reason;
        int status;
    } rows[] = {
        {"commune_clerk", "H57.31.08", REASON, 422},     /* held already */
        {"commune_clerk", "000.08.31.H57", REASON, 422}, /* the same by its old code */
        {"king", "H57.31.08", REASON, 422},              /* no such role */
        {"citizen", "H57.31.08", REASON, 422},           /* nobody's office */
        {"supervisor", "H57.99", REASON, 422},           /* no such unit */
        {"supervisor", "G24", REASON, 422},              /* another node's */
        {"supervisor", "", REASON, 422},
        {"supervisor", "H57.31", "", 422},
        {"supervisor", "H57.31", REASON, 303},
    };
    struct office o = open_office(w);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(web_get(&o.admin, at(&o, o.clerk_id, "chuc-danh")), 200);
        int status = WEB_POST(&o.admin, at(&o, o.clerk_id, "chuc-danh"), "role", rows[i].role,
                              "unit", rows[i].unit, "reason", rows[i].reason);
        if (status != rows[i].status)
            print_error("%s at %s: %d\n", rows[i].role, rows[i].unit, status);
        assert_int_equal(status, rows[i].status);
    }
    o.admin.accept = "application/json"; /* a program is told what may be given */
    assert_int_equal(web_get(&o.admin, at(&o, o.clerk_id, "chuc-danh")), 200);
    assert_true(web_shows(&o.admin, "{\"code\":\"supervisor\",\"label\":"));
    assert_false(web_shows(&o.admin, "\"code\":\"citizen\""));
    assert_false(web_shows(&o.admin, "\"reason\""));
    o.admin.accept = "text/html";
    struct work k = {.id = o.clerk_id};
    assert_int_equal(do_read(w, find_posts, &k), OK);
    assert_int_equal(k.n, 2);
    const char *given = k.posts[1].id;
    web_get(&o.clerk, "/tai-khoan");
    assert_int_equal(WEB_POST(&o.clerk, "/tai-khoan/chuc-danh", "post", given), 303);
    assert_int_equal(web_get(&o.clerk, "/toi"), 200);
    assert_string_equal(o.clerk.text, "Lê Văn Cán|supervisor|H57.31");
    assert_int_equal(
        press(&o, o.clerk_id, arena_printf(w->c->arena, "chuc-danh/%s/thoi", given), REASON), 303);
    assert_false(is_in(&o.clerk)); /* acted in it: out at the next request */
    sign_in(&o.clerk, "canbo");    /* the other post stays */
    assert_int_equal(
        press(&o, o.clerk_id, arena_printf(w->c->arena, "chuc-danh/%s/thoi", given), REASON), 422);
    assert_int_equal(
        press(&o, o.admin_id, arena_printf(w->c->arena, "chuc-danh/%s/thoi", o.clerk_post), REASON),
        422); /* by another account's address */
    assert_true(is_in(&o.clerk));
    web_end(o.web);
}

static void signs_out_everywhere(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    struct web_client phone = web_client_new(w->c->arena, o.web);
    sign_in(&phone, "canbo");
    assert_int_equal(press(&o, o.clerk_id, "phien", REASON), 303);
    assert_false(is_in(&o.clerk));
    assert_false(is_in(&phone));
    assert_true(is_in(&o.admin));
    web_end(o.web);
}

/* Good once, for a day, for nothing but choosing one's own. */
static void gives_a_password_once(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    wrong_times(w, "canbo", "10.1.1.1", IDENTITY_TRIES); /* that is why they call */
    assert_int_equal(press(&o, o.clerk_id, "mat-khau", REASON), 200);
    const char *p = strstr(o.admin.text, "<span class=\"dinh-code\">");
    assert_non_null(p);
    p += strlen("<span class=\"dinh-code\">");
    const char *password = arena_text_n(w->c->arena, p, strcspn(p, "<"));
    assert_int_equal(strlen(password), 17);
    assert_false(is_in(&o.clerk));
    assert_int_equal(try_sign_in(&o.clerk, "canbo", PASSWORD), 422); /* the old one is gone */
    assert_int_equal(try_sign_in(&o.clerk, "canbo", password), 303);
    assert_string_equal(web_answer_header(&o.clerk, "Location"), "/tai-khoan/mat-khau");
    assert_int_equal(web_get(&o.clerk, "/tiep-nhan"), 403); /* no right yet */
    assert_int_equal(web_get(&o.clerk, "/tai-khoan/mat-khau"), 200);
    assert_true(web_shows(&o.clerk, "mật khẩu một lần"));
    assert_int_equal(WEB_POST(&o.clerk, "/tai-khoan/mat-khau", "password", password, "new_password",
                              PASSWORD, "new_password_again", PASSWORD),
                     303);
    assert_int_equal(web_get(&o.clerk, "/tiep-nhan"), 200);
    assert_int_equal(web_get(&o.admin, at(&o, o.clerk_id, "")), 200);
    assert_false(web_shows(&o.admin, password)); /* shown once */
    /* not after a day */
    assert_int_equal(press(&o, o.clerk_id, "mat-khau", REASON), 200);
    p = strstr(o.admin.text, "<span class=\"dinh-code\">") + strlen("<span class=\"dinh-code\">");
    password = arena_text_n(w->c->arena, p, strcspn(p, "<"));
    clock_by(w, IDENTITY_ONCE_US);
    assert_int_equal(try_sign_in(&o.clerk, "canbo", password), 422);
    web_end(o.web);
}

/* ---- what nobody may ---- */

static void spares_oneself_and_the_last(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    struct work k = {.id = o.admin_id};
    assert_int_equal(do_read(w, find_posts, &k), OK);
    const char *own = arena_printf(w->c->arena, "chuc-danh/%s/thoi", k.posts[0].id);
    const char *const acts[] = {"khoa", "mo", "phien", "mat-khau", own};
    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        assert_int_equal(press(&o, o.admin_id, acts[i], REASON), 422);
        assert_true(web_shows(&o.admin, "chính mình"));
        assert_true(is_in(&o.admin));
    }
    web_get(&o.admin, at(&o, o.admin_id, "chuc-danh"));
    assert_int_equal(WEB_POST(&o.admin, at(&o, o.admin_id, "chuc-danh"), "role", "auditor", "unit",
                              "H57", "reason", REASON),
                     422);
    /* the last one: nobody, by no other way either */
    struct work last = {.id = o.admin_id, .yes = true};
    assert_int_equal(do_write(w, disable, &last), ERR_LAST_ADMIN);
    last.id = k.posts[0].id;
    assert_int_equal(do_write(w, end_grant, &last), ERR_LAST_ADMIN);
    /* a second one: then it may be done, and then that one is the last */
    const char *second = official(w, "quantri2");
    (void)post(w, second, "administrator", "H57.31");
    k.id = second;
    assert_int_equal(do_read(w, find_posts, &k), OK);
    const char *second_post = k.posts[0].id;
    last.id = o.admin_id;
    assert_int_equal(do_write(w, disable, &last), OK);
    assert_false(is_in(&o.admin));
    last.id = second;
    assert_int_equal(do_write(w, disable, &last), ERR_LAST_ADMIN);
    last.id = second_post;
    assert_int_equal(do_write(w, end_grant, &last), ERR_LAST_ADMIN);
    web_end(o.web);
}

static void refuses_others(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    struct web_client guest = web_client_new(w->c->arena, o.web), auditor = guest, lan = guest;
    const char *citizens = citizen(w, "lan", LAN);
    (void)post(w, official(w, "kiemtra"), "auditor", "H57"); /* reaches the node, may not */
    sign_in(&auditor, "kiemtra");
    sign_in(&lan, "lan");
    struct web_client *const all[] = {&o.clerk, &auditor, &lan};
    static const char *const acts[] = {"khoa", "mo", "phien", "mat-khau", "chuc-danh"};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        assert_int_equal(web_get(all[i], LIST), 403);
        assert_int_equal(web_get(all[i], at(&o, o.clerk_id, "")), 403);
        web_get(all[i], "/tai-khoan");
        for (size_t k = 0; k < ARRAY_LEN(acts); k++)
            assert_int_equal(WEB_POST(all[i], at(&o, o.clerk_id, acts[k]), "reason", REASON, "role",
                                      "administrator", "unit", "H57"),
                             403);
    }
    assert_int_equal(web_get(&guest, LIST), 303);
    assert_int_equal(web_post(&guest, at(&o, o.clerk_id, "khoa"), nothing), 401);
    /* of citizens neither a post nor a password: they would be somebody else's key */
    assert_int_equal(press(&o, citizens, "mat-khau", REASON), 422);
    web_get(&o.admin, at(&o, citizens, "chuc-danh"));
    assert_int_equal(WEB_POST(&o.admin, at(&o, citizens, "chuc-danh"), "role", "auditor", "unit",
                              "H57", "reason", REASON),
                     422);
    assert_int_equal(press(&o, citizens, "khoa", REASON), 303); /* but locked */
    assert_false(is_in(&lan));
    assert_true(is_in(&o.clerk));
    web_end(o.web);
}

/* ---- what is kept ---- */

static enum err acts_of(struct ctx *c, void *arg)
{
    int64_t *n = arg;
    enum err e =
        db_int(c, &n[0], "SELECT count(*) FROM core_audit WHERE action = 'identity.admin'");
    if (!e)
        e = db_int(c, &n[1], "SELECT count(*) FROM identity_act");
    return e;
}

static enum err clear_reasons(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    bool *clear = arg;
    struct bytes b = row_blob(r, 0);
    *clear = *clear || memmem(b.ptr, b.len, REASON, strlen(REASON));
    return OK;
}

static enum err look_for_reasons(struct ctx *c, void *arg)
{
    return db_each(c, clear_reasons, arg, "SELECT reason FROM identity_act");
}

static void is_told(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    int64_t n[2];
    bool clear = false;
    static const char *const acts[] = {"phien", "khoa", "mo"};
    for (size_t i = 0; i < ARRAY_LEN(acts); i++)
        assert_int_equal(press(&o, o.clerk_id, acts[i], REASON), 303);
    assert_int_equal(press(&o, o.clerk_id, "khoa", "x"), 422); /* refused: no trace */
    assert_int_equal(do_read(w, acts_of, n), OK);
    assert_int_equal(n[0], 3);
    assert_int_equal(n[1], 3);
    assert_int_equal(do_read(w, look_for_reasons, &clear), OK);
    assert_false(clear);
    web_end(o.web);
}

#define ADMIN_TEST(body)                                                                           \
    static void test_admin_##body(void **state)                                                    \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(modules, ARRAY_LEN(modules), body, NULL);                                        \
    }
ADMIN_TEST(shows_accounts_without_names)
ADMIN_TEST(finds_with_and_without_marks)
ADMIN_TEST(pages_by_key)
ADMIN_TEST(finds_old_accounts)
ADMIN_TEST(locks_and_opens)
ADMIN_TEST(gives_and_ends_posts)
ADMIN_TEST(signs_out_everywhere)
ADMIN_TEST(gives_a_password_once)
ADMIN_TEST(spares_oneself_and_the_last)
ADMIN_TEST(refuses_others)
ADMIN_TEST(is_told)

/* ---- destroyed when its term ended ---- */

static enum err destroy_account(struct ctx *c, void *arg)
{
    return subject_destroy_of(c, SUBJECT_ACCOUNT, arg, "hết thời hạn");
}

static void destroyed_is_nobody(struct node_world *w, void *arg)
{
    (void)arg;
    struct office o = open_office(w);
    as_system(w, "retention");
    assert_int_equal(do_write(w, destroy_account, (void *)(uintptr_t)o.clerk_id), OK);
    assert_int_equal(subjects_shred(w->c), OK);
    assert_int_equal(web_get(&o.admin, LIST), 200); /* the others are still found */
    assert_true(web_shows(&o.admin, "quantri"));
    assert_int_equal(web_get(&o.admin, at(&o, o.clerk_id, "")), 200);
    struct web_client again = web_client_new(w->c->arena, o.web);
    assert_int_equal(try_sign_in(&again, "canbo", PASSWORD), 422);
    web_end(o.web);
}

static void test_identity_destroyed_account_is_nobody(void **state)
{
    (void)state;
    node_test(modules, ARRAY_LEN(modules), destroyed_is_nobody, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_destroyed_account_is_nobody),
        cmocka_unit_test(test_admin_shows_accounts_without_names),
        cmocka_unit_test(test_admin_finds_with_and_without_marks),
        cmocka_unit_test(test_admin_pages_by_key),
        cmocka_unit_test(test_admin_finds_old_accounts),
        cmocka_unit_test(test_admin_locks_and_opens),
        cmocka_unit_test(test_admin_gives_and_ends_posts),
        cmocka_unit_test(test_admin_signs_out_everywhere),
        cmocka_unit_test(test_admin_gives_a_password_once),
        cmocka_unit_test(test_admin_spares_oneself_and_the_last),
        cmocka_unit_test(test_admin_refuses_others),
        cmocka_unit_test(test_admin_is_told),
    };
    return cmocka_run_group_tests_name("identity_admin", tests, NULL, NULL);
}
