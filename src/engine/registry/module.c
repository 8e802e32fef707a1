/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "core/country.h"
#include "engine/registry/registry_private.h"

#define REGISTERS_DIR "registers"
#define MAX_REGISTERS 64

static const struct registry *registers[MAX_REGISTERS];
static size_t n_registers;

const struct registry *const *registry_all(size_t *ret_n)
{
    *ret_n = n_registers;
    return registers;
}

/* Registers of other nodes' agencies are left out; one without an owner is refused. */
static enum err define(struct ctx *c, struct pack_file *f)
{
    struct registry *r;
    const char *owner = json_text_of(f->root, "owner", "");
    if (!text_empty(owner) && !node_carries(c->node, owner))
        return OK;
    enum err e = registry_define(c, c->arena, f, &r);
    if (e)
        return e;
    if (registry_find(c, r->name))
        return pack_fault(c, f, "register", "a register of this name exists");
    if (n_registers == MAX_REGISTERS)
        return pack_fault(c, f, "register", "more than 64 registers");
    e = registry_make_table(c, r);
    if (!e)
        registers[n_registers++] = r;
    return e;
}

static enum err start(struct ctx *c)
{
    n_registers = 0;
    return pack_each(c, country_dir(c->node->country), REGISTERS_DIR, define);
}

static void stop(void)
{
    n_registers = 0;
}

const struct module registry_module = {.name = "registry", .start = start, .stop = stop};
