/* SPDX-License-Identifier: Apache-2.0 */
/* A scanner is asked over its own protocol, and only a whole "OK" is one. */
#include "test/harness/unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "net/scanner.h"
#include "test/harness/scanner_test.h"

#define SOON_US (30 * SECOND_US)

static uint8_t large[5 * 1024 * 1024 + 7];

static void test_answers(void **state)
{
#define LINE(text)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text)                                                      \
    }
    const struct {
        struct bytes line;
        enum scan_says says;
        const char *name;
    } rows[] = {{LINE("stream: OK"), SCAN_CLEAN, ""},
                {LINE("stream: Eicar-Test FOUND"), SCAN_FOUND, "Eicar-Test"},
                {LINE("stream: a<b>\" \001 FOUND"), SCAN_FOUND, "a_b____"},
                {LINE("stream:  FOUND"), SCAN_AWAY, ""},
                {LINE("stream: OK FOUND"), SCAN_FOUND, "OK"},
                {LINE("stream: NOT OK"), SCAN_AWAY, ""},
                {LINE("OK"), SCAN_AWAY, ""},
                {LINE(""), SCAN_AWAY, ""},
                {LINE("stream: x ERROR"), SCAN_AWAY, ""},
                {{(const uint8_t *)"stream: OK", 10}, SCAN_AWAY, ""}, /* cut short */
                {{NULL, 0}, SCAN_AWAY, ""}};
    struct arena *a = arena_new(0);
    const char *name;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(scanner_answer(a, rows[i].line, &name), rows[i].says);
        assert_string_equal(name, rows[i].name);
    }
    arena_end(a);
}

static void test_addresses(void **state)
{
    static const char *const bad[] = {"",
                                      "unix:",
                                      "unix:a",
                                      "127.0.0.1",
                                      "127.0.0.1:0",
                                      "127.0.0.1:70000",
                                      "10.0.0.1:3310",
                                      "scan.example:3310",
                                      "[::2]:3310",
                                      "0.0.0.0:3310",
                                      "127.0.0.1:33x"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(scanner_address_sound(bad[i]));
    assert_true(scanner_address_sound("unix:/run/clamav/clamd.ctl"));
    assert_int_equal(scanner_port("unix:/run/clamav/clamd.ctl"), 0);
    assert_int_equal(scanner_port("127.0.0.1:3310"), 3310);
    assert_int_equal(scanner_port("[::1]:3311"), 3311);
    assert_int_equal(scanner_port(""), 0);
}

static void asks(const char *address)
{
    struct arena *a = arena_new(0);
    struct scanner_test *s = scanner_test_begin(address);
    const char *at = scanner_test_address(s), *name;
    struct bytes in = {large, sizeof large};
    assert_true(scanner_lives(at, SOON_US));
    assert_int_equal(scanner_ask(a, at, in, SOON_US, &name), SCAN_CLEAN);
    assert_int_equal(scanner_test_heard(s), sizeof large);
    assert_int_equal(scanner_ask(a, at, bytes_of("a" MALWARE), SOON_US, &name), SCAN_FOUND);
    assert_string_equal(name, "Eicar-Test");
    for (enum scanner_mood m = SCANNER_SILENT; m <= SCANNER_ERRS; m++) {
        scanner_test_mood(s, m);
        assert_int_equal(scanner_ask(a, at, bytes_of("a"), 300000, &name), SCAN_AWAY);
    }
    scanner_test_mood(s, SCANNER_SOUND);
    assert_int_equal(scanner_ask(a, at, bytes_of("a"), SOON_US, &name), SCAN_CLEAN);
    at = arena_text(a, at);
    scanner_test_end(s);
    assert_int_equal(scanner_ask(a, at, in, SOON_US, &name), SCAN_AWAY);
    assert_false(scanner_lives(at, SOON_US));
    arena_end(a);
}

static void test_asked_at_a_socket(void **state)
{
    char address[100];
    (void)state;
    snprintf(address, sizeof address, "unix:/tmp/dinh-scanner-%d", (int)getpid());
    asks(address);
}

static void test_asked_at_a_port(void **state)
{
    (void)state;
    asks("127.0.0.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_asked_at_a_socket),
        cmocka_unit_test(test_asked_at_a_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
