/* SPDX-License-Identifier: Apache-2.0 */
/* Just enough HTML reading for our own pages: the fields of one form. */
#ifndef DINH_APP_STORY_HTML_H
#define DINH_APP_STORY_HTML_H

#include "base/arena.h"

#define FORM_MAX_FIELDS 120
struct form_field {
    const char *name, *value;
};
struct form {
    struct form_field fields[FORM_MAX_FIELDS];
    size_t n;
    bool found, multipart;
};
/* The form that leads to `action`, by itself or by a button of its own: hidden and text inputs,
   textareas, checked boxes and radios, selected options, as a browser would send them untouched. */
void form_read(struct arena *a, const char *page, const char *action, struct form *ret);
char *html_text(struct arena *a, const char *ptr, size_t len); /* entities resolved */

#endif
