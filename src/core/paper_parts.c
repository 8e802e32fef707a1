/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a paper, each set where the one before it ended. */
#include <qrencode.h>

#include "base/text.h"
#include "core/paper_inside.h"
#include "core/say.h"

#define GAP       4.0
#define CELL_PAD  3.0
#define QR_SIDE   86.0
#define QR_QUIET  4 /* modules of white around a code (ISO/IEC 18004) */
#define MAX_TABLE 16

static const struct style plain = {.size = 1}, strong = {.size = 1, .bold = true},
                          centre = {.size = 1, .align = PANGO_ALIGN_CENTER},
                          centre_strong = {.size = 1, .bold = true, .align = PANGO_ALIGN_CENTER},
                          centre_small = {.size = 0.86, .align = PANGO_ALIGN_CENTER},
                          label = {.size = 0.95},
                          slanted = {.size = 0.86, .italic = true, .align = PANGO_ALIGN_CENTER},
                          title = {.size = 1.6, .bold = true, .align = PANGO_ALIGN_CENTER};

static void header(struct press *s, const struct paper_item *it)
{
    double w = press_inner(s), half = w * 0.44, right = s->margin + half, rest = w - half;
    const char *state = text_get(TX(core_paper_state), LANG_VI);
    const char *motto = text_get(TX(core_paper_motto), LANG_VI);
    double l = s->y, r = s->y;
    l += press_put(s, it->text[0], s->margin, l, half - 8, centre_strong);
    press_rule(s, s->margin + half / 2 - 34, l + 1.5, 60);
    l += 5;
    if (!text_empty(it->text[1]))
        l += press_put(s, say(s->c->arena, LANG_VI, TX(core_paper_number), it->text[1], NULL, NULL),
                       s->margin, l, half - 8, centre_small);
    r += press_put(s, state, right, r, rest, (struct style){0.93, true, false, PANGO_ALIGN_CENTER});
    r += press_put(s, motto, right, r, rest, centre_strong);
    press_rule(s, right + rest / 2 - 62, r + 1.5, 124);
    s->y = (l > r + 5 ? l : r + 5) + 2 * GAP;
}

static void heading(struct press *s, const struct paper_item *it)
{
    double w = press_inner(s);
    press_need(s, press_measure(s, it->text[0], w, title) + 8 * GAP);
    s->y += 2 * GAP;
    press_flow(s, it->text[0], s->margin, w, title);
    press_flow(s, it->text[1], s->margin, w, centre);
    s->y += 2 * GAP;
}

/* The value goes on over the page's end; its label stands at the first line. */
static void row(struct press *s, const struct paper_item *it)
{
    double w = press_inner(s), first = w * 0.36, h = press_measure(s, it->text[0], first, label);
    press_need(s, h + GAP);
    double top = s->y;
    int page = s->page;
    press_put(s, it->text[0], s->margin, s->y, first, label);
    press_flow(s, it->text[1], s->margin + first + 8, w - first - 8, strong);
    if (s->page == page && s->y < top + h)
        s->y = top + h;
    s->y += GAP;
}

/* ---- tables ---- */

struct table {
    const struct paper_item *it;
    double x[MAX_TABLE + 1];
};

static double natural(struct press *s, const struct paper_item *it, size_t column)
{
    double most = press_measure(s, it->heads[column], -1, strong);
    for (size_t i = 0; i < it->rows; i++) {
        const char *cell = it->cells[i * it->columns + column];
        double w = press_measure(s, cell ? cell : "", -1, plain);
        most = w > most ? w : most;
    }
    double cap = press_inner(s) * 0.6;
    return (most < cap ? most : cap) + 2 * CELL_PAD;
}

static double widest_word(struct press *s, const char *text, struct style st)
{
    size_t n;
    double most = 0;
    const char **word = text_split(s->c->arena, text, ' ', &n);
    for (size_t i = 0; i < n; i++) {
        double w = press_measure(s, word[i], -1, st);
        most = w > most ? w : most;
    }
    return most;
}

/* Narrower, a word of the column would break. */
static double least(struct press *s, const struct paper_item *it, size_t column)
{
    double most = widest_word(s, it->heads[column], strong);
    for (size_t i = 0; i < it->rows; i++) {
        const char *cell = it->cells[i * it->columns + column];
        double w = widest_word(s, cell ? cell : "", plain);
        most = w > most ? w : most;
    }
    return most + 2 * CELL_PAD;
}

/* Each column gets its words; what is left is shared by what the texts would take in one line. */
static struct table measured(struct press *s, const struct paper_item *it)
{
    struct table t = {.it = it};
    double want[MAX_TABLE], need[MAX_TABLE], sum = 0, needed = 0, inner = press_inner(s);
    ASSERT(it->columns <= MAX_TABLE);
    for (size_t i = 0; i < it->columns; i++) {
        sum += want[i] = natural(s, it, i);
        needed += need[i] = least(s, it, i);
    }
    bool fits = needed < inner;
    t.x[0] = s->margin;
    for (size_t i = 0; i < it->columns; i++)
        t.x[i + 1] =
            t.x[i] + (fits ? need[i] + want[i] * (inner - needed) / sum : want[i] * inner / sum);
    return t;
}

static double cells_height(struct press *s, const struct table *t, const char *const *cells,
                           struct style st)
{
    double most = s->size;
    for (size_t i = 0; i < t->it->columns; i++) {
        double w = t->x[i + 1] - t->x[i] - 2 * CELL_PAD;
        double h = press_measure(s, cells[i] ? cells[i] : "", w, st);
        most = h > most ? h : most;
    }
    return most + 2 * CELL_PAD;
}

static void cells_put(struct press *s, const struct table *t, const char *const *cells,
                      struct style st)
{
    double h = cells_height(s, t, cells, st);
    for (size_t i = 0; i < t->it->columns; i++)
        press_put(s, cells[i], t->x[i] + CELL_PAD, s->y + CELL_PAD,
                  t->x[i + 1] - t->x[i] - 2 * CELL_PAD, st);
    s->y += h;
    press_rule(s, s->margin, s->y, press_inner(s));
}

static void heads(struct press *s, const struct table *t)
{
    press_rule(s, s->margin, s->y, press_inner(s));
    cells_put(s, t, t->it->heads, strong);
}

/* A row higher than a sheet: each cell as a row of its own, under its head. */
static void tall(struct press *s, const struct table *t, const char *const *cells)
{
    s->y += GAP;
    for (size_t i = 0; i < t->it->columns; i++)
        row(s, &(struct paper_item){.text = {t->it->heads[i], cells[i] ? cells[i] : ""}});
    press_rule(s, s->margin, s->y, press_inner(s));
}

static void table_row(struct press *s, const struct table *t, const char *const *cells)
{
    double h = cells_height(s, t, cells, plain);
    if (h > press_body(s) / 2) {
        tall(s, t, cells);
        return;
    }
    if (!press_room(s, h)) {
        press_new_page(s);
        heads(s, t);
    }
    cells_put(s, t, cells, plain);
}

static void table(struct press *s, const struct paper_item *it)
{
    struct table t = measured(s, it);
    press_need(s, cells_height(s, &t, it->heads, strong) * 2 + GAP);
    heads(s, &t);
    for (size_t i = 0; i < it->rows; i++)
        table_row(s, &t, it->cells + i * it->columns);
    s->y += 2 * GAP;
}

/* ---- signature and code ---- */

static void signature(struct press *s, const struct paper_item *it)
{
    double w = press_inner(s) * 0.52, x = s->margin + press_inner(s) - w;
    double h = press_measure(s, it->text[0], w, centre_strong) +
               press_measure(s, it->text[1], w, centre_strong) + 3 * s->size * 1.4;
    press_need(s, (h > QR_SIDE ? h : QR_SIDE) + 4 * GAP);
    s->y += 2 * GAP;
    double y = s->y;
    y += press_put(s, it->text[0], x, y, w, centre_strong) + GAP;
    y += press_put(s, say(s->c->arena, LANG_VI, TX(core_paper_signed), it->text[2], NULL, NULL), x,
                   y, w, slanted);
    y += 2 * GAP;
    y += press_put(s, it->text[1], x, y, w, centre_strong);
    double top = s->y;
    s->y = y + GAP;
    s->beside_y = top;
}

static void modules(struct press *s, const QRcode *q, double x, double y, double side)
{
    double m = side / (q->width + 2 * QR_QUIET);
    for (int i = 0; i < q->width; i++)
        for (int k = 0; k < q->width; k++)
            if (q->data[i * q->width + k] & 1)
                cairo_rectangle(s->cr, x + (k + QR_QUIET) * m, y + (i + QR_QUIET) * m, m, m);
    cairo_fill(s->cr);
}

static void code(struct press *s, const struct paper_item *it)
{
    double half = press_inner(s) * 0.44, after = s->y;
    double h = press_measure(s, it->text[1], half, (struct style){.size = 0.76}) + QR_SIDE + GAP;
    if (s->beside_y < 0 || s->beside_y + h > s->height - s->margin) {
        press_need(s, h);
        s->beside_y = s->y;
        after = s->y;
    }
    double y = s->beside_y;
    if (!s->blank) {
        QRcode *q = QRcode_encodeString8bit(it->text[0], 0, QR_ECLEVEL_M);
        ASSERT(q); /* paper_finish() has checked the length */
        modules(s, q, s->margin, y, QR_SIDE);
        QRcode_free(q);
    }
    y += QR_SIDE;
    y += press_put(s, it->text[1], s->margin, y, half, (struct style){.size = 0.76});
    s->y = (y > after ? y : after) + GAP;
}

void press_item(struct press *s, const struct paper_item *it)
{
    if (it->kind != PAPER_QR)
        s->beside_y = -1;
    switch (it->kind) {
    case PAPER_HEADER: header(s, it); return;
    case PAPER_HEADING: heading(s, it); return;
    case PAPER_ROW: row(s, it); return;
    case PAPER_TEXT:
        press_flow(s, it->text[0], s->margin, press_inner(s), plain);
        s->y += GAP;
        return;
    case PAPER_TABLE: table(s, it); return;
    case PAPER_SIGNATURE: signature(s, it); return;
    case PAPER_QR: code(s, it); return;
    }
    BUG("no such part");
}
