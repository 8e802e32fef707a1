/* SPDX-License-Identifier: Apache-2.0 */
/* The demonstration nation: three nodes as processes of their own, made, seeded, started, stopped.
 */
#ifndef DINH_APP_DEMO_H
#define DINH_APP_DEMO_H

#include <jansson.h>
#include <sys/types.h>

#include "base/ctx.h"

#define DEMO_LAST_PORT (65535 - 5) /* three pages and three exchanges from the first port on */
enum { NATIONAL, PROVINCE, INSURANCE, NATION_NODES };
struct nation {
    const char *dir;
    int port;
    const char *node_dir[NATION_NODES], *url[NATION_NODES];
    const char *clock_file;  /* shared virtual clock: sys_clock_file() */
    pid_t pid[NATION_NODES]; /* 0 = not running */
    int ready[NATION_NODES]; /* what the node says when it is up; 0 = nothing awaited */
    int lock;                /* of dir, as long as the nation is ours */
};
/* Makes and seeds the nation in dir unless it is there, whole; what a killed one left is removed.
   Nodes listen on port, port+1, port+2; exchange on port+3 to +5. port 0: the nation's own, else
   8801. ERR_NODE_RUNNING: somebody has dir; ERR_NET_LISTEN: a port is taken; ERR_NATION_PORT: it
   was made for another; ERR_NOT_EMPTY: something else lies where a node belongs. */
MUST_CHECK enum err nation_set_up(struct ctx *c, const char *dir, int port, struct nation *ret);
MUST_CHECK enum err nation_start(struct ctx *c, struct nation *na);
MUST_CHECK enum err nation_start_node(struct ctx *c, struct nation *na, size_t i);
/* Until this very process of ours says that it is up; ERR_NODE_START when it ends before. */
MUST_CHECK enum err nation_wait_ready(struct ctx *c, struct nation *na, size_t i);
void nation_stop_node(struct nation *na, size_t i, int signal_number);
void nation_stop(struct nation *na);
/* A document of the built-in country pack, "people/demo_accounts.json"; json_end() it. */
MUST_CHECK enum err demo_document(struct ctx *c, const char *name, json_t **ret_json);
/* In the forked child: becomes `dinh serve` of node i; never returns. Dies with its parent. */
_Noreturn void nation_child(const struct nation *na, size_t i, const char *log, pid_t parent,
                            int ready);

#endif
