/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "core/country.h"
#include "systems/onestop/onestop_private.h"

#define BODY_MAX (64 * 1024)

struct message { /* a flat JSON object being written */
    struct buf b;
    const struct shape *form;
    const void *data;
};

static void put(struct message *m, const char *name, const char *value)
{
    buf_char(&m->b, m->b.len > 1 ? ',' : ' ');
    buf_json(&m->b, name);
    buf_char(&m->b, ':');
    buf_json(&m->b, value ? value : "");
}

static void put_int(struct message *m, const char *name, int64_t value)
{
    buf_char(&m->b, m->b.len > 1 ? ',' : ' ');
    buf_json(&m->b, name);
    buf_printf(&m->b, ":%lld", (long long)value);
}

static void put_field(struct message *m, const char *name, const char *field)
{
    put(m, name, shape_field(m->form, field) ? shape_text(m->form, m->data, field) : "");
}

static struct message begin(struct ctx *c, const struct procedure *p, const struct casework_case *k)
{
    struct message m = {.b = buf_new(c->arena, BODY_MAX), .form = p->form, .data = k->form};
    buf_char(&m.b, '{');
    return m;
}

static struct bytes end(struct message *m)
{
    buf_char(&m->b, '}');
    ASSERT(!buf_full(&m->b));
    return buf_bytes(&m->b);
}

struct bytes onestop_assign_body(struct ctx *c, const struct procedure *p,
                                 const struct casework_case *k, int64_t entry_number,
                                 const char *entry_book)
{
    const struct agency *unit = country_agency(c->node->country, k->unit);
    struct message m = begin(c, p, k);
    put(&m, "dossier_code", k->code);
    put_field(&m, "full_name", "child_name");
    put_field(&m, "sex", "child_sex");
    put_field(&m, "birth_date", "child_birth_date");
    put_field(&m, "ethnic_group", "child_ethnic_group");
    put_field(&m, "nationality", "child_nationality");
    put_field(&m, "home_town", "child_home_town");
    put_field(&m, "mother_pin", "mother_pin");
    put_field(&m, "mother_name", "mother_name");
    put_field(&m, "father_pin", "father_pin");
    put_field(&m, "father_name", "father_name");
    put(&m, "birth_registration_unit", unit ? unit->admin_unit : "");
    put_int(&m, "entry_number", entry_number);
    put(&m, "entry_book", entry_book);
    return end(&m);
}

struct bytes onestop_issue_body(struct ctx *c, const struct procedure *p,
                                const struct casework_case *k, const char *pin)
{
    const struct agency *unit = country_agency(c->node->country, k->unit);
    struct message m = begin(c, p, k);
    put(&m, "dossier_code", k->code);
    put(&m, "pin", pin);
    put_field(&m, "full_name", "child_name");
    put_field(&m, "sex", "child_sex");
    put_field(&m, "birth_date", "child_birth_date");
    put(&m, "birth_registration_unit", unit ? unit->admin_unit : "");
    put_field(&m, "address", "card_address");
    put_field(&m, "clinic", "clinic");
    put_field(&m, "guardian_pin", "requester_pin");
    put_field(&m, "guardian_name", "requester_name");
    return end(&m);
}

/* What the national portal keeps of a dossier (TT 18/2019/TT-BTTTT: DongBoHoSoMC). */
struct bytes onestop_status_body(struct ctx *c, const struct onestop_act *a)
{
    const struct casework_case *k = a->k;
    const struct process_state *s = process_state_of(a->procedure->process, k->state);
    struct message m = begin(c, a->procedure, k);
    put(&m, "code", k->code);
    put(&m, "procedure", k->procedure);
    put(&m, "procedure_name", a->procedure->name[LANG_VI]);
    put(&m, "person", k->person);
    put(&m, "unit", k->unit);
    put(&m, "unit_name", country_agency_name(c->node->country, k->unit, LANG_VI));
    put(&m, "label", s ? s->label[LANG_VI] : k->state);
    put(&m, "label_en", s ? s->label[LANG_EN] : k->state);
    put(&m, "reason", a->reason);
    put(&m, "url", arena_printf(c->arena, "%s/ho-so/%s", c->node->url, k->code));
    put_int(&m, "status", k->national);
    put_int(&m, "version", k->version);
    put_int(&m, "filed_us", k->filed_us);
    put_int(&m, "due_us", k->due_us);
    put_int(&m, "at_us", c->now_us);
    return end(&m);
}
