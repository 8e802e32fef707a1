/* SPDX-License-Identifier: Apache-2.0 */
#include "core/paper.h"

#include <cairo-pdf.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "core/paper_inside.h"
#include "core/say.h"

#define PAPER_MAX_BYTES (8 * 1024 * 1024)

struct paper *paper_new(struct arena *a, bool a5, const char *title)
{
    struct paper *p = ARENA_NEW(a, struct paper);
    *p = (struct paper){.arena = a, .a5 = a5, .title = title ? title : ""};
    p->last = &p->first;
    return p;
}

void paper_landscape(struct paper *p)
{
    p->landscape = true;
}

static struct paper_item *add(struct paper *p, enum paper_kind kind, const char *one,
                              const char *two, const char *three)
{
    struct paper_item *it = ARENA_NEW(p->arena, struct paper_item);
    *it = (struct paper_item){.kind = kind,
                              .text = {one ? one : "", two ? two : "", three ? three : ""}};
    *p->last = it;
    p->last = &it->next;
    return it;
}

void paper_national_header(struct paper *p, const char *agency, const char *number)
{
    add(p, PAPER_HEADER, agency, number, NULL);
}

void paper_heading(struct paper *p, const char *text, const char *sub)
{
    add(p, PAPER_HEADING, text, sub, NULL);
}

void paper_row(struct paper *p, const char *label, const char *value)
{
    add(p, PAPER_ROW, label, value, NULL);
}

void paper_text(struct paper *p, const char *text)
{
    add(p, PAPER_TEXT, text, NULL, NULL);
}

void paper_table(struct paper *p, const char *const *heads, size_t columns,
                 const char *const *cells, size_t rows)
{
    ASSERT(columns > 0);
    struct paper_item *it = add(p, PAPER_TABLE, NULL, NULL, NULL);
    it->heads = heads;
    it->cells = cells;
    it->columns = columns;
    it->rows = rows;
}

void paper_signature(struct paper *p, const char *title, const char *name, const char *when)
{
    add(p, PAPER_SIGNATURE, title, name, when);
}

void paper_qr(struct paper *p, const char *content, const char *caption)
{
    add(p, PAPER_QR, content, caption, NULL);
}

/* ---- finishing ---- */

static cairo_status_t keep(void *arg, const unsigned char *data, unsigned len)
{
    buf_add(arg, data, len);
    return CAIRO_STATUS_SUCCESS;
}

static void run(struct press *s, const struct paper *p)
{
    press_open(s, p);
    for (const struct paper_item *it = p->first; it; it = it->next)
        press_item(s, it);
    press_close(s);
    s->pages = s->page;
}

static void tell(cairo_surface_t *surface, const struct ctx *c, const struct paper *p)
{
    struct civil t = civil_from_us(c->now_us, 0);
    const char *made = arena_printf(c->arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", t.year, t.month,
                                    t.day, t.hour, t.minute, t.second);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, p->title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, c->node->title[LANG_VI]);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, made);
}

/* Twice over: a blank run counts the pages that each footer tells. */
static enum err print(struct ctx *c, const struct paper *p, struct bytes *ret)
{
    struct buf out = buf_new(c->arena, PAPER_MAX_BYTES);
    double narrow = p->a5 ? 419.53 : 595.28, wide = p->a5 ? 595.28 : 841.89;
    struct press s = {
        .c = c, .width = p->landscape ? wide : narrow, .height = p->landscape ? narrow : wide};
    s.footer[0] = c->node->title[LANG_VI];
    s.footer[1] = c->node->demo ? text_get(TX(core_paper_demo), LANG_VI) : "";
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(keep, &out, s.width, s.height);
    tell(surface, c, p);
    s.cr = cairo_create(surface);
    s.layout = pango_cairo_create_layout(s.cr);
    s.blank = true;
    run(&s, p);
    s.blank = false;
    run(&s, p);
    g_object_unref(s.layout);
    cairo_destroy(s.cr);
    cairo_surface_finish(surface);
    cairo_status_t status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (status)
        return fail(c, ERR_INTERNAL, "paper", cairo_status_to_string(status));
    if (buf_full(&out))
        return fail(c, ERR_TOO_LONG, "paper", "8388608");
    *ret = buf_bytes(&out);
    return OK;
}

enum err paper_finish(struct ctx *c, struct paper *p, const char *reason, struct bytes *ret_pdf)
{
    const struct node *n = c->node;
    struct bytes pdf;
    for (const struct paper_item *it = p->first; it; it = it->next)
        if (it->kind == PAPER_QR && bytes_of(it->text[0]).len > QR_MAX_BYTES)
            return fail(c, ERR_TOO_LONG, "qr", "1200");
    enum err e = print(c, p, &pdf);
    if (e)
        return e;
    const char *signer = cert_subject(c->arena, n->sign_cert, "CN");
    return pdf_sign(c, n->sign_key, n->sign_cert, n->ca_cert, signer, reason, pdf, ret_pdf);
}
