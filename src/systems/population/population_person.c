/* SPDX-License-Identifier: Apache-2.0 */
/* What others may know of a person, by the purpose they ask for: no more than it takes. */
#include "base/text.h"
#include "systems/population/population_private.h"

#define ANSWER_MAX_BYTES (64 * 1024)

SHAPE(population_question_shape, struct population_question,
      SHAPE_STRING(struct population_question, pin, KIND_PIN, TX(population_field_pin),
                   .flags = F_REQUIRED | F_PERSONAL));

enum { IDENTITY = 1, FAMILY = 2, RESIDENCE = 4, PAPERS = 8, CONTACT = 16 };
#define ALL (IDENTITY | FAMILY | RESIDENCE | PAPERS | CONTACT)

static const struct {
    const char *purpose;
    unsigned parts;
} measures[] = {{"own_data", ALL},
                {"prefill", ALL},
                {"birth_registration", IDENTITY | FAMILY | RESIDENCE | PAPERS},
                {"assign_pin", IDENTITY | FAMILY | RESIDENCE},
                {"health_card", IDENTITY | RESIDENCE}};

static const struct {
    const char *field;
    unsigned part;
} fields[] = {{"pin", IDENTITY},
              {"full_name", IDENTITY},
              {"sex", IDENTITY},
              {"birth_date", IDENTITY},
              {"birth_registration_unit", IDENTITY},
              {"home_town", IDENTITY},
              {"ethnic_group", IDENTITY},
              {"nationality", IDENTITY},
              {"life_status", IDENTITY},
              {"marital_status", FAMILY},
              {"mother_pin", FAMILY},
              {"mother_name", FAMILY},
              {"father_pin", FAMILY},
              {"father_name", FAMILY},
              {"spouse_pin", FAMILY},
              {"spouse_name", FAMILY},
              {"permanent_unit", RESIDENCE},
              {"permanent_address", RESIDENCE},
              {"residence_type", RESIDENCE},
              {"household_number", RESIDENCE},
              {"paper_type", PAPERS},
              {"paper_number", PAPERS},
              {"paper_date", PAPERS},
              {"paper_place", PAPERS},
              {"phone", CONTACT},
              {"email", CONTACT}};

static unsigned parts_for(const char *purpose)
{
    for (size_t i = 0; i < ARRAY_LEN(measures); i++)
        if (text_eq(measures[i].purpose, purpose))
            return measures[i].parts;
    return IDENTITY;
}

enum err population_person(struct ctx *c, struct service_call *call)
{
    struct population_question q = {0};
    struct registry_record k;
    enum err e = shape_from_json(c, &population_question_shape, call->body, &q);
    if (e)
        return e;
    const struct registry *r = registry_find(c, POPULATION);
    e = registry_by(c, r, "pin", q.pin, &k);
    if (e == ERR_NOT_FOUND) {
        ctx_clear_faults(c);
        return fail(c, ERR_PERSON_UNKNOWN, "pin");
    }
    if (e)
        return e;
    struct buf b = buf_new(c->arena, ANSWER_MAX_BYTES);
    unsigned parts = parts_for(c->purpose);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (!(fields[i].part & parts))
            continue;
        buf_char(&b, b.len ? ',' : '{');
        buf_json(&b, fields[i].field);
        buf_char(&b, ':');
        buf_json(&b, shape_text(registry_shape(r), k.data, fields[i].field));
    }
    buf_char(&b, '}');
    ASSERT(!buf_full(&b));
    call->answer = buf_bytes(&b);
    return OK;
}
