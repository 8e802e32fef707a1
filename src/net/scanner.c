/* SPDX-License-Identifier: Apache-2.0 */
#include "net/scanner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"

#define PIECE_BYTES  (64 * 1024)
#define ANSWER_BYTES 1024
#define NAME_BYTES   100

struct place {
    union {
        struct sockaddr any;
        struct sockaddr_un un;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at;
    socklen_t len;
};

/* ---- where it is ---- */

static bool port_in(const char *text, in_port_t *ret)
{
    int64_t port;
    if (!text_to_int(text, &port) || port < 1 || port > UINT16_MAX)
        return false;
    *ret = htons((uint16_t)port);
    return true;
}

static bool place_of(const char *address, struct place *ret)
{
    *ret = (struct place){.len = sizeof ret->at.un};
    const char *path = text_starts(address, "unix:/") ? address + strlen("unix:") : NULL;
    if (path) {
        ret->at.un.sun_family = AF_UNIX;
        if (strlen(path) >= sizeof ret->at.un.sun_path)
            return false;
        memcpy(ret->at.un.sun_path, path, strlen(path) + 1);
        return true;
    }
    if (text_starts(address, "[::1]:")) {
        ret->len = sizeof ret->at.v6;
        ret->at.v6.sin6_family = AF_INET6;
        ret->at.v6.sin6_addr = (struct in6_addr)IN6ADDR_LOOPBACK_INIT;
        return port_in(address + strlen("[::1]:"), &ret->at.v6.sin6_port);
    }
    if (!text_starts(address, "127.0.0.1:"))
        return false;
    ret->len = sizeof ret->at.v4;
    ret->at.v4.sin_family = AF_INET;
    ret->at.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return port_in(address + strlen("127.0.0.1:"), &ret->at.v4.sin_port);
}

bool scanner_address_sound(const char *text)
{
    struct place p;
    return place_of(text, &p);
}

uint16_t scanner_port(const char *address)
{
    struct place p;
    if (text_empty(address) || !place_of(address, &p) || p.at.any.sa_family == AF_UNIX)
        return 0;
    return ntohs(p.at.any.sa_family == AF_INET ? p.at.v4.sin_port : p.at.v6.sin6_port);
}

/* ---- a talk, to its deadline ---- */

struct talk {
    int fd;
    int64_t until_us;
};

static bool ready(const struct talk *t, short what)
{
    for (;;) {
        int64_t left = t->until_us - sys_mono_us();
        struct pollfd p = {.fd = t->fd, .events = what};
        int n = left > 0 ? poll(&p, 1, (int)(left / 1000) + 1) : 0;
        if (n >= 0 || errno != EINTR)
            return n > 0;
    }
}

static bool say(const struct talk *t, const void *what, size_t len)
{
    const uint8_t *at = what;
    while (len) {
        ssize_t n = ready(t, POLLOUT) ? send(t->fd, at, len, MSG_NOSIGNAL) : 0;
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

/* The line that comes back, or what there is of it when it ends. */
static size_t hear(const struct talk *t, char *to, size_t max)
{
    size_t len = 0;
    while (len < max && !memchr(to, '\0', len)) {
        ssize_t n = ready(t, POLLIN) ? recv(t->fd, to + len, max - len, 0) : 0;
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    return len;
}

static bool begin(struct talk *t, const char *address, int64_t timeout_us)
{
    struct place p;
    *t = (struct talk){.fd = -1, .until_us = sys_mono_us() + timeout_us};
    if (!place_of(address, &p))
        return false;
    t->fd = socket(p.at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (t->fd < 0)
        return false;
    if (connect(t->fd, &p.at.any, p.len) == 0)
        return true;
    int error = 0;
    socklen_t len = sizeof error;
    return errno == EINPROGRESS && ready(t, POLLOUT) &&
           getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && !error;
}

static void end(struct talk *t)
{
    if (t->fd >= 0)
        close(t->fd);
}

/* ---- what it says ---- */

enum scan_says scanner_answer(struct arena *a, struct bytes line, const char **ret_name)
{
    static const char head[] = "stream: ", found[] = " FOUND";
    const size_t before = sizeof head - 1, behind = sizeof found - 1;
    *ret_name = "";
    const uint8_t *nul = !line.len ? NULL : memchr(line.ptr, '\0', line.len);
    size_t n = nul ? (size_t)(nul - line.ptr) : 0; /* cut short, it could be read as another */
    if (n < before || memcmp(line.ptr, head, before) != 0)
        return SCAN_AWAY;
    const char *said = (const char *)line.ptr + before;
    n -= before;
    if (n == 2 && memcmp(said, "OK", 2) == 0)
        return SCAN_CLEAN;
    if (n <= behind || memcmp(said + n - behind, found, behind) != 0)
        return SCAN_AWAY;
    char *name = arena_text_n(a, said, n - behind < NAME_BYTES ? n - behind : NAME_BYTES);
    for (char *p = name; *p; p++)
        if (!((*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') ||
              strchr("._-:/", *p)))
            *p = '_';
    *ret_name = name;
    return SCAN_FOUND;
}

static bool send_all(const struct talk *t, struct bytes in)
{
    bool good = say(t, "zINSTREAM", sizeof "zINSTREAM");
    for (size_t at = 0; good && at < in.len; at += PIECE_BYTES) {
        size_t len = in.len - at < PIECE_BYTES ? in.len - at : PIECE_BYTES;
        uint32_t head = htonl((uint32_t)len);
        good = say(t, &head, sizeof head) && say(t, in.ptr + at, len);
    }
    const uint32_t last = 0;
    return good && say(t, &last, sizeof last);
}

enum scan_says scanner_ask(struct arena *a, const char *address, struct bytes in,
                           int64_t timeout_us, const char **ret_name)
{
    struct talk t;
    char line[ANSWER_BYTES];
    size_t n = 0;
    *ret_name = "";
    if (begin(&t, address, timeout_us) && send_all(&t, in))
        n = hear(&t, line, sizeof line);
    end(&t);
    return scanner_answer(a, (struct bytes){(const uint8_t *)line, n}, ret_name);
}

bool scanner_lives(const char *address, int64_t timeout_us)
{
    struct talk t;
    char line[ANSWER_BYTES];
    size_t n = 0;
    if (begin(&t, address, timeout_us) && say(&t, "zPING", sizeof "zPING"))
        n = hear(&t, line, sizeof line);
    end(&t);
    return n == sizeof "PONG" && memcmp(line, "PONG", n) == 0;
}
