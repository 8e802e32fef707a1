/* SPDX-License-Identifier: Apache-2.0 */
/* A birth entered somewhere becomes a person here. */
#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "systems/population/population_private.h"

#define NAME_MAX_CHARS 100

SHAPE(population_birth_shape, struct population_birth,
      SHAPE_TEXT(struct population_birth, dossier_code, TX(population_field_dossier), .max = 60,
                 .flags = F_REQUIRED),
      SHAPE_TEXT(struct population_birth, full_name, TX(population_field_name),
                 .max = NAME_MAX_CHARS, .flags = F_REQUIRED | F_PERSONAL),
      SHAPE_STRING(struct population_birth, sex, KIND_CODE, TX(population_field_sex),
                   .catalogue = "sex", .flags = F_REQUIRED | F_PERSONAL),
      SHAPE_STRING(struct population_birth, birth_date, KIND_DATE, TX(population_field_born),
                   .max = SHAPE_TODAY, .flags = F_REQUIRED | F_PERSONAL),
      SHAPE_STRING(struct population_birth, ethnic_group, KIND_CODE, TX(population_field_ethnic),
                   .catalogue = "ethnic_groups", .flags = F_REQUIRED | F_PERSONAL),
      SHAPE_STRING(struct population_birth, nationality, KIND_CODE,
                   TX(population_field_nationality), .catalogue = "countries",
                   .flags = F_REQUIRED | F_PERSONAL),
      SHAPE_TEXT(struct population_birth, home_town, TX(population_field_home_town), .max = 200,
                 .flags = F_PERSONAL),
      SHAPE_STRING(struct population_birth, mother_pin, KIND_PIN, TX(population_field_mother_pin),
                   .flags = F_PERSONAL),
      SHAPE_TEXT(struct population_birth, mother_name, TX(population_field_mother),
                 .max = NAME_MAX_CHARS, .flags = F_PERSONAL),
      SHAPE_STRING(struct population_birth, father_pin, KIND_PIN, TX(population_field_father_pin),
                   .flags = F_PERSONAL),
      SHAPE_TEXT(struct population_birth, father_name, TX(population_field_father),
                 .max = NAME_MAX_CHARS, .flags = F_PERSONAL),
      SHAPE_STRING(struct population_birth, birth_registration_unit, KIND_CODE,
                   TX(population_field_unit), .catalogue = "admin_units", .flags = F_REQUIRED),
      SHAPE_INT(struct population_birth, entry_number, TX(population_field_entry), .min = 1,
                .max = 999999, .flags = F_REQUIRED),
      SHAPE_TEXT(struct population_birth, entry_book, TX(population_field_book), .max = 20,
                 .flags = F_REQUIRED));

struct assigning {
    const struct registry *r;
    const struct shape *s;
    const struct population_birth *birth;
    struct registry_record mother, father;
    bool has_mother, has_father;
};

static enum err parent(struct ctx *c, const struct assigning *a, const char *field, const char *pin,
                       struct registry_record *ret, bool *ret_has)
{
    if (text_empty(pin))
        return OK;
    enum err e = registry_by(c, a->r, "pin", pin, ret);
    if (e == ERR_NOT_FOUND) {
        ctx_clear_faults(c);
        return fail(c, ERR_PARENT_UNKNOWN, field);
    }
    *ret_has = !e;
    return e;
}

/* The same child of the same parent, whoever entered it. */
static enum err refuse_twice(struct ctx *c, const struct assigning *a)
{
    const struct population_birth *b = a->birth;
    const char *const of[][2] = {{"mother_pin", b->mother_pin}, {"father_pin", b->father_pin}};
    for (size_t i = 0; i < ARRAY_LEN(of); i++) {
        const char *const pairs[] = {of[i][0],     of[i][1],      "full_name", b->full_name,
                                     "birth_date", b->birth_date, NULL};
        bool has = false;
        enum err e = text_empty(of[i][1]) ? OK : registry_exists(c, a->r, pairs, &has);
        if (e)
            return e;
        if (has)
            return fail(c, ERR_PERSON_EXISTS, "full_name");
    }
    return OK;
}

/* A child lives where its mother does, else its father (Luật Cư trú art. 12, 20). */
static void reside(const struct assigning *a, void *data)
{
    static const char *const same[] = {"permanent_unit", "permanent_address", "residence_type",
                                       "household_number", "household_head_pin"};
    const struct registry_record *with = a->has_mother ? &a->mother : &a->father;
    if (!a->has_mother && !a->has_father)
        return;
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        shape_set_text(a->s, data, same[i], shape_text(a->s, with->data, same[i]));
    const char *head = shape_text(a->s, with->data, "household_head_pin");
    bool child = !text_empty(head) &&
                 (text_eq(head, a->birth->mother_pin) || text_eq(head, a->birth->father_pin));
    shape_set_text(a->s, data, "relation_to_head", child ? "child" : "");
    shape_set_text(a->s, data, "permanent_from", a->birth->birth_date);
}

static void *record_of(struct ctx *c, const struct assigning *a, const char *pin)
{
    const struct population_birth *b = a->birth;
    const struct {
        const char *field, *value;
    } known[] = {{"pin", pin},
                 {"full_name", b->full_name},
                 {"sex", b->sex},
                 {"birth_date", b->birth_date},
                 {"birth_registration_unit", b->birth_registration_unit},
                 {"home_town", b->home_town},
                 {"ethnic_group", b->ethnic_group},
                 {"nationality", b->nationality},
                 {"marital_status", "single"},
                 {"life_status", "alive"},
                 {"mother_pin", b->mother_pin},
                 {"mother_name", b->mother_name},
                 {"father_pin", b->father_pin},
                 {"father_name", b->father_name}};
    void *data = registry_blank(c->arena, a->r);
    shape_fallbacks(c, a->s, data);
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        shape_set_text(a->s, data, known[i].field, known[i].value);
    reside(a, data);
    return data;
}

static enum err add(struct ctx *c, const struct assigning *a, const char *client,
                    const char **ret_pin)
{
    const struct population_birth *b = a->birth;
    const char *id;
    enum err e = population_number(c, b->birth_registration_unit, b->sex, b->birth_date, ret_pin);
    if (!e)
        e = registry_add(c, a->r, record_of(c, a, *ret_pin),
                         local_day_start_us(day_from_iso(b->birth_date)),
                         text_key(TX(population_reason_born)), &id);
    return e ? e : population_store_assign(c, client, b->dossier_code, *ret_pin, id);
}

/* Asked again: the same number, if it is about the same child. */
static enum err given(struct ctx *c, const struct assigning *a, const char *record,
                      const char **ret_pin)
{
    struct registry_record k;
    enum err e = registry_get(c, a->r, record, &k);
    if (e)
        return e;
    const char *name = text_fold(c->arena, shape_text(a->s, k.data, "full_name"));
    if (!text_eq(name, text_fold(c->arena, a->birth->full_name)) ||
        !text_eq(shape_text(a->s, k.data, "birth_date"), a->birth->birth_date))
        return fail(c, ERR_DOSSIER_ASSIGNED, "dossier_code", a->birth->dossier_code);
    *ret_pin = shape_text(a->s, k.data, "pin");
    return OK;
}

static enum err assign(struct ctx *c, struct assigning *a, const char *client, const char **ret_pin)
{
    const struct population_birth *b = a->birth;
    const char *record;
    bool found;
    enum err e = population_store_assignment(c, client, b->dossier_code, &found, &record);
    if (e || found)
        return e ? e : given(c, a, record, ret_pin);
    e = parent(c, a, "mother_pin", b->mother_pin, &a->mother, &a->has_mother);
    if (!e)
        e = parent(c, a, "father_pin", b->father_pin, &a->father, &a->has_father);
    if (!e)
        e = refuse_twice(c, a);
    return e ? e : add(c, a, client, ret_pin);
}

enum err population_assign(struct ctx *c, struct service_call *call)
{
    struct population_birth birth = {0};
    const char *pin;
    enum err e = shape_from_json(c, &population_birth_shape, call->body, &birth);
    if (e)
        return e;
    const struct registry *r = registry_find(c, POPULATION);
    struct assigning a = {.r = r, .s = registry_shape(r), .birth = &birth};
    if ((e = assign(c, &a, call->client, &pin)))
        return e;
    struct buf b = buf_new(c->arena, 256);
    buf_text(&b, "{\"pin\":");
    buf_json(&b, pin);
    buf_char(&b, '}');
    call->answer = buf_bytes(&b);
    return OK;
}
