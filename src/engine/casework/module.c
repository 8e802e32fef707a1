/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "base/time.h"
#include "engine/casework/casework_private.h"
#include "gen/assets.h"

#define PROCEDURES_DIR "vn/procedures/"
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

static enum err load(struct ctx *c, const struct country_file *f)
{
    json_t *doc;
    struct procedure *p = NULL;
    if (n_procedures == MAX_PROCEDURES)
        return fail(c, ERR_DEFINITION, f->path, "512");
    enum err e = json_in(c, f->path, (struct bytes){f->raw, f->len}, &doc);
    if (!e)
        e = casework_procedure_load(c, c->arena, f->path, doc, &p);
    if (!e)
        procedures[n_procedures++] = p;
    return e;
}

static enum err start(struct ctx *c)
{
    for (const struct country_file *f = country_files; f->path; f++) {
        enum err e = text_starts(f->path, PROCEDURES_DIR) ? load(c, f) : OK;
        if (e)
            return e;
    }
    return OK;
}

static void stop(void)
{
    for (size_t i = 0; i < n_procedures; i++)
        json_end((json_t *)(uintptr_t)procedures[i]->doc);
    n_procedures = 0;
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

static enum err expire_one(struct ctx *c, const char *code)
{
    struct casework_case k;
    c->matter = code;
    enum err e = casework_get(c, code, &k);
    const struct procedure *p = e ? NULL : procedure_find(c, k.procedure);
    const struct process_action *x = p ? expiry_of(p, k.state) : NULL;
    return x ? casework_act_system(c, code, x->name, x->label[LANG_VI], &k) : e;
}

static enum err expire_all(struct ctx *c, void *arg)
{
    const char *codes[100];
    size_t n;
    (void)arg;
    enum err e = casework_store_expired(c, codes, &n);
    for (size_t i = 0; i < n && !e; i++)
        e = expire_one(c, codes[i]);
    return e;
}

static enum err expire(struct ctx *c)
{
    c->purpose = "case_handling";
    return db_write(c, c->node->db, expire_all, NULL);
}

static const struct job jobs[] = {
    {.name = "casework.expire", .every_us = MINUTE_US, .run = expire},
};
static const struct permission permissions[] = {{"casework.read", TX(casework_permission_read)}};

const struct module casework_module = {.name = "casework",
                                       TABLE(permissions, permissions),
                                       TABLE(jobs, jobs),
                                       .start = start,
                                       .stop = stop};
