/* SPDX-License-Identifier: Apache-2.0 */
#include "app/demo.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/config.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "net/http.h"
#include "web/json.h"

#define NODES      NATION_NODES
#define FIRST_PORT 8801
#define ADDRESS    "127.0.0.1"
#define MARK       "seeded" /* the nation is whole */
#define READY_US   (60 * SECOND_US)

static const char *node_dir(struct ctx *c, const char *dir, const json_t *rows, size_t i)
{
    return arena_printf(c->arena, "%s/%s", dir, json_text_of(json_array_get(rows, i), "name", ""));
}

static enum err nation_ca(struct ctx *c, struct key **ret_key, struct cert **ret_ca)
{
    struct cert_wish wish = {.common_name = "Đình demonstration root",
                             .organization = "Đình",
                             .serial_number = "demo",
                             .country = "VN",
                             .ca = true,
                             .from_us = app_certs_from_us(c, true),
                             .until_us = c->now_us + 3650 * DAY_US};
    enum err e = key_new(c, ret_key);
    return e ? e : cert_issue(c, &wish, *ret_key, NULL, NULL, ret_ca);
}

static void wish_of(struct ctx *c, const json_t *row, const char *dir, int port, size_t i,
                    struct node_wish *w)
{
    const json_t *title = json_object_get(row, "title");
    *w = (struct node_wish){.name = arena_text(c->arena, json_text_of(row, "name", "")),
                            .agency = arena_text(c->arena, json_text_of(row, "agency", "")),
                            .title = {json_text_of(title, "vi", ""), json_text_of(title, "en", "")},
                            .members = json_list_of(row, "members"),
                            .systems = json_list_of(row, "systems"),
                            .address = ADDRESS,
                            .db_url = "",
                            .demo = true,
                            .port = port + (int)i,
                            .exchange_port = port + NODES + (int)i};
    w->identity_url = json_bool_of(row, "identity", false)
                          ? ""
                          : arena_printf(c->arena, "http://" ADDRESS ":%d", port);
    w->alone = text_empty(w->identity_url); /* the nation's authority, who issues to all */
    w->data_dir = arena_printf(c->arena, "%s/%s", dir, w->name);
}

/* Makes the nodes and their federation; the nation's root key stays with the national node. */
static enum err nation_make(struct ctx *c, const char *dir, int port, const json_t *rows)
{
    struct node_wish w[NODES];
    struct key *ca_key = NULL;
    struct cert *ca = NULL;
    enum err e = nation_ca(c, &ca_key, &ca);
    for (size_t i = 0; i < NODES && !e; i++) {
        wish_of(c, json_array_get(rows, i), dir, port, i, &w[i]);
        e = node_make(c, &w[i], ca_key, ca);
    }
    if (!e)
        e = federation_write(c, w, NODES, ca);
    cert_end(ca);
    key_end(ca_key);
    return e;
}

static enum err nation_seed(struct ctx *c, const char *dir, const json_t *rows)
{
    for (size_t i = 0; i < NODES; i++) {
        struct node *n;
        enum err e = node_open(c, node_dir(c, dir, rows, i), &n);
        if (e)
            return e;
        e = seed_node(c, n);
        node_close(n);
        if (e)
            return e;
        c->node = NULL;
    }
    return OK;
}

/* ---- whole, or not at all ---- */

/* A folder without the nation's mark where a node belongs: is it a node that we made? */
static enum err is_leftover(struct ctx *c, const char *dir)
{
    static const char *const ours[] = {
        "begun",       "dinh.db", "federation.json", "files",     "keys",
        "last-backup", "lock",    "seeded",          "serve.log", "spool"};
    struct config_file f;
    const char **names, *config = arena_printf(c->arena, "%s/node.json", dir);
    size_t n = 0;
    bool demo = false;
    if (sys_exists(config) && config_read(c, config, &f) == OK) {
        demo = json_bool_of(f.json, "demo", false);
        json_end(f.json);
    }
    ctx_clear_faults(c);
    enum err e = demo ? OK : sys_list(c, dir, &names, &n);
    for (size_t i = 0; i < n && !e && !demo; i++) {
        bool known = false;
        for (size_t k = 0; k < ARRAY_LEN(ours); k++)
            known = known || text_starts(names[i], ours[k]);
        e = known ? OK : fail(c, ERR_NOT_EMPTY, dir);
    }
    return e;
}

static enum err leftovers_check(struct ctx *c, const char *dir, const json_t *rows)
{
    enum err e = OK;
    for (size_t i = 0; i < NODES && !e; i++) {
        const char *node = node_dir(c, dir, rows, i);
        e = sys_exists(node) ? is_leftover(c, node) : OK;
    }
    return e;
}

static enum err move_nodes(struct ctx *c, const char *from, const char *to, const json_t *rows)
{
    enum err e = OK;
    for (size_t i = 0; i < NODES && !e; i++) {
        const char *node = node_dir(c, to, rows, i);
        e = sys_remove_tree(c, node);
        if (!e)
            e = sys_rename(c, node_dir(c, from, rows, i), node);
    }
    return e;
}

/* Made aside, then moved to its place; the mark comes last. Without it all of this is done anew. */
static enum err nation_build(struct ctx *c, const struct nation *na, const json_t *rows)
{
    const char *aside = arena_printf(c->arena, "%s/making", na->dir);
    enum err e = leftovers_check(c, na->dir, rows);
    if (!e)
        e = sys_remove_tree(c, aside);
    if (!e)
        e = sys_mkdir(c, aside, 0700);
    if (!e)
        e = nation_make(c, aside, na->port, rows);
    if (!e)
        e = nation_seed(c, aside, rows);
    if (!e)
        e = move_nodes(c, aside, na->dir, rows);
    if (!e)
        e = sys_remove_tree(c, aside);
    if (!e)
        e = sys_write_file(c, na->clock_file, (struct bytes){(const uint8_t[8]){0}, 8}, 0600);
    if (!e)
        e = sys_write_file(c, arena_printf(c->arena, "%s/" MARK, na->dir), bytes_of("1\n"), 0600);
    return e;
}

/* The port that the nation in dir was made for. */
static enum err port_made_for(struct ctx *c, const char *dir, const json_t *rows, int *ret_port)
{
    struct config_file f;
    enum err e = config_read(
        c, arena_printf(c->arena, "%s/node.json", node_dir(c, dir, rows, NATIONAL)), &f);
    if (e)
        return e;
    *ret_port = (int)json_int_of(f.json, "port", 0);
    json_end(f.json);
    return OK;
}

static enum err settle_port(struct ctx *c, const char *dir, const json_t *rows, bool made,
                            int *port)
{
    int own = *port ? *port : FIRST_PORT;
    enum err e = made ? port_made_for(c, dir, rows, &own) : OK;
    if (e)
        return e;
    if (*port && *port != own)
        return fail(c, ERR_NATION_PORT, dir, arena_printf(c->arena, "%d", own));
    *port = own;
    for (int i = 0; i < 2 * NODES && !e; i++)
        e = http_port_free(c, ADDRESS, own + i);
    return e;
}

static enum err set_up(struct ctx *c, const char *dir, int port, const json_t *rows,
                       struct nation *na)
{
    bool made = sys_exists(arena_printf(c->arena, "%s/" MARK, dir));
    enum err e = settle_port(c, dir, rows, made, &port);
    if (e)
        return e;
    na->port = port;
    na->clock_file = arena_printf(c->arena, "%s/clock", dir);
    for (size_t i = 0; i < NODES; i++) {
        na->node_dir[i] = node_dir(c, dir, rows, i);
        na->url[i] = arena_printf(c->arena, "http://" ADDRESS ":%d", port + (int)i);
    }
    return made ? OK : nation_build(c, na, rows);
}

static enum err lock_nation(struct ctx *c, const char *dir, int *ret_lock)
{
    enum err e = sys_mkdir(c, dir, 0700);
    if (!e)
        e = sys_lock_dir(c, dir, ret_lock);
    if (e != ERR_CONFLICT)
        return e;
    ctx_clear_faults(c);
    return fail(c, ERR_NODE_RUNNING, dir);
}

enum err nation_set_up(struct ctx *c, const char *dir, int port, struct nation *ret)
{
    json_t *doc;
    *ret = (struct nation){.dir = dir};
    enum err e = lock_nation(c, dir, &ret->lock);
    if (!e)
        e = demo_document(c, "demo/nation.json", &doc);
    if (e)
        return e;
    e = set_up(c, dir, port, json_list_of(doc, "nodes"), ret);
    json_end(doc);
    return e;
}

/* ---- its processes ---- */

enum err nation_start_node(struct ctx *c, struct nation *na, size_t i)
{
    const char *log = arena_printf(c->arena, "%s/serve.log", na->node_dir[i]);
    pid_t parent = getpid();
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) != 0)
        return fail(c, ERR_TOO_MANY, "pipe");
    pid_t pid = fork();
    if (pid == 0)
        nation_child(na, i, log, parent, ready[1]);
    close(ready[1]);
    if (pid < 0) {
        close(ready[0]);
        return fail(c, ERR_TOO_MANY, "fork");
    }
    na->pid[i] = pid;
    na->ready[i] = ready[0];
    return OK;
}

/* True when the child says so; false when it ended, or the time is over. */
static bool says_ready(int fd)
{
    char said[sizeof APP_READY];
    int64_t until = sys_mono_us() + READY_US, left;
    while ((left = until - sys_mono_us()) > 0) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, (int)(left / 1000) + 1) > 0)
            return read(fd, said, sizeof said) == (ssize_t)strlen(APP_READY);
    }
    return false;
}

enum err nation_wait_ready(struct ctx *c, struct nation *na, size_t i)
{
    bool ready = says_ready(na->ready[i]) && waitpid(na->pid[i], NULL, WNOHANG) == 0;
    close(na->ready[i]);
    na->ready[i] = 0;
    if (ready)
        return OK;
    nation_stop_node(na, i, SIGTERM);
    return fail(c, ERR_NODE_START, na->url[i],
                arena_printf(c->arena, "%s/serve.log", na->node_dir[i]));
}

enum err nation_start(struct ctx *c, struct nation *na)
{
    for (size_t i = 0; i < NODES; i++) {
        enum err e = nation_start_node(c, na, i);
        if (e)
            return e;
    }
    for (size_t i = 0; i < NODES; i++) {
        enum err e = nation_wait_ready(c, na, i);
        if (e)
            return e;
    }
    return OK;
}

void nation_stop_node(struct nation *na, size_t i, int signal_number)
{
    if (na->pid[i] <= 0)
        return;
    kill(na->pid[i], signal_number);
    waitpid(na->pid[i], NULL, 0);
    na->pid[i] = 0;
    if (na->ready[i] > 0)
        close(na->ready[i]);
    na->ready[i] = 0;
}

void nation_stop(struct nation *na)
{
    for (size_t i = 0; i < NODES; i++)
        if (na->pid[i] > 0)
            kill(na->pid[i], SIGTERM);
    for (size_t i = 0; i < NODES; i++)
        nation_stop_node(na, i, SIGTERM);
}
