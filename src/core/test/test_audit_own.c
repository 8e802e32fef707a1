/* SPDX-License-Identifier: Apache-2.0 */
/* Seals and heads of before a change of keys: those that others hold of us are ours, those that we
   hold of others are theirs; by the key that stood then, and by none that ended earlier. */
#include "test/harness/unit.h"

#include "base/text.h"
#include "base/time.h"
#include "test/harness/trail_test.h"

struct ours {
    struct audit_seal seal;
    struct tree_head head;
};

struct asked {
    const struct ours *held;
    struct audit_report report;
};

static enum err with_witness(struct ctx *c, void *arg)
{
    struct asked *x = arg;
    struct audit_outside o = {
        .seals = &x->held->seal, .heads = &x->held->head, .n_seals = 1, .n_heads = 1};
    return audit_verify(c, &o, &x->report);
}

static enum err by_itself(struct ctx *c, void *report)
{
    return audit_verify(c, NULL, report);
}

static const char *found(struct node_world *w, const struct ours *held)
{
    struct asked *x = ARENA_NEW(w->c->arena, struct asked);
    x->held = held;
    assert_int_equal(do_read(w, with_witness, x), OK);
    return x->report.problem;
}

static struct ours grow(struct node_world *w)
{
    struct ours o;
    trail_acts(w, 10);
    o.seal = trail_sealed(w);
    w->c->now_us += MINUTE_US;
    assert_true(trail_make_head(w));
    o.head = trail_newest_head(w);
    return o;
}

/* As an authority would, for this member of it too: the harness forgot its key. */
static struct cert *certified(struct node_world *w, struct key *k, const char *number,
                              struct cert **ret_ca)
{
    struct key *ca_key;
    struct cert *x;
    struct cert_wish ca = {.common_name = "Authority of the test",
                           .ca = true,
                           .from_us = w->c->now_us - 365 * DAY_US,
                           .until_us = w->c->now_us + 3650 * DAY_US};
    struct cert_wish sign = {.common_name = "H57 sign",
                             .serial_number = "H57",
                             .sign = true,
                             .from_us = ca.from_us,
                             .until_us = ca.until_us};
    assert_int_equal(key_new(w->c, &ca_key), OK);
    assert_int_equal(cert_issue(w->c, &ca, ca_key, NULL, NULL, ret_ca), OK);
    cert_end(w->n->sign_cert);
    assert_int_equal(cert_issue(w->c, &sign, w->n->sign_key, ca_key, *ret_ca, &w->n->sign_cert),
                     OK);
    sign.serial_number = number;
    assert_int_equal(cert_issue(w->c, &sign, k, ca_key, *ret_ca, &x), OK);
    key_end(ca_key);
    return x;
}

static enum err key_ends(struct ctx *c, void *next)
{
    return audit_key_ends(c, next);
}

static enum err forget_certs(struct ctx *c, void *none)
{
    (void)none;
    return db_exec(c, NULL, "DELETE FROM core_cert");
}

static void body_own(struct node_world *w, void *arg)
{
    struct key *next, *old = w->n->sign_key;
    struct cert *ca;
    (void)arg;
    assert_int_equal(key_new(w->c, &next), OK);
    struct cert *x = certified(w, next, "H57", &ca), *before = w->n->sign_cert;
    cert_end(w->n->ca_cert);
    w->n->ca_cert = ca;
    const struct ours first = grow(w);
    assert_string_equal(found(w, &first), "");
    const char *print = cert_fingerprint(w->c->arena, x);
    assert_int_equal(do_write(w, key_ends, (void *)(uintptr_t)print), OK);
    w->n->sign_key = next;
    w->n->sign_cert = x;
    const struct ours second = grow(w);
    assert_string_not_equal(first.head.key, second.head.key);
    assert_string_equal(found(w, &first), "");
    assert_string_equal(found(w, &second), "");
    assert_int_equal(do_write(w, forget_certs, NULL), OK);
    assert_string_not_equal(found(w, &first), "");
    cert_end(before);
    key_end(old);
}

/* Another member of our authority seals in our name, and keeps its certificate here. */
static void body_alone(struct node_world *w, void *arg)
{
    struct key *theirs, *own = w->n->sign_key;
    struct cert *ca;
    (void)arg;
    assert_int_equal(key_new(w->c, &theirs), OK);
    struct cert *x = certified(w, theirs, "G24", &ca), *mine = w->n->sign_cert;
    cert_end(w->n->ca_cert);
    w->n->ca_cert = ca;
    const struct ours first = grow(w);
    w->n->sign_key = theirs;
    w->n->sign_cert = x;
    grow(w);
    w->n->sign_key = own;
    w->n->sign_cert = mine;
    struct audit_report r = {.n_findings = 0};
    assert_int_equal(do_read(w, by_itself, &r), OK);
    assert_int_equal(r.n_findings, 2);
    assert_string_equal(r.findings[0].table, "core_tree_head");
    assert_string_equal(r.findings[1].table, "core_seal");
    assert_int_equal(r.findings[1].seq, first.seal.seq + 10);
    cert_end(x);
    key_end(theirs);
}

/* The node is its own peer, whose row tells of two keys. */
static void body_peers(struct node_world *w, void *arg)
{
    struct key *next, *old = w->n->sign_key;
    struct buf point = buf_new(w->c->arena, 200);
    (void)arg;
    assert_int_equal(key_new(w->c, &next), OK);
    buf_base64url(&point, key_public_point(w->c->arena, next));
    trail_own_peer(w);
    struct node_peer *p = (struct node_peer *)(uintptr_t)w->n->peers;
    const struct ours first = grow(w);
    const struct node_key until = {p->sign_point_b64, first.head.at_us};
    const struct node_key early = {p->sign_point_b64, first.seal.at_us - 1};
    assert_true(first.seal.at_us <= first.head.at_us);
    p->sign_point_b64 = point.ptr;
    assert_false(audit_seal_of_peer(w->c, &first.seal) || tree_head_of_peer(w->c, &first.head));
    p->n_keys = 1;
    p->keys = &until;
    assert_true(audit_seal_of_peer(w->c, &first.seal) && tree_head_of_peer(w->c, &first.head));
    p->keys = &early;
    assert_false(audit_seal_of_peer(w->c, &first.seal) || tree_head_of_peer(w->c, &first.head));
    struct audit_seal moved = first.seal; /* into the time when it stood: nobody signed that */
    moved.at_us = early.until_us;
    assert_false(audit_seal_of_peer(w->c, &moved));
    key_end(next);
    w->n->sign_key = old;
}

static void test_audit_own_past(void **state)
{
    (void)state;
    node_test(NULL, 0, body_own, NULL);
}

static void test_audit_own_alone(void **state)
{
    (void)state;
    node_test(NULL, 0, body_alone, NULL);
}

static void test_audit_past_of_peers(void **state)
{
    (void)state;
    node_test(NULL, 0, body_peers, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_audit_own_past),
        cmocka_unit_test(test_audit_own_alone),
        cmocka_unit_test(test_audit_past_of_peers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
