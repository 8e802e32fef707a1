/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child_inside.h"
#include "base/log.h"
#include "base/sys.h"

#define WISHES_MAX  8
#define OWN_FD      3
#define ANSWERS_MAX 65536 /* answers of one message that wait for each other */

enum order_kind { ORDER_START = 1, ORDER_STOP };
struct order {
    uint32_t kind, wish, slot;
};

static const struct child_wish *const *wishes;
static size_t n_wishes;
static int control = -1; /* the node's end */
static pid_t starter;

/* ---- in the child ---- */

static bool write_all(int fd, const void *ptr, size_t len)
{
    const uint8_t *at = ptr;
    while (len) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static void put_error(const struct ctx *c, enum err e, struct buf *out)
{
    const struct fault *f = c->n_faults ? &c->faults[c->n_faults - 1] : NULL;
    buf_char(out, (char)(e & 0xff));
    buf_char(out, (char)(e >> 8));
    if (!f || f->err != e)
        return;
    buf_add(out, f->field, strlen(f->field) + 1);
    for (size_t i = 0; i < ARRAY_LEN(f->args) && f->args[i]; i++)
        buf_add(out, f->args[i], strlen(f->args[i]) + 1);
}

/* One frame behind what out holds: an answer, or the error in its place. */
static enum err answer_one(const struct child_wish *w, struct ctx *c, struct bytes in,
                           struct buf *out,
                           enum err (*how)(struct ctx *c, struct bytes in, struct buf *out))
{
    uint8_t head[CHILD_HEAD_BYTES + 1] = {0};
    struct buf one = buf_new(c->arena, w->max_answer_bytes);
    c->n_faults = 0;
    enum err e = how(c, in, &one);
    if (!e && buf_full(&one))
        e = fail(c, ERR_TOO_LONG, "answer");
    if (e) {
        one = buf_new(c->arena, w->max_answer_bytes);
        put_error(c, e, &one);
    }
    child_head(head, one.len + 1);
    head[CHILD_HEAD_BYTES] = e ? 1 : 0;
    buf_add(out, head, sizeof head);
    buf_add(out, one.ptr, one.len);
    return e;
}

static struct buf fresh(const struct child_wish *w, struct ctx *c)
{
    arena_reset(c->arena);
    return buf_new(c->arena, 2 * (w->max_answer_bytes + ANSWERS_MAX));
}

/* What came is answered together; true while the node listens and speaks sense. */
static bool answer_waiting(const struct child_wish *w, struct ctx *c, struct child_inbox *in)
{
    struct bytes one;
    struct buf out = fresh(w, c);
    int got;
    while ((got = child_next(in, w->max_request_bytes, &one)) > 0) {
        (void)answer_one(w, c, one, &out, w->answer);
        if (out.len < ANSWERS_MAX)
            continue;
        if (!write_all(OWN_FD, out.ptr, out.len))
            return false;
        out = fresh(w, c);
    }
    child_inbox_rest(in);
    return got == 0 && write_all(OWN_FD, out.ptr, out.len);
}

static bool say_hello(const struct child_wish *w, struct ctx *c, struct child_inbox *in)
{
    struct bytes hello;
    int got;
    while ((got = child_next(in, w->max_request_bytes, &hello)) == 0)
        if (!child_read(OWN_FD, in, w->max_request_bytes))
            return false;
    struct buf out = fresh(w, c);
    bool good = got > 0 && answer_one(w, c, hello, &out, w->begin) == OK;
    if (good && w->confine && !w->confine()) {
        log_error("child", "%s could not be confined", w->name);
        return false;
    }
    return write_all(OWN_FD, out.ptr, out.len) && good;
}

static void child_run(const struct child_wish *w)
{
    static const struct actor nobody = {.kind = ACTOR_SYSTEM, .account = "child"};
    struct child_inbox in = {NULL, 0, 0, 0};
    struct ctx c = {
        .arena = arena_new(4 * (w->max_request_bytes + w->max_answer_bytes) + ((size_t)8 << 20)),
        .now_us = sys_now_us(),
        .actor = &nobody,
        .request_id = "-"};
    bool good = say_hello(w, &c, &in);
    while (good && child_read(OWN_FD, &in, w->max_request_bytes))
        good = answer_waiting(w, &c, &in);
}

/* ---- both ---- */

static void name_process(const char *name)
{
    char own[16];
    snprintf(own, sizeof own, "dinh-%s", name);
    prctl(PR_SET_NAME, own);
}

/* Nothing but stderr and one descriptor; dies with who made it; leaves no memory behind. */
static void settle(int fd, pid_t parent, const char *name)
{
    const struct rlimit none = {0, 0};
    const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd != OWN_FD && dup2(fd, OWN_FD) < 0)
        _exit(1);
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
    }
    close_range(OWN_FD + 1, ~0U, 0);
    for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
        signal(ignored[i], SIG_IGN);
    name_process(name);
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* ---- the starter ---- */

static pid_t pids[CHILDREN_MAX];

static void stop(unsigned slot)
{
    if (pids[slot] > 0) { /* not reaped yet, so the number is still its own */
        kill(pids[slot], SIGKILL);
        waitpid(pids[slot], NULL, 0);
    }
    pids[slot] = 0;
}

static void start(const struct order *o, int fd)
{
    pid_t parent = getpid();
    stop(o->slot);
    pid_t pid = fork();
    if (pid == 0) {
        settle(fd, parent, wishes[o->wish]->name);
        child_run(wishes[o->wish]);
        _exit(0);
    }
    pids[o->slot] = pid > 0 ? pid : 0;
}

/* An order and, with a start, the descriptor beside it; false: the node is gone. */
static bool take(struct order *o, int *ret_fd)
{
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } beside;
    struct iovec part = {o, sizeof *o};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = beside.space,
                       .msg_controllen = sizeof beside.space};
    ssize_t n;
    *ret_fd = -1;
    do
        n = recvmsg(OWN_FD, &m, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    const struct cmsghdr *h = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
    if (h && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS)
        memcpy(ret_fd, CMSG_DATA(h), sizeof *ret_fd);
    return n == (ssize_t)sizeof *o;
}

static void starter_run(void)
{
    struct order o;
    int fd;
    while (take(&o, &fd)) {
        bool known = o.slot < CHILDREN_MAX && o.wish < n_wishes;
        if (known && o.kind == ORDER_START && fd >= 0)
            start(&o, fd);
        else if (known && o.kind == ORDER_STOP)
            stop(o.slot);
        if (fd >= 0)
            close(fd);
    }
    for (unsigned i = 0; i < CHILDREN_MAX; i++)
        stop(i);
}

/* ---- in the node ---- */

bool children_begin(const struct child_wish *const *list, size_t n)
{
    int pair[2];
    pid_t parent = getpid();
    ASSERT(n <= WISHES_MAX && control < 0);
    wishes = list;
    n_wishes = n;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    starter = fork();
    if (starter == 0) {
        unsetenv("DINH_FAULT"); /* plans are the node's */
        unsetenv("DINH_FAULT_FILE");
        settle(pair[1], parent, "starter");
        starter_run();
        _exit(0);
    }
    close(pair[1]);
    if (starter < 0)
        close(pair[0]);
    else
        control = pair[0];
    return starter > 0;
}

bool children_can(void)
{
    return control >= 0;
}

void children_end(void)
{
    if (control < 0)
        return;
    close(control);
    control = -1;
    waitpid(starter, NULL, 0);
}

static uint32_t index_of(const struct child_wish *w)
{
    uint32_t i = 0;
    while (i < n_wishes && wishes[i] != w)
        i++;
    ASSERT(i < n_wishes); /* named to children_begin() */
    return i;
}

static bool order(const struct order *o, int fd)
{
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } beside = {.space = {0}};
    struct iovec part = {(void *)(uintptr_t)o, sizeof *o};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd >= 0) {
        m.msg_control = beside.space;
        m.msg_controllen = sizeof beside.space;
        struct cmsghdr *h = CMSG_FIRSTHDR(&m);
        *h = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(h), &fd, sizeof fd);
    }
    return control >= 0 && sendmsg(control, &m, MSG_NOSIGNAL) == (ssize_t)sizeof *o;
}

bool child_order_start(const struct child_wish *w, unsigned slot, int fd)
{
    return order(&(struct order){ORDER_START, index_of(w), slot}, fd);
}

void child_order_stop(unsigned slot)
{
    (void)order(&(struct order){ORDER_STOP, 0, slot}, -1);
}
