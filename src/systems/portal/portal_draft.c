/* SPDX-License-Identifier: Apache-2.0 */
/* A draft: groups of fields gone through one after another, in any order. */
#include <string.h>

#include "base/text.h"
#include "core/files.h"
#include "systems/portal/portal_private.h"

void *portal_copy(struct arena *a, const struct shape *s, const void *object)
{
    void *copy = arena_alloc(a, s->size);
    memcpy(copy, object, s->size);
    return copy;
}

static bool same_file(struct ctx *c, const char *one, const char *other)
{
    struct file a, b;
    size_t before = c->n_faults;
    bool same =
        text_eq(one, other) ||
        (!text_empty(one) && !text_empty(other) && file_get(c, one, &a) == OK &&
         file_get(c, other, &b) == OK && text_eq(a.sha256, b.sha256) && text_eq(a.name, b.name));
    c->n_faults = before;
    return same;
}

bool portal_same(struct ctx *c, const struct shape *s, const struct field *f, const void *one,
                 const void *other)
{
    if (kind_is_number(f->kind))
        return shape_int(s, one, f->name) == shape_int(s, other, f->name);
    const char *a = shape_text(s, one, f->name), *b = shape_text(s, other, f->name);
    return f->kind == KIND_FILE ? same_file(c, a, b) : text_eq(a, b);
}

enum err portal_draft_keep(struct ctx *c, struct portal_draft *d)
{
    return d->kept ? portal_store_draft_save(c, d, false) : portal_store_draft_add(c, d);
}

void portal_work_out(struct ctx *c, const struct procedure *p, void *form)
{
    for (size_t i = 0; i < p->form->n; i++) {
        const struct field *f = &p->form->fields[i];
        const char *iso = shape_date_said(f, form);
        if (iso && f->flags & F_READ_ONLY)
            shape_set_text(p->form, form, f->name, *iso ? date_words_vi(c->arena, iso) : "");
    }
}

bool portal_complete(struct ctx *c, const struct shape *s, const void *form)
{
    size_t before = c->n_faults;
    bool whole = shape_check(c, s, portal_copy(c->arena, s, form)) == OK;
    c->n_faults = before;
    return whole;
}

static bool is_done(struct ctx *c, const struct portal_draft *d, const char *group)
{
    size_t n;
    const char **names = text_split(c->arena, d->done, ' ', &n);
    for (size_t i = 0; i < n; i++)
        if (text_eq(names[i], group))
            return true;
    return false;
}

void portal_mark_done(struct ctx *c, struct portal_draft *d, const char *group)
{
    if (!is_done(c, d, group))
        d->done = arena_printf(c->arena, "%s%s%s", d->done, *d->done ? " " : "", group);
}

static bool any_known(const struct shape *s, const void *known)
{
    for (size_t i = 0; i < s->n; i++)
        if (!shape_empty(&s->fields[i], known))
            return true;
    return false;
}

static enum portal_state state_of(struct ctx *c, const struct portal_draft *d, const char *group)
{
    const struct shape *s = shape_group(c->arena, d->procedure->form, group);
    bool whole = portal_complete(c, s, d->form);
    if (whole && is_done(c, d, group))
        return GROUP_DONE;
    return whole && any_known(s, d->known) ? GROUP_KNOWN : GROUP_TO_DO;
}

size_t portal_groups(struct ctx *c, const struct portal_draft *d, struct portal_group *ret,
                     size_t max)
{
    const json_t *rows = json_list_of(d->procedure->doc, "groups");
    size_t n = rows ? json_array_size(rows) : 0;
    n = n < max ? n : max;
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(rows, i);
        const char *name = json_text_of(row, "name", "");
        ret[i] = (struct portal_group){.name = name,
                                       .label = portal_label(c, row, "label"),
                                       .hint = portal_label(c, row, "hint"),
                                       .state = state_of(c, d, name)};
    }
    return n;
}
