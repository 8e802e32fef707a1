/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trail when the database fails beneath it, and the proof's rarer findings: each call of each
 * operation fails once, nothing is half written, and the next try is as if nothing had been.
 */
#include "test/harness/unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/access.h"
#include "test/harness/trail_test.h"

static enum err keep_head(struct ctx *c, void *arg)
{
    const struct tree_head *h = arg;
    enum tree_verdict verdict;
    return tree_take(c, h, 0, "", &verdict);
}

/* Records, a line of access, two seals, both witnessed, and two heads held: a part of each kind. */
static void a_whole_trail(struct node_world *w)
{
    trail_own_peer(w);
    as_official(w, "commune_clerk", "H57.31.08", "Trần B");
    with_purpose(w, "birth_registration", "H57-1");
    for (int i = 0; i < 2; i++) {
        bool made = false;
        struct tree_head head;
        trail_acts(w, 3);
        assert_int_equal(do_write(w, trail_do_note, NULL), OK);
        struct audit_seal s = trail_sealed(w);
        assert_int_equal(do_write(w, trail_do_witness, &s), OK);
        ctx_clear_faults(w->c);
        assert_int_equal(tree_make(w->c, &made), OK);
        assert_int_equal(do_read(w, trail_do_newest_head, &head), OK);
        head.node = "h57";
        if (i == 0)
            assert_int_equal(do_write(w, keep_head, &head), OK);
        clock_by(w, MINUTE_US);
    }
}

/* ---- each call fails once ---- */

static enum err work_act(struct node_world *w)
{
    return do_write(w, trail_do_acts, NULL);
}

static enum err work_seal(struct node_world *w)
{
    return do_write(w, trail_do_seal, NULL);
}

static enum err work_witness(struct node_world *w)
{
    struct audit_seal s;
    enum err e = do_read(w, trail_do_last_seal, &s);
    return e ? e : do_write(w, trail_do_witness, &s);
}

static enum err says(struct ctx *c, void *arg)
{
    return audit_says(c, "thing", "object", "{}", arg);
}

static enum err work_says(struct node_world *w)
{
    bool yes;
    return do_read(w, says, &yes);
}

static enum err holds(struct ctx *c, void *arg)
{
    enum err e = audit_witnessed(c, "h57", arg);
    return e ? e : audit_holds(c, arg);
}

static enum err work_holds(struct node_world *w)
{
    struct audit_seal s;
    return do_read(w, holds, &s);
}

static enum err work_verify(struct node_world *w)
{
    struct audit_report r;
    return do_read(w, trail_do_verify, &r);
}

static int sweep(struct node_world *w, enum err (*work)(struct node_world *))
{
    for (int k = 1; k < 200; k++) {
        if (!sys_fault_arm(arena_printf(w->c->arena, "db:%d:EIO", k)))
            return -1; /* a build that can't be broken */
        enum err e = work(w);
        assert_true(sys_fault_arm(NULL));
        if (!e)
            return k - 1;
        assert_true(err_row(e)->status >= 500);
        ctx_clear_faults(w->c);
    }
    assert_true(false);
    return 0;
}

static void body_each_call(struct node_world *w, void *arg)
{
    (void)arg;
    static const struct {
        enum err (*work)(struct node_world *);
        int least;
    } works[] = {{work_act, 2},  {work_seal, 4},  {work_witness, 2}, {work_witness, 3},
                 {work_says, 1}, {work_holds, 2}, {work_verify, 6}};
    a_whole_trail(w);
    int64_t records = trail_report(w).records;
    trail_acts(w, 1);
    for (size_t i = 0; i < ARRAY_LEN(works); i++) {
        int failed = sweep(w, works[i].work);
        assert_true(failed < 0 || failed >= works[i].least);
    }
    struct audit_report r = trail_report(w);
    assert_string_equal(r.problem, "");
    assert_true(r.records == records + 2 || r.records == records + 1);
    assert_int_equal(r.witnessed, 4);
}

/* ---- findings that no other test makes ---- */

static enum err alter(struct ctx *c, void *arg)
{
    enum err (**how)(struct ctx *) = arg;
    return (*how)(c);
}

/* A whole trail, sound; then somebody changes the database; what is found first. */
static void found(struct node_world *w, enum err (*how)(struct ctx *), const char *what)
{
    a_whole_trail(w);
    assert_string_equal(trail_report(w).problem, "");
    assert_int_equal(do_write(w, alter, &how), OK);
    assert_string_equal(trail_report(w).problem, what);
}

#define FOUND(name, sql, what)                                                                     \
    static enum err sql_##name(struct ctx *c)                                                      \
    {                                                                                              \
        return db_exec(c, NULL, sql);                                                              \
    }                                                                                              \
    static void body_##name(struct node_world *w, void *arg)                                       \
    {                                                                                              \
        (void)arg;                                                                                 \
        found(w, sql_##name, (what));                                                              \
    }                                                                                              \
    static void test_found_##name(void **state)                                                    \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(NULL, 0, body_##name, NULL);                                                     \
    }
FOUND(line_changed,
      "UPDATE core_access SET line = (SELECT line FROM core_access ORDER BY id DESC LIMIT 1)",
      "names a line of access that was changed")
FOUND(seal_of_another, "UPDATE core_seal SET node = 'g01' WHERE seq < 6",
      "has a seal whose signature does not hold")
FOUND(seal_ahead, "DELETE FROM core_audit WHERE seq > 6",
      "and those after it are missing: the tail was cut, this database still tells of it")
FOUND(seals_of_another_past,
      "UPDATE core_seal SET hash = (SELECT hash FROM core_audit WHERE seq = 1)",
      "has a seal whose signature does not hold")
FOUND(held_forged, "UPDATE core_tree_held SET size = size + 1",
      "kept for a peer as its witness has no signature of that peer")
FOUND(witness_forged, "UPDATE core_witness SET signature = 'AAAA'",
      "kept for a peer as its witness has no signature of that peer")

/* A head of two peers is held, two of one: each is looked at. */
static enum err second_peer(struct ctx *c, void *arg)
{
    (void)arg;
    enum err e = db_exec(c, NULL,
                         "INSERT INTO core_tree_held (peer, size, root, at_us, signing_key,"
                         " signature, received_us) SELECT peer, size + 1000, root, at_us,"
                         " signing_key, signature, received_us FROM core_tree_held");
    return e ? e
             : db_exec(c, NULL,
                       "INSERT INTO core_witness (peer, seq, hash, at_us, signature, received_us)"
                       " SELECT 'z99', seq, hash, at_us, signature, received_us FROM core_witness");
}

static void body_each_held(struct node_world *w, void *arg)
{
    a_whole_trail(w);
    int64_t before = trail_report(w).witnessed;
    assert_int_equal(do_write(w, second_peer, arg), OK);
    struct audit_report r = trail_report(w);
    assert_int_equal(before, 3);
    assert_int_equal(r.witnessed, 6);
    assert_string_equal(r.problem, "kept for a peer as its witness has no signature of that peer");
}

/* What the node itself no longer does: a seal of a time at which its certificate wasn't valid. */
static enum err seal_at(struct ctx *c, void *arg)
{
    struct audit_head head;
    const char *fingerprint;
    enum err e = audit_head(c, &head);
    if (!e)
        e = audit_keep_cert(c, &fingerprint);
    if (e)
        return e;
    struct audit_seal s = {
        .node = c->node->name, .seq = head.seq, .at_us = *(int64_t *)arg, .hash = head.hash};
    struct buf text = buf_new(c->arena, 200);
    buf_base64url(&text, key_sign(c->arena, c->node->sign_key, audit_seal_text(c->arena, &s)));
    return db_exec(c, NULL,
                   "INSERT INTO core_seal (seq, hash, node, at_us, signature, cert)"
                   " VALUES ($1, $2, $3, $4, $5, $6)",
                   P_INT(s.seq), P_TEXT(s.hash), P_TEXT(s.node), P_INT(s.at_us), P_TEXT(text.ptr),
                   P_TEXT(fingerprint));
}

/* The clock went back between two seals, and twice out of the certificate's own time; a node of no
   authority looks at the signature alone. */
static void body_times_of_seals(struct node_world *w, void *arg)
{
    (void)arg;
    trail_acts(w, 1);
    trail_sealed(w);
    clock_by(w, -HOUR_US);
    trail_acts(w, 1);
    trail_sealed(w);
    assert_string_equal(trail_report(w).problem, "");
    trail_acts(w, 1);
    int64_t before_it = w->c->now_us - 400 * DAY_US, after_it = w->c->now_us + 40000 * DAY_US;
    assert_int_equal(do_write(w, seal_at, &after_it), OK);
    assert_string_equal(trail_report(w).problem, "has a seal whose signature does not hold");
    trail_acts(w, 1);
    assert_int_equal(do_write(w, seal_at, &before_it), OK);
    assert_string_equal(trail_report(w).problem, "has a seal whose signature does not hold");
    struct cert *ca = w->n->ca_cert;
    w->n->ca_cert = NULL;
    assert_string_equal(trail_report(w).problem, "");
    w->n->ca_cert = ca;
}

static enum err no_hash(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "UPDATE core_audit SET hash = 'x' WHERE seq = 2");
}

static void body_head_of_no_hash(struct node_world *w, void *arg)
{
    trail_acts(w, 2);
    assert_int_equal(do_write(w, no_hash, arg), OK);
    assert_int_equal(do_write(w, trail_do_acts, NULL), ERR_CHAIN);
}

/* A seal that isn't one, in each of its parts. */
static void body_seals_that_are_none(struct node_world *w, void *arg)
{
    (void)arg;
    trail_own_peer(w);
    trail_acts(w, 1);
    struct audit_seal good = trail_sealed(w), bad = good;
    assert_true(audit_seal_of_peer(w->c, &good));
    bad.signature = "!";
    assert_false(audit_seal_of_peer(w->c, &bad));
    bad.signature = "AAAA";
    assert_false(audit_seal_of_peer(w->c, &bad));
    bad = good;
    bad.seq = 0;
    assert_false(audit_seal_of_peer(w->c, &bad));
    bad = good;
    bad.hash = "x";
    assert_false(audit_seal_of_peer(w->c, &bad));
    bad = good;
    bad.at_us++;
    assert_false(audit_seal_of_peer(w->c, &bad));
    struct node_peer *self = (struct node_peer *)(uintptr_t)w->n->peers;
    self->sign_point_b64 = "!";
    assert_false(audit_seal_of_peer(w->c, &good));
}

#define NODE_TEST(name)                                                                            \
    static void test_audit_##name(void **state)                                                    \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(NULL, 0, body_##name, NULL);                                                     \
    }
NODE_TEST(each_call)
NODE_TEST(each_held)
NODE_TEST(times_of_seals)
NODE_TEST(head_of_no_hash)
NODE_TEST(seals_that_are_none)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_audit_each_call),
        cmocka_unit_test(test_found_line_changed),
        cmocka_unit_test(test_found_seal_of_another),
        cmocka_unit_test(test_found_seal_ahead),
        cmocka_unit_test(test_found_seals_of_another_past),
        cmocka_unit_test(test_found_held_forged),
        cmocka_unit_test(test_found_witness_forged),
        cmocka_unit_test(test_audit_each_held),
        cmocka_unit_test(test_audit_times_of_seals),
        cmocka_unit_test(test_audit_head_of_no_hash),
        cmocka_unit_test(test_audit_seals_that_are_none),
    };
    return cmocka_run_group_tests_name("audit faults", tests, NULL, NULL);
}
