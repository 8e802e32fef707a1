/* SPDX-License-Identifier: Apache-2.0 */
#include "test/harness/unit.h"

#include "base/address.h"

static void test_address_source(void **state)
{
    static const char *const rows[][2] = {
        {"203.0.113.9", "203.0.113.9"},
        {"::ffff:203.0.113.9", "203.0.113.9"},
        {"2001:db8::1", "2001:db8::"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
        {"2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::"},
        {"2001:db8:1:3::1", "2001:db8:1:3::"},
        {"::1", "::"},
        {"unix", "unix"},
        {"", ""},
        {"203.0.113.9.1", "203.0.113.9.1"},
        {"0123456789012345678901234567890123456789012345678901234567890",
         "01234567890123456789012345678901234567890123456"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char source[ADDRESS_SOURCE_MAX];
        address_source(rows[i][0], source);
        assert_string_equal(source, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_address_source)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
