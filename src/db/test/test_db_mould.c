/* SPDX-License-Identifier: Apache-2.0 */
/* What one test leaves in a database made once for many, the next doesn't find. */
#include "test/harness/unit.h"

#include "test/harness/db_test.h"

static const struct db_schema files[] = {
    {"thing", 1,
     "CREATE TABLE thing (id BIGINT NOT NULL, CONSTRAINT thing_pk PRIMARY KEY (id));"
     "CREATE TABLE thing_part (id BIGINT NOT NULL, thing BIGINT NOT NULL,"
     " CONSTRAINT thing_part_of FOREIGN KEY (thing) REFERENCES thing (id));"
     "INSERT INTO thing (id) VALUES (1)",
     "t1"},
};

static int64_t number(struct db_world *w, db_work work)
{
    int64_t n = -1;
    assert_int_equal(db_read(w->c, w->db, work, &n), OK);
    return n;
}

static enum err rows(struct ctx *c, void *n)
{
    return db_int(c, n, "SELECT count(*) * 100 + sum(id) FROM thing");
}

static enum err parts(struct ctx *c, void *n)
{
    return db_int(c, n, "SELECT count(*) FROM thing_part");
}

static enum err migrations(struct ctx *c, void *n)
{
    return db_int(c, n, "SELECT count(*) FROM db_migration");
}

static void as_migrated(struct db_world *w, void *arg)
{
    (void)arg;
    assert_int_equal(number(w, rows), 101);
    assert_int_equal(number(w, parts), 0);
    assert_int_equal(number(w, migrations), 1);
}

static enum err write_rows(struct ctx *c, void *arg)
{
    (void)arg;
    enum err e = db_exec(c, NULL, "UPDATE thing SET id = 5");
    e = e ? e : db_exec(c, NULL, "INSERT INTO thing_part (id, thing) VALUES (1, 5)");
    return e ? e : db_exec(c, NULL, "DELETE FROM db_migration");
}

static void writes(struct db_world *w, void *arg)
{
    as_migrated(w, arg);
    assert_int_equal(db_write(w->c, w->db, write_rows, NULL), OK);
    assert_int_equal(number(w, rows), 105);
}

static void shapes(struct db_world *w, void *arg)
{
    const struct db_schema more[] = {files[0], {"thing", 2, arg, arg}};
    as_migrated(w, NULL);
    assert_int_equal(db_migrate(w->c, w->db, more, 2), OK); /* as it isn't there any more */
    assert_int_equal(number(w, migrations), 2);
}

static void nested(struct db_world *w, void *arg)
{
    writes(w, NULL);
    db_test_moulded(w->kind, files, 1, as_migrated, arg); /* another than that of w */
    assert_int_equal(number(w, rows), 105);
}

static void test_begins_as_migrated(void **state)
{
    static char *const changes[] = {
        "CREATE TABLE thing_made (id BIGINT NOT NULL)", "ALTER TABLE thing ADD COLUMN more TEXT",
        "CREATE INDEX thing_part_thing ON thing_part (thing)", "DROP TABLE thing_part"};
    (void)state;
    for (int kind = DB_SQLITE; kind <= DB_POSTGRES; kind++) {
        db_test_moulded((enum db_kind)kind, files, 1, writes, NULL);
        db_test_moulded((enum db_kind)kind, files, 1, nested, NULL);
        for (size_t i = 0; i < ARRAY_LEN(changes) * 2; i++)
            db_test_moulded((enum db_kind)kind, files, 1, shapes, changes[i / 2]);
        db_test_moulded((enum db_kind)kind, files, 1, as_migrated, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_begins_as_migrated),
    };
    return cmocka_run_group_tests_name("db_mould", tests, NULL, NULL);
}
