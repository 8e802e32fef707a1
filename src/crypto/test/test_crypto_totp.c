/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of authenticator apps against RFC 6238, appendix B (SHA-1, the last six of its eight
   digits). */
#include "base/text.h"
#include "base/time.h"
#include "crypto/test/crypto_test.h"
#include "crypto/totp.h"

static const uint8_t rfc_seed[] = "12345678901234567890";

static void test_totp_vectors(void **state)
{
    static const struct {
        int64_t at_s;
        const char *code;
    } rows[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    struct ctx *c = *state;
    int64_t step = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_string_equal(totp_code(c->arena, rfc_seed, rows[i].at_s / 30), rows[i].code);
        assert_true(totp_check(rfc_seed, rows[i].at_s * SECOND_US, -1, rows[i].code, &step));
        assert_int_equal(step, rows[i].at_s / 30);
    }
    assert_string_equal(totp_key(c->arena, rfc_seed), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

/* One step of drift either way, not two; a step that was taken, and those before it, never. */
static void test_totp_drift(void **state)
{
    struct ctx *c = *state;
    int64_t now = 37037036, now_us = now * TOTP_STEP_S * SECOND_US, step = 0;
    for (int64_t d = -3; d <= 3; d++) {
        const char *code = totp_code(c->arena, rfc_seed, now + d);
        assert_int_equal(totp_check(rfc_seed, now_us, 0, code, &step), d >= -1 && d <= 1);
        assert_false(totp_check(rfc_seed, now_us, now + d, code, &step));
        assert_int_equal(totp_check(rfc_seed, now_us, now, code, &step), d == 1);
    }
}

static void test_totp_refuses(void **state)
{
    static const char *const odd[] = {"", "28708", "2870820", "28708a", " 287082", "287082\n"};
    int64_t step = 7;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(odd); i++)
        assert_false(totp_check(rfc_seed, 59 * SECOND_US, -1, odd[i], &step));
    assert_false(totp_check(rfc_seed, -1, -1, "287082", &step));
    assert_false(totp_check(rfc_seed, 59 * SECOND_US, -1, "287083", &step));
    assert_int_equal(step, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CRYPTO_TEST(test_totp_vectors),
        CRYPTO_TEST(test_totp_drift),
        CRYPTO_TEST(test_totp_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
