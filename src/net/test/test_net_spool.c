/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that memory doesn't hold: sealed in files without a name, with a room of their own. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/un.h>

#include "net/test/raw.h"

enum { PIECE = 64 << 10, TAG = 16 };

static struct ctx *c;
static struct http_server *server;
static int port;

static int serve(struct http_options o)
{
    c = test_ctx();
    server = raw_server(c, &o);
    port = http_server_port(server);
    return 0;
}

static int setup(void **state)
{
    (void)state;
    return serve(raw_options());
}

/* Room for a megabyte, a quarter of it for one peer. */
static int setup_small(void **state)
{
    struct http_options o = raw_options();
    (void)state;
    o.max_spool_bytes = 1 << 20;
    return serve(o);
}

static int teardown(void **state)
{
    (void)state;
    if (server)
        http_server_stop(server, 1000000);
    server = NULL;
    arena_end(c->arena);
    return 0;
}

/* ---- what this process has open there, and what has a name ---- */

/* How many spools are open; the last one's descriptor. */
static size_t spools_open(int *ret_fd)
{
    size_t n = 0;
    for (int fd = 3; fd < 1024; fd++) {
        char path[64], to[512];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        ssize_t len = readlink(path, to, sizeof to - 1);
        to[len < 0 ? 0 : len] = '\0';
        if (strncmp(to, raw_spool(), strlen(raw_spool())) != 0 || !strstr(to, "/body-"))
            continue;
        assert_non_null(strstr(to, "(deleted)"));
        n++;
        if (ret_fd)
            *ret_fd = fd;
    }
    return n;
}

static size_t names(void)
{
    DIR *dir = opendir(raw_spool());
    size_t n = 0;
    for (struct dirent *d; (d = readdir(dir));)
        n += strncmp(d->d_name, "body-", 5) == 0;
    closedir(dir);
    return n;
}

static bool soon(size_t wanted, int *ret_fd)
{
    for (int i = 0; i < 5000 && spools_open(ret_fd) != wanted; i++)
        usleep(2000);
    return spools_open(ret_fd) == wanted && names() == 0;
}

static long resident_kb(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long pages = 0, resident = 0;
    assert_int_equal(fscanf(f, "%ld %ld", &pages, &resident), 2);
    fclose(f);
    return resident * 4;
}

static int posts(int fd, const char *path, size_t bytes, bool chunked)
{
    char head[160];
    snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nHost: x\r\n%s%zu\r\n\r\n", path,
             chunked ? "Transfer-Encoding: chunked\r\nX: " : "Content-Length: ", bytes);
    raw_text(fd, head);
    return fd;
}

/* ---- on their way ---- */

static void spools(bool chunked)
{
    enum { TOTAL = 20 << 20 };
    long before = resident_kb();
    int fd = posts(raw_connect(port), "/bytes", TOTAL, chunked);
    raw_chunks(fd, TOTAL, chunked);
    assert_string_equal(raw_read(fd, RAW_WAIT_MS).body, "20971520 spooled");
    assert_true(resident_kb() - before < 4 * 1024);
    raw_text(fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); /* the next turn: the file is gone by now */
    assert_int_equal(raw_read(fd, RAW_WAIT_MS).status, 200);
    assert_int_equal(spools_open(NULL), 0);
    close(fd);
}

static void test_spools_a_large_body(void **state)
{
    (void)state;
    spools(false);
    spools(true);
}

/* Whole pieces, and one that isn't. */
static void test_spooled_body_is_whole(void **state)
{
    static const size_t sizes[] = {PIECE + 1, 2 * PIECE - 1, 2 * PIECE, 5 * PIECE + 4711};
    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_LEN(sizes); i++) {
        size_t n = sizes[i / 2];
        char *sent = malloc(n);
        for (size_t k = 0; k < n; k++)
            sent[k] = (char)(k * 2654435761u >> 13);
        int fd = posts(raw_connect(port), "/echo", n, i % 2);
        char size[32];
        snprintf(size, sizeof size, "%zx\r\n", n);
        assert_true(!(i % 2) || raw_text(fd, size));
        assert_true(raw_send(fd, sent, n) && (!(i % 2) || raw_text(fd, "\r\n0\r\n\r\n")));
        struct raw_answer a = raw_read(fd, RAW_WAIT_MS);
        assert_int_equal(a.status, 200);
        assert_int_equal(a.body_len, n);
        assert_memory_equal(a.body, sent, sizeof a.body - 1 < n ? sizeof a.body - 1 : n);
        close(fd);
        free(sent);
    }
}

static void test_spool_goes_with_the_client(void **state)
{
    (void)state;
    int fd = posts(raw_connect(port), "/bytes", 1048576, false);
    raw_chunks(fd, 524288, false);
    assert_true(soon(1, NULL));
    close(fd);
    assert_true(soon(0, NULL));
}

static void test_full_disk_is_said(void **state)
{
    (void)state;
    if (!sys_fault_arm("write:3:ENOSPC"))
        skip(); /* built without fault plans */
    int fd = posts(raw_connect(port), "/bytes", 1048576, false);
    raw_chunks(fd, 1048576, false);
    struct raw_answer a = raw_read(fd, RAW_WAIT_MS);
    assert_true(sys_fault_arm(NULL));
    assert_int_equal(a.status, 503);
    assert_non_null(strstr(a.body, "ERR_DISK_FULL"));
    assert_true(soon(0, NULL));
    close(fd);
}

/* ---- what lies on the disk ---- */

/* Nothing of it in clear; one bit of it changed, and it isn't the body any more. */
static void test_nobody_reads_or_changes_a_spool(void **state)
{
    (void)state;
    for (off_t at = 0; at < 3 * (PIECE + TAG); at += PIECE + TAG - 1) {
        int fd = posts(raw_connect(port), "/echo", 6 * PIECE, false), spool = -1;
        raw_chunks(fd, 4 * PIECE, false);
        assert_true(soon(1, &spool));
        static uint8_t there[3 * (PIECE + TAG)];
        for (int i = 0; i < 5000 && pread(spool, there, sizeof there, 0) < (ssize_t)sizeof there;
             i++)
            usleep(2000);
        assert_int_equal(pread(spool, there, sizeof there, 0), sizeof there);
        assert_null(memmem(there, sizeof there, "bbbbbbbb", 8));
        there[at] ^= 1;
        assert_int_equal(pwrite(spool, there + at, 1, at), 1);
        raw_chunks(fd, 2 * PIECE, false);
        assert_int_equal(raw_read(fd, RAW_WAIT_MS).status, err_row(ERR_IO)->status);
        close(fd);
    }
}

/* The server is gone, its handler reads the body all the same. */
static void test_a_handler_outlives_the_server(void **state)
{
    (void)state;
    int held = atomic_load(&raw_held), released = atomic_load(&raw_released);
    int fd = posts(raw_connect(port), "/held", 4 * PIECE, false);
    atomic_store(&raw_release, false);
    raw_chunks(fd, 4 * PIECE, false);
    for (int i = 0; i < 5000 && atomic_load(&raw_held) == held; i++)
        usleep(2000);
    http_server_stop(server, 20000);
    server = NULL;
    assert_int_equal(spools_open(NULL), 1);
    atomic_store(&raw_release, true);
    while (atomic_load(&raw_released) == released)
        usleep(1000);
    assert_true(soon(0, NULL));
    close(fd);
}

/* ---- their room ---- */

static void test_room_of_one_peer_and_of_all(void **state)
{
    static const char *const others[] = {"127.0.0.2", "127.0.0.3", "127.0.0.4"};
    int fd[4], more;
    (void)state;
    fd[0] = posts(raw_connect(port), "/bytes", 256 << 10, false);
    assert_true(soon(1, NULL));
    more = posts(raw_connect(port), "/bytes", 128 << 10, false); /* its quarter is full */
    struct raw_answer a = raw_read(more, RAW_WAIT_MS);
    assert_int_equal(a.status, 503);
    assert_non_null(strstr(a.body, "ERR_HTTP_BODIES"));
    assert_non_null(strstr(a.head, "Retry-After: "));
    close(more);
    struct raw_answer small =
        raw_ask(port, "POST /bytes HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
    assert_string_equal(small.body, "3 memory");
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        fd[i + 1] = posts(raw_connect_from(others[i], port), "/bytes", 256 << 10, false);
        assert_true(soon(i + 2, NULL));
    }
    more = posts(raw_connect_from("127.0.0.5", port), "/bytes", 128 << 10, true);
    raw_chunks(more, 128 << 10, true); /* it doesn't say how much: told once memory is full */
    assert_int_equal(raw_read(more, RAW_WAIT_MS).status, 503);
    close(more);
    close(fd[0]);
    assert_true(soon(3, NULL));
    more = posts(raw_connect_from("127.0.0.5", port), "/bytes", 128 << 10, false);
    raw_chunks(more, 128 << 10, false);
    assert_string_equal(raw_read(more, RAW_WAIT_MS).body, "131072 spooled");
    close(more);
    for (size_t i = 1; i < ARRAY_LEN(fd); i++)
        close(fd[i]);
    assert_true(soon(0, NULL));
}

/* One socket for all: room is that of whom the front names. */
static void test_room_behind_a_front(void **state)
{
    static const char *const who[] = {"192.0.2.1", "192.0.2.1", "192.0.2.2"};
    static const int wanted[] = {0, 503, 0};
    struct http_options o = raw_options();
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd[3];
    (void)state;
    o.max_spool_bytes = 1 << 20;
    snprintf(at.sun_path, sizeof at.sun_path, "%s/socket", raw_spool());
    o.address = arena_printf(c->arena, "unix:%s", at.sun_path);
    struct http_server *front = raw_server(c, &o);
    for (size_t i = 0; i < ARRAY_LEN(fd); i++) {
        char head[160];
        fd[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(fd[i], (struct sockaddr *)&at, sizeof at), 0);
        snprintf(head, sizeof head,
                 "POST /bytes HTTP/1.1\r\nHost: x\r\nX-Real-IP: %s\r\nContent-Length: %d\r\n\r\n",
                 who[i], 200 << 10);
        raw_text(fd[i], head);
        assert_int_equal(wanted[i] ? raw_read(fd[i], RAW_WAIT_MS).status : 0, wanted[i]);
        assert_true(soon(i < 2 ? 1 : 2, NULL));
    }
    for (size_t i = 0; i < ARRAY_LEN(fd); i++)
        close(fd[i]);
    http_server_stop(front, 1000000);
}

#define TEST(f)  cmocka_unit_test_setup_teardown(f, setup, teardown)
#define SMALL(f) cmocka_unit_test_setup_teardown(f, setup_small, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_spools_a_large_body),
        TEST(test_spooled_body_is_whole),
        TEST(test_spool_goes_with_the_client),
        TEST(test_full_disk_is_said),
        TEST(test_nobody_reads_or_changes_a_spool),
        TEST(test_a_handler_outlives_the_server),
        SMALL(test_room_of_one_peer_and_of_all),
        TEST(test_room_behind_a_front),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(raw_spool());
    return failed;
}
