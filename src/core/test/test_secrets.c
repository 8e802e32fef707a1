/* SPDX-License-Identifier: Apache-2.0 */
#include "test/harness/unit.h"

#include "core/secrets.h"
#include "test/harness/node_test.h"

static enum err check(struct ctx *c, void *arg)
{
    (void)arg;
    return secret_check(c);
}

/* A database goes on with the root key it was begun with, and with no other. */
static void another_root_key(struct node_world *w, void *arg)
{
    (void)arg;
    uint8_t other[32] = {7};
    struct keeper *own = w->n->keeper;
    assert_int_equal(do_write(w, check, NULL), OK);
    w->n->keeper = keeper_of_root((struct bytes){other, sizeof other});
    for (int i = 0; i < 2; i++)
        assert_int_equal(do_write(w, check, NULL), ERR_KEY_OTHER);
    keeper_end(w->n->keeper);
    w->n->keeper = own;
    assert_int_equal(do_write(w, check, NULL), OK);
}

static void test_core_another_root_key(void **state)
{
    (void)state;
    node_test(NULL, 0, another_root_key, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_core_another_root_key)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
