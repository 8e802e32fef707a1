/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db_sqlite.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "db/db_sql.h"

#define BUSY_MS          5000 /* another process may hold the file: dinh user, dinh backup */
#define CHECKPOINT_PAGES 1000 /* 4 MB of log */

static struct lite *lite_of(struct db_conn *conn)
{
    return (struct lite *)conn;
}

/* ---- opening ---- */

/* What is kept is neither changed nor thrown away (db/kept.h). */
static int guard(const struct db *db, int action, const char *a1, const char *a2)
{
    const char *table = action == SQLITE_ALTER_TABLE || action == SQLITE_CREATE_TRIGGER ? a2 : a1;
    const struct db_kept *k = table ? db_kept_row(db->kept, db->n_kept, table) : NULL;
    bool fine = !k;
    if (k && action == SQLITE_UPDATE)
        fine = a2 && db_kept_column(k, a2);
    else if (k && action == SQLITE_DELETE)
        fine = k->thinned;
    return fine ? SQLITE_OK : SQLITE_DENY;
}

static int authorize(void *arg, int action, const char *a1, const char *a2, const char *a3,
                     const char *a4)
{
    const struct lite *l = arg;
    (void)a3, (void)a4;
    if (l->inside)
        return SQLITE_OK;
    switch (action) {
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
    case SQLITE_PRAGMA:
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT: return SQLITE_DENY;
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_DROP_TABLE:
    case SQLITE_ALTER_TABLE:
    case SQLITE_CREATE_TRIGGER: return guard(l->conn.db, action, a1, a2);
    default: return SQLITE_OK;
    }
}

static int count_wal(void *arg, sqlite3 *handle, const char *schema, int pages)
{
    (void)handle, (void)schema;
    ((struct lite *)arg)->wal_pages = pages;
    return SQLITE_OK;
}

static const struct {
    int id, value;
} limits[] = {
    {SQLITE_LIMIT_LENGTH, 64 << 20},
    {SQLITE_LIMIT_SQL_LENGTH, 100000},
    {SQLITE_LIMIT_COLUMN, 200},
    {SQLITE_LIMIT_EXPR_DEPTH, 100},
    {SQLITE_LIMIT_COMPOUND_SELECT, 20},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
    {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 10},
    {SQLITE_LIMIT_VARIABLE_NUMBER, DB_PARAMS_MAX},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
};

static void harden(struct lite *l)
{
    sqlite3 *h = l->handle;
    sqlite3_extended_result_codes(h, 1);
    sqlite3_busy_timeout(h, BUSY_MS);
    sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DML, 0, NULL); /* "x" is a name, never a text */
    sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        sqlite3_limit(h, limits[i].id, limits[i].value);
    sqlite3_set_authorizer(h, authorize, l);
    sqlite3_wal_hook(h, count_wal, l); /* in place of SQLite's own checkpoints: rest() does them */
}

/* The one text that a PRAGMA answers. */
static int pragma(struct lite *l, const char *sql, char *ret, size_t size)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(l->handle, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    ret[0] = 0;
    if (rc == SQLITE_ROW)
        snprintf(ret, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static enum err settle(struct ctx *c, struct lite *l)
{
    static const struct {
        const char *sql, *want;
        bool writer_only;
    } settings[] = {
        {"SELECT count(*) >= 0 FROM sqlite_schema", "1", false},
        {"PRAGMA journal_mode = WAL", "wal", true},
        {"PRAGMA journal_mode", "wal", false},
        {"PRAGMA synchronous = FULL", "", false},
        {"PRAGMA synchronous", "2", false},
        {"PRAGMA cell_size_check = ON", "", false},
        {"PRAGMA case_sensitive_like = ON", "",
         false}, /* as in PostgreSQL; lets LIKE use indexes */
        {"PRAGMA journal_size_limit = 67108864", "67108864", true},
        {"PRAGMA cache_size = -8000", "", true},
        {"PRAGMA cache_size = -2000", "", false},
        {"PRAGMA temp_store = MEMORY", "", false},
        {"PRAGMA secure_delete = ON", "1", true}, /* costs inserts nothing (measured) */
        {"PRAGMA foreign_keys", "1", false},
    };
    char got[64];
    for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
        if (settings[i].writer_only && !l->conn.writer)
            continue;
        int rc = pragma(l, settings[i].sql, got, sizeof got);
        if (rc != SQLITE_OK)
            return lite_fail(c, l, rc, NULL);
        if (!text_eq(settings[i].want, "") && !text_eq(settings[i].want, got))
            return fail(c, ERR_DB_OPEN, "database", l->conn.db->name, settings[i].sql);
    }
    if (l->conn.writer)
        return OK;
    int rc = pragma(l, "PRAGMA query_only = ON", got, sizeof got);
    return rc == SQLITE_OK ? OK : lite_fail(c, l, rc, NULL);
}

static void lite_close(struct db_conn *conn)
{
    struct lite *l = lite_of(conn);
    for (size_t i = 0; i < LITE_CACHE; i++)
        sqlite3_finalize(l->cache[i].stmt);
    if (atomic_load(&conn->db->broken)) /* no sync after a failed one: it may lie */
        sqlite3_db_config(l->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close(l->handle);
    arena_end(conn->arena);
}

/* The file is made by us, so that nobody else may read it. */
static enum err make_file(struct ctx *c, const char *path)
{
    if (sys_exists(path))
        return OK;
    return sys_write_file(c, path, (struct bytes){NULL, 0}, 0600);
}

static enum err open_handle(struct ctx *c, struct lite *l)
{
    const struct db *db = l->conn.db;
    int rc = sqlite3_open_v2(db->where, &l->handle,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                             lite_vfs());
    if (!l->handle)
        BUG("out of memory");
    if (rc != SQLITE_OK)
        return lite_fail(c, l, rc, NULL);
    harden(l);
    if (l->conn.writer && !db->plain)
        lite_sums(l->handle);
    if (sqlite3_db_readonly(l->handle, "main") == 1)
        return fail(c, ERR_READ_ONLY, "database", db->name);
    l->inside = true;
    enum err e = settle(c, l);
    l->inside = false;
    return e;
}

static enum err lite_open(struct ctx *c, struct db *db, bool writer, struct db_conn **ret_conn)
{
    enum err e = make_file(c, db->where);
    if (!e && writer)
        e = lite_wal_check(c, db->where);
    if (e)
        return e;
    struct arena *a = arena_new(0);
    struct lite *l = ARENA_NEW(a, struct lite);
    l->conn = (struct db_conn){.db = db, .arena = a, .writer = writer};
    e = open_handle(c, l);
    if (e)
        lite_close(&l->conn);
    else
        *ret_conn = &l->conn;
    return e;
}

/* ---- the statement cache ---- */

static void cache_empty(struct lite *l)
{
    for (size_t i = 0; i < LITE_CACHE; i++) {
        ASSERT(!l->cache[i].busy);
        sqlite3_finalize(l->cache[i].stmt);
    }
    memset(l->cache, 0, sizeof l->cache);
    l->n_cached = 0;
}

static struct lite_stmt *cache_slot(struct lite *l, const char *sql)
{
    uint64_t key = (uint64_t)(uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15);
    size_t i = (size_t)(key >> 32) % LITE_CACHE;
    while (l->cache[i].stmt && l->cache[i].sql != sql)
        i = (i + 1) % LITE_CACHE;
    return &l->cache[i];
}

/* The number behind SQLite's i-th parameter; 0 when it isn't $1 to $99. */
static int number_of(const struct lite_stmt *s, int i)
{
    if (s->in_order)
        return i;
    const char *name = sqlite3_bind_parameter_name(s->stmt, i);
    int64_t number = 0;
    if (!name || name[0] != '$' || !text_to_int(name + 1, &number))
        return 0;
    return number >= 1 && number <= DB_PARAMS_MAX ? (int)number : 0;
}

static enum err number_params(struct ctx *c, struct lite_stmt *s)
{
    bool in_order = true;
    s->n_params = sqlite3_bind_parameter_count(s->stmt);
    for (int i = 1; i <= s->n_params; i++) {
        int number = number_of(s, i);
        if (number == 0)
            return fail(c, ERR_DB_STATEMENT, "", "parameters are $1, $2, ...");
        in_order = in_order && number == i;
    }
    s->in_order = in_order;
    return OK;
}

static enum err prepare_into(struct ctx *c, struct lite *l, const char *sql, struct lite_stmt *s)
{
    const char *dialect = sql_for(c->arena, DB_SQLITE, sql);
    *s = (struct lite_stmt){.sql = sql};
    int rc = sqlite3_prepare_v3(l->handle, dialect, -1, SQLITE_PREPARE_PERSISTENT, &s->stmt, NULL);
    if (rc != SQLITE_OK)
        return lite_fail(c, l, rc, sql);
    enum err e = s->stmt ? number_params(c, s) : fail(c, ERR_DB_STATEMENT, "", "empty");
    if (e) {
        sqlite3_finalize(s->stmt);
        s->stmt = NULL;
    }
    return e;
}

/* A statement that is stepping already (a row function runs the same one) gets one of its own. */
static enum err statement(struct ctx *c, struct lite *l, const char *sql, struct lite_stmt *own,
                          struct lite_stmt **ret_stmt)
{
    struct lite_stmt *s = cache_slot(l, sql);
    if (s->stmt && text_eq(sqlite3_sql(s->stmt), sql) && !s->busy) {
        *ret_stmt = s;
        return OK;
    }
    *ret_stmt = own;
    if (s->stmt || l->n_cached >= LITE_CACHE / 2)
        return prepare_into(c, l, sql, own);
    enum err e = prepare_into(c, l, sql, s);
    if (!e) {
        l->n_cached++;
        *ret_stmt = s;
    }
    return e;
}

/* ---- running ---- */

static int bind_one(sqlite3_stmt *stmt, int i, const struct db_value *v)
{
    switch (v->type) {
    case DB_INT: return sqlite3_bind_int64(stmt, i, v->i);
    case DB_TEXT: return sqlite3_bind_text(stmt, i, v->text, -1, SQLITE_STATIC);
    case DB_BLOB:
        return sqlite3_bind_blob64(stmt, i, v->blob.len ? (const void *)v->blob.ptr : "",
                                   v->blob.len, SQLITE_STATIC);
    case DB_NULL: return sqlite3_bind_null(stmt, i);
    }
    BUG("no such type");
}

static enum err bind(struct ctx *c, struct lite *l, const struct lite_stmt *s,
                     const struct db_call *call)
{
    size_t highest = 0;
    for (int i = 1; i <= s->n_params; i++) {
        size_t number = (size_t)number_of(s, i);
        highest = number > highest ? number : highest;
        if (number > call->n)
            break;
        int rc = bind_one(s->stmt, i, &call->params[number - 1]);
        if (rc != SQLITE_OK)
            return lite_fail(c, l, rc, call->sql);
    }
    if (highest == call->n)
        return OK;
    log_error("db", "%zu parameters given: %.200s", call->n, call->sql);
    return fail(c, ERR_DB_STATEMENT, "", "number of parameters");
}

static enum err step_all(struct ctx *c, struct lite *l, const struct lite_stmt *s,
                         struct db_call *call)
{
    struct db_row row = {.driver = &db_sqlite,
                         .arena = c->arena,
                         .from = s->stmt,
                         .columns = sqlite3_column_count(s->stmt)};
    int64_t before = sqlite3_total_changes64(l->handle);
    int rc;
    while ((rc = sqlite3_step(s->stmt)) == SQLITE_ROW) {
        if (call->max_rows && (size_t)row.row >= call->max_rows)
            return fail(c, ERR_DB_STATEMENT, "", "more rows than wanted", call->sql);
        if (call->row)
            call->stopped = call->row(c, &row, call->arg);
        if (call->stopped)
            return OK;
        row.row++;
    }
    if (rc != SQLITE_DONE)
        return lite_fail(c, l, rc, call->sql);
    if (sqlite3_total_changes64(l->handle) != before)
        call->changed = sqlite3_changes64(l->handle);
    return OK;
}

static enum err lite_run(struct ctx *c, struct db_conn *conn, struct db_call *call)
{
    struct lite *l = lite_of(conn);
    struct lite_stmt own = {.stmt = NULL}, *s = NULL;
    if (l->n_cached >= LITE_CACHE / 2 && l->n_busy == 0)
        cache_empty(l);
    enum err e = statement(c, l, call->sql, &own, &s);
    if (e)
        return e;
    s->busy = true;
    l->n_busy++;
    e = bind(c, l, s, call);
    if (!e)
        e = step_all(c, l, s, call);
    s->busy = false;
    l->n_busy--;
    sqlite3_reset(s->stmt);
    sqlite3_clear_bindings(s->stmt);
    sqlite3_finalize(own.stmt);
    return e;
}

static enum err lite_script(struct ctx *c, struct db_conn *conn, const char *sql)
{
    struct lite *l = lite_of(conn);
    int rc = sqlite3_exec(l->handle, sql_for(c->arena, DB_SQLITE, sql), NULL, NULL, NULL);
    return rc == SQLITE_OK ? OK : lite_fail(c, l, rc, sql);
}

/* ---- transactions ---- */

#define BY_DEPTH(verb)                                                                             \
    {                                                                                              \
        verb " s0", verb " s1", verb " s2", verb " s3", verb " s4", verb " s5", verb " s6",        \
            verb " s7"                                                                             \
    }
static const char *const saves[DB_DEPTH_MAX] = BY_DEPTH("SAVEPOINT");
static const char *const releases[DB_DEPTH_MAX] = BY_DEPTH("RELEASE");
static const char *const backs[DB_DEPTH_MAX] = BY_DEPTH("ROLLBACK TO");

static enum err plain(struct ctx *c, struct lite *l, const char *sql)
{
    struct db_call call = {.sql = sql};
    l->inside = true;
    enum err e = lite_run(c, &l->conn, &call);
    l->inside = false;
    return e;
}

static enum err lite_begin(struct ctx *c, struct lite *l, const char *sql)
{
    l->conn.lost = OK;
    l->conn.again = false;
    enum err e = plain(c, l, sql);
    l->open = e == OK;
    return e;
}

static enum err lite_commit(struct ctx *c, struct lite *l)
{
    enum err e = plain(c, l, "COMMIT");
    if (!e)
        l->open = false;
    if (e == ERR_DB_FOREIGN) /* deferred: somebody in the batch is to blame, not everybody */
        l->conn.again = true;
    bool told = !e || e == ERR_DB_FOREIGN || e == ERR_DISK_FULL || e == ERR_IO;
    return told ? e : fail(c, ERR_DB_COMMIT, "database", l->conn.db->name);
}

static enum err lite_rollback(struct ctx *c, struct lite *l)
{
    enum err e = OK;
    if (!sqlite3_get_autocommit(l->handle))
        e = plain(c, l, "ROLLBACK");
    l->open = false;
    l->conn.lost = OK;
    if (!sqlite3_get_autocommit(l->handle))
        l->conn.dead = true;
    return e;
}

static enum err lite_back(struct ctx *c, struct lite *l, int depth)
{
    enum err e = plain(c, l, backs[depth]);
    if (!e)
        e = plain(c, l, releases[depth]);
    if (e)
        db_lose(&l->conn, e);
    return e;
}

static enum err lite_control(struct ctx *c, struct db_conn *conn, enum db_control what, int depth)
{
    struct lite *l = lite_of(conn);
    switch (what) {
    case DB_BEGIN_READ: return lite_begin(c, l, "BEGIN");
    case DB_BEGIN_WRITE:
    case DB_BEGIN_MIGRATION: return lite_begin(c, l, "BEGIN IMMEDIATE");
    case DB_COMMIT: return lite_commit(c, l);
    case DB_ROLLBACK: return lite_rollback(c, l);
    case DB_SAVE: return plain(c, l, saves[depth]);
    case DB_RELEASE: return plain(c, l, releases[depth]);
    case DB_BACK: return lite_back(c, l, depth);
    }
    BUG("no such control");
}

static void lite_rest(struct db_conn *conn)
{
    struct lite *l = lite_of(conn);
    if (l->wal_pages < CHECKPOINT_PAGES)
        return;
    l->wal_pages = 0;
    int rc = sqlite3_wal_checkpoint_v2(l->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    struct ctx *c = conn->db->writer_ctx;
    if (rc != SQLITE_OK && rc != SQLITE_BUSY)
        lite_fail(c, l, rc, "checkpoint");
}

/* ---- columns ---- */

static int64_t lite_int(const struct db_row *r, int col)
{
    return sqlite3_column_int64(r->from, col);
}

static const char *lite_text(const struct db_row *r, int col)
{
    const char *text = (const char *)sqlite3_column_text(r->from, col);
    return text ? arena_text_n(r->arena, text, (size_t)sqlite3_column_bytes(r->from, col)) : "";
}

static struct bytes lite_blob(const struct db_row *r, int col)
{
    const void *ptr = sqlite3_column_blob(r->from, col);
    return arena_bytes(r->arena, ptr, (size_t)sqlite3_column_bytes(r->from, col));
}

static bool lite_null(const struct db_row *r, int col)
{
    return sqlite3_column_type(r->from, col) == SQLITE_NULL;
}

static const char *lite_name(const struct db_row *r, int col)
{
    return sqlite3_column_name(r->from, col);
}

const struct db_driver db_sqlite = {
    .kind = DB_SQLITE,
    .open = lite_open,
    .close = lite_close,
    .control = lite_control,
    .run = lite_run,
    .script = lite_script,
    .rest = lite_rest,
    .backup = lite_backup,
    .check = lite_check,
    .column_int = lite_int,
    .column_text = lite_text,
    .column_blob = lite_blob,
    .column_null = lite_null,
    .column_name = lite_name,
};
