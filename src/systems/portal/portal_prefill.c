/* SPDX-License-Identifier: Apache-2.0 */
/* What the state knows already: asked once of the population register, never asked of people. */
#include "base/log.h"
#include "base/text.h"
#include "engine/exchange/exchange.h"
#include "systems/portal/portal_private.h"

#define PERSON_SERVICE "population.person"

static enum err ask_one(struct ctx *c, const char *pin, json_t **ret)
{
    struct buf b = buf_new(c->arena, 256);
    struct bytes answer;
    int status;
    buf_text(&b, "{\"pin\":");
    buf_json(&b, pin);
    buf_char(&b, '}');
    enum err e =
        exchange_call(c, POPULATION_AGENCY, PERSON_SERVICE, buf_bytes(&b), &status, &answer);
    if (e || status == 404)
        return e;
    if (status != 200)
        return fail(c, ERR_EXCHANGE_DENIED, POPULATION_AGENCY, PERSON_SERVICE);
    return json_in(c, PERSON_SERVICE, answer, ret);
}

enum err portal_ask(struct ctx *c, struct portal_known *ret)
{
    *ret = (struct portal_known){0};
    if (text_empty(c->actor->person))
        return OK;
    enum err e = ask_one(c, c->actor->person, &ret->self);
    const char *spouse = json_text_of(ret->self, "spouse_pin", "");
    if (!e && !text_empty(spouse))
        e = ask_one(c, spouse, &ret->spouse);
    if (e && !exchange_is_away(e))
        return e;
    if (e) {
        log_warn("portal", "nothing filled in by itself: %s", err_row(e)->name);
        ctx_clear_faults(c);
        ret->unreachable = true;
    }
    if (!ret->self)
        ret->self = json_pack("{s:s,s:s}", "pin", c->actor->person, "full_name", c->actor->name);
    return OK;
}

/* ---- whose record fills which field ---- */

const struct field *portal_relation_field(const struct procedure *p)
{
    for (size_t i = 0; i < p->form->n; i++)
        if (text_eq(p->form->fields[i].catalogue, "relations"))
            return &p->form->fields[i];
    return NULL;
}

static const json_t *subject_named(const struct procedure *p, const char *name)
{
    const json_t *rows = json_list_of(p->doc, "subjects");
    for (size_t i = 0; rows && i < json_array_size(rows); i++)
        if (text_eq(json_text_of(json_array_get(rows, i), "name", ""), name))
            return json_array_get(rows, i);
    return NULL;
}

static bool of_sex(const json_t *person, const char *sex)
{
    return person && text_eq(json_text_of(person, "sex", ""), sex);
}

/* A grandmother who files is nobody's mother here: then only her own record fills her own part. */
static const json_t *record_of(const struct procedure *p, const struct portal_known *k,
                               const char *relation, const char *subject)
{
    const json_t *s = subject_named(p, subject);
    if (text_eq(json_text_of(s, "is", ""), "self"))
        return k->self;
    if (!text_eq(json_text_of(s, "is", ""), "self_or_spouse"))
        return NULL;
    if (!text_empty(relation) && !subject_named(p, relation))
        return NULL;
    const char *sex = json_text_of(s, "sex", "");
    if (of_sex(k->self, sex))
        return k->self;
    return of_sex(k->spouse, sex) ? k->spouse : NULL;
}

static void fill(struct ctx *c, const struct field *f, const json_t *record, void *object)
{
    const json_t *j = json_object_get(record, f->prefill_field);
    size_t before = c->n_faults;
    if (json_is_string(j) && shape_set_raw(c, f, object, bytes_of(json_string_value(j))))
        c->n_faults =
            before; /* what the register holds and this form doesn't take: typed instead */
}

void portal_prefill(struct ctx *c, const struct portal_known *k, const char *relation,
                    struct portal_draft *d)
{
    const struct shape *s = d->procedure->form;
    const struct field *asked = portal_relation_field(d->procedure);
    d->form = shape_new(c->arena, s);
    d->known = shape_new(c->arena, s);
    shape_fallbacks(c, s, d->form);
    if (asked && !text_empty(relation))
        shape_set_text(s, d->form, asked->name, relation);
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        if (!text_eq(f->prefill_register, POPULATION_REGISTER))
            continue;
        const json_t *record = record_of(d->procedure, k, relation, f->prefill_subject);
        if (!record)
            continue;
        fill(c, f, record, d->form);
        fill(c, f, record, d->known);
    }
    portal_work_out(c, d->procedure, d->form);
    d->unreachable = k->unreachable;
}

/* ---- what was filled in by itself (T13) ---- */

bool portal_as_known(const struct procedure *p, const struct field *f, const void *form,
                     const void *known)
{
    if (!f->prefill_register || f->kind == KIND_LIST || shape_empty(f, known))
        return false;
    bool number = f->kind == KIND_INT || f->kind == KIND_MONEY || f->kind == KIND_TIME ||
                  f->kind == KIND_BOOL;
    return number
               ? shape_int(p->form, form, f->name) == shape_int(p->form, known, f->name)
               : text_eq(shape_text(p->form, form, f->name), shape_text(p->form, known, f->name));
}

struct portal_share portal_share_of(const struct procedure *p, const void *form, const void *known)
{
    struct portal_share share = {0, 0};
    for (size_t i = 0; i < p->form->n; i++) {
        const struct field *f = &p->form->fields[i];
        if (!shape_visible(p->form, f, form) || shape_empty(f, form))
            continue;
        share.whole++;
        share.part += portal_as_known(p, f, form, known);
    }
    return share;
}
