/* SPDX-License-Identifier: Apache-2.0 */
/* Sign-in, posts, password and sessions through the real routes, as browsers see them. */
#include "engine/identity/test/identity_test.h"

static const char *const nothing[] = {NULL};

struct desk { /* a node's pages and two browsers */
    struct node_world *w;
    struct web *web;
    struct web_client b, other;
};

static struct desk open_desk(struct node_world *w)
{
    struct desk d = {.w = w, .web = pages_open(w, web_test_reply)};
    d.b = web_client_new(w->c->arena, d.web);
    d.other = web_client_new(w->c->arena, d.web);
    d.other.peer = "10.9.9.9";
    return d;
}

/* Tokens and keys are fresh in each page: leaves them out. */
static const char *still(struct web_client *b)
{
    char *text = arena_text(b->arena, b->text);
    static const char *const names[] = {" name=\"_csrf\" value=\"", " name=\"_key\" value=\""};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        for (char *at = strstr(text, names[i]); at; at = strstr(at + 1, names[i]))
            for (char *p = at + strlen(names[i]); *p && *p != '"'; p++)
                *p = '-';
    }
    return text;
}

/* ---- in ---- */

static void lets_in(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    citizen(w, "lan", LAN);
    assert_false(is_in(&d.b));
    web_get(&d.b, "/dang-nhap");
    sign_in(&d.b, "LAN");
    assert_true(is_in(&d.b));
    assert_string_equal(d.b.text, "Trần Thị Lan|citizen|");
    assert_int_equal(web_get(&d.b, "/tiep-nhan"), 403);
    assert_int_equal(web_get(&d.b, "/dang-nhap?next=/tai-khoan"), 303); /* is in already */
    assert_string_equal(web_answer_header(&d.b, "Location"), "/tai-khoan");
    assert_int_equal(web_get(&d.b, "/dang-nhap?lai=1"), 200); /* wants to prove it anew */
    web_end(d.web);
}

static void refuses_an_official_without_post(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    official(w, "can");
    assert_int_equal(try_sign_in(&d.b, "can", PASSWORD), 403);
    assert_false(is_in(&d.b));
    web_end(d.web);
}

/* Wrong password, no such name, disabled, no password here: one answer, and as many writes. */
static void tells_no_names(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    static const char *const names[] = {"lan", "nobody", "off", "afar", "lần này"};
    const char *first = NULL;
    int64_t writes = -1;
    (void)arg;
    citizen(w, "lan", LAN);
    struct work k = {.id = citizen(w, "off", "046194900002"), .yes = true};
    assert_int_equal(do_write(w, disable, &k), OK);
    k.account = (struct identity_account){
        .username = "afar", .person = "046194900003", .name = "Xa", .kind = ACTOR_CITIZEN};
    assert_int_equal(do_write(w, add_account, &k), OK);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct web_client b = web_client_new(w->c->arena, d.web);
        web_get(&b, "/dang-nhap");
        struct db_stats before = db_stats(w->n->db);
        assert_int_equal(
            WEB_POST(&b, "/dang-nhap", "username", names[i], "password", "sai", "next", "/toi"),
            422);
        int64_t written = db_stats(w->n->db).writes - before.writes;
        char *text = arena_text(b.arena, still(&b));
        char *typed = strstr(text, arena_printf(b.arena, "value=\"%s\"", names[i]));
        assert_non_null(typed); /* what was typed stands there again, the password doesn't */
        memset(typed, '-', strlen(names[i]) + 8);
        memmove(typed, typed + strlen(names[i]), strlen(typed + strlen(names[i])) + 1);
        assert_null(strstr(text, "sai\""));
        if (first)
            assert_string_equal(text, first);
        if (writes >= 0)
            assert_int_equal(written, writes);
        first = text;
        writes = written;
    }
    web_end(d.web);
}

static enum err clean(struct ctx *c, void *arg)
{
    (void)arg;
    return identity_store_clean(c);
}

static void locks_alike(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    static const char *const names[] = {"lan", "lam"}; /* one exists */
    const char *page[2];
    (void)arg;
    citizen(w, "lan", LAN);
    for (int i = 0; i < 2; i++) {
        wrong_times(w, names[i], "10.1.1.1", IDENTITY_TRIES - 1);
        assert_int_equal(try_sign_in(&d.b, names[i], "sai"), 422);
        assert_int_equal(try_sign_in(&d.b, names[i], PASSWORD), 429);
        assert_true(web_shows(&d.b, "15 phút"));
        page[i] = still(&d.b);
        char *typed = strstr(page[i], arena_printf(d.b.arena, "value=\"%s\"", names[i]));
        assert_non_null(typed);
        typed[9] = '-'; /* the one letter in which the names differ */
    }
    assert_string_equal(page[0], page[1]);
    assert_int_equal(try_sign_in(&d.other, "lan", PASSWORD), 429); /* from elsewhere too */
    citizen(w, "minh", "046194900002");
    sign_in(&d.b, "minh"); /* the neighbour isn't hit */
    clock_by(w, IDENTITY_WINDOW_US);
    sign_in(&d.other, "lan");
    web_end(d.web);
}

static void forgets_after_a_right_one(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    citizen(w, "lan", LAN);
    for (int round = 0; round < 2; round++) {
        struct web_client b = web_client_new(w->c->arena, d.web);
        wrong_times(w, "lan", "10.1.1.1", IDENTITY_TRIES - 1);
        sign_in(&b, "lan");
    }
    web_end(d.web);
}

/* The same browser later: its session is over, what it keeps for a year is not. */
static struct web_client later(struct desk *d, const struct web_client *then)
{
    struct web_client b = web_client_new(d->w->c->arena, d->web);
    size_t n = 0;
    const char **kept = text_split(b.arena, then->cookies, ';', &n);
    for (size_t i = 0; i < n; i++)
        if (strstr(kept[i], "-device="))
            b.cookies = kept[i] + strspn(kept[i], " ");
    assert_true(*b.cookies);
    return b;
}

/* Strangers shut a name; who signed in there before still comes in, and nobody else by his cookie.
 */
static void knows_devices(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    citizen(w, "lan", LAN);
    citizen(w, "minh", "046194900002");
    sign_in(&d.b, "lan");
    d.b = later(&d, &d.b);
    wrong_times(w, "lan", "10.1.1.1", IDENTITY_TRIES);
    wrong_times(w, "minh", "10.1.1.1", IDENTITY_TRIES);
    assert_int_equal(try_sign_in(&d.other, "lan", PASSWORD), 429);
    assert_int_equal(try_sign_in(&d.b, "lan", "sai"), 422);
    assert_int_equal(try_sign_in(&d.b, "minh", PASSWORD), 429); /* not hers */
    sign_in(&d.b, "lan");
    d.b = later(&d, &d.b);
    assert_int_equal(try_sign_in(&d.other, "lan", PASSWORD), 429); /* strangers wait as before */
    for (int i = 0; i < IDENTITY_TRIES; i++) /* a device that was lost has its own end */
        assert_int_equal(try_sign_in(&d.b, "lan", "sai"), 422);
    assert_int_equal(try_sign_in(&d.b, "lan", PASSWORD), 429);
    clock_by(w, IDENTITY_WINDOW_US);
    sign_in(&d.b, "lan");
    web_end(d.web);
}

static void believes_no_other_cookie(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    citizen(w, "lan", LAN);
    sign_in(&d.b, "lan");
    char *kept = arena_text(w->c->arena, later(&d, &d.b).cookies);
    char *device = strstr(kept, "-device=") + strlen("-device=");
    char *places[] = {device, device + 25, strchr(device, '.'), strchr(device, '.') + 1};
    wrong_times(w, "lan", "10.1.1.1", IDENTITY_TRIES);
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        char was = *places[i];
        *places[i] = was == '7' ? '5' : '7';
        d.other.cookies = arena_text(w->c->arena, kept);
        assert_int_equal(try_sign_in(&d.other, "lan", PASSWORD), 429);
        *places[i] = was;
    }
    d.other.cookies = kept;
    sign_in(&d.other, "lan");
    d.other = later(&d, &d.other);
    web_get(&d.b, "/tai-khoan/mat-khau"); /* a new password makes all of them strangers but this */
    assert_int_equal(WEB_POST(&d.b, "/tai-khoan/mat-khau", "password", PASSWORD, "new_password",
                              "mot cau rat dai khac", "new_password_again", "mot cau rat dai khac"),
                     303);
    assert_int_equal(try_sign_in(&d.other, "lan", "mot cau rat dai khac"), 429);
    web_end(d.web);
}

/* A hundred wrong ones without a right one between them, however slowly: strangers wait no more. */
static void stops_a_streak(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    citizen(w, "lan", LAN);
    sign_in(&d.b, "lan");
    for (int i = 0; i < IDENTITY_STREAK; i += IDENTITY_TRIES) {
        wrong_times(w, "lan", "10.1.1.1", IDENTITY_TRIES);
        wrong_times(w, "lam", "10.1.1.1", IDENTITY_TRIES);
        clock_by(w, 2 * DAY_US);
        assert_int_equal(do_write(w, clean, NULL), OK);
    }
    d.b = later(&d, &d.b);
    assert_int_equal(try_sign_in(&d.other, "lan", PASSWORD), 403);
    assert_true(web_shows(&d.other, "thiết bị lạ"));
    assert_int_equal(try_sign_in(&d.other, "lam", PASSWORD), 403); /* who isn't there too */
    sign_in(&d.b, "lan");
    sign_in(&d.other, "lan");        /* a right one ends the streak */
    clock_by(w, IDENTITY_STREAK_US); /* a month of silence ends it as well */
    assert_int_equal(do_write(w, clean, NULL), OK);
    assert_int_equal(try_sign_in(&d.other, "lam", PASSWORD), 422);
    web_end(d.web);
}

static enum err wrong_from(struct ctx *c, void *arg)
{
    const struct work *k = arg;
    enum err e = OK;
    for (size_t i = 0; i < k->n && !e; i++)
        e = identity_store_try_add(c, "address", k->peer, false);
    return e;
}

static void locks_an_address(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    struct work k = {.peer = "10.9.9.9", .n = IDENTITY_PEER - 1};
    (void)arg;
    citizen(w, "lan", LAN);
    assert_int_equal(do_write(w, wrong_from, &k), OK);
    assert_int_equal(try_sign_in(&d.other, "some-name", "sai"), 422);
    assert_int_equal(try_sign_in(&d.other, "lan", PASSWORD), 429);
    struct web_client front = web_client_new(w->c->arena, d.web); /* by our proxy, from there */
    front.peer = "unix";
    front.more[front.n_more++] = (struct http_header){"X-Real-IP", "10.9.9.9"};
    assert_int_equal(try_sign_in(&front, "lan", PASSWORD), 429);
    front.more[0].value = "10.9.9.8";
    sign_in(&front, "lan");
    d.other.more[d.other.n_more++] = front.more[0]; /* who isn't our proxy can't say so */
    assert_int_equal(try_sign_in(&d.other, "lan", PASSWORD), 429);
    sign_in(&d.b, "lan");
    clock_by(w, IDENTITY_WINDOW_US);
    sign_in(&d.other, "lan");
    web_end(d.web);
}

static void goes_on_only_here(struct node_world *w, void *arg)
{
    static const char *const cases[][2] = {
        {"/ho-so?x=1#a", "/ho-so?x=1#a"},
        {"", "/"},
        {"//evil.example/", "/"},
        {"/\\evil.example", "/"},
        {"\\/evil.example", "/"},
        {"/\t/evil.example", "/"},
        {"/ /evil.example", "/"},
        {"https://evil.example/", "/"},
        {"javascript:alert(1)", "/"},
        {"evil.example", "/"},
        {" /toi", "/toi"}, /* trimmed as all that is typed */
        {"/a\\..\\evil", "/"},
        {"/x\r\nSet-Cookie: a=b", "/"},
    };
    struct desk d = open_desk(w);
    (void)arg;
    citizen(w, "lan", LAN);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct web_client b = web_client_new(w->c->arena, d.web);
        web_get(&b, "/dang-nhap");
        assert_int_equal(WEB_POST(&b, "/dang-nhap", "username", "lan", "password", PASSWORD, "next",
                                  cases[i][0]),
                         303);
        if (!text_eq(web_answer_header(&b, "Location"), cases[i][1]))
            print_error("case %zu\n", i);
        assert_string_equal(web_answer_header(&b, "Location"), cases[i][1]);
    }
    web_end(d.web);
}

/* ---- sessions ---- */

static void rotates(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    const char *id = official(w, "can");
    post(w, id, "commune_clerk", "H57.31");
    post(w, id, "commune_clerk", "H57.32");
    sign_in(&d.b, "can");
    const char *first = d.b.cookies;
    assert_int_equal(web_get(&d.b, "/tiep-nhan"), 200);
    assert_string_equal(d.b.text, "Lê Văn Cán|commune_clerk|H57.31");
    web_get(&d.b, "/tai-khoan");
    const char *other = web_input(&d.b, "post");
    assert_non_null(other);
    assert_int_equal(WEB_POST(&d.b, "/tai-khoan/chuc-danh", "post", other), 303);
    assert_string_not_equal(d.b.cookies, first);
    assert_int_equal(web_get(&d.b, "/tiep-nhan"), 200);
    assert_string_equal(d.b.text, "Lê Văn Cán|commune_clerk|H57.32");
    d.other.cookies = first; /* the session before the change is gone, on the server */
    assert_false(is_in(&d.other));
    const char *second = d.b.cookies; /* a second sign-in in the same browser: again another */
    web_get(&d.b, "/dang-nhap?lai=1");
    assert_int_equal(
        WEB_POST(&d.b, "/dang-nhap", "username", "can", "password", PASSWORD, "next", "/toi"), 303);
    assert_string_not_equal(d.b.cookies, second);
    d.other.cookies = second;
    assert_false(is_in(&d.other));
    web_end(d.web);
}

/* An attacker's session put into the victim's browser before the sign-in stays nobody's. */
static void fixes_no_session(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    citizen(w, "lan", LAN);
    citizen(w, "minh", "046194900002");
    sign_in(&d.other, "minh");
    const char *planted = d.other.cookies;
    d.b.cookies = planted;
    web_get(&d.b, "/dang-nhap?lai=1");
    assert_int_equal(
        WEB_POST(&d.b, "/dang-nhap", "username", "lan", "password", PASSWORD, "next", "/toi"), 303);
    assert_true(is_in(&d.b));
    d.other.cookies = planted;
    assert_false(is_in(&d.other));
    web_end(d.web);
}

static void refuses_other_peoples_posts(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    const char *id = official(w, "can"), *chairman = official(w, "chu-tich");
    post(w, id, "commune_clerk", "H57.31");
    const char *theirs = post(w, chairman, "commune_chairman", "H57.31");
    sign_in(&d.b, "can");
    web_get(&d.b, "/tai-khoan");
    assert_int_equal(WEB_POST(&d.b, "/tai-khoan/chuc-danh", "post", theirs), 403);
    web_get(&d.b, "/toi");
    assert_string_equal(d.b.text, "Lê Văn Cán|commune_clerk|H57.31");
    web_end(d.web);
}

static void ends_with_the_post(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    const char *id = official(w, "can");
    struct work k = {.id = post(w, id, "commune_clerk", "H57.31")};
    sign_in(&d.b, "can");
    assert_int_equal(web_get(&d.b, "/tiep-nhan"), 200);
    assert_int_equal(do_write(w, end_grant, &k), OK);
    assert_int_equal(web_get(&d.b, "/tiep-nhan"), 303); /* to the sign-in, on the next request */
    assert_false(is_in(&d.b));
    web_end(d.web);
}

static void ends_with_the_account(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    struct work k = {.id = citizen(w, "lan", LAN), .yes = true};
    sign_in(&d.b, "lan");
    assert_true(is_in(&d.b));
    assert_int_equal(do_write(w, disable, &k), OK);
    assert_false(is_in(&d.b));
    assert_int_equal(try_sign_in(&d.other, "lan", PASSWORD), 422);
    k.yes = false; /* enabled again: the old session stays dead, a new one may begin */
    assert_int_equal(do_write(w, disable, &k), OK);
    assert_false(is_in(&d.b));
    sign_in(&d.other, "lan");
    web_end(d.web);
}

static void signs_out_on_the_server(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    citizen(w, "lan", LAN);
    sign_in(&d.b, "lan");
    const char *kept = d.b.cookies;
    web_get(&d.b, "/tai-khoan");
    assert_int_equal(web_post(&d.b, "/dang-xuat", nothing), 303);
    assert_int_equal(web_follow(&d.b), 200);
    assert_true(web_shows(&d.b, "Quý vị đã đăng xuất"));
    assert_false(is_in(&d.b));
    d.b.cookies = kept; /* a cookie that was copied before is worth nothing */
    assert_false(is_in(&d.b));
    web_end(d.web);
}

static void lists_sessions(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    citizen(w, "lan", LAN);
    citizen(w, "minh", "046194900002");
    d.other.more[d.other.n_more++] = (struct http_header){
        "User-Agent", "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/120 Safari/537"};
    sign_in(&d.b, "lan");
    sign_in(&d.other, "lan");
    struct web_client third = web_client_new(w->c->arena, d.web);
    sign_in(&third, "minh");
    web_get(&third, "/tai-khoan");
    assert_null(web_input(&third, "session")); /* only one's own */
    assert_int_equal(web_get(&d.b, "/tai-khoan"), 200);
    assert_true(web_shows(&d.b, "Chrome, Android"));
    const char *session = web_input(&d.b, "session");
    assert_non_null(session);
    web_get(&third, "/tai-khoan"); /* another's session can't be ended */
    assert_int_equal(WEB_POST(&third, "/tai-khoan/phien", "session", session), 404);
    assert_true(is_in(&d.other));
    web_get(&d.b, "/tai-khoan");
    assert_int_equal(WEB_POST(&d.b, "/tai-khoan/phien", "session", session), 303);
    assert_false(is_in(&d.other));
    assert_true(is_in(&d.b));
    sign_in(&d.other, "lan");
    web_get(&d.b, "/tai-khoan");
    assert_int_equal(web_post(&d.b, "/tai-khoan/phien/tat-ca", nothing), 303);
    assert_false(is_in(&d.other));
    assert_false(is_in(&d.b));
    assert_true(is_in(&third));
    web_end(d.web);
}

/* ---- another password ---- */

#define BETTER "cầu Trường Tiền sáu vài"

static int change(struct web_client *b, const char *now, const char *fresh, const char *again)
{
    assert_int_equal(web_get(b, "/tai-khoan/mat-khau"), 200);
    return WEB_POST(b, "/tai-khoan/mat-khau", "password", now, "new_password", fresh,
                    "new_password_again", again);
}

static void changes_password(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    citizen(w, "lan", LAN);
    sign_in(&d.b, "lan");
    sign_in(&d.other, "lan");
    assert_int_equal(change(&d.b, "sai", BETTER, BETTER), 422);
    assert_true(web_shows(&d.b, "Mật khẩu hiện tại không đúng"));
    assert_int_equal(change(&d.b, PASSWORD, BETTER, "khác"), 422);
    assert_true(web_shows(&d.b, "không giống nhau"));
    assert_int_equal(change(&d.b, PASSWORD, "1234567890", "1234567890"), 422);
    assert_true(web_shows(&d.b, "ít nhất 10 ký tự"));
    const char *before = d.b.cookies;
    assert_int_equal(change(&d.b, PASSWORD, BETTER, BETTER), 303);
    assert_string_not_equal(d.b.cookies, before);
    assert_int_equal(web_follow(&d.b), 200);
    assert_true(web_shows(&d.b, "Đã đổi mật khẩu"));
    assert_false(is_in(&d.other)); /* whoever else was in is out */
    d.other.cookies = before;
    assert_false(is_in(&d.other));
    assert_int_equal(try_sign_in(&d.other, "lan", PASSWORD), 422);
    assert_int_equal(try_sign_in(&d.other, "lan", BETTER), 303);
    web_end(d.web);
}

/* Who found an open session must not learn the password by trying. */
static void counts_wrong_changes(struct node_world *w, void *arg)
{
    struct desk d = open_desk(w);
    (void)arg;
    citizen(w, "lan", LAN);
    sign_in(&d.b, "lan");
    for (int i = 0; i < IDENTITY_TRIES; i++)
        assert_int_equal(change(&d.b, "sai", BETTER, BETTER), 422);
    assert_int_equal(change(&d.b, PASSWORD, BETTER, BETTER), 429);
    sign_in(&d.other, "lan"); /* counted by the device: strangers can't keep the owner from it */
    clock_by(w, IDENTITY_WINDOW_US);
    wrong_times(w, "lan", "10.1.1.1", IDENTITY_TRIES);
    assert_int_equal(change(&d.b, PASSWORD, BETTER, BETTER), 303);
    web_end(d.web);
}

#define CASE(body)                                                                                 \
    static void test_identity_##body(void **state)                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(modules, ARRAY_LEN(modules), body, NULL);                                        \
    }
CASE(lets_in)
CASE(refuses_an_official_without_post)
CASE(tells_no_names)
CASE(locks_alike)
CASE(knows_devices)
CASE(believes_no_other_cookie)
CASE(stops_a_streak)
CASE(forgets_after_a_right_one)
CASE(locks_an_address)
CASE(goes_on_only_here)
CASE(rotates)
CASE(fixes_no_session)
CASE(refuses_other_peoples_posts)
CASE(ends_with_the_post)
CASE(ends_with_the_account)
CASE(signs_out_on_the_server)
CASE(lists_sessions)
CASE(changes_password)
CASE(counts_wrong_changes)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_lets_in),
        cmocka_unit_test(test_identity_refuses_an_official_without_post),
        cmocka_unit_test(test_identity_tells_no_names),
        cmocka_unit_test(test_identity_locks_alike),
        cmocka_unit_test(test_identity_knows_devices),
        cmocka_unit_test(test_identity_believes_no_other_cookie),
        cmocka_unit_test(test_identity_stops_a_streak),
        cmocka_unit_test(test_identity_forgets_after_a_right_one),
        cmocka_unit_test(test_identity_locks_an_address),
        cmocka_unit_test(test_identity_goes_on_only_here),
        cmocka_unit_test(test_identity_rotates),
        cmocka_unit_test(test_identity_fixes_no_session),
        cmocka_unit_test(test_identity_refuses_other_peoples_posts),
        cmocka_unit_test(test_identity_ends_with_the_post),
        cmocka_unit_test(test_identity_ends_with_the_account),
        cmocka_unit_test(test_identity_signs_out_on_the_server),
        cmocka_unit_test(test_identity_lists_sessions),
        cmocka_unit_test(test_identity_changes_password),
        cmocka_unit_test(test_identity_counts_wrong_changes),
    };
    return cmocka_run_group_tests_name("identity_web", tests, NULL, NULL);
}
