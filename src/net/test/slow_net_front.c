/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The framing corpus through a front: nginx with the snippet we ship, and haproxy. What the front
 * passes on, one connection a request, we must read as that one request and no other: each line of
 * its log that we answered well is one call of our handler with the same method and target. A frame
 * that we refuse is refused there too, or stands below as one that the front makes good.
 */
#include "net/test/frames.h"
#include "net/test/raw.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/text.h"
#include "test/harness/port_test.h"
#include "test/harness/shell_test.h"

#define SEEN_MAX 16
#define PASSED   "answered=200 " /* before method and target, in a front's log */

static struct ctx *c;
static struct http_server *server;
static char *dir, *log_path, *sock;
static int port, held;
static pid_t front;

/* ---- what we saw ---- */

static pthread_mutex_t seen_lock = PTHREAD_MUTEX_INITIALIZER;
static char seen[SEEN_MAX][512];
static size_t n_seen;

static void note(void *arg, struct http_request *r)
{
    (void)arg;
    pthread_mutex_lock(&seen_lock);
    if (n_seen < SEEN_MAX)
        snprintf(seen[n_seen++], sizeof seen[0], "%s %s%s%s", r->method, r->path,
                 *r->query ? "?" : "", r->query);
    pthread_mutex_unlock(&seen_lock);
    raw_say(r, 200, r->body);
}

static void serve(void)
{
    struct http_options o = raw_options();
    o.address = arena_printf(c->arena, "unix:%s", sock);
    o.max_body_bytes = 24 << 20;
    o.handle = note;
    server = raw_server(c, &o);
    assert_int_equal(chmod(sock, 0666), 0); /* the front's workers aren't we */
}

/* ---- what the front saw ---- */

/* Its log from `from` on: the lines of requests it passed to us, "METHOD TARGET". */
static size_t passed(int64_t from, char lines[SEEN_MAX][512])
{
    struct bytes text;
    size_t n = 0, n_lines;
    if (sys_read_part(c, log_path, from, 1 << 20, &text))
        return 0;
    const char **all = text_split(
        c->arena, arena_text_n(c->arena, (const char *)text.ptr, text.len), '\n', &n_lines);
    for (size_t i = 0; i < n_lines; i++) {
        const char *line = strstr(all[i], PASSED), *scheme = line ? strstr(line, "://") : NULL;
        if (!line || n == SEEN_MAX)
            continue;
        line += strlen(PASSED);
        const char *path = scheme ? strchr(scheme + 3, '/') : NULL; /* of an absolute target */
        int method = (int)strcspn(line, " ") + 1;
        snprintf(lines[n++], 512, "%.*s%s", method, line, path ? path : line + method);
    }
    return n;
}

static int64_t log_size(void)
{
    struct stat st;
    return stat(log_path, &st) == 0 ? (int64_t)st.st_size : 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Both sides' lists, in any order: pipelined requests may be logged late. */
static bool agree(int64_t from)
{
    static char theirs[SEEN_MAX][512], ours[SEEN_MAX][512];
    size_t n = passed(from, theirs);
    pthread_mutex_lock(&seen_lock);
    size_t mine = n_seen;
    memcpy(ours, seen, sizeof ours);
    pthread_mutex_unlock(&seen_lock);
    if (n != mine)
        return false;
    qsort(theirs, n, sizeof theirs[0], by_text);
    qsort(ours, n, sizeof ours[0], by_text);
    for (size_t i = 0; i < n; i++)
        if (strcmp(theirs[i], ours[i]) != 0)
            return false;
    return true;
}

static bool comes_to_agree(int64_t from)
{
    struct arena *keep = c->arena;
    c->arena = arena_new(0);
    int64_t until = sys_mono_us() + 10 * 1000000;
    bool ok = agree(from);
    while (!ok && sys_mono_us() < until) {
        usleep(2000);
        arena_reset(c->arena);
        ok = agree(from);
    }
    arena_end(c->arena);
    c->arena = keep;
    return ok;
}

/* ---- starting and ending a front ---- */

static void put(const char *name, const char *text)
{
    const char *path = arena_printf(c->arena, "%s/%s", dir, name);
    assert_int_equal(sys_write_file(c, path, bytes_of(text), 0644), OK);
}

static void front_start(char *const argv[])
{
    front = fork();
    if (front == 0) {
        int out = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0644);
        int none = open("/dev/null", O_RDWR);
        dup2(none, STDIN_FILENO);
        dup2(out, STDOUT_FILENO);
        dup2(none, STDERR_FILENO);
        execvp(argv[0], argv);
        _exit(127);
    }
    for (int i = 0; i < 2000; i++) {
        if (raw_listens(port))
            return;
        assert_int_equal(waitpid(front, NULL, WNOHANG), 0);
        usleep(10000);
    }
    print_error("%s doesn't listen\n", argv[0]);
    assert_true(false);
}

static int setup(void **state)
{
    (void)state;
    c = test_ctx();
    dir = test_dir(c);
    chmod(dir, 0755);
    log_path = arena_printf(c->arena, "%s/log", dir);
    sock = arena_printf(c->arena, "%s/http.sock", dir);
    serve();
    port = port_held(&held);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (front > 0) {
        kill(front, SIGTERM);
        waitpid(front, NULL, 0);
    }
    front = 0;
    close(held);
    http_server_stop(server, 1000000);
    test_dir_end(dir);
    arena_end(c->arena);
    return 0;
}

/* ---- the corpus ---- */

static const char *name_in(const char *const *list, const char *name)
{
    for (; *list; list++)
        if (strcmp(*list, name) == 0)
            return name;
    return NULL;
}

static int64_t play(const void *bytes, size_t len, struct raw_answer *ret, bool *ret_closed)
{
    int64_t from = log_size();
    pthread_mutex_lock(&seen_lock);
    n_seen = 0;
    pthread_mutex_unlock(&seen_lock);
    int fd = raw_connect(port);
    raw_send(fd, bytes, len);
    *ret = raw_read(fd, 3000);
    shutdown(fd, SHUT_WR);
    *ret_closed = raw_closed(fd, 20000); /* all its requests are answered and logged */
    close(fd);
    return from;
}

static bool refused_or_made_good(const struct frame *f, const char *const *made_good)
{
    struct raw_answer a;
    bool closed;
    int64_t from = play(f->bytes, f->len, &a, &closed);
    bool same = comes_to_agree(from);
    bool refused = a.status == 0 || a.status >= 400;
    bool listed = name_in(made_good, f->name) != NULL;
    bool ok = same && refused != listed;
    if (!ok)
        print_error("%s: status %d, closed %d, handled %zu (%s), the front %s\n", f->name, a.status,
                    closed, n_seen, n_seen ? seen[0] : "", same ? "agrees" : "tells another story");
    return ok;
}

static void play_all(const char *const *made_good, const char *const *taken_ill)
{
    size_t wrong = 0;
    assert_true(ARRAY_LEN(BAD_FRAMES) >= 100);
    for (size_t i = 0; i < ARRAY_LEN(BAD_FRAMES); i++)
        wrong += !refused_or_made_good(&BAD_FRAMES[i], made_good);
    for (size_t i = 0; i < ARRAY_LEN(GOOD_FRAMES); i++) {
        struct raw_answer a;
        bool closed;
        int64_t from = play(GOOD_FRAMES[i].bytes, strlen(GOOD_FRAMES[i].bytes), &a, &closed);
        bool same = comes_to_agree(from);
        bool good = a.status == 200 && strcmp(a.body, GOOD_FRAMES[i].body) == 0 && n_seen == 1;
        bool ok = same && good != (name_in(taken_ill, GOOD_FRAMES[i].name) != NULL);
        if (!ok)
            print_error("%s: status %d, body '%s', handled %zu, the front %s\n",
                        GOOD_FRAMES[i].name, a.status, a.body, n_seen,
                        same ? "agrees" : "tells another story");
        wrong += !ok;
    }
    assert_int_equal(wrong, 0);
}

/* ---- nginx, with what the package ships ---- */

static void nginx_start(void)
{
    struct bytes text;
    const char *path = arena_printf(c->arena, "%s/packaging/nginx/dinh.conf",
                                    getenv("DINH_SOURCE_ROOT") ? getenv("DINH_SOURCE_ROOT") : ".");
    assert_int_equal(sys_read_file(c, path, 65536, &text), OK);
    const char *snippet = (const char *)text.ptr, *was = "unix:/run/dinh/http.sock";
    const char *at = strstr(snippet, was);
    assert_non_null(at);
    put("dinh.conf", arena_printf(c->arena, "%.*sunix:%s%s", (int)(at - snippet), snippet, sock,
                                  at + strlen(was)));
    /* We hang up our side after the first answer; what nginx passed on by then is still logged. */
    put("nginx.conf",
        arena_printf(
            c->arena,
            "daemon off; pid %s/pid; error_log %s/error.log; worker_processes 1;\n"
            "events { worker_connections 256; }\n"
            "http { proxy_ignore_client_abort on;\nlog_format f 'answered=$upstream_status "
            "$request_method $request_uri';\n"
            "access_log %s f; client_body_temp_path %s/b; proxy_temp_path %s/p;\n"
            "fastcgi_temp_path %s/f; uwsgi_temp_path %s/u; scgi_temp_path %s/s;\n"
            "server { listen 127.0.0.1:%d default_server; return 421; }\n"
            "server { listen 127.0.0.1:%d; server_name x [::1] \"\"; include %s/dinh.conf; }"
            "}\n",
            dir, dir, log_path, dir, dir, dir, dir, dir, port, port, dir));
    front_start((char *[]){"nginx", "-p", dir, "-e", arena_printf(c->arena, "%s/error.log", dir),
                           "-c", arena_printf(c->arena, "%s/nginx.conf", dir), NULL});
}

static void test_nginx_frames_as_we_do(void **state)
{
    (void)state;
    /* Framed anew by nginx, which takes a bare LF for a line end and isn't strict about blanks,
       versions and leading zeros. */
    static const char *const made_good[] = {"length of 30 digits",
                                            "bare LF after the request line",
                                            "bare LF after a field",
                                            "bare LF everywhere",
                                            "bare LF as the last line",
                                            "CR CR LF",
                                            "target of another scheme",
                                            "two blanks after the method",
                                            "two blanks before the version",
                                            "blank after the version",
                                            "version 1.2",
                                            "version with more digits",
                                            "unknown expectation",
                                            NULL};
    static const char *const taken_ill[] = {"HTTP/1.0 without a host",
                                            "blanks and tabs around a value", NULL};
    nginx_start();
    play_all(made_good, taken_ill);
}

/* ---- haproxy ---- */

static void haproxy_start(void)
{
    put("haproxy.cfg",
        arena_printf(c->arena,
                     "global\n  log stdout format raw daemon\n"
                     "defaults\n  mode http\n  log global\n  timeout client 10s\n"
                     "  timeout server 10s\n  timeout connect 5s\n  timeout http-request 5s\n"
                     "  log-format \"answered=%%ST %%HM %%HU\"\n"
                     "frontend f\n  bind 127.0.0.1:%d\n  default_backend b\n"
                     "backend b\n  http-reuse never\n  option httpclose\n  server node unix@%s\n",
                     port, sock));
    front_start(
        (char *[]){"haproxy", "-db", "-f", arena_printf(c->arena, "%s/haproxy.cfg", dir), NULL});
}

static void test_haproxy_frames_as_we_do(void **state)
{
    (void)state;
    /* Framed anew by haproxy: equal lengths said once, a length beside an encoding left out, a
       folded line joined, a bare LF a line end. */
    static const char *const made_good[] = {"same length twice",
                                            "two lengths in a list",
                                            "length then encoding",
                                            "encoding then length",
                                            "bare LF after the request line",
                                            "bare LF after a field",
                                            "bare LF everywhere",
                                            "bare LF as the last line",
                                            "folded by a blank",
                                            "folded by a tab",
                                            "folded encoding",
                                            "folded length",
                                            "two hosts",
                                            "two blanks after the method",
                                            "two blanks before the version",
                                            "tab for a blank",
                                            "version 2.0",
                                            "version 1.2",
                                            NULL};
    static const char *const taken_ill[] = {NULL};
    haproxy_start();
    play_all(made_good, taken_ill);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nginx_frames_as_we_do, setup, teardown),
        cmocka_unit_test_setup_teardown(test_haproxy_frames_as_we_do, setup, teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(raw_spool());
    return failed;
}
