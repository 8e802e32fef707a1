/* SPDX-License-Identifier: Apache-2.0 */
/* What a country is made of; only the country*.c files include this. */
#ifndef DINH_CORE_COUNTRY_INSIDE_H
#define DINH_CORE_COUNTRY_INSIDE_H

#include "core/country.h"
#include "core/pack.h"

struct catalogue {
    const char *name;
    struct code_row *rows;             /* in the order of the file */
    const struct code_row **by_code;   /* sorted */
    const struct code_row **by_parent; /* sorted, within a parent in the order of the file */
    size_t n;
};
#define ROLE_LIMITS 4
struct country_role {
    const char *code, *name[2];
    const char *const *permissions; /* sorted, NULL-terminated */
    enum reach reach;
    int64_t limits[ROLE_LIMITS]; /* by country_limit_names; 0: none of its own */
    bool factor;                 /* needs a second factor */
    int64_t proof_minutes;       /* 0: none of its own */
};
extern const char *const country_limit_names[ROLE_LIMITS];
struct country {
    const char *dir;              /* NULL: built in */
    struct catalogue *catalogues; /* sorted by name */
    size_t n_catalogues;
    struct agency *agencies;           /* sorted by code */
    const struct agency **by_old_code; /* sorted */
    size_t n_agencies;
    struct country_role *roles; /* sorted by code */
    size_t n_roles;
    struct retention_rule *retention; /* in the order of the file */
    size_t n_retention;
};
#define ADMIN_UNITS "admin_units"
#define AGENCIES    "agencies"

struct country_reading {
    struct ctx *c;
    struct arena *arena;
    struct country *country;
    struct pack_file *file; /* open now */
};
enum err country_read_units(struct country_reading *r, struct catalogue *ret);
/* The text of the units' table into ret; a fault names its line. */
UNTRUSTED enum err country_parse_units(struct country_reading *r, struct bytes raw,
                                       struct catalogue *ret);
enum err country_read_catalogue(struct country_reading *r, const char *file, struct catalogue *ret);
enum err country_read_agencies(struct country_reading *r); /* from the open file */
enum err country_read_roles(struct country_reading *r);
enum err country_read_retention(struct country_reading *r);
/* Builds the sorted arrays; a code that occurs twice is given back, else NULL. */
const char *country_index(struct arena *a, struct catalogue *ret);
const struct catalogue *country_catalogue(const struct country *k, const char *name);

#endif
