/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands under an older root key is sealed anew under the newest (crypto/keeper.h), in small
 * steps while the node runs, by the job core.reseal. A column that secret_seal() fills is a row of
 * its module's list; how far it came stands in core_reseal, in the same transaction as what was
 * sealed: killed anywhere, it goes on. What subjects' keys seal (core/subject.h) doesn't stand
 * under a root key: their tree does, which is sealed anew at the first start. A row of before they
 * had keys is sealed under its subject's; of a destroyed one nothing is left that opens.
 */
#ifndef DINH_CORE_RESEAL_H
#define DINH_CORE_RESEAL_H

#include "core/subject.h"

struct reseal_page; /* of rows, in the order of their keys */
struct reseal_row {
    const char *a, *b; /* the row's key; a number in digits; of one column: both */
    struct bytes value;
};
struct reseal_column {
    const char *name; /* table.column */
    enum secret_use use;
    const char *place; /* the additional data, {1} and {2} for a and b */
    enum err (*heads)(struct ctx *c, struct reseal_page *p); /* NULL: it is only counted */
    enum err (*get)(struct ctx *c, struct reseal_row *row);
    enum err (*put)(struct ctx *c, const struct reseal_row *row);
    /* In their place: the whole row by itself; row->value.len becomes what it weighed. Or NULL. */
    enum err (*anew)(struct ctx *c, struct reseal_row *row);
    /* Its subject; NULL: the column's key seals it. */
    enum err (*whose)(struct ctx *c, const struct reseal_row *row, struct subject_wish *ret);
    /* how many stand under a root key that isn't the one of this head */
    enum err (*count)(struct ctx *c, struct bytes newest, int64_t *ret_n);
};
/* A module's columns, at its start; known ones stay. The list lives as long as the program. */
void reseal_columns(const struct reseal_column *list, size_t n);
/* Names (keeper_token()) of uses that aren't in secrets.h; "" ends nothing. Copied. */
void reseal_name(const char *use);
const char *const *reseal_names(size_t *ret_n);

/* The job: one step. What only is counted is counted again each hour while any of it stands.
   Outside any transaction. */
MUST_CHECK enum err reseal_step(struct ctx *c);
struct reseal_progress {
    uint32_t root;   /* the newest */
    int64_t older;   /* root keys that still open; 0: nothing is old, and the rest says nothing */
    int64_t columns; /* known here: none where modules weren't started */
    int64_t done;    /* of them are looked through */
    int64_t anew;    /* fields sealed anew so far */
    int64_t stands;  /* fields that were found and stay under an older one */
    int64_t at_us;   /* the last step; 0: none yet */
    bool whole;      /* all were looked through */
};
MUST_CHECK enum err reseal_progress(struct ctx *c, struct reseal_progress *ret); /* transaction */
/* "table.column n, ..." of what stands; "" nothing. Transaction. */
MUST_CHECK enum err reseal_standing(struct ctx *c, const char **ret);
/* Counts what an older root key is still needed for. ERR_KEY_STANDS: table.column and how many. */
MUST_CHECK enum err reseal_check(struct ctx *c); /* transaction */

/* ---- for the tables ---- */
enum err reseal_take(struct ctx *c, const struct db_row *r, void *arg);       /* of heads */
enum err reseal_take_value(struct ctx *c, const struct db_row *r, void *arg); /* of get */
struct db_value reseal_after_a(const struct reseal_page *p);
struct db_value reseal_after_text(const struct reseal_page *p);
struct db_value reseal_after_number(const struct reseal_page *p);
struct db_value reseal_room(const struct reseal_page *p);
struct db_value reseal_text(const struct reseal_row *r);
struct db_value reseal_number(const struct reseal_row *r);
struct db_value reseal_version(uint8_t byte);

/* kind: text or number, of the second column of its key; of one column: it again, text. */
#define RESEAL_COUNT(fn, table, col)                                                               \
    static enum err fn##_count(struct ctx *c, struct bytes newest, int64_t *ret_n)                 \
    {                                                                                              \
        return db_int(c, ret_n,                                                                    \
                      "SELECT count(*) FROM " table " WHERE substr(" col ", 1, 1) = $1 OR"         \
                      " (substr(" col ", 1, 1) = $2 AND substr(" col ", 1, 5) <> $3)",             \
                      reseal_version(1), reseal_version(3), P_BLOB(newest));                       \
    }
#define RESEAL_HEADS(fn, table, k1, k2, col, kind)                                                 \
    static enum err fn##_heads(struct ctx *c, struct reseal_page *p)                               \
    {                                                                                              \
        return db_each(c, reseal_take, p,                                                          \
                       "SELECT " k1 ", CAST(" k2 " AS TEXT), substr(" col ", 1, 5) FROM " table    \
                       " WHERE (" k1 ", " k2 ") > ($1, $2) ORDER BY " k1 ", " k2 " LIMIT $3",      \
                       reseal_after_a(p), reseal_after_##kind(p), reseal_room(p));                 \
    }                                                                                              \
    RESEAL_COUNT(fn, table, col)
#define RESEAL_COLUMN(fn, table, k1, k2, col, kind)                                                \
    RESEAL_HEADS(fn, table, k1, k2, col, kind)                                                     \
    static enum err fn##_get(struct ctx *c, struct reseal_row *r)                                  \
    {                                                                                              \
        return db_each(c, reseal_take_value, r,                                                    \
                       "SELECT " col " FROM " table " WHERE " k1 " = $1 AND " k2 " = $2",          \
                       P_TEXT(r->a), reseal_##kind(r));                                            \
    }                                                                                              \
    static enum err fn##_put(struct ctx *c, const struct reseal_row *r)                            \
    {                                                                                              \
        return db_exec(c, NULL,                                                                    \
                       "UPDATE " table " SET " col " = $3 WHERE " k1 " = $1 AND " k2 " = $2",      \
                       P_TEXT(r->a), reseal_##kind(r), P_BLOB(r->value));                          \
    }
#define RESEAL_ROW(fn, column, use, place)                                                         \
    {                                                                                              \
        column, use, place, fn##_heads, fn##_get, fn##_put, NULL, NULL, fn##_count                 \
    }
#define RESEAL_OWNED(fn, column, use, place, whose)                                                \
    {                                                                                              \
        column, use, place, fn##_heads, fn##_get, fn##_put, NULL, whose, fn##_count                \
    }
#define RESEAL_WHOLE(fn, column, row_anew)                                                         \
    {                                                                                              \
        .name = column, .heads = fn##_heads, .anew = row_anew, .count = fn##_count                 \
    }
#define RESEAL_COUNTED(fn, column)                                                                 \
    {                                                                                              \
        .name = column, .count = fn##_count                                                        \
    }

#endif
