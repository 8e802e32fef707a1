/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/sys_fault.h"
#include "base/text.h"

static _Atomic bool sync_lost;
static _Atomic int64_t calls[SYS_KINDS];

#ifdef DINH_FAULTS

enum { MAX_RULES = 32, MAX_PLAN_BYTES = SYS_FAULT_PLAN_BYTES, MAX_PARTS = 6, MAX_NAME_BYTES = 96 };
enum { CRASH = -1, HIT = -2, DELAY = -3 }; /* beside positive errno values */
enum { DELAY_MS = 333 };

struct rule {
    enum sys_kind kind;
    char point[MAX_NAME_BYTES]; /* SYS_POINT only */
    int64_t at, seen;
    int action;
    bool sticky;
};

struct plan {
    struct rule rules[MAX_RULES];
    size_t n;
    int64_t jump_us;
};

static const struct {
    const char *name;
    int value;
} ERRNOS[] = {
    {"EIO", EIO},
    {"ENOSPC", ENOSPC},
    {"EROFS", EROFS},
    {"EDQUOT", EDQUOT},
    {"EACCES", EACCES},
    {"EPERM", EPERM},
    {"ENOENT", ENOENT},
    {"ENOMEM", ENOMEM},
    {"EINTR", EINTR},
    {"EAGAIN", EAGAIN},
    {"EBUSY", EBUSY},
    {"EMFILE", EMFILE},
    {"ENFILE", ENFILE},
    {"EPIPE", EPIPE},
    {"ECONNREFUSED", ECONNREFUSED},
    {"ECONNRESET", ECONNRESET},
    {"ETIMEDOUT", ETIMEDOUT},
    {"EHOSTUNREACH", EHOSTUNREACH},
};

static const char *const KINDS[SYS_KINDS] = {"malloc", "open",  "read", "write", "fsync",  "rename",
                                             "unlink", "mkdir", "db",   "net",   "random", "point"};
static pthread_mutex_t plan_lock = PTHREAD_MUTEX_INITIALIZER;
static struct plan armed;
static _Atomic bool is_armed;

static bool kind_of(const char *name, enum sys_kind *ret_kind)
{
    for (int i = 0; i < SYS_KINDS; i++) {
        if (!text_eq(name, KINDS[i]))
            continue;
        *ret_kind = (enum sys_kind)i;
        return true;
    }
    return false;
}

static bool action_of(const char *name, enum sys_kind kind, int *ret_action)
{
    if (text_eq(name, "crash"))
        *ret_action = CRASH;
    else if (text_eq(name, "delay"))
        *ret_action = DELAY;
    else if (kind == SYS_NET && text_eq(name, "duplicate"))
        *ret_action = SYS_FAULT_TWICE;
    else if (kind == SYS_POINT && text_eq(name, "fail"))
        *ret_action = HIT;
    else {
        for (size_t i = 0; i < ARRAY_LEN(ERRNOS); i++) {
            if (!text_eq(name, ERRNOS[i].name))
                continue;
            *ret_action = ERRNOS[i].value;
            return true;
        }
        return false;
    }
    return true;
}

/* kind:k:action[:sticky], or point:name:k:action[:sticky] */
static bool parse_rule(struct plan *plan, char **parts, size_t n)
{
    struct rule r = {.kind = SYS_POINT};
    if (plan->n == MAX_RULES || !kind_of(parts[0], &r.kind))
        return false;
    size_t at = 1;
    if (r.kind == SYS_POINT) {
        if (n < 2 || strlen(parts[1]) >= sizeof r.point)
            return false;
        memcpy(r.point, parts[1], strlen(parts[1]) + 1);
        at = 2;
    }
    if (n < at + 2 || n > at + 3)
        return false;
    if (!text_to_int(parts[at], &r.at) || r.at < 1)
        return false;
    if (!action_of(parts[at + 1], r.kind, &r.action))
        return false;
    r.sticky = n == at + 3;
    if (r.sticky && !text_eq(parts[at + 2], "sticky"))
        return false;
    if (r.sticky && r.action == EINTR)
        return false; /* would be retried for ever */
    plan->rules[plan->n++] = r;
    return true;
}

static bool parse_clause(struct plan *plan, char *clause)
{
    char *parts[MAX_PARTS];
    size_t n = 0;
    for (char *rest = clause; rest;) {
        if (n == MAX_PARTS)
            return false;
        parts[n++] = strsep(&rest, ":");
    }
    if (!text_eq(parts[0], "clock"))
        return parse_rule(plan, parts, n);
    int64_t seconds, us;
    if (n != 3 || !text_eq(parts[1], "jump") || !text_to_int(parts[2], &seconds))
        return false;
    if (__builtin_mul_overflow(seconds, INT64_C(1000000), &us))
        return false;
    return !__builtin_add_overflow(plan->jump_us, us, &plan->jump_us);
}

static bool parse_plan(const char *text, struct plan *plan)
{
    char copy[MAX_PLAN_BYTES];
    size_t len = strlen(text);
    if (len >= sizeof copy)
        return false;
    memcpy(copy, text, len + 1);
    for (char *rest = copy; rest;) {
        char *clause = strsep(&rest, ",");
        clause += strspn(clause, " \t\n");
        if (!parse_clause(plan, clause))
            return false;
    }
    return true;
}

static void take(const struct plan *plan)
{
    armed = *plan;
    for (int i = 0; i < SYS_KINDS; i++)
        atomic_store(&calls[i], 0);
    atomic_store(&is_armed, plan->n > 0);
}

static bool arm(const char *text)
{
    struct plan plan = {.n = 0};
    if (text && !parse_plan(text, &plan))
        return false;
    pthread_mutex_lock(&plan_lock);
    take(&plan);
    pthread_mutex_unlock(&plan_lock);
    if (plan.jump_us)
        sys_clock_move(plan.jump_us);
    return true;
}

/* ---- a plan that another process changes while we run ---- */

extern struct fault_point __start_faultpts[] __attribute__((weak));
extern struct fault_point __stop_faultpts[] __attribute__((weak));

static struct sys_fault_file *followed;

static void follow_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void *map = fd < 0 ? MAP_FAILED
                       : mmap(NULL, sizeof *followed, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED || lseek(fd, 0, SEEK_END) < (off_t)sizeof *followed)
        BUG("DINH_FAULT_FILE can't be mapped");
    close(fd);
    size_t n = (size_t)(__stop_faultpts - __start_faultpts);
    followed = map;
    if (n > SYS_FAULT_POINTS_MAX)
        BUG("more fault points than DINH_FAULT_FILE has room for");
    for (size_t i = 0; i < n; i++)
        snprintf(followed->points[i].name, sizeof followed->points[i].name, "%s",
                 __start_faultpts[i].name);
}

/* The plan as a whole, and its number; false: the driver is about to write another. */
static bool read_whole(char *copy, int64_t *ret_number)
{
    *ret_number = atomic_load(&followed->asked);
    if (*ret_number < 0)
        return false;
    memcpy(copy, followed->plan, SYS_FAULT_PLAN_BYTES);
    copy[SYS_FAULT_PLAN_BYTES - 1] = '\0';
    atomic_thread_fence(memory_order_seq_cst);
    return atomic_load(&followed->asked) == *ret_number;
}

static void follow(void)
{
    if (!followed || atomic_load(&followed->asked) == atomic_load(&followed->armed))
        return;
    pthread_mutex_lock(&plan_lock);
    struct plan plan = {.n = 0};
    char text[SYS_FAULT_PLAN_BYTES];
    int64_t number = 0;
    if (read_whole(text, &number) && number != atomic_load(&followed->armed)) {
        if (text[0] && !parse_plan(text, &plan))
            BUG("the plan of DINH_FAULT_FILE doesn't parse");
        take(&plan);
        for (int i = 0; i < SYS_KINDS; i++)
            atomic_store(&followed->calls[i], 0);
        atomic_store(&followed->fired, 0);
        atomic_store(&followed->armed, number);
    }
    pthread_mutex_unlock(&plan_lock);
}

static void count(enum sys_kind kind)
{
    follow();
    atomic_fetch_add_explicit(&calls[kind], 1, memory_order_relaxed);
    if (followed)
        atomic_fetch_add_explicit(&followed->calls[kind], 1, memory_order_relaxed);
}

static void arm_from_environment(void)
{
    const char *text = getenv("DINH_FAULT"), *file = getenv("DINH_FAULT_FILE");
    if (text && *text && !arm(text))
        BUG("DINH_FAULT doesn't parse");
    if (file && *file)
        follow_file(file);
}

static void read_environment_once(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, arm_from_environment);
}

bool sys_fault_arm(const char *plan)
{
    read_environment_once(); /* else a later first call would arm the environment over this */
    atomic_store(&sync_lost, false);
    return arm(plan);
}

/* 0, an errno, or HIT */
static int consult(enum sys_kind kind, const char *point)
{
    int action = 0;
    pthread_mutex_lock(&plan_lock);
    for (size_t i = 0; i < armed.n; i++) {
        struct rule *r = &armed.rules[i];
        if (r->kind != kind || (point && !text_eq(point, r->point)))
            continue;
        r->seen++;
        if (!action && (r->seen == r->at || (r->sticky && r->seen > r->at)))
            action = r->action;
    }
    pthread_mutex_unlock(&plan_lock);
    if (action && followed)
        atomic_fetch_add(&followed->fired, 1);
    if (action == CRASH)
        raise(SIGKILL); /* as kill -9 would: no handler, no flush */
    if (action != DELAY)
        return action;
    usleep(DELAY_MS * 1000);
    return 0;
}

int sys_fault(enum sys_kind kind)
{
    read_environment_once();
    count(kind);
    return atomic_load(&is_armed) ? consult(kind, NULL) : 0;
}

bool sys_fault_point(struct fault_point *p)
{
    read_environment_once();
    count(SYS_POINT);
    __atomic_fetch_add(&p->hits, 1, __ATOMIC_RELAXED);
    size_t i = (size_t)(p - __start_faultpts);
    if (followed)
        atomic_fetch_add(&followed->points[i].hits, 1);
    int action = atomic_load(&is_armed) ? consult(SYS_POINT, p->name) : 0;
    if (action > 0)
        errno = action;
    return action != 0;
}

const struct fault_point *sys_fault_points(size_t *ret_n)
{
    *ret_n = __start_faultpts ? (size_t)(__stop_faultpts - __start_faultpts) : 0;
    return __start_faultpts;
}

#else /* a release: nothing can be armed, nothing is counted */

bool sys_fault_arm(const char *plan)
{
    return plan == NULL;
}

int sys_fault(enum sys_kind kind UNUSED)
{
    return 0;
}

bool sys_fault_point(struct fault_point *p UNUSED)
{
    return false;
}

const struct fault_point *sys_fault_points(size_t *ret_n)
{
    *ret_n = 0;
    return NULL;
}
#endif

int64_t sys_fault_calls(enum sys_kind kind)
{
    return atomic_load(&calls[kind]);
}

bool sys_sync_failed(void)
{
    return atomic_load(&sync_lost);
}

void sys_sync_lose(void)
{
    atomic_store(&sync_lost, true);
}
