/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the body of a test twice: on SQLite in a folder of its own and on PostgreSQL in a schema of
 * its own. PostgreSQL is where the environment's DINH_TEST_PG says (a libpq conninfo; ./dev test
 * starts one and sets it). A missing DINH_TEST_PG fails the test: it is never skipped.
 */
#ifndef DINH_TEST_HARNESS_DB_TEST_H
#define DINH_TEST_HARNESS_DB_TEST_H

#include "db/kept.h"

struct db_world {
    struct ctx *c;   /* its arena ends with the body; now_us is 2025-03-03 08:00 in Viet Nam */
    struct db *db;   /* open and migrated */
    const char *url; /* of db, for opening it again */
    const char *dir; /* an empty folder; removed after the body */
    enum db_kind kind;
};

/* Asserts in body are cmocka's. arg is passed through. */
void db_test(const struct db_schema *files, size_t n, void (*body)(struct db_world *w, void *arg),
             void *arg);
/* The same on one of them. */
void db_test_on(enum db_kind kind, const struct db_schema *files, size_t n,
                void (*body)(struct db_world *w, void *arg), void *arg);
/* The same for tests of what stands on the tables: files are migrated by the first test of a
   process; those after it get SQLite's file as a copy, PostgreSQL's schema as the migrations left
   it. */
void db_test_moulded(enum db_kind kind, const struct db_schema *files, size_t n,
                     void (*body)(struct db_world *w, void *arg), void *arg);

/* Closes w->db and opens it again, as a restart would. */
void db_test_reopen(struct db_world *w);
/* PostgreSQL: gives a role of little right its rights (db_grant()), and opens w->db as that role.
 */
void db_test_as_role(struct db_world *w, const struct db_kept *kept, size_t n);
/* A context of its own for another thread or act. */
struct ctx *db_test_ctx(void);
void db_test_ctx_end(struct ctx *c);

#endif
