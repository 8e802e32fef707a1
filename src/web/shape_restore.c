/* SPDX-License-Identifier: Apache-2.0 */
/* Back from what shape_to_json() wrote: our own words, checked when they were first taken. */
#include "base/text.h"
#include "base/time.h"
#include "web/json.h"
#include "web/shape_place.h"

static enum err restore_object(struct ctx *c, const struct shape *s, const json_t *o, void *object);

static enum err restore_list(struct ctx *c, const struct field *f, const json_t *j, void *object)
{
    struct list *l = list_place(f, object);
    enum err e = OK;
    l->n = json_array_size(j);
    l->items = arena_array(c->arena, l->n ? l->n : 1, f->of->size);
    for (size_t i = 0; i < l->n && !e; i++)
        e = restore_object(c, f->of, json_array_get(j, i), list_item(f, l, i));
    return e;
}

static enum err restore_value(struct ctx *c, const struct field *f, const json_t *j, void *object)
{
    if (f->kind == KIND_LIST)
        return restore_list(c, f, j, object);
    if (f->kind == KIND_TIME)
        return json_is_string(j)
                   ? time_parse(c, f->name, json_string_value(j), int_place(f, object))
                   : OK;
    if (f->kind == KIND_BOOL)
        *int_place(f, object) = json_is_true(j);
    else if (kind_is_number(f->kind))
        *int_place(f, object) = json_integer_value(j);
    else if (json_is_string(j))
        *text_place(f, object) = arena_text(c->arena, json_string_value(j));
    return OK;
}

static enum err restore_object(struct ctx *c, const struct shape *s, const json_t *o, void *object)
{
    enum err e = OK;
    for (size_t i = 0; i < s->n && !e; i++) {
        const struct field *f = &s->fields[i];
        field_empty(f, object);
        const json_t *j = json_object_get(o, f->name);
        if (j)
            e = restore_value(c, f, j, object);
    }
    return e;
}

enum err shape_restore(struct ctx *c, const struct shape *s, struct bytes json, void *object)
{
    json_t *j;
    enum err e = json_in(c, s->name, json, &j);
    if (e)
        return e;
    e = restore_object(c, s, j, object);
    json_end(j);
    return e;
}
