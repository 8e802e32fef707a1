/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls that are left. Lists are by name: a name that this machine's kind hasn't is
   passed over, since another one does its work there (open and openat). */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sandbox_inside.h"

/* What any process needs that computes, waits and ends. */
static const char *const of_all[] = {
    "read", "readv", "write", "writev", "recvfrom", "recvmsg", "sendto", "sendmsg", "close", "poll",
    "ppoll", "fstat", "lseek", "shutdown",
    /* memory; mmap and mprotect have rules of their own */
    "brk", "madvise", "munmap", "mremap",
    /* locks, clock, randomness */
    "futex", "sched_yield", "clock_gettime", "clock_getres", "gettimeofday", "time", "nanosleep",
    "clock_nanosleep", "getrandom", "restart_syscall",
    /* oneself */
    "getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getppid", "getrusage",
    "sched_getaffinity", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
    "set_robust_list", "rseq", "exit", "exit_group", NULL};

static const char *const of_node[] = {
    /* files, held by Landlock to the folders of the plan */
    "open", "openat", "stat", "lstat", "newfstatat", "statx", "statfs", "fstatfs", "access",
    "faccessat", "faccessat2", "readlink", "readlinkat", "getcwd", "getdents64", "pread64",
    "pwrite64", "preadv", "pwritev", "fcntl", "flock", "ftruncate", "fallocate", "fadvise64",
    "fsync", "fdatasync", "sync_file_range", "rename", "renameat", "renameat2", "unlink",
    "unlinkat", "mkdir", "mkdirat", "rmdir", "fchmod", "fchown", "umask", "utimensat", "dup",
    "dup2", "dup3", "sendfile", "pipe", "pipe2",
    /* sockets; socket has a rule of its own */
    "connect", "bind", "listen", "accept", "accept4", "getsockname", "getpeername", "setsockopt",
    "getsockopt", "sendmmsg", "recvmmsg", "socketpair",
    /* waiting */
    "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd2", "select",
    "pselect6", "rt_sigtimedwait", "timerfd_create", "timerfd_settime",
    /* what the machine is */
    "uname", "sysinfo", "membarrier", NULL};

/* A program, a process, another's memory: asked for by libraries out of habit, or by an attack that
   should be seen to fail and not only to end. */
static const char *const refused[] = {
    "execve",    "execveat",  "fork",  "vfork", "ptrace", "process_vm_readv", "process_vm_writev",
    "kill",      "tkill",     "chmod", "chown", "link",   "linkat",           "symlink",
    "symlinkat", "setrlimit", NULL};

#ifdef DINH_SANITIZE
/* The leak check stops all threads with a process of its own; the address check reserves, names and
   maps; planned faults end the process as kill -9. */
static const char *const of_sanitizers[] = {
    "ptrace",      "wait4",       "getdents",         "kill",      "tkill",     "tgkill",
    "prctl",       "personality", "process_vm_readv", "getrlimit", "prlimit64", "clone",
    "pkey_alloc",  "mincore",     "set_tid_address",  "msync",     "mlock",     "munlock",
    "getpriority", "setpriority", "arch_prctl",       NULL};
#endif

static int add_call(scmp_filter_ctx f, const char *name, uint32_t action)
{
    int number = seccomp_syscall_resolve_name(name);
    return number < 0 ? 0 : seccomp_rule_add(f, action, number, 0);
}

#ifdef DINH_SANITIZE
static bool for_sanitizers(const char *name)
{
    for (size_t i = 0; of_sanitizers[i]; i++)
        if (strcmp(of_sanitizers[i], name) == 0)
            return true;
    return false;
}
#endif

static int add_refused(scmp_filter_ctx f)
{
    int error = 0;
    for (size_t i = 0; refused[i] && !error; i++) {
#ifdef DINH_SANITIZE
        if (for_sanitizers(refused[i]))
            continue;
#endif
        error = add_call(f, refused[i], SCMP_ACT_ERRNO(EPERM));
    }
    return error;
}

static int add_list(scmp_filter_ctx f, const char *const *names, uint32_t action)
{
    int error = 0;
    for (; names && *names && !error; names++)
        error = add_call(f, *names, action);
    return error;
}

#define NO SCMP_ACT_ERRNO(EPERM)
#define MASKED(arg, mask, value)                                                                   \
    SCMP_CMP64((arg), SCMP_CMP_MASKED_EQ, (scmp_datum_t)(mask), (scmp_datum_t)(value))
#define EQUAL(arg, value) SCMP_CMP64((arg), SCMP_CMP_EQ, (scmp_datum_t)(value))

/* Memory is never code that wasn't there at the start. */
static int add_memory(scmp_filter_ctx f)
{
    const int calls[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
    int error = 0;
    for (size_t i = 0; i < ARRAY_LEN(calls) && !error; i++) {
        error = seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i], 1, MASKED(2, PROT_EXEC, 0));
        if (!error)
            error = seccomp_rule_add(f, NO, calls[i], 1, MASKED(2, PROT_EXEC, PROT_EXEC));
    }
    return error;
}

/* A thread yes, a process no. clone3 hides its flags in memory: the C library then asks clone. */
static int add_threads(scmp_filter_ctx f)
{
    int error = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
#ifndef DINH_SANITIZE
    if (!error)
        error = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                 MASKED(0, CLONE_THREAD, CLONE_THREAD));
    if (!error)
        error = seccomp_rule_add(f, NO, SCMP_SYS(clone), 1, MASKED(0, CLONE_THREAD, 0));
    if (!error)
        error = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, EQUAL(0, PR_SET_NAME));
    if (!error) /* its limits may be read */
        error = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, EQUAL(2, 0));
#endif
    return error;
}

static int add_sockets(scmp_filter_ctx f)
{
    const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
    const unsigned long asks[] = {FIONREAD, FIONBIO, TIOCGWINSZ, 0x5401 /* TCGETS: isatty() */};
    int error = 0;
    for (size_t i = 0; i < ARRAY_LEN(families) && !error; i++)
        error = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, EQUAL(0, families[i]));
    for (size_t i = 0; i < ARRAY_LEN(asks) && !error; i++)
        error = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, EQUAL(1, asks[i]));
    return error;
}

/* abort() and what a library raises reach this process only. */
static int add_abort(scmp_filter_ctx f)
{
#ifdef DINH_SANITIZE
    return add_list(f, of_sanitizers, SCMP_ACT_ALLOW);
#else
    return seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, EQUAL(0, getpid()));
#endif
}

static int start(scmp_filter_ctx *ret)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!f)
        return ENOMEM;
    *ret = f;
    int error = seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree, not a row */
    if (!error)
        error = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
    if (!error)
        error = add_list(f, of_all, SCMP_ACT_ALLOW);
    if (!error)
        error = add_memory(f);
    return error ? error : add_abort(f);
}

static int finish(scmp_filter_ctx f, int error)
{
    if (!error)
        error = seccomp_load(f);
    seccomp_release(f);
    if (!error)
        sandbox_mark(SANDBOX_CALLS);
    return error < 0 ? -error : error;
}

/* A kernel built without filters: nothing holds, and the level says so. */
static bool kernel_has_filters(void)
{
    return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

int sandbox_filter_node(void)
{
    scmp_filter_ctx f = NULL;
    if (!kernel_has_filters())
        return 0;
    int error = start(&f);
    if (!error)
        error = add_list(f, of_node, SCMP_ACT_ALLOW);
    if (!error)
        error = add_threads(f);
    if (!error)
        error = add_sockets(f);
    if (!error)
        error = add_refused(f);
    return finish(f, error);
}

int sandbox_filter_child(const char *const *more)
{
    scmp_filter_ctx f = NULL;
    if (!kernel_has_filters())
        return 0;
    int error = start(&f);
    for (; more && *more && !error; more++)
        error = strcmp(*more, "clone") == 0 ? add_threads(f) : add_call(f, *more, SCMP_ACT_ALLOW);
    return finish(f, error);
}
