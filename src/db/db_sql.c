/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db_sql.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"

#define SQL_MAX_BYTES ((size_t)1 << 20)

/* ---- words ---- */

static bool is_word(char ch)
{
    return isalnum((unsigned char)ch) || ch == '_' || ch == '$' || (unsigned char)ch >= 0x80;
}

static size_t quoted_len(const char *p)
{
    char quote = *p;
    size_t n = 1;
    while (p[n]) {
        if (p[n] == quote && p[n + 1] != quote)
            return n + 1;
        n += p[n] == quote ? 2 : 1;
    }
    return n;
}

static size_t blank_len(const char *p)
{
    size_t n = 0;
    for (;;) {
        if (isspace((unsigned char)p[n])) {
            n++;
        } else if (p[n] == '-' && p[n + 1] == '-') {
            n += strcspn(p + n, "\n");
        } else if (p[n] == '/' && p[n + 1] == '*') {
            const char *end = strstr(p + n + 2, "*/");
            n = end ? (size_t)(end - p) + 2 : strlen(p);
        } else {
            return n;
        }
    }
}

struct sql_word sql_next(const char **at)
{
    const char *p = *at;
    struct sql_word w = {.ptr = p, .len = blank_len(p), .kind = 'c'};
    if (w.len == 0 && is_word(*p)) {
        w.kind = 'w';
        while (is_word(p[w.len]))
            w.len++;
    } else if (w.len == 0 && (*p == '\'' || *p == '"')) {
        w.kind = 'q';
        w.len = quoted_len(p);
    } else if (w.len == 0 && *p) {
        w.kind = 's';
        w.len = 1;
    } else if (w.len == 0) {
        w.kind = 0;
    }
    *at = p + w.len;
    return w;
}

bool sql_is(struct sql_word w, const char *word)
{
    return w.len == strlen(word) && strncasecmp(w.ptr, word, w.len) == 0;
}

/* The next word that is no blank. */
static struct sql_word next_word(const char **at)
{
    struct sql_word w = sql_next(at);
    while (w.kind == 'c')
        w = sql_next(at);
    return w;
}

char *sql_statement(struct arena *a, const char **at)
{
    const char *p = *at;
    p += blank_len(p);
    while (*p == ';') {
        p++;
        p += blank_len(p);
    }
    const char *from = p, *to = p;
    for (;;) {
        struct sql_word w = sql_next(&p);
        if (w.kind == 0 || sql_is(w, ";"))
            break;
        if (w.kind != 'c')
            to = p;
    }
    *at = p;
    return to > from ? arena_text_n(a, from, (size_t)(to - from)) : NULL;
}

/* ---- dialects ---- */

static const char *type_for(enum db_kind kind, struct sql_word w)
{
    if (kind == DB_POSTGRES && sql_is(w, "BLOB"))
        return "BYTEA";
    if (kind == DB_SQLITE && sql_is(w, "BIGINT"))
        return "INT";
    return NULL;
}

const char *sql_for(struct arena *a, enum db_kind kind, const char *sql)
{
    const char *at = sql;
    struct sql_word verb = next_word(&at), noun = next_word(&at);
    bool create = sql_is(verb, "CREATE");
    if (!sql_is(noun, "TABLE") || !(create || sql_is(verb, "ALTER")))
        return sql;
    struct buf b = buf_new(a, SQL_MAX_BYTES);
    struct sql_word w;
    for (at = sql; (w = sql_next(&at)).kind;) {
        const char *type = w.kind == 'w' ? type_for(kind, w) : NULL;
        if (type)
            buf_text(&b, type);
        else
            buf_add(&b, w.ptr, w.len);
    }
    if (create && kind == DB_SQLITE)
        buf_text(&b, " STRICT");
    ASSERT(!buf_full(&b));
    return b.ptr;
}

/* ---- constraints of a CREATE TABLE statement ---- */

struct definition { /* one column or table constraint: the words between two outer commas */
    const char *from, *to;
};

static bool next_definition(const char **at, struct definition *ret)
{
    int depth = 0;
    const char *p = *at;
    ret->from = p;
    for (;;) {
        struct sql_word w = sql_next(&p);
        depth += sql_is(w, "(") ? 1 : sql_is(w, ")") ? -1 : 0;
        if (w.kind == 0 || depth < 0 || (depth == 0 && sql_is(w, ","))) {
            ret->to = w.ptr;
            *at = depth < 0 ? w.ptr : p;
            return w.ptr > ret->from;
        }
    }
}

static const char *body_of(const char *create)
{
    const char *at = create;
    for (struct sql_word w = sql_next(&at); w.kind; w = sql_next(&at)) {
        if (sql_is(w, "("))
            return at;
    }
    return at;
}

/* "(a, b)" after at, as "a, b"; "" when there is no list. */
static const char *name_list(struct arena *a, const char **at)
{
    struct buf b = buf_new(a, SQL_MAX_BYTES);
    const char *p = *at;
    if (!sql_is(next_word(&p), "("))
        return "";
    for (struct sql_word w = next_word(&p); w.kind && !sql_is(w, ")"); w = next_word(&p)) {
        buf_add(&b, w.ptr, w.len);
        if (sql_is(w, ","))
            buf_char(&b, ' ');
    }
    *at = p;
    return b.ptr;
}

static char *default_name(struct arena *a, const char *table, const char *columns, bool primary)
{
    if (primary)
        return arena_printf(a, "%s_pkey", table);
    struct buf b = buf_new(a, SQL_MAX_BYTES);
    buf_printf(&b, "%s_", table);
    for (const char *p = columns; *p; p++) {
        if (*p != ' ')
            buf_char(&b, (char)(*p == ',' ? '_' : *p));
    }
    buf_text(&b, "_key");
    return b.ptr;
}

const char *sql_unique_name(struct arena *a, const char *create, const char *table,
                            const char *columns)
{
    const char *at = body_of(create);
    for (struct definition d; next_definition(&at, &d);) {
        const char *p = d.from, *name = NULL;
        struct sql_word w = next_word(&p);
        const char *column = arena_text_n(a, w.ptr, w.len);
        for (; w.kind && w.ptr < d.to; w = next_word(&p)) {
            bool primary = sql_is(w, "PRIMARY");
            if (sql_is(w, "CONSTRAINT")) {
                w = next_word(&p);
                name = arena_text_n(a, w.ptr, w.len);
            } else if (primary || sql_is(w, "UNIQUE")) {
                if (primary)
                    next_word(&p);
                const char *list = name_list(a, &p);
                if (text_eq(text_empty(list) ? column : list, columns))
                    return name ? name : default_name(a, table, columns, primary);
            } else if (sql_is(w, "CHECK") || sql_is(w, "REFERENCES") || sql_is(w, "FOREIGN")) {
                name = NULL;
            }
        }
    }
    return NULL;
}

const char *sql_foreign_name(struct arena *a, const char *create, const char *table, int id)
{
    const char *at = body_of(create);
    for (struct definition d; next_definition(&at, &d);) {
        const char *p = d.from, *name = NULL;
        struct sql_word w = next_word(&p);
        const char *columns = arena_text_n(a, w.ptr, w.len);
        for (; w.kind && w.ptr < d.to; w = next_word(&p)) {
            if (sql_is(w, "CONSTRAINT")) {
                w = next_word(&p);
                name = arena_text_n(a, w.ptr, w.len);
            } else if (sql_is(w, "FOREIGN")) {
                next_word(&p);
                columns = name_list(a, &p);
            } else if (sql_is(w, "REFERENCES")) {
                if (id-- > 0) {
                    name = NULL;
                    continue;
                }
                if (name)
                    return name;
                char *key = default_name(a, table, columns, false);
                return arena_printf(a, "%.*s_fkey", (int)(strlen(key) - 4), key);
            } else if (sql_is(w, "CHECK") || sql_is(w, "UNIQUE") || sql_is(w, "PRIMARY")) {
                name = NULL;
            }
        }
    }
    return NULL;
}
