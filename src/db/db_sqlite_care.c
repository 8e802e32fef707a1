/* SPDX-License-Identifier: Apache-2.0 */
/* Backup and check of a SQLite database. */
#include "db/db_sqlite.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/sys.h"
#include "base/text.h"

/* ---- check ---- */

struct verdict {
    const char *first; /* "ok", or the first thing that is wrong */
};

static enum err verdict_row(struct ctx *c, const struct db_row *r, void *arg)
{
    struct verdict *v = arg;
    if (v->first)
        return OK;
    v->first = row_text(r, 0);
    if (row_columns(r) == 4) /* foreign_key_check: table, rowid, parent, number */
        v->first = arena_printf(c->arena, "%s, row %s: no such %s", v->first, row_text(r, 1),
                                row_text(r, 2));
    return OK;
}

static enum err ask(struct ctx *c, struct lite *l, const char *pragma)
{
    struct verdict v = {NULL};
    struct db_call call = {.sql = pragma, .row = verdict_row, .arg = &v};
    l->inside = true;
    enum err e = db_sqlite.run(c, &l->conn, &call);
    l->inside = false;
    if (e)
        return e;
    return v.first && !text_eq(v.first, "ok")
               ? fail(c, ERR_DB_CORRUPT, "database", l->conn.db->name, v.first)
               : OK;
}

static enum err check_pages(struct ctx *c, struct lite *l)
{
    int rc = lite_read_pages(l->handle);
    if (rc == SQLITE_NOTFOUND)
        return ask(c, l, "PRAGMA quick_check(1)");
    return rc ? lite_fail(c, l, rc, "pages") : OK;
}

enum err lite_check(struct ctx *c, struct db_conn *conn, bool whole)
{
    struct lite *l = (struct lite *)conn;
    if (!whole)
        return check_pages(c, l);
    enum err e = ask(c, l, "PRAGMA integrity_check(1)");
    return e ? e : ask(c, l, "PRAGMA foreign_key_check");
}

/* ---- backup ---- */

/* In one step: the writer goes on in the log meanwhile, and the copy is one moment's. */
static enum err copy(struct ctx *c, struct lite *from, struct lite *to)
{
    sqlite3_backup *job = sqlite3_backup_init(to->handle, "main", from->handle, "main");
    if (!job)
        return lite_fail(c, to, sqlite3_errcode(to->handle), "backup");
    int step = sqlite3_backup_step(job, -1);
    int rc = sqlite3_backup_finish(job);
    if (rc == SQLITE_OK && step != SQLITE_DONE)
        rc = step; /* busy: nothing is wrong, but nothing is copied either */
    return rc == SQLITE_OK ? OK : lite_fail(c, to, rc, "backup");
}

/* A backup that nobody read back is none. */
static enum err prove(struct ctx *c, struct lite *to)
{
    char got[64];
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(to->handle, "PRAGMA quick_check(1)", -1, &stmt, NULL);
    if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        snprintf(got, sizeof got, "%s", (const char *)sqlite3_column_text(stmt, 0));
    else
        snprintf(got, sizeof got, "%s", sqlite3_errmsg(to->handle));
    sqlite3_finalize(stmt);
    return text_eq(got, "ok") ? OK : fail(c, ERR_DB_CORRUPT, "path", to->conn.db->name, got);
}

static enum err copy_to(struct ctx *c, struct lite *from, const char *path)
{
    struct db place = {.driver = &db_sqlite, .name = path, .where = path};
    struct lite to = {.conn = {.db = &place, .writer = true}};
    int rc =
        sqlite3_open_v2(path, &to.handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, lite_vfs());
    enum err e = rc == SQLITE_OK ? OK : lite_fail(c, &to, rc, "backup");
    if (!e) {
        sqlite3_exec(to.handle, "PRAGMA synchronous = EXTRA", NULL, NULL, NULL);
        if (lite_has_sums(from->handle))
            lite_sums(to.handle);
        e = copy(c, from, &to);
    }
    if (!e)
        e = prove(c, &to);
    if (sqlite3_close(to.handle) != SQLITE_OK && !e)
        e = fail(c, ERR_IO, "path", path);
    return e;
}

enum err lite_backup(struct ctx *c, struct db *db, const char *path)
{
    struct db_conn *from = NULL;
    if (sys_exists(path))
        return fail(c, ERR_CONFLICT, "path", path);
    enum err e = sys_write_file(c, path, (struct bytes){NULL, 0}, 0600);
    if (!e)
        e = db->driver->open(c, db, false, &from);
    if (e)
        return e;
    e = copy_to(c, (struct lite *)from, path);
    db->driver->close(from);
    if (e && sys_unlink(c, path))
        return e;
    return e;
}
