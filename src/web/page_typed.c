/* SPDX-License-Identifier: Apache-2.0 */
/* What people typed into a form that was refused: kept in the page, shown, said. */
#include <string.h>

#include "base/text.h"
#include "gen/html.h"
#include "web/error_page.h"
#include "web/page_inside.h"

static const struct field *field_of(const struct req *r, const char *name,
                                    const struct shape **ret_shape)
{
    const struct shape *in = r->route ? r->route->in : NULL;
    const struct field *f = in ? shape_field(in, name) : NULL;
    *ret_shape = in;
    if (f || !r->labels)
        return f;
    *ret_shape = r->labels;
    return shape_field(r->labels, name);
}

/* Of a box its hidden "0" comes first: the last one counts. */
static bool comes_again(const struct req *r, size_t i)
{
    for (size_t k = i + 1; k < r->n_form; k++) {
        if (strcmp(r->form[i].name, r->form[k].name) == 0)
            return true;
    }
    return false;
}

static bool was_typed(const struct req *r, size_t i)
{
    const struct shape *s;
    const char *name = r->form[i].name;
    const struct field *f = field_of(r, name, &s);
    bool hidden = f && (f->flags & (F_CARRIED | F_SECRET));
    return name[0] != '_' && !hidden && !text_empty(r->form[i].value) && !comes_again(r, i);
}

bool page_was_typed(const struct req *r)
{
    for (size_t i = 0; i < r->n_form; i++) {
        if (was_typed(r, i))
            return true;
    }
    return r->n_uploads > 0;
}

/* Codes and boxes in words, when they stand for something; all else as typed. */
static const char *words_of(struct page *p, const struct shape *s, const struct field *f,
                            const char *typed)
{
    if (!f || (f->kind != KIND_CODE && f->kind != KIND_BOOL))
        return typed;
    size_t before = p->c->n_faults;
    void *object = shape_new(p->c->arena, s);
    bool good = shape_set_raw(p->c, f, object, bytes_of(typed)) == OK;
    p->c->n_faults = before;
    const char *words = good ? shape_shown(p->c, f, object) : "";
    return text_empty(words) ? typed : words;
}

void page_typed_shown(struct page *p)
{
    page_summary_begin(p);
    for (size_t i = 0; i < p->r->n_form; i++) {
        const struct shape *s;
        const char *name = p->r->form[i].name;
        const struct field *f = field_of(p->r, name, &s);
        if (!was_typed(p->r, i))
            continue;
        page_summary_row(p, s ? shape_label_of(p->c->arena, s, name, p->lang) : name,
                         words_of(p, s, f, p->r->form[i].value), NULL);
    }
    for (size_t i = 0; i < p->r->n_uploads; i++)
        page_summary_row(p, text_get(TX(web_typed_file), p->lang), p->r->uploads[i].name, NULL);
    page_summary_end(p);
}

void page_typed_again(struct page *p)
{
    for (size_t i = 0; i < p->r->n_form; i++) {
        if (p->r->form[i].name[0] != '_')
            page_hidden(p, p->r->form[i].name, p->r->form[i].value);
    }
}

static void put_sentence(struct page *p, const char *text)
{
    put(p, "<p class=\"govuk-body\">");
    put_text(p, text);
    put(p, "</p>");
}

#define FILE_MARK "_tep." /* before the field of a file that was chosen on an earlier page */

static const char *marked(const struct http_header *pair)
{
    return text_starts(pair->name, FILE_MARK) && !text_empty(pair->value)
               ? pair->name + strlen(FILE_MARK)
               : NULL;
}

bool page_had_files(const struct req *r)
{
    for (size_t i = 0; i < r->n_form; i++) {
        if (marked(&r->form[i]))
            return true;
    }
    return r->n_uploads > 0;
}

static void file_again(struct page *p, const char *field, const char *file, bool ask)
{
    const char *say = tx_fill(p, TX(web_typed_choose), file, "");
    page_hidden(p, arena_printf(p->c->arena, FILE_MARK "%s", field), file);
    if (ask) {
        struct field f = {
            .name = field, .kind = KIND_FILE, .flags = F_REQUIRED, .label = {say, say}};
        page_field_as(p, &f, NULL, field);
    } else {
        put_sentence(p, say);
    }
}

void page_files_again(struct page *p, bool ask)
{
    const struct req *r = p->r;
    for (size_t i = 0; i < r->n_uploads; i++)
        if (req_upload(r, r->uploads[i].field) == &r->uploads[i])
            file_again(p, r->uploads[i].field, r->uploads[i].name, ask);
    for (size_t i = 0; i < r->n_form; i++) {
        const char *field = marked(&r->form[i]);
        if (field && !comes_again(r, i) && !req_upload(r, field))
            file_again(p, field, r->form[i].value, ask);
    }
}

void page_typed_kept(struct page *p)
{
    const struct req *r = p->r;
    const struct shape *s;
    bool text = false, lost = false; /* a secret is never shown again */
    for (size_t i = 0; i < r->n_form; i++) {
        const struct field *f = field_of(r, r->form[i].name, &s);
        text = text || was_typed(r, i);
        lost = lost || (f && (f->flags & F_SECRET));
    }
    if (text && !lost)
        put_sentence(p, text_get(TX(web_typed_kept), p->lang));
    for (size_t i = 0; i < r->n_uploads && !r->files_kept; i++)
        put_sentence(p, tx_fill(p, TX(web_typed_choose), r->uploads[i].name, ""));
}
