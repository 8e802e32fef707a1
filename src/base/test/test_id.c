/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test/support.h"

#include "base/id.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys.h"

enum { THREADS = 4, EACH = 5000 };

static char ids[THREADS][EACH][ID_LEN + 1];

static void *make_many(void *which)
{
    char(*mine)[ID_LEN + 1] = which;
    struct arena *a = arena_new(0);
    for (size_t i = 0; i < EACH; i++)
        memcpy(mine[i], id_new(a, 1589700600000000), ID_LEN + 1);
    arena_end(a);
    return NULL;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void test_threads_get_rising_unique_ids(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (size_t t = 0; t < THREADS; t++)
        assert_int_equal(pthread_create(&threads[t], NULL, make_many, ids[t]), 0);
    for (size_t t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    for (size_t t = 0; t < THREADS; t++) {
        for (size_t i = 1; i < EACH; i++)
            assert_true(strcmp(ids[t][i - 1], ids[t][i]) < 0);
    }
    qsort(ids, (size_t)THREADS * EACH, ID_LEN + 1, by_text);
    const char *flat = ids[0][0];
    for (size_t i = 1; i < (size_t)THREADS * EACH; i++)
        assert_true(strcmp(flat + (i - 1) * (ID_LEN + 1), flat + i * (ID_LEN + 1)) < 0);
}

static void test_order_follows_time_and_survives_a_clock_set_back(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    char *early = id_new(a, 1600000000000000);
    char *late = id_new(a, 1600000000001000);
    char *back = id_new(a, 1500000000000000);
    char *before_epoch = id_new(a, -5);
    assert_true(strcmp(early, late) < 0);
    assert_true(strcmp(late, back) < 0);
    assert_true(strcmp(back, before_epoch) < 0);
    /* 1,600,000,000,000 ms in base32: the first ten characters */
    assert_memory_equal(early, "01EJ3PX000", 10);
    arena_end(a);
}

static void test_what_an_id_is(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    assert_true(id_is(id_new(a, 1589700600000000)));
    assert_true(id_is("01E8HTYQ80ABCDEFGHJKMNPQRS"));
    assert_false(id_is(NULL) || id_is(""));
    assert_false(id_is("01E8HTYQ80ABCDEFGHJKMNPQR"));
    assert_false(id_is("01E8HTYQ80ABCDEFGHJKMNPQRSS"));
    assert_false(id_is("01e8htyq80abcdefghjkmnpqrs"));
    assert_false(id_is("01E8HTYQ80ABCDEFGHIKMNPQRS")); /* I */
    assert_false(id_is("01E8HTYQ80ABCDEFGHLKMNPQRS")); /* L */
    assert_false(id_is("01E8HTYQ80ABCDEFGHOKMNPQRS")); /* O */
    assert_false(id_is("01E8HTYQ80ABCDEFGHUKMNPQRS")); /* U */
    arena_end(a);
}

static void test_secrets(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    char *one = secret_new(a), *two = secret_new(a);
    assert_int_equal(strlen(one), 43);
    assert_string_not_equal(one, two);
    sys_random_seed(7);
    char *first = secret_new(a);
    sys_random_seed(7);
    assert_string_equal(secret_new(a), first);
    sys_random_seed(0);
    assert_string_not_equal(secret_new(a), first);
    arena_end(a);
}

static void test_a_child_draws_its_own(void **state)
{
    (void)state;
    uint64_t ours = 0, theirs = 0;
    int fds[2], status = -1;
    sys_random(&ours, sizeof ours); /* the block is drawn */
    assert_int_equal(pipe(fds), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    sys_random(&ours, sizeof ours);
    if (child == 0)
        _exit(write(fds[1], &ours, sizeof ours) != sizeof ours);
    assert_int_equal(read(fds[0], &theirs, sizeof theirs), sizeof theirs);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(ours != theirs && ours != 0 && theirs != 0);
    close(fds[0]);
    close(fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_get_rising_unique_ids),
        cmocka_unit_test(test_order_follows_time_and_survives_a_clock_set_back),
        cmocka_unit_test(test_what_an_id_is),
        cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_a_child_draws_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
