/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Papers people keep: A4 or A5 PDF with headings, rows, tables, a QR code, and the node's
 * signature (crypto pdf_sign). The paper's own words (national header, page, signature) are
 * Vietnamese: a state paper is. Texts wrap and go on over the next page. Same content, same
 * instant: same pages. Slow (some 20 ms): call it in a prepare step or a job.
 */
#ifndef DINH_CORE_PAPER_H
#define DINH_CORE_PAPER_H

#include "core/node.h"

struct paper;
/* title: of the document, as readers show it. Texts must live until paper_finish; NULL is "". */
struct paper *paper_new(struct arena *a, bool a5, const char *title);
void paper_landscape(struct paper *p); /* the sheet on its long side, for wide tables */
/* Left: who issues it (lines parted by \n) and "Số: number" ("" = none); right: the State's name
   and motto (NĐ 30/2020/NĐ-CP, annex I). */
void paper_national_header(struct paper *p, const char *agency, const char *number);
void paper_heading(struct paper *p, const char *text, const char *sub); /* sub may be "" */
void paper_row(struct paper *p, const char *label, const char *value);
void paper_text(struct paper *p, const char *text); /* "": a little room */
/* cells: rows * columns (at most 16), row by row. Heads are repeated on each page; columns follow
 * the texts. */
void paper_table(struct paper *p, const char *const *heads, size_t columns,
                 const char *const *cells, size_t rows);
/* Right half: title, "Đã ký số" with when, name. A QR code that follows stands beside it. */
void paper_signature(struct paper *p, const char *title, const char *name, const char *when);
void paper_qr(struct paper *p, const char *content, const char *caption);
/* Ends the paper; signed with node.sign_key. ERR_TOO_LONG: "qr" (over 1,200 bytes) or "paper"
   (over 8 MiB). */
MUST_CHECK enum err paper_finish(struct ctx *c, struct paper *p, const char *reason,
                                 struct bytes *ret_pdf);

#endif
