/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db_inner.h"

#include "base/log.h"
#include "base/text.h"
#include "db/db_sql.h"

struct migration {
    struct ctx *c;
    struct db *db;
    struct db_conn *conn;
    struct db_tx tx;
    const struct db_schema *files; /* in the order in which they are run */
    size_t n;
    bool *there; /* of each: run before we came */
};

static enum err refuse(struct ctx *c, const char *module, int64_t version, const char *why)
{
    return fail(c, ERR_DB_MIGRATION, module,
                arena_printf(c->arena, "%s %lld", module, (long long)version), why);
}

/* ---- the order: modules as they come, versions rising ---- */

static bool goes_before(const struct db_schema *list, const struct db_schema *a,
                        const struct db_schema *b)
{
    if (text_eq(a->module, b->module))
        return a->version < b->version;
    for (;; list++) {
        if (text_eq(list->module, a->module))
            return true;
        if (text_eq(list->module, b->module))
            return false;
    }
}

static const struct db_schema *in_order(struct ctx *c, const struct db_schema *files, size_t n)
{
    struct db_schema *out = ARENA_ARRAY(c->arena, n + 1, struct db_schema);
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        for (; at > 0 && goes_before(files, &files[i], &out[at - 1]); at--)
            out[at] = out[at - 1];
        out[at] = files[i];
    }
    return out;
}

/* ---- what is there already ---- */

static enum err check_row(struct ctx *c, const struct db_row *r, void *arg)
{
    struct migration *m = arg;
    const char *module = row_text(r, 0);
    int64_t version = row_int(r, 1);
    for (size_t i = 0; i < m->n; i++) {
        if (m->files[i].version != version || !text_eq(m->files[i].module, module))
            continue;
        m->there[i] = text_eq(m->files[i].sha256, row_text(r, 2));
        if (m->there[i])
            return OK;
        return refuse(c, module, version, "changed");
    }
    if (row_int(r, 3))
        return OK;
    const char *program = row_text(r, 4);
    return fail(c, ERR_DB_NEWER, module,
                arena_printf(c->arena, "%s %lld", module, (long long)version),
                text_empty(program) ? "?" : program);
}

/* db_migration: module, the migration's; version, from 1; sha256, hex of its text; applied_us,
   when. db_opens, since there are two kinds: expands, 1 when the program before may still open what
   it made; program, the version that ran it, the lowest that may open it when it doesn't expand. */
static enum err make_tables(struct migration *m)
{
    enum err e = db_script(
        m->c, m->conn,
        "CREATE TABLE IF NOT EXISTS db_migration (module TEXT NOT NULL, version BIGINT NOT NULL, "
        "sha256 TEXT NOT NULL, applied_us BIGINT NOT NULL, "
        "CONSTRAINT db_migration_pk PRIMARY KEY (module, version))");
    e = e ? e
          : db_script(m->c, m->conn,
                      "CREATE TABLE IF NOT EXISTS db_opens (module TEXT NOT NULL, "
                      "version BIGINT NOT NULL, expands BIGINT NOT NULL, program TEXT NOT NULL, "
                      "CONSTRAINT db_opens_pk PRIMARY KEY (module, version))");
    return e;
}

static enum err behind(struct ctx *c, const char *module, int version)
{
    return fail(c, ERR_DB_BEHIND, module, arena_printf(c->arena, "%s %d", module, version));
}

/* Of a role that may make no tables: they must be there. */
static enum err find_tables(struct migration *m)
{
    int64_t n = 0;
    enum err e = db_int(m->c, &n,
                        "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
                        " AND tablename IN ('db_migration', 'db_opens')");
    return e || n == 2 || !m->n ? e : behind(m->c, m->files[0].module, m->files[0].version);
}

static enum err prepare(struct migration *m)
{
    enum err e = m->db->shapes ? make_tables(m) : find_tables(m);
    if (e)
        return e;
    return db_each(m->c, check_row, m,
                   "SELECT m.module, m.version, m.sha256, o.expands, o.program "
                   "FROM db_migration m LEFT JOIN db_opens o "
                   "ON o.module = m.module AND o.version = m.version "
                   "ORDER BY m.applied_us, m.module, m.version LIMIT 100000");
}

/* ---- one migration ---- */

/* Asked once more: another node may have run it since. */
static enum err run_file(struct migration *m, const struct db_schema *f)
{
    struct ctx *c = m->c;
    if (!m->db->shapes)
        return behind(c, f->module, f->version);
    int64_t there = 0;
    enum err e = db_int(c, &there,
                        "SELECT count(*) FROM db_migration WHERE module = $1 AND "
                        "version = $2",
                        P_TEXT(f->module), P_INT(f->version));
    if (e || there)
        return e;
    const char *at = f->sql;
    for (char *s = sql_statement(c->arena, &at); s; s = sql_statement(c->arena, &at)) {
        e = db_script(c, m->conn, s);
        if (e)
            return refuse(c, f->module, f->version, arena_printf(c->arena, "%.60s", s));
    }
    e = db_exec(c, NULL,
                "INSERT INTO db_migration (module, version, sha256, applied_us) "
                "VALUES ($1, $2, $3, $4)",
                P_TEXT(f->module), P_INT(f->version), P_TEXT(f->sha256), P_INT(c->now_us));
    if (e)
        return e;
    return db_exec(c, NULL,
                   "INSERT INTO db_opens (module, version, expands, program) "
                   "VALUES ($1, $2, $3, $4)",
                   P_TEXT(f->module), P_INT(f->version), P_BOOL(f->expands),
                   P_TEXT(f->program ? f->program : ""));
}

/* f NULL: the table of migrations itself, and its check. */
static enum err in_transaction(struct migration *m, const struct db_schema *f)
{
    enum err e = db_control(m->c, m->conn, DB_BEGIN_MIGRATION, 0);
    if (e)
        return e;
    m->tx = (struct db_tx){.db = m->db, .conn = m->conn};
    m->c->tx = &m->tx;
    e = f ? run_file(m, f) : prepare(m);
    m->c->tx = NULL;
    if (!e)
        e = db_control(m->c, m->conn, DB_COMMIT, 0);
    if (e)
        db_control(m->c, m->conn, DB_ROLLBACK, 0);
    return e;
}

enum err db_migrate(struct ctx *c, struct db *db, const struct db_schema *files, size_t n)
{
    struct migration m = {.c = c,
                          .db = db,
                          .files = in_order(c, files, n),
                          .n = n,
                          .there = ARENA_ARRAY(c->arena, n + 1, bool)};
    ASSERT(!c->tx);
    enum err e = db->driver->open(c, db, true, &m.conn);
    if (e)
        return e;
    e = in_transaction(&m, NULL);
    for (size_t i = 0; i < n && !e; i++)
        e = m.there[i] ? OK : in_transaction(&m, &m.files[i]);
    db->driver->close(m.conn);
    return e;
}
