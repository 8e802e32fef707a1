/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts of pages, on govuk-frontend's HTML, for templates: {% call page_field(p, s, o, "name") %}.
 * The layout, {% layout title=... %}, brings header, navigation, banners and footer. A fault of the
 * context shows at its field and in the summary; what was typed wins over what the object holds.
 */
#ifndef DINH_WEB_PAGE_H
#define DINH_WEB_PAGE_H

#include "web/web.h"

/* ---- around ---- */
const char *page_asset(struct page *p, const char *name); /* "dinh.css": its address; "" if none */
void page_back(struct page *p, const char *href);         /* back link; first in the content */
/* The faults, each linked to its field; nothing when there are none. s for the labels, or NULL. */
void page_faults(struct page *p, const struct shape *s);
bool page_can(struct page *p, const char *permission); /* PUBLIC, SIGNED_IN or a permission */
/* The entries of the menu that aren't for everybody, as cards: where an official goes to work.
   False, and nothing drawn, when there is none. */
bool page_desk(struct page *p);
/* path with the site before it: what paper shows beside a link, in data-address. */
const char *page_address(struct page *p, const char *path);
void page_layout_wide(struct page *p); /* before the layout: the dense look of officials' pages */

/* ---- forms ---- */
/* POST with token and a fresh idempotency key. */
void page_form(struct page *p, const char *action);
void page_form_upload(struct page *p, const char *action); /* multipart, with a progress bar */
/* A draft is kept at save while typing (scripts on). */
void page_form_saved(struct page *p, const char *action, const char *save);
void page_form_upload_saved(struct page *p, const char *action, const char *save); /* both */
void page_form_end(struct page *p);
void page_hidden(struct page *p, const char *name, const char *value);
void page_button(struct page *p, const char *label); /* the one primary button */
/* look: "secondary", "warning" or ""; name NULL: without one. */
void page_button_as(struct page *p, const char *look, const char *name, const char *value,
                    const char *label);
/* One of several buttons of a form, each with an address of its own. */
void page_button_to(struct page *p, const char *look, const char *action, const char *label);

/* ---- fields, drawn by their kind; object NULL: empty ---- */
void page_field(struct page *p, const struct shape *s, const void *object, const char *name);
/* Every field not read-only, in order; what depends on a tick box opens with it. */
void page_fields(struct page *p, const struct shape *s, const void *object);
/* The same, each field offered to draw first: true when it drew it. */
typedef bool (*page_draw_fn)(struct page *p, const struct field *f, const void *object, void *arg);
void page_fields_by(struct page *p, const struct shape *s, const void *object, page_draw_fn draw,
                    void *arg);
/* A field of a list: name "witnesses.0.name". */
void page_field_as(struct page *p, const struct field *f, const void *object, const char *name);
void page_rows(struct page *p, const struct shape *s, const void *object, const char *list,
               size_t rows); /* of a list: that many, filled or empty */
void page_radios(struct page *p, const struct field *f, const void *object, const char *name,
                 const struct choice *choices, size_t n);
void page_select(struct page *p, const struct field *f, const void *object, const char *name,
                 const struct choice *choices, size_t n);
void page_date3(struct page *p, const struct field *f, const void *object, const char *name);
/* A value from a register under its label, with the register's name. */
void page_known(struct page *p, const struct field *f, const void *object, const char *source);
/* A box to type search words in, for a GET form. */
void page_search(struct page *p, const char *action, const char *name, const char *value,
                 const char *label);
/* The same for words that may name a person: to the POST row of web_ask (web/asked.h). */
void page_search_asked(struct page *p, const char *action, const char *name, const char *value,
                       const char *label);

/* ---- lists ---- */
/* Check-your-answers: label, value, and a link to change when change is not NULL (+ "#f-name"). */
void page_summary(struct page *p, const struct shape *s, const void *object, const char *change);
void page_summary_begin(struct page *p);
void page_summary_row(struct page *p, const char *label, const char *value, const char *change);
void page_summary_end(struct page *p);
struct page_task {
    const char *title, *href, *state; /* href NULL: cannot start yet */
    bool done;
};
void page_tasks(struct page *p, const struct page_task *tasks, size_t n);
/* A list as a table: it scrolls where it is wide, on a phone each row is a card that names its
   columns. Cells come in the order of the columns. Without a row the words of none stand there. */
struct page_table;
struct page_table *page_table_begin(struct page *p, enum text title, enum text none,
                                    const enum text *columns, size_t n);
#define PAGE_TABLE(p, title, none, ...)                                                            \
    page_table_begin((p), (title), (none), (const enum text[]){__VA_ARGS__},                       \
                     ARRAY_LEN(((const enum text[]){__VA_ARGS__})))
void page_row(struct page_table *t);
void page_cell(struct page_table *t, const char *text);
void page_cell_number(struct page_table *t, int64_t number);
void page_cell_link(struct page_table *t, const char *href,
                    const char *text); /* href NULL: plain */
/* With a tag behind the text, when tag isn't empty. */
void page_cell_tag(struct page_table *t, const char *text, const char *colour, const char *tag);
void page_table_end(struct page_table *t, const char *next); /* next: see page_paging() */
/* Keyset paging: addresses of the neighbours, NULL or "" where there is none. */
void page_paging(struct page *p, const char *previous, const char *next);
/* colour: of govuk-tag ("green", "red", ...), "" for the plain one. */
void page_tag(struct page *p, const char *colour, const char *text);
void page_panel(struct page *p, const char *title, const char *body); /* confirmation */
void page_notice(struct page *p, const char *text);                   /* inset text */
void page_warning(struct page *p, const char *text);

#endif
