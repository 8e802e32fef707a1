/* SPDX-License-Identifier: Apache-2.0 */
/* Which PostgreSQL databases are taken: ranges over codes need the order of code points. */
#include "test/harness/unit.h"

#include "test/harness/db_test.h"

#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/id.h"
#include "base/sys.h"
#include "base/text.h"

static PGconn *link_to(struct ctx *c, const char *database)
{
    const char *server = getenv("DINH_TEST_PG");
    assert_non_null(server);
    PGconn *conn =
        PQconnectdb(database ? arena_printf(c->arena, "%s dbname=%s", server, database) : server);
    assert_int_equal(PQstatus(conn), CONNECTION_OK);
    return conn;
}

/* The first column of the first row; "" when there is none. */
static const char *ask(struct ctx *c, const char *database, const char *sql)
{
    PGconn *conn = link_to(c, database);
    PGresult *r = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(r);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        print_error("%s: %s\n", sql, PQerrorMessage(conn));
    assert_true(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
    const char *text = PQntuples(r) ? arena_text(c->arena, PQgetvalue(r, 0, 0)) : "";
    PQclear(r);
    PQfinish(conn);
    return text;
}

/* The ranges that scopes and pages are made of (core/scope.h). */
#define RANGES                                                                                     \
    "SELECT 'H57.31.01' >= 'H57.31' AND 'H57.31.01' < 'H57.31/' AND NOT 'H57.310' < 'H57.31/'"     \
    " AND 'H57' < '~' AND 'Z' < 'a'"

static const struct {
    const char *name, *locale;
    bool taken;
} cases[] = {
    {"c", "LOCALE_PROVIDER libc LOCALE 'C.UTF-8'", true},
    {"posix", "LOCALE_PROVIDER libc LOCALE 'C.UTF-8' LC_COLLATE 'POSIX'", true},
    {"vi", "LOCALE_PROVIDER icu ICU_LOCALE 'vi' LOCALE 'C.UTF-8'", false},
    {"en", "LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'", false},
    {"upper", "LOCALE_PROVIDER icu ICU_LOCALE 'und-u-kf-upper' LOCALE 'C.UTF-8'", false},
};

static void open_one(struct ctx *c, const char *database, bool taken)
{
    struct db *db = NULL;
    ctx_clear_faults(c);
    enum err e = db_open(
        c, arena_printf(c->arena, "postgres:%s dbname=%s", getenv("DINH_TEST_PG"), database), &db);
    if (!e)
        db_close(db);
    assert_int_equal(e, taken ? OK : ERR_DB_OPEN);
    if (!taken) /* what is wrong, and how it is made right */
        assert_non_null(strstr(c->faults[0].args[1], "LOCALE 'C.UTF-8'"));
}

static void test_order_of_texts(void **state)
{
    struct ctx *c = db_test_ctx();
    (void)state;
    const char *own = ask(c, NULL, "SELECT current_database()");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *database = arena_printf(c->arena, "%s_%s_%s", own, cases[i].name,
                                            id_new(c->arena, sys_now_us()) + 10);
        const char *quoted = arena_printf(c->arena, "\"%s\"", database);
        ask(c, NULL,
            arena_printf(c->arena, "CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8' %s",
                         quoted, cases[i].locale));
        assert_string_equal(ask(c, database, RANGES), cases[i].taken ? "t" : "f");
        open_one(c, database, cases[i].taken);
        ask(c, NULL, arena_printf(c->arena, "DROP DATABASE %s WITH (FORCE)", quoted));
    }
    db_test_ctx_end(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_texts),
    };
    return cmocka_run_group_tests_name("db_collation", tests, NULL, NULL);
}
