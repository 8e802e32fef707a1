/* SPDX-License-Identifier: Apache-2.0 */
#include "net/test/raw.h"

#include <dirent.h>

static struct ctx *c;
static struct http_server *server;
static int port;

static int setup(void **state) {
    (void)state;
    c = test_ctx();
    struct http_options o = raw_options();
    server = raw_server(c, &o);
    port = http_server_port(server);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    http_server_stop(server, 1000000);
    arena_end(c->arena);
    return 0;
}

static void test_answers_a_get(void **state) {
    (void)state;
    struct raw_answer a =
        raw_ask(port, "GET /where?a=1&b=%20 HTTP/1.1\r\nHost: x\r\nX-Test:  v \r\n\r\n");
    assert_int_equal(a.status, 200);
    assert_string_equal(a.body, "GET|a=1&b=%20|127.0.0.1|v");
    assert_false(a.close);
}

static void test_keeps_the_connection_and_its_order(void **state) {
    (void)state;
    int fd = raw_connect(port);
    for (int i = 0; i < 20; i++) {
        raw_text(fd, "GET /one HTTP/1.1\r\nHost: x\r\n\r\nGET /later?2 HTTP/1.1\r\nHost: x\r\n\r\n"
                     "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nthree");
        assert_string_equal(raw_read(fd, 3000).body, "/one");
        assert_string_equal(raw_read(fd, 3000).body, "later 2");
        assert_string_equal(raw_read(fd, 3000).body, "three");
    }
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_answers_a_get, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keeps_the_connection_and_its_order, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
