/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the SQLite driver share. Private to db/. */
#ifndef DINH_DB_DB_SQLITE_H
#define DINH_DB_DB_SQLITE_H

#include <sqlite3.h>

#include "db/db_inner.h"

#define LITE_CACHE 1024 /* statements kept prepared a connection: a power of two */

struct lite_stmt {
    const char *sql; /* the literal: its address is the key */
    sqlite3_stmt *stmt;
    int n_params;
    bool in_order; /* SQLite numbers $1, $2 by first appearance: its i-th is our $i */
    bool busy;
};

struct lite {
    struct db_conn conn;
    sqlite3 *handle;
    bool inside;   /* our own PRAGMAs and savepoints pass the authorizer */
    bool open;     /* in a transaction */
    int wal_pages; /* in the log after the last commit */
    size_t n_cached;
    int n_busy; /* statements that are stepping */
    struct lite_stmt cache[LITE_CACHE];
};

/* Records what rc means; sql names the statement in the log, or NULL. A failed sync marks the
   database broken. */
enum err lite_fail(struct ctx *c, struct lite *l, int rc, const char *sql);
enum err lite_backup(struct ctx *c, struct db *db, const char *path);
enum err lite_check(struct ctx *c, struct db_conn *conn, bool whole);
/* The VFS over the system's own that asks the fault plan; NULL when it can't be had. */
const char *lite_vfs(void);
/* ERR_DB_CORRUPT when acknowledged transactions of the log can't be reached any more. */
enum err lite_wal_check(struct ctx *c, const char *database);
/* The pages of a database that is empty yet shall carry sums (db_vfs.c); with_sums: they do. */
void lite_sums(sqlite3 *handle);
bool lite_has_sums(sqlite3 *handle);
/* Reads each page in the order of the file, its sum is checked on the way: SQLite's code of the
   first that can't be read or isn't right; SQLITE_NOTFOUND: they have none. */
int lite_read_pages(sqlite3 *handle);
/* Where in the file lay the page whose sum was wrong, after SQLITE_IOERR_DATA on this thread. */
sqlite3_int64 lite_damaged_at(void);

#endif
