/* SPDX-License-Identifier: Apache-2.0 */
/* The writer: takes what waits, runs each work in a savepoint, commits once, then answers. */
#include "db/by_hand.h"
#include "db/db_inner.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/time.h"

#define RETRY_FOR_US (2 * SECOND_US) /* how long a batch is tried again before it is given up */

/* ---- the queue ---- */

static enum err enqueue(struct db *db, struct db_job *job)
{
    struct ctx *c = job->c;
    if (c->tx)
        BUG("db_write inside a transaction");
    job->n_faults = c->n_faults;
    job->next = NULL;
    pthread_mutex_lock(&db->queue_lock);
    bool closed = db->queue_closed;
    bool full = atomic_load_explicit(&db->queue, memory_order_relaxed) >= DB_QUEUE_MAX;
    if (!closed && !full) {
        if (!db->queue_first)
            pthread_cond_signal(&db->queue_filled);
        *db->queue_end = job;
        db->queue_end = &job->next;
        atomic_fetch_add_explicit(&db->queue, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&db->queue_lock);
    if (closed)
        return fail(c, ERR_DB_BUSY, "database", db->name);
    return full ? fail(c, ERR_TOO_MANY, "database", db->name) : OK;
}

/* Waits for works and takes up to DB_BATCH_MAX; NULL when the queue is closed and empty. */
static struct db_job *take(struct db *db)
{
    pthread_mutex_lock(&db->queue_lock);
    while (!db->queue_first && !db->queue_closed && !db->by_hand)
        pthread_cond_wait(&db->queue_filled, &db->queue_lock);
    struct db_job *first = db->queue_first, **end = &db->queue_first;
    int n = 0;
    for (; *end && n < DB_BATCH_MAX; n++)
        end = &(*end)->next;
    if (n > 0) {
        db->queue_first = *end;
        if (!db->queue_first)
            db->queue_end = &db->queue_first;
        *end = NULL;
        atomic_fetch_sub_explicit(&db->queue, n, memory_order_relaxed);
    }
    pthread_mutex_unlock(&db->queue_lock);
    return n > 0 ? first : NULL;
}

enum err db_write(struct ctx *c, struct db *db, db_work work, void *arg)
{
    struct db_job job = {.c = c, .work = work, .arg = arg};
    if (!db->by_hand && pthread_equal(pthread_self(), db->writer_thread))
        BUG("db_write on the writer's own thread");
    sem_init(&job.ready, 0, 0);
    enum err e = enqueue(db, &job);
    while (!e && db->by_hand && db_step(db))
        continue;
    if (!e) {
        while (sem_wait(&job.ready) && errno == EINTR)
            continue;
        e = job.err;
    }
    sem_destroy(&job.ready);
    return e;
}

enum err db_write_later(struct ctx *c, struct db *db, db_work work, void *arg,
                        void (*done)(void *arg, enum err e))
{
    struct db_job *job = ARENA_NEW(c->arena, struct db_job);
    *job = (struct db_job){.c = c, .work = work, .arg = arg, .done = done};
    return enqueue(db, job);
}

/* ---- a batch ---- */

static enum err commit(struct db *db)
{
    int64_t from = sys_mono_us();
    if (FAULT_POINT("db.commit.before"))
        return ERR_IO;
    enum err e = db_control(db->writer_ctx, db->writer, DB_COMMIT, 0);
    if (!e && FAULT_POINT("db.commit.after")) /* kept, and nobody is told so */
        e = ERR_DB_COMMIT;
    int64_t took = sys_mono_us() - from;
    if (took > atomic_load_explicit(&db->slowest_commit_us, memory_order_relaxed))
        atomic_store_explicit(&db->slowest_commit_us, took, memory_order_relaxed);
    return e;
}

static void run_jobs(struct db *db, struct db_job *first)
{
    struct db_conn *conn = db->writer;
    for (struct db_job *j = first; j && !conn->lost; j = j->next) {
        struct db_tx tx = {.db = db, .conn = conn};
        j->c->n_faults = j->n_faults;
        j->c->tx = &tx;
        j->err = db_inside(j->c, &tx, j->work, j->arg);
        j->c->tx = NULL;
    }
}

static void writer_drop(struct db *db)
{
    db->driver->close(db->writer);
    db->writer = NULL;
}

/* Runs and commits the list. An error means that none of it happened (or that nobody knows: a
   connection lost around COMMIT); ret_again: another try may succeed. */
static enum err together(struct db *db, struct db_job *first, bool *ret_again)
{
    struct ctx *c = db->writer_ctx;
    *ret_again = false;
    if (db_broken(db))
        return ERR_IO;
    if (!db->writer) {
        enum err e = db->driver->open(c, db, true, &db->writer);
        if (e) {
            *ret_again = e == ERR_DB_OPEN;
            return e;
        }
    }
    struct db_conn *conn = db->writer;
    enum err e = db_control(c, conn, DB_BEGIN_WRITE, 0);
    if (!e)
        run_jobs(db, first);
    if (!e && !conn->lost)
        e = commit(db);
    if (!e && conn->lost)
        e = conn->lost;
    if (!e)
        return OK;
    *ret_again = conn->again;
    if (!conn->dead)
        db->driver->control(c, conn, DB_ROLLBACK, 0);
    if (conn->dead)
        writer_drop(db);
    return e;
}

static void spread(struct db *db, struct db_job *first, enum err e)
{
    for (struct db_job *j = first; j; j = j->next) {
        j->c->n_faults = j->n_faults;
        j->err = fail(j->c, e, "database", db->name);
    }
}

static void pause_before(int attempt)
{
    uint32_t jitter = 0;
    sys_random(&jitter, sizeof jitter);
    int64_t us = INT64_C(500) << (attempt < 9 ? attempt : 9);
    us += jitter % us;
    struct timespec t = {.tv_sec = us / SECOND_US, .tv_nsec = us % SECOND_US * 1000};
    nanosleep(&t, NULL);
}

/* Each work in a transaction of its own, tried again while that makes sense. */
static void one_by_one(struct db *db, struct db_job *first)
{
    int64_t until = sys_mono_us() + RETRY_FOR_US;
    for (struct db_job *j = first, *rest; j; j = rest) {
        rest = j->next;
        j->next = NULL;
        bool again = false;
        enum err e = together(db, j, &again);
        for (int attempt = 0; e && again && sys_mono_us() < until; attempt++) {
            pause_before(attempt);
            e = together(db, j, &again);
        }
        if (e)
            spread(db, j, e);
        else
            atomic_fetch_add_explicit(&db->batches, 1, memory_order_relaxed);
        j->next = rest;
    }
}

/* A job may be gone as soon as it was answered. */
static void answer(struct db *db, struct db_job *first)
{
    for (struct db_job *j = first, *next; j; j = next) {
        next = j->next;
        if (!j->err)
            atomic_fetch_add_explicit(&db->writes, 1, memory_order_relaxed);
        if (j->done)
            j->done(j->arg, j->err);
        else
            sem_post(&j->ready);
    }
}

static void batch(struct db *db, struct db_job *first)
{
    bool again = false;
    ctx_clear_faults(db->writer_ctx);
    arena_reset(db->writer_ctx->arena);
    enum err e = together(db, first, &again);
    if (!e)
        atomic_fetch_add_explicit(&db->batches, 1, memory_order_relaxed);
    else if (again)
        one_by_one(db, first);
    else
        spread(db, first, e);
    answer(db, first);
    if (db->writer)
        db->driver->rest(db->writer);
}

bool db_step(struct db *db)
{
    struct db_job *first = take(db);
    if (first)
        batch(db, first);
    return first != NULL;
}

static void *writer_main(void *arg)
{
    struct db *db = arg;
    for (struct db_job *first = take(db); first; first = take(db))
        batch(db, first);
    return NULL;
}

/* ---- the thread ---- */

static bool by_hand;

void db_by_hand(void)
{
    by_hand = true;
}

enum err db_writer_start(struct ctx *c, struct db *db)
{
    sigset_t all, before;
    db->writer_ctx = ARENA_NEW(db->arena, struct ctx);
    db->writer_ctx->arena = arena_new(0);
    db->by_hand = by_hand;
    if (by_hand)
        return OK;
    sigfillset(&all); /* signals are the main thread's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int number = pthread_create(&db->writer_thread, NULL, writer_main, db);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!number)
        return OK;
    arena_end(db->writer_ctx->arena);
    return db_errno(c, db, number);
}

void db_writer_stop(struct db *db)
{
    pthread_mutex_lock(&db->queue_lock);
    db->queue_closed = true;
    pthread_cond_signal(&db->queue_filled);
    pthread_mutex_unlock(&db->queue_lock);
    while (db->by_hand && db_step(db))
        continue;
    if (!db->by_hand)
        pthread_join(db->writer_thread, NULL);
    arena_end(db->writer_ctx->arena);
}
