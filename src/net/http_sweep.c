/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine knows inactivity only; one byte a second keeps it waiting for ever. This thread looks
 * at every connection four times a second and shuts the sockets of those past an absolute
 * deadline, or left by their peer without the engine's notice; the engine then cleans up. It also
 * swallows what refused clients still send, so that the refusal is not lost in a reset.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/time.h"
#include "net/engine.h"

enum {
    TICK_US = 250 * 1000,
    LINGER_US = 2 * 1000 * 1000,
    MAX_LINGERING = 64,
    SWALLOW_BYTES = 4 << 20,
    FLOOR_BYTES_A_SECOND = 500,
    CROWDED_FLOOR = 16 * 1024, /* of answers when they fill half of their memory */
    CROWDED_ANSWER_US = 2 * 1000 * 1000,
    CROWDED_SHARE = 12,
    CROWD = 1000, /* so many leave something behind */
    LINGERED_US = 4 * 1000 * 1000,
    IP_TCP = 6,
    STATE_ESTABLISHED = 1 /* of the kernel; libc's header clashes with the kernel's */
};

struct lingering {
    struct lingering *next;
    int fd;
    int64_t until_us;
};

/* ---- deadlines ---- */

static bool under_floor(int64_t bytes, int64_t elapsed_us, int64_t floor)
{
    return bytes < floor * (elapsed_us / 1000000);
}

/* The peer is gone and nothing it sent waits to be read. The engine misses this when the end came
   together with the last bytes (edge-triggered epoll, a short read). True at the second look, so
   that what was just read had the time to be acted on. */
static bool peer_left(struct conn *x)
{
    int phase = atomic_load_explicit(&x->phase, memory_order_acquire);
    int64_t since = atomic_load_explicit(&x->since_us, memory_order_relaxed);
    int64_t moved = atomic_load_explicit(&x->moved, memory_order_relaxed);
    if (phase != PHASE_HEAD && phase != PHASE_IDLE && phase != PHASE_BODY)
        return false;
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    int unread = 0;
    bool left = getsockopt(x->fd, IP_TCP, TCP_INFO, &info, &len) == 0 &&
                info.tcpi_state != STATE_ESTABLISHED && ioctl(x->fd, FIONREAD, &unread) == 0 &&
                !unread;
    bool again = left && x->left_since_us == since && x->left_moved == moved;
    x->left_since_us = left ? since : 0;
    x->left_moved = moved;
    return again;
}

/* Bytes the socket received, or the peer acknowledged; 0 where the kernel doesn't count. */
static uint64_t tcp_bytes(int fd, bool received)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    if (getsockopt(fd, IP_TCP, TCP_INFO, &info, &len) != 0)
        return 0;
    return received ? info.tcpi_bytes_received : info.tcpi_bytes_acked;
}

/* The first look at a phase notes where the counter stood. */
static bool first_look(struct conn *x, int64_t since, bool received)
{
    if (x->seen_since_us == since)
        return false;
    x->seen_since_us = since;
    x->seen_bytes = tcp_bytes(x->fd, received);
    x->dribble_us = 0;
    return true;
}

/* Three quarters of the room are taken: who asks nothing makes room sooner. */
static bool is_crowded(const struct http_server *s)
{
    return atomic_load(&s->n_conns) * 4 > (int64_t)s->o.max_connections * 3;
}

/* A kept connection: the next head may have begun, unseen by us but by the kernel. */
static bool idle_too_long(struct http_server *s, struct conn *x, int64_t since, int64_t now)
{
    if (now - since > (is_crowded(s) ? s->o.idle_us / CROWDED_SHARE : s->o.idle_us))
        return true;
    if (first_look(x, since, true))
        return false;
    if (!x->dribble_us && tcp_bytes(x->fd, true) != x->seen_bytes)
        x->dribble_us = now;
    return x->dribble_us && now - x->dribble_us > s->o.head_deadline_us;
}

static bool body_too_slow(struct http_server *s, int64_t since, int64_t now, int64_t moved)
{
    return now - since > s->o.body_deadline_us &&
           under_floor(moved, now - since, FLOOR_BYTES_A_SECOND);
}

static bool answer_too_slow(struct http_server *s, struct conn *x, int64_t since, int64_t now)
{
    bool crowded = atomic_load(&s->held) > s->o.max_answer_bytes / 2;
    if (first_look(x, since, false) ||
        now - since <= (crowded ? CROWDED_ANSWER_US : s->o.body_deadline_us))
        return false;
    return under_floor((int64_t)(tcp_bytes(x->fd, false) - x->seen_bytes), now - since,
                       crowded ? CROWDED_FLOOR : FLOOR_BYTES_A_SECOND);
}

/* Lock of the connection held. */
static bool stream_ended(struct conn *x, int64_t now)
{
    struct http_stream *st = x->turn ? x->turn->stream : NULL;
    if (!st)
        return false;
    struct pollfd p = {.fd = x->fd, .events = POLLRDHUP};
    if (poll(&p, 1, 0) > 0 && p.revents & (POLLRDHUP | POLLHUP | POLLERR)) {
        stream_cut(st);
        return true;
    }
    return !stream_lives(st, now);
}

static bool stream_is_dead(struct conn *x, int64_t now)
{
    pthread_mutex_lock(&x->lock);
    bool dead = stream_ended(x, now);
    pthread_mutex_unlock(&x->lock);
    return dead;
}

static bool past_deadline(struct http_server *s, struct conn *x, int64_t now)
{
    enum phase p = (enum phase)atomic_load_explicit(&x->phase, memory_order_acquire);
    int64_t since = atomic_load_explicit(&x->since_us, memory_order_relaxed);
    int64_t moved = atomic_load_explicit(&x->moved, memory_order_relaxed);
    switch (p) {
    case PHASE_HEAD:
        return now - since > (is_crowded(s) ? s->o.head_deadline_us / 2 : s->o.head_deadline_us);
    case PHASE_IDLE: return idle_too_long(s, x, since, now);
    case PHASE_BODY: return body_too_slow(s, since, now, moved);
    case PHASE_ANSWER: return answer_too_slow(s, x, since, now);
    case PHASE_STREAM: return stream_is_dead(x, now);
    case PHASE_HANDLER: return false;
    }
    return false;
}

static void sweep_conns(struct http_server *s, int64_t now)
{
    for (struct conn *x = s->conns; x; x = x->next) {
        if (x->cut)
            continue;
        int phase = atomic_load_explicit(&x->phase, memory_order_relaxed);
        bool late = past_deadline(s, x, now);
        if (late && phase != PHASE_IDLE && phase != PHASE_STREAM)
            atomic_fetch_add(&s->slow, 1);
        if (!late && !peer_left(x))
            continue;
        x->cut = true;
        if (late && phase == PHASE_ANSWER) /* the kernel keeps nothing for who doesn't read */
            setsockopt(x->fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
        shutdown(x->fd, SHUT_RDWR);
    }
}

/* ---- the refused, for a moment ---- */

void sweep_linger(struct http_server *s, int fd)
{
    size_t n = 0;
    for (struct lingering *l = s->lingering; l; l = l->next)
        n++;
    struct lingering *l = n < MAX_LINGERING ? sys_malloc(sizeof *l) : NULL;
    if (!l)
        return;
    *l = (struct lingering){s->lingering, fcntl(fd, F_DUPFD_CLOEXEC, 0), sys_mono_us() + LINGER_US};
    if (l->fd < 0) {
        sys_free(l);
        return;
    }
    shutdown(l->fd, SHUT_WR);
    s->lingering = l;
}

/* True when the peer is through, or had its time. */
static bool swallow(struct lingering *l, int64_t now)
{
    char waste[16 * 1024];
    for (size_t sum = 0; sum < SWALLOW_BYTES; sum += sizeof waste) {
        ssize_t n = recv(l->fd, waste, sizeof waste, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (n <= 0)
            return true;
    }
    return now > l->until_us;
}

static void sweep_lingering(struct http_server *s, int64_t now)
{
    struct lingering **at = &s->lingering;
    while (*at) {
        struct lingering *l = *at;
        if (!swallow(l, now)) {
            at = &l->next;
            continue;
        }
        *at = l->next;
        close(l->fd);
        sys_free(l);
    }
}

/* ---- the thread ---- */

static void tick(struct http_server *s)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += TICK_US * 1000L;
    if (until.tv_nsec >= 1000000000L)
        until.tv_sec++, until.tv_nsec -= 1000000000L;
    pthread_cond_timedwait(&s->wake, &s->lock, &until);
}

struct crowd {
    int64_t most;
    int64_t again_us; /* when the last of it are looked after, 0: they were */
};

/* When a crowd has left, and once more for those who lingered. The lock is held, but for as long as
   it takes. */
static void give_back(struct http_server *s, struct crowd *crowd, int64_t now)
{
    int64_t n = atomic_load(&s->n_conns);
    if (n > crowd->most)
        crowd->most = n;
    bool left = crowd->most >= CROWD && n <= crowd->most / 8;
    if (!left && (!crowd->again_us || now < crowd->again_us))
        return;
    crowd->again_us = left ? now + LINGERED_US : 0;
    if (left)
        crowd->most = n;
    pthread_mutex_unlock(&s->lock);
    sys_give_back();
    pthread_mutex_lock(&s->lock);
}

struct told {
    int64_t no_room, at_us;
};

/* At once, then once a minute while it lasts. */
static void tell_of_no_room(struct http_server *s, struct told *told, int64_t now)
{
    int64_t n = atomic_load(&s->no_room);
    if (n == told->no_room || (told->at_us && now - told->at_us < MINUTE_US))
        return;
    log_warn("net", "%s: no room for %lld requests: %lld bytes of answers, %lld of bodies wait",
             s->o.name ? s->o.name : "-", (long long)(n - told->no_room),
             (long long)atomic_load(&s->held), (long long)atomic_load(&s->spooled));
    *told = (struct told){n, now};
}

static void *sweep(void *server)
{
    struct http_server *s = server;
    struct crowd crowd = {0};
    struct told told = {0};
    pthread_mutex_lock(&s->lock);
    while (s->sweeping) {
        int64_t now = sys_mono_us();
        atomic_store_explicit(&s->tick_us, now, memory_order_relaxed);
        sweep_conns(s, now);
        sweep_lingering(s, now);
        tell_of_no_room(s, &told, now);
        tick(s);
        give_back(s, &crowd, now);
    }
    sweep_lingering(s, INT64_MAX);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

bool sweep_start(struct http_server *s)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    atomic_store(&s->tick_us, sys_mono_us());
    pthread_mutex_lock(&s->lock);
    s->sweeping = pthread_create(&s->sweeper, NULL, sweep, s) == 0;
    bool started = s->sweeping;
    pthread_mutex_unlock(&s->lock);
    return started;
}

void sweep_stop(struct http_server *s)
{
    if (!s->sweeping)
        return;
    pthread_mutex_lock(&s->lock);
    s->sweeping = false;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->sweeper, NULL);
}
