/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test/support.h"

#include <time.h>

#include "base/sys.h"
#include "base/time.h"

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
    assert_int_equal(sys_clock_file(&c, NULL), OK);
    folder_end(folder);
    ctx_end(&c);
    return 0;
}

static int64_t ahead_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return sys_now_us() - ((int64_t)t.tv_sec * SECOND_US + t.tv_nsec / 1000);
}

static bool near(int64_t value, int64_t want)
{
    return value > want - 5 * SECOND_US && value < want + 5 * SECOND_US;
}

static void test_real_unless_told(void **state)
{
    (void)state;
    assert_true(near(ahead_us(), 0));
    int64_t mono = sys_mono_us();
    sys_clock_move(-2 * HOUR_US);
    assert_true(near(ahead_us(), -2 * HOUR_US));
    assert_true(sys_mono_us() >= mono); /* durations don't follow the wall */
    sys_clock_move(2 * HOUR_US);
    assert_true(near(ahead_us(), 0));
}

static void test_seen_to_go_back(void **state)
{
    (void)state;
    assert_true(sys_clock_back_us() < SECOND_US);
    sys_clock_move(-2 * HOUR_US);
    assert_true(near(sys_clock_back_us(), 2 * HOUR_US));
    sys_clock_move(3 * HOUR_US);
    assert_int_equal(sys_clock_back_us(), 0); /* further than ever */
    sys_clock_move(-HOUR_US);
    assert_true(near(sys_clock_back_us(), HOUR_US));
    sys_clock_set(1000);
    assert_int_equal(sys_clock_back_us(), 0); /* a test's clock */
}

static void test_stands_and_moves(void **state)
{
    (void)state;
    sys_clock_set(1000);
    assert_int_equal(sys_now_us(), 1000);
    assert_int_equal(sys_now_us(), 1000);
    sys_clock_move(500);
    assert_int_equal(sys_now_us(), 1500);
}

static void test_shared_by_two_processes(void **state)
{
    (void)state;
    const char *path = arena_printf(c.arena, "%s/clock", folder);
    assert_int_equal(sys_clock_file(&c, path), OK);
    assert_true(near(ahead_us(), 0));
    pid_t child = fork();
    if (child == 0) {
        struct ctx mine = ctx_begin();
        if (sys_clock_file(&mine, path) != OK)
            _exit(3);
        sys_clock_move(400 * DAY_US);
        _exit(near(ahead_us(), 400 * DAY_US) ? 0 : 4);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(near(ahead_us(), 400 * DAY_US)); /* what the child moved, we see */
    struct bytes raw;
    assert_int_equal(sys_read_file(&c, path, 8, &raw), OK);
    assert_int_equal(raw.len, 8);
    assert_memory_equal(raw.ptr, &(int64_t){400 * DAY_US}, 8);
    assert_int_equal(sys_clock_file(&c, NULL), OK);
    assert_true(near(ahead_us(), 0));
}

static void test_a_file_that_cannot_be(void **state)
{
    (void)state;
    const char *path = arena_printf(c.arena, "%s/no/clock", folder);
    assert_int_equal(sys_clock_file(&c, path), ERR_IO);
    expect_fault(&c, ERR_IO, path);
    assert_true(near(ahead_us(), 0));
}

#ifdef DINH_FAULTS
static void test_plan_can_jump(void **state)
{
    (void)state;
    assert_true(sys_fault_arm("clock:jump:-7200"));
    assert_true(near(ahead_us(), -2 * HOUR_US));
    assert_true(sys_fault_arm("clock:jump:3600,clock:jump:3600"));
    assert_true(near(ahead_us(), 0));
}
#endif

#define WITH_A_CLOCK(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_A_CLOCK(test_real_unless_told),      WITH_A_CLOCK(test_seen_to_go_back),
        WITH_A_CLOCK(test_stands_and_moves),      WITH_A_CLOCK(test_shared_by_two_processes),
        WITH_A_CLOCK(test_a_file_that_cannot_be),
#ifdef DINH_FAULTS
        WITH_A_CLOCK(test_plan_can_jump),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
