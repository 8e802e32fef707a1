/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the PostgreSQL driver share. Private to db/. */
#ifndef DINH_DB_DB_POSTGRES_H
#define DINH_DB_DB_POSTGRES_H

#include <libpq-fe.h>

#include "db/db_inner.h"

#define PG_CACHE   1024 /* statements kept prepared a connection: a power of two */
#define PG_PENDING 64

struct pg_stmt {
    const char *sql;  /* the literal: its address is the key */
    const char *text; /* a copy: the same address must still hold the same text */
    char name[12];
    bool prepared;
};

/*
 * The link is always in pipeline mode. BEGIN, SAVEPOINT, RELEASE and ROLLBACK TO are not sent by
 * themselves: they wait in pending and travel with the next statement, so that a work of one
 * statement costs one round trip. A read's final ROLLBACK is sent and not waited for (owed).
 */
struct pg {
    struct db_conn conn;
    PGconn *link;
    const char *pending[PG_PENDING];
    int n_pending;
    bool begun; /* something of this transaction was sent */
    int owed;   /* answers not read yet: one synchronisation point each */
    size_t n_cached;
    struct pg_stmt cache[PG_CACHE];
};

/* Records what the server said (r NULL: nothing, the link is gone). sql is for the log. */
enum err pg_fail(struct ctx *c, struct pg *p, const PGresult *r, const char *sql);
enum err pg_check(struct ctx *c, struct db_conn *conn, bool whole);
enum err pg_backup(struct ctx *c, struct db *db, const char *path);

#endif
