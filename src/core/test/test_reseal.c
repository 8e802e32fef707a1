/* SPDX-License-Identifier: Apache-2.0 */
/* The root key gets a successor: what stood before still opens and is sealed anew step by step,
   through failures; then the old key is destroyed, and only then what it sealed is gone. */
#include "test/harness/unit.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "test/harness/root_keys.h"

#define ROWS  450 /* several steps of a column */
#define PLAIN "Nguyễn Thị Lan"
#define PLACE "core_reading_alert.reader|%s"
#define NAMED "012345678901"

struct world {
    struct node_world *w;
    struct key_place p;
    int64_t subject;
    struct bytes sealed;     /* under the subject's key, before */
    const char *named, *hex; /* a name given before; the first root key */
};

/* ---- keys ---- */

static enum err start(struct world *x)
{
    return root_keys_start(x->w, &x->p);
}

static void rotate(struct world *x, uint32_t number)
{
    root_keys_rotate(x->w, &x->p, number);
}

static struct bytes root_file(struct world *x)
{
    struct bytes in;
    const char *path = arena_printf(x->w->c->arena, "%s/root.key", x->p.dir);
    assert_int_equal(sys_read_file(x->w->c, path, 16384, &in), OK);
    return in;
}

static void put_root_file(struct world *x, struct bytes in)
{
    const char *path = arena_printf(x->w->c->arena, "%s/root.key", x->p.dir);
    assert_int_equal(sys_write_file(x->w->c, path, in, 0600), OK);
}

/* ---- data ---- */

static enum err fill_work(struct ctx *c, void *arg)
{
    struct world *x = arg;
    const struct subject_wish wish = {SUBJECT_CASE, "case-1", "1.001193", ""};
    enum err e = subject_of(c, &wish, &x->subject);
    if (!e)
        e = subject_seal_text(c, x->subject, "thing|1", PLAIN, &x->sealed);
    for (int i = 0; i < ROWS && !e; i++) {
        const char *id = arena_printf(c->arena, "alert-%04d", i);
        struct bytes none = {NULL, 0},
                     reader = secret_seal(c, SECRET_ACCESS, arena_printf(c->arena, PLACE, id),
                                          bytes_of(PLAIN));
        e = db_exec(c, NULL,
                    "INSERT INTO core_reading_alert (id, account, unit, role, kind, span, level,"
                    " n, most, usual, at_us, reader, resolver, resolved_us, words)"
                    " VALUES ($1, $1, '', '', 'hour', 1, 1, 1, 1, 1, 1, $2, '', 0, $3)",
                    P_TEXT(id), P_BLOB(reader), P_BLOB(none));
    }
    x->named = secret_token(c, SECRET_PERSON, NAMED);
    return e;
}

struct seen {
    int opened, anew;
};

static enum err see(struct ctx *c, const struct db_row *r, void *arg)
{
    struct seen *s = arg;
    const char *text;
    enum err e = secret_open_text(c, SECRET_ACCESS, arena_printf(c->arena, PLACE, row_text(r, 0)),
                                  row_blob(r, 1), &text);
    s->opened += !e && text_eq(text, PLAIN);
    s->anew += keeper_sealed_under(row_blob(r, 1)) > 1;
    ctx_clear_faults(c);
    return OK;
}

static enum err see_work(struct ctx *c, void *arg)
{
    return db_each(c, see, arg, "SELECT id, reader FROM core_reading_alert");
}

static struct seen seen(struct world *x)
{
    struct seen s = {0, 0};
    assert_int_equal(do_read(x->w, see_work, &s), OK);
    return s;
}

/* What the node holds, as who uses it sees it. */
static void reads_all(struct world *x)
{
    const char *text;
    struct ctx *c = x->w->c;
    assert_int_equal(seen(x).opened, ROWS);
    assert_string_equal(secret_token(c, SECRET_PERSON, NAMED), x->named);
    assert_int_equal(subject_open_text(c, SECRET_SUBJECT, "thing|1", x->sealed, &text), OK);
    assert_string_equal(text, PLAIN);
}

static struct reseal_progress progress(struct world *x)
{
    return root_keys_told(x->w);
}

static int steps_until_done(struct world *x)
{
    int n = 0;
    while (progress(x).done < progress(x).columns) {
        assert_int_equal(reseal_step(x->w->c), OK);
        assert_true(++n < 100);
    }
    return n;
}

/* ---- tests ---- */

static void begin(struct node_world *w, struct world *x)
{
    *x = (struct world){.w = w};
    x->hex = root_keys_plant(w, &x->p);
    root_keys_use(w, &x->p);
    assert_int_equal(do_write(w, fill_work, x), OK);
    reads_all(x);
}

static void succeeded(struct node_world *w, void *arg)
{
    struct world x;
    (void)arg;
    begin(w, &x);
    struct bytes first = root_file(&x);
    assert_int_equal(do_read(w, root_keys_check, NULL), OK); /* one root key: nothing is old */
    rotate(&x, 2);
    assert_int_equal(start(&x), OK);
    reads_all(&x);
    struct bytes fresh = secret_seal(w->c, SECRET_ACCESS, "x", bytes_of(PLAIN));
    assert_int_equal(keeper_sealed_under(fresh), 2);
    assert_int_equal(seen(&x).anew, 0);
    assert_int_equal(do_read(w, root_keys_check, NULL), ERR_KEY_STANDS);
    for (int i = 0; !seen(&x).anew; i++) { /* some way, then killed */
        assert_true(i < 20);
        assert_int_equal(reseal_step(w->c), OK);
    }
    int half = seen(&x).anew;
    assert_true(half > 0 && half < ROWS);
    assert_int_equal(start(&x), OK);
    reads_all(&x);
    assert_true(steps_until_done(&x) > 1);
    assert_int_equal(seen(&x).anew, ROWS);
    assert_int_equal(progress(&x).anew, ROWS); /* none twice */
    assert_int_equal(do_read(w, root_keys_check, NULL), OK);
    reads_all(&x);

    /* a backup of before: its key, the newest tree */
    struct bytes both = root_file(&x);
    put_root_file(&x, first);
    subjects_stop(w->n);
    keeper_end(w->n->keeper);
    assert_int_equal(keeper_open(w->c, &x.p, &w->n->keeper), OK);
    assert_int_equal(do_write(w, root_keys_begin, w->n),
                     ERR_KEY_OTHER); /* this database is newer */
    put_root_file(&x, both);
    assert_int_equal(start(&x), OK);
}

static enum err forget_work(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "DELETE FROM core_key WHERE name <> 'root'");
}

static void retired(struct node_world *w, void *arg)
{
    struct world x;
    size_t n;
    (void)arg;
    begin(w, &x);
    struct bytes old = secret_seal(w->c, SECRET_ACCESS, "x", bytes_of(PLAIN)), plain;
    rotate(&x, 2);
    assert_int_equal(start(&x), OK);
    steps_until_done(&x);
    struct bytes file = root_file(&x);
    assert_non_null(memmem(file.ptr, file.len, x.hex, 64));
    assert_true(secret_opens(w->c, SECRET_ACCESS, "x", old, &plain));
    assert_int_equal(keeper_retire(w->c, &x.p, &n), OK);
    assert_int_equal(n, 1);
    file = root_file(&x);
    assert_null(memmem(file.ptr, file.len, x.hex, 64));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(start(&x), OK);
        reads_all(&x);
        assert_false(secret_opens(w->c, SECRET_ACCESS, "x", old, &plain));
    }
    rotate(&x, 3); /* and on */
    assert_int_equal(start(&x), OK);
    reads_all(&x);
    steps_until_done(&x);
    assert_int_equal(keeper_retire(w->c, &x.p, &n), OK);
    assert_int_equal(start(&x), OK);
    reads_all(&x);
    assert_int_equal(do_write(w, forget_work, NULL), OK); /* a database of before them */
    assert_int_equal(start(&x), ERR_KEY_OTHER);
}

static enum err old_work(struct ctx *c, void *arg)
{
    struct world *x = arg;
    enum err e = db_exec(c, NULL, "DELETE FROM core_key WHERE name <> 'root'");
    return e ? e : root_keys_begin(c, x->w->n);
}

/* A backup of before, restored with the copy of the subjects' keys as it is now. */
static void restored(struct node_world *w, void *arg)
{
    struct world x;
    const char *text;
    (void)arg;
    begin(w, &x);
    struct bytes first = root_file(&x);
    rotate(&x, 2);
    assert_int_equal(start(&x), OK);
    put_root_file(&x, first);
    subjects_stop(w->n);
    keeper_end(w->n->keeper);
    assert_int_equal(keeper_open(w->c, &x.p, &w->n->keeper), OK);
    assert_int_equal(do_write(w, old_work, &x), OK);
    assert_int_equal(subject_open_text(w->c, SECRET_SUBJECT, "thing|1", x.sealed, &text), OK);
    assert_string_equal(text, PLAIN);
}

/* ---- what stays is told ---- */

static enum err line_work(struct ctx *c, void *arg)
{
    struct bytes line = secret_seal(c, SECRET_ACCESS, "x", bytes_of(PLAIN));
    (void)arg;
    return db_exec(
        c, NULL, "INSERT INTO core_access (id, person, at_us, line) VALUES ('line-1', 'p', 1, $1)",
        P_BLOB(line));
}

static enum err unline_work(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "DELETE FROM core_access WHERE id = 'line-1'");
}

static enum err standing_work(struct ctx *c, void *arg)
{
    return reseal_standing(c, arg);
}

static void tells(struct world *x, const char *standing, int64_t stands, bool whole)
{
    const char *said = NULL;
    struct reseal_progress p = progress(x);
    assert_int_equal(do_read(x->w, standing_work, (void *)&said), OK);
    assert_string_equal(said, standing);
    assert_int_equal(p.stands, stands);
    assert_int_equal(p.whole, whole);
}

static void told(struct node_world *w, void *arg)
{
    struct world x;
    (void)arg;
    begin(w, &x);
    assert_int_equal(do_write(w, line_work, NULL), OK);
    assert_int_equal(progress(&x).older, 0);
    tells(&x, "", 0, true); /* one root key: nothing is old */
    rotate(&x, 2);
    assert_int_equal(start(&x), OK);
    assert_int_equal(progress(&x).older, 1);
    assert_int_equal(progress(&x).at_us, 0);
    tells(&x, "", 0, false);
    root_keys_settle(w);
    assert_int_equal(progress(&x).done, progress(&x).columns);
    assert_int_equal(progress(&x).at_us, w->c->now_us);
    tells(&x, "core_access.line 1", 1, true);
    assert_int_equal(do_read(w, root_keys_check, NULL), ERR_KEY_STANDS);

    /* disposed of: counted again an hour later, not before */
    assert_int_equal(do_write(w, unline_work, NULL), OK);
    clock_by(w, 59 * MINUTE_US);
    assert_int_equal(reseal_step(w->c), OK);
    tells(&x, "core_access.line 1", 1, true);
    clock_by(w, MINUTE_US);
    assert_int_equal(reseal_step(w->c), OK);
    root_keys_settle(w);
    tells(&x, "", 0, true);
    assert_int_equal(do_read(w, root_keys_check, NULL), OK);
    size_t n;
    assert_int_equal(keeper_retire(w->c, &x.p, &n), OK);
    assert_int_equal(start(&x), OK);
    assert_int_equal(progress(&x).older, 0);
    tells(&x, "", 0, true);
}

/* What doesn't open holds the job up: it says so, and the time of the last step stands. */
static enum err break_work(struct ctx *c, void *arg)
{
    (void)arg;
    return db_exec(c, NULL, "UPDATE core_reading_alert SET reader = $1 WHERE id = 'alert-0000'",
                   P_BLOB(((struct bytes){(const uint8_t *)"\1damaged", 8})));
}

static void held_up(struct node_world *w, void *arg)
{
    struct world x;
    enum err e = OK;
    (void)arg;
    begin(w, &x);
    assert_int_equal(do_write(w, break_work, NULL), OK);
    rotate(&x, 2);
    assert_int_equal(start(&x), OK);
    for (int i = 0; i < 100 && !e; i++)
        e = reseal_step(w->c);
    assert_int_equal(e, ERR_SEALED);
    int64_t at_us = progress(&x).at_us;
    clock_by(w, HOUR_US);
    assert_int_equal(reseal_step(w->c), ERR_SEALED);
    assert_int_equal(progress(&x).at_us, at_us);
    tells(&x, "", 0, false);
}

static void test_reseal_tells_what_stays(void **state)
{
    (void)state;
    node_test(NULL, 0, told, NULL);
}

static void test_reseal_tells_that_it_stands_still(void **state)
{
    (void)state;
    node_test(NULL, 0, held_up, NULL);
}

static void test_reseal_after_a_new_root_key(void **state)
{
    (void)state;
    node_test(NULL, 0, succeeded, NULL);
}

static void test_reseal_then_the_old_root_key_is_gone(void **state)
{
    (void)state;
    node_test(NULL, 0, retired, NULL);
}

static void test_reseal_backup_of_before(void **state)
{
    (void)state;
    node_test(NULL, 0, restored, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reseal_after_a_new_root_key),
        cmocka_unit_test(test_reseal_then_the_old_root_key_is_gone),
        cmocka_unit_test(test_reseal_backup_of_before),
        cmocka_unit_test(test_reseal_tells_what_stays),
        cmocka_unit_test(test_reseal_tells_that_it_stands_still),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
