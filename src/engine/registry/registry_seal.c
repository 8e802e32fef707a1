/* SPDX-License-Identifier: Apache-2.0 */
/* A field that became personal in a later edition of its register: what stands in the table in
   clear is sealed at the start, before anybody reads or writes there. A row that the trail proves
   gets a record of what it is now; one that it doesn't stays unproved. */
#include "base/text.h"
#include "core/audit.h"
#include "db/dynamic.h"
#include "engine/registry/registry_private.h"

#define AT_ONCE     500
#define BATCH_BYTES (256 * 1024 * 1024)

struct sealing {
    const struct registry *r;
    size_t column, at; /* of the shape; of the stored columns */
    const char *sql_put, *sql_list;
    const char *values[AT_ONCE];
    struct db_value *rows[AT_ONCE]; /* as stored, the field's own place empty */
    size_t n;
};

/* SQLite's column takes values of any type, PostgreSQL's has one. */
static enum err stands_in_clear(struct ctx *c, const struct registry *r, const char *column,
                                bool *ret_clear)
{
    const char *sql =
        db_kind(c->node->db) == DB_POSTGRES
            ? arena_printf(c->arena,
                           "SELECT 1 FROM information_schema.columns WHERE table_name = '%s' AND"
                           " table_schema = current_schema() AND column_name = '%s' AND"
                           " data_type <> 'bytea'",
                           r->table, column)
            : arena_printf(c->arena,
                           "SELECT 1 FROM %s WHERE typeof(%s) IN ('text', 'integer') LIMIT 1",
                           r->table, column);
    return registry_store_exists(c, ret_clear, sql);
}

static enum err take(struct ctx *c, const struct db_row *row, void *arg)
{
    struct sealing *s = arg;
    const struct registry *r = s->r;
    s->rows[s->n] = ARENA_ARRAY(c->arena, r->n_stored, struct db_value);
    for (size_t i = 0; i < r->n_stored; i++)
        s->rows[s->n][i] = audit_row_value(row, (int)i, r->stored[i].type);
    s->values[s->n++] = row_text(row, (int)r->n_stored);
    return OK;
}

static enum err seal_one(struct ctx *c, const struct sealing *s, struct db_value *row,
                         const char *value)
{
    const char *id = row[0].text;
    bool proved;
    row[s->at] = P_TEXT(value); /* an integer's digits are its text's */
    enum err e = audit_says(c, s->r->name, id, registry_says(c, s->r, row), &proved);
    const struct registry_row at = {.id = id, .version = row[1].i};
    int64_t subject;
    if (!e)
        e = registry_subject(c, s->r, id, "", &subject);
    if (!e)
        e = registry_sealed(c, s->r, s->column, subject, &at, value, &row[s->at]);
    const struct db_value p[] = {row[0], row[1], row[s->at]};
    if (!e)
        e = db_exec_dynamic(c, NULL, s->sql_put, p, ARRAY_LEN(p));
    const struct audit_act act = {
        .action = "registry.seal",
        .kind = s->r->name,
        .object = id,
        .detail = registry_says(c, s->r, row),
    };
    return !e && proved ? audit_write(c, &act) : e;
}

static enum err seal_some(struct ctx *c, struct sealing *s)
{
    s->n = 0;
    enum err e = db_each_dynamic(c, take, s, s->sql_list, NULL, 0);
    for (size_t i = 0; i < s->n && !e; i++)
        e = seal_one(c, s, s->rows[i], s->values[i]);
    return e;
}

/* Each batch in memory of its own: a register may be large. */
static enum err seal_all(struct ctx *c, struct sealing *s)
{
    struct arena *outer = c->arena, *batch = arena_new(BATCH_BYTES);
    enum err e;
    c->arena = batch;
    do {
        e = seal_some(c, s);
        arena_reset(batch);
    } while (!e && s->n == AT_ONCE);
    c->arena = outer;
    arena_end(batch);
    return e;
}

static struct sealing sealing_of(struct ctx *c, const struct registry *r, size_t column)
{
    const char *name = r->shape->fields[column].name, *t = r->table;
    const char *here = arena_printf(c->arena, "a_%s", name);
    struct sealing s = {.r = r, .column = column};
    struct buf b = buf_new(c->arena, 64 * 1024);
    for (size_t i = 0; i < r->n_stored; i++) {
        buf_printf(&b, "%s%s", i ? ", " : "SELECT ", r->stored[i].name);
        if (text_eq(r->stored[i].name, here))
            s.at = i;
    }
    buf_printf(&b, ", CAST(c_%s AS TEXT) FROM %s WHERE c_%s IS NOT NULL LIMIT %d", name, t, name,
               AT_ONCE);
    s.sql_list = b.ptr;
    s.sql_put = arena_printf(c->arena,
                             "UPDATE %s SET a_%s = $3, c_%s = NULL WHERE id = $1 AND version = $2",
                             t, name, name);
    return s;
}

enum err registry_seal_column(struct ctx *c, const struct registry *r, size_t column,
                              const char *type)
{
    const char *t = r->table, *name = r->shape->fields[column].name;
    const char *const before[] = {
        arena_printf(c->arena, "ALTER TABLE %s RENAME COLUMN a_%s TO c_%s", t, name, name),
        arena_printf(c->arena, "ALTER TABLE %s ADD COLUMN a_%s %s", t, name, type)};
    const char *after = arena_printf(c->arena, "ALTER TABLE %s DROP COLUMN c_%s", t, name);
    bool clear;
    enum err e = stands_in_clear(c, r, arena_printf(c->arena, "a_%s", name), &clear);
    if (e || !clear)
        return e;
    for (size_t i = 0; i < ARRAY_LEN(before) && !e; i++)
        e = registry_alter(c, r, before[i]);
    struct sealing *s = ARENA_NEW(c->arena, struct sealing);
    *s = sealing_of(c, r, column);
    if (!e)
        e = seal_all(c, s);
    return e ? e : registry_alter(c, r, after);
}

static enum err take_count(struct ctx *c, const struct db_row *row, void *arg)
{
    (void)c;
    *(int64_t *)arg += row_int(row, 0);
    return OK;
}

enum err registry_store_old_fields(struct ctx *c, const struct registry *r, int64_t *ret_n)
{
    static const uint8_t column_key = 1;
    const struct db_value old = P_BLOB(((struct bytes){&column_key, 1}));
    enum err e = OK;
    for (size_t i = 0; i < r->shape->n && !e; i++)
        if (r->columns[i].sealed)
            e = db_each_dynamic(
                c, take_count, ret_n,
                arena_printf(c->arena, "SELECT count(*) FROM %s WHERE substr(a_%s, 1, 1) = $1",
                             r->table, r->shape->fields[i].name),
                &old, 1);
    return e;
}
