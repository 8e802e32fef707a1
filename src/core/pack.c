/* SPDX-License-Identifier: Apache-2.0 */
#include "core/pack.h"

#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "gen/assets.h"

#define PACK_BUILT_IN  "vn/"
#define PACK_MAX_BYTES (16 * 1024 * 1024)
#define PACK_MAX_FILES 1000

enum err pack_read(struct ctx *c, const char *dir, const char *name, struct bytes *ret)
{
    if (dir)
        return sys_read_file(c, arena_printf(c->arena, "%s/%s", dir, name), PACK_MAX_BYTES, ret);
    const struct country_file *f =
        country_file_find(arena_printf(c->arena, "%s%s", PACK_BUILT_IN, name));
    if (!f)
        return json_bad(c, name, "line 1", "the file is missing");
    *ret = (struct bytes){f->raw, f->len};
    return OK;
}

static enum err list_dir(struct ctx *c, const char *dir, const char *folder,
                         const char ***ret_names, size_t *ret_n)
{
    const char **all;
    size_t n_all, n = 0;
    enum err e = sys_list(c, arena_printf(c->arena, "%s/%s", dir, folder), &all, &n_all);
    if (e)
        return e;
    for (size_t i = 0; i < n_all; i++) {
        if (text_ends(all[i], ".json") || text_ends(all[i], ".tsv"))
            all[n++] = all[i];
    }
    *ret_names = all;
    *ret_n = n;
    return OK;
}

enum err pack_list(struct ctx *c, const char *dir, const char *folder, const char ***ret_names,
                   size_t *ret_n)
{
    if (dir)
        return list_dir(c, dir, folder, ret_names, ret_n);
    const char *prefix = arena_printf(c->arena, "%s%s/", PACK_BUILT_IN, folder);
    const char **names = ARENA_ARRAY(c->arena, PACK_MAX_FILES, const char *);
    size_t n = 0;
    for (const struct country_file *f = country_files; f->path; f++) {
        const char *name = f->path + strlen(prefix);
        if (text_starts(f->path, prefix) && !strchr(name, '/') && n < PACK_MAX_FILES)
            names[n++] = name;
    }
    *ret_names = names;
    *ret_n = n;
    return OK;
}

enum err pack_open(struct ctx *c, const char *dir, const char *name, struct pack_file *ret_file)
{
    struct pack_file f = {.name = name};
    enum err e = pack_read(c, dir, name, &f.text);
    if (!e)
        e = json_definition(c, name, f.text, &f.root);
    if (!e)
        *ret_file = f;
    return e;
}

void pack_close(struct pack_file *f)
{
    json_end(f->root);
    f->root = NULL;
}

static enum err one(struct ctx *c, const char *dir, const char *name, pack_fn fn)
{
    struct pack_file f;
    enum err e = pack_open(c, dir, name, &f);
    if (e)
        return e;
    e = fn(c, &f);
    pack_close(&f);
    return e;
}

enum err pack_each(struct ctx *c, const char *dir, const char *folder, pack_fn fn)
{
    const char **names;
    size_t n;
    enum err e = pack_list(c, dir, folder, &names, &n);
    for (size_t i = 0; i < n && !e; i++)
        e = one(c, dir, arena_printf(c->arena, "%s/%s", folder, names[i]), fn);
    return e;
}

enum err pack_fault(struct ctx *c, const struct pack_file *f, const char *place, const char *reason)
{
    const char *where = arena_printf(c->arena, "line %d: %s", pack_line(f->text, place), place);
    return json_bad(c, f->name, where, reason);
}

void pack_lines(struct ctx *c, const struct pack_file *f)
{
    for (size_t i = 0; i < c->n_faults; i++) {
        struct fault *x = &c->faults[i];
        bool ours = x->err == ERR_DEFINITION && text_eq(x->field, f->name) && x->args[0];
        if (ours && !text_starts(x->args[0], "line "))
            x->args[0] =
                arena_printf(c->arena, "line %d: %s", pack_line(f->text, x->args[0]), x->args[0]);
    }
}
