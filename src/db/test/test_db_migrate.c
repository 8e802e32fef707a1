/* SPDX-License-Identifier: Apache-2.0 */
/* Migrations, opening, backup and check. */
#include "test/harness/unit.h"

#include "test/harness/db_test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"
#include "db/dynamic.h"

static const struct db_schema files[] = {
    {"low", 2, "ALTER TABLE low_a ADD COLUMN photo BLOB; CREATE INDEX low_a_n ON low_a (n)", "l2",
     .program = "2.0"},
    {"high", 1,
     "CREATE TABLE high_a (id BIGINT NOT NULL, a BIGINT, CONSTRAINT high_a_pk PRIMARY KEY (id),"
     " CONSTRAINT high_a_low FOREIGN KEY (a) REFERENCES low_a (n))",
     "h1"},
    {"low", 1, "CREATE TABLE low_a (n BIGINT NOT NULL, CONSTRAINT low_a_pk PRIMARY KEY (n));",
     "l1"},
};

static enum err count_work(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT count(*) FROM db_migration WHERE applied_us > 0");
}

static int64_t applied(struct db_world *w)
{
    int64_t n = -1;
    assert_int_equal(db_read(w->c, w->db, count_work, &n), OK);
    return n;
}

static void migrate_body(struct db_world *w, void *arg)
{
    struct db_schema changed[3] = {files[0], files[1], files[2]};
    (void)arg;
    assert_int_equal(applied(w), 0);
    assert_int_equal(db_migrate(w->c, w->db, files + 2, 1), OK);
    assert_int_equal(applied(w), 1);
    assert_int_equal(db_migrate(w->c, w->db, files, 3),
                     OK); /* in order, though given in disorder */
    assert_int_equal(applied(w), 3);
    db_test_reopen(w);
    assert_int_equal(db_migrate(w->c, w->db, files, 3), OK); /* nothing left to do */
    assert_int_equal(applied(w), 3);
    ctx_clear_faults(w->c);
    assert_int_equal(db_migrate(w->c, w->db, files + 1, 2), ERR_DB_NEWER);
    assert_string_equal(w->c->faults[0].args[0], "low 2");
    assert_string_equal(w->c->faults[0].args[1], "2.0");
    changed[1].sha256 = "other";
    ctx_clear_faults(w->c);
    assert_int_equal(db_migrate(w->c, w->db, changed, 3), ERR_DB_MIGRATION);
    assert_string_equal(w->c->faults[0].args[0], "high 1");
    assert_string_equal(w->c->faults[0].args[1], "changed");
}

static void test_migrations(void **state)
{
    (void)state;
    db_test(NULL, 0, migrate_body, NULL);
}

static enum err low_work(struct ctx *c, void *arg)
{
    return db_exec(c, NULL, "INSERT INTO low_a (n) VALUES ($1)", P_INT(*(int64_t *)arg));
}

/* The program before opens what a newer one expanded, writes, and loses nothing when it is newer
   again; what was contracted past it, it refuses. */
static void before_body(struct db_world *w, void *arg)
{
    struct db_schema newer[3] = {files[2], files[0], files[1]};
    int64_t first = 1, second = 2;
    (void)arg;
    newer[1].expands = true;
    assert_int_equal(db_migrate(w->c, w->db, newer, 2), OK);
    db_test_reopen(w);
    assert_int_equal(db_migrate(w->c, w->db, newer, 1), OK);
    assert_int_equal(db_write(w->c, w->db, low_work, &first), OK);
    db_test_reopen(w);
    assert_int_equal(db_migrate(w->c, w->db, newer, 3), OK);
    assert_int_equal(db_write(w->c, w->db, low_work, &second), OK);
    assert_int_equal(db_migrate(w->c, w->db, newer, 2), ERR_DB_NEWER);
    assert_string_equal(w->c->faults[0].args[0], "high 1");
}

static void test_the_program_before(void **state)
{
    (void)state;
    db_test(NULL, 0, before_body, NULL);
}

/* A migration that fails in its second statement leaves nothing of its first. */
static void broken_body(struct db_world *w, void *arg)
{
    static const struct db_schema bad[] = {
        {"x", 1, "CREATE TABLE x_a (n BIGINT); CREATE TABLE x_b (n BIGINT, n BIGINT)", "x1"},
    };
    static const struct db_schema good[] = {{"x", 1, "CREATE TABLE x_a (n BIGINT)", "x1"}};
    (void)arg;
    assert_int_equal(db_migrate(w->c, w->db, bad, 1), ERR_DB_MIGRATION);
    assert_int_equal(applied(w), 0);
    assert_int_equal(db_migrate(w->c, w->db, good, 1), OK);
}

static void test_broken_migration(void **state)
{
    (void)state;
    db_test(NULL, 0, broken_body, NULL);
}

static enum err table_work(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT count(*) FROM low_a");
}

#ifdef DINH_FAULTS
/* Whichever call fails: done wholly or not at all, and doing it again succeeds. */
static void faulty_body(struct db_world *w, void *arg)
{
    enum err e = ERR_IO;
    int k = 0;
    (void)arg;
    for (; e && k < 200; k++) {
        assert_true(sys_fault_arm(arena_printf(w->c->arena, "db:%d:EIO", k + 1)));
        e = db_migrate(w->c, w->db, files, 3);
        int64_t n = 0;
        assert_true(sys_fault_arm(NULL));
        if (applied(w) > 0)
            assert_int_equal(db_read(w->c, w->db, table_work, &n), OK);
    }
    assert_true(k > 8); /* some did fail */
    assert_int_equal(e, OK);
    assert_int_equal(applied(w), 3);
}

static void test_every_call_of_a_migration_fails(void **state)
{
    (void)state;
    db_test(NULL, 0, faulty_body, NULL);
}

#endif

/* ---- opening what can't be opened ---- */

static void refused(struct db_world *w, const char *url, enum err want)
{
    struct db *db = NULL;
    ctx_clear_faults(w->c);
    assert_int_equal(db_open(w->c, url, &db), want);
    assert_null(db);
    assert_int_equal(w->c->n_faults, 1);
    assert_true(text_starts(w->c->faults[0].args[0], want == ERR_CONFIG ? "database" : "/"));
}

static void spoil(const char *path, const char *text, off_t at)
{
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_true(pwrite(fd, text, strlen(text), at) > 0);
    close(fd);
}

static void refused_body(struct db_world *w, void *arg)
{
    struct arena *a = w->c->arena;
    struct stat st;
    (void)arg;
    assert_int_equal(stat(w->url + strlen("sqlite:"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    refused(w, "mysql:x", ERR_CONFIG);
    refused(w, arena_printf(a, "sqlite:%s", w->dir), ERR_DB_OPEN);
    spoil(arena_printf(a, "%s/text.db", w->dir), "this is no database, but a letter to a friend",
          0);
    refused(w, arena_printf(a, "sqlite:%s/text.db", w->dir), ERR_DB_CORRUPT);
    db_close(w->db);
    w->db = NULL;
    spoil(w->url + strlen("sqlite:"), "garbage garbage garbage", 100); /* page 1, the schema */
    refused(w, w->url, ERR_DB_CORRUPT);
}

static void test_opening_refused(void **state)
{
    (void)state;
    db_test_on(DB_SQLITE, files, 3, refused_body, NULL);
}

static void no_server_body(struct db_world *w, void *arg)
{
    struct db *db = NULL;
    char *url = arena_printf(w->c->arena, "postgres:host=%s password=geheim", w->dir);
    (void)arg;
    assert_int_equal(db_open(w->c, url, &db), ERR_DB_OPEN);
    assert_string_equal(w->c->faults[0].args[0], "PostgreSQL");
    assert_null(strstr(w->c->faults[0].args[1], "geheim"));
}

static void test_no_server(void **state)
{
    (void)state;
    db_test_on(DB_POSTGRES, NULL, 0, no_server_body, NULL);
}

/* ---- backup and check ---- */

static enum err fill_work(struct ctx *c, void *arg)
{
    enum err e = OK;
    (void)arg;
    for (int i = 0; i < 2000 && !e; i++)
        e = db_exec(c, NULL, "INSERT INTO low_a (n, photo) VALUES ($1, $2)", P_INT(i),
                    P_BLOB(bytes_of("0123456789012345678901234567890123456789")));
    return e;
}

static void backup_body(struct db_world *w, void *arg)
{
    char *path = arena_printf(w->c->arena, "%s/copy.db", w->dir);
    int64_t n = 0;
    struct db *copy = NULL;
    (void)arg;
    assert_int_equal(db_write(w->c, w->db, fill_work, NULL), OK);
    if (w->kind == DB_POSTGRES) {
        assert_int_equal(db_backup(w->c, w->db, path), ERR_DB_BACKUP);
        assert_non_null(strstr(w->c->faults[0].args[1], "pg_dump"));
        return;
    }
    assert_int_equal(db_backup(w->c, w->db, path), OK);
    assert_int_equal(db_backup(w->c, w->db, path), ERR_CONFLICT);
    assert_int_equal(db_open(w->c, arena_printf(w->c->arena, "sqlite:%s", path), &copy), OK);
    assert_int_equal(db_read(w->c, copy, table_work, &n), OK);
    assert_int_equal(n, 2000);
    assert_int_equal(db_check(w->c, copy), OK);
    db_close(copy);
}

static void test_backup(void **state)
{
    (void)state;
    db_test(files, 3, backup_body, NULL);
}

#ifdef DINH_FAULTS
/* A copy that could not be finished isn't left behind. */
static void unfinished_body(struct db_world *w, void *arg)
{
    (void)arg;
    assert_int_equal(db_write(w->c, w->db, fill_work, NULL), OK);
    for (int k = 1; k < 12; k++) {
        char *other = arena_printf(w->c->arena, "%s/other%d.db", w->dir, k);
        assert_true(sys_fault_arm(arena_printf(w->c->arena, "write:%d:ENOSPC", k)));
        enum err e = db_backup(w->c, w->db, other);
        assert_true(sys_fault_arm(NULL));
        assert_int_equal(e, ERR_DISK_FULL);
        assert_false(sys_exists(other));
    }
}

static void test_unfinished_backup(void **state)
{
    (void)state;
    db_test_on(DB_SQLITE, files, 3, unfinished_body, NULL);
}
#endif

static void damaged_body(struct db_world *w, void *arg)
{
    (void)arg;
    assert_int_equal(db_write(w->c, w->db, fill_work, NULL), OK);
    assert_int_equal(db_check(w->c, w->db), OK);
    assert_int_equal(db_check_pages(w->c, w->db), OK);
    db_close(w->db);
    spoil(w->url + strlen("sqlite:"), "garbage garbage garbage garbage", 4096 * 12 + 8);
    assert_int_equal(db_open(w->c, w->url, &w->db), OK);
    ctx_clear_faults(w->c);
    assert_int_equal(db_check(w->c, w->db), ERR_DB_CORRUPT);
    assert_true(text_starts(w->c->faults[0].args[0], "/"));
    ctx_clear_faults(w->c);
    assert_int_equal(db_check_pages(w->c, w->db), ERR_DB_CORRUPT);
}

static void test_damage_is_found(void **state)
{
    (void)state;
    db_test_on(DB_SQLITE, files, 3, damaged_body, NULL);
}

/* ---- identifiers from definitions ---- */

static void test_identifiers(void **state)
{
    static const char *const good[] = {"a", "reg_person", "x1", "status", "name", "so_dinh_danh"};
    static const char *const bad[] = {"",       "1a",    "_a",       "Abc",   "a-b", "a b", "a\"",
                                      "select", "table", "xmltable", "abort", "đ",   "a;",  "user"};
    char longest[70];
    (void)state;
    memset(longest, 'a', sizeof longest);
    longest[61] = 0;
    assert_true(db_ident(longest));
    longest[61] = 'a';
    longest[62] = 0;
    assert_false(db_ident(longest));
    assert_false(db_ident(NULL));
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(db_ident(good[i]));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(db_ident(bad[i]));
}

static enum err dynamic_work(struct ctx *c, void *arg)
{
    int64_t n = 0;
    (void)arg;
    const char *create = arena_printf(c->arena,
                                      "CREATE TABLE reg_%s (id BIGINT NOT NULL, %s BLOB, "
                                      "CONSTRAINT reg_x_pk PRIMARY KEY (id))",
                                      "x", "note");
    const char *insert =
        arena_printf(c->arena, "INSERT INTO reg_%s (id, %s) VALUES ($1, $2)", "x", "note");
    struct db_value params[] = {P_INT(7), P_BLOB(bytes_of("\x01"))};
    assert_int_equal(db_exec_dynamic(c, NULL, create, NULL, 0), OK);
    assert_int_equal(db_exec_dynamic(c, &n, insert, params, 2), OK);
    assert_int_equal(n, 1);
    return OK;
}

static void dynamic_body(struct db_world *w, void *arg)
{
    assert_int_equal(db_write(w->c, w->db, dynamic_work, arg), OK);
}

static void test_dynamic(void **state)
{
    (void)state;
    db_test(NULL, 0, dynamic_body, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_migrations),
        cmocka_unit_test(test_the_program_before),
        cmocka_unit_test(test_broken_migration),
#ifdef DINH_FAULTS
        cmocka_unit_test(test_every_call_of_a_migration_fails),
        cmocka_unit_test(test_unfinished_backup),
#endif
        cmocka_unit_test(test_opening_refused),
        cmocka_unit_test(test_no_server),
        cmocka_unit_test(test_backup),
        cmocka_unit_test(test_damage_is_found),
        cmocka_unit_test(test_identifiers),
        cmocka_unit_test(test_dynamic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
