/* SPDX-License-Identifier: Apache-2.0 */
/* What happened to an account reaches its owner, and tells nobody else anything. */
#include "engine/identity/identity_admin.h"
#include "engine/identity/identity_factor.h"
#include "engine/identity/identity_notice.h"
#include "engine/identity/test/identity_test.h"

#define NOTICES "/tai-khoan/thong-bao"
#define NEW     "việc mới với tài khoản của quý vị"
#define TRIED   "Số lần nhập sai mật khẩu"

static const char *const nothing[] = {NULL};

struct desk {
    struct node_world *w;
    struct web *web;
    struct web_client b, other;
    const char *lan;
};

static struct desk open_desk(struct node_world *w)
{
    struct desk d = {.w = w, .web = pages_open(w, web_test_reply), .lan = citizen(w, "lan", LAN)};
    d.b = web_client_new(w->c->arena, d.web);
    d.other = web_client_new(w->c->arena, d.web);
    d.other.peer = "10.9.9.9";
    return d;
}

static enum err count_notices(struct ctx *c, void *arg)
{
    return db_int(c, (int64_t *)arg, "SELECT count(*) FROM identity_notice");
}

static int64_t notices(struct desk *d)
{
    int64_t n = -1;
    assert_int_equal(do_read(d->w, count_notices, &n), OK);
    return n;
}

static bool is_told(struct web_client *b, const char *text)
{
    assert_int_equal(web_get(b, NOTICES), 200);
    return web_shows(b, text);
}

static void has_seen(struct web_client *b)
{
    web_get(b, NOTICES);
    assert_int_equal(web_post(b, NOTICES, nothing), 303);
}

static void tells_of_a_new_device(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    sign_in(&d.b, "lan");
    has_seen(&d.b);
    assert_int_equal(web_get(&d.b, "/tai-khoan"), 200);
    assert_false(web_shows(&d.b, NEW));
    sign_in(&d.b, "lan"); /* the same one again */
    assert_int_equal(notices(&d), 1);
    d.other.more[d.other.n_more++] =
        (struct http_header){"User-Agent", "Mozilla/5.0 (Android 9) Chrome/120 Safari/537"};
    sign_in(&d.other, "lan");
    assert_int_equal(notices(&d), 2);
    web_get(&d.b, "/tai-khoan");
    assert_true(web_shows(&d.b, NEW)); /* beside her name, on every page */
    assert_true(is_told(&d.b, "Đăng nhập từ thiết bị mới:"));
    assert_true(web_shows(&d.b, "Chrome, Android"));
    has_seen(&d.b);
    web_get(&d.b, "/tai-khoan");
    assert_false(web_shows(&d.b, NEW));
    assert_true(is_told(&d.b, "Chrome, Android")); /* and stays to be read */
    web_end(d.web);
}

/* The tries leave no line and their answers stay alike; the owner reads of them when in. */
static void tells_of_wrong_ones_at_the_right_one(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    for (int i = 0; i < IDENTITY_NOTICE_TRIES - 1; i++)
        assert_int_equal(try_sign_in(&d.other, "lan", "sai"), 422);
    assert_int_equal(try_sign_in(&d.other, "ai.do", "sai"), 422);
    sign_in(&d.b, "lan");
    assert_false(is_told(&d.b, TRIED)); /* a slip or two is nobody's news */
    has_seen(&d.b);
    int64_t before = notices(&d);
    for (int i = 0; i < IDENTITY_NOTICE_TRIES; i++)
        assert_int_equal(try_sign_in(&d.other, "lan", "sai"), 422);
    assert_int_equal(notices(&d), before);
    assert_false(web_shows(&d.other, NEW));
    sign_in(&d.b, "lan"); /* by her known device, which has slips of its own */
    assert_true(is_told(&d.b, TRIED));
    d.b.accept = "application/json";
    web_get(&d.b, NOTICES);
    assert_true(
        web_shows(&d.b, arena_printf(w->c->arena, "\"about\":\"%d\"", IDENTITY_NOTICE_TRIES)));
    d.b.accept = "text/html";
    has_seen(&d.b);
    before = notices(&d);
    sign_in(&d.b, "lan"); /* told once */
    assert_int_equal(notices(&d), before);
    web_end(d.web);
}

static void tells_of_a_new_password(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    const char *other = "cầu Trường Tiền sáu vài";
    (void)arg;
    sign_in(&d.b, "lan");
    has_seen(&d.b);
    web_get(&d.b, "/tai-khoan/mat-khau");
    assert_int_equal(WEB_POST(&d.b, "/tai-khoan/mat-khau", "password", PASSWORD, "new_password",
                              other, "new_password_again", other),
                     303);
    assert_true(is_told(&d.b, "Mật khẩu đã được đổi."));
    web_end(d.web);
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

static const char *app_shows(struct desk *d)
{
    struct look k = {.account = d->lan};
    assert_int_equal(do_read(d->w, look, &k), OK);
    assert_true(k.found);
    return totp_code(d->w->c->arena, k.f.seed, d->w->c->now_us / SECOND_US / TOTP_STEP_S);
}

/* Who types a wrong code knew the password: that is told, once a window of tries. */
static void tells_of_the_second_factor(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    sign_in(&d.b, "lan");
    web_get(&d.b, "/tai-khoan/hai-lop");
    assert_int_equal(WEB_POST(&d.b, "/tai-khoan/hai-lop", "password", PASSWORD), 303);
    web_get(&d.b, "/tai-khoan/hai-lop");
    assert_int_equal(WEB_POST(&d.b, "/tai-khoan/hai-lop/xac-nhan", "one_time_code", app_shows(&d)),
                     200);
    assert_true(is_told(&d.b, "Đã bật lớp bảo vệ thứ hai."));
    has_seen(&d.b);
    clock_by(w, TOTP_STEP_S * SECOND_US);
    int64_t before = notices(&d);
    assert_int_equal(try_sign_in(&d.other, "lan", PASSWORD), 303);
    for (int i = 0; i < 2; i++) {
        web_get(&d.other, "/dang-nhap/ma");
        assert_int_equal(WEB_POST(&d.other, "/dang-nhap/ma", "one_time_code", "khong-dung"), 422);
    }
    assert_int_equal(notices(&d), before + 1);
    assert_true(is_told(&d.b, "Mật khẩu đúng nhưng mã xác thực sai."));
    web_get(&d.b, "/tai-khoan/hai-lop");
    assert_int_equal(WEB_POST(&d.b, "/tai-khoan/hai-lop/bo", "password", PASSWORD, "one_time_code",
                              app_shows(&d)),
                     303);
    assert_true(is_told(&d.b, "Đã bỏ lớp bảo vệ thứ hai."));
    web_end(d.web);
}

/* Every act, not its reason; to the account it was done to, and nobody else. */
static void tells_of_administrators(struct node_world *w, void *arg)
{
    static const struct {
        const char *act, *told;
    } acts[] = {{"khoa", "Quản trị viên đã khóa tài khoản."},
                {"mo", "Quản trị viên đã mở khóa tài khoản."},
                {"phien", "Quản trị viên đã đăng xuất mọi thiết bị."}};
    struct desk d = open_desk(w);
    (void)arg;
    (void)post(w, official(w, "quantri"), "administrator", "H57");
    const char *clerk = official(w, "canbo");
    (void)post(w, clerk, "commune_clerk", "H57.31.08");
    sign_in(&d.other, "quantri");
    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        web_get(&d.other, arena_printf(w->c->arena, "/quan-tri/tai-khoan/%s", clerk));
        assert_int_equal(
            WEB_POST(&d.other,
                     arena_printf(w->c->arena, "/quan-tri/tai-khoan/%s/%s", clerk, acts[i].act),
                     "reason", "Theo quyết định số 12"),
            303);
    }
    sign_in(&d.b, "canbo");
    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        assert_true(is_told(&d.b, acts[i].told));
        assert_false(is_told(&d.other, acts[i].told));
    }
    assert_false(is_told(&d.b, "Theo quyết định"));
    web_end(d.web);
}

static enum err clean(struct ctx *c, void *arg)
{
    (void)arg;
    return identity_store_clean(c);
}

static void forgets_after_a_year(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    sign_in(&d.b, "lan");
    assert_int_equal(notices(&d), 1);
    clock_by(w, IDENTITY_NOTICE_US + SECOND_US);
    assert_int_equal(do_write(w, clean, NULL), OK);
    assert_int_equal(notices(&d), 0);
    web_end(d.web);
}

#define CASE(body)                                                                                 \
    static void test_identity_##body(void **state)                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(modules, ARRAY_LEN(modules), body, NULL);                                        \
    }
CASE(tells_of_a_new_device)
CASE(tells_of_wrong_ones_at_the_right_one)
CASE(tells_of_a_new_password)
CASE(tells_of_the_second_factor)
CASE(tells_of_administrators)
CASE(forgets_after_a_year)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_tells_of_a_new_device),
        cmocka_unit_test(test_identity_tells_of_wrong_ones_at_the_right_one),
        cmocka_unit_test(test_identity_tells_of_a_new_password),
        cmocka_unit_test(test_identity_tells_of_the_second_factor),
        cmocka_unit_test(test_identity_tells_of_administrators),
        cmocka_unit_test(test_identity_forgets_after_a_year),
    };
    return cmocka_run_group_tests_name("identity_notice", tests, NULL, NULL);
}
