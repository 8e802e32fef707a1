/* SPDX-License-Identifier: Apache-2.0 */
/* Whichever database call or disk access fails: a work's rows are there and OK was answered, or
   none of them and an error; and the next write works. */
#include "test/harness/unit.h"

#include "test/harness/db_test.h"

#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"

static const struct db_schema schema[] = {
    {"f", 1,
     "CREATE TABLE f_row (job BIGINT NOT NULL, n BIGINT NOT NULL, text TEXT,"
     " CONSTRAINT f_row_pk PRIMARY KEY (job, n))",
     "h1"},
};

static enum err row(struct ctx *c, int64_t job, int64_t n)
{
    char text[600]; /* some pages of log */
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    return db_exec(c, NULL, "INSERT INTO f_row (job, n, text) VALUES ($1, $2, $3)", P_INT(job),
                   P_INT(n), P_TEXT(text));
}

static enum err part_work(struct ctx *c, void *arg)
{
    int64_t job = *(int64_t *)arg;
    enum err e = row(c, job, 2);
    return e ? e : fail(c, ERR_CONFLICT, "part"); /* undone, and the work goes on */
}

static enum err three_work(struct ctx *c, void *arg)
{
    int64_t job = *(int64_t *)arg, n = 0;
    enum err e = row(c, job, 1);
    if (!e) {
        e = db_part(c, part_work, arg);
        if (e == ERR_CONFLICT)
            e = OK;
    }
    if (!e)
        e = row(c, job, 3);
    if (!e)
        e = db_int(c, &n, "SELECT count(*) FROM f_row WHERE job = $1", P_INT(job));
    if (!e)
        assert_int_equal(n, 2);
    return e;
}

struct count {
    int64_t job, n;
};

static enum err count_work(struct ctx *c, void *arg)
{
    struct count *k = arg;
    return db_int(c, &k->n, "SELECT count(*) FROM f_row WHERE job = $1", P_INT(k->job));
}

static int64_t rows_of(struct db_world *w, int64_t job)
{
    struct count k = {.job = job};
    ctx_clear_faults(w->c);
    assert_int_equal(db_read(w->c, w->db, count_work, &k), OK);
    return k.n;
}

#ifdef DINH_FAULTS
/* ---- the k-th database call ---- */

struct job {
    int64_t id;
    enum err err;
    struct ctx *c;
    sem_t *done;
};

struct gate {
    sem_t in, go;
};

/* May run again, and must not be held then. */
static enum err hold_work(struct ctx *c, void *arg)
{
    struct gate *g = arg;
    (void)c;
    sem_post(&g->in);
    sem_wait(&g->go);
    sem_post(&g->go);
    return OK;
}

static void job_done(void *arg, enum err e)
{
    struct job *j = arg;
    j->err = e;
    sem_post(j->done);
}

static void no_done(void *arg, enum err e)
{
    (void)arg, (void)e;
}

enum { JOBS = 4 };

/* JOBS works in one batch, armed with plan; true when nothing failed. */
static bool batch_under(struct db_world *w, const char *plan, int64_t first, int64_t *ret_calls)
{
    struct job jobs[JOBS];
    struct ctx *held = db_test_ctx();
    struct gate gate;
    sem_t done;
    bool all = true;
    sem_init(&gate.in, 0, 0);
    sem_init(&gate.go, 0, 0);
    sem_init(&done, 0, 0);
    assert_int_equal(db_write_later(held, w->db, hold_work, &gate, no_done), OK);
    sem_wait(&gate.in); /* the writer holds it now: what follows is one batch */
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct job){.id = first + i, .c = db_test_ctx(), .done = &done};
        assert_int_equal(db_write_later(jobs[i].c, w->db, three_work, &jobs[i], job_done), OK);
    }
    assert_true(sys_fault_arm(plan));
    sem_post(&gate.go);
    for (int i = 0; i < JOBS; i++)
        sem_wait(&done);
    *ret_calls = sys_fault_calls(SYS_DB);
    assert_true(sys_fault_arm(NULL));
    for (int i = 0; i < JOBS; i++) {
        assert_int_equal(rows_of(w, jobs[i].id), jobs[i].err ? 0 : 2);
        assert_true(jobs[i].err == OK || jobs[i].c->n_faults > 0);
        all = all && !jobs[i].err;
        db_test_ctx_end(jobs[i].c);
    }
    sem_destroy(&done);
    sem_destroy(&gate.in);
    sem_destroy(&gate.go);
    db_test_ctx_end(held);
    return all;
}

struct plan {
    const char *what;
    bool mended; /* tried again, so that nobody notices */
};

static void calls_body(struct db_world *w, void *arg)
{
    static const struct plan plans[] = {
        {"EIO", false},   {"ENOSPC", false},    {"EIO:sticky", false},
        {"EAGAIN", true}, {"ECONNRESET", true},
    };
    int64_t id = 1, calls = 0, ignored = 0;
    (void)arg;
    assert_true(batch_under(w, "db:1000000:EIO", id, &calls));
    assert_true(calls >= JOBS * 8);
    for (size_t p = 0; p < ARRAY_LEN(plans); p++) {
        int failed = 0;
        for (int k = 1; k <= calls; k++) {
            char *plan = arena_printf(w->c->arena, "db:%d:%s", k, plans[p].what);
            failed += !batch_under(w, plan, id += JOBS, &ignored);
        }
        /* the holding work's own two calls are nobody else's business, unless they stay bad */
        assert_in_range(failed, plans[p].mended ? 0 : calls - 2, plans[p].mended ? 0 : calls);
        assert_true(batch_under(w, "db:1000000:EIO", id += JOBS, &ignored));
    }
    assert_false(db_broken(w->db));
}

static void test_every_database_call(void **state)
{
    (void)state;
    db_test(schema, ARRAY_LEN(schema), calls_body, NULL);
}

/* ---- the k-th access to the disk, SQLite ---- */

enum { WRITES = 6 };

static void disk_round(struct db_world *w, const char *plan, int64_t first, bool *ret_failed)
{
    bool sync = text_starts(plan, "fsync");
    enum err errs[WRITES];
    *ret_failed = false;
    assert_true(sys_fault_arm(plan));
    for (int i = 0; i < WRITES; i++) {
        int64_t id = first + i;
        errs[i] = db_write(w->c, w->db, three_work, &id);
        *ret_failed = *ret_failed || errs[i];
    }
    assert_true(sys_fault_arm(NULL));
    assert_int_equal(db_broken(w->db) && !*ret_failed, false);
    if (sync && *ret_failed) {
        int64_t id = first + 100;
        assert_true(db_broken(w->db)); /* the first failed sync is the last */
        assert_int_equal(db_write(w->c, w->db, three_work, &id), ERR_IO);
    } else {
        int64_t id = first + 100; /* space is back: so are we, without a restart */
        assert_int_equal(db_write(w->c, w->db, three_work, &id), OK);
    }
    db_test_reopen(w);
    for (int i = 0; i < WRITES; i++) {
        int64_t n = rows_of(w, first + i);
        if (sync && errs[i])
            assert_true(n == 0 || n == 2); /* nobody knows; never half */
        else
            assert_int_equal(n, errs[i] ? 0 : 2);
    }
    assert_int_equal(db_check(w->c, w->db), OK);
}

static void disk_body(struct db_world *w, void *arg)
{
    static const char *const kinds[][2] = {
        {"write", "EIO"}, {"write", "ENOSPC"}, {"write", "ENOSPC:sticky"}, {"fsync", "EIO"}};
    int64_t id = 1;
    (void)arg;
    db_test_reopen(w);
    for (size_t kind = 0; kind < ARRAY_LEN(kinds); kind++) {
        bool failed = true;
        int n_failed = 0;
        for (int k = 1; failed && k < 400; k++, id += 1000) {
            char *plan = arena_printf(w->c->arena, "%s:%d:%s", kinds[kind][0], k, kinds[kind][1]);
            disk_round(w, plan, id, &failed);
            n_failed += failed;
        }
        assert_true(n_failed >= WRITES); /* every write came to its turn */
    }
}

static void test_every_disk_access(void **state)
{
    (void)state;
    db_test_on(DB_SQLITE, schema, ARRAY_LEN(schema), disk_body, NULL);
}

/* ---- a file beside the database ---- */

static void file_body(struct db_world *w, void *arg)
{
    const char *path = arena_printf(w->c->arena, "/tmp/dinh-synced-%d", (int)getpid());
    int64_t id = 1;
    (void)arg;
    assert_true(sys_fault_arm("fsync:1:EIO"));
    assert_int_equal(sys_write_file(w->c, path, bytes_of("x"), 0600), ERR_IO);
    assert_true(db_broken(w->db));
    assert_int_equal(db_write(w->c, w->db, three_work, &id), ERR_IO);
    assert_true(sys_fault_arm(NULL)); /* a process anew */
    assert_int_equal(rows_of(w, id), 0);
    assert_int_equal(db_write(w->c, w->db, three_work, &id), OK);
    assert_int_equal(sys_unlink(w->c, path), OK);
}

static void test_after_a_failed_sync_of_a_file(void **state)
{
    (void)state;
    db_test(schema, ARRAY_LEN(schema), file_body, NULL);
}

#else
/* A release can't be broken on purpose. */
static void release_body(struct db_world *w, void *arg)
{
    int64_t id = 1;
    (void)arg;
    assert_false(sys_fault_arm("db:1:EIO:sticky,write:1:EIO:sticky"));
    assert_int_equal(db_write(w->c, w->db, three_work, &id), OK);
    assert_int_equal(rows_of(w, id), 2);
}

static void test_release_is_not_armed(void **state)
{
    (void)state;
    db_test(schema, ARRAY_LEN(schema), release_body, NULL);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef DINH_FAULTS
        cmocka_unit_test(test_every_database_call),
        cmocka_unit_test(test_every_disk_access),
        cmocka_unit_test(test_after_a_failed_sync_of_a_file),
#else
        cmocka_unit_test(test_release_is_not_armed),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
