/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For bench/net_static and withstand_load.py: one small JSON answer, served by our server ("ours")
 * or by the bare library with a response made once ("bare", "bare CERT KEY" over TLS with these PEM
 * files). Prints the port; ends when its standard input does.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/http.h"

enum { THREADS = 2 };

static const char BODY[] = "{\"status\":\"ok\",\"node\":\"demo\",\"time\":0}\n";

static void answer(void *arg, struct http_request *r)
{
    (void)arg;
    struct http_answer a = {.status = 200, .body = bytes_of(BODY), .body_static = true};
    http_answer_header(&a, "Content-Type", "application/json");
    http_reply(r, &a);
}

static enum MHD_Result bare_answer(void *response, struct MHD_Connection *link, const char *url,
                                   const char *method, const char *version, const char *data,
                                   size_t *data_len, void **mark)
{
    static int seen;
    (void)url, (void)method, (void)version, (void)data, (void)data_len;
    if (!*mark) {
        *mark = &seen; /* the head; the answer follows in the next call and keeps the connection */
        return MHD_YES;
    }
    return MHD_queue_response(link, 200, response);
}

static int serve_ours(struct http_server **ret_server)
{
    struct ctx c = {.arena = arena_new(0)};
    struct http_options o = {.address = "127.0.0.1",
                             .threads = THREADS,
                             .max_body_bytes = 1 << 20,
                             .max_memory_body_bytes = 1 << 20,
                             .handle = answer};
    return http_server_start(&c, &o, ret_server) ? 0 : http_server_port(*ret_server);
}

static char *file_text(const char *path)
{
    static char text[2][16384];
    static size_t n;
    FILE *f = path ? fopen(path, "r") : NULL;
    if (!f || n == 2)
        return NULL;
    text[n][fread(text[n], 1, sizeof text[n] - 1, f)] = 0;
    fclose(f);
    return text[n++];
}

static int serve_bare(char **files, struct MHD_Daemon **ret_daemon)
{
    char *cert = file_text(files[0]), *key = cert ? file_text(files[1]) : NULL;
    void *body = (void *)(uintptr_t)BODY;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(BODY), body, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    struct sockaddr_in at = {.sin_family = AF_INET};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *ret_daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | (key ? (unsigned)MHD_USE_TLS : 0), 0, NULL, NULL,
        bare_answer, response, MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)THREADS, key ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, cert,
        MHD_OPTION_HTTPS_MEM_KEY, key, MHD_OPTION_END);
    const union MHD_DaemonInfo *i =
        *ret_daemon ? MHD_get_daemon_info(*ret_daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    return i ? i->port : 0;
}

int main(int argc, char **argv)
{
    struct http_server *ours = NULL;
    struct MHD_Daemon *bare = NULL;
    bool is_ours = argc > 1 && strcmp(argv[1], "ours") == 0;
    int port = is_ours ? serve_ours(&ours) : serve_bare(argv + (argc > 1 ? 2 : 1), &bare);
    if (!port)
        return 1;
    printf("%d\n", port);
    fflush(stdout);
    char waste[64];
    while (read(STDIN_FILENO, waste, sizeof waste) > 0)
        continue;
    if (ours)
        http_server_stop(ours, 0);
    if (bare)
        MHD_stop_daemon(bare);
    return 0;
}
