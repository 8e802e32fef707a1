/* SPDX-License-Identifier: Apache-2.0 */
#include "test/harness/unit.h"

#include "test/harness/db_test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/buf.h"
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

/* What the last statement of sql answers, in a's memory; NULL when it answers nothing. */
static const char *pg_ask(struct arena *a, const char *sql)
{
    PGconn *conn = PQconnectdb(pg_server());
    if (PQstatus(conn) != CONNECTION_OK)
        give_up("PostgreSQL: %s", PQerrorMessage(conn));
    PGresult *r = PQexec(conn, sql);
    ExecStatusType how = PQresultStatus(r);
    if (how != PGRES_COMMAND_OK && how != PGRES_TUPLES_OK)
        give_up("PostgreSQL: %s", PQerrorMessage(conn));
    const char *ret = how == PGRES_TUPLES_OK ? arena_text(a, PQgetvalue(r, 0, 0)) : NULL;
    PQclear(r);
    PQfinish(conn);
    return ret;
}

static void pg_do(const char *sql)
{
    pg_ask(NULL, sql);
}

static void pg_drop(struct ctx *c, const char *schema)
{
    pg_do(arena_printf(c->arena, "SET client_min_messages = error; DROP SCHEMA \"%s\" CASCADE",
                       schema));
}

static const char *pg_url(struct ctx *c, const char *schema)
{
    return arena_printf(c->arena, "postgres:%s options='-csearch_path=\"%s\"'", pg_server(),
                        schema);
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

static void open_migrated(struct db_world *w, const struct db_schema *files, size_t n)
{
    open_world(w);
    enum err e = db_migrate(w->c, w->db, files, n);
    if (e)
        give_up("migration: %s %s %s", err_row(e)->name, w->c->faults[0].args[0],
                w->c->faults[0].args[1]);
}

static struct db_world new_world(enum db_kind kind)
{
    struct ctx *c = db_test_ctx();
    struct db_world w = {.c = c, .kind = kind, .dir = test_dir(c)};
    w.url = arena_printf(c->arena, "sqlite:%s/node.db", w.dir);
    return w;
}

static void end_world(struct db_world *w)
{
    test_dir_end(w->dir);
    db_test_ctx_end(w->c);
}

static const char *new_schema(struct ctx *c)
{
    const char *schema = arena_printf(c->arena, "t_%s", id_new(c->arena, sys_now_us()));
    pg_do(arena_printf(c->arena, "CREATE SCHEMA \"%s\"", schema));
    return schema;
}

void db_test_on(enum db_kind kind, const struct db_schema *files, size_t n,
                void (*body)(struct db_world *w, void *arg), void *arg)
{
    struct db_world w = new_world(kind);
    const char *schema = kind == DB_POSTGRES ? new_schema(w.c) : NULL;
    if (schema)
        w.url = pg_url(w.c, schema);
    open_migrated(&w, files, n);
    body(&w, arg);
    db_close(w.db);
    if (schema)
        pg_drop(w.c, schema);
    end_world(&w);
}

void db_test(const struct db_schema *files, size_t n, void (*body)(struct db_world *w, void *arg),
             void *arg)
{
    db_test_on(DB_SQLITE, files, n, body, arg);
    db_test_on(DB_POSTGRES, files, n, body, arg);
}

/* ---- moulds: a database migrated once, for many tests ---- */

#define IMAGE_MAX (64 << 20)

struct mould {
    struct ctx *c; /* lives as long as the process; NULL: not used yet */
    enum db_kind kind;
    const char *files;  /* their sums in order */
    struct bytes image; /* SQLite: the file, closed after the migrations */
    const char *schema; /* PostgreSQL; beside it, named _seed, the rows that the migrations made */
    const char *newest; /* the highest oid of its relations */
    const char *shape;  /* of all but rows */
    bool taken;         /* by a test that runs, or failed */
    pid_t owner;
};

static struct mould moulds[32];

static const char *sums_of(struct ctx *c, const struct db_schema *files, size_t n)
{
    struct buf b = buf_new(c->arena, 64 * 1024);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s %lld %s\n", files[i].module, (long long)files[i].version,
                   files[i].sha256);
    return b.ptr;
}

static struct mould *mould_of(struct ctx *c, enum db_kind kind, const struct db_schema *files,
                              size_t n)
{
    const char *sums = sums_of(c, files, n);
    struct mould *m = moulds;
    while (m->c && (m->taken || m->kind != kind || strcmp(m->files, sums) != 0))
        m++;
    if (m + 1 == moulds + ARRAY_LEN(moulds))
        give_up("more kinds of databases at once than the harness has moulds for");
    if (!m->c) {
        *m = (struct mould){.c = db_test_ctx(), .kind = kind, .owner = getpid()};
        m->files = arena_text(m->c->arena, sums);
    }
    return m;
}

/* All but rows: names, and which transaction changed last what can be changed in place. */
static const char shape_sql[] =
    "WITH r AS (SELECT * FROM pg_class WHERE relnamespace = '\"%s\"'::regnamespace)"
    " SELECT md5(string_agg(t, ',' ORDER BY t)) FROM ("
    "SELECT concat_ws(' ', oid, relname, relacl, relowner, reloptions) FROM r UNION ALL "
    "SELECT concat_ws(' ', attrelid, attnum, a.xmin)"
    " FROM pg_attribute a JOIN r ON r.oid = attrelid UNION ALL "
    "SELECT concat_ws(' ', t.oid, t.xmin) FROM pg_trigger t JOIN r ON r.oid = tgrelid UNION ALL "
    "SELECT concat_ws(' ', k.oid, k.xmin) FROM pg_constraint k JOIN r ON r.oid = conrelid UNION "
    "ALL "
    "SELECT concat_ws(' ', f.oid, f.xmin, f.proname, n.nspacl)"
    " FROM pg_namespace n LEFT JOIN pg_proc f ON f.pronamespace = n.oid"
    " WHERE n.oid = '\"%s\"'::regnamespace) AS everything(t)";

/* Keeps the rows of the migrations beside it. */
static const char keep_sql[] =
    "CREATE SCHEMA \"%s_seed\"; DO $$ DECLARE t text; BEGIN"
    " FOR t IN SELECT relname FROM pg_class WHERE relnamespace = '\"%s\"'::regnamespace"
    "  AND relkind = 'r' AND pg_relation_size(oid) > 0 LOOP"
    "  EXECUTE format('CREATE TABLE \"%s_seed\".%%I AS TABLE \"%s\".%%I', t, t); END LOOP; END $$;"
    " SELECT coalesce(max(oid::bigint), 0) FROM pg_class WHERE relnamespace = "
    "'\"%s\"'::regnamespace";

/* Tables made since go (keys between them or not), rows go, and those of the migrations come again.
   Not TRUNCATE: a file made anew for each table and index costs more than the rows of a test. */
static const char again_sql[] =
    "SET client_min_messages = error; SET session_replication_role = replica;"
    " DO $$ DECLARE t text; BEGIN"
    " SELECT string_agg(oid::regclass::text, ', ') INTO t FROM pg_class"
    "  WHERE relnamespace = '\"%s\"'::regnamespace AND relkind = 'r' AND oid::bigint > %s;"
    " IF t IS NOT NULL THEN EXECUTE 'DROP TABLE ' || t || ' CASCADE'; END IF;"
    " FOR t IN SELECT oid::regclass FROM pg_class WHERE relnamespace = '\"%s\"'::regnamespace"
    "  AND relkind = 'r' AND pg_relation_size(oid) > 0 LOOP EXECUTE 'DELETE FROM ' || t; END LOOP;"
    " FOR t IN SELECT relname FROM pg_class WHERE relnamespace = '\"%s_seed\"'::regnamespace"
    "  AND relkind = 'r' LOOP"
    "  EXECUTE format('INSERT INTO \"%s\".%%I TABLE \"%s_seed\".%%I', t, t); END LOOP; END $$";

static void drop_mould(struct mould *m)
{
    pg_drop(m->c, m->schema);
    pg_drop(m->c, arena_printf(m->c->arena, "%s_seed", m->schema));
    m->schema = NULL;
}

static void drop_moulds(void)
{
    for (struct mould *m = moulds; m->c; m++) {
        if (m->schema && !m->taken && m->owner == getpid())
            drop_mould(m);
    }
}

static void keep_schema(struct mould *m, const char *s)
{
    static bool once;
    struct arena *a = m->c->arena;
    if (!once)
        atexit(drop_moulds);
    once = true;
    m->schema = arena_text(a, s);
    m->newest = pg_ask(a, arena_printf(a, keep_sql, s, s, s, s, s));
    m->shape = pg_ask(a, arena_printf(a, shape_sql, s, s));
}

/* False: a test changed more than rows, and tables of its own. */
static bool schema_again(struct ctx *c, const struct mould *m)
{
    const char *s = m->schema;
    const char *again = arena_printf(c->arena, again_sql, s, m->newest, s, s, s, s);
    const char *shape = arena_printf(c->arena, shape_sql, s, s);
    const char *now = pg_ask(c->arena, arena_printf(c->arena, "%s; %s", again, shape));
    return strcmp(now, m->shape) == 0;
}

static void pg_from(struct mould *m, struct db_world *w, const struct db_schema *files, size_t n)
{
    if (m->schema && !schema_again(w->c, m))
        drop_mould(m);
    if (m->schema) {
        w->url = pg_url(w->c, m->schema);
        open_world(w);
        return;
    }
    const char *schema = new_schema(w->c);
    w->url = pg_url(w->c, schema);
    open_migrated(w, files, n);
    keep_schema(m, schema);
}

static void lite_from(struct mould *m, struct db_world *w, const struct db_schema *files, size_t n)
{
    const char *path = w->url + strlen("sqlite:");
    if (!m->image.ptr) {
        open_migrated(w, files, n);
        db_close(w->db);
        assert_false(sys_exists(arena_printf(w->c->arena, "%s-wal", path)));
        assert_int_equal(sys_read_file(m->c, path, IMAGE_MAX, &m->image), OK);
    } else {
        assert_int_equal(sys_write_file(w->c, path, m->image, 0600), OK);
    }
    open_world(w);
}

void db_test_moulded(enum db_kind kind, const struct db_schema *files, size_t n,
                     void (*body)(struct db_world *w, void *arg), void *arg)
{
    struct db_world w = new_world(kind);
    struct mould *m = mould_of(w.c, kind, files, n);
    m->taken = true;
    (kind == DB_SQLITE ? lite_from : pg_from)(m, &w, files, n);
    body(&w, arg);
    db_close(w.db);
    m->taken = false;
    end_world(&w);
}
