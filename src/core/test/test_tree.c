/* SPDX-License-Identifier: Apache-2.0 */
/* Heads and proofs of the tree over the trail, and other nodes' heads held against each other. */
#include "test/harness/unit.h"

#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "test/harness/trail_test.h"

/* ---- the same tree as over all leaves in memory ---- */

#define MOST 1100
struct trail {
    struct sha256 leaves[MOST];
    size_t n;
};

static enum err read_leaf(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct trail *t = arg;
    struct sha256 h;
    assert_true(t->n < MOST && sha256_from_hex(row_text(r, 0), &h));
    t->leaves[t->n++] = merkle_leaf((struct bytes){h.b, SHA256_LEN});
    return OK;
}

static enum err read_leaves(struct ctx *c, void *arg)
{
    return db_each(c, read_leaf, arg, "SELECT hash FROM core_audit ORDER BY seq");
}

struct asked {
    int64_t a, b;
    struct sha256 root;
    struct tree_proof proof;
};

static enum err ask_root(struct ctx *c, void *arg)
{
    struct asked *x = arg;
    return tree_root(c, x->a, &x->root);
}

static enum err ask_inclusion(struct ctx *c, void *arg)
{
    struct asked *x = arg;
    return tree_inclusion(c, x->a, x->b, &x->proof);
}

static enum err ask_consistency(struct ctx *c, void *arg)
{
    struct asked *x = arg;
    return tree_consistency(c, x->a, x->b, &x->proof);
}

static void assert_root(struct node_world *w, const struct trail *t, int64_t size)
{
    struct asked x = {.a = size};
    struct sha256 wanted = merkle_root(t->leaves, (size_t)size);
    assert_int_equal(do_read(w, ask_root, &x), OK);
    assert_memory_equal(x.root.b, wanted.b, SHA256_LEN);
}

static void assert_proofs(struct node_world *w, const struct trail *t, int64_t a, int64_t b)
{
    struct asked x = {.a = a, .b = b};
    uint64_t m = (uint64_t)a, n = (uint64_t)b;
    struct sha256 small = merkle_root(t->leaves, m), big = merkle_root(t->leaves, n), path[64];
    assert_int_equal(do_read(w, ask_inclusion, &x), OK);
    assert_true(merkle_check(t->leaves[m - 1], m - 1, n, x.proof.path, x.proof.n, big));
    assert_int_equal(x.proof.n, merkle_path(t->leaves, n, m - 1, path));
    assert_memory_equal(x.proof.path, path, x.proof.n * sizeof *path);
    assert_int_equal(do_read(w, ask_consistency, &x), OK);
    assert_true(merkle_continues(m, small, n, big, x.proof.path, x.proof.n));
    struct tree_proof again;
    assert_true(tree_proof_read(w->c->arena, tree_proof_text(w->c->arena, &x.proof), &again));
    assert_int_equal(again.n, x.proof.n);
    assert_memory_equal(again.path, x.proof.path, again.n * sizeof *path);
}

static void body_proofs(struct node_world *w, void *arg)
{
    static const int64_t places[] = {1, 2, 3, 255, 256, 257, 300, 511, 512, 513, 700, 1023, 1029};
    struct trail *t = ARENA_NEW(w->c->arena, struct trail);
    (void)arg;
    assert_false(trail_make_head(w)); /* an empty trail has no head */
    trail_acts(w, 3);
    assert_true(trail_make_head(w));
    assert_false(trail_make_head(w)); /* nothing written, no head */
    trail_acts(w, 1026);
    assert_true(trail_make_head(w));
    assert_int_equal(do_read(w, read_leaves, t), OK);
    assert_int_equal(t->n, 1029);
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        assert_root(w, t, places[i]);
        for (size_t k = i; k < ARRAY_LEN(places); k++)
            assert_proofs(w, t, places[i], places[k]);
    }
    struct asked beyond = {.a = 1030, .b = 1030};
    assert_int_equal(do_read(w, ask_root, &beyond), ERR_CHAIN);
    assert_int_equal(do_read(w, ask_inclusion, &beyond), ERR_CHAIN);
    assert_int_equal(do_read(w, ask_consistency, &beyond), ERR_CHAIN);
    beyond.b = 1029;
    assert_int_equal(do_read(w, ask_inclusion, &beyond), ERR_CHAIN);
    assert_int_equal(do_read(w, ask_consistency, &beyond), ERR_CHAIN);
    struct asked none = {.a = 0, .b = 1029};
    assert_int_equal(do_read(w, ask_inclusion, &none), ERR_CHAIN);
    assert_int_equal(do_read(w, ask_consistency, &none), ERR_CHAIN);
}

/* ---- a head ---- */

static void body_head(struct node_world *w, void *arg)
{
    (void)arg;
    struct arena *a = w->c->arena;
    struct bytes point = key_public_point(a, w->n->sign_key);
    trail_acts(w, 300);
    assert_true(trail_make_head(w));
    struct tree_head h = trail_newest_head(w), other = h;
    assert_int_equal(h.size, 300);
    assert_string_equal(h.node, "h57");
    assert_string_equal(h.key, key_id(a, point));
    assert_true(tree_head_signed(a, &h, point));
    other.size++;
    assert_false(tree_head_signed(a, &other, point));
    other = h;
    other.at_us++;
    assert_false(tree_head_signed(a, &other, point));
    other = h;
    other.key = "another";
    assert_false(tree_head_signed(a, &other, point));
    other = h;
    other.node = "h58";
    assert_false(tree_head_signed(a, &other, point));
}

static enum err count_heads(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT COUNT(*) FROM core_tree_head");
}

static int heads(struct node_world *w)
{
    int64_t n;
    assert_int_equal(do_read(w, count_heads, &n), OK);
    return (int)n;
}

/* After five weeks one head a day is left of each day. */
static void body_thinned(struct node_world *w, void *arg)
{
    (void)arg;
    for (int i = 0; i < 6; i++) {
        trail_acts(w, 1);
        assert_true(trail_make_head(w));
        clock_by(w, i == 2 ? DAY_US : MINUTE_US);
    }
    assert_int_equal(heads(w), 6);
    clock_by(w, 36 * DAY_US);
    trail_acts(w, 1);
    assert_true(trail_make_head(w));
    assert_int_equal(heads(w), 3); /* the first day's last, the second's, and today's */
    trail_acts(w, 1);
    assert_true(trail_make_head(w));
    assert_int_equal(heads(w), 4);
}

/* A head carries the time of its transaction, not that of a job that waited for it. */
static void body_head_time(struct node_world *w, void *arg)
{
    (void)arg;
    trail_acts(w, 3);
    w->c->now_us = sys_now_us() - MINUTE_US;
    assert_true(trail_make_head(w));
    assert_int_equal(trail_newest_head(w).at_us, sys_now_us());
    w->c->now_us = sys_now_us();
}

/* ---- held by a peer ---- */

struct taking {
    struct tree_head head;
    int64_t from;
    const char *proof;
    enum tree_verdict verdict;
};

static enum err take(struct ctx *c, void *arg)
{
    struct taking *t = arg;
    return tree_take(c, &t->head, t->from, t->proof, &t->verdict);
}

static enum tree_verdict taken(struct node_world *w, struct tree_head h, int64_t from)
{
    struct asked x = {.a = from, .b = h.size};
    struct taking t = {h, from, "", TREE_NEED};
    if (from && from <= h.size && do_read(w, ask_consistency, &x) == OK)
        t.proof = tree_proof_text(w->c->arena, &x.proof);
    assert_int_equal(do_write(w, take, &t), OK);
    return t.verdict;
}

static enum err read_held(struct ctx *c, void *arg)
{
    return tree_held(c, "h57", arg);
}

static int held(struct node_world *w)
{
    struct tree_head h;
    assert_int_equal(do_read(w, read_held, &h), OK);
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

static struct tree_head grown(struct node_world *w, int n)
{
    clock_by(w, MINUTE_US);
    trail_acts(w, n);
    assert_true(trail_make_head(w));
    return trail_newest_head(w);
}

static void body_held(struct node_world *w, void *arg)
{
    (void)arg;
    trail_own_peer(w);
    struct tree_head one = grown(w, 5), two = grown(w, 300), three = grown(w, 1), bad = two;
    assert_int_equal(taken(w, one, 0), TREE_TAKEN);
    assert_int_equal(taken(w, one, 0), TREE_TAKEN); /* twice is once */
    assert_int_equal(taken(w, two, 0), TREE_NEED);
    assert_int_equal(held(w), 5);
    assert_int_equal(taken(w, two, 5), TREE_TAKEN);
    assert_int_equal(taken(w, three, 305), TREE_TAKEN);
    assert_int_equal(held(w), 306);
    assert_int_equal(alerts(w).n, 0);
    struct taking forged = {bad, 5, "", TREE_NEED};
    forged.head.size++; /* not what was signed */
    assert_int_equal(do_write(w, take, &forged), ERR_SIGNATURE);
    forged.head = bad;
    forged.head.node = "stranger";
    assert_int_equal(do_write(w, take, &forged), ERR_SIGNATURE);
    clock_by(w, -2 * HOUR_US);                     /* whatever the clocks say */
    assert_int_equal(taken(w, two, 5), TREE_NEED); /* on its way till now */
    assert_int_equal(taken(w, two, 305), TREE_NEED);
    assert_int_equal(alerts(w).n, 0);
    assert_int_equal(held(w), 306);
    assert_int_equal(taken(w, two, 306), TREE_ROLLED_BACK);
    assert_int_equal(taken(w, two, 306), TREE_ROLLED_BACK);
    struct seen s = alerts(w);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.rows[0].times, 2);
    assert_string_equal(s.rows[0].kind, "rolled_back");
    assert_int_equal(s.rows[0].held.size, 306);
    assert_string_equal(s.rows[0].held.signature, three.signature); /* both heads are kept */
    assert_string_equal(s.rows[0].shown.signature, two.signature);
    assert_int_equal(held(w), 306);
}

static void body_2038(struct node_world *w, void *arg)
{
    struct audit_seal before, beyond, after;
    (void)arg;
    trail_acts(w, 2);
    assert_true(trail_make_head(w));
    before = trail_sealed(w);
    clock_at(w, 20380120, 900); /* past the end of the certificate */
    trail_acts(w, 3);
    assert_false(trail_make_head(w));
    beyond = trail_sealed(w);
    assert_int_equal(beyond.seq, before.seq);
    assert_int_equal(trail_newest_head(w).size, 2);
    clock_at(w, 20200605, 900);
    assert_true(trail_make_head(w)); /* what was done meanwhile is covered now */
    after = trail_sealed(w);
    assert_int_equal(after.seq, 5);
    assert_int_equal(trail_newest_head(w).size, 5);
}

static void test_tree_waits_for_the_certificate(void **state)
{
    (void)state;
    node_test(NULL, 0, body_2038, NULL);
}

static enum err rewrite(struct ctx *c, void *arg)
{
    int n = 3;
    (void)arg;
    enum err e = db_exec(c, NULL, "DELETE FROM core_audit WHERE seq > 3");
    if (!e)
        e = db_exec(c, NULL, "DELETE FROM core_tree_head WHERE size > 3");
    if (!e)
        e = db_exec(c, NULL, "DELETE FROM core_tree");
    return e ? e : trail_do_acts(c, &n);
}

static struct tree_head forked(struct node_world *w)
{
    clock_by(w, MINUTE_US);
    assert_int_equal(do_write(w, rewrite, NULL), OK);
    assert_true(trail_make_head(w));
    return trail_newest_head(w);
}

static void body_fork(struct node_world *w, void *arg)
{
    (void)arg;
    trail_own_peer(w);
    assert_int_equal(taken(w, grown(w, 6), 0), TREE_TAKEN);
    struct tree_head same = forked(w), longer = grown(w, 4);
    assert_int_equal(same.size, 6);
    assert_int_equal(taken(w, same, 0), TREE_FORK);
    assert_int_equal(taken(w, longer, 6), TREE_UNPROVED); /* its proof is from its own past */
    struct seen s = alerts(w);
    assert_int_equal(s.n, 2);
    assert_int_equal(held(w), 6);
}

/* ---- a restored past, accepted ---- */

static enum err accept(struct ctx *c, void *arg)
{
    return tree_accept(c, arg);
}

static enum err accepted(struct node_world *w, int64_t size, const char *root)
{
    struct tree_acceptance a = {
        .node = "h57", .size = size, .root = root, .account = "A1", .reason = "đĩa hỏng"};
    ctx_clear_faults(w->c);
    return do_write(w, accept, &a);
}

static const char *digits_of(struct node_world *w, struct tree_head h)
{
    return arena_text_n(w->c->arena, h.root, 16);
}

static void not_accepted(struct node_world *w, struct tree_head shown, struct tree_head before)
{
    const char *root = digits_of(w, shown);
    assert_int_equal(accepted(w, shown.size, digits_of(w, before)), ERR_TREE_NOT_SHOWN);
    assert_int_equal(accepted(w, before.size, digits_of(w, before)), ERR_TREE_NOT_SHOWN);
    assert_int_equal(accepted(w, shown.size + 1, root), ERR_TREE_NOT_SHOWN);
    assert_int_equal(accepted(w, shown.size, arena_text_n(w->c->arena, root, 15)),
                     ERR_TREE_NOT_SHOWN);
    assert_int_equal(accepted(w, shown.size, ""), ERR_TREE_NOT_SHOWN);
    assert_int_equal(held(w), (int)before.size);
    assert_int_equal(alerts(w).rows[0].settled_us, 0);
}

static enum err count_old(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT COUNT(*) FROM core_tree_held WHERE peer = 'h57'");
}

static void body_accept(struct node_world *w, void *arg)
{
    int64_t old;
    (void)arg;
    trail_own_peer(w);
    struct tree_head one = grown(w, 5), two = grown(w, 300), back;
    assert_int_equal(taken(w, one, 0), TREE_TAKEN);
    assert_int_equal(accepted(w, 5, digits_of(w, one)), ERR_TREE_NOT_SHOWN); /* nobody asked */
    assert_int_equal(taken(w, two, 5), TREE_TAKEN);
    back = forked(w);
    assert_int_equal(taken(w, back, 305), TREE_ROLLED_BACK);
    not_accepted(w, back, two);
    assert_int_equal(accepted(w, back.size, digits_of(w, back)), OK);
    assert_int_equal(held(w), 6);
    struct seen s = alerts(w);
    assert_int_equal(s.n, 1); /* shown as before, and by whom it was answered */
    assert_true(s.rows[0].settled_us != 0);
    assert_string_equal(s.rows[0].account, "A1");
    assert_string_equal(s.rows[0].held.signature, two.signature);
    assert_int_equal(do_read(w, count_old, &old), OK);
    assert_int_equal(old, 2); /* what was held before stays */
    assert_int_equal(accepted(w, back.size, digits_of(w, back)), ERR_TREE_NOT_SHOWN); /* once */
    assert_int_equal(taken(w, back, 0), TREE_TAKEN);
    assert_int_equal(taken(w, grown(w, 299), 6), TREE_TAKEN); /* of the size held before */
    assert_int_equal(held(w), 306);
    assert_int_equal(alerts(w).n, 1);
}

/* One head was accepted, not anything from then on. */
static void body_accept_once(struct node_world *w, void *arg)
{
    (void)arg;
    trail_own_peer(w);
    struct tree_head two = grown(w, 20), back, again;
    assert_int_equal(taken(w, two, 0), TREE_TAKEN);
    back = forked(w);
    assert_int_equal(taken(w, back, 20), TREE_ROLLED_BACK);
    assert_int_equal(accepted(w, back.size, back.root), OK);
    struct taking old = {two, 6, "", TREE_TAKEN}; /* the past of before is no more */
    assert_int_equal(do_write(w, take, &old), OK);
    assert_int_equal(old.verdict, TREE_UNPROVED);
    assert_int_equal(alerts(w).rows[0].settled_us, 0);
    assert_int_equal(taken(w, grown(w, 5), 6), TREE_TAKEN);
    again = forked(w);
    assert_int_equal(taken(w, again, 12), TREE_ROLLED_BACK);
    struct seen s = alerts(w);
    assert_int_equal(s.n, 3);
    assert_int_equal(s.rows[0].settled_us, 0);
    assert_int_equal(s.rows[0].held.size, 12); /* with the record of the acceptance */
    assert_int_equal(held(w), 12);
    assert_int_equal(accepted(w, again.size, again.root), OK);
    assert_int_equal(held(w), 6);
}

/* ---- ours, shown to us ---- */

struct showing {
    struct tree_head head;
    enum tree_verdict verdict;
};

static enum err show(struct ctx *c, void *arg)
{
    struct showing *s = arg;
    return tree_shown(c, "national", &s->head, &s->verdict);
}

static enum tree_verdict shown(struct node_world *w, struct tree_head h)
{
    struct showing s = {h, TREE_NEED};
    assert_int_equal(do_write(w, show, &s), OK);
    return s.verdict;
}

static void body_shown(struct node_world *w, void *arg)
{
    (void)arg;
    struct tree_head one = grown(w, 6), two = grown(w, 3);
    assert_int_equal(shown(w, one), TREE_TAKEN);
    assert_int_equal(shown(w, two), TREE_TAKEN);
    assert_int_equal(alerts(w).n, 0);
    struct showing forged = {two, TREE_NEED};
    forged.head.size = 99; /* an accusation that we never signed */
    assert_int_equal(do_write(w, show, &forged), ERR_SIGNATURE);
    struct tree_head other = forked(w);
    assert_int_equal(other.size, 6);
    assert_int_equal(shown(w, one), TREE_FORK);
    assert_int_equal(shown(w, two), TREE_ROLLED_BACK);
    struct seen s = alerts(w);
    assert_int_equal(s.n, 2);
    assert_string_equal(s.rows[0].witness, "national");
    assert_string_equal(s.rows[0].node, "h57");
}

#define NODE_TEST(name)                                                                            \
    static void test_tree_##name(void **state)                                                     \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(NULL, 0, body_##name, NULL);                                                     \
    }
NODE_TEST(proofs)
NODE_TEST(head)
NODE_TEST(head_time)
NODE_TEST(thinned)
NODE_TEST(held)
NODE_TEST(fork)
NODE_TEST(shown)
NODE_TEST(accept)
NODE_TEST(accept_once)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree_proofs),
        cmocka_unit_test(test_tree_head),
        cmocka_unit_test(test_tree_head_time),
        cmocka_unit_test(test_tree_thinned),
        cmocka_unit_test(test_tree_held),
        cmocka_unit_test(test_tree_waits_for_the_certificate),
        cmocka_unit_test(test_tree_fork),
        cmocka_unit_test(test_tree_shown),
        cmocka_unit_test(test_tree_accept),
        cmocka_unit_test(test_tree_accept_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
