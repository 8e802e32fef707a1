/* SPDX-License-Identifier: Apache-2.0 */
/* What the check of a pack is made of; only pack_*.c and country_check*.c include this. */
#ifndef DINH_CORE_PACK_INSIDE_H
#define DINH_CORE_PACK_INSIDE_H

#include "core/country.h"
#include "core/pack.h"

/* Faults of the document against country/schema/SCHEMA.schema.json, told with their lines (the
   first 20); how many there are. */
UNTRUSTED size_t pack_schema_faults(struct ctx *c, const struct pack_file *f, const char *schema);

/* Every value at a place such as "process.actions[*].from[*]", with its own place; null and absent
   ones are left out. */
typedef void (*pack_visit_fn)(void *arg, const char *place, const json_t *value);
void pack_visit(struct ctx *c, const json_t *root, const char *path, pack_visit_fn fn, void *arg);
/* The same without places ("" each). */
void pack_values(struct ctx *c, const json_t *root, const char *path, pack_visit_fn fn, void *arg);

struct country_check { /* one document held against the others */
    struct ctx *c;
    const struct country *k;
    const struct pack_file *f;
    size_t n; /* faults */
};
void country_check_bad(struct country_check *x, const char *place, const char *reason);
bool country_check_code(const struct country_check *x, const char *catalogue, const char *code);
/* Rules of one kind of file that no table says (country_check_rules.c, _fields.c). */
void country_check_record(struct country_check *x, const char *schema);
void country_check_rules(struct country_check *x, const char *schema);

#endif
