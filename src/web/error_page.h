/* SPDX-License-Identifier: Apache-2.0 */
/* What the templates of web/ itself show. */
#ifndef DINH_WEB_ERROR_PAGE_H
#define DINH_WEB_ERROR_PAGE_H

#include "web/page.h"

struct error_view {
    const char *title, *detail;
    const char *const *lines; /* further faults */
    size_t n_lines;
    const char *request_id; /* shown for our own errors; NULL otherwise */
    const char *sign_in;    /* where to; NULL when signing in doesn't help */
    const char *action;
    bool resend; /* what was typed goes along to be sent again */
    bool files;  /* ... and its files can be chosen again here */
    bool typed;  /* there is no form any more: what was typed is shown, to read and copy */
};
struct error_help_view { /* /loi/ERR_NAME */
    const char *name, *sentence;
    int number, status;
    bool later;
};
struct proof_view { /* before a grave act */
    const char *act, *action, *sign_in;
    const char *about;         /* whom or what; NULL: nothing to say */
    const struct shape *shape; /* of the one field */
    const char *passkey;       /* one may prove it: its script's address; else NULL */
    bool code;                 /* else a password */
    bool can;                  /* the account has either */
    bool typed;
};
void proof_field(struct page *p, const struct proof_view *v);
/* ---- what was typed (page_typed.c) ---- */
/* Anything that people themselves typed, chose or attached: not the web's own names, not what the
   form carries, no secrets. */
bool page_was_typed(const struct req *r);
void page_typed_shown(struct page *p); /* labels and values; files by name */
/* Hidden fields of everything typed but the web's own names. */
void page_typed_again(struct page *p);
/* Files can't be carried, their names can: each is asked for anew where they can be sent, and named
   where one must sign in first. */
bool page_had_files(const struct req *r);
void page_files_again(struct page *p, bool ask);
/* Over a form that is drawn again: that what was typed is there; which files must be chosen anew.
 */
void page_typed_kept(struct page *p);

#endif
