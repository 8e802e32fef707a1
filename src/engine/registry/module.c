/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "core/country.h"
#include "core/reseal.h"
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
    reseal_name(r->token_use);
    return e;
}

/* Registers that other editions of the pack held have names too. */
static enum err keep_name(struct ctx *c, const struct db_row *r, void *arg)
{
    (void)arg;
    reseal_name(arena_printf(c->arena, REGISTRY_TOKEN_USE, row_text(r, 0)));
    return OK;
}

static enum err fields_count(struct ctx *c, struct bytes newest, int64_t *ret_n)
{
    enum err e = OK;
    (void)newest; /* of before records had keys: all are of the first */
    *ret_n = 0;
    for (size_t i = 0; i < n_registers && !e && !*ret_n; i++)
        e = registry_store_old_fields(c, registers[i], ret_n);
    return e;
}
static const struct reseal_column own[] = {RESEAL_COUNTED(fields, "registry")};

static enum err start(struct ctx *c)
{
    n_registers = 0;
    reseal_columns(own, ARRAY_LEN(own));
    enum err e = db_each(c, keep_name, NULL, "SELECT DISTINCT register FROM registry_column");
    return e ? e : pack_each(c, country_dir(c->node->country), REGISTERS_DIR, define);
}

static void stop(void)
{
    n_registers = 0;
}

const struct module registry_module = {.name = "registry", .start = start, .stop = stop};
