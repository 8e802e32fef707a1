/* SPDX-License-Identifier: Apache-2.0 */
/* What officials and the system do with a filed dossier, beside the person whose it is. */
#ifndef DINH_SYSTEMS_PORTAL_TEST_ACTING_H
#define DINH_SYSTEMS_PORTAL_TEST_ACTING_H

#include "systems/portal/test/portal_world.h"

struct acting {
    const char *code, *action, *reason;
    struct casework_case k;
};

static enum err do_act(struct ctx *c, void *arg)
{
    struct acting *x = arg;
    enum err e = casework_get(c, x->code, &x->k);
    return e ? e : casework_act(c, x->code, x->action, x->k.version, x->reason, NULL, &x->k);
}
static enum err do_system(struct ctx *c, void *arg)
{
    struct acting *x = arg;
    enum err e = casework_fact_set(c, x->code, "pin", "046320900009");
    return e ? e : casework_act_system(c, x->code, x->action, x->reason, &x->k);
}
static enum err do_expire(struct ctx *c, void *arg)
{
    struct acting *x = arg;
    return casework_act_system(c, x->code, x->action, x->reason, &x->k);
}
static enum err get_case(struct ctx *c, void *arg)
{
    struct acting *x = arg;
    return casework_get(c, x->code, &x->k);
}

static UNUSED void official(struct portal_world *p, const char *role, const char *code,
                            const char *action, const char *reason)
{
    struct acting x = {.code = code, .action = action, .reason = reason};
    as_official(p->w, role, "H57.31.08", "Phan Thị Thu Hà");
    with_purpose(p->w, "case_handling", code);
    good(p->w->c, do_write(p->w, do_act, &x));
}

static UNUSED void by_itself(struct portal_world *p, const char *code, const char *action)
{
    struct acting x = {.code = code, .action = action, .reason = ""};
    as_system(p->w, "onestop");
    with_purpose(p->w, "case_handling", code);
    good(p->w->c, do_write(p->w, do_system, &x));
}

static UNUSED void by_itself_for(struct portal_world *p, const char *code, const char *action,
                                 const char *reason)
{
    struct acting x = {.code = code, .action = action, .reason = reason};
    as_system(p->w, "onestop");
    with_purpose(p->w, "case_handling", code);
    good(p->w->c, do_write(p->w, do_expire, &x));
}

static UNUSED struct casework_case look(struct portal_world *p, const char *code)
{
    struct acting x = {.code = code};
    as_system(p->w, "onestop");
    with_purpose(p->w, "case_handling", code);
    good(p->w->c, do_read(p->w, get_case, &x));
    return x.k;
}

static UNUSED const char *dossier_path(struct portal_world *p, const char *code, const char *rest)
{
    return arena_printf(p->w->c->arena, "/ho-so/%s%s", code, rest);
}

static UNUSED const char *form_text(struct portal_world *p, const char *code, const char *field)
{
    struct casework_case k = look(p, code);
    return shape_text(procedure_find(p->w->c, BIRTH)->form, k.form, field);
}

/* From reception to the result. */
static UNUSED void to_the_end(struct portal_world *p, const char *code)
{
    official(p, "commune_clerk", code, "accept", "");
    official(p, "civil_status_officer", code, "start_review", "");
    official(p, "civil_status_officer", code, "propose", "");
    official(p, "commune_chairman", code, "sign", "");
    by_itself(p, code, "pin_assigned");
    by_itself(p, code, "card_issued");
}

#endif
