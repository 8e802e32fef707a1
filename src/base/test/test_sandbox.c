/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test/support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sandbox.h"

static struct ctx c;
static char *folder;

static int begin(void **state)
{
    (void)state;
    c = ctx_begin();
    folder = folder_begin();
    return 0;
}

static int end(void **state)
{
    (void)state;
    folder_end(folder);
    ctx_end(&c);
    return 0;
}

static struct sandbox_plan plan_of(struct sandbox_path *path)
{
    *path = (struct sandbox_path){folder, SANDBOX_WRITE};
    return (struct sandbox_plan){.paths = path, .n_paths = 1};
}

static void denies_each_act(void **state)
{
    (void)state;
    enum sandbox_answer got[SANDBOX_ACTS];
    struct sandbox_path path;
    struct sandbox_plan plan = plan_of(&path);
    int proved = 0;
    sandbox_prove(&c, &plan, got);
    for (enum sandbox_act a = 0; a < SANDBOX_ACTS; a++) {
        if (sandbox_beyond_kernel(a) || sandbox_beyond_build(a))
            continue;
        if (got[a] != SANDBOX_DENIED)
            print_error("%s isn't denied: %d\n", sandbox_act_name(a), got[a]);
        assert_int_equal(got[a], SANDBOX_DENIED);
        proved++;
    }
    assert_true(proved >= 3);
}

/* Or the test above would prove nothing. */
static void allows_each_act_when_open(void **state)
{
    (void)state;
    enum sandbox_answer got[SANDBOX_ACTS];
    sandbox_prove(&c, NULL, got);
    for (enum sandbox_act a = 0; a < SANDBOX_ACTS; a++) {
        if (got[a] != SANDBOX_ALLOWED)
            print_error("%s fails without a sandbox: %d\n", sandbox_act_name(a), got[a]);
        assert_int_equal(got[a], SANDBOX_ALLOWED);
    }
}

/* ---- in a process of its own: its exit code, or minus the signal that ended it ---- */
static int in_child(void (*body)(void))
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static bool made(const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool good = write(fd, "1", 1) == 1 && fsync(fd) == 0 && ftruncate(fd, 0) == 0;
    close(fd);
    return good;
}

static int listening(uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 1) == 0)
        return fd;
    return -1;
}

static struct sockaddr_in where(int fd)
{
    struct sockaddr_in at;
    socklen_t len = sizeof at;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    return at;
}

static struct sockaddr_in peer;

static void works_in_its_plan(void)
{
    uint16_t port = ntohs(peer.sin_port);
    struct sandbox_path path;
    struct sandbox_plan plan = plan_of(&path);
    plan.connect_ports = &port;
    plan.n_connect = 1;
    if (sandbox_reach(&c, &plan) || strcmp(sandbox_level(), "off") != 0)
        _exit(10);
    if (sandbox_calls(&c) || strcmp(sandbox_level(), "off") == 0)
        _exit(11);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&peer, sizeof peer) != 0)
        _exit(12);
    if (!made("inside"))
        _exit(13);
}

static void lets_through_what_the_plan_names(void **state)
{
    (void)state;
    int fd = listening(0);
    assert_true(fd >= 0);
    peer = where(fd);
    assert_int_equal(in_child(works_in_its_plan), 0);
    close(fd);
}

static void only_reads(void)
{
    struct sandbox_path path = {folder, SANDBOX_READ};
    struct sandbox_plan plan = {.paths = &path, .n_paths = 1};
    char name[300];
    if (!made("before") || sandbox_reach(&c, &plan))
        _exit(10);
    snprintf(name, sizeof name, "%s/before", folder);
    if (open(name, O_RDONLY | O_CLOEXEC) < 0)
        _exit(11);
    if (sandbox_holds(SANDBOX_FILES) && (made("later") || errno != EACCES))
        _exit(12);
    if (sandbox_holds(SANDBOX_TRUNCATE) && truncate(name, 0) == 0)
        _exit(13);
}

static void keeps_a_read_only_folder(void **state)
{
    (void)state;
    assert_int_equal(in_child(only_reads), 0);
}

/* ---- children ---- */
static void child_computes(void)
{
    int pair[2];
    char got = 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0 || !sandbox_child(NULL))
        _exit(10);
    void *much = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (much == MAP_FAILED || send(pair[0], "x", 1, 0) != 1 || recv(pair[1], &got, 1, 0) != 1)
        _exit(11);
}

static void child_opens(void)
{
    if (!sandbox_child(NULL))
        _exit(10);
    open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static void child_connects(void)
{
    if (!sandbox_child(NULL))
        _exit(10);
    socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void child_asks_for_more(void)
{
    const char *const more[] = {"openat", NULL};
    if (!sandbox_child(more))
        _exit(10);
    if (sandbox_holds(SANDBOX_FILES) && open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0)
        _exit(11);
}

static void closes_a_child(void **state)
{
    (void)state;
    assert_int_equal(in_child(child_computes), 0);
    assert_int_equal(in_child(child_opens), -SIGSYS);
    assert_int_equal(in_child(child_connects), -SIGSYS);
    assert_int_equal(in_child(child_asks_for_more), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(denies_each_act, begin, end),
        cmocka_unit_test_setup_teardown(allows_each_act_when_open, begin, end),
        cmocka_unit_test_setup_teardown(lets_through_what_the_plan_names, begin, end),
        cmocka_unit_test_setup_teardown(keeps_a_read_only_folder, begin, end),
        cmocka_unit_test_setup_teardown(closes_a_child, begin, end),
    };
    return cmocka_run_group_tests_name("test_sandbox", tests, NULL, NULL);
}
