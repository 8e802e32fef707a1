/* SPDX-License-Identifier: Apache-2.0 */
/* The log proves itself: whatever is changed in the table or taken away is named; bodies are
   sealed; rights leave their record. */
#include "test/harness/unit.h"

#include "base/sys.h"
#include "base/time.h"
#include "core/audit.h"
#include "engine/exchange/test/exchange_test.h"

#define SECRET "046194900001-Nguyen-Thi-Lan"

/* ---- one change at a time, on a log of three answered messages each side ---- */

typedef enum err (*change_fn)(struct ctx *c, void *arg);
#define CHANGE(name, sql)                                                                          \
    static enum err name(struct ctx *c, void *arg)                                                 \
    {                                                                                              \
        return db_exec(c, NULL, sql, P_TEXT(arg));                                                 \
    }
#define EMPTIED(name, sql)                                                                         \
    static enum err name(struct ctx *c, void *arg)                                                 \
    {                                                                                              \
        struct bytes none = {(const uint8_t *)"", 0};                                              \
        return db_exec(c, NULL, sql, P_TEXT(arg), P_BLOB(none));                                   \
    }
CHANGE(no_row, "DELETE FROM exchange_message WHERE id = $1")
EMPTIED(no_answer, "UPDATE exchange_message SET status = 0, answered_us = 0, answer_head = '',"
                   " answer_signature = '', answer = $2 WHERE id = $1")
CHANGE(no_status, "UPDATE exchange_message SET status = 0 WHERE id = $1")
CHANGE(other_status, "UPDATE exchange_message SET status = 403 WHERE id = $1")
CHANGE(other_client, "UPDATE exchange_message SET client = 'G24' WHERE id = $1")
CHANGE(other_service, "UPDATE exchange_message SET service = 'echo.count' WHERE id = $1")
CHANGE(other_matter, "UPDATE exchange_message SET matter = 'case-9' WHERE id = $1")
CHANGE(other_head, "UPDATE exchange_message SET sealed_head = body WHERE id = $1")
CHANGE(clear_head, "UPDATE exchange_message SET head = answer_head, sealed_head = NULL"
                   " WHERE id = $1")
CHANGE(other_signature, "UPDATE exchange_message SET signature = answer_signature WHERE id = $1")
CHANGE(other_answer_head, "UPDATE exchange_message SET answer_head ="
                          " replace(answer_head, '200', '201'), status = 201 WHERE id = $1")
CHANGE(other_answer_signature, "UPDATE exchange_message SET answer_signature = signature"
                               " WHERE id = $1")
EMPTIED(no_body, "UPDATE exchange_message SET body = $2 WHERE id = $1")
CHANGE(moved_body, "UPDATE exchange_message SET body = answer WHERE id = $1")
CHANGE(moved_answer, "UPDATE exchange_message SET answer = body WHERE id = $1")

CHANGE(no_record,
       "DELETE FROM core_audit WHERE action = 'exchange.answered' AND object LIKE $1 || '/%'")
CHANGE(other_time, "UPDATE exchange_message SET at_us = at_us + 1 WHERE id = $1")
CHANGE(answered_later, "UPDATE exchange_message SET answered_us = answered_us + 1 WHERE id = $1")

static const struct change {
    change_fn fn;
    const char *what;
} changes[] = {
    {no_row, "the whole message is missing"},
    {no_answer, NULL},
    {no_status, "answer status"},
    {other_status, "answer status"},
    {other_client, "request"},
    {other_service, "a column of the request"},
    {other_matter, "a column of the request"},
    {other_head, "a sealed part doesn't open"},
    {clear_head, "request signature"},
    {other_signature, "request signature"},
    {other_answer_head, "answer signature"},
    {other_answer_signature, "answer signature"},
    {no_body, "request body"},
    {moved_body, "a sealed part doesn't open"},
    {moved_answer, "a sealed part doesn't open"},
    {other_time, "not the answer that the audit trail names"},
    {answered_later, "not the answer that the audit trail names"},
};

struct trying {
    const struct change *change;
    const char *id;
    struct exchange_report report;
};

/* Done, verified, and undone by the error that it gives. */
static enum err change_and_verify(struct ctx *c, void *arg)
{
    struct trying *t = arg;
    enum err e = t->change->fn(c, (void *)(uintptr_t)t->id);
    if (!e)
        e = exchange_verify(c, &t->report);
    assert_int_equal(e, OK);
    return ERR_CONFLICT;
}

static void names_each_change(struct node_world *w, const char *id)
{
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        struct trying t = {.change = &changes[i], .id = id};
        assert_int_equal(do_write(w, change_and_verify, &t), ERR_CONFLICT);
        if (!t.report.bad || !strstr(t.report.problem, id) ||
            (changes[i].what && !strstr(t.report.problem, changes[i].what)))
            print_error("change %zu: %d %s\n", i, (int)t.report.bad, t.report.problem);
        assert_true(t.report.bad >= 1);
        assert_non_null(strstr(t.report.problem, id));
        assert_true(!changes[i].what || strstr(t.report.problem, changes[i].what));
        assert_true(t.report.messages >= 2);
    }
}

/* The pair of another message, whole and signed, in this one's place. */
static enum err swap_answers(struct ctx *c, void *arg)
{
    const char *const *ids = arg;
    return db_exec(c, NULL,
                   "UPDATE exchange_message SET answer_head = (SELECT answer_head FROM"
                   " exchange_message WHERE id = $2), answer_signature = (SELECT"
                   " answer_signature FROM exchange_message WHERE id = $2) WHERE id = $1",
                   P_TEXT(ids[0]), P_TEXT(ids[1]));
}

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

static const char *said(const char *body)
{
    const char *id = NULL;
    clock_by(two.a, SECOND_US);
    assert_int_equal(ask("G01", "echo.say", body).e, OK);
    assert_int_equal(do_read(two.a, newest_id, &id), OK);
    return id;
}

static void changed(void)
{
    listen_at(two.b);
    allow("echo.say");
    said("{\"a\":1}");
    const char *middle = said("{\"a\":2}");
    const char *ids[] = {middle, said("{\"a\":2}")};
    sound(two.a, 3);
    sound(two.b, 3);
    names_each_change(two.a, middle);
    names_each_change(two.b, middle);
    sound(two.a, 3);
    assert_int_equal(do_write(two.b, swap_answers, ids), OK); /* same bodies, other request */
    struct exchange_report r = verify(two.b);
    assert_non_null(strstr(r.problem, middle));
    assert_non_null(strstr(r.problem, "the request the answer is for"));
}

static void test_exchange_verify_names_each_change(void **state)
{
    (void)state;
    on_two_nodes(changed);
}

static void open_ones(void)
{
    assert_int_equal(ask("G01", "echo.say", "{}").e, ERR_EXCHANGE_DOWN);
    sound(two.a, 1); /* asked, never answered: no fault */
    listen_at(two.b);
    allow("echo.say");
    const char *id = said("{}");
    struct trying t = {.change = &changes[1], .id = id};
    assert_int_equal(do_write(two.b, change_and_verify, &t), ERR_CONFLICT);
    assert_non_null(strstr(t.report.problem, "answer missing"));
    assert_int_equal(do_write(two.a, change_and_verify, &t), ERR_CONFLICT);
    assert_non_null(strstr(t.report.problem, "not the answer that the audit trail names"));
    const struct change unrecorded = {no_record, NULL}; /* as when the trail's tail was cut */
    t.change = &unrecorded;
    assert_int_equal(do_write(two.a, change_and_verify, &t), ERR_CONFLICT);
    assert_non_null(strstr(t.report.problem, "the audit trail doesn't name them"));
}

static void test_exchange_verify_open_and_unpaired(void **state)
{
    (void)state;
    on_two_nodes(open_ones);
}

static void many(void)
{
    int status;
    struct bytes answer;
    struct ctx *c = two.b->c;
    for (int i = 0; i < 205; i++) /* more than a page, at one instant */
        assert_int_equal(exchange_call(c, "G01", "echo.say", bytes_of("{}"), &status, &answer), OK);
    sound(two.b, 205);
}

static void test_exchange_verify_turns_pages(void **state)
{
    (void)state;
    on_two_nodes(many);
}

/* ---- sealed ---- */

static bool file_holds(const char *path, const char *text)
{
    struct ctx *c = two.a->c;
    struct bytes in;
    if (!sys_exists(path))
        return false;
    assert_int_equal(sys_read_file(c, path, 32 << 20, &in), OK);
    return memmem(in.ptr, in.len, text, strlen(text)) != NULL;
}

#define READER "Nguyễn Thị Lan"

static bool held_in_clear(struct node_world *w, const char *text)
{
    const char *db = w->d->url + strlen("sqlite:");
    return file_holds(db, text) || file_holds(arena_printf(two.a->c->arena, "%s-wal", db), text);
}

/* As it was logged before heads were sealed, and rows told in the trail. */
static enum err unseal_head(struct ctx *c, void *arg)
{
    const struct exchange_record *m = arg;
    enum err e =
        db_exec(c, NULL, "UPDATE exchange_message SET head = $2, sealed_head = NULL WHERE id = $1",
                P_TEXT(m->id), P_TEXT(m->request.head));
    return e ? e
             : db_exec(c, NULL, "UPDATE core_audit SET detail = $2 WHERE object = $1",
                       P_TEXT(arena_printf(c->arena, "%s/in", m->id)),
                       P_TEXT(exchange_answer_proof(c, m, NULL)));
}

static enum err seal_heads_again(struct ctx *c, void *arg)
{
    return exchange_store_seal_heads(c, arg);
}

static enum err count_heads(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT count(*) FROM exchange_message WHERE head <> ''");
}

/* Who asks stands in the signed head: no file shows it, the proof still holds. */
static void nameless(void)
{
    size_t n = 0;
    int64_t clear = 1;
    listen_at(two.b);
    allow("echo.say");
    as_citizen(two.a, "046194900001", READER);
    two.a->c->purpose = "own_data";
    const char *id = said("{}");
    sound(two.a, 1);
    sound(two.b, 1);
    struct finding f = logged(two.b, id, "in");
    assert_non_null(strstr(f.m.request.head, READER));
    if (two.a->d->kind == DB_SQLITE) {
        assert_true(held_in_clear(two.b, id));
        assert_false(held_in_clear(two.a, READER));
        assert_false(held_in_clear(two.b, READER));
    }
    assert_int_equal(do_write(two.b, unseal_head, &f.m), OK);
    sound(two.b, 1);
    assert_int_equal(do_write(two.b, seal_heads_again, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(do_read(two.b, count_heads, &clear), OK);
    assert_int_equal(clear, 0);
    sound(two.b, 1);
}

static void test_exchange_heads_are_sealed(void **state)
{
    (void)state;
    on_two_nodes(nameless);
}

static enum err count_plain(struct ctx *c, void *arg)
{
    struct bytes text = bytes_of(SECRET);
    return db_int(c, arg, "SELECT count(*) FROM exchange_message WHERE body = $1 OR answer = $1",
                  P_BLOB(text));
}

static void sealed(void)
{
    listen_at(two.b);
    allow("echo.say");
    const char *id = said(SECRET);
    send_later("echo.say", "", SECRET);
    struct node_world *const both[] = {two.a, two.b};
    for (size_t i = 0; i < ARRAY_LEN(both); i++) {
        struct finding f = logged(both[i], id, i ? "in" : "out");
        int64_t plain;
        assert_int_equal(f.m.answer.len, strlen(SECRET));
        assert_memory_equal(f.m.body.ptr, SECRET, strlen(SECRET));
        assert_int_equal(do_read(both[i], count_plain, &plain), OK);
        assert_int_equal(plain, 0);
        if (both[i]->d->kind != DB_SQLITE)
            continue;
        assert_true(held_in_clear(both[i], "exchange_message"));
        assert_false(held_in_clear(both[i], SECRET));
    }
}

static void test_exchange_bodies_are_sealed(void **state)
{
    (void)state;
    on_two_nodes(sealed);
}

/* ---- rights ---- */

struct trail {
    int n;
    char words[1000];
};

static enum err note(struct ctx *c, const char *object, const char *detail, void *arg)
{
    (void)c;
    struct trail *t = arg;
    t->n++;
    snprintf(t->words, sizeof t->words, "%s %s", object, detail);
    return OK;
}

static enum err allowed(struct ctx *c, void *arg)
{
    return audit_each(c, "exchange.allow", note, arg);
}

static enum err denied(struct ctx *c, void *arg)
{
    return audit_each(c, "exchange.deny", note, arg);
}

static void audited(void)
{
    struct trail yes = {0}, no = {0};
    allow("echo.say");
    allow("echo.say"); /* nothing changes: no record */
    deny("echo.say");
    deny("echo.say");
    allow("echo.say");
    assert_int_equal(do_read(two.b, allowed, &yes), OK);
    assert_int_equal(do_read(two.b, denied, &no), OK);
    assert_int_equal(yes.n, 2);
    assert_int_equal(no.n, 1);
    assert_string_equal(no.words,
                        "H57:G01:echo.say"
                        " {\"client\":\"H57\",\"member\":\"G01\",\"service\":\"echo.say\"}");
}

static enum err right_by_hand(struct ctx *c, void *arg)
{
    return db_exec(c, NULL,
                   "INSERT INTO exchange_right (client, member, service, since_us)"
                   " VALUES ('H57', 'G01', $1, 0)",
                   P_TEXT(arg));
}

/* A right that a hand put into the table is told, taken back before or never given. */
static void rights_by_hand(void)
{
    allow("echo.say");
    allow("echo.count");
    deny("echo.count");
    sound(two.b, 0);
    assert_int_equal(do_write(two.b, right_by_hand, (void *)(uintptr_t) "echo.count"), OK);
    assert_non_null(strstr(verify(two.b).problem, "H57:G01:echo.count (right)"));
    allow("echo.all");
    deny("echo.count");
    sound(two.b, 0);
    assert_int_equal(do_write(two.b, right_by_hand, (void *)(uintptr_t) "echo.never"), OK);
    assert_non_null(strstr(verify(two.b).problem, "H57:G01:echo.never"));
}

static void test_exchange_rights_by_hand(void **state)
{
    (void)state;
    on_two_nodes(rights_by_hand);
}

static void test_exchange_rights_are_audited(void **state)
{
    (void)state;
    on_two_nodes(audited);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchange_verify_names_each_change),
        cmocka_unit_test(test_exchange_verify_open_and_unpaired),
        cmocka_unit_test(test_exchange_verify_turns_pages),
        cmocka_unit_test(test_exchange_bodies_are_sealed),
        cmocka_unit_test(test_exchange_heads_are_sealed),
        cmocka_unit_test(test_exchange_rights_are_audited),
        cmocka_unit_test(test_exchange_rights_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
