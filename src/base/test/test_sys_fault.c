/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test/support.h"

#include "base/sys_fault.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>

#ifdef DINH_FAULTS
static void test_plans_that_do_not_parse(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",
        ",",
        "fsync",
        "fsync:1",
        "fsync:0:EIO",
        "fsync:-1:EIO",
        "fsync:x:EIO",
        "fsync:1:ENONE",
        "fsync:1:EIO:",
        "fsync:1:EIO:stickyy",
        "fsync:1:EIO:sticky:x",
        "nothing:1:EIO",
        "fsync:1:EIO,",
        "fsync:1:fail",
        "point:a:1",
        "point:a:EIO",
        "point",
        "point:a",
        "clock:jump",
        "clock:jump:x",
        "clock:stop:1",
        "clock:jump:9223372036854775807",
        "read:1:EINTR:sticky",
        "db:1:duplicate",
        "point:a:1:duplicate",
        "FSYNC:1:EIO",
        "a:b:c:d:e:f:g:h",
    };
    assert_true(sys_fault_arm("db:1:EIO"));
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        assert_false(sys_fault_arm(BAD[i]));
    assert_int_equal(sys_fault(SYS_DB), EIO); /* a refused plan leaves the armed one */
    assert_true(sys_fault_arm(NULL));
}

static void test_the_kth_call(void **state)
{
    (void)state;
    assert_true(sys_fault_arm("db:3:EIO, net:2:ETIMEDOUT:sticky"));
    static const int DB[] = {0, 0, EIO, 0, 0}, NET[] = {0, ETIMEDOUT, ETIMEDOUT, ETIMEDOUT};
    for (size_t i = 0; i < ARRAY_LEN(DB); i++)
        assert_int_equal(sys_fault(SYS_DB), DB[i]);
    for (size_t i = 0; i < ARRAY_LEN(NET); i++)
        assert_int_equal(sys_fault(SYS_NET), NET[i]);
    assert_int_equal(sys_fault_calls(SYS_DB), 5);
    assert_true(sys_fault_arm("db:1:EIO"));
    assert_int_equal(sys_fault_calls(SYS_DB), 0);
    assert_int_equal(sys_fault(SYS_DB), EIO);
    assert_true(sys_fault_arm(NULL));
    assert_int_equal(sys_fault(SYS_DB), 0);
}

static bool pass_a(void)
{
    return FAULT_POINT("test.a");
}

static bool pass_b(void)
{
    return FAULT_POINT("test.b");
}

static const struct fault_point *point(const char *name)
{
    size_t n;
    const struct fault_point *all = sys_fault_points(&n);
    for (size_t i = 0; i < n; i++) {
        assert_non_null(all[i].name);
        if (strcmp(all[i].name, name) == 0)
            return &all[i];
    }
    return NULL;
}

static void test_delay_and_duplicate(void **state)
{
    (void)state;
    assert_true(sys_fault_arm("db:2:delay, net:1:duplicate"));
    assert_int_equal(sys_fault(SYS_DB), 0);
    int64_t before = sys_mono_us();
    assert_int_equal(sys_fault(SYS_DB), 0); /* late, and nothing else */
    assert_true(sys_mono_us() - before >= 300000);
    assert_int_equal(sys_fault(SYS_NET), SYS_FAULT_TWICE);
    assert_int_equal(sys_fault(SYS_NET), 0);
    assert_true(sys_fault_arm(NULL));
}

static void test_points_register_themselves(void **state)
{
    (void)state;
    assert_non_null(point("test.a"));
    assert_non_null(point("test.b"));
    assert_true(sys_exists("/")); /* draws sys_file.c into the program, and so its point */
    assert_non_null(point("sys.write_file.before_rename"));
    assert_null(point("test.c"));
    int64_t before = point("test.a")->hits;
    pass_a();
    assert_int_equal(point("test.a")->hits, before + 1);
}

static void test_points_fail_by_name(void **state)
{
    (void)state;
    assert_true(sys_fault_arm("point:test.a:2:fail,point:test.b:1:ENOSPC:sticky"));
    assert_false(pass_a());
    assert_true(pass_b());
    assert_int_equal(errno, ENOSPC);
    assert_true(pass_a());
    assert_false(pass_a());
    assert_true(pass_b());
    assert_int_equal(sys_fault_calls(SYS_POINT), 5);
    assert_true(sys_fault_arm(NULL));
}

static void crash_at_the_second(void)
{
    if (!sys_fault_arm("point:test.a:2:crash"))
        _exit(3);
    pass_a();
    pass_a();
}

static void out_of_memory(void)
{
    if (!sys_fault_arm("malloc:1:ENOMEM"))
        _exit(3);
    arena_new(0);
}

static void no_randomness(void)
{
    uint8_t byte;
    if (!sys_fault_arm("random:1:EIO"))
        _exit(3);
    sys_random(&byte, 1);
}

static void test_deaths(void **state)
{
    (void)state;
    assert_true(dies_of(SIGKILL, crash_at_the_second));
    assert_true(dies_of(SIGABRT, out_of_memory));
    assert_true(dies_of(SIGABRT, no_randomness));
}

static void test_refused_memory(void **state)
{
    (void)state;
    assert_true(sys_fault_arm("malloc:1:ENOMEM,malloc:3:ENOMEM"));
    assert_null(sys_malloc(10));
    assert_int_equal(errno, ENOMEM);
    void *p = sys_malloc(10);
    assert_non_null(p);
    assert_null(sys_realloc(p, 20)); /* p is still ours */
    p = sys_realloc(p, 20);
    assert_non_null(p);
    sys_free(p);
    assert_true(sys_fault_arm(NULL));
}

static void run_again(void)
{
    execl("/proc/self/exe", "test_sys_fault", "--first-db-call", (char *)NULL);
    _exit(3);
}

static void test_environment_is_a_plan(void **state)
{
    (void)state;
    setenv("DINH_FAULT", "db:1:ENOSPC", 1);
    assert_int_equal(WEXITSTATUS(status_of(run_again)), ENOSPC);
    setenv("DINH_FAULT", "db:1:NONSENSE", 1);
    assert_true(dies_of(SIGABRT, run_again));
    unsetenv("DINH_FAULT");
    assert_int_equal(status_of(run_again), 0);
}

static void ask_in_file(struct sys_fault_file *f, const char *plan)
{
    snprintf(f->plan, sizeof f->plan, "%s", plan);
    atomic_fetch_add(&f->asked, 1);
}

/* In another process, which counts and obeys; the plan changes between its calls. */
static void obey(void)
{
    execl("/proc/self/exe", "test_sys_fault", "--obey", (char *)NULL);
    _exit(3);
}

static void test_a_file_is_a_plan_too(void **state)
{
    (void)state;
    char path[] = "/tmp/dinh-fault.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && ftruncate(fd, sizeof(struct sys_fault_file)) == 0);
    struct sys_fault_file *f = mmap(NULL, sizeof *f, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_true(f != MAP_FAILED);
    setenv("DINH_FAULT_FILE", path, 1);
    ask_in_file(f, "db:2:ENOSPC,point:test.a:2:fail");
    assert_int_equal(WEXITSTATUS(status_of(obey)), 0);
    assert_int_equal(f->armed, 1);
    assert_int_equal(f->calls[SYS_DB], 3);
    assert_int_equal(f->fired, 2);
    int64_t hits = 0;
    for (size_t i = 0; i < SYS_FAULT_POINTS_MAX; i++)
        hits += strcmp(f->points[i].name, "test.a") == 0 ? f->points[i].hits : 0;
    assert_int_equal(hits, 3);
    ask_in_file(f, "");
    assert_int_equal(WEXITSTATUS(status_of(obey)), 4); /* nothing failed any more */
    assert_int_equal(f->calls[SYS_DB], 3);
    assert_int_equal(f->fired, 0);
    f->asked = -f->asked; /* half written: what holds goes on holding */
    snprintf(f->plan, sizeof f->plan, "db:2");
    assert_int_equal(WEXITSTATUS(status_of(obey)), 4);
    f->asked = -f->asked;
    ask_in_file(f, "db:2:ENOSPC,point:test.a:2:fail");
    assert_int_equal(WEXITSTATUS(status_of(obey)), 0);
    ask_in_file(f, "db:x");
    assert_true(dies_of(SIGABRT, obey));
    unsetenv("DINH_FAULT_FILE");
    munmap(f, sizeof *f);
    close(fd);
    unlink(path);
}

static int do_obey(void)
{
    bool first = sys_fault(SYS_DB) == 0 && !pass_a();
    bool second = sys_fault(SYS_DB) == ENOSPC && pass_a();
    bool third = sys_fault(SYS_DB) == 0 && !pass_a();
    return first && second && third ? 0 : 4;
}

#else
static void test_release_cannot_be_armed(void **state)
{
    (void)state;
    size_t n = 7;
    assert_false(sys_fault_arm("db:1:EIO:sticky"));
    assert_int_equal(sys_fault(SYS_DB), 0);
    assert_int_equal(FAULT_POINT("test.a"), false);
    assert_null(sys_fault_points(&n));
    assert_int_equal(n, 0);
}
#endif

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--first-db-call") == 0)
        return sys_fault(SYS_DB);
#ifdef DINH_FAULTS
    if (argc == 2 && strcmp(argv[1], "--obey") == 0)
        return do_obey();
#endif
    const struct CMUnitTest tests[] = {
#ifdef DINH_FAULTS
        cmocka_unit_test(test_plans_that_do_not_parse),
        cmocka_unit_test(test_the_kth_call),
        cmocka_unit_test(test_delay_and_duplicate),
        cmocka_unit_test(test_points_register_themselves),
        cmocka_unit_test(test_points_fail_by_name),
        cmocka_unit_test(test_deaths),
        cmocka_unit_test(test_refused_memory),
        cmocka_unit_test(test_environment_is_a_plan),
        cmocka_unit_test(test_a_file_is_a_plan_too),
#else
        cmocka_unit_test(test_release_cannot_be_armed),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
