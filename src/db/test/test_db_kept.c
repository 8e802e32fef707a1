/* SPDX-License-Identifier: Apache-2.0 */
/* The role that serves: what it may, a schema that is behind it, and how far the server may be. */
#include "test/harness/unit.h"

#include "test/harness/db_test.h"

#include <string.h>

#include "base/text.h"
#include "db/dynamic.h"
#include "db/reach.h"

static const struct db_schema files[] = {
    {"k", 1,
     "CREATE TABLE k_log (n BIGINT NOT NULL, state BIGINT, CONSTRAINT k_log_pk PRIMARY KEY (n));"
     "CREATE TABLE k_old (n BIGINT NOT NULL, CONSTRAINT k_old_pk PRIMARY KEY (n));"
     "CREATE TABLE k_r_one (n BIGINT NOT NULL, current BIGINT, CONSTRAINT k_r_one_pk PRIMARY KEY "
     "(n));"
     "CREATE TABLE k_free (n BIGINT NOT NULL, CONSTRAINT k_free_pk PRIMARY KEY (n))",
     "k1"},
    {"k", 2, "ALTER TABLE k_free ADD COLUMN more BIGINT", "k2"},
};
static const struct db_kept kept[] = {
    {"k_log", "state", false}, {"k_old", "", true}, {"k_r_*", "current", false}};

static enum err run(struct ctx *c, void *arg)
{
    return db_exec_dynamic(c, NULL, arg, NULL, 0);
}

static enum err does(struct db_world *w, const char *sql)
{
    ctx_clear_faults(w->c);
    return db_write(w->c, w->db, run, (void *)(uintptr_t)sql);
}

static enum err refused(const struct db_world *w)
{
    return w->kind == DB_POSTGRES ? ERR_DB_RIGHT : ERR_DB_STATEMENT;
}

static const char *excess(struct db_world *w)
{
    const char *found = "?";
    assert_int_equal(db_excess(w->c, w->db, kept, ARRAY_LEN(kept), &found), OK);
    return found;
}

static const char *const allowed[] = {"INSERT INTO k_log (n, state) VALUES (1, 1)",
                                      "UPDATE k_log SET state = 2 WHERE n = 1",
                                      "INSERT INTO k_old (n) VALUES (1)",
                                      "INSERT INTO k_r_one (n, current) VALUES (1, 1)",
                                      "UPDATE k_r_one SET current = 0",
                                      "INSERT INTO k_free (n) VALUES (1)",
                                      "UPDATE k_free SET n = 2",
                                      "DELETE FROM k_free"};
static const char *const forbidden[] = {
    "UPDATE k_log SET n = 2",
    "DELETE FROM k_log",
    "UPDATE k_old SET n = 2",
    "UPDATE k_r_one SET n = 2",
    "DELETE FROM k_r_one",
    "INSERT INTO k_log (n, state) VALUES (1, 1) ON CONFLICT (n) DO UPDATE SET n = 7",
    "DROP TABLE k_log",
    "ALTER TABLE k_log ADD COLUMN x BIGINT",
};
static const char *const of_the_owner[] = {"DELETE FROM k_old",
                                           "TRUNCATE k_log",
                                           "TRUNCATE k_free",
                                           "CREATE TABLE k_new (n BIGINT)",
                                           "DROP TABLE k_free",
                                           "ALTER TABLE k_free DISABLE TRIGGER ALL",
                                           "CREATE SCHEMA elsewhere",
                                           "UPDATE db_migration SET sha256 = ''",
                                           "DELETE FROM db_opens",
                                           "GRANT dinh TO dinh_serves",
                                           "SET ROLE dinh"};

static void kept_body(struct db_world *w, void *arg)
{
    (void)arg;
    assert_int_equal(db_migrate(w->c, w->db, files, 1), OK);
    assert_true(db_shapes(w->db));
    if (w->kind == DB_POSTGRES) {
        assert_string_equal(excess(w), "SUPERUSER"); /* the tests' owner is one */
        db_test_as_role(w, kept, ARRAY_LEN(kept));
        assert_false(db_shapes(w->db));
    }
    assert_string_equal(excess(w), "");
    db_guard(w->db, kept, ARRAY_LEN(kept));
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
        assert_int_equal(does(w, allowed[i]), OK);
    for (size_t i = 0; i < ARRAY_LEN(forbidden); i++) {
        enum err e = does(w, forbidden[i]);
        if (e != refused(w))
            print_error("not refused: %s\n", forbidden[i]);
        assert_int_equal(e, refused(w));
    }
    for (size_t i = 0; i < ARRAY_LEN(of_the_owner) && w->kind == DB_POSTGRES; i++) {
        if (does(w, of_the_owner[i]) != ERR_DB_RIGHT)
            print_error("not refused: %s\n", of_the_owner[i]);
        assert_int_equal(does(w, of_the_owner[i]), ERR_DB_RIGHT);
    }
}

static void test_kept_rows_stay(void **state)
{
    (void)state;
    db_test(NULL, 0, kept_body, NULL);
}

/* The control: nothing but the role and the guard refuses. */
static void owner_body(struct db_world *w, void *arg)
{
    (void)arg;
    assert_int_equal(does(w, allowed[0]), OK);
    for (size_t i = 0; i < ARRAY_LEN(forbidden); i++)
        if (!strstr(forbidden[i], "DROP") && !strstr(forbidden[i], "ALTER"))
            assert_int_equal(does(w, forbidden[i]), OK);
}

static void test_owner_may(void **state)
{
    (void)state;
    db_test(files, ARRAY_LEN(files), owner_body, NULL);
}

static void behind_body(struct db_world *w, void *arg)
{
    const char *owner = w->url;
    (void)arg;
    assert_int_equal(db_migrate(w->c, w->db, files, 1), OK);
    db_test_as_role(w, kept, ARRAY_LEN(kept));
    const char *role = w->url;
    assert_int_equal(db_migrate(w->c, w->db, files, 1), OK);
    assert_int_equal(db_migrate(w->c, w->db, files, 2), ERR_DB_BEHIND);
    assert_string_equal(w->c->faults[0].args[0], "k 2");
    ctx_clear_faults(w->c);
    assert_int_equal(db_grant(w->c, w->db, kept, ARRAY_LEN(kept), "dinh_serves"), ERR_DB_RIGHT);
    w->url = owner;
    db_test_reopen(w);
    assert_int_equal(db_migrate(w->c, w->db, files, 2), OK);
    w->url = role;
    db_test_reopen(w);
    assert_int_equal(db_migrate(w->c, w->db, files, 2), OK);
    w->url = owner;
    db_test_reopen(w);
    ctx_clear_faults(w->c);
    assert_int_equal(db_grant(w->c, w->db, kept, ARRAY_LEN(kept), "dinh"), ERR_DB_RIGHT);
    assert_string_equal(w->c->faults[0].args[1], "owner");
    ctx_clear_faults(w->c);
    assert_int_equal(db_grant(w->c, w->db, kept, ARRAY_LEN(kept), "nobody_here"), ERR_DB_RIGHT);
    assert_string_equal(w->c->faults[0].args[1], "no such role");
}

static void test_behind_is_refused(void **state)
{
    (void)state;
    db_test_on(DB_POSTGRES, NULL, 0, behind_body, NULL);
}

/* A database that nobody migrated: told so, not "permission denied". */
static void empty_body(struct db_world *w, void *arg)
{
    (void)arg;
    db_test_as_role(w, kept, ARRAY_LEN(kept));
    assert_int_equal(db_migrate(w->c, w->db, files, 2), ERR_DB_BEHIND);
    assert_string_equal(w->c->faults[0].args[0], "k 1");
}

static void test_empty_is_behind(void **state)
{
    (void)state;
    db_test_on(DB_POSTGRES, NULL, 0, empty_body, NULL);
}

static void test_role_of_a_url(void **state)
{
    struct ctx *c = db_test_ctx();
    (void)state;
    assert_string_equal(db_role(c->arena, "postgres:host=/run user=dinh dbname=x"), "dinh");
    assert_null(db_role(c->arena, "postgres:host=/run"));
    assert_null(db_role(c->arena, "sqlite:user=x"));
    db_test_ctx_end(c);
}

/* ---- ASVS 12.3.1 ---- */

static const char *const private[] = {
    "sqlite:/x",
    "postgres:dbname=dinh",
    "postgres:dinh",
    "postgres:host=/run/postgresql",
    "postgres:host=localhost",
    "postgres:host=127.0.0.1 sslmode=disable",
    "postgres:hostaddr=::1 host=db.example.vn",
    "postgres:host=/run,localhost port=1,2",
    "postgres:host=db.example.vn sslmode=verify-full sslrootcert=/ca",
    "postgres:service=x sslmode=verify-full",
    "postgres:postgresql://dinh@db.example.vn/dinh?sslmode=verify-full"};
static const char *const open_to_all[] = {"postgres:host=db.example.vn",
                                          "postgres:host=10.0.0.7 sslmode=require",
                                          "postgres:host=10.0.0.7 sslmode=verify-ca",
                                          "postgres:host=/run,db.example.vn",
                                          "postgres:host=localhost hostaddr=10.0.0.7",
                                          "postgres:host=127.0.0.1.example.vn",
                                          "postgres:service=x",
                                          "postgres:postgresql://dinh@db.example.vn/dinh",
                                          "postgres:host=localhost.example.vn sslmode=prefer",
                                          "postgres:host='"};

static void test_far_server_must_be_verified(void **state)
{
    struct ctx *c = db_test_ctx();
    struct db *db = NULL;
    char host[64];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(private); i++) {
        if (!db_url_private(private[i], host, sizeof host))
            print_error("refused: %s\n", private[i]);
        assert_true(db_url_private(private[i], host, sizeof host));
    }
    for (size_t i = 0; i < ARRAY_LEN(open_to_all); i++) {
        ctx_clear_faults(c);
        enum err e = db_open(c, open_to_all[i], &db);
        if (e != ERR_DB_SSLMODE)
            print_error("not refused: %s\n", open_to_all[i]);
        assert_int_equal(e, ERR_DB_SSLMODE);
        assert_null(db);
    }
    ctx_clear_faults(c);
    assert_int_equal(db_open(c, "postgres:host=/run,db.example.vn", &db), ERR_DB_SSLMODE);
    assert_string_equal(c->faults[0].args[0], "db.example.vn");
    db_test_ctx_end(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept_rows_stay),
        cmocka_unit_test(test_owner_may),
        cmocka_unit_test(test_behind_is_refused),
        cmocka_unit_test(test_empty_is_behind),
        cmocka_unit_test(test_role_of_a_url),
        cmocka_unit_test(test_far_server_must_be_verified),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
