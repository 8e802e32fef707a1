/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every migration of the program, over rows that stand already, on both databases: the process that
 * runs it is ended at 20 points of each: on SQLite by a power cut, on PostgreSQL by its death or a
 * lost connection before each statement, the last time by kill -9 while one runs. The next start
 * completes it; no row is lost. DINH_ROUNDS sets how many points.
 */
#include "test/harness/unit.h"

#include "test/harness/cut.h"
#include "test/harness/db_test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"
#include "db/dynamic.h"
#include "gen/assets.h"

enum { MOST = 200, ROWS = 3, COLUMNS = 60 };

/* What one migration does when nobody ends it: changes of the disk, calls of the database, time. */
struct extent {
    int64_t changes, first_call, calls, us;
};

struct play {
    struct db_world *w;
    const struct db_schema *files;
    size_t n;
    struct extent extents[MOST];
    const char *tables[MOST]; /* that hold ROWS rows each */
    size_t n_tables;
    bool piecemeal; /* the control: each statement of a migration commits by itself */
    bool measures;
    int points;
    int64_t ended;  /* before they came to their end */
    int64_t undone; /* nothing of it was there at the next start */
    int64_t halves, lost;
};

/* ---- the process that is ended ---- */

static enum err applied_work(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT count(*) FROM db_migration");
}

/* How many migrations have been run. */
static int64_t found(struct ctx *c, struct db *db)
{
    int64_t n = 0;
    if (db_read(c, db, applied_work, &n)) /* no table yet */
        ctx_clear_faults(c);
    return n;
}

static enum err statement_work(struct ctx *c, void *arg)
{
    return db_exec_dynamic(c, NULL, arg, NULL, 0);
}

static enum err record_work(struct ctx *c, void *arg)
{
    const struct db_schema *f = arg;
    return db_exec(c, NULL, "INSERT INTO db_migration VALUES ($1, $2, $3, 1)", P_TEXT(f->module),
                   P_INT(f->version), P_TEXT(f->sha256));
}

/* The control's way: statement by statement, each committed; the record last. */
static enum err one_by_one(struct ctx *c, struct db *db, const struct play *p, size_t k)
{
    struct db_schema f = p->files[k];
    size_t n = 0;
    const char **parts = text_split(c->arena, f.sql, ';', &n);
    enum err e = db_migrate(c, db, p->files, k);
    for (size_t i = 0; i < n && !e; i++)
        e = db_write(c, db, statement_work, (void *)(uintptr_t)parts[i]);
    return e ? e : db_write(c, db, record_work, &f);
}

static _Noreturn void migrate_and_die(const struct play *p, size_t k, const char *plan, int64_t cut,
                                      int out)
{
    struct ctx *c = db_test_ctx();
    struct db *db = NULL;
    struct extent x = {0};
    if (db_open(c, p->w->url, &db))
        _exit(2);
    int64_t before = found(c, db);
    if (p->w->kind == DB_SQLITE)
        cut_arm(cut, (uint64_t)cut * 7919 + k, CUT_HONEST);
    if (!sys_fault_arm(plan ? plan : "db:100000000:EIO"))
        _exit(3);
    if (write(out, &before, sizeof before) != sizeof before)
        _exit(4);
    int64_t began = sys_mono_us();
    enum err e = p->piecemeal ? one_by_one(c, db, p, k) : db_migrate(c, db, p->files, k + 1);
    x = (struct extent){cut_passed(), 0, sys_fault_calls(SYS_DB), sys_mono_us() - began};
    if (!e && !plan && db_migrate(c, db, p->files, k + 1) == OK) {
        int64_t idle = sys_fault_calls(SYS_DB) - x.calls; /* with nothing left to do */
        x.calls -= idle;
        x.first_call = idle + 1;
    }
    if (write(out, &x, sizeof x) != sizeof x)
        _exit(4);
    _exit(e ? 1 : 0);
}

/* Runs migration k in a process that ends by plan, by a cut, or delay_us after it began (-1: not).
   What it did when it came to its end: ret, else zeros. How many had been run before. */
static int64_t in_process(struct play *p, size_t k, const char *plan, int64_t cut, int64_t delay_us,
                          struct extent *ret)
{
    int ends[2], status = 0;
    int64_t before = -1;
    *ret = (struct extent){0};
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        migrate_and_die(p, k, plan, cut, ends[1]);
    }
    assert_true(child > 0);
    close(ends[1]);
    assert_int_equal(read(ends[0], &before, sizeof before), sizeof before);
    if (delay_us >= 0) {
        usleep((useconds_t)delay_us);
        kill(child, SIGKILL);
    }
    if (read(ends[0], ret, sizeof *ret) != sizeof *ret)
        *ret = (struct extent){0};
    close(ends[0]);
    waitpid(child, &status, 0);
    p->ended += WIFSIGNALED(status) || WEXITSTATUS(status) != 0;
    if (p->w->kind == DB_SQLITE)
        unlink(arena_printf(p->w->c->arena, "%s-shm", strchr(p->w->url, ':') + 1));
    return before;
}

/* ---- rows that stand already ---- */

/* line begins a column: "    name TYPE ...", or something else. Its value in row i. */
static bool column_of(struct arena *a, const char *line, int i, const char **ret_name,
                      struct db_value *ret)
{
    static const char *const texts[ROWS] = {"a", "b", "c"};
    if (!text_starts(line, "    ") || line[4] == ' ')
        return false;
    size_t name = strcspn(line + 4, " ");
    const char *type = line + 4 + name + strspn(line + 4 + name, " ");
    *ret_name = arena_printf(a, "%.*s", (int)name, line + 4);
    if (text_starts(type, "BIGINT"))
        *ret = P_INT(text_eq(*ret_name, "revoked") ? i % 2 : i);
    else if (text_starts(type, "TEXT"))
        *ret = P_TEXT(texts[i]);
    else if (text_starts(type, "BLOB"))
        *ret = P_BLOB(bytes_of(texts[i]));
    else
        return false;
    return true;
}

/* lines: those after CREATE TABLE. */
static enum err fill_row(struct ctx *c, const char *table, const char **lines, int i)
{
    const char *names = "", *marks = "", *name = NULL;
    struct db_value values[COLUMNS];
    size_t n = 0;
    for (; *lines && !text_starts(*lines, ");"); lines++) {
        if (!column_of(c->arena, *lines, i, &name, &values[n]))
            continue;
        names = arena_printf(c->arena, "%s%s%s", names, n ? ", " : "", name);
        n++;
        assert_true(n < COLUMNS);
        marks = arena_printf(c->arena, "%s%s$%zu", marks, n > 1 ? ", " : "", n);
    }
    const char *sql =
        arena_printf(c->arena, "INSERT INTO %s (%s) VALUES (%s)", table, names, marks);
    return db_exec_dynamic(c, NULL, sql, values, n);
}

struct filling {
    struct play *p;
    const struct db_schema *f;
    size_t n_tables;
};

/* ROWS rows into each table that a migration made. */
static enum err fill_work(struct ctx *c, void *arg)
{
    struct filling *f = arg;
    size_t n = 0, words = 0;
    enum err e = OK;
    f->n_tables = f->p->n_tables;
    for (const char **l = text_split(c->arena, f->f->sql, '\n', &n); *l; l++) {
        if (!text_starts(*l, "CREATE TABLE "))
            continue;
        const char *table = text_split(c->arena, *l, ' ', &words)[2];
        for (int i = 0; i < ROWS && !e; i++)
            e = fill_row(c, table, l + 1, i);
        assert_true(f->n_tables < MOST);
        f->p->tables[f->n_tables++] = arena_printf(f->p->w->c->arena, "%s", table);
    }
    return e;
}

static void fill(struct play *p, size_t k)
{
    struct filling f = {p, &p->files[k], 0};
    assert_int_equal(db_write(p->w->c, p->w->db, fill_work, &f), OK);
    p->n_tables = f.n_tables;
}

/* ---- what is there after the next start ---- */

struct counted {
    const char *table;
    int64_t n;
};

static enum err count_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    ((struct counted *)arg)->n = row_int(r, 0);
    return OK;
}

static enum err count_work(struct ctx *c, void *arg)
{
    struct counted *t = arg;
    const char *sql = arena_printf(c->arena, "SELECT count(*) FROM %s", t->table);
    return db_each_dynamic(c, count_row, t, sql, NULL, 0);
}

/* Completed, or wholly undone; run to its end, every row stands. */
static bool started_again(struct play *p, size_t k)
{
    struct db_world *w = p->w;
    ctx_clear_faults(w->c);
    if (found(w->c, w->db) < (int64_t)k || db_migrate(w->c, w->db, p->files, k + 1)) {
        p->halves++;
        return false;
    }
    for (size_t i = 0; i < p->n_tables; i++) {
        struct counted t = {p->tables[i], 0};
        assert_int_equal(db_read(w->c, w->db, count_work, &t), OK);
        p->lost += ROWS - t.n;
    }
    if (w->kind == DB_SQLITE)
        assert_int_equal(db_check(w->c, w->db), OK);
    return true;
}

/* ---- the points ---- */

/* The connection is lost before that call: for the server, the process has died. */
static int64_t lost_connection(struct play *p, size_t k, int64_t call)
{
    struct ctx *c = p->w->c;
    int64_t before = found(c, p->w->db);
    assert_true(sys_fault_arm(arena_printf(c->arena, "db:%lld:ECONNRESET", (long long)call)));
    p->ended += db_migrate(c, p->w->db, p->files, k + 1) != OK;
    assert_true(sys_fault_arm(NULL));
    ctx_clear_faults(c);
    return before;
}

static int64_t end_at_server(struct play *p, size_t k, int point)
{
    const struct extent *x = &p->extents[k];
    int64_t call = x->first_call + point % x->calls;
    struct extent ran;
    if (point == p->points - 1) /* a kill while something runs there, or a moment too late */
        return in_process(p, k, NULL, 0, x->us / 2, &ran);
    if (point % 4 && !p->piecemeal)
        return lost_connection(p, k, call);
    return in_process(p, k, arena_printf(p->w->c->arena, "db:%lld:crash", (long long)call), 0, -1,
                      &ran);
}

/* False: an earlier end was after the commit, nothing is left to be ended. */
static bool end_at(struct play *p, size_t k, int point)
{
    struct extent ran;
    int64_t cut = 1 + point * p->extents[k].changes / p->points;
    int64_t before = p->w->kind == DB_SQLITE ? in_process(p, k, NULL, cut, -1, &ran)
                                             : end_at_server(p, k, point);
    p->undone += before == (int64_t)k;
    return before == (int64_t)k;
}

/* All migrations from the first, each ended at its points and then completed. The first time none
   is ended: what each does is measured. */
static void chain_body(struct db_world *w, void *arg)
{
    struct play *p = arg;
    p->w = w;
    p->n_tables = 0;
    p->ended = p->undone = 0;
    for (size_t k = 0; k < p->n && !p->halves; k++) {
        if (w->kind == DB_SQLITE) { /* a file must not be open on both sides of a fork */
            db_close(w->db);
            w->db = NULL;
        }
        if (p->measures)
            in_process(p, k, NULL, 0, -1, &p->extents[k]);
        for (int point = 0; !p->measures && point < p->points && end_at(p, k, point); point++)
            continue;
        if (w->kind == DB_SQLITE)
            db_test_reopen(w);
        if (started_again(p, k))
            fill(p, k);
    }
    p->measures = false;
}

static struct play played(enum db_kind kind, const struct db_schema *files, size_t n,
                          bool piecemeal)
{
    const char *rounds = getenv("DINH_ROUNDS");
    struct play p = {.files = files,
                     .n = n,
                     .points = rounds ? (int)strtol(rounds, NULL, 10) : 20,
                     .piecemeal = piecemeal,
                     .measures = true};
    assert_true(n > 0 && n < MOST);
    db_test_on(kind, NULL, 0, chain_body, &p);
    assert_int_equal(p.halves, 0);
    db_test_on(kind, NULL, 0, chain_body, &p);
    return p;
}

static const struct db_schema *all_files(size_t *ret_n)
{
    static struct db_schema files[MOST];
    size_t n = 0;
    for (const struct schema_file *f = schema_files; f->module; f++, n++) {
        assert_true(n < MOST);
        files[n] = (struct db_schema){f->module, f->version, f->sql, f->sha256, "1", f->expands};
    }
    *ret_n = n;
    return files;
}

static void every_migration(enum db_kind kind, const char *name)
{
    size_t n = 0;
    const struct db_schema *files = all_files(&n);
    struct play p = played(kind, files, n, false);
    print_message("figure C33 database=%s migrations=%zu points=%d ended=%lld undone=%lld "
                  "halves=%lld lost=%lld\n",
                  name, n, p.points, (long long)p.ended, (long long)p.undone, (long long)p.halves,
                  (long long)p.lost);
    assert_int_equal(p.halves, 0);
    assert_int_equal(p.lost, 0);
    assert_true(p.ended * 10 >= (int64_t)n * p.points * 8);
}

static void test_ended_on_sqlite(void **state)
{
    (void)state;
    every_migration(DB_SQLITE, "sqlite");
}

static void test_ended_on_postgres(void **state)
{
    (void)state;
    every_migration(DB_POSTGRES, "postgres");
}

/* The control: a migration whose statements commit one by one is found half done. */
static void test_outside_a_transaction_is_found(void **state)
{
    static const struct db_schema files[] = {{"k", 1,
                                              "CREATE TABLE k_a (\n    n BIGINT\n);CREATE TABLE "
                                              "k_b (n BIGINT);CREATE TABLE k_c (n BIGINT)",
                                              "h1"}};
    (void)state;
    assert_true(played(DB_SQLITE, files, 1, true).halves > 0);
    assert_true(played(DB_POSTGRES, files, 1, true).halves > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ended_on_sqlite),
        cmocka_unit_test(test_ended_on_postgres),
        cmocka_unit_test(test_outside_a_transaction_is_found),
    };
    cut_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
