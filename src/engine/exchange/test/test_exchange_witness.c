/* SPDX-License-Identifier: Apache-2.0 */
/* Seals kept by another node: handed over at their pace, refused when they contradict, and a trail
   cut with all its seals is told from outside alone. */
#include "test/harness/unit.h"

#include "base/sys.h"
#include "base/time.h"
#include "engine/exchange/exchange_letter.h"
#include "engine/exchange/test/exchange_test.h"

static enum err may_hand(struct ctx *c, void *arg)
{
    (void)arg;
    return exchange_allow(c, "H57", "G22", EXCHANGE_WITNESS);
}

static enum err act(struct ctx *c, void *arg)
{
    for (int i = 0; i < 3; i++) {
        enum err e = audit_write(c, &(struct audit_act){"test.act", "thing", arg, NULL});
        if (e)
            return e;
    }
    return audit_seal(c);
}

static void acts(const char *object)
{
    assert_int_equal(do_write(two.a, act, (void *)(uintptr_t)object), OK);
}

static void hand(void)
{
    struct ctx *c = two.a->c;
    ctx_clear_faults(c);
    c->now_us = sys_now_us();
    assert_int_equal(exchange_witness(c), OK);
}

static enum err held_seal(struct ctx *c, void *arg)
{
    return audit_witnessed(c, "h57", arg);
}

static int held(void) /* seq of the newest seal of h57 that national keeps */
{
    struct audit_seal s;
    assert_int_equal(do_read(two.b, held_seal, &s), OK);
    return (int)s.seq;
}

static enum err own_head(struct ctx *c, void *arg)
{
    return audit_head(c, arg);
}

static int head(void)
{
    struct audit_head h;
    assert_int_equal(do_read(two.a, own_head, &h), OK);
    return (int)h.seq;
}

static enum err remembered(struct ctx *c, void *arg)
{
    return exchange_store_peer(c, "national", arg);
}

static struct exchange_peer peer(void)
{
    struct exchange_peer p;
    assert_int_equal(do_read(two.a, remembered, &p), OK);
    return p;
}

static void paced(void)
{
    acts("one");
    hand(); /* nobody listens there */
    assert_string_equal(peer().problem, "ERR_EXCHANGE_DOWN");
    assert_int_equal(peer().heard_us, 0);
    listen_at(two.b);
    hand();
    assert_int_equal(held(), 0); /* too early to try again */
    clock_by(two.a, 30 * SECOND_US);
    hand();
    assert_string_equal(peer().problem, "403"); /* no right yet */
    assert_int_equal(do_write(two.b, may_hand, NULL), OK);
    clock_by(two.a, 30 * SECOND_US);
    hand();
    assert_int_equal(held(), 3);
    assert_string_equal(peer().problem, "");
    assert_int_equal(peer().heard_us, sys_now_us());
    int64_t messages = verify(two.b).messages;
    for (int i = 0; i < 5; i++) { /* idle: nothing to tell, and telling moved nothing */
        clock_by(two.a, MINUTE_US);
        hand();
    }
    assert_int_equal(verify(two.b).messages, messages);
    assert_int_equal(head(), 3);
    acts("two");
    clock_by(two.a, 30 * SECOND_US);
    assert_int_equal(jobs_run_due(two.a->c), OK); /* by the module's own job */
    assert_int_equal(held(), 6);
}

static void test_exchange_hands_seals_at_their_pace(void **state)
{
    (void)state;
    on_two_nodes(paced);
}

/* ---- another's seal ---- */

static int hand_as(const struct audit_seal *s)
{
    struct buf b = buf_new(two.a->c->arena, 16384);
    struct exchange_letter l = {.node = s->node,
                                .seq = s->seq,
                                .at_us = s->at_us,
                                .hash = s->hash,
                                .signature = s->signature};
    shape_to_json(&b, &exchange_letter_shape, &l);
    struct asked r = ask("G22", EXCHANGE_WITNESS, b.ptr);
    assert_int_equal(r.e, OK);
    return r.status;
}

static enum err last_seal(struct ctx *c, void *arg)
{
    return audit_last_seal(c, arg);
}

static void refused(void)
{
    struct audit_seal s;
    listen_at(two.b);
    assert_int_equal(do_write(two.b, may_hand, NULL), OK);
    acts("one");
    assert_int_equal(do_read(two.a, last_seal, &s), OK);
    struct audit_seal other = s;
    other.node = "national"; /* in the name of another node */
    assert_int_equal(hand_as(&other), 403);
    other = s;
    other.seq++; /* not what was signed */
    assert_int_equal(hand_as(&other), 403);
    assert_int_equal(held(), 0);
    assert_int_equal(ask("G22", EXCHANGE_WITNESS, "{\"node\":1}").status, 400);
    assert_int_equal(ask("G22", EXCHANGE_WITNESS, "").status, 400);
    assert_int_equal(hand_as(&s), 200);
    assert_int_equal(hand_as(&s), 200); /* twice is once */
    assert_int_equal(held(), 3);
}

static void test_exchange_refuses_seals_of_others(void **state)
{
    (void)state;
    on_two_nodes(refused);
}

/* ---- cut and forked ---- */

static enum err cut(struct ctx *c, void *arg)
{
    (void)arg;
    enum err e = db_exec(c, NULL, "DELETE FROM core_audit WHERE seq > 4");
    if (!e)
        e = db_exec(c, NULL, "DELETE FROM core_seal WHERE seq > 4");
    return e ? e : db_exec(c, NULL, "DELETE FROM core_tree_head WHERE size > 4");
}

static void make_head(void)
{
    bool made = false;
    assert_int_equal(tree_make(two.a->c, &made), OK);
    assert_true(made);
}

static enum err one_act(struct ctx *c, void *arg)
{
    (void)arg;
    enum err e = audit_write(c, &(struct audit_act){"test.act", "thing", "one", NULL});
    return e ? e : audit_seal(c);
}

static enum err alone(struct ctx *c, void *arg)
{
    return audit_verify(c, NULL, arg);
}

struct comparing {
    struct audit_report report;
    struct audit_seal seals[8];
    size_t n;
};

static enum err take_seal(struct ctx *c, const struct audit_seal *s, void *arg)
{
    struct comparing *x = arg;
    struct arena *a = two.a->c->arena; /* c's ends with the page */
    (void)c;
    x->seals[x->n++] = (struct audit_seal){.node = arena_text(a, s->node),
                                           .seq = s->seq,
                                           .at_us = s->at_us,
                                           .hash = arena_text(a, s->hash),
                                           .signature = arena_text(a, s->signature)};
    return OK;
}

static enum err all_held(struct ctx *c, void *arg)
{
    return audit_each_held(c, "h57", take_seal, arg);
}

static enum err with_witness(struct ctx *c, void *arg)
{
    struct comparing *x = arg;
    struct audit_outside o = {.seals = x->seals, .n_seals = x->n};
    return audit_verify(c, &o, &x->report);
}

static struct audit_report compared(void)
{
    struct comparing x = {.n = 0};
    assert_int_equal(do_read(two.b, all_held, &x), OK);
    assert_int_equal(do_read(two.a, with_witness, &x), OK);
    assert_int_equal(x.report.held, (int)x.n);
    return x.report;
}

static struct audit_report by_itself(void)
{
    struct audit_report r;
    assert_int_equal(do_read(two.a, alone, &r), OK);
    return r;
}

static void two_seals_at_national(void)
{
    listen_at(two.b);
    assert_int_equal(do_write(two.b, may_hand, NULL), OK);
    acts("one");
    hand();
    clock_by(two.a, MINUTE_US);
    acts("two");
    hand();
    assert_int_equal(held(), 6);
    assert_string_equal(compared().problem, "");
    assert_int_equal(compared().held, 2);
}

static void cut_tail(void)
{
    two_seals_at_national();
    assert_int_equal(do_write(two.a, cut, NULL), OK);
    assert_string_equal(by_itself().problem, ""); /* the control: the chain alone is sound */
    assert_int_equal(compared().bad_seq, 5);
    assert_string_equal(compared().findings[0].kind, "roll-back");
    assert_int_equal(compared().findings[0].until, 6);
    assert_non_null(strstr(compared().problem, "are missing: a witness holds a seal of them"));
}

static void test_exchange_witness_sees_a_cut_tail(void **state)
{
    (void)state;
    on_two_nodes(cut_tail);
}

static void forked(void)
{
    two_seals_at_national();
    assert_int_equal(do_write(two.a, cut, NULL), OK);
    clock_by(two.a, MINUTE_US);
    acts("another past"); /* 4 and three more: past what was witnessed */
    assert_int_equal(head(), 7);
    assert_string_equal(by_itself().problem, "");
    assert_int_equal(compared().bad_seq, 6);
    assert_non_null(strstr(compared().problem, "is not the one that was witnessed"));
    clock_by(two.a, MINUTE_US);
    make_head();
    hand();
    assert_int_equal(held(), 7); /* seals alone compare ends, not histories; heads begin here */
    assert_string_equal(peer().problem, "");
    assert_int_equal(do_write(two.a, cut, NULL), OK);
    clock_by(two.a, MINUTE_US);
    assert_int_equal(do_write(two.a, one_act, NULL), OK);
    make_head();
    hand();
    assert_string_equal(peer().problem, "409"); /* gone back: told at both ends */
}

static void test_exchange_witness_sees_a_fork(void **state)
{
    (void)state;
    on_two_nodes(forked);
}

static void forged(void)
{
    struct comparing x = {.n = 1};
    acts("one");
    assert_int_equal(do_read(two.a, last_seal, &x.seals[0]), OK);
    x.seals[0].seq = 99; /* an accusation nobody signed */
    assert_int_equal(do_read(two.a, with_witness, &x), OK);
    assert_non_null(strstr(x.report.problem, "a seal that isn't ours"));
}

static void test_exchange_witness_must_show_our_signature(void **state)
{
    (void)state;
    on_two_nodes(forged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchange_hands_seals_at_their_pace),
        cmocka_unit_test(test_exchange_refuses_seals_of_others),
        cmocka_unit_test(test_exchange_witness_sees_a_cut_tail),
        cmocka_unit_test(test_exchange_witness_sees_a_fork),
        cmocka_unit_test(test_exchange_witness_must_show_our_signature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
