/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test/support.h"

#include "base/log.h"
#include "base/text.h"

static void test_fault_keeps_field_and_words(void **state)
{
    (void)state;
    struct ctx c = ctx_begin();
    char word[] = "12";
    assert_int_equal(fail(&c, ERR_TOO_LONG, "ten", word, "30"), ERR_TOO_LONG);
    word[0] = 'x'; /* the caller's memory is free again */
    assert_int_equal(c.n_faults, 1);
    assert_string_equal(c.faults[0].field, "ten");
    assert_string_equal(c.faults[0].args[0], "12");
    assert_string_equal(c.faults[0].args[1], "30");
    assert_null(c.faults[0].args[2]);
    ctx_clear_faults(&c);
    assert_int_equal(c.n_faults, 0);
    ctx_end(&c);
}

static void test_too_many_faults_and_words_are_dropped(void **state)
{
    (void)state;
    struct ctx c = ctx_begin();
    for (int i = 0; i < CTX_MAX_FAULTS + 10; i++)
        assert_int_equal(fail(&c, ERR_REQUIRED, "a", "1", "2", "3", "4", "5"), ERR_REQUIRED);
    assert_int_equal(c.n_faults, CTX_MAX_FAULTS);
    assert_string_equal(c.faults[CTX_MAX_FAULTS - 1].args[3], "4");
    ctx_end(&c);
}

static void test_permissions(void **state)
{
    (void)state;
    const char *const may[] = {"onestop.decide", "onestop.receive", "registry.read", NULL};
    struct actor clerk = {.kind = ACTOR_OFFICIAL, .permissions = may};
    for (const char *const *p = may; *p; p++)
        assert_true(actor_can(&clerk, *p));
    assert_false(actor_can(&clerk, "onestop.decid"));
    assert_false(actor_can(&clerk, "onestop.decidea"));
    assert_false(actor_can(&clerk, ""));
    assert_false(actor_can(&clerk, "z"));
    assert_false(actor_can(&(struct actor){.kind = ACTOR_NOBODY}, "onestop.decide"));
    assert_false(actor_can(NULL, "onestop.decide"));
}

static void test_error_rows(void **state)
{
    (void)state;
    assert_string_equal(err_row(ERR_BAD_DATE)->name, "ERR_BAD_DATE");
    assert_int_equal(err_row(ERR_BAD_DATE)->status, 400);
    assert_string_equal(err_row(OK)->name, "ERR_INTERNAL");
    assert_string_equal(err_row((enum err)99999)->name, "ERR_INTERNAL");
}

/* What was written to stderr while f ran. */
static void captured(void (*f)(void), char *out, size_t size)
{
    int pipe_fds[2], kept = dup(STDERR_FILENO);
    assert_int_equal(pipe(pipe_fds), 0);
    dup2(pipe_fds[1], STDERR_FILENO);
    f();
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(pipe_fds[1]);
    ssize_t n = read(pipe_fds[0], out, size - 1);
    close(pipe_fds[0]);
    out[n > 0 ? n : 0] = '\0';
}

static void log_three(void)
{
    sys_clock_set(1589704200123456);
    log_line(LOG_DEBUG_, "onestop", "r1", "hidden");
    log_line(LOG_INFO_, "onestop", "r1", "dossier=%s\nFORGED", "H57");
    log_warn("base", "%s", "");
    log_text(LOG_DEBUG_, "web", "r2", bytes_of("hidden"));
    log_text(LOG_INFO_, "web", "r2", bytes_of("route=/a\nFORGED %s"));
    sys_clock_file(&(struct ctx){.arena = NULL}, NULL) == OK ? (void)0 : abort();
}

static void test_log_lines(void **state)
{
    (void)state;
    char out[1000];
    captured(log_three, out, sizeof out);
    assert_string_equal(out, "2020-05-17T08:30:00.123456Z INFO onestop r1 dossier=H57 FORGED\n"
                             "2020-05-17T08:30:00.123456Z WARN base - \n"
                             "2020-05-17T08:30:00.123456Z INFO web r2 route=/a FORGED %s\n");
}

static void log_two_gathered(void)
{
    sys_clock_set(1589704200123456);
    log_gather();
    log_info("base", "one");
    log_info("base", "two");
}

static void log_a_warning(void)
{
    log_warn("base", "three");
}

static void log_many(void)
{
    for (int i = 0; i < 100; i++) /* 49 bytes each: 4 KiB are full after the 83rd */
        log_info("base", "number %03d", i);
}

static void test_lines_are_gathered(void **state)
{
    (void)state;
    char out[8000];
    captured(log_two_gathered, out, sizeof out);
    assert_string_equal(out, "");
    captured(log_a_warning, out, sizeof out); /* takes along what waited, in order */
    const char *two = strstr(out, "INFO base - two\n");
    assert_true(two && strstr(out, "INFO base - one\n") < two);
    assert_non_null(strstr(two, "WARN base - three\n"));
    captured(log_many, out, sizeof out);
    assert_in_range(strlen(out), 4000, 4096);
    assert_int_equal(out[strlen(out) - 1], '\n');
    captured(log_flush, out, sizeof out);
    assert_non_null(strstr(out, "number 099\n"));
    captured(log_flush, out, sizeof out);
    assert_string_equal(out, "");
}

static void log_long(void)
{
    char text[10000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    log_error("base", "%s", text);
}

static void log_long_text(void)
{
    static uint8_t text[10000];
    memset(text, 'x', sizeof text);
    log_text(LOG_ERROR_, "base", "-", (struct bytes){text, sizeof text});
}

static void test_long_line_is_cut(void **state)
{
    (void)state;
    char out[12000];
    void (*const ways[])(void) = {log_long, log_long_text};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        captured(ways[i], out, sizeof out);
        assert_in_range(strlen(out), 4000, 4096);
        assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1);
    }
}

static void test_mask(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    assert_string_equal(log_mask(a, "046194000123"), "046*******23");
    assert_string_equal(log_mask(a, "Đặng Thị Đào"), "Đặn*******ào");
    assert_string_equal(log_mask(a, "Huế 5"), "H****");
    assert_string_equal(log_mask(a, "1234"), "****");
    assert_string_equal(log_mask(a, ""), "");
    assert_string_equal(log_mask(a, NULL), "-");
    arena_end(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fault_keeps_field_and_words),
        cmocka_unit_test(test_too_many_faults_and_words_are_dropped),
        cmocka_unit_test(test_permissions),
        cmocka_unit_test(test_error_rows),
        cmocka_unit_test(test_log_lines),
        cmocka_unit_test(test_long_line_is_cut),
        cmocka_unit_test(test_mask),
        cmocka_unit_test(test_lines_are_gathered), /* the last: it stays turned on */
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
