/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of this folder only. */
#ifndef DINH_ENGINE_REGISTRY_PRIVATE_H
#define DINH_ENGINE_REGISTRY_PRIVATE_H

#include "core/matter.h"
#include "core/pack.h"
#include "engine/registry/registry.h"

#define REGISTRY_MAX_FIELDS   120
#define REGISTRY_MAX_UNIQUE   8
#define REGISTRY_MAX_PURPOSES 24
#define REGISTRY_MAX_SUBJECTS 4
#define REGISTRY_MAX_WORDS    4 /* of one search */

enum registry_search { SEARCH_NONE, SEARCH_EQUAL, SEARCH_NAME };
struct registry_column {
    const struct field *field;
    enum registry_search search;
    bool sealed;          /* personal or secret: AES-256-GCM, else in clear */
    const char *by_token; /* SQL of a search by this field; NULL unless SEARCH_EQUAL */
};
struct registry_unique {
    const char *name; /* index and constraint: registry_r_NAME_<name> */
    size_t fields[6]; /* columns, in order */
    size_t n;
};
struct registry_purpose {
    const char *code, *label[2];
    const char *const *clients; /* agency codes, a unit below counts; "*" = anybody */
    enum matter_kind matter;    /* what an official must name to read for it */
};
struct registry_stored { /* a column as it lies in the table, in the order of sql_insert */
    const char *name;
    enum db_type type;
};
struct registry {
    const char *name, *owner, *label[2], *table;
    const struct shape *shape;
    struct registry_column *columns; /* one a field of the shape */
    struct registry_unique unique[REGISTRY_MAX_UNIQUE];
    size_t n_unique;
    struct registry_purpose purposes[REGISTRY_MAX_PURPOSES];
    size_t n_purposes;
    size_t subjects[REGISTRY_MAX_SUBJECTS]; /* columns that name the persons it is about */
    size_t n_subjects, title;               /* title: the column shown in lists */
    const struct field *place;              /* the commune a record belongs to, or NULL */
    const char *seal_use, *token_use;       /* keys, as the keeper knows them */
    const struct keeper *keeper;
    const struct registry_stored *stored;
    size_t n_stored;
    /* Built once from validated identifiers. */
    const char *sql_insert, *sql_supersede, *sql_current, *sql_at, *sql_until, *sql_count;
    const char *sql_versions, *sql_rows, *sql_missing, *sql_not_current;
    const char *sql_words[REGISTRY_MAX_WORDS];
};

/* registry_definition.c */
/* A fault in it: ERR_DEFINITION with file, line and reason. */
MUST_CHECK enum err registry_define(struct ctx *c, struct arena *a, const struct pack_file *file,
                                    struct registry **ret);
/* registry_table.c */
void registry_build_sql(struct arena *a, struct registry *r);
MUST_CHECK enum err registry_make_table(struct ctx *c, const struct registry *r);
/* A statement that makes or changes its table: ERR_DB_BEHIND for a role that may not. */
MUST_CHECK enum err registry_alter(struct ctx *c, const struct registry *r, const char *sql);
/* registry_store.c */
struct registry_row {
    const char *id, *reason;
    int64_t version, valid_from_us, known_us, cancelled;
    const void *data;
};
/* What the trail says of the version: its number and the digest of its row. */
MUST_CHECK enum err registry_store_insert(struct ctx *c, const struct registry *r,
                                          const struct registry_row *row, const char **ret_says);
MUST_CHECK enum err registry_store_supersede(struct ctx *c, const struct registry *r,
                                             const char *id, int64_t version, int64_t *ret_rows);
MUST_CHECK enum err registry_store_words(struct ctx *c, const struct registry *r, const char *id,
                                         const void *data);
typedef enum err (*registry_row_fn)(struct ctx *c, const struct registry *r,
                                    struct registry_record *record, void *arg);
MUST_CHECK enum err registry_store_select(struct ctx *c, const struct registry *r, const char *sql,
                                          const struct db_value *params, size_t n,
                                          registry_row_fn fn, void *arg);
/* As text, numbers too. */
const char *registry_value(struct ctx *c, const struct registry *r, size_t column,
                           const void *data);
const char *registry_token(struct ctx *c, const struct registry *r, size_t column,
                           const void *data); /* NULL when the field is empty */
const char *registry_token_of(struct arena *a, const struct registry *r, const char *field,
                              const char *value);
/* Whose key seals a record: all its versions have one (core/subject.h). Write transaction. */
MUST_CHECK enum err registry_subject(struct ctx *c, const struct registry *r, const char *id,
                                     const char *person, int64_t *ret_subject);
/* The value as it lies in a sealed column. */
MUST_CHECK enum err registry_sealed(struct ctx *c, const struct registry *r, size_t column,
                                    int64_t subject, const struct registry_row *at,
                                    const char *value, struct db_value *ret);
/* How a column of the table holds its values; unknown: made before it was noted. */
enum registry_held { HELD_NOT = -2, HELD_UNKNOWN, HELD_CLEAR, HELD_SEALED };
MUST_CHECK enum err registry_store_set_column(struct ctx *c, const char *name, const char *column,
                                              bool sealed);
MUST_CHECK enum err registry_store_column(struct ctx *c, const char *name, const char *column,
                                          enum registry_held *ret_held);
/* Does it give a row? */
MUST_CHECK enum err registry_store_exists(struct ctx *c, bool *ret_exists, const char *sql);
/* registry_verify.c */
/* The detail of the record that a version leaves; values as in stored. */
const char *registry_says(struct ctx *c, const struct registry *r, const struct db_value *values);
/* registry_seal.c: the field's values that stand in clear are sealed into a column of that type. */
MUST_CHECK enum err registry_seal_column(struct ctx *c, const struct registry *r, size_t column,
                                         const char *type);
/* registry.c */
bool registry_purpose_fits(const struct registry_purpose *p, const char *unit);
/* The register's row for c->purpose when the actor may read people for it; else NULL. */
const struct registry_purpose *registry_purpose_of(const struct ctx *c, const struct registry *r);
const struct registry *const *registry_all(size_t *ret_n);

#define REGISTRY_TOKEN_USE "registry/%s/token"
/* How many values a key of the register's columns sealed, before records had keys. */
MUST_CHECK enum err registry_store_old_fields(struct ctx *c, const struct registry *r,
                                              int64_t *ret_n);

#endif
