/* SPDX-License-Identifier: Apache-2.0 */
/* A cold copy of a database and its log, as a kill leaves them, damaged bit by bit. */
#include "test/harness/unit.h"

#include "test/harness/db_test.h"

#include <string.h>

#include "base/sys.h"

enum { ROWS = 40, HEAD = 32, FRAME = 24 + 4096, MAX_BYTES = 16 << 20 };

static const struct db_schema schema[] = {
    {"k", 1, "CREATE TABLE k_row (id BIGINT NOT NULL, CONSTRAINT k_row_pk PRIMARY KEY (id))", "h1"},
};

struct copy {
    struct bytes db, wal;
    const char *url, *path, *wal_path;
};

static enum err insert_work(struct ctx *c, void *arg)
{
    return db_exec(c, NULL, "INSERT INTO k_row (id) VALUES ($1)", P_INT(*(int64_t *)arg));
}

static enum err count_work(struct ctx *c, void *arg)
{
    return db_int(c, arg, "SELECT count(*) FROM k_row");
}

/* Taken while the database is open: the log isn't written back. */
static struct copy copy_of(struct db_world *w)
{
    struct arena *a = w->c->arena;
    const char *path = strchr(w->url, ':') + 1;
    struct copy k = {.path = arena_printf(a, "%s/copy.db", w->dir)};
    k.url = arena_printf(a, "sqlite:%s", k.path);
    k.wal_path = arena_printf(a, "%s-wal", k.path);
    for (int64_t id = 1; id <= ROWS; id++)
        assert_int_equal(db_write(w->c, w->db, insert_work, &id), OK);
    assert_int_equal(sys_read_file(w->c, path, MAX_BYTES, &k.db), OK);
    assert_int_equal(sys_read_file(w->c, arena_printf(a, "%s-wal", path), MAX_BYTES, &k.wal), OK);
    assert_true((k.wal.len - HEAD) / FRAME >= ROWS);
    return k;
}

/* The rows it holds, or -1: refused. */
static int64_t opened(const struct copy *k, struct bytes wal)
{
    struct ctx *c = db_test_ctx();
    struct db *db = NULL;
    int64_t n = -1;
    assert_int_equal(sys_write_file(c, k->path, k->db, 0600), OK);
    assert_int_equal(sys_write_file(c, k->wal_path, wal, 0600), OK);
    assert_int_equal(sys_unlink(c, arena_printf(c->arena, "%s-shm", k->path)), OK);
    enum err e = db_open(c, k->url, &db);
    if (e) {
        assert_int_equal(e, ERR_DB_CORRUPT);
        assert_string_equal(c->faults[0].args[0], k->wal_path);
        assert_non_null(strstr(c->faults[0].args[1], "byte "));
    } else {
        assert_int_equal(db_read(c, db, count_work, &n), OK);
    }
    db_close(db);
    db_test_ctx_end(c);
    return n;
}

static void flip_body(struct db_world *w, void *arg)
{
    struct copy k = copy_of(w);
    uint8_t *wal = arena_alloc(w->c->arena, k.wal.len);
    size_t frames = (k.wal.len - HEAD) / FRAME, refused = 0, last = 0;
    (void)arg;
    assert_int_equal(opened(&k, k.wal), ROWS);
    for (size_t i = 0; i < frames; i++) {
        uint32_t chance;
        sys_random(&chance, sizeof chance);
        memcpy(wal, k.wal.ptr, k.wal.len);
        size_t in_frame = i % 4 == 0 ? chance % 24 : chance % FRAME; /* heads often */
        wal[HEAD + i * FRAME + in_frame] ^= (uint8_t)(1 << (chance >> 29));
        int64_t n = opened(&k, (struct bytes){wal, k.wal.len});
        refused += n < 0;
        last += n == ROWS - 1;
        assert_true(n < 0 || n >= ROWS - 1);
    }
    for (size_t i = 0; i < HEAD; i++) { /* the log's header */
        memcpy(wal, k.wal.ptr, k.wal.len);
        wal[i] ^= 1;
        assert_int_equal(opened(&k, (struct bytes){wal, k.wal.len}), -1);
    }
    assert_true(refused >= frames - 4 && last <= 4);
    print_message("figure C8 log_frames=%zu refused=%zu last_transaction=%zu lost=0\n", frames,
                  refused, last);
}

static void test_a_damaged_log_is_refused(void **state)
{
    (void)state;
    db_test_on(DB_SQLITE, schema, ARRAY_LEN(schema), flip_body, NULL);
}

/* What a power cut leaves of the last transaction is no damage. */
static void torn_body(struct db_world *w, void *arg)
{
    struct copy k = copy_of(w);
    uint8_t *wal = arena_alloc(w->c->arena, k.wal.len);
    (void)arg;
    for (size_t lost = 1; lost <= FRAME; lost += 512) {
        assert_int_equal(opened(&k, (struct bytes){k.wal.ptr, k.wal.len - lost}), ROWS - 1);
        memcpy(wal, k.wal.ptr, k.wal.len);
        memset(wal + k.wal.len - lost, 0, lost < 512 ? lost : 512);
        assert_true(opened(&k, (struct bytes){wal, k.wal.len}) >= ROWS - 1);
    }
    assert_int_equal(opened(&k, (struct bytes){k.wal.ptr, HEAD - 1}), 0);
}

static void test_a_torn_log_is_taken(void **state)
{
    (void)state;
    db_test_on(DB_SQLITE, schema, ARRAY_LEN(schema), torn_body, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_damaged_log_is_refused),
        cmocka_unit_test(test_a_torn_log_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
