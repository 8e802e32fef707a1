/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken away from data/files: files whose subject is destroyed, contents of no row. */
#include <string.h>

#include "base/id.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/files.h"
#include "core/jobs.h"

#define AT_ONCE  200
#define HASH_LEN 64

struct gone {
    const char *id, *blob; /* "": others may have it too */
};
struct gone_list {
    struct gone rows[AT_ONCE];
    size_t n;
};

static enum err keep_gone(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c;
    struct gone_list *l = arg;
    l->rows[l->n++] = (struct gone){row_text(r, 0), row_text(r, 1)};
    return OK;
}

static enum err list_gone(struct ctx *c, void *arg)
{
    struct gone_list *l = arg;
    l->n = 0;
    return db_each(c, keep_gone, l,
                   "SELECT f.id, CASE WHEN EXISTS (SELECT 1 FROM core_file o WHERE"
                   " o.content = f.content AND o.id <> f.id) THEN '' ELSE f.content END"
                   " FROM core_subject s JOIN core_file f ON f.subject = s.number"
                   " WHERE s.destroyed_us > 0 ORDER BY f.id LIMIT $1",
                   P_INT(AT_ONCE));
}

static enum err forget(struct ctx *c, void *arg)
{
    const struct gone_list *l = arg;
    enum err e = OK;
    for (size_t i = 0; i < l->n && !e; i++)
        e = db_exec(c, NULL, "DELETE FROM core_file WHERE id = $1", P_TEXT(l->rows[i].id));
    return e;
}

/* Contents first: a row that is left leads here again. What others have too goes with the last
   row, or as a content of no row. */
static enum err sweep_destroyed(struct ctx *c)
{
    struct gone_list *l = ARENA_NEW(c->arena, struct gone_list);
    enum err e = db_read(c, c->node->db, list_gone, l);
    for (size_t i = 0; i < l->n && !e; i++) {
        const char *blob = l->rows[i].blob;
        if (!text_empty(blob))
            e = sys_unlink(c, arena_printf(c->arena, "%s/files/%s/%s", c->node->data_dir,
                                           blob + strlen(blob) - 2, blob));
    }
    if (!e && l->n)
        e = db_write(c, c->node->db, forget, l);
    if (!e && l->n == AT_ONCE)
        job_wake("core.files");
    return e;
}

/* ---- contents of no row ---- */

struct orphan {
    const char *name;
    bool named;
};

static enum err seen(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)c, (void)r;
    ((struct orphan *)arg)->named = true;
    return OK;
}

static enum err look_up(struct ctx *c, void *arg)
{
    struct orphan *o = arg;
    return db_each(c, seen, o, "SELECT 1 FROM core_file WHERE content = $1 OR sha256 = $1 LIMIT 1",
                   P_TEXT(o->name));
}

/* An id begins with 48 bits of milliseconds in 10 characters (base/id.h). */
static int64_t made_us(const char *id)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    int64_t ms = 0;
    for (int i = 0; i < 10; i++)
        ms = ms << 5 | (strchr(alphabet, id[i]) - alphabet);
    return ms * 1000;
}

/* A content is there before its row is: only what is a day old counts. One by its hash tells no
   time, and nobody adds such ones any more. */
static bool is_old(struct ctx *c, const char *name)
{
    return strlen(name) == HASH_LEN || (id_is(name) && made_us(name) < c->now_us - DAY_US);
}

static enum err sweep_folder(struct ctx *c, const char *folder)
{
    const char **names;
    size_t n = 0;
    enum err e = sys_list(c, folder, &names, &n);
    for (size_t i = 0; i < n && !e; i++) {
        struct orphan o = {.name = names[i]};
        if (!is_old(c, names[i]))
            continue;
        e = db_read(c, c->node->db, look_up, &o);
        if (!e && !o.named)
            e = sys_unlink(c, arena_printf(c->arena, "%s/%s", folder, names[i]));
    }
    return e;
}

enum err files_sweep(struct ctx *c)
{
    static _Atomic size_t turn; /* one folder a round */
    const char *dir = arena_printf(c->arena, "%s/files", c->node->data_dir), **folders;
    size_t n = 0;
    enum err e = sweep_destroyed(c);
    if (!e && sys_exists(dir))
        e = sys_list(c, dir, &folders, &n);
    return e || !n ? e : sweep_folder(c, arena_printf(c->arena, "%s/%s", dir, folders[turn++ % n]));
}
