/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program: `dinh COMMAND`. A data folder holds one node:
 *   node.json        what it is (name, agency, members, systems, addresses, database; country: the
 *                    folder of a completed country pack, else the one built in)
 *   federation.json  the other nodes: addresses, pinned certificates, member certificates
 *   keys/            root.key, sign.key, tls.key (0600) and the certificates beside them; keystore:
 *                    they are sealed (crypto/keystore.h)
 *   dinh.db, files/, spool/; lock (held while it runs), begun (it had a database once),
 *   last-backup (when, microseconds UTC)
 */
#ifndef DINH_APP_APP_H
#define DINH_APP_APP_H

#include <jansson.h>

#include "core/module.h"

#define APP_VERSION "0.1.0"

/* ---- commands: exit codes 0 done, 1 refused or failed, 2 wrong use ---- */
enum option_kind {
    OPTION_TEXT,   /* least .. most characters on one line */
    OPTION_PATH,   /* as the system takes it; not empty */
    OPTION_NUMBER, /* least .. most */
    OPTION_YES     /* stands alone, or before "yes" */
};
struct option_row {
    const char *name; /* without -- */
    enum option_kind kind;
    int64_t least, most;
};
struct command {
    const char *name;
    int (*run)(struct ctx *c, int argc, char **argv);
    const struct option_row *options; /* what it takes; ends with a row without a name */
    int words;                        /* and how many words beside, at most */
    enum text summary, usage;
};
/* First in main(), for cmd_serve(): the node's small processes (base/child.h). */
void app_children(void);
int cmd_serve(struct ctx *c, int argc, char **argv);
int cmd_init(struct ctx *c, int argc, char **argv);
int cmd_user(struct ctx *c, int argc, char **argv);
int cmd_verify(struct ctx *c, int argc, char **argv);
int cmd_system(struct ctx *c, int argc, char **argv);
int cmd_keys(struct ctx *c, int argc, char **argv);
int cmd_migrate(struct ctx *c, int argc, char **argv);
int cmd_peers(struct ctx *c, int argc, char **argv);
int cmd_backup(struct ctx *c, int argc, char **argv);
int cmd_restore(struct ctx *c, int argc, char **argv);
int cmd_diagnose(struct ctx *c, int argc, char **argv); /* 0 well, 1 look at it, 2 broken */
int cmd_demo(struct ctx *c, int argc, char **argv);

/* What the command doesn't take is refused by name: ERR_OPTION; ERR_OPTION_TWICE; a value that
   doesn't fit its row: ERR_OPTION_VALUE, ERR_TOO_LONG, ERR_BAD_UTF8. */
MUST_CHECK enum err options_check(struct ctx *c, const struct command *cmd, int argc, char **argv);
/* Value of --name VALUE or --name=VALUE, fallback when absent. */
const char *option(int argc, char **argv, const char *name, const char *fallback);
bool option_given(int argc, char **argv, const char *name);
int64_t option_int(int argc, char **argv, const char *name, int64_t fallback);
/* Says what went wrong on stderr, in both languages, each fault with its field; returns 1. */
int app_say_faults(struct ctx *c);
/* The text of a fault, holes filled, on one line. */
const char *app_fault_text(struct ctx *c, const struct fault *f, enum lang lang);
int app_say_usage(struct ctx *c, enum text usage); /* returns 2 */
/* --ready-fd N: a pipe of whoever started us; APP_READY on it: we are up. -1: nobody waits. */
#define APP_READY "ready\n"
int app_ready_fd(int argc, char **argv);
void app_say_ready(int fd);

#define BACKUP_MARK "last-backup"

/* ---- a node from its data folder ---- */
/* Reads node.json, federation.json and keys/. A missing or broken file: the error names it. */
MUST_CHECK enum err config_load(struct ctx *c, const char *data_dir, struct node **ret_node);
/* Lock, config_load, country, calendar; then database, migrations, modules started. */
MUST_CHECK enum err node_read(struct ctx *c, const char *data_dir, struct node **ret_node);
MUST_CHECK enum err node_begin(struct ctx *c, struct node *n);
MUST_CHECK enum err node_open(struct ctx *c, const char *data_dir, struct node **ret_node);
void node_close(struct node *n);
/* A country pack from a folder wholly (core/country.h), and what any pack asks of the program:
   permissions, indicators, systems. ERR_DEFINITION: file, line, reason. */
struct country;
MUST_CHECK enum err app_check_definitions(struct ctx *c, const struct country *k);
/* Its pages and routes, as n->web, which web_end() ends; workers, reply as in web_options. */
MUST_CHECK enum err node_web(struct ctx *c, struct node *n, int workers,
                             void (*reply)(struct http_request *r, const struct http_answer *a));
/* The reason of an ERR_DEFINITION or ERR_BACKUP in that language; unknown words as they are. */
const char *app_reason(struct ctx *c, const char *english, enum lang lang);
const struct module *const *app_modules(size_t *ret_n); /* modules.def, in order */
bool app_is_engine(const char *name);                   /* runs on every node */

extern const struct route app_home_routes[1]; /* "/" where no portal runs (home.c) */

/* ---- making nodes ---- */
struct node_wish {
    const char *data_dir, *name, *agency, *address, *db_url, *identity_url, *title[2];
    const char *url, *exchange_url, *exchange_address; /* NULL: of address and port */
    const json_t *members, *systems;
    int port, exchange_port;
    bool demo, alone; /* alone: the root's key stays with it, as keys/ca.key: it is the authority */
};
/* A fresh folder: keys, then node.json, which makes it one. ERR_NODE_EXISTS: it is one already. */
MUST_CHECK enum err node_make(struct ctx *c, const struct node_wish *w, const struct key *ca_key,
                              const struct cert *ca);
/* When the certificates of a new node begin. */
int64_t app_certs_from_us(const struct ctx *c, bool demo);
/* federation.json of every node of the list, each knowing the others. */
MUST_CHECK enum err federation_write(struct ctx *c, const struct node_wish *w, size_t n,
                                     const struct cert *ca);

/* Opens the node in dir, proves its trails and prints what it found. witness: a file, or NULL. */
MUST_CHECK enum err app_verify(struct ctx *c, const char *dir, const char *witness,
                               bool *ret_sound);

/* ---- the demonstration ---- */
/* Its people, accounts and rights into an open node; a second call changes nothing. */
MUST_CHECK enum err seed_node(struct ctx *c, struct node *n);
#endif
