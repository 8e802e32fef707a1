/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one door to SQL. One database per node: SQLite (embedded default) or PostgreSQL, same SQL
 * text: $1 parameters, TEXT/BIGINT/BLOB only, no float, no database clock. SQL is a string literal
 * by construction: the macros paste "" sql "", so text built at run time doesn't compile.
 * SQL whose identifiers come from a checked definition: db/dynamic.h, for engine/registry only.
 *
 * Reads run in parallel on read-only connections. Writes are closures handed to the
 * writer, which runs them in turn, each in a savepoint, and commits a batch together (group
 * commit); a closure's promise is kept only when its db_write returned or its done() was called.
 */
#ifndef DINH_DB_DB_H
#define DINH_DB_DB_H

#include "base/ctx.h"

struct db;    /* a node's database */
struct db_tx; /* an open transaction: read-only or the writer's */
enum db_kind { DB_SQLITE, DB_POSTGRES };
struct db_schema { /* one migration; gen/assets.c collects them from every schema folder */
    const char *module;
    int version; /* 1, 2, ... within the module */
    const char *sql;
    const char *sha256, *program; /* hex of sql; version of this program */
    bool expands;                 /* the program before may still read and write (docs/adr/0012) */
};

/* url: "sqlite:PATH" ("sqlite-plain:": pages without sums, for others to write to) or
   "postgres:CONNINFO". Checks page 1, log and settings (WAL, synchronous=FULL; checksums), starts
   the writer. ERR_DB_OPEN, ERR_DB_SSLMODE, ERR_DB_CORRUPT, ERR_READ_ONLY, ERR_DISK_FULL. */
MUST_CHECK enum err db_open(struct ctx *c, const char *url, struct db **ret_db);
void db_close(struct db *db); /* waits for the writer; NULL is fine */
enum db_kind db_kind(const struct db *db);
/* Applies what is missing, forward only, each in its own transaction, recorded with its hash: one
   that differs: ERR_DB_MIGRATION; a newer program's that doesn't only expand: ERR_DB_NEWER;
   missing, and this role may make no tables (db/kept.h): ERR_DB_BEHIND. */
MUST_CHECK enum err db_migrate(struct ctx *c, struct db *db, const struct db_schema *f, size_t n);

/* ---- transactions ---- */
typedef enum err (*db_work)(struct ctx *c, void *arg); /* c->tx is open while it runs */
/* A work may run more than once (conflict with another node, lost connection): what it leaves in
   arg must be set anew each time. A failed statement spoils the rest of its work or part: nothing
   more runs until that is rolled back, whatever the work answers. */
/* Runs work on a read-only connection, one consistent snapshot; in a transaction, just there. */
MUST_CHECK enum err db_read(struct ctx *c, struct db *db, db_work work, void *arg);
/* Queues work for the writer and waits for its durable commit. An error from work rolls its
   savepoint back and is returned. A commit that failed gives ERR_DB_COMMIT, ERR_IO or
   ERR_DISK_FULL to everyone in the batch: nothing was done, or (PostgreSQL lost in the middle of
   it) nobody knows and the caller asks again with its idempotency key. Not inside a transaction. */
MUST_CHECK enum err db_write(struct ctx *c, struct db *db, db_work work, void *arg);
/* The same without waiting: done(arg, err) is called on the writer thread after commit. c and arg
   live until then. ERR_TOO_MANY when the queue (16,384) is full. */
MUST_CHECK enum err db_write_later(struct ctx *c, struct db *db, db_work work, void *arg,
                                   void (*done)(void *arg, enum err e));
bool db_writing(const struct ctx *c); /* is the open transaction the writer's? */
/* A part that may fail alone: rolled back to here on error, the rest of the work goes on. */
MUST_CHECK enum err db_part(struct ctx *c, db_work work, void *arg);

/* ---- parameters ---- */
enum db_type { DB_NULL, DB_INT, DB_TEXT, DB_BLOB };
struct db_value {
    enum db_type type;
    int64_t i;
    const char *text; /* DB_TEXT */
    struct bytes blob;
};
#define P_INT(x)  ((struct db_value){.type = DB_INT, .i = (x)})
#define P_TEXT(x) db_text_value(x) /* NULL becomes a typed NULL */
#define P_BLOB(x) ((struct db_value){.type = DB_BLOB, .blob = (x)})
#define P_BOOL(x) ((struct db_value){.type = DB_INT, .i = (x) ? 1 : 0})
#define P_NULL    ((struct db_value){.type = DB_NULL})
struct db_value db_text_value(const char *text);

/* ---- statements: one function a statement in a module's _store.c; params[0] is a pad ---- */
/* For INSERT/UPDATE/DELETE. ERR_DB_UNIQUE, ERR_DB_FOREIGN, ERR_DB_CHECK name the constraint in
   field (the caller maps it), the same on both databases; a NULL that may not be is ERR_DB_CHECK
   "table.column"; SQLite names a foreign key only when its table has one. ret_rows may be NULL. */
#define db_exec(c, ret_rows, sql, ...) db_exec_((c), (ret_rows), "" sql "", DB_ARGS(__VA_ARGS__))
/* For SELECT and RETURNING: calls row(c, r, arg) for each row; a non-zero answer stops. */
struct db_row;
typedef enum err (*db_row_fn)(struct ctx *c, const struct db_row *r, void *arg);
#define db_each(c, row, arg, sql, ...) db_each_((c), (row), (arg), "" sql "", DB_ARGS(__VA_ARGS__))
/* At most one row, ret_found false when none; a second row is our bug: ERR_DB_STATEMENT. */
#define db_one(c, ret_found, row, arg, sql, ...)                                                   \
    db_one_((c), (ret_found), (row), (arg), "" sql "", DB_ARGS(__VA_ARGS__))
/* One integer of one row (count, max, next number); no row or NULL gives 0. */
#define db_int(c, ret_int, sql, ...) db_int_((c), (ret_int), "" sql "", DB_ARGS(__VA_ARGS__))
#define DB_ARGS(...)                                                                               \
    (const struct db_value[]){P_NULL, ##__VA_ARGS__},                                              \
        ARRAY_LEN(((const struct db_value[]){P_NULL, ##__VA_ARGS__})) - 1
MUST_CHECK enum err db_exec_(struct ctx *c, int64_t *ret_rows, const char *sql,
                             const struct db_value *params, size_t n);
MUST_CHECK enum err db_each_(struct ctx *c, db_row_fn row, void *arg, const char *sql,
                             const struct db_value *params, size_t n);
MUST_CHECK enum err db_one_(struct ctx *c, bool *ret_found, db_row_fn row, void *arg,
                            const char *sql, const struct db_value *params, size_t n);
MUST_CHECK enum err db_int_(struct ctx *c, int64_t *ret_int, const char *sql,
                            const struct db_value *params, size_t n);
/* ---- columns of a row, 0-based; text and blobs are copied into c->arena ---- */
int64_t row_int(const struct db_row *r, int col);       /* NULL reads 0 */
const char *row_text(const struct db_row *r, int col);  /* NULL reads "" */
struct bytes row_blob(const struct db_row *r, int col); /* NULL reads empty */
bool row_is_null(const struct db_row *r, int col);
int row_columns(const struct db_row *r);
const char *row_name(const struct db_row *r, int col);
/* ---- care ---- */
/* A consistent copy while the node works; path must not exist yet; the copy is checked and synced.
   PostgreSQL: ERR_DB_BACKUP names the tools to use (pg_dump, pgbackrest). */
MUST_CHECK enum err db_backup(struct ctx *c, struct db *db, const char *path);
/* ERR_DB_CORRUPT names where. */
MUST_CHECK enum err db_check(struct ctx *c, struct db *db);       /* rows and indexes: 1 min a GB */
MUST_CHECK enum err db_check_pages(struct ctx *c, struct db *db); /* their sums: seconds a GB */
/* A sync to disk failed, of any file: each write since gives ERR_IO; the process must end. */
bool db_broken(const struct db *db);
struct db_stats { /* since db_open */
    int64_t writes, batches, reads, statements, queue, slowest_commit_us;
};
struct db_stats db_stats(const struct db *db);

#endif
