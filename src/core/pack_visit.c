/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/pack_inside.h"

struct visit {
    struct ctx *c;
    pack_visit_fn fn;
    void *arg;
    bool places; /* somebody wants to know where */
};

static const char *item(const struct visit *v, const char *place, size_t i)
{
    return v->places ? arena_printf(v->c->arena, "%s[%zu]", place, i) : "";
}

static const char *member(const struct visit *v, const char *place, const char *name, size_t len)
{
    return v->places
               ? arena_printf(v->c->arena, "%s%s%.*s", place, *place ? "." : "", (int)len, name)
               : "";
}

static void walk(const struct visit *v, const char *place, const json_t *value, const char *path)
{
    if (!value || json_is_null(value))
        return;
    if (!*path) {
        v->fn(v->arg, place, value);
        return;
    }
    if (strncmp(path, "[*]", 3) == 0) {
        for (size_t i = 0; i < json_array_size(value); i++)
            walk(v, item(v, place, i), json_array_get(value, i), path + 3);
        return;
    }
    path += *path == '.';
    size_t len = strcspn(path, ".[");
    walk(v, member(v, place, path, len), json_object_getn(value, path, len), path + len);
}

void pack_visit(struct ctx *c, const json_t *root, const char *path, pack_visit_fn fn, void *arg)
{
    struct visit v = {c, fn, arg, true};
    walk(&v, "", root, path);
}

void pack_values(struct ctx *c, const json_t *root, const char *path, pack_visit_fn fn, void *arg)
{
    struct visit v = {c, fn, arg, false};
    walk(&v, "", root, path);
}
