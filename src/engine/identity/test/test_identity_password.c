/* SPDX-License-Identifier: Apache-2.0 */
/* Which passwords are taken, and that all of a long one counts. */
#include "engine/identity/test/identity_test.h"

#include <stdio.h>

#include "gen/usual.h"

static enum err weigh(struct node_world *w, const char *password)
{
    size_t before = w->c->n_faults;
    enum err e = identity_password_good(w->c, "new_password", "lan.tran", password);
    w->c->n_faults = before;
    return e;
}

static void each(struct node_world *w, const char *const *all, size_t n, enum err wanted)
{
    for (size_t i = 0; i < n; i++) {
        enum err e = weigh(w, all[i]);
        if (e != wanted)
            print_error("%s\n", all[i]);
        assert_int_equal(e, wanted);
    }
}

static void usual_ones(struct node_world *w, void *arg)
{
    static const char *const bad[] = {"fluminense",    "football123", "Football123",
                                      "fontainebleau", "1029384756q", "FLUORESCENT",
                                      "outstanding",   "superman123", "1q2w3e4r5t"};
    static const char *const good[] = {"footballs 1234 go", "fontainebleau và Huế", "một buổi sáng",
                                       "chợ Đông Ba"};
    (void)arg;
    assert_true(usual_passwords_n >= 3000);
    for (size_t i = 1; i < usual_passwords_n; i++)
        assert_true(usual_passwords[i - 1] < usual_passwords[i]);
    each(w, bad, ARRAY_LEN(bad), ERR_PASSWORD_WEAK);
    each(w, good, ARRAY_LEN(good), OK);
}

static void words_of_ours(struct node_world *w, void *arg)
{
    static const char *const bad[] = {"dichvucong2025",    "Dịch vụ công 01",  "MatKhau@12345",
                                      "mật khẩu mật khẩu", "admin-VNeID-2026", "ThuaThienHue#75",
                                      "Công dân Việt Nam", "hànhchính!!99887"};
    static const char *const good[] = {"một cửa sổ nhìn ra sông", "mật khẩu của riêng tôi",
                                       "cán bộ về làng buổi sớm"};
    (void)arg;
    each(w, bad, ARRAY_LEN(bad), ERR_PASSWORD_WEAK);
    each(w, good, ARRAY_LEN(good), OK);
}

#define LONG_CHARS 64

/* 64 characters through the pages: one fewer, one more or another case is another password. */
static void long_ones(struct node_world *w, void *arg)
{
    struct web *web = pages_open(w, web_test_reply);
    struct web_client b = web_client_new(w->c->arena, web);
    char whole[LONG_CHARS + 1] = "", other[LONG_CHARS + 2];
    (void)arg;
    for (size_t i = 0; i < LONG_CHARS; i++)
        whole[i] = "akbqwzmv"[i % 8];
    citizen(w, "lan", "046194900001");
    sign_in(&b, "lan");
    assert_int_equal(web_get(&b, "/tai-khoan/mat-khau"), 200);
    assert_int_equal(WEB_POST(&b, "/tai-khoan/mat-khau", "password", PASSWORD, "new_password",
                              whole, "new_password_again", whole),
                     303);
    b = web_client_new(w->c->arena, web);
    memcpy(other, whole, LONG_CHARS);
    other[LONG_CHARS - 1] = '\0';
    assert_int_equal(try_sign_in(&b, "lan", other), 422);
    snprintf(other, sizeof other, "%sx", whole);
    assert_int_equal(try_sign_in(&b, "lan", other), 422);
    snprintf(other, sizeof other, "%s", whole);
    other[1] = (char)(other[1] - 'a' + 'A');
    assert_int_equal(try_sign_in(&b, "lan", other), 422);
    assert_int_equal(try_sign_in(&b, "lan", whole), 303);
    web_end(web);
}

#define CASE(name, body)                                                                           \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(modules, 1, body, NULL);                                                         \
    }
CASE(usual_ones_are_refused, usual_ones)
CASE(words_of_ours_are_refused, words_of_ours)
CASE(long_ones_count_wholly, long_ones)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usual_ones_are_refused),
        cmocka_unit_test(test_words_of_ours_are_refused),
        cmocka_unit_test(test_long_ones_count_wholly),
    };
    return cmocka_run_group_tests_name("identity passwords", tests, NULL, NULL);
}
