/* SPDX-License-Identifier: Apache-2.0 */
/* Statements, rows, transactions: the same on both databases. */
#include "test/harness/unit.h"

#include "test/harness/db_test.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "db/db_inner.h"
#include "db/dynamic.h"

static const struct db_schema schema[] = {
    {"shop", 1,
     "CREATE TABLE shop_unit (id BIGINT NOT NULL, name TEXT NOT NULL,\n"
     "  CONSTRAINT shop_unit_pk PRIMARY KEY (id));\n"
     "-- a comment; with a semicolon and a 'quote\n"
     "CREATE TABLE shop_item (\n"
     "  id BIGINT NOT NULL, unit BIGINT, code TEXT, name TEXT, price BIGINT, photo BLOB,\n"
     "  CONSTRAINT shop_item_pk PRIMARY KEY (id),\n"
     "  CONSTRAINT shop_item_unit FOREIGN KEY (unit) REFERENCES shop_unit (id),\n"
     "  CONSTRAINT shop_item_name UNIQUE (name, unit),\n"
     "  CONSTRAINT shop_item_price CHECK (price >= 0));\n"
     "CREATE UNIQUE INDEX shop_item_code ON shop_item (code);\n"
     "CREATE UNIQUE INDEX shop_item_folded ON shop_item ((price - 1));\n"
     "INSERT INTO shop_unit (id, name) VALUES (1, 'kho; ''chính''');",
     "h1"},
};

#define BOTH(body) db_test(schema, ARRAY_LEN(schema), (body), NULL)

/* ---- statements and rows ---- */

struct item {
    int64_t id, price;
    const char *code, *name;
    struct bytes photo;
    bool no_code;
    int seen;
};

static enum err item_row(struct ctx *c, const struct db_row *r, void *arg)
{
    struct item *it = arg;
    (void)c;
    *it = (struct item){row_int(r, 0),  row_int(r, 3),     row_text(r, 1), row_text(r, 2),
                        row_blob(r, 4), row_is_null(r, 1), it->seen + 1};
    assert_int_equal(row_columns(r), 5);
    assert_string_equal(row_name(r, 4), "photo");
    return OK;
}

static enum err add(struct ctx *c, int64_t id, const char *code, const char *name, int64_t price)
{
    static const uint8_t photo[] = {0, 1, 0xff, '\\', 'x', 0};
    return db_exec(c, NULL,
                   "INSERT INTO shop_item (id, unit, code, name, price, photo) "
                   "VALUES ($1, 1, $4, $2, $3, $5)",
                   P_INT(id), P_TEXT(name), P_INT(price), P_TEXT(code),
                   P_BLOB(((struct bytes){photo, sizeof photo})));
}

static enum err values_work(struct ctx *c, void *arg)
{
    struct item it = {.seen = 0};
    int64_t n = -1;
    bool found = false;
    (void)arg;
    assert_int_equal(add(c, 1, NULL, "Đặng Thị Hoà 𠀀", INT64_MAX), OK);
    assert_int_equal(add(c, INT64_MIN, "", "", 0), OK);
    assert_int_equal(db_one(c, &found, item_row, &it,
                            "SELECT id, code, name, price, photo FROM shop_item WHERE id = $1",
                            P_INT(1)),
                     OK);
    assert_true(found);
    assert_string_equal(it.name, "Đặng Thị Hoà 𠀀");
    assert_true(it.price == INT64_MAX);
    assert_true(it.no_code);
    assert_string_equal(it.code, "");
    assert_int_equal(it.photo.len, 6);
    assert_memory_equal(it.photo.ptr, "\0\1\xff\\x", 6);
    assert_int_equal(db_one(c, &found, item_row, &it,
                            "SELECT id, code, name, price, photo FROM shop_item WHERE id = $1",
                            P_INT(INT64_MIN)),
                     OK);
    assert_true(it.id == INT64_MIN && !it.no_code);
    assert_int_equal(db_one(c, &found, item_row, &it,
                            "SELECT id, code, name, price, photo FROM shop_item WHERE id = $1",
                            P_INT(77)),
                     OK);
    assert_false(found);
    it.seen = 0;
    assert_int_equal(
        db_each(c, item_row, &it, "SELECT id, code, name, price, photo FROM shop_item ORDER BY id"),
        OK);
    assert_int_equal(it.seen, 2);
    assert_int_equal(db_int(c, &n, "SELECT CAST(sum(price) AS BIGINT) FROM shop_item"), OK);
    assert_true(n == INT64_MAX);
    assert_int_equal(db_int(c, &n, "SELECT max(id) FROM shop_item WHERE id > 100"), OK);
    assert_int_equal(n, 0);
    assert_int_equal(db_int(c, &n, "SELECT count(*) FROM shop_item WHERE $1 IS NULL", P_TEXT(NULL)),
                     OK);
    assert_int_equal(n, 2);
    assert_int_equal(db_exec(c, &n, "UPDATE shop_item SET code = name || $2 WHERE price >= $1",
                             P_INT(0), P_TEXT("x")),
                     OK);
    assert_int_equal(n, 2);
    assert_int_equal(db_exec(c, &n, "DELETE FROM shop_item WHERE id = $1", P_INT(99)), OK);
    assert_int_equal(n, 0);
    return OK;
}

static void values_body(struct db_world *w, void *arg)
{
    assert_int_equal(db_write(w->c, w->db, values_work, arg), OK);
    assert_int_equal(w->c->n_faults, 0);
}

static void test_values(void **state)
{
    (void)state;
    BOTH(values_body);
}

/* ---- the same order and the same LIKE on both ---- */

static enum err join_row(struct ctx *c, const struct db_row *r, void *arg)
{
    char **all = arg;
    *all = arena_printf(c->arena, "%s%s;", *all, row_text(r, 0));
    return OK;
}

static enum err stop_row(struct ctx *c, const struct db_row *r, void *arg)
{
    ++*(int *)arg;
    return fail(c, ERR_CONFLICT, row_text(r, 0));
}

static enum err order_work(struct ctx *c, void *arg)
{
    static const char *const names[] = {"b", "Đ", "a", "Z", "đ", "á", "A"};
    char *all = arena_text(c->arena, "");
    int stopped = 0;
    (void)arg;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_int_equal(db_exec(c, NULL, "INSERT INTO shop_unit (id, name) VALUES ($1, $2)",
                                 P_INT((int64_t)i + 10), P_TEXT(names[i])),
                         OK);
    assert_int_equal(
        db_each(c, join_row, &all, "SELECT name FROM shop_unit WHERE id >= 10 ORDER BY name"), OK);
    assert_string_equal(all, "A;Z;a;b;á;Đ;đ;");
    all = arena_text(c->arena, "");
    assert_int_equal(
        db_each(c, join_row, &all, "SELECT name FROM shop_unit WHERE name LIKE $1", P_TEXT("a%")),
        OK);
    assert_string_equal(all, "a;");
    assert_int_equal(db_each(c, stop_row, &stopped, "SELECT name FROM shop_unit"), ERR_CONFLICT);
    assert_int_equal(stopped, 1);
    ctx_clear_faults(c);
    return OK; /* what a row function answers spoils nothing */
}

static void order_body(struct db_world *w, void *arg)
{
    assert_int_equal(db_write(w->c, w->db, order_work, arg), OK);
}

static void test_order_and_like(void **state)
{
    (void)state;
    BOTH(order_body);
}

/* A row function may run the very statement whose rows it is given. */
static enum err nested_row(struct ctx *c, const struct db_row *r, void *arg)
{
    int *depth = arg;
    (void)r;
    if (++*depth > 3)
        return OK;
    return db_each(c, nested_row, arg, "SELECT id FROM shop_unit LIMIT 1");
}

static enum err nested_work(struct ctx *c, void *arg)
{
    int depth = 0;
    assert_int_equal(nested_row(c, NULL, &depth), OK);
    assert_int_equal(depth, 4);
    *(bool *)arg = true;
    return OK;
}

static void nested_body(struct db_world *w, void *arg)
{
    bool done = false;
    (void)arg;
    assert_int_equal(db_read(w->c, w->db, nested_work, &done), OK);
    assert_true(done);
}

static void test_nested_statements(void **state)
{
    (void)state;
    BOTH(nested_body);
}

/* ---- constraints by name ---- */

struct attempt {
    int64_t id, unit, price;
    const char *code, *name;
    enum err want;
    const char *field;
};

static enum err attempt_work(struct ctx *c, void *arg)
{
    const struct attempt *a = arg;
    return db_exec(
        c, NULL, "INSERT INTO shop_item (id, unit, price, code, name) VALUES ($1, $2, $3, $4, $5)",
        P_INT(a->id), P_INT(a->unit), P_INT(a->price), P_TEXT(a->code), P_TEXT(a->name));
}

static void constraints_body(struct db_world *w, void *arg)
{
    static const struct attempt attempts[] = {
        {1, 1, 5, "c1", "một", OK, NULL},
        {1, 1, 6, "c2", "hai", ERR_DB_UNIQUE, "shop_item_pk"},
        {2, 1, 7, "c1", "hai", ERR_DB_UNIQUE, "shop_item_code"},
        {2, 1, 8, "c2", "một", ERR_DB_UNIQUE, "shop_item_name"},
        {2, 1, 5, "c2", "hai", ERR_DB_UNIQUE, "shop_item_folded"},
        {2, 9, 9, "c2", "hai", ERR_DB_FOREIGN, "shop_item_unit"},
        {2, 1, -5, "c2", "hai", ERR_DB_CHECK, "shop_item_price"},
        {2, 1, 10, "c2", "hai", OK, NULL},
    };
    (void)arg;
    for (size_t i = 0; i < ARRAY_LEN(attempts); i++) {
        struct attempt a = attempts[i];
        ctx_clear_faults(w->c);
        assert_int_equal(db_write(w->c, w->db, attempt_work, &a), a.want);
        assert_int_equal(w->c->n_faults, a.want ? 1 : 0);
        if (a.want)
            assert_string_equal(w->c->faults[0].field, a.field);
    }
}

static void test_constraints_by_name(void **state)
{
    (void)state;
    BOTH(constraints_body);
}

static enum err null_work(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "INSERT INTO shop_unit (id, name) VALUES (5, $1)", P_TEXT(NULL));
}

static enum err wrong_work(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "UPDATE no_such_table SET a = $1", P_INT(1));
}

static enum err few_work(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "DELETE FROM shop_unit WHERE id = $1 AND name = $2", P_INT(1));
}

static enum err two_rows_work(struct ctx *c, void *arg)
{
    int64_t n;
    (void)arg;
    return db_int(c, &n, "SELECT 1 UNION ALL SELECT 2");
}

static enum err pragma_work(struct ctx *c, void *arg)
{
    int64_t n;
    (void)arg;
    return db_int(c, &n, "PRAGMA synchronous = OFF");
}

static enum err attach_work(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "ATTACH DATABASE 'other.db' AS other");
}

static enum err commit_work(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "SAVEPOINT mine");
}

static void mistakes_body(struct db_world *w, void *arg)
{
    static const db_work works[] = {wrong_work, few_work, two_rows_work, pragma_work, attach_work};
    (void)arg;
    assert_int_equal(db_write(w->c, w->db, null_work, NULL), ERR_DB_CHECK);
    assert_string_equal(w->c->faults[0].field, "shop_unit.name");
    for (size_t i = 0; i < ARRAY_LEN(works); i++)
        assert_int_equal(db_write(w->c, w->db, works[i], NULL), ERR_DB_STATEMENT);
    if (w->kind == DB_SQLITE)
        assert_int_equal(db_write(w->c, w->db, commit_work, NULL), ERR_DB_STATEMENT);
}

static void test_our_own_mistakes(void **state)
{
    (void)state;
    BOTH(mistakes_body);
}

/* ---- transactions ---- */

static enum err count_work(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT count(*) FROM shop_unit");
}

static int64_t count_units(struct db_world *w)
{
    int64_t n = -1;
    assert_int_equal(db_read(w->c, w->db, count_work, &n), OK);
    return n;
}

static enum err unit(struct ctx *c, int64_t id)
{
    return db_exec(c, NULL, "INSERT INTO shop_unit (id, name) VALUES ($1, 'x')", P_INT(id));
}

static enum err refuse_work(struct ctx *c, void *arg)
{
    (void)arg;
    enum err e = unit(c, 50);
    return e ? e : fail(c, ERR_CONFLICT, "late");
}

static enum err ignore_work(struct ctx *c, void *arg)
{
    (void)arg;
    assert_int_equal(unit(c, 60), OK);
    assert_int_equal(unit(c, 60), ERR_DB_UNIQUE);
    assert_int_equal(unit(c, 61), ERR_DB_UNIQUE); /* nothing more runs */
    return OK;                                    /* and saying so doesn't help */
}

static enum err part_bad(struct ctx *c, void *arg)
{
    (void)arg;
    assert_int_equal(unit(c, 71), OK);
    return unit(c, 70);
}

static enum err part_good(struct ctx *c, void *arg)
{
    (void)arg;
    return unit(c, 72);
}

static enum err parts_work(struct ctx *c, void *arg)
{
    (void)arg;
    assert_int_equal(unit(c, 70), OK);
    assert_int_equal(db_part(c, part_bad, NULL), ERR_DB_UNIQUE);
    assert_int_equal(db_part(c, part_good, NULL), OK);
    return unit(c, 73);
}

static void rollback_body(struct db_world *w, void *arg)
{
    (void)arg;
    assert_int_equal(count_units(w), 1);
    assert_int_equal(db_write(w->c, w->db, refuse_work, NULL), ERR_CONFLICT);
    assert_int_equal(count_units(w), 1);
    assert_int_equal(db_write(w->c, w->db, ignore_work, NULL), ERR_DB_UNIQUE);
    assert_int_equal(count_units(w), 1);
    assert_int_equal(db_write(w->c, w->db, parts_work, NULL), OK);
    assert_int_equal(count_units(w), 4); /* 1, 70, 72, 73 */
    assert_null(w->c->tx);
    db_test_reopen(w);
    assert_int_equal(count_units(w), 4);
}

static void test_rollback_and_parts(void **state)
{
    (void)state;
    BOTH(rollback_body);
}

/* ---- reading ---- */

static enum err one_unit_work(struct ctx *c, void *arg)
{
    return unit(c, *(int64_t *)arg);
}

static enum err snapshot_work(struct ctx *c, void *arg)
{
    struct db_world *w = arg;
    struct ctx *other = db_test_ctx();
    int64_t before = -1, after = -1, id = 80;
    assert_int_equal(count_work(c, &before), OK);
    assert_int_equal(db_write(other, w->db, one_unit_work, &id), OK);
    assert_int_equal(count_work(c, &after), OK);
    assert_int_equal(before, after);
    assert_int_equal(db_read(other, w->db, count_work, &after), OK);
    assert_int_equal(after, before + 1);
    db_test_ctx_end(other);
    return OK;
}

static enum err write_in_read(struct ctx *c, void *arg)
{
    (void)arg;
    return unit(c, 90);
}

static void reading_body(struct db_world *w, void *arg)
{
    (void)arg;
    assert_int_equal(db_read(w->c, w->db, snapshot_work, w), OK);
    assert_int_equal(db_read(w->c, w->db, write_in_read, NULL), ERR_READ_ONLY);
    assert_int_equal(count_units(w), 2);
    assert_true(db_stats(w->db).reads >= 3);
    assert_int_equal(db_check(w->c, w->db), OK);
}

static void test_reads_see_one_moment(void **state)
{
    (void)state;
    BOTH(reading_body);
}

/* ---- those who read at once, and after ---- */

static enum err crowd_work(struct ctx *c, void *arg)
{
    struct db_world *w = arg;
    int64_t n = 0;
    if (w->db->n_readers == 4)
        return count_work(c, &n);
    struct ctx *other = db_test_ctx();
    enum err e = db_read(other, w->db, crowd_work, w);
    db_test_ctx_end(other);
    return e;
}

static void crowd_body(struct db_world *w, void *arg)
{
    (void)arg;
    w->db->reader_idle_us = INT64_MAX;
    assert_int_equal(db_read(w->c, w->db, crowd_work, w), OK);
    assert_int_equal(w->db->n_readers, 4);
    assert_int_equal(count_units(w), 1);
    assert_int_equal(w->db->n_readers, 4); /* they wait for the next crowd */
    w->db->reader_idle_us = 0;
    assert_int_equal(count_units(w), 1);
    assert_int_equal(w->db->n_readers, 1); /* which didn't come */
    assert_int_equal(db_read(w->c, w->db, crowd_work, w), OK);
    assert_int_equal(w->db->n_readers, 1);
}

static void test_idle_readers_are_closed(void **state)
{
    (void)state;
    BOTH(crowd_body);
}

enum { MANY = 8, SHORT_READS = 200 };

static void *reads_much(void *world)
{
    struct db_world *w = world;
    struct ctx *c = db_test_ctx();
    intptr_t bad = 0;
    for (int i = 0; i < SHORT_READS; i++) {
        int64_t n = 0;
        bad += db_read(c, w->db, count_work, &n) != OK;
    }
    db_test_ctx_end(c);
    return (void *)bad;
}

static void short_body(struct db_world *w, void *arg)
{
    (void)arg;
    pthread_t many[MANY];
    w->db->reader_idle_us = INT64_MAX;
    w->db->readers_calm = 2;
    w->db->reader_wait_us = 60000000; /* nobody's turn is that late */
    for (int i = 0; i < MANY; i++)
        assert_int_equal(pthread_create(&many[i], NULL, reads_much, w), 0);
    for (int i = 0; i < MANY; i++) {
        void *bad = NULL;
        assert_int_equal(pthread_join(many[i], &bad), 0);
        assert_null(bad);
    }
    assert_in_range(w->db->n_readers, 1, 2);
    w->db->reader_wait_us = 1000;
    assert_int_equal(db_read(w->c, w->db, crowd_work, w), OK);
    assert_int_equal(w->db->n_readers, 4); /* long ones aren't held up by the calm number */
}

static void test_short_readers_share(void **state)
{
    (void)state;
    BOTH(short_body);
}

static void *reads_once(void *world)
{
    struct db_world *w = world;
    struct ctx *c = db_test_ctx();
    int64_t n = 0;
    intptr_t bad = db_read(c, w->db, count_work, &n) != OK;
    db_test_ctx_end(c);
    return (void *)bad;
}

/* As if others came back and were taken again each time: the one who waits has no luck. */
static enum err busy_work(struct ctx *c, void *arg)
{
    (void)c;
    struct db_world *w = arg;
    pthread_t one;
    void *bad = NULL;
    assert_int_equal(pthread_create(&one, NULL, reads_once, w), 0);
    for (int i = 0; i < 60; i++) {
        usleep(50000);
        pthread_mutex_lock(&w->db->readers_lock);
        assert_int_equal(w->db->n_readers, 1);
        w->db->readers_given++;
        pthread_mutex_unlock(&w->db->readers_lock);
    }
    assert_int_equal(pthread_join(one, &bad), 0); /* nobody comes back any more: it opens one */
    assert_null(bad);
    return OK;
}

static void unlucky_body(struct db_world *w, void *arg)
{
    (void)arg;
    w->db->reader_idle_us = INT64_MAX;
    assert_int_equal(count_units(w), 1);
    w->db->readers_calm = 1;
    w->db->reader_wait_us = 2000000;
    assert_int_equal(db_read(w->c, w->db, busy_work, w), OK);
    assert_int_equal(w->db->n_readers, 2);
}

static void test_an_unlucky_reader_is_patient(void **state)
{
    (void)state;
    BOTH(unlucky_body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_order_and_like),
        cmocka_unit_test(test_nested_statements),
        cmocka_unit_test(test_constraints_by_name),
        cmocka_unit_test(test_our_own_mistakes),
        cmocka_unit_test(test_rollback_and_parts),
        cmocka_unit_test(test_reads_see_one_moment),
        cmocka_unit_test(test_idle_readers_are_closed),
        cmocka_unit_test(test_short_readers_share),
        cmocka_unit_test(test_an_unlucky_reader_is_patient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
