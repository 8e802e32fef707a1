/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/app.h"
#include "app/demo.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "net/client.h"
#include "web/json.h"

#define NODES    3
#define READY_US (30 * SECOND_US)

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
                            .address = "127.0.0.1",
                            .db_url = "",
                            .demo = true,
                            .port = port + (int)i,
                            .exchange_port = port + NODES + (int)i};
    w->identity_url = json_bool_of(row, "identity", false)
                          ? ""
                          : arena_printf(c->arena, "http://127.0.0.1:%d", port);
    w->data_dir = arena_printf(c->arena, "%s/%s", dir, w->name);
}

/* Makes the nodes and their federation; the nation's root key is used here and then forgotten. */
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

static enum err nation_seed(struct ctx *c, const struct nation *na)
{
    for (size_t i = 0; i < NODES; i++) {
        struct node *n;
        enum err e = node_open(c, na->node_dir[i], &n);
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

enum err nation_set_up(struct ctx *c, const char *dir, int port, struct nation *ret)
{
    json_t *doc;
    enum err e = sys_mkdir(c, dir, 0700);
    if (!e)
        e = demo_document(c, "demo/nation.json", &doc);
    if (e)
        return e;
    const json_t *rows = json_list_of(doc, "nodes");
    *ret = (struct nation){.dir = dir, .port = port};
    ret->clock_file = arena_printf(c->arena, "%s/clock", dir);
    for (size_t i = 0; i < NODES; i++) {
        const char *name = json_text_of(json_array_get(rows, i), "name", "");
        ret->node_dir[i] = arena_printf(c->arena, "%s/%s", dir, name);
        ret->url[i] = arena_printf(c->arena, "http://127.0.0.1:%d", port + (int)i);
    }
    const char *mark = arena_printf(c->arena, "%s/seeded", dir);
    if (!sys_exists(mark)) {
        e = nation_make(c, dir, port, rows);
        if (!e)
            e = sys_write_file(c, ret->clock_file, (struct bytes){(const uint8_t[8]){0}, 8}, 0600);
        if (!e)
            e = nation_seed(c, ret);
        if (!e)
            e = sys_write_file(c, mark, bytes_of("1\n"), 0600);
    }
    json_end(doc);
    return e;
}

enum err nation_start_node(struct ctx *c, struct nation *na, size_t i)
{
    const char *log = arena_printf(c->arena, "%s/serve.log", na->node_dir[i]);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        return fail(c, ERR_TOO_MANY, "fork");
    if (pid == 0)
        nation_child(na, i, log, parent);
    na->pid[i] = pid;
    return OK;
}

static bool answers(struct ctx *c, const char *url)
{
    struct client_request q = {.method = "GET", .url = arena_printf(c->arena, "%s/healthz", url)};
    struct client_answer a;
    bool up = client_send(c, &q, &a) == OK && a.status == 200;
    ctx_clear_faults(c);
    return up;
}

enum err nation_wait_ready(struct ctx *c, const struct nation *na, size_t i)
{
    int64_t until = sys_mono_us() + READY_US;
    while (!answers(c, na->url[i])) {
        if (waitpid(na->pid[i], NULL, WNOHANG) == na->pid[i] || sys_mono_us() > until)
            return fail(c, ERR_NET_CONNECT, na->url[i],
                        arena_printf(c->arena, "%s/serve.log", na->node_dir[i]));
        usleep(5000);
    }
    return OK;
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
}

void nation_stop(struct nation *na)
{
    for (size_t i = 0; i < NODES; i++)
        if (na->pid[i] > 0)
            kill(na->pid[i], SIGTERM);
    for (size_t i = 0; i < NODES; i++)
        nation_stop_node(na, i, SIGTERM);
}
