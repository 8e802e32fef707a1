/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ctx.h"

#include <string.h>

#include "base/text.h"

const struct actor actor_nobody = {.kind = ACTOR_NOBODY,
                                   .account = "",
                                   .person = "",
                                   .name = "",
                                   .unit = "",
                                   .unit_name = "",
                                   .role = ""};

bool actor_can(const struct actor *a, const char *permission)
{
    if (!a || !a->permissions)
        return false;
    for (const char *const *p = a->permissions; *p; p++) {
        int order = strcmp(*p, permission);
        if (order == 0)
            return true;
        if (order > 0)
            return false;
    }
    return false;
}

/* The words are copied: a caller may have them on its stack. */
static const char *keep(struct ctx *c, const char *word)
{
    return c->arena ? arena_text(c->arena, word) : word;
}

enum err ctx_fail(struct ctx *c, enum err e, const char *const *field_and_args)
{
    if (c->n_faults >= CTX_MAX_FAULTS)
        return e;
    struct fault *f = &c->faults[c->n_faults++];
    *f = (struct fault){.err = e, .field = ""};
    if (!field_and_args[0])
        return e;
    f->field = keep(c, field_and_args[0]);
    for (size_t i = 0; i < ARRAY_LEN(f->args) && field_and_args[i + 1]; i++) {
        f->args[i] = keep(c, field_and_args[i + 1]);
    }
    return e;
}

const struct fault *ctx_fault_of(const struct ctx *c, const char *field)
{
    for (size_t i = 0; i < c->n_faults; i++)
        if (text_eq(c->faults[i].field, field))
            return &c->faults[i];
    return NULL;
}

void ctx_clear_faults(struct ctx *c)
{
    c->n_faults = 0;
}
