/* SPDX-License-Identifier: Apache-2.0 */
/* The country pack, read once at start: catalogues, agencies, roles, administrative units (11,000).
   Lookups are a binary search; results live as long as the arena the country was loaded into. */
#ifndef DINH_CORE_COUNTRY_H
#define DINH_CORE_COUNTRY_H

#include "base/ctx.h"

struct country;
struct code_row { /* one row of a catalogue */
    const char *code, *name[2], *parent;
    const char *from, *until; /* ISO dates, "" = open */
};
struct agency {
    const char *code, *old_code, *name[2], *parent; /* "H57.31.01", "000.01.31.H57", ... */
    const char *admin_unit; /* commune, district or province code, "" when none */
};
/* dir: a pack's folder; NULL: the pack built into the program. A fault in it: ERR_DEFINITION with
   file, line and reason. */
MUST_CHECK enum err country_load(struct ctx *c, struct arena *a, const char *dir,
                                 const struct country **ret_country);
/* Every file of the pack against its schema (country/schema) and the others: names, references,
   values that may occur once, dates. Faults as above, all those of the first file that has any.
   What only an engine knows (a process, a register) is checked where it is read. */
MUST_CHECK enum err country_check(struct ctx *c, const struct country *k);
struct pack_file;
MUST_CHECK enum err country_check_file(struct ctx *c, const struct country *k,
                                       const struct pack_file *f);
const struct code_row *country_code(const struct country *k, const char *catalogue,
                                    const char *code); /* NULL when absent */
/* All rows in the order of the file; catalogues are named as their files: "sex", "agencies",
   "admin_units" ... */
const struct code_row *country_codes(const struct country *k, const char *catalogue, size_t *ret_n);
const struct agency *country_agency(const struct country *k,
                                    const char *code); /* old or new form */
const char *country_agency_name(const struct country *k, const char *code,
                                enum lang lang); /* the code itself when absent */
const struct agency *country_agencies(const struct country *k, size_t *ret_n);
/* "Phường Thuận Thành, Thành phố Huế, Tỉnh Thừa Thiên Huế" */
const char *country_place(struct arena *a, const struct country *k, const char *admin_code);
/* Children of an administrative unit ("" = provinces), in catalogue order. */
const struct code_row *const *country_children(const struct country *k, const char *admin_code,
                                               size_t *ret_n);
/* Permissions of a role, sorted, NULL-terminated; NULL for an unknown role. */
const char *const *country_role(const struct country *k, const char *role);
const char *country_role_at(const struct country *k, size_t i); /* NULL after the last */
/* "self", "unit", "unit_and_below", "node"; REACH_SELF for an unknown role. */
enum reach country_role_reach(const struct country *k, const char *role);
/* What a role may read at most ("hour", "day", "places", "searches": core/reading.h); 0: as the
   node's settings say. */
int64_t country_role_limit(const struct country *k, const char *role, const char *kind);
bool country_role_factor(const struct country *k, const char *role); /* needs a second factor */
/* For so many minutes a proof of who one is holds for grave acts; 0: as the engine says. */
int64_t country_role_proof(const struct country *k, const char *role);
const char *country_role_name(const struct country *k, const char *role, enum lang lang);
const char *country_dir(const struct country *k); /* NULL: built in; see core/pack.h */
const char *country_name(const struct country *k, const char *catalogue, const char *code,
                         enum lang lang); /* the row's name; the code itself when absent */

#endif
