/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `dinh diagnose`: what is well with a node and what is not, beside it while it runs, or when it
 * is stopped or won't start. Each topic gives one finding: a state, a fact without personal data,
 * and for what isn't well the remedy in both languages. What can't be looked at because something
 * before it is broken is left out. Inside app/.
 */
#ifndef DINH_APP_DIAGNOSE_H
#define DINH_APP_DIAGNOSE_H

#include "app/config.h"

/* code in the JSON, title, remedy */
#define TOPICS(X)                                                                                  \
    X(VERSION, "version", app_diagnose_version, app_diagnose_version_do)                           \
    X(KERNEL, "kernel", app_diagnose_kernel, app_diagnose_kernel_do)                               \
    X(FOLDER, "folder", app_diagnose_folder, app_diagnose_folder_do)                               \
    X(SETTINGS, "settings", app_diagnose_settings, app_diagnose_settings_do)                       \
    X(SANDBOX, "sandbox", app_diagnose_sandbox, app_diagnose_sandbox_do)                           \
    X(DISK, "disk", app_diagnose_disk, app_diagnose_disk_do)                                       \
    X(SYNC, "sync", app_diagnose_sync, app_diagnose_sync_do)                                       \
    X(LIMITS, "limits", app_diagnose_limits, app_diagnose_limits_do)                               \
    X(RUNNING, "running", app_diagnose_running, app_diagnose_running_do)                           \
    X(KEYS, "keys", app_diagnose_keys, app_diagnose_keys_do)                                       \
    X(CERTIFICATES, "certificates", app_diagnose_certificates, app_diagnose_certificates_do)       \
    X(FACTOR, "second_factor", app_diagnose_factor, app_diagnose_factor_do)                        \
    X(BACKUP, "backup", app_diagnose_backup, app_diagnose_backup_do)                               \
    X(PEERS, "peers", app_diagnose_peers, app_diagnose_peers_do)                                   \
    X(SCANNER, "scanner", app_diagnose_scanner, app_diagnose_scanner_do)                           \
    X(DATABASE, "database", app_diagnose_database, app_diagnose_database_do)                       \
    X(ROLE, "database_role", app_diagnose_role, app_diagnose_role_do)                              \
    X(CLOCK, "clock", app_diagnose_clock, app_diagnose_clock_do)                                   \
    X(OUTBOX, "outbox", app_diagnose_outbox, app_diagnose_outbox_do)                               \
    X(WITNESS, "witness", app_diagnose_witness, app_diagnose_witness_do)                           \
    X(ALERTS, "alerts", app_diagnose_alerts, app_diagnose_alerts_do)                               \
    X(ROOT, "root_key", app_diagnose_root, app_diagnose_root_do)

#define TOPIC(name, code, title, remedy) TOPIC_##name,
enum topic { TOPICS(TOPIC) N_TOPICS };
#undef TOPIC

enum finding_state { FINDING_OK, FINDING_LOOK, FINDING_BROKEN }; /* also the exit code */
struct finding {
    enum topic topic;
    enum finding_state state;
    const char *fact;
};
struct diagnosis {
    struct ctx *c;
    const char *dir;
    struct node *n; /* NULL when its folder can't be read */
    struct finding found[N_TOPICS];
    size_t n_found;
};

void diagnose_found(struct diagnosis *d, enum topic topic, enum finding_state state,
                    const char *fact);
/* The last fault of the context as fact, forgotten there. */
void diagnose_fault(struct diagnosis *d, enum topic topic, enum finding_state state);

/* diagnose_machine.c, diagnose_node.c, diagnose_store.c */
void diagnose_program(struct diagnosis *d); /* version, kernel */
void diagnose_sandbox(struct diagnosis *d); /* forks: before there are threads */
void diagnose_machine(struct diagnosis *d); /* disk, sync, limits */
void diagnose_node(struct diagnosis *d);    /* running to peers */
void diagnose_store(struct diagnosis *d);   /* database, clock, outbox, witness, root key */

#endif
