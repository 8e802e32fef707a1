/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of db/ share. Private to db/. */
#ifndef DINH_DB_DB_INNER_H
#define DINH_DB_DB_INNER_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "db/db_driver.h"
#include "db/kept.h"

#define DB_BATCH_MAX      256   /* works committed together */
#define DB_QUEUE_MAX      16384 /* works waiting */
#define DB_READER_IDLE_US INT64_C(10000000)
#define DB_READERS_MAX    32 /* connections for reading; a reader past them waits its turn */
#define DB_READER_WAIT_US INT64_C(20000) /* none came back for so long: they are long reads */
#define DB_READER_LOOKS   4          /* in that time: a machine that stood still is one of them */
#define DB_READER_PATIENT 50         /* looks at most, while others come and go */
#define DB_MIGRATION_LOCK 0x64696e68 /* "dinh": the advisory lock that migrating nodes take */

struct db_tx {
    struct db *db;
    struct db_conn *conn;
    int depth;
    enum err failed; /* a statement failed: nothing more runs until its part is undone */
};

/* A work handed to the writer. */
struct db_job {
    struct ctx *c;
    db_work work;
    void *arg;
    void (*done)(void *arg, enum err e); /* NULL: the caller waits at ready */
    sem_t ready;
    enum err err;
    size_t n_faults; /* recorded before the work ran */
    struct db_job *next;
};

struct db {
    const struct db_driver *driver;
    struct arena *arena;
    const char *where; /* path or conninfo; may hold a password: never shown */
    const char *name;  /* shown in errors */

    pthread_mutex_t readers_lock;
    pthread_cond_t readers_free;
    struct db_conn *readers; /* idle ones */
    int n_readers;           /* idle and busy */
    int readers_calm;        /* so many, and the next one waits for a busy one first */
    int64_t reader_wait_us;  /* as long as one came back within this time */
    uint64_t readers_given;  /* how often one came back */
    int64_t reader_idle_us;  /* so long one is kept for the next crowd */

    pthread_mutex_t queue_lock;
    pthread_cond_t queue_filled;
    struct db_job *queue_first, **queue_end;
    bool queue_closed;

    pthread_t writer_thread;
    struct db_conn *writer; /* the writer thread's own; NULL while it is lost */
    struct ctx *writer_ctx;

    bool by_hand;               /* db/by_hand.h */
    bool plain;                 /* its pages get no sums */
    bool shapes;                /* may make tables: kept.h */
    const struct db_kept *kept; /* guarded here; NULL: nothing */
    size_t n_kept;
    atomic_bool broken; /* a sync to disk failed: nothing is acknowledged any more */
    atomic_int_fast64_t writes, batches, reads, statements, queue, slowest_commit_us;
};

/* ---- db.c ---- */
enum err db_control(struct ctx *c, struct db_conn *conn, enum db_control what, int depth);
enum err db_script(struct ctx *c, struct db_conn *conn, const char *sql);
enum err db_run(struct ctx *c, struct db_call *call);
enum err db_errno(struct ctx *c, const struct db *db, int number); /* of an errno, recorded */
void db_lose(struct db_conn *conn, enum err cause);
/* Runs work inside the open transaction of conn and a savepoint of its own when depth > 0. */
enum err db_inside(struct ctx *c, struct db_tx *tx, db_work work, void *arg);

/* ---- db_kept.c ---- */
const struct db_kept *db_kept_row(const struct db_kept *kept, size_t n, const char *table);
bool db_kept_column(const struct db_kept *k, const char *column); /* may it be updated? */

/* ---- db_writer.c ---- */
enum err db_writer_start(struct ctx *c, struct db *db);
void db_writer_stop(struct db *db); /* after the last waiting work */

#endif
