/* SPDX-License-Identifier: Apache-2.0 */
#include "core/search.h"

#include "base/text.h"
#include "core/scope.h"
#include "core/secrets.h"
#include "crypto/hash.h"

#define RESULTS_MAX 50
#define BEHIND_ALL  "\xf4\x8f\xbf\xbf" /* the last code point: behind every longer word */

static const char *token(struct ctx *c, const char *word)
{
    return arena_printf(c->arena, "~%s", secret_token(c, SECRET_SEARCH, word));
}

enum err search_drop(struct ctx *c, const char *module, const char *object)
{
    return db_exec(c, NULL, "DELETE FROM core_search WHERE module = $1 AND object = $2",
                   P_TEXT(module), P_TEXT(object));
}

static enum err put_words(struct ctx *c, const struct search_entry *e, const char *text, bool keyed)
{
    size_t n;
    const char *owner = person_token(c, e->person);
    const char **words = text_split(c->arena, text_fold(c->arena, text), ' ', &n);
    for (size_t i = 0; i < n; i++) {
        enum err err =
            db_exec(c, NULL,
                    "INSERT INTO core_search (module, object, word, unit, owner)"
                    " VALUES ($1, $2, $3, $4, $5)"
                    " ON CONFLICT (module, word, object) DO NOTHING",
                    P_TEXT(e->module), P_TEXT(e->object),
                    P_TEXT(keyed ? token(c, words[i]) : words[i]), P_TEXT(e->unit), P_TEXT(owner));
        if (err)
            return err;
    }
    return OK;
}

enum err search_put(struct ctx *c, const struct search_entry *entry)
{
    enum err e = search_drop(c, entry->module, entry->object);
    if (!e)
        e = put_words(c, entry, entry->words, false);
    if (!e && !text_empty(entry->personal))
        e = put_words(c, entry, entry->personal, true);
    return e;
}

/* One word of a question: what it begins with, and the token of a whole personal word. */
struct wanted {
    const char *from, *until, *token;
};

static void read_question(struct ctx *c, const char *question, struct wanted w[SEARCH_MAX_WORDS],
                          size_t *ret_n)
{
    size_t n;
    const char **words = text_split(c->arena, text_fold(c->arena, question), ' ', &n);
    *ret_n = n;
    for (size_t i = 0; i < SEARCH_MAX_WORDS; i++) {
        const char *word = i < n ? words[i] : "";
        w[i] = (struct wanted){word, arena_printf(c->arena, "%s" BEHIND_ALL, word),
                               i < n ? token(c, word) : ""};
    }
}

struct found {
    const char **objects;
    size_t n;
};

static enum err row_object(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct found *f = arg;
    f->objects[f->n++] = row_text(r, 0);
    return OK;
}

#define HAS_WORD(from, until, token)                                                               \
    " AND (" from " = '' OR EXISTS (SELECT 1 FROM core_search b WHERE b.module = s.module"         \
    " AND b.object = s.object AND ((b.word >= " from " AND b.word < " until ")"                    \
    " OR b.word = " token ")))"
#define P_WANTED(w) P_TEXT((w).from), P_TEXT((w).until), P_TEXT((w).token)

enum err search_find(struct ctx *c, const char *module, const char *question,
                     const char *permission, const char *before, const char **ret_objects,
                     size_t max, size_t *ret_n)
{
    struct wanted w[SEARCH_MAX_WORDS];
    struct scope s = scope_of(c, permission);
    struct found f = {ret_objects, 0};
    size_t n;
    *ret_n = 0;
    read_question(c, question, w, &n);
    if (n == 0)
        return OK;
    enum err e = db_each(
        c, row_object, &f,
        "SELECT DISTINCT s.object FROM core_search s WHERE " SCOPE
        " AND s.module = $4 AND ((s.word >= $5 AND s.word < $6) OR s.word = $7)"
        " AND ($8 = '' OR s.object < $8)" HAS_WORD("$9", "$10", "$11") HAS_WORD("$12", "$13", "$14")
            HAS_WORD("$15", "$16", "$17") " ORDER BY s.object DESC LIMIT $18",
        P_SCOPE(s), P_TEXT(module), P_WANTED(w[0]), P_TEXT(before), P_WANTED(w[1]), P_WANTED(w[2]),
        P_WANTED(w[3]), P_INT((int64_t)(max < RESULTS_MAX ? max : RESULTS_MAX)));
    if (!e)
        *ret_n = f.n;
    return e;
}
