/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The printed forms of TT 01/2018/TT-VPCP as country/vn/forms tells them: head, title, legal
 * source, lines, closing words and who signs are the pack's; the code knows only where the value of
 * each line comes from. A line it has no value for stops the start with file, line and reason.
 */
#ifndef DINH_SYSTEMS_ONESTOP_FORM_H
#define DINH_SYSTEMS_ONESTOP_FORM_H

#include "core/tree.h"
#include "systems/onestop/onestop_private.h"
#include "web/json.h"

#define FORM_MAX_EVENTS  60
#define FORM_MAX_ENTRIES 100 /* of the book, on one paper */

struct form_sheet {                 /* one form being drawn */
    const struct onestop_source *s; /* NULL: form 06, of no one dossier */
    const json_t *form;
    struct paper *paper;
    const char *unit;                              /* name of the receiving agency */
    struct onestop_book_row book;                  /* code NULL: not entered */
    struct casework_event events[FORM_MAX_EVENTS]; /* newest first */
    size_t n_events;
    struct list asked;                                 /* onestop_asked; form 02 */
    const char *words;                                 /* the reason, less those */
    struct onestop_book_row entries[FORM_MAX_ENTRIES]; /* form 06 */
    size_t n_entries;
    int64_t year;     /* of that book; 0: of the dossier's entry */
    const char *part; /* "2/3: số thứ tự 101 đến 200"; NULL: no part of anything */
};

/* Reads the forms of the pack; kept until onestop_forms_stop(). */
MUST_CHECK enum err onestop_forms_load(struct ctx *c);
void onestop_forms_stop(void);
/* Of a paper's kind, "form_01"; NULL: that is no form. */
const json_t *onestop_form_of(const char *kind);
/* "Giấy tiếp nhận hồ sơ và hẹn trả kết quả" */
const char *onestop_form_title(const json_t *form, enum lang lang);
/* The paper but for its QR code and signature. Reads the case: within a transaction. */
MUST_CHECK enum err onestop_form_draw(struct ctx *c, const struct onestop_source *s,
                                      const json_t *form, struct paper **ret_paper);
/* Who signs it, by the pack: the official whose act made it due, else the agency itself. */
void onestop_form_sign(struct ctx *c, const struct onestop_source *s, const json_t *form,
                       struct paper *p);

/* Has the form a series of numbers; "07/BPTNTKQ", "" for none. */
bool onestop_form_numbered(const char *kind);
const char *onestop_form_number(struct ctx *c, const json_t *form, int64_t number);
/* Draws what the sheet holds: s may be NULL only for form 06. */
struct paper *onestop_form_lay(struct ctx *c, struct form_sheet *x);

/* ---- onestop_form_values.c ---- */
/* What stands on a line; "" = nothing to say. */
const char *onestop_form_value(struct ctx *c, const struct form_sheet *x, const char *name);
/* Cells of a list or table, row by row in the order of its columns. */
size_t onestop_form_rows(struct ctx *c, const struct form_sheet *x, const char *name,
                         const json_t *columns, const char ***ret_cells);
bool onestop_form_knows(const char *name, bool list);

/* A head as papers print it: "1234 9f3a61c0d2e4b5a7", "–" when there is none yet. */
const char *onestop_head_shown(struct ctx *c, const struct tree_head *h);

#endif
