/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Civil status (hộ tịch): the birth book of each commune, kept in the register civil_status_birth.
 * An entry has a number per commune and year, a book and a page; it is never rewritten: a change is
 * a new version, a revocation keeps entry and number. Law: Luật Hộ tịch 2014 art. 13-16, NĐ
 * 123/2015/NĐ-CP, TT 04/2020/TT-BTP, NĐ 87/2020/NĐ-CP.
 */
#ifndef DINH_SYSTEMS_CIVILSTATUS_H
#define DINH_SYSTEMS_CIVILSTATUS_H

#include "engine/casework/casework.h"

extern const struct module civilstatus_module;

struct civilstatus_entry {
    const char *record;  /* id of the register's record */
    const char *unit;    /* commune that registered, "H57.31.08" */
    const char *dossier; /* code of the case, unique */
    int64_t number;      /* số: 1, 2, ... within unit and year, never used again */
    int64_t year, page;  /* năm, trang số */
    const char *book;    /* quyển số, "01/2020" */
    bool revoked;
};

/* Enters the case's child by its form (fields of the procedure and of the register that bear the
   same name). signer: who signs the certificate; performer may be "". A child entered already:
   ERR_REGISTERED; the same case again: ERR_BIRTH_ENTERED. Write transaction; c->purpose and matter
   are the caller's. */
MUST_CHECK enum err civilstatus_register_birth(struct ctx *c, const struct procedure *p,
                                               const struct casework_case *k,
                                               const char *signer_name, const char *signer_title,
                                               const char *performer,
                                               struct civilstatus_entry *ret_entry);
/* The personal number the population register gave: a new version. The same number again changes
   nothing; another one: ERR_BIRTH_PIN. No entry: ERR_NOT_FOUND. Write transaction. */
MUST_CHECK enum err civilstatus_set_pin(struct ctx *c, const char *dossier_code, const char *pin);
/* Revokes the entry of a case that ends without a result; a case without one: nothing to do. */
MUST_CHECK enum err civilstatus_void(struct ctx *c, const char *dossier_code, const char *reason);
/* Is this child of this mother entered here? No data leaves. */
MUST_CHECK enum err civilstatus_exists(struct ctx *c, const char *child_name,
                                       const char *birth_date, const char *mother_pin,
                                       bool *ret_exists);
MUST_CHECK enum err civilstatus_entry_of(struct ctx *c, const char *dossier_code,
                                         struct civilstatus_entry *ret_entry); /* ERR_NOT_FOUND */
/* The birth certificate (giấy khai sinh, TT 04/2020/TT-BTP) as a paper, to be signed by
   paper_finish() outside the transaction. Its QR code holds the entry and the node's signature
   over it: civilstatus_code(). Before the personal number came: ERR_BIRTH_PIN_AWAITED. */
struct paper;
MUST_CHECK enum err civilstatus_certificate(struct ctx *c, const char *dossier_code,
                                            struct paper **ret_paper);
/* "KS1;H57.31.08;1/2020;01/2020;1;PIN;NAME;2020-05-17;SIGNATURE": the last is base64url of the
   member's ES256 signature over all before the last semicolon. Anyone checks it offline. */
UNTRUSTED bool civilstatus_code_holds(struct arena *a, const char *code, struct bytes public_point);

#endif
