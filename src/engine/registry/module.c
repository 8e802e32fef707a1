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

static enum err define(struct ctx *c, const struct pack_file *f)
{
    struct registry *r;
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

static enum err load(struct ctx *c, const char *name)
{
    struct pack_file f;
    enum err e = pack_open(c, country_dir(c->node->country), name, &f);
    if (e)
        return e;
    const char *owner = json_text_of(f.root, "owner", "");
    if (text_empty(owner) || node_carries(c->node, owner))
        e = define(c, &f); /* without an owner it is refused there */
    pack_close(&f);
    return e;
}

static enum err start(struct ctx *c)
{
    const char **names;
    size_t n;
    n_registers = 0;
    enum err e = pack_list(c, country_dir(c->node->country), REGISTERS_DIR, &names, &n);
    for (size_t i = 0; i < n && !e; i++)
        e = load(c, arena_printf(c->arena, REGISTERS_DIR "/%s", names[i]));
    return e;
}

static void stop(void)
{
    n_registers = 0;
}

const struct module registry_module = {.name = "registry", .start = start, .stop = stop};
