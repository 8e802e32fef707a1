/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One vocabulary of errors. Rows live in the errors.def of the folder that owns them and become
 * gen/errors.h. Three kinds never mixed: their mistake (4xx), the state of the world (409, 503),
 * our bug (5xx).
 */
#ifndef DINH_BASE_ERR_H
#define DINH_BASE_ERR_H

#include "base/base.h"
#include "gen/errors.h" /* enum err { OK = 0, ERR_... } */

enum retry { RETRY_NO, RETRY_LATER };

struct err_row {
    const char *name; /* "ERR_DOSSIER_CLOSED": public, never changes once released */
    int number;       /* public, unique; thousands name the folder */
    int status;       /* HTTP */
    enum retry retry; /* may the same act work later? */
    int text;         /* enum text, see gen/texts.h */
};

/* The row of e; OK and unknown numbers give the row of ERR_INTERNAL. */
const struct err_row *err_row(enum err e);

#endif
