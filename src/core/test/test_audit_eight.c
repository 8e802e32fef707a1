/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The eight ways to tamper with a trail, each by a hand in the database, on both of them: edit,
 * delete, insert, reorder, swap between citizens, truncation, roll-back of the whole, fork. Each is
 * found in one run, by its kind and at its place; and a verifier without a witness misses the last
 * three, when the hand removes all that told of them.
 */
#include "test/harness/unit.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "test/harness/trail_test.h"

#define RECORDS 700

static enum err write_acts(struct ctx *c, void *arg)
{
    static const char *const persons[] = {"046194000123", "046194000456", "046194000789"};
    struct actor who = *c->actor;
    const struct actor *before = c->actor;
    enum err e = OK;
    who.kind = ACTOR_CITIZEN;
    c->actor = &who;
    for (int i = 0; i < *(const int *)arg && !e; i++) {
        who.person = persons[i % 3];
        const char *object = arena_printf(c->arena, "object-%d", i);
        e = audit_write(c, &(struct audit_act){"test.act", "thing", object, NULL});
    }
    c->actor = before;
    return e ? e : audit_seal(c);
}

static void grow(struct node_world *w, int n)
{
    bool made = false;
    clock_by(w, MINUTE_US);
    assert_int_equal(do_write(w, write_acts, &n), OK);
    w->c->now_us += MINUTE_US;
    assert_int_equal(tree_make(w->c, &made), OK);
    assert_true(made);
}

/* Three heads that a witness took. */
static struct tree_head held[3];

static void begin(struct node_world *w)
{
    static const int sizes[] = {100, 500, 100};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        grow(w, sizes[i]);
        held[i] = trail_newest_head(w);
    }
    assert_int_equal(held[2].size, RECORDS);
}

static enum err with_witness(struct ctx *c, void *arg)
{
    struct audit_outside o = {.heads = held, .n_heads = ARRAY_LEN(held)};
    return audit_verify(c, &o, arg);
}

static struct audit_report *report(struct node_world *w, db_work how)
{
    struct audit_report *r = ARENA_NEW(w->c->arena, struct audit_report);
    assert_int_equal(do_read(w, how, r), OK);
    return r;
}

static void assert_sound(const struct audit_report *r)
{
    assert_string_equal(r->problem, "");
    assert_int_equal(r->n_findings, 0);
}

/* Named so, there and nowhere else. */
static void assert_found(const struct audit_report *r, const char *kind, int seq, int until)
{
    assert_true(r->n_findings > 0);
    assert_string_equal(r->findings[0].kind, kind);
    assert_string_equal(r->findings[0].table, "core_audit");
    assert_int_equal(r->findings[0].seq, seq);
    assert_int_equal(r->findings[0].until, until);
    assert_true(r->findings[0].at_us > 0);
    assert_string_equal(r->problem, r->findings[0].problem);
    assert_int_equal(r->bad_seq, seq);
}

/* ---- by hand ---- */

static enum err h_edit(struct ctx *c)
{
    return db_exec(c, NULL, "UPDATE core_audit SET detail = '{\"x\":1}' WHERE seq = 400");
}

static enum err h_delete(struct ctx *c)
{
    return db_exec(c, NULL, "DELETE FROM core_audit WHERE seq >= 400 AND seq <= 402");
}

/* Two steps: a primary key is held row by row. */
static enum err move_by(struct ctx *c, int64_t after, int64_t by)
{
    enum err e = db_exec(c, NULL, "UPDATE core_audit SET seq = -seq WHERE seq > $1", P_INT(after));
    return e ? e
             : db_exec(c, NULL, "UPDATE core_audit SET seq = -seq + $1 WHERE seq < 0", P_INT(by));
}

static enum err h_delete_close(struct ctx *c)
{
    enum err e = db_exec(c, NULL, "DELETE FROM core_audit WHERE seq = 400");
    return e ? e : move_by(c, 400, -1);
}

static enum err one_text(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

/* A well made record between two. */
static enum err h_insert(struct ctx *c)
{
    bool found;
    struct audit_record r = {.seq = 400,
                             .at_us = c->now_us,
                             .actor = "official",
                             .account = "01X",
                             .person = "",
                             .unit = "H57",
                             .role = "chairman",
                             .action = "onestop.sign",
                             .kind = "dossier",
                             .object = "x",
                             .matter = "",
                             .request = "01R",
                             .detail = "{}"};
    enum err e =
        db_one(c, &found, one_text, &r.prev, "SELECT hash FROM core_audit WHERE seq = 399");
    if (!e)
        e = move_by(c, 399, 1);
    if (e)
        return e;
    return db_exec(c, NULL,
                   "INSERT INTO core_audit (seq, at_us, actor, account, person, unit, role, action,"
                   " kind, object, matter, request, detail, prev, hash) VALUES ($1, $2, 'official',"
                   " '01X', '', 'H57', 'chairman', 'onestop.sign', 'dossier', 'x', '', '01R', '{}',"
                   " $3, $4)",
                   P_INT(400), P_INT(r.at_us), P_TEXT(r.prev), P_TEXT(audit_hash(c->arena, &r)));
}

/* The same without a care for hashes. */
static enum err h_insert_rough(struct ctx *c)
{
    enum err e = move_by(c, 399, 1);
    if (e)
        return e;
    return db_exec(c, NULL,
                   "INSERT INTO core_audit SELECT 400, at_us, actor, account, person, unit, role,"
                   " action, kind, 'other', matter, request, detail, prev, hash FROM core_audit"
                   " WHERE seq = 5");
}

static enum err change_places(struct ctx *c, int64_t a, int64_t b)
{
    enum err e = db_exec(c, NULL, "UPDATE core_audit SET seq = -1 WHERE seq = $1", P_INT(a));
    if (!e)
        e = db_exec(c, NULL, "UPDATE core_audit SET seq = $1 WHERE seq = $2", P_INT(a), P_INT(b));
    return e ? e : db_exec(c, NULL, "UPDATE core_audit SET seq = $1 WHERE seq = -1", P_INT(b));
}

static enum err h_reorder(struct ctx *c)
{
    return change_places(c, 400, 401);
}

static enum err h_reorder_far(struct ctx *c)
{
    return change_places(c, 400, 633);
}

/* One citizen's act becomes another's, and the other way round. */
static enum err h_swap(struct ctx *c)
{
    bool found;
    const char *a = "", *b = "";
    enum err e = db_one(c, &found, one_text, &a, "SELECT person FROM core_audit WHERE seq = 400");
    if (!e)
        e = db_one(c, &found, one_text, &b, "SELECT person FROM core_audit WHERE seq = 632");
    if (!e)
        e = db_exec(c, NULL, "UPDATE core_audit SET person = $1 WHERE seq = 400", P_TEXT(b));
    assert_string_not_equal(a, b);
    return e ? e : db_exec(c, NULL, "UPDATE core_audit SET person = $1 WHERE seq = 632", P_TEXT(a));
}

static enum err h_truncate(struct ctx *c)
{
    return db_exec(c, NULL, "DELETE FROM core_audit WHERE seq > 650");
}

/* As the whole file was before: nothing in it tells of what came later. */
static enum err h_roll_back(struct ctx *c)
{
    enum err e = db_exec(c, NULL, "DELETE FROM core_audit WHERE seq > 600");
    if (!e)
        e = db_exec(c, NULL, "DELETE FROM core_seal WHERE seq > 600");
    return e ? e : db_exec(c, NULL, "DELETE FROM core_tree_head WHERE size > 600");
}

static enum err h_rewrite_hash(struct ctx *c)
{
    bool found;
    const char *prev = "";
    enum err e = db_one(c, &found, one_text, &prev, "SELECT prev FROM core_audit WHERE seq = 400");
    if (e)
        return e;
    struct audit_record r = {.seq = 400,
                             .at_us = 1,
                             .actor = "",
                             .account = "",
                             .person = "",
                             .unit = "",
                             .role = "",
                             .action = "",
                             .kind = "",
                             .object = "",
                             .matter = "",
                             .request = "",
                             .detail = "",
                             .prev = prev};
    return db_exec(c, NULL,
                   "UPDATE core_audit SET at_us = 1, actor = '', account = '', person = '',"
                   " unit = '', role = '', action = '', kind = '', object = '', matter = '',"
                   " request = '', detail = '', hash = $1 WHERE seq = 400",
                   P_TEXT(audit_hash(c->arena, &r)));
}

static enum err by_hand(struct ctx *c, void *arg)
{
    enum err (**how)(struct ctx *) = arg;
    return (*how)(c);
}

static void hand(struct node_world *w, enum err (*how)(struct ctx *))
{
    assert_int_equal(do_write(w, by_hand, &how), OK);
}

/* ---- one after the other ---- */

static void body_sound(struct node_world *w, void *arg)
{
    (void)arg;
    begin(w);
    assert_sound(report(w, trail_do_verify));
    assert_sound(report(w, with_witness));
    assert_int_equal(report(w, with_witness)->held, 3);
    assert_int_equal(report(w, trail_do_verify)->heads, 3);
}

#define BY_HAND(name, kind, seq, until)                                                            \
    static void body_##name(struct node_world *w, void *arg)                                       \
    {                                                                                              \
        (void)arg;                                                                                 \
        begin(w);                                                                                  \
        hand(w, h_##name);                                                                         \
        assert_found(report(w, trail_do_verify), (kind), (seq), (until));                          \
        assert_found(report(w, with_witness), (kind), (seq), (until));                             \
    }
BY_HAND(edit, "edit", 400, 400)
BY_HAND(rewrite_hash, "edit", 400, 400)
BY_HAND(delete, "delete", 400, 402)
BY_HAND(delete_close, "delete", 400, 400)
BY_HAND(insert, "insert", 400, 400)
BY_HAND(insert_rough, "insert", 400, 400)
BY_HAND(reorder, "reorder", 400, 400)
BY_HAND(reorder_far, "reorder", 400, 400)
BY_HAND(swap, "swap", 400, 400)
BY_HAND(truncate, "truncation", 651, 700)

static void body_rolled_back(struct node_world *w, void *arg)
{
    (void)arg;
    begin(w);
    hand(w, h_roll_back);
    assert_sound(report(w, trail_do_verify)); /* the control */
    assert_found(report(w, with_witness), "roll-back", 601, 700);
    assert_int_equal(report(w, with_witness)->findings[0].at_us, held[2].at_us);
}

/* The cut that also removes its seals and heads is the same to the verifier: named all the same. */
static void body_cut_clean(struct node_world *w, void *arg)
{
    (void)arg;
    begin(w);
    hand(w, h_truncate);
    hand(w, h_roll_back);
    assert_sound(report(w, trail_do_verify)); /* the control */
    assert_found(report(w, with_witness), "roll-back", 601, 700);
}

/* Another history from record 601 on, longer than the first, with seals and heads of its own. */
static void body_forked(struct node_world *w, void *arg)
{
    (void)arg;
    begin(w);
    hand(w, h_roll_back);
    clock_by(w, DAY_US);
    grow(w, 150);
    assert_sound(report(w, trail_do_verify)); /* the control */
    assert_found(report(w, with_witness), "fork", 601, 700);
}

/* All in one run: each has its finding. */
static void body_many(struct node_world *w, void *arg)
{
    const struct audit_report *r;
    (void)arg;
    begin(w);
    assert_int_equal(do_write(w, by_hand, &(enum err(*)(struct ctx *)){h_swap}), OK);
    hand(w, h_truncate);
    hand(w, h_rewrite_hash);
    r = report(w, trail_do_verify);
    assert_int_equal(r->n_findings, 3);
    assert_string_equal(r->findings[0].kind, "edit"); /* of one swapped, now rewritten */
    assert_string_equal(r->findings[1].kind, "edit");
    assert_string_equal(r->findings[2].kind, "truncation");
}

static enum err h_subtree(struct ctx *c)
{
    return db_exec(c, NULL,
                   "UPDATE core_tree SET hash = (SELECT hash FROM core_audit WHERE seq = 1)"
                   " WHERE position = 1");
}

static void body_tree(struct node_world *w, void *arg)
{
    (void)arg;
    begin(w);
    hand(w, h_subtree);
    const struct audit_report *r = report(w, trail_do_verify);
    assert_int_equal(r->n_findings, 1);
    assert_string_equal(r->findings[0].kind, "tree");
    assert_int_equal(r->bad_seq, 512);
}

static void body_accused(struct node_world *w, void *arg)
{
    (void)arg;
    begin(w);
    held[1].size++; /* nobody signed this */
    const struct audit_report *r = report(w, with_witness);
    assert_int_equal(r->n_findings, 1);
    assert_string_equal(r->findings[0].kind, "witness");
}

#define NODE_TEST(name)                                                                            \
    static void test_audit_eight_##name(void **state)                                              \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(NULL, 0, body_##name, NULL);                                                     \
    }
NODE_TEST(sound)
NODE_TEST(edit)
NODE_TEST(rewrite_hash)
NODE_TEST(delete)
NODE_TEST(delete_close)
NODE_TEST(insert)
NODE_TEST(insert_rough)
NODE_TEST(reorder)
NODE_TEST(reorder_far)
NODE_TEST(swap)
NODE_TEST(truncate)
NODE_TEST(rolled_back)
NODE_TEST(cut_clean)
NODE_TEST(forked)
NODE_TEST(many)
NODE_TEST(tree)
NODE_TEST(accused)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_audit_eight_sound),
        cmocka_unit_test(test_audit_eight_edit),
        cmocka_unit_test(test_audit_eight_rewrite_hash),
        cmocka_unit_test(test_audit_eight_delete),
        cmocka_unit_test(test_audit_eight_delete_close),
        cmocka_unit_test(test_audit_eight_insert),
        cmocka_unit_test(test_audit_eight_insert_rough),
        cmocka_unit_test(test_audit_eight_reorder),
        cmocka_unit_test(test_audit_eight_reorder_far),
        cmocka_unit_test(test_audit_eight_swap),
        cmocka_unit_test(test_audit_eight_truncate),
        cmocka_unit_test(test_audit_eight_rolled_back),
        cmocka_unit_test(test_audit_eight_cut_clean),
        cmocka_unit_test(test_audit_eight_forked),
        cmocka_unit_test(test_audit_eight_many),
        cmocka_unit_test(test_audit_eight_tree),
        cmocka_unit_test(test_audit_eight_accused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
