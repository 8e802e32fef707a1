/* SPDX-License-Identifier: Apache-2.0 */
/* What a page asks for, told to programs: its fields, what is in them, where that came from. */
#include "base/text.h"
#include "systems/portal/portal_views.h"

#define MAX_CATALOGUES 40
#define MOST_CHOICES   400 /* more is asked for by words */

static const char *or_none(const char *text)
{
    return text ? text : "";
}

static bool is_bound(const struct field *f)
{
    return f->kind == KIND_TEXT || f->kind == KIND_LONG_TEXT || f->kind == KIND_INT ||
           f->kind == KIND_MONEY;
}

static const char *value_of(struct ctx *c, const struct field *f, const void *form,
                            const struct shape *whole)
{
    if (f->flags & F_SECRET)
        return "";
    return kind_is_number(f->kind) ? shape_typed(c, f, form) : shape_text(whole, form, f->name);
}

static struct portal_field field_of(struct ctx *c, const struct field *f, const void *form,
                                    const struct procedure *p, const void *known)
{
    bool filled = known && portal_as_known(p, f, form, known), secret = f->flags & F_SECRET;
    return (struct portal_field){.name = f->name,
                                 .group = or_none(f->group),
                                 .label = shape_label(f, c->lang),
                                 .hint = or_none(f->hint[c->lang]),
                                 .kind = kind_name(f->kind),
                                 .value = value_of(c, f, form, p->form),
                                 .shown = secret ? "" : portal_shown(c, f, form, p->form),
                                 .source = filled ? portal_source_name(c, f) : "",
                                 .catalogue = or_none(f->catalogue),
                                 .suggest = portal_is_place(f) ? "/dia-danh?tu=" : "",
                                 .accept = or_none(f->accept),
                                 .visible_field = or_none(f->visible_field),
                                 .visible_value = or_none(f->visible_value),
                                 .required = (f->flags & F_REQUIRED) != 0,
                                 .read_only = (f->flags & F_READ_ONLY) != 0,
                                 .visible = shape_visible(p->form, f, form),
                                 .min = is_bound(f) ? f->min : 0,
                                 .max = is_bound(f) ? f->max : 0,
                                 .max_bytes = f->max_bytes};
}

/* ---- the catalogues of those fields, each once ---- */

struct offers {
    const struct field *of[MAX_CATALOGUES]; /* one field of each catalogue */
    size_t n, choices;
};

static size_t choices_of(struct ctx *c, const struct field *f, const struct choice **ret)
{
    const struct catalogues *k = shape_catalogues();
    size_t n = k && k->choices ? k->choices(c, f->catalogue, f->unit_level, ret) : 0;
    return n <= MOST_CHOICES ? n : 0;
}

static void offer(struct ctx *c, const struct field *f, struct offers *o)
{
    const struct choice *some;
    if (f->kind != KIND_CODE || !f->catalogue || portal_is_place(f) || o->n == MAX_CATALOGUES)
        return;
    for (size_t i = 0; i < o->n; i++)
        if (text_eq(o->of[i]->catalogue, f->catalogue))
            return;
    o->of[o->n++] = f;
    o->choices += choices_of(c, f, &some);
}

static struct list offered(struct ctx *c, const struct offers *o)
{
    struct portal_choice *all = ARENA_ARRAY(c->arena, o->choices + 1, struct portal_choice);
    size_t n = 0;
    for (size_t i = 0; i < o->n; i++) {
        const struct choice *some = NULL;
        size_t k = choices_of(c, o->of[i], &some);
        for (size_t j = 0; j < k; j++)
            all[n++] = (struct portal_choice){o->of[i]->catalogue, some[j].code, some[j].label};
    }
    return (struct list){all, n};
}

struct portal_asked portal_asks(struct ctx *c, const struct req *r, const struct shape *s,
                                const void *form, const struct procedure *p, const void *known)
{
    if (!r->wants_json)
        return (struct portal_asked){.fields = {NULL, 0}};
    struct portal_field *fields = ARENA_ARRAY(c->arena, s->n + 1, struct portal_field);
    struct offers o = {.n = 0};
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->fields[i].kind == KIND_LIST)
            continue;
        fields[n++] = field_of(c, &s->fields[i], form, p, known);
        offer(c, &s->fields[i], &o);
    }
    return (struct portal_asked){.fields = {fields, n}, .choices = offered(c, &o)};
}
