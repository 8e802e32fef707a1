/* SPDX-License-Identifier: Apache-2.0 */
#include "test/harness/unit.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"

enum { BLOCKS = 4000, BLOCK = 7500, NAME = 24, LARGE = 20 << 20 };

static long resident_kb(void)
{
    long all = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%ld %ld", &all, &resident), 2);
    fclose(f);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* A password's block comes and goes, then a crowd, in a pool that isn't the first. */
static void *crowd(void *arg)
{
    static char *blocks[BLOCKS], *names[BLOCKS];
    char *large = sys_malloc(LARGE);
    assert_non_null(large);
    memset(large, 1, LARGE);
    sys_free(large);
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = sys_malloc(BLOCK);
        assert_non_null(blocks[i]);
        memset(blocks[i], 1, BLOCK);
        names[i] = sys_malloc(NAME);
        assert_non_null(names[i]);
    }
    *(long *)arg = resident_kb();
    for (int i = BLOCKS - 1; i >= 0; i--)
        sys_free(blocks[i]);
    for (int i = 0; i < BLOCKS; i++) /* the last that go are too small to be looked at each time */
        sys_free(names[i]);
    return NULL;
}

static void test_what_a_crowd_took_goes_back(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* an allocator of its own */
#endif
    long before = resident_kb(), most = 0;
    pthread_t other;
    assert_int_equal(pthread_create(&other, NULL, crowd, &most), 0);
    assert_int_equal(pthread_join(other, NULL), 0);
    sys_give_back();
    assert_true(most - before > BLOCKS / 1024 * BLOCK);
    assert_true(resident_kb() - before < 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_crowd_took_goes_back),
    };
    sys_keep_little();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
