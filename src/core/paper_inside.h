/* SPDX-License-Identifier: Apache-2.0 */
/* What a paper is made of; only the paper*.c files include this. */
#ifndef DINH_CORE_PAPER_INSIDE_H
#define DINH_CORE_PAPER_INSIDE_H

#include <pango/pangocairo.h>

#include "core/paper.h"

#define QR_MAX_BYTES 1200

enum paper_kind {
    PAPER_HEADER,
    PAPER_HEADING,
    PAPER_ROW,
    PAPER_TEXT,
    PAPER_TABLE,
    PAPER_SIGNATURE,
    PAPER_QR
};
struct paper_item {
    enum paper_kind kind;
    const char *text[3]; /* in the order of the function's arguments */
    const char *const *heads, *const *cells;
    size_t columns, rows;
    struct paper_item *next;
};
struct paper {
    struct arena *arena;
    bool a5, landscape;
    const char *title;
    struct paper_item *first, **last;
};

/* One run over the items: draws, or only counts pages (blank). Lengths are points, 1/72 inch. */
struct press {
    struct ctx *c;
    cairo_t *cr;
    PangoLayout *layout;
    double width, height, margin, size; /* of the sheet; its margin; of the text */
    double y, beside_y;                 /* beside_y: top of a signature just set, or < 0 */
    int page, pages;                    /* pages 0: not known yet */
    bool blank;
    const char *footer[2];
};
void press_open(struct press *s, const struct paper *p); /* before each run */
void press_item(struct press *s, const struct paper_item *it);
void press_close(struct press *s); /* the last page's footer */

/* ---- of paper_press.c, for paper_parts.c ---- */
struct style {
    double size; /* times the paper's text size */
    bool bold, italic;
    PangoAlignment align;
};
double press_inner(const struct press *s); /* width between the margins */
double press_body(const struct press *s);  /* height between the margins, less the footer */
/* Sets the text into the layout, wrapped to width; gives its height. width < 0: unwrapped,
   gives its width. */
double press_measure(struct press *s, const char *text, double width, struct style st);
bool press_room(const struct press *s, double h); /* fits above the bottom margin */
void press_new_page(struct press *s);
/* New page when h doesn't fit here and would on a whole page. */
void press_need(struct press *s, double h);
/* The text in one piece at (x, y); gives its height. */
double press_put(struct press *s, const char *text, double x, double y, double width,
                 struct style st);
/* The text from s->y on, line by line over as many pages as it takes; s->y follows. */
void press_flow(struct press *s, const char *text, double x, double width, struct style st);
void press_rule(struct press *s, double x, double y, double width);

#endif
