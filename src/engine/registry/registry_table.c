/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The typed table of a register. Columns: id, version, valid_from_us, known_us, current (1 for the
 * newest version), cancelled, reason, actor; then a_NAME for each field (BLOB when sealed), t_NAME
 * for the token of a searchable field, u_NAME for the token of a uniqueness rule. Identifiers were
 * checked with db_ident() when the definition was read.
 */
#include <string.h>

#include "base/buf.h"
#include "db/dynamic.h"
#include "db/kept.h"
#include "engine/registry/registry_private.h"

#define SQL_MAX (64 * 1024)

/* As registry_store_insert() gives them. */
static const struct registry_stored fixed[] = {
    {"id", DB_TEXT},     {"version", DB_INT},   {"valid_from_us", DB_INT}, {"known_us", DB_INT},
    {"current", DB_INT}, {"cancelled", DB_INT}, {"reason", DB_TEXT},       {"actor", DB_TEXT}};

static void list_stored(struct arena *a, struct registry *r)
{
    size_t n = ARRAY_LEN(fixed);
    struct registry_stored *s =
        ARENA_ARRAY(a, n + 2 * r->shape->n + r->n_unique, struct registry_stored);
    memcpy(s, fixed, sizeof fixed);
    for (size_t i = 0; i < r->shape->n; i++) {
        const struct field *f = &r->shape->fields[i];
        enum db_type plain = kind_is_number(f->kind) ? DB_INT : DB_TEXT;
        s[n++] = (struct registry_stored){arena_printf(a, "a_%s", f->name),
                                          r->columns[i].sealed ? DB_BLOB : plain};
    }
    for (size_t i = 0; i < r->shape->n; i++)
        if (r->columns[i].search == SEARCH_EQUAL)
            s[n++] = (struct registry_stored){arena_printf(a, "t_%s", r->shape->fields[i].name),
                                              DB_TEXT};
    for (size_t i = 0; i < r->n_unique; i++)
        s[n++] = (struct registry_stored){arena_printf(a, "u_%s", r->unique[i].name), DB_TEXT};
    r->stored = s;
    r->n_stored = n;
}

static void stored_names(struct buf *b, const struct registry *r)
{
    for (size_t i = 0; i < r->n_stored; i++)
        buf_printf(b, "%s%s", i ? ", " : "", r->stored[i].name);
}

static void select_list(struct buf *b, const struct registry *r)
{
    buf_text(b, "SELECT id, version, valid_from_us, known_us, cancelled, reason");
    for (size_t i = 0; i < r->shape->n; i++)
        buf_printf(b, ", a_%s", r->shape->fields[i].name);
    buf_printf(b, " FROM %s WHERE ", r->table);
}

static const char *select_where(struct arena *a, const struct registry *r, const char *where)
{
    struct buf b = buf_new(a, SQL_MAX);
    select_list(&b, r);
    buf_text(&b, where);
    ASSERT(!buf_full(&b));
    return b.ptr;
}

static const char *insert_sql(struct arena *a, const struct registry *r)
{
    struct buf b = buf_new(a, SQL_MAX);
    buf_printf(&b, "INSERT INTO %s (", r->table);
    stored_names(&b, r);
    buf_text(&b, ") VALUES (");
    for (size_t i = 0; i < r->n_stored; i++)
        buf_printf(&b, "%s$%zu", i ? ", " : "", i + 1);
    buf_text(&b, ")");
    ASSERT(!buf_full(&b));
    return b.ptr;
}

/* For registry_verify(): a page of rows as they lie; a record of which a version is gone; one of
   which not just the newest version is marked so. */
static void verify_sql(struct arena *a, struct registry *r)
{
    struct buf b = buf_new(a, SQL_MAX);
    buf_text(&b, "SELECT ");
    stored_names(&b, r);
    buf_printf(&b,
               " FROM %s WHERE id > $1 OR (id = $1 AND version > $2) ORDER BY id, version LIMIT $3",
               r->table);
    ASSERT(!buf_full(&b));
    r->sql_rows = b.ptr;
    r->sql_missing = arena_printf(a,
                                  "SELECT a.object FROM core_audit a WHERE a.kind = '%s'"
                                  " AND a.action IN ('registry.add', 'registry.change',"
                                  " 'registry.cancel') GROUP BY a.object HAVING count(*) >"
                                  " (SELECT count(*) FROM %s t WHERE t.id = a.object) LIMIT 1",
                                  r->name, r->table);
    r->sql_not_current = arena_printf(a,
                                      "SELECT id FROM %s GROUP BY id HAVING sum(current) <> 1"
                                      " OR max(version) <> max(current * version) LIMIT 1",
                                      r->table);
}

static const char *words_sql(struct arena *a, const struct registry *r, size_t words)
{
    struct buf b = buf_new(a, SQL_MAX);
    select_list(&b, r);
    buf_text(&b, "current = 1 AND cancelled = 0 AND id > $1");
    for (size_t i = 0; i < words; i++)
        buf_printf(&b,
                   " AND id IN (SELECT record FROM registry_word WHERE register = '%s'"
                   " AND token = $%zu)",
                   r->name, i + 3);
    buf_text(&b, " ORDER BY id LIMIT $2");
    return b.ptr;
}

void registry_build_sql(struct arena *a, struct registry *r)
{
    list_stored(a, r);
    verify_sql(a, r);
    r->sql_insert = insert_sql(a, r);
    r->sql_supersede = arena_printf(
        a, "UPDATE %s SET current = 0 WHERE id = $1 AND version = $2 AND current = 1", r->table);
    r->sql_current = select_where(a, r, "id = $1 AND current = 1");
    r->sql_at = select_where(a, r,
                             "id = $1 AND valid_from_us <= $2 AND known_us <= $3"
                             " ORDER BY version DESC LIMIT 1");
    r->sql_versions = select_where(a, r, "id = $1 ORDER BY version DESC LIMIT $2");
    /* Until when the version that sql_at finds held, as far as was known; 0 = open. */
    r->sql_until = arena_printf(a,
                                "SELECT coalesce(min(valid_from_us), 0) FROM %s WHERE id = $1"
                                " AND valid_from_us > $2 AND known_us <= $3 AND version > $4",
                                r->table);
    r->sql_count =
        arena_printf(a, "SELECT count(*) FROM %s WHERE current = 1 AND cancelled = 0", r->table);
    for (size_t i = 0; i < REGISTRY_MAX_WORDS; i++)
        r->sql_words[i] = words_sql(a, r, i + 1);
    for (size_t i = 0; i < r->shape->n; i++)
        if (r->columns[i].search == SEARCH_EQUAL)
            r->columns[i].by_token = select_where(
                a, r,
                arena_printf(a, "t_%s = $1 AND current = 1 AND cancelled = 0 ORDER BY id LIMIT 50",
                             r->shape->fields[i].name));
}

/* A role that may make no tables leaves it to `dinh migrate`. */
enum err registry_alter(struct ctx *c, const struct registry *r, const char *sql)
{
    if (!db_shapes(c->node->db))
        return fail(c, ERR_DB_BEHIND, "registry", r->table);
    return db_exec_dynamic(c, NULL, sql, NULL, 0);
}

static enum err make_base(struct ctx *c, const struct registry *r)
{
    if (!db_shapes(c->node->db)) /* without it its columns aren't known either */
        return OK;
    return registry_alter(c, r,
                          arena_printf(c->arena,
                                       "CREATE TABLE IF NOT EXISTS %s ("
                                       "id TEXT NOT NULL, version BIGINT NOT NULL, "
                                       "valid_from_us BIGINT NOT NULL, known_us BIGINT NOT NULL, "
                                       "current BIGINT NOT NULL CHECK (current IN (0, 1)), "
                                       "cancelled BIGINT NOT NULL CHECK (cancelled IN (0, 1)), "
                                       "reason TEXT NOT NULL, actor TEXT NOT NULL, "
                                       "CONSTRAINT %s_pk PRIMARY KEY (id, version))",
                                       r->table, r->table));
}

/* Adds a column and what goes with it once; remembered in registry_column. */
static enum err add_column(struct ctx *c, const struct registry *r, const char *name,
                           const char *type, const char *index, bool sealed)
{
    enum err e = registry_alter(
        c, r, arena_printf(c->arena, "ALTER TABLE %s ADD COLUMN %s %s", r->table, name, type));
    if (!e && index)
        e = registry_alter(c, r, index);
    return e ? e : registry_store_set_column(c, r->name, name, sealed);
}

/* A column of tokens, with its index. */
static enum err token_column(struct ctx *c, const struct registry *r, const char *name,
                             const char *index)
{
    enum registry_held held;
    enum err e = registry_store_column(c, r->name, name, &held);
    return e || held != HELD_NOT ? e : add_column(c, r, name, "TEXT", index, true);
}

static const char *column_type(const struct ctx *c, const struct registry_column *k)
{
    if (!k->sealed)
        return kind_is_number(k->field->kind) ? "BIGINT" : "TEXT";
    return db_kind(c->node->db) == DB_POSTGRES ? "BYTEA" : "BLOB";
}

static enum err value_column(struct ctx *c, const struct registry *r, size_t i)
{
    const struct registry_column *k = &r->columns[i];
    const char *name = arena_printf(c->arena, "a_%s", k->field->name), *type = column_type(c, k);
    enum registry_held held;
    enum err e = registry_store_column(c, r->name, name, &held);
    if (!e && held == HELD_NOT)
        return add_column(c, r, name, type, NULL, k->sealed);
    if (e || !k->sealed || held == HELD_SEALED)
        return e;
    e = registry_seal_column(c, r, i, type);
    return e ? e : registry_store_set_column(c, r->name, name, true);
}

static enum err make_columns(struct ctx *c, const struct registry *r)
{
    enum err e = OK;
    for (size_t i = 0; i < r->shape->n && !e; i++) {
        const struct registry_column *k = &r->columns[i];
        const char *name = k->field->name;
        e = value_column(c, r, i);
        if (e || k->search != SEARCH_EQUAL)
            continue;
        const char *index =
            arena_printf(c->arena, "CREATE INDEX %s_t_%s ON %s (t_%s) WHERE current = 1", r->table,
                         name, r->table, name);
        e = token_column(c, r, arena_printf(c->arena, "t_%s", name), index);
    }
    return e;
}

enum err registry_make_table(struct ctx *c, const struct registry *r)
{
    enum err e = make_base(c, r);
    if (!e)
        e = make_columns(c, r);
    for (size_t i = 0; i < r->n_unique && !e; i++) {
        const char *name = r->unique[i].name;
        const char *index = arena_printf(
            c->arena,
            "CREATE UNIQUE INDEX %s_u_%s ON %s (u_%s) WHERE current = 1 AND cancelled = 0",
            r->table, name, r->table, name);
        e = token_column(c, r, arena_printf(c->arena, "u_%s", name), index);
    }
    return e;
}
