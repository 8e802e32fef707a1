/* SPDX-License-Identifier: Apache-2.0 */
/* Reading transactions, parts, and the care of a database. */
#include "base/sys.h"
#include "db/db_inner.h"

/* ---- the pool of reading connections: last used, first taken, so that caches stay warm ---- */

static bool too_many(const struct db *db)
{
    return !db->readers && db->n_readers >= db->readers_calm;
}

/* One look: until a reader lies there, at most for that part of the time. The lock is held. */
static void look_for_reader(struct db *db)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + db->reader_wait_us / DB_READER_LOOKS * 1000;
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    int waited = 0;
    while (too_many(db) && !waited)
        waited = pthread_cond_timedwait(&db->readers_free, &db->readers_lock, &until);
}

/* Each has a cache of its own and keeps descriptors: while busy ones come back, an unlucky one of a
   crowd goes on waiting; another is opened beside those that are away for long. The lock is held.
 */
static void wait_for_reader(struct db *db)
{
    int still = 0;
    for (int i = 0; too_many(db) && still < DB_READER_LOOKS && i < DB_READER_PATIENT; i++) {
        uint64_t given = db->readers_given;
        look_for_reader(db);
        still = db->readers_given == given ? still + 1 : 0;
    }
    while (!db->readers && db->n_readers >= DB_READERS_MAX)
        pthread_cond_wait(&db->readers_free, &db->readers_lock);
}

static enum err reader_take(struct ctx *c, struct db *db, struct db_conn **ret_conn)
{
    pthread_mutex_lock(&db->readers_lock);
    if (too_many(db))
        wait_for_reader(db);
    struct db_conn *conn = db->readers;
    if (conn)
        db->readers = conn->next;
    else
        db->n_readers++;
    pthread_mutex_unlock(&db->readers_lock);
    if (conn) {
        *ret_conn = conn;
        return OK;
    }
    enum err e = db->driver->open(c, db, false, ret_conn);
    if (e) {
        pthread_mutex_lock(&db->readers_lock);
        db->n_readers--;
        pthread_cond_signal(&db->readers_free);
        pthread_mutex_unlock(&db->readers_lock);
    }
    return e;
}

/* Those that a crowd needed and nobody since: cut off the list, last used first. The first stays.
   SQLite keeps the descriptor of the main file for the next one (closing it would drop the locks of
   all, fcntl(2)). The lock is held. */
static struct db_conn *idle_ones(struct db *db)
{
    int64_t now = sys_mono_us();
    struct db_conn *last = db->readers;
    while (last && last->next && now - last->next->used_us < db->reader_idle_us)
        last = last->next;
    struct db_conn *idle = last ? last->next : NULL;
    if (last)
        last->next = NULL;
    for (struct db_conn *r = idle; r; r = r->next)
        db->n_readers--;
    return idle;
}

static void reader_give(struct db *db, struct db_conn *conn)
{
    bool dead = conn->dead;
    if (dead)
        db->driver->close(conn);
    else
        conn->used_us = sys_mono_us();
    pthread_mutex_lock(&db->readers_lock);
    db->readers_given++;
    if (dead) {
        db->n_readers--;
    } else {
        conn->next = db->readers;
        db->readers = conn;
    }
    struct db_conn *idle = idle_ones(db);
    pthread_cond_signal(&db->readers_free);
    pthread_mutex_unlock(&db->readers_lock);
    for (struct db_conn *r = idle, *next; r; r = next) {
        next = r->next;
        db->driver->close(r);
    }
}

static enum err read_once(struct ctx *c, struct db *db, db_work work, void *arg, bool *ret_again)
{
    struct db_conn *conn = NULL;
    *ret_again = false;
    enum err e = reader_take(c, db, &conn);
    if (e)
        return e;
    struct db_tx tx = {.db = db, .conn = conn};
    e = db_control(c, conn, DB_BEGIN_READ, 0);
    if (!e) {
        c->tx = &tx;
        e = work(c, arg);
        c->tx = NULL;
    }
    if (!e)
        e = conn->lost ? conn->lost : tx.failed;
    *ret_again = e && conn->lost && conn->again;
    size_t n_faults = c->n_faults;
    db->driver->control(c, conn, DB_ROLLBACK, 0); /* nothing was changed: its failure is no news */
    c->n_faults = n_faults;
    reader_give(db, conn);
    return e;
}

/* An idle connection may have died since it was last used, and so may all the others. */
enum err db_read(struct ctx *c, struct db *db, db_work work, void *arg)
{
    if (c->tx)
        return work(c, arg);
    bool again = true;
    enum err e = OK;
    size_t n_faults = c->n_faults;
    for (int i = 0; i <= DB_READERS_MAX && again; i++) {
        c->n_faults = n_faults;
        e = read_once(c, db, work, arg, &again);
    }
    atomic_fetch_add_explicit(&db->reads, 1, memory_order_relaxed);
    return e;
}

/* ---- parts ---- */

enum err db_inside(struct ctx *c, struct db_tx *tx, db_work work, void *arg)
{
    struct db_conn *conn = tx->conn;
    int depth = tx->depth;
    ASSERT(depth < DB_DEPTH_MAX);
    enum err e = db_control(c, conn, DB_SAVE, depth);
    if (e)
        return e;
    tx->depth = depth + 1;
    e = work(c, arg);
    tx->depth = depth;
    if (!e)
        e = tx->failed;
    if (!e && conn->lost)
        e = conn->lost;
    if (!e)
        e = db_control(c, conn, DB_RELEASE, depth);
    if (e && !conn->lost) {
        tx->failed = OK;
        db_control(c, conn, DB_BACK, depth);
    }
    return e;
}

bool db_writing(const struct ctx *c)
{
    return c->tx && c->tx->conn->writer;
}

enum err db_part(struct ctx *c, db_work work, void *arg)
{
    struct db_tx *tx = c->tx;
    if (!tx)
        BUG("db_part outside a transaction");
    if (tx->conn->lost)
        return tx->conn->lost;
    if (tx->failed)
        return tx->failed;
    return db_inside(c, tx, work, arg);
}

/* ---- care ---- */

enum err db_backup(struct ctx *c, struct db *db, const char *path)
{
    return db->driver->backup(c, db, path);
}

static enum err check_in(struct ctx *c, void *whole)
{
    return c->tx->db->driver->check(c, c->tx->conn, *(const bool *)whole);
}

enum err db_check(struct ctx *c, struct db *db)
{
    bool whole = true;
    return db_read(c, db, check_in, &whole);
}

enum err db_check_pages(struct ctx *c, struct db *db)
{
    bool whole = false;
    return db_read(c, db, check_in, &whole);
}
