/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "core/access.h"
#include "core/country.h"
#include "core/permit.h"
#include "engine/registry/registry_private.h"
#include "engine/registry/registry_views.h"
#include "gen/html.h"

#define PAGE_ROWS    25
#define MAX_VERSIONS 40
#define HREF_MAX     4096
#define MATTER_MAX   80
#define OWN_DATA     "own_data" /* nobody may claim it for somebody else */

SHAPE(registry_asking_shape, struct registry_asking,
      SHAPE_STRING(struct registry_asking, purpose, KIND_CODE, TX(registry_desk_purpose), .max = 60,
                   .flags = F_REQUIRED),
      SHAPE_TEXT(struct registry_asking, matter, TX(registry_desk_matter), .max = MATTER_MAX,
                 .flags = F_REQUIRED),
      SHAPE_TEXT(struct registry_asking, words, TX(registry_desk_words), .max = 100,
                 .flags = F_REQUIRED | F_PERSONAL),
      SHAPE_TEXT(struct registry_asking, after, TX(registry_desk_next), .max = 26));
SHAPE(registry_hit_shape, struct registry_hit,
      SHAPE_TEXT(struct registry_hit, id, TX(registry_desk_id), .max = 26),
      SHAPE_TEXT(struct registry_hit, title, TX(registry_desk_name), .max = 200),
      SHAPE_TEXT(struct registry_hit, more, TX(registry_desk_more), .max = 1000),
      SHAPE_TEXT(struct registry_hit, href, TX(registry_desk_address), .max = HREF_MAX));
SHAPE(registry_desk_shape, struct registry_desk_view,
      SHAPE_TEXT(struct registry_desk_view, label, TX(registry_desk_register), .max = 200),
      SHAPE_TEXT(struct registry_desk_view, next, TX(registry_desk_next), .max = HREF_MAX),
      SHAPE_LIST(struct registry_desk_view, rows, &registry_hit_shape, TX(registry_desk_found)));
SHAPE(registry_value_shape, struct registry_value,
      SHAPE_TEXT(struct registry_value, name, TX(registry_desk_field), .max = 60),
      SHAPE_TEXT(struct registry_value, label, TX(registry_desk_field), .max = 200),
      SHAPE_TEXT(struct registry_value, value, TX(registry_desk_value), .max = 4000));
SHAPE(registry_past_shape, struct registry_past,
      SHAPE_INT(struct registry_past, version, TX(registry_desk_version)),
      SHAPE_TEXT(struct registry_past, known, TX(registry_desk_known), .max = 40),
      SHAPE_TEXT(struct registry_past, valid, TX(registry_desk_valid), .max = 40),
      SHAPE_TEXT(struct registry_past, reason, TX(registry_desk_reason), .max = 1000),
      SHAPE_TEXT(struct registry_past, changed, TX(registry_desk_changed), .max = 4000));
SHAPE(registry_record_shape, struct registry_record_view,
      SHAPE_TEXT(struct registry_record_view, id, TX(registry_desk_id), .max = 26),
      SHAPE_TEXT(struct registry_record_view, label, TX(registry_desk_register), .max = 200),
      SHAPE_INT(struct registry_record_view, version, TX(registry_desk_version)),
      SHAPE_INT(struct registry_record_view, cancelled, TX(registry_desk_cancelled)),
      SHAPE_LIST(struct registry_record_view, fields, &registry_value_shape,
                 TX(registry_desk_field)),
      SHAPE_LIST(struct registry_record_view, past, &registry_past_shape,
                 TX(registry_desk_versions)));

/* ---- asking ---- */

/* The purposes of the definition for the actor's unit; an emergency's comes with its permit. */
static void purposes_of(struct ctx *c, struct req *r, const struct registry *g,
                        struct registry_desk_view *v)
{
    struct choice *out = ARENA_ARRAY(c->arena, g->n_purposes + 1, struct choice);
    if (text_eq(r->n_form ? req_form(r, "purpose") : req_query(r, "purpose"), PERMIT_PURPOSE))
        out[v->n_purposes++] = (struct choice){
            PERMIT_PURPOSE, country_name(c->node->country, "purposes", PERMIT_PURPOSE, c->lang)};
    for (size_t i = 0; i < g->n_purposes; i++)
        if (!text_eq(g->purposes[i].code, OWN_DATA) &&
            registry_purpose_fits(&g->purposes[i], c->actor->unit))
            out[v->n_purposes++] =
                (struct choice){g->purposes[i].code, g->purposes[i].label[c->lang]};
    v->purposes = out;
}

static bool was_asked(struct req *r)
{
    static const char *const said[] = {"purpose", "matter", "words"};
    for (size_t i = 0; i < ARRAY_LEN(said); i++)
        if (!text_empty(req_query(r, said[i])))
            return true;
    return false;
}

/* Before the page reads anything: a case of another node's agency is asked for there. */
enum err registry_desk_prepare(struct ctx *c, struct req *r, const struct registry *g)
{
    enum matter_word *said = ARENA_NEW(c->arena, enum matter_word);
    const char *matter = req_query(r, "matter");
    *said = MATTER_UNASKED;
    r->kept = said;
    c->purpose = req_query(r, "purpose");
    if (text_empty(c->purpose))
        return OK;
    const struct registry_purpose *p = registry_purpose_of(c, g);
    bool asked = p && p->matter == MATTER_CASE && strlen(matter) <= MATTER_MAX;
    return asked ? matter_ask(c, matter, said) : OK;
}

/* The reason first: without a good one nothing is looked at, and the answer doesn't tell whether
   there is anything to see. words: the search needs them too. */
static enum err ask(struct ctx *c, struct req *r, const struct registry *g, bool words,
                    struct registry_asking *a)
{
    *a = (struct registry_asking){req_query(r, "purpose"), req_query(r, "matter"),
                                  words ? req_query(r, "words") : "",
                                  words ? req_query(r, "after") : ""};
    struct registry_asking given = *a;
    r->labels = &registry_asking_shape;
    if (!words)
        given.words = "-";
    enum err e = shape_check(c, &registry_asking_shape, &given);
    if (e)
        return e;
    c->purpose = a->purpose;
    c->matter = a->matter;
    const struct registry_purpose *p = registry_purpose_of(c, g);
    struct permit allowed;
    if (text_eq(a->purpose, PERMIT_PURPOSE))
        return permit_holds(c, PERMIT_EMERGENCY, a->matter, NULL, &allowed);
    if (text_eq(a->purpose, OWN_DATA) || !p)
        return fail(c, ERR_PURPOSE, "purpose", a->purpose);
    const enum matter_word *said = r->kept;
    return matter_check(c, "matter", p->matter, a->matter, said ? *said : MATTER_UNASKED);
}

static void why(struct buf *b, const struct registry_asking *a)
{
    buf_text(b, "?purpose=");
    buf_url(b, a->purpose);
    buf_text(b, "&matter=");
    buf_url(b, a->matter);
}

/* ---- the list ---- */

struct looking {
    const struct registry *g;
    const struct registry_desk *d;
    struct registry_record rows[PAGE_ROWS + 1];
    size_t n;
};

static enum err by_number(struct ctx *c, struct looking *l, const char *word)
{
    for (const char *const *f = l->d->numbers; *f; f++) {
        enum err e = registry_by(c, l->g, *f, word, &l->rows[0]);
        if (!e)
            l->n = 1;
        if (e != ERR_NOT_FOUND)
            return e;
        ctx_clear_faults(c);
    }
    return OK;
}

static bool has_digit(const char *text)
{
    for (; *text; text++)
        if (*text >= '0' && *text <= '9')
            return true;
    return false;
}

static enum err look(struct ctx *c, struct looking *l, const struct registry_asking *a)
{
    enum err e = access_search(c);
    if (e)
        return e;
    if (has_digit(a->words))
        return by_number(c, l, a->words);
    return registry_search(c, l->g, a->words, a->after, l->rows, PAGE_ROWS, &l->n);
}

static struct registry_hit hit_of(struct ctx *c, const struct looking *l, size_t i,
                                  const struct registry_asking *a)
{
    const struct shape *s = l->g->shape;
    const void *data = l->rows[i].data;
    struct buf more = buf_new(c->arena, HREF_MAX), href = buf_new(c->arena, HREF_MAX);
    for (const char *const *f = l->d->columns; *f; f++) {
        const char *value = shape_shown(c, shape_field(s, *f), data);
        if (!text_empty(value))
            buf_printf(&more, "%s%s", more.len ? " · " : "", value);
    }
    buf_printf(&href, "%s/%s", l->d->path, l->rows[i].id);
    why(&href, a);
    return (struct registry_hit){.id = l->rows[i].id,
                                 .title = shape_text(s, data, s->fields[l->g->title].name),
                                 .more = more.ptr,
                                 .href = href.ptr};
}

static void show_hits(struct ctx *c, const struct looking *l, struct registry_desk_view *v)
{
    struct registry_hit *hits = ARENA_ARRAY(c->arena, l->n + 1, struct registry_hit);
    for (size_t i = 0; i < l->n; i++)
        hits[i] = hit_of(c, l, i, &v->asking);
    v->rows = (struct list){hits, l->n};
    if (l->n < PAGE_ROWS)
        return;
    struct buf next = buf_new(c->arena, HREF_MAX);
    buf_text(&next, l->d->path);
    why(&next, &v->asking);
    buf_printf(&next, "&%s&after=%s", web_asked(c, l->d->path, "words", v->asking.words),
               l->rows[l->n - 1].id);
    v->next = next.ptr;
}

/* Faults that the form can show beside its fields. */
static bool to_be_put_right(enum err e)
{
    return e == ERR_REQUIRED || e == ERR_TOO_LONG || e == ERR_MATTER || e == ERR_MATTER_CLOSED ||
           e == ERR_MATTER_PAPER || e == ERR_MATTER_AWAY || e == ERR_PERMIT;
}

enum err registry_desk_search(struct ctx *c, struct req *r, const struct registry *g,
                              const struct registry_desk *d)
{
    struct looking l = {.g = g, .d = d};
    struct registry_desk_view v = {.path = d->path, .label = g->label[c->lang]};
    purposes_of(c, r, g, &v);
    v.asked = was_asked(r);
    enum err e = reading_state(c, &v.state);
    if (!e && v.asked)
        e = ask(c, r, g, true, &v.asking);
    if (to_be_put_right(e))
        return answer_again(c, r, &registry_desk_shape, &v, registry_desk_html);
    if (!e && v.asked)
        e = look(c, &l, &v.asking);
    if (e)
        return e;
    show_hits(c, &l, &v);
    return answer(c, r, 200, &registry_desk_shape, &v, registry_desk_html);
}

enum err registry_desk_again(struct ctx *c, struct req *r, const struct registry *g,
                             const struct registry_desk *d)
{
    struct registry_desk_view v = {.path = d->path, .label = g->label[c->lang], .asked = true};
    purposes_of(c, r, g, &v);
    enum err e = reading_state(c, &v.state);
    return e ? e : answer_again(c, r, &registry_desk_shape, &v, registry_desk_html);
}

/* ---- one record ---- */

static struct list values_of(struct ctx *c, const struct shape *s, const void *data)
{
    struct registry_value *out = ARENA_ARRAY(c->arena, s->n, struct registry_value);
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        if (!(f->flags & F_SECRET) && !shape_empty(f, data))
            out[n++] =
                (struct registry_value){f->name, shape_label(f, c->lang), shape_shown(c, f, data)};
    }
    return (struct list){out, n};
}

/* Labels of what is not as it was in the version before. */
static const char *changed(struct ctx *c, const struct shape *s, const void *now,
                           const void *before)
{
    struct buf b = buf_new(c->arena, HREF_MAX);
    for (size_t i = 0; i < s->n && before; i++) {
        const struct field *f = &s->fields[i];
        if (!text_eq(shape_typed(c, f, now), shape_typed(c, f, before)))
            buf_printf(&b, "%s%s", b.len ? ", " : "", shape_label(f, c->lang));
    }
    return b.ptr;
}

/* The house's own reasons are keys; an official's stands as it was written. */
static const char *reason_shown(const struct ctx *c, const char *reason)
{
    enum text key = text_find(reason);
    return key == TX_NONE ? reason : text_get(key, c->lang);
}

static struct list past_of(struct ctx *c, const struct shape *s, const struct registry_record *k,
                           size_t n)
{
    struct registry_past *out = ARENA_ARRAY(c->arena, n + 1, struct registry_past);
    for (size_t i = 0; i < n; i++)
        out[i] = (struct registry_past){
            .version = k[i].version,
            .known = time_show(c->arena, k[i].known_us),
            .valid = day_show(c->arena, local_day(k[i].valid_from_us)),
            .reason = reason_shown(c, k[i].reason),
            .changed = changed(c, s, k[i].data, i + 1 < n ? k[i + 1].data : NULL)};
    return (struct list){out, n};
}

enum err registry_record_page(struct ctx *c, struct req *r, const struct registry *g,
                              const char *id, const char *caption, const char *back)
{
    struct registry_record k[MAX_VERSIONS];
    size_t n;
    enum err e = registry_versions(c, g, id, k, MAX_VERSIONS, &n);
    if (!e && !n)
        e = fail(c, ERR_NOT_FOUND, "id", id);
    if (e)
        return e;
    const struct shape *s = g->shape;
    struct registry_record_view v = {.id = k[0].id,
                                     .label = g->label[c->lang],
                                     .title = shape_text(s, k[0].data, s->fields[g->title].name),
                                     .caption = caption,
                                     .back = back,
                                     .version = k[0].version,
                                     .cancelled = k[0].cancelled ? 1 : 0,
                                     .fields = values_of(c, s, k[0].data),
                                     .past = past_of(c, s, k, n)};
    return answer(c, r, 200, &registry_record_shape, &v, registry_record_html);
}

enum err registry_desk_record(struct ctx *c, struct req *r, const struct registry *g,
                              const struct registry_desk *d)
{
    struct registry_asking a;
    enum err e = ask(c, r, g, false, &a);
    if (e)
        return e;
    const char *caption = arena_printf(c->arena, "%s · %s", g->label[c->lang], a.matter);
    return registry_record_page(c, r, g, req_param(r, "id"), caption, d->path);
}
