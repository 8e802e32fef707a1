/* SPDX-License-Identifier: Apache-2.0 */
/* The little that we understand of SQL text: words, statements, the two dialects' differences in
   CREATE TABLE, names of constraints. For text of ours only. Private to db/. */
#ifndef DINH_DB_DB_SQL_H
#define DINH_DB_DB_SQL_H

#include "db/db.h"

struct sql_word {
    const char *ptr;
    size_t len;
    char kind; /* 'w' word or number, 'q' quoted, 's' one sign, 'c' comment or blanks, 0 the end */
};
struct sql_word sql_next(const char **at);        /* moves at past it */
bool sql_is(struct sql_word w, const char *word); /* without case */
/* The next statement without its semicolon and outer comments; NULL when only blanks are left. */
char *sql_statement(struct arena *a, const char **at);
/* CREATE TABLE and ALTER TABLE in the dialect of kind: BLOB becomes BYTEA; BIGINT becomes INT and
   the table STRICT. Any other statement comes back as it is. */
const char *sql_for(struct arena *a, enum db_kind kind, const char *sql);
/* The name that PostgreSQL would give for a unique violation of these columns ("a, b", without the
   table) of a table made by this CREATE TABLE statement; NULL when there is no such constraint. */
const char *sql_unique_name(struct arena *a, const char *create, const char *table,
                            const char *columns);
/* The name of the id-th foreign key as declared, from 0; NULL when there is none. */
const char *sql_foreign_name(struct arena *a, const char *create, const char *table, int id);

#endif
