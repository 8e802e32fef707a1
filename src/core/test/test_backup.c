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
    return file_add(c, arg);
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
    while (big.len < 5 * 1024 * 1024)
        buf_add(&big, PDF, sizeof PDF - 1);
    assert_int_equal(file_take(w->c, "f", "a.pdf", buf_bytes(&big), f), OK);
    assert_int_equal(do_write(w, file_work, f), OK);
    assert_int_equal(do_write(w, act_work, (void *)(uintptr_t) "one"), OK);
}

static enum err make(struct node_world *w, const char *to, const char *passphrase)
{
    struct backup_report r;
    ctx_clear_faults(w->c);
    return backup_make(w->c, w->n, in_dir(w, to), passphrase, &r);
}

static enum err restore(struct node_world *w, const char *from, const char *to,
                        const char *passphrase, struct backup_report *ret)
{
    ctx_clear_faults(w->c);
    return backup_restore(w->c, in_dir(w, from), in_dir(w, to), passphrase, ret);
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
        cmocka_unit_test(test_backup_postgres),
#ifdef DINH_FAULTS
        cmocka_unit_test(test_backup_killed),         cmocka_unit_test(test_backup_failed),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
