/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "net/engine.h"
#include "net/http_stats.h"
#include "net/tls_key.h"

enum {
    MAX_THREADS = 4,
    DEFAULT_CONNECTIONS = 4096,
    MEMORY_BODY_BYTES = 16 * 1024,
    ANSWER_BYTES = 256 << 20,
    BACKLOG = 1024,
    STEP_US = 2000,
    KILL_US = 10 * 1000 * 1000,
    HANG_UP_US = 1000 * 1000,
    LEAVING = 1024,
    UNREAD_US = 1000 * 1000
};

static const char TLS_SERVER[] = "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-CIPHER-ALL:"
                                 "+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:-RSA";
static const char TLS_MUTUAL[] = "SECURE128:-VERS-ALL:+VERS-TLS1.3";

/* ---- the listening socket ---- */

union any_address {
    struct sockaddr sa;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un un;
};

static void remove_socket(const char *path)
{
    struct stat st;
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
        unlink(path);
}

static socklen_t address_of(const struct http_options *o, union any_address *a)
{
    memset(a, 0, sizeof *a);
    if (text_starts(o->address, "unix:")) {
        const char *path = o->address + 5;
        if (strlen(path) >= sizeof a->un.sun_path)
            return 0;
        a->un.sun_family = AF_UNIX;
        memcpy(a->un.sun_path, path, strlen(path) + 1);
        remove_socket(path); /* a run before us may have left it */
        return sizeof a->un;
    }
    a->v4.sin_port = a->v6.sin6_port = htons((uint16_t)o->port); /* both at the same place */
    a->sa.sa_family = AF_INET;
    if (inet_pton(AF_INET, o->address, &a->v4.sin_addr) == 1)
        return sizeof a->v4;
    a->sa.sa_family = AF_INET6;
    if (inet_pton(AF_INET6, o->address, &a->v6.sin6_addr) == 1)
        return sizeof a->v6;
    return 0;
}

static int port_of(int fd)
{
    union any_address a = {0};
    socklen_t len = sizeof a;
    if (getsockname(fd, &a.sa, &len) != 0)
        return 0;
    return a.sa.sa_family == AF_UNIX ? 0 : ntohs(a.v4.sin_port);
}

/* Opened for us: it outlives us, so a copy of ours goes to the engine. */
static int listen_given(int given)
{
    int fd = fcntl(given, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (fd >= 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static int listen_at(const struct http_options *o)
{
    if (o->listen_fd > 0)
        return listen_given(o->listen_fd);
    union any_address a;
    socklen_t len = address_of(o, &a);
    if (!len)
        return -1;
    int fd = socket(a.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, &a.sa, len) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    close(fd);
    return -1;
}

/* ---- start ---- */

static void engine_log(void *arg, const char *fmt, va_list args) PRINTF_LIKE(2, 0);
static void engine_log(void *arg, const char *fmt, va_list args)
{
    char line[256];
    (void)arg;
    vsnprintf(line, sizeof line, fmt, args);
    line[strcspn(line, "\n")] = '\0';
    log_line(LOG_DEBUG_, "net", "-", "engine: %s", line);
}

static void add(struct MHD_OptionItem *items, enum MHD_OPTION option, intptr_t value, void *ptr)
{
    while (items->option != MHD_OPTION_END)
        items++;
    items[0] = (struct MHD_OptionItem){option, value, ptr};
    items[1] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
}

static void *text_ptr(const char *text)
{
    return (void *)(uintptr_t)text; /* the engine's options aren't const; it reads them only */
}

static void add_tls(const struct http_options *o, struct MHD_OptionItem *items)
{
    if (o->tls_key.sign) {
        add(items, MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(uintptr_t)tls_identity_find);
    } else {
        add(items, MHD_OPTION_HTTPS_MEM_CERT, 0, text_ptr(o->tls_cert_pem));
        add(items, MHD_OPTION_HTTPS_MEM_KEY, 0, text_ptr(o->tls_key_pem));
    }
    add(items, MHD_OPTION_HTTPS_PRIORITIES, 0,
        text_ptr(o->client_ca_pem ? TLS_MUTUAL : TLS_SERVER));
    if (o->client_ca_pem)
        add(items, MHD_OPTION_HTTPS_MEM_TRUST, 0, text_ptr(o->client_ca_pem));
}

static size_t keep_raw(void *arg, struct MHD_Connection *link, char *text)
{
    (void)arg, (void)link;
    return strlen(text); /* no decoding: the router does it once, strictly */
}

static struct MHD_Daemon *engine_start(struct http_server *s)
{
    const struct http_options *o = &s->o;
    struct MHD_OptionItem items[24] = {{MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
                     MHD_USE_ERROR_LOG | MHD_USE_NO_LISTEN_SOCKET;
    if (o->threads > 1)
        add(items, MHD_OPTION_THREAD_POOL_SIZE, o->threads, NULL);
    /* The doorman counts; the engine forgets the closed a moment later than he does. */
    add(items, MHD_OPTION_CONNECTION_LIMIT, o->max_connections + LEAVING, NULL);
    if (o->max_connections_per_peer)
        add(items, MHD_OPTION_PER_IP_CONNECTION_LIMIT, o->max_connections_per_peer, NULL);
    add(items, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES, NULL);
    add(items, MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)(o->idle_us / 1000000 + 1), NULL);
    add(items, MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)turn_begin, s);
    add(items, MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)keep_raw, NULL);
    add(items, MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)turn_completed, s);
    add(items, MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)conn_notify, s);
    if (o->tls_cert_pem) {
        flags |= MHD_USE_TLS;
        add_tls(o, items);
    }
    return MHD_start_daemon(flags, 0, NULL, NULL, turn_step, s, MHD_OPTION_EXTERNAL_LOGGER,
                            engine_log, NULL, MHD_OPTION_ARRAY, items, MHD_OPTION_END);
}

static void options_settle(struct http_server *s, const struct http_options *o)
{
    struct arena *a = s->arena;
    s->o = *o;
    s->o.name = arena_text(a, o->name);
    s->o.address = arena_text(a, o->address);
    s->o.spool_dir = arena_text(a, o->spool_dir);
    s->o.stylesheet = o->stylesheet ? arena_text(a, o->stylesheet) : NULL;
    s->o.tls_cert_pem = arena_text(a, o->tls_cert_pem);
    s->o.tls_key_pem = arena_text(a, o->tls_key_pem);
    s->o.client_ca_pem = arena_text(a, o->client_ca_pem);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (s->o.threads <= 0)
        s->o.threads = cores > MAX_THREADS ? MAX_THREADS : (int)cores;
    if (s->o.threads < 1)
        s->o.threads = 1;
    if (s->o.max_connections <= 0)
        s->o.max_connections = DEFAULT_CONNECTIONS;
    if (s->o.max_answer_bytes == 0)
        s->o.max_answer_bytes = ANSWER_BYTES;
    if (s->o.max_memory_body_bytes == 0)
        s->o.max_memory_body_bytes = MEMORY_BODY_BYTES;
    if (s->o.max_memory_body_bytes > s->o.max_body_bytes)
        s->o.max_memory_body_bytes = s->o.max_body_bytes;
    if (!s->o.head_deadline_us)
        s->o.head_deadline_us = 10 * 1000000;
    if (!s->o.body_deadline_us)
        s->o.body_deadline_us = 30 * 1000000;
    if (!s->o.idle_us)
        s->o.idle_us = 60 * 1000000;
    s->tls = o->tls_cert_pem != NULL;
}

/* ---- the servers that the figures tell of ---- */

static pthread_mutex_t named_lock = PTHREAD_MUTEX_INITIALIZER;
static struct http_server *named[HTTP_SERVERS_MAX];

/* was is there no more, is takes its place; a fifth server isn't told of. */
static void name_swap(const struct http_server *was, struct http_server *is)
{
    pthread_mutex_lock(&named_lock);
    for (size_t i = 0; i < ARRAY_LEN(named); i++) {
        if (named[i] != was)
            continue;
        named[i] = is;
        break;
    }
    pthread_mutex_unlock(&named_lock);
}

static void server_free(struct http_server *s)
{
    if (s->o.tls_key.sign)
        tls_identity_drop(s->port);
    pthread_mutex_destroy(&s->lock);
    arena_end(s->arena);
    sys_free(s);
}

enum err http_server_start(struct ctx *c, const struct http_options *o,
                           struct http_server **ret_server)
{
    bool make = o->spool_dir && !sys_exists(o->spool_dir); /* no backup holds it */
    enum err e = make ? sys_mkdir(c, o->spool_dir, 0700) : OK;
    struct http_server *s = e ? NULL : sys_malloc(sizeof *s);
    if (!s)
        return e ? e : fail(c, ERR_TOO_MANY, "memory");
    memset(s, 0, sizeof *s);
    s->arena = arena_new(0);
    pthread_mutex_init(&s->lock, NULL);
    options_settle(s, o);
    signal(SIGPIPE, SIG_IGN);
    s->door.bell = -1;
    s->door.listen_fd = listen_at(&s->o);
    bool listening = s->door.listen_fd >= 0;
    if (listening)
        s->port = port_of(s->door.listen_fd);
    bool dressed =
        !o->tls_key.sign || !listening || tls_identity_add(s->o.tls_cert_pem, &o->tls_key, s->port);
    if (listening && dressed && sweep_start(s))
        s->daemon = engine_start(s);
    if (!s->daemon || (!o->door_shut && !door_open(s))) {
        door_close(s);
        if (s->daemon)
            MHD_stop_daemon(s->daemon);
        sweep_stop(s);
        server_free(s);
        return fail(c, ERR_NET_LISTEN, "address", o->address,
                    arena_printf(c->arena, "%d", o->port));
    }
    if (s->o.name)
        name_swap(NULL, s);
    *ret_server = s;
    return OK;
}

enum err http_port_free(struct ctx *c, const char *address, int port)
{
    int fd = listen_at(&(struct http_options){.address = address, .port = port});
    if (fd < 0)
        return fail(c, ERR_NET_LISTEN, "address", address, arena_printf(c->arena, "%d", port));
    close(fd);
    return OK;
}

enum err http_server_open(struct ctx *c, struct http_server *s)
{
    return s->door.open || door_open(s) ? OK : fail(c, ERR_TOO_MANY, "threads");
}

int http_server_port(const struct http_server *s)
{
    return s->port;
}

/* ---- stop ---- */

static void end_streams(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    for (struct conn *x = s->conns; x; x = x->next) {
        pthread_mutex_lock(&x->lock);
        bool streams = atomic_load(&x->phase) == PHASE_STREAM;
        if (streams && x->turn && x->turn->stream)
            stream_cut(x->turn->stream);
        pthread_mutex_unlock(&x->lock);
    }
    pthread_mutex_unlock(&s->lock);
}

static void kill_unanswered(struct http_server *s)
{
    pthread_mutex_lock(&s->lock);
    for (struct conn *x = s->conns; x; x = x->next) {
        pthread_mutex_lock(&x->lock);
        if (x->turn)
            turn_kill(x->turn);
        pthread_mutex_unlock(&x->lock);
    }
    pthread_mutex_unlock(&s->lock);
}

/* Taken from the line of callers a moment ago, its first bytes not read yet. */
static bool just_taken(struct http_server *s)
{
    bool found = atomic_load(&s->door.on_the_way) > 0;
    pthread_mutex_lock(&s->lock);
    for (struct conn *x = s->conns; x && !found; x = x->next)
        found = atomic_load(&x->phase) == PHASE_HEAD &&
                sys_mono_us() - atomic_load(&x->since_us) < UNREAD_US;
    pthread_mutex_unlock(&s->lock);
    return found;
}

static void wait_for_turns(struct http_server *s, int64_t until_us, bool kill)
{
    while ((atomic_load(&s->open_turns) || (!kill && just_taken(s))) && sys_mono_us() < until_us) {
        end_streams(s);
        if (kill)
            kill_unanswered(s);
        usleep(STEP_US);
    }
}

/* The engine stumbles over a request it refuses while it stops, so none is left to it. */
static void hang_up_all(struct http_server *s, int64_t until_us)
{
    pthread_mutex_lock(&s->lock);
    for (struct conn *x = s->conns; x; x = x->next)
        shutdown(x->fd, SHUT_RDWR);
    pthread_mutex_unlock(&s->lock);
    while (atomic_load(&s->n_conns) && sys_mono_us() < until_us)
        usleep(STEP_US);
}

void http_server_stop(struct http_server *s, int64_t grace_us)
{
    if (!s)
        return;
    name_swap(s, NULL);
    door_close(s);
    wait_for_turns(s, sys_mono_us() + grace_us, false);
    atomic_store(&s->stopping, true);
    wait_for_turns(s, sys_mono_us() + KILL_US, true);
    hang_up_all(s, sys_mono_us() + HANG_UP_US);
    MHD_stop_daemon(s->daemon);
    sweep_stop(s);
    if (text_starts(s->o.address, "unix:") && s->o.listen_fd <= 0)
        remove_socket(s->o.address + 5);
    server_free(s);
}

struct http_stats http_server_stats(const struct http_server *s)
{
    return (struct http_stats){.name = s->o.name,
                               .requests = atomic_load(&s->requests),
                               .refused_framing = atomic_load(&s->refused),
                               .refused_slow = atomic_load(&s->slow),
                               .refused_room = atomic_load(&s->no_room),
                               .connections_now = atomic_load(&s->n_conns),
                               .bytes_in = atomic_load(&s->bytes_in),
                               .bytes_out = atomic_load(&s->bytes_out),
                               .held = atomic_load(&s->held),
                               .spooled = atomic_load(&s->spooled)};
}

size_t http_all_stats(struct http_stats *ret, size_t max)
{
    size_t n = 0;
    pthread_mutex_lock(&named_lock);
    for (size_t i = 0; i < ARRAY_LEN(named) && n < max; i++) {
        if (named[i])
            ret[n++] = http_server_stats(named[i]);
    }
    pthread_mutex_unlock(&named_lock);
    return n;
}
