/* SPDX-License-Identifier: Apache-2.0 */
/* bench_once PORT CONNECTIONS FILE: sends each request of the file exactly once, over kept
   connections that each wait for their answer (closed loop). A line is a cookie, a path and an
   urlencoded body, with tabs between. Prints requests a second, the median and the 99th of a
   hundred in milliseconds, and how many answers were no redirect, blank-separated. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sys.h"

enum { MAX_LINES = 100000, MAX_CONNECTIONS = 256, LINE_BYTES = 8192, ANSWER_BYTES = 65536 };

static struct {
    char *lines[MAX_LINES];
    int64_t took_us[MAX_LINES];
    size_t n;
    atomic_size_t next;
    atomic_int refused;
    uint16_t port;
} run;

static void must(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    _exit(1);
}

static void read_lines(const char *path)
{
    static char line[LINE_BYTES];
    FILE *f = fopen(path, "r");
    must(f, path);
    while (run.n < MAX_LINES && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = 0;
        must(strchr(line, '\t') != strrchr(line, '\t'), "a line without two tabs");
        must((run.lines[run.n++] = strdup(line)), "memory");
    }
    fclose(f);
}

static int connected(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(run.port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    must(s >= 0 && !connect(s, (struct sockaddr *)&to, sizeof to), "connect");
    must(!setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt");
    return s;
}

/* One answer, whole: the head, then as many bytes as it says. Gives the status. */
static int answer(int s)
{
    char got[ANSWER_BYTES];
    size_t n = 0, whole = 0;
    while (!whole || n < whole) {
        ssize_t more = read(s, got + n, sizeof got - 1 - n);
        must(more > 0, "an answer cut short");
        got[n += (size_t)more] = 0;
        const char *end = strstr(got, "\r\n\r\n"), *length = strcasestr(got, "\r\nContent-Length:");
        if (end && !whole)
            whole = (size_t)(end + 4 - got) + (length ? strtoul(length + 17, NULL, 10) : 0);
        must(whole < sizeof got, "an answer too long");
    }
    return (int)strtol(got + strlen("HTTP/1.1 "), NULL, 10);
}

static int send_line(int s, const char *line)
{
    char ask[LINE_BYTES * 2];
    const char *path = strchr(line, '\t') + 1, *body = strchr(path, '\t') + 1;
    int n = snprintf(ask, sizeof ask,
                     "POST %.*s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: http://127.0.0.1:%u\r\n"
                     "Accept: text/html\r\nCookie: %.*s\r\nContent-Length: %zu\r\n"
                     "Content-Type: application/x-www-form-urlencoded\r\n\r\n%s",
                     (int)(body - 1 - path), path, run.port, run.port, (int)(path - 1 - line), line,
                     strlen(body), body);
    must(n > 0 && write(s, ask, (size_t)n) == n, "write");
    return answer(s);
}

static void *connection(void *arg)
{
    int s = connected();
    for (size_t i; (i = atomic_fetch_add(&run.next, 1)) < run.n;) {
        int64_t from_us = sys_mono_us();
        if (send_line(s, run.lines[i]) != 303)
            atomic_fetch_add(&run.refused, 1);
        run.took_us[i] = sys_mono_us() - from_us;
    }
    close(s);
    return arg;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    pthread_t t[MAX_CONNECTIONS];
    must(argc == 4, "bench_once PORT CONNECTIONS FILE");
    run.port = (uint16_t)strtoul(argv[1], NULL, 10);
    size_t n = strtoul(argv[2], NULL, 10);
    must(n && n <= MAX_CONNECTIONS, "connections");
    read_lines(argv[3]);
    must(run.n, "an empty list");
    int64_t from_us = sys_mono_us();
    for (size_t i = 0; i < n; i++)
        must(!pthread_create(&t[i], NULL, connection, NULL), "pthread_create");
    for (size_t i = 0; i < n; i++)
        pthread_join(t[i], NULL);
    int64_t all_us = sys_mono_us() - from_us;
    qsort(run.took_us, run.n, sizeof run.took_us[0], by_value);
    printf("%.1f %.3f %.3f %d\n", (double)run.n * 1e6 / (double)all_us,
           (double)run.took_us[run.n / 2] / 1e3, (double)run.took_us[run.n * 99 / 100] / 1e3,
           atomic_load(&run.refused));
    return 0;
}
