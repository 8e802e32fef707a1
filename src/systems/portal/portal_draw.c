/* SPDX-License-Identifier: Apache-2.0 */
/* Fields with where their values come from; communes by name; files already handed in. */
#include "base/text.h"
#include "core/country.h"
#include "core/files.h"
#include "core/say.h"
#include "systems/portal/portal_views.h"

#define MAX_PLACES  12
#define MOST_POINTS 2 /* NĐ 61/2018 art. 31: 0, 1 or 2 */

/* "Cơ sở dữ liệu quốc gia về dân cư" */
const char *portal_source_name(const struct ctx *c, const struct field *f)
{
    return text_eq(f->prefill_register, POPULATION_REGISTER)
               ? text_get(TX(portal_source_population), c->lang)
               : f->prefill_register;
}

/* The group's shape, each field that the register filled naming it in its hint. */
static const struct shape *with_sources(struct page *p, const struct portal_group_view *v)
{
    struct arena *a = p->c->arena;
    struct shape *s = ARENA_NEW(a, struct shape);
    struct field *fields = ARENA_ARRAY(a, v->shape->n + 1, struct field);
    *s = *v->shape;
    s->fields = fields;
    for (size_t i = 0; i < s->n; i++) {
        fields[i] = v->shape->fields[i];
        if (!portal_as_known(v->procedure, &fields[i], v->form, v->known))
            continue;
        const char *own = fields[i].hint[p->lang];
        const char *from = say(a, p->lang, TX(portal_from_source),
                               portal_source_name(p->c, &fields[i]), NULL, NULL);
        fields[i].hint[p->lang] = text_empty(own) ? from : arena_printf(a, "%s %s", own, from);
    }
    return s;
}

/* ---- a commune: typed by name; when several fit, one is chosen ---- */

static const struct fault *fault_of(const struct page *p, const char *field)
{
    for (size_t i = 0; i < p->c->n_faults; i++)
        if (text_eq(p->c->faults[i].field, field))
            return &p->c->faults[i];
    return NULL;
}

static void draw_matches(struct page *p, const struct field *f, const char *typed)
{
    struct portal_place places[MAX_PLACES];
    struct choice choices[MAX_PLACES];
    size_t n = portal_places(p->c, typed, places, MAX_PLACES);
    for (size_t i = 0; i < n; i++)
        choices[i] = (struct choice){places[i].code, places[i].name};
    struct field which = {.kind = KIND_CODE,
                          .name = f->name,
                          .flags = F_REQUIRED,
                          .label_text = TX(portal_which_place)};
    if (n)
        page_radios(p, &which, NULL, arena_printf(p->c->arena, PORTAL_CHOSEN "%s", f->name),
                    choices, n);
}

static void draw_place(struct page *p, const struct field *f, const void *object,
                       const struct shape *whole)
{
    struct field typed = *f;
    void *shown = portal_copy(p->c->arena, whole, object);
    const char *code = shape_text(whole, object, f->name);
    const struct fault *fault = fault_of(p, f->name);
    typed.kind = KIND_TEXT;
    typed.catalogue = NULL;
    if (text_empty(typed.hint[p->lang]))
        typed.hint[p->lang] = text_get(TX(portal_hint_place), p->lang);
    if (!text_empty(code))
        shape_set_text(whole, shown, f->name,
                       country_place(p->c->arena, p->c->node->country, code));
    buf_text(p->out, "<div data-suggest=\"/dia-danh\" data-suggest-label=\"");
    buf_html(p->out, text_get(TX(portal_suggest_title), p->lang));
    buf_text(p->out, "\">\n");
    page_field_as(p, &typed, shown, f->name);
    buf_text(p->out, "</div>\n");
    if (fault && fault->err == ERR_PLACE_MANY)
        draw_matches(p, f, req_form(p->r, f->name));
}

/* ---- a file ---- */

const char *portal_file_shown(struct ctx *c, const struct file *f)
{
    int64_t kib = (f->bytes + 1023) / 1024, tenths = (f->bytes * 10 + (1 << 19)) >> 20;
    const char *point = c->lang == LANG_VI ? "," : ".";
    if (kib < 1024)
        return arena_printf(c->arena, "%s (%lld KB)", f->name, (long long)kib);
    return arena_printf(c->arena, "%s (%lld%s%lld MB)", f->name, (long long)(tenths / 10), point,
                        (long long)(tenths % 10));
}

/* The file that is there; fresh: kept for a supplement and not sent yet. */
static void put_have(struct page *p, const struct file *f, bool fresh)
{
    const char *shown = portal_file_shown(p->c, f);
    buf_text(p->out, "<p class=\"govuk-body dinh-file\">");
    buf_html(p->out, say(p->c->arena, p->lang, fresh ? TX(portal_file_new) : TX(portal_file_have),
                         shown, NULL, NULL));
    buf_text(p->out, "</p>\n");
}

static void put_goes(struct page *p, const struct field *f, bool fresh)
{
    enum text t = fresh ? TX(portal_file_back) : TX(portal_file_goes);
    struct field box = {.name = arena_printf(p->c->arena, PORTAL_FILE_GOES "%s", f->name),
                        .kind = KIND_BOOL,
                        .label_text = t};
    page_field_as(p, &box, NULL, box.name);
}

/* What is there may be replaced; what isn't sent yet may go. */
static void draw_file(struct page *p, const struct field *f, const struct portal_group_view *v)
{
    const struct shape *whole = v->procedure->form;
    const char *id = shape_text(whole, v->form, f->name);
    struct file file;
    struct field again = *f;
    size_t before = p->c->n_faults;
    bool fresh = v->filed && !portal_same(p->c, whole, f, v->form, v->filed);
    bool have = !text_empty(id) && file_get(p->c, id, &file) == OK;
    p->c->n_faults = before;
    if (have) {
        put_have(p, &file, fresh);
        again.hint[p->lang] = text_get(TX(portal_file_replace), p->lang);
    }
    page_field_as(p, &again, v->form, f->name);
    if (have && (fresh || !v->filed))
        put_goes(p, f, fresh);
}

static bool draw(struct page *p, const struct field *f, const void *object, void *arg)
{
    const struct shape *whole = ((const struct portal_group_view *)arg)->procedure->form;
    if (portal_is_place(f))
        draw_place(p, f, object, whole);
    else if (f->kind == KIND_FILE)
        draw_file(p, f, arg);
    else
        return false;
    return true;
}

void portal_draw_fields(struct page *p, const struct portal_group_view *v)
{
    for (size_t i = 0; i < v->shape->n; i++) {
        const struct field *f = &v->shape->fields[i];
        if ((f->flags & F_READ_ONLY) && f->prefill_register && !shape_empty(f, v->form))
            page_known(p, f, v->form, portal_source_name(p->c, f));
    }
    page_fields_by(p, with_sources(p, v), v->form, draw, (void *)(uintptr_t)v);
}

/* ---- check-your-answers ---- */

const char *portal_shown(struct ctx *c, const struct field *f, const void *form,
                         const struct shape *whole)
{
    struct file file;
    size_t before = c->n_faults;
    const char *text = "";
    if (portal_is_place(f))
        return country_place(c->arena, c->node->country, shape_text(whole, form, f->name));
    if (f->kind != KIND_FILE)
        return shape_shown(c, f, form);
    if (!shape_empty(f, form) && file_get(c, shape_text(whole, form, f->name), &file) == OK)
        text = portal_file_shown(c, &file);
    c->n_faults = before;
    return text;
}

void portal_draw_summary(struct page *p, const struct shape *s, const void *form)
{
    const struct shape *whole = s->whole ? s->whole : s;
    page_summary_begin(p);
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        bool open = shape_empty(f, form) && !(f->flags & F_REQUIRED) && f->kind != KIND_BOOL;
        if (open || !shape_visible(s, f, form) || (f->flags & F_SECRET) || f->kind == KIND_LIST)
            continue;
        const char *shown = portal_shown(p->c, f, form, whole);
        page_summary_row(p, shape_label(f, p->lang),
                         text_empty(shown) ? text_get(TX(portal_not_yet), p->lang) : shown, NULL);
    }
    page_summary_end(p);
}

/* ---- rating ---- */

static struct field criterion_field(const struct portal_criterion *x)
{
    return (struct field){
        .kind = KIND_CODE, .name = x->code, .flags = F_REQUIRED, .label = {x->title, x->title}};
}

void portal_draw_criterion(struct page *p, const struct portal_criterion *x)
{
    struct field f = criterion_field(x);
    page_radios(p, &f, NULL, x->code, x->answers, x->n_answers);
}

const struct shape *portal_rate_shape(struct arena *a, const struct list *criteria)
{
    const struct portal_criterion *x = criteria->items;
    struct shape *s = ARENA_NEW(a, struct shape);
    struct field *fields = ARENA_ARRAY(a, criteria->n + 1, struct field);
    for (size_t i = 0; i < criteria->n; i++) {
        fields[i] = criterion_field(&x[i]);
        fields[i].kind = KIND_INT;
        fields[i].offset = i * sizeof(int64_t);
        fields[i].max = MOST_POINTS;
    }
    *s = (struct shape){.name = "rating",
                        .fields = fields,
                        .n = criteria->n,
                        .size = (criteria->n + 1) * sizeof(int64_t)};
    return s;
}

const struct shape *portal_rate_labels(struct page *p, const struct portal_rate_view *v)
{
    return portal_rate_shape(p->c->arena, &v->criteria);
}
