/* SPDX-License-Identifier: Apache-2.0 */
/* bench_db URL: group-committed inserts and point reads a second, each beside the naked driver
   doing the same in the same run. One JSON object a line. bench/db runs it on both databases. */
#include <libpq-fe.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db.h"

enum { LATER = 30000, THREADS = 64, EACH = 200, READERS = 2, READS = 20000, ROUNDS = 3 };

static const struct db_schema schema[] = {
    {"bench", 1,
     "CREATE TABLE bench_row (id BIGINT NOT NULL, name TEXT NOT NULL, place TEXT, at_us BIGINT,"
     " CONSTRAINT bench_row_pk PRIMARY KEY (id));"
     "CREATE INDEX bench_row_name ON bench_row (name);"
     "CREATE TABLE bench_raw (id BIGINT NOT NULL, name TEXT NOT NULL, place TEXT, at_us BIGINT,"
     " CONSTRAINT bench_raw_pk PRIMARY KEY (id));"
     "CREATE INDEX bench_raw_name ON bench_raw (name)",
     "h1"},
};

struct bench {
    struct db *db;
    const char *url;
    atomic_llong next_id;
    int64_t rows;
};

static const char place[] = "xã Phú Mậu, thành phố Huế, tỉnh Thừa Thiên Huế";

static struct ctx *ctx_new(void)
{
    struct arena *a = arena_new(0);
    struct ctx *c = ARENA_NEW(a, struct ctx);
    c->arena = a;
    c->now_us = sys_now_us();
    return c;
}

static void must(enum err e, const char *what)
{
    if (e) {
        fprintf(stderr, "%s: %s\n", what, err_row(e)->name);
        _exit(1);
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof values[0], by_value);
    return values[ROUNDS / 2];
}

static double per_second(int64_t n, int64_t from_us)
{
    return (double)n * 1e6 / (double)(sys_mono_us() - from_us);
}

/* ---- ours ---- */

static enum err insert_work(struct ctx *c, void *arg)
{
    struct bench *b = arg;
    char name[32];
    int64_t id = atomic_fetch_add(&b->next_id, 1);
    snprintf(name, sizeof name, "Nguyễn Văn %lld", (long long)id);
    return db_exec(c, NULL,
                   "INSERT INTO bench_row (id, name, place, at_us) VALUES ($1, $2, $3, $4)",
                   P_INT(id), P_TEXT(name), P_TEXT(place), P_INT(c->now_us));
}

static atomic_int left;

static void done(void *arg, enum err e)
{
    (void)arg;
    must(e, "insert");
    atomic_fetch_sub(&left, 1);
}

static double later(struct bench *b)
{
    struct ctx **all = sys_malloc(LATER * sizeof *all);
    for (int i = 0; i < LATER; i++)
        all[i] = ctx_new();
    atomic_store(&left, LATER);
    int64_t from = sys_mono_us();
    for (int i = 0; i < LATER; i++) {
        while (db_write_later(all[i], b->db, insert_work, b, done))
            usleep(500);
    }
    while (atomic_load(&left) > 0)
        usleep(200);
    double rate = per_second(LATER, from);
    for (int i = 0; i < LATER; i++)
        arena_end(all[i]->arena);
    sys_free(all);
    return rate;
}

static void *writer_main(void *arg)
{
    struct bench *b = arg;
    struct ctx *c = ctx_new();
    for (int i = 0; i < EACH; i++)
        must(db_write(c, b->db, insert_work, b), "insert");
    arena_end(c->arena);
    return NULL;
}

static enum err name_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

static enum err read_work(struct ctx *c, void *arg)
{
    const char *name = NULL;
    bool found = false;
    enum err e = db_one(c, &found, name_row, &name, "SELECT name FROM bench_row WHERE id = $1",
                        P_INT(*(int64_t *)arg));
    return e ? e : found ? OK : ERR_NOT_FOUND;
}

static void *reader_main(void *arg)
{
    struct bench *b = arg;
    struct ctx *c = ctx_new();
    struct arena *own = c->arena; /* holds c itself */
    c->arena = arena_new(0);
    for (int64_t i = 0; i < READS; i++) {
        int64_t id = i * 7919 % b->rows;
        must(db_read(c, b->db, read_work, &id), "read");
        arena_reset(c->arena);
    }
    arena_end(c->arena);
    arena_end(own);
    return NULL;
}

static double in_threads(struct bench *b, int n, void *(*body)(void *), int64_t works)
{
    pthread_t threads[THREADS];
    int64_t from = sys_mono_us();
    for (int i = 0; i < n; i++)
        pthread_create(&threads[i], NULL, body, b);
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    return per_second(works, from);
}

static double threads64(struct bench *b)
{
    return in_threads(b, THREADS, writer_main, THREADS * EACH);
}

static double alone(struct bench *b)
{
    return in_threads(b, 1, writer_main, EACH);
}

static double reads(struct bench *b)
{
    b->rows = atomic_load(&b->next_id);
    return in_threads(b, READERS, reader_main, READERS * READS);
}

/* ---- the naked drivers: the same rows, 256 a commit ---- */

static double raw_sqlite(struct bench *b)
{
    static int64_t id;
    sqlite3 *h = NULL;
    sqlite3_stmt *s = NULL;
    sqlite3_open(strchr(b->url, ':') + 1, &h);
    sqlite3_exec(h, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
    sqlite3_prepare_v2(h, "INSERT INTO bench_raw VALUES (?, ?, ?, ?)", -1, &s, NULL);
    int64_t from = sys_mono_us();
    for (int i = 0; i < LATER; i++) {
        char name[32];
        int len = snprintf(name, sizeof name, "Nguyễn Văn %lld", (long long)id);
        if (i % 256 == 0)
            sqlite3_exec(h, i ? "COMMIT; BEGIN IMMEDIATE" : "BEGIN IMMEDIATE", NULL, NULL, NULL);
        sqlite3_bind_int64(s, 1, id++);
        sqlite3_bind_text(s, 2, name, len, SQLITE_STATIC);
        sqlite3_bind_text(s, 3, place, sizeof place - 1, SQLITE_STATIC);
        sqlite3_bind_int64(s, 4, from);
        if (sqlite3_step(s) != SQLITE_DONE)
            must(ERR_INTERNAL, sqlite3_errmsg(h));
        sqlite3_reset(s);
    }
    sqlite3_exec(h, "COMMIT", NULL, NULL, NULL);
    double rate = per_second(LATER, from);
    sqlite3_finalize(s);
    sqlite3_close(h);
    return rate;
}

static double raw_postgres(struct bench *b)
{
    static int64_t id;
    PGconn *link = PQconnectdb(strchr(b->url, ':') + 1);
    PQclear(PQprepare(link, "i", "INSERT INTO bench_raw VALUES ($1, $2, $3, $4)", 4, NULL));
    int64_t from = sys_mono_us();
    for (int i = 0; i < LATER; i++) {
        char name[32], number[32];
        snprintf(name, sizeof name, "Nguyễn Văn %lld", (long long)id);
        snprintf(number, sizeof number, "%lld", (long long)id++);
        if (i % 256 == 0)
            PQclear(PQexec(link, i ? "COMMIT; BEGIN" : "BEGIN"));
        const char *values[] = {number, name, place, "1"};
        PGresult *r = PQexecPrepared(link, "i", 4, values, NULL, NULL, 0);
        if (PQresultStatus(r) != PGRES_COMMAND_OK)
            must(ERR_INTERNAL, PQerrorMessage(link));
        PQclear(r);
    }
    PQclear(PQexec(link, "COMMIT"));
    double rate = per_second(LATER, from);
    PQfinish(link);
    return rate;
}

/* ---- */

static void show(const char *kind, const char *name, double value, double bar, double reference,
                 const char *reference_name)
{
    bool ratio_bar = bar > 0 && bar < 10;
    double ratio = reference > 0 ? value / reference : 0;
    printf("{\"name\":\"db.%s.%s\",\"value\":%.0f,\"unit\":\"1/s\",\"bar\":%g,\"reference\":%.0f,"
           "\"reference_name\":\"%s\",\"ratio\":%.2f,\"pass\":%s}\n",
           kind, name, value, bar, reference, reference_name, ratio,
           (ratio_bar ? ratio : value) >= bar ? "true" : "false");
}

static double rounds(struct bench *b, double (*body)(struct bench *))
{
    double values[ROUNDS];
    for (int i = 0; i < ROUNDS; i++)
        values[i] = body(b);
    return median(values);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return fprintf(stderr, "usage: bench_db URL\n"), 2;
    struct ctx *c = ctx_new();
    struct bench b = {.url = argv[1]};
    must(db_open(c, b.url, &b.db), "open");
    must(db_migrate(c, b.db, schema, 1), "migrate");
    bool lite = db_kind(b.db) == DB_SQLITE;
    const char *kind = lite ? "sqlite" : "postgres";
    double raw = rounds(&b, lite ? raw_sqlite : raw_postgres);
    show(kind, "write_later", rounds(&b, later), 0.25, raw, "naked driver, 256 a commit");
    show(kind, "write_64_threads", rounds(&b, threads64), 2000, raw, "naked driver, 256 a commit");
    show(kind, "write_alone", rounds(&b, alone), 200, 0, "");
    show(kind, "read_2_threads", rounds(&b, reads), lite ? 20000 : 5000, 0, "");
    struct db_stats s = db_stats(b.db);
    fprintf(stderr, "%s: %lld writes in %lld batches, slowest commit %lld us\n", kind,
            (long long)s.writes, (long long)s.batches, (long long)s.slowest_commit_us);
    db_close(b.db);
    arena_end(c->arena);
    return 0;
}
