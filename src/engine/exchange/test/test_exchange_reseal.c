/* SPDX-License-Identifier: Apache-2.0 */
/* Messages sealed anew under another root key: the log proves itself as before, what was changed is
   named, and the old key can go. */
#include "test/harness/unit.h"

#include "base/sys.h"
#include "base/time.h"
#include "core/audit.h"
#include "engine/exchange/test/exchange_test.h"
#include "test/harness/root_keys.h"

static enum err newest(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

static enum err newest_id(struct ctx *c, void *arg)
{
    bool found;
    return db_one(c, &found, newest, arg,
                  "SELECT id FROM exchange_message ORDER BY at_us DESC, id DESC LIMIT 1");
}

#define CHANGE(name, sql)                                                                          \
    static enum err name(struct ctx *c, void *arg)                                                 \
    {                                                                                              \
        return db_exec(c, NULL, sql, P_TEXT(arg));                                                 \
    }
CHANGE(other_time, "UPDATE exchange_message SET at_us = at_us + 1 WHERE id = $1")
CHANGE(moved_body, "UPDATE exchange_message SET body = answer WHERE id = $1")
CHANGE(other_head, "UPDATE exchange_message SET sealed_head = body WHERE id = $1")
CHANGE(other_status, "UPDATE exchange_message SET status = 403 WHERE id = $1")
CHANGE(no_row, "DELETE FROM exchange_message WHERE id = $1")

struct trying {
    db_work change;
    const char *id;
    struct exchange_report report;
};

/* Done, verified, and undone by the error that it gives. */
static enum err change_and_verify(struct ctx *c, void *arg)
{
    struct trying *t = arg;
    enum err e = t->change(c, (void *)(uintptr_t)t->id);
    if (!e)
        e = exchange_verify(c, &t->report);
    assert_int_equal(e, OK);
    return ERR_CONFLICT;
}

static void names_changes(const char *id)
{
    static const db_work all[] = {other_time, moved_body, other_head, other_status, no_row};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct trying t = {.change = all[i], .id = id};
        assert_int_equal(do_write(two.b, change_and_verify, &t), ERR_CONFLICT);
        assert_true(t.report.bad >= 1);
        assert_non_null(strstr(t.report.problem, id));
    }
}

static enum err note(struct ctx *c, const char *object, const char *detail, void *arg)
{
    (void)c, (void)object, (void)detail;
    ++*(int *)arg;
    return OK;
}

static const char *own(const char *body)
{
    int status;
    const char *id = NULL;
    struct bytes answer;
    clock_by(two.b, SECOND_US);
    assert_int_equal(exchange_call(two.b->c, "G01", "echo.say", bytes_of(body), &status, &answer),
                     OK);
    assert_int_equal(do_read(two.b, newest_id, (void *)&id), OK);
    return id;
}

static void succeeded(const struct key_place *p, uint32_t number)
{
    root_keys_rotate(two.b, p, number);
    assert_int_equal(root_keys_start(two.b, p), OK);
    assert_int_equal(do_read(two.b, root_keys_check, NULL), ERR_KEY_STANDS);
    root_keys_settle(two.b);
    assert_int_equal(do_read(two.b, root_keys_check, NULL), OK);
}

struct lying {
    const char *id;
    struct bytes body;
};

static enum err take_body(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    ((struct lying *)arg)->body = row_blob(r, 0);
    return OK;
}

static enum err body_of(struct ctx *c, void *arg)
{
    bool found;
    return db_one(c, &found, take_body, arg, "SELECT body FROM exchange_message WHERE id = $1",
                  P_TEXT(((struct lying *)arg)->id));
}

static enum err put_body(struct ctx *c, void *arg)
{
    const struct lying *l = arg;
    return db_exec(c, NULL, "UPDATE exchange_message SET body = $2 WHERE id = $1", P_TEXT(l->id),
                   P_BLOB(l->body));
}

static enum err resealed(struct ctx *c, void *arg)
{
    return audit_each(c, EXCHANGE_RESEALED, note, arg);
}

/* Nobody's messages are freed of the old root key; what the table says is held as before. */
static void sealed_anew(void)
{
    struct key_place p;
    int n = 0;
    size_t gone;
    root_keys_plant(two.b, &p);
    root_keys_use(two.b, &p);
    own("{\"a\":1}");
    const char *middle = own("{\"a\":2}");
    own("{\"a\":3}");
    sound(two.b, 3);
    struct lying before = {.id = middle};
    assert_int_equal(do_read(two.b, body_of, &before), OK);
    succeeded(&p, 2);
    assert_int_equal(do_read(two.b, resealed, &n), OK);
    assert_int_equal(n, 3); /* a record a message, whatever of it was sealed */
    sound(two.b, 3);
    struct lying after = {.id = middle};
    assert_int_equal(do_read(two.b, body_of, &after), OK);
    assert_int_equal(keeper_sealed_under(after.body), 2);
    assert_int_equal(do_write(two.b, put_body, &before), OK); /* the same words as they lay */
    assert_non_null(strstr(verify(two.b).problem, middle));
    assert_int_equal(do_write(two.b, put_body, &after), OK);
    succeeded(&p, 3);
    assert_int_equal(keeper_retire(two.b->c, &p, &gone), OK);
    assert_int_equal(gone, 2);
    assert_int_equal(root_keys_start(two.b, &p), OK);
    sound(two.b, 3);
    names_changes(middle);
}

static void test_exchange_sealed_anew_is_held(void **state)
{
    (void)state;
    on_two_nodes(sealed_anew);
}

/* What was changed before gets no record that says it is well. */
static void changed_before(void)
{
    struct key_place p;
    int n = 0;
    root_keys_plant(two.b, &p);
    root_keys_use(two.b, &p);
    own("{\"a\":1}");
    const char *id = own("{\"a\":2}");
    assert_int_equal(do_write(two.b, other_time, (void *)(uintptr_t)id), OK);
    succeeded(&p, 2);
    assert_int_equal(do_read(two.b, resealed, &n), OK);
    assert_int_equal(n, 1);
    struct exchange_report r = verify(two.b);
    assert_int_equal(r.bad, 1);
    assert_non_null(strstr(r.problem, id));
    assert_non_null(strstr(r.problem, "not the answer that the audit trail names"));
}

static void test_exchange_sealed_anew_hides_nothing(void **state)
{
    (void)state;
    on_two_nodes(changed_before);
}

static struct db_value under_column(struct ctx *c, const char *part, const char *id,
                                    struct bytes in)
{
    const char *place = arena_printf(c->arena, "exchange_message.%s|%s|local", part, id);
    return P_BLOB(secret_seal(c, SECRET_EXCHANGE, place, in));
}

/* As it lay before subjects had keys, and as the trail told it then. */
static enum err column_sealed(struct ctx *c, void *arg)
{
    struct exchange_record m;
    bool found;
    const char *row, *id = arg;
    enum err e = exchange_store_find(c, id, "local", &found, &m);
    if (!e)
        e = db_exec(c, NULL,
                    "UPDATE exchange_message SET sealed_head = $2, body = $3, answer = $4"
                    " WHERE id = $1",
                    P_TEXT(id), under_column(c, "head", id, bytes_of(m.request.head)),
                    under_column(c, "body", id, m.body), under_column(c, "answer", id, m.answer));
    if (!e)
        e = exchange_store_row(c, id, "local", &row);
    return e ? e
             : db_exec(c, NULL, "UPDATE core_audit SET detail = $2 WHERE object = $1",
                       P_TEXT(arena_printf(c->arena, "%s/local", id)),
                       P_TEXT(exchange_answer_proof(c, &m, row)));
}

static enum err matter_ends(struct ctx *c, void *arg)
{
    return subject_destroy_of(c, SUBJECT_MESSAGE, arg, "test");
}

/* Messages of a matter are sealed under its key by now; when that is destroyed, nobody opens them:
   the trail still holds what lies there. */
static void of_before(void)
{
    struct key_place p;
    size_t gone;
    root_keys_plant(two.b, &p);
    root_keys_use(two.b, &p);
    with_purpose(two.b, "own_data", "case-1");
    const char *ended = own("{\"a\":1}");
    with_purpose(two.b, "own_data", "case-2");
    const char *living = own("{\"a\":2}");
    assert_int_equal(do_write(two.b, column_sealed, (void *)(uintptr_t)ended), OK);
    assert_int_equal(do_write(two.b, column_sealed, (void *)(uintptr_t)living), OK);
    sound(two.b, 2);
    assert_int_equal(do_write(two.b, matter_ends, (void *)(uintptr_t) "case-1"), OK);
    assert_int_equal(subjects_shred(two.b->c), OK);
    succeeded(&p, 2);
    assert_int_equal(keeper_retire(two.b->c, &p, &gone), OK);
    assert_int_equal(root_keys_start(two.b, &p), OK);
    sound(two.b, 2);
    struct finding f = {.id = ended, .direction = "local"};
    assert_int_equal(do_read(two.b, find, &f), ERR_DISPOSED);
    f = logged(two.b, living, "local");
    assert_memory_equal(f.m.body.ptr, "{\"a\":2}", 7);
    struct lying l = {.id = living};
    assert_int_equal(do_read(two.b, body_of, &l), OK);
    assert_int_not_equal(subject_sealed_under(l.body), 0);
}

static void test_exchange_of_before_is_sealed_late(void **state)
{
    (void)state;
    on_two_nodes(of_before);
}

/* A record of a sealing anew that speaks of other heads, or of what was never answered. */
static enum err other_record(struct ctx *c, void *arg)
{
    struct exchange_record m = {.id = "01", .direction = "local", .request.head = "x"};
    const struct audit_act act = {EXCHANGE_RESEALED, "exchange_message",
                                  arena_printf(c->arena, "%s/local", (const char *)arg),
                                  exchange_answer_proof(c, &m, "00")};
    return audit_write(c, &act);
}

static void recorded_by_hand(void)
{
    const char *id = own("{}");
    sound(two.b, 1);
    assert_int_equal(do_write(two.b, other_record, (void *)(uintptr_t)id), OK);
    assert_non_null(strstr(verify(two.b).problem, "sealed anew as another message"));
    assert_int_equal(do_write(two.b, other_record, (void *)(uintptr_t) "01NEVER"), OK);
    assert_non_null(strstr(verify(two.b).problem, "01NEVER (local): sealed anew"));
}

static void test_exchange_sealed_anew_as_another(void **state)
{
    (void)state;
    on_two_nodes(recorded_by_hand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchange_sealed_anew_is_held),
        cmocka_unit_test(test_exchange_sealed_anew_hides_nothing),
        cmocka_unit_test(test_exchange_sealed_anew_as_another),
        cmocka_unit_test(test_exchange_of_before_is_sealed_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
