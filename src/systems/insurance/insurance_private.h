/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of this folder only. Other modules reach this one by its service. */
#ifndef DINH_SYSTEMS_INSURANCE_PRIVATE_H
#define DINH_SYSTEMS_INSURANCE_PRIVATE_H

#include "core/matter.h"
#include "engine/registry/registry.h"
#include "systems/insurance/insurance.h"

#define INSURANCE         "insurance" /* the register */
#define INSURANCE_HOME    "G24"       /* Bảo hiểm xã hội Việt Nam answers for it */
#define INSURANCE_READ    "registry.insurance.read"
#define INSURANCE_PURPOSE "health_card"

struct insurance_request { /* what a one-stop shop tells of the child (TK1-TS) */
    const char *dossier_code, *pin, *full_name, *sex, *birth_date, *birth_registration_unit;
    const char *address, *clinic, *guardian_pin, *guardian_name;
};
extern const struct shape insurance_request_shape;
MUST_CHECK enum err insurance_issue(struct ctx *c, struct service_call *call);

/* How long a child's card is good: of the country pack, catalogues/insurance_objects.json. */
struct insurance_term {
    const char *object, *benefit_level; /* "TE", "1" */
    int months;                         /* of age: 72 */
    int not_before;                     /* month * 100 + day, 930: good at least until that day */
};
MUST_CHECK enum err insurance_load_term(struct ctx *c);
const struct insurance_term *insurance_term(void);
/* ISO date of the last day: the end of the month in which that age is reached, but not before
   that day of the year. "" when born is no date. */
const char *insurance_valid_to(struct arena *a, const char *born);

/* The card of a record as a paper, signed by this node (insurance_card.c). Some 20 ms. */
MUST_CHECK enum err insurance_card_pdf(struct ctx *c, const struct shape *s, const void *data,
                                       struct bytes *ret_pdf);

/* ---- insurance_store.c ---- */
struct insurance_card {
    const char *dossier, *record, *unit;
    int64_t at_us;
};
MUST_CHECK enum err insurance_store_of(struct ctx *c, const char *client, const char *dossier,
                                       bool *ret_found, const char **ret_record);
MUST_CHECK enum err insurance_store_add(struct ctx *c, const char *client,
                                        const struct insurance_card *k);
/* Of one day, newest first, records below `before`; units within [from, until). */
MUST_CHECK enum err insurance_store_list(struct ctx *c, const char *from, const char *until,
                                         int64_t day, const char *before,
                                         struct insurance_card *ret, size_t max, size_t *ret_n);

/* ---- insurance_pages.c ---- */
enum err insurance_desk_prepare(struct ctx *c, struct req *r);
enum err insurance_search_page(struct ctx *c, struct req *r);
enum err insurance_search_again(struct ctx *c, struct req *r);
enum err insurance_record_page(struct ctx *c, struct req *r);
enum err insurance_day_page(struct ctx *c, struct req *r);

/* For core/matter.h: the office, and whether the dossier's card was issued in the last
   insurance.case_days days: until then it may have to be put right. */
MUST_CHECK enum err insurance_store_matter(struct ctx *c, const char *dossier, bool *ret_found,
                                           struct matter_case *ret);

#endif
