/* SPDX-License-Identifier: Apache-2.0 */
/* What the two drivers owe the front. Private to db/. */
#ifndef DINH_DB_DB_DRIVER_H
#define DINH_DB_DB_DRIVER_H

#include "db/db.h"

#define DB_DEPTH_MAX  8 /* nested parts */
#define DB_PARAMS_MAX 99

enum db_control {
    DB_BEGIN_READ,
    DB_BEGIN_WRITE,
    DB_BEGIN_MIGRATION,
    DB_COMMIT,
    DB_ROLLBACK,
    DB_SAVE,    /* opens the savepoint of this depth */
    DB_RELEASE, /* keeps what it holds */
    DB_BACK     /* undoes what it holds */
};

/* Every driver's connection begins with this. One thread at a time uses a connection. */
struct db_conn {
    struct db *db;
    struct arena *arena; /* lives as long as the connection */
    struct db_conn *next;
    int64_t used_us; /* monotonic, when it was last given back */
    bool writer;
    enum err lost; /* set when the whole transaction is gone: the cause */
    bool again;    /* with lost: running the works once more may succeed */
    bool dead;     /* with lost: only a new connection helps */
};

/* One statement to run. */
struct db_call {
    const char *sql;
    const struct db_value *params; /* params[0] is $1 */
    size_t n;
    db_row_fn row; /* NULL: rows are dropped */
    void *arg;
    size_t max_rows;  /* more is our bug: ERR_DB_STATEMENT; 0: no limit */
    int64_t changed;  /* out: rows inserted, updated or deleted */
    enum err stopped; /* out: what row() answered; the statement itself was fine */
};

/* A driver's functions record their error in c. */
struct db_driver {
    enum db_kind kind;
    enum err (*open)(struct ctx *c, struct db *db, bool writer, struct db_conn **ret_conn);
    void (*close)(struct db_conn *conn);
    enum err (*control)(struct ctx *c, struct db_conn *conn, enum db_control what, int depth);
    enum err (*run)(struct ctx *c, struct db_conn *conn, struct db_call *call);
    enum err (*script)(struct ctx *c, struct db_conn *conn, const char *sql); /* one statement */
    void (*rest)(struct db_conn *conn); /* the writer's housekeeping between batches */
    enum err (*backup)(struct ctx *c, struct db *db, const char *path);
    enum err (*check)(struct ctx *c, struct db_conn *conn, bool whole);
    int64_t (*column_int)(const struct db_row *r, int col);
    const char *(*column_text)(const struct db_row *r, int col);
    struct bytes (*column_blob)(const struct db_row *r, int col);
    bool (*column_null)(const struct db_row *r, int col);
    const char *(*column_name)(const struct db_row *r, int col);
};
extern const struct db_driver db_sqlite, db_postgres;

struct db_row {
    const struct db_driver *driver;
    struct arena *arena;
    void *from; /* the driver's statement or result */
    int row, columns;
};

#endif
