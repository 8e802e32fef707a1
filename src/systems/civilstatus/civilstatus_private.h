/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of this folder only. */
#ifndef DINH_SYSTEMS_CIVILSTATUS_PRIVATE_H
#define DINH_SYSTEMS_CIVILSTATUS_PRIVATE_H

#include "engine/registry/registry.h"
#include "systems/civilstatus/civilstatus.h"

#define BIRTH_REGISTER "civil_status_birth"
#define BIRTH_PURPOSE  "birth_registration"
#define BIRTH_READ     "registry.civil_status_birth.read"

/* How entries are numbered: registers/civil_status_birth.json, "numbering". */
MUST_CHECK enum err civilstatus_load_numbering(struct ctx *c);

/* ---- civilstatus_store.c ---- */
MUST_CHECK enum err civilstatus_store_add(struct ctx *c, const struct civilstatus_entry *x);
MUST_CHECK enum err civilstatus_store_of(struct ctx *c, const char *dossier, bool *ret_found,
                                         struct civilstatus_entry *ret);
MUST_CHECK enum err civilstatus_store_at(struct ctx *c, const char *unit, int64_t year,
                                         int64_t number, bool *ret_found,
                                         struct civilstatus_entry *ret);
MUST_CHECK enum err civilstatus_store_revoke(struct ctx *c, const char *record);
/* Newest first, numbers below `before`. */
MUST_CHECK enum err civilstatus_store_list(struct ctx *c, const char *unit, int64_t year,
                                           int64_t before, struct civilstatus_entry *ret,
                                           size_t max, size_t *ret_n);

/* ---- civilstatus_paper.c ---- */
const char *civilstatus_code(struct ctx *c, const struct civilstatus_entry *x,
                             const struct shape *s, const void *data);

/* ---- civilstatus_pages.c ---- */
enum err civilstatus_book(struct ctx *c, struct req *r);
enum err civilstatus_book_print(struct ctx *c, struct req *r);
enum err civilstatus_page(struct ctx *c, struct req *r);

#endif
