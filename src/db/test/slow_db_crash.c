/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process writes and tells each acknowledged write through a pipe; it is killed, or its power is
 * cut. Nothing acknowledged may be missing. DINH_ROUNDS sets the rounds of each.
 */
#include "test/harness/unit.h"

#include "test/harness/cut.h"
#include "test/harness/db_test.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys.h"

static const struct db_schema schema[] = {
    {"k", 1,
     "CREATE TABLE k_row (id BIGINT NOT NULL, twin BIGINT NOT NULL, text TEXT,"
     " CONSTRAINT k_row_pk PRIMARY KEY (id));"
     "CREATE TABLE k_twin (id BIGINT NOT NULL, CONSTRAINT k_twin_pk PRIMARY KEY (id))",
     "h1"},
};

enum { WRITERS = 4, MAX_ACKS = 200000 };

/* ---- the process that dies ---- */

struct writer {
    struct db *db;
    int64_t first;
    int pipe;
};

static enum err twin_work(struct ctx *c, void *arg)
{
    int64_t id = *(int64_t *)arg;
    enum err e =
        db_exec(c, NULL, "INSERT INTO k_row (id, twin, text) VALUES ($1, $1, $2)", P_INT(id),
                P_TEXT("some words, so that pages fill and are checkpointed; "
                       "some words, so that pages fill and are checkpointed"));
    return e ? e : db_exec(c, NULL, "INSERT INTO k_twin (id) VALUES ($1)", P_INT(id));
}

static void *writer_main(void *arg)
{
    struct writer *w = arg;
    struct ctx *c = db_test_ctx();
    for (int64_t id = w->first;; id++) {
        if (db_write(c, w->db, twin_work, &id))
            _exit(3);
        if (write(w->pipe, &id, sizeof id) != sizeof id)
            _exit(4);
    }
    return NULL;
}

static void write_until_dead(const char *url, int64_t first, int out)
{
    struct ctx *c = db_test_ctx();
    struct db *db = NULL;
    struct writer writers[WRITERS];
    pthread_t threads[WRITERS];
    if (db_open(c, url, &db))
        _exit(2);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){db, first + i * INT64_C(1000000), out};
        pthread_create(&threads[i], NULL, writer_main, &writers[i]);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
}

/* ---- the one that watches ---- */

struct acks {
    int64_t *ids;
    size_t n;
};

static void read_acks(int in, struct acks *a)
{
    int64_t id;
    while (read(in, &id, sizeof id) == sizeof id) {
        assert_true(a->n < MAX_ACKS);
        a->ids[a->n++] = id;
    }
}

struct lost {
    const struct acks *acks;
    int64_t missing, halves;
};

static enum err look_work(struct ctx *c, void *arg)
{
    struct lost *l = arg;
    int64_t n = 0;
    for (size_t i = 0; i < l->acks->n; i++) {
        enum err e =
            db_int(c, &n, "SELECT count(*) FROM k_row WHERE id = $1", P_INT(l->acks->ids[i]));
        if (e)
            return e;
        l->missing += n == 0;
    }
    return db_int(c, &l->halves,
                  "SELECT (SELECT count(*) FROM k_row) - (SELECT count(*) FROM k_twin) + "
                  "(SELECT count(*) FROM k_row WHERE twin NOT IN (SELECT id FROM k_twin))");
}

static int rounds_wanted(int usual)
{
    const char *text = getenv("DINH_ROUNDS");
    return text ? (int)strtol(text, NULL, 10) : usual;
}

struct story {
    bool cut, honest;
    int rounds;
    int64_t missing; /* out */
    bool broken;     /* out: couldn't be opened or isn't whole */
};

/* One life: a child writes until it is killed or cut; acknowledgements are added to a. */
static void one_life(struct db_world *w, const struct story *s, int round, struct acks *a)
{
    int ends[2], status = 0;
    uint32_t chance = 0;
    sys_random(&chance, sizeof chance);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        if (s->cut)
            cut_arm(1 + chance % (round % 3 ? 3000 : 60), chance | 1,
                    s->honest ? CUT_HONEST : CUT_LIES);
        write_until_dead(w->url, round * INT64_C(10000000), ends[1]);
        _exit(0);
    }
    assert_true(child > 0);
    close(ends[1]);
    int64_t id; /* the fourth time it may be killed while it opens */
    if (!s->cut && round % 4 && read(ends[0], &id, sizeof id) == (ssize_t)sizeof id)
        a->ids[a->n++] = id;
    if (!s->cut) {
        usleep(30000 + chance % 120000);
        kill(child, SIGKILL);
    }
    read_acks(ends[0], a);
    close(ends[0]);
    waitpid(child, &status, 0);
    if (s->cut && s->honest)
        assert_int_equal(WEXITSTATUS(status), CUT_STATUS);
}

static bool whole(struct db_world *w, const struct acks *a, struct story *s)
{
    struct lost lost = {.acks = a};
    ctx_clear_faults(w->c);
    if (db_open(w->c, w->url, &w->db)) {
        w->db = NULL;
        return false;
    }
    bool good = !db_read(w->c, w->db, look_work, &lost) && !db_check(w->c, w->db);
    s->missing += lost.missing;
    db_close(w->db);
    w->db = NULL;
    return good && lost.halves == 0;
}

static void crash_body(struct db_world *w, void *arg)
{
    struct story *s = arg;
    struct acks a = {.ids = calloc(MAX_ACKS, sizeof(int64_t))};
    size_t all = 0;
    db_close(w->db);
    w->db = NULL;
    for (int i = 0; i < s->rounds && !s->broken && !s->missing; i++) {
        one_life(w, s, i, &a);
        unlink(arena_printf(w->c->arena, "%s-shm", strchr(w->url, ':') + 1));
        s->broken = i % 4 == 3 && !whole(w, &a, s); /* not each time: recovery is cut, too */
        all += a.n;
        if (i % 4 == 3)
            a.n = 0;
    }
    if (!s->broken)
        s->broken = !whole(w, &a, s);
    print_message("%d rounds, %zu acknowledged, %lld missing\n", s->rounds, all,
                  (long long)s->missing);
    assert_true(all > (size_t)s->rounds * 10 || !s->honest);
    free(a.ids);
}

static void test_kill(void **state)
{
    struct story s = {.honest = true, .rounds = rounds_wanted(20)};
    (void)state;
    db_test(schema, ARRAY_LEN(schema), crash_body, &s);
    assert_int_equal(s.missing, 0);
    assert_false(s.broken);
}

static void test_power_cut(void **state)
{
    struct story s = {.cut = true, .honest = true, .rounds = rounds_wanted(40)};
    (void)state;
    db_test_on(DB_SQLITE, schema, ARRAY_LEN(schema), crash_body, &s);
    assert_int_equal(s.missing, 0);
    assert_false(s.broken);
}

/* The control: on a disk that lies about syncs the same test must find a loss. */
static void test_power_cut_of_a_lying_disk(void **state)
{
    struct story s = {.cut = true, .honest = false, .rounds = rounds_wanted(40)};
    (void)state;
    db_test_on(DB_SQLITE, schema, ARRAY_LEN(schema), crash_body, &s);
    assert_true(s.missing > 0 || s.broken);
}

/* ---- flipped bits: refused, reported or harmless, never a crash or a half-read table ---- */

static enum err fill_work(struct ctx *c, void *arg)
{
    enum err e = OK;
    for (int64_t id = 1; id <= *(int64_t *)arg && !e; id++)
        e = twin_work(c, &id);
    return e;
}

static enum err scan_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(int64_t *)arg += row_int(r, 0) == row_int(r, 1) && row_text(r, 2)[0];
    return OK;
}

static enum err scan_work(struct ctx *c, void *arg)
{
    return db_each(c, scan_row, arg, "SELECT id, twin, text FROM k_row ORDER BY id");
}

static void flip(const char *path, const struct bytes *clean, uint32_t chance)
{
    uint8_t bit = (uint8_t)(1 << (chance & 7)), byte;
    off_t at = (off_t)((chance >> 3) % clean->len);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, clean->ptr, clean->len), clean->len);
    byte = clean->ptr[at] ^ bit;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static void flip_body(struct db_world *w, void *arg)
{
    struct bytes clean;
    int refused = 0, reported = 0, harmless = 0, rounds = rounds_wanted(200);
    int64_t wanted = 300;
    const char *path = strchr(w->url, ':') + 1;
    (void)arg;
    assert_int_equal(db_write(w->c, w->db, fill_work, &wanted), OK);
    db_close(w->db);
    w->db = NULL;
    assert_int_equal(sys_read_file(w->c, path, 1 << 24, &clean), OK);
    for (int i = 0; i < rounds; i++) {
        struct ctx *c = db_test_ctx();
        struct db *db = NULL;
        uint32_t chance = 0;
        int64_t seen = 0;
        sys_random(&chance, sizeof chance);
        flip(path, &clean, chance);
        if (db_open(c, w->url, &db)) {
            refused++;
        } else if (db_check(c, db)) {
            assert_int_equal(c->faults[0].err, ERR_DB_CORRUPT);
            enum err e = db_read(c, db, scan_work, &seen);
            assert_true(e == ERR_DB_CORRUPT || (!e && seen == wanted));
            reported++;
        } else {
            assert_int_equal(db_read(c, db, scan_work, &seen), OK);
            assert_int_equal(seen, wanted);
            harmless++;
        }
        db_close(db);
        db_test_ctx_end(c);
    }
    print_message("%d flipped bits: %d refused, %d reported, %d unused\n", rounds, refused,
                  reported, harmless);
    print_message("figure C8 bits=%d refused=%d reported=%d unused=%d\n", rounds, refused, reported,
                  harmless);
    assert_true(reported > 0);
}

static void test_flipped_bits(void **state)
{
    (void)state;
    db_test_on(DB_SQLITE, schema, ARRAY_LEN(schema), flip_body, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kill),
        cmocka_unit_test(test_power_cut),
        cmocka_unit_test(test_power_cut_of_a_lying_disk),
        cmocka_unit_test(test_flipped_bits),
    };
    cut_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
