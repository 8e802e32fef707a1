/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "core/paper_inside.h"
#include "core/say.h"

#define FAMILY      "Noto Serif, DejaVu Serif, serif"
#define FOOT_HEIGHT 22
#define SMALL       0.72

void press_open(struct press *s, const struct paper *p)
{
    bool small = p->a5 || p->landscape;
    s->margin = small ? 34 : 54;
    s->size = small ? 8.6 : 10.6;
    s->y = s->margin;
    s->beside_y = -1;
    s->page = 1;
}

double press_inner(const struct press *s)
{
    return s->width - 2 * s->margin;
}

static double bottom(const struct press *s)
{
    return s->height - s->margin - FOOT_HEIGHT;
}

double press_body(const struct press *s)
{
    return bottom(s) - s->margin;
}

bool press_room(const struct press *s, double h)
{
    return s->y + h <= bottom(s);
}

double press_measure(struct press *s, const char *text, double width, struct style st)
{
    PangoFontDescription *font = pango_font_description_new();
    int w, h;
    pango_font_description_set_family_static(font, FAMILY);
    pango_font_description_set_absolute_size(font, s->size * st.size * PANGO_SCALE);
    pango_font_description_set_weight(font, st.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_style(font, st.italic ? PANGO_STYLE_ITALIC : PANGO_STYLE_NORMAL);
    pango_layout_set_font_description(s->layout, font);
    pango_font_description_free(font);
    pango_layout_set_alignment(s->layout, st.align);
    pango_layout_set_wrap(s->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(s->layout, width < 0 ? -1 : (int)(width * PANGO_SCALE));
    pango_layout_set_text(s->layout, text, -1);
    pango_layout_get_size(s->layout, &w, &h);
    return width < 0 ? (double)w / PANGO_SCALE : (double)h / PANGO_SCALE;
}

double press_put(struct press *s, const char *text, double x, double y, double width,
                 struct style st)
{
    if (text_empty(text))
        return 0;
    double h = press_measure(s, text, width, st);
    if (!s->blank) {
        cairo_move_to(s->cr, x, y);
        pango_cairo_show_layout(s->cr, s->layout);
    }
    return h;
}

void press_rule(struct press *s, double x, double y, double width)
{
    if (s->blank)
        return;
    cairo_set_line_width(s->cr, 0.6);
    cairo_move_to(s->cr, x, y);
    cairo_line_to(s->cr, x + width, y);
    cairo_stroke(s->cr);
}

static void foot(struct press *s)
{
    const struct style left = {.size = SMALL}, right = {.size = SMALL, .align = PANGO_ALIGN_RIGHT};
    const struct style mark = {.size = SMALL, .bold = true, .align = PANGO_ALIGN_CENTER};
    struct arena *a = s->c->arena;
    double y = s->height - s->margin - FOOT_HEIGHT / 2.0, w = press_inner(s);
    press_rule(s, s->margin, y - 3, w);
    press_put(s, s->footer[0], s->margin, y, w * 0.36, left);
    press_put(s, s->footer[1], s->margin + w * 0.34, y, w * 0.52, mark);
    if (!s->blank)
        press_put(s,
                  say(a, LANG_VI, TX(core_paper_page), arena_printf(a, "%d", s->page),
                      arena_printf(a, "%d", s->pages), NULL),
                  s->margin + w * 0.86, y, w * 0.14, right);
}

void press_close(struct press *s)
{
    foot(s);
    if (!s->blank)
        cairo_show_page(s->cr);
}

void press_new_page(struct press *s)
{
    press_close(s);
    s->page++;
    s->y = s->margin;
    s->beside_y = -1;
}

void press_need(struct press *s, double h)
{
    if (!press_room(s, h) && h <= press_body(s))
        press_new_page(s);
}

void press_flow(struct press *s, const char *text, double x, double width, struct style st)
{
    if (text_empty(text))
        return;
    press_measure(s, text, width, st);
    /* The footer of a page in between uses the layout too: a copy of this text's lines is kept. */
    PangoLayout *mine = pango_layout_copy(s->layout);
    PangoLayoutIter *at = pango_layout_get_iter(mine);
    do {
        PangoRectangle box;
        int top, end;
        pango_layout_iter_get_line_extents(at, NULL, &box);
        pango_layout_iter_get_line_yrange(at, &top, &end);
        double h = (double)(end - top) / PANGO_SCALE;
        if (!press_room(s, h))
            press_new_page(s);
        double base = (double)(pango_layout_iter_get_baseline(at) - top) / PANGO_SCALE;
        if (!s->blank) {
            cairo_move_to(s->cr, x + (double)box.x / PANGO_SCALE, s->y + base);
            pango_cairo_show_layout_line(s->cr, pango_layout_iter_get_line_readonly(at));
        }
        s->y += h;
    } while (pango_layout_iter_next_line(at));
    pango_layout_iter_free(at);
    g_object_unref(mine);
}
