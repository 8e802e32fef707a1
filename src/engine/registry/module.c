/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "engine/registry/registry_private.h"
#include "gen/assets.h"

#define REGISTERS_DIR "vn/registers/"
#define MAX_REGISTERS 64

static const struct registry *registers[MAX_REGISTERS];
static size_t n_registers;

const struct registry *const *registry_all(size_t *ret_n)
{
    *ret_n = n_registers;
    return registers;
}

static enum err load(struct ctx *c, const struct country_file *f)
{
    json_t *doc;
    struct registry *r = NULL;
    enum err e = json_in(c, f->path, (struct bytes){f->raw, f->len}, &doc);
    if (e)
        return e;
    bool ours = node_carries(c->node, json_text_of(doc, "owner", ""));
    if (ours)
        e = registry_define(c, c->arena, f->path, doc, &r);
    if (ours && !e)
        e = registry_make_table(c, r);
    json_end(doc);
    if (e || !ours)
        return e;
    if (n_registers == MAX_REGISTERS)
        return fail(c, ERR_DEFINITION, f->path, "registers", "64");
    registers[n_registers++] = r;
    return OK;
}

static enum err start(struct ctx *c)
{
    n_registers = 0;
    for (const struct country_file *f = country_files; f->path; f++) {
        enum err e = text_starts(f->path, REGISTERS_DIR) ? load(c, f) : OK;
        if (e)
            return e;
    }
    return OK;
}

static void stop(void)
{
    n_registers = 0;
}

const struct module registry_module = {.name = "registry", .start = start, .stop = stop};
