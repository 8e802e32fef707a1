/* SPDX-License-Identifier: Apache-2.0 */
/* The k-th call of the database fails, for every k: one answer each time, never a success without
   its act, and the same form sent again does it exactly once. */
#include "web/test/support.h"

#define NOTE      "body", "một ghi chú", "copies", "2"
#define MAX_CALLS 60

static bool arm(int k)
{
    char plan[40];
    snprintf(plan, sizeof plan, "db:%d:EIO", k);
    return sys_fault_arm(plan);
}

static void act(struct db_world *w, struct web *web, struct web_client *b)
{
    int failures = 0, k = 1;
    int64_t n = 0;
    (void)web;
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303);
    for (; k < MAX_CALLS; k++) {
        const char *key = arena_printf(b->arena, "key%d", k);
        assert_int_equal(web_get(b, "/note"), 200);
        assert_true(arm(k));
        b->key = key;
        WEB_POST(b, "/note", NOTE);
        bool hit = sys_fault_calls(SYS_DB) >= k;
        assert_true(sys_fault_arm(NULL));
        int64_t now = site_count(w, "note");
        if (b->status == 303)
            assert_int_equal(now, n + 1);
        else
            assert_true(b->status >= 500);
        failures += b->status != 303;
        assert_int_equal(web_get(b, "/note"), 200);
        b->key = key;
        assert_int_equal(WEB_POST(b, "/note", NOTE), 303);
        assert_int_equal(site_count(w, "note"), ++n);
        if (!hit)
            break;
    }
    assert_true(failures >= 3); /* the plan reached the act */
    assert_true(k < MAX_CALLS);
}

static void read(struct db_world *w, struct web *web, struct web_client *b)
{
    int failures = 0, k = 1;
    (void)web;
    site.note_access = true;
    assert_int_equal(WEB_POST(b, "/sign-in", "who", "a1"), 303);
    for (; k < MAX_CALLS; k++) {
        int64_t before = site_count(w, "access");
        assert_true(arm(k));
        int status = web_get(b, "/note");
        bool hit = sys_fault_calls(SYS_DB) >= k;
        assert_true(sys_fault_arm(NULL));
        if (status == 200)
            assert_int_equal(site_count(w, "access"), before + 1);
        else
            assert_false(web_shows(b, "name=\"born\"")); /* no line, no answer */
        failures += status != 200;
        if (!hit)
            break;
    }
    assert_true(failures >= 2);
    assert_true(k < MAX_CALLS);
}

static void test_act(void **state)
{
    (void)state;
    site_test(act);
}

static void test_read(void **state)
{
    (void)state;
    site_test(read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_act), cmocka_unit_test(test_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
