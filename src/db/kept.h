/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is kept: rows of logs stay as they were written, whatever statement a fault or an intruder
 * finds (threat T6.5, ASVS 13.2.2). The tables are told by schema/kept.txt of each module;
 * gen/assets.h has them, tools/check_kept.py holds them against the statements of the sources.
 *
 * PostgreSQL: two roles. The owner makes and changes tables (`dinh migrate`); the node serves as
 * another, which may only what db_grant() gave. SQLite: no roles; db_guard() has each statement
 * refused by the library's authorizer in this process, and the file is the node's own.
 */
#ifndef DINH_DB_KEPT_H
#define DINH_DB_KEPT_H

#include "db/db.h"

struct db_kept {
    const char *table;   /* "core_audit"; "registry_r_*": each that begins so */
    const char *columns; /* that may be updated: "status, answer"; "" none */
    bool thinned;        /* old rows may go: by the owner, or on SQLite by the node */
};

/* May this database's role make tables? SQLite: always. PostgreSQL: as it was at db_open(). */
bool db_shapes(const struct db *db);
/* From now on nothing that is kept may be updated, deleted, dropped or altered. SQLite;
   PostgreSQL's server does it. kept lives as long as db. Before other threads use db. */
void db_guard(struct db *db, const struct db_kept *kept, size_t n);

/* The role in a PostgreSQL conninfo ("postgres:... user=NAME"); NULL when it names none. */
const char *db_role(struct arena *a, const char *url);
/* db is open as the owner: gives role, and nobody else, SELECT, INSERT, UPDATE and DELETE on the
   tables of the current schema, of what is kept only what its row says, of the table of migrations
   SELECT. ERR_DB_RIGHT: there is no such role, it is the owner itself, or the owner isn't one. */
MUST_CHECK enum err db_grant(struct ctx *c, struct db *db, const struct db_kept *kept, size_t n,
                             const char *role);
/* The first right of db's role that a serving node needn't have ("CREATE ON SCHEMA public", "DELETE
   ON core_audit"); "" when there is none, and on SQLite. */
MUST_CHECK enum err db_excess(struct ctx *c, struct db *db, const struct db_kept *kept, size_t n,
                              const char **ret_excess);

#endif
