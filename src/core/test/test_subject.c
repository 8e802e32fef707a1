/* SPDX-License-Identifier: Apache-2.0 */
/* A key a subject: sealed data opens in its place only, and nowhere once the key is destroyed. */
#include "test/harness/unit.h"

#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/audit.h"
#include "core/jobs.h"
#include "core/subject.h"
#include "test/harness/node_test.h"

#define AAD  "thing.name|1"
#define NAME "Nguyễn Thị Lan"

struct made {
    struct subject_wish wish;
    int64_t number;
};

static enum err of_work(struct ctx *c, void *arg)
{
    struct made *m = arg;
    return subject_of(c, &m->wish, &m->number);
}

static int64_t number_of(struct node_world *w, enum subject_class class, const char *object)
{
    struct made m = {.wish = {class, object, "1.001193", ""}};
    assert_int_equal(do_write(w, of_work, &m), OK);
    return m.number;
}

static struct bytes sealed(struct node_world *w, int64_t number)
{
    struct bytes out;
    assert_int_equal(subject_seal_text(w->c, number, AAD, NAME, &out), OK);
    assert_int_equal(subject_sealed_under(out), number);
    assert_null(memmem(out.ptr, out.len, NAME, strlen(NAME)));
    return out;
}

static enum err opened(struct node_world *w, const char *aad, struct bytes in, const char **ret)
{
    ctx_clear_faults(w->c);
    return subject_open_text(w->c, SECRET_CASE, aad, in, ret);
}

static enum err destroy_work(struct ctx *c, void *arg)
{
    return subject_destroy(c, *(int64_t *)arg, "Luật số 1");
}

static enum err start_work(struct ctx *c, void *arg)
{
    return subjects_start(c, arg);
}

/* The node ends and starts again. */
static enum err again(struct node_world *w)
{
    subjects_stop(w->n);
    return do_write(w, start_work, w->n);
}

static void body_places(struct node_world *w, void *arg)
{
    (void)arg;
    const char *text;
    int64_t one = number_of(w, SUBJECT_CASE, "A-1"), two = number_of(w, SUBJECT_CASE, "A-2");
    assert_int_equal(number_of(w, SUBJECT_CASE, "A-1"), one);
    assert_true(one != two && number_of(w, SUBJECT_DRAFT, "A-1") != one);
    struct bytes in = sealed(w, one);
    assert_int_equal(opened(w, AAD, in, &text), OK);
    assert_string_equal(text, NAME);
    assert_int_equal(opened(w, "thing.name|2", in, &text), ERR_SEALED);
    assert_int_equal(opened(w, "thing.other|1", in, &text), ERR_SEALED);
    /* as another's: its number in front */
    uint8_t *moved = arena_alloc(w->c->arena, in.len);
    memcpy(moved, in.ptr, in.len);
    memcpy(moved, sealed(w, two).ptr, 9);
    assert_int_equal(opened(w, AAD, (struct bytes){moved, in.len}, &text), ERR_SEALED);
    /* cut short: no subject's, and no column's either */
    assert_int_equal(opened(w, AAD, (struct bytes){in.ptr, 9}, &text), ERR_SEALED);
    /* what a column's key sealed still opens */
    struct bytes before = secret_seal_text(w->c, SECRET_CASE, AAD, NAME);
    assert_int_equal(subject_sealed_under(before), 0);
    assert_int_equal(opened(w, AAD, before, &text), OK);
    assert_string_equal(text, NAME);
    assert_int_equal(opened(w, AAD, (struct bytes){NULL, 0}, &text), OK);
    assert_string_equal(text, "");
    /* nothing of it hangs on this run */
    assert_int_equal(again(w), OK);
    assert_int_equal(opened(w, AAD, in, &text), OK);
}

static enum err verify_work(struct ctx *c, void *arg)
{
    return audit_verify(c, NULL, arg);
}

static void body_destroyed(struct node_world *w, void *arg)
{
    (void)arg;
    const char *text;
    struct audit_report r;
    int64_t one = number_of(w, SUBJECT_CASE, "A-1"), two = number_of(w, SUBJECT_CASE, "A-2");
    struct bytes in = sealed(w, one), other = sealed(w, two);
    assert_int_equal(do_write(w, destroy_work, &one), OK);
    assert_int_equal(opened(w, AAD, in, &text), OK); /* decided; the job does it */
    assert_int_equal(jobs_run_due(w->c), OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(opened(w, AAD, in, &text), ERR_DISPOSED);
        assert_int_equal(opened(w, AAD, other, &text), OK);
        assert_string_equal(text, NAME);
        assert_false(subject_lives(w->c, one));
        assert_true(subject_lives(w->c, two) && subject_lives(w->c, 0));
        assert_int_equal(again(w), OK);
    }
    struct made m = {.wish = {SUBJECT_CASE, "A-1", "", ""}};
    assert_int_equal(do_write(w, of_work, &m), ERR_DISPOSED); /* no second key for it */
    assert_int_equal(do_write(w, destroy_work, &one), OK);    /* done already */
    int64_t nobody = 1;
    assert_int_equal(do_write(w, destroy_work, &nobody), ERR_NOT_FOUND);
    assert_int_equal(do_read(w, verify_work, &r), OK);
    assert_int_equal(r.records, 1);
    assert_string_equal(r.problem, "");
}

/* Killed when the file is written and the database doesn't know: the next round, or the next start,
   goes on. */
static void body_killed(struct node_world *w, void *arg)
{
    (void)arg;
    const char *text;
    int64_t one = number_of(w, SUBJECT_CASE, "A-1");
    struct bytes in = sealed(w, one);
    assert_int_equal(do_write(w, destroy_work, &one), OK);
    if (sys_fault_arm("point:subjects.shred.after:1:fail")) {
        assert_int_equal(subjects_shred(w->c), ERR_IO);
        assert_true(sys_fault_arm(NULL));
        assert_int_equal(opened(w, AAD, in, &text), OK);
    }
    assert_int_equal(again(w), OK);
    assert_int_equal(opened(w, AAD, in, &text), ERR_DISPOSED);
    assert_int_equal(subjects_shred(w->c), OK);
}

/* An older copy of the file comes back: what the database says is destroyed goes out of it again;
   an older database with the newer file reads no more of it, and gives none of those numbers. */
static void body_older_copies(struct node_world *w, void *arg)
{
    (void)arg;
    const char *text, *path = arena_printf(w->c->arena, "%s/keys/subjects.key", w->n->data_dir);
    struct bytes older, newer;
    int64_t one = number_of(w, SUBJECT_CASE, "A-1"), two = number_of(w, SUBJECT_CASE, "A-2");
    struct bytes in = sealed(w, one);
    assert_int_equal(sys_read_file(w->c, path, 1 << 20, &older), OK);
    assert_int_equal(do_write(w, destroy_work, &one), OK);
    assert_int_equal(do_write(w, destroy_work, &two), OK);
    assert_int_equal(subjects_shred(w->c), OK);
    assert_int_equal(sys_read_file(w->c, path, 1 << 20, &newer), OK);
    assert_int_equal(sys_write_file(w->c, path, older, 0600), OK);
    assert_int_equal(again(w), OK);
    assert_int_equal(opened(w, AAD, in, &text), ERR_DISPOSED);
    assert_int_equal(sys_write_file(w->c, path, newer, 0600), OK);
    assert_int_equal(again(w), OK);
    assert_int_equal(opened(w, AAD, in, &text), ERR_DISPOSED);
}

static enum err roll_back(struct ctx *c, void *arg)
{
    (void)arg;
    enum err e = db_exec(c, NULL, "UPDATE core_subject SET destroyed_us = 0, shredded_us = 0");
    if (!e)
        e = db_exec(c, NULL, "DELETE FROM core_subject WHERE object = 'A-2'");
    if (!e)
        e = db_exec(c, NULL, "UPDATE core_counter SET value = 1 WHERE name = 'subject'");
    return e;
}

static void body_older_database(struct node_world *w, void *arg)
{
    (void)arg;
    const char *text;
    int64_t one = number_of(w, SUBJECT_CASE, "A-1"), two = number_of(w, SUBJECT_CASE, "A-2");
    struct bytes in = sealed(w, one);
    assert_int_equal(do_write(w, destroy_work, &one), OK);
    assert_int_equal(do_write(w, destroy_work, &two), OK);
    assert_int_equal(subjects_shred(w->c), OK);
    assert_int_equal(do_write(w, roll_back, NULL), OK);
    assert_int_equal(opened(w, AAD, in, &text), ERR_DISPOSED);
    assert_int_equal(again(w), OK);
    struct made m = {.wish = {SUBJECT_CASE, "A-1", "", ""}};
    assert_int_equal(do_write(w, of_work, &m), ERR_DISPOSED);
    assert_true(number_of(w, SUBJECT_CASE, "A-3") > two);
    (void)sealed(w, number_of(w, SUBJECT_CASE, "A-3"));
}

static void body_no_file(struct node_world *w, void *arg)
{
    (void)arg;
    const char *path = arena_printf(w->c->arena, "%s/keys/subjects.key", w->n->data_dir);
    struct bytes own;
    assert_int_equal(sys_read_file(w->c, path, 1 << 20, &own), OK);
    assert_int_equal(sys_unlink(w->c, path), OK);
    assert_int_equal(again(w), OK); /* nobody has a key yet: a new one */
    (void)number_of(w, SUBJECT_CASE, "A-1");
    assert_int_equal(sys_unlink(w->c, path), OK);
    assert_int_equal(again(w), ERR_SUBJECT_KEYS);
    assert_int_equal(sys_write_file(w->c, path, bytes_of("DKT1"), 0600), OK);
    assert_int_equal(again(w), ERR_SUBJECT_KEYS);
}

#define BODY(name)                                                                                 \
    static void test_subject_##name(void **state)                                                  \
    {                                                                                              \
        (void)state;                                                                               \
        node_test(NULL, 0, body_##name, NULL);                                                     \
    }
BODY(places)
BODY(destroyed)
BODY(killed)
BODY(older_copies)
BODY(older_database)
BODY(no_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subject_places),         cmocka_unit_test(test_subject_destroyed),
        cmocka_unit_test(test_subject_killed),         cmocka_unit_test(test_subject_older_copies),
        cmocka_unit_test(test_subject_older_database), cmocka_unit_test(test_subject_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
