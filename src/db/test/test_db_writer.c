/* SPDX-License-Identifier: Apache-2.0 */
/* The writer: batches, isolation inside a batch, works that aren't waited for, two nodes. */
#include "test/harness/unit.h"

#include "test/harness/db_test.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/text.h"

static const struct db_schema schema[] = {
    {"w", 1,
     "CREATE TABLE w_row (id BIGINT NOT NULL, CONSTRAINT w_row_pk PRIMARY KEY (id));"
     "CREATE TABLE w_sum (id BIGINT NOT NULL, n BIGINT NOT NULL,"
     " CONSTRAINT w_sum_pk PRIMARY KEY (id));"
     "CREATE TABLE w_child (id BIGINT NOT NULL, of BIGINT, CONSTRAINT w_child_pk PRIMARY KEY (id),"
     " CONSTRAINT w_child_of FOREIGN KEY (of) REFERENCES w_row (id)"
     " DEFERRABLE INITIALLY DEFERRED);"
     "INSERT INTO w_sum (id, n) VALUES (1, 0)",
     "h1"},
};

#define BOTH(body) db_test(schema, ARRAY_LEN(schema), (body), NULL)

static enum err insert_work(struct ctx *c, void *arg)
{
    return db_exec(c, NULL, "INSERT INTO w_row (id) VALUES ($1)", P_INT(*(int64_t *)arg));
}

static enum err count_work(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT count(*) FROM w_row");
}

static int64_t count(struct db_world *w)
{
    int64_t n = -1;
    assert_int_equal(db_read(w->c, w->db, count_work, &n), OK);
    return n;
}

/* ---- many threads: every fifth work fails after it wrote ---- */

enum { THREADS = 16, EACH = 50 };

struct worker {
    struct db *db;
    int64_t first;
    int good, refused, bad;
};

static enum err fifth_work(struct ctx *c, void *arg)
{
    enum err e = insert_work(c, arg);
    return !e && *(int64_t *)arg % 5 == 0 ? fail(c, ERR_CONFLICT, "fifth") : e;
}

static void *worker_main(void *arg)
{
    struct worker *wk = arg;
    struct ctx *c = db_test_ctx();
    for (int64_t i = 0; i < EACH; i++) {
        int64_t id = wk->first + i;
        ctx_clear_faults(c);
        enum err e = db_write(c, wk->db, fifth_work, &id);
        bool told = c->n_faults == (e ? 1 : 0) && !c->tx;
        wk->good += !e && told && id % 5 != 0;
        wk->refused += e == ERR_CONFLICT && told && id % 5 == 0;
        wk->bad += !told;
    }
    db_test_ctx_end(c);
    return NULL;
}

static void threads_body(struct db_world *w, void *arg)
{
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    int good = 0, refused = 0, bad = 0;
    (void)arg;
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.db = w->db, .first = i * 1000};
        assert_int_equal(pthread_create(&threads[i], NULL, worker_main, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        good += workers[i].good;
        refused += workers[i].refused;
        bad += workers[i].bad;
    }
    assert_int_equal(bad, 0);
    assert_int_equal(good, THREADS * EACH * 4 / 5);
    assert_int_equal(refused, THREADS * EACH / 5);
    assert_int_equal(count(w), good);
    struct db_stats s = db_stats(w->db);
    assert_int_equal(s.writes, good);
    assert_true(s.batches < s.writes / 2);
    assert_true(s.slowest_commit_us > 0);
}

static void test_batch_and_isolation(void **state)
{
    (void)state;
    BOTH(threads_body);
}

/* ---- works that nobody waits for ---- */

struct later {
    int64_t id;
    enum err err;
    atomic_int *left;
};

static void later_done(void *arg, enum err e)
{
    struct later *l = arg;
    l->err = e;
    atomic_fetch_sub(l->left, 1);
}

static enum err later_work(struct ctx *c, void *arg)
{
    return insert_work(c, &((struct later *)arg)->id);
}

/* Holds the writer until the test has filled the queue. */
static enum err hold_work(struct ctx *c, void *arg)
{
    (void)c;
    sem_wait(arg);
    return OK;
}

static void no_done(void *arg, enum err e)
{
    (void)arg, (void)e;
}

static void later_body(struct db_world *w, void *arg)
{
    enum { N = 2000 };
    static struct later all[N];
    struct ctx *c[N];
    atomic_int left = N;
    sem_t go;
    (void)arg;
    sem_init(&go, 0, 0);
    assert_int_equal(db_write_later(w->c, w->db, hold_work, &go, no_done), OK);
    for (int i = 0; i < N; i++) {
        all[i] = (struct later){.id = i == 1000 ? 999 : i, .left = &left};
        c[i] = db_test_ctx();
        assert_int_equal(db_write_later(c[i], w->db, later_work, &all[i], later_done), OK);
    }
    assert_true(db_stats(w->db).queue >
                N - 256); /* the writer may have taken some with its first */
    sem_post(&go);
    db_close(w->db); /* finishes what waits */
    assert_int_equal(atomic_load(&left), 0);
    for (int i = 0; i < N; i++) {
        assert_int_equal(all[i].err, i == 1000 ? ERR_DB_UNIQUE : OK);
        assert_int_equal(c[i]->n_faults, i == 1000);
        db_test_ctx_end(c[i]);
    }
    sem_destroy(&go);
    assert_int_equal(db_open(w->c, w->url, &w->db), OK);
    assert_int_equal(count(w), N - 1);
}

static void test_later(void **state)
{
    (void)state;
    BOTH(later_body);
}

static enum err nothing_work(struct ctx *c, void *arg)
{
    (void)c, (void)arg;
    return OK;
}

static void full_body(struct db_world *w, void *arg)
{
    sem_t go;
    int taken = 0;
    enum err e;
    (void)arg;
    struct ctx *held = db_test_ctx(), *queued = db_test_ctx(), *c = db_test_ctx();
    sem_init(&go, 0, 0);
    assert_int_equal(db_write_later(held, w->db, hold_work, &go, no_done), OK);
    while (!(e = db_write_later(queued, w->db, nothing_work, NULL, no_done)))
        taken++;
    assert_int_equal(e, ERR_TOO_MANY);
    assert_true(taken >= 16383 && taken <= 16384 + 255); /* the first batch may have taken some */
    assert_int_equal(db_write(c, w->db, nothing_work, NULL), ERR_TOO_MANY);
    sem_post(&go);
    do
        e = db_write(c, w->db, nothing_work, NULL);
    while (e == ERR_TOO_MANY);
    assert_int_equal(e, OK);
    db_close(w->db);
    w->db = NULL;
    db_test_ctx_end(held);
    db_test_ctx_end(queued);
    db_test_ctx_end(c);
    sem_destroy(&go);
}

static void test_full_queue(void **state)
{
    (void)state;
    BOTH(full_body);
}

/* ---- a rule that is checked at COMMIT: only the one who broke it is told ---- */

static enum err child_work(struct ctx *c, void *arg)
{
    int64_t id = ((struct later *)arg)->id;
    return db_exec(c, NULL, "INSERT INTO w_child (id, of) VALUES ($1, $2)", P_INT(id),
                   id == 3 ? P_INT(77) : P_NULL);
}

static enum err children_work(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT count(*) FROM w_child");
}

static void deferred_body(struct db_world *w, void *arg)
{
    enum { N = 6 };
    struct later all[N];
    struct ctx *c[N];
    atomic_int left = N;
    sem_t go;
    int64_t children = 0;
    (void)arg;
    sem_init(&go, 0, 0);
    assert_int_equal(db_write_later(w->c, w->db, hold_work, &go, no_done), OK);
    for (int i = 0; i < N; i++) {
        all[i] = (struct later){.id = i, .left = &left};
        c[i] = db_test_ctx();
        assert_int_equal(db_write_later(c[i], w->db, child_work, &all[i], later_done), OK);
    }
    sem_post(&go);
    sem_post(&go); /* when the holding work was in the same batch, it runs again */
    db_close(w->db);
    for (int i = 0; i < N; i++) {
        assert_int_equal(all[i].err, i == 3 ? ERR_DB_FOREIGN : OK);
        db_test_ctx_end(c[i]);
    }
    sem_destroy(&go);
    assert_int_equal(db_open(w->c, w->url, &w->db), OK);
    assert_int_equal(db_read(w->c, w->db, children_work, &children), OK);
    assert_int_equal(children, N - 1);
}

static void test_rule_checked_at_commit(void **state)
{
    (void)state;
    BOTH(deferred_body);
}

/* ---- two nodes share the database: read, add, write back ---- */

static enum err add_one_work(struct ctx *c, void *arg)
{
    int64_t n = 0;
    (void)arg;
    enum err e = db_int(c, &n, "SELECT n FROM w_sum WHERE id = 1");
    return e ? e : db_exec(c, NULL, "UPDATE w_sum SET n = $1 WHERE id = 1", P_INT(n + 1));
}

static void *adder_main(void *arg)
{
    struct worker *wk = arg;
    struct ctx *c = db_test_ctx();
    for (int i = 0; i < EACH; i++) {
        ctx_clear_faults(c);
        enum err e = db_write(c, wk->db, add_one_work, NULL);
        wk->good += e == OK;
        wk->refused += e == ERR_DB_BUSY && c->n_faults == 1;
        wk->bad += e && e != ERR_DB_BUSY;
    }
    db_test_ctx_end(c);
    return NULL;
}

static enum err sum_work(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT n FROM w_sum WHERE id = 1");
}

static void two_nodes_body(struct db_world *w, void *arg)
{
    enum { N = 6 };
    struct db *other = NULL;
    struct worker workers[N];
    pthread_t threads[N];
    int good = 0, refused = 0;
    int64_t sum = 0;
    (void)arg;
    assert_int_equal(db_open(w->c, w->url, &other), OK);
    for (int i = 0; i < N; i++) {
        workers[i] = (struct worker){.db = i % 2 ? other : w->db};
        assert_int_equal(pthread_create(&threads[i], NULL, adder_main, &workers[i]), 0);
    }
    for (int i = 0; i < N; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(workers[i].bad, 0);
        good += workers[i].good;
        refused += workers[i].refused;
    }
    assert_int_equal(good + refused, N * EACH);
    assert_true(good > N * EACH / 2);
    assert_int_equal(db_read(w->c, w->db, sum_work, &sum), OK);
    assert_int_equal(sum, good); /* no update was lost, none was done twice */
    db_close(other);
}

static void test_two_nodes(void **state)
{
    (void)state;
    BOTH(two_nodes_body);
}

/* ---- PostgreSQL throws us out ---- */

static enum err kick_work(struct ctx *c, void *arg)
{
    return db_int(c, arg,
                  "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                  "WHERE application_name = current_setting('application_name') "
                  "AND pid <> pg_backend_pid()");
}

static void kick_body(struct db_world *w, void *arg)
{
    struct db *one = NULL, *other = NULL;
    int64_t kicked = 0, n = 0, id = 1;
    char *url = arena_printf(w->c->arena, "%s application_name=kick%d", w->url, getpid());
    (void)arg;
    assert_int_equal(db_open(w->c, url, &one), OK);
    assert_int_equal(db_open(w->c, url, &other), OK);
    assert_int_equal(db_read(w->c, one, count_work, &n), OK); /* its connection lies idle now */
    assert_int_equal(db_read(w->c, other, kick_work, &kicked), OK);
    assert_int_equal(kicked, 3); /* two writers, one reader */
    assert_int_equal(db_write(w->c, one, insert_work, &id), OK);
    assert_int_equal(db_read(w->c, one, count_work, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(w->c->n_faults, 0);
    db_close(one);
    db_close(other);
}

static void test_reconnects(void **state)
{
    (void)state;
    db_test_on(DB_POSTGRES, schema, ARRAY_LEN(schema), kick_body, NULL);
}

/* The link breaks while COMMIT runs: nobody knows, so ERR_DB_COMMIT, and it isn't run again. */
static const struct db_schema breaking[] = {
    {"b", 1,
     "CREATE TABLE b_row (id BIGINT NOT NULL, CONSTRAINT b_row_pk PRIMARY KEY (id));"
     "CREATE TABLE w_row (id BIGINT NOT NULL, CONSTRAINT w_row_pk PRIMARY KEY (id));"
     "CREATE FUNCTION b_break() RETURNS trigger LANGUAGE plpgsql AS "
     "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';"
     "CREATE CONSTRAINT TRIGGER b_row_break AFTER INSERT ON b_row DEFERRABLE INITIALLY DEFERRED "
     "FOR EACH ROW EXECUTE FUNCTION b_break()",
     "h1"},
};

static enum err breaking_work(struct ctx *c, void *arg)
{
    ++*(int *)arg;
    return db_exec(c, NULL, "INSERT INTO b_row (id) VALUES (1)");
}

static void breaking_body(struct db_world *w, void *arg)
{
    int runs = 0;
    int64_t id = 5;
    (void)arg;
    assert_int_equal(db_write(w->c, w->db, breaking_work, &runs), ERR_DB_COMMIT);
    assert_int_equal(runs, 1);
    assert_int_equal(w->c->n_faults, 1);
    assert_int_equal(w->c->faults[0].err, ERR_DB_COMMIT);
    assert_int_equal(db_write(w->c, w->db, insert_work, &id), OK);
    assert_int_equal(count(w), 1);
}

static void test_link_lost_at_commit(void **state)
{
    (void)state;
    db_test_on(DB_POSTGRES, breaking, ARRAY_LEN(breaking), breaking_body, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batch_and_isolation), cmocka_unit_test(test_later),
        cmocka_unit_test(test_full_queue),          cmocka_unit_test(test_rule_checked_at_commit),
        cmocka_unit_test(test_two_nodes),           cmocka_unit_test(test_reconnects),
        cmocka_unit_test(test_link_lost_at_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
