/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration files of a node, inside app/. */
#ifndef DINH_APP_CONFIG_H
#define DINH_APP_CONFIG_H

#include "app/app.h"
#include "base/sandbox.h"
#include "db/kept.h"

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

/* ---- the keys ---- */
#define PEER_KEYS_MAX 32 /* former keys of a member that federation.json may name */
/* --key-secret as it was given to this process, or NULL: then it is the credential of this name
   that the service manager handed over ($CREDENTIALS_DIRECTORY), if there is one. Once, first. */
#define KEY_CREDENTIAL "dinh.key-secret"
void config_key_secret(const char *from);
/* The file of a credential that the service manager handed over; NULL: it didn't. */
const char *config_credential(struct ctx *c, const char *name);
/* Where the keys of a node of that name in that folder lie. */
struct key_place config_keys(struct ctx *c, const char *data_dir, const char *node);

/* ---- making and mending a node ---- */
/* This program's migrations, run or (db_shapes()) only looked for; its tables that are kept. */
MUST_CHECK enum err app_migrations(struct ctx *c, struct db *db);
const struct db_kept *app_kept(struct ctx *c, size_t *ret_n);
/* The folder's lock, for who writes to it beside no running node: ERR_NODE_RUNNING, ERR_NO_NODE. */
MUST_CHECK enum err app_lock(struct ctx *c, const char *dir, int *ret_lock);
/* The host of an address, without port and brackets. */
const char *app_host(struct ctx *c, const char *url);
/* What may be typed at a sign-in; else ERR_OPTION_VALUE of that option. */
MUST_CHECK enum err app_check_username(struct ctx *c, const char *option, const char *username);
/* An administrator with a one-time password, which is told once, into the folder of a new node. */
MUST_CHECK enum err app_first_administrator(struct ctx *c, const char *data_dir,
                                            const char *username, const char **ret_password);

/* ---- settings as they were accepted: a copy beside each file ---- */
#define ACCEPTED ".accepted"
/* What differs by its meaning: "node.json: port url; federation.json: -", where - is a file that is
   gone and ? one that can't be read; "": nothing. A file never accepted doesn't differ. */
MUST_CHECK enum err settings_changed(struct ctx *c, const char *dir, const char **ret_what);
/* That file as it is now: for whoever just wrote it. */
MUST_CHECK enum err settings_accept(struct ctx *c, const char *dir, const char *file);
int cmd_settings(struct ctx *c, int argc, char **argv); /* 1: something differs */
/* Takes what was never accepted; tells the log what differs. Before the sandbox. */
void settings_at_start(struct ctx *c, const char *dir);

/* ---- dinh init ---- */
#define INIT_SYSTEMS "portal,onestop,civilstatus"
extern const struct option_row init_options[]; /* what it takes */
/* These options make a node, by the rules of its start: ERR_OPTION_VALUE names one that doesn't. */
MUST_CHECK enum err init_check(struct ctx *c, int argc, char **argv);
/* Somebody sits there who can be asked. */
bool app_may_ask(void);
/* Asks for what the options lack, in c->lang, each answer judged by its row of init_options and by
   init_check(), and puts the options in their place. ret_yes: the summary was agreed to; until then
   nothing is written. From here on Ctrl-C waits until the process is
   at its end: what is begun is made whole. */
MUST_CHECK enum err app_ask(struct ctx *c, int *argc, char ***argv, bool *ret_yes);
/* Requests for both certificates, TO/sign.csr and TO/tls.csr; tells their paths. */
MUST_CHECK enum err keys_requests(struct ctx *c, const char *dir, const char *to);

/* A peer by its name, or by a member it speaks for. ERR_OPTION_VALUE names those there are. */
MUST_CHECK enum err app_peer(struct ctx *c, const char *option, const char *name,
                             const struct node_peer **ret);

#endif
