/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of this folder only. Other modules reach this one by its services. */
#ifndef DINH_SYSTEMS_POPULATION_PRIVATE_H
#define DINH_SYSTEMS_POPULATION_PRIVATE_H

#include "engine/registry/registry.h"
#include "systems/population/population.h"

#define POPULATION      "population" /* the register */
#define POPULATION_HOME "G01"        /* Bộ Công an answers for it */
#define POPULATION_READ "registry.population.read"

/* ---- the service population.person ---- */
struct population_question {
    const char *pin;
};
extern const struct shape population_question_shape;
MUST_CHECK enum err population_person(struct ctx *c, struct service_call *call);

/* ---- the service population.assign ---- */
struct population_birth { /* what a civil-status register tells of a child it entered */
    const char *dossier_code, *full_name, *sex, *birth_date, *ethnic_group, *nationality,
        *home_town;
    const char *mother_pin, *mother_name, *father_pin, *father_name, *birth_registration_unit;
    int64_t entry_number;
    const char *entry_book;
};
extern const struct shape population_birth_shape;
MUST_CHECK enum err population_assign(struct ctx *c, struct service_call *call);
/* A number nobody ever had: PPP G YY NNNNNN. ERR_BAD_CODE names birth_registration_unit,
   ERR_SEX_UNDETERMINED; ERR_NUMBERS_FULL when 64 draws were all taken. */
MUST_CHECK enum err population_number(struct ctx *c, const char *unit, const char *sex,
                                      const char *birth_date, const char **ret_pin);
/* Province of an administrative unit, itself included; NULL when unknown. */
const struct code_row *population_province(const struct ctx *c, const char *unit);

/* ---- population_store.c ---- */
MUST_CHECK enum err population_store_assignment(struct ctx *c, const char *client,
                                                const char *dossier, bool *ret_found,
                                                const char **ret_record);
MUST_CHECK enum err population_store_assign(struct ctx *c, const char *client, const char *dossier,
                                            const char *pin, const char *record);
MUST_CHECK enum err population_store_given(struct ctx *c, const char *pin, bool *ret_given);

/* ---- population_pages.c ---- */
enum err population_desk_prepare(struct ctx *c, struct req *r);
enum err population_search_page(struct ctx *c, struct req *r);
enum err population_search_again(struct ctx *c, struct req *r);
enum err population_record_page(struct ctx *c, struct req *r);

#endif
