/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db_inner.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "db/dynamic.h"
#include "db/reach.h"

/* ---- opening ---- */

static enum err split_url(struct ctx *c, const char *url, struct db *db)
{
    if (text_starts(url, "sqlite:") || text_starts(url, "sqlite-plain:"))
        db->driver = &db_sqlite;
    else if (text_starts(url, "postgres:"))
        db->driver = &db_postgres;
    else
        return fail(c, ERR_CONFIG, "database", "database", "sqlite:PATH, postgres:CONNINFO");
    db->plain = text_starts(url, "sqlite-plain:");
    db->shapes = db->driver == &db_sqlite;
    db->where = arena_text(db->arena, strchr(url, ':') + 1);
    db->name =
        db->driver == &db_sqlite ? db->where : "PostgreSQL"; /* conninfo may hold a password */
    return OK;
}

static struct db *db_new(void)
{
    struct arena *a = arena_new(0);
    struct db *db = ARENA_NEW(a, struct db);
    db->arena = a;
    db->queue_end = &db->queue_first;
    db->reader_idle_us = DB_READER_IDLE_US;
    db->reader_wait_us = DB_READER_WAIT_US;
    pthread_mutex_init(&db->readers_lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&db->readers_free, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&db->queue_lock, NULL);
    pthread_cond_init(&db->queue_filled, NULL);
    return db;
}

/* Who reads from SQLite is busy with a processor; who reads from a server waits for it. */
static int calm_number(const struct db *db)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    bool few = db->driver->kind == DB_SQLITE && cores > 0 && cores < DB_READERS_MAX;
    return few ? (int)cores : DB_READERS_MAX;
}

static void db_end(struct db *db)
{
    pthread_cond_destroy(&db->queue_filled);
    pthread_mutex_destroy(&db->queue_lock);
    pthread_cond_destroy(&db->readers_free);
    pthread_mutex_destroy(&db->readers_lock);
    arena_end(db->arena);
}

enum err db_open(struct ctx *c, const char *url, struct db **ret_db)
{
    struct db *db = db_new();
    char host[256];
    enum err e = split_url(c, url, db);
    if (!e && !db_url_private(url, host, sizeof host))
        e = fail(c, ERR_DB_SSLMODE, "database", arena_text(c->arena, host));
    if (!e) {
        db->readers_calm = calm_number(db);
        e = db->driver->open(c, db, true, &db->writer);
    }
    if (!e)
        e = db_writer_start(c, db);
    if (e) {
        if (db->writer)
            db->driver->close(db->writer);
        db_end(db);
        return e;
    }
    *ret_db = db;
    return OK;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    db_writer_stop(db);
    for (struct db_conn *r = db->readers, *next; r; r = next) {
        next = r->next;
        db->driver->close(r);
        db->n_readers--;
    }
    if (db->n_readers > 0)
        BUG("db_close while a db_read runs");
    if (db->writer)
        db->driver->close(db->writer);
    db_end(db);
}

enum db_kind db_kind(const struct db *db)
{
    return db->driver->kind;
}

bool db_broken(const struct db *db)
{
    return atomic_load(&db->broken) || sys_sync_failed();
}

struct db_stats db_stats(const struct db *db)
{
    return (struct db_stats){
        .writes = atomic_load(&db->writes),
        .batches = atomic_load(&db->batches),
        .reads = atomic_load(&db->reads),
        .statements = atomic_load(&db->statements),
        .queue = atomic_load(&db->queue),
        .slowest_commit_us = atomic_load(&db->slowest_commit_us),
    };
}

/* ---- what goes wrong ---- */

void db_lose(struct db_conn *conn, enum err cause)
{
    if (!conn->lost)
        conn->lost = cause;
}

enum err db_errno(struct ctx *c, const struct db *db, int number)
{
    const char *why = strerrordesc_np(number);
    switch (number) {
    case ENOSPC:
    case EDQUOT: return fail(c, ERR_DISK_FULL, "database", db->name, why);
    case EROFS: return fail(c, ERR_READ_ONLY, "database", db->name, why);
    case EAGAIN:
    case EBUSY: return fail(c, ERR_DB_BUSY, "database", db->name, why);
    default: return fail(c, ERR_IO, "database", db->name, why);
    }
}

/* The fault plan's word on this call. EAGAIN plays a conflict with another node, ECONNRESET a
   lost connection: both end the transaction. */
static enum err planned(struct ctx *c, struct db_conn *conn)
{
    int number = sys_fault(SYS_DB);
    if (!number)
        return OK;
    enum err e = db_errno(c, conn->db, number);
    if (number == EAGAIN || number == ECONNRESET) {
        db_lose(conn, e);
        conn->again = true;
        conn->dead = number == ECONNRESET;
    }
    return e;
}

enum err db_control(struct ctx *c, struct db_conn *conn, enum db_control what, int depth)
{
    if (what != DB_ROLLBACK && what != DB_BACK) {
        enum err e = planned(c, conn);
        if (e)
            return e;
    }
    return conn->db->driver->control(c, conn, what, depth);
}

enum err db_script(struct ctx *c, struct db_conn *conn, const char *sql)
{
    enum err e = planned(c, conn);
    return e ? e : conn->db->driver->script(c, conn, sql);
}

/* ---- statements ---- */

enum err db_run(struct ctx *c, struct db_call *call)
{
    struct db_tx *tx = c->tx;
    if (!tx)
        BUG("a statement outside db_read and db_write");
    if (tx->conn->lost)
        return tx->conn->lost;
    if (tx->failed)
        return tx->failed;
    atomic_fetch_add_explicit(&tx->db->statements, 1, memory_order_relaxed);
    enum err e = planned(c, tx->conn);
    if (!e)
        e = tx->db->driver->run(c, tx->conn, call);
    if (e)
        tx->failed = e;
    return e ? e : call->stopped;
}

struct db_value db_text_value(const char *text)
{
    if (!text) /* i carries the type that a NULL stands for */
        return (struct db_value){.type = DB_NULL, .i = DB_TEXT};
    return (struct db_value){.type = DB_TEXT, .text = text};
}

enum err db_exec_dynamic(struct ctx *c, int64_t *ret_rows, const char *sql,
                         const struct db_value *params, size_t n)
{
    struct db_call call = {.sql = sql, .params = params, .n = n};
    enum err e = db_run(c, &call);
    if (!e && ret_rows)
        *ret_rows = call.changed;
    return e;
}

enum err db_each_dynamic(struct ctx *c, db_row_fn row, void *arg, const char *sql,
                         const struct db_value *params, size_t n)
{
    struct db_call call = {.sql = sql, .params = params, .n = n, .row = row, .arg = arg};
    return db_run(c, &call);
}

enum err db_exec_(struct ctx *c, int64_t *ret_rows, const char *sql, const struct db_value *params,
                  size_t n)
{
    return db_exec_dynamic(c, ret_rows, sql, params + 1, n);
}

enum err db_each_(struct ctx *c, db_row_fn row, void *arg, const char *sql,
                  const struct db_value *params, size_t n)
{
    return db_each_dynamic(c, row, arg, sql, params + 1, n);
}

struct one {
    db_row_fn row;
    void *arg;
    bool found;
};

static enum err one_row(struct ctx *c, const struct db_row *r, void *arg)
{
    struct one *one = arg;
    one->found = true;
    return one->row(c, r, one->arg);
}

enum err db_one_(struct ctx *c, bool *ret_found, db_row_fn row, void *arg, const char *sql,
                 const struct db_value *params, size_t n)
{
    struct one one = {row, arg, false};
    struct db_call call = {
        .sql = sql, .params = params + 1, .n = n, .row = one_row, .arg = &one, .max_rows = 1};
    enum err e = db_run(c, &call);
    if (!e)
        *ret_found = one.found;
    return e;
}

static enum err int_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(int64_t *)arg = row_int(r, 0);
    return OK;
}

enum err db_int_(struct ctx *c, int64_t *ret_int, const char *sql, const struct db_value *params,
                 size_t n)
{
    int64_t value = 0;
    struct db_call call = {
        .sql = sql, .params = params + 1, .n = n, .row = int_row, .arg = &value, .max_rows = 1};
    enum err e = db_run(c, &call);
    if (!e)
        *ret_int = value;
    return e;
}

/* ---- columns ---- */

static int column(const struct db_row *r, int col)
{
    ASSERT(col >= 0 && col < r->columns);
    return col;
}

int64_t row_int(const struct db_row *r, int col)
{
    return r->driver->column_int(r, column(r, col));
}

const char *row_text(const struct db_row *r, int col)
{
    return r->driver->column_text(r, column(r, col));
}

struct bytes row_blob(const struct db_row *r, int col)
{
    return r->driver->column_blob(r, column(r, col));
}

bool row_is_null(const struct db_row *r, int col)
{
    return r->driver->column_null(r, column(r, col));
}

int row_columns(const struct db_row *r)
{
    return r->columns;
}

const char *row_name(const struct db_row *r, int col)
{
    return r->driver->column_name(r, column(r, col));
}
