/* SPDX-License-Identifier: Apache-2.0 */
/* Heads of the tree between two nodes: each proved to go on from the one before; a roll-back and a
   fork are told at both ends, with both heads as evidence. */
#include "test/harness/unit.h"

#include "base/sys.h"
#include "base/time.h"
#include "core/tree.h"
#include "engine/exchange/exchange_letter.h"
#include "engine/exchange/test/exchange_test.h"

static enum err may_hand(struct ctx *c, void *arg)
{
    (void)arg;
    return exchange_allow(c, "H57", "G22", EXCHANGE_WITNESS);
}

static enum err act(struct ctx *c, void *arg)
{
    enum err e = OK;
    for (int i = *(const int *)arg; i > 0 && !e; i--)
        e = audit_write(c, &(struct audit_act){"test.act", "thing", "one", NULL});
    return e ? e : audit_seal(c);
}

/* n records, sealed, and a head over them. */
static void grow(struct node_world *w, int n)
{
    bool made = false;
    clock_by(w, MINUTE_US);
    w->c->now_us = sys_now_us();
    assert_int_equal(do_write(w, act, &n), OK);
    assert_int_equal(tree_make(w->c, &made), OK);
    assert_true(made);
}

static void hand(void)
{
    struct ctx *c = two.a->c;
    clock_by(two.a, MINUTE_US);
    ctx_clear_faults(c);
    c->now_us = sys_now_us();
    assert_int_equal(exchange_witness(c), OK);
}

static enum err held_head(struct ctx *c, void *arg)
{
    struct tree_head *h = arg;
    return tree_held(c, h->node, h);
}

static int held(struct node_world *w, const char *of)
{
    struct tree_head h = {.node = of};
    assert_int_equal(do_read(w, held_head, &h), OK);
    return (int)h.size;
}

struct seen {
    struct tree_alert rows[4];
    size_t n;
};

static enum err read_alerts(struct ctx *c, void *arg)
{
    struct seen *s = arg;
    return tree_alerts(c, s->rows, ARRAY_LEN(s->rows), &s->n);
}

static struct seen alerts(struct node_world *w)
{
    struct seen s;
    assert_int_equal(do_read(w, read_alerts, &s), OK);
    return s;
}

static void alerted(struct node_world *w, const char *witness, const char *kind, int held_size)
{
    struct seen s = alerts(w);
    bool found = false;
    for (size_t i = 0; i < s.n; i++)
        found |= text_eq(s.rows[i].witness, witness) && text_eq(s.rows[i].kind, kind) &&
                 s.rows[i].held.size == held_size && text_eq(s.rows[i].node, "h57");
    assert_true(found);
}

static void begin(void)
{
    listen_at(two.b);
    assert_int_equal(do_write(two.b, may_hand, NULL), OK);
    grow(two.b, 4);
    grow(two.a, 300);
    hand();
}

static void both(void)
{
    begin();
    assert_int_equal(held(two.b, "h57"), 300);
    assert_int_equal(held(two.a, "national"), 5); /* its answer brought its own */
    grow(two.a, 7);
    grow(two.b, 600);
    hand();
    assert_int_equal(held(two.b, "h57"), 307);
    assert_int_equal(held(two.a, "national"), 605);
    assert_int_equal(alerts(two.a).n, 0);
    assert_int_equal(alerts(two.b).n, 0);
}

static void test_exchange_heads_go_both_ways(void **state)
{
    (void)state;
    on_two_nodes(both);
}

static enum err forget_peer(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "DELETE FROM exchange_peer");
}

/* What the peer holds is the peer's to say: a wrong memory costs a second letter. */
static void forgotten(void)
{
    begin();
    grow(two.a, 20);
    assert_int_equal(do_write(two.a, forget_peer, NULL), OK);
    hand();
    assert_int_equal(held(two.b, "h57"), 320);
    assert_int_equal(alerts(two.b).n, 0);
}

static void test_exchange_head_is_proved_from_what_is_held(void **state)
{
    (void)state;
    on_two_nodes(forgotten);
}

static enum err roll_back_to(struct ctx *c, void *arg)
{
    int64_t size = *(const int64_t *)arg;
    enum err e = db_exec(c, NULL, "DELETE FROM core_audit WHERE seq > $1", P_INT(size));
    if (!e)
        e = db_exec(c, NULL, "DELETE FROM core_seal WHERE seq > $1", P_INT(size));
    return e ? e : db_exec(c, NULL, "DELETE FROM core_tree_head WHERE size > $1", P_INT(size));
}

static enum err roll_back(struct ctx *c, void *arg)
{
    int64_t size = 300;
    (void)arg;
    enum err e = roll_back_to(c, &size);
    return e ? e : db_exec(c, NULL, "UPDATE exchange_peer SET seal_seq = 300, head_size = 300");
}

static enum err newest_head(struct ctx *c, void *arg)
{
    return tree_newest(c, arg);
}

static enum err last_seal(struct ctx *c, void *arg)
{
    return audit_last_seal(c, arg);
}

/* A letter that shows this head of ours and says which one we know to be held; the status. */
static int tell(const struct tree_head *h, int64_t from)
{
    struct buf b = buf_new(two.a->c->arena, 16384);
    struct audit_seal s;
    assert_int_equal(do_read(two.a, last_seal, &s), OK);
    struct exchange_letter l = {.node = s.node,
                                .seq = s.seq,
                                .at_us = s.at_us,
                                .hash = s.hash,
                                .signature = s.signature,
                                .size = h->size,
                                .head_at_us = h->at_us,
                                .root = h->root,
                                .key = h->key,
                                .head_signature = h->signature,
                                .from = from,
                                .proof = ""};
    shape_to_json(&b, &exchange_letter_shape, &l);
    struct asked r = ask("G22", EXCHANGE_WITNESS, b.ptr);
    assert_int_equal(r.e, OK);
    return r.status;
}

/* The file of an hour ago comes back; the node starts and asks though it has nothing new. */
static void rolled(void)
{
    begin();
    grow(two.a, 40);
    hand();
    assert_int_equal(held(two.b, "h57"), 340);
    assert_int_equal(do_write(two.a, roll_back, NULL), OK);
    hand();
    assert_int_equal(alerts(two.a).n, 0); /* the control: nothing new, nobody asked */
    clock_by(two.a, MINUTE_US);
    two.a->c->now_us = sys_now_us();
    assert_int_equal(exchange_witness_start(two.a->c), OK);
    hand();
    alerted(two.a, "national", "rolled_back", 340);
    alerted(two.b, "national", "rolled_back", 340);
    struct tree_alert row = alerts(two.a).rows[0];
    assert_int_equal(row.shown.size, 300);
    assert_true(tree_head_signed(two.a->c->arena, &row.held,
                                 cert_public_point(two.a->c->arena, two.a->n->sign_cert)));
    assert_int_equal(held(two.b, "h57"), 340);
}

static void test_exchange_rolled_back_node_is_told(void **state)
{
    (void)state;
    on_two_nodes(rolled);
}

/* A letter of before comes late, or once more, while the writer's clock went back in between:
   nobody was rolled back. */
static void came_late(void)
{
    struct tree_head old;
    begin();
    assert_int_equal(do_read(two.a, newest_head, &old), OK);
    clock_by(two.a, -20 * MINUTE_US);
    grow(two.a, 20);
    hand();
    assert_int_equal(held(two.b, "h57"), 320);
    clock_by(two.a, 25 * MINUTE_US);
    assert_int_equal(tell(&old, 300), 200);
    assert_int_equal(tell(&old, 5), 200);
    assert_int_equal(alerts(two.a).n + alerts(two.b).n, 0);
    assert_int_equal(held(two.b, "h57"), 320);
    assert_int_equal(tell(&old, 320), 409); /* the control: knowing what is held */
    alerted(two.b, "national", "rolled_back", 320);
}

static void test_exchange_late_letter_is_no_roll_back(void **state)
{
    (void)state;
    on_two_nodes(came_late);
}

/* The other is rolled back, and answers a letter of ours: it was told what we hold. */
static void answers_less(void)
{
    struct tree_head old;
    begin();
    assert_int_equal(do_read(two.b, newest_head, &old), OK);
    grow(two.a, 1);
    grow(two.b, 3);
    hand();
    assert_int_equal(held(two.a, "national"), (int)old.size + 3);
    assert_int_equal(do_write(two.b, roll_back_to, &old.size), OK);
    grow(two.a, 1);
    hand();
    struct tree_alert row = alerts(two.a).rows[0];
    assert_string_equal(row.node, "national");
    assert_string_equal(row.witness, "h57");
    assert_string_equal(row.kind, "rolled_back");
    assert_int_equal(row.shown.size, old.size);
}

static void test_exchange_answer_of_less_is_a_roll_back(void **state)
{
    (void)state;
    on_two_nodes(answers_less);
}

/* ---- accepted ---- */

static enum err accept_head(struct ctx *c, void *arg)
{
    const struct tree_head *h = arg;
    struct tree_acceptance a = {
        .node = "h57", .size = h->size, .root = h->root, .account = "A1", .reason = "khôi phục"};
    return tree_accept(c, &a);
}

static enum err count_alerts(struct ctx *c, void *arg)
{
    int64_t *counts = arg;
    return tree_alerts_open(c, &counts[0], &counts[1]);
}

static int open_alerts(struct node_world *w)
{
    struct seen s = alerts(w);
    int64_t counts[2] = {-1, -1};
    int n = 0, own = 0;
    for (size_t i = 0; i < s.n; i++) {
        n += s.rows[i].settled_us == 0;
        own += s.rows[i].settled_us == 0 && text_eq(s.rows[i].node, w->n->name);
    }
    assert_int_equal(do_read(w, count_alerts, counts), OK); /* as /healthz says */
    assert_int_equal(counts[0], n);
    assert_int_equal(counts[1], own);
    return n;
}

static enum err verify_here(struct ctx *c, void *arg)
{
    return audit_verify(c, NULL, arg);
}

static enum err loosen(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "UPDATE core_tree_accept SET reason = 'x'");
}

static const char *first_finding(struct node_world *w)
{
    struct audit_report r;
    assert_int_equal(do_read(w, verify_here, &r), OK);
    return r.n_findings ? r.findings[0].table : "";
}

static void roll_back_and_ask(void)
{
    assert_int_equal(do_write(two.a, roll_back, NULL), OK);
    clock_by(two.a, MINUTE_US);
    two.a->c->now_us = sys_now_us();
    assert_int_equal(exchange_witness_start(two.a->c), OK);
    hand();
}

/* The administrator of the peer accepts; both nodes are at peace, and the next roll-back is told.
 */
static void accepted(void)
{
    begin();
    grow(two.a, 40);
    hand();
    roll_back_and_ask();
    assert_int_equal(open_alerts(two.a), 1);
    assert_int_equal(open_alerts(two.b), 1);
    hand();
    assert_int_equal(alerts(two.b).rows[0].times, 2); /* the control: it goes on */
    struct tree_alert row = alerts(two.b).rows[0];
    assert_int_equal(do_write(two.b, accept_head, &row.shown), OK);
    assert_int_equal(held(two.b, "h57"), 300);
    hand();
    assert_int_equal(open_alerts(two.a), 0);
    assert_int_equal(open_alerts(two.b), 0);
    grow(two.a, 30);
    hand();
    grow(two.a, 30);
    hand();
    assert_int_equal(held(two.b, "h57"), 361); /* with the record that all is settled */
    assert_int_equal(open_alerts(two.a) + open_alerts(two.b), 0);
    assert_string_equal(first_finding(two.b), "");
    roll_back_and_ask();
    assert_int_equal(open_alerts(two.a), 1);
    assert_int_equal(open_alerts(two.b), 1);
    assert_int_equal(held(two.b, "h57"), 361);
    assert_int_equal(do_write(two.b, loosen, NULL), OK);
    assert_string_equal(first_finding(two.b), "core_tree_accept");
}

static void test_exchange_restored_past_is_accepted(void **state)
{
    (void)state;
    on_two_nodes(accepted);
}

/* Rolled back and written on past what the peer holds: only the proof tells. */
static void forked(void)
{
    begin();
    grow(two.a, 40);
    hand();
    assert_int_equal(do_write(two.a, roll_back, NULL), OK);
    grow(two.a, 90);
    hand();
    alerted(two.b, "national", "unproved", 340);
    alerted(two.a, "national", "fork", 340);
    assert_int_equal(held(two.b, "h57"), 340);
    hand(); /* and again, as long as it lasts */
    assert_int_equal(alerts(two.b).rows[0].times, 2);
}

static void test_exchange_fork_is_told(void **state)
{
    (void)state;
    on_two_nodes(forked);
}

/* A job that began long ago, for an earlier peer was slow: what it tells is of now, and so is its
   time. Of then, its letter would be refused as too old, or taken for a roll-back. */
static void slow_job(void)
{
    begin();
    grow(two.a, 20);
    struct ctx *c = two.a->c;
    ctx_clear_faults(c);
    c->now_us = sys_now_us() - 60 * MINUTE_US;
    assert_int_equal(exchange_witness(c), OK);
    assert_int_equal(c->now_us, sys_now_us());
    assert_int_equal(held(two.b, "h57"), 320);
    assert_int_equal(alerts(two.b).n, 0);
}

static void test_exchange_letter_tells_of_now(void **state)
{
    (void)state;
    on_two_nodes(slow_job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchange_heads_go_both_ways),
        cmocka_unit_test(test_exchange_head_is_proved_from_what_is_held),
        cmocka_unit_test(test_exchange_rolled_back_node_is_told),
        cmocka_unit_test(test_exchange_late_letter_is_no_roll_back),
        cmocka_unit_test(test_exchange_answer_of_less_is_a_roll_back),
        cmocka_unit_test(test_exchange_fork_is_told),
        cmocka_unit_test(test_exchange_letter_tells_of_now),
        cmocka_unit_test(test_exchange_restored_past_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
