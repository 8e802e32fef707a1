/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test/support.h"

#include "base/arena.h"

#include <signal.h>

static void test_memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    for (size_t size = 0; size < 20000; size += 777) {
        unsigned char *p = arena_alloc(a, size);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xee, size);
    }
    arena_end(a);
}

static void test_reset_empties_and_memory_is_zero_again(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    for (int round = 0; round < 50; round++) {
        assert_int_equal(arena_used(a), 0);
        unsigned char *p = arena_alloc(a, 1000);
        for (size_t i = 0; i < 1000; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xee, 1000);
        memset(arena_alloc(a, 500000), 0xee, 500000);
        assert_true(arena_used(a) >= 501000);
        arena_reset(a);
    }
    arena_end(a);
}

static void test_blocks_do_not_overlap(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    enum { N = 3000 };
    unsigned char **all = ARENA_ARRAY(a, N, unsigned char *);
    for (size_t i = 0; i < N; i++) {
        all[i] = arena_alloc(a, i % 97 + 1);
        memset(all[i], (int)(i % 251), i % 97 + 1);
    }
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < i % 97 + 1; j++)
            assert_int_equal(all[i][j], i % 251);
    }
    arena_end(a);
}

static void over_the_cap(void)
{
    struct arena *a = arena_new(1000);
    arena_alloc(a, 600);
    arena_alloc(a, 401);
}

static void up_to_the_cap(void)
{
    struct arena *a = arena_new(1000);
    arena_alloc(a, 600);
    arena_alloc(a, 400);
    arena_end(a);
}

static void array_overflows(void)
{
    struct arena *a = arena_new(0);
    arena_array(a, SIZE_MAX / 8, 16);
}

static void text_overflows(void)
{
    struct arena *a = arena_new(0);
    arena_text_n(a, "x", SIZE_MAX);
}

static void test_too_much_ends_the_process(void **state)
{
    (void)state;
    assert_int_equal(status_of(up_to_the_cap), 0);
    assert_true(dies_of(SIGABRT, over_the_cap));
    assert_true(dies_of(SIGABRT, array_overflows));
    assert_true(dies_of(SIGABRT, text_overflows));
}

#ifdef __SANITIZE_ADDRESS__
static void one_byte_over(void)
{
    struct arena *a = arena_new(0);
    volatile char *p = arena_alloc(a, 24);
    arena_alloc(a, 24);
    p[24] = 1;
}

static void test_sanitizer_sees_one_byte_over(void **state)
{
    (void)state;
    assert_int_not_equal(status_of(one_byte_over), 0);
}
#endif

static void test_copies(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    assert_null(arena_text(a, NULL));
    assert_string_equal(arena_text(a, ""), "");
    assert_string_equal(arena_text_n(a, "Huế city", 5), "Huế");
    struct bytes copy = arena_bytes(a, "a\0b", 3);
    assert_int_equal(copy.len, 3);
    assert_memory_equal(copy.ptr, "a\0b", 3);
    assert_string_equal(arena_printf(a, "%s-%05d", "H57", 42), "H57-00042");
    arena_end(a);
    arena_end(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_zeroed_and_aligned),
        cmocka_unit_test(test_reset_empties_and_memory_is_zero_again),
        cmocka_unit_test(test_blocks_do_not_overlap),
        cmocka_unit_test(test_too_much_ends_the_process),
#ifdef __SANITIZE_ADDRESS__
        cmocka_unit_test(test_sanitizer_sees_one_byte_over),
#endif
        cmocka_unit_test(test_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
