/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "systems/insurance/insurance_private.h"

#define DRAWS      64
#define SERIALS    100000000u /* eight digits after the province */
#define ANSWER_MAX (1024 * 1024)

SHAPE(insurance_request_shape, struct insurance_request,
      SHAPE_TEXT(struct insurance_request, dossier_code, TX(insurance_field_dossier), .max = 60,
                 .flags = F_REQUIRED),
      SHAPE_STRING(struct insurance_request, pin, KIND_PIN, TX(insurance_field_pin),
                   .flags = F_REQUIRED | F_PERSONAL),
      SHAPE_TEXT(struct insurance_request, full_name, TX(insurance_field_name), .max = 100,
                 .flags = F_REQUIRED | F_PERSONAL),
      SHAPE_STRING(struct insurance_request, sex, KIND_CODE, TX(insurance_field_sex),
                   .catalogue = "sex", .flags = F_REQUIRED | F_PERSONAL),
      SHAPE_STRING(struct insurance_request, birth_date, KIND_DATE, TX(insurance_field_born),
                   .max = SHAPE_TODAY, .flags = F_REQUIRED | F_PERSONAL),
      SHAPE_STRING(struct insurance_request, birth_registration_unit, KIND_CODE,
                   TX(insurance_field_unit), .catalogue = "admin_units", .flags = F_REQUIRED),
      SHAPE_TEXT(struct insurance_request, address, TX(insurance_field_address), .max = 200,
                 .flags = F_PERSONAL),
      SHAPE_STRING(struct insurance_request, clinic, KIND_CODE, TX(insurance_field_clinic),
                   .catalogue = "clinics", .flags = F_REQUIRED),
      SHAPE_STRING(struct insurance_request, guardian_pin, KIND_PIN,
                   TX(insurance_field_guardian_pin), .flags = F_PERSONAL),
      SHAPE_TEXT(struct insurance_request, guardian_name, TX(insurance_field_guardian), .max = 100,
                 .flags = F_PERSONAL));

struct issuing {
    const struct registry *r;
    const struct shape *s;
    const struct insurance_request *q;
    const char *province, *office; /* "46", "G24.46.01" */
    const char *social_number, *card_code, *valid_to;
};

/* ---- where ---- */

static const struct agency *office_of(const struct ctx *c, const char *admin_unit)
{
    size_t n;
    const struct agency *all = country_agencies(c->node->country, &n);
    for (size_t i = 0; i < n; i++)
        if (text_starts(all[i].code, INSURANCE_HOME ".") && text_eq(all[i].admin_unit, admin_unit))
            return &all[i];
    return NULL;
}

/* The province of the unit, and the nearest insurance office at or above it. */
static enum err find_place(struct ctx *c, struct issuing *x)
{
    const char *unit = x->q->birth_registration_unit;
    const struct country *k = c->node->country;
    const struct code_row *row = country_code(k, "admin_units", unit);
    x->office = INSURANCE_HOME;
    for (bool near = false; row; row = country_code(k, "admin_units", row->parent)) {
        const struct agency *office = near ? NULL : office_of(c, row->code);
        if (office) {
            x->office = office->code;
            near = true;
        }
        x->province = row->code;
        if (text_empty(row->parent))
            return OK;
    }
    return fail(c, ERR_BAD_CODE, "birth_registration_unit", unit);
}

/* ---- which number ---- */

static uint32_t serial(void)
{
    const uint32_t fair = UINT32_MAX / SERIALS * SERIALS;
    uint32_t x;
    do {
        sys_random(&x, sizeof x);
    } while (x >= fair);
    return x % SERIALS;
}

static enum err draw_number(struct ctx *c, struct issuing *x)
{
    const struct insurance_term *t = insurance_term();
    for (int i = 0; i < DRAWS; i++) {
        bool used = false;
        x->social_number = arena_printf(c->arena, "%s%08u", x->province, serial());
        const char *const pairs[] = {"social_number", x->social_number, NULL};
        enum err e = registry_exists(c, x->r, pairs, &used);
        if (e)
            return e;
        if (used)
            continue;
        x->card_code = arena_printf(c->arena, "%s%s%s%s", t->object, t->benefit_level, x->province,
                                    x->social_number);
        return OK;
    }
    return fail(c, ERR_CARD_NUMBERS_FULL, "social_number", x->province);
}

/* ---- the card ---- */

static const char *today(struct ctx *c)
{
    struct civil t = civil_from_us(c->now_us, LOCAL_OFFSET_US);
    return arena_printf(c->arena, "%04d-%02d-%02d", t.year, t.month, t.day);
}

static void *record_of(struct ctx *c, const struct issuing *x)
{
    const struct insurance_request *q = x->q;
    const struct {
        const char *field, *value;
    } known[] = {{"social_number", x->social_number},
                 {"pin", q->pin},
                 {"full_name", q->full_name},
                 {"sex", q->sex},
                 {"birth_date", q->birth_date},
                 {"birth_registration_unit", q->birth_registration_unit},
                 {"address", q->address},
                 {"guardian_name", q->guardian_name},
                 {"guardian_pin", q->guardian_pin},
                 {"object", insurance_term()->object},
                 {"benefit_level", insurance_term()->benefit_level},
                 {"card_code", x->card_code},
                 {"clinic", q->clinic},
                 {"valid_from", q->birth_date},
                 {"valid_to", x->valid_to},
                 {"status", "active"},
                 {"issued_on", today(c)},
                 {"issued_at", x->office},
                 {"dossier_code", q->dossier_code}};
    void *data = registry_blank(c->arena, x->r);
    shape_fallbacks(c, x->s, data);
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        shape_set_text(x->s, data, known[i].field, known[i].value);
    return data;
}

static enum err answer_with(struct ctx *c, const struct issuing *x, const void *data,
                            struct service_call *call)
{
    static const char *const told[] = {"card_code", "social_number", "valid_from", "valid_to",
                                       "clinic"};
    struct buf b = buf_new(c->arena, ANSWER_MAX);
    struct bytes pdf;
    enum err e = insurance_card_pdf(c, x->s, data, &pdf);
    if (e)
        return e;
    for (size_t i = 0; i < ARRAY_LEN(told); i++) {
        buf_char(&b, i ? ',' : '{');
        buf_json(&b, told[i]);
        buf_char(&b, ':');
        buf_json(&b, shape_text(x->s, data, told[i]));
    }
    buf_text(&b, ",\"pdf\":\"");
    buf_base64url(&b, pdf);
    buf_text(&b, "\"}");
    if (buf_full(&b))
        return fail(c, ERR_TOO_LONG, "pdf", "1048576");
    call->answer = buf_bytes(&b);
    return OK;
}

/* Asked again: the same card, if it is the same child's. */
static enum err given(struct ctx *c, const struct issuing *x, const char *record,
                      struct service_call *call)
{
    struct registry_record k;
    enum err e = registry_get(c, x->r, record, &k);
    if (!e && !text_eq(shape_text(x->s, k.data, "pin"), x->q->pin))
        e = fail(c, ERR_CARD_DOSSIER, "dossier_code", x->q->dossier_code);
    return e ? e : answer_with(c, x, k.data, call);
}

static enum err entitled(struct ctx *c, struct issuing *x)
{
    const char *const pairs[] = {"pin", x->q->pin, NULL};
    bool has = false;
    if (!country_code(c->node->country, "clinics", x->q->clinic))
        return fail(c, ERR_BAD_CODE, "clinic", x->q->clinic);
    x->valid_to = insurance_valid_to(c->arena, x->q->birth_date);
    if (day_from_iso(x->valid_to) < local_day(c->now_us))
        return fail(c, ERR_CARD_AGE, "birth_date", x->valid_to);
    enum err e = registry_exists(c, x->r, pairs, &has);
    return !e && has ? fail(c, ERR_CARD_EXISTS, "pin") : e;
}

static enum err issue(struct ctx *c, struct issuing *x, struct service_call *call)
{
    struct insurance_card card = {.dossier = x->q->dossier_code};
    enum err e = entitled(c, x);
    if (!e)
        e = find_place(c, x);
    if (!e)
        e = draw_number(c, x);
    if (e)
        return e;
    void *data = record_of(c, x);
    card.unit = x->office;
    e = registry_add(c, x->r, data, local_day_start_us(day_from_iso(x->q->birth_date)),
                     text_key(TX(insurance_reason_new)), &card.record);
    if (!e)
        e = insurance_store_add(c, call->client, &card);
    return e ? e : answer_with(c, x, data, call);
}

enum err insurance_issue(struct ctx *c, struct service_call *call)
{
    struct insurance_request q = {0};
    const char *record;
    bool found;
    enum err e = shape_from_json(c, &insurance_request_shape, call->body, &q);
    if (!e)
        e = insurance_store_of(c, call->client, q.dossier_code, &found, &record);
    if (e)
        return e;
    const struct registry *r = registry_find(c, INSURANCE);
    struct issuing x = {.r = r, .s = registry_shape(r), .q = &q};
    return found ? given(c, &x, record, call) : issue(c, &x, call);
}
