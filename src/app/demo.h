/* SPDX-License-Identifier: Apache-2.0 */
/* The demonstration nation: three nodes as processes of their own, made, seeded, started, stopped.
 */
#ifndef DINH_APP_DEMO_H
#define DINH_APP_DEMO_H

#include <jansson.h>
#include <sys/types.h>

#include "base/ctx.h"

enum { NATIONAL, PROVINCE, INSURANCE, NATION_NODES };
struct nation {
    const char *dir;
    int port;
    const char *node_dir[NATION_NODES], *url[NATION_NODES];
    const char *clock_file;  /* shared virtual clock: sys_clock_file() */
    pid_t pid[NATION_NODES]; /* 0 = not running */
};
/* Makes and seeds what dir lacks; nodes listen on port, port+1, port+2; exchange on port+3 to +5.
 */
MUST_CHECK enum err nation_set_up(struct ctx *c, const char *dir, int port, struct nation *ret);
MUST_CHECK enum err nation_start(struct ctx *c, struct nation *na);
MUST_CHECK enum err nation_start_node(struct ctx *c, struct nation *na, size_t i);
MUST_CHECK enum err nation_wait_ready(struct ctx *c, const struct nation *na, size_t i);
void nation_stop_node(struct nation *na, size_t i, int signal_number);
void nation_stop(struct nation *na);
/* A document of the built-in country pack, "people/demo_accounts.json"; json_end() it. */
MUST_CHECK enum err demo_document(struct ctx *c, const char *name, json_t **ret_json);
/* In the forked child: becomes `dinh serve` of node i; never returns. Dies with its parent. */
_Noreturn void nation_child(const struct nation *na, size_t i, const char *log, pid_t parent);

#endif
