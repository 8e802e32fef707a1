/* SPDX-License-Identifier: Apache-2.0 */
/* Every sign-in, every refused one and every sign-out stands in the trail. */
#include "engine/identity/test/identity_test.h"

struct acts {
    const char *action, *object;
    int64_t n;
};

static enum err count(struct ctx *c, void *arg)
{
    struct acts *a = arg;
    return db_int(c, &a->n, "SELECT count(*) FROM core_audit WHERE action = $1 AND object = $2",
                  P_TEXT(a->action), P_TEXT(a->object));
}

static int64_t acts_of(struct node_world *w, const char *action, const char *object)
{
    struct acts a = {action, object, -1};
    assert_int_equal(do_read(w, count, &a), OK);
    return a.n;
}

static void tries_are_in_the_trail(struct node_world *w, void *arg)
{
    struct web *web = pages_open(w, web_test_reply);
    struct web_client b = web_client_new(w->c->arena, web);
    const char *lan = citizen(w, "lan", "046194900001");
    (void)arg;
    assert_int_equal(try_sign_in(&b, "lan", "sai"), 422);
    assert_int_equal(try_sign_in(&b, "lan", "sai"), 422);
    assert_int_equal(try_sign_in(&b, "nobody", "sai"), 422);
    assert_int_equal(acts_of(w, "identity.refused", lan), 2);
    assert_int_equal(acts_of(w, "identity.refused", ""), 1); /* what was typed isn't kept */
    assert_int_equal(acts_of(w, "identity.sign_in", lan), 0);
    sign_in(&b, "lan");
    assert_int_equal(acts_of(w, "identity.sign_in", lan), 1);
    assert_int_equal(web_get(&b, "/tai-khoan"), 200);
    assert_int_equal(WEB_POST(&b, "/dang-xuat", "x", "1"), 303);
    assert_int_equal(acts_of(w, "identity.sign_out", lan), 1);
    web_end(web);
}

static void test_tries_are_in_the_trail(void **state)
{
    (void)state;
    node_test(modules, ARRAY_LEN(modules), tries_are_in_the_trail, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tries_are_in_the_trail)};
    return cmocka_run_group_tests_name("identity logged", tests, NULL, NULL);
}
