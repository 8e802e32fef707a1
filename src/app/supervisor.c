/* SPDX-License-Identifier: Apache-2.0 */
#include "app/supervisor.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "net/http.h"

#define FIRST_FD   3
#define MOST_FDS   16
#define ROUNDS     3 /* in the time the supervisor gives */
#define NAME_BYTES 64

static struct {
    int notify; /* a socket towards the supervisor; 0: none */
    int64_t watchdog_us;
    int n_fds;
    char names[MOST_FDS][NAME_BYTES];
} told;

static struct {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool runs, ends;
    struct node *node;
    struct http_server *server;
} watch = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

/* ---- what the environment says ---- */

static int64_t number(const char *name)
{
    int64_t n;
    const char *text = getenv(name);
    return text && text_to_int(text, &n) && n > 0 ? n : 0;
}

/* "NAME_PID" says for whom it is meant; without it: for us. */
static bool is_ours(const char *pid_name, bool must)
{
    return getenv(pid_name) ? number(pid_name) == (int64_t)getpid() : !must;
}

static int open_notify(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    size_t len = path ? strlen(path) : 0;
    if (!len || len >= sizeof a.sun_path || (path[0] != '/' && path[0] != '@'))
        return 0;
    memcpy(a.sun_path, path, len);
    if (path[0] == '@')
        a.sun_path[0] = '\0'; /* abstract: no NUL behind it */
    socklen_t n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (path[0] == '/'));
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&a, n) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    log_warn("app", "NOTIFY_SOCKET doesn't answer");
    return 0;
}

static void take_sockets(void)
{
    int64_t n = is_ours("LISTEN_PID", true) ? number("LISTEN_FDS") : 0;
    const char *names = getenv("LISTEN_FDNAMES");
    told.n_fds = n > MOST_FDS ? MOST_FDS : (int)n;
    for (int i = 0; i < told.n_fds; i++) {
        size_t len = names ? strcspn(names, ":") : 0;
        fcntl(FIRST_FD + i, F_SETFD, FD_CLOEXEC);
        snprintf(told.names[i], NAME_BYTES, "%.*s", (int)len, names ? names : "");
        names = names && names[len] ? names + len + 1 : NULL;
    }
}

void supervisor_begin(void)
{
    static const char *const all[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
                                      "LISTEN_FDS",    "LISTEN_PID",    "LISTEN_FDNAMES"};
    told.notify = open_notify(getenv("NOTIFY_SOCKET"));
    told.watchdog_us = told.notify && is_ours("WATCHDOG_PID", false) ? number("WATCHDOG_USEC") : 0;
    take_sockets();
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        unsetenv(all[i]);
}

int supervisor_socket(const char *name)
{
    for (int i = 0; i < told.n_fds; i++)
        if (text_eq(told.names[i], name))
            return FIRST_FD + i;
    return 0;
}

void supervisor_say(const char *state)
{
    if (told.notify && send(told.notify, state, strlen(state), MSG_NOSIGNAL) < 0)
        log_warn("app", "the supervisor doesn't hear %s", state);
}

/* ---- the watchdog ---- */

static enum err touch(struct ctx *c, void *arg)
{
    (void)arg;
    int64_t one;
    return db_int(c, &one, "SELECT 1");
}

/* Returns when all three answered; how well they did is not asked here. */
static bool round_trip(struct arena *a, int64_t within_us)
{
    struct ctx c = {.arena = a, .now_us = sys_now_us(), .node = watch.node};
    if (!http_server_answers(watch.server, within_us))
        return false;
    enum err e = db_write(&c, watch.node->db, touch, NULL);
    enum err r = db_read(&c, watch.node->db, touch, NULL);
    if (e || r)
        log_warn("app", "the database answers with an error");
    return true;
}

/* True when the node ends. */
static bool nap(int64_t us)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += us / SECOND_US;
    until.tv_nsec += us % SECOND_US * 1000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&watch.lock);
    int e = 0;
    while (!watch.ends && e == 0)
        e = pthread_cond_timedwait(&watch.wake, &watch.lock, &until);
    bool ends = watch.ends;
    pthread_mutex_unlock(&watch.lock);
    return ends;
}

static void *watch_run(void *arg)
{
    (void)arg;
    int64_t every_us = told.watchdog_us / ROUNDS;
    struct arena *a = arena_new(0);
    do {
        if (round_trip(a, every_us))
            supervisor_say("WATCHDOG=1");
        else
            log_error("app", "the event loop doesn't answer; the watchdog isn't told");
        arena_reset(a);
    } while (!nap(every_us));
    arena_end(a);
    return NULL;
}

enum err supervisor_watch(struct ctx *c, struct node *n, struct http_server *s)
{
    if (!told.watchdog_us)
        return OK;
    watch.node = n;
    watch.server = s;
    watch.ends = false;
    watch.runs = pthread_create(&watch.thread, NULL, watch_run, NULL) == 0;
    return watch.runs ? OK : fail(c, ERR_TOO_MANY, "threads");
}

void supervisor_watch_end(void)
{
    if (!watch.runs)
        return;
    pthread_mutex_lock(&watch.lock);
    watch.ends = true;
    pthread_cond_broadcast(&watch.wake);
    pthread_mutex_unlock(&watch.lock);
    pthread_join(watch.thread, NULL);
    watch.runs = false;
}
