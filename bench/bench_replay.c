/* SPDX-License-Identifier: Apache-2.0 */
/* bench_replay AFTER FRESH PARTS BATCH: the naked group commit. FRESH is a copy of the database as
   it was before some acts, AFTER the database they left: every row that AFTER holds more is
   inserted into FRESH by SQLite alone, in as many parts as there were acts, BATCH parts a durable
   commit. Prints rows, bytes and parts a second, blank-separated. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"

enum { MAX_TABLES = 100, MAX_COLUMNS = 200, SQL_BYTES = 4096 };

struct table {
    char name[64];
    int columns;
    int64_t from; /* rowids above are new */
    size_t n, max;
    sqlite3_value **cells; /* n rows of columns */
    sqlite3_stmt *insert;
};
static struct table tables[MAX_TABLES];
static size_t n_tables;
static sqlite3 *after, *fresh;

static void must(sqlite3 *db, bool good)
{
    if (good)
        return;
    fprintf(stderr, "%s\n", db ? sqlite3_errmsg(db) : "usage: see the head of bench_replay.c");
    _exit(1);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *head, const char *name, const char *tail)
{
    char text[SQL_BYTES];
    sqlite3_stmt *s;
    snprintf(text, sizeof text, "%s%s%s", head, name, tail);
    must(db, sqlite3_prepare_v2(db, text, -1, &s, NULL) == SQLITE_OK);
    return s;
}

static void run(const char *sql)
{
    must(fresh, sqlite3_exec(fresh, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static void load_row(struct table *t, sqlite3_stmt *s)
{
    if (t->n == t->max) {
        t->max = t->max ? t->max * 2 : 1024;
        t->cells = realloc(t->cells, t->max * (size_t)t->columns * sizeof(sqlite3_value *));
        must(NULL, t->cells);
    }
    for (int i = 0; i < t->columns; i++)
        t->cells[t->n * (size_t)t->columns + (size_t)i] =
            sqlite3_value_dup(sqlite3_column_value(s, i));
    t->n++;
}

static void load_table(struct table *t)
{
    char places[2 * MAX_COLUMNS + 1] = "?";
    sqlite3_stmt *s = prepare(fresh, "SELECT coalesce(max(rowid), 0) FROM \"", t->name, "\"");
    must(fresh, sqlite3_step(s) == SQLITE_ROW);
    t->from = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    s = prepare(after, "SELECT * FROM \"", t->name, "\" WHERE rowid > ?1 ORDER BY rowid");
    sqlite3_bind_int64(s, 1, t->from);
    t->columns = sqlite3_column_count(s);
    must(NULL, t->columns <= MAX_COLUMNS);
    while (sqlite3_step(s) == SQLITE_ROW)
        load_row(t, s);
    sqlite3_finalize(s);
    for (int i = 1; i < t->columns; i++)
        memcpy(places + strlen("?,") * (size_t)i - 1, ",?", sizeof ",?");
    char head[SQL_BYTES];
    snprintf(head, sizeof head, "INSERT INTO \"%s\" VALUES (", t->name);
    t->insert = prepare(fresh, head, places, ")");
}

static void load(void)
{
    sqlite3_stmt *s = prepare(fresh,
                              "SELECT name FROM sqlite_master WHERE type = 'table'"
                              " AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE '%WITHOUT ROWID%'",
                              "", "");
    while (sqlite3_step(s) == SQLITE_ROW && n_tables < MAX_TABLES) {
        struct table *t = &tables[n_tables++];
        snprintf(t->name, sizeof t->name, "%s", (const char *)sqlite3_column_text(s, 0));
    }
    sqlite3_finalize(s);
    for (size_t i = 0; i < n_tables; i++)
        load_table(&tables[i]);
}

static void insert_part(struct table *t, size_t part, size_t parts, int64_t *bytes)
{
    for (size_t r = t->n * part / parts; r < t->n * (part + 1) / parts; r++) {
        for (int i = 0; i < t->columns; i++) {
            sqlite3_value *v = t->cells[r * (size_t)t->columns + (size_t)i];
            must(fresh, sqlite3_bind_value(t->insert, i + 1, v) == SQLITE_OK);
            *bytes += sqlite3_value_bytes(v);
        }
        must(fresh, sqlite3_step(t->insert) == SQLITE_DONE);
        sqlite3_reset(t->insert);
    }
}

int main(int argc, char **argv)
{
    must(NULL, argc == 5);
    size_t parts = strtoul(argv[3], NULL, 10), batch = strtoul(argv[4], NULL, 10), rows = 0;
    int64_t bytes = 0;
    must(NULL, parts && batch);
    must(after, sqlite3_open_v2(argv[1], &after, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK);
    must(fresh, sqlite3_open(argv[2], &fresh) == SQLITE_OK);
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    load();
    int64_t from_us = sys_mono_us();
    for (size_t i = 0; i < parts; i++) {
        if (i % batch == 0)
            run("BEGIN IMMEDIATE");
        for (size_t k = 0; k < n_tables; k++)
            insert_part(&tables[k], i, parts, &bytes);
        if (i % batch == batch - 1 || i + 1 == parts)
            run("COMMIT");
    }
    double seconds = (double)(sys_mono_us() - from_us) / 1e6;
    for (size_t k = 0; k < n_tables; k++)
        rows += tables[k].n;
    printf("%zu %lld %.1f\n", rows, (long long)bytes, (double)parts / seconds);
    return 0;
}
