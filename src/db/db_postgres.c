/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db_postgres.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "db/db_sql.h"

enum { OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25 }; /* fixed in PostgreSQL's pg_type.dat */

static struct pg *pg_of(struct db_conn *conn)
{
    return (struct pg *)conn;
}

/* ---- opening ---- */

static void no_notice(void *arg, const char *text)
{
    (void)arg, (void)text;
}

/* Wants of the server: what would break a promise is refused, the rest is set for the session. */
static const char settle_sql[] =
    "SELECT CASE WHEN current_setting('server_version_num')::int < 150000 THEN 'version < 15'"
    " WHEN current_setting('server_encoding') <> 'UTF8' THEN 'encoding is not UTF8'"
    " WHEN NOT ('Z' < 'a' AND 'H57.31.9' < 'H57.31/' AND 'H57.31/' < 'H57.310' AND 'H57' < '~')"
    " THEN 'texts do not sort by code point (CREATE DATABASE ... TEMPLATE template0"
    " LOCALE_PROVIDER libc LOCALE ''C.UTF-8'')'"
    " WHEN current_setting('fsync') = 'off' THEN 'fsync = off'"
    " WHEN current_setting('full_page_writes') = 'off' THEN 'full_page_writes = off' END,"
    " pg_is_in_recovery() AND $1 = 'w', current_setting('data_checksums') = 'on',"
    " set_config('bytea_output', 'hex', false), set_config('statement_timeout', '0', false),"
    " set_config('standard_conforming_strings', 'on', false),"
    " set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') IN"
    " ('off', 'local') THEN 'on' ELSE current_setting('synchronous_commit') END, false),"
    " coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)";

static enum err settle(struct ctx *c, struct pg *p)
{
    const char *values[] = {p->conn.writer ? "w" : "r"};
    PGresult *r = PQexecParams(p->link, settle_sql, 1, NULL, values, NULL, NULL, 0);
    enum err e = OK;
    if (PQresultStatus(r) != PGRES_TUPLES_OK)
        e = pg_fail(c, p, r, "settings");
    else if (!PQgetisnull(r, 0, 0))
        e = fail(c, ERR_DB_OPEN, "database", p->conn.db->name, PQgetvalue(r, 0, 0));
    else if (PQgetvalue(r, 0, 1)[0] == 't')
        e = fail(c, ERR_READ_ONLY, "database", p->conn.db->name);
    else if (p->conn.writer && PQgetvalue(r, 0, 2)[0] != 't')
        log_warn("db", "%s: made without data checksums; see pg_checksums", p->conn.db->name);
    if (!e && p->conn.writer)
        p->conn.db->shapes = PQgetvalue(r, 0, PQnfields(r) - 1)[0] == 't';
    PQclear(r);
    return e;
}

static void pg_close(struct db_conn *conn)
{
    PQfinish(pg_of(conn)->link);
    arena_end(conn->arena);
}

static enum err connect_link(struct ctx *c, struct pg *p)
{
    struct db *db = p->conn.db;
    static const char *const keys[] = {"fallback_application_name", "connect_timeout",
                                       "tcp_user_timeout",          "dbname",
                                       "client_encoding",           NULL};
    const char *values[] = {"dinh", "5", "30000", db->where, "UTF8", NULL};
    p->link = PQconnectdbParams(keys, values, 1);
    if (!p->link)
        BUG("out of memory");
    if (PQstatus(p->link) != CONNECTION_OK)
        return pg_fail(c, p, NULL, NULL);
    PQsetNoticeProcessor(p->link, no_notice, NULL);
    enum err e = settle(c, p);
    if (!e && !PQenterPipelineMode(p->link))
        e = pg_fail(c, p, NULL, NULL);
    return e;
}

static enum err pg_open(struct ctx *c, struct db *db, bool writer, struct db_conn **ret_conn)
{
    struct arena *a = arena_new(0);
    struct pg *p = ARENA_NEW(a, struct pg);
    p->conn = (struct db_conn){.db = db, .arena = a, .writer = writer};
    enum err e = connect_link(c, p);
    if (e)
        pg_close(&p->conn);
    else
        *ret_conn = &p->conn;
    return e;
}

/* ---- parameters ---- */

struct params {
    Oid types[DB_PARAMS_MAX];
    const char *values[DB_PARAMS_MAX];
    int lengths[DB_PARAMS_MAX], formats[DB_PARAMS_MAX];
    char numbers[DB_PARAMS_MAX][24];
};

static Oid type_of(const struct db_value *v)
{
    switch (v->type == DB_NULL ? (enum db_type)v->i : v->type) {
    case DB_INT: return OID_INT8;
    case DB_TEXT: return OID_TEXT;
    case DB_BLOB: return OID_BYTEA;
    case DB_NULL: return 0; /* the server infers it */
    }
    BUG("no such type");
}

static void fill(struct params *out, const struct db_call *call)
{
    for (size_t i = 0; i < call->n; i++) {
        const struct db_value *v = &call->params[i];
        out->types[i] = type_of(v);
        out->values[i] = NULL;
        out->lengths[i] = 0;
        out->formats[i] = v->type == DB_BLOB;
        if (v->type == DB_INT) {
            snprintf(out->numbers[i], sizeof out->numbers[i], "%lld", (long long)v->i);
            out->values[i] = out->numbers[i];
        } else if (v->type == DB_TEXT) {
            out->values[i] = v->text;
        } else if (v->type == DB_BLOB) {
            ASSERT(v->blob.len <= INT32_MAX);
            out->values[i] = v->blob.len ? (const char *)v->blob.ptr : "";
            out->lengths[i] = (int)v->blob.len;
        }
    }
}

/* ---- the statement cache ---- */

/* Full, or the address holds another text now: the server's unnamed statement is used. */
static struct pg_stmt *statement(struct pg *p, const char *sql, struct pg_stmt *unnamed)
{
    uint64_t key = (uint64_t)(uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15);
    size_t i = (size_t)(key >> 32) % PG_CACHE;
    while (p->cache[i].sql && p->cache[i].sql != sql)
        i = (i + 1) % PG_CACHE;
    struct pg_stmt *s = &p->cache[i];
    if (s->sql && text_eq(s->text, sql))
        return s;
    if (s->sql || p->n_cached >= PG_CACHE / 2)
        return unnamed;
    s->sql = sql;
    s->text = arena_text(p->conn.arena, sql);
    snprintf(s->name, sizeof s->name, "s%zu", p->n_cached++);
    return s;
}

/* ---- a round trip: what is pending, then perhaps a statement ---- */

static bool send_plain(struct pg *p, const char *sql)
{
    return PQsendQueryParams(p->link, sql, 0, NULL, NULL, NULL, NULL, 0);
}

static bool send_pending(struct pg *p)
{
    for (int i = 0; i < p->n_pending; i++) {
        if (!send_plain(p, p->pending[i]))
            return false;
    }
    return true;
}

static bool send_call(struct ctx *c, struct pg *p, const struct db_call *call, struct pg_stmt *s)
{
    struct params params;
    int n = (int)call->n;
    fill(&params, call);
    if (!s->prepared && !PQsendPrepare(p->link, s->name, sql_for(c->arena, DB_POSTGRES, call->sql),
                                       n, params.types))
        return false;
    return PQsendQueryPrepared(p->link, s->name, n, params.values, params.lengths, params.formats,
                               0);
}

/* The next result; a command's results end with a NULL, which is read too. NULL: the link is gone.
 */
static PGresult *next_result(struct pg *p)
{
    PGresult *r = PQgetResult(p->link);
    if (!r)
        return NULL;
    if (PQresultStatus(r) != PGRES_PIPELINE_SYNC)
        PQclear(PQgetResult(p->link));
    return r;
}

static bool read_until_sync(struct pg *p)
{
    for (;;) {
        PGresult *r = next_result(p);
        bool sync = r && PQresultStatus(r) == PGRES_PIPELINE_SYNC;
        bool gone = !r || PQstatus(p->link) == CONNECTION_BAD;
        PQclear(r);
        if (sync || gone)
            return sync;
    }
}

static bool read_owed(struct pg *p)
{
    for (; p->owed > 0; p->owed--) {
        if (!read_until_sync(p))
            return false;
    }
    return true;
}

static bool is_good(const PGresult *r)
{
    ExecStatusType s = PQresultStatus(r);
    return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK;
}

/* Reads the answers to n commands: each must be good. The last one is given. */
static enum err read_answers(struct ctx *c, struct pg *p, int n, const char *sql,
                             PGresult **ret_last, int *ret_good)
{
    enum err e = OK;
    for (int i = 0; i < n && !e; i++) {
        PGresult *r = next_result(p);
        if (!r || !is_good(r))
            e = pg_fail(c, p, r, sql);
        else
            ++*ret_good;
        if (i == n - 1 && !e)
            *ret_last = r;
        else
            PQclear(r);
    }
    if (!read_until_sync(p) && !e)
        e = pg_fail(c, p, NULL, sql);
    return e;
}

static enum err lost_link(struct ctx *c, struct pg *p, const char *sql)
{
    return pg_fail(c, p, NULL, sql);
}

/* call NULL: only what is pending. ret_last may hold the last command's result, to be cleared. */
static enum err round_trip(struct ctx *c, struct pg *p, const struct db_call *call,
                           PGresult **ret_last)
{
    struct pg_stmt unnamed = {.sql = ""}, *s = call ? statement(p, call->sql, &unnamed) : NULL;
    const char *sql = call ? call->sql : p->n_pending ? p->pending[p->n_pending - 1] : "";
    int controls = p->n_pending, n = controls + (s ? 1 + !s->prepared : 0), good = 0;
    bool sent = send_pending(p) && (!call || send_call(c, p, call, s)) && PQpipelineSync(p->link);
    p->n_pending = 0;
    p->begun = true;
    if (!sent || !read_owed(p))
        return lost_link(c, p, sql);
    enum err e = read_answers(c, p, n, sql, ret_last, &good);
    if (s && good > controls)
        s->prepared = true;
    if (e && good < controls)
        db_lose(&p->conn, e);
    return e;
}

/* ---- statements ---- */

static enum err give_rows(struct ctx *c, struct db_call *call, PGresult *r)
{
    struct db_row row = {
        .driver = &db_postgres, .arena = c->arena, .from = r, .columns = PQnfields(r)};
    int n = PQntuples(r);
    if (call->max_rows && (size_t)n > call->max_rows)
        return fail(c, ERR_DB_STATEMENT, "", "more rows than wanted", call->sql);
    for (; row.row < n && call->row && !call->stopped; row.row++)
        call->stopped = call->row(c, &row, call->arg);
    int64_t changed = 0;
    if (text_to_int(PQcmdTuples(r), &changed) && !text_starts(PQcmdStatus(r), "SELECT"))
        call->changed = changed;
    return OK;
}

static enum err pg_run(struct ctx *c, struct db_conn *conn, struct db_call *call)
{
    struct pg *p = pg_of(conn);
    PGresult *r = NULL;
    if (call->n > DB_PARAMS_MAX)
        return fail(c, ERR_DB_STATEMENT, "", "number of parameters");
    enum err e = round_trip(c, p, call, &r);
    if (!e)
        e = give_rows(c, call, r);
    PQclear(r);
    return e;
}

static void push(struct pg *p, const char *sql)
{
    ASSERT(p->n_pending < PG_PENDING);
    p->pending[p->n_pending++] = sql;
}

static enum err flush(struct ctx *c, struct pg *p)
{
    PGresult *r = NULL;
    enum err e = round_trip(c, p, NULL, &r);
    PQclear(r);
    return e;
}

static enum err pg_script(struct ctx *c, struct db_conn *conn, const char *sql)
{
    push(pg_of(conn), sql_for(c->arena, DB_POSTGRES, sql));
    return flush(c, pg_of(conn));
}

/* ---- transactions ---- */

#define BY_DEPTH(verb)                                                                             \
    {                                                                                              \
        verb " s0", verb " s1", verb " s2", verb " s3", verb " s4", verb " s5", verb " s6",        \
            verb " s7"                                                                             \
    }
static const char *const saves[DB_DEPTH_MAX] = BY_DEPTH("SAVEPOINT");
static const char *const releases[DB_DEPTH_MAX] = BY_DEPTH("RELEASE SAVEPOINT");
static const char *const backs[DB_DEPTH_MAX] = BY_DEPTH("ROLLBACK TO SAVEPOINT");

static enum err pg_begin(struct pg *p, const char *sql)
{
    p->conn.lost = OK;
    p->conn.again = false;
    p->begun = false;
    p->n_pending = 0;
    push(p, sql);
    return OK;
}

static enum err begin_migration(struct ctx *c, struct pg *p)
{
    enum err e = pg_begin(p, "BEGIN ISOLATION LEVEL READ COMMITTED");
    push(p, arena_printf(c->arena, "SELECT pg_advisory_xact_lock(%d)", DB_MIGRATION_LOCK));
    return e ? e : flush(c, p);
}

/* Nothing may interrupt it, and a link lost in the middle leaves the outcome unknown. */
static enum err pg_commit(struct ctx *c, struct pg *p)
{
    if (!p->begun && p->n_pending == 1)
        return p->n_pending = 0, OK; /* nothing was done */
    PGresult *r = NULL;
    push(p, "COMMIT");
    enum err e = round_trip(c, p, NULL, &r);
    if (!e && !text_eq(PQcmdStatus(r), "COMMIT"))
        e = fail(c, ERR_DB_COMMIT, "database", p->conn.db->name);
    PQclear(r);
    if (!e)
        return OK;
    if (p->conn.dead) {
        p->conn.again = false;
        p->conn.lost = ERR_DB_COMMIT;
        return fail(c, ERR_DB_COMMIT, "database", p->conn.db->name);
    }
    if (e == ERR_DB_FOREIGN || e == ERR_DB_UNIQUE) /* deferred: not everybody is to blame */
        p->conn.again = true;
    db_lose(&p->conn, e);
    return e;
}

static enum err pg_rollback(struct ctx *c, struct pg *p)
{
    enum err e = OK;
    p->n_pending = 0;
    if (p->begun && !p->conn.dead && p->conn.writer) {
        push(p, "ROLLBACK");
        e = flush(c, p);
    } else if (p->begun && !p->conn.dead) {
        if (!send_plain(p, "ROLLBACK") || !PQpipelineSync(p->link))
            p->conn.dead = true;
        p->owed++;
    }
    if (e)
        p->conn.dead = true;
    p->begun = false;
    p->conn.lost = OK;
    return e;
}

/* A savepoint that nothing followed needn't be sent. */
static bool unsent(struct pg *p, const char *save)
{
    if (p->n_pending == 0 || p->pending[p->n_pending - 1] != save)
        return false;
    p->n_pending--;
    return true;
}

static enum err pg_save(struct ctx *c, struct pg *p, int depth)
{
    if (p->n_pending > PG_PENDING / 2) {
        enum err e = flush(c, p);
        if (e)
            return e;
    }
    push(p, saves[depth]);
    return OK;
}

static enum err pg_back(struct ctx *c, struct pg *p, int depth)
{
    if (p->n_pending > PG_PENDING / 2) {
        enum err e = flush(c, p);
        if (e)
            return db_lose(&p->conn, e), e;
    }
    push(p, backs[depth]);
    push(p, releases[depth]);
    return OK;
}

static enum err pg_control(struct ctx *c, struct db_conn *conn, enum db_control what, int depth)
{
    struct pg *p = pg_of(conn);
    switch (what) {
    case DB_BEGIN_READ: return pg_begin(p, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    case DB_BEGIN_WRITE: return pg_begin(p, "BEGIN ISOLATION LEVEL SERIALIZABLE");
    case DB_BEGIN_MIGRATION: return begin_migration(c, p);
    case DB_COMMIT: return pg_commit(c, p);
    case DB_ROLLBACK: return pg_rollback(c, p);
    case DB_SAVE: return pg_save(c, p, depth);
    case DB_RELEASE:
        if (!unsent(p, saves[depth]))
            push(p, releases[depth]);
        return OK;
    case DB_BACK: return unsent(p, saves[depth]) ? OK : pg_back(c, p, depth);
    }
    BUG("no such control");
}

static void pg_rest(struct db_conn *conn)
{
    (void)conn;
}

/* ---- columns ---- */

static bool pg_null(const struct db_row *r, int col)
{
    return PQgetisnull(r->from, r->row, col);
}

static int64_t pg_int(const struct db_row *r, int col)
{
    const char *text = PQgetvalue(r->from, r->row, col);
    return text[0] == 't' ? 1 : strtoll(text, NULL, 10);
}

static const char *pg_text(const struct db_row *r, int col)
{
    return arena_text_n(r->arena, PQgetvalue(r->from, r->row, col),
                        (size_t)PQgetlength(r->from, r->row, col));
}

static struct bytes pg_blob(const struct db_row *r, int col)
{
    const char *text = PQgetvalue(r->from, r->row, col);
    size_t len = (size_t)PQgetlength(r->from, r->row, col);
    struct bytes out = {NULL, 0};
    if (PQftype(r->from, col) != OID_BYTEA || !text_starts(text, "\\x"))
        return arena_bytes(r->arena, text, len);
    if (!hex_decode(r->arena, text + 2, &out))
        BUG("bytea that is not hexadecimal");
    return out;
}

static const char *pg_name(const struct db_row *r, int col)
{
    return PQfname(r->from, col);
}

const struct db_driver db_postgres = {
    .kind = DB_POSTGRES,
    .open = pg_open,
    .close = pg_close,
    .control = pg_control,
    .run = pg_run,
    .script = pg_script,
    .rest = pg_rest,
    .backup = pg_backup,
    .check = pg_check,
    .column_int = pg_int,
    .column_text = pg_text,
    .column_blob = pg_blob,
    .column_null = pg_null,
    .column_name = pg_name,
};
