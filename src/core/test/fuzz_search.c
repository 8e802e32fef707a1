/* SPDX-License-Identifier: Apache-2.0 */
/* Questions of a search: never an error, nothing out of scope, and an object is found by its words.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/search.h"
#include "gen/assets.h"
#include "test/fuzz.h"
#include "test/harness/shell_test.h"

static struct arena *kept;
static const char *dir;
static struct db *db;

static void clean_up(void)
{
    db_close(db);
    test_dir_end(dir);
    arena_end(kept);
}

static void open_once(struct ctx *c)
{
    struct db_schema files[16];
    size_t n = 0;
    if (db)
        return;
    kept = arena_new(0);
    struct ctx c_kept = {.arena = kept, .request_id = "fuzz"};
    dir = test_dir(&c_kept);
    ASSERT(db_open(c, arena_printf(c->arena, "sqlite:%s/fuzz.db", dir), &db) == OK);
    for (const struct schema_file *f = schema_files; f->module; f++) {
        if (text_eq(f->module, "core"))
            files[n++] = (struct db_schema){f->module, f->version, f->sql, f->sha256};
    }
    ASSERT(db_migrate(c, db, files, n) == OK);
    (void)sha256((struct bytes){0}); /* so that OpenSSL's own end comes after ours */
    atexit(clean_up);
}

struct question {
    const char *text;
    const char *objects[4];
    size_t n;
};

static enum err ask(struct ctx *c, void *arg)
{
    struct question *q = arg;
    struct search_entry mine = {"fuzz", "mine", "H57.31", "", q->text, q->text};
    struct search_entry other = {"fuzz", "other", "H57.32", "", q->text, q->text};
    enum err e = search_put(c, &mine);
    if (!e)
        e = search_put(c, &other);
    if (!e)
        e = search_find(c, "fuzz", q->text, "fuzz", "", q->objects, 4, &q->n);
    return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t root[32] = {1};
    static const char *const no_permissions[] = {NULL};
    struct bytes in = {data, size};
    if (size > 4000 || !text_is_utf8(in) || memchr(data, 0, size))
        return 0;
    struct arena *a = arena_new(0);
    static struct keeper *keeper;
    keeper = keeper ? keeper : keeper_of_root((struct bytes){root, sizeof root});
    struct node n = {.name = "fuzz", .keeper = keeper};
    struct actor who = {.kind = ACTOR_SYSTEM,
                        .account = "fuzz",
                        .person = "",
                        .unit = "H57.31",
                        .permissions = no_permissions};
    struct ctx c = {.arena = a, .actor = &who, .node = &n, .request_id = "fuzz"};
    open_once(&c);
    struct question q = {.text = arena_text_n(a, (const char *)data, size)};
    ASSERT(db_write(&c, db, ask, &q) == OK);
    bool words = !text_empty(text_fold(a, q.text));
    ASSERT(q.n == (words ? 1 : 0));
    ASSERT(!words || text_eq(q.objects[0], "mine"));
    arena_end(a);
    return 0;
}
