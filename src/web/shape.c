/* SPDX-License-Identifier: Apache-2.0 */
#include "web/shape.h"

#include <string.h>

#include "base/text.h"
#include "web/shape_order.h"
#include "web/shape_place.h"

static const struct catalogues *catalogues;

void shape_use_catalogues(const struct catalogues *k)
{
    catalogues = k;
}

const struct catalogues *shape_catalogues(void)
{
    return catalogues;
}

bool kind_is_number(enum kind k)
{
    return k == KIND_INT || k == KIND_MONEY || k == KIND_TIME || k == KIND_BOOL;
}

const char **text_place(const struct field *f, void *object)
{
    ASSERT(!kind_is_number(f->kind) && f->kind != KIND_LIST);
    return (const char **)((char *)object + f->offset);
}

int64_t *int_place(const struct field *f, void *object)
{
    ASSERT(kind_is_number(f->kind));
    return (int64_t *)(void *)((char *)object + f->offset);
}

struct list *list_place(const struct field *f, void *object)
{
    ASSERT(f->kind == KIND_LIST);
    return (struct list *)(void *)((char *)object + f->offset);
}

const char *field_text(const struct field *f, const void *object)
{
    const char *text = *text_place(f, (void *)(uintptr_t)object);
    return text ? text : "";
}

int64_t field_int(const struct field *f, const void *object)
{
    return *int_place(f, (void *)(uintptr_t)object);
}

const struct list *field_list(const struct field *f, const void *object)
{
    return list_place(f, (void *)(uintptr_t)object);
}

void *list_item(const struct field *f, const struct list *l, size_t i)
{
    return (char *)l->items + i * f->of->size;
}

const struct field *shape_field(const struct shape *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++) {
        if (strcmp(s->fields[i].name, name) == 0)
            return &s->fields[i];
    }
    return NULL;
}

static const struct field *must_field(const struct shape *s, const char *name)
{
    const struct field *f = shape_field(s, name);
    if (!f)
        BUG(name);
    return f;
}

void field_empty(const struct field *f, void *object)
{
    if (f->kind == KIND_LIST)
        *list_place(f, object) = (struct list){NULL, 0};
    else if (kind_is_number(f->kind))
        *int_place(f, object) = 0;
    else
        *text_place(f, object) = "";
}

void *shape_new(struct arena *a, const struct shape *s)
{
    void *object = arena_alloc(a, s->size);
    for (size_t i = 0; i < s->n; i++)
        field_empty(&s->fields[i], object);
    return object;
}

void shape_fallbacks(struct ctx *c, const struct shape *s, void *object)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        if (f->fallback && shape_set_raw(c, f, object, bytes_of(f->fallback)) != OK)
            BUG("a fallback outside its own field"); /* shape_load tried it */
    }
}

const struct shape *shape_group(struct arena *a, const struct shape *s, const char *group)
{
    struct shape *part = ARENA_NEW(a, struct shape);
    struct field *fields = ARENA_ARRAY(a, s->n ? s->n : 1, struct field);
    *part = (struct shape){.name = s->name, .fields = fields, .size = s->size, .whole = s};
    for (size_t i = 0; i < s->n; i++) {
        if (text_eq(s->fields[i].group, group))
            fields[part->n++] = s->fields[i];
    }
    return part;
}

const char *shape_text(const struct shape *s, const void *object, const char *field)
{
    return field_text(must_field(s, field), object);
}

int64_t shape_int(const struct shape *s, const void *object, const char *field)
{
    return field_int(must_field(s, field), object);
}

void shape_set_text(const struct shape *s, void *object, const char *field, const char *value)
{
    *text_place(must_field(s, field), object) = value ? value : "";
}

void shape_set_int(const struct shape *s, void *object, const char *field, int64_t value)
{
    *int_place(must_field(s, field), object) = value;
}

const char *shape_label(const struct field *f, enum lang lang)
{
    if (!text_empty(f->label[lang]))
        return f->label[lang];
    if (f->label_text != TX_NONE)
        return text_get(f->label_text, lang);
    return text_empty(f->label[LANG_VI]) ? f->name : f->label[LANG_VI];
}

const char *shape_label_of(struct arena *a, const struct shape *s, const char *field,
                           enum lang lang)
{
    const char *dot = strchr(field, '.');
    const struct field *f =
        shape_field(s, dot ? arena_text_n(a, field, (size_t)(dot - field)) : field);
    if (!f)
        return field;
    const char *rest = dot ? strchr(dot + 1, '.') : NULL;
    int64_t i = 0;
    if (!dot || f->kind != KIND_LIST)
        return shape_label(f, lang);
    const char *number = rest ? arena_text_n(a, dot + 1, (size_t)(rest - dot - 1)) : dot + 1;
    if (!text_to_int(number, &i) || i < 0 || i > 100000)
        return field;
    const char *head = arena_printf(a, "%s %d", shape_label(f, lang), (int)i + 1);
    return rest ? arena_printf(a, "%s, %s", head, shape_label_of(a, f->of, rest + 1, lang)) : head;
}

bool shape_empty(const struct field *f, const void *object)
{
    if (f->kind == KIND_LIST)
        return field_list(f, object)->n == 0;
    if (kind_is_number(f->kind))
        return field_int(f, object) == 0;
    return text_empty(field_text(f, object));
}

bool shape_visible(const struct shape *s, const struct field *f, const void *object)
{
    if (!f->visible_field)
        return true;
    const struct shape *whole = s->whole ? s->whole : s;
    const struct field *on = must_field(whole, f->visible_field);
    if (!shape_visible(whole, on, object))
        return false;
    if (on->kind == KIND_BOOL)
        return (field_int(on, object) != 0) == (strcmp(f->visible_value, "1") == 0);
    return strcmp(field_text(on, object), f->visible_value) == 0;
}

/* ---- the whole object ---- */

static enum err check_list(struct ctx *c, const char *name, const struct field *f, void *object)
{
    const struct list *l = list_place(f, object);
    enum err first = OK;
    int64_t max = f->max ? f->max : SHAPE_MAX_ITEMS;
    if (l->n > 0 && (int64_t)l->n < f->min)
        first = fail(c, ERR_OUT_OF_RANGE, name, arena_printf(c->arena, "%d", (int)f->min),
                     arena_printf(c->arena, "%d", (int)max));
    for (size_t i = 0; i < l->n; i++) {
        const char *prefix = arena_printf(c->arena, "%s.%zu.", name, i);
        enum err e = check_fields(c, f->of, list_item(f, l, i), prefix);
        first = first ? first : e;
    }
    return first;
}

static enum err check_field(struct ctx *c, const char *name, const struct field *f, void *object)
{
    if (f->kind == KIND_BOOL && (f->flags & F_REQUIRED) && !*int_place(f, object))
        return fail(c, ERR_NOT_TICKED, name);
    if (kind_is_number(f->kind))
        return OK;
    if ((f->flags & F_REQUIRED) && shape_empty(f, object))
        return fail(c, ERR_REQUIRED, name);
    return f->kind == KIND_LIST ? check_list(c, name, f, object) : OK;
}

enum err check_fields(struct ctx *c, const struct shape *s, void *object, const char *prefix)
{
    enum err first = OK;
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        const char *name = *prefix ? arena_printf(c->arena, "%s%s", prefix, f->name) : f->name;
        if (!shape_visible(s, f, object)) {
            field_empty(f, object);
            continue;
        }
        if (ctx_fault_of(c, name)) /* a wrong value was left out by the decoder: it isn't missing */
            continue;
        enum err e = check_field(c, name, f, object);
        first = first ? first : e;
    }
    return first;
}

enum err shape_check(struct ctx *c, const struct shape *s, void *object)
{
    enum err first = check_fields(c, s, object, "");
    enum err e = shape_check_orders(c, s, object);
    first = first ? first : e;
    e = s->check ? s->check(c, object) : OK;
    return first ? first : e;
}
