/* SPDX-License-Identifier: Apache-2.0 */
#include "db/kept.h"

#include <libpq-fe.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "db/db_inner.h"

bool db_shapes(const struct db *db)
{
    return db->shapes;
}

void db_guard(struct db *db, const struct db_kept *kept, size_t n)
{
    db->kept = kept;
    db->n_kept = n;
}

const struct db_kept *db_kept_row(const struct db_kept *kept, size_t n, const char *table)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strcspn(kept[i].table, "*");
        bool all = kept[i].table[len] == '*';
        if (all ? strncmp(table, kept[i].table, len) == 0 : text_eq(table, kept[i].table))
            return &kept[i];
    }
    return NULL;
}

bool db_kept_column(const struct db_kept *k, const char *column)
{
    size_t len = strlen(column);
    for (const char *at = k->columns; *at; at += strcspn(at, ","), at += strspn(at, ", "))
        if (strcspn(at, ",") == len && strncmp(at, column, len) == 0)
            return true;
    return false;
}

const char *db_role(struct arena *a, const char *url)
{
    if (!text_starts(url, "postgres:"))
        return NULL;
    const char *role = NULL;
    PQconninfoOption *all = PQconninfoParse(strchr(url, ':') + 1, NULL);
    for (PQconninfoOption *o = all; o && o->keyword; o++)
        if (text_eq(o->keyword, "user") && !text_empty(o->val))
            role = arena_text(a, o->val);
    PQconninfoFree(all);
    return role;
}

/* ---- giving ---- */

struct giving {
    const struct db_kept *kept;
    size_t n;
    struct db_conn *conn;
    const char *wanted, *role, *schema; /* role, schema: quoted by the server */
    bool there, own;
    struct buf sql; /* statements, each ended by a NUL */
};

static enum err row_role(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct giving *g = arg;
    g->role = row_text(r, 0);
    g->schema = row_text(r, 1);
    g->there = row_int(r, 2);
    g->own = row_int(r, 3);
    return OK;
}

static void say(struct giving *g, const char *sql)
{
    buf_text(&g->sql, sql);
    buf_add(&g->sql, "", 1);
}

/* The table as it is, and quoted with its schema. */
static enum err row_table(struct ctx *c, const struct db_row *r, void *arg)
{
    struct giving *g = arg;
    const char *table = row_text(r, 0), *quoted = row_text(r, 1), *rights;
    const struct db_kept *k = db_kept_row(g->kept, g->n, table);
    if (text_eq(table, "db_migration") || text_eq(table, "db_opens"))
        rights = "SELECT";
    else if (!k)
        rights = "SELECT, INSERT, UPDATE, DELETE";
    else if (text_empty(k->columns))
        rights = "SELECT, INSERT";
    else
        rights = arena_printf(c->arena, "SELECT, INSERT, UPDATE (%s)", k->columns);
    say(g, arena_printf(c->arena, "REVOKE ALL ON %s FROM PUBLIC, %s", quoted, g->role));
    say(g, arena_printf(c->arena, "GRANT %s ON %s TO %s", rights, quoted, g->role));
    return OK;
}

static enum err give(struct ctx *c, struct giving *g)
{
    bool found;
    enum err e = db_one(c, &found, row_role, g,
                        "SELECT quote_ident($1), quote_ident(current_schema()),"
                        " EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1),"
                        " coalesce((SELECT pg_has_role(oid, current_user, 'MEMBER') FROM pg_roles"
                        " WHERE rolname = $1), false)",
                        P_TEXT(g->wanted));
    if (e)
        return e;
    if (!g->there || g->own)
        return fail(c, ERR_DB_RIGHT, "database", g->wanted, g->own ? "owner" : "no such role");
    g->sql = buf_new(c->arena, 4 * 1024 * 1024);
    say(g,
        arena_printf(c->arena, "REVOKE CREATE ON SCHEMA %s FROM PUBLIC, %s", g->schema, g->role));
    say(g, arena_printf(c->arena, "GRANT USAGE ON SCHEMA %s TO %s", g->schema, g->role));
    e = db_each(c, row_table, g,
                "SELECT tablename, format('%I.%I', schemaname, tablename) FROM pg_tables"
                " WHERE schemaname = current_schema() ORDER BY tablename LIMIT 10000");
    for (size_t at = 0; at < g->sql.len && !e; at += strlen(g->sql.ptr + at) + 1)
        e = db_script(c, g->conn, g->sql.ptr + at);
    return e;
}

enum err db_grant(struct ctx *c, struct db *db, const struct db_kept *kept, size_t n,
                  const char *role)
{
    struct giving g = {.kept = kept, .n = n, .wanted = role};
    ASSERT(!c->tx);
    if (db->driver != &db_postgres)
        return OK;
    if (!db->shapes)
        return fail(c, ERR_DB_RIGHT, "database", db->name, "owner");
    enum err e = db->driver->open(c, db, true, &g.conn);
    if (e)
        return e;
    struct db_tx tx = {.db = db, .conn = g.conn};
    e = db_control(c, g.conn, DB_BEGIN_MIGRATION, 0);
    c->tx = &tx;
    e = e ? e : give(c, &g);
    c->tx = NULL;
    if (!e)
        e = db_control(c, g.conn, DB_COMMIT, 0);
    if (e)
        db_control(c, g.conn, DB_ROLLBACK, 0);
    db->driver->close(g.conn);
    return e;
}

/* ---- what is too much ---- */

struct excess {
    const char *tables, *found;
};

static enum err row_excess(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    ((struct excess *)arg)->found = row_text(r, 0);
    return OK;
}

static enum err read_excess(struct ctx *c, void *arg)
{
    struct excess *x = arg;
    bool found;
    return db_one(c, &found, row_excess, x,
                  "SELECT coalesce("
                  "(SELECT 'SUPERUSER' FROM pg_roles WHERE rolname = current_user AND rolsuper),"
                  "(SELECT 'CREATE ON SCHEMA ' || current_schema()"
                  " WHERE has_schema_privilege(current_schema(), 'CREATE')),"
                  "(SELECT p.name || ' ON ' || t.tablename FROM pg_tables t,"
                  " (VALUES ('DELETE'), ('TRUNCATE'), ('UPDATE')) p(name)"
                  " WHERE t.schemaname = current_schema()"
                  " AND (p.name = 'TRUNCATE' OR t.tablename LIKE ANY (string_to_array($1, ',')))"
                  " AND has_table_privilege(format('%I.%I', t.schemaname, t.tablename), p.name)"
                  " ORDER BY t.tablename, p.name LIMIT 1), '')",
                  P_TEXT(x->tables));
}

enum err db_excess(struct ctx *c, struct db *db, const struct db_kept *kept, size_t n,
                   const char **ret_excess)
{
    struct buf b = buf_new(c->arena, 64 * 1024);
    if (db->driver != &db_postgres) {
        *ret_excess = "";
        return OK;
    }
    for (size_t i = 0; i < n; i++) {
        int len = (int)strcspn(kept[i].table, "*");
        buf_printf(&b, "%s%.*s%s", i ? "," : "", len, kept[i].table, kept[i].table[len] ? "%" : "");
    }
    struct excess x = {.tables = b.len ? b.ptr : "", .found = ""};
    enum err e = db_read(c, db, read_excess, &x);
    if (!e)
        *ret_excess = x.found;
    return e;
}
