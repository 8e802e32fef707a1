/* SPDX-License-Identifier: Apache-2.0 */
/* What each act sets in motion, by the names of the process definition ("effects"). All in the
   transaction of the act; what leaves the node leaves through the outbox. */
#include "base/text.h"
#include "core/country.h"
#include "core/jobs.h"
#include "engine/exchange/exchange.h"
#include "engine/measure/measure.h"
#include "systems/civilstatus/civilstatus.h"
#include "systems/onestop/onestop_form.h"

typedef enum err (*effect_fn)(struct ctx *c, const struct onestop_act *a);

/* ---- papers ---- */

static enum err owe(struct ctx *c, const struct onestop_act *a, const char *kind)
{
    bool fresh;
    enum err e = onestop_store_owe(c, a->k->code, kind, a->reason, &fresh);
    if (!e && fresh && onestop_form_numbered(kind))
        e = onestop_store_number(c, a->k->code, kind, a->k->unit);
    if (!e)
        job_wake("onestop.papers");
    return e;
}

/* It travels with a dossier that was accepted. Drawn anew whenever an official asks, under the
   number it got here: nothing is owed. */
static enum err open_control_sheet(struct ctx *c, const struct onestop_act *a)
{
    enum err e = owe(c, a, ONESTOP_CONTROL_SHEET);
    return e ? e : onestop_store_made(c, a->k->code, ONESTOP_CONTROL_SHEET);
}

static enum err owe_form_01(struct ctx *c, const struct onestop_act *a)
{
    enum err e = owe(c, a, "form_01");
    return e ? e : open_control_sheet(c, a);
}

static enum err owe_form_02(struct ctx *c, const struct onestop_act *a)
{
    return owe(c, a, "form_02");
}

static enum err owe_form_03(struct ctx *c, const struct onestop_act *a)
{
    return owe(c, a, "form_03");
}

static enum err owe_form_04(struct ctx *c, const struct onestop_act *a)
{
    return owe(c, a, "form_04");
}

static enum err owe_certificate(struct ctx *c, const struct onestop_act *a)
{
    return owe(c, a, "birth_certificate");
}

/* The issuer's own paper is kept; where none came, none is made up. */
static enum err owe_card(struct ctx *c, const struct onestop_act *a)
{
    const char *pdf;
    enum err e = casework_fact(c, a->k->code, CARD_PDF, &pdf);
    return e || text_empty(pdf) ? e : owe(c, a, "health_card");
}

/* ---- books and registers ---- */

static enum err enter_book(struct ctx *c, const struct onestop_act *a)
{
    return onestop_store_book(c, a->k);
}

static enum err register_birth(struct ctx *c, const struct onestop_act *a)
{
    struct civilstatus_entry entry;
    const char *title = country_role_name(c->node->country, c->actor->role, LANG_VI);
    enum err e =
        civilstatus_register_birth(c, a->procedure, a->k, c->actor->name, title, "", &entry);
    if (!e)
        e = casework_fact_set(c, a->k->code, "entry_number",
                              arena_printf(c->arena, "%lld", (long long)entry.number));
    return e ? e : casework_fact_set(c, a->k->code, "entry_book", entry.book);
}

static enum err set_pin(struct ctx *c, const struct onestop_act *a)
{
    const char *pin;
    enum err e = casework_fact(c, a->k->code, "pin", &pin);
    return e ? e : civilstatus_set_pin(c, a->k->code, pin);
}

static enum err void_birth(struct ctx *c, const struct onestop_act *a)
{
    return civilstatus_void(c, a->k->code, a->reason);
}

/* ---- messages ---- */

static enum err ask_pin(struct ctx *c, const struct onestop_act *a)
{
    const char *number_text, *book, *id;
    int64_t number = 0;
    enum err e = casework_fact(c, a->k->code, "entry_number", &number_text);
    if (!e)
        e = casework_fact(c, a->k->code, "entry_book", &book);
    if (e)
        return e;
    if (!text_to_int(number_text, &number))
        number = 0;
    return exchange_send(c, POPULATION, "population.assign", a->k->code,
                         onestop_assign_body(c, a->procedure, a->k, number, book), &id);
}

static enum err ask_card(struct ctx *c, const struct onestop_act *a)
{
    const char *pin, *id;
    enum err e = casework_fact(c, a->k->code, "pin", &pin);
    if (e)
        return e;
    /* an order of its own: an insurance node that is down holds up nothing else of the case */
    return exchange_send(c, INSURANCE, "insurance.issue",
                         arena_printf(c->arena, "%s/card", a->k->code),
                         onestop_issue_body(c, a->procedure, a->k, pin), &id);
}

static enum err tell_portal(struct ctx *c, const struct onestop_act *a)
{
    const char *id;
    return exchange_send(c, NATIONAL_PORTAL, "portal.status",
                         arena_printf(c->arena, "%s/status", a->k->code), onestop_status_body(c, a),
                         &id);
}

/* ---- counting ---- */

static enum err count_returned(struct ctx *c, const struct onestop_act *a)
{
    const struct casework_case *k = a->k;
    bool online = text_eq(k->channel, "online") && text_eq(a->action->role, "citizen");
    enum err e = onestop_store_book_returned(c, k->code);
    return e ? e : measure_add(c, "T04", k->unit, c->now_us, online ? 1 : 0, 1, k->code);
}

static enum err nothing_more(struct ctx *c, const struct onestop_act *a)
{
    (void)c, (void)a;
    return OK;
}

static const struct {
    const char *name;
    effect_fn run;
} effects[] = {
    {"document.form_01", owe_form_01},
    {"document.form_02", owe_form_02},
    {"document.form_03", owe_form_03},
    {"document.form_04", owe_form_04},
    {"document.birth_certificate_draft", nothing_more}, /* drawn from the form whenever looked at */
    {"document.birth_certificate", owe_certificate},
    {"document.health_card", owe_card},
    {"onestop.book.add", enter_book},
    {"notify.requester", nothing_more}, /* every act tells the portal, see below */
    {"deadline.resume", nothing_more},  /* casework's clock follows the state */
    {"deadline.extend", nothing_more},
    {"register.civil_status_birth", register_birth},
    {"register.civil_status_birth.pin", set_pin},
    {"register.civil_status_birth.void", void_birth},
    {"exchange.population.assign_pin", ask_pin},
    {"exchange.insurance.issue_card", ask_card},
    {"measure.result_returned", count_returned},
};

static enum err run_effect(struct ctx *c, const char *name, const struct onestop_act *a)
{
    for (size_t i = 0; i < ARRAY_LEN(effects); i++)
        if (text_eq(effects[i].name, name))
            return effects[i].run(c, a);
    return fail(c, ERR_DEFINITION, a->procedure->file, "effects", name);
}

/* T03 is told by the year: a service offered counts once in each, and once more when it is used. */
static enum err count_service(struct ctx *c, const char *what, const char *procedure, int64_t part,
                              int64_t whole)
{
    int year = civil_from_us(c->now_us, LOCAL_OFFSET_US).year;
    return measure_add(
        c, "T03", c->node->agency, c->now_us, part, whole,
        arena_printf(c->arena, "%s/%d/%s/%s", what, year, c->node->agency, procedure));
}

enum err onestop_count_offered(struct ctx *c, void *arg)
{
    size_t n;
    const struct procedure *const *all = procedure_all(c, &n);
    enum err e = OK;
    (void)arg;
    for (size_t i = 0; i < n && !e; i++)
        e = count_service(c, "offered", all[i]->code, 0, 1);
    return e;
}

static enum err filed(struct ctx *c, const struct onestop_act *a)
{
    enum err e = owe(c, a, "receipt");
    return e ? e : count_service(c, "used", a->k->procedure, 1, 0);
}

enum err onestop_listen(struct ctx *c, const struct procedure *p, const struct casework_case *k,
                        const struct process_action *action, const char *reason)
{
    struct onestop_act a = {p, k, action, reason};
    const char *purpose = c->purpose, *matter = c->matter;
    c->purpose = PURPOSE_BIRTH;
    c->matter = k->code;
    enum err e = action ? OK : filed(c, &a);
    for (const char *const *f = action ? action->effects : NULL; f && *f && !e; f++)
        e = run_effect(c, *f, &a);
    if (!e)
        e = tell_portal(c, &a);
    c->purpose = purpose;
    c->matter = matter;
    return e;
}
