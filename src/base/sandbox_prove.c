/* SPDX-License-Identifier: Apache-2.0 */
/* Each act in a child of its own: what the kernel kills takes nobody along. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sandbox_inside.h"

enum {
    DONE = 0,
    NOT_DONE = 1,
    NO_PROBE = 2
}; /* exit codes of a probe; a started program gives 0 */

struct probe {
    struct sockaddr_in elsewhere; /* somebody listens there */
    pid_t other;                  /* not of ours: whoever made the probe */
};

static bool opens(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static int tcp(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        _exit(NO_PROBE);
    return fd;
}

static bool binds(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return bind(tcp(), (struct sockaddr *)&any, sizeof any) == 0;
}

static bool runs_a_program(void)
{
    execl("/bin/true", "true", (char *)NULL);
    return false;
}

static bool forks(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

static bool makes_code(void)
{
    const size_t page = 4096;
    return mmap(NULL, page, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) != MAP_FAILED;
}

static bool act(enum sandbox_act a, const struct probe *p)
{
    switch (a) {
    case SANDBOX_ACT_PASSWD: return opens("/etc/passwd", O_RDONLY);
    case SANDBOX_ACT_WRITE: /* a file without a name: nothing is left behind */
        return opens("/tmp", O_TMPFILE | O_WRONLY);
    case SANDBOX_ACT_EXECVE: return runs_a_program();
    case SANDBOX_ACT_FORK: return forks();
    case SANDBOX_ACT_PTRACE: return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
    case SANDBOX_ACT_CONNECT:
        return connect(tcp(), (const struct sockaddr *)&p->elsewhere, sizeof p->elsewhere) == 0;
    case SANDBOX_ACT_BIND: return binds();
    case SANDBOX_ACT_CODE: return makes_code();
    case SANDBOX_ACT_SIGNAL: return kill(p->other, 0) == 0;
    case SANDBOX_ACT_DUMP: return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1;
    case SANDBOX_ACT_CALL: /* programs without a file are run from such memory */
        return memfd_create("probe", MFD_CLOEXEC) >= 0;
    case SANDBOX_ACTS: break;
    }
    BUG("an act nobody knows");
}

/* A socket that listens on a free port, which no plan can name. */
static int listen_elsewhere(struct probe *p)
{
    socklen_t len = sizeof p->elsewhere;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    p->elsewhere =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd >= 0 && bind(fd, (struct sockaddr *)&p->elsewhere, sizeof p->elsewhere) == 0 &&
        listen(fd, 4) == 0 && getsockname(fd, (struct sockaddr *)&p->elsewhere, &len) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Dumps are looked at before the filter forbids to ask; so the answer is kept until after it. */
static _Noreturn void be_probe(struct ctx *c, const struct sandbox_plan *plan, enum sandbox_act a,
                               const struct probe *p)
{
    if (plan && sandbox_reach(c, plan))
        _exit(NO_PROBE);
    bool done = a == SANDBOX_ACT_DUMP && act(a, p);
    if (plan && sandbox_calls(c))
        _exit(NO_PROBE);
    _exit((a == SANDBOX_ACT_DUMP ? done : act(a, p)) ? DONE : NOT_DONE);
}

static enum sandbox_answer answer_of(pid_t pid)
{
    int status;
    pid_t got;
    do
        got = waitpid(pid, &status, 0);
    while (got < 0 && errno == EINTR);
    if (got != pid)
        return SANDBOX_UNKNOWN;
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGSYS ? SANDBOX_DENIED : SANDBOX_UNKNOWN;
    switch (WEXITSTATUS(status)) {
    case DONE: return SANDBOX_ALLOWED;
    case NOT_DONE: return SANDBOX_DENIED;
    default: return SANDBOX_UNKNOWN;
    }
}

void sandbox_prove(struct ctx *c, const struct sandbox_plan *p,
                   enum sandbox_answer ret[SANDBOX_ACTS])
{
    struct probe probe = {.other = getpid()};
    int fd = listen_elsewhere(&probe);
    for (enum sandbox_act a = 0; a < SANDBOX_ACTS; a++) {
        pid_t pid = fd < 0 ? -1 : fork();
        if (pid == 0)
            be_probe(c, p, a, &probe);
        ret[a] = pid > 0 ? answer_of(pid) : SANDBOX_UNKNOWN;
    }
    if (fd >= 0)
        close(fd);
}

const char *sandbox_act_name(enum sandbox_act act)
{
    static const char *const names[SANDBOX_ACTS] = {
        [SANDBOX_ACT_PASSWD] = "open /etc/passwd", [SANDBOX_ACT_WRITE] = "write outside",
        [SANDBOX_ACT_EXECVE] = "execve",           [SANDBOX_ACT_FORK] = "fork",
        [SANDBOX_ACT_PTRACE] = "ptrace",           [SANDBOX_ACT_CONNECT] = "connect elsewhere",
        [SANDBOX_ACT_BIND] = "bind elsewhere",     [SANDBOX_ACT_CODE] = "mmap PROT_EXEC",
        [SANDBOX_ACT_SIGNAL] = "signal elsewhere", [SANDBOX_ACT_DUMP] = "core dump",
        [SANDBOX_ACT_CALL] = "memfd_create",
    };
    return names[act];
}

bool sandbox_beyond_build(enum sandbox_act act)
{
#ifdef DINH_SANITIZE
    return act == SANDBOX_ACT_FORK || act == SANDBOX_ACT_PTRACE;
#else
    (void)act;
    return false;
#endif
}

bool sandbox_beyond_kernel(enum sandbox_act act)
{
    int version = sandbox_landlock_version();
    switch (act) {
    case SANDBOX_ACT_PASSWD:
    case SANDBOX_ACT_WRITE: return version < 1;
    case SANDBOX_ACT_CONNECT:
    case SANDBOX_ACT_BIND: return version < 4;
    case SANDBOX_ACT_EXECVE:
    case SANDBOX_ACT_FORK:
    case SANDBOX_ACT_PTRACE:
    case SANDBOX_ACT_CODE:
    case SANDBOX_ACT_SIGNAL:
    case SANDBOX_ACT_CALL: return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0;
    case SANDBOX_ACT_DUMP:
    case SANDBOX_ACTS: return false;
    }
    BUG("an act nobody knows");
}
