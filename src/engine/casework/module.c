/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "core/country.h"
#include "core/subject.h"
#include "engine/casework/casework_private.h"

#define PROCEDURES_DIR "procedures"
#define MAX_PROCEDURES 512

static const struct procedure *procedures[MAX_PROCEDURES];
static size_t n_procedures;

const struct procedure *const *procedure_all(const struct ctx *c, size_t *ret_n)
{
    (void)c;
    *ret_n = n_procedures;
    return procedures;
}

const struct procedure *procedure_find(const struct ctx *c, const char *code)
{
    (void)c;
    for (size_t i = 0; i < n_procedures; i++)
        if (text_eq(procedures[i]->code, code))
            return procedures[i];
    return NULL;
}

static enum err define(struct ctx *c, struct pack_file *f)
{
    struct procedure *p;
    if (n_procedures == MAX_PROCEDURES)
        return pack_fault(c, f, "code", "more than 512 procedures");
    enum err e = casework_procedure_load(c, c->arena, f, &p);
    if (e)
        return e;
    if (procedure_find(c, p->code))
        return pack_fault(c, f, "code", "a procedure of this code exists");
    procedures[n_procedures++] = p;
    f->root = NULL; /* the procedure keeps the document: stop() */
    return OK;
}

static void stop(void)
{
    for (size_t i = 0; i < n_procedures; i++)
        json_end((json_t *)(uintptr_t)procedures[i]->doc);
    n_procedures = 0;
}

static enum err start(struct ctx *c)
{
    stop();
    matter_found_by(casework_store_matter);
    subject_on_end(SUBJECT_CASE, casework_dispose);
    casework_reseal_own();
    return pack_each(c, country_dir(c->node->country), PROCEDURES_DIR, define);
}

/* The system action that ends a wait in this state, NULL when there is none. */
static const struct process_action *expiry_of(const struct procedure *p, const char *state)
{
    for (size_t i = 0; i < p->process->n_actions; i++) {
        const struct process_action *x = &p->process->actions[i];
        bool here = false;
        for (const char *const *f = x->from; *f; f++)
            here = here || text_eq(*f, state);
        if (here && text_eq(x->role, "system") && text_starts(x->name, "expire"))
            return x;
    }
    return NULL;
}

static enum err expire_one(struct ctx *c, void *code)
{
    struct casework_case k;
    c->matter = code;
    enum err e = casework_get(c, code, &k);
    const struct procedure *p = e ? NULL : procedure_find(c, k.procedure);
    const struct process_action *x = p ? expiry_of(p, k.state) : NULL;
    return x ? casework_act_system(c, code, x->name, x->label[LANG_VI], &k) : e;
}

/* One case that can't be ended doesn't hold up the others. */
static enum err expire_all(struct ctx *c, void *arg)
{
    const char *codes[CASEWORK_EXPIRED_MAX];
    size_t n;
    (void)arg;
    enum err e = casework_store_expired(c, codes, &n);
    for (size_t i = 0; i < n && !e; i++) {
        enum err one = db_part(c, expire_one, (void *)(uintptr_t)codes[i]);
        if (one)
            log_error("casework", "%s can't expire: %s", codes[i], err_row(one)->name);
    }
    c->matter = NULL;
    return e;
}

static enum err expire(struct ctx *c)
{
    c->purpose = "case_handling";
    return db_write(c, c->node->db, expire_all, NULL);
}

static const struct job jobs[] = {
    {.name = "casework.expire", .every_us = MINUTE_US, .run = expire},
    {.name = "casework.reseal", .every_us = MINUTE_US, .run = casework_reseal_all},
};
static const struct permission permissions[] = {{"casework.read", TX(casework_permission_read)}};

const struct module casework_module = {.name = "casework",
                                       TABLE(permissions, permissions),
                                       TABLE(jobs, jobs),
                                       .start = start,
                                       .stop = stop};
