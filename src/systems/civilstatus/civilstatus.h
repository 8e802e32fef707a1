/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The electronic civil-status register (S27): births entered with number, year, book and page.
 * Law: Luật Hộ tịch 2014, NĐ 123/2015/NĐ-CP, TT 04/2020/TT-BTP, NĐ 87/2020/NĐ-CP.
 */
#ifndef DINH_SYSTEMS_CIVILSTATUS_H
#define DINH_SYSTEMS_CIVILSTATUS_H

#include "core/module.h"

struct paper;
struct procedure;
struct casework_case;

extern const struct module civilstatus_module;

struct civilstatus_entry {
    int64_t number, year, page; /* of the commune's book of that year */
    const char *book;           /* "01/2020" */
    const char *record;         /* registry record id */
};
/* Enters the birth of a case's form in the book of its unit. A child already entered:
   ERR_REGISTERED. Write transaction. */
MUST_CHECK enum err civilstatus_register_birth(struct ctx *c, const struct procedure *p,
                                               const struct casework_case *k, const char *signer,
                                               const char *signer_title, const char *performer,
                                               struct civilstatus_entry *ret);
/* The personal number into the dossier's entry: a new version. */
MUST_CHECK enum err civilstatus_set_pin(struct ctx *c, const char *dossier_code, const char *pin);
/* Revokes the dossier's entry, if it has one; the entry stays readable as revoked. */
MUST_CHECK enum err civilstatus_void(struct ctx *c, const char *dossier_code, const char *reason);
/* Is the child in this register? Nothing leaves, no line is written. */
MUST_CHECK enum err civilstatus_exists(struct ctx *c, const char *child_name,
                                       const char *birth_date, const char *mother_pin,
                                       bool *ret_exists);
/* The birth certificate of the dossier's entry, drawn and not yet finished (core/paper.h). Read
   snapshot. ERR_NOT_FOUND without an entry. */
MUST_CHECK enum err civilstatus_certificate(struct ctx *c, const char *dossier_code,
                                            struct paper **ret_paper);

#endif
