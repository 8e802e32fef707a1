/* SPDX-License-Identifier: Apache-2.0 */
#include "test/harness/scanner_test.h"

#include "test/harness/unit.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MOST_BYTES (16 * 1024 * 1024)

struct scanner_test {
    int fd;
    char address[128];
    pthread_t thread;
    _Atomic int mood, ends;
    _Atomic size_t heard;
    char *content;
};

static bool take(int fd, void *to, size_t len)
{
    for (size_t got = 0; got < len;) {
        ssize_t n = recv(fd, (char *)to + got, len - got, 0);
        if (n <= 0)
            return false;
        got += (size_t)n;
    }
    return true;
}

static void say(int fd, const char *line, size_t len)
{
    (void)!send(fd, line, len, MSG_NOSIGNAL);
}

static bool take_content(struct scanner_test *s, int fd)
{
    size_t len = 0;
    for (;;) {
        uint32_t head;
        if (!take(fd, &head, sizeof head))
            return false;
        head = ntohl(head);
        if (!head)
            break;
        if (len + head > MOST_BYTES || !take(fd, s->content + len, head))
            return false;
        len += head;
    }
    atomic_store(&s->heard, len);
    return true;
}

/* Until the caller has had enough. */
static void say_nothing(int fd)
{
    char any;
    (void)!recv(fd, &any, 1, 0);
}

static void answer(struct scanner_test *s, int fd)
{
    static const char clean[] = "stream: OK", bad[] = "stream: Eicar-Test FOUND";
    bool found = memmem(s->content, s->heard, MALWARE, strlen(MALWARE)) != NULL;
    switch ((enum scanner_mood)atomic_load(&s->mood)) {
    case SCANNER_SOUND: say(fd, found ? bad : clean, found ? sizeof bad : sizeof clean); break;
    case SCANNER_SILENT: say_nothing(fd); break;
    case SCANNER_CUTS: say(fd, clean, sizeof clean - 1); break;
    case SCANNER_ERRS: say(fd, "INSTREAM size limit exceeded. ERROR", 36); break;
    }
}

static void serve(struct scanner_test *s, int fd)
{
    char command[sizeof "zINSTREAM"] = "";
    if (!take(fd, command, sizeof "zPING"))
        return;
    if (memcmp(command, "zPING", sizeof "zPING") == 0) {
        say(fd, "PONG", sizeof "PONG");
        return;
    }
    if (take(fd, command + sizeof "zPING", sizeof "zINSTREAM" - sizeof "zPING") &&
        memcmp(command, "zINSTREAM", sizeof "zINSTREAM") == 0 && take_content(s, fd))
        answer(s, fd);
}

static void *run(void *arg)
{
    struct scanner_test *s = arg;
    while (!atomic_load(&s->ends)) {
        struct pollfd p = {.fd = s->fd, .events = POLLIN};
        int fd = poll(&p, 1, 50) > 0 ? accept(s->fd, NULL, NULL) : -1;
        if (fd >= 0) {
            serve(s, fd);
            close(fd);
        }
    }
    return NULL;
}

static void bind_unix(struct scanner_test *s, const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unlink(path); /* of an earlier process of our number */
    assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof at), 0);
    snprintf(s->address, sizeof s->address, "unix:%s", path);
}

static void bind_loopback(struct scanner_test *s)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &len), 0);
    snprintf(s->address, sizeof s->address, "127.0.0.1:%d", ntohs(at.sin_port));
}

struct scanner_test *scanner_test_begin(const char *address)
{
    struct scanner_test *s = test_calloc(1, sizeof *s);
    s->content = test_malloc(MOST_BYTES);
    if (strncmp(address, "unix:", 5) == 0)
        bind_unix(s, address + 5);
    else
        bind_loopback(s);
    assert_int_equal(listen(s->fd, 8), 0);
    assert_int_equal(pthread_create(&s->thread, NULL, run, s), 0);
    return s;
}

const char *scanner_test_address(const struct scanner_test *s)
{
    return s->address;
}

void scanner_test_mood(struct scanner_test *s, enum scanner_mood mood)
{
    atomic_store(&s->mood, (int)mood);
}

size_t scanner_test_heard(const struct scanner_test *s)
{
    return atomic_load(&s->heard);
}

void scanner_test_end(struct scanner_test *s)
{
    atomic_store(&s->ends, 1);
    pthread_join(s->thread, NULL);
    close(s->fd);
    if (strncmp(s->address, "unix:", 5) == 0)
        unlink(s->address + 5);
    test_free(s->content);
    test_free(s);
}
