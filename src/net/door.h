/* SPDX-License-Identifier: Apache-2.0 */
/* The way in: a thread that takes callers off the listening socket for the engine. */
#ifndef DINH_NET_DOOR_H
#define DINH_NET_DOOR_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>

struct http_server;
struct door {
    int listen_fd, bell; /* -1: none */
    bool open;
    pthread_t man;
    _Atomic int64_t on_the_way; /* handed to the engine, not seen by its threads yet */
};
/* False: no thread or descriptor for it. */
bool door_open(struct http_server *s);
/* Also when it wasn't open. Closes the listening socket; from now on the server drains. */
void door_close(struct http_server *s);
/* False: the engine has no room. fd is the engine's either way, and closed when it doesn't take it.
 */
bool door_hand(struct http_server *s, int fd, const struct sockaddr *peer, socklen_t len);

#endif
