/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Papers as others read them: by poppler's and zbar's tools, none of which is ours. A tool that
 * fails fails the test. Texts live in the arena.
 */
#ifndef DINH_TEST_HARNESS_PDF_TEST_H
#define DINH_TEST_HARNESS_PDF_TEST_H

#include "base/ctx.h"

/* All its words in reading order, one blank between them (pdftotext). */
const char *pdf_words(struct ctx *c, struct bytes pdf);
/* What pdfsig tells of its signature: "Signer Certificate Common Name: ...", "Signature is Valid",
   "Total document signed". */
const char *pdf_signature(struct ctx *c, struct bytes pdf);
/* The content of the QR code on its last page, printed and read again (pdftoppm, zbarimg). */
const char *pdf_code(struct ctx *c, struct bytes pdf);

#endif
