/* SPDX-License-Identifier: Apache-2.0 */
#include "test/harness/unit.h"

#include "test/harness/db_test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/id.h"
#include "base/sys.h"
#include "base/time.h"
#include "test/harness/shell_test.h"

#define give_up(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

struct ctx *db_test_ctx(void)
{
    struct arena *a = arena_new(0);
    struct ctx *c = ARENA_NEW(a, struct ctx);
    c->arena = a;
    c->request_id = "test";
    c->now_us = us_from_civil((struct civil){2025, 3, 3, 8, 0, 0}, LOCAL_OFFSET_US);
    return c;
}

void db_test_ctx_end(struct ctx *c)
{
    arena_end(c->arena);
}

/* ---- a schema of its own in PostgreSQL ---- */

static const char *pg_server(void)
{
    const char *server = getenv("DINH_TEST_PG");
    if (!server || !*server)
        give_up("DINH_TEST_PG is not set: run ./dev test, or start one by tools/pg_private");
    return server;
}

static void pg_do(const char *sql)
{
    PGconn *conn = PQconnectdb(pg_server());
    if (PQstatus(conn) != CONNECTION_OK)
        give_up("PostgreSQL: %s", PQerrorMessage(conn));
    PGresult *r = PQexec(conn, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        give_up("PostgreSQL: %s", PQerrorMessage(conn));
    PQclear(r);
    PQfinish(conn);
}

/* ---- worlds ---- */

static void open_world(struct db_world *w)
{
    enum err e = db_open(w->c, w->url, &w->db);
    if (e)
        give_up("%s: %s %s", w->url, err_row(e)->name, w->c->faults[0].args[1]);
}

void db_test_reopen(struct db_world *w)
{
    db_close(w->db);
    open_world(w);
}

void db_test_as_role(struct db_world *w, const struct db_kept *kept, size_t n)
{
    pg_do("DO $$ BEGIN CREATE ROLE dinh_serves LOGIN; EXCEPTION WHEN duplicate_object OR "
          "unique_violation THEN NULL; END $$");
    enum err e = db_grant(w->c, w->db, kept, n, "dinh_serves");
    if (e)
        give_up("rights: %s %s", err_row(e)->name, w->c->faults[0].args[1]);
    w->url = arena_printf(w->c->arena, "%s user=dinh_serves", w->url);
    db_test_reopen(w);
}

void db_test_on(enum db_kind kind, const struct db_schema *files, size_t n,
                void (*body)(struct db_world *w, void *arg), void *arg)
{
    struct ctx *c = db_test_ctx();
    struct db_world w = {.c = c, .kind = kind, .dir = test_dir(c)};
    char *schema = arena_printf(c->arena, "t_%s", id_new(c->arena, sys_now_us()));
    if (kind == DB_SQLITE) {
        w.url = arena_printf(c->arena, "sqlite:%s/node.db", w.dir);
    } else {
        pg_do(arena_printf(c->arena, "CREATE SCHEMA \"%s\"", schema));
        w.url = arena_printf(c->arena, "postgres:%s options='-csearch_path=\"%s\"'", pg_server(),
                             schema);
    }
    open_world(&w);
    enum err e = db_migrate(c, w.db, files, n);
    if (e)
        give_up("migration: %s %s %s", err_row(e)->name, c->faults[0].args[0],
                c->faults[0].args[1]);
    body(&w, arg);
    db_close(w.db);
    if (kind == DB_POSTGRES)
        pg_do(arena_printf(c->arena, "SET client_min_messages = error; DROP SCHEMA \"%s\" CASCADE",
                           schema));
    test_dir_end(w.dir);
    db_test_ctx_end(c);
}

void db_test(const struct db_schema *files, size_t n, void (*body)(struct db_world *w, void *arg),
             void *arg)
{
    db_test_on(DB_SQLITE, files, n, body, arg);
    db_test_on(DB_POSTGRES, files, n, body, arg);
}
