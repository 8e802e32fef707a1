/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the pages: shared by page_*.c. */
#ifndef DINH_WEB_PAGE_INSIDE_H
#define DINH_WEB_PAGE_INSIDE_H

#include "web/page.h"
#include "web/web_call.h"

/* Literal HTML; PUT1 with one escaped value in the middle. */
void put(struct page *p, const char *html);
void put_text(struct page *p, const char *text);
void put_tx(struct page *p, enum text key);
void put_attr(struct page *p, const char *name, const char *value); /* ' name="value"' */
void put_id(struct page *p, const char *prefix, const char *name);  /* dots become dashes */
/* What stands in the field: typed, else of the object. */
const char *field_value(struct page *p, const struct field *f, const void *object,
                        const char *name);
const char *tx_fill(struct page *p, enum text key, const char *one, const char *two);

/* ' aria-describedby="..."' of hint and error; the group around a field. */
void group_begin(struct page *p, const char *name);
void group_hint_and_fault(struct page *p, const struct field *f, const char *name,
                          const char *label, const char *hint);
void put_described(struct page *p, const char *name, const char *hint);
const char *field_hint(struct page *p, const struct field *f);

#endif
