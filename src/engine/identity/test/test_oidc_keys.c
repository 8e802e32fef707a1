/* SPDX-License-Identifier: Apache-2.0 */
/* Provider and client change the keys they sign with: people go on signing in while the other knows
   both, and with a key of before nobody does. */
#include "test/harness/unit.h"

#include "engine/identity/test/oidc_test.h"

static bool comes_in(struct nation *n)
{
    static const char *const nothing[] = {NULL};
    if (web_get(&n->at_rp, "/dang-nhap/quoc-gia?next=/toi") != 303)
        return false; /* what was pushed isn't taken */
    const char *back = way_back(n, "/toi");
    bool in = web_get(&n->at_rp, back) == 303 && is_in(&n->at_rp);
    if (in) {
        web_get(&n->at_rp, "/tai-khoan");
        web_post(&n->at_rp, "/dang-xuat", nothing);
    }
    return in;
}

/* The node signs with that key from here on; of knows: whoever's row for it is there. */
static struct key *change(struct node_world *w, struct key *to)
{
    struct key *before = w->n->sign_key;
    w->n->sign_key = to;
    return before;
}

static struct node_peer *row(struct node_world *w)
{
    return (struct node_peer *)(uintptr_t)&w->n->peers[0];
}

static void goes_on(struct nation *n, struct node_world *who, struct node_world *other)
{
    struct key *next, *old;
    struct node_peer *p = row(other);
    assert_int_equal(key_new(who->c, &next), OK);
    struct node_key beside = {point_of(room(n), next), NODE_KEY_STANDS};
    assert_true(comes_in(n));
    p->keys = &beside; /* told ahead */
    p->n_keys = 1;
    assert_true(comes_in(n));
    old = change(who, next);
    assert_true(comes_in(n));
    beside = (struct node_key){p->sign_point_b64, who->c->now_us};
    p->sign_point_b64 = point_of(room(n), next);
    assert_true(comes_in(n));
    change(who, old); /* whoever took the old one */
    assert_false(comes_in(n));
    change(who, next);
    assert_true(comes_in(n));
    key_end(change(who, old));
}

static void provider_changes(struct nation *n)
{
    goes_on(n, n->op, n->rp);
}

static void client_changes(struct nation *n)
{
    goes_on(n, n->rp, n->op);
}

/* Told with the keys of now, before it signs: who keeps keys knows it in time. */
static void tells_the_next(struct nation *n)
{
    web_get(&n->at_op, "/oidc/jwks");
    const char *one = n->at_op.text;
    const struct cert *next = n->rp->n->sign_cert;
    const char *id = key_id(room(n), cert_public_point(room(n), next));
    assert_null(strstr(one, id));
    n->op->n->next_sign_cert = (struct cert *)(uintptr_t)next;
    web_get(&n->at_op, "/oidc/jwks");
    n->op->n->next_sign_cert = NULL;
    assert_non_null(strstr(n->at_op.text, id));
    assert_int_equal(strncmp(n->at_op.text, one, strlen(one) - 2), 0); /* now's is the first */
}

static void test_provider_changes_its_key(void **state)
{
    (void)state;
    nation_test(provider_changes);
}

static void test_client_changes_its_key(void **state)
{
    (void)state;
    nation_test(client_changes);
}

static void test_next_key_is_told(void **state)
{
    (void)state;
    nation_test(tells_the_next);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_provider_changes_its_key),
        cmocka_unit_test(test_client_changes_its_key),
        cmocka_unit_test(test_next_key_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
