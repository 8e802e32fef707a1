/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/sys.h"
#include "net/engine.h"

static const char QUESTION[] =
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
static const char ANSWER[] = "HTTP/1.1 ";

/* Reads until the answer's first bytes are in, or the time is over. */
static bool answered(int fd, int64_t until_us)
{
    char seen[sizeof ANSWER - 1];
    size_t n = 0;
    while (n < sizeof seen) {
        int64_t left_us = until_us - sys_mono_us();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (left_us <= 0 || poll(&p, 1, (int)(left_us / 1000) + 1) < 0)
            return false;
        ssize_t got = recv(fd, seen + n, sizeof seen - n, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        n += got > 0 ? (size_t)got : 0;
    }
    return memcmp(seen, ANSWER, sizeof seen) == 0;
}

bool http_server_answers(struct http_server *s, int64_t within_us)
{
    int pair[2];
    struct sockaddr_un nobody = {.sun_family = AF_UNIX};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return true; /* no more sockets: we are busy, not dead */
    bool sent = send(pair[0], QUESTION, sizeof QUESTION - 1, MSG_NOSIGNAL) > 0;
    /* The engine closes the other end, also when it refuses it. */
    bool taken = door_hand(s, pair[1], (const struct sockaddr *)&nobody, sizeof(sa_family_t));
    bool ok = !taken || !sent || answered(pair[0], sys_mono_us() + within_us);
    close(pair[0]);
    return ok;
}
