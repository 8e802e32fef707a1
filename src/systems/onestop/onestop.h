/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The electronic one-stop shop (S12): officials receive, route, decide and return dossiers within
 * the legal deadline. Law: NĐ 61/2018/NĐ-CP, TT 01/2018/TT-VPCP (forms 01-06), NĐ 45/2020/NĐ-CP.
 */
#ifndef DINH_SYSTEMS_ONESTOP_H
#define DINH_SYSTEMS_ONESTOP_H

#include "core/files.h"
#include "engine/casework/casework.h"

extern const struct module onestop_module;

/* Makes the papers a case still owes (all cases when code is NULL): PDF, signed, stored with the
   case. Slow; outside any transaction: prepare steps and jobs. */
MUST_CHECK enum err onestop_make_papers(struct ctx *c, const char *code);
/* A paper of a case the actor may see, made now when it is still owed; its reading is logged.
   Outside any transaction. ERR_NOT_FOUND when the case has none of that kind. */
MUST_CHECK enum err onestop_paper(struct ctx *c, const char *code, const char *kind,
                                  struct file *ret_file, struct bytes *ret_content);
/* Where anybody who holds the paper may check it: "/giay/{code}/{kind}/{token}", the way its QR
   code leads. The token is keyed: who wasn't given the address can't make it up. */
const char *onestop_check_path(struct ctx *c, const char *code, const char *kind);
/* What a request to supplement (form 02) asks for. words comes as the reason that was told, and
   goes as the official's own words, less the list that stands behind them; "" = none. */
struct onestop_asked {
    const char *part;  /* a field or a group of the procedure's form, or what was written */
    const char *label; /* of it, in lang */
    const char *what;
};
MUST_CHECK enum err onestop_asked(struct ctx *c, const struct casework_case *k, enum lang lang,
                                  const char **words, struct list *ret);
/* "Giấy tiếp nhận hồ sơ và hẹn trả kết quả" */
const char *onestop_paper_title(struct ctx *c, const char *kind);

#endif
