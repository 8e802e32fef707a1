/* SPDX-License-Identifier: Apache-2.0 */
/* Each refusal and each fault of ours leaves its line on stderr, and no line says too much. */
#include "web/test/support.h"

#include <unistd.h>

#include "base/log.h"

static char said[16384];
static int kept, ends[2];

static void listen_begin(void)
{
    kept = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
}

/* The lines of the time between: they fit the pipe, which holds 64 KiB. */
static void listen_end(void)
{
    log_flush();
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(ends[1]);
    ssize_t n = read(ends[0], said, sizeof said - 1);
    close(ends[0]);
    said[n > 0 ? n : 0] = '\0';
}

static void refusals(struct db_world *w, struct web *web, struct web_client *b)
{
    (void)w, (void)web;
    static const char *const lines[] = {
        "INFO web ",
        "route=/decide status=401 ",
        "error=ERR_SIGN_IN\n",
        "route=/refuse status=403 ",
        "error=ERR_FORBIDDEN\n",
        "error=ERR_CSRF\n",
        "error=ERR_ORIGIN\n",
        "route=/slow-down status=429 ",
        "error=ERR_RATE\n",
        "route=/note status=422 ",
        "route=- status=404 ",
    };
    listen_begin();
    b->accept = "application/json";
    int first = web_get(b, "/decide");
    b->accept = "text/html";
    WEB_POST(b, "/sign-in", "who", "so-rat-dai-cua-nguoi-dan");
    int forbidden = web_get(b, "/refuse");
    web_get(b, "/note");
    WEB_POST(b, "/note", "body", "bí mật của người dân", "copies", "99");
    b->site = "cross-site";
    WEB_POST(b, "/note", "body", "x", "copies", "1");
    b->site = NULL;
    b->token = "AAAA";
    WEB_POST(b, "/note", "body", "x", "copies", "1");
    for (int i = 0; i < 4; i++)
        web_get(b, "/slow-down");
    web_get(b, "/khong-co?q=%0aFORGED%20LINE");
    listen_end();
    assert_int_equal(first, 401);
    assert_int_equal(forbidden, 403);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        if (!strstr(said, lines[i]))
            print_error("no line has %s:\n%s", lines[i], said);
        assert_non_null(strstr(said, lines[i]));
    }
    assert_null(strstr(said, "FORGED"));
    assert_null(strstr(said, "bí mật"));
    assert_null(strstr(said, "so-rat-dai-cua-nguoi-dan")); /* an account is masked */
}

static void own_faults(struct db_world *w, struct web *web, struct web_client *b)
{
    (void)w, (void)web;
    listen_begin();
    web_get(b, "/broken");
    listen_end();
    const char *id = web_answer_header(b, "X-Request-Id");
    assert_int_equal(b->status, 500);
    assert_non_null(strstr(said, " ERROR web "));
    assert_non_null(strstr(said, id)); /* what the person is told leads to the line */
    assert_non_null(strstr(said, "route=/broken status=500 "));
    assert_non_null(strstr(said, "error=ERR_INTERNAL\n"));
}

static void test_refusals(void **state)
{
    (void)state;
    site_test(refusals);
}

static void test_own_faults(void **state)
{
    (void)state;
    site_test(own_faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_own_faults),
    };
    return cmocka_run_group_tests_name("web logged", tests, NULL, NULL);
}
