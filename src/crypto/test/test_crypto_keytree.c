/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that can be destroyed: what is out follows from nothing that is left, the rest stays. */
#include "crypto/keytree.h"
#include "crypto/test/crypto_test.h"

#define N 600

static struct sha256 key_of(const struct keytree *t, int64_t number)
{
    struct sha256 k;
    assert_true(keytree_key(t, number, &k));
    return k;
}

/* No seed on the number's path, nor its key, is among the bytes that would be kept. */
static void assert_nothing_of(struct ctx *c, const struct keytree *before,
                              const struct keytree *after, int64_t number)
{
    struct bytes kept = keytree_bytes(c->arena, after);
    struct sha256 k = key_of(before, number);
    assert_null(memmem(kept.ptr, kept.len, k.b, SHA256_LEN));
    for (size_t i = 0; i < before->n; i++) {
        const struct keytree_node *x = &before->nodes[i];
        bool over = number >= x->start &&
                    number - x->start < INT64_C(1) << (4 * (KEYTREE_LEVELS - x->level));
        if (over)
            assert_null(memmem(kept.ptr, kept.len, x->seed.b, SHA256_LEN));
    }
}

static void test_keytree_takes_out(void **state)
{
    struct ctx *c = *state;
    struct keytree t = keytree_new(c->arena);
    const int64_t out[] = {0, 7, 16, 17, 18, 255, 4096, INT64_C(1) << 33, KEYTREE_MAX};
    const int64_t stay[] = {
        1, 6, 8, 15, 19, 254, 256, 4095, 4097, (INT64_C(1) << 33) + 1, KEYTREE_MAX - 1};
    struct keytree less = keytree_without(c->arena, &t, out, ARRAY_LEN(out));
    struct sha256 k;
    for (size_t i = 0; i < ARRAY_LEN(out); i++) {
        assert_false(keytree_key(&less, out[i], &k));
        assert_false(keytree_holds(&less, out[i]));
        assert_nothing_of(c, &t, &less, out[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(stay); i++) {
        struct sha256 was = key_of(&t, stay[i]), is = key_of(&less, stay[i]);
        assert_memory_equal(was.b, is.b, SHA256_LEN);
    }
    assert_false(keytree_key(&t, -1, &k));
    assert_false(keytree_key(&t, KEYTREE_MAX + 1, &k));
    /* again and more: what is out stays out */
    const int64_t more[] = {7, 8, 4097};
    struct keytree least = keytree_without(c->arena, &less, more, ARRAY_LEN(more));
    assert_nothing_of(c, &less, &least, 8);
    for (size_t i = 0; i < ARRAY_LEN(out); i++)
        assert_false(keytree_holds(&least, out[i]));
    assert_true(keytree_holds(&least, 6));
}

/* All keys differ; those that go in turn leave next to nothing. */
static void test_keytree_in_turn(void **state)
{
    struct ctx *c = *state;
    struct keytree t = keytree_new(c->arena);
    int64_t numbers[N];
    for (int64_t i = 0; i < N; i++) {
        numbers[i] = i;
        struct sha256 one = key_of(&t, i), next = key_of(&t, i + 1);
        assert_memory_not_equal(one.b, next.b, SHA256_LEN);
    }
    struct keytree less = keytree_without(c->arena, &t, numbers, N);
    assert_true(less.n <= 150);
    int64_t from, last;
    assert_true(keytree_gap(&less, 0, &from, &last));
    assert_int_equal(from, 0);
    assert_int_equal(last, N - 1);
    assert_false(keytree_gap(&less, last + 1, &from, &last));
    assert_false(keytree_gap(&t, 0, &from, &last));
}

static void test_keytree_bytes(void **state)
{
    struct ctx *c = *state;
    struct keytree t = keytree_new(c->arena), back;
    const int64_t out[] = {3, 99};
    struct keytree less = keytree_without(c->arena, &t, out, ARRAY_LEN(out));
    struct bytes b = keytree_bytes(c->arena, &less);
    assert_true(keytree_read(c->arena, b, &back));
    struct sha256 one = key_of(&less, 98), other = key_of(&back, 98);
    assert_memory_equal(one.b, other.b, SHA256_LEN);
    assert_false(keytree_holds(&back, 99));
    assert_false(keytree_read(c->arena, (struct bytes){b.ptr, b.len - 1}, &back));
    assert_false(keytree_read(c->arena, bytes_of("DKT2"), &back));
    assert_true(keytree_read(c->arena, bytes_of("DKT1"), &back)); /* nobody left */
    assert_false(keytree_holds(&back, 1));
    uint8_t *bad = arena_alloc(c->arena, b.len);
    const size_t at[] = {4, 5, 12, 4 + 41}; /* level, start, start's last, the next one's level */
    for (size_t i = 0; i < ARRAY_LEN(at); i++) {
        memcpy(bad, b.ptr, b.len);
        bad[at[i]] ^= 0x0f;
        assert_false(keytree_read(c->arena, (struct bytes){bad, b.len}, &back));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRYPTO_TEST(test_keytree_takes_out),
        CRYPTO_TEST(test_keytree_in_turn),
        CRYPTO_TEST(test_keytree_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
