/* SPDX-License-Identifier: Apache-2.0 */
/* Papers people keep: A4 or A5 PDF with headings, rows, tables, a QR code, and the node's
   signature (crypto pdf_sign). Slow: call it in a prepare step or a job. */
#ifndef DINH_CORE_PAPER_H
#define DINH_CORE_PAPER_H

#include "core/node.h"

struct paper;
struct paper *paper_new(struct arena *a, bool a5, const char *title);
void paper_national_header(struct paper *p, const char *agency, const char *number); /* two columns */
void paper_heading(struct paper *p, const char *text, const char *sub);
void paper_row(struct paper *p, const char *label, const char *value);
void paper_text(struct paper *p, const char *text);
void paper_table(struct paper *p, const char *const *heads, size_t columns,
                 const char *const *cells, size_t rows);
void paper_signature(struct paper *p, const char *title, const char *name, const char *when);
void paper_qr(struct paper *p, const char *content, const char *caption);
/* Ends the paper; signed with node.sign_key. */
MUST_CHECK enum err paper_finish(struct ctx *c, struct paper *p, const char *reason,
                                 struct bytes *ret_pdf);

#endif
