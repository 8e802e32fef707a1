/* SPDX-License-Identifier: Apache-2.0 */
/* What a node of this configuration may reach once it runs. Whatever else a library opens late
   (an account's home, another font folder) it does without. */
#include <limits.h>
#include <string.h>

#include "app/config.h"
#include "base/text.h"
#include "db/reach.h"
#include "net/scanner.h"

#define MAX_PATHS 40

static void add_path(struct sandbox_path *list, size_t *n, const char *path,
                     enum sandbox_access access)
{
    ASSERT(*n < MAX_PATHS);
    list[(*n)++] = (struct sandbox_path){path, access};
}

/* Read by libraries at any time: fonts of papers, roots and settings of TLS, names of hosts, zones;
   its own figures; how many processors there are (malloc). */
static const char *const of_libraries[] = {"/etc/fonts",
                                           "/usr/share/fontconfig",
                                           "/usr/share/fonts",
                                           "/usr/local/share/fonts",
                                           "/var/cache/fontconfig",
                                           "/etc/ssl/certs",
                                           "/etc/ssl/openssl.cnf",
                                           "/usr/lib/ssl",
                                           "/usr/share/ca-certificates",
                                           "/usr/local/share/ca-certificates",
                                           "/etc/gnutls",
                                           "/etc/resolv.conf",
                                           "/etc/nsswitch.conf",
                                           "/etc/hosts",
                                           "/etc/host.conf",
                                           "/etc/gai.conf",
                                           "/etc/services",
                                           "/etc/localtime",
                                           "/usr/share/zoneinfo",
                                           "/usr/lib/locale",
                                           "/usr/share/locale",
                                           "/proc/self",
                                           "/proc/sys/vm/overcommit_memory",
                                           "/sys/devices/system/cpu",
                                           "/dev/null",
                                           "/dev/urandom"};

/* The folder of "unix:/run/dinh/web". */
static void add_socket(struct ctx *c, const char *address, struct sandbox_path *list, size_t *n)
{
    const char *path = text_starts(address, "unix:") ? address + 5 : NULL;
    const char *last = path ? strrchr(path, '/') : NULL;
    if (last)
        add_path(list, n, last == path ? "/" : arena_text_n(c->arena, path, (size_t)(last - path)),
                 SANDBOX_SOCKET);
}

/* The leak check reads at the end what it should pass over, and names of functions. */
static void add_of_sanitizers(struct ctx *c, struct sandbox_path *list, size_t *n)
{
#ifdef DINH_SANITIZE
    const char *said = getenv("LSAN_OPTIONS");
    const char *file = said ? strstr(said, "suppressions=") : NULL;
    if (file)
        file += strlen("suppressions=");
    if (file)
        add_path(list, n, arena_text_n(c->arena, file, strcspn(file, ":")), SANDBOX_READ);
    add_path(list, n, "/usr/lib", SANDBOX_READ);
    add_path(list, n, "/proc/self/exe", SANDBOX_READ);
#endif
#ifdef DINH_COVERAGE /* what ran is written beside the objects */
    add_path(list, n, DINH_COVERAGE, SANDBOX_WRITE);
#endif
    (void)c, (void)list, (void)n;
}

static void plan_paths(struct ctx *c, const struct node *n, struct sandbox_plan *ret)
{
    struct sandbox_path *list = ARENA_ARRAY(c->arena, MAX_PATHS, struct sandbox_path);
    add_path(list, &ret->n_paths, n->data_dir, SANDBOX_WRITE);
    if (n->country_dir)
        add_path(list, &ret->n_paths, n->country_dir, SANDBOX_READ);
    for (size_t i = 0; i < ARRAY_LEN(of_libraries); i++)
        add_path(list, &ret->n_paths, of_libraries[i], SANDBOX_READ);
    add_socket(c, n->address, list, &ret->n_paths);
    add_of_sanitizers(c, list, &ret->n_paths);
    const char *home = getenv("HOME");
    if (!text_empty(n->db_url) && !text_empty(home)) { /* libpq's, when the link is made anew */
        add_path(list, &ret->n_paths, arena_printf(c->arena, "%s/.pgpass", home), SANDBOX_READ);
        add_path(list, &ret->n_paths, arena_printf(c->arena, "%s/.postgresql", home), SANDBOX_READ);
    }
    ret->paths = list;
}

/* The port of "https://name:8806/path", or of its kind; 0 when there is none. */
static uint16_t port_of(struct ctx *c, const char *url)
{
    const char *host = url ? strstr(url, "://") : NULL;
    int64_t port = 0;
    if (!host)
        return 0;
    host += 3;
    size_t len = strcspn(host, "/?#");
    const char *name = arena_text_n(c->arena, host, len);
    const char *bracket = strrchr(name, ']'), *colon = strrchr(bracket ? bracket : name, ':');
    if (!colon)
        return text_starts(url, "https:") ? 443 : 80;
    return text_to_int(colon + 1, &port) && port > 0 && port <= UINT16_MAX ? (uint16_t)port : 0;
}

static void add_port(uint16_t *list, size_t *n, uint16_t port)
{
    if (port)
        list[(*n)++] = port;
}

#define DB_PORTS 8

static void plan_ports(struct ctx *c, const struct node *n, struct sandbox_plan *ret)
{
    uint16_t *to = ARENA_ARRAY(c->arena, n->n_peers * 2 + DB_PORTS + 2, uint16_t);
    uint16_t *own = ARENA_ARRAY(c->arena, 2, uint16_t);
    for (size_t i = 0; i < n->n_peers; i++) {
        add_port(to, &ret->n_connect, port_of(c, n->peers[i].url));
        add_port(to, &ret->n_connect, port_of(c, n->peers[i].exchange_url));
    }
    add_port(to, &ret->n_connect, port_of(c, n->identity_url));
    add_port(to, &ret->n_connect, scanner_port(n->scanner));
    if (!text_empty(n->db_url))
        ret->n_connect += db_ports(n->db_url, to + ret->n_connect, DB_PORTS);
    add_port(own, &ret->n_bind, (uint16_t)n->port);
    add_port(own, &ret->n_bind, (uint16_t)n->exchange_port);
    ret->connect_ports = to;
    ret->bind_ports = own;
}

struct sandbox_plan app_sandbox_plan(struct ctx *c, const struct node *n)
{
    struct sandbox_plan plan = {.n_paths = 0};
    plan_paths(c, n, &plan);
    plan_ports(c, n, &plan);
    return plan;
}
