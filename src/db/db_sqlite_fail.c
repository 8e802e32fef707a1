/* SPDX-License-Identifier: Apache-2.0 */
/* What SQLite's result codes mean to us, and the names of violated constraints: SQLite tells a
   unique violation by its columns, PostgreSQL by the constraint's name, and so do we. */
#include "db/db_sqlite.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "db/db_sql.h"

/* ---- names of constraints ---- */

/* One text of one row; NULL when there is none. */
static char *ask(struct arena *a, struct lite *l, const char *sql, const char *p1, const char *p2)
{
    sqlite3_stmt *stmt = NULL;
    char *answer = NULL;
    l->inside = true;
    if (sqlite3_prepare_v2(l->handle, sql, -1, &stmt, NULL) == SQLITE_OK) {
        sqlite3_bind_text(stmt, 1, p1, -1, SQLITE_STATIC);
        if (p2)
            sqlite3_bind_text(stmt, 2, p2, -1, SQLITE_STATIC);
        if (sqlite3_step(stmt) == SQLITE_ROW)
            answer = arena_text(a, (const char *)sqlite3_column_text(stmt, 0));
    }
    sqlite3_finalize(stmt);
    l->inside = false;
    return answer;
}

static char *create_of(struct arena *a, struct lite *l, const char *table)
{
    return ask(a, l, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1", table,
               NULL);
}

/* what: "t.a, t.b", or "index 'name'" for an index over expressions */
static const char *unique_name(struct arena *a, struct lite *l, const char *what)
{
    size_t n = 0;
    if (text_starts(what, "index '"))
        return arena_text_n(a, what + 7, strlen(what) - 8);
    const char **parts = text_split(a, what, ',', &n);
    char *table = NULL;
    const char *columns = "";
    for (size_t i = 0; i < n; i++) {
        const char *part = parts[i] + strspn(parts[i], " ");
        const char *dot = strchr(part, '.');
        if (!dot)
            return what;
        table = arena_text_n(a, part, (size_t)(dot - part));
        columns = arena_printf(a, "%s%s%s", columns, i ? ", " : "", dot + 1);
    }
    const char *name =
        ask(a, l,
            "SELECT i.name FROM pragma_index_list(?1) i WHERE i.\"unique\" = 1 AND i.origin = 'c' "
            "AND (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) "
            "ORDER BY seqno)) = ?2",
            table, columns);
    const char *create = name ? NULL : create_of(a, l, table);
    if (create)
        name = sql_unique_name(a, create, table, columns);
    return name ? name : what;
}

/* The table that a statement changes: INSERT INTO t, UPDATE t; NULL for others. */
static char *target(struct arena *a, const char *sql)
{
    struct sql_word words[3];
    int n = 0;
    for (const char *at = sql; n < 3;) {
        struct sql_word w = sql_next(&at);
        if (w.kind == 0)
            return NULL;
        if (w.kind != 'c')
            words[n++] = w;
    }
    if (sql_is(words[0], "INSERT"))
        return arena_text_n(a, words[2].ptr, words[2].len);
    if (sql_is(words[0], "UPDATE"))
        return arena_text_n(a, words[1].ptr, words[1].len);
    return NULL;
}

/* SQLite doesn't say which: known when the table has only one. */
static const char *foreign_name(struct arena *a, struct lite *l, const char *sql)
{
    char *table = sql ? target(a, sql) : NULL;
    char *create = table ? create_of(a, l, table) : NULL;
    if (!create || sql_foreign_name(a, create, table, 1))
        return "";
    const char *name = sql_foreign_name(a, create, table, 0);
    return name ? name : "";
}

static const char *constraint(struct arena *a, struct lite *l, int rc, const char *why,
                              const char *sql)
{
    const char *colon = strstr(why, ": ");
    const char *what = colon ? colon + 2 : "";
    switch (rc) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return unique_name(a, l, what);
    case SQLITE_CONSTRAINT_FOREIGNKEY: return foreign_name(a, l, sql);
    default: return what;
    }
}

/* ---- result codes ---- */

static enum err constraint_err(int rc)
{
    switch (rc) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return ERR_DB_UNIQUE;
    case SQLITE_CONSTRAINT_FOREIGNKEY: return ERR_DB_FOREIGN;
    case SQLITE_CONSTRAINT_CHECK:
    case SQLITE_CONSTRAINT_NOTNULL: return ERR_DB_CHECK;
    default: return ERR_DB_STATEMENT;
    }
}

static enum err meaning(int rc)
{
    if (rc == SQLITE_IOERR_DATA)
        return ERR_DB_CORRUPT;
    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT: return constraint_err(rc);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ERR_DB_BUSY;
    case SQLITE_FULL: return ERR_DISK_FULL;
    case SQLITE_IOERR:
    case SQLITE_PROTOCOL: return ERR_IO;
    case SQLITE_READONLY: return ERR_READ_ONLY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ERR_DB_CORRUPT;
    case SQLITE_CANTOPEN: return ERR_DB_OPEN;
    case SQLITE_NOMEM: BUG("out of memory");
    default: return ERR_DB_STATEMENT;
    }
}

/* The log's index and files that can't be made fail as input and output; the system says why. */
static enum err by_errno(const struct lite *l, int rc, enum err e)
{
    int primary = rc & 0xff;
    if (e == ERR_DB_CORRUPT || (primary != SQLITE_IOERR && primary != SQLITE_CANTOPEN))
        return e;
    switch (sqlite3_system_errno(l->handle)) {
    case ENOSPC:
    case EDQUOT: return ERR_DISK_FULL;
    case EROFS: return ERR_READ_ONLY;
    default: return e;
    }
}

static bool sync_failed(int rc)
{
    return rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC;
}

enum err lite_fail(struct ctx *c, struct lite *l, int rc, const char *sql)
{
    const char *why = arena_text(c->arena, sqlite3_errmsg(l->handle));
    struct db *db = l->conn.db;
    enum err e = by_errno(l, rc, meaning(rc));
    if (e == ERR_DB_UNIQUE || e == ERR_DB_FOREIGN || e == ERR_DB_CHECK)
        return fail(c, e, constraint(c->arena, l, rc, why, sql));
    if (l->open && sqlite3_get_autocommit(l->handle))
        db_lose(&l->conn, e);
    if (rc == SQLITE_IOERR_DATA)
        why = arena_printf(c->arena, "byte %lld: the page there isn't what was written",
                           (long long)lite_damaged_at());
    if (sync_failed(rc) && !atomic_exchange(&db->broken, true))
        log_error("db", "%s: a sync to disk failed; nothing is acknowledged any more", db->name);
    log_error("db", "%s: %s (%d): %.300s", db->name, why, rc, sql ? sql : "");
    return fail(c, e, "database", db->name, why);
}
