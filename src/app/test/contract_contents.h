/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody who may, and what a node's database holds before and after what was refused. */
#ifndef DINH_APP_TEST_CONTRACT_CONTENTS_H
#define DINH_APP_TEST_CONTRACT_CONTENTS_H

#include "app/test/contract_rules.h"

#include <sqlite3.h>

#include "crypto/hash.h"

#define MAX_TABLES 200
#define KIB        1024

/* ---- nothing is left behind ---- */

struct table {
    char name[64];
    struct sha256 sum;
};
struct contents {
    struct table tables[MAX_TABLES];
    size_t n;
};

/* Sessions come and go, and who was shown the page again has read it and was counted. */
static bool may_change(const char *table)
{
    return text_starts(table, "web_") || text_starts(table, "core_access") ||
           text_starts(table, "core_reading") || text_starts(table, "sqlite_");
}

static struct sha256 sum_of(sqlite3 *db, const char *table)
{
    struct buf b = buf_new(world.c->arena, 64 * KIB * KIB);
    sqlite3_stmt *s;
    bool trail = text_eq(table, "core_audit"); /* tells of readings too */
    char *sql = trail ? sqlite3_mprintf("SELECT action, object, detail FROM core_audit"
                                        " WHERE action NOT LIKE 'core.access%%'"
                                        " AND action NOT LIKE 'core.reading%%'")
                      : sqlite3_mprintf("SELECT * FROM \"%w\"", table);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(s); i++) {
            const void *cell = sqlite3_column_blob(s, i);
            buf_add(&b, cell ? cell : "", (size_t)sqlite3_column_bytes(s, i));
            buf_char(&b, '|');
        }
    sqlite3_finalize(s);
    sqlite3_free(sql);
    assert_false(buf_full(&b));
    return sha256(buf_bytes(&b));
}

static void read_contents(struct contents *to)
{
    sqlite3 *db;
    sqlite3_stmt *s;
    const char *path = arena_printf(world.c->arena, "%s/dinh.db", world.n->data_dir);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT name FROM sqlite_master WHERE type = 'table'"
                                        " AND name NOT LIKE '%\\_fts%' ESCAPE '\\' ORDER BY name",
                                        -1, &s, NULL),
                     SQLITE_OK);
    to->n = 0;
    while (sqlite3_step(s) == SQLITE_ROW && to->n < MAX_TABLES) {
        const char *name = (const char *)sqlite3_column_text(s, 0);
        if (may_change(name))
            continue;
        snprintf(to->tables[to->n].name, sizeof to->tables[0].name, "%s", name);
        to->tables[to->n++].sum = sum_of(db, name);
    }
    sqlite3_finalize(s);
    sqlite3_close(db);
    assert_true(to->n > 20);
}

static void same_contents(const struct contents *before, const char *after_what)
{
    static struct contents now;
    size_t changed = 0;
    read_contents(&now);
    assert_int_equal(now.n, before->n);
    for (size_t i = 0; i < now.n; i++) {
        if (memcmp(&now.tables[i].sum, &before->tables[i].sum, sizeof now.tables[i].sum) == 0)
            continue;
        print_error("%s: refused %s changed %s\n", world.n->name, after_what, now.tables[i].name);
        changed++;
    }
    assert_int_equal(changed, 0);
}

/* ---- somebody who may ---- */

static struct who *allowed(const struct route *row, const struct rule *rule)
{
    for (size_t i = world.n_who; i-- > 0;)
        if (holds(&world.who[i], row) && (!rule || is_theirs(&world.who[i], rule->whose)))
            return &world.who[i];
    return &world.who[0]; /* machines' rows */
}

/* Each time another of those who may: rates are counted by account. */
static struct who *next_allowed(const struct route *row, const struct rule *rule)
{
    static size_t turn;
    for (size_t i = 0; i < world.n_who; i++) {
        struct who *x = &world.who[++turn % world.n_who];
        if (holds(x, row) && (!rule || is_theirs(x, rule->whose)))
            return x;
    }
    return allowed(row, rule);
}

static const char *next_peer(void)
{
    static size_t n;
    n++;
    return arena_printf(world.c->arena, "10.%zu.%zu.%zu", n >> 14 & 127, n >> 7 & 127, n & 127);
}

static int send_as(struct web_client *b, const char *method, const char *address, const char *type,
                   struct bytes body)
{
    const char *token = b->token;
    b->peer = next_peer();
    web_send(b, method, address, type, body);
    b->token = token;
    return b->status;
}

static UNUSED struct bytes form_with_token(const char *token)
{
    struct buf b = buf_new(world.c->arena, 1000);
    if (token) {
        buf_text(&b, "_csrf=");
        buf_url(&b, token);
    }
    return buf_bytes(&b);
}

#endif
