/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doorman takes callers off the listening socket and hands them to the engine. The engine could
 * do so itself, but then its way to stop (0.9.75: MHD_quiesce_daemon) and its own threads take that
 * socket out of the same epoll, and whoever comes second ends the process. A full house leaves its
 * callers in the kernel's line.
 */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/engine.h"

enum {
    ON_THE_WAY_MAX = 256, /* handed over, not seen yet by the engine's threads */
    FULL_MS = 5,
    SHORT_MS = 100 /* of sockets or memory */
};

bool door_hand(struct http_server *s, int fd, const struct sockaddr *peer, socklen_t len)
{
    atomic_fetch_add(&s->door.on_the_way, 1);
    bool taken = MHD_add_connection(s->daemon, fd, peer, len) == MHD_YES;
    if (!taken)
        atomic_fetch_sub(&s->door.on_the_way, 1);
    return taken;
}

static bool is_full(struct http_server *s)
{
    int64_t way = atomic_load(&s->door.on_the_way);
    return way >= ON_THE_WAY_MAX || way + atomic_load(&s->n_conns) >= (int64_t)s->o.max_connections;
}

/* Milliseconds to wait before the next look; -1: until somebody calls. */
static int take_callers(struct http_server *s)
{
    while (!is_full(s) && !atomic_load(&s->draining)) {
        struct sockaddr_storage peer;
        socklen_t len = sizeof peer;
        struct sockaddr *at = (struct sockaddr *)(void *)&peer;
        int fd = accept4(s->door.listen_fd, at, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0)
            door_hand(s, fd, at, len); /* refused, it is closed */
        else if (errno == EAGAIN)
            return -1;
        else if (errno != EINTR && errno != ECONNABORTED) /* EMFILE and the like */
            return SHORT_MS;
    }
    return FULL_MS;
}

static void *stand(void *server)
{
    struct http_server *s = server;
    int pause_ms = -1;
    while (!atomic_load(&s->draining)) {
        struct pollfd p[2] = {{.fd = s->door.bell, .events = POLLIN},
                              {.fd = s->door.listen_fd, .events = POLLIN}};
        bool looked = poll(p, pause_ms < 0 ? 2 : 1, pause_ms) >= 0 || errno == EINTR;
        pause_ms = looked ? take_callers(s) : SHORT_MS;
    }
    return NULL;
}

bool door_open(struct http_server *s)
{
    s->door.bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    s->door.open = s->door.bell >= 0 && pthread_create(&s->door.man, NULL, stand, s) == 0;
    return s->door.open;
}

void door_close(struct http_server *s)
{
    uint64_t one = 1;
    atomic_store(&s->draining, true);
    if (s->door.open && write(s->door.bell, &one, sizeof one) == (ssize_t)sizeof one)
        pthread_join(s->door.man, NULL);
    s->door.open = false;
    if (s->door.bell >= 0)
        close(s->door.bell);
    if (s->door.listen_fd >= 0)
        close(s->door.listen_fd);
    s->door.bell = s->door.listen_fd = -1;
}
