/* SPDX-License-Identifier: Apache-2.0 */
/* A node into a backup and back; every way in which a backup may be no good. */
#include "test/harness/unit.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/backup.h"
#include "core/files.h"
#include "core/subject.h"
#include "test/harness/node_test.h"

#define PASSPHRASE "con cò bay lả bay la"
#define PDF        "%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
#define MAX_BYTES  (64 * 1024 * 1024)

static const char *in_dir(struct node_world *w, const char *name)
{
    return arena_printf(w->c->arena, "%s/%s", w->d->dir, name);
}

static void write_text(struct node_world *w, const char *path, const char *text)
{
    assert_int_equal(sys_write_file(w->c, path, bytes_of(text), 0600), OK);
}

static struct bytes read_back(struct node_world *w, const char *path)
{
    struct bytes b;
    assert_int_equal(sys_read_file(w->c, path, MAX_BYTES, &b), OK);
    return b;
}

static enum err act_work(struct ctx *c, void *arg)
{
    return audit_write(c, &(struct audit_act){"test.act", "thing", arg, NULL});
}

static enum err file_work(struct ctx *c, void *arg)
{
    const struct subject_wish wish = {.class = SUBJECT_DRAFT, .object = "d", .kind = ""};
    int64_t subject;
    enum err e = subject_of(c, &wish, &subject);
    return e ? e : file_add(c, arg, subject);
}

/* A data folder with a bit of everything, one attachment larger than a part. */
static void furnish(struct node_world *w, struct file *f)
{
    w->n->data_dir = in_dir(w, "data");
    assert_int_equal(sys_mkdir(w->c, w->n->data_dir, 0700), OK);
    assert_int_equal(sys_mkdir(w->c, in_dir(w, "data/keys"), 0700), OK);
    write_text(w, in_dir(w, "data/keys/root.key"), "the root key in hex\n");
    write_text(w, in_dir(w, "data/keys/empty.key"), "");
    write_text(w, in_dir(w, "data/node.json"), "{\"name\":\"h57\"}");
    write_text(w, in_dir(w, "data/federation.json"), "{}");
    struct buf big = buf_new(w->c->arena, MAX_BYTES);
    buf_text(&big, "%PDF-1.7\n");
    while (big.len < 5 * 1024 * 1024) /* comments: the opener's search for objects takes its time */
        buf_text(&big, "% con cò mà đi ăn đêm\n");
    buf_add(&big, PDF, sizeof PDF - 1);
    assert_int_equal(file_take(w->c, "f", "a.pdf", buf_bytes(&big), f), OK);
    assert_int_equal(do_write(w, file_work, f), OK);
    assert_int_equal(do_write(w, act_work, (void *)(uintptr_t) "one"), OK);
}

static enum err make(struct node_world *w, const char *to, const char *passphrase)
{
    struct backup_report r;
    ctx_clear_faults(w->c);
    return backup_make(w->c, w->n, in_dir(w, to), NULL, passphrase, &r);
}

static enum err restore(struct node_world *w, const char *from, const char *to,
                        const char *passphrase, struct backup_report *ret)
{
    ctx_clear_faults(w->c);
    return backup_restore(w->c, in_dir(w, from), NULL, in_dir(w, to), passphrase, ret);
}

static enum err verify_work(struct ctx *c, void *arg)
{
    return audit_verify(c, NULL, arg);
}

static void body_there_and_back(struct node_world *w, void *arg)
{
    (void)arg;
    struct file f;
    struct backup_report r;
    struct bytes content;
    struct audit_report audit;
    struct db *db;
    furnish(w, &f);
    assert_int_equal(make(w, "backup", PASSPHRASE), OK);
    assert_false(sys_exists(in_dir(w, "data/backup.tmp")));
    assert_int_equal(restore(w, "backup", "again", PASSPHRASE, &r), OK);
    assert_int_equal(r.files, 6);
    assert_true(r.parts > r.files);
    struct bytes key = read_back(w, in_dir(w, "again/keys/root.key"));
    assert_string_equal((const char *)key.ptr, "the root key in hex\n");
    assert_int_equal(read_back(w, in_dir(w, "again/keys/empty.key")).len, 0);
    w->n->data_dir = in_dir(w, "again");
    assert_int_equal(file_content(w->c, &f, &content), OK);
    assert_int_equal(content.len, f.bytes);
    const char *url = arena_printf(w->c->arena, "sqlite:%s", in_dir(w, "again/dinh.db"));
    assert_int_equal(db_open(w->c, url, &db), OK);
    assert_int_equal(db_read(w->c, db, verify_work, &audit), OK);
    assert_int_equal(audit.records, 1);
    assert_string_equal(audit.problem, "");
    db_close(db);
    /* nothing in the backup is readable */
    const char **names;
    size_t n;
    assert_int_equal(sys_list(w->c, in_dir(w, "backup"), &names, &n), OK);
    for (size_t i = 0; i < n; i++) {
        struct bytes b =
            read_back(w, arena_printf(w->c->arena, "%s/backup/%s", w->d->dir, names[i]));
        assert_null(memmem(b.ptr, b.len, "root key", 8));
        assert_null(memmem(b.ptr, b.len, "SQLite format", 13));
        assert_null(memmem(b.ptr, b.len, "root.key", 8));
    }
}

static void body_refused(struct node_world *w, void *arg)
{
    (void)arg;
    struct file f;
    struct backup_report r;
    furnish(w, &f);
    assert_int_equal(make(w, "short", "ngắn"), ERR_PASSPHRASE);
    assert_int_equal(make(w, "backup", PASSPHRASE), OK);
    assert_int_equal(make(w, "backup", PASSPHRASE), ERR_NOT_EMPTY); /* not over another */
    assert_int_equal(restore(w, "backup", "data", PASSPHRASE, &r), ERR_NOT_EMPTY);
    assert_int_equal(restore(w, "backup", "x", "một câu nào khác hẳn", &r), ERR_BACKUP);
    assert_string_equal(w->c->faults[0].field, "manifest");
    assert_int_equal(restore(w, "nowhere", "x", PASSPHRASE, &r), ERR_BACKUP);
    assert_false(sys_exists(in_dir(w, "x/node.json")));
    /* two parts change places */
    const char *one = in_dir(w, "backup/00000001.part"), *two = in_dir(w, "backup/00000002.part");
    struct bytes first = read_back(w, one), second = read_back(w, two);
    assert_int_equal(sys_write_file(w->c, one, second, 0600), OK);
    assert_int_equal(sys_write_file(w->c, two, first, 0600), OK);
    assert_int_equal(restore(w, "backup", "x", PASSPHRASE, &r), ERR_BACKUP);
    assert_int_equal(sys_write_file(w->c, one, first, 0600), OK);
    assert_int_equal(sys_write_file(w->c, two, second, 0600), OK);
    assert_int_equal(sys_unlink(w->c, two), OK);
    assert_int_equal(restore(w, "backup", "x", PASSPHRASE, &r), ERR_BACKUP);
    assert_true(text_ends(w->c->faults[0].field, "00000002.part"));
    /* refused before anything was written: the same folder does once the backup is whole */
    assert_int_equal(sys_write_file(w->c, two, second, 0600), OK);
    assert_int_equal(restore(w, "backup", "x", PASSPHRASE, &r), OK);
}

/* ---- subjects ---- */

#define AAD "core_access.line|%s"

struct planted {
    const char *object, *name;
    int64_t number;
};

static enum err plant_work(struct ctx *c, void *arg)
{
    struct planted *p = arg;
    struct bytes sealed;
    const struct subject_wish wish = {SUBJECT_CASE, p->object, "", ""};
    enum err e = subject_of(c, &wish, &p->number);
    if (!e)
        e = subject_seal_text(c, p->number, arena_printf(c->arena, AAD, p->object), p->name,
                              &sealed);
    return e ? e
             : db_exec(c, NULL,
                       "INSERT INTO core_access (id, person, at_us, line, look)"
                       " VALUES ($1, '', 0, $2, '')",
                       P_TEXT(p->object), P_BLOB(sealed));
}

static enum err line_of(struct ctx *c, const struct db_row *r, void *arg)
{
    const char **ret = arg;
    return subject_open_text(c, SECRET_ACCESS, arena_printf(c->arena, AAD, row_text(r, 0)),
                             row_blob(r, 1), ret);
}

struct wanted {
    const char *object, *text;
};

static enum err read_work(struct ctx *c, void *arg)
{
    struct wanted *x = arg;
    return db_each(c, line_of, &x->text, "SELECT id, line FROM core_access WHERE id = $1",
                   P_TEXT(x->object));
}

static enum err destroy_work(struct ctx *c, void *arg)
{
    return subject_destroy(c, ((struct planted *)arg)->number, "a law");
}

static enum err start_work(struct ctx *c, void *arg)
{
    return subjects_start(c, arg);
}

/* The node that was restored into the folder: what becomes of reading the object there. */
static enum err read_in(struct node_world *w, const char *folder, const char *object,
                        const char *wanted_text)
{
    struct node again = *w->n, *own = w->n;
    struct wanted x = {object, ""};
    struct audit_report audit;
    again.data_dir = in_dir(w, folder);
    again.subjects = NULL;
    const char *url = arena_printf(w->c->arena, "sqlite:%s/dinh.db", again.data_dir);
    assert_int_equal(db_open(w->c, url, &again.db), OK);
    w->c->node = w->n = &again;
    assert_int_equal(do_write(w, start_work, &again), OK);
    enum err e = do_read(w, read_work, &x);
    if (!e)
        assert_string_equal(x.text, wanted_text);
    assert_int_equal(do_read(w, verify_work, &audit), OK);
    assert_string_equal(audit.problem, "");
    subjects_stop(&again);
    db_close(again.db);
    w->c->node = w->n = own;
    return e;
}

/* Disposed of between two backups: unreadable in both, and whatever stays reads on. */
static void body_subjects(struct node_world *w, void *arg)
{
    (void)arg;
    struct file f;
    struct backup_report r;
    struct planted lan = {"A-1", "Nguyễn Thị Lan", 0}, minh = {"A-2", "Trần Quang Minh", 0};
    const char *keys = in_dir(w, "dinh-h57.subjects");
    furnish(w, &f);
    struct bytes own = read_back(w, in_dir(w, "keys/subjects.key"));
    assert_int_equal(sys_write_file(w->c, in_dir(w, "data/keys/subjects.key"), own, 0600), OK);
    subjects_stop(w->n);
    assert_int_equal(do_write(w, start_work, w->n), OK); /* in the folder that is backed up */
    assert_int_equal(do_write(w, plant_work, &lan), OK);
    assert_int_equal(do_write(w, plant_work, &minh), OK);
    assert_int_equal(make(w, "before", PASSPHRASE), OK);
    struct bytes old_keys = read_back(w, keys);
    assert_int_equal(do_write(w, destroy_work, &lan), OK);
    assert_int_equal(subjects_shred(w->c), OK);
    assert_int_equal(make(w, "after", PASSPHRASE), OK);
    const char *const backups[] = {"before", "after"};
    for (size_t i = 0; i < ARRAY_LEN(backups); i++) {
        const char *to = arena_printf(w->c->arena, "of-%s", backups[i]);
        assert_int_equal(restore(w, backups[i], to, PASSPHRASE, &r), OK);
        assert_int_equal(read_in(w, to, "A-1", ""), ERR_DISPOSED);
        assert_int_equal(read_in(w, to, "A-2", minh.name), OK);
        assert_int_equal(read_in(w, to, "A-1", ""), ERR_DISPOSED); /* and so it stays */
    }
    /* the control: with the keys' copy of before, which was written over, it would read */
    assert_int_equal(sys_write_file(w->c, keys, old_keys, 0600), OK);
    assert_int_equal(restore(w, "before", "control", PASSPHRASE, &r), OK);
    assert_int_equal(read_in(w, "control", "A-1", lan.name), OK);
    /* but not over a database that knows of the end */
    assert_int_equal(restore(w, "after", "late", PASSPHRASE, &r), OK);
    assert_int_equal(read_in(w, "late", "A-1", ""), ERR_DISPOSED);
    /* no keys, no restore */
    assert_int_equal(sys_unlink(w->c, keys), OK);
    assert_int_equal(restore(w, "after", "none", PASSPHRASE, &r), ERR_SUBJECT_KEYS);
    assert_false(sys_exists(in_dir(w, "none/node.json")));
    assert_int_equal(sys_write_file(w->c, keys, bytes_of("dinh-subjects-1\n"), 0600), OK);
    assert_int_equal(restore(w, "after", "none", PASSPHRASE, &r), ERR_SUBJECT_KEYS);
}

/* One bit anywhere in any file of the backup. */
static void body_bit_flip(struct node_world *w, void *arg)
{
    (void)arg;
    struct file f;
    struct backup_report r;
    const char **names;
    size_t n;
    furnish(w, &f);
    assert_int_equal(make(w, "backup", PASSPHRASE), OK);
    assert_int_equal(sys_list(w->c, in_dir(w, "backup"), &names, &n), OK);
    for (size_t i = 0; i < n; i++) {
        const char *path = arena_printf(w->c->arena, "%s/backup/%s", w->d->dir, names[i]);
        struct bytes good = read_back(w, path);
        uint8_t *bad = arena_alloc(w->c->arena, good.len);
        memcpy(bad, good.ptr, good.len);
        bad[good.len / 2] ^= 4;
        assert_int_equal(sys_write_file(w->c, path, (struct bytes){bad, good.len}, 0600), OK);
        assert_int_equal(restore(w, "backup", "x", PASSPHRASE, &r), ERR_BACKUP);
        assert_int_equal(sys_write_file(w->c, path, good, 0600), OK);
    }
    assert_int_equal(restore(w, "backup", "x", PASSPHRASE, &r), OK);
}

/* The disk fills on the way: an error, and what is there passes for no backup. */
static void body_disk_full(struct node_world *w, void *arg)
{
    (void)arg;
    struct file f;
    struct backup_report r;
    furnish(w, &f);
    if (!sys_fault_arm("write:3:ENOSPC:sticky"))
        return;
    assert_true(make(w, "backup", PASSPHRASE) != OK);
    assert_true(sys_fault_arm(NULL));
    assert_int_equal(restore(w, "backup", "x", PASSPHRASE, &r), ERR_BACKUP);
    assert_false(sys_exists(in_dir(w, "data/backup.tmp")));
}

#ifdef DINH_FAULTS
static int restore_that_dies(struct node_world *w, const char *plan)
{
    struct backup_report r;
    pid_t pid = fork();
    if (pid == 0)
        _exit(sys_fault_arm(plan) && restore(w, "backup", "x", PASSPHRASE, &r) == OK ? 0 : 1);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) || WIFEXITED(status));
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* Killed at its k-th write, folder, rename or removal: no node, and a restore over it is whole. */
static void body_killed(struct node_world *w, void *arg)
{
    (void)arg;
    static const char *const plans[] = {"mkdir:3:crash",  "write:1:crash",  "write:4:crash",
                                        "rename:1:crash", "rename:2:crash", "rename:4:crash",
                                        "unlink:1:crash"};
    struct file f;
    struct backup_report r;
    furnish(w, &f);
    assert_int_equal(make(w, "backup", PASSPHRASE), OK);
    for (size_t i = 0; i < ARRAY_LEN(plans); i++) {
        assert_int_equal(restore_that_dies(w, plans[i]), SIGKILL);
        assert_true(sys_exists(in_dir(w, "x/restoring")));
        assert_false(sys_exists(in_dir(w, "x/node.json")));
        assert_int_equal(restore(w, "backup", "x", PASSPHRASE, &r), OK);
        assert_true(sys_exists(in_dir(w, "x/dinh.db")));
        assert_true(sys_exists(in_dir(w, "x/keys/root.key")));
        assert_false(sys_exists(in_dir(w, "x/restoring")));
        ctx_clear_faults(w->c);
        assert_int_equal(sys_remove_tree(w->c, in_dir(w, "x")), OK);
    }
    /* what isn't a restore's own is never removed */
    assert_int_equal(sys_mkdir(w->c, in_dir(w, "x"), 0700), OK);
    assert_int_equal(sys_mkdir(w->c, in_dir(w, "x/restoring"), 0700), OK);
    write_text(w, in_dir(w, "x/mine"), "mine");
    assert_int_equal(restore(w, "backup", "x", PASSPHRASE, &r), ERR_NOT_EMPTY);
    assert_true(sys_exists(in_dir(w, "x/mine")));
}

/* One that fails leaves nothing. */
static void body_failed(struct node_world *w, void *arg)
{
    (void)arg;
    struct file f;
    struct backup_report r;
    furnish(w, &f);
    assert_int_equal(make(w, "backup", PASSPHRASE), OK);
    assert_true(sys_fault_arm("write:4:ENOSPC"));
    assert_int_equal(restore(w, "backup", "x", PASSPHRASE, &r), ERR_DISK_FULL);
    assert_true(sys_fault_arm(NULL));
    assert_false(sys_exists(in_dir(w, "x/restoring")));
    assert_int_equal(restore(w, "backup", "x", PASSPHRASE, &r), OK);
}
#endif

static void body_postgres(struct node_world *w, void *arg)
{
    (void)arg;
    struct file f;
    furnish(w, &f);
    assert_int_equal(make(w, "backup", PASSPHRASE), ERR_DB_BACKUP);
}

#define SQLITE_TEST(name)                                                                          \
    static void test_backup_##name(void **state)                                                   \
    {                                                                                              \
        (void)state;                                                                               \
        node_test_on(DB_SQLITE, NULL, 0, body_##name, NULL);                                       \
    }
SQLITE_TEST(there_and_back)
SQLITE_TEST(refused)
SQLITE_TEST(subjects)
SQLITE_TEST(bit_flip)
SQLITE_TEST(disk_full)
#ifdef DINH_FAULTS
SQLITE_TEST(killed)
SQLITE_TEST(failed)
#endif

static void test_backup_postgres(void **state)
{
    (void)state;
    node_test_on(DB_POSTGRES, NULL, 0, body_postgres, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_backup_there_and_back), cmocka_unit_test(test_backup_refused),
        cmocka_unit_test(test_backup_bit_flip),       cmocka_unit_test(test_backup_disk_full),
        cmocka_unit_test(test_backup_postgres),       cmocka_unit_test(test_backup_subjects),
#ifdef DINH_FAULTS
        cmocka_unit_test(test_backup_killed),         cmocka_unit_test(test_backup_failed),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
