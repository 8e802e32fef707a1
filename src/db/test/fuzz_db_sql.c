/* SPDX-License-Identifier: Apache-2.0 */
/* Names from definitions, and the words and statements of SQL text. */
#include "test/fuzz.h"

#include <string.h>

#include "base/arena.h"
#include "db/db_sql.h"
#include "db/dynamic.h"

/* What db_ident lets through can't end a quoted or a bare identifier. */
static void try_ident(const char *text)
{
    if (db_ident(text))
        ASSERT(strlen(text) <= 61 && !strpbrk(text, " \"'();-/*$\\.,\n\t"));
}

/* Words cover the text without a gap; statements hold no bare semicolon and come to an end. */
static void try_statements(struct arena *a, const char *text)
{
    const char *at = text, *before = text;
    for (struct sql_word w = sql_next(&at); w.kind; w = sql_next(&at)) {
        ASSERT(w.ptr == before && at == w.ptr + w.len && w.len > 0);
        before = at;
    }
    ASSERT(*at == 0);
    at = text;
    for (char *s = sql_statement(a, &at); s; s = sql_statement(a, &at)) {
        const char *p = s;
        for (struct sql_word w = sql_next(&p); w.kind; w = sql_next(&p))
            ASSERT(!sql_is(w, ";"));
        ASSERT(*sql_for(a, DB_POSTGRES, s));
        sql_unique_name(a, s, "t", "a, b");
        sql_foreign_name(a, s, "t", 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0);
    if (size < 20000) {
        char *text = arena_text_n(a, (const char *)data, size);
        try_ident(text);
        try_statements(a, text);
    }
    arena_end(a);
    return 0;
}
