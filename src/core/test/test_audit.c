/* SPDX-License-Identifier: Apache-2.0 */
/* The trail: chain, seals, witnesses, and every way to tamper with them. */
#include "test/harness/unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "core/access.h"
#include "core/scope.h"
#include "test/harness/trail_test.h"

static enum err read_head(struct ctx *c, void *arg)
{
    return audit_head(c, arg);
}

static void assert_broken(struct node_world *w, int64_t seq, const char *what)
{
    struct audit_report r = trail_report(w);
    assert_string_equal(r.problem, what);
    assert_int_equal(r.bad_seq, seq);
}

/* ---- the format, with vectors that docs/audit-format.md repeats ---- */

static void test_audit_format_vectors(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    struct audit_record one = {.seq = 1,
                               .at_us = 1591236000000000,
                               .actor = "official",
                               .account = "01EXAMPLE",
                               .person = "",
                               .unit = "H57.31.08",
                               .role = "commune_clerk",
                               .action = "onestop.receive",
                               .kind = "dossier",
                               .object = "H57.31.08-200604-0001",
                               .matter = "H57.31.08-200604-0001",
                               .request = "01REQUEST",
                               .detail = "{\"note\":\"Tiếp nhận\"}",
                               .prev = AUDIT_NO_HASH};
    struct bytes text = audit_canonical(a, &one);
    const char *wanted = "dinh-audit-v1\nseq:1:1\nat_us:16:1591236000000000\nactor:8:official\n"
                         "account:9:01EXAMPLE\nperson:0:\nunit:9:H57.31.08\n"
                         "role:13:commune_clerk\naction:15:onestop.receive\nkind:7:dossier\n"
                         "object:21:H57.31.08-200604-0001\nmatter:21:H57.31.08-200604-0001\n"
                         "request:9:01REQUEST\ndetail:24:{\"note\":\"Tiếp nhận\"}\n";
    assert_int_equal(text.len, strlen(wanted));
    assert_memory_equal(text.ptr, wanted, text.len);
    one.hash = audit_hash(a, &one);
    assert_string_equal(one.hash,
                        "25975a5418acfce273681b19ad0bcdb54400b523282df1160c57111774c8b0e3");
    struct audit_record two = one;
    two.seq = 2;
    two.detail = "{}";
    two.prev = one.hash;
    assert_string_equal(audit_hash(a, &two),
                        "45f044cf6af0f6249dea066ac60cee38b67bbfcdb4f79e27958fe619cd7cbb19");
    two.prev = "not hex";
    assert_null(audit_hash(a, &two));
    struct audit_seal seal = {.node = "h57", .seq = 2, .at_us = 1591236010000000, .hash = one.hash};
    struct bytes signed_text = audit_seal_text(a, &seal);
    const char *wanted_seal =
        arena_printf(a, "dinh-seal-v1\nh57\n2\n%s\n1591236010000000\n", one.hash);
    assert_int_equal(signed_text.len, strlen(wanted_seal));
    assert_memory_equal(signed_text.ptr, wanted_seal, signed_text.len);
    arena_end(a);
}

/* ---- a sound trail ---- */

static enum err fail_after_act(struct ctx *c, void *arg)
{
    (void)arg;
    struct audit_act act = {"test.undone", "thing", "x", NULL};
    enum err e = audit_write(c, &act);
    return e ? e : fail(c, ERR_CONFLICT, "x");
}

static enum err part_that_fails(struct ctx *c, void *arg)
{
    int one = 1;
    enum err e = trail_do_acts(c, &one);
    if (!e && db_part(c, fail_after_act, arg) != ERR_CONFLICT)
        e = ERR_INTERNAL;
    return e ? e : trail_do_acts(c, &one);
}

static void body_sound(struct node_world *w, void *arg)
{
    (void)arg;
    struct audit_head head;
    struct audit_seal seal;
    struct audit_report r = trail_report(w);
    assert_int_equal(r.records, 0);
    assert_string_equal(r.problem, "");
    assert_int_equal(do_write(w, trail_do_seal, NULL), OK); /* nothing to sign yet */
    trail_acts(w, 3);
    assert_int_equal(do_write(w, fail_after_act, NULL), ERR_CONFLICT);
    assert_int_equal(do_write(w, part_that_fails, NULL), OK);
    assert_int_equal(do_read(w, read_head, &head), OK);
    assert_int_equal(head.seq, 5); /* rolled-back acts left no gap */
    assert_int_equal(do_write(w, trail_do_seal, NULL), OK);
    assert_int_equal(do_write(w, trail_do_seal, NULL), OK); /* the head did not move: one seal */
    assert_int_equal(do_read(w, trail_do_last_seal, &seal), OK);
    assert_int_equal(seal.seq, 5);
    assert_string_equal(seal.hash, head.hash);
    assert_string_equal(seal.node, "h57");
    trail_acts(w, 700); /* more than a page */
    assert_int_equal(do_write(w, trail_do_seal, NULL), OK);
    r = trail_report(w);
    assert_int_equal(r.records, 705);
    assert_int_equal(r.seals, 2);
    assert_string_equal(r.problem, "");
}

static enum err read_actor(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    const char **row = arg;
    for (int i = 0; i < 5; i++)
        row[i] = row_text(r, i);
    return OK;
}

static enum err last_actor(struct ctx *c, void *arg)
{
    bool found;
    return db_one(c, &found, read_actor, arg,
                  "SELECT actor, account, person, unit, matter FROM core_audit"
                  " ORDER BY seq DESC LIMIT 1");
}

static void body_actor(struct node_world *w, void *arg)
{
    (void)arg;
    const char *row[5];
    as_citizen(w, "046194000123", "Nguyễn Thị A");
    with_purpose(w, NULL, "H57-1");
    trail_acts(w, 1);
    assert_int_equal(do_read(w, last_actor, row), OK);
    assert_string_equal(row[0], "citizen");
    assert_string_equal(row[2], person_token(w->c, "046194000123"));
    assert_null(strstr(row[2], "046194000123"));
    assert_string_equal(row[4], "H57-1");
    as_official(w, "commune_clerk", "H57.31.08", "Trần B");
    trail_acts(w, 1);
    assert_int_equal(do_read(w, last_actor, row), OK);
    assert_string_equal(row[0], "official");
    assert_string_equal(row[2], "");
    assert_string_equal(row[3], "H57.31.08");
}

/* ---- tampering: each is a negative control of body_sound ---- */

static enum err t_edit(struct ctx *c)
{
    return db_exec(c, NULL, "UPDATE core_audit SET detail = '{\"x\":1}' WHERE seq = 4");
}

static enum err t_delete(struct ctx *c)
{
    return db_exec(c, NULL, "DELETE FROM core_audit WHERE seq = 4");
}

static enum err t_cut(struct ctx *c)
{
    return db_exec(c, NULL, "DELETE FROM core_audit WHERE seq >= 9");
}

static enum err t_swap(struct ctx *c)
{
    enum err e = db_exec(c, NULL, "UPDATE core_audit SET seq = 1000 WHERE seq = 4");
    if (!e)
        e = db_exec(c, NULL, "UPDATE core_audit SET seq = 4 WHERE seq = 5");
    return e ? e : db_exec(c, NULL, "UPDATE core_audit SET seq = 5 WHERE seq = 1000");
}

static enum err t_seal(struct ctx *c)
{
    return db_exec(c, NULL, "UPDATE core_seal SET at_us = at_us + 1 WHERE seq = 10");
}

static enum err t_first(struct ctx *c)
{
    return db_exec(c, NULL, "DELETE FROM core_audit WHERE seq = 1");
}

static enum err t_cert(struct ctx *c)
{
    return db_exec(c, NULL, "UPDATE core_cert SET pem = ''");
}

static enum err t_time(struct ctx *c)
{
    return db_exec(c, NULL, "UPDATE core_audit SET at_us = -9223372036854775807 - 1 WHERE seq = 4");
}

static enum err tamper(struct ctx *c, void *arg)
{
    enum err (**how)(struct ctx *) = arg;
    return (*how)(c);
}

static void body_tampered(struct node_world *w, void *arg)
{
    trail_acts(w, 10);
    assert_int_equal(do_write(w, trail_do_seal, NULL), OK);
    assert_string_equal(trail_report(w).problem, "");
    assert_int_equal(do_write(w, tamper, arg), OK);
}

#define TAMPER(name, seq, what)                                                                    \
    static void body_##name(struct node_world *w, void *arg)                                       \
    {                                                                                              \
        (void)arg;                                                                                 \
        enum err (*how)(struct ctx *) = t_##name;                                                  \
        body_tampered(w, &how);                                                                    \
        assert_broken(w, (seq), (what));                                                           \
    }                                                                                              \
    static void test_audit_sees_##name(void **state)                                               \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(NULL, 0, body_##name, NULL);                                                     \
    }
TAMPER(edit, 4, "was changed")
TAMPER(delete, 4, "is missing")
TAMPER(cut, 9, "and those after it are missing: the tail was cut, this database still tells of it")
TAMPER(swap, 4, "stands in this place and belongs in that of record 5")
TAMPER(first, 1, "is missing")
TAMPER(seal, 10, "has a seal whose signature does not hold")
TAMPER(time, 4, "was changed")
TAMPER(cert, 10, "has a seal whose signature does not hold")

/* A whole chain written anew after record 4 was changed: only the seal knows. */
static enum err rewrite(struct ctx *c, void *arg)
{
    int n = 7;
    (void)arg;
    enum err e = db_exec(c, NULL, "DELETE FROM core_audit WHERE seq >= 4");
    return e ? e : trail_do_acts(c, &n);
}

static void body_rewritten(struct node_world *w, void *arg)
{
    for (int i = 0; i < 2; i++) { /* told once, at the first */
        trail_acts(w, 5);
        assert_int_equal(do_write(w, trail_do_seal, NULL), OK);
        clock_by(w, MINUTE_US);
    }
    assert_int_equal(do_write(w, rewrite, arg), OK);
    assert_broken(w, 5, "is not the one that was sealed");
}

/* ---- witnesses ---- */

static enum err holds(struct ctx *c, void *arg)
{
    return audit_holds(c, arg);
}

struct asked {
    const char *peer;
    struct audit_seal seal;
};

static enum err witnessed(struct ctx *c, void *arg)
{
    struct asked *a = arg;
    return audit_witnessed(c, a->peer, &a->seal);
}

static enum err t_witness(struct ctx *c)
{
    return db_exec(c, NULL, "UPDATE core_witness SET seq = seq + 1");
}

/* The node is its own peer here: its seals are as good as another's. */
static void body_witness(struct node_world *w, void *arg)
{
    (void)arg;
    struct audit_seal seal;
    struct asked asked = {.peer = "h57"};
    struct buf point = buf_new(w->c->arena, 200);
    buf_base64url(&point, key_public_point(w->c->arena, w->n->sign_key));
    struct node_peer self = {.name = "h57", .sign_point_b64 = point.ptr};
    w->n->peers = &self;
    w->n->n_peers = 1;
    trail_acts(w, 10);
    assert_int_equal(do_write(w, trail_do_seal, NULL), OK);
    assert_int_equal(do_read(w, trail_do_last_seal, &seal), OK);
    assert_int_equal(do_write(w, trail_do_witness, &seal), OK);
    assert_int_equal(do_write(w, trail_do_witness, &seal), OK); /* again: the same */
    assert_int_equal(do_read(w, witnessed, &asked), OK);
    assert_int_equal(asked.seal.seq, 10);
    assert_int_equal(do_read(w, holds, &asked.seal), OK);
    assert_int_equal(trail_report(w).witnessed, 1);
    struct audit_seal bad = seal;
    bad.seq = 11;
    assert_int_equal(do_write(w, trail_do_witness, &bad), ERR_SIGNATURE);
    bad = seal;
    bad.node = "stranger";
    assert_int_equal(do_write(w, trail_do_witness, &bad), ERR_SIGNATURE);
    /* The tail is cut together with its seal: only the witness knows. */
    enum err (*cut)(struct ctx *) = t_cut;
    assert_int_equal(do_write(w, tamper, &cut), OK);
    assert_int_equal(do_read(w, holds, &asked.seal), ERR_CHAIN);
    /* Written on after the cut: a fork; the witness refuses its seal of the same record. */
    clock_by(w, MINUTE_US);
    trail_acts(w, 2);
    assert_int_equal(do_read(w, holds, &asked.seal), ERR_CHAIN);
    enum err (*moved)(struct ctx *) = t_witness;
    assert_int_equal(do_write(w, tamper, &moved), OK);
    assert_true(trail_report(w).problem[0] != '\0');
}

static enum err drop_seals(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "DELETE FROM core_seal");
}

static void body_fork(struct node_world *w, void *arg)
{
    struct audit_seal first, second;
    struct buf point = buf_new(w->c->arena, 200);
    buf_base64url(&point, key_public_point(w->c->arena, w->n->sign_key));
    struct node_peer self = {.name = "h57", .sign_point_b64 = point.ptr};
    w->n->peers = &self;
    w->n->n_peers = 1;
    trail_acts(w, 10);
    assert_int_equal(do_write(w, trail_do_seal, NULL), OK);
    assert_int_equal(do_read(w, trail_do_last_seal, &first), OK);
    assert_int_equal(do_write(w, trail_do_witness, &first), OK);
    clock_by(w, MINUTE_US);
    assert_int_equal(do_write(w, rewrite, arg), OK);
    assert_int_equal(do_write(w, drop_seals, NULL), OK);
    assert_int_equal(do_write(w, trail_do_seal, NULL), OK);
    assert_int_equal(do_read(w, trail_do_last_seal, &second), OK);
    assert_int_equal(second.seq, first.seq);
    assert_int_equal(do_write(w, trail_do_witness, &second), ERR_CHAIN);
}

/* ---- lines of access hang on the trail ---- */

static enum err t_line(struct ctx *c)
{
    return db_exec(c, NULL, "DELETE FROM core_access");
}

static void body_line(struct node_world *w, void *arg)
{
    (void)arg;
    enum err (*how)(struct ctx *) = t_line;
    as_official(w, "commune_clerk", "H57.31.08", "Trần B");
    with_purpose(w, "birth_registration", "H57-1");
    trail_acts(w, 2);
    assert_int_equal(do_write(w, trail_do_note, NULL), OK);
    assert_string_equal(trail_report(w).problem, "");
    assert_int_equal(do_write(w, tamper, &how), OK);
    assert_broken(w, 3, "names a line of access that is missing");
}

#define NODE_TEST(name)                                                                            \
    static void test_audit_##name(void **state)                                                    \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(NULL, 0, body_##name, NULL);                                                     \
    }
NODE_TEST(sound)
NODE_TEST(actor)
NODE_TEST(rewritten)
NODE_TEST(witness)
NODE_TEST(fork)
NODE_TEST(line)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_audit_format_vectors), cmocka_unit_test(test_audit_sound),
        cmocka_unit_test(test_audit_actor),          cmocka_unit_test(test_audit_sees_edit),
        cmocka_unit_test(test_audit_sees_delete),    cmocka_unit_test(test_audit_sees_cut),
        cmocka_unit_test(test_audit_sees_swap),      cmocka_unit_test(test_audit_sees_first),
        cmocka_unit_test(test_audit_sees_seal),      cmocka_unit_test(test_audit_sees_cert),
        cmocka_unit_test(test_audit_sees_time),      cmocka_unit_test(test_audit_rewritten),
        cmocka_unit_test(test_audit_witness),        cmocka_unit_test(test_audit_fork),
        cmocka_unit_test(test_audit_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
