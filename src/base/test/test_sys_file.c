/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test/support.h"

#include <signal.h>

#include "base/sys.h"

#include <sys/resource.h>
#include <sys/stat.h>

static struct ctx c;
static char *folder;

static int begin(void **state)
{
    (void)state;
    c = ctx_begin();
    folder = folder_begin();
    return 0;
}

static int end(void **state)
{
    (void)state;
    assert_true(sys_fault_arm(NULL));
    folder_end(folder);
    ctx_end(&c);
    return 0;
}

static const char *in_folder(const char *name)
{
    return arena_printf(c.arena, "%s/%s", folder, name);
}

static void expect_content(const char *path, const char *want)
{
    struct bytes got;
    assert_int_equal(sys_read_file(&c, path, 1 << 20, &got), OK);
    assert_int_equal(got.len, strlen(want));
    assert_string_equal((const char *)got.ptr, want); /* a NUL follows */
}

static size_t files_in_folder(void)
{
    const char **names;
    size_t n;
    assert_int_equal(sys_list(&c, folder, &names, &n), OK);
    return n;
}

static void test_written_whole_with_its_mode(void **state)
{
    (void)state;
    const char *path = in_folder("a");
    struct stat st;
    umask(077); /* the mode asked for holds whatever the umask */
    assert_int_equal(sys_write_file(&c, path, bytes_of("một"), 0644), OK);
    expect_content(path, "một");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    assert_false(sys_is_private(path));
    assert_int_equal(sys_write_file(&c, path, bytes_of(""), 0600), OK);
    assert_true(sys_is_private(path));
    assert_true(sys_is_private(in_folder("absent")));
    expect_content(path, "");
    assert_int_equal(files_in_folder(), 1);
}

static void test_large_file_and_its_bound(void **state)
{
    (void)state;
    size_t size = 300000;
    char *big = arena_alloc(c.arena, size + 1);
    memset(big, 'x', size);
    const char *path = in_folder("big");
    assert_int_equal(sys_write_file(&c, path, (struct bytes){(uint8_t *)big, size}, 0600), OK);
    struct bytes got;
    assert_int_equal(sys_read_file(&c, path, size, &got), OK);
    assert_int_equal(got.len, size);
    assert_memory_equal(got.ptr, big, size);
    assert_int_equal(sys_read_file(&c, path, size - 1, &got), ERR_TOO_LONG);
    expect_fault(&c, ERR_TOO_LONG, path);
    assert_int_equal(sys_read_file(&c, path, 0, &got), ERR_TOO_LONG);
    expect_fault(&c, ERR_TOO_LONG, path);
}

static void test_files_without_a_size_are_read(void **state)
{
    (void)state;
    struct bytes got;
    assert_int_equal(sys_read_file(&c, "/proc/self/maps", 1 << 22, &got), OK);
    assert_true(got.len > 100);
    assert_int_equal(sys_read_file(&c, "/proc/self/maps", 50, &got), ERR_TOO_LONG);
    expect_fault(&c, ERR_TOO_LONG, "/proc/self/maps");
}

static void test_what_is_absent(void **state)
{
    (void)state;
    struct bytes got;
    const char *path = in_folder("none"), *deep = in_folder("no/such/place");
    assert_int_equal(sys_read_file(&c, path, 10, &got), ERR_NOT_FOUND);
    assert_string_equal(c.faults[0].args[0], "ENOENT");
    expect_fault(&c, ERR_NOT_FOUND, path);
    assert_int_equal(sys_write_file(&c, deep, bytes_of("x"), 0600), ERR_NOT_FOUND);
    expect_fault(&c, ERR_NOT_FOUND, deep);
    assert_int_equal(sys_unlink(&c, path), OK);
    assert_false(sys_exists(path));
    const char **names;
    size_t n;
    assert_int_equal(sys_list(&c, path, &names, &n), ERR_NOT_FOUND);
    expect_fault(&c, ERR_NOT_FOUND, path);
}

static void test_folders(void **state)
{
    (void)state;
    const char *dir = in_folder("d");
    assert_int_equal(sys_mkdir(&c, dir, 0700), OK);
    assert_int_equal(sys_mkdir(&c, dir, 0700), OK);
    const char *file = in_folder("d/file");
    assert_int_equal(sys_write_file(&c, file, bytes_of("x"), 0600), OK);
    assert_int_equal(sys_mkdir(&c, file, 0700), ERR_IO); /* there, but no folder */
    expect_fault(&c, ERR_IO, file);
    for (int i = 40; i > 0; i--) {
        const char *path = arena_printf(c.arena, "%s/%02d", dir, i);
        assert_int_equal(sys_write_file(&c, path, bytes_of("x"), 0600), OK);
    }
    const char **names;
    size_t n;
    assert_int_equal(sys_list(&c, dir, &names, &n), OK);
    assert_int_equal(n, 41);
    for (size_t i = 1; i < n; i++)
        assert_true(strcmp(names[i - 1], names[i]) < 0);
    assert_int_equal(sys_unlink(&c, file), OK);
    assert_false(sys_exists(file));
}

static void lock_again(void)
{
    struct ctx child = ctx_begin();
    int lock = 0;
    enum err e = sys_lock_dir(&child, folder, &lock);
    _exit(e == ERR_CONFLICT ? 7 : 8);
}

static void lock_and_die(void)
{
    struct ctx child = ctx_begin();
    int lock = 0;
    if (sys_lock_dir(&child, folder, &lock) != OK)
        _exit(8);
    kill(getpid(), SIGKILL);
}

static void test_one_process_per_folder(void **state)
{
    (void)state;
    assert_true(dies_of(SIGKILL, lock_and_die)); /* a killed node leaves no lock behind */
    int lock = 0;
    assert_int_equal(sys_lock_dir(&c, folder, &lock), OK);
    assert_int_equal(WEXITSTATUS(status_of(lock_again)), 7);
    sys_unlock(lock);
    assert_int_equal(WEXITSTATUS(status_of(lock_again)), 8); /* free again */
}

/* A real limit, no plan: the kernel writes a part, then refuses with EFBIG. */
static void write_past_a_limit(void)
{
    struct ctx child = ctx_begin();
    static uint8_t big[100000];
    const char *path = arena_printf(child.arena, "%s/limited", folder);
    if (sys_write_file(&child, path, bytes_of("old"), 0600) != OK)
        _exit(8);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {50000, 50000};
    setrlimit(RLIMIT_FSIZE, &limit);
    enum err e = sys_write_file(&child, path, (struct bytes){big, sizeof big}, 0600);
    struct bytes got;
    bool old = sys_read_file(&child, path, 100, &got) == OK && got.len == 3;
    _exit(e == ERR_IO && old ? 7 : 9);
}

static void test_short_write_leaves_the_old_file(void **state)
{
    (void)state;
    assert_int_equal(WEXITSTATUS(status_of(write_past_a_limit)), 7);
    assert_int_equal(files_in_folder(), 1);
}

#ifdef DINH_FAULTS
/* Every way a write can break leaves the old content and no litter; then it works again. */
static void test_broken_write_leaves_the_old_file(void **state)
{
    (void)state;
    static const struct {
        const char *plan;
        enum err want;
    } ROWS[] = {
        {"open:1:EACCES", ERR_IO},          {"open:1:EROFS", ERR_READ_ONLY},
        {"write:1:ENOSPC", ERR_DISK_FULL},  {"write:1:EDQUOT", ERR_DISK_FULL},
        {"write:1:EIO:sticky", ERR_IO},     {"fsync:1:EIO", ERR_IO},
        {"rename:1:ENOSPC", ERR_DISK_FULL}, {"point:sys.write_file.before_rename:1:fail", ERR_IO},
    };
    const char *path = in_folder("a");
    assert_int_equal(sys_write_file(&c, path, bytes_of("cũ"), 0600), OK);
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        assert_true(sys_fault_arm(ROWS[i].plan));
        assert_int_equal(sys_write_file(&c, path, bytes_of("mới"), 0600), ROWS[i].want);
        assert_true(sys_fault_arm(NULL));
        expect_fault(&c, ROWS[i].want, path);
        expect_content(path, "cũ");
        assert_int_equal(files_in_folder(), 1);
    }
    assert_int_equal(sys_write_file(&c, path, bytes_of("mới"), 0600), OK);
    expect_content(path, "mới");
}

static void test_interrupted_calls_are_repeated(void **state)
{
    (void)state;
    const char *path = in_folder("a");
    assert_true(sys_fault_arm("open:1:EINTR,open:2:EINTR,write:1:EINTR,read:1:EINTR"));
    assert_int_equal(sys_write_file(&c, path, bytes_of("x"), 0600), OK);
    expect_content(path, "x");
    assert_true(sys_fault_calls(SYS_WRITE) == 2 && sys_fault_calls(SYS_OPEN) == 5);
}

static void test_failed_folder_sync_is_told(void **state)
{
    (void)state;
    const char *path = in_folder("a");
    assert_true(sys_fault_arm("fsync:2:EIO"));
    assert_int_equal(sys_write_file(&c, path, bytes_of("mới"), 0600), ERR_IO);
    expect_fault(&c, ERR_IO, path);
    expect_content(path, "mới"); /* whole, though perhaps not yet durable */
    assert_true(sys_sync_failed());
}

static void test_after_a_failed_sync_none_is_believed(void **state)
{
    (void)state;
    const char *path = in_folder("a");
    assert_true(sys_fault_arm("fsync:1:EIO"));
    assert_int_equal(sys_write_file(&c, path, bytes_of("một"), 0600), ERR_IO);
    assert_int_equal(sys_write_file(&c, in_folder("b"), bytes_of("hai"), 0600), ERR_IO);
    assert_int_equal(sys_sync_name(&c, path), ERR_IO);
    assert_int_equal(sys_append_file(&c, in_folder("c"), bytes_of("ba"), 0600, true), ERR_IO);
    assert_int_equal(sys_fault_calls(SYS_FSYNC), 1); /* and none is tried again */
    assert_true(sys_fault_arm(NULL));
    assert_false(sys_sync_failed());
}

/* What each change asks the disk to keep; the power cuts of test/stories/cuts.py hold it to that.
 */
static void expect_syncs(enum err e, int64_t n)
{
    assert_int_equal(e, OK);
    assert_int_equal(sys_fault_calls(SYS_FSYNC), n);
    assert_true(sys_fault_arm(NULL));
}

static void test_every_change_of_a_folder_is_synced(void **state)
{
    (void)state;
    struct bytes in = bytes_of("nội dung");
    assert_true(sys_fault_arm(NULL));
    expect_syncs(sys_mkdir(&c, in_folder("d"), 0700), 1);
    expect_syncs(sys_mkdir(&c, in_folder("d"), 0700), 1); /* it may be another thread's */
    expect_syncs(sys_mkdir(&c, in_folder("e/"), 0700), 1);
    expect_syncs(sys_append_file(&c, in_folder("d/a"), in, 0600, false), 0);
    expect_syncs(sys_append_file(&c, in_folder("d/a"), in, 0600, true), 2);
    expect_syncs(sys_write_file(&c, in_folder("d/b"), in, 0600), 2);
    expect_syncs(sys_rename(&c, in_folder("d/b"), in_folder("d/c")), 1);
    expect_syncs(sys_rename(&c, in_folder("d/c"), in_folder("b")), 2);
    expect_syncs(sys_unlink(&c, in_folder("b")), 1);
    expect_syncs(sys_unlink(&c, in_folder("b")), 0);
    expect_syncs(sys_remove_tree(&c, in_folder("d")), 1);
    expect_syncs(sys_remove_tree(&c, in_folder("e")), 1);
    assert_false(sys_exists(in_folder("d")));
}

static void write_and_crash(void)
{
    struct ctx child = ctx_begin();
    if (!sys_fault_arm("point:sys.write_file.before_rename:1:crash"))
        _exit(8);
    enum err e =
        sys_write_file(&child, arena_printf(child.arena, "%s/a", folder), bytes_of("mới"), 0600);
    _exit(e == OK ? 9 : 10);
}

static void test_crash_before_the_rename_keeps_the_old_file(void **state)
{
    (void)state;
    const char *path = in_folder("a");
    assert_int_equal(sys_write_file(&c, path, bytes_of("cũ"), 0600), OK);
    assert_true(dies_of(SIGKILL, write_and_crash));
    expect_content(path, "cũ");
}

static void test_other_calls_fail_as_planned(void **state)
{
    (void)state;
    const char **names;
    size_t n;
    assert_true(sys_fault_arm("mkdir:1:EROFS,unlink:1:EIO,open:1:EMFILE,read:1:EIO"));
    assert_int_equal(sys_mkdir(&c, in_folder("d"), 0700), ERR_READ_ONLY);
    assert_int_equal(sys_unlink(&c, in_folder("d")), ERR_IO);
    assert_int_equal(sys_list(&c, folder, &names, &n), ERR_IO);
    struct bytes got;
    assert_int_equal(sys_read_file(&c, "/proc/self/maps", 1 << 20, &got), ERR_IO);
    ctx_clear_faults(&c);
}
#endif

static void test_a_tree_goes_wholly_and_what_it_points_to_stays(void **state)
{
    (void)state;
    const char *const dirs[] = {"tree", "tree/a", "tree/a/b", "kept"};
    for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
        assert_int_equal(sys_mkdir(&c, in_folder(dirs[i]), 0700), OK);
    assert_int_equal(sys_write_file(&c, in_folder("tree/a/b/f"), bytes_of("x"), 0600), OK);
    assert_int_equal(sys_write_file(&c, in_folder("kept/f"), bytes_of("x"), 0600), OK);
    assert_int_equal(symlink(in_folder("kept"), in_folder("tree/a/link")), 0);
    assert_int_equal(sys_rename(&c, in_folder("tree"), in_folder("moved")), OK);
    assert_int_equal(sys_rename(&c, in_folder("tree"), in_folder("moved")), ERR_NOT_FOUND);
    ctx_clear_faults(&c);
    assert_int_equal(sys_remove_tree(&c, in_folder("moved")), OK);
    assert_false(sys_exists(in_folder("moved")));
    assert_true(sys_exists(in_folder("kept/f")));
    assert_int_equal(sys_remove_tree(&c, in_folder("moved")), OK);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(test_written_whole_with_its_mode),
        IN_A_FOLDER(test_large_file_and_its_bound),
        IN_A_FOLDER(test_files_without_a_size_are_read),
        IN_A_FOLDER(test_what_is_absent),
        IN_A_FOLDER(test_folders),
        IN_A_FOLDER(test_a_tree_goes_wholly_and_what_it_points_to_stays),
        IN_A_FOLDER(test_one_process_per_folder),
        IN_A_FOLDER(test_short_write_leaves_the_old_file),
#ifdef DINH_FAULTS
        IN_A_FOLDER(test_broken_write_leaves_the_old_file),
        IN_A_FOLDER(test_interrupted_calls_are_repeated),
        IN_A_FOLDER(test_failed_folder_sync_is_told),
        IN_A_FOLDER(test_after_a_failed_sync_none_is_believed),
        IN_A_FOLDER(test_every_change_of_a_folder_is_synced),
        IN_A_FOLDER(test_crash_before_the_rename_keeps_the_old_file),
        IN_A_FOLDER(test_other_calls_fail_as_planned),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
