/* SPDX-License-Identifier: Apache-2.0 */
/* What the server's SQLSTATE means to us; backup and check of a PostgreSQL database. */
#include "db/db_postgres.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"

enum what { FAILS, AGAIN, NEW_LINK }; /* this statement; the transaction; the connection */

static const struct {
    const char *state; /* SQLSTATE or its beginning (PostgreSQL manual, appendix A) */
    enum err err;
    enum what what;
} states[] = {
    {"23505", ERR_DB_UNIQUE, FAILS},
    {"23P01", ERR_DB_UNIQUE, FAILS},
    {"23503", ERR_DB_FOREIGN, FAILS},
    {"23001", ERR_DB_FOREIGN, FAILS},
    {"23514", ERR_DB_CHECK, FAILS},
    {"23502", ERR_DB_CHECK, FAILS},
    {"25006", ERR_READ_ONLY, FAILS},
    {"42501", ERR_DB_RIGHT, FAILS}, /* the role that serves may not: db/kept.h */
    {"40", ERR_DB_BUSY, AGAIN},     /* serialisation failure, deadlock */
    {"57014", ERR_DB_BUSY, FAILS},  /* somebody cancelled it */
    {"55P03", ERR_DB_BUSY, FAILS},  /* lock_timeout */
    {"53100", ERR_DISK_FULL, FAILS},
    {"53", ERR_DB_BUSY, FAILS}, /* out of connections, memory */
    {"58", ERR_IO, FAILS},
    {"XX001", ERR_DB_CORRUPT, FAILS},
    {"XX002", ERR_DB_CORRUPT, FAILS},
    {"57P", ERR_DB_OPEN, NEW_LINK},     /* the server shuts down or has crashed */
    {"08P01", ERR_DB_STATEMENT, FAILS}, /* wrong number of parameters */
    {"08", ERR_DB_OPEN, NEW_LINK},
    {"26000", ERR_DB_BUSY, NEW_LINK}, /* our prepared statement is gone: a pooler between us */
    {"0A000", ERR_DB_BUSY, NEW_LINK}, /* another node changed a table under a prepared statement */
};

static const char *first_line(struct arena *a, const char *text)
{
    return text ? arena_text_n(a, text, strcspn(text, "\n")) : "";
}

static enum err link_gone(struct ctx *c, struct pg *p)
{
    struct db_conn *conn = &p->conn;
    conn->dead = conn->again = true;
    db_lose(conn, ERR_DB_OPEN);
    const char *why = first_line(c->arena, PQerrorMessage(p->link));
    log_error("db", "%s: %s", conn->db->name, why);
    return fail(c, ERR_DB_OPEN, "database", conn->db->name, why);
}

static const char *constraint(struct arena *a, const PGresult *r, const char *state)
{
    const char *name = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
    if (text_eq(state, "23502"))
        return arena_printf(a, "%s.%s", PQresultErrorField(r, PG_DIAG_TABLE_NAME),
                            PQresultErrorField(r, PG_DIAG_COLUMN_NAME));
    return name ? name : "";
}

enum err pg_fail(struct ctx *c, struct pg *p, const PGresult *r, const char *sql)
{
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    if (!r || PQstatus(p->link) == CONNECTION_BAD || !state)
        return link_gone(c, p);
    enum err e = ERR_DB_STATEMENT;
    enum what what = FAILS;
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        if (text_starts(state, states[i].state)) {
            e = states[i].err;
            what = states[i].what;
            break;
        }
    }
    if (what != FAILS) {
        db_lose(&p->conn, e);
        p->conn.again = true;
        p->conn.dead = what == NEW_LINK;
    }
    if (e == ERR_DB_UNIQUE || e == ERR_DB_FOREIGN || e == ERR_DB_CHECK)
        return fail(c, e, constraint(c->arena, r, state));
    const char *why = first_line(c->arena, PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
    if (what != AGAIN)
        log_error("db", "%s: %s (%s): %.300s", p->conn.db->name, why, state, sql ? sql : "");
    return fail(c, e, "database", p->conn.db->name, why);
}

/* ---- care ---- */

static enum err verdict_row(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    *(const char **)arg = row_text(r, 0);
    return OK;
}

/* What the server knows by itself; reading every page is pg_amcheck's and pg_checksums' work. */
enum err pg_check(struct ctx *c, struct db_conn *conn, bool whole)
{
    (void)whole;
    const char *wrong = NULL;
    struct db_call call = {
        .sql = "SELECT 'checksum failures: ' || checksum_failures FROM pg_stat_database "
               "WHERE datname = current_database() AND checksum_failures > 0 "
               "UNION ALL SELECT 'index ' || indexrelid::regclass FROM pg_index "
               "WHERE NOT indisvalid "
               "UNION ALL SELECT 'constraint ' || conname FROM pg_constraint "
               "WHERE NOT convalidated LIMIT 1",
        .row = verdict_row,
        .arg = &wrong};
    enum err e = db_postgres.run(c, conn, &call);
    if (e || !wrong)
        return e;
    return fail(c, ERR_DB_CORRUPT, "database", conn->db->name, wrong);
}

enum err pg_backup(struct ctx *c, struct db *db, const char *path)
{
    (void)path;
    return fail(c, ERR_DB_BACKUP, "database", db->name, "pg_dump, pgbackrest");
}
