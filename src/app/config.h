/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration files of a node, inside app/. */
#ifndef DINH_APP_CONFIG_H
#define DINH_APP_CONFIG_H

#include "app/app.h"
#include "base/sandbox.h"

struct config_file {
    const char *path;
    struct bytes raw;
    json_t *json; /* the caller's to end */
};
/* A file that isn't there or isn't JSON: the error names it, its line and the fault. */
MUST_CHECK enum err config_read(struct ctx *c, const char *path, struct config_file *ret);
/* node.json: each setting known, there when it must be, of its kind. ERR_NODE_SETTING names file,
   line, setting, and what it must be. */
MUST_CHECK enum err config_check(struct ctx *c, const struct config_file *f);
/* Agency, members and systems exist in the country and in the program. */
MUST_CHECK enum err config_check_names(struct ctx *c, const struct node *n);
/* The same before there is a file: the first setting that can't be, and what it must be; or NULL.
 */
const char *config_wrong(struct ctx *c, const json_t *o, const char **ret_want);
const char *config_wrong_name(struct ctx *c, const struct node *n, const char **ret_want);
/* What that node may reach once it runs (base/sandbox.h), in c->arena; also for whoever wants to
   prove it from beside. Before threads. */
struct sandbox_plan app_sandbox_plan(struct ctx *c, const struct node *n);
void config_node(struct ctx *c, const json_t *o, struct node *n); /* of what config_check() holds */

#endif
